//! `dslsim check`: everything that `run` would check before simulating.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use dslsim::{Confined, Files, Finished, Interpreter, Options};

use super::with_big_stack;
use crate::exit::Exit;
use crate::messages::{self, Form};
use crate::numbers::several;
use crate::progress::Shown;
use crate::terminal;

/// Look for mistakes in model files, without simulating
///
/// Syntax, names, types, units, methods, the expressions of connections: everything that `run` checks before it simulates.
/// Exit code 0 if no file has errors, else 1.
#[derive(clap::Args)]
pub struct Args {
    /// The model files
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Another value for a parameter of the models, e.g. 'tau=20*ms'; may be given several times
    #[arg(long = "set", value_name = "NAME=EXPR", value_parser = super::execution::setting)]
    settings: Vec<(String, String)>,
    /// A further folder that the models may read files from; may be given several times
    #[arg(long, value_name = "DIR")]
    allow_read: Vec<PathBuf>,
    /// How messages are shown
    #[arg(long, value_enum, default_value_t, value_name = "FORM")]
    message_format: Form,
}

/// Checks one file.
pub fn checked(path: &Path, settings: Vec<(String, String)>, files: &dyn Files) -> Finished {
    let options = Options {
        settings,
        check: true,
        ..Options::new(Arc::new(Interpreter))
    };
    dslsim::execute(path, options, files, &mut Shown::nothing())
}

/// The sub-command.
pub fn check(args: Args) -> Exit {
    with_big_stack(move || {
        let mut exit = Exit::Done;
        for path in &args.files {
            let finished = checked(
                path,
                args.settings.clone(),
                &Confined::to(path, &args.allow_read),
            );
            messages::show(
                &finished.diagnostics,
                &finished.sources,
                args.message_format,
            );
            let (errors, warnings) = messages::count(&finished.diagnostics);
            if errors > 0 {
                exit = Exit::Failed;
            }
            if args.message_format != Form::Json {
                terminal::complain(&format!(
                    "{}: {}\n",
                    path.display(),
                    verdict(errors, warnings)
                ));
            }
        }
        exit
    })
}

fn verdict(errors: usize, warnings: usize) -> String {
    let warnings = (warnings > 0).then(|| several(warnings as u64, "warning", "warnings"));
    match (errors, warnings) {
        (0, None) => "ok".into(),
        (0, Some(warnings)) => format!("ok, {warnings}"),
        (n, warnings) => {
            several(n as u64, "error", "errors")
                + &warnings.map_or_else(String::new, |w| format!(", {w}"))
        }
    }
}
