# expect: error
# at: 9:15
# says: -0.2
# says: "0" | "1"
# phase: check
# note: the sum is -0.19999999999999998
G = NeuronGroup(3, 'v : 1')
S = Synapses(G, G, 'w : 1')
S.connect(p = -0.3 + 0.1)
run(1*ms)
