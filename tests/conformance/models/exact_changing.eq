# Exact integration with coefficients that change during the run: by run_regularly, by spikes, in time, and while refractory.
# Tests: time constants written by statements, coefficients from a TimedArray, decay rates from other groups' variables through synapses, coupled pair with a changing coefficient, constant drive added by events.
from brian2 import *
gate = TimedArray([1, 3, 0.5, 2], dt=5*ms)
G = NeuronGroup(3, '''dv/dt = (I - v)/tau : 1 (unless refractory)
                      dw/dt = -w*rate : 1
                      dx/dt = (w - x)*k : 1
                      tau : second
                      rate : Hz
                      k : Hz
                      I : 1''', threshold='v > 1', reset='v = 0; tau *= 0.9', refractory=3*ms, method='exact')
G.tau = '(5 + i)*ms'
G.rate = 100*Hz
G.k = 200*Hz
G.I = 1.4
G.w = '1 + i'
G.run_regularly('''rate = rate*1.1
                   k = 150*Hz + 20*Hz*i''', dt=2*ms)
H = NeuronGroup(2, '''du/dt = -u*gate(t)/(6*ms) + b : 1
                      b : Hz''', method='exact')
H.u = 1
H.b = '20*Hz*i'
S = Synapses(G, H, on_pre='b_post += 5*Hz')
S.connect()
M = StateMonitor(G, ['v', 'w', 'x', 'tau'], record=True, dt=0.5*ms)
MH = StateMonitor(H, 'u', record=True, dt=0.5*ms)
run(25*ms)
