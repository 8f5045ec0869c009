# No method given: what Brian2 chooses decides about the numbers.
# Tests: linear to exact, constant slope to euler, oscillator to euler, singular pair to euler, nonlinear to euler, functions of t, TimedArray with fitting and with finer step, chain of three, multiplicative noise is not used here.
from brian2 import *
coarse = TimedArray([1, 2, -1], dt=4*ms)
fine = TimedArray(sin(arange(300)*0.3), dt=0.05*ms)
tau = 6*ms
A = NeuronGroup(1, 'dx/dt = (1 - x)/tau : 1')
B = NeuronGroup(1, 'dx/dt = 3/tau : 1')
C = NeuronGroup(1, '''dx/dt = -y/tau : 1
                      dy/dt = x/tau : 1''')
C.x = 1
D = NeuronGroup(1, '''dx/dt = (y - x)/tau : 1
                      dy/dt = (x - y)/tau : 1''')
D.x = 1
E = NeuronGroup(1, 'dx/dt = x*(1 - x)/tau : 1')
E.x = 0.1
F = NeuronGroup(1, 'dx/dt = (sin(t/tau) - x)/tau : 1')
G = NeuronGroup(1, 'dx/dt = (coarse(t) - x)/tau : 1')
H = NeuronGroup(1, 'dx/dt = (fine(t) - x)/tau : 1')
I = NeuronGroup(1, 'dx/dt = (coarse(t - 1*ms) - x)/tau : 1')
J = NeuronGroup(2, '''dx/dt = (y - x)/tau_x : 1
                      dy/dt = (z - y)/tau : 1
                      dz/dt = -z/(2*tau) : 1
                      tau_x : second''')
J.z = 1
J.tau_x = '(3 + i)*ms'
K = NeuronGroup(1, '''dx/dt = (-x + 2*y)/tau : 1
                      dy/dt = (x - 3*y)/tau : 1''')
K.x = 1
run(10*ms)
save(a=A.x, b=B.x, c=C.x, d=D.x, e=E.x, f=F.x, g=G.x, h=H.x, i=I.x, j=J.x, k=K.x)
