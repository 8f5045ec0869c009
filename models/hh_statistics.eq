# Rate and membrane potential of a Hodgkin-Huxley neuron under excitatory and inhibitory Poisson input.
#
# From Rubisch, Stefan and Hennig (2024), appendix, equations as in the authors' notebook: the measurement of
# lif_statistics.eq with the sodium and potassium channels of Traub and Miles and without noise;
# `runs` independent repetitions, side by side.
#
#     dslsim run models/hh_statistics.eq --set F_e=96*Hz --set F_i=6*Hz
#
# Saves F              spikes per second and neuron                                       (Hz)
#       v_mean, v_std  over time, of the membrane potential averaged over the repetitions  (mV)

from brian2 import *

seed(42)

F_e = 51*Hz              # rate of each excitatory input
F_i = 51*Hz              # of each inhibitory one
we = .0005               # weight of an excitatory input, in units of g_E
wi = .0005               # of an inhibitory one, in units of g_I
n_inputs = 100           # inputs of each kind for each neuron
runs = 100               # repetitions
warmup = 1*second        # simulated before anything is recorded
duration = 10*second

HH_eqs = Equations('''
dv/dt = (gl*(El-v) - g_na*(m*m*m)*h*(v-ENa) - g_kd*(n*n*n*n)*(v-EK) - g_syn_i*(v - E_inh) - g_syn_e * (v- E_exc))/Cm : volt
dm/dt = 0.32*(mV**-1)*4*mV/exprel((13.*mV-v+VT)/(4*mV))/ms*(1-m)-0.28*(mV**-1)*5*mV/exprel((v-VT-40.*mV)/(5*mV))/ms*m : 1
dn/dt = 0.032*(mV**-1)*5*mV/exprel((15.*mV-v+VT)/(5*mV))/ms*(1.-n)-.5*exp((10.*mV-v+VT)/(40.*mV))/ms*n : 1
dh/dt = 0.128*exp((17.*mV-v+VT)/(18.*mV))/ms*(1.-h)-4./(1+exp((40.*mV-v+VT)/(5.*mV)))/ms*h : 1
dg_syn_i/dt = -g_syn_i/tau : siemens
dg_syn_e/dt = -g_syn_e/tau: siemens
tau : second
''')

area = 20000*umetre**2
Cm = 1*ufarad*cm**-2 * area          # membrane capacitance
gl = 5e-5*siemens*cm**-2 * area      # conductances: leak,
g_na = 100*msiemens*cm**-2 * area    # sodium,
g_kd = 30*msiemens*cm**-2 * area     # potassium,
g_E = 1*msiemens*cm**-2 * area       # an input of weight 1
g_I = 1*msiemens*cm**-2 * area
El = -65*mV                          # reversal potentials
EK = -90*mV
ENa = 50*mV
E_exc = 0*mV
E_inh = -80*mV
VT = -63*mV                          # shifts the rates of the channels
v_thres = -40*mV                     # only counts spikes; nothing is reset

include('parts/poisson_inputs.eq')   # Inp_e, Inp_i

GE = NeuronGroup(runs, HH_eqs, threshold='v > v_thres', method='exponential_euler', refractory='v > -40*mV')
GE.v = -65*mV
GE.m = 0.05
GE.h = 0.6
GE.n = 0.32
GE.tau = 10*ms                       # decay of both synaptic conductances

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
