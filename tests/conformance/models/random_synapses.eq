# Random numbers in synaptic code, statement by statement and synapse by synapse.
# Tests: rand() and randn() in on_pre, poisson(lam) with lam of the synapse and of the neuron, code that depends on the order of synapses, refractory targets draw nothing, rand() with temporary variables, run_regularly of synapses.
# rng: brian2
from brian2 import *
seed(4321)
P = PoissonGroup(6, 60*Hz)
G = NeuronGroup(4, '''dv/dt = -v/(10*ms) : 1 (unless refractory)
                      n : 1
                      g : 1''', threshold='v > 0.7', reset='v = 0', refractory=4*ms, method='exact')
S = Synapses(P, G, '''w : 1
                      k : integer
                      last : 1''',
             on_pre='''v_post += w*rand()
                       k += poisson(3*w)
                       u = rand()
                       w = clip(w + 0.01*u*randn(), 0, 1)
                       n_post += poisson(0.5) + u''')
S.connect(p=0.7)
S.w = 'rand()'
T = Synapses(P, G, 'c : 1', on_pre='''g_post = 0.9*g_post + rand()
                                      c += g_post*randn()''', delay=1*ms)
T.connect(i=[0, 1, 2, 3, 4, 5, 0, 1], j=[0, 0, 1, 1, 2, 3, 3, 2])
U = Synapses(P, G, 'd : 1', on_pre='''g_post += 1
                                      d = g_post + rand()''', on_post='d += 0.1*randn()')
U.connect(condition='i % 2 == j % 2')
U.run_regularly('d += 0.01*randn()', dt=5*ms)
M = StateMonitor(G, ['v', 'n', 'g'], record=True, dt=1*ms)
sp, pp = SpikeMonitor(G), SpikeMonitor(P)
run(120*ms)
save(w=S.w, k=S.k, c=T.c, d=U.d)
