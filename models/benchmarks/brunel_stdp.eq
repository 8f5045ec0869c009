# Brunel's network with plastic excitatory synapses: spike-timing dependent plasticity among the excitatory neurons.
#
# The network of brunel.eq; each weight between excitatory neurons follows the rule of stdp.eq, between 0 and twice its first value.
#
#     dslsim run models/benchmarks/brunel_stdp.eq --threads 2
#
# Saves rate  spikes per second and neuron (Hz)
#       w     mean plastic weight, relative to the first

from brian2 import *

seed(42)

N = 10000                      # neurons, four fifths of them excitatory
duration = 1*second
g = 5.0                        # inhibition relative to excitation
nu_ratio = 2.0                 # external rate relative to that which reaches the threshold

epsilon = 0.1                  # probability of a connection
tau = 20*ms
theta = 20*mV
Vr = 10*mV
J = 0.1*mV*10000/N             # weight
D = 1.5*ms
taupre = 20*ms
taupost = 20*ms
dApre = 0.01*J
dApost = -1.05*dApre

N_e = 4*N//5
C_ext = int(epsilon*N_e)       # external inputs of each neuron
nu_ext = nu_ratio*theta/(J*C_ext*tau)

P = NeuronGroup(N, 'dv/dt = -v/tau : volt (unless refractory)',
                threshold='v > theta', reset='v = Vr', refractory=2*ms, method='exact')
P.v = 'rand() * theta'

See = Synapses(P[:N_e], P[:N_e],
               '''w : volt
                  dApre/dt = -Apre/taupre : volt (event-driven)
                  dApost/dt = -Apost/taupost : volt (event-driven)''',
               on_pre='''v_post += w
                         Apre += dApre
                         w = clip(w + Apost, 0*volt, 2*J)''',
               on_post='''Apost += dApost
                          w = clip(w + Apre, 0*volt, 2*J)''',
               delay={'pre': D})
See.connect(p=epsilon)
See.w = J
Sei = Synapses(P[:N_e], P[N_e:], on_pre='v += J', delay=D)
Si = Synapses(P[N_e:], P, on_pre='v += -g*J', delay=D)
Sei.connect(p=epsilon)
Si.connect(p=epsilon)
external = PoissonInput(P, 'v', N=C_ext, rate=nu_ext, weight=J)

spikes = SpikeMonitor(P)
run(duration)
save(rate=spikes.num_spikes/N/(duration/second), w=mean(See.w)/J)
