# Linked variables seen by synapses, monitors, thresholds and summed variables.
# Tests: link to a subexpression and to a (constant over dt) one, link by an integer parameter, link to part of a group by index, linked variable in threshold and reset, in strings.
from brian2 import *
src = NeuronGroup(5, '''dx/dt = (i*0.3 - x)/(7*ms) : 1
                        twice = 2*x + i : 1
                        slow = 0.5*x : 1 (constant over dt)
                        n : integer''', method='euler')
src.n = 'i*2'
G = NeuronGroup(3, '''dv/dt = (a - v)/(3*ms) : 1
                      a : 1 (linked)
                      b : 1 (linked)
                      c : 1 (linked)
                      m : integer (linked)
                      which : integer
                      h = a + v : 1''', threshold='v > 0.25*b', reset='v = 0.1*c', method='euler')
G.which = [4, 0, 2]
G.a = linked_var(src, 'x', index=[4, 3, 1])
G.b = linked_var(src, 'twice', index='which')
G.c = linked_var(src, 'slow', index=array([1, 1, 4]))
G.m = linked_var(src, 'n', index='which')
T = NeuronGroup(2, '''s : 1
                      r : 1''')
S = Synapses(G, T, '''s_post = v_pre*w : 1 (summed)
                      w : 1''', on_pre='r += w')
S.connect()
S.w = '1 + j'
M = StateMonitor(G, ['v', 'a', 'c', 'h'], record=True)
MT = StateMonitor(T, ['s', 'r'], record=True)
sp = SpikeMonitor(G)
run(12*ms)
save(b=G.b, m=G.m, w=S.w, chosen=G.v['b > 1'])
