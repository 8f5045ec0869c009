//! What one point of a sweep has given.

use dslsim_script::Array;
use indexmap::IndexMap;

/// How a point stands in the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Not simulated yet.
    Missing,
    /// Complete.
    Done,
    /// It failed; it has a message instead of values.
    Failed,
}

impl Status {
    /// The number that stands for it in the store.
    pub(super) fn number(self) -> i8 {
        match self {
            Status::Missing => 0,
            Status::Done => 1,
            Status::Failed => 2,
        }
    }

    /// What a number in the store stands for.
    pub(super) fn of(number: i8) -> Status {
        match number {
            1 => Status::Done,
            2 => Status::Failed,
            _ => Status::Missing,
        }
    }
}

/// A value that a point has saved.
#[derive(Clone, Debug)]
pub(super) struct SavedArray {
    /// Its elements, in SI base units.
    pub array: Array,
    /// Lengths of its axes; empty for a single number.
    pub shape: Vec<u64>,
}

/// What one point has given.
#[derive(Clone, Debug)]
pub(super) struct Record {
    /// What it saved, or why it failed.
    pub values: Result<IndexMap<String, SavedArray>, String>,
    /// Wall time.
    pub seconds: f64,
}
