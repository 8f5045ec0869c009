//! What a step costs beyond its kernels. Run by hand:
//! `cargo test --release -p dslsim-runtime --test cost -- --ignored --nocapture --test-threads 1`

mod common;

use std::sync::Arc;
use std::time::Instant;

use common::*;
use dslsim_ir::kernel::ArrayInput;
use dslsim_ir::{Access, Code, Domain, Frame, IndexId};
use dslsim_runtime::*;

/// Code that does nothing.
struct Nothing;

impl Code for Nothing {
    fn run(&self, _: &[ArrayInput], _: &[IndexId], _: &mut Frame<'_>) {}
}

impl Net {
    fn idle(&mut self, k: K, len: usize) -> ProgramId {
        let program = self.program(k, len);
        self.plan.programs[program.0 as usize].code = Arc::new(Nothing);
        program
    }
}

/// Nanoseconds per step, the least of several runs.
fn cost(net: &mut Net, steps: u64) -> f64 {
    net.run(steps / 10);
    let mut best = f64::INFINITY;
    for _ in 0..7 {
        let begun = Instant::now();
        net.run(steps);
        best = best.min(begun.elapsed().as_secs_f64() * 1e9 / steps as f64);
    }
    best
}

fn touching(domain: Domain, array: dslsim_ir::ArrayId) -> K {
    let mut k = K::new("kernel", domain);
    k.add(array, Access::Element, 1.0);
    k
}

#[test]
#[ignore = "measures"]
fn dispatch() {
    let mut net = Net::new(Random::fast(0));
    let v = net.sim.store.add(100, 0.0);
    for k in 0..10 {
        let program = net.idle(touching(Domain::All, v), 100);
        net.op(Slot::Groups, k, "kernel", Action::Kernel { program });
    }
    println!(
        "10 kernels that do nothing:  {:8.1} ns",
        cost(&mut net, 1_000_000)
    );
    net.plan.profile = true;
    println!(
        "  with a profile:            {:8.1} ns",
        cost(&mut net, 1_000_000)
    );
    net.plan.profile = false;
    let slow = net.sim.add_clock(10.0 * DT).unwrap();
    net.plan.operations[9].clock = slow;
    println!(
        "  one on a clock of its own: {:8.1} ns",
        cost(&mut net, 1_000_000)
    );
}

#[test]
#[ignore = "measures"]
fn a_network_of_ten_operations() {
    let mut net = Net::new(Random::fast(0));
    let v = net.sim.store.add(100, 0.0);
    let program = net.idle(touching(Domain::All, v), 100);
    net.op(Slot::Groups, 0, "stateupdater", Action::Kernel { program });
    net.op(
        Slot::Groups,
        -1,
        "zero",
        Action::Fill {
            array: v,
            value: 0.0,
        },
    );
    let mut k = K::new("thresholder", Domain::All);
    let no = k.inst(dslsim_ir::Inst::Bool(false));
    k.inst(dslsim_ir::Inst::Emit(no));
    let spikes = net.sim.add_spikes(100);
    let program = net.idle(k, 100);
    net.op(
        Slot::Thresholds,
        0,
        "thresholder",
        Action::Threshold { program, spikes },
    );
    let program = net.idle(touching(Domain::List, v), 0);
    net.op(
        Slot::Resets,
        0,
        "resetter",
        Action::Elements { program, spikes },
    );
    let source = net.poisson(100, Rates::Uniform(51.0));
    net.record_spikes(source, 0, 100, Vec::new());
    net.record_spikes(spikes, 0, 100, Vec::new());
    let rate = net.sim.add_monitor(Monitor::Rate(RateMonitor::new()));
    net.op(
        Slot::End,
        0,
        "ratemonitor",
        Action::RecordRate {
            monitor: rate,
            spikes,
            first: 0,
            last: 100,
        },
    );
    for (name, delay) in [("pre", Delay::None), ("pre_1", Delay::Uniform(10))] {
        let of: Vec<u32> = (0..100).collect();
        let synapses = Arc::new(Rows::new(100, &of).unwrap());
        let (program, queue) = (net.idle(touching(Domain::List, v), 0), net.sim.add_queue());
        let action = Action::Pathway {
            source,
            first: 0,
            last: 100,
            synapses,
            delay,
            queue,
            program,
        };
        net.op(Slot::Synapses, -1, name, action);
    }
    println!(
        "10 operations, 0.5 spikes:   {:8.1} ns",
        cost(&mut net, 300_000)
    );
    net.plan.watch = vec![v];
    println!(
        "  watching 100 numbers:      {:8.1} ns",
        cost(&mut net, 300_000)
    );
}

#[test]
#[ignore = "measures"]
fn poisson_sources() {
    let n = 20_000;
    for rate in [
        6.0, 51.0, 96.0, 300.0, 1000.0, 2000.0, 2500.0, 2600.0, 5000.0,
    ] {
        let mut net = Net::new(Random::fast(0));
        net.poisson(n, Rates::Uniform(rate));
        println!(
            "{n} sources at {rate:6} Hz:   {:10.1} ns",
            cost(&mut net, 2000)
        );
    }
    for most in [51.0, 100.0, 200.0, 400.0, 500.0, 1000.0] {
        let mut net = Net::new(Random::fast(0));
        let array = net.sim.store.add(n as usize, 0.0);
        let rates: Vec<f64> = (0..n).map(|k| most * f64::from(k) / f64::from(n)).collect();
        net.sim.store.assign(array, &rates);
        net.poisson(n, Rates::PerElement(array));
        println!(
            "  from 0 to {most:6} Hz:       {:10.1} ns",
            cost(&mut net, 2000)
        );
    }
    let mut net = Net::new(Random::fast(0));
    let array = net.sim.store.add(n as usize, 51.0);
    net.sim.store.set(array, 0, 50.0);
    net.poisson(
        n,
        Rates::Varying {
            array,
            program: None,
        },
    );
    println!(
        "  varying, up to 51 Hz:      {:10.1} ns",
        cost(&mut net, 2000)
    );
    let mut net = Net::new(Random::brian2(0));
    net.poisson(n, Rates::Uniform(51.0));
    println!(
        "  brian2 stream:             {:10.1} ns",
        cost(&mut net, 200)
    );
}

#[test]
#[ignore = "measures"]
fn delivery() {
    let n = 20_000u32;
    let identity: Vec<u32> = (0..n).collect();
    let spread: Vec<u32> = (0..n * 10)
        .map(|k| k.wrapping_mul(2_654_435_761) % n)
        .collect();
    let sorted: Vec<u32> = (0..n * 10).map(|k| k / 10).collect();
    for (name, of) in [
        ("1:1", &identity),
        ("10 each, contiguous", &sorted),
        ("10 each, general", &spread),
    ] {
        let rows = Arc::new(Rows::new(n, of).unwrap());
        let each: Arc<[u32]> = (0..rows.synapses()).map(|k| k % 50).collect();
        for delay in [Delay::None, Delay::Uniform(15), Delay::PerSynapse(each)] {
            let mut net = Net::new(Random::fast(0));
            let source = net.poisson(n, Rates::Uniform(51.0));
            let w = net.sim.store.add(of.len(), 0.0);
            let alone = cost(&mut net, 5000);
            let (program, queue) = (net.idle(touching(Domain::List, w), 0), net.sim.add_queue());
            let what = match delay {
                Delay::PerSynapse(_) => "delays".to_owned(),
                _ => format!("delay {}", delay.longest()),
            };
            let action = Action::Pathway {
                source,
                first: 0,
                last: n,
                synapses: rows.clone(),
                delay,
                queue,
                program,
            };
            net.op(Slot::Synapses, -1, "pre", action);
            let events = 102.0 * f64::from(rows.synapses()) / f64::from(n);
            let ns = cost(&mut net, 5000) - alone;
            println!(
                "{name:20} {what:9}: {ns:8.1} ns per step, {:.2} per event",
                ns / events
            );
        }
    }
}

#[test]
#[ignore = "measures"]
fn smoothing() {
    let rate: Vec<f64> = (0..100_000).map(|k| f64::from(k % 7)).collect();
    let window = flat_window(0.1, DT).unwrap();
    let begun = Instant::now();
    let smooth = smooth_rate(&rate, &window).unwrap();
    println!(
        "100000 values, window of 1001: {:.1} ms ({})",
        begun.elapsed().as_secs_f64() * 1e3,
        smooth[500]
    );
}
