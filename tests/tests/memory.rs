//! Models that are checked, compiled, simulated and dropped again and again leave nothing in memory.
//!
//! `DSLSIM_CYCLES` is the number of models; a long run is
//! `DSLSIM_CYCLES=100000 cargo test --release -p dslsim-tests --test memory`.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test fails by a panic, in its helpers too, and says what it has measured"
)]

use std::path::Path;
use std::sync::Arc;

use dslsim::{Backend, Disk, Jit, Options, Progress};

/// Neurons, synapses with delays, random numbers, monitors: code of every kind. The number makes each model another one.
fn model(n: usize) -> String {
    format!(
        "\
tau = 10*ms
G = NeuronGroup(20, '''dv/dt = ({n} + 2 - v)/tau + 0.1*xi*tau**-0.5 : 1
dw/dt = -w*exp(-w**2)/tau : 1''', threshold='v > 1', reset='v = 0; w += 1', method='euler')
P = PoissonGroup(10, rates=100*Hz)
S = Synapses(P, G, 'x : 1', on_pre='v += 0.1*x; x = clip(x + 0.01, 0, 1)', delay=1*ms)
S.connect(p=0.5)
S.x = 'rand()'
M = StateMonitor(G, 'v', record=True)
spikes = SpikeMonitor(G)
run(1*ms)
save(v=G.v)
"
    )
}

struct Silent;

impl Progress for Silent {
    fn begin(&mut self, _: f64) {}
    fn step(&mut self, _: u64, _: u64, _: f64) {}
    fn end(&mut self) {}
    fn print(&mut self, _: &str) {}
}

fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/statm").unwrap();
    let pages: usize = status.split_whitespace().nth(1).unwrap().parse().unwrap();
    pages * 4096
}

#[test]
fn models_leave_nothing_in_memory() {
    let cycles = std::env::var("DSLSIM_CYCLES").map_or(300, |n| n.parse().unwrap());
    let path =
        Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("memory-{}.eq", std::process::id()));
    let backend: Arc<dyn Backend> = Arc::new(Jit::new().unwrap());
    let cycle = |n: usize| {
        std::fs::write(&path, model(n)).unwrap();
        let finished = dslsim::execute(&path, Options::new(backend.clone()), &Disk, &mut Silent);
        assert!(!finished.diagnostics.has_errors());
        assert!(finished.results.arrays.len() >= 4);
    };
    (0..100).for_each(cycle);
    let before = resident();
    (100..100 + cycles).for_each(cycle);
    let after = resident();
    std::fs::remove_file(&path).unwrap();
    println!("{cycles} models: {before} bytes before, {after} after");
    // A page for each kernel would be 6 MB at the least number of cycles.
    assert!(after < before + 2_000_000, "{before}, then {after} bytes");
}

/// A million synapses and more, with one weight for all and with weights of their own.
#[test]
fn synapses_take_what_is_said() {
    let backend: Arc<dyn Backend> = Arc::new(Jit::new().unwrap());
    let bytes = |variable: &str, statement: &str| {
        let text = format!(
            "\
N = 2000
P = NeuronGroup(N, 'v : 1', threshold='v > 1')
S = Synapses(P, P, '{variable}', on_pre='v += {statement}', delay=1*ms)
S.connect(p=0.5)
{}
run(1*ms)
save(n=S.N)
",
            if variable.is_empty() {
                ""
            } else {
                "S.w = 'rand()'"
            }
        );
        let name = format!("synapses-{}-{}.eq", variable.len(), std::process::id());
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        std::fs::write(&path, text).unwrap();
        let options = Options::new(backend.clone());
        let finished = dslsim::execute(&path, options, &Disk, &mut Silent);
        assert!(!finished.diagnostics.has_errors());
        let bytes = finished.bytes_held as f64 / 2e6;
        println!("{bytes:.2} bytes for each synapse with `{variable}`");
        bytes
    };
    // Two million synapses, within a few thousand; neurons and rows are a small part.
    assert!(bytes("", "1e-3") < 8.3);
    assert!(bytes("w : 1", "w") < 16.5);
}
