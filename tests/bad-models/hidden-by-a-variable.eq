# expect: warning
# at: 10:23 | 9:35
# says: "tau"
# says: "G"
# says: variable
# phase: check
# note: Brian2 warns, too: the internal variable is used
tau = 20*ms
G = NeuronGroup(1, '''dv/dt = -v/tau : 1
                      tau : second''')
G.tau = 10*ms
run(1*ms)
