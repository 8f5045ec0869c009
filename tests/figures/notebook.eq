# A figure with panels in a grid with rows and columns of different sizes, points coloured by value, and colour bars.
from pylab import *
import numpy as np

F_e = np.arange(1, 100, 5)
F_i = np.arange(1, 100, 5)
balances = F_e.reshape(1, 20) - F_i.reshape(20, 1)
F = 60/(1 + exp(-balances/15.0))
mean_v = -62 + 8*tanh(balances/40.0) + 0.02*F
std_v = 2 + 3*exp(-(balances/50.0)**2)
w_e = 100 + 20*sin(balances/30.0)
w_i = 100 + 40*tanh(-balances/30.0)

fig = figure(figsize=(14, 8))
gs = fig.add_gridspec(5, 6, height_ratios=[1, 0.0, 1, 0.6, 1], width_ratios=[1, 0.2, 1, 0.3, 1, 0.1])
gs.hspace = 0.8
palette = rcParams['axes.prop_cycle'].by_key()['color']

ax = fig.add_subplot(gs[0, 2])
sc1 = ax.scatter(F.flatten(), mean_v.flatten(), c=balances.flatten(), cmap='RdBu_r')
ax.set_ylabel('$\mu(v)$')
ax.set_xlabel('F$_{out}$ [Hz]')
ax.spines['top'].set_visible(False)
ax.spines['right'].set_visible(False)
ax.text(-0.4, 1.1, 'B', transform=ax.transAxes, fontsize=16, fontweight='bold')

ax = fig.add_subplot(gs[0, 4])
sc1 = ax.scatter(F.flatten(), std_v.flatten(), c=balances.flatten(), cmap='RdBu_r')
ax.set_ylabel('$\sigma(v)$')
ax.set_xlabel('F$_{out}$ [Hz]')
ax.spines['top'].set_visible(False)
ax.spines['right'].set_visible(False)

ax = fig.add_subplot(gs[2, 0])
sc1 = ax.scatter(F.flatten(), w_e.flatten(), c=balances.flatten(), cmap='RdBu_r')
ax.plot([np.min(F), np.max(F)], [100, 100], color='grey', linestyle=':')
ax.set_ylabel('$\% w_0$')
ax.set_xlabel('F$_{out}$ [Hz]')
ax.set_title('MB', fontsize=14)
ax.text(-50, 100, 'excitatory', ha='center', va='center', rotation='vertical')
ax.spines['top'].set_visible(False)
ax.spines['right'].set_visible(False)

ax = fig.add_subplot(gs[4, 0])
sc1 = ax.scatter(F.flatten(), w_i.flatten(), c=balances.flatten(), cmap='RdBu_r')
ax.plot([np.min(F), np.max(F)], [100, 100], color='grey', linestyle=':')
ax.set_ylabel('$\% w_0$')
ax.set_xlabel('F$_{out}$ [Hz]')
ax.text(-50, 100, 'inhibitory', ha='center', va='center', rotation='vertical')
ax.spines['top'].set_visible(False)
ax.spines['right'].set_visible(False)

ax = fig.add_subplot(gs[2, 2])
sc = ax.scatter(F.flatten(), w_e.flatten()*1.2, c=balances.flatten(), cmap='RdBu_r')
ax.plot([np.min(F), np.max(F)], [100, 100], color='grey', linestyle=':')
ax.set_xlabel('F$_{out}$ [Hz]')
ax.set_ylabel('$\% w_0$')
ax.set_title('CM', fontsize=14)

ax = fig.add_subplot(gs[2, 4])
sc1 = ax.scatter(F.flatten(), w_e.flatten()*0.9, c=balances.flatten(), cmap='RdBu_r')
ax.plot([np.min(F), np.max(F)], [100, 100], color='grey', linestyle=':')
ax.set_ylabel('$\% w_0$')
ax.set_xlabel('F$_{out}$ [Hz]')
ax.set_title('VDP', fontsize=14)
ax = fig.add_subplot(gs[0, 5])
cbar1 = fig.colorbar(sc1, ax, ticks=[-50, 0, 50])
cbar1.ax.set_yticklabels(['I>E', 'I=E', 'I<E'])

ax = fig.add_subplot(gs[4, 4])
sc1 = ax.scatter(F.flatten(), w_i.flatten(), c=balances.flatten(), cmap='RdBu_r')
ax.set_ylabel('$\% w_0$')
ax.set_xlabel('F$_{out}$ [Hz]')
ax = fig.add_subplot(gs[2, 5])
cbar1 = fig.colorbar(sc1, ax, ticks=[-50, 0, 50])
cbar1.ax.set_yticklabels(['I>E', 'I=E', 'I<E'])
ax = fig.add_subplot(gs[4, 5])
cbar1 = fig.colorbar(sc1, ax, ticks=[-50, 0, 50])
cbar1.ax.set_yticklabels(['I>E', 'I=E', 'I<E'])

savefig('fig3.png', bbox_inches='tight')
savefig('fig3.pdf', bbox_inches='tight')
