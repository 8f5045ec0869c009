# The rule of Clopath et al. (2010) on an excitatory and an inhibitory synapse of the same neuron.
#
# A presynaptic spike depresses the weight if the low-pass filtered voltage vm is above theta_m; the trace s that it
# leaves behind potentiates the weight as long as the voltage is above theta_p and its average vp above theta_m.
# Rule: Clopath, Buesing, Vasilaki and Gerstner (2010), in the form of Rubisch, Stefan and Hennig (2024), whose
# notebook the equations are from. Of the paper's homeostatic control of the depression nothing is in it.
#
# The experiment is that of vdp.eq: a noisy integrate-and-fire neuron under Poisson input and two plastic synapses that
# are driven regularly and listen to its voltage, repeated `runs` times side by side.
#
#     dslsim run models/clopath.eq --set F_e=96*Hz --set F_i=6*Hz
#
# Saves w_E, w_I             plastic weight at the end, one for each repetition   (% of w0)
#       rate_mean, rate_std  of the population's rate over time, smoothed 100 ms  (Hz)

from brian2 import *

seed(42)

F_e = 51*Hz              # rate of the excitatory inputs and of the excitatory plastic train
F_i = 51*Hz              # the same, inhibitory
we = 1                   # weight of an excitatory background input, in units of g_E
wi = 1                   # of an inhibitory one, in units of g_I
w0 = 1                   # plastic weight at the start
n_inputs = 100           # background inputs of each kind for each neuron
runs = 100               # repetitions
duration = 10*second

clopath_eq = '''
    dvp/dt = (-vp + v)/tau_p : volt (clock-driven)
    dvm/dt = (-vm + v)/tau_m : volt (clock-driven)
    ds/dt = -s/tau_s : 1 (clock-driven)
    dw/dt = clip(eta * A_p  * (v - theta_p)/mV * int((v - theta_p)/mV > 0 ) * (vp - theta_m)/mV*int((vp - theta_m)/mV > 0 ) * s / tau_w *dt, (wmin - w), (wmax-w))/dt : 1 (clock-driven)
    tau_p : second
    tau_m : second
    tau_s : second
    A_p : 1
    A_d : 1
    theta_p : volt
    theta_m : volt
    g : 1
    eta : 1
    wmin : 1
    wmax : 1
'''

on_pre_cl = '''
    s += g
    w =clip(w - eta * 0.1 * A_d *(vm - theta_m)/mV * int((vm - theta_m)/mV > 0), wmin, wmax)
    '''

tau_w = 1*ms

stdp_cl = {
    'g': 1/15,                       # what a spike adds to the trace s
    'tau_s': 15*ms,                  # and its decay
    'tau_m': 10*ms,                  # filter of the voltage for depression
    'tau_p': 7*ms,                   # for potentiation
    'A_d': 1e-2,                     # strength of depression (times 0.1, see on_pre_cl)
    'A_p': 8e-4,                     # of potentiation
    'theta_m': -69*mV,               # threshold of both filtered voltages
    'theta_p': -58*mV,               # of the voltage itself
    'eta': 1,                        # learning rate
    'wmin': 0,                       # bounds of the weight
    'wmax': 2,
    'vm': -79*mV,                    # the filters start at rest
    'vp': -79*mV,
}

include('parts/regular_trains.eq')   # PreE, PreI    one regular spike train for each plastic synapse
include('parts/poisson_inputs.eq')   # Inp_e, Inp_i  the background
include('parts/lif_plastic.eq')      # GE            one neuron for each repetition

S_InpE = Synapses(PreE, GE, clopath_eq, on_pre=on_pre_cl, method='euler')
S_InpE.connect(p=1)
S_InpE.set_states(stdp_cl)
S_InpE.w = w0

S_InpI = Synapses(PreI, GE, clopath_eq, on_pre=on_pre_cl, method='euler')
S_InpI.connect(p=1)
S_InpI.set_states(stdp_cl)
S_InpI.w = w0

include('parts/static_synapses.eq')  # S_E, S_I      from the background to the neurons

rate_mon = PopulationRateMonitor(GE)

run(duration, report='text')

rate = rate_mon.smooth_rate(window='flat', width=100*ms)
save(w_E=(S_InpE.w - w0)/w0*100 + 100,
     w_I=(S_InpI.w - w0)/w0*100 + 100,
     rate_mean=mean(rate)/Hz,
     rate_std=std(rate)/Hz)
