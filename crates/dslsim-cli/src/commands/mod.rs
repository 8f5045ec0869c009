//! The sub-commands, one file each.

pub mod check;
pub mod completions;
pub mod execution;
pub mod explain;
pub mod functions;
pub mod plot;
pub mod run;
pub mod show;
pub mod sweep;
pub mod units;

use std::sync::{Arc, Mutex};
use std::thread::Builder;

use dslsim_source::Severity;

use crate::exit::Exit;
use crate::messages::{self, Form};
use crate::{machine, terminal};

/// Syntax trees may be a thousand levels deep, and are walked by recursion.
const STACKS: [usize; 3] = [256 << 20, 64 << 20, 16 << 20];

/// Does the work on a thread with a stack for deep syntax trees.
fn with_big_stack(work: impl FnOnce() -> Exit + Send + 'static) -> Exit {
    let work = Arc::new(Mutex::new(Some(work)));
    for size in STACKS {
        let work = work.clone();
        let begun = Builder::new()
            .name("session".into())
            .stack_size(size)
            .spawn(move || {
                let work = work.lock().ok().and_then(|mut w| w.take());
                work.map_or(Exit::Mistake, |work| work())
            });
        if let Ok(thread) = begun {
            return thread.join().unwrap_or(Exit::Mistake);
        }
    }
    wrong_usage("no thread could be started: the memory limit is too low")
}

/// Something is wrong with the command line or its surroundings.
fn wrong_usage(message: &str) -> Exit {
    messages::note(
        Severity::Error,
        "wrong-usage",
        "command line",
        message,
        Form::Full,
    );
    Exit::Usage
}

/// `--version`
pub fn version() -> Exit {
    if let Err(message) = machine::force_vectors(None) {
        return wrong_usage(&message);
    }
    terminal::tell(&format!(
        "dslsim {}\n{}\n",
        env!("CARGO_PKG_VERSION"),
        dslsim::describe_backend()
    ));
    Exit::Done
}
