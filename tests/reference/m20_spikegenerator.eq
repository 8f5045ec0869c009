# Spike generators: the time step of each spike (also near its edges), period, several neurons in a step, own dt; 30 ms.
# tolerance: 1e-10
from brian2 import *

st = array([0.0, 0.04, 0.05, 0.0999999, 0.1, 0.1000001, 0.15, 0.2, 0.29999999999, 0.3, 0.30000001, 1.0, 1.05,
            2.0 - 1e-6, 2.0, 2.0 + 1e-6, 29.9, 29.95, 30.0])
si = arange(len(st))
A = SpikeGeneratorGroup(len(st), si, st*ms)
SA = SpikeMonitor(A)
B = SpikeGeneratorGroup(3, [2, 0, 1, 0], [0.0, 1.0, 1.0, 2.3]*ms, period=5*ms)
SB = SpikeMonitor(B)
C = SpikeGeneratorGroup(1, [0, 0, 0], [0.0, 0.6, 1.3]*ms, dt=0.5*ms)
SC = SpikeMonitor(C)
D = SpikeGeneratorGroup(4, [3, 1, 2, 0], [1.0, 1.0, 1.0, 1.0]*ms)    # unsorted indices, same time
SD = SpikeMonitor(D)
run(30*ms)

save(in_t=st*1e-3, in_i=si, a_spike_t=SA.t, a_spike_i=SA.i, periodic_spike_t=SB.t, periodic_spike_i=SB.i,
     coarse_spike_t=SC.t, coarse_spike_i=SC.i, unsorted_spike_t=SD.t, unsorted_spike_i=SD.i)
