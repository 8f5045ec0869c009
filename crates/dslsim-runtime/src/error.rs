//! Why a run did not go to its end.

use std::path::PathBuf;

use dslsim_ir::ArrayId;

use crate::health::NotFinite;

/// Why a run did not go to its end. The simulation keeps the time it had reached and everything recorded until then.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum RunError {
    /// A duration that is negative or not a number.
    #[error("a run cannot last {0} s")]
    Duration(f64),
    /// A watched array holds NaN or infinity.
    #[error("{}", .0)]
    NotFinite(NotFinite),
    /// No room for what monitors will record.
    #[error("no memory for {bytes} bytes of recordings")]
    Memory {
        /// How much was asked for.
        bytes: u64,
    },
    /// Recordings do not fit into memory, and cannot be moved into a file.
    #[error("recordings cannot be written to `{}`: {reason}", .path.display())]
    Recordings {
        /// The file, if one could be made.
        path: PathBuf,
        /// What the system says.
        reason: String,
    },
    /// A kernel would reach beyond an array or an index table. A mistake of this program.
    #[error("{kernel}: array {array:?} ({name}) has {len} elements, but {needed} are used")]
    Bounds {
        /// The kernel's name.
        kernel: String,
        /// The array's name in that kernel.
        name: String,
        /// The array.
        array: ArrayId,
        /// Its length.
        len: usize,
        /// The least length that would do.
        needed: usize,
    },
    /// The plan names something that does not exist, or does not fit its use. A mistake of this program.
    #[error("{operation}: {what}")]
    Plan {
        /// The name of the operation.
        operation: String,
        /// What is wrong with it.
        what: String,
    },
}

impl RunError {
    pub(crate) fn plan(operation: &str, what: impl Into<String>) -> RunError {
        RunError::Plan {
            operation: operation.to_owned(),
            what: what.into(),
        }
    }
}
