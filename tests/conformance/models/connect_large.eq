# Sparse connections among so many neurons that chance is drawn by jumps.
# Tests: sample(p=) over more than 1000 candidates, p=, the same with a condition; a sample of 5 of 1500.
# rng: brian2
from brian2 import *
seed(99)
A = NeuronGroup(30, 'x : 1')
B = NeuronGroup(1500, 'x : 1')
s1 = Synapses(A, B, 'w : 1')
s1.connect(p=0.02)
s2 = Synapses(A, B)
s2.connect(condition='(i + j) % 3 == 0', p=0.05)
s3 = Synapses(B, A)
s3.connect(i='k for k in sample(N_pre, p=0.01)')
s4 = Synapses(A, B)
s4.connect(j='k for k in sample(N_post, size=5)')
s1.w = 'rand()'
save(i1=s1.i, j1=s1.j, i2=s2.i, j2=s2.j, i3=s3.i, j3=s3.j, i4=s4.i, j4=s4.j, w=s1.w)
