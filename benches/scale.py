#!/usr/bin/env python3
"""Cost against size: neurons from 10^3 to 10^6, synapses from 10^5 to 10^8, as memory allows.

    python benches/scale.py                     # everything that fits
    python benches/scale.py --most 1e7          # up to so many synapses
    python benches/scale.py --picture scale.svg # and draw it, with dslsim itself

The network is Brunel's without its feedback being tuned: independent Poisson numbers drive every neuron to about 10 Hz, synapses are many
but weak, with one weight for all and one delay. Printed for each size: connecting, per synapse; a step's state update, per neuron; a
spike's delivery, per synapse reached; memory of the process, per synapse. Run it with a Python that has NumPy.
"""
import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
SIZES = [(10**3, 10**5), (10**4, 10**5), (3*10**3, 3*10**5), (10**4, 10**6), (3*10**4, 3*10**6), (10**5, 10**6), (10**4, 10**7), (10**5, 10**7),
         (3*10**5, 10**7), (10**6, 10**7), (10**5, 10**8), (10**6, 10**8)]

MODEL = '''from brian2 import *
seed(1)
N = 1000
C = 100                        # synapses of each neuron
duration = 100*ms
tau = 20*ms
P = NeuronGroup(N, 'dv/dt = (1.05 - v)/tau : 1 (unless refractory)', threshold='v > 1', reset='v = 0', refractory=2*ms, method='exact')
P.v = 'rand()'
S = Synapses(P, P, on_pre='v += 1e-9', delay=1.5*ms)
S.connect(p=C/N)
spikes = SpikeMonitor(P, record=False)
run(duration)
save(n=S.N, spikes=spikes.num_spikes)
'''

# Bytes of the caches that one array of the neurons outgrows.
CACHES = ((32e3, 'L1'), (1e6, 'L2'), (32e6, 'L3'))
PANELS = (('neurons', 'state update, ns per neuron and step', 0, 3), ('synapses', 'connecting, ns per synapse', 1, 2),
          ('synapses', 'delivery, ns per synapse reached', 1, 4))


def draw(program, rows, picture):
    """A panel for each cost, a line for each number of neurons where there are several."""
    lines = ['from brian2 import *', 'figure(figsize=(11, 3.6))']
    for number, (axis, title, at, cost) in enumerate(PANELS, 1):
        lines.append(f'subplot(1, 3, {number})')
        if at == 0:
            best = {}
            for row in rows:
                best.setdefault(row[0], []).append(row[cost])
            groups = {'all': sorted((n, min(costs)) for n, costs in best.items())}
        else:
            groups = {}
            for row in sorted(rows, key=lambda row: row[1]):
                groups.setdefault(row[0], []).append((row[at], row[cost]))
        for name, points in sorted(groups.items()):
            x, y = zip(*points)
            label = '' if name == 'all' else f", label='{name:,} neurons'"
            lines.append(f"semilogx({list(x)}, {list(y)}, 'o-'{label})")
        if at == 0:
            for bytes_, cache in CACHES:
                lines.append(f"axvline({bytes_/8:.0f}, color='0.7', linestyle='--')")
                lines.append(f"text({bytes_/8*1.1:.0f}, 0.03, '{cache}')")
        else:
            lines.append('legend(fontsize=7)')
        lines += [f"xlabel('{axis}')", f"ylabel('{title}')", 'ylim(bottom=0)']
    lines += ['tight_layout()', f"savefig('{os.path.basename(picture)}')"]
    with tempfile.TemporaryDirectory() as folder:
        model = os.path.join(folder, 'picture.eq')
        with open(model, 'w', encoding='utf-8') as handle:
            handle.write('\n'.join(lines) + '\n')
        subprocess.run([program, 'run', model, '--out', folder, '--quiet'], check=True)
        shutil.copy(os.path.join(folder, os.path.basename(picture)), picture)


def available():
    with open('/proc/meminfo', encoding='utf-8') as handle:
        for line in handle:
            if line.startswith('MemAvailable'):
                return int(line.split()[1])*1024
    return 0


def measure(program, neurons, synapses, threads, folder):
    model = os.path.join(folder, 'scale.eq')
    with open(model, 'w', encoding='utf-8') as handle:
        handle.write(MODEL)
    out = os.path.join(folder, 'out')
    command = [program, 'run', model, '--out', out, '--quiet', '--profile', '--threads', str(threads),
               '--set', f'N={neurons}', '--set', f'C={synapses//neurons}']
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(process.stderr.read().strip() or 'dslsim failed')
    with open(os.path.join(out, 'run.json'), encoding='utf-8') as handle:
        run = json.load(handle)
    import numpy
    n, spikes = (float(numpy.load(os.path.join(out, name + '.npy'))) for name in ('n', 'spikes'))
    parts = {part['name']: part['seconds'] for part in run.get('profile', [])}
    return n, spikes, run['timing'], parts, usage.ru_maxrss*1024


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--dslsim', default=os.path.join(ROOT, 'target', 'release', 'dslsim'))
    parser.add_argument('--threads', type=int, default=1)
    parser.add_argument('--most', type=float, default=1e8, help='synapses')
    parser.add_argument('--picture', help='the file to draw to: .svg, .pdf or .png')
    args = parser.parse_args()
    rows = []
    print(time.strftime('%Y-%m-%d %H:%M UTC', time.gmtime()), f'load {os.getloadavg()[0]:.2f}, threads {args.threads}')
    print('| neurons | synapses | connect ns/synapse | update ns/neuron and step | delivery ns/synapse | memory B/synapse | loop s |')
    print('| ---: | ---: | ---: | ---: | ---: | ---: | ---: |')
    for neurons, synapses in SIZES:
        if synapses > args.most or synapses*40 > available():
            continue
        with tempfile.TemporaryDirectory() as folder:
            n, spikes, timing, parts, memory = measure(args.dslsim, neurons, synapses, args.threads, folder)
        steps = 1000
        update = sum(s for name, s in parts.items() if name.startswith('neurongroup_stateupdater'))
        deliver = sum(s for name, s in parts.items() if name.startswith('synapses'))
        reached = max(spikes*n/neurons, 1)
        rows.append((neurons, n, timing['connect_seconds']/n*1e9, update/steps/neurons*1e9, deliver/reached*1e9))
        print(f"| {neurons:.0e} | {n:.2e} | {timing['connect_seconds']/n*1e9:.1f} | {update/steps/neurons*1e9:.2f} "
              f"| {deliver/reached*1e9:.2f} | {memory/n:.1f} | {timing['run_seconds']:.2f} |", flush=True)
    if args.picture:
        draw(args.dslsim, rows, args.picture)


if __name__ == '__main__':
    main()
