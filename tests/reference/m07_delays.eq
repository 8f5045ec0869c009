# Heterogeneous (rounded) and homogeneous delays, two pathways with different delays, 100 ms.
# first_*: the first time of the monitor (slot start) at which the increment is seen.
# tolerance: 1e-10
from brian2 import *

D = array([0, .04, .05, .051, .1, .149, .15, .151, .25, .35, .45, .55, 1.23, 5.0, 7.777, 20.0])*1e-3
n = len(D)
IN = SpikeGeneratorGroup(n, concatenate([arange(n), arange(n)]), concatenate([full(n, 10e-3), full(n, 33.3e-3)])*second)
G = NeuronGroup(n, '''x : 1
y : 1
z : 1
th : second''')
S1 = Synapses(IN, G, on_pre={'pre_a': 'x_post += 1; th_post = t', 'pre_b': 'y_post += 1'})
S1.connect(j='i')
S1.pre_a.delay = D*second
S1.pre_b.delay = '2*i*0.13*ms'
S2 = Synapses(IN, G, on_pre='z_post += 1', delay=2.345*ms)
S2.connect(j='i')
M = StateMonitor(G, ['x', 'y', 'z', 'th'], record=True)
run(100*ms)

save(D=D, delay_a=S1.pre_a.delay, delay_b=S1.pre_b.delay, n_t=M.t, n_x=M.x, n_y=M.y, n_z=M.z, n_th=M.th,
     first_x=M.t[sum(M.x == 0, axis=1)], first_y=M.t[sum(M.y == 0, axis=1)], first_z=M.t[sum(M.z == 0, axis=1)])
