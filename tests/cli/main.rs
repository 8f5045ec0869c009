//! The command line: exit codes, outputs, interruption, and that no result depends on how it is computed.
//!
//! A test of the package `dslsim-cli`, because cargo tells only that one where the program is.

#![allow(
    clippy::unwrap_used,
    reason = "a test fails by a panic, in its helpers too"
)]

mod bits;
#[cfg(unix)]
mod checkpoints;
mod commands;
mod hostile;
mod interruption;
#[cfg(unix)]
mod killed;
mod mistakes;
mod outputs;
mod pictures;
mod readme;
mod streaming;
mod support;
mod sweeps;
mod writing;
