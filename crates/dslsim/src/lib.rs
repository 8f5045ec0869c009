//! Check, run and results: the whole chain behind one interface.
//!
//! [`execute`] takes a model file from text to recorded arrays; [`results::write`] writes them. This crate joins the others: the
//! script asks it for objects, it describes them to the model, has kernels built and compiled, and lets the runtime simulate.

mod checkpoint;
mod code;
pub mod explain;
mod files;
mod limits;
pub mod looks;
mod namespace;
mod options;
mod pictures;
mod registry;
pub mod results;
mod session;
pub mod show;
mod suspect;
pub mod sweep;

pub use checkpoint::{Checkpoint, CheckpointProblem};
pub use code::CodeCache;
pub use dslsim_ir::interp::Interpreter;
pub use dslsim_ir::{Backend, BackendError};
pub use dslsim_jit::{Jit, JitOptions, describe as describe_backend};
pub use dslsim_math::{Level, force as force_vectors};
pub use files::{Confined, Disk};
pub use options::{Options, Rng};
pub use pictures::Drawn;
pub use session::{
    Evaluated, Files, Finished, PartSeconds, Progress, Saved, Timing, evaluate, execute,
};

/// Formats of pictures, for whoever writes the figures of [`looks`].
pub mod picture {
    pub use dslsim_plot::{BackendError, Figure, Format, Saving};
}
