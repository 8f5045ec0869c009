# The notebook's Hodgkin-Huxley neuron (Traub-Miles), exponential_euler, explicit spike trains, 300 ms.
# The reference has a true exprel (expm1(x)/x). Brian2 itself expands it to (exp(x)-1)/x under this method and so
# differs from it by 2.3e-10: for Brian2 the tolerance is 1e-8.
# tolerance: 1e-10
from brian2 import *

area = 20000*umetre**2
Cm = 1*ufarad*cm**-2*area
gl = 5e-5*siemens*cm**-2*area
El = -65*mV
EK = -90*mV
ENa = 50*mV
g_na = 100*msiemens*cm**-2*area
g_kd = 30*msiemens*cm**-2*area
VT = -63*mV
E_inh = -80*mV
E_exc = 0*mV
g_E = 1*msiemens*cm**-2*area
g_I = 1*msiemens*cm**-2*area
v_thres = -40*mV

HH_eqs = Equations('''
dv/dt = (gl*(El-v) - g_na*(m*m*m)*h*(v-ENa) - g_kd*(n*n*n*n)*(v-EK) - g_syn_i*(v - E_inh) - g_syn_e * (v- E_exc))/Cm : volt
dm/dt = 0.32*(mV**-1)*4*mV/exprel((13.*mV-v+VT)/(4*mV))/ms*(1-m)-0.28*(mV**-1)*5*mV/exprel((v-VT-40.*mV)/(5*mV))/ms*m : 1
dn/dt = 0.032*(mV**-1)*5*mV/exprel((15.*mV-v+VT)/(5*mV))/ms*(1.-n)-.5*exp((10.*mV-v+VT)/(40.*mV))/ms*n : 1
dh/dt = 0.128*exp((17.*mV-v+VT)/(18.*mV))/ms*(1.-h)-4./(1+exp((40.*mV-v+VT)/(5.*mV)))/ms*h : 1
dg_syn_i/dt = -g_syn_i/tau : siemens
dg_syn_e/dt = -g_syn_e/tau: siemens
tau : second
''')

Exc = SpikeGeneratorGroup(60, np.load('drive/exc_i.npy'), np.load('drive/exc_t.npy')*second)
Inh = SpikeGeneratorGroup(20, np.load('drive/inh_i.npy'), np.load('drive/inh_t.npy')*second)
GE = NeuronGroup(2, HH_eqs, threshold='v > v_thres', method='exponential_euler', refractory='v > -40*mV')
GE.v = -65*mV
GE.m = 0.05
GE.h = 0.6
GE.n = 0.32
GE.tau = 10*ms
SE = Synapses(Exc, GE, 'w : 1', on_pre='g_syn_e += g_E * w', method='euler')
SE.connect()
SE.w = '0.003 - 0.001*j'
SI = Synapses(Inh, GE, 'w : 1', on_pre='g_syn_i += g_I * w', method='euler')
SI.connect()
SI.w = 0.001
MG = StateMonitor(GE, ['v', 'm', 'n', 'h', 'g_syn_e', 'g_syn_i', 'not_refractory'], record=True)
SM = SpikeMonitor(GE)
run(300*ms)

save(neuron_t=MG.t, neuron_v=MG.v, neuron_m=MG.m, neuron_n=MG.n, neuron_h=MG.h,
     neuron_g_syn_e=MG.g_syn_e, neuron_g_syn_i=MG.g_syn_i, neuron_not_refractory=MG.not_refractory,
     neuron_spike_t=SM.t, neuron_spike_i=SM.i,
     neuron_v_final=GE.v, neuron_m_final=GE.m, neuron_n_final=GE.n, neuron_h_final=GE.h,
     neuron_g_syn_e_final=GE.g_syn_e, neuron_g_syn_i_final=GE.g_syn_i, neuron_lastspike_final=GE.lastspike)
