//! The two streams, and whether they are a terminal.
//!
//! Writing never fails: a reader that has gone away (`dslsim units | head`) is no mistake.

use std::io::{IsTerminal, Write, stderr, stdout};

/// Writes to stdout.
pub fn tell(text: &str) {
    let mut out = stdout().lock();
    let _ = out.write_all(text.as_bytes());
    let _ = out.flush();
}

/// Writes to stderr.
pub fn complain(text: &str) {
    let _ = stderr().lock().write_all(text.as_bytes());
}

/// Whether people look at stderr while it is written.
pub fn is_watched() -> bool {
    stderr().is_terminal() && std::env::var_os("TERM").is_none_or(|t| t != "dumb")
}

/// Whether messages have colours: on a terminal, and unless `NO_COLOR` says no.
pub fn has_colors() -> bool {
    is_watched() && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty())
}
