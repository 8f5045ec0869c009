# Connections by rules with chance, in their less common forms.
# Tests: p with i/j arrays, n with p, sample for i=, sample between bounds with step, p of the neuron in sample, negative steps, condition of the source only before a sample, skip_if_invalid with sample and with size, subgroups on both sides, rand() in the element and condition, appended connections.
# rng: brian2
from brian2 import *
seed(2718)
A = NeuronGroup(12, '''x : 1
                       c : integer''')
B = NeuronGroup(9, 'y : 1')
A.x = 'rand()'
A.c = 'int(3*rand())'
B.y = 'randn()'
s1 = Synapses(A, B)
s1.connect(i=arange(12), j=arange(12) % 9, p=0.6)
s2 = Synapses(A, B)
s2.connect(i='k for k in sample(N_pre, size=3)')
s3 = Synapses(A, B)
s3.connect(j='k for k in sample(i - 2, i + 4, 2, p=0.5)', skip_if_invalid=True)
s4 = Synapses(A, B)
s4.connect(j='k for k in sample(N_post, p=0.1 + 0.8*x_pre) if c_pre > 0')
s5 = Synapses(A, B)
s5.connect(j='k for k in sample(N_post, size=4) if i % 3 == 0 and k != i')
s6 = Synapses(A[2:10], B[1:7])
s6.connect(p=0.4, n=2)
s6.connect(condition='x_pre > 0.3', p='0.3 + 0.1*j')
s7 = Synapses(A, A[5:])
s7.connect(j='i - 5 if i >= 5')
s7.connect(j='k for k in range(6, 0, -2) if rand() < 0.7')
s8 = Synapses(A, B)
s8.connect(j='int(N_post*rand())')
s8.connect(j='int(N_post*rand()) for k in range(3) if rand() < 0.5')
s9 = Synapses(A, B)
s9.connect(j='k for k in sample(i, size=5)', skip_if_invalid=True)
s10 = Synapses(A, B)
s10.connect(i='int(j*1.2) if y_post > 0')
s11 = Synapses(A, A)
s11.connect('i < j', p=0.5)
s12 = Synapses(B, B)
s12.connect(j='i+(-1)**k for k in range(2)', skip_if_invalid=True)
after = rand(3)
save(i1=s1.i, j1=s1.j, i2=s2.i, j2=s2.j, i3=s3.i, j3=s3.j, i4=s4.i, j4=s4.j, i5=s5.i, j5=s5.j, i6=s6.i, j6=s6.j, i7=s7.i, j7=s7.j,
     i8=s8.i, j8=s8.j, i9=s9.i, j9=s9.j, i10=s10.i, j10=s10.j, i11=s11.i, j11=s11.j, i12=s12.i, j12=s12.j, after=after)
