//! How a model is executed: what the command line can say about it.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use dslsim_ir::Backend;

use crate::code::CodeCache;

/// Which stream random numbers come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rng {
    /// Counter-based, made for speed.
    #[default]
    Fast,
    /// Exactly what Brian2's numpy target draws.
    Brian2,
}

/// How a model is executed.
#[derive(Clone)]
pub struct Options {
    /// `--set NAME=EXPR`
    pub settings: Vec<(String, String)>,
    /// Replaces the file's seed.
    pub seed: Option<u64>,
    /// The stream of random numbers.
    pub rng: Rng,
    /// Operations as written: no re-association.
    pub strict: bool,
    /// What executes kernels.
    pub backend: Arc<dyn Backend>,
    /// Only checks.
    pub check: bool,
    /// Whether NaN and infinity are only warned about.
    pub allow_nan: bool,
    /// Stops simulating after this many seconds of wall time.
    pub max_time: Option<f64>,
    /// Whether time is measured by kernel.
    pub profile: bool,
    /// Set from outside to stop.
    pub stop: Arc<AtomicBool>,
    /// The folder that the model's files (pictures, stores of sweeps) are written to.
    pub out: PathBuf,
    /// Sweeps in the model file start anew instead of being resumed.
    pub fresh: bool,
    /// Points of a sweep that are simulated side by side; `None`: as many as there are processors.
    pub jobs: Option<usize>,
    /// Machine code made so far; executions with the same back end can share it.
    pub code: Arc<CodeCache>,
}

impl Options {
    /// Nothing set, nothing limited; results go to `results`.
    pub fn new(backend: Arc<dyn Backend>) -> Options {
        Options {
            settings: Vec::new(),
            seed: None,
            rng: Rng::Fast,
            strict: false,
            backend,
            check: false,
            allow_nan: false,
            max_time: None,
            profile: false,
            stop: Arc::new(AtomicBool::new(false)),
            out: PathBuf::from("results"),
            fresh: false,
            jobs: None,
            code: Arc::new(CodeCache::default()),
        }
    }
}
