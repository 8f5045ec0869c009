# Izhikevich neurons, euler, 5 parameter sets, step current, 300 ms.
# tolerance: 1e-10
from brian2 import *

eqs = '''
dv/dt = (0.04/ms/mV)*v**2 + (5/ms)*v + 140*mV/ms - u + I : volt
du/dt = a*(b*v - u) : volt/second
I : volt/second
a : 1/second
b : 1/second
c : volt
d : volt/second
'''
G = NeuronGroup(5, eqs, threshold='v >= 30*mV', reset='v = c; u += d', method='euler')
G.a = array([.02, .02, .02, .1, .02])/ms
G.b = array([.2, .2, .2, .2, .25])/ms
G.c = array([-65, -55, -50, -65, -65])*mV
G.d = array([8, 4, 2, 2, 2])*volt/second
G.v = -65*mV
G.u = 'b*v'
G.I = '(10 + 2*i)*mV/ms'
M = StateMonitor(G, ['v', 'u'], record=True)
S = SpikeMonitor(G)
run(300*ms)

save(n_t=M.t, n_v=M.v, n_u=M.u, n_spike_t=S.t, n_spike_i=S.i,
     a=G.a, b=G.b, c=G.c, d=G.d, I=G.I, v_final=G.v, u_final=G.u)
