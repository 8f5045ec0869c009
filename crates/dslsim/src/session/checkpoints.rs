//! Checkpoints of a session: when the state of a run is kept, and when a run goes on from one.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use dslsim_runtime::{Control, Observer, Simulation, Underway};
use dslsim_source::{Diagnostic, Diagnostics, Span};
use serde_json::{Value as Json, json};

use super::{Progress, Session};
use crate::checkpoint::Checkpoint;
use crate::options::Rng;

type Told<T> = Result<T, Diagnostics>;

/// Who watches a run: shows how far it is, stops it, and keeps checkpoints.
pub(super) struct Watch<'w> {
    pub progress: &'w mut dyn Progress,
    pub stop: Arc<AtomicBool>,
    /// Seconds of wall time that the session may last.
    pub limit: Option<f64>,
    pub started: Instant,
    pub keeper: Option<Keeper<'w>>,
    /// Whether the run was told to stop.
    pub stopping: bool,
}

/// Keeps checkpoints of one run.
pub(super) struct Keeper<'w> {
    pub checkpoint: Arc<Checkpoint>,
    pub run: u32,
    pub identity: Json,
    /// When there was the last one.
    pub last: &'w mut Instant,
    /// Why the last one could not be written.
    pub failed: Option<String>,
}

impl Keeper<'_> {
    fn is_due(&self) -> bool {
        self.last.elapsed().as_secs_f64() >= self.checkpoint.every()
    }
}

impl Observer for Watch<'_> {
    fn progress(&mut self, done: u64, total: u64, t: f64) -> Control {
        self.progress.step(done, total, t);
        let over = |l: f64| self.started.elapsed().as_secs_f64() > l;
        if self.stop.load(Ordering::Relaxed) || self.limit.is_some_and(over) {
            self.stopping = true;
            return Control::Stop;
        }
        match &self.keeper {
            Some(keeper) if keeper.is_due() => Control::Keep,
            _ => Control::Continue,
        }
    }

    fn keep(&mut self, simulation: &mut Simulation, underway: &Underway) {
        let Some(keeper) = &mut self.keeper else {
            return;
        };
        // At the end of a run: what was simulated since the last checkpoint is soon simulated again.
        let stopped = self.stopping && !underway.complete;
        if !stopped && !keeper.is_due() {
            return;
        }
        let kept = simulation
            .put_recordings_away()
            .map_err(|e| e.to_string())
            .and_then(|()| {
                let Keeper { run, identity, .. } = keeper;
                keeper
                    .checkpoint
                    .keep(*run, identity, simulation, underway)
                    .map_err(|e| e.to_string())
            });
        keeper.failed = kept.err();
        *keeper.last = Instant::now();
    }
}

impl Session<'_> {
    /// What a run shares with another one that gives the same results: everything read until then, and options. What stands in the
    /// file after the run may change.
    pub(super) fn identity(&self, span: Span) -> Json {
        let mut hasher = blake3::Hasher::new();
        for file in self.files_read() {
            let text = self.text(file);
            let until = if file == span.file {
                text.get(..span.end as usize).unwrap_or(&text)
            } else {
                &text
            };
            hasher.update(&(until.len() as u64).to_le_bytes());
            hasher.update(until.as_bytes());
        }
        let options = &self.options;
        let settings = options.settings.iter();
        let settings: Vec<String> = settings.map(|(n, v)| format!("{n}={v}")).collect();
        json!({
            "the model": hasher.finalize().to_hex().to_string(),
            "a file that it loads": self.data_read.finalize().to_hex().to_string(),
            "--set": settings,
            "--seed": options.seed,
            "--rng": if options.rng == Rng::Fast { "fast" } else { "brian2" },
            "--strict-math": options.strict,
            "--allow-nan": options.allow_nan,
            "the version of dslsim": env!("CARGO_PKG_VERSION"),
        })
    }

    /// Notes bytes that the model has read from a file.
    pub(super) fn note_data(&mut self, bytes: &[u8]) {
        if self.options.checkpoint.is_some() {
            self.data_read.update(&(bytes.len() as u64).to_le_bytes());
            self.data_read.update(bytes);
        }
    }

    /// Goes to where a checkpoint has this run, if there is one.
    pub(super) fn brought_back(&mut self, span: Span) -> Told<Option<Underway>> {
        let Some(checkpoint) = self.options.checkpoint.clone() else {
            return Ok(None);
        };
        if !checkpoint.has(self.runs) {
            return Ok(None);
        }
        let damaged = |why: String| {
            let folder = checkpoint.folder().display();
            let message = format!("the checkpoint in `{folder}` cannot be used: {why}");
            Diagnostics::from(
                Diagnostic::error("checkpoint-damaged", span, message)
                    .help("run without `--resume` to begin anew"),
            )
        };
        let restored = checkpoint.restore(self.runs);
        let restored = restored.map_err(|e| damaged(e.to_string()))?;
        let now = self.identity(span);
        if let (Some(was), Some(now)) = (restored.identity().as_object(), now.as_object()) {
            let differs = |key: &&String| was.get(*key) != now.get(*key);
            let what: Vec<&str> = now.keys().filter(differs).map(String::as_str).collect();
            if !what.is_empty() {
                let folder = checkpoint.folder().display();
                let message = format!(
                    "the checkpoint in `{folder}` is of another run: since then {} changed",
                    match what.as_slice() {
                        [one] => format!("{one} has"),
                        [all @ .., last] => format!("{} and {last} have", all.join(", ")),
                        [] => String::new(),
                    }
                );
                return Err(Diagnostic::error("checkpoint-mismatch", span, message)
                    .help("what stands up to the end of this `run` must be the same: undo the change, or run without `--resume` to begin anew")
                    .into());
            }
        }
        let log = match &self.simulation.shelf {
            Some(shelf) => shelf.log().map_err(|e| damaged(e.to_string()))?,
            None => return Ok(None),
        };
        let underway = restored.load(&mut self.simulation, &log);
        let underway = underway.map_err(|e| damaged(e.to_string()))?;
        self.resumed = Some(self.simulation.now());
        Ok(Some(underway))
    }
}
