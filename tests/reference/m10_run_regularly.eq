# run_regularly with its own dt, order and when; several clocks; 20 ms.
# M2: own dt 0.3 ms; M3: when='end'; H: dt 0.25 ms, recorded by a monitor of the same clock.
# tolerance: 1e-10
from brian2 import *

G = NeuronGroup(4, '''dv/dt = (a - v)/(5*ms) : 1
a : 1
n : integer
flag : boolean
acc : 1''', method='euler', threshold='v > 0.8', reset='v = 0')
G.v = '0.1*i'
G.a = 1
G.run_regularly('a = a + 0.1*(1 + sin(t/ms))', dt=1*ms)
G.run_regularly('''n += 1
flag = (n % 3) == 0
acc = acc + int(flag)*v''', dt=0.5*ms, when='end')
G.run_regularly('v *= 0.999', when='after_thresholds', order=2)
H = NeuronGroup(2, 'du/dt = -u/(2*ms) + 1/ms : 1', method='exact', dt=0.25*ms)
M = StateMonitor(G, ['v', 'a', 'n', 'flag', 'acc'], record=True)
M2 = StateMonitor(G, ['v'], record=True, dt=0.3*ms)
M3 = StateMonitor(G, ['v'], record=True, when='end')
MH = StateMonitor(H, ['u'], record=True)
SP = SpikeMonitor(G)
run(20*ms)

save(n_t=M.t, n_v=M.v, n_a=M.a, n_n=M.n, n_flag=M.flag, n_acc=M.acc, dt03_t=M2.t, dt03_v=M2.v, end_t=M3.t, end_v=M3.v,
     h_t=MH.t, h_u=MH.u, n_spike_t=SP.t, n_spike_i=SP.i)
