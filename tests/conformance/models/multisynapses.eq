# Several synapses between the same two neurons.
# Tests: multisynaptic_index, its use in strings and statements, n as number and string, numbers after several connect calls, delays of parallel synapses.
from brian2 import *
A = SpikeGeneratorGroup(3, [0, 1, 2, 0, 1], [1, 2, 3, 9, 12]*ms)
B = NeuronGroup(2, '''dv/dt = -v/(10*ms) : 1
                      which : 1''', method='exact')
S = Synapses(A, B, 'w : 1', on_pre='v_post += w; which_post = which_post*10 + k + 1', multisynaptic_index='k')
S.connect(n=2)
S.connect(condition='i >= j', n='1 + i*(j + 1) % 3')
S.connect(i=[0, 2, 2], j=[1, 0, 0], n=2)
S.w = '0.1*(k + 1) + 0.01*i - 0.02*j'
S.delay = '(0.5 + k)*ms'
S.w['i == 0 and j == 1 and k == 1'] = 5
S.w['i == 2 and k == 0'] = '7 + k'
S.w['k == 3'] = -1
M = StateMonitor(B, ['v', 'which'], record=True, dt=0.5*ms)
run(20*ms)
save(i=S.i, j=S.j, k=S.k, w=S.w, row=S.w[2, 0, :], some=S.k[1, :], all_zero=S.w[:, :, 0], delay=S.delay, more=S.w[:, :, 2], number=len(S), inc=S.N_incoming, out=S.N_outgoing_pre)
