# Rates of single neurons and of populations.
# Tests: smooth_rate and binned_rate of spike and event monitors with all windows, of a part of a group, and of a rate monitor begun later; bins that are not complete.
from brian2 import *
G = NeuronGroup(4, '''dv/dt = (1.3 + 0.3*i - v)/(5*ms) : 1''', threshold='v > 1', reset='v = 0', events={'half': 'v > 0.5 and v < 0.52'}, method='exact')
s = SpikeMonitor(G)
p = SpikeMonitor(G[1:3], record=True)
h = EventMonitor(G, 'half')
run(11*ms)
r = PopulationRateMonitor(G[2:])
run(10*ms)
bins, rates = s.binned_rate(4*ms)
pb, pr = p.binned_rate(7*ms)
rb, rr = r.binned_rate(3*ms)
save(bins=bins, rates=rates, pb=pb, pr=pr, rb=rb, rr=rr, events=h.binned_rate(21*ms)[1], flat=s.smooth_rate(window='flat', width=3*ms), gauss=p.smooth_rate(width=1*ms),
     shape=h.smooth_rate(window=array([1, 2, 3, 2, 1])), r_flat=r.smooth_rate('flat', 2.05*ms), r_gauss=r.smooth_rate('gaussian', 0.7*ms))
