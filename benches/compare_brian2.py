#!/usr/bin/env python3
"""dslsim and Brian2 on the same model files, measured in turn, in one go, with as many threads each.

    python benches/compare_brian2.py                                    # the five simulations, 2 s of model time each
    python benches/compare_brian2.py --models vdp,lif_statistics --targets cython --repeats 5
    python benches/compare_brian2.py --models large --threads 2 --duration 1             # the large networks
    python benches/compare_brian2.py --set runs=5 --set n_inputs=20 --duration 0.2      # a quick look

Run it with a Python that has Brian2 2.11 and Cython. A C++ compiler and make are needed for cpp_standalone. Without a
dslsim (--dslsim, else target/release/dslsim, else the PATH) only Brian2 is measured.

Brian2 executes the files of models/ as they stand, each time in a process of its own, with the same parameters.
For each model, every engine is run once from nothing (cold), then --repeats times (warm), taking turns:

    loop   simulating only: the time steps, summed over the run() calls of the file
    warm   the whole job again, with nothing to compile that can be kept:
           cython: the file, from reading it to having the results (code from the cache);
           cpp_standalone: the compiled program once more; dslsim: its process, start to end (it keeps no code)
    cold   the whole job, code generation and compilation included

Brian2's figures leave out the start of Python and the import of Brian2; dslsim's leave out nothing.
Loop and warm are medians. The ratios are Brian2's time divided by dslsim's: above 1, dslsim is faster.
The saved results stand below the times: the engines have to have done the same work. dslsim's default random stream is
its own, and where there is noise so is that of Brian2's cython: they agree within the spread over seeds. numpy,
cpp_standalone and dslsim --rng brian2 draw the same numbers and agree to rounding.
"""
import argparse
import importlib.util
import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
MODELS = ['vdp', 'clopath', 'meissner_bernard', 'lif_statistics', 'hh_statistics']
LARGE = ['benchmarks/' + name for name in ('cuba', 'coba', 'cobahh', 'stdp', 'brunel', 'brunel_stdp')]
TARGETS = ['cpp_standalone', 'cython', 'numpy']
ONE_THREAD = {name: '1' for name in ('OMP_NUM_THREADS', 'OPENBLAS_NUM_THREADS', 'MKL_NUM_THREADS', 'NUMEXPR_NUM_THREADS')}


class Failed(Exception):
    pass


# ---------------------------------------------------------------- in the child process: one model file under Brian2


def runner():
    """tests/conformance/run_in_brian2.py, which defines what a model file is for Brian2."""
    path = os.path.join(ROOT, 'tests', 'conformance', 'run_in_brian2.py')
    spec = importlib.util.spec_from_file_location('run_in_brian2', path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def assignment(name):
    return re.compile(rf'^{re.escape(name)}[ \t]*=(?!=).*$', re.M)


def with_parameters(text, parameters):
    """What `dslsim run --set NAME=EXPR` does: another value at the first assignment."""
    for name, value in parameters.items():
        text = assignment(name).sub(lambda _: f'{name} = {value}', text, count=1)
    return text


def parameters_of(model, parameters):
    """Those that the model has: only the statistics have a warmup."""
    with open(os.path.join(ROOT, 'models', model + '.eq'), encoding='utf-8') as handle:
        text = handle.read()
    return {name: value for name, value in parameters.items() if assignment(name).search(text)}


def child(job):
    """Executes the model file; returns its times and what it saves (the mean, where it is an array)."""
    import brian2
    import numpy as np

    library = runner()
    brian2.prefs.logging.file_log = False
    brian2.prefs.logging.save_script = False
    brian2.BrianLogger.log_level_error()
    standalone = job['target'] == 'cpp_standalone'
    if standalone:
        if job['threads'] > 1:
            brian2.prefs.devices.cpp_standalone.openmp_threads = job['threads']
        brian2.set_device('cpp_standalone', build_on_run=False)
        brian2.device.insert_code(
            'after_network_run',
            '{ std::ofstream loop("loop_seconds.txt", std::ios::app); loop.precision(9); loop << Network::_last_run_time << std::endl; }')
    else:
        brian2.prefs.codegen.target = job['target']
        brian2.prefs.codegen.runtime.cython.cache_dir = os.path.join(job['folder'], 'cache')

    begin = time.perf_counter()
    source = with_parameters(library.read_source(job['file']), job['set'])
    runs_left = len(re.findall(r'^run\(', source, re.M))
    loops = []
    saved = {}
    true_run = brian2.run

    def run(*args, **kwargs):
        nonlocal runs_left
        true_run(*args, **{**kwargs, 'level': 1, 'report': None})      # level: names come from the model file
        runs_left -= 1
        if not standalone:
            loops.append(brian2.device._last_run_time)
        elif runs_left == 0:                                           # results can be read from here on
            brian2.device.build(directory=job['folder'], clean=False, with_output=False)
            loops.extend(read_loops(job['folder']))

    def save(**named):
        saved.update((name, float(np.mean(library.to_array(value)))) for name, value in named.items())

    folders = [os.path.dirname(job['file'])]

    def include(name):
        path = os.path.join(folders[-1], name)
        folders.append(os.path.dirname(path))
        exec(compile(library.read_source(path), os.path.basename(path), 'exec'), namespace)
        folders.pop()

    namespace = {'__name__': '__model__'}
    for name, function in dict(run=run, save=save, include=include).items():
        setattr(brian2, name, function)                                # the file says `from brian2 import *`
        namespace[name] = function
    exec(compile(source, os.path.basename(job['file']), 'exec'), namespace)
    total = time.perf_counter() - begin
    return dict(loop=sum(loops), total=total, saved=saved)


def read_loops(folder):
    with open(os.path.join(folder, 'loop_seconds.txt')) as handle:
        return [float(line) for line in handle]


def child_main():
    job = json.loads(sys.stdin.read())
    out = os.dup(1)
    os.dup2(2, 1)                                                      # what Brian2, make and the model print
    try:
        answer = child(job)
    except Failed as error:
        sys.exit(str(error))
    os.write(out, json.dumps(answer).encode())


# ---------------------------------------------------------------- one measurement


def call(command, folder=None, stdin=None):
    result = subprocess.run(command, cwd=folder, input=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                            env={**os.environ, **ONE_THREAD})
    if result.returncode:
        lines = result.stderr.strip().splitlines() or [f'exit code {result.returncode}']
        raise Failed(re.sub(r'(/[^\s/:"\']+)+/', '', lines[-1]))
    return result.stdout


class Brian2:
    """One model under one target: `cold()` once, then `warm()` as often as wanted."""

    def __init__(self, target, model, parameters, folder, threads):
        self.name = target
        os.makedirs(folder)
        self.folder = folder
        self.job = json.dumps(dict(target=target, file=os.path.join(ROOT, 'models', model + '.eq'), set=parameters, folder=folder, threads=threads))

    def execute(self):
        return json.loads(call([sys.executable, os.path.abspath(__file__), '--child'], stdin=self.job))

    def cold(self):
        return self.execute()

    def warm(self):
        if self.name != 'cpp_standalone':
            return self.execute()
        os.remove(os.path.join(self.folder, 'loop_seconds.txt'))
        begin = time.perf_counter()
        call([os.path.join('.', 'main'), '--results_dir', os.path.join(self.folder, 'results', '')], folder=self.folder)
        return dict(loop=sum(read_loops(self.folder)), total=time.perf_counter() - begin, saved=None)


class Dslsim:
    name = 'dslsim'

    def __init__(self, binary, rng, model, parameters, folder, threads):
        self.out = os.path.join(folder, 'results')
        self.command = [binary, 'run', os.path.join(ROOT, 'models', model + '.eq'), '--threads', str(threads), '--rng', rng, '--out', self.out, '--quiet']
        for name, value in parameters.items():
            self.command += ['--set', f'{name}={value}']

    def warm(self):
        import numpy as np
        shutil.rmtree(self.out, ignore_errors=True)
        begin = time.perf_counter()
        call(self.command)
        total = time.perf_counter() - begin
        with open(os.path.join(self.out, 'run.json'), encoding='utf-8') as handle:
            timing = json.load(handle)['timing']
        loop = timing.get('run_seconds', timing.get('run'))
        if loop is None:
            raise Failed('run.json has no timing.run_seconds')
        saved = {f[:-4]: float(np.mean(np.load(os.path.join(self.out, f)))) for f in os.listdir(self.out)
                 if f.endswith('.npy') and '.' not in f[:-4]}
        return dict(loop=float(loop), total=total, saved=saved, timing=timing)

    cold = warm


def measure(engines, repeats, say):
    """{engine: {loop, warm, cold, saved} or {error}}"""
    figures = {}
    for engine in engines:
        say(f'{engine.name} cold')
        try:
            first = engine.cold()
            figures[engine.name] = dict(cold=first['total'], saved=first['saved'], loops=[], warms=[], timing=first.get('timing'))
        except Failed as error:
            figures[engine.name] = dict(error=str(error))
    for repeat in range(repeats):
        for engine in engines:
            figure = figures[engine.name]
            if 'error' in figure:
                continue
            say(f'{engine.name} {repeat + 1}/{repeats}')
            try:
                again = engine.warm()
                figure['loops'].append(again['loop'])
                figure['warms'].append(again['total'])
            except Failed as error:
                figures[engine.name] = dict(error=str(error))
    for figure in figures.values():
        if 'error' not in figure:
            figure['loop'] = statistics.median(figure['loops'])
            figure['warm'] = statistics.median(figure['warms'])
    return figures


# ---------------------------------------------------------------- what is printed


def machine(dslsim):
    cpu = platform.processor() or platform.machine()
    try:
        with open('/proc/cpuinfo', encoding='utf-8') as handle:
            cpu = re.search(r'^model name\s*:\s*(.*)$', handle.read(), re.M).group(1)
    except (OSError, AttributeError):
        pass
    from importlib.metadata import PackageNotFoundError, version
    versions = ['Python ' + platform.python_version()]
    for package in ('brian2', 'numpy', 'sympy', 'cython'):
        try:
            versions.append(f'{package} {version(package)}')
        except PackageNotFoundError:
            versions.append(f'no {package}')
    compiler = shutil.which('g++') or shutil.which('c++')
    if compiler:
        versions.append(call([compiler, '--version']).splitlines()[0])
    lines = [time.strftime('%Y-%m-%d %H:%M %Z'),
             f'{cpu}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}',
             ', '.join(versions)]
    if dslsim:
        lines.append(' '.join(call([dslsim, '--version']).split('\n')).strip())
    if hasattr(os, 'getloadavg'):
        lines.append(f'load before the start: {os.getloadavg()[0]:.2f}')
    return lines


def seconds(value):
    return f'{value:.3f}' if value < 10 else f'{value:.1f}'


def table(model, figures):
    print(f'\n{model}')
    print(f"  {'':<16}{'loop s':>9}{'(min .. max)':>18}{'warm s':>9}{'cold s':>9}      {'ratio: loop':>11}{'warm':>8}{'cold':>8}")
    ours = figures.get('dslsim', {})
    for name, f in figures.items():
        if 'error' in f:
            print(f"  {name:<16}failed: {f['error']}")
            continue
        spread = f"({seconds(min(f['loops']))} .. {seconds(max(f['loops']))})"
        line = f"  {name:<16}{seconds(f['loop']):>9}{spread:>18}{seconds(f['warm']):>9}{seconds(f['cold']):>9}      "
        if 'loop' in ours and name != 'dslsim':
            line += f"{f['loop']/ours['loop']:>11.2f}{f['warm']/ours['warm']:>8.2f}{f['cold']/ours['cold']:>8.2f}"
        print(line.rstrip())
    for name, f in figures.items():
        if 'error' not in f:
            print(f'  {name:<16}' + ', '.join(f'{key} {value:.6g}' for key, value in sorted(f['saved'].items())))
    sys.stdout.flush()


def find_dslsim(given):
    if given:
        found = shutil.which(given)
        if not found:
            sys.exit(f'compare_brian2: there is no program {os.path.basename(given)} where --dslsim says')
        return os.path.abspath(found)
    built = os.path.join(ROOT, 'target', 'release', 'dslsim.exe' if os.name == 'nt' else 'dslsim')
    return built if os.path.exists(built) else shutil.which('dslsim')


def names(text, known, what):
    chosen = [name.strip() for name in text.split(',') if name.strip()]
    for name in chosen:
        if name not in known:
            sys.exit(f"compare_brian2: no {what} {name!r}; there are {', '.join(known)}")
    return chosen


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument('--dslsim', metavar='PATH', help='the program (default: target/release/dslsim, else from the PATH)')
    ap.add_argument('--no-dslsim', action='store_true', help='measure Brian2 only')
    ap.add_argument('--models', default=','.join(MODELS), help='default: the five of the paper; large: all of models/benchmarks')
    ap.add_argument('--targets', default='cpp_standalone,cython', help='of Brian2; also: numpy')
    ap.add_argument('--duration', type=float, default=2, metavar='SECONDS', help='model time (default 2)')
    ap.add_argument('--repeats', type=int, default=3)
    ap.add_argument('--threads', type=int, default=1, help='of cpp_standalone (OpenMP) and dslsim; cython has one')
    ap.add_argument('--set', action='append', default=[], metavar='NAME=EXPR', help='another parameter, for all engines and all models that have it')
    ap.add_argument('--rng', default='fast', choices=['fast', 'brian2'], help="dslsim's random stream")
    ap.add_argument('--json', metavar='FILE', help='also write all single figures there')
    args = ap.parse_args()
    if args.repeats < 1:
        ap.error('--repeats must be at least 1')
    models = names(','.join(LARGE) if args.models == 'large' else args.models, MODELS + LARGE, 'model')
    targets = names(args.targets, TARGETS, 'target')
    parameters = {'duration': f'{args.duration!r}*second'}
    for item in args.set:
        name, equals, value = item.partition('=')
        if not equals:
            ap.error(f'--set {item}: NAME=EXPR is needed')
        parameters[name.strip()] = value.strip()
    sets = {model: parameters_of(model, parameters) for model in models}
    for name in parameters:
        if not any(name in chosen for chosen in sets.values()):
            ap.error(f'--set {name}: none of these models has such a parameter')
    dslsim = None if args.no_dslsim else find_dslsim(args.dslsim)

    about = machine(dslsim)
    about.append('parameters: ' + ', '.join(f'{k} = {v}' for k, v in parameters.items())
                 + f'; {args.repeats} repeats; threads: {args.threads}' + (f'; dslsim --rng {args.rng}' if dslsim else ''))
    print('\n'.join(about))
    if not dslsim and not args.no_dslsim:
        print('no dslsim found: Brian2 only')
    sys.stdout.flush()
    everything = dict(about=about, models={})
    failed = False
    terminal = sys.stderr.isatty()
    for model in models:
        with tempfile.TemporaryDirectory(prefix='compare-') as folder:
            engines = [Brian2(target, model, sets[model], os.path.join(folder, target), args.threads) for target in targets]
            if dslsim:
                engines.append(Dslsim(dslsim, args.rng, model, sets[model], folder, args.threads))
            figures = measure(engines, args.repeats,
                              lambda what: terminal and print(f'\r\033[K{model}: {what}', end='', file=sys.stderr, flush=True))
        if terminal:
            print('\r\033[K', end='', file=sys.stderr)
        table(model, figures)
        failed |= any('error' in f for f in figures.values())
        everything['models'][model] = figures
    if args.json:
        with open(args.json, 'w', encoding='utf-8') as handle:
            json.dump(everything, handle, indent=1)
            handle.write('\n')
    return 1 if failed else 0


if __name__ == '__main__':
    if sys.argv[1:] == ['--child']:
        child_main()
    else:
        sys.exit(main())
