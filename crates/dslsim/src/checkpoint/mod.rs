//! Checkpoints: what it takes to go on with `dslsim run` after it was interrupted, killed or lost its machine.
//!
//! They stand in the folder `checkpoint` of the results: `run-N.state` is where the N-th `run(…)` of the model had come to, the
//! arrays and everything else that lasts; `recordings` is what monitors have recorded, a file that only grows. A model file is executed
//! from its beginning also when it is resumed; a `run(…)` of which there is a state goes on from there. A state appears complete or
//! not at all, after the recordings that belong to it are on the disk. One process has the folder at a time.

mod file;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use dslsim_runtime::{Log, Simulation, Underway};
use serde_json::Value as Json;

pub(crate) use file::{Restored, Unreadable};

/// The folder in that of the results.
const FOLDER: &str = "checkpoint";
const LOCK: &str = "lock";
const RECORDINGS: &str = "recordings";
const SUFFIX: &str = ".state";
/// Seconds between checkpoints where neither the command nor the checkpoint that is resumed says it.
const EVERY: f64 = 60.0;

/// The checkpoint of a folder of results, which this process has for itself.
#[derive(Debug)]
pub struct Checkpoint {
    folder: PathBuf,
    /// Seconds of wall time from one checkpoint to the next.
    every: f64,
    /// Bytes of the recordings that belong to states that are there.
    recorded: u64,
    /// Whether runs go on from their states.
    resumed: bool,
    _lock: fs::File,
}

/// Why there can be no checkpoint.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointProblem {
    /// Another process has it.
    #[error("another process is running with the checkpoint in `{}`", .0.display())]
    Busy(PathBuf),
    /// It cannot be made or read.
    #[error("the checkpoint in `{}` cannot be used: {reason}", .folder.display())]
    Io {
        /// Where it is.
        folder: PathBuf,
        /// What the system says.
        reason: io::Error,
    },
    /// It is not whole.
    #[error("the checkpoint in `{}` is damaged: {reason}", .folder.display())]
    Damaged {
        /// Where it is.
        folder: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
}

impl Checkpoint {
    /// Takes the checkpoint of a folder of results: what is there if it is to be resumed, else an empty one.
    ///
    /// # Errors
    /// See [`CheckpointProblem`].
    pub fn open(
        out: &Path,
        every: Option<f64>,
        resume: bool,
    ) -> Result<Checkpoint, CheckpointProblem> {
        let folder = out.join(FOLDER);
        let io = |reason: io::Error| CheckpointProblem::Io {
            folder: folder.clone(),
            reason,
        };
        let lock = take(&folder).map_err(io)?;
        let lock = lock.ok_or_else(|| CheckpointProblem::Busy(folder.clone()))?;
        let mut checkpoint = Checkpoint {
            every: every.unwrap_or(EVERY),
            recorded: 0,
            resumed: false,
            _lock: lock,
            folder: folder.clone(),
        };
        crate::results::remove_abandoned(&folder);
        let states = checkpoint.states().map_err(io)?;
        if !resume {
            for state in &states {
                fs::remove_file(state).map_err(io)?;
            }
            return Ok(checkpoint);
        }
        let damaged = |reason: String| CheckpointProblem::Damaged {
            folder: folder.clone(),
            reason,
        };
        for state in &states {
            let about = file::about(state).map_err(|e| damaged(e.to_string()))?;
            checkpoint.recorded = checkpoint.recorded.max(about.recorded);
            checkpoint.every = every.unwrap_or(about.every);
        }
        checkpoint.resumed = !states.is_empty();
        if checkpoint.recorded > 0 {
            let length = fs::metadata(folder.join(RECORDINGS)).map_or(0, |m| m.len());
            if length < checkpoint.recorded {
                return Err(damaged("a part of its recordings is missing".into()));
            }
        }
        Ok(checkpoint)
    }

    /// Whether there is something to go on from.
    #[must_use]
    pub fn is_resumed(&self) -> bool {
        self.resumed
    }

    /// Where it is.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Seconds of wall time from one checkpoint to the next.
    pub(crate) fn every(&self) -> f64 {
        self.every
    }

    /// The file of recordings.
    pub(crate) fn log(&self) -> io::Result<Log> {
        let path = self.folder.join(RECORDINGS);
        let mut options = fs::File::options();
        options.read(true).write(true).create(true).truncate(false);
        let file = options.open(&path)?;
        file.set_len(self.recorded)?;
        Ok(Log::new(file, path, self.recorded, ()))
    }

    /// Whether there is something kept of the N-th run.
    pub(crate) fn has(&self, run: u32) -> bool {
        self.resumed && self.state(run).is_file()
    }

    /// Opens what is kept of the N-th run.
    pub(crate) fn restore(&self, run: u32) -> Result<Restored, Unreadable> {
        Restored::open(&self.state(run))
    }

    /// Keeps where the N-th run is. Recordings have to be in the log.
    pub(crate) fn keep(
        &self,
        run: u32,
        identity: &Json,
        simulation: &Simulation,
        underway: &Underway,
    ) -> io::Result<()> {
        let mut recorded = 0;
        if let Some(shelf) = &simulation.shelf {
            let log = shelf.log()?;
            log.sync()?;
            recorded = log.end();
        }
        let about = file::About {
            identity: identity.clone(),
            every: self.every,
            recorded,
        };
        crate::results::atomically(&self.state(run), |to| {
            file::write(to, &about, simulation, underway)
        })
    }

    fn state(&self, run: u32) -> PathBuf {
        self.folder.join(format!("run-{run}{SUFFIX}"))
    }

    fn states(&self) -> io::Result<Vec<PathBuf>> {
        let mut all = Vec::new();
        for entry in self.folder.read_dir()? {
            let entry = entry?;
            if entry.file_name().to_string_lossy().ends_with(SUFFIX) {
                all.push(entry.path());
            }
        }
        Ok(all)
    }

    /// Removes it: the results are complete.
    ///
    /// # Errors
    /// The system's.
    pub fn remove(&self) -> io::Result<()> {
        for state in self.states()? {
            fs::remove_file(state)?;
        }
        for name in [RECORDINGS, LOCK] {
            match fs::remove_file(self.folder.join(name)) {
                Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
                _ => {}
            }
        }
        fs::remove_dir(&self.folder)
    }

    /// Removes it if there is nothing to go on from; whether something is there.
    #[must_use]
    pub fn leave(&self) -> bool {
        let kept = self.states().is_ok_and(|all| !all.is_empty());
        if !kept {
            // An empty folder does no harm.
            let _ = self.remove();
        }
        kept
    }
}

/// The lock of the folder, which is made if there is none; `None` if another process has it.
fn take(folder: &Path) -> io::Result<Option<fs::File>> {
    let path = folder.join(LOCK);
    loop {
        fs::create_dir_all(folder)?;
        let mut options = fs::File::options();
        options.read(true).write(true).create(true).truncate(false);
        let lock = match options.open(&path) {
            // Another process removes the folder.
            Err(e) if e.kind() == io::ErrorKind::NotFound => continue,
            other => other?,
        };
        match lock.try_lock() {
            Ok(()) if path.exists() => return Ok(Some(lock)),
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => return Ok(None),
            // Where files cannot be locked, nobody else is expected.
            Err(fs::TryLockError::Error(_)) => return Ok(Some(lock)),
        }
    }
}
