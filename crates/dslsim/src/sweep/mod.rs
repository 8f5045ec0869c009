//! Sweeps: one model file executed for every point of a grid of parameters, and what it saves stacked into a store.
//!
//! A [`Sweep`] says what is to be done; [`Sweep::check`] looks at everything that can be known before a point is simulated;
//! [`Sweep::run`] simulates what the store does not have yet. Points are independent executions of the model file, side by side, one
//! thread each, sharing machine code; their results depend neither on their order nor on the number of threads.
//!
//! The store is the only memory of a sweep (see the module `store`): whatever happens to the process, a point either is complete there or
//! will be simulated again.

mod export;
mod grid;
mod identity;
mod problem;
mod read;
mod record;
mod run;
mod snapshot;
mod storage;
mod store;

use std::path::PathBuf;

use dslsim_script::Value;
use dslsim_source::{Diagnostics, SourceMap};

use crate::options::Options;
use crate::session::{self, Files, Nobody};

pub use export::export;
pub use grid::{Axis, Grid, GridError, Shard};
pub use problem::Problem;
pub use read::{Contents, Coordinate, Stacked, StoreError};
pub use record::Status;
pub use run::{Outcome, PointEnd};
pub use snapshot::Snapshot;

/// A sweep over the parameters of a model file.
#[derive(Clone)]
pub struct Sweep {
    /// The model file.
    pub model: PathBuf,
    /// The points.
    pub grid: Grid,
    /// Parameters that have the same value at every point.
    pub fixed: Vec<(String, Value)>,
    /// How points are executed.
    pub options: Options,
    /// Whether each point has a seed of its own, derived from the file's.
    pub vary_seed: bool,
    /// The part of the points that this process simulates.
    pub shard: Option<Shard>,
    /// Whether the first point that fails ends the sweep.
    pub fail_fast: bool,
    /// When to begin no further point.
    pub deadline: Option<std::time::Instant>,
    /// Where the results are.
    pub store: PathBuf,
    /// The command, for the store's attributes.
    pub command: String,
}

/// What looking at the model before the first point has given.
pub struct Checked {
    /// What there is to say about it.
    pub diagnostics: Diagnostics,
    /// The files that it is said about.
    pub sources: SourceMap,
    /// The model's files, as every point will see them.
    pub snapshot: Snapshot,
    /// Names of what the model saves.
    pub saved: Vec<String>,
    /// The parameters that are not swept, as they are at every point.
    pub parameters: Vec<(String, Value)>,
}

impl Sweep {
    /// Checks the model at the first point, and whether it can be swept.
    pub fn check(&self, files: &dyn Files) -> Checked {
        let recorder = snapshot::Recorder::new(files);
        let options = Options {
            check: true,
            ..self.point_options(0)
        };
        let finished = session::execute(&self.model, options, &recorder, &mut Nobody);
        let swept = |name: &String| self.grid.axes().iter().any(|a| a.name == *name);
        Checked {
            diagnostics: finished.diagnostics,
            sources: finished.sources,
            snapshot: recorder.finish(),
            saved: finished.results.saved,
            parameters: finished
                .results
                .parameters
                .into_iter()
                .filter(|(name, _)| !swept(name))
                .collect(),
        }
    }

    /// How point `index` is executed.
    fn point_options(&self, index: u64) -> Options {
        let mut values = self.fixed.clone();
        values.extend(self.grid.point(index));
        Options {
            values,
            vary: self.vary_seed.then_some(index),
            point: true,
            threads: 1,
            profile: false,
            checkpoint: None,
            ..self.options.clone()
        }
    }
}
