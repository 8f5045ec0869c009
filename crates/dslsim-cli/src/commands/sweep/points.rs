//! Simulating the points of a sweep.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use dslsim::sweep::{Contents, Grid, GridError, Outcome, Problem, Status, StoreError, Sweep};
use dslsim::{Confined, Options};
use dslsim_source::{Diagnostic, Diagnostics, Severity, SourceMap, Span};

use super::{Args, Format, store};
use crate::commands::{with_big_stack, wrong_usage};
use crate::exit::Exit;
use crate::messages::{self, Form};
use crate::numbers::{several, wall_time};
use crate::progress::{Shown, Style};
use crate::{interrupt, terminal};

/// Failed points that are told one by one.
const FAILURES: usize = 5;

pub(super) fn sweep(args: Args) -> Exit {
    if args.resume || args.checkpoint_every.is_some() {
        return wrong_usage(
            "a sweep needs no checkpoints: the same command goes on where it has ended, point by point",
        );
    }
    if let Err(exit) = args.execution.prepare() {
        return exit;
    }
    let stop = interrupt::flag();
    with_big_stack(move || match planned(&args, stop) {
        Ok(sweep) => points(&args, &sweep),
        Err(exit) => exit,
    })
}

/// The sweep that the arguments ask for.
fn planned(args: &Args, stop: Arc<AtomicBool>) -> Result<Sweep, Exit> {
    let file = args.file.clone().unwrap_or_default();
    let form = args.execution.message_format;
    let options = Options {
        max_time: args.max_time,
        jobs: args.jobs.map(usize::from),
        ..args.execution.options(stop)?
    };
    let both = args
        .over
        .iter()
        .find(|(name, _)| args.execution.settings.iter().any(|(set, _)| set == name));
    if let Some((name, _)) = both {
        return Err(wrong_usage(&format!(
            "`{name}` is given to both --over and --set: which one is meant?"
        )));
    }
    let arguments: Vec<(String, usize)> = args
        .over
        .iter()
        .map(|(name, text)| (format!("--over {name}={text}"), name.len() + 8))
        .collect();
    let files = Confined::to(&file, &args.execution.allow_read);
    let mut given = dslsim::evaluate(&arguments, options.clone(), &files);
    let values: Option<Vec<_>> = given.values.into_iter().collect();
    let grid = match values {
        Some(values) if !given.diagnostics.has_errors() => {
            let names = args.over.iter().map(|(name, _)| name.clone());
            match Grid::new(names.zip(values).collect(), args.zip) {
                Ok(grid) => Some(grid),
                Err(error) => {
                    given.diagnostics.push(grid_error(&error, &given.spans));
                    None
                }
            }
        }
        _ => None,
    };
    let Some(grid) = grid else {
        messages::show(&given.diagnostics, &given.sources, form);
        return Err(Exit::Failed);
    };
    let out = args.out.as_deref();
    Ok(Sweep {
        store: store(out, &file),
        model: file,
        grid,
        fixed: Vec::new(),
        options,
        vary_seed: args.vary_seed,
        shard: args.shard,
        fail_fast: args.fail_fast,
        deadline: None,
        command: command(),
    })
}

/// The command as given, for the store's attributes.
fn command() -> String {
    let quoted = std::env::args().enumerate().map(|(k, a)| match k {
        0 => "dslsim".to_owned(),
        _ if a
            .chars()
            .all(|c| c.is_alphanumeric() || "-_./=:,".contains(c)) =>
        {
            a
        }
        _ => format!("'{a}'"),
    });
    quoted.collect::<Vec<_>>().join(" ")
}

fn grid_error(error: &GridError, spans: &[Span]) -> Diagnostic {
    let span = error.axis().and_then(|k| spans.get(k)).or(spans.first());
    let help = match error {
        GridError::Empty { .. } => Some("`arange(a, b, step)` leaves out b"),
        GridError::NotAList { .. } => Some("write for example 'tau=[5,10,20]*ms'"),
        _ => None,
    };
    Diagnostic::error(
        "sweep-grid",
        span.copied().unwrap_or_default(),
        error.to_string(),
    )
    .help_opt(help.map(str::to_owned))
}

fn points(args: &Args, sweep: &Sweep) -> Exit {
    let form = args.execution.message_format;
    let files = Confined::to(&sweep.model, &args.execution.allow_read);
    let mut checked = sweep.check(&files);
    let said = at_the_arguments(args, &checked.diagnostics, &mut checked.sources);
    messages::show(&said, &checked.sources, form);
    if said.has_errors() {
        return Exit::Failed;
    }
    let style = match (args.execution.quiet, terminal::is_watched()) {
        (true, _) => Style::Silent,
        (false, true) if form == Form::Full => Style::Bar,
        _ => Style::Lines,
    };
    let outcome = match sweep.run(&checked, &mut Shown::new(style)) {
        Ok(outcome) => outcome,
        Err(problem) => return broken(args, &problem),
    };
    for warning in &outcome.warnings {
        messages::note(
            Severity::Warning,
            "swept-model",
            &shown(sweep),
            warning,
            form,
        );
    }
    for failed in outcome.failed.iter().take(FAILURES) {
        let why = failed.failure.as_deref().unwrap_or_default();
        let message = format!("{} failed: {why}", failed.parameters);
        messages::note(
            Severity::Error,
            "points-failed",
            &shown(sweep),
            &message,
            form,
        );
    }
    if let Some(more) = outcome.failed.len().checked_sub(FAILURES + 1) {
        let message = format!(
            "and {}; `dslsim sweep status {}` tells all",
            several(
                more as u64 + 1,
                "further point failed",
                "further points failed"
            ),
            sweep.store.display()
        );
        messages::note(
            Severity::Note,
            "points-failed",
            &shown(sweep),
            &message,
            form,
        );
    }
    let exported = if args.format == Format::Npy && !outcome.interrupted {
        match exported(sweep) {
            Ok(folder) => Some(folder),
            Err(message) => {
                messages::note(
                    Severity::Error,
                    "cannot-write",
                    &shown(sweep),
                    &message,
                    form,
                );
                return Exit::Failed;
            }
        }
    } else {
        None
    };
    if !args.execution.quiet {
        terminal::tell(&summary(sweep, &outcome, exported));
    }
    if outcome.interrupted {
        Exit::Interrupted
    } else if outcome.failed.is_empty() {
        Exit::Done
    } else {
        Exit::PointsFailed
    }
}

/// A parameter that the model does not have is told at the argument that names it.
fn at_the_arguments(args: &Args, said: &Diagnostics, sources: &mut SourceMap) -> Diagnostics {
    let mut all = Diagnostics::new();
    for d in said.iter() {
        let argument = args.over.iter().find(|(name, _)| {
            d.code == "unknown-parameter" && d.message.contains(&format!("`{name}`"))
        });
        all.push(match argument {
            Some((name, text)) => {
                let file = sources.add("command line", format!("--over {name}={text}"));
                Diagnostic::error(
                    d.code,
                    Span::new(file, 7, 7 + name.len()),
                    d.message.clone(),
                )
                .help_opt(d.help.clone())
            }
            None => d.clone(),
        });
    }
    all
}

fn shown(sweep: &Sweep) -> String {
    sweep.store.to_string_lossy().into_owned()
}

fn broken(args: &Args, problem: &Problem) -> Exit {
    let code = match problem {
        Problem::Store(StoreError::Different(..)) => "different-sweep",
        Problem::Store(StoreError::Io(..)) => "cannot-write",
        Problem::NothingSaved => "nothing-saved",
        _ => "sweep-refused",
    };
    let help = problem
        .help()
        .map_or_else(String::new, |h| format!("\n  help: {h}"));
    messages::note(
        Severity::Error,
        code,
        &args.file.clone().unwrap_or_default().to_string_lossy(),
        &format!("{problem}{help}"),
        args.execution.message_format,
    );
    Exit::Failed
}

/// Writes plain arrays beside the store, when all points are there.
fn exported(sweep: &Sweep) -> Result<PathBuf, String> {
    let contents = Contents::read(&sweep.store).map_err(|e| e.to_string())?;
    if contents.count(Status::Missing) > 0 && sweep.shard.is_some() {
        return Ok(sweep.store.clone());
    }
    let folder = sweep.store.with_extension("");
    dslsim::sweep::export(&contents, &folder)
        .map_err(|e| format!("`{}`: {e}", folder.display()))?;
    Ok(folder)
}

fn summary(sweep: &Sweep, outcome: &Outcome, exported: Option<PathBuf>) -> String {
    let part = sweep.shard.map_or_else(String::new, |s| {
        format!(" (part {}/{} of {})", s.index, s.of, outcome.points)
    });
    let mut text = format!(
        "{}: {}{part}, {} simulated now",
        sweep.model.display(),
        several(outcome.mine, "point", "points"),
        outcome.done + outcome.failed.len() as u64,
    );
    if outcome.before > 0 {
        text += &format!(", {} complete before", outcome.before);
    }
    if !outcome.failed.is_empty() {
        text += &format!(", {} failed", outcome.failed.len());
    }
    if outcome.missing() > 0 {
        text += &format!(", {} missing; the same command goes on", outcome.missing());
    }
    text += &format!(
        "\ntime: {}\nresults are in {}\n",
        wall_time(outcome.seconds),
        sweep.store.display()
    );
    if let Some(folder) = exported.filter(|f| *f != sweep.store) {
        text += &format!("plain arrays are in {}\n", folder.display());
    }
    text
}
