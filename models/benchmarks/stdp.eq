# Spike-timing dependent plasticity: Poisson inputs converge on one neuron.
#
# Song, Miller and Abbott (2000), Song and Abbott (2001).
#
#     dslsim run models/benchmarks/stdp.eq --set duration=100*second
#
# Saves rate  spikes per second of the neuron (Hz)
#       w     mean weight, relative to the largest

from brian2 import *

seed(42)

N = 1000                       # inputs
duration = 10*second

taum = 10*ms
taupre = 20*ms
taupost = taupre
Ee = 0*mV
vt = -54*mV
vr = -60*mV
El = -74*mV
taue = 5*ms
F = 15*Hz
gmax = .01
dApre = .01*gmax
dApost = -dApre * taupre / taupost * 1.05

eqs_neurons = '''
dv/dt = (ge * (Ee-vr) + El - v) / taum : volt
dge/dt = -ge / taue : 1
'''

inputs = PoissonGroup(N, rates=F)
neurons = NeuronGroup(1, eqs_neurons, threshold='v>vt', reset='v = vr', method='exact')
neurons.v = vr
S = Synapses(inputs, neurons,
             '''w : 1
                dApre/dt = -Apre / taupre : 1 (event-driven)
                dApost/dt = -Apost / taupost : 1 (event-driven)''',
             on_pre='''ge += w
                       Apre += dApre
                       w = clip(w + Apost, 0, gmax)''',
             on_post='''Apost += dApost
                        w = clip(w + Apre, 0, gmax)''')
S.connect()
S.w = 'rand() * gmax'

spikes = SpikeMonitor(neurons)
run(duration)
save(rate=spikes.num_spikes/(duration/second), w=mean(S.w)/gmax)
