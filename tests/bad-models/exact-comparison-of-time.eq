# expect: warning
# at: 8:50 | 8:52
# says: "t"
# says: exactly
# phase: check
# note: Brian2 does not look; after 50 steps of 0.1 ms, t is 5 ms only by luck
# one spike at 5 ms is meant
G = NeuronGroup(1, 'v : 1', threshold='v < 1 and t == 5*ms', reset='v = 2')
run(10*ms)
