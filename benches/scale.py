#!/usr/bin/env python3
"""Cost against size: neurons from 10^3 to 10^6, synapses from 10^5 to 10^8, as memory allows.

    python benches/scale.py                     # everything that fits
    python benches/scale.py --most 1e7          # up to so many synapses

The network is Brunel's without its feedback being tuned: independent Poisson numbers drive every neuron to about 10 Hz, synapses are many
but weak, with one weight for all and one delay. Printed for each size: connecting, per synapse; a step's state update, per neuron; a
spike's delivery, per synapse reached; memory of the process, per synapse.
"""
import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
SIZES = [(10**3, 10**5), (10**4, 10**5), (10**4, 10**6), (10**5, 10**6), (10**4, 10**7), (10**5, 10**7), (10**6, 10**7), (10**5, 10**8), (10**6, 10**8)]

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
    args = parser.parse_args()
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
        print(f"| {neurons:.0e} | {n:.2e} | {timing['connect_seconds']/n*1e9:.1f} | {update/steps/neurons*1e9:.2f} "
              f"| {deliver/reached*1e9:.2f} | {memory/n:.1f} | {timing['run_seconds']:.2f} |", flush=True)


if __name__ == '__main__':
    main()
