//! How a model is executed: what the command line can say about it.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use dslsim_ir::Backend;
use dslsim_script::Value;

use crate::checkpoint::Checkpoint;
use crate::code::CodeCache;
use crate::limits::Limits;

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
    /// Values that parameters get instead of those in the file; they go before [`Options::settings`].
    pub values: Vec<(String, Value)>,
    /// Replaces the file's seed.
    pub seed: Option<u64>,
    /// The number of a point that is to have a seed of its own, derived from the one it would have.
    pub vary: Option<u64>,
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
    /// Refuses what would take more bytes of memory than this.
    pub max_memory: Option<u64>,
    /// Whether time is measured by kernel.
    pub profile: bool,
    /// Set from outside to stop.
    pub stop: Arc<AtomicBool>,
    /// The folder that the model's files (pictures, stores of sweeps) are written to.
    pub out: PathBuf,
    /// It is a point of a sweep: only what the model saves is gathered, nothing is drawn, and it cannot sweep in turn.
    pub point: bool,
    /// Gathers what the runs would do, for [`crate::show`].
    pub gather: bool,
    /// Sweeps in the model file start anew instead of being resumed.
    pub fresh: bool,
    /// Points of a sweep that are simulated side by side; `None`: as many as there are processors.
    pub jobs: Option<usize>,
    /// Threads that share the work of one simulation.
    pub threads: usize,
    /// Where runs are kept while they go on, and go on from.
    pub checkpoint: Option<Arc<Checkpoint>>,
    /// Machine code made so far; executions with the same back end can share it.
    pub code: Arc<CodeCache>,
}

impl Options {
    /// Nothing set, nothing limited; results go to `results`.
    pub fn new(backend: Arc<dyn Backend>) -> Options {
        Options {
            settings: Vec::new(),
            values: Vec::new(),
            seed: None,
            vary: None,
            rng: Rng::Fast,
            strict: false,
            backend,
            check: false,
            allow_nan: false,
            max_time: None,
            max_memory: None,
            profile: false,
            stop: Arc::new(AtomicBool::new(false)),
            out: PathBuf::from("results"),
            point: false,
            gather: false,
            fresh: false,
            jobs: None,
            threads: 1,
            checkpoint: None,
            code: Arc::new(CodeCache::default()),
        }
    }

    /// How much memory may be used.
    pub(crate) fn limits(&self) -> Limits {
        Limits {
            memory: self.max_memory,
        }
    }

    /// The seed to be used where the model file says `file`, or says nothing.
    pub(crate) fn seeded(&self, file: Option<u64>) -> u64 {
        let seed = self.seed.or(file).unwrap_or(0);
        match self.vary {
            Some(point) => mixed(seed, point),
            None => seed,
        }
    }
}

/// A seed of 32 bits (numpy takes no more) for a point of a sweep: two rounds of the finalizer of SplitMix64 (Steele, Lea and
/// Flood 2014).
fn mixed(seed: u64, point: u64) -> u64 {
    let round = |x: u64| {
        let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ (x >> 31)
    };
    let golden = 0x9e37_79b9_7f4a_7c15_u64;
    round(round(seed.wrapping_add(golden)).wrapping_add(point.wrapping_add(1).wrapping_mul(golden)))
        >> 32
}

#[cfg(test)]
mod tests {
    use super::mixed;

    #[test]
    fn points_get_different_seeds() {
        let mut all: Vec<u64> = (0..400).map(|p| mixed(42, p)).collect();
        all.extend((0..400).map(|p| mixed(43, p)));
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 800);
    }
}
