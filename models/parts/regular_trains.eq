# fragment: PreE and PreI, the regular presynaptic spike trains of the plastic synapses. Needs F_e, F_i, duration.
#
# As in the notebook, both trains begin at 0 ms and their interval is cut to whole milliseconds: 51 Hz is
# one spike every 19 ms, in truth 52.6 Hz, and 91 Hz and 96 Hz are the same.

times_e = arange(0, duration/ms, int(1000/(F_e/Hz)))
PreE = SpikeGeneratorGroup(1, zeros(len(times_e)), times_e*ms)

times_i = arange(0, duration/ms, int(1000/(F_i/Hz)))
PreI = SpikeGeneratorGroup(1, zeros(len(times_i)), times_i*ms)
