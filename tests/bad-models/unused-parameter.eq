# expect: warning
# at: 8:1
# says: "tau_m"
# says: never used | unused | not used
# phase: check
# note: Brian2 does not look
tau = 10*ms
tau_m = 20*ms
G = NeuronGroup(3, 'dv/dt = (1 - v)/tau : 1', method='exact')
run(1*ms)
