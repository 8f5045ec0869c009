# Deterministic connect() calls: the pairs (i, j) in the order of creation, no simulation. Equal exactly.
from brian2 import *

A = NeuronGroup(8, 'xp : 1')
B = NeuronGroup(8, 'xp : 1')
A.xp = '(i*5) % 8'
B.xp = '(i*3) % 8'

S_all = Synapses(A, B, 'w : 1', multisynaptic_index='ms_idx')
S_all.connect()
S_cond = Synapses(A, B, 'w : 1', multisynaptic_index='ms_idx')
S_cond.connect(condition='i != j')
S_cond2 = Synapses(A, B, 'w : 1', multisynaptic_index='ms_idx')
S_cond2.connect(condition='abs(i-j) < 3 and i % 2 == 0')
S_j_expr = Synapses(A, B, 'w : 1', multisynaptic_index='ms_idx')
S_j_expr.connect(j='i')
S_j_expr_if = Synapses(A, B, 'w : 1', multisynaptic_index='ms_idx')
S_j_expr_if.connect(j='i + 1 if i < N_pre - 1')
S_gen = Synapses(A, B, 'w : 1', multisynaptic_index='ms_idx')
S_gen.connect(j='i+k for k in range(-3,4) if k!=0', skip_if_invalid=True)
S_gen2 = Synapses(A, B, 'w : 1', multisynaptic_index='ms_idx')
S_gen2.connect(j='k for k in range(i+1)')
S_gen_step = Synapses(A, B, 'w : 1', multisynaptic_index='ms_idx')
S_gen_step.connect(j='k for k in range(0, N_post, 3)')
S_gen_down = Synapses(A, B, 'w : 1', multisynaptic_index='ms_idx')
S_gen_down.connect(j='k for k in range(6, 0, -2)')
S_gen_if = Synapses(A, B, 'w : 1', multisynaptic_index='ms_idx')
S_gen_if.connect(j='i+(-1)**k for k in range(2) if i>0 and i<N_pre-1')
S_i_gen = Synapses(A, B, 'w : 1', multisynaptic_index='ms_idx')
S_i_gen.connect(i='j//2', n=2)
S_i_gen2 = Synapses(A, B, 'w : 1', multisynaptic_index='ms_idx')
S_i_gen2.connect(i='k for k in range(5) if k % 2 == 1 and k != j')
S_arrays = Synapses(A, B, 'w : 1', multisynaptic_index='ms_idx')
S_arrays.connect(i=array([3, 1, 1, 7]), j=array([0, 5, 5, 2]))
S_arrays_n = Synapses(A, B, 'w : 1', multisynaptic_index='ms_idx')
S_arrays_n.connect(i=array([3, 1]), j=array([0, 5]), n=3)
S_i_scalar = Synapses(A, B, 'w : 1', multisynaptic_index='ms_idx')
S_i_scalar.connect(i=2, j=arange(4))
S_n_expr = Synapses(A, B, 'w : 1', multisynaptic_index='ms_idx')
S_n_expr.connect(condition='i < 3 and j < 3', n='1 + (i + j) % 2')
S_var_cond = Synapses(A, B, 'w : 1', multisynaptic_index='ms_idx')
S_var_cond.connect(condition='xp_pre > xp_post')
S_p1 = Synapses(A, B, 'w : 1', multisynaptic_index='ms_idx')
S_p1.connect(condition='i==j', p=1)
S_p0 = Synapses(A, B, 'w : 1', multisynaptic_index='ms_idx')
S_p0.connect(p=0.0)
S_sample_p1 = Synapses(A, B, 'w : 1', multisynaptic_index='ms_idx')
S_sample_p1.connect(j='k for k in sample(N_post, p=1)')
S_sample_size_all = Synapses(A, B, 'w : 1', multisynaptic_index='ms_idx')
S_sample_size_all.connect(j='k for k in sample(2, 6, size=4)')

save(all_i=S_all.i, all_j=S_all.j, all_msidx=S_all.ms_idx,
     cond_i=S_cond.i, cond_j=S_cond.j, cond_msidx=S_cond.ms_idx,
     cond2_i=S_cond2.i, cond2_j=S_cond2.j, cond2_msidx=S_cond2.ms_idx,
     j_expr_i=S_j_expr.i, j_expr_j=S_j_expr.j, j_expr_msidx=S_j_expr.ms_idx,
     j_expr_if_i=S_j_expr_if.i, j_expr_if_j=S_j_expr_if.j, j_expr_if_msidx=S_j_expr_if.ms_idx,
     gen_i=S_gen.i, gen_j=S_gen.j, gen_msidx=S_gen.ms_idx,
     gen2_i=S_gen2.i, gen2_j=S_gen2.j, gen2_msidx=S_gen2.ms_idx,
     gen_step_i=S_gen_step.i, gen_step_j=S_gen_step.j, gen_step_msidx=S_gen_step.ms_idx,
     gen_down_i=S_gen_down.i, gen_down_j=S_gen_down.j, gen_down_msidx=S_gen_down.ms_idx,
     gen_if_i=S_gen_if.i, gen_if_j=S_gen_if.j, gen_if_msidx=S_gen_if.ms_idx,
     i_gen_i=S_i_gen.i, i_gen_j=S_i_gen.j, i_gen_msidx=S_i_gen.ms_idx,
     i_gen2_i=S_i_gen2.i, i_gen2_j=S_i_gen2.j, i_gen2_msidx=S_i_gen2.ms_idx,
     arrays_i=S_arrays.i, arrays_j=S_arrays.j, arrays_msidx=S_arrays.ms_idx,
     arrays_n_i=S_arrays_n.i, arrays_n_j=S_arrays_n.j, arrays_n_msidx=S_arrays_n.ms_idx,
     i_scalar_i=S_i_scalar.i, i_scalar_j=S_i_scalar.j, i_scalar_msidx=S_i_scalar.ms_idx,
     n_expr_i=S_n_expr.i, n_expr_j=S_n_expr.j, n_expr_msidx=S_n_expr.ms_idx,
     var_cond_i=S_var_cond.i, var_cond_j=S_var_cond.j, var_cond_msidx=S_var_cond.ms_idx,
     p1_i=S_p1.i, p1_j=S_p1.j, p1_msidx=S_p1.ms_idx,
     p0_i=S_p0.i, p0_j=S_p0.j, p0_msidx=S_p0.ms_idx,
     sample_p1_i=S_sample_p1.i, sample_p1_j=S_sample_p1.j, sample_p1_msidx=S_sample_p1.ms_idx,
     sample_size_all_i=S_sample_size_all.i, sample_size_all_j=S_sample_size_all.j, sample_size_all_msidx=S_sample_size_all.ms_idx)
