# A CUBA network (after Vogels and Abbott 2005): 40 excitatory and 10 inhibitory neurons, method='exact',
# unless refractory, deterministic connections, 300 ms.
# tolerance: 1e-10
from brian2 import *

taum = 20*ms
taue = 5*ms
taui = 10*ms
Vt = -50*mV
Vr = -60*mV
El = -49*mV
eqs = '''
dv/dt  = (ge+gi-(v-El))/taum : volt (unless refractory)
dge/dt = -ge/taue : volt
dgi/dt = -gi/taui : volt
'''
P = NeuronGroup(50, eqs, threshold='v>Vt', reset='v = Vr', refractory=5*ms, method='exact')
P.v = 'Vr + ((i*37) % 50)/50.0 * (Vt - Vr)'
Ce = Synapses(P, P, on_pre='ge += 1.62*mV')
Ci = Synapses(P, P, on_pre='gi -= 9*mV')
Ce.connect('i<40 and (i*7 + j*3) % 10 == 0')
Ci.connect('i>=40 and (i*5 + j) % 7 == 0')
M = StateMonitor(P, ['v', 'ge', 'gi', 'not_refractory'], record=True)
S = SpikeMonitor(P)
R = PopulationRateMonitor(P)
run(300*ms)

save(n_t=M.t, n_v=M.v, n_ge=M.ge, n_gi=M.gi, n_not_refractory=M.not_refractory, n_spike_t=S.t, n_spike_i=S.i,
     rate=R.rate, e_i=Ce.i, e_j=Ce.j, i_i=Ci.i, i_j=Ci.j, v_final=P.v)
