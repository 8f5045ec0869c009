# Brunel's network: sparsely connected excitatory and inhibitory neurons, asynchronous and irregular.
#
# Brunel (2000), figure 8 C, with 10,000 neurons: every neuron receives a tenth of all, 10^7 synapses in total, delay 1.5 ms.
#
#     dslsim run models/benchmarks/brunel.eq --threads 2
#
# Saves rate  spikes per second and neuron (Hz)

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

N_e = 4*N//5
C_ext = int(epsilon*N_e)       # external inputs of each neuron
nu_ext = nu_ratio*theta/(J*C_ext*tau)

P = NeuronGroup(N, 'dv/dt = -v/tau : volt (unless refractory)',
                threshold='v > theta', reset='v = Vr', refractory=2*ms, method='exact')
P.v = 'rand() * theta'

Ce = Synapses(P[:N_e], P, on_pre='v += J', delay=D)
Ci = Synapses(P[N_e:], P, on_pre='v += -g*J', delay=D)
Ce.connect(p=epsilon)
Ci.connect(p=epsilon)
external = PoissonInput(P, 'v', N=C_ext, rate=nu_ext, weight=J)

spikes = SpikeMonitor(P)
run(duration)
save(rate=spikes.num_spikes/N/(duration/second))
