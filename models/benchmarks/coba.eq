# COBA: a sparse random network of integrate-and-fire neurons with exponential synaptic conductances.
#
# Vogels and Abbott (2005), as benchmark 1 of Brette et al. (2007); every neuron receives 80 synapses at any size.
#
#     dslsim run models/benchmarks/coba.eq --set N=40000
#
# Saves rate  spikes per second and neuron (Hz)

from brian2 import *

seed(42)

N = 4000                       # neurons, four fifths of them excitatory
duration = 1*second

Cm = 200*pF
gl = 10*nS
taue = 5*ms
taui = 10*ms
El = -60*mV
Ee = 0*mV
Ei = -80*mV
Vt = -50*mV
Vr = -60*mV
we = 6*nS                      # excitatory weight
wi = 67*nS                     # inhibitory weight

eqs = '''
dv/dt  = (gl*(El-v) + ge*(Ee-v) + gi*(Ei-v))/Cm : volt (unless refractory)
dge/dt = -ge/taue : siemens
dgi/dt = -gi/taui : siemens
'''

P = NeuronGroup(N, eqs, threshold='v>Vt', reset='v = Vr', refractory=5*ms, method='euler')
P.v = 'El + (randn() * 5 - 5)*mV'
P.ge = '(randn() * 1.5 + 4) * 10*nS'
P.gi = '(randn() * 12 + 20) * 10*nS'

N_e = 4*N//5
Ce = Synapses(P[:N_e], P, on_pre='ge += we')
Ci = Synapses(P[N_e:], P, on_pre='gi += wi')
Ce.connect(p=80/N)
Ci.connect(p=80/N)

spikes = SpikeMonitor(P)
run(duration)
save(rate=spikes.num_spikes/N/(duration/second))
