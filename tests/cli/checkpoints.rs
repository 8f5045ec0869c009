//! `--checkpoint-every` and `--resume`: after any number of kills the results are those of a run that nobody has disturbed, to the
//! last bit.
//!
//! `DSLSIM_KILLS` is the number of kills of each model.

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::support::{LONG, Place, names};

/// Random numbers in equations and in the script, refractoriness, plastic synapses, spikes in flight, several runs.
const STOCHASTIC: &str = "\
seed(5)
dt2 = 0.3*ms
G = NeuronGroup(400, '''dv/dt = (1.5 - v)/(10*ms) + 0.3*xi*(10*ms)**-0.5 : 1 (unless refractory)
                        k : 1''', threshold='v > 1', reset='v = 0', refractory=2*ms, method='euler')
G.v = 'rand()'
inputs = PoissonGroup(100, 30*Hz)
given = SpikeGeneratorGroup(3, [0, 1, 2], [1, 5, 9]*ms, period=13*ms)
S = Synapses(inputs, G, '''w : 1
                           dx/dt = -x/(20*ms) : 1 (event-driven)''',
             on_pre='x += 1; v_post += w*0.05*x; w = clip(w + 0.001*rand(), 0, 2)', delay=4*ms)
S.connect(p=0.2)
S.w = 'rand()'
R = Synapses(G, G, on_pre='v_post += 0.01')
R.connect(p=0.05)
R.delay = 'rand()*9*ms'
D = Synapses(given, G, on_pre='v_post += 0.2')
D.connect()
slow = NeuronGroup(5, 'dy/dt = (1 - y)/(30*ms) : 1', method='exact', dt=dt2)
G.run_regularly('k += rand()', dt=7*ms)
M = StateMonitor(G, ['v', 'k'], record=[0, 7, 9])
Y = StateMonitor(slow, 'y', record=True)
spikes = SpikeMonitor(G, variables='v')
rate = PopulationRateMonitor(G)
run(DURATION)
G.k = 'rand()'
S.w = 'w*rand()'
store()
run(2*DURATION)
x = rand(3)
restore()
G.v = G.v*0.5 + mean(M.v[0])
run(DURATION)
save(x=x, w=S.w, k=G.k, v=G.v, y=slow.y)
";

/// Adaptive integration of many steps, and a network of its own.
const REGULAR: &str = "\
G = NeuronGroup(300, '''dv/dt = w - v**3/(1 + i)/ms : 1
                        dw/dt = -v/(3*ms*ms) : Hz''', method='rkf45')
G.v = '1 + i/300'
M = StateMonitor(G, 'v', record=[0, 299], dt=1*ms)
net = Network(G, M)
net.run(DURATION)
G.v *= 0.9
net.run(DURATION)
save(v=G.v, t=net.t)
";

/// The arrays of a folder of results.
fn arrays(place: &Place, out: &str) -> Vec<(String, Vec<u8>)> {
    let folder = place.path(out);
    let all = names(&folder).into_iter().filter(|n| n.ends_with(".npy"));
    all.map(|n| (n.clone(), fs::read(folder.join(n)).unwrap()))
        .collect()
}

fn survives(model: &str, duration: &str, more: &[&str]) {
    let kills: u32 = std::env::var("DSLSIM_KILLS").map_or(4, |n| n.parse().unwrap());
    let place = Place::with(&model.replace("DURATION", duration));
    let words = |out: &'static str, options: &[&'static str]| {
        let mut words = vec!["run", "model.eq", "--out", out];
        words.extend(options);
        words
    };
    let mut plain = words("whole", &[]);
    plain.extend(more);
    let begun = Instant::now();
    place.run(&plain).exits(0);
    let seconds = begun.elapsed().as_secs_f64();
    let mut command = words("killed", &["--checkpoint-every", "0.02", "--resume"]);
    command.extend(more);
    let mut killed = 0;
    for n in 0..kills {
        let mut child = place
            .command(&command)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let part = (f64::from(n) * 0.618_033_988_749_894_9 + 0.4).fract();
        std::thread::sleep(Duration::from_secs_f64(0.7 * seconds * part));
        let _ = child.kill();
        if child.wait().unwrap().signal() == Some(9) {
            killed += 1;
        } else {
            // It was complete, and begins anew.
            assert!(!place.path("killed/checkpoint").exists());
        }
    }
    assert!(killed > 0, "every run ended before it was killed");
    place.run(&command).exits(0);
    assert!(!place.path("killed/checkpoint").exists());
    let (whole, resumed) = (arrays(&place, "whole"), arrays(&place, "killed"));
    assert!(whole.len() >= 4);
    let name = |all: &[(String, Vec<u8>)]| all.iter().map(|a| a.0.clone()).collect::<Vec<_>>();
    assert_eq!(name(&whole), name(&resumed));
    for (a, b) in whole.iter().zip(&resumed) {
        assert!(a.1 == b.1, "{} differs after {killed} kills", a.0);
    }
}

#[test]
fn kills_change_no_bit() {
    survives(STOCHASTIC, "600*ms", &[]);
}

#[test]
fn kills_change_no_bit_of_brian2s_stream() {
    survives(STOCHASTIC, "300*ms", &["--rng", "brian2"]);
}

#[test]
fn kills_change_no_bit_with_threads() {
    survives(STOCHASTIC, "300*ms", &["--threads", "2"]);
}

#[test]
fn kills_change_no_bit_of_adaptive_steps() {
    survives(REGULAR, "900*ms", &[]);
}

/// A run that `--max-time` ends leaves a checkpoint; what was recorded is written, and the rest comes later.
#[test]
fn a_time_limit_leaves_a_checkpoint() {
    let place = Place::with(&STOCHASTIC.replace("DURATION", "1*second"));
    place.run(&["run", "model.eq", "--out", "whole"]).exits(0);
    let words = ["run", "model.eq", "--out", "parts", "--resume"];
    let mut limited = words.to_vec();
    limited.extend(["--max-time", "0.05"]);
    let mut parts = 0;
    loop {
        let ended = place.run(&limited);
        if ended.code == Some(0) {
            break;
        }
        let ended = ended.exits(130);
        assert!(
            ended.err.contains("with `--resume` goes on"),
            "{}",
            ended.err
        );
        assert!(place.path("parts/checkpoint").exists() && place.path("parts/run.json").exists());
        parts += 1;
        if parts == 10 {
            place.run(&words).exits(0);
            break;
        }
    }
    assert!(parts > 0);
    assert!(arrays(&place, "whole") == arrays(&place, "parts"));
    assert!(place.description("parts")["resumed_at"].as_f64().is_some());
    assert!(place.description("whole")["resumed_at"].is_null());
}

/// A folder with the checkpoint of a run that was stopped.
fn stopped(model: &str) -> Place {
    let place = Place::with(model);
    let words = [
        "run",
        "model.eq",
        "--max-time",
        "0.2",
        "--checkpoint-every",
        "60",
    ];
    place.run(&words).exits(130);
    assert_eq!(
        names(&place.path("results/model/checkpoint")),
        ["lock", "recordings", "run-1.state"]
    );
    place
}

/// A model that ends soon enough, and late enough.
fn some_seconds() -> String {
    LONG.replace("10000000*second", "30000*second")
        .replace("seed", "# seed")
}

#[test]
fn what_is_not_the_same_is_refused() {
    let model = some_seconds();
    let place = stopped(&model);
    let refused = |words: &[&str], what: &str| {
        let mut all = vec!["run", "model.eq", "--resume", "--max-time", "0.2"];
        all.extend(words);
        let ended = place.run(&all).exits(1);
        assert!(
            ended.err.contains("error[checkpoint-mismatch]")
                && ended.err.contains(what)
                && ended.err.contains("--resume"),
            "{}",
            ended.err
        );
    };
    refused(&["--seed", "7"], "--seed has changed");
    refused(&["--rng", "brian2"], "--rng has changed");
    refused(&["--strict-math"], "--strict-math");
    place.file("model.eq", &model.replace("v > 1", "v > 1.1"));
    refused(&[], "the model has changed");
    assert!(place.path("results/model/checkpoint/run-1.state").exists());
    // What comes after the run may change.
    place.file("model.eq", &format!("{model}save(twice=2*G.v)\n"));
    let words = ["run", "model.eq", "--resume", "--max-time", "0.2"];
    place.run(&words).exits(130);
    assert!(place.path("results/model/twice.npy").exists());
}

#[test]
fn damaged_files_are_refused() {
    for (name, cut) in [
        ("run-1.state", true),
        ("run-1.state", false),
        ("recordings", true),
        ("recordings", false),
    ] {
        let place = stopped(&some_seconds());
        let path = place.path("results/model/checkpoint").join(name);
        let mut bytes = fs::read(&path).unwrap();
        if cut {
            bytes.truncate(bytes.len() - 1);
        } else {
            let middle = bytes.len() - bytes.len().min(100);
            bytes[middle] ^= 1;
        }
        fs::write(&path, bytes).unwrap();
        let words = ["run", "model.eq", "--resume", "--message-format", "short"];
        let ended = place.run(&words).exits(1);
        assert!(
            ended.err.contains("error[checkpoint-damaged]") && ended.err.contains("--resume"),
            "{name}: {}",
            ended.err
        );
    }
}

#[test]
fn without_a_checkpoint_a_run_begins() {
    let place = Place::with(crate::support::REGULAR);
    let ended = place.run(&["run", "model.eq", "--resume"]).exits(0);
    assert!(ended.err.contains("no checkpoint"), "{}", ended.err);
    assert!(!place.path("results/model/checkpoint").exists());
    // One that is not asked for is not there, and an old one does not count without `--resume`.
    let place = stopped(&some_seconds());
    place.file("model.eq", crate::support::REGULAR);
    place
        .run(&["run", "model.eq", "--checkpoint-every", "1"])
        .exits(0);
    assert!(!place.path("results/model/checkpoint").exists());
}

#[test]
fn one_process_has_the_folder() {
    let place = Place::with(LONG);
    let words = ["run", "model.eq", "--checkpoint-every", "1"];
    let mut first = place
        .command(&words)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    while !place.path("results/model/checkpoint/lock").exists() {
        std::thread::sleep(Duration::from_millis(10));
    }
    std::thread::sleep(Duration::from_millis(50));
    let mut second = words.to_vec();
    second.extend(["--message-format", "short"]);
    let ended = place.run(&second).exits(1);
    assert!(ended.err.contains("checkpoint-busy"), "{}", ended.err);
    first.kill().unwrap();
    first.wait().unwrap();
}

#[test]
fn sweeps_have_their_own_way() {
    let place = Place::with(crate::support::REGULAR);
    for option in [&["--resume"][..], &["--checkpoint-every", "5"]] {
        let mut words = vec!["sweep", "model.eq", "--over", "tau=[1,2]*ms"];
        words.extend(option);
        let ended = place.run(&words).exits(2);
        assert!(ended.err.contains("the same command"), "{}", ended.err);
    }
    place
        .run(&["run", "model.eq", "--resume", "--fresh"])
        .exits(2);
}
