# Snapshots of a network: generators, changed delays and synaptic traces come back.
# Tests: store and restore of a Network, two snapshots, delays restored, monitors cut back, values of views taken before.
from brian2 import *
P = SpikeGeneratorGroup(2, [0, 1, 0, 1], [1, 2, 7, 9]*ms)
G = NeuronGroup(3, '''dv/dt = (1.05 - v)/(7*ms) : 1 (unless refractory)
                      n : integer''', threshold='v > 1', reset='v = 0; n += 1', refractory=2*ms, method='exact')
G.v = '0.3*i'
S = Synapses(P, G, '''w : 1
                      dx/dt = -x/(4*ms) : 1 (clock-driven)''', on_pre='x += 1; v_post += w*x; w *= 0.9')
S.connect()
S.w = 0.2
S.delay = '(0.5 + i + 2*j)*ms'
M = StateMonitor(G, ['v', 'n'], record=True, dt=0.5*ms)
MS = StateMonitor(S, 'x', record=[0, 3], dt=0.5*ms)
sp = SpikeMonitor(G)
rate = PopulationRateMonitor(G)
net = Network(P, G, S, M, MS, sp, rate)
net.store('begin')
net.run(5*ms)
net.store('five')
S.delay = 0.2*ms
net.run(6*ms)
w_other = S.w[:]*1
n_other = sp.num_spikes
net.restore('five')
t_back = net.t
G.n = 10
net.run(8*ms)
w_five = S.w[:]*1
net.restore('begin')
n_begin = G.n[:]*1
net.run(12*ms)
save(w_other=w_other, n_other=n_other, t_back=t_back, w_five=w_five, n_begin=n_begin, w=S.w, delay=S.delay, t=net.t, not_ref=G.not_refractory)
