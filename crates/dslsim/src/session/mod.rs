//! One execution of a model file: the script's host.
//!
//! The script executes statements; whatever concerns model objects arrives here. Construction and assignment change the
//! network's description and the state arrays at once; `run` checks the network, builds kernels, compiles and simulates. In check
//! mode nothing is simulated, and what only a simulation could know is unknown.

mod actions;
mod attributes;
mod checkpoints;
mod choice;
mod connect;
mod construct;
mod equations;
mod evaluate;
mod execute;
mod functions;
mod handles;
mod host;
mod links;
mod methods;
mod monitors;
mod networks;
mod parts;
mod profile;
mod rates;
mod report;
mod run;
mod snapshots;
mod state;
mod sweeps;

use std::path::PathBuf;

use dslsim_model::network::{Network, ObjectId};
use dslsim_runtime::{MonitorId, QueueId, Simulation, SpikesId};
use dslsim_script::Value;
use dslsim_source::{FileId, SourceMap, Span};
use indexmap::IndexMap;

pub(crate) use execute::Nobody;
pub use execute::{Evaluated, Finished, Progress, evaluate, execute};
pub(crate) use snapshots::Snapshot;

use crate::options::Options;
use crate::registry::Registry;
use handles::Handle;

/// Where files come from.
pub trait Files {
    /// The text of `name`, as written in an `include` of a file in `folder`; also a key that is the same for the same file.
    ///
    /// # Errors
    /// Why it cannot be read, for people.
    fn read(&self, folder: &std::path::Path, name: &str) -> Result<(PathBuf, String), String>;

    /// The bytes of a data file.
    ///
    /// # Errors
    /// Why it cannot be read, for people.
    fn bytes(&self, folder: &std::path::Path, name: &str) -> Result<Vec<u8>, String>;
}

/// What belongs to an object of the network beside its description.
#[derive(Clone, Debug, Default)]
struct Extra {
    /// What happens in this step: spikes, and other events, by name.
    events: Vec<(std::rc::Rc<str>, SpikesId)>,
    /// Its recordings.
    monitor: Option<MonitorId>,
    /// Whether it has been simulated.
    ran: bool,
    /// Whether it has been told which names its variables hide.
    warned: bool,
    /// For how long it has taken part in runs, in seconds of the model.
    recorded: f64,
    /// Spikes in flight, for each pathway.
    queues: Vec<QueueId>,
    /// The given spikes.
    generator: Option<dslsim_runtime::GeneratorId>,
    /// Whether `N_incoming` and `N_outgoing` are those of all synapses: they are counted where somebody asks.
    counted: bool,
}

/// A value that the model saves.
#[derive(Clone, Debug)]
pub struct Saved {
    /// The value.
    pub value: Value,
    /// Where.
    pub span: Span,
}

/// Seconds of wall time by part; `script`: of statements of the model, without the parts that they call.
#[derive(Clone, Copy, Debug, Default, serde::Serialize)]
#[expect(missing_docs, reason = "each is named like its part")]
pub struct Timing {
    pub parse_seconds: f64,
    pub check_seconds: f64,
    pub lower_seconds: f64,
    pub compile_seconds: f64,
    pub connect_seconds: f64,
    pub run_seconds: f64,
    pub script_seconds: f64,
    pub write_seconds: f64,
    pub total_seconds: f64,
}

/// Time spent in one operation of the step.
#[derive(Clone, Debug, serde::Serialize)]
pub struct PartSeconds {
    /// The operation.
    pub name: String,
    /// The object that it belongs to, as the user calls it.
    pub object: String,
    /// Seconds.
    pub seconds: f64,
    /// How often it was executed.
    pub calls: u64,
}

/// What one operation of the step took so far.
#[derive(Clone, Debug, Default)]
struct Part {
    /// The user's name of its object.
    object: String,
    seconds: f64,
    calls: u64,
}

/// One execution.
pub struct Session<'a> {
    options: Options,
    files: &'a dyn Files,
    progress: &'a mut dyn Progress,
    sources: SourceMap,
    /// The path of each file.
    paths: IndexMap<PathBuf, FileId>,
    network: Network,
    extras: Vec<Extra>,
    registry: Registry,
    simulation: Simulation,
    clock: dslsim_runtime::ClockId,
    /// Clocks with a step of their own.
    clocks: Vec<(u64, dslsim_runtime::ClockId)>,
    handles: Vec<Handle>,
    /// The magic network, then those of the script.
    networks: Vec<networks::Net>,
    snapshots: snapshots::Snapshots,
    pub(crate) pictures: crate::pictures::Pictures,
    /// Objects before this one are not part of the magic network.
    scope: u32,
    saved: IndexMap<String, Saved>,
    seed: Option<u64>,
    ran: bool,
    interrupted: Option<f64>,
    timing: Timing,
    parts: IndexMap<String, Part>,
    /// What the runs would do.
    gathered: crate::show::Model,
    started: std::time::Instant,
    steps: u64,
    /// The script's names at the present call.
    names: crate::namespace::Names,
    /// Synapses whose number is not known because nothing is simulated.
    guessed: std::collections::HashSet<ObjectId>,
    /// Wall time at the first step.
    first_step: Option<f64>,
    /// How often a file has been swept, by its name.
    sweep_names: IndexMap<String, u32>,
    /// Stores of sweeps that were made, and what came of them.
    sweeps: Vec<(PathBuf, crate::sweep::Outcome)>,
    /// How many runs there were.
    runs: u32,
    /// The time of the model at which the last resumed run went on.
    resumed: Option<f64>,
    /// When the last checkpoint was written.
    kept: std::time::Instant,
    /// The hash of the data that the model has read.
    data_read: blake3::Hasher,
    /// Numbers of the random stream by name.
    streams: IndexMap<String, u32>,
}

impl Extra {
    /// To whom an event happens in this step.
    fn event(&self, name: &str) -> Option<SpikesId> {
        let found = self.events.iter().find(|(n, _)| n.as_ref() == name);
        found.map(|(_, id)| *id)
    }
}

impl Session<'_> {
    fn extra(&mut self, id: ObjectId) -> &mut Extra {
        let at = id.0 as usize;
        if self.extras.len() <= at {
            self.extras.resize(at + 1, Extra::default());
        }
        &mut self.extras[at]
    }
}
