//! `dslsim functions`: the functions of equations.

use dslsim_model::functions::{FUNCTIONS, Row, Units};

use crate::exit::Exit;
use crate::terminal;

/// List the functions that equations may use
#[derive(clap::Args)]
pub struct Args {}

/// The sub-command.
pub fn functions(_: &Args) -> Exit {
    let table: String = FUNCTIONS
        .iter()
        .map(|row| format!("{:16} {:52} {}\n", call(row), row.about, units(row)))
        .collect();
    terminal::tell(&table);
    Exit::Done
}

/// `clip(x, low, high)` if the table says so itself, else `exp(x)`.
fn call(row: &Row) -> String {
    let letters = ["x", "y", "z"];
    let arguments: Vec<&str> = letters.iter().copied().take(row.arity).collect();
    format!("{}({})", row.name, arguments.join(", "))
}

fn units(row: &Row) -> &'static str {
    match row.units {
        Units::Pure if row.arity == 0 => "",
        Units::Pure => "pure numbers",
        Units::Root => "any unit; the result has its square root",
        Units::Same => "any unit, which the result has too",
        Units::Drop => "any unit; the result is a pure number",
        Units::Time => "times; the result is a pure number",
    }
}
