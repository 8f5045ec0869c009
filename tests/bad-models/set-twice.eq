# expect: warning
# at: 9:1 | 9:3 | 10:1 | 10:3
# says: "v"
# says: "G"
# says: set | assigned
# phase: check
# note: Brian2 says nothing
G = NeuronGroup(3, 'dv/dt = -v/(10*ms) : volt')
G.v = -70*mV
G.v = -60*mV
run(10*ms)
