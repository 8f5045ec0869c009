# Random connectivity between large groups: numpy's jumps.
# Tests: connect(p) with more than 1000 candidates and small p, p of 0 and 1, p above 0.25, condition with p, p that depends on the presynaptic neuron, rand() afterwards.
# rng: brian2
from brian2 import *
seed(91)
A = NeuronGroup(6, 'q : 1')
B = NeuronGroup(1500, 'x : 1')
A.q = '0.02*i'
s1 = Synapses(A, B); s1.connect(p=0.004)
s2 = Synapses(A, B); s2.connect(p=0.3)
s3 = Synapses(A, B); s3.connect('j % 3 == 0', p=0.01)
s4 = Synapses(A, B); s4.connect(p='q_pre')
s5 = Synapses(B, A); s5.connect(p=0.01)
s6 = Synapses(A, B); s6.connect(p='0.01*(1 + j % 2)')
s7 = Synapses(B, B); s7.connect(condition='i != j', p=0.0005)
after = rand(3)
run(0.1*ms)
save(i1=s1.i, j1=s1.j, n2=s2.N, j2=s2.j[:200], i3=s3.i, j3=s3.j, i4=s4.i, j4=s4.j, i5=s5.i, j5=s5.j, i6=s6.i, j6=s6.j, i7=s7.i, j7=s7.j, after=after)
