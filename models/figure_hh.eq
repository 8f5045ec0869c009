# The appendix figure: the membrane potential of a Hodgkin-Huxley neuron under excitation and inhibition.
#
# Each point of a panel is one pair of input rates: mean and standard deviation of the mean membrane potential against the
# output rate; the colour is the difference of the input rates. Model and experiment: Rubisch, Stefan and Hennig (2024).
#
#     dslsim run models/figure_hh.eq                      400 simulations of 100 neurons; then only the drawing
#     dslsim run models/figure_hh.eq --set spacing=25     a quick look: 16 simulations
#
# The simulations are kept in results/figure_hh/*.zarr; a run that was stopped goes on where it was.
#
# Saves membrane_potential_statistics_Fs_HH    F_i, F_e: output rate                                            (Hz)
#       membrane_potential_statistics_vs_HH    F_i, F_e, mean and std of the mean membrane potential            (mV)

from brian2 import *
import matplotlib.pyplot as plt

spacing = 5              # of the input rates, in Hz
runs = 100               # repetitions for each pair of rates
n_inputs = 100           # inputs of each kind for each neuron
duration = 10*second
warmup = 1*second        # before the membrane potential is recorded

rates = arange(1, 100, spacing)*Hz

hh = sweep('hh_statistics.eq', F_i=rates, F_e=rates, runs=runs, n_inputs=n_inputs, duration=duration, warmup=warmup)

save(membrane_potential_statistics_Fs_HH=hh.F,
     membrane_potential_statistics_vs_HH=stack([hh.v_mean, hh.v_std], axis=-1))

# -- the figure -------------------------------------------------------------------------------------------------------

balance = (hh.F_e - hh.F_i)/Hz              # colour: more inhibition is blue, more excitation is red
limit = max(abs(balance))
low, high = 1 - spacing/2, max(rates/Hz) + spacing/2

fig = plt.figure(figsize=(14, 4))
gs = fig.add_gridspec(1, 6, width_ratios=[1, .12, 1, .12, 1, .05], wspace=.35)

# A: the output rate that the input rates give
ax = fig.add_subplot(gs[0, 0])
im = ax.imshow(hh.F, origin='lower', extent=[low, high, low, high], aspect='auto', cmap='viridis')
cbar = fig.colorbar(im, ax=ax, label='F$_{out}$ [Hz]')
ax.set_xlabel('F$_E$ [Hz]')
ax.set_ylabel('F$_I$ [Hz]')
ax.text(-.3, 1.05, 'A', transform=ax.transAxes, fontsize=16, fontweight='bold')

# B, C: the membrane potential
ax = fig.add_subplot(gs[0, 2])
ax.scatter(hh.F.flatten(), hh.v_mean.flatten(), c=balance.flatten(), cmap='RdBu_r', vmin=-limit, vmax=limit)
ax.set_ylabel(r'$\mu(v)$ [mV]')
ax.set_xlabel('F$_{out}$ [Hz]')
ax.text(-.25, 1.05, 'B', transform=ax.transAxes, fontsize=16, fontweight='bold')
ax.spines['top'].set_visible(False)
ax.spines['right'].set_visible(False)

ax = fig.add_subplot(gs[0, 4])
sc = ax.scatter(hh.F.flatten(), hh.v_std.flatten(), c=balance.flatten(), cmap='RdBu_r', vmin=-limit, vmax=limit)
ax.set_ylabel(r'$\sigma(v)$ [mV]')
ax.set_xlabel('F$_{out}$ [Hz]')
ax.text(-.25, 1.05, 'C', transform=ax.transAxes, fontsize=16, fontweight='bold')
ax.spines['top'].set_visible(False)
ax.spines['right'].set_visible(False)
cbar = fig.colorbar(sc, cax=fig.add_subplot(gs[0, 5]), ticks=[-50, 0, 50])
cbar.ax.set_yticklabels(['I>E', 'I=E', 'I<E'])

plt.savefig('input_composition_HH.pdf', bbox_inches='tight')
plt.savefig('input_composition_HH.png', bbox_inches='tight')
