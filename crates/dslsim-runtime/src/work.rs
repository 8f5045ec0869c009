//! Operations made ready for a run, and what each does in a step.

use std::sync::Arc;

use dslsim_ir::{ArrayId, Domain, Store};

use crate::clock::Tick;
use crate::deferral::{self, locked};
use crate::delivery::Delivery;
use crate::error::RunError;
use crate::generator::{Cursor, Generator};
use crate::kernel::Bound;
use crate::monitor::{At, Column, Monitor, MonitorId};
use crate::plan::{Action, Delay, Joined, Operation, Plan, Program, ProgramId, Rates};
use crate::poisson::Poisson;
use crate::refractory::Refractory;
use crate::rows::Rows;
use crate::simulation::{Simulation, Spikes, SpikesId};

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

/// Rows that are shorter, on average, become lists of synapses.
const LONG_ROW: u32 = 8;

/// Builds the work of one operation: checks what it names, prepares what it uses.
struct Preparation<'p, 's> {
    plan: &'p Plan,
    operation: &'p Operation,
    sim: &'s mut Simulation,
    dt: f64,
    /// Steps that the operation will be executed in.
    steps: u64,
}

impl<'p> Work<'p> {
    /// Makes an operation ready for a run in which its clock makes `steps` steps.
    pub(crate) fn new(
        plan: &'p Plan,
        operation: &'p Operation,
        sim: &mut Simulation,
        steps: u64,
    ) -> Result<Work<'p>, RunError> {
        let clock = operation.clock.0 as usize;
        let time = match &operation.action {
            Action::Kernel { program } | Action::Pathway { program, .. } => plan
                .times
                .iter()
                .find(|(p, _)| p == program)
                .map_or(clock, |(_, c)| c.0 as usize),
            _ => clock,
        };
        Ok(Work {
            name: &operation.name,
            clock,
            time,
            seconds: 0.0,
            task: Preparation::new(plan, operation, sim, time, steps)?.task()?,
        })
    }

    /// Makes another program over lists ready for an operation.
    pub(crate) fn listed(
        plan: &'p Plan,
        operation: &'p Operation,
        program: ProgramId,
        elements: usize,
        sim: &mut Simulation,
    ) -> Result<Bound<'p>, RunError> {
        let clock = operation.clock.0 as usize;
        Preparation::new(plan, operation, sim, clock, 0)?.listed(program, elements)
    }

    /// Makes an operation ready together with the threshold behind it.
    pub(crate) fn joined(
        plan: &'p Plan,
        operation: &'p Operation,
        joined: &'p Joined,
        spikes: SpikesId,
        sim: &mut Simulation,
    ) -> Result<Work<'p>, RunError> {
        let clock = operation.clock.0 as usize;
        let mut preparation = Preparation::new(plan, operation, sim, clock, 0)?;
        Ok(Work {
            name: &joined.name,
            clock,
            time: clock,
            seconds: 0.0,
            task: preparation.threshold(joined.program, Some(joined), spikes)?,
        })
    }
}

impl<'p, 's> Preparation<'p, 's> {
    fn new(
        plan: &'p Plan,
        operation: &'p Operation,
        sim: &'s mut Simulation,
        time: usize,
        steps: u64,
    ) -> Result<Self, RunError> {
        let Some(dt) = sim.clocks.get(time).map(|c| c.dt()) else {
            return Err(RunError::plan(&operation.name, "it has no clock"));
        };
        Ok(Preparation {
            plan,
            operation,
            sim,
            dt,
            steps,
        })
    }

    fn wrong<T>(&self, what: impl Into<String>) -> Result<T, RunError> {
        Err(RunError::plan(&self.operation.name, what))
    }

    fn bound(&mut self, program: ProgramId, elements: usize) -> Result<Bound<'p>, RunError> {
        match self.plan.programs.get(program.0 as usize) {
            Some(program) => Bound::new(program, self.dt, elements, &mut self.sim.store),
            None => self.wrong(format!("there is no {program:?}")),
        }
    }

    /// A program for all elements.
    fn whole(&mut self, program: ProgramId) -> Result<Bound<'p>, RunError> {
        let mut bound = self.bound(program, 0)?;
        bound.divide(self.plan.threads);
        if bound.takes_lists() {
            self.wrong("its kernel is for lists of elements")
        } else {
            Ok(bound)
        }
    }

    /// A program for lists of elements.
    fn listed(&mut self, program: ProgramId, elements: usize) -> Result<Bound<'p>, RunError> {
        let bound = self.bound(program, elements)?;
        if bound.takes_lists() {
            Ok(bound)
        } else {
            self.wrong("its kernel is not for lists of elements")
        }
    }

    fn source(&self, spikes: SpikesId) -> Result<&Spikes, RunError> {
        match self.sim.sources.get(spikes.0 as usize) {
            Some(source) => Ok(source),
            None => self.wrong(format!("there is no {spikes:?}")),
        }
    }

    fn range(&self, spikes: SpikesId, first: u32, last: u32) -> Result<Range, RunError> {
        let n = self.source(spikes)?.n;
        if first <= last && last <= n {
            Ok(Range {
                spikes: spikes.0 as usize,
                first,
                last,
            })
        } else {
            self.wrong(format!(
                "elements {first} to {last} are not within the {n} of the source"
            ))
        }
    }

    fn array(&self, array: ArrayId, needed: usize) -> Result<ArrayId, RunError> {
        let store = &self.sim.store;
        if (array.0 as usize) < store.len() && store.length(array) >= needed {
            Ok(array)
        } else {
            self.wrong(format!("{array:?} does not have {needed} elements"))
        }
    }

    fn columns(
        &self,
        columns: &[Column],
        elements: usize,
        program: Option<ProgramId>,
    ) -> Result<(), RunError> {
        let program = program.and_then(|p| self.plan.programs.get(p.0 as usize));
        let lists = program.is_some_and(|p| p.kernel.kernel().domain == Domain::List);
        if !lists && columns.iter().any(|c| c.at == At::Position) {
            return self.wrong("columns by position need a kernel for lists that computes them");
        }
        columns
            .iter()
            .try_for_each(|c| self.array(c.array, c.needed(elements)).map(|_| ()))
    }

    fn monitor(&self, monitor: MonitorId) -> Result<&Monitor, RunError> {
        match self.sim.monitors.get(monitor.0 as usize) {
            Some(monitor) => Ok(monitor),
            None => self.wrong(format!("there is no {monitor:?}")),
        }
    }

    fn task(&mut self) -> Result<Task<'p>, RunError> {
        match &self.operation.action {
            Action::Kernel { program } => Ok(Task::Kernel(self.whole(*program)?)),
            Action::Fill { array, value } => {
                let array = self.array(*array, 0)?;
                self.sim.store.spread(array);
                Ok(Task::Fill {
                    array,
                    value: *value,
                })
            }
            Action::Threshold { program, spikes } => self.threshold(*program, None, *spikes),
            Action::Part { program, elements } => {
                let count = elements.iter().max().map_or(0, |e| *e as usize + 1);
                Ok(Task::Part {
                    bound: self.listed(*program, count)?,
                    elements: Arc::clone(elements),
                })
            }
            Action::Elements { program, spikes } => {
                let n = self.source(*spikes)?.n as usize;
                Ok(Task::Elements {
                    bound: self.listed(*program, n)?,
                    spikes: spikes.0 as usize,
                })
            }
            Action::Poisson {
                spikes,
                n,
                rates,
                object,
            } => self.poisson(*spikes, *n, *rates, *object),
            Action::Generator { spikes, schedule } => {
                let n = self.source(*spikes)?.n;
                let Some(generator) = self.sim.generators.get(schedule.0 as usize) else {
                    return self.wrong(format!("there is no {schedule:?}"));
                };
                if generator.n() > n || generator.dt() != self.dt {
                    return self.wrong("the given spikes are not those of this source and clock");
                }
                Ok(Task::Generator {
                    generator: Arc::clone(generator),
                    cursor: Cursor::default(),
                    spikes: spikes.0 as usize,
                })
            }
            Action::Pathway { .. } => self.pathway(),
            Action::RecordState { monitor, program } => self.record_state(*monitor, *program),
            Action::RecordSpikes {
                monitor,
                spikes,
                first,
                last,
                program,
            } => {
                let range = self.range(*spikes, *first, *last)?;
                let Monitor::Spikes(m) = self.monitor(*monitor)? else {
                    return self.wrong("not a spike monitor");
                };
                if m.counts().len() < (last - first) as usize {
                    return self.wrong("the monitor has too few elements");
                }
                self.columns(m.columns(), *last as usize, *program)?;
                let bound = program.map(|p| self.bound(p, *last as usize)).transpose()?;
                Ok(Task::RecordSpikes {
                    monitor: monitor.0 as usize,
                    range,
                    bound,
                })
            }
            Action::RecordRate {
                monitor,
                spikes,
                first,
                last,
            } => {
                let range = self.range(*spikes, *first, *last)?;
                let (steps, limit) = (self.steps, self.sim.recordings_in_memory());
                match self.sim.monitors.get_mut(monitor.0 as usize) {
                    Some(Monitor::Rate(m)) => m.reserve(steps, limit)?,
                    _ => return self.wrong("not a rate monitor"),
                }
                Ok(Task::RecordRate {
                    monitor: monitor.0 as usize,
                    range,
                })
            }
        }
    }

    fn threshold(
        &mut self,
        program: ProgramId,
        joined: Option<&'p Joined>,
        spikes: SpikesId,
    ) -> Result<Task<'p>, RunError> {
        Ok(Task::Threshold {
            bound: self.emitting(program, spikes)?,
            spikes: spikes.0 as usize,
            unseen: match joined {
                Some(joined) => self.unseen(joined, spikes)?.map(Box::new),
                None => None,
            },
        })
    }

    fn unseen(
        &mut self,
        joined: &'p Joined,
        spikes: SpikesId,
    ) -> Result<Option<Unseen<'p>>, RunError> {
        let Some(program) = joined.unseen else {
            return Ok(None);
        };
        let mut refractory = None;
        if let Some(released) = &joined.released {
            let n = self.source(spikes)?.n;
            let check = self.listed(released.check, n as usize)?;
            refractory = Refractory::new(check, released, n);
            if refractory.is_none() {
                return Ok(None);
            }
        }
        let bound = self.emitting(program, spikes)?;
        Ok(Some(Unseen { bound, refractory }))
    }

    /// A program for all elements that gives the spikes of a source.
    fn emitting(&mut self, program: ProgramId, spikes: SpikesId) -> Result<Bound<'p>, RunError> {
        let n = self.source(spikes)?.n as usize;
        let bound = self.whole(program)?;
        let reaches = |p: &Program| p.len > n;
        let program = self.plan.programs.get(program.0 as usize);
        if !bound.emits() || program.is_some_and(reaches) {
            return self.wrong("its kernel does not give the spikes of this source");
        }
        Ok(bound)
    }

    fn poisson(
        &mut self,
        spikes: SpikesId,
        n: u32,
        rates: Rates,
        object: u32,
    ) -> Result<Task<'p>, RunError> {
        if self.source(spikes)?.n < n {
            return self.wrong("more Poisson sources than the source has elements");
        }
        let program = if let Rates::Varying { program, .. } = rates {
            program
        } else {
            None
        };
        let program = program.map(|p| self.whole(p)).transpose()?;
        if let Rates::PerElement(array) | Rates::Varying { array, .. } = rates {
            let length = self.sim.store.length(self.array(array, 1)?);
            if length != 1 && length < n as usize {
                return self.wrong(format!("{array:?} has {length} rates for {n} elements"));
            }
        }
        let Simulation {
            store,
            random,
            sources,
            ..
        } = &mut *self.sim;
        let at = spikes.0 as usize;
        let poisson = Poisson::new(
            n,
            object,
            rates,
            self.dt,
            store,
            random,
            &mut sources[at].lattice,
        );
        Ok(Task::Poisson {
            poisson,
            spikes: at,
            rates: program,
        })
    }

    fn pathway(&mut self) -> Result<Task<'p>, RunError> {
        let Action::Pathway {
            source,
            first,
            last,
            synapses,
            delay,
            queue,
            program,
        } = &self.operation.action
        else {
            return self.wrong("not a pathway");
        };
        let from = self.range(*source, *first, *last)?;
        if synapses.sources() < last - first {
            return self.wrong("there are fewer rows of synapses than sources");
        }
        if let Delay::PerSynapse(steps) = delay
            && steps.len() < synapses.synapses() as usize
        {
            return self.wrong("there are fewer delays than synapses");
        }
        let clock = self.operation.clock.0 as usize;
        let step = self.sim.clocks.get(clock).map_or(self.dt, |c| c.dt());
        let Some(flight) = self.sim.queues.get_mut(queue.0 as usize) else {
            return self.wrong(format!("there is no {queue:?}"));
        };
        flight.prepare(synapses, delay, step);
        let elements = flight.synapses();
        let bound = self.listed(*program, elements)?;
        let delivery = self.delivery(*program, synapses, delay)?;
        Ok(Task::Pathway(Pathway {
            from,
            rows: synapses,
            delay,
            queue: queue.0 as usize,
            bound,
            delivery: delivery.map(Box::new),
            deferral: None,
        }))
    }

    /// Long rows with one delay for all are delivered one by one.
    fn delivery(
        &mut self,
        program: ProgramId,
        rows: &'p Rows,
        delay: &Delay,
    ) -> Result<Option<Delivery<'p>>, RunError> {
        let count = rows.synapses();
        if matches!(delay, Delay::PerSynapse(_)) || count / LONG_ROW < rows.sources() {
            return Ok(None);
        }
        let bound = if rows.is_contiguous() {
            let Some((_, program)) = self.plan.by_range.iter().find(|(p, _)| *p == program) else {
                return Ok(None);
            };
            self.bound(*program, 0)?
        } else {
            self.listed(program, count as usize)?
        };
        Ok(Delivery::new(
            bound,
            rows,
            self.plan.threads,
            &self.sim.store,
        ))
    }

    fn record_state(
        &mut self,
        monitor: MonitorId,
        program: Option<ProgramId>,
    ) -> Result<Task<'p>, RunError> {
        let Monitor::State(m) = self.monitor(monitor)? else {
            return self.wrong("not a state monitor");
        };
        let elements = m
            .elements()
            .iter()
            .copied()
            .max()
            .map_or(0, |e| e as usize + 1);
        self.columns(m.columns(), elements, program)?;
        let bound = program.map(|p| self.bound(p, elements)).transpose()?;
        let (steps, limit) = (self.steps, self.sim.recordings_in_memory());
        if let Some(Monitor::State(m)) = self.sim.monitors.get_mut(monitor.0 as usize) {
            m.reserve(steps, limit)?;
        }
        Ok(Task::RecordState {
            monitor: monitor.0 as usize,
            bound,
        })
    }
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
