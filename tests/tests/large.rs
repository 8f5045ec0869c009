//! The large networks: the same bits by any number of threads, and how much memory synapses take.

#![allow(clippy::panic, reason = "a test fails by a panic, in its helpers too")]

use std::collections::BTreeMap;
use std::sync::Arc;

use dslsim::show::show;
use dslsim::{Disk, Interpreter, Options, Rng};
use dslsim_tests::{Setup, Values, folder, recorded, run, same_bits};

fn results(name: &str, settings: &[(&str, &str)], setup: Setup) -> BTreeMap<String, Values> {
    let model = folder("../models/benchmarks").join(format!("{name}.eq"));
    let setup = settings.iter().fold(setup, |s, (n, v)| s.set(n, v));
    recorded(&run(&model, &setup).expect_done().results)
}

/// Several threads share what they can, however short it is, two times of three: what is tested does not depend on the clock.
fn threads(threads: usize) -> Setup {
    dslsim_threads::take_turns();
    Setup::jit().threads(threads)
}

fn of_text(name: &str, text: &str, count: usize) -> BTreeMap<String, Values> {
    let model = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.eq"));
    std::fs::write(&model, text).unwrap_or_else(|e| panic!("{}: {e}", model.display()));
    let setup = threads(count);
    recorded(&run(&model, &setup).expect_done().results)
}

/// Large enough that every kernel and every delivery is divided among the threads.
fn agrees(name: &str, settings: &[(&str, &str)]) {
    let alone = results(name, settings, Setup::jit());
    let spikes = alone.keys().find(|k| k.ends_with(".t")).cloned();
    let spikes = spikes.unwrap_or_else(|| panic!("{name} records no spikes"));
    assert!(!alone[&spikes].floats().is_empty(), "{name} has no spikes");
    for count in [2, 3] {
        let together = results(name, settings, threads(count));
        same_bits(&alone, &together).unwrap_or_else(|e| panic!("{name}, {count} threads: {e}"));
    }
}

#[test]
fn cuba() {
    agrees("cuba", &[("N", "4001"), ("duration", "30*ms")]);
}

#[test]
fn coba() {
    agrees("coba", &[("N", "4001"), ("duration", "30*ms")]);
}

#[test]
fn cobahh() {
    agrees("cobahh", &[("N", "2003"), ("duration", "20*ms")]);
}

#[test]
fn brunel() {
    agrees("brunel", &[("N", "3001"), ("duration", "30*ms")]);
}

/// What is recorded at a spike is the state of that step, not that of the last one before all threads meet.
#[test]
fn state_at_delayed_spikes() {
    let text = "from brian2 import *
seed(3)
P = NeuronGroup(2500, 'dv/dt = (1.2 - v)/(20*ms) : 1', threshold='v > 1', reset='v = 0', method='exact')
P.v = 'rand()'
S = Synapses(P, P, on_pre='v += 0.0001', delay=1.5*ms)
S.connect(p=0.05)
spikes = SpikeMonitor(P, variables='v')
run(30*ms)
save(v=spikes.v)
";
    let of = |threads| of_text("delayed", text, threads);
    let alone = of(1);
    assert!(!alone["v"].floats().is_empty());
    same_bits(&alone, &of(2)).unwrap();
}

/// Who is refractory may be known from a set that the run keeps, from flags that are written in each step because somebody looks at
/// them, or, with several threads, from the times of the last spikes: the spikes and the last state are the same.
#[test]
fn refractory_neurons() {
    let refractory = [
        ("constant", "refractory=1*ms"),
        ("shorter than a step", "refractory=0.04*ms"),
        ("longer than the run", "refractory=20*ms"),
        ("of each neuron", "refractory='(1 + i % 7)*0.3*ms'"),
        ("parameter", "refractory=ref"),
        ("while a condition holds", "refractory='v < 0.1'"),
    ];
    for (name, refractory) in refractory {
        let text = |look: &str| {
            format!(
                "from brian2 import *
seed(11)
ref = 2*ms
P = NeuronGroup(1500, '''dv/dt = (1.5 - v)/(5*ms) : 1 (unless refractory)
                         dg/dt = -g/(3*ms) : 1''',
                threshold='v > 1', reset='v = 0', {refractory}, method='euler')
P.v = 'rand()'
S = Synapses(P, P, on_pre='''v += 0.002
                             g += 0.1''')
S.connect(p=0.02)
spikes = SpikeMonitor(P)
{look}
run(9.3*ms)
ref = 0.7*ms
P.v = 'v*0.9'
run(6*ms)
defaultclock.dt = 0.05*ms
run(3*ms)
save(v=P.v, g=P.g, flag=P.not_refractory, last=P.lastspike)
"
            )
        };
        let look = "M = StateMonitor(P, 'not_refractory', record=True)";
        let of = |look, threads| {
            let mut all = of_text("refractory", &text(look), threads);
            all.retain(|name, _| !name.starts_with("M."));
            all
        };
        let set = of("", 1);
        assert!(set["spikes.t"].floats().len() > 500, "{name}");
        let slow = "M = StateMonitor(P, 'v', record=[0], dt=0.5*ms)";
        let odd = "M = StateMonitor(P, 'v', record=[0], dt=0.15*ms)";
        let others = [
            (of(look, 1), "looked at"),
            (of("", 2), "two threads"),
            (of(slow, 1), "a slower clock"),
            (of(odd, 1), "a clock of other times"),
        ];
        for (other, what) in others {
            same_bits(&set, &other).unwrap_or_else(|e| panic!("{name}, {what}: {e}"));
        }
    }
}

/// What postsynaptic spikes do to many synapses waits until it is asked for: as if it were done at once.
#[test]
fn waiting_synapses() {
    let variants = [
        ("delay={'pre': 1*ms}", "", "P, P"),
        ("delay={'pre': 1*ms, 'post': 0.4*ms}", "", "P, P"),
        ("name='others'", "S.post.order = -2", "P, P"),
        ("delay=0.2*ms", "S.pre.order = 3", "P, P"),
        ("delay=0.2*ms", "", "P[150:], P[20:1590]"),
    ];
    for (delay, order, pair) in variants {
        let text = |look: &str| {
            format!(
                "from brian2 import *
seed(17)
P = NeuronGroup(1600, '''dv/dt = (I - v)/(5*ms) : 1 (unless refractory)
                         I : 1''', threshold='v > 1', reset='v = 0', refractory=0.3*ms, method='euler')
P.I = '0.5 + 12*(i % 9 == 0) + 0.9*rand()'
P.v = 'rand()'
S = Synapses({pair}, '''w : 1
                      dApre/dt = -Apre/(4*ms) : 1 (event-driven)
                      dApost/dt = -Apost/(6*ms) : 1 (event-driven)''',
             on_pre='''v_post += 0.01*w
                       Apre += 0.1
                       w = clip(w - Apost, 0, 1)''',
             on_post='''Apost += 0.2
                        w = clip(w + Apre, 0, 1)''', {delay})
S.connect(p=0.03)
S.w = 'rand()'
{order}
spikes = SpikeMonitor(P)
{look}
run(23.1*ms)
S.w = '0.9*w'
S.delay = 0.3*ms
run(7.2*ms)
store()
run(4*ms)
save(w=S.w, pre=S.Apre, post=S.Apost, last=S.lastupdate, v=P.v)
restore()
run(4*ms)
save(again=S.w)
"
            )
        };
        let of = |look, threads| {
            let mut all = of_text("waiting", &text(look), threads);
            all.retain(|name, _| !name.starts_with("M."));
            all
        };
        let late = of("", 1);
        assert!(late["spikes.t"].floats().len() > 1000, "{delay}");
        let look = "M = StateMonitor(S, ['w', 'Apre', 'Apost'], record=[0])";
        let slow = "M = StateMonitor(P, 'v', record=[0], dt=0.7*ms)";
        let others = [
            (of(look, 1), "at once"),
            (of("", 2), "two threads"),
            (of(slow, 1), "a slower clock"),
        ];
        for (other, what) in others {
            same_bits(&late, &other).unwrap_or_else(|e| panic!("{delay}, {what}: {e}"));
        }
    }
}

/// Several pathways of one side change what that of the other side looks at, in their order.
#[test]
fn several_postsynaptic_pathways() {
    let text = |look: &str| {
        format!(
            "from brian2 import *
seed(5)
P = NeuronGroup(1600, '''dv/dt = (I - v)/(5*ms) : 1
                         I : 1''', threshold='v > 1', reset='v = 0', method='euler')
P.I = '0.5 + 12*(i % 9 == 0) + 0.9*rand()'
S = Synapses(P, P, '''x : 1
                      y : 1''', on_pre='v_post += 0.01*(x - y)',
             on_post={{'up': 'x += 0.1', 'down': 'y = 0.5*y + 0.1'}})
S.connect(p=0.03)
{look}
run(30*ms)
save(x=S.x, y=S.y, v=P.v)
"
        )
    };
    let of = |look| {
        let mut all = of_text("several", &text(look), 1);
        all.retain(|name, _| !name.starts_with("M."));
        all
    };
    let looked_at = of("M = StateMonitor(S, ['x', 'y'], record=[0])");
    same_bits(&of(""), &looked_at).unwrap();
}

/// Spikes that arrive at once, and others later, in two groups: the threads meet in each step. Delays of one step, two and more, which end in the next
/// run.
#[test]
fn spikes_with_and_without_delay() {
    for delay in ["0.1*ms", "0.2*ms", "0.3*ms", "1.7*ms"] {
        with_and_without_delay(delay);
    }
}

fn with_and_without_delay(delay: &str) {
    let text = "from brian2 import *
seed(5)
eqs = '''dv/dt = (1.1 + 0.3*sin(10*v)*exp(-v*v) - v + s)/(20*ms) : 1 (unless refractory)
         ds/dt = -s/(5*ms) + 0.2*xi/sqrt(20*ms) : 1'''
A = NeuronGroup(6001, eqs, threshold='v > 1', reset='v = 0', refractory=2*ms, method='euler')
B = NeuronGroup(1503, eqs, threshold='v > 0.9', reset='v = 0.1', refractory=1*ms, method='euler')
A.v = 'rand()'
B.v = 'rand()'
late = Synapses(B, A, on_pre='s += 0.003', delay=DELAY)
late.connect(p=0.02)
now = Synapses(A, B, on_pre='s += 0.002')
now.connect(p=0.02)
inside = Synapses(A, A, on_pre='s_post -= 0.002*v_post')
inside.connect(p=0.01)
a = SpikeMonitor(A)
b = SpikeMonitor(B)
rate = PopulationRateMonitor(B)
run(19.3*ms)
B.s = 'rand()'
run(7*ms)
now.delay = 0.4*ms
run(4*ms)
late.delay = 0*ms
run(6*ms)
save(v=A.v, s=B.s)
"
    .replace("DELAY", delay);
    let of = |threads| of_text("meetings", &text, threads);
    let alone = of(1);
    for monitor in ["a.t", "b.t"] {
        assert!(
            alone[monitor].floats().len() > 1000,
            "{monitor} is too short"
        );
    }
    for threads in [2, 3] {
        same_bits(&alone, &of(threads))
            .unwrap_or_else(|e| panic!("{delay}, {threads} threads: {e}"));
    }
}

/// Two blocks for each thread, one of which may wait for the others in the middle of a step; more spikes of a block in one step than a short letter
/// holds; and runs that end before all letters were in use.
#[test]
fn several_blocks_of_each_thread() {
    let text = "from brian2 import *
seed(6)
eqs = '''dv/dt = (1.2 - v + s)/(5*ms) : 1 (unless refractory)
         ds/dt = -s/(5*ms) : 1'''
A = NeuronGroup(17003, eqs, threshold='v > 1', reset='v = 0', refractory=1*ms, method='euler')
A.v = 'rand()'
first = Synapses(A[:1500], A, on_pre='s += 0.003*(1 - v_post)')
first.connect(p=0.015)
second = Synapses(A[12000:], A, on_pre='s_post -= 0.001*v_post')
second.connect(p=0.015)
third = Synapses(A[5000:7000], A, on_pre='v_post += 0.001', delay=DELAY)
third.connect(p=0.015)
spikes = SpikeMonitor(A)
RUNS
A[:400].v = 2
A[8000:8100].v = 2
run(6*ms)
save(v=A.v, s=A.s)
";
    let run = |steps| format!("A[{steps}00:].v = 'v + 0.1*rand()'\nrun({steps}*0.1*ms)");
    let runs = [1, 2, 3, 5, 8, 13].map(run).join("\n");
    for delay in ["0.2*ms", "0.4*ms", "1.1*ms"] {
        let text = text.replace("RUNS", &runs).replace("DELAY", delay);
        let alone = of_text("blocks", &text, 1);
        let spikes = alone["spikes.t"].floats().len();
        assert!(spikes > 2000, "{spikes}");
        for threads in [2, 3] {
            same_bits(&alone, &of_text("blocks", &text, threads))
                .unwrap_or_else(|e| panic!("{delay}, {threads} threads: {e}"));
        }
    }
}

#[test]
fn stdp() {
    agrees("stdp", &[("duration", "300*ms")]);
}

#[test]
fn brunel_stdp() {
    agrees("brunel_stdp", &[("N", "2001"), ("duration", "30*ms")]);
}

/// The interpreter, machine code, and threads; with the sequential random stream, too.
#[test]
fn backends() {
    for name in ["cuba", "coba", "cobahh", "brunel", "brunel_stdp"] {
        for rng in [Rng::Fast, Rng::Brian2] {
            let settings = [("N", "700"), ("duration", "8*ms")];
            let expected = results(name, &settings, Setup::interpreter().rng(rng));
            for count in [1, 2] {
                let got = results(name, &settings, threads(count).rng(rng));
                same_bits(&expected, &got)
                    .unwrap_or_else(|e| panic!("{name}, {rng:?}, {count} threads: {e}"));
            }
        }
    }
}

/// Source and target, and what differs between synapses.
#[test]
fn bytes_of_synapses() {
    let model = folder("../models/benchmarks/brunel_stdp.eq");
    let options = Options::new(Arc::new(Interpreter));
    let shown = show(&model, options, &Disk).model;
    let of = |name: &str| {
        let object = shown.objects.iter().find(|o| o.name == name);
        let memory = object.and_then(|o| o.memory.clone());
        memory.unwrap_or_else(|| panic!("nothing is said about {name}"))
    };
    // w, Apre, Apost, lastupdate; and the lists of the synapses of a target.
    assert_eq!(of("See").bytes, 8 + 4 * 8 + 4);
    assert_eq!(of("Si").bytes, 8);
    assert_eq!(of("Si").unless_alike, ["delay"]);
}
