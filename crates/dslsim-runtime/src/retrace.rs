//! Where a number that is not finite came from: the steps since the last [`Mark`] are made once more, in a copy of the simulation.
//!
//! A mark holds what a run changes, except recordings. Marks are left where watched arrays are looked at, as rarely as it takes for them
//! not to be felt. The second time everything is looked at after every step, then, in the step that was found, after every operation. A
//! finding counts only if the copy arrives at the same bits as the run did.

use std::sync::Arc;
use std::time::{Duration, Instant};

use dslsim_ir::{ArrayId, Inst, Kernel, Store};

use crate::clock::{Clock, Tick};
use crate::health::{self, NotFinite, Origin};
use crate::plan::{Action, Plan};
use crate::random::Random;
use crate::run::{Run, Span};
use crate::simulation::{Simulation, Spikes};

/// The most that the arrays of a mark may take, in bytes.
const MOST_BYTES: usize = 64 << 20;
/// Leaving marks may take this part of the time of the run.
const SHARE: f64 = 0.002;
/// How long the second time may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// What the run had changed at some time: enough to make the steps after it once more.
pub(crate) struct Mark {
    /// Arrays that operations write.
    arrays: Vec<(ArrayId, Vec<f64>)>,
    random: Random,
    clocks: Vec<Clock>,
    sources: Vec<Spikes>,
    queues: Vec<crate::queue::Queue>,
}

/// Leaves marks.
pub(crate) struct Marks {
    /// Arrays that operations write.
    written: Vec<ArrayId>,
    begun: Instant,
    spent: Duration,
    last: Option<Mark>,
}

impl Marks {
    pub(crate) fn new(plan: &Plan) -> Marks {
        Marks {
            written: if plan.watch.is_empty() {
                Vec::new()
            } else {
                written(plan)
            },
            begun: Instant::now(),
            spent: Duration::ZERO,
            last: None,
        }
    }

    /// Whether the state is small enough for marks.
    pub(crate) fn may_pass(&self, sim: &Simulation) -> bool {
        let held = self.written.iter().map(|a| 8 * sim.store.held(*a).len());
        !self.written.is_empty() && held.sum::<usize>() <= MOST_BYTES
    }

    /// Leaves a mark here, if it costs little.
    pub(crate) fn pass(&mut self, sim: &Simulation) {
        let share = self.spent.as_secs_f64() / self.begun.elapsed().as_secs_f64().max(1e-9);
        let first = self.last.is_none();
        if !self.may_pass(sim) || (!first && share > SHARE) {
            return;
        }
        let begun = Instant::now();
        // The memory of the mark before is used again.
        let mut arrays = self.last.take().map_or_else(Vec::new, |m| m.arrays);
        arrays.resize_with(self.written.len(), || (ArrayId(0), Vec::new()));
        for (kept, array) in arrays.iter_mut().zip(&self.written) {
            kept.0 = *array;
            kept.1.clear();
            kept.1.extend_from_slice(sim.store.held(*array));
        }
        self.last = Some(Mark {
            arrays,
            random: sim.random.clone(),
            clocks: sim.clocks.clone(),
            sources: sim.sources.clone(),
            queues: sim.queues.clone(),
        });
        self.spent += begun.elapsed();
    }

    /// Tells where a number came from, with the first element and its first value, if the steps since the last mark lead to the same
    /// state once more.
    pub(crate) fn explain(
        &self,
        sim: &Simulation,
        plan: &Plan,
        span: &Span,
        found: &mut NotFinite,
    ) {
        if let Some((origin, element, value)) = self.origin(sim, plan, span, found.array) {
            (found.element, found.value) = (element, value);
            found.from_time = origin.t;
            found.to_time = origin.t + origin.dt;
            found.origin = Some(Arc::new(origin));
        }
    }

    fn origin(
        &self,
        sim: &Simulation,
        plan: &Plan,
        span: &Span,
        array: ArrayId,
    ) -> Option<(Origin, usize, f64)> {
        let mark = self.last.as_ref()?;
        let until = Instant::now() + PATIENCE;
        let mut copy = mark.copy(sim);
        let mut again = Run::again(&mut copy, plan, span.clone())?;
        let mut good = 0_u64;
        let mut bad = false;
        let there = |copy: &Simulation| {
            span.used
                .iter()
                .all(|k| copy.clocks.get(*k) == sim.clocks.get(*k))
        };
        while !there(again.sim) {
            if !again.step() || Instant::now() > until {
                return None;
            }
            bad = bad || health::check(&again.sim.store, &[array]).is_some();
            good += u64::from(!bad);
        }
        if !bad || !self.same(&again.sim.store, &sim.store) {
            return None;
        }
        let mut copy = mark.copy(sim);
        let mut again = Run::again(&mut copy, plan, span.clone())?;
        for _ in 0..good {
            if !again.step() || Instant::now() > until {
                return None;
            }
        }
        let origin = again.dissect(array)?;
        let (_, element, value) = health::check(&again.sim.store, &[array])?;
        Some((origin, element, value))
    }

    /// Whether two states are the same to the bit.
    fn same(&self, a: &Store, b: &Store) -> bool {
        let bits = |x: &f64| x.to_bits();
        self.written.iter().all(|array| {
            let (a, b) = (a.held(*array), b.held(*array));
            a.iter().map(bits).eq(b.iter().map(bits))
        })
    }
}

impl Mark {
    /// The simulation as it was, with nothing recorded.
    fn copy(&self, sim: &Simulation) -> Simulation {
        let mut store = sim.store.clone();
        for (array, values) in &self.arrays {
            // Working memory may have become longer since.
            for (to, from) in store.all_mut(*array).iter_mut().zip(values) {
                *to = *from;
            }
        }
        Simulation {
            store,
            random: self.random.clone(),
            time: sim.time,
            clocks: self.clocks.clone(),
            sources: self.sources.clone(),
            queues: self.queues.clone(),
            generators: sim.generators.clone(),
            monitors: sim.monitors.iter().map(|m| m.blank()).collect(),
            shelf: None,
        }
    }
}

impl Run<'_, '_> {
    /// Makes one step, and finds the operation after which the array holds a number that is not finite.
    fn dissect(&mut self, array: ArrayId) -> Option<Origin> {
        let clocks = &self.sim.clocks;
        let times = self.span.used.iter().filter_map(|k| clocks.get(*k));
        let earliest = times.min_by(|a, b| a.t().total_cmp(&b.t()))?.clone();
        for work in &mut self.works {
            let clock = self.sim.clocks.get(work.clock)?;
            if !clock.is_due(&earliest) {
                continue;
            }
            let own = clock.tick();
            let tick = Tick {
                executed: own.executed,
                ..self.sim.clocks.get(work.time)?.tick()
            };
            let before = self.sim.store.clone();
            let elements = work.perform_telling(self.sim, tick, &mut self.unused);
            if health::check(&self.sim.store, &[array]).is_some() {
                return Some(Origin {
                    t: own.t,
                    dt: own.dt,
                    operation: work.name.to_owned(),
                    elements,
                    before,
                });
            }
        }
        None
    }
}

/// The arrays that the operations of a plan write.
fn written(plan: &Plan) -> Vec<ArrayId> {
    let mut all: Vec<ArrayId> = Vec::new();
    let mut kernel = |kernel: &Kernel| {
        for inst in &kernel.insts {
            if let Inst::Store { slot, .. } = inst {
                all.extend(kernel.arrays.get(slot.0 as usize).map(|a| a.array));
            }
        }
    };
    for program in &plan.programs {
        program.kernels().for_each(&mut kernel);
    }
    for operation in &plan.operations {
        if let Action::Fill { array, .. } = &operation.action {
            all.push(*array);
        }
    }
    all.sort_unstable();
    all.dedup();
    all
}
