//! `dslsim units`: the table of units.

use dslsim_source::Severity;
use dslsim_units::{Dim, describe, format_quantity, lookup, names, suggest};

use crate::exit::Exit;
use crate::messages::{self, Form};
use crate::terminal;

/// List the units that models may use
///
/// Each with its value in SI base units. Without names: all of them.
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  dslsim units mV uS\n  dslsim units | grep farad")]
pub struct Args {
    /// Only these
    names: Vec<String>,
}

/// The sub-command.
pub fn units(args: &Args) -> Exit {
    let mut table = String::new();
    let mut exit = Exit::Done;
    let all = if args.names.is_empty() {
        names()
    } else {
        args.names.clone()
    };
    for name in &all {
        match lookup(name) {
            Some(unit) => {
                let si = if unit.dim.is_none() {
                    String::new()
                } else {
                    describe(unit.dim)
                };
                let line = format!(
                    "{name:16} {:>9} {si}",
                    format_quantity(unit.scale, Dim::NONE)
                );
                table.push_str(line.trim_end());
                table.push('\n');
            }
            None => {
                let hint =
                    suggest(name).map_or_else(String::new, |s| format!("; did you mean `{s}`?"));
                messages::note(
                    Severity::Error,
                    "unknown-unit",
                    "command line",
                    &format!("there is no unit `{name}`{hint}"),
                    Form::Full,
                );
                exit = Exit::Failed;
            }
        }
    }
    terminal::tell(&table);
    exit
}
