# Voltage-dependent plasticity (VDP) on four synapses of two LIF neurons, explicit spike trains, no noise, 500 ms.
# Every variable of the synapses and neurons at every step.
# tolerance: 1e-10
from brian2 import *

seed(42)    # the noise is drawn, but its strength n_sigma is 0

rule = '''
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
on_pre = '''
    glutamate +=Apre
    '''
lif = '''
    dv/dt =  (vrest-v)/tau -g_syn_e * (v - E_exc)/tau - g_syn_i * (v - E_inh)/tau+ n_sigma*xi*tau**-0.5 : volt (unless refractory)
    dg_syn_i/dt = -g_syn_i/tau_syn_i : 1
    dg_syn_e/dt = -g_syn_e/tau_syn_e : 1
    tau : second
    tau_syn_i : second
    tau_syn_e : second
    vrest : volt
    v_thres : volt
    n_sigma : volt
'''

E_exc = 0*mV
E_inh = -80*mV
g_E = .01
g_I = .01
tau_w = 1*ms

Exc = SpikeGeneratorGroup(60, np.load('drive/exc_i.npy'), np.load('drive/exc_t.npy')*second)
Inh = SpikeGeneratorGroup(20, np.load('drive/inh_i.npy'), np.load('drive/inh_t.npy')*second)
Pre = SpikeGeneratorGroup(2, np.load('drive/pre_i.npy'), np.load('drive/pre_t.npy')*second)

GE = NeuronGroup(2, lif, threshold='v > v_thres', method='euler', reset='v = vrest', refractory=3*ms)
GE.vrest = -79*mV
GE.v = -79*mV
GE.v_thres = -49*mV
GE.n_sigma = 0*mV
GE.tau_syn_e = 10*ms
GE.tau_syn_i = 10*ms
GE.tau = 10*ms

SP = Synapses(Pre, GE, rule, on_pre=on_pre, method='euler')
SP.connect()
SP.Apre = 0.1
SP.tau_glutamate = 10*ms
SP.k_LTD = 0.4/mV
SP.tau_VDCC_rise = 1*ms
SP.tau_VDCC_fall = 20*ms
SP.theta_VDCC = -43.75*mV
SP.LTD_amp = 0.17
SP.k_LTP = 0.4/mV
SP.tau_NMDA_rise = 1*ms
SP.tau_NMDA_fall = 5*ms
SP.theta_NMDA = -40.75*mV
SP.LTP_amp = 1.0
SP.eta = 100
SP.wmin = 0
SP.wmax = 2
SP.c_ca = 3.0
SP.NMDA_amp = (1/5)**(5/(1 - 5))
SP.VDCC_amp = (1/20)**(20/(1 - 20))
SP.w = 1
SE = Synapses(Exc, GE, 'w : 1', on_pre='g_syn_e += g_E * w', method='euler')
SE.connect()
SE.w = '2.0 - 0.4*j'
SI = Synapses(Inh, GE, 'w : 1', on_pre='g_syn_i += g_I * w', method='euler')
SI.connect()
SI.w = 1

MG = StateMonitor(GE, ['v', 'g_syn_e', 'g_syn_i'], record=True)
MS = StateMonitor(SP, ['glutamate', 'v_NMDA_rise', 'v_NMDA', 'VDCC_rise', 'VDCC', 'w', 'sig_LTP', 'sig_LTD', 'Ca'], record=arange(4))
SM = SpikeMonitor(GE)
RM = PopulationRateMonitor(GE)
run(500*ms)

save(syn_i=SP.i, syn_j=SP.j,
     neuron_t=MG.t, neuron_v=MG.v, neuron_g_syn_e=MG.g_syn_e, neuron_g_syn_i=MG.g_syn_i,
     syn_t=MS.t, syn_glutamate=MS.glutamate, syn_v_NMDA_rise=MS.v_NMDA_rise, syn_v_NMDA=MS.v_NMDA, syn_VDCC_rise=MS.VDCC_rise, syn_VDCC=MS.VDCC, syn_w=MS.w, syn_sig_LTP=MS.sig_LTP, syn_sig_LTD=MS.sig_LTD, syn_Ca=MS.Ca,
     neuron_spike_t=SM.t, neuron_spike_i=SM.i,
     rate_t=RM.t, rate=RM.rate, rate_smooth_flat_10ms=RM.smooth_rate(window='flat', width=10*ms)/Hz,
     neuron_v_final=GE.v, neuron_g_syn_e_final=GE.g_syn_e, neuron_g_syn_i_final=GE.g_syn_i, neuron_lastspike_final=GE.lastspike,
     syn_glutamate_final=SP.glutamate, syn_v_NMDA_rise_final=SP.v_NMDA_rise, syn_v_NMDA_final=SP.v_NMDA, syn_VDCC_rise_final=SP.VDCC_rise, syn_VDCC_final=SP.VDCC, syn_w_final=SP.w)
