# Figure 3: what three plasticity rules learn from excitation and inhibition, and the membrane potential they see.
#
# Each point of a panel is one pair of input rates. Above: mean and standard deviation of the membrane potential of the noisy
# integrate-and-fire neuron, against its output rate. Below: the excitatory and the inhibitory weight that the rules have
# learnt, in per cent of the initial weight: MB (Meissner-Bernard et al.), CM (Clopath et al. 2010) and VDP
# (voltage-dependent plasticity; Rubisch, Stefan and Hennig 2024). The colour is the difference of the input rates.
#
#     dslsim run models/figure3.eq                      1,600 simulations of 100 neurons; then only the drawing
#     dslsim run models/figure3.eq --set spacing=25     a quick look: 64 simulations
#
# The simulations are kept in results/figure3/*.zarr; a run that was stopped goes on where it was.
#
# Saves freq_Fs                             rule (VDP, CM, MB), F_i, F_e, mean and std of the output rate           (Hz)
#       freq_ws                             rule, F_i, F_e, synapse (E, I), repetition: weight at the end      (% of w0)
#       membrane_potential_statistics_Fs    F_i, F_e: output rate of the neuron without plastic synapses            (Hz)
#       membrane_potential_statistics_vs    F_i, F_e, mean and std of the mean membrane potential                   (mV)

from brian2 import *
import numpy as np
import matplotlib.pyplot as plt

spacing = 5              # of the input rates, in Hz
runs = 100               # repetitions for each pair of rates
n_inputs = 100           # background inputs of each kind for each neuron
duration = 10*second
warmup = 1*second        # before the membrane potential is recorded

rates = arange(1, 100, spacing)*Hz

vdp = sweep('vdp.eq', F_i=rates, F_e=rates, runs=runs, n_inputs=n_inputs, duration=duration)
clopath = sweep('clopath.eq', F_i=rates, F_e=rates, runs=runs, n_inputs=n_inputs, duration=duration)
mb = sweep('meissner_bernard.eq', F_i=rates, F_e=rates, runs=runs, n_inputs=n_inputs, duration=duration)
lif = sweep('lif_statistics.eq', F_i=rates, F_e=rates, runs=runs, n_inputs=n_inputs, duration=duration, warmup=warmup)

save(freq_Fs=stack([stack([vdp.rate_mean, vdp.rate_std], axis=-1),
                    stack([clopath.rate_mean, clopath.rate_std], axis=-1),
                    stack([mb.rate_mean, mb.rate_std], axis=-1)]),
     freq_ws=stack([stack([vdp.w_E, vdp.w_I], axis=2),
                    stack([clopath.w_E, clopath.w_I], axis=2),
                    stack([mb.w_E, mb.w_I], axis=2)]),
     membrane_potential_statistics_Fs=lif.F,
     membrane_potential_statistics_vs=stack([lif.v_mean, lif.v_std], axis=-1))

# -- the figure -------------------------------------------------------------------------------------------------------

balance = (lif.F_e - lif.F_i)/Hz            # colour: more inhibition is blue, more excitation is red
limit = max(abs(balance))
low, high = 1 - spacing/2, max(rates/Hz) + spacing/2

fig = plt.figure(figsize=(14, 8))
gs = fig.add_gridspec(3, 6, width_ratios=[1, .12, 1, .12, 1, .05], height_ratios=[1, 1, 1], hspace=.55, wspace=.35)

# A: the output rate that the input rates give
ax = fig.add_subplot(gs[0, 0])
im = ax.imshow(lif.F, origin='lower', extent=[low, high, low, high], aspect='auto', cmap='viridis')
cbar = fig.colorbar(im, ax=ax, label='F$_{out}$ [Hz]')
ax.set_xlabel('F$_E$ [Hz]')
ax.set_ylabel('F$_I$ [Hz]')
ax.text(-.3, 1.1, 'A', transform=ax.transAxes, fontsize=16, fontweight='bold')

# B, C: the membrane potential
ax = fig.add_subplot(gs[0, 2])
ax.scatter(lif.F.flatten(), lif.v_mean.flatten(), c=balance.flatten(), cmap='RdBu_r', vmin=-limit, vmax=limit)
ax.set_ylabel(r'$\mu(v)$ [mV]')
ax.set_xlabel('F$_{out}$ [Hz]')
ax.text(-.25, 1.1, 'B', transform=ax.transAxes, fontsize=16, fontweight='bold')
ax.spines['top'].set_visible(False)
ax.spines['right'].set_visible(False)

ax = fig.add_subplot(gs[0, 4])
sc = ax.scatter(lif.F.flatten(), lif.v_std.flatten(), c=balance.flatten(), cmap='RdBu_r', vmin=-limit, vmax=limit)
ax.set_ylabel(r'$\sigma(v)$ [mV]')
ax.set_xlabel('F$_{out}$ [Hz]')
ax.text(-.25, 1.1, 'C', transform=ax.transAxes, fontsize=16, fontweight='bold')
ax.spines['top'].set_visible(False)
ax.spines['right'].set_visible(False)
cbar = fig.colorbar(sc, cax=fig.add_subplot(gs[0, 5]), ticks=[-50, 0, 50])
cbar.ax.set_yticklabels(['I>E', 'I=E', 'I<E'])

# D: the weights
ax = fig.add_subplot(gs[1, 0])
ax.scatter(mb.rate_mean.flatten(), mean(mb.w_E, axis=2).flatten(), c=balance.flatten(), cmap='RdBu_r', vmin=-limit, vmax=limit)
ax.axhline(100, color='grey', linestyle=':')
ax.set_title('MB', fontsize=14)
ax.set_ylabel(r'$\% w_0$')
ax.set_xlabel('F$_{out}$ [Hz]')
ax.text(-.3, 1.1, 'D', transform=ax.transAxes, fontsize=16, fontweight='bold')
ax.text(-.42, .5, 'excitatory', transform=ax.transAxes, ha='center', va='center', rotation='vertical')
ax.spines['top'].set_visible(False)
ax.spines['right'].set_visible(False)

ax = fig.add_subplot(gs[2, 0])
ax.scatter(mb.rate_mean.flatten(), mean(mb.w_I, axis=2).flatten(), c=balance.flatten(), cmap='RdBu_r', vmin=-limit, vmax=limit)
ax.axhline(100, color='grey', linestyle=':')
ax.set_ylabel(r'$\% w_0$')
ax.set_xlabel('F$_{out}$ [Hz]')
ax.text(-.42, .5, 'inhibitory', transform=ax.transAxes, ha='center', va='center', rotation='vertical')
ax.spines['top'].set_visible(False)
ax.spines['right'].set_visible(False)

ax = fig.add_subplot(gs[1, 2])
ax.scatter(clopath.rate_mean.flatten(), mean(clopath.w_E, axis=2).flatten(), c=balance.flatten(), cmap='RdBu_r', vmin=-limit, vmax=limit)
ax.axhline(100, color='grey', linestyle=':')
ax.set_title('CM', fontsize=14)
ax.set_ylabel(r'$\% w_0$')
ax.set_xlabel('F$_{out}$ [Hz]')
ax.spines['top'].set_visible(False)
ax.spines['right'].set_visible(False)

ax = fig.add_subplot(gs[2, 2])
ax.scatter(clopath.rate_mean.flatten(), mean(clopath.w_I, axis=2).flatten(), c=balance.flatten(), cmap='RdBu_r', vmin=-limit, vmax=limit)
ax.axhline(100, color='grey', linestyle=':')
ax.set_ylabel(r'$\% w_0$')
ax.set_xlabel('F$_{out}$ [Hz]')
ax.spines['top'].set_visible(False)
ax.spines['right'].set_visible(False)

ax = fig.add_subplot(gs[1, 4])
sc = ax.scatter(vdp.rate_mean.flatten(), mean(vdp.w_E, axis=2).flatten(), c=balance.flatten(), cmap='RdBu_r', vmin=-limit, vmax=limit)
ax.axhline(100, color='grey', linestyle=':')
ax.set_title('VDP', fontsize=14)
ax.set_ylabel(r'$\% w_0$')
ax.set_xlabel('F$_{out}$ [Hz]')
ax.spines['top'].set_visible(False)
ax.spines['right'].set_visible(False)
cbar = fig.colorbar(sc, cax=fig.add_subplot(gs[1, 5]), ticks=[-50, 0, 50])
cbar.ax.set_yticklabels(['I>E', 'I=E', 'I<E'])

ax = fig.add_subplot(gs[2, 4])
sc = ax.scatter(vdp.rate_mean.flatten(), mean(vdp.w_I, axis=2).flatten(), c=balance.flatten(), cmap='RdBu_r', vmin=-limit, vmax=limit)
ax.axhline(100, color='grey', linestyle=':')
ax.set_ylabel(r'$\% w_0$')
ax.set_xlabel('F$_{out}$ [Hz]')
ax.spines['top'].set_visible(False)
ax.spines['right'].set_visible(False)
cbar = fig.colorbar(sc, cax=fig.add_subplot(gs[2, 5]), ticks=[-50, 0, 50])
cbar.ax.set_yticklabels(['I>E', 'I=E', 'I<E'])

plt.savefig('fig3_rate_effect_with_stats.pdf', bbox_inches='tight')
plt.savefig('fig3_rate_effect_with_stats.png', bbox_inches='tight')
