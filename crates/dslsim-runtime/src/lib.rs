//! Simulation: clocks, schedule, spikes, synapses, random numbers, monitors.
//!
//! # What it is
//!
//! A [`Simulation`] is everything that lasts: the state arrays ([`dslsim_ir::Store`]), the clocks, the spikes of the
//! current step, the spikes in flight of each pathway, what the monitors have recorded, and the random streams. It is plain
//! data that can be cloned; a clone continues exactly as the original does.
//!
//! A [`Plan`] is what one run does: executable kernels ([`Program`]) and the list of [`Operation`]s of a step, each with its
//! slot, order, name and clock. It is made anew for every run. [`Simulation::run`] brings the operations into Brian2's
//! order and executes them step by step.
//!
//! # Invariants
//!
//! * The order of a step is (slot, order, name), over the operations of all clocks that are due.
//! * The time is `step * dt`, never a sum.
//! * Spikes of a step are element numbers in ascending order; they stay until the source's next step.
//! * Before its first step a run checks that every element a kernel can reach exists, so that compiled code needs no checks.
//!   Arrays keep their length while it runs, but for those that kernels use by position.
//! * With the default random stream a draw of a kernel depends on (seed, object, step, draw, element) only. Poisson sources
//!   drawn by gaps depend on (seed, object) and on what they have drawn before. Neither depends on observers, monitors, other
//!   operations, or how a simulation is divided into runs.
//!
//! It knows no text, no units and no equations: messages for people are made from its errors by the crate `dslsim`.

mod clock;
mod deferral;
mod delivery;
mod error;
mod generator;
mod health;
mod kernel;
mod laws;
mod locality;
mod monitor;
mod observer;
mod plan;
mod poisson;
mod queue;
mod random;
mod rate;
mod refractory;
mod retrace;
mod rows;
mod run;
mod simulation;
mod slot;
mod snapshot;
mod stretch;
mod tape;
mod threads;
mod underway;
mod work;

pub use clock::{Clock, ClockError, ClockId, EPSILON_DT};
pub use error::RunError;
pub use generator::{Generator, GeneratorError, GeneratorId};
pub use health::{NotFinite, Origin};
pub use monitor::{At, Column, Monitor, MonitorId, RateMonitor, SpikeMonitor, StateMonitor};
pub use observer::{Control, Observer, Silent};
pub use plan::{
    Action, Deferred, Delay, Joined, Operation, Plan, Program, ProgramId, Rates, Released,
};
pub use queue::QueueId;
pub use random::Random;
pub use rate::{WindowError, binned_rate, flat_window, gaussian_window, smooth_rate};
pub use rows::{Rows, RowsError};
pub use run::{Outcome, PartTime};
pub use simulation::{Simulation, SpikesId};
pub use slot::{ParseSlotError, Slot};
pub use snapshot::{Numbers, State, Unfit};
pub use tape::{Log, Shelf, Tape};
pub use underway::{Held, Underway};
