# The rule of Meissner-Bernard et al. (2020) on four synapses of two LIF neurons, explicit spike trains, no noise, 500 ms.
# Every variable of the synapses and neurons at every step.
# tolerance: 1e-10
from brian2 import *

seed(42)    # the noise is drawn, but its strength n_sigma is 0

rule = '''
    dvp/dt = (-vp + v)/tau_p : volt (clock-driven)
    dvm/dt = (-vm + v)/tau_m : volt (clock-driven)
    ds/dt = -s/tau_s : 1 (clock-driven)
    dw/dt = clip(eta * (A_p  * (vp - theta_p)/mV*int((vp - theta_p)/mV > 0 ) - A_d *(vm - theta_m)/mV * int((vm - theta_m)/mV > 0)) * s /tau_w * dt, (wmin - w), (wmax-w))/dt : 1 (clock-driven)
    tau_p : second
    tau_m : second
    tau_s : second
    A_p : 1
    A_d : 1
    theta_p : volt
    theta_m : volt
    g : 1
    eta : 1
    tau_w : second
    wmin : 1
    wmax : 1
'''
on_pre = '''
    s += g'''
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
SP.g = 1/15
SP.tau_s = 15*ms
SP.tau_m = 10*ms
SP.tau_p = 7*ms
SP.A_d = 8e-5
SP.A_p = 8e-4
SP.theta_m = -75*mV
SP.theta_p = -65*mV
SP.eta = 1
SP.wmin = 0
SP.wmax = 2
SP.tau_w = 1*ms
SP.vm = -79*mV
SP.vp = -79*mV
SP.w = 1
SE = Synapses(Exc, GE, 'w : 1', on_pre='g_syn_e += g_E * w', method='euler')
SE.connect()
SE.w = '2.0 - 0.4*j'
SI = Synapses(Inh, GE, 'w : 1', on_pre='g_syn_i += g_I * w', method='euler')
SI.connect()
SI.w = 1

MG = StateMonitor(GE, ['v', 'g_syn_e', 'g_syn_i'], record=True)
MS = StateMonitor(SP, ['vp', 'vm', 's', 'w'], record=arange(4))
SM = SpikeMonitor(GE)
RM = PopulationRateMonitor(GE)
run(500*ms)

save(syn_i=SP.i, syn_j=SP.j,
     neuron_t=MG.t, neuron_v=MG.v, neuron_g_syn_e=MG.g_syn_e, neuron_g_syn_i=MG.g_syn_i,
     syn_t=MS.t, syn_vp=MS.vp, syn_vm=MS.vm, syn_s=MS.s, syn_w=MS.w,
     neuron_spike_t=SM.t, neuron_spike_i=SM.i,
     rate_t=RM.t, rate=RM.rate, rate_smooth_flat_10ms=RM.smooth_rate(window='flat', width=10*ms)/Hz,
     neuron_v_final=GE.v, neuron_g_syn_e_final=GE.g_syn_e, neuron_g_syn_i_final=GE.g_syn_i, neuron_lastspike_final=GE.lastspike,
     syn_vp_final=SP.vp, syn_vm_final=SP.vm, syn_s_final=SP.s, syn_w_final=SP.w)
