//! Monitors over several runs, their programs, shared variables; rates smoothed as numpy does.

#![allow(clippy::unwrap_used)]

mod common;

use common::*;
use dslsim_ir::kernel::Binary;
use dslsim_ir::{Access, Domain};
use dslsim_runtime::*;

#[test]
fn columns_of_all_kinds() {
    // Element 1, 3, 4 of a variable, of a subexpression by position, of one for all elements, and a shared variable.
    let mut net = Net::new(Random::fast(0));
    let store = &mut net.sim.store;
    let (v, shared, outputs, whole) = (
        store.add(6, 0.0),
        store.add(1, 7.0),
        store.add(1, 0.0),
        store.add(6, 0.0),
    );
    store.assign(v, &[0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
    let columns = [
        (v, At::Element),
        (outputs, At::Position),
        (shared, At::Only),
    ]
    .map(|(array, at)| Column { array, at });
    let monitor = StateMonitor::new(columns.to_vec(), vec![1, 3, 4]);
    let monitor = net.sim.add_monitor(Monitor::State(monitor));
    let mut k = K::new("twice", Domain::List);
    let old = k.load(v, Access::Element);
    let new = k.op(Binary::Add, old, old);
    k.store(outputs, Access::Position, new, None);
    let program = Some(net.program(k, 0));
    net.op(
        Slot::Start,
        0,
        "statemonitor",
        Action::RecordState { monitor, program },
    );
    let late = StateMonitor::new(
        vec![Column {
            array: whole,
            at: At::Element,
        }],
        vec![2, 3],
    );
    let late = net.sim.add_monitor(Monitor::State(late));
    let mut k = K::new("thrice", Domain::All);
    let old = k.load(v, Access::Element);
    let three = k.num(3.0);
    let new = k.op(Binary::Mul, old, three);
    k.store(whole, Access::Element, new, None);
    let program = Some(net.program(k, 6));
    net.op(
        Slot::AfterEnd,
        0,
        "statemonitor_1",
        Action::RecordState {
            monitor: late,
            program,
        },
    );
    let mut k = K::new("stateupdater", Domain::All);
    k.add(v, Access::Element, 10.0);
    net.kernel(Slot::Groups, "stateupdater", k, 6);
    net.run(2);
    let m = net.state(monitor);
    assert_eq!(
        m.values(0).unwrap().held(),
        [1.0, 3.0, 4.0, 11.0, 13.0, 14.0]
    );
    assert_eq!(
        m.values(1).unwrap().held(),
        [2.0, 6.0, 8.0, 22.0, 26.0, 28.0]
    );
    assert_eq!(m.values(2).unwrap().held(), [7.0; 6]);
    assert_eq!(
        (m.values(3).map_or(0, Tape::len), m.elements()),
        (0, &[1, 3, 4][..])
    );
    assert_eq!(
        net.state(late).values(0).unwrap().held(),
        [36.0, 39.0, 66.0, 69.0]
    );
}

#[test]
fn spike_monitors_of_subgroups_and_mere_counts() {
    let mut net = Net::new(Random::fast(0));
    let spikes = net.given(5, &[(0, 0), (2, 0), (4, 0), (3, 1), (2, 3), (2, 4)]);
    let v = net.sim.store.add(5, 0.0);
    net.sim.store.assign(v, &[0.0, 10.0, 20.0, 30.0, 40.0]);
    let outputs = net.sim.store.add(0, 0.0);
    let mut k = K::new("spike_variables", Domain::List);
    let value = k.load(v, Access::Element);
    let one = k.num(1.0);
    let next = k.op(Binary::Add, value, one);
    k.store(outputs, Access::Position, next, None);
    let program = Some(net.program(k, 0));
    let columns = vec![
        Column {
            array: v,
            at: At::Element,
        },
        Column {
            array: outputs,
            at: At::Position,
        },
    ];
    let part = net
        .sim
        .add_monitor(Monitor::Spikes(SpikeMonitor::new(3, true, columns)));
    let action = Action::RecordSpikes {
        monitor: part,
        spikes,
        first: 2,
        last: 5,
        program,
    };
    net.op(Slot::Thresholds, 1, "spikemonitor", action);
    let count = net
        .sim
        .add_monitor(Monitor::Spikes(SpikeMonitor::new(5, false, Vec::new())));
    let action = Action::RecordSpikes {
        monitor: count,
        spikes,
        first: 0,
        last: 5,
        program: None,
    };
    net.op(Slot::Thresholds, 1, "spikemonitor_1", action);
    let rate = net.sim.add_monitor(Monitor::Rate(RateMonitor::new()));
    let action = Action::RecordRate {
        monitor: rate,
        spikes,
        first: 2,
        last: 4,
    };
    net.op(Slot::End, 0, "ratemonitor", action);
    for _ in 0..5 {
        net.run(1);
    }
    let m = net.spikes(part);
    assert_eq!(
        (m.i().held(), m.counts()),
        (&[0, 2, 1, 0, 0][..], &[3, 1, 1][..])
    );
    assert_eq!(steps(m.t().held()), [0, 0, 1, 3, 4]);
    assert_eq!(m.values(0).unwrap().held(), [20.0, 40.0, 30.0, 20.0, 20.0]);
    assert_eq!(m.values(1).unwrap().held(), [21.0, 41.0, 31.0, 21.0, 21.0]);
    let c = net.spikes(count);
    assert_eq!(
        (
            c.counts(),
            c.total(),
            c.i().held().len(),
            c.t().held().len()
        ),
        (&[1, 0, 3, 1, 1][..], 6, 0, 0)
    );
    let rate = net.sim.monitor(rate).and_then(Monitor::as_rate).unwrap();
    assert_eq!(
        rate.rate().held(),
        [1.0, 1.0, 0.0, 1.0, 1.0].map(|k| k / DT / 2.0)
    );
    assert_eq!(net.sim.spikes(spikes), [2]);
}

#[test]
fn a_monitor_made_between_runs_begins_with_the_second() {
    let mut net = Net::new(Random::fast(0));
    let v = net.sim.store.add(2, 0.0);
    let mut k = K::new("stateupdater", Domain::All);
    k.add(v, Access::Element, 1.0);
    net.kernel(Slot::Groups, "stateupdater", k, 2);
    net.run(3);
    let m = net.record(v, vec![0, 1]);
    net.run(2);
    assert_eq!(net.state(m).t().held(), [3.0 * DT, 4.0 * DT]);
    assert_eq!(net.state(m).values(0).unwrap().held(), [3.0, 3.0, 4.0, 4.0]);
}

fn near(a: &[f64], b: &[f64]) {
    assert_eq!(a.len(), b.len());
    assert!(
        a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-14),
        "{a:?} {b:?}"
    );
}

// Expected values: numpy 2, np.convolve(rate, window/sum(window), mode='same').
const RATE: [f64; 12] = [0.0, 3.0, 0.0, 0.0, 10.0, 0.0, 5.0, 0.0, 0.0, 0.0, 2.0, 7.5];

#[test]
fn flat_windows() {
    // 0.5 ms: 2.5 is rounded to 2, so 5 values; 0.6 ms: 7.
    let window = flat_window(5e-4, DT).unwrap();
    assert_eq!(window, [1.0; 5]);
    near(
        &smooth_rate(&RATE, &window).unwrap(),
        &[0.6, 0.6, 2.6, 2.6, 3.0, 3.0, 3.0, 1.0, 1.4, 1.9, 1.9, 1.9],
    );
    assert_eq!(flat_window(6e-4, DT).unwrap().len(), 7);
    assert_eq!(flat_window(0.1, DT).unwrap().len(), 1001);
    assert_eq!(flat_window(0.0, DT).unwrap().len(), 1);
    assert!(flat_window(-1.0, DT).is_err());
}

#[test]
fn gaussian_windows() {
    let window = gaussian_window(1.5e-4, DT).unwrap();
    assert_eq!(window.len(), 7);
    let expected = [
        0.650_235_964_211_123_3,
        1.178_374_902_181_22,
        1.763_043_548_999_971_6,
        2.684_459_716_319_702_6,
        3.373_123_823_466_272_6,
        3.251_179_821_055_617,
        2.466_218_332_270_981_4,
        1.523_320_751_448_867_1,
        1.053_711_649_621_149,
        1.451_260_558_245_022,
        2.166_954_209_520_661_8,
        2.463_606_764_030_615,
    ];
    near(&smooth_rate(&RATE, &window).unwrap(), &expected);
}

#[test]
fn given_windows_may_be_longer_than_the_rate() {
    let window = [1.0, 2.0, 0.0, 4.0, 3.0];
    near(
        &smooth_rate(&RATE, &window).unwrap(),
        &[0.6, 0.0, 2.2, 2.9, 0.5, 5.0, 3.0, 2.0, 1.7, 1.15, 1.5, 0.8],
    );
    near(
        &smooth_rate(&RATE[..4], &window).unwrap(),
        &[0.3, 0.6, 0.0, 1.2, 0.9],
    );
    near(
        &smooth_rate(&RATE[3..5], &window).unwrap(),
        &[0.0, 1.0, 2.0, 0.0, 4.0],
    );
    near(
        &smooth_rate(&RATE[2..5], &window).unwrap(),
        &[0.0, 1.0, 2.0, 0.0, 4.0],
    );
    near(
        &smooth_rate(&RATE[4..5], &window).unwrap(),
        &[1.0, 2.0, 0.0, 4.0, 3.0],
    );
    assert!(smooth_rate(&[], &window).unwrap().is_empty());
    assert_eq!(smooth_rate(&RATE, &[1.0, 1.0]), Err(WindowError::Even(2)));
}

#[test]
fn long_rates_agree_with_the_definition_across_blocks() {
    let rate: Vec<f64> = (0..5000).map(|k| f64::from((k * 7919) % 101)).collect();
    let window: Vec<f64> = (0..401).map(|k| f64::from(k % 17)).collect();
    let sum: f64 = window.iter().sum();
    let smooth = smooth_rate(&rate, &window).unwrap();
    for i in [
        0usize, 5, 199, 200, 823, 824, 1023, 1024, 2047, 2048, 4799, 4800, 4999,
    ] {
        let term = |k: usize| {
            (i + 200)
                .checked_sub(k)
                .and_then(|j| rate.get(j))
                .map_or(0.0, |r| r * window[k] / sum)
        };
        let expected: f64 = (0..401).map(term).sum();
        assert!((smooth[i] - expected).abs() < 1e-11, "{i}");
    }
}

#[test]
fn bins() {
    assert_eq!(binned_rate(&RATE, 5e-4, DT), Ok((5, vec![2.6, 1.0])));
    assert_eq!(binned_rate(&RATE, DT, DT), Ok((1, RATE.to_vec())));
    assert!(binned_rate(&RATE, 2.5e-4, DT).is_err() && binned_rate(&RATE, 0.0, DT).is_err());
}
