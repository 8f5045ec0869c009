# Voltage-dependent plasticity (VDP) on an excitatory and an inhibitory synapse of the same neuron.
#
# A presynaptic spike releases glutamate; the postsynaptic voltage opens NMDA receptors (potentiation) and
# voltage-dependent calcium channels, VDCC (depression); their calcium scales the change of the weight.
# Rule, neuron and experiment: Rubisch, Stefan and Hennig (2024), equations as in the authors' notebook.
#
# The experiment: a noisy integrate-and-fire neuron, driven by n_inputs excitatory and n_inputs inhibitory Poisson
# inputs; beside them one excitatory and one inhibitory presynaptic cell that fire regularly at the same rates, whose
# synapses change by the rule. They only listen to the voltage: the weight that they learn does not drive the neuron.
# All of it is repeated `runs` times, independently and side by side.
#
#     dslsim run models/vdp.eq --set F_e=96*Hz --set F_i=6*Hz
#     dslsim sweep models/vdp.eq --over 'F_i=arange(1,100,5)*Hz' --over 'F_e=arange(1,100,5)*Hz'
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

VDP_eq = '''
    dglutamate/dt = - glutamate/tau_glutamate : 1 (clock-driven)
    sig_LTP = 1/(1+exp(k_LTP*(-(v - theta_NMDA)+0*mV))) : 1 (constant over dt)
    dv_NMDA_rise/dt = (-v_NMDA_rise + clip(clip(sig_LTP - v_NMDA,0,100) - v_NMDA_rise,0,100))/tau_NMDA_rise : 1 (clock-driven)             
    dv_NMDA/dt = (NMDA_amp * v_NMDA_rise - v_NMDA)/tau_NMDA_fall : 1 (clock-driven)
    sig_LTD = 1/(1+exp(k_LTD*(-(v - theta_VDCC)+0*mV))) : 1 (constant over dt)
    dVDCC_rise/dt = (-VDCC_rise + clip(clip(sig_LTD - VDCC,0,100) -VDCC_rise, 0, 100))/tau_VDCC_rise : 1 (clock-driven) 
    dVDCC/dt = (VDCC_amp * VDCC_rise - VDCC) * 1/tau_VDCC_fall : 1 (clock-driven)
    Ca = VDCC**(exp(-c_ca)*20) + v_NMDA**(exp(-c_ca)*20) * int(glutamate>0) : 1 (constant over dt)
    dw/dt = clip(eta * Ca  * (v_NMDA * LTP_amp - VDCC * LTD_amp) * glutamate/tau_w*dt,(wmin-w),(wmax-w))/dt : 1 (clock-driven)
    tau_glutamate :second
    theta_NMDA : volt
    tau_NMDA_rise : second
    tau_NMDA_fall : second
    NMDA_amp : 1
    theta_VDCC : volt
    tau_VDCC_rise : second
    tau_VDCC_fall : second
    VDCC_amp : 1
    k_LTP : 1/volt
    k_LTD : 1/volt
    LTP_amp : 1
    LTD_amp : 1
    Apre : 1  
    eta : 1
    wmin : 1
    wmax : 1
    c_ca : 1
'''

on_pre_VDP = '''
    glutamate +=Apre
    '''

LTP_rise, LTP_fall = 1*ms, 5*ms      # the time course of the NMDA receptors ...
LTD_rise, LTD_fall = 1*ms, 20*ms     # ... and of the calcium channels
tau_w = 1*ms

stdp_vdp = {
    'Apre': 0.1,                     # glutamate released by a spike
    'tau_glutamate': 10*ms,          # and its decay

    'theta_NMDA': -40.75*mV,         # potentiation: voltage of half activation,
    'k_LTP': 0.4/mV,                 # slope there,
    'LTP_amp': 1.0,                  # strength,
    'tau_NMDA_rise': LTP_rise,       # time constants,
    'tau_NMDA_fall': LTP_fall,
    'NMDA_amp': (LTP_rise/LTP_fall)**(LTP_fall/(LTP_rise - LTP_fall)),    # and scale: the peak response is 1

    'theta_VDCC': -43.75*mV,         # depression: the same
    'k_LTD': 0.4/mV,
    'LTD_amp': 0.17,
    'tau_VDCC_rise': LTD_rise,
    'tau_VDCC_fall': LTD_fall,
    'VDCC_amp': (LTD_rise/LTD_fall)**(LTD_fall/(LTD_rise - LTD_fall)),

    'c_ca': 3.0,                     # calcium enters with the power 20 exp(-c_ca)
    'eta': 100,                      # learning rate
    'wmin': 0,                       # bounds of the weight
    'wmax': 2,
}

include('parts/regular_trains.eq')   # PreE, PreI    one regular spike train for each plastic synapse
include('parts/poisson_inputs.eq')   # Inp_e, Inp_i  the background
include('parts/lif_plastic.eq')      # GE            one neuron for each repetition

S_InpE = Synapses(PreE, GE, VDP_eq, on_pre=on_pre_VDP, method='euler')
S_InpE.connect(p=1)
S_InpE.set_states(stdp_vdp)
S_InpE.w = w0

S_InpI = Synapses(PreI, GE, VDP_eq, on_pre=on_pre_VDP, method='euler')
S_InpI.connect(p=1)
S_InpI.set_states(stdp_vdp)
S_InpI.w = w0

include('parts/static_synapses.eq')  # S_E, S_I      from the background to the neurons

rate_mon = PopulationRateMonitor(GE)

run(duration, report='text')

rate = rate_mon.smooth_rate(window='flat', width=100*ms)
save(w_E=(S_InpE.w - w0)/w0*100 + 100,
     w_I=(S_InpI.w - w0)/w0*100 + 100,
     rate_mean=mean(rate)/Hz,
     rate_std=std(rate)/Hz)
