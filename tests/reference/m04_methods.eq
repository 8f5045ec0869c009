# euler, rk2, rk4, heun, milstein (without noise the last two reduce to euler), exponential_euler and exact on small
# linear and nonlinear systems with explicit dependence on t, 100 ms (exact: the first 50 ms).
# tolerance: 1e-10
from brian2 import *

# FitzHugh-Nagumo
fhn = '''
dv/dt = (v - v**3/3 - w + 0.5 + 0.3*sin(2*pi*40*Hz*t))/(2*ms) : 1
dw/dt = 0.08*(v + 0.7 - 0.8*w)/(2*ms) : 1
'''
fhn_euler = NeuronGroup(3, fhn, method='euler')
fhn_euler.v = '-1.0 + 0.5*i'
fhn_euler.w = '0.1*i'
M_fhn_euler = StateMonitor(fhn_euler, ['v', 'w'], record=True)

fhn_rk2 = NeuronGroup(3, fhn, method='rk2')
fhn_rk2.v = '-1.0 + 0.5*i'
fhn_rk2.w = '0.1*i'
M_fhn_rk2 = StateMonitor(fhn_rk2, ['v', 'w'], record=True)

fhn_rk4 = NeuronGroup(3, fhn, method='rk4')
fhn_rk4.v = '-1.0 + 0.5*i'
fhn_rk4.w = '0.1*i'
M_fhn_rk4 = StateMonitor(fhn_rk4, ['v', 'w'], record=True)

fhn_heun = NeuronGroup(3, fhn, method='heun')
fhn_heun.v = '-1.0 + 0.5*i'
fhn_heun.w = '0.1*i'
M_fhn_heun = StateMonitor(fhn_heun, ['v', 'w'], record=True)

fhn_milstein = NeuronGroup(3, fhn, method='milstein')
fhn_milstein.v = '-1.0 + 0.5*i'
fhn_milstein.w = '0.1*i'
M_fhn_milstein = StateMonitor(fhn_milstein, ['v', 'w'], record=True)

# conditionally linear: every rate coefficient depends on another variable
cl = '''
dx/dt = -x*(1 + y**2)/(3*ms) + cos(2*pi*30*Hz*t)/ms : 1
dy/dt = (x - y)/(5*ms) : 1
dz/dt = x*y/(10*ms) : 1
'''
cl_exponential_euler = NeuronGroup(3, cl, method='exponential_euler')
cl_exponential_euler.x = '1.0 + i'
cl_exponential_euler.y = '0.2*i'
M_cl_exponential_euler = StateMonitor(cl_exponential_euler, ['x', 'y', 'z'], record=True)

cl_rk2 = NeuronGroup(3, cl, method='rk2')
cl_rk2.x = '1.0 + i'
cl_rk2.y = '0.2*i'
M_cl_rk2 = StateMonitor(cl_rk2, ['x', 'y', 'z'], record=True)

cl_rk4 = NeuronGroup(3, cl, method='rk4')
cl_rk4.x = '1.0 + i'
cl_rk4.y = '0.2*i'
M_cl_rk4 = StateMonitor(cl_rk4, ['x', 'y', 'z'], record=True)

cl_euler = NeuronGroup(3, cl, method='euler')
cl_euler.x = '1.0 + i'
cl_euler.y = '0.2*i'
M_cl_euler = StateMonitor(cl_euler, ['x', 'y', 'z'], record=True)

# linear, with parameters of each neuron
lin = '''
da/dt = (b - a)/tau1 + k/tau1 : 1
db/dt = -b/tau2 : 1
tau1 : second
tau2 : second
k : 1
'''
lin_exact = NeuronGroup(4, lin, method='exact')
lin_exact.tau1 = '(5 + i)*ms'
lin_exact.tau2 = '(2 + 0.5*i)*ms'
lin_exact.k = '0.3*i'
lin_exact.a = 1.0
lin_exact.b = '2.0 + i'
M_lin_exact = StateMonitor(lin_exact, ['a', 'b'], record=True)

run(100*ms)

save(fhn_euler_t=M_fhn_euler.t, fhn_euler_v=M_fhn_euler.v, fhn_euler_w=M_fhn_euler.w,
     fhn_rk2_t=M_fhn_rk2.t, fhn_rk2_v=M_fhn_rk2.v, fhn_rk2_w=M_fhn_rk2.w,
     fhn_rk4_t=M_fhn_rk4.t, fhn_rk4_v=M_fhn_rk4.v, fhn_rk4_w=M_fhn_rk4.w,
     fhn_heun_t=M_fhn_heun.t, fhn_heun_v=M_fhn_heun.v, fhn_heun_w=M_fhn_heun.w,
     fhn_milstein_t=M_fhn_milstein.t, fhn_milstein_v=M_fhn_milstein.v, fhn_milstein_w=M_fhn_milstein.w,
     cl_exponential_euler_t=M_cl_exponential_euler.t, cl_exponential_euler_x=M_cl_exponential_euler.x, cl_exponential_euler_y=M_cl_exponential_euler.y, cl_exponential_euler_z=M_cl_exponential_euler.z,
     cl_rk2_t=M_cl_rk2.t, cl_rk2_x=M_cl_rk2.x, cl_rk2_y=M_cl_rk2.y, cl_rk2_z=M_cl_rk2.z,
     cl_rk4_t=M_cl_rk4.t, cl_rk4_x=M_cl_rk4.x, cl_rk4_y=M_cl_rk4.y, cl_rk4_z=M_cl_rk4.z,
     cl_euler_t=M_cl_euler.t, cl_euler_x=M_cl_euler.x, cl_euler_y=M_cl_euler.y, cl_euler_z=M_cl_euler.z,
     lin_exact_t=M_lin_exact.t[:500], lin_exact_a=M_lin_exact.a[:, :500], lin_exact_b=M_lin_exact.b[:, :500])
