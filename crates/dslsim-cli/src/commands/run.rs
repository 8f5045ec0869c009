//! `dslsim run`: executes a model file, writes its results, tells what came out.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use clap::ValueEnum;
use dslsim::results::{self, Format};
use dslsim::{Checkpoint, CheckpointProblem, Files, Finished, Options};
use dslsim_source::Severity;

use super::check::checked;
use super::execution::{Execution, positive};
use super::{with_big_stack, wrong_usage};
use crate::exit::Exit;
use crate::files::Once;
use crate::messages::{self, Form};
use crate::numbers::{model_time, wall_time};
use crate::progress::{Shown, Style};
use crate::summary::{self, Wall};
use crate::{interrupt, terminal};

/// Execute a model file, write its results, and tell what came out
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  dslsim run models/vdp.eq
  dslsim run models/vdp.eq --set 'F_e=96*Hz' --set 'F_i=6*Hz' --out results/low_inhibition
  dslsim run models/vdp.eq --rng brian2 --seed 42     the spikes that Brian2 gives with seed(42)
  dslsim run models/vdp.eq --max-time 60              what one minute is enough for
  dslsim run long.eq --checkpoint-every 60 --resume   goes on where the same command has ended, whatever ended it

Ctrl-C finishes the present step and writes what was recorded; a second Ctrl-C stops at once.
In Python: numpy.load('results/vdp/w_E.npy'); results/vdp/run.json tells units, parameters, seed and times.")]
pub struct Args {
    /// The model file
    file: PathBuf,
    /// Where results are written [default: results/ and the name of the model]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// How results are written
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: FileFormat,
    /// Threads that share the work of a large network, or simulate points of a sweep side by side. Results never depend on it
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1024))]
    threads: Option<u32>,
    /// Stop after this many seconds of wall time, and write what was recorded
    #[arg(long, value_name = "SECONDS", value_parser = positive)]
    max_time: Option<f64>,
    /// Keep where the run is after every so many seconds of wall time, in OUT/checkpoint, for --resume; also on Ctrl-C
    #[arg(long, value_name = "SECONDS", value_parser = positive)]
    checkpoint_every: Option<f64>,
    /// Go on from the last checkpoint of the same command, with the same results; from the beginning if there is none
    #[arg(long, conflicts_with = "fresh")]
    resume: bool,
    /// Tell what took how long
    #[arg(long)]
    profile: bool,
    #[command(flatten)]
    execution: Execution,
}

/// How results are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum FileFormat {
    /// One .npy file for each array
    #[default]
    Npy,
    /// One .npz file for all
    Npz,
}

/// The sub-command.
pub fn run(args: Args) -> Exit {
    let started = Instant::now();
    if let Err(exit) = args.execution.prepare() {
        return exit;
    }
    let out = args
        .out
        .clone()
        .unwrap_or_else(|| Path::new("results").join(args.file.file_stem().unwrap_or_default()));
    if let Err(message) = writable(&out) {
        return wrong_usage(&format!(
            "results cannot be written to `{}`: {message}",
            out.display()
        ));
    }
    let stop = interrupt::flag();
    with_big_stack(move || execute(&args, &out, stop, started))
}

fn execute(args: &Args, out: &Path, stop: Arc<AtomicBool>, started: Instant) -> Exit {
    let options = match args.execution.options(stop.clone()) {
        Ok(options) => Options {
            max_time: args.max_time,
            profile: args.profile,
            out: out.to_path_buf(),
            jobs: args.threads.map(|n| n as usize),
            threads: args.threads.unwrap_or(1) as usize,
            ..options
        },
        Err(exit) => return exit,
    };
    let files = Once::of(&args.file, &args.execution.allow_read);
    let checking = Instant::now();
    let Some(parsed) = fits(args, &files) else {
        return Exit::Failed;
    };
    let checking = checking.elapsed().as_secs_f64();
    let checkpoint = match checkpoint(args, out) {
        Ok(checkpoint) => checkpoint.map(Arc::new),
        Err(exit) => return exit,
    };
    let options = Options {
        checkpoint: checkpoint.clone(),
        ..options
    };
    let mut progress = Shown::new(style(args));
    let mut finished = dslsim::execute(&args.file, options, &files, &mut progress);
    messages::show(
        &finished.diagnostics,
        &finished.sources,
        args.execution.message_format,
    );

    finished.timing.parse_seconds += parsed;
    finished.timing.check_seconds += checking - parsed;

    let failed = finished.diagnostics.has_errors();
    let stopped = stop.load(Ordering::Relaxed);
    // A run that met NaN ends before its time, too; nobody has interrupted it.
    let interrupted = finished.interrupted.is_some()
        && !finished
            .diagnostics
            .iter()
            .any(|d| d.severity == Severity::Error && d.code == "not-finite");
    let recorded = finished.interrupted.is_some() || finished.steps > 0;
    if failed && !recorded {
        if let Some(checkpoint) = &checkpoint {
            let _ = checkpoint.leave();
        }
        return Exit::Failed;
    }

    finished.timing.total_seconds = started.elapsed().as_secs_f64();
    let format = if args.format == FileFormat::Npz {
        Format::Npz
    } else {
        Format::Npy
    };
    let told = messages::lines(&finished.diagnostics, &finished.sources);
    let writing = Instant::now();
    if let Err(error) = results::write(
        out,
        &finished.results,
        format,
        &finished.timing,
        &finished.parts,
        &told,
        finished.interrupted,
    ) {
        let kept = checkpoint.as_ref().is_some_and(|c| c.leave());
        messages::note(
            Severity::Error,
            "cannot-write",
            &out.to_string_lossy(),
            &format!(
                "the results could not be written to `{}`: {error}; files that are there are complete, but without `run.json`{}",
                out.display(),
                if kept {
                    "; with room on the disk, the same command with `--resume` goes on from the last checkpoint"
                } else {
                    ""
                }
            ),
            args.execution.message_format,
        );
        return Exit::Failed;
    }
    finished.timing.write_seconds = writing.elapsed().as_secs_f64();
    let wall = Wall {
        total: started.elapsed().as_secs_f64(),
        before: finished.first_step,
    };

    let complete = !interrupted && !failed;
    let kept = match &checkpoint {
        Some(checkpoint) if complete => {
            if let Err(error) = checkpoint.remove() {
                let folder = checkpoint.folder().display();
                let message = format!(
                    "the checkpoint in `{folder}` is of no use any more, and could not be removed: {error}"
                );
                messages::note(
                    Severity::Warning,
                    "checkpoint-file",
                    &out.to_string_lossy(),
                    &message,
                    args.execution.message_format,
                );
            }
            false
        }
        Some(checkpoint) => checkpoint.leave(),
        None => false,
    };
    if interrupted {
        let why = if stopped {
            String::new()
        } else {
            args.max_time.map_or_else(String::new, |s| {
                format!(" by --max-time, after {}", wall_time(s))
            })
        };
        note(
            args,
            "interrupted",
            out,
            &format!(
                "interrupted{why}: {}; what was recorded is in `{}`{}",
                how_far(&finished, &progress),
                out.display(),
                if kept {
                    "; the same command with `--resume` goes on"
                } else {
                    ""
                }
            ),
        );
    } else if failed {
        note(
            args,
            "recorded",
            out,
            &format!("what was recorded until then is in `{}`", out.display()),
        );
    }
    if !args.execution.quiet {
        terminal::tell(&summary::summary(
            &finished,
            &args.file,
            out,
            progress.runs(),
            &wall,
        ));
    }
    if args.profile {
        terminal::tell(&summary::profile(&finished, &wall));
    }
    match (interrupted, failed) {
        (true, _) => Exit::Interrupted,
        (false, true) => Exit::Failed,
        (false, false) if finished.sweeps.iter().any(|(_, o)| !o.failed.is_empty()) => {
            Exit::PointsFailed
        }
        (false, false) => Exit::Done,
    }
}

/// Checks the whole file before anything is simulated: a mistake after `run` is better told now than after an hour.
/// The seconds of parsing; `None` if there is one.
fn fits(args: &Args, files: &dyn Files) -> Option<f64> {
    let checked = checked(&args.file, args.execution.settings.clone(), files);
    let fit = !checked.diagnostics.has_errors();
    if !fit {
        messages::show(
            &checked.diagnostics,
            &checked.sources,
            args.execution.message_format,
        );
    }
    fit.then_some(checked.timing.parse_seconds)
}

/// The checkpoint of the folder of results, if one is asked for.
fn checkpoint(args: &Args, out: &Path) -> Result<Option<Checkpoint>, Exit> {
    if args.checkpoint_every.is_none() && !args.resume {
        return Ok(None);
    }
    match Checkpoint::open(out, args.checkpoint_every, args.resume) {
        Ok(checkpoint) => {
            if args.resume && !checkpoint.is_resumed() {
                let folder = out.display();
                let message = format!(
                    "there is no checkpoint in `{folder}`: the model is run from its beginning"
                );
                note(args, "nothing-to-resume", out, &message);
            }
            Ok(Some(checkpoint))
        }
        Err(problem) => {
            let (code, help) = match &problem {
                CheckpointProblem::Busy(_) => (
                    "checkpoint-busy",
                    "wait for it, or choose another folder with `--out`",
                ),
                CheckpointProblem::Io { .. } => {
                    ("checkpoint-file", "choose another folder with `--out`")
                }
                CheckpointProblem::Damaged { .. } => {
                    ("checkpoint-damaged", "run without `--resume` to begin anew")
                }
            };
            messages::note(
                Severity::Error,
                code,
                &out.to_string_lossy(),
                &format!("{problem}; {help}"),
                args.execution.message_format,
            );
            Err(Exit::Failed)
        }
    }
}

fn note(args: &Args, code: &'static str, out: &Path, message: &str) {
    messages::note(
        Severity::Note,
        code,
        &out.to_string_lossy(),
        message,
        args.execution.message_format,
    );
}

/// `3.2 s of 10 s simulated`, and the time of the model if there were runs before.
fn how_far(finished: &Finished, progress: &Shown) -> String {
    if let Some((store, outcome)) = finished.sweeps.last()
        && outcome.interrupted
    {
        return format!(
            "{} of {} points of the sweep in `{}` are complete; the same command goes on",
            outcome.before + outcome.done,
            outcome.mine,
            store.display()
        );
    }
    let (done, duration) = progress.last_run();
    let t = finished.interrupted.unwrap_or(done);
    if progress.runs() <= 1 {
        format!("{} of {} simulated", model_time(t), model_time(duration))
    } else {
        format!(
            "{} of {} simulated in run {}, t = {}",
            model_time(done),
            model_time(duration),
            progress.runs(),
            model_time(t)
        )
    }
}

fn style(args: &Args) -> Style {
    match (
        args.execution.quiet || args.execution.message_format == Form::Json,
        terminal::is_watched(),
    ) {
        (true, _) => Style::Silent,
        (false, true) => Style::Bar,
        (false, false) => Style::Lines,
    }
}

/// Whether a folder can be made and written: better known before a long simulation than after it. Leaves nothing behind.
fn writable(folder: &Path) -> Result<(), String> {
    let here = Path::new(".");
    let existing = folder
        .ancestors()
        .map(|p| if p.as_os_str().is_empty() { here } else { p })
        .find(|p| p.exists())
        .unwrap_or(here);
    if !existing.is_dir() {
        return Err(format!("`{}` is a file", existing.display()));
    }
    let trial = existing.join(format!(".dslsim-{}.part", std::process::id()));
    std::fs::write(&trial, "").map_err(|e| e.to_string())?;
    std::fs::remove_file(&trial).map_err(|e| e.to_string())
}
