# Two networks with times of their own, and another order of the slots.
# Tests: separate times, net.schedule, before_ and after_ slots in another order, add of lists, remove, objects by name, membership, collect, name of a network, active flag, magic run after start_scope.
from brian2 import *
eqs = '''dv/dt = (1.4 - v)/(6*ms) : 1
         x : 1'''
A = NeuronGroup(3, eqs, threshold='v > 1', reset='v = 0; x = x*2 + 1', method='exact', name='first')
B = NeuronGroup(3, eqs, threshold='v > 1', reset='v = 0; x = x*2 + 1', method='exact', name='second')
A.v = '0.2*i'
B.v = '0.2*i'
SA = Synapses(A, A, on_pre='v_post += 0.3; x_post += 0.5', name='first_loop')
SA.connect(condition='i != j')
SB = Synapses(B, B, on_pre='v_post += 0.3; x_post += 0.5', name='second_loop')
SB.connect(condition='i != j')
MA = StateMonitor(A, ['v', 'x'], record=True)
MB = StateMonitor(B, ['v', 'x'], record=True)
sa, sb = SpikeMonitor(A), SpikeMonitor(B)
one = Network(A, [SA, MA], sa, name='one')
two = Network()
two.add(B, SB, {'m': MB, 's': sb})
two.schedule = ['start', 'groups', 'thresholds', 'resets', 'synapses', 'end']
one.run(12*ms)
two.run(7*ms)
SB.active = False
two.run(4*ms)
SB.active = True
two.remove(sb)
two.run(3*ms)
one['first_loop_pre'].order = 2
one.run(2*ms)
inside = 'second' in two and not ('first' in two)
n_objects = len(one.objects)
start_scope()
C = NeuronGroup(2, 'dy/dt = -y/(5*ms) : 1', method='exact')
C.y = 1
MC = StateMonitor(C, 'y', record=True, dt=1*ms)
run(4*ms)
save(t_one=one.t, t_two=two.t, inside=inside, n_objects=n_objects, xa=A.x, xb=B.x, t_c=C.t, named=one['first'].v)
