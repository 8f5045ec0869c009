# Monitors: which elements, when, and of what.
# Tests: record as list, slice, array, negative order of lists, synapse indices in all forms, own dt and when with order, monitors over several runs, indexing a monitor, subexpressions of synapses, shared variables.
from brian2 import *
G = NeuronGroup(6, '''dv/dt = (I + drive - v)/(7*ms) : 1
                      I : 1
                      drive : 1 (shared)
                      excess = v - I : 1
                      big = v > 0.7 : boolean
                      k : integer''', threshold='v > 1', reset='v = 0; k += 1', method='exact')
G.I = '0.6 + 0.15*i'
G.drive = 0.3
S = Synapses(G, G, '''w : 1
                      dx/dt = -x/(5*ms) : 1 (clock-driven)
                      gain = w*x*2 : 1''', on_pre='x += w; v_post += 0.02*w')
S.connect(condition='i != j and (i + j) % 2 == 1')
S.w = '0.5 + 0.1*i - 0.05*j'
a = StateMonitor(G, 'v', record=[4, 0, 2])
b = StateMonitor(G, ['v', 'excess', 'big', 'k', 'drive'], record=arange(1, 6, 2), dt=0.5*ms)
c = StateMonitor(G, 'v', record=3, when='after_thresholds', order=1)
d = StateMonitor(G, 'v', record=[3, 4, 5], when='end')
e = StateMonitor(S, ['x', 'gain'], record=S[2, :], dt=1*ms)
f = StateMonitor(S, 'x', record=S['i < j'])
g = StateMonitor(S, ['w', 'gain'], record=[0, 7, 11], dt=1*ms)
h = StateMonitor(G[2:5], ['v', 'k'], record=[0, 2])
everything = StateMonitor(G, True, record=1, dt=2*ms)
sp = SpikeMonitor(G, ['v', 'k', 'excess'])
part = SpikeMonitor(G[1:4])
run(9*ms)
G.drive = 0.5
later = StateMonitor(G, 'v', record=True, dt=0.3*ms)
rate = PopulationRateMonitor(G[2:])
run(8.1*ms)
n_between = len(a.t)
run(3*ms)
save(n_between=n_between, four=a[4].v, three=b[3].v, several=a[[0, 4]].v, of_synapse=e[S[2, 1]].x, times=a.t_[-1], plain=a.v_[0], ev=everything.excess,
     rec=b.record, last=sp.t[-3:], counts=part.count, mean_of_part=mean(d.v), spikes3=sp.spike_trains()[3], k5=sp.values('k')[5])
