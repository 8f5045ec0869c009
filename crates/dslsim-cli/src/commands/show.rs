//! `dslsim show`: what a model becomes.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use dslsim::show::{Integration, Model, Object, Step, show as shown};
use dslsim::{Disk, Interpreter, Jit, Options};
use dslsim_source::Severity;

use super::{with_big_stack, wrong_usage};
use crate::exit::Exit;
use crate::messages::{self, Form};
use crate::numbers::{model_time, whole};
use crate::terminal;

/// Show what a model becomes: units, integration, the order of a time step, kernels
///
/// Nothing is simulated. With the name of an object: only what concerns it.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  dslsim show models/vdp.eq                  equations with the unit of every part, and the time step as a table
  dslsim show models/vdp.eq neurons --ir     the kernels of one object
  dslsim show models/vdp.eq neurons --asm    and its machine code")]
pub struct Args {
    /// The model file
    file: PathBuf,
    /// An object of the model
    object: Option<String>,
    /// Another value for a parameter of the model, e.g. 'tau=20*ms'; may be given several times
    #[arg(long = "set", value_name = "NAME=EXPR", value_parser = super::execution::setting)]
    settings: Vec<(String, String)>,
    /// Also the kernels: one instruction a line
    #[arg(long)]
    ir: bool,
    /// Also the machine code of the kernels
    #[arg(long)]
    asm: bool,
    /// Operations as written: no division by a constant becomes a multiplication
    #[arg(long)]
    strict_math: bool,
    /// How messages are shown
    #[arg(long, value_enum, default_value_t, value_name = "FORM")]
    message_format: Form,
}

/// The sub-command.
pub fn show(args: Args) -> Exit {
    with_big_stack(move || {
        let options = Options {
            settings: args.settings.clone(),
            strict: args.strict_math,
            ..Options::new(Arc::new(Interpreter))
        };
        let mut found = shown(&args.file, options, &Disk);
        messages::show(&found.diagnostics, &found.sources, args.message_format);
        if found.diagnostics.has_errors() {
            return Exit::Failed;
        }
        if let Some(name) = &args.object
            && let Err(message) = only(&mut found.model, name)
        {
            return wrong_usage(&message);
        }
        let code = match code(&args, &found.model) {
            Ok(code) => code,
            Err(message) => {
                messages::note(
                    Severity::Error,
                    "no-backend",
                    "command line",
                    &message,
                    args.message_format,
                );
                return Exit::Failed;
            }
        };
        let whole = args.object.is_none();
        terminal::tell(&(text(&found.model, whole) + &code));
        Exit::Done
    })
}

/// Leaves one object.
fn only(model: &mut Model, name: &str) -> Result<(), String> {
    let is_it = |o: &Object| o.name == name || o.internal == name;
    let Some(shown) = model
        .objects
        .iter()
        .find(|o| is_it(o))
        .map(|o| o.name.clone())
    else {
        let names: Vec<&str> = model.objects.iter().map(|o| o.name.as_str()).collect();
        let near = dslsim_model::words::nearest(name, names.iter().copied()).map_or_else(
            || format!("its objects are {}", names.join(", ")),
            |near| format!("did you mean `{near}`?"),
        );
        return Err(format!("the model simulates no object `{name}`; {near}"));
    };
    model.objects.retain(|o| o.name == shown);
    model.schedule.retain(|s| s.object == shown);
    Ok(())
}

fn text(model: &Model, whole_model: bool) -> String {
    let mut out = String::new();
    for object in &model.objects {
        describe(&mut out, object);
    }
    out.push_str("A time step:\n");
    table(&mut out, &model.schedule);
    if !whole_model {
        operations(&mut out, &model.schedule);
    }
    if whole_model {
        let mib = model.bytes / f64::from(1 << 20);
        let _ = writeln!(
            out,
            "\ndefault clock: {}\nmemory of state and recordings: about {mib:.1} MiB, without synapses and spikes that only a simulation knows",
            model_time(model.dt)
        );
        if model.recorded > model.in_memory {
            let mib = |bytes: f64| bytes / f64::from(1 << 20);
            let _ = writeln!(
                out,
                "recordings: about {:.0} MiB, of which {:.0} MiB stay in memory; the others are moved into a file in the folder of results",
                mib(model.recorded),
                mib(model.in_memory)
            );
        }
    }
    out
}

fn describe(out: &mut String, object: &Object) {
    let size = object
        .size
        .map_or_else(String::new, |n| match object.class {
            "Synapses" => format!(", {} synapses", whole(n as u64)),
            _ => format!(" of {}", whole(n as u64)),
        });
    let _ = writeln!(
        out,
        "{}: {}{size} ({})",
        object.name, object.class, object.internal
    );
    for equation in &object.equations {
        let _ = writeln!(out, "  {}", equation.text);
        let width = equation
            .parts
            .iter()
            .map(|(part, _)| part.chars().count())
            .filter(|n| *n <= 48)
            .max()
            .unwrap_or(0);
        for (part, unit) in &equation.parts {
            let _ = writeln!(out, "      {part:width$}  {unit}");
        }
        // What the equation does not say itself: the unit of a group's rates.
        if equation.parts.is_empty() && !equation.text.contains(':') {
            let _ = writeln!(out, "      in {}", equation.unit);
        }
    }
    if let Some(integration) = &object.integration {
        integrated(out, integration);
    }
    if let Some(memory) = &object.memory {
        let _ = write!(out, "  memory: {} bytes for each synapse", memory.bytes);
        if !memory.unless_alike.is_empty() {
            let names = memory.unless_alike.join(", ");
            let _ = write!(
                out,
                ", and 8 for each of {names} unless it is the same for all"
            );
        }
        out.push('\n');
    }
    out.push('\n');
}

fn integrated(out: &mut String, integration: &Integration) {
    let Integration {
        method,
        why,
        variables,
        scheme,
        update,
    } = integration;
    let _ = writeln!(out, "  integrated by {method}: {why}");
    let _ = writeln!(out, "    x = ({})", variables.join(", "));
    for line in scheme.lines() {
        let _ = writeln!(out, "    {line}");
    }
    let _ = writeln!(out, "  in each step:");
    for line in update {
        let _ = writeln!(out, "    {line}");
    }
}

fn table(out: &mut String, steps: &[Step]) {
    let head = ["slot", "order", "operation", "object", "clock"].map(str::to_owned);
    let rows: Vec<[String; 5]> = steps
        .iter()
        .map(|s| {
            [
                s.slot.clone(),
                s.order.to_string(),
                s.name.clone(),
                s.object.clone(),
                model_time(s.dt),
            ]
        })
        .collect();
    let width = |k: usize| {
        let cells = rows.iter().chain([&head]).filter_map(|row| row.get(k));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    for row in [&head].into_iter().chain(&rows) {
        let cells: Vec<String> = row
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell:width$}"))
            .collect();
        let _ = writeln!(out, "  {}", cells.join("  ").trim_end());
    }
}

/// What each operation computes.
fn operations(out: &mut String, steps: &[Step]) {
    for kernel in steps.iter().flat_map(|s| &s.kernels) {
        if !kernel.formulas().is_empty() {
            let _ = writeln!(out, "\n{}, for each element:", kernel.name());
        }
        for line in kernel.formulas() {
            let _ = writeln!(out, "  {line}");
        }
    }
}

/// The kernels and their machine code, as far as they are wanted.
fn code(args: &Args, model: &Model) -> Result<String, String> {
    let mut out = String::new();
    if !args.ir && !args.asm {
        return Ok(out);
    }
    let jit = Jit::new().map_err(|e| e.to_string())?;
    for kernel in model.schedule.iter().flat_map(|s| &s.kernels) {
        if args.ir {
            let _ = write!(out, "\n{}", kernel.text());
        }
        if args.asm {
            let listing = kernel.machine_code(&jit).map_err(|e| e.to_string())?;
            let _ = write!(out, "\nmachine code of {}:\n{listing}", kernel.name());
        }
    }
    Ok(out)
}
