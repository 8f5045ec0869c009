# Rate and membrane potential of a noisy leaky integrate-and-fire neuron under excitatory and inhibitory Poisson input.
#
# From Rubisch, Stefan and Hennig (2024), equations as in the authors' notebook: how the balance of the two inputs sets
# the voltage that a voltage-dependent plasticity rule sees. The neuron is that of vdp.eq, without plastic synapses;
# `runs` independent repetitions, side by side.
#
#     dslsim run models/lif_statistics.eq --set F_e=96*Hz --set F_i=6*Hz
#
# Saves F              spikes per second and neuron                                       (Hz)
#       v_mean, v_std  over time, of the membrane potential averaged over the repetitions  (mV)

from brian2 import *

seed(42)

F_e = 51*Hz              # rate of each excitatory input
F_i = 51*Hz              # of each inhibitory one
we = 1                   # weight of an excitatory input, in units of g_E
wi = 1                   # of an inhibitory one, in units of g_I
n_inputs = 100           # inputs of each kind for each neuron
runs = 100               # repetitions
warmup = 1*second        # simulated before anything is recorded
duration = 10*second

exc= '''
    dv/dt =  (vrest-v)/tau - g_syn_i * (v - E_inh)/tau-g_syn_e * (v- E_exc)/tau+ n_sigma*xi*tau**-0.5: volt (unless refractory)
    dg_syn_i/dt = -g_syn_i/tau : 1
    dg_syn_e/dt = -g_syn_e/tau:1
    tau : second
'''

vrest = -79*mV
v_thres = -49*mV
n_sigma = 16*mV          # standard deviation of the noise, times sqrt(2)
E_exc = 0*mV             # reversal potentials
E_inh = -80*mV
g_E = .01                # what an input of weight 1 adds to the conductance, in units of the leak
g_I = .01

include('parts/poisson_inputs.eq')   # Inp_e, Inp_i

GE = NeuronGroup(runs, exc, threshold='v > v_thres', method='euler', reset='v = vrest', refractory=3*ms)
GE.v = vrest
GE.tau = 10*ms           # of the membrane and of both conductances

include('parts/static_synapses.eq')  # S_E, S_I

run(warmup)

vm = StateMonitor(GE, ['v'], record=True, dt=1*ms)
s_mon = SpikeMonitor(GE)
run(duration, report='text')

# The mean over the repetitions first: v_std is how much this mean moves, not how much a neuron does.
mean_v = mean(vm.v/mV, axis=0)
save(F=s_mon.num_spikes/runs/(duration/second),
     v_mean=mean(mean_v),
     v_std=std(mean_v))
