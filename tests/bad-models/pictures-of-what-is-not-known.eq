# expect: ok
# phase: check
# note: nothing is recorded yet; names of functions are free for variables
G = NeuronGroup(5, 'dv/dt = -v/(10*ms) : 1', method='exact')
M = StateMonitor(G, 'v', record=True)
spikes = SpikeMonitor(PoissonGroup(10, 100*Hz))
run(10*ms)
fig, (ax1, ax2) = subplots(2, 1)
ax1.plot(M.t/ms, M.v[0], '.k', label='v')
ax1.plot(M.t/ms, M.v.T)
ax1.legend()
sc = ax2.scatter(M.t/ms, M.v[0], c=M.v[1], cmap='RdBu_r', s=M.v[2])
fig.colorbar(sc, ax=ax2)
n, bins, patches = hist(M.v[0], 20)
xlim(0, max(n))
grid = 3
text = 'a'
axes = {'a': grid}
title(text)
brian_plot(M)
imshow(M.v)
savefig('a.pdf')
