//! Neurons: state updates, thresholds, resets, refractoriness, several clocks, health.

#![allow(clippy::unwrap_used)]

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use common::*;
use dslsim_ir::kernel::{ArrayInput, Binary, Compare, Level};
use dslsim_ir::{Access, ArrayId, Code, Domain, DrawKind, Frame, IndexId, Inst, ScalarSource};
use dslsim_runtime::*;

/// `v += dt * (-v/tau)` with `1/tau` and `-dt/tau` from prologue and parameters.
fn leak(v: ArrayId, tau: ArrayId) -> K {
    let mut k = K::new("stateupdater", Domain::All);
    let dt = k.scalar_slot(ScalarSource::Dt, Level::Run);
    let tau = k.scalar_slot(ScalarSource::Uniform(tau), Level::Run);
    let rate = k.scalar_slot(ScalarSource::Derived, Level::Run);
    k.0.run_prologue.insts = vec![
        Inst::Scalar(dt),
        Inst::Scalar(tau),
        Inst::Binary(
            Binary::Div,
            dslsim_ir::kernel::Val(0),
            dslsim_ir::kernel::Val(1),
        ),
    ];
    k.0.run_prologue.results = vec![(dslsim_ir::kernel::Val(2), rate)];
    let old = k.load(v, Access::Element);
    let rate = k.inst(Inst::Scalar(rate));
    let change = k.op(Binary::Mul, old, rate);
    let new = k.op(Binary::Sub, old, change);
    k.store(v, Access::Element, new, None);
    k
}

/// Emits where `v > limit`.
fn above(v: ArrayId, limit: f64) -> K {
    let mut k = K::new("thresholder", Domain::All);
    let v = k.load(v, Access::Element);
    let limit = k.num(limit);
    let over = k.cmp(Compare::Lt, limit, v);
    k.inst(Inst::Emit(over));
    k
}

fn reset(v: ArrayId) -> K {
    let mut k = K::new("resetter", Domain::List);
    let zero = k.num(0.0);
    k.store(v, Access::Element, zero, None);
    k
}

fn step_up(v: ArrayId, by: f64) -> K {
    let mut k = K::new("stateupdater", Domain::All);
    k.add(v, Access::Element, by);
    k
}

#[test]
fn a_leak_decays_over_several_runs_and_a_parameter_may_change_between() {
    let mut net = Net::new(Random::fast(0));
    let (v, tau) = (net.sim.store.add(3, 1.0), net.sim.store.add(3, 10e-3));
    net.kernel(Slot::Groups, "stateupdater", leak(v, tau), 3);
    let m = net.record(v, vec![2]);
    net.run(50);
    assert_eq!(net.run(50).steps, 50);
    net.sim.store.fill(tau, 20e-3);
    net.run(50);
    let mut expected = vec![1.0];
    for step in 0..149 {
        let rate = DT / if step < 100 { 10e-3 } else { 20e-3 };
        expected.push(expected[step] - expected[step] * rate);
    }
    assert_eq!(net.state(m).values(0).unwrap().held(), expected);
    assert!(
        net.state(m)
            .t()
            .held()
            .iter()
            .enumerate()
            .all(|(k, t)| *t == k as f64 * DT)
    );
    assert_eq!(
        (net.sim.now(), net.sim.time(net.clock)),
        (0.005 + 0.005 + 0.005, 150.0 * DT)
    );
}

#[test]
fn thresholds_see_the_update_monitors_see_the_spike_and_resets_come_last() {
    let mut net = Net::new(Random::fast(0));
    let v = net.sim.store.add(2, 0.0);
    net.sim.store.set(v, 1, 0.25);
    // Added in the wrong order on purpose.
    let program = net.program(reset(v), 0);
    let spikes = net.threshold(above(v, 1.0), 2);
    net.op(
        Slot::Resets,
        0,
        "resetter",
        Action::Elements { program, spikes },
    );
    net.kernel(Slot::Groups, "stateupdater", step_up(v, 0.375), 2);
    let m = net.record_spikes(
        spikes,
        0,
        2,
        vec![Column {
            array: v,
            at: At::Element,
        }],
    );
    let s = net.record(v, vec![0, 1]);
    let rate = net.sim.add_monitor(Monitor::Rate(RateMonitor::new()));
    net.op(
        Slot::End,
        0,
        "ratemonitor",
        Action::RecordRate {
            monitor: rate,
            spikes,
            first: 0,
            last: 2,
        },
    );
    net.run(7);
    // v after the updates: 0.375 0.75 1.125(spike) ... ; 0.625 1.0 1.375(spike) ...
    assert_eq!(net.spikes(m).i().held(), [0, 1, 0, 1]);
    assert_eq!(steps(net.spikes(m).t().held()), [2, 2, 5, 5]);
    assert_eq!(
        net.spikes(m).values(0).unwrap().held(),
        [1.125, 1.375, 1.125, 1.125]
    );
    assert_eq!(net.spikes(m).counts(), [2, 2]);
    assert_eq!(
        net.state(s).values(0).unwrap().held()[4..8],
        [0.75, 1.0, 0.0, 0.0]
    );
    let rate = net.sim.monitor(rate).and_then(Monitor::as_rate).unwrap();
    assert_eq!(
        rate.rate().held(),
        [0.0, 0.0, 1.0 / DT, 0.0, 0.0, 1.0 / DT, 0.0].map(|r: f64| r)
    );
    assert!(net.sim.spikes(spikes).is_empty());
}

#[test]
fn equal_slots_and_orders_go_by_name() {
    // x = 2x and x = x + 1, in the order of their names.
    for (double, increment, expected) in [
        ("a", "b", 7.0),
        ("b", "a", 14.0),
        ("synapses_pre", "synapses_1_pre", 14.0),
    ] {
        let mut net = Net::new(Random::fast(0));
        let x = net.sim.store.add(1, 0.0);
        let mut twice = K::new("double", Domain::All);
        let old = twice.load(x, Access::Element);
        let new = twice.op(Binary::Add, old, old);
        twice.store(x, Access::Element, new, None);
        net.kernel(Slot::Synapses, double, twice, 1);
        net.kernel(Slot::Synapses, increment, step_up(x, 1.0), 1);
        net.run(3);
        assert_eq!(net.sim.store.get(x, 0), expected);
    }
}

#[test]
fn refractoriness_freezes_for_whole_steps() {
    // not_refractory = t - lastspike >= 5 dt (in steps); v rises where not refractory; a spike sets lastspike.
    let mut net = Net::new(Random::fast(0));
    let (v, last, free) = (
        net.sim.store.add(1, 0.0),
        net.sim.store.add(1, -1e8),
        net.sim.store.add(1, 1.0),
    );
    let mut k = K::new("stateupdater", Domain::All);
    let step = k.scalar(ScalarSource::TimeStep);
    let since = k.load(last, Access::Element);
    let since = k.op(Binary::Sub, step, since);
    let five = k.num(5.0);
    let is_free = k.cmp(Compare::Le, five, since);
    k.store(free, Access::Element, is_free, None);
    let old = k.load(v, Access::Element);
    let half = k.num(0.75);
    let new = k.op(Binary::Add, old, half);
    k.store(v, Access::Element, new, Some(is_free));
    net.kernel(Slot::Groups, "stateupdater", k, 1);
    let mut k = K::new("thresholder", Domain::All);
    let (value, one) = (k.load(v, Access::Element), k.num(0.5));
    let over = k.cmp(Compare::Lt, one, value);
    let slot = k.slot(free, true);
    let is_free = k.inst(Inst::LoadBool(slot, Access::Element));
    let spike = k.inst(Inst::And(over, is_free));
    let step = k.scalar(ScalarSource::TimeStep);
    k.store(last, Access::Element, step, Some(spike));
    let no = k.inst(Inst::Bool(false));
    k.store(free, Access::Element, no, Some(spike));
    k.inst(Inst::Emit(spike));
    let spikes = net.threshold(k, 1);
    let program = net.program(reset(v), 0);
    net.op(
        Slot::Resets,
        0,
        "resetter",
        Action::Elements { program, spikes },
    );
    let m = net.record_spikes(spikes, 0, 1, Vec::new());
    let s = net.record(free, vec![0]);
    net.run(12);
    assert_eq!(steps(net.spikes(m).t().held()), [0, 5, 10]);
    assert_eq!(
        net.state(s).values(0).unwrap().held(),
        [1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    );
}

#[test]
fn what_depends_on_time_only_is_computed_once_per_step() {
    let mut net = Net::new(Random::fast(0));
    let x = net.sim.store.add(4, 0.0);
    let mut k = K::new("stateupdater", Domain::All);
    let t = k.scalar_slot(ScalarSource::Time, Level::Step);
    let twice = k.scalar_slot(ScalarSource::Derived, Level::Step);
    let at = dslsim_ir::kernel::Val;
    k.0.step_prologue.insts = vec![Inst::Scalar(t), Inst::Binary(Binary::Add, at(0), at(0))];
    k.0.step_prologue.results = vec![(at(1), twice)];
    let value = k.inst(Inst::Scalar(twice));
    k.store(x, Access::Element, value, None);
    net.kernel(Slot::Groups, "stateupdater", k, 4);
    let m = net.record(x, vec![3]);
    net.run(5);
    let expected: Vec<f64> = [0.0, 0.0]
        .into_iter()
        .chain((1..4).map(|s| 2.0 * (f64::from(s) * DT)))
        .collect();
    assert_eq!(net.state(m).values(0).unwrap().held(), expected);
}

#[test]
fn clocks_run_interleaved() {
    // A fast counter; a slow kernel takes a copy of it; the slow monitor comes before both in a step.
    let mut net = Net::new(Random::fast(0));
    let (count, copy) = (net.sim.store.add(1, 0.0), net.sim.store.add(1, -1.0));
    net.kernel(Slot::Groups, "counter", step_up(count, 1.0), 1);
    let fast = net.clock;
    let slow = net.sim.add_clock(0.25e-3).unwrap();
    net.clock = slow;
    let mut k = K::new("copier", Domain::All);
    let value = k.load(count, Access::Element);
    k.store(copy, Access::Element, value, None);
    net.kernel(Slot::Thresholds, "copier", k, 1);
    let m = net.record(copy, vec![0]);
    let outcome = net.run(10);
    assert_eq!(outcome.steps, 10);
    // Slow steps at 0, 0.25, 0.5, 0.75 ms: after 1, 3, 6, 8 fast steps (0.25 ms lies between fast steps).
    assert_eq!(net.state(m).t().held(), [0.0, 0.25e-3, 0.5e-3, 0.75e-3]);
    assert_eq!(
        net.state(m).values(0).unwrap().held(),
        [-1.0, 1.0, 3.0, 6.0]
    );
    assert_eq!(net.sim.store.get(copy, 0), 8.0);
    assert_eq!(net.sim.time(fast), 1e-3);
    // 0.25 ms more: the fast clock makes 3 steps, the slow one 1; then both go on where they are.
    net.sim.run(&mut net.plan, 0.25e-3, &mut Silent).unwrap();
    assert_eq!(net.sim.store.get(count, 0), 13.0);
    assert!((net.sim.now() - 1.25e-3).abs() < 1e-15);
    net.sim.run(&mut net.plan, 0.25e-3, &mut Silent).unwrap();
    assert_eq!(net.sim.store.get(count, 0), 15.0);
    assert_eq!(net.state(m).t().held().len(), 6);
}

#[test]
fn clocks_are_due_together_within_rounding() {
    // 3 * 0.1 ms and 0.3 ms differ in the last bit: still one step, in the order of slots.
    assert_ne!(3.0 * DT, 0.3e-3);
    let mut net = Net::new(Random::fast(0));
    let count = net.sim.store.add(1, 0.0);
    net.kernel(Slot::Groups, "counter", step_up(count, 1.0), 1);
    net.clock = net.sim.add_clock(0.3e-3).unwrap();
    let late = StateMonitor::new(
        vec![Column {
            array: count,
            at: At::Element,
        }],
        vec![0],
    );
    let late = net.sim.add_monitor(Monitor::State(late));
    net.op(
        Slot::End,
        0,
        "late",
        Action::RecordState {
            monitor: late,
            program: None,
        },
    );
    let early = net.record(count, vec![0]);
    net.run(300);
    let expect = |offset: u32| {
        (0..100)
            .map(|k| f64::from(3 * k + offset))
            .collect::<Vec<_>>()
    };
    assert_eq!(net.state(early).values(0).unwrap().held(), expect(0));
    assert_eq!(net.state(late).values(0).unwrap().held(), expect(1));
}

#[test]
fn nan_is_noticed_and_located() {
    let build = || {
        let mut net = Net::new(Random::fast(0));
        let (v, t) = (net.sim.store.add(5, 1e300), net.sim.store.add(5, 0.0));
        net.sim.store.set(v, 4, 1e305);
        net.kernel(Slot::Groups, "growth", leak(v, t), 5);
        net.sim.store.fill(t, -DT / 9.0); // v *= 10
        net.plan.watch = vec![v];
        net.plan.watch_every = 5;
        (net, v)
    };
    let (mut net, v) = build();
    let error = net
        .sim
        .run(&mut net.plan, 100.0 * DT, &mut Silent)
        .unwrap_err();
    let RunError::NotFinite(found) = error else {
        panic!("{error}")
    };
    assert_eq!(
        (found.array, found.element, found.value),
        (v, 4, f64::INFINITY)
    );
    // It is looked at after 5 steps; the fourth made 1e308 infinite.
    assert!((net.sim.now() - 5.0 * DT).abs() < 1e-12);
    assert!((found.from_time - 3.0 * DT).abs() < 1e-12 && (found.to_time - 4.0 * DT).abs() < 1e-12);
    let origin = found.origin.clone().unwrap();
    assert_eq!((&*origin.operation, &origin.elements), ("growth", &None));
    let before = origin.before.get(v, 4);
    assert!((before / 1e308 - 1.0).abs() < 1e-12, "{before}");
    let (mut net, _) = build();
    net.plan.allow_not_finite = true;
    let outcome = net.run(100);
    assert_eq!(outcome.not_finite, [found]);
    assert_eq!(outcome.steps, 100);
}

#[test]
fn a_plan_that_does_not_fit_is_refused() {
    let mut net = Net::new(Random::fast(0));
    let v = net.sim.store.add(3, 0.0);
    net.kernel(Slot::Groups, "stateupdater", step_up(v, 1.0), 4);
    let error = net.sim.run(&mut net.plan, 1e-3, &mut Silent).unwrap_err();
    assert!(
        matches!(
            error,
            RunError::Bounds {
                len: 3,
                needed: 4,
                ..
            }
        ),
        "{error}"
    );
    net.plan.programs[0].len = 3;
    let table = net.sim.store.add_table(&[0, 3]);
    let mut k = K::new("reader", Domain::All);
    let via = k.via(table);
    let value = k.load(v, via);
    let w = net.sim.store.add(2, 0.0);
    k.store(w, Access::Element, value, None);
    net.kernel(Slot::Groups, "reader", k, 2);
    let error = net.sim.run(&mut net.plan, 1e-3, &mut Silent).unwrap_err();
    assert!(
        matches!(
            error,
            RunError::Bounds {
                len: 3,
                needed: 4,
                ..
            }
        ),
        "{error}"
    );
    assert!(matches!(
        net.sim.run(&mut net.plan, -1.0, &mut Silent),
        Err(RunError::Duration(_))
    ));
}

/// Noise on v, spikes at random, one reset with a draw for each spiking neuron.
fn noisy(random: Random) -> (Net, MonitorId, MonitorId) {
    let mut net = Net::new(random);
    let (v, scratch, list_scratch) = (
        net.sim.store.add(20, 0.0),
        net.sim.store.add(0, 0.0),
        net.sim.store.add(1, 0.0),
    );
    let mut k = K::new("stateupdater", Domain::All);
    let noise = k.draw(DrawKind::Normal, scratch);
    let old = k.load(v, Access::Element);
    let new = k.op(Binary::Add, old, noise);
    k.store(v, Access::Element, new, None);
    net.kernel(Slot::Groups, "stateupdater", k, 20);
    let spikes = net.threshold(above(v, 3.0), 20);
    let mut k = K::new("resetter", Domain::List);
    let new = k.draw(DrawKind::Uniform, list_scratch);
    k.store(v, Access::Element, new, None);
    let program = net.program(k, 0);
    net.op(
        Slot::Resets,
        0,
        "resetter",
        Action::Elements { program, spikes },
    );
    net.poisson(1000, Rates::Uniform(30.0));
    let s = net.record(v, (0..20).collect());
    let m = net.record_spikes(SpikesId(1), 0, 1000, Vec::new());
    (net, s, m)
}

#[test]
fn interruptions_clones_and_division_into_runs_change_nothing() {
    for random in [Random::fast(11), Random::brian2(11)] {
        let (mut whole, s, m) = noisy(random.clone());
        whole.run(400);
        let (mut parts, _, _) = noisy(random);
        parts.run(123);
        let mut clone = parts.sim.clone();
        for duration in [1, 76, 200] {
            parts.run(duration);
        }
        clone.run(&mut parts.plan, 277.0 * DT, &mut Silent).unwrap();
        assert!(
            whole.spikes(m).total() > 1000
                && whole.state(s).values(0).unwrap().held().len() == 8000
        );
        for other in [&parts.sim, &clone] {
            let spikes = other.monitor(m).and_then(Monitor::as_spikes).unwrap();
            assert_eq!(spikes.i().held(), whole.spikes(m).i().held());
            let state = other.monitor(s).and_then(Monitor::as_state).unwrap();
            assert_eq!(
                state.values(0).unwrap().held(),
                whole.state(s).values(0).unwrap().held()
            );
        }
    }
}

/// Code that takes 60 ms the tenth time.
struct Slow(AtomicU32);

impl Code for Slow {
    fn run(&self, _: &[ArrayInput], _: &[IndexId], _: &mut Frame<'_>) {
        if self.0.fetch_add(1, Ordering::Relaxed) == 9 {
            std::thread::sleep(std::time::Duration::from_millis(60));
        }
    }
}

#[test]
fn an_observer_stops_between_steps_and_the_run_can_go_on() {
    let (mut whole, s, m) = noisy(Random::fast(5));
    whole.run(300);
    let (mut stopped, _, _) = noisy(Random::fast(5));
    let x = stopped.sim.store.add(1, 0.0);
    stopped.kernel(Slot::End, "slow", step_up(x, 1.0), 1);
    if let Some(program) = stopped.plan.programs.last_mut() {
        program.code = Arc::new(Slow(AtomicU32::new(0)));
    }
    // The clock is read after steps 1, 3, 7, 15, ...: the observer is told after step 15 at the latest.
    let mut told = Vec::new();
    let mut observer = |done: u64, total: u64, t: f64| {
        told.push((done, total, t));
        Control::Stop
    };
    let outcome = stopped
        .sim
        .run(&mut stopped.plan, 300.0 * DT, &mut observer)
        .unwrap();
    assert!(
        outcome.stopped && (1..=15).contains(&outcome.steps),
        "{outcome:?}"
    );
    let t = outcome.steps as f64 * DT;
    assert_eq!(told, [(outcome.steps, 300, t)]);
    assert_eq!((stopped.sim.now(), stopped.sim.time(stopped.clock)), (t, t));
    assert_eq!(stopped.state(s).t().held().len() as u64, outcome.steps);
    let rest = 300.0 * DT - t;
    let mut last = None;
    let mut observer = |done: u64, total: u64, t: f64| {
        last = Some((done, total, t));
        Control::Continue
    };
    let second = stopped
        .sim
        .run(&mut stopped.plan, rest, &mut observer)
        .unwrap();
    assert!(!second.stopped && second.steps == 300 - outcome.steps);
    assert_eq!(last, Some((second.steps, second.steps, stopped.sim.now())));
    assert_eq!(
        stopped.state(s).values(0).unwrap().held(),
        whole.state(s).values(0).unwrap().held()
    );
    assert_eq!(stopped.spikes(m).i().held(), whole.spikes(m).i().held());
}

#[test]
fn a_clock_that_was_not_used_goes_on_at_the_present_time() {
    // The first run ends with an error at step 5, and leaves the idle clock behind.
    let mut net = Net::new(Random::fast(0));
    let (v, w) = (net.sim.store.add(1, 0.0), net.sim.store.add(1, 0.0));
    let mut k = K::new("stateupdater", Domain::All);
    let infinite = k.num(f64::INFINITY);
    k.store(v, Access::Element, infinite, None);
    net.kernel(Slot::Groups, "stateupdater", k, 1);
    net.plan.watch = vec![v];
    net.plan.watch_every = 5;
    let idle = net.sim.add_clock(DT).unwrap();
    assert!(net.sim.run(&mut net.plan, 20.0 * DT, &mut Silent).is_err());
    net.plan = Plan::new();
    net.clock = idle;
    net.kernel(Slot::Groups, "stateupdater", step_up(w, 1.0), 1);
    let m = net.record(w, vec![0]);
    net.run(2);
    assert_eq!(steps(net.state(m).t().held()), [5, 6]);
}

#[test]
fn profiles_name_every_operation() {
    let (mut net, _, _) = noisy(Random::fast(5));
    net.plan.profile = true;
    let outcome = net.run(50);
    let names: Vec<&str> = outcome.profile.iter().map(|p| p.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "statemonitor",
            "stateupdater",
            "poissongroup",
            "thresholder",
            "spikemonitor",
            "resetter"
        ]
    );
    assert!(outcome.profile.iter().all(|p| p.seconds > 0.0) && outcome.seconds > 0.0);
}

#[test]
fn list_draws_belong_to_elements() {
    // The same neuron gets the same number, whoever else spikes in that step.
    let resets = |given: &[(u32, u64)]| {
        let mut net = Net::new(Random::fast(5));
        let (v, scratch) = (net.sim.store.add(8, -1.0), net.sim.store.add(1, 0.0));
        let spikes = net.given(8, given);
        let mut k = K::new("resetter", Domain::List);
        let new = k.draw(DrawKind::Normal, scratch);
        k.store(v, Access::Element, new, None);
        let program = net.program(k, 0);
        net.op(
            Slot::Resets,
            0,
            "resetter",
            Action::Elements { program, spikes },
        );
        net.run(3);
        net.sim.store.to_vec(v)
    };
    let (alone, together) = (resets(&[(6, 2)]), resets(&[(0, 2), (3, 2), (6, 2), (7, 2)]));
    assert_eq!(alone[6], together[6]);
    assert!(alone[0] == -1.0 && together[0] != -1.0);
}

/// Leaky neurons with noise, a threshold and a reset; the update and the threshold in one pass, or with something between them. Besides
/// their state, an array that is set anew in each step.
fn leaky(joined: bool, between: bool) -> (Net, [ArrayId; 2], MonitorId) {
    let mut net = Net::new(Random::fast(3));
    let n = 40;
    let (v, tau) = (net.sim.store.add(n, 0.0), net.sim.store.add(1, 1e-3));
    let scratch = net.sim.store.add(1, 0.0);
    let mut k = leak(v, tau);
    let noise = k.draw(DrawKind::Normal, scratch);
    let old = k.load(v, Access::Element);
    let new = k.op(Binary::Add, old, noise);
    k.store(v, Access::Element, new, None);
    let flag = net.sim.store.add(n, 0.0);
    let half = k.num(0.5);
    let high = k.cmp(Compare::Lt, half, new);
    k.store(flag, Access::Element, high, None);
    let first = net.program(k, n);
    net.op(
        Slot::Groups,
        0,
        "stateupdater",
        Action::Kernel { program: first },
    );
    let spikes = net.threshold(above(v, 1.0), n as u32);
    let second = ProgramId(first.0 + 1);
    let program = net.program(reset(v), 0);
    net.op(
        Slot::Resets,
        0,
        "resetter",
        Action::Elements { program, spikes },
    );
    if between {
        net.kernel(Slot::Groups, "up", step_up(v, 0.1), n);
    }
    if joined {
        let kernel = |p: ProgramId| net.plan.programs[p.0 as usize].kernel.kernel();
        let both = dslsim_ir::join::join(kernel(first), kernel(second)).unwrap();
        let object = net.plan.programs[first.0 as usize].object;
        let valid = both.clone().validate().unwrap();
        let looked_at = |array| net.plan.is_looked_at(array, &net.sim, &[first, second]);
        assert_eq!(dslsim_ir::unseen::set_anew(&valid), [flag]);
        assert_eq!((looked_at(flag), looked_at(tau)), (false, false));
        let lean = K(dslsim_ir::unseen::without(&valid, &[flag])).program(n, object);
        let program = net.plan.add(K(both).program(n, object));
        let unseen = Some(net.plan.add(lean));
        net.plan.joined.push(Joined {
            first,
            second,
            program,
            unseen,
            released: None,
            name: "stateupdater + thresholder".into(),
        });
    }
    net.plan.profile = true;
    let monitor = net.record_spikes(spikes, 0, n as u32, Vec::new());
    (net, [v, flag], monitor)
}

#[test]
fn what_a_monitor_records_is_looked_at() {
    let mut net = Net::new(Random::fast(3));
    let [v, w] = [0.0, 1.0].map(|x| net.sim.store.add(4, x));
    net.kernel(Slot::Groups, "up", step_up(v, 0.1), 4);
    net.record(w, vec![0]);
    let looked_at = |array, but_for: &[ProgramId]| net.plan.is_looked_at(array, &net.sim, but_for);
    assert!(looked_at(v, &[]) && looked_at(w, &[]));
    assert!(!looked_at(v, &[ProgramId(0)]) && looked_at(w, &[ProgramId(0)]));
}

#[test]
fn a_threshold_in_the_same_pass_gives_the_same() {
    for between in [false, true] {
        let results: Vec<_> = [false, true]
            .into_iter()
            .map(|joined| {
                let (mut net, arrays, monitor) = leaky(joined, between);
                let names: Vec<_> = net.run(200).profile.into_iter().map(|p| p.name).collect();
                let together = names.iter().any(|n| n == "stateupdater + thresholder");
                assert_eq!(together, joined && !between, "{names:?}");
                let spikes = net.spikes(monitor).i().held().to_vec();
                assert!(spikes.len() > 100, "{}", spikes.len());
                (arrays.map(|a| net.sim.store.to_vec(a)), spikes)
            })
            .collect();
        assert_eq!(results[0], results[1]);
    }
}
