//! Pathways: rows, delays, queues across runs, order of events, subgroups, zero delay and resets.

#![allow(clippy::unwrap_used)]

mod common;

use std::sync::Arc;

use common::*;
use dslsim_ir::kernel::{Binary, Compare};
use dslsim_ir::{Access, ArrayId, Domain, Inst, ScalarSource};
use dslsim_runtime::*;

/// A pathway that logs its events: event number `n` of the run is at synapse `synapse[n]` in step `step[n]`.
struct Log {
    net: Net,
    queue: QueueId,
    count: ArrayId,
    step: ArrayId,
    synapse: ArrayId,
}

fn logged(n: u32, given: &[(u32, u64)], range: (u32, u32), rows: Rows, delay: Delay) -> Log {
    let mut net = Net::new(Random::fast(0));
    let source = net.given(n, given);
    let (count, step, synapse) = (
        net.sim.store.add(1, 0.0),
        net.sim.store.add(100, -1.0),
        net.sim.store.add(100, -1.0),
    );
    // A log needs a place that depends on a counter: one kernel cannot compute indices, so each synapse adds a digit.
    let mut k = K::new("synapses_pre", Domain::List);
    let base = k.load(synapse, Access::Only);
    let hundred = k.num(100.0);
    let base = k.op(Binary::Mul, base, hundred);
    let element = k.inst(Inst::Element);
    let new = k.op(Binary::Add, base, element);
    k.store(synapse, Access::Only, new, None);
    let now = k.scalar(ScalarSource::TimeStep);
    k.store(step, Access::Element, now, None);
    k.add(count, Access::Only, 1.0);
    let program = net.program(k, 0);
    let queue = net.sim.add_queue();
    let (first, last) = range;
    let action = Action::Pathway {
        source,
        first,
        last,
        synapses: Arc::new(rows),
        delay,
        queue,
        program,
    };
    net.op(Slot::Synapses, -1, "synapses_pre", action);
    net.sim.store.fill(synapse, 0.0);
    Log {
        net,
        queue,
        count,
        step,
        synapse,
    }
}

impl Log {
    /// Makes steps one by one: (step, synapses in order) where there are events.
    fn follow(&mut self, steps: u64) -> Vec<(u64, Vec<u32>)> {
        let mut all = Vec::new();
        for _ in 0..steps {
            let now = self.net.sim.clock(self.net.clock).map_or(0, Clock::step);
            self.net.sim.store.fill(self.count, 0.0);
            self.net.sim.store.fill(self.synapse, 0.0);
            self.net.run(1);
            let mut digits = self.net.sim.store.get(self.synapse, 0);
            let mut events = Vec::new();
            for _ in 0..self.net.sim.store.get(self.count, 0) as u32 {
                events.push((digits % 100.0) as u32);
                digits = (digits / 100.0).floor();
            }
            events.reverse();
            if !events.is_empty() {
                all.push((now, events));
            }
        }
        all
    }

    fn change(&mut self, new_rows: Option<Rows>, new_delay: Option<Delay>) {
        for operation in &mut self.net.plan.operations {
            if let Action::Pathway {
                synapses, delay, ..
            } = &mut operation.action
            {
                if let Some(rows) = &new_rows {
                    *synapses = Arc::new(rows.clone());
                }
                if let Some(new) = &new_delay {
                    *delay = new.clone();
                }
            }
        }
    }
}

fn rows(sources: u32, of: &[u32]) -> Rows {
    Rows::new(sources, of).unwrap()
}

#[test]
fn one_delay_for_all() {
    for d in [0u32, 1, 3, 8] {
        for kind in 0..2 {
            let delay = if d == 0 && kind == 0 {
                Delay::None
            } else {
                Delay::Uniform(d)
            };
            let general = rows(3, &[2, 0, 2, 1, 0]);
            let mut log = logged(3, &[(0, 1), (2, 1), (1, 2), (2, 5)], (0, 3), general, delay);
            let d = u64::from(d);
            let expected = [
                (1 + d, vec![1, 4, 0, 2]),
                (2 + d, vec![3]),
                (5 + d, vec![0, 2]),
            ];
            // Each step is a run of its own: the queue lasts.
            assert_eq!(log.follow(20), expected);
            assert_eq!(log.net.sim.in_flight(log.queue), 0);
        }
    }
}

#[test]
fn identity_rows() {
    for d in [0u32, 2] {
        let mut log = logged(
            4,
            &[(3, 0), (1, 0), (2, 4)],
            (0, 4),
            rows(4, &[0, 1, 2, 3]),
            Delay::Uniform(d),
        );
        let d = u64::from(d);
        assert_eq!(log.follow(10), [(d, vec![1, 3]), (4 + d, vec![2])]);
    }
}

#[test]
fn a_delay_for_each_synapse() {
    let delays: Arc<[u32]> = Arc::from([0, 2, 5, 2, 1]);
    let mut log = logged(
        2,
        &[(0, 0), (1, 1), (0, 2)],
        (0, 2),
        rows(2, &[0, 0, 0, 1, 1]),
        Delay::PerSynapse(delays),
    );
    // Source 0 -> synapses 0, 1, 2; source 1 -> 3, 4.
    let expected = [
        (0, vec![0]),
        (2, vec![1, 4, 0]), // pushed at 0, at 1, now
        (3, vec![3]),
        (4, vec![1]),
        (5, vec![2]),
        (7, vec![2]),
    ];
    assert_eq!(log.follow(12), expected);
}

#[test]
fn pathways_may_see_a_part_of_the_source() {
    for of in [vec![0u32, 1], vec![1, 0]] {
        for delay in [
            Delay::None,
            Delay::Uniform(1),
            Delay::PerSynapse(Arc::from([1, 1])),
        ] {
            let d = u64::from(delay.longest());
            let mut log = logged(
                6,
                &[(0, 0), (2, 0), (3, 0), (4, 0), (3, 2)],
                (2, 4),
                rows(2, &of),
                delay,
            );
            let of_second = of.iter().position(|s| *s == 1).unwrap() as u32;
            assert_eq!(
                log.follow(5),
                [
                    (d, vec![1 - of_second, of_second]),
                    (2 + d, vec![of_second])
                ]
            );
        }
    }
}

#[test]
fn events_in_flight_keep_their_time_and_synapses() {
    // Another delay between runs.
    let mut log = logged(
        2,
        &[(0, 0), (1, 2)],
        (0, 2),
        rows(2, &[0, 1]),
        Delay::Uniform(5),
    );
    assert_eq!(log.follow(2), []);
    log.change(None, Some(Delay::Uniform(1)));
    assert_eq!(log.follow(10), [(3, vec![1]), (5, vec![0])]);

    // New synapses: the spike in flight does not reach them.
    let mut log = logged(
        2,
        &[(0, 0), (0, 2)],
        (0, 2),
        rows(2, &[0, 1]),
        Delay::Uniform(4),
    );
    log.follow(2);
    log.change(Some(rows(2, &[0, 1, 0])), None);
    assert_eq!(log.follow(10), [(4, vec![0]), (6, vec![0, 2])]);

    // From one delay for all to one for each, and back.
    let mut log = logged(
        2,
        &[(0, 0), (0, 2), (1, 3)],
        (0, 2),
        rows(2, &[0, 1, 0]),
        Delay::Uniform(4),
    );
    log.follow(2);
    log.change(None, Some(Delay::PerSynapse(Arc::from([2, 1, 9]))));
    log.follow(1);
    log.change(None, Some(Delay::Uniform(1)));
    assert_eq!(log.follow(12), [(4, vec![0, 2, 0, 1]), (11, vec![2])]);

    // Another length of step: the remaining time stays.
    let mut log = logged(1, &[(0, 0)], (0, 1), rows(1, &[0]), Delay::Uniform(8));
    log.net.run(2);
    let clock = log.net.clock;
    log.net.sim.set_dt(clock, 2.0 * DT).unwrap();
    log.net.sim.set_generator(
        GeneratorId(0),
        Generator::new(1, &[], &[], 2.0 * DT, None).unwrap(),
    );
    log.net.run(20);
    assert_eq!(log.net.sim.store.get(log.step, 0), 4.0);
}

#[test]
fn kernels_must_have_room_for_every_synapse() {
    let mut log = logged(2, &[(0, 0)], (0, 2), rows(2, &[0; 101]), Delay::Uniform(1));
    let error = log
        .net
        .sim
        .run(&mut log.net.plan, 5.0 * DT, &mut Silent)
        .unwrap_err();
    assert!(
        matches!(
            error,
            RunError::Bounds {
                len: 100,
                needed: 101,
                ..
            }
        ),
        "{error}"
    );
    let short = Delay::PerSynapse(Arc::from([1, 1]));
    let mut log = logged(2, &[(0, 0)], (0, 2), rows(2, &[0, 0, 0]), short);
    let error = log
        .net
        .sim
        .run(&mut log.net.plan, 5.0 * DT, &mut Silent)
        .unwrap_err();
    assert!(matches!(error, RunError::Plan { .. }), "{error}");
}

#[test]
fn zero_delay_input_is_wiped_by_the_reset() {
    // Neuron 0 is driven over the threshold; its spike reaches neurons 0 and 1 in the same step; 0 is then reset.
    let mut net = Net::new(Random::fast(0));
    let (v, post) = (net.sim.store.add(2, 0.0), net.sim.store.add_table(&[0, 1]));
    net.sim.store.set(v, 0, 2.0);
    let mut k = K::new("thresholder", Domain::All);
    let (value, one) = (k.load(v, Access::Element), k.num(1.0));
    let over = k.cmp(Compare::Lt, one, value);
    k.inst(Inst::Emit(over));
    let spikes = net.threshold(k, 2);
    let mut k = K::new("synapses_pre", Domain::List);
    let via = k.via(post);
    k.add(v, via, 0.5);
    let program = net.program(k, 0);
    let queue = net.sim.add_queue();
    let synapses = Arc::new(rows(2, &[0, 0]));
    let action = Action::Pathway {
        source: spikes,
        first: 0,
        last: 2,
        synapses,
        delay: Delay::None,
        queue,
        program,
    };
    net.op(Slot::Synapses, -1, "synapses_pre", action);
    let mut k = K::new("resetter", Domain::List);
    let zero = k.num(0.0);
    k.store(v, Access::Element, zero, None);
    let program = net.program(k, 0);
    net.op(
        Slot::Resets,
        0,
        "resetter",
        Action::Elements { program, spikes },
    );
    net.run(1);
    assert_eq!(net.sim.store.to_vec(v), [0.0, 0.5]);
}

#[test]
fn summed_variables_are_zeroed_and_summed_before_the_update() {
    let mut net = Net::new(Random::fast(0));
    let (total, w) = (net.sim.store.add(3, 9.0), net.sim.store.add(4, 0.0));
    net.sim.store.assign(w, &[1.0, 2.0, 4.0, 8.0]);
    let post = net.sim.store.add_table(&[0, 2, 0, 2]);
    let mut k = K::new("summed", Domain::Sequential);
    let weight = k.load(w, Access::Element);
    let via = k.via(post);
    let old = k.load(total, via);
    let new = k.op(Binary::Add, old, weight);
    k.store(total, via, new, None);
    let program = net.program(k, 4);
    net.op(
        Slot::Groups,
        -1,
        "summed_0",
        Action::Fill {
            array: total,
            value: 0.0,
        },
    );
    net.op(Slot::Groups, -1, "summed_1", Action::Kernel { program });
    net.run(2);
    assert_eq!(net.sim.store.to_vec(total), [5.0, 0.0, 10.0]);
}
