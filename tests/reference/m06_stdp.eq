# STDP (Song, Miller and Abbott 2000) with event-driven traces, 40 given spike trains, 300 ms.
# tolerance: 1e-10
from brian2 import *

taum = 10*ms
taupre = 20*ms
taupost = 20*ms
Ee = 0*mV
vt = -54*mV
vr = -60*mV
El = -74*mV
taue = 5*ms
gmax = .12
dApre = .01*.12
dApost = -.01*1.05*.12
eqs_n = '''
dv/dt = (ge*(Ee-v) + El - v)/taum : volt
dge/dt = -ge/taue : 1
'''
eqs_s = '''
w : 1
dApre/dt = -Apre/taupre : 1 (event-driven)
dApost/dt = -Apost/taupost : 1 (event-driven)
'''
on_pre = '''ge += w
Apre += dApre
w = clip(w + Apost, 0, gmax)'''
on_post = '''Apost += dApost
w = clip(w + Apre, 0, gmax)'''
idx = np.load('drive/m06_i.npy')
tt = np.load('drive/m06_t.npy')
IN = SpikeGeneratorGroup(40, idx, tt*second)
G = NeuronGroup(2, eqs_n, threshold='v>vt', reset='v = vr', method='euler')
G.v = -60*mV
S = Synapses(IN, G, eqs_s, on_pre=on_pre, on_post=on_post)
S.connect()
S.w = '(0.2 + 0.8*(i*N_post + j)/(N_pre*N_post))*gmax'
MN = StateMonitor(G, ['v', 'ge'], record=True)
MS = StateMonitor(S, ['w', 'Apre', 'Apost'], record=[0, 1, 20, 41, 79])
SP = SpikeMonitor(G)
run(300*ms)

save(in_i=idx, in_t=tt, n_t=MN.t, n_v=MN.v, n_ge=MN.ge, s_t=MS.t, s_w=MS.w, s_Apre=MS.Apre, s_Apost=MS.Apost,
     n_spike_t=SP.t, n_spike_i=SP.i, w_final=S.w, Apre_final=S.Apre, Apost_final=S.Apost, lastupdate_final=S.lastupdate)
