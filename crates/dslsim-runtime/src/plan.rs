//! What one run does: programs and operations, as the façade hands them over.

use std::sync::Arc;

use dslsim_ir::kernel::ScalarSlot;
use dslsim_ir::unseen::looks_at;
use dslsim_ir::{ArrayId, Code, IndexId, Kernel, ValidKernel};

use crate::clock::ClockId;
use crate::generator::GeneratorId;
use crate::monitor::MonitorId;
use crate::queue::QueueId;
use crate::rows::Rows;
use crate::simulation::{Simulation, SpikesId};
use crate::slot::Slot;

/// An executable kernel.
#[derive(Clone)]
pub struct Program {
    /// What it means.
    pub kernel: Arc<ValidKernel>,
    /// What executes it.
    pub code: Arc<dyn Code>,
    /// Kernels that are executed before, over the same elements, one after the other.
    pub stages: Vec<(Arc<ValidKernel>, Arc<dyn Code>)>,
    /// Over a list: executed after it for the elements that it emits, and for those that this emits, until there is none.
    pub again: Option<(Arc<ValidKernel>, Arc<dyn Code>)>,
    /// Whether the sequential random stream is drawn from for one element after the other, not draw after draw for all.
    pub one_by_one: bool,
    /// Number of elements, for [`dslsim_ir::Domain::All`] and `Sequential`; not used for lists.
    pub len: usize,
    /// Its number in the counter-based random stream: no other program and no Poisson source of the simulation has it, and it
    /// stays the same from run to run. `u32::MAX` is taken.
    pub object: u32,
}

impl Program {
    /// All its kernels.
    pub fn kernels(&self) -> impl Iterator<Item = &Kernel> {
        let others = self.stages.iter().chain(&self.again).map(|(k, _)| k);
        others.chain([&self.kernel]).map(|k| k.kernel())
    }

    /// Whether one of them may change what an array holds.
    pub fn changes(&self, array: ArrayId) -> bool {
        let written = |k: &Kernel| k.arrays.iter().any(|a| a.written && a.array == array);
        self.kernels().any(written)
    }
}

/// A program of a [`Plan`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProgramId(pub u32);

/// A program that does what a kernel and the threshold behind it do ([`dslsim_ir::join`]), where they follow each other in a step.
#[derive(Clone, Debug)]
pub struct Joined {
    /// The kernel.
    pub first: ProgramId,
    /// The threshold.
    pub second: ProgramId,
    /// Both in one.
    pub program: ProgramId,
    /// The same, but it does not write the arrays that nobody looks at within a step ([`Plan::is_looked_at`]): for steps after which
    /// nobody looks at the state.
    pub unseen: Option<ProgramId>,
    /// Where the program for unseen steps knows who is refractory.
    pub released: Option<Released>,
    /// Its name in a profile.
    pub name: String,
}

/// The set of neurons that are not refractory ([`dslsim_ir::refractory`]), which the run keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Released {
    /// A bit for each neuron.
    pub set: ArrayId,
    /// Over lists: emits those that are not refractory in this step.
    pub check: ProgramId,
    /// Its scalar that tells for how many steps a neuron is refractory.
    pub steps: ScalarSlot,
}

/// A pathway whose work may wait until the other pathway of its synapses is due, or somebody looks ([`dslsim_ir::late`]). Nobody but these
/// two looks at what it changes, or changes what it looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deferred {
    /// The program of the pathway that waits.
    pub waiting: ProgramId,
    /// The same, for events of other times.
    pub late: ProgramId,
    /// The array that this reads the time of each event from.
    pub times: ArrayId,
    /// For each synapse, the element of the source of the pathway that waits, and that of the other one.
    pub neurons: IndexId,
    /// See `neurons`.
    pub rows: IndexId,
    /// The program of the other pathway.
    pub awaited: ProgramId,
}

/// What one run does.
#[derive(Clone)]
pub struct Plan {
    /// The programs.
    pub programs: Vec<Program>,
    /// The operations of a step, in any order; a run sorts them by (place of the slot, order, name).
    pub operations: Vec<Operation>,
    /// The slots of a step in their order, if it is not the usual one; what stands in another slot comes last.
    pub schedule: Option<Vec<Slot>>,
    /// Clocks that tell programs the time (`t`, `dt`), where that is not the clock of their operation.
    pub times: Vec<(ProgramId, ClockId)>,
    /// For programs over lists of synapses: the same over [`dslsim_ir::Domain::Sequential`], for rows of synapses that are numbered
    /// source by source.
    pub by_range: Vec<(ProgramId, ProgramId)>,
    /// Programs that do the work of two.
    pub joined: Vec<Joined>,
    /// Pathways that may wait.
    pub deferred: Vec<Deferred>,
    /// Threads that share the work of a step; results do not depend on it.
    pub threads: usize,
    /// Arrays that must stay finite.
    pub watch: Vec<ArrayId>,
    /// After how many steps they are looked at (at least 1); also at the beginning and the end.
    pub watch_every: u32,
    /// Whether NaN and infinity in them are only reported in [`crate::Outcome::not_finite`].
    pub allow_not_finite: bool,
    /// Whether the time of each operation is measured.
    pub profile: bool,
}

impl Default for Plan {
    fn default() -> Self {
        Plan {
            programs: Vec::new(),
            operations: Vec::new(),
            schedule: None,
            times: Vec::new(),
            by_range: Vec::new(),
            joined: Vec::new(),
            deferred: Vec::new(),
            threads: 1,
            watch: Vec::new(),
            watch_every: 1000,
            allow_not_finite: false,
            profile: false,
        }
    }
}

impl Plan {
    /// A plan that does nothing.
    #[must_use]
    pub fn new() -> Plan {
        Plan::default()
    }

    /// Adds a program.
    pub fn add(&mut self, program: Program) -> ProgramId {
        self.programs.push(program);
        ProgramId(self.programs.len() as u32 - 1)
    }

    /// What does the work of this operation and the next one, if they are joined.
    pub(crate) fn joined(&self, at: usize) -> Option<(&Joined, SpikesId)> {
        let (one, next) = (self.operations.get(at)?, self.operations.get(at + 1)?);
        let Action::Kernel { program: first } = one.action else {
            return None;
        };
        let Action::Threshold {
            program: second,
            spikes,
        } = next.action
        else {
            return None;
        };
        let joined = self
            .joined
            .iter()
            .find(|j| j.first == first && j.second == second)?;
        (one.clock == next.clock).then_some((joined, spikes))
    }

    /// Whether anything but these programs may look at what an array holds, while a run goes on.
    #[must_use]
    pub fn is_looked_at(&self, array: ArrayId, sim: &Simulation, but_for: &[ProgramId]) -> bool {
        let others = self.programs.iter().enumerate().filter(|(k, _)| {
            let id = ProgramId(*k as u32);
            !but_for.contains(&id)
        });
        let by_program = |program: &Program| program.kernels().any(|k| looks_at(k, array));
        let by_rates = |operation: &Operation| match operation.action {
            Action::Poisson { rates, .. } => match rates {
                Rates::Uniform(_) => false,
                Rates::PerElement(rates) => rates == array,
                Rates::Varying { array: rates, .. } => rates == array,
            },
            _ => false,
        };
        others.map(|(_, p)| p).any(by_program)
            || self.operations.iter().any(by_rates)
            || sim.records(array)
    }

    /// Whether anything but these programs may change what an array holds.
    #[must_use]
    pub fn is_changed(&self, array: ArrayId, but_for: &[ProgramId]) -> bool {
        let programs = self.programs.iter().enumerate().any(|(at, program)| {
            !but_for.contains(&ProgramId(at as u32)) && program.changes(array)
        });
        programs
            || self
                .operations
                .iter()
                .any(|o| matches!(o.action, Action::Fill { array: filled, .. } if filled == array))
    }

    /// Brings the operations into the order of execution.
    pub fn sort(&mut self) {
        let rank = |slot: Slot| match &self.schedule {
            None => usize::from(slot.rank()),
            Some(all) => all.iter().position(|s| *s == slot).unwrap_or(all.len()),
        };
        self.operations.sort_by(|a, b| {
            (rank(a.when), a.order, &a.name).cmp(&(rank(b.when), b.order, &b.name))
        });
    }
}

/// Something that is done in each step of a clock.
#[derive(Clone, Debug)]
pub struct Operation {
    /// Where in the step.
    pub when: Slot,
    /// Where in the slot.
    pub order: i32,
    /// The name shown to people, and the last criterion of order.
    pub name: String,
    /// Whose steps.
    pub clock: ClockId,
    /// What is done.
    pub action: Action,
}

/// What an operation does.
#[derive(Clone, Debug)]
pub enum Action {
    /// Executes a kernel for all its elements: state update, subexpressions, regular operation, summed variable.
    Kernel {
        /// A program over `All` or `Sequential`.
        program: ProgramId,
    },
    /// Sets all elements: before a summed variable is summed.
    Fill {
        /// The array.
        array: ArrayId,
        /// The value.
        value: f64,
    },
    /// Executes a kernel for all its elements; the elements that it emits are the source's spikes of this step.
    Threshold {
        /// A program over `All` or `Sequential` that emits.
        program: ProgramId,
        /// The source.
        spikes: SpikesId,
    },
    /// Executes a kernel for a part of its elements.
    Part {
        /// A program over a list.
        program: ProgramId,
        /// The elements.
        elements: Arc<[u32]>,
    },
    /// Executes a kernel for the source's spikes of this step: reset, statements of an event.
    Elements {
        /// A program over a list.
        program: ProgramId,
        /// The source.
        spikes: SpikesId,
    },
    /// The source's spikes of this step are drawn: element k spikes with probability rate·dt.
    Poisson {
        /// The source.
        spikes: SpikesId,
        /// Number of elements, that of the source.
        n: u32,
        /// The rates, in hertz.
        rates: Rates,
        /// The number in the counter-based stream, see [`Program::object`].
        object: u32,
    },
    /// The source's spikes of this step are given.
    Generator {
        /// The source.
        spikes: SpikesId,
        /// The given spikes.
        schedule: GeneratorId,
    },
    /// A pathway's step: the source's spikes are queued, then the kernel is executed for the synapses that are due.
    Pathway {
        /// The source.
        source: SpikesId,
        /// The first element of the source that the pathway sees.
        first: u32,
        /// One past the last.
        last: u32,
        /// The synapses of each element, counted from `first`.
        synapses: Arc<Rows>,
        /// How long spikes travel.
        delay: Delay,
        /// The spikes in flight.
        queue: QueueId,
        /// A program over lists of synapses.
        program: ProgramId,
    },
    /// Records a state monitor's columns.
    RecordState {
        /// A [`crate::StateMonitor`].
        monitor: MonitorId,
        /// Executed before: over `All`, or over a list, the recorded elements.
        program: Option<ProgramId>,
    },
    /// Records the source's spikes of this step.
    RecordSpikes {
        /// A [`crate::SpikeMonitor`].
        monitor: MonitorId,
        /// The source.
        spikes: SpikesId,
        /// The first element of the source that is recorded.
        first: u32,
        /// One past the last.
        last: u32,
        /// Executed before: over `All`, or over a list, the spiking elements (numbered as in the source).
        program: Option<ProgramId>,
    },
    /// Records the source's rate in this step.
    RecordRate {
        /// A [`crate::RateMonitor`].
        monitor: MonitorId,
        /// The source.
        spikes: SpikesId,
        /// The first element of the source that counts.
        first: u32,
        /// One past the last.
        last: u32,
    },
}

/// The rates of Poisson sources, in hertz. Where rate·dt is 1 or more an element spikes in every step; where it is not
/// positive, in none.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rates {
    /// The same for all elements.
    Uniform(f64),
    /// Of each element; does not change during the run. An array that holds one number counts as `Uniform`.
    PerElement(ArrayId),
    /// Of each element; may change from step to step.
    Varying {
        /// The array, with one element for each source or one for all.
        array: ArrayId,
        /// Computes it, if it is a subexpression.
        program: Option<ProgramId>,
    },
}

/// How long spikes travel, in whole steps. The façade rounds: `int(delay/dt + 0.5)`.
#[derive(Clone, Debug, PartialEq)]
pub enum Delay {
    /// They act in the step in which they are sent.
    None,
    /// The same for all synapses.
    Uniform(u32),
    /// For each synapse.
    PerSynapse(Arc<[u32]>),
}

impl Delay {
    /// Whether spikes arrive in the step that they are emitted in, all of them.
    #[must_use]
    pub fn is_immediate(&self) -> bool {
        matches!(self, Delay::None | Delay::Uniform(0))
    }

    /// The longest delay.
    #[must_use]
    pub fn longest(&self) -> u32 {
        match self {
            Delay::None => 0,
            Delay::Uniform(steps) => *steps,
            Delay::PerSynapse(steps) => steps.iter().copied().max().unwrap_or(0),
        }
    }
}
