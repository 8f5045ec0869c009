# The magic network: what run() simulates.
# Tests: start_scope, a name bound to a new object, time begins again, monitors made between runs, objects in a second scope take their own names, names of automatic objects.
from brian2 import *
tau = 5*ms
G = NeuronGroup(2, 'dv/dt = (1 - v)/tau : 1', method='exact')
M = StateMonitor(G, 'v', record=True, dt=0.5*ms)
run(3*ms)
first = M.v[:]
t_first = M.t[:]*1
G2 = G
start_scope()
tau = 2*ms
G = NeuronGroup(3, 'dv/dt = (2 - v)/tau : 1', threshold='v > 1', reset='v = 0', method='exact')
M = StateMonitor(G, 'v', record=True, dt=0.5*ms)
sp = SpikeMonitor(G)
run(4*ms)
late = StateMonitor(G, 'v', record=0, dt=1*ms)
run(2*ms)
save(first=first, t_first=t_first, old=G2.v, t=G.t, n=sp.num_spikes)
