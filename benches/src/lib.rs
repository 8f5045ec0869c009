//! What the benches share: the kernels of real models, the same updates written by hand, and a clock.
//!
//! [`capture`] runs a model through the façade with a back end that keeps the kernels it is given, with the state that they
//! work on. [`ceiling`] has the same updates with AVX-512 instructions by hand: how fast they could be. [`measure`] takes the
//! time of variants in turn. [`subject`] puts them together: what the tables and the Criterion benches measure.

pub mod capture;
#[cfg(target_arch = "x86_64")]
pub mod ceiling;
pub mod measure;
pub mod subject;
