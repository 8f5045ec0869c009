# TimedArray, 1-d and 2-d, with dt of its own (also not a multiple of the clock's), reading past the end, 60 ms.
# tolerance: 1e-10
from brian2 import *

A1 = sin(arange(20)*0.7)*2
A2 = arange(30).reshape(10, 3)*0.1 - 1.0
A3 = array([0., 1., 4., 9., 16.])
ta1 = TimedArray(A1, dt=2*ms)
ta2 = TimedArray(A2*nA, dt=5*ms)
ta3 = TimedArray(A3, dt=0.35*ms)
eqs = '''
dv/dt = (-v + ta1(t))/(6*ms) : 1
dw/dt = (ta2(t, i) - w)/(4*ms) : amp
z = ta3(t) : 1
z2 = ta3(t - 1*ms) : 1
'''
G = NeuronGroup(3, eqs, method='euler')
M = StateMonitor(G, ['v', 'w', 'z', 'z2'], record=True)
H = NeuronGroup(3, 'dv/dt = (-v + ta1(t))/(6*ms) : 1', method='exact')
MH = StateMonitor(H, 'v', record=True)
R = NeuronGroup(3, 'dv/dt = (-v + ta1(t))/(6*ms) : 1', method='rk4')
MR = StateMonitor(R, 'v', record=True)
run(60*ms)

save(A1=A1, A2=A2*1e-9, A3=A3, n_t=M.t, n_v=M.v, n_w=M.w, n_z=M.z, n_z2=M.z2,
     exact_t=MH.t, exact_v=MH.v, rk4_t=MR.t, rk4_v=MR.v)
