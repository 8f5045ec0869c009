# CUBA: a sparse random network of integrate-and-fire neurons with exponential synaptic currents.
#
# Vogels and Abbott (2005), as benchmark 2 of Brette et al. (2007); every neuron receives 80 synapses at any size.
#
#     dslsim run models/benchmarks/cuba.eq --set N=40000
#
# Saves rate  spikes per second and neuron (Hz)

from brian2 import *

seed(42)

N = 4000                       # neurons, four fifths of them excitatory
duration = 1*second

taum = 20*ms
taue = 5*ms
taui = 10*ms
Vt = -50*mV
Vr = -60*mV
El = -49*mV
we = (60*0.27/10)*mV           # excitatory weight
wi = (-20*4.5/10)*mV           # inhibitory weight

eqs = '''
dv/dt  = (ge+gi-(v-El))/taum : volt (unless refractory)
dge/dt = -ge/taue : volt
dgi/dt = -gi/taui : volt
'''

P = NeuronGroup(N, eqs, threshold='v>Vt', reset='v = Vr', refractory=5*ms, method='exact')
P.v = 'Vr + rand() * (Vt - Vr)'

N_e = 4*N//5
Ce = Synapses(P[:N_e], P, on_pre='ge += we')
Ci = Synapses(P[N_e:], P, on_pre='gi += wi')
Ce.connect(p=80/N)
Ci.connect(p=80/N)

spikes = SpikeMonitor(P)
run(duration)
save(rate=spikes.num_spikes/N/(duration/second))
