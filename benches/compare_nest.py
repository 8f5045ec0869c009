#!/usr/bin/env python3
"""dslsim and NEST on the networks that both can express: CUBA and Brunel's.

    python benches/compare_nest.py                          # 4,000 and 10,000 neurons, 1 s of model time, one thread
    python benches/compare_nest.py --threads 2 --repeats 5

Run it with a Python that has NEST 3 (`pip install nest-simulator`). Both simulators are run in turn, each time in a process of its own.

    build   making neurons and synapses
    loop    simulating: the time steps

CUBA is `iaf_psc_exp` (exact integration, exponential currents), where a weight in pA is that of the model file times C/tau; Brunel's
network is `iaf_psc_delta` with its external input as `poisson_generator`, where the model file draws binomial numbers of the same mean.
NEST has no delay of zero: CUBA's spikes travel for one step there, and for none in the model file. Connections are drawn by each
simulator: rates agree within the spread over seeds, and the work of a step is the same.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
SIZES = {'cuba': 4000, 'brunel': 10000}


# ---------------------------------------------------------------- in the child process


def cuba(nest, n):
    c, tau = 200.0, 20.0
    neurons = nest.Create('iaf_psc_exp', n, params=dict(
        C_m=c, tau_m=tau, tau_syn_ex=5.0, tau_syn_in=10.0, t_ref=5.0, E_L=-49.0, V_th=-50.0, V_reset=-60.0))
    neurons.V_m = nest.random.uniform(-60.0, -50.0)
    rule = dict(rule='pairwise_bernoulli', p=80/n)
    n_e = 4*n//5
    for part, weight in ((neurons[:n_e], 60*0.27/10), (neurons[n_e:], -20*4.5/10)):
        nest.Connect(part, neurons, rule, dict(synapse_model='static_synapse', weight=weight*c/tau, delay=0.1))
    return neurons


def brunel(nest, n, g=5.0, ratio=2.0, epsilon=0.1):
    n_e = 4*n//5
    j = 0.1*10000/n
    c_ext = int(epsilon*n_e)
    neurons = nest.Create('iaf_psc_delta', n, params=dict(
        C_m=1.0, tau_m=20.0, t_ref=2.0, E_L=0.0, V_th=20.0, V_reset=10.0))
    neurons.V_m = nest.random.uniform(0.0, 20.0)
    rule = dict(rule='pairwise_bernoulli', p=epsilon)
    for part, weight in ((neurons[:n_e], j), (neurons[n_e:], -g*j)):
        nest.Connect(part, neurons, rule, dict(synapse_model='static_synapse', weight=weight, delay=1.5))
    rate = ratio*20.0/(j*c_ext*20.0)*1000.0*c_ext
    drive = nest.Create('poisson_generator', params=dict(rate=rate))
    nest.Connect(drive, neurons, syn_spec=dict(weight=j, delay=1.5))
    return neurons


def child(job):
    import nest
    nest.set_verbosity('M_ERROR')
    nest.ResetKernel()
    nest.SetKernelStatus(dict(resolution=0.1, local_num_threads=job['threads'], rng_seed=job['seed'], print_time=False))
    begun = time.perf_counter()
    neurons = dict(cuba=cuba, brunel=brunel)[job['model']](nest, job['n'])
    recorder = nest.Create('spike_recorder')
    nest.Connect(neurons, recorder)
    nest.Prepare()
    built = time.perf_counter()
    nest.Run(job['duration']*1000)
    done = time.perf_counter()
    nest.Cleanup()
    return dict(build=built - begun, loop=done - built, rate=recorder.n_events/job['n']/job['duration'],
                synapses=int(nest.num_connections), version=nest.__version__)


# ---------------------------------------------------------------- measuring


def under_nest(job):
    with tempfile.TemporaryDirectory() as folder:
        env = dict(os.environ, PYNEST_QUIET='1', OMP_NUM_THREADS=str(job['threads']))
        out = subprocess.run([sys.executable, os.path.abspath(__file__), '--child', json.dumps(job)],
                             capture_output=True, text=True, cwd=folder, env=env)
        if out.returncode:
            sys.exit(out.stderr.strip() or 'NEST failed')
        return json.loads(out.stdout.strip().splitlines()[-1])


def under_dslsim(program, job):
    with tempfile.TemporaryDirectory() as folder:
        command = [program, 'run', os.path.join(ROOT, 'models', 'benchmarks', job['model'] + '.eq'), '--out', folder, '--quiet',
                   '--threads', str(job['threads']), '--seed', str(job['seed']),
                   '--set', f"N={job['n']}", '--set', f"duration={job['duration']}*second"]
        out = subprocess.run(command, capture_output=True, text=True)
        if out.returncode:
            sys.exit(out.stderr.strip() or 'dslsim failed')
        with open(os.path.join(folder, 'run.json'), encoding='utf-8') as handle:
            run = json.load(handle)
        timing = run['timing']
        import numpy
        rate = float(numpy.load(os.path.join(folder, 'rate.npy')))
        return dict(build=timing['connect_seconds'], loop=timing['run_seconds'], rate=rate)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--models', default='cuba,brunel')
    parser.add_argument('--duration', type=float, default=1.0, help='model time in seconds')
    parser.add_argument('--repeats', type=int, default=3)
    parser.add_argument('--threads', type=int, default=1)
    parser.add_argument('--dslsim', default=os.path.join(ROOT, 'target', 'release', 'dslsim'))
    args = parser.parse_args()
    print(time.strftime('%Y-%m-%d %H:%M UTC', time.gmtime()), f'load {os.getloadavg()[0]:.2f}, threads {args.threads}, '
          f'{args.duration} s of model time, medians of {args.repeats}')
    print('| model | neurons | simulator | build s | loop s | rate Hz | loop ratio |')
    print('| --- | ---: | --- | ---: | ---: | ---: | ---: |')
    for model in args.models.split(','):
        job = dict(model=model, n=SIZES[model], duration=args.duration, threads=args.threads)
        rounds = [(under_nest(dict(job, seed=seed)), under_dslsim(args.dslsim, dict(job, seed=seed)))
                  for seed in range(1, args.repeats + 1)]
        middle = lambda which, key: statistics.median(r[which][key] for r in rounds)
        for which, name in ((0, 'NEST ' + rounds[0][0]['version']), (1, 'dslsim')):
            ratio = f"{middle(0, 'loop')/middle(1, 'loop'):.2f}" if which == 0 else ''
            print(f"| {model} | {job['n']} | {name} | {middle(which, 'build'):.3f} | {middle(which, 'loop'):.3f} "
                  f"| {middle(which, 'rate'):.2f} | {ratio} |", flush=True)


if __name__ == '__main__':
    if len(sys.argv) > 2 and sys.argv[1] == '--child':
        print(json.dumps(child(json.loads(sys.argv[2]))))
    else:
        main()
