# expect: warning
# at: 9 | 10
# says: 0.25 ms | 250 us
# says: 0.3 ms | 300 us
# says: 100 us | 0.1 ms
# phase: check
# note: Brian2 rounds silently
G = NeuronGroup(2, 'dv/dt = -v/(10*ms) : 1', threshold='v > 1', reset='v = 0')
S = Synapses(G, G, on_pre='v += 0.1')
S.connect(i=0, j=1)
S.delay = 0.25*ms
run(10*ms)
