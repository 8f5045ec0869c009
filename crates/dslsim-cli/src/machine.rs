//! What executes kernels, as chosen on the command line.

use std::sync::Arc;

use clap::ValueEnum;
use dslsim::{Backend, Interpreter, Jit, JitOptions, Level};

/// What executes kernels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Choice {
    /// Machine code
    #[default]
    Jit,
    /// Slow and obvious: the specification that machine code is compared with
    Interpreter,
}

/// Takes the vector routines of this level, or those that the environment variable `DSLSIM_VECTOR` names.
///
/// # Errors
/// If there is no such level, or not on this processor.
pub fn force_vectors(level: Option<Level>) -> Result<(), String> {
    let level = match (level, std::env::var("DSLSIM_VECTOR")) {
        (Some(level), _) => level,
        (None, Ok(name)) if !name.is_empty() => {
            name.parse().map_err(|e| format!("DSLSIM_VECTOR: {e}"))?
        }
        _ => return Ok(()),
    };
    dslsim::force_vectors(level).map_err(|e| e.to_string())
}

/// Makes it.
///
/// # Errors
/// If no machine code can be made for this machine.
pub fn backend(choice: Choice, chunk: Option<usize>) -> Result<Arc<dyn Backend>, String> {
    match choice {
        Choice::Interpreter => Ok(Arc::new(Interpreter)),
        Choice::Jit => {
            let usual = JitOptions::default();
            let options = JitOptions {
                chunk: chunk.unwrap_or(usual.chunk),
                ..usual
            };
            let jit = Jit::with_options(options)
                .map_err(|e| format!("{e}; `--backend interpreter` needs no machine code"))?;
            Ok(Arc::new(jit))
        }
    }
}
