//! Ctrl-C: the first asks the simulation to finish its step and stop, the second ends the process at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::exit::Exit;
use crate::terminal;

/// The flag that Ctrl-C (and a termination signal) sets.
pub fn flag() -> Arc<AtomicBool> {
    let stop = Arc::new(AtomicBool::new(false));
    let seen = stop.clone();
    let set = ctrlc::set_handler(move || {
        if seen.swap(true, Ordering::Relaxed) {
            std::process::exit(i32::from(Exit::Interrupted.code()));
        }
        terminal::complain(
            "\nstopping; what is complete will be written (once more: stop at once, write nothing)\n",
        );
    });
    if let Err(error) = set {
        terminal::complain(&format!(
            "dslsim: Ctrl-C will stop at once and write nothing: {error}\n"
        ));
    }
    stop
}
