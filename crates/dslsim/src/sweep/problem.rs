//! What can keep a sweep from being done.

use super::StoreError;

/// Why a sweep ended before its time.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Problem {
    /// The store cannot be used or written.
    #[error("{0}")]
    Store(#[from] StoreError),
    /// The model saves nothing.
    #[error("the model saves nothing: there is nothing to keep of its points")]
    NothingSaved,
    /// The model saves under a name that the store needs.
    #[error("the model saves `{0}`, which is also the name of {1}")]
    NameTaken(String, &'static str),
    /// No threads can be made.
    #[error("no threads can be started: {0}")]
    Threads(String),
}

impl Problem {
    /// A way out, where one is known.
    pub fn help(&self) -> Option<&'static str> {
        match self {
            Problem::Store(StoreError::Different(..)) => Some(
                "start anew with --fresh, which removes what is there, or write to another store with --out",
            ),
            Problem::Store(StoreError::NotAStore(_)) => Some("write to another place with --out"),
            Problem::Store(StoreError::InUse(_)) => Some("wait until it has ended"),
            Problem::Store(StoreError::Io(..)) => {
                Some("points that are complete are kept; give the same command again to go on")
            }
            Problem::NothingSaved => Some("add `save(name=value)` at the end of the model"),
            Problem::NameTaken(..) => Some("save it under another name"),
            _ => None,
        }
    }
}
