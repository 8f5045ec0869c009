//! Simulating the points that a store does not have.

use std::path::Path;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::time::{Duration, Instant};

use dslsim_source::{MessageFormat, Severity, SourceMap, render};
use indexmap::IndexMap;
use rayon::iter::{IndexedParallelIterator, IntoParallelRefIterator, ParallelIterator};

use super::record::{Record, SavedArray};
use super::store::{ERROR, NotWritten, SECONDS, STATUS, Store};
use super::{Checked, Problem, Snapshot, Status, StoreError, Sweep, identity};
use crate::session::{self, Finished, Nobody, Progress};

/// Stack of a thread that simulates points: syntax trees are walked by recursion.
const STACK: usize = 64 << 20;

/// How long to wait before looking again at points that other processes simulate.
const PAUSE: Duration = Duration::from_millis(200);

/// A point that has ended.
#[derive(Clone, Debug)]
pub struct PointEnd {
    /// Which one.
    pub index: u64,
    /// Its parameters, as text.
    pub parameters: String,
    /// Why it failed.
    pub failure: Option<String>,
    /// Wall time.
    pub seconds: f64,
}

/// What came of a sweep.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// Points of the grid.
    pub points: u64,
    /// Points that are this process's affair.
    pub mine: u64,
    /// Of these: complete before.
    pub before: u64,
    /// Of these: completed now.
    pub done: u64,
    /// Of these: failed now.
    pub failed: Vec<PointEnd>,
    /// Whether it was stopped from outside.
    pub interrupted: bool,
    /// Wall time.
    pub seconds: f64,
    /// What was warned about, each thing once.
    pub warnings: Vec<String>,
}

impl Outcome {
    /// Points of this process's part that are neither complete nor failed.
    pub fn missing(&self) -> u64 {
        self.mine - self.before - self.done - self.failed.len() as u64
    }
}

/// What a thread that simulates has to tell.
enum Event {
    End(PointEnd, Vec<String>),
    /// Another process has completed a point.
    Elsewhere,
    Broken(StoreError),
}

impl Sweep {
    /// Simulates what is missing.
    ///
    /// # Errors
    /// If the store cannot be used, or not be written any more; points that were complete by then are kept.
    pub fn run(&self, checked: &Checked, progress: &mut dyn Progress) -> Result<Outcome, Problem> {
        let started = Instant::now();
        self.savable(&checked.saved)?;
        let about = identity::describe(self, checked);
        let store = Store::open(&self.store, &self.grid, &about, self.options.fresh)?;
        let mine: Vec<u64> = (0..self.grid.len())
            .filter(|p| self.shard.is_none_or(|s| s.has(*p)))
            .collect();
        let missing: Vec<u64> = mine
            .iter()
            .copied()
            .filter(|p| store.status(*p) != Status::Done)
            .collect();
        let mut outcome = Outcome {
            points: self.grid.len(),
            mine: mine.len() as u64,
            before: (mine.len() - missing.len()) as u64,
            ..Outcome::default()
        };
        if !missing.is_empty() {
            let threads = self
                .options
                .jobs
                .or_else(|| std::thread::available_parallelism().ok().map(Into::into))
                .unwrap_or(1);
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(threads.min(missing.len()))
                .thread_name(|k| format!("point {k}"))
                .stack_size(STACK)
                .build()
                .map_err(|e| Problem::Threads(e.to_string()))?;
            progress.sweep_begin(&self.shown(), outcome.mine, outcome.before);
            let result = self.simulate(
                &pool,
                &store,
                &checked.snapshot,
                missing,
                progress,
                &mut outcome,
            );
            progress.sweep_end();
            result?;
            store.consolidate()?;
        }
        outcome.failed.sort_by_key(|f| f.index);
        outcome.interrupted = self.stopped() && outcome.missing() > 0;
        outcome.seconds = started.elapsed().as_secs_f64();
        Ok(outcome)
    }

    /// Whether someone, or the clock, wants it to end.
    fn stopped(&self) -> bool {
        self.options.stop.load(Ordering::Relaxed)
            || self.deadline.is_some_and(|d| Instant::now() >= d)
    }

    fn shown(&self) -> String {
        let file = self.model.file_name().unwrap_or(self.model.as_os_str());
        file.to_string_lossy().into_owned()
    }

    /// Whether what the model saves can be stored.
    fn savable(&self, saved: &[String]) -> Result<(), Problem> {
        if saved.is_empty() {
            return Err(Problem::NothingSaved);
        }
        for name in saved {
            if self.grid.axes().iter().any(|a| a.name == *name) {
                return Err(Problem::NameTaken(name.clone(), "a swept parameter"));
            }
            if [STATUS, SECONDS, ERROR, "point"].contains(&name.as_str()) {
                return Err(Problem::NameTaken(
                    name.clone(),
                    "what the store says about points",
                ));
            }
        }
        Ok(())
    }

    fn simulate(
        &self,
        pool: &rayon::ThreadPool,
        store: &Store,
        files: &Snapshot,
        missing: Vec<u64>,
        progress: &mut dyn Progress,
        outcome: &mut Outcome,
    ) -> Result<(), Problem> {
        let halt = AtomicBool::new(false);
        let halted = || halt.load(Ordering::Relaxed) || self.stopped();
        let mut broken = None;
        std::thread::scope(|scope| {
            let (sender, events) = channel::<Event>();
            let (halted, halt) = (&halted, &halt);
            scope.spawn(move || {
                let mut open = missing;
                // Points that another process is simulating are looked at again later: it may die.
                while !open.is_empty() && !halted() {
                    let elsewhere = Mutex::new(Vec::new());
                    pool.install(|| {
                        open.par_iter().with_max_len(1).for_each_with(
                            sender.clone(),
                            |sender, point| {
                                if !halted() && !self.take(*point, store, files, sender, halt) {
                                    let mut list =
                                        elsewhere.lock().unwrap_or_else(PoisonError::into_inner);
                                    list.push(*point);
                                }
                            },
                        );
                    });
                    open = elsewhere
                        .into_inner()
                        .unwrap_or_else(PoisonError::into_inner);
                    open.sort_unstable();
                    if !open.is_empty() {
                        std::thread::sleep(PAUSE);
                    }
                }
            });
            for event in events {
                match event {
                    Event::End(end, warnings) => {
                        progress.sweep_point(Some(&end));
                        for warning in warnings {
                            if !outcome.warnings.contains(&warning) {
                                outcome.warnings.push(warning);
                            }
                        }
                        if end.failure.is_some() {
                            outcome.failed.push(end);
                        } else {
                            outcome.done += 1;
                        }
                    }
                    Event::Elsewhere => {
                        progress.sweep_point(None);
                        outcome.done += 1;
                    }
                    Event::Broken(error) => {
                        halt.store(true, Ordering::Relaxed);
                        broken.get_or_insert(error);
                    }
                }
            }
        });
        broken.map_or(Ok(()), |e| Err(e.into()))
    }

    /// Simulates one point, unless another process is doing so: then `false`.
    fn take(
        &self,
        point: u64,
        store: &Store,
        files: &Snapshot,
        sender: &Sender<Event>,
        halt: &AtomicBool,
    ) -> bool {
        let Some(_claim) = store.claim(point) else {
            return false;
        };
        if store.status(point) == Status::Done {
            let _ = sender.send(Event::Elsewhere);
            return true;
        }
        let begun = Instant::now();
        let finished = session::execute(&self.model, self.point_options(point), files, &mut Nobody);
        let failed = finished.diagnostics.has_errors();
        if !failed && finished.interrupted.is_some() && self.options.stop.load(Ordering::Relaxed) {
            return true;
        }
        let mut record = Record {
            values: values(&finished),
            seconds: begun.elapsed().as_secs_f64(),
        };
        let mut written = store.write(point, &record);
        if let Err(NotWritten::Unfit(why)) = written {
            record.values = Err(why);
            written = store.write(point, &record);
        }
        if self.fail_fast && record.values.is_err() {
            halt.store(true, Ordering::Relaxed);
        }
        let event = match written {
            Ok(()) => {
                let warnings = if failed {
                    Vec::new()
                } else {
                    warnings(&finished)
                };
                Event::End(
                    PointEnd {
                        index: point,
                        parameters: self.parameters(point),
                        failure: record.values.err(),
                        seconds: record.seconds,
                    },
                    warnings,
                )
            }
            Err(NotWritten::Store(error)) => Event::Broken(error),
            Err(NotWritten::Unfit(why)) => {
                Event::Broken(StoreError::Damaged(self.store.clone(), why))
            }
        };
        let _ = sender.send(event);
        true
    }

    /// `F_i = 1 Hz, F_e = 6 Hz`
    pub(crate) fn parameters(&self, point: u64) -> String {
        let each = self.grid.point(point).into_iter().map(|(name, value)| {
            let dim = value.dim().unwrap_or(dslsim_units::Dim::NONE);
            match value.as_f64() {
                Some(x) if !dim.is_none() => {
                    format!("{name} = {}", dslsim_units::format_quantity(x, dim))
                }
                Some(x) => format!("{name} = {x}"),
                None => name,
            }
        });
        each.collect::<Vec<_>>().join(", ")
    }
}

/// What a point saves, or why it failed.
fn values(finished: &Finished) -> Result<IndexMap<String, SavedArray>, String> {
    let mut errors = finished
        .diagnostics
        .iter()
        .filter(|d| d.severity == Severity::Error);
    if let Some(first) = errors.next() {
        return Err(short(&first.clone().into(), &finished.sources));
    }
    if let Some(t) = finished.interrupted {
        return Err(format!(
            "stopped by the limit of time at t = {t} s of the model"
        ));
    }
    Ok(finished
        .results
        .saved
        .iter()
        .filter_map(|name| {
            let result = finished.results.arrays.get(name)?;
            let shape = result.shape.iter().map(|n| *n as u64).collect();
            let array = result.array.clone();
            Some((name.clone(), SavedArray { array, shape }))
        })
        .collect())
}

fn warnings(finished: &Finished) -> Vec<String> {
    let all = finished.diagnostics.iter();
    all.filter(|d| d.severity == Severity::Warning)
        .map(|d| short(&d.clone().into(), &finished.sources))
        .collect()
}

/// `FILE:LINE:COL: error[code]: message`, the folder left out.
fn short(said: &dslsim_source::Diagnostics, sources: &SourceMap) -> String {
    let text = render(said, sources, MessageFormat::Short, false);
    let line = text.lines().next().unwrap_or_default();
    match line.split_once(".eq:") {
        Some((path, rest)) => {
            let name = Path::new(path)
                .file_name()
                .map(|n| n.to_string_lossy().into_owned());
            format!("{}.eq:{rest}", name.unwrap_or_default())
        }
        None => line.to_owned(),
    }
}
