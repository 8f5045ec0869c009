# Delays of several pathways, given and changed in every way.
# Tests: delay dict for pre and post, per-synapse delays of named pathways by array, number, string, index and condition, reading them, one delay for all of a pathway, change between runs with spikes in flight, delays after a second connect.
from brian2 import *
P = SpikeGeneratorGroup(3, [0, 1, 2, 0, 2, 1, 0], [0.5, 1, 1.5, 6, 6, 11, 14]*ms)
G = NeuronGroup(2, '''dv/dt = -v/(8*ms) : 1
                      u : 1''', threshold='v > 1', reset='v = 0', method='exact')
S = Synapses(P, G, '''w : 1
                      last : second''', on_pre={'near': 'v_post += w', 'far': 'u_post += w; last = t'}, on_post={'back': 'w *= 0.9', 'slow': 'w += 0.01'},
             delay={'near': 0.3*ms, 'slow': 2*ms})
S.connect(condition='i <= j + 1')
S.w = '0.6 + 0.2*i'
S.far.delay = '(1 + i + 0.5*j)*ms'
S.back.delay = [0.1, 0.4, 0.7, 1.0, 1.3]*ms
S.far.delay[0, 1] = 3*ms
S.back.delay['j == 0'] = 0.25*ms
M = StateMonitor(G, ['v', 'u'], record=True, dt=0.5*ms)
MS = StateMonitor(S, ['w', 'last'], record=True, dt=0.5*ms)
sp = SpikeMonitor(G)
run(8*ms)
S.far.delay = 0.6*ms
S.slow.delay = 1*ms
run(4*ms)
far_before = S.far.delay[:]*1
S.connect(i=2, j=0)
S.w[2, 0] = 0.3
run(6*ms)
save(w=S.w, far=S.far.delay, far_before=far_before, back=S.back.delay, near=S.near.delay, slow=S.slow.delay[:], order=S.far.order, name=len(S.far.name))
