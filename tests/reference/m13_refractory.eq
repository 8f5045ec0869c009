# All kinds of refractoriness: a duration, a parameter of each neuron, an expression of i, a condition, an expression of
# a variable that changes while the neuron is refractory; with and without (unless refractory); 60 ms.
# tolerance: 1e-10
from brian2 import *

lin = 'dv/dt = (2 - v)/(5*ms) : 1 (unless refractory)'

G_fixed3 = NeuronGroup(5, lin, threshold='v > 1', reset='v = 0', method='euler', refractory=3*ms)
G_fixed3.v = '0.15*i'
M_fixed3 = StateMonitor(G_fixed3, ['v', 'not_refractory', 'lastspike'], record=True)
S_fixed3 = SpikeMonitor(G_fixed3)

G_fixed025 = NeuronGroup(5, lin, threshold='v > 1', reset='v = 0', method='euler', refractory=0.25*ms)    # not a multiple of dt
G_fixed025.v = '0.15*i'
M_fixed025 = StateMonitor(G_fixed025, ['v', 'not_refractory', 'lastspike'], record=True)
S_fixed025 = SpikeMonitor(G_fixed025)

G_fixed0 = NeuronGroup(5, lin, threshold='v > 1', reset='v = 0', method='euler', refractory=0*ms)
G_fixed0.v = '0.15*i'
M_fixed0 = StateMonitor(G_fixed0, ['v', 'not_refractory', 'lastspike'], record=True)
S_fixed0 = SpikeMonitor(G_fixed0)

G_exact3 = NeuronGroup(5, lin, threshold='v > 1', reset='v = 0', method='exact', refractory=3*ms)
G_exact3.v = '0.15*i'
M_exact3 = StateMonitor(G_exact3, ['v', 'not_refractory', 'lastspike'], record=True)
S_exact3 = SpikeMonitor(G_exact3)

G_param = NeuronGroup(5, lin + '\nref : second', threshold='v > 1', reset='v = 0', method='euler', refractory='ref')
G_param.ref = '(0.5 + 1.37*i)*ms'
G_param.v = '0.15*i'
M_param = StateMonitor(G_param, ['v', 'not_refractory', 'lastspike'], record=True)
S_param = SpikeMonitor(G_param)

G_expr_i = NeuronGroup(5, lin, threshold='v > 1', reset='v = 0', method='euler', refractory='(1 + 0.5*i)*ms')
G_expr_i.v = '0.15*i'
M_expr_i = StateMonitor(G_expr_i, ['v', 'not_refractory', 'lastspike'], record=True)
S_expr_i = SpikeMonitor(G_expr_i)

G_cond = NeuronGroup(5, lin + '\ndu/dt = -u/(4*ms) + int(not not_refractory)*0.1/ms : 1', threshold='v > 1', reset='v = 0', method='euler', refractory='u > 0.3')
G_cond.u = '0.4*i'
G_cond.v = '0.15*i'
M_cond = StateMonitor(G_cond, ['v', 'not_refractory', 'lastspike', 'u'], record=True)
S_cond = SpikeMonitor(G_cond)

G_cond_no_unless = NeuronGroup(5, '''dv/dt = (2 - v)/(5*ms) : 1
du/dt = (v - u)/(2*ms) : 1''', threshold='v > 1', reset='v = 0', method='euler', refractory='u > 0.4')
G_cond_no_unless.u = '0.4*i'
G_cond_no_unless.v = '0.15*i'
M_cond_no_unless = StateMonitor(G_cond_no_unless, ['v', 'not_refractory', 'lastspike', 'u'], record=True)
S_cond_no_unless = SpikeMonitor(G_cond_no_unless)

G_varref = NeuronGroup(5, lin + '\ndu/dt = (1 - u)/(20*ms) : 1', threshold='v > 1', reset='v = 0', method='euler', refractory='u*4*ms')
G_varref.u = '0.4*i'
G_varref.v = '0.15*i'
M_varref = StateMonitor(G_varref, ['v', 'not_refractory', 'lastspike', 'u'], record=True)
S_varref = SpikeMonitor(G_varref)

G_no_unless = NeuronGroup(5, 'dv/dt = (2 - v)/(5*ms) : 1', threshold='v > 1', reset='v = 0', method='euler', refractory=3*ms)
G_no_unless.v = '0.15*i'
M_no_unless = StateMonitor(G_no_unless, ['v', 'not_refractory', 'lastspike'], record=True)
S_no_unless = SpikeMonitor(G_no_unless)

# synaptic input during refractoriness: v is write-protected, g is not
G = NeuronGroup(2, '''dv/dt = (1.5 - v)/(5*ms) : 1 (unless refractory)
dg/dt = -g/(5*ms) : 1''', threshold='v > 1', reset='v = 0', refractory=4*ms, method='euler')
IN = SpikeGeneratorGroup(1, zeros(50, int), arange(50)*1.1*ms + 0.05*ms)
S = Synapses(IN, G, on_pre='v_post += 0.07; g_post += 0.07')
S.connect()
M = StateMonitor(G, ['v', 'g', 'not_refractory'], record=True)
SP = SpikeMonitor(G)

run(60*ms)

save(fixed3_t=M_fixed3.t, fixed3_v=M_fixed3.v, fixed3_not_refractory=M_fixed3.not_refractory, fixed3_lastspike=M_fixed3.lastspike,
     fixed3_spike_t=S_fixed3.t, fixed3_spike_i=S_fixed3.i,
     fixed025_t=M_fixed025.t, fixed025_v=M_fixed025.v, fixed025_not_refractory=M_fixed025.not_refractory, fixed025_lastspike=M_fixed025.lastspike,
     fixed025_spike_t=S_fixed025.t, fixed025_spike_i=S_fixed025.i,
     fixed0_t=M_fixed0.t, fixed0_v=M_fixed0.v, fixed0_not_refractory=M_fixed0.not_refractory, fixed0_lastspike=M_fixed0.lastspike,
     fixed0_spike_t=S_fixed0.t, fixed0_spike_i=S_fixed0.i,
     exact3_t=M_exact3.t, exact3_v=M_exact3.v, exact3_not_refractory=M_exact3.not_refractory, exact3_lastspike=M_exact3.lastspike,
     exact3_spike_t=S_exact3.t, exact3_spike_i=S_exact3.i,
     param_t=M_param.t, param_v=M_param.v, param_not_refractory=M_param.not_refractory, param_lastspike=M_param.lastspike,
     param_spike_t=S_param.t, param_spike_i=S_param.i,
     expr_i_t=M_expr_i.t, expr_i_v=M_expr_i.v, expr_i_not_refractory=M_expr_i.not_refractory, expr_i_lastspike=M_expr_i.lastspike,
     expr_i_spike_t=S_expr_i.t, expr_i_spike_i=S_expr_i.i,
     cond_t=M_cond.t, cond_v=M_cond.v, cond_not_refractory=M_cond.not_refractory, cond_lastspike=M_cond.lastspike, cond_u=M_cond.u,
     cond_spike_t=S_cond.t, cond_spike_i=S_cond.i,
     cond_no_unless_t=M_cond_no_unless.t, cond_no_unless_v=M_cond_no_unless.v, cond_no_unless_not_refractory=M_cond_no_unless.not_refractory, cond_no_unless_lastspike=M_cond_no_unless.lastspike, cond_no_unless_u=M_cond_no_unless.u,
     cond_no_unless_spike_t=S_cond_no_unless.t, cond_no_unless_spike_i=S_cond_no_unless.i,
     varref_t=M_varref.t, varref_v=M_varref.v, varref_not_refractory=M_varref.not_refractory, varref_lastspike=M_varref.lastspike, varref_u=M_varref.u,
     varref_spike_t=S_varref.t, varref_spike_i=S_varref.i,
     no_unless_t=M_no_unless.t, no_unless_v=M_no_unless.v, no_unless_not_refractory=M_no_unless.not_refractory, no_unless_lastspike=M_no_unless.lastspike,
     no_unless_spike_t=S_no_unless.t, no_unless_spike_i=S_no_unless.i,
     syninput_t=M.t, syninput_v=M.v, syninput_g=M.g, syninput_not_refractory=M.not_refractory,
     syninput_spike_t=SP.t, syninput_spike_i=SP.i)
