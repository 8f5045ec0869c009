# expect: error | warning
# at: 11:1 | 12:12
# says: "v"
# says: "G"
# says: "1"
# says: nan | not a number
# says: exprel
# phase: run
# note: Brian2 warns only after the run
G = NeuronGroup(3, '''
dv/dt = (a*mV - v)/(10*ms) : volt
a = 2*x/(exp(x) - 1) : 1
x = (v + 50*mV)/(5*mV) : 1
''', method='euler')
G.v = [-65, -50, -55]*mV
run(10*ms)
