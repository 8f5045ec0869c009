//! Making an operation ready: everything that it names is checked, and everything that it uses is prepared.

use std::sync::Arc;

use dslsim_ir::{ArrayId, Domain};

use super::{Pathway, Range, Task, Unseen, Work};
use crate::delivery::Delivery;
use crate::error::RunError;
use crate::generator::Cursor;
use crate::kernel::Bound;
use crate::monitor::{At, Column, Monitor, MonitorId};
use crate::plan::{Action, Delay, Joined, Operation, Plan, Program, ProgramId, Rates};
use crate::poisson::Poisson;
use crate::refractory::Refractory;
use crate::rows::Rows;
use crate::simulation::{Simulation, Spikes, SpikesId};

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
