//! What the tests of the whole system share: running a model file in this process, reading goldens, comparing.
//!
//! * [`run`] executes a model as `dslsim run` does, with a time limit; a panic is a value, not the end of the test.
//! * [`golden`] reads the arrays that Brian2 gave, [`compare`] judges by the rules of `conformance/compare.py`.
//! * [`cases`] are the model files of a folder. Tests over a folder make one test of each file, so that
//!   `cargo test -p dslsim-tests --test conformance clocks` runs one model.
//! * [`fuzz`] is what must hold for any input, [`mutate`] makes inputs that are nearly models.
//! * [`Pending`] are the models that do not pass yet, each with what is missing. Such a test demands that the model
//!   still fails, and with a message: the list cannot rot.

#![allow(clippy::panic, reason = "a test fails by a panic, in its helpers too")]

pub mod arrays;
pub mod fuzz;
pub mod models;
pub mod mutate;
pub mod pending;

pub use arrays::{Data, Tolerances, Values, compare, golden, recorded, same_bits};
pub use models::{Ended, Setup, cases, folder, run};
pub use pending::Pending;
