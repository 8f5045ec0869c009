//! Pathways that wait for another one: every synapse goes through the same events in the same order.

#![allow(clippy::unwrap_used)]

mod common;

use std::sync::Arc;

use common::*;
use dslsim_ir::kernel::Binary;
use dslsim_ir::{Access, ArrayId, Domain, ScalarSource};
use dslsim_runtime::*;

const SOURCES: u32 = 12;
const TARGETS: u32 = 15;

/// Numbers without an order.
fn random(mut state: u64) -> impl FnMut(u64) -> u64 {
    move |below| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    }
}

/// Which way a network is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    AtOnce,
    Late,
    /// With a mistake in what is executed late.
    WronglyLate,
}

struct Plastic {
    net: Net,
    /// What each event changes, in a way that depends on the order of events and on their times.
    x: ArrayId,
    /// To which presynaptic spikes add x, neuron by neuron.
    sum: ArrayId,
}

/// All sources reach all targets. Some of either are silent most of the time; a few spike in nearly every step.
fn plastic(way: Way, seed: u64, delays: [u32; 2], post_first: bool, steps: u64) -> Plastic {
    let mut next = random(seed);
    let mut train = |neurons: u32| -> Vec<(u32, u64)> {
        let mut spikes = Vec::new();
        for neuron in 0..neurons {
            let pause = [2, 3, 9, 40, 200, 5000][neuron as usize % 6];
            spikes.extend(
                (0..steps)
                    .filter(|_| next(pause) == 0)
                    .map(|step| (neuron, step)),
            );
        }
        spikes
    };
    let (pre, post) = (train(SOURCES), train(TARGETS));
    let mut net = Net::new(Random::fast(1));
    let sources = net.given(SOURCES, &pre);
    let targets = net.given(TARGETS, &post);
    let count = (SOURCES * TARGETS) as usize;
    let [x, times] = [0.5, 0.0].map(|v| net.sim.store.add(count, v));
    let sum = net.sim.store.add(TARGETS as usize, 0.0);
    let source_of: Vec<u32> = (0..count as u32).map(|k| k / TARGETS).collect();
    let target_of: Vec<u32> = (0..count as u32).map(|k| k % TARGETS).collect();
    let [table, rows] = [&target_of, &source_of].map(|t| net.sim.store.add_table(t));

    let before = |domain| {
        let mut k = K::new("synapses_pre", domain);
        let via = k.via(table);
        let (old, w) = (k.load(sum, via), k.load(x, Access::Element));
        let new = k.op(Binary::Add, old, w);
        k.store(sum, via, new, None);
        let factor = k.num(0.75);
        let less = k.op(Binary::Mul, w, factor);
        let now = k.scalar(ScalarSource::Time);
        let new = k.op(Binary::Add, less, now);
        k.store(x, Access::Element, new, None);
        k
    };
    let after = |late: bool| {
        let mut k = K::new("synapses_post", Domain::List);
        let old = k.load(x, Access::Element);
        let one = k.num(if late && way == Way::WronglyLate {
            1.5
        } else {
            1.25
        });
        let scaled = k.op(Binary::Mul, old, one);
        let now = match late {
            true => k.load(times, Access::Position),
            false => k.scalar(ScalarSource::Time),
        };
        let new = k.op(Binary::Sub, scaled, now);
        let (low, high) = (k.num(-50.0), k.num(50.0));
        let new = k.op(Binary::Max, new, low);
        let new = k.op(Binary::Min, new, high);
        k.store(x, Access::Element, new, None);
        k
    };
    let awaited = net.program(before(Domain::List), 0);
    let by_range = net.program(before(Domain::Sequential), count);
    net.plan.by_range.push((awaited, by_range));
    let waiting = net.program(after(false), 0);
    let orders = if post_first { [1, -1] } else { [-1, 1] };
    let delay = |steps| match steps {
        0 => Delay::None,
        steps => Delay::Uniform(steps),
    };
    let pathways = [
        ("synapses_pre", sources, SOURCES, &source_of, awaited),
        ("synapses_post", targets, TARGETS, &target_of, waiting),
    ];
    for (at, (name, source, last, of, program)) in pathways.into_iter().enumerate() {
        let queue = net.sim.add_queue();
        let action = Action::Pathway {
            source,
            first: 0,
            last,
            synapses: Arc::new(Rows::new(last, of).unwrap()),
            delay: delay(delays[at]),
            queue,
            program,
        };
        net.op(Slot::Synapses, orders[at], name, action);
    }
    if way != Way::AtOnce {
        let late = net.program(after(true), 0);
        net.plan.deferred.push(Deferred {
            waiting,
            late,
            times,
            neurons: table,
            rows,
            awaited,
        });
    }
    Plastic { net, x, sum }
}

impl Plastic {
    /// The state after several runs.
    fn after(mut self, runs: &[u64]) -> Vec<Vec<u64>> {
        let mut all = Vec::new();
        for steps in runs {
            self.net.run(*steps);
            for array in [self.x, self.sum] {
                let values = self.net.sim.store.to_vec(array);
                all.push(values.iter().map(|v| v.to_bits()).collect());
            }
        }
        all
    }
}

#[test]
fn what_waits_is_done_in_its_order() {
    let runs = [150, 1, 349];
    for seed in 0..12 {
        for delays in [[0, 0], [15, 0], [0, 7], [3, 3]] {
            for post_first in [false, true] {
                let of = |way| plastic(way, seed, delays, post_first, 500).after(&runs);
                let at_once = of(Way::AtOnce);
                assert_eq!(at_once, of(Way::Late), "{seed} {delays:?} {post_first}");
                assert_ne!(at_once, of(Way::WronglyLate), "nothing has waited");
            }
        }
    }
}

#[test]
fn spikes_in_flight_one_by_one() {
    // A run that goes on from a saved queue has its spikes in flight synapse by synapse; a changed delay lets those of two steps arrive
    // together.
    for changed in [[5, 2], [2, 9]] {
        let of = |way| {
            let mut plastic = plastic(way, 3, [9, 5], false, 400);
            plastic.net.run(120);
            for (operation, steps) in plastic.net.plan.operations.iter_mut().filter_map(|o| {
                let changed = match o.name.as_str() {
                    "synapses_pre" => changed[0],
                    "synapses_post" => changed[1],
                    _ => return None,
                };
                Some((o, changed))
            }) {
                if let Action::Pathway { delay, .. } = &mut operation.action {
                    *delay = Delay::Uniform(steps);
                }
            }
            plastic.after(&[200, 80])
        };
        assert_eq!(of(Way::AtOnce), of(Way::Late));
    }
}

#[test]
fn an_observer_sees_what_has_waited() {
    let seen = |way| {
        let plastic = plastic(way, 7, [2, 0], false, 300);
        let (mut net, x) = (plastic.net, plastic.x);
        let mut look = Looking { x, seen: None };
        net.sim.run(&mut net.plan, 300.0 * DT, &mut look).unwrap();
        look.seen.unwrap()
    };
    assert_eq!(seen(Way::AtOnce), seen(Way::Late));
}

/// Keeps what it sees at the end.
struct Looking {
    x: ArrayId,
    seen: Option<Vec<f64>>,
}

impl Observer for Looking {
    fn progress(&mut self, _: u64, _: u64, _: f64) -> Control {
        Control::Keep
    }

    fn keep(&mut self, simulation: &mut Simulation, _: &Underway) {
        self.seen = Some(simulation.store.to_vec(self.x));
    }
}
