# expect: error | warning
# at: 14:1 | 14:6
# says: "v"
# says: "G"
# says: "1"
# says: 3.1 ms | 3.2 ms
# says: nan | not a number
# says: "u"
# phase: run
# note: Brian2 warns only after the run, and says neither when nor which neuron
S0 = SpikeGeneratorGroup(2, [0, 1, 1], [1, 2, 3]*ms)
G = NeuronGroup(2, 'dv/dt = -v/(10*ms) : 1')
S = Synapses(S0, G, 'x : 1', on_pre='''u = 0.5 - x
v += sqrt(u)
x += 0.9*i''', delay=0.1*ms)
S.connect(j='i')
run(10*ms)
