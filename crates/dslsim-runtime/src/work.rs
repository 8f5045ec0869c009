//! Operations that are ready for a run, and what each does in a step.

mod preparation;

use std::sync::Arc;

use dslsim_ir::{ArrayId, Store};

use crate::clock::Tick;
use crate::deferral::{self, locked};
use crate::delivery::Delivery;
use crate::generator::{Cursor, Generator};
use crate::kernel::Bound;
use crate::monitor::Monitor;
use crate::plan::Delay;
use crate::poisson::Poisson;
use crate::refractory::Refractory;
use crate::rows::Rows;
use crate::simulation::{Simulation, Spikes};

/// An operation with everything it needs in a step.
pub(crate) struct Work<'p> {
    pub(crate) name: &'p str,
    /// Index of its clock.
    pub(crate) clock: usize,
    /// Index of the clock that tells its program the time.
    pub(crate) time: usize,
    pub(crate) seconds: f64,
    pub(crate) task: Task<'p>,
}

/// Whether somebody may look at the state after a step, before the next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum After {
    Seen,
    Unseen,
}

pub(crate) enum Task<'p> {
    Kernel(Bound<'p>),
    Fill {
        array: ArrayId,
        value: f64,
    },
    Threshold {
        bound: Bound<'p>,
        spikes: usize,
        unseen: Option<Box<Unseen<'p>>>,
    },
    Part {
        bound: Bound<'p>,
        elements: Arc<[u32]>,
    },
    Elements {
        bound: Bound<'p>,
        spikes: usize,
    },
    Poisson {
        poisson: Poisson,
        spikes: usize,
        rates: Option<Bound<'p>>,
    },
    Generator {
        generator: Arc<Generator>,
        cursor: Cursor,
        spikes: usize,
    },
    Pathway(Pathway<'p>),
    RecordState {
        monitor: usize,
        bound: Option<Bound<'p>>,
    },
    RecordSpikes {
        monitor: usize,
        range: Range,
        bound: Option<Bound<'p>>,
    },
    RecordRate {
        monitor: usize,
        range: Range,
    },
}

/// What does the same as a threshold where nobody looks at the state afterwards.
pub(crate) struct Unseen<'p> {
    bound: Bound<'p>,
    refractory: Option<Refractory<'p>>,
}

/// Elements of a source.
#[derive(Clone, Copy)]
pub(crate) struct Range {
    pub(crate) spikes: usize,
    pub(crate) first: u32,
    pub(crate) last: u32,
}

pub(crate) struct Pathway<'p> {
    pub(crate) from: Range,
    rows: &'p Rows,
    pub(crate) delay: &'p Delay,
    pub(crate) queue: usize,
    bound: Bound<'p>,
    /// Its rows are delivered one by one.
    pub(crate) delivery: Option<Box<Delivery<'p>>>,
    /// It waits for another one, or another one for it.
    pub(crate) deferral: Option<(deferral::Part, deferral::Shared<'p>)>,
}

impl Work<'_> {
    /// Does what the operation does in a step. `unused` is where kernels may emit that nobody asks.
    #[inline]
    pub(crate) fn perform(
        &mut self,
        sim: &mut Simulation,
        tick: Tick,
        after: After,
        unused: &mut Vec<u32>,
    ) {
        let Simulation {
            store,
            random,
            sources,
            queues,
            monitors,
            ..
        } = sim;
        match &mut self.task {
            Task::Kernel(bound) => bound.all(tick, store, random, unused),
            Task::Fill { array, value } => store.all_mut(*array).fill(*value),
            Task::Threshold {
                bound,
                spikes,
                unseen,
            } => {
                let current = &mut sources[*spikes].current;
                current.clear();
                let Some(unseen) = unseen else {
                    bound.all(tick, store, random, current);
                    return;
                };
                if let Some(refractory) = &mut unseen.refractory {
                    refractory.recover(tick, store, random);
                }
                match after {
                    After::Unseen => unseen.bound.all(tick, store, random, current),
                    After::Seen => bound.all(tick, store, random, current),
                }
                if let Some(refractory) = &mut unseen.refractory {
                    refractory.spiked(current, store);
                }
            }
            Task::Part { bound, elements } => bound.list(elements, tick, store, random, unused),
            Task::Elements { bound, spikes } => {
                bound.list(&sources[*spikes].current, tick, store, random, unused)
            }
            Task::Poisson {
                poisson,
                spikes,
                rates,
            } => {
                if let Some(rates) = rates {
                    rates.all(tick, store, random, unused);
                }
                let Spikes {
                    current, lattice, ..
                } = &mut sources[*spikes];
                poisson.step(tick, store, random, lattice, current);
            }
            Task::Generator {
                generator,
                cursor,
                spikes,
            } => {
                let current = &mut sources[*spikes].current;
                current.clear();
                cursor.play(generator, tick.step, current);
            }
            Task::Pathway(Pathway {
                from,
                rows,
                delay,
                queue,
                bound,
                delivery,
                deferral,
            }) => {
                let spikes = sources[from.spikes].within(from.first, from.last);
                let mut deferral = deferral.as_ref().map(|(part, d)| (*part, locked(d)));
                if let Some(delivery) = delivery
                    && let Some(due) = queues[*queue].step_sources(spikes, from.first, delay)
                {
                    match deferral {
                        Some((deferral::Part::Waits, mut waiting)) => {
                            waiting.note(due, tick, store);
                        }
                        mut other => {
                            let waiting = other.as_mut().map(|(_, d)| &mut **d);
                            delivery.deliver(due, waiting, tick, store, unused);
                        }
                    }
                    unused.clear();
                    return;
                }
                let due = queues[*queue].step(spikes, from.first, rows, delay);
                if let Some((_, waiting)) = &mut deferral {
                    waiting.for_synapses(due, tick, store);
                }
                bound.list(due, tick, store, random, unused);
            }
            Task::RecordState { monitor, bound } => {
                if let Monitor::State(monitor) = &mut monitors[*monitor] {
                    if let Some(bound) = bound {
                        bound.either(monitor.elements(), tick, store, random, unused);
                    }
                    monitor.record(store, tick.t);
                }
            }
            Task::RecordSpikes {
                monitor,
                range,
                bound,
            } => {
                let spikes = sources[range.spikes].within(range.first, range.last);
                if let (Monitor::Spikes(monitor), false) =
                    (&mut monitors[*monitor], spikes.is_empty())
                {
                    if let Some(bound) = bound {
                        bound.either(spikes, tick, store, random, unused);
                    }
                    monitor.record(store, spikes, range.first, tick.t);
                }
            }
            Task::RecordRate { monitor, range } => {
                let spikes = sources[range.spikes].within(range.first, range.last).len();
                if let Monitor::Rate(monitor) = &mut monitors[*monitor] {
                    monitor.record(spikes, range.last - range.first, tick.t, tick.dt);
                }
            }
        }
        unused.clear();
    }
}

impl Work<'_> {
    /// So many threads may share it.
    pub(crate) fn share_among(&mut self, threads: usize) {
        match &mut self.task {
            Task::Kernel(bound) => bound.divide(threads),
            Task::Threshold { bound, unseen, .. } => {
                bound.divide(threads);
                if let Some(unseen) = unseen {
                    unseen.bound.divide(threads);
                }
            }
            Task::Pathway(Pathway {
                delivery: Some(delivery),
                ..
            }) => delivery.share_among(threads),
            _ => {}
        }
    }

    /// Steps have been made without this.
    pub(crate) fn forget(&mut self) {
        if let Task::Threshold {
            unseen: Some(unseen),
            ..
        } = &mut self.task
            && let Some(refractory) = &mut unseen.refractory
        {
            refractory.forget();
        }
    }

    /// Does the same, and tells for which elements, if not for all.
    pub(crate) fn perform_telling(
        &mut self,
        sim: &mut Simulation,
        tick: Tick,
        unused: &mut Vec<u32>,
    ) -> Option<Vec<u32>> {
        let told = match &self.task {
            Task::Part { elements, .. } => Some(elements.to_vec()),
            Task::Elements { spikes, .. } => sim.sources.get(*spikes).map(|s| s.current.clone()),
            Task::Pathway(Pathway {
                from,
                rows,
                delay,
                queue,
                ..
            }) => {
                let source = sim.sources.get(from.spikes)?;
                let mut queue = sim.queues.get(*queue)?.clone();
                let spikes = source.within(from.first, from.last);
                Some(queue.step(spikes, from.first, rows, delay).to_vec())
            }
            _ => None,
        };
        self.perform(sim, tick, After::Seen, unused);
        told
    }
}

impl Bound<'_> {
    /// Executes the kernel for a list of elements, or for all if it is one for all.
    fn either(
        &mut self,
        list: &[u32],
        tick: Tick,
        store: &mut Store,
        random: &mut crate::random::Random,
        unused: &mut Vec<u32>,
    ) {
        if self.takes_lists() {
            self.list(list, tick, store, random, unused);
        } else {
            self.all(tick, store, random, unused);
        }
    }
}
