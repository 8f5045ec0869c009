# COBAHH: a sparse random network of Hodgkin-Huxley neurons with exponential synaptic conductances.
#
# Benchmark 3 of Brette et al. (2007); every neuron receives 80 synapses at any size.
#
#     dslsim run models/benchmarks/cobahh.eq --threads 2
#
# Saves rate  spikes per second and neuron (Hz)

from brian2 import *

seed(42)

N = 4000                       # neurons, four fifths of them excitatory
duration = 1*second

area = 20000*umetre**2
Cm = (1*ufarad*cm**-2) * area
gl = (5e-5*siemens*cm**-2) * area
g_na = (100*msiemens*cm**-2) * area
g_kd = (30*msiemens*cm**-2) * area
El = -60*mV
EK = -90*mV
ENa = 50*mV
VT = -63*mV
taue = 5*ms
taui = 10*ms
Ee = 0*mV
Ei = -80*mV
we = 6*nS                      # excitatory weight
wi = 67*nS                     # inhibitory weight

eqs = '''
dv/dt = (gl*(El-v) + ge*(Ee-v) + gi*(Ei-v)
         - g_na*(m*m*m)*h*(v-ENa)
         - g_kd*(n*n*n*n)*(v-EK))/Cm : volt
dm/dt = alpha_m*(1-m) - beta_m*m : 1
dn/dt = alpha_n*(1-n) - beta_n*n : 1
dh/dt = alpha_h*(1-h) - beta_h*h : 1
dge/dt = -ge/taue : siemens
dgi/dt = -gi/taui : siemens
alpha_m = 0.32*4/exprel((13*mV-v+VT)/(4*mV))/ms : Hz
beta_m = 0.28*5/exprel((v-VT-40*mV)/(5*mV))/ms : Hz
alpha_h = 0.128*exp((17*mV-v+VT)/(18*mV))/ms : Hz
beta_h = 4/(1+exp((40*mV-v+VT)/(5*mV)))/ms : Hz
alpha_n = 0.032*5/exprel((15*mV-v+VT)/(5*mV))/ms : Hz
beta_n = 0.5*exp((10*mV-v+VT)/(40*mV))/ms : Hz
'''

P = NeuronGroup(N, eqs, threshold='v>-20*mV', refractory=3*ms, method='exponential_euler')
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
