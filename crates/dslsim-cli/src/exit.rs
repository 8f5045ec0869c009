//! How the command ends.

use std::process::ExitCode;

/// The exit codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// All is done.
    Done,
    /// The model is wrong, or failed.
    Failed,
    /// The command line is wrong.
    Usage,
    /// A sweep is done, but points have failed.
    PointsFailed,
    /// Stopped by the user or the time limit; what was recorded is on disk.
    Interrupted,
    /// A mistake of dslsim.
    Mistake,
}

impl Exit {
    /// The number that the shell sees.
    pub fn code(self) -> u8 {
        match self {
            Exit::Done => 0,
            Exit::Failed => 1,
            Exit::Usage => 2,
            Exit::PointsFailed => 3,
            Exit::Interrupted => 130,
            Exit::Mistake => 101,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit.code())
    }
}
