//! How large the values of a script may become: refused before anything is allocated.
//!
//! The limit belongs to the thread that executes the script, as a script is executed by one thread from beginning to end.

use std::cell::Cell;

use dslsim_source::Span;

use crate::fault::{Outcome, fail};

/// The largest array that a script may make, in elements, whatever memory there is.
pub const MAX_ELEMENTS: usize = 1 << 28;

/// The longest list or string.
const MAX_LIST: usize = 10_000_000;

/// Elements of an array that take as much memory as one entry of a list.
const ELEMENTS_PER_ENTRY: usize = 8;

thread_local! {
    static LARGEST: Cell<usize> = const { Cell::new(MAX_ELEMENTS) };
}

/// As long as it lives, no array of this thread's script gets larger than it was made for.
#[derive(Debug)]
pub struct ArrayLimit {
    before: usize,
}

impl ArrayLimit {
    /// Arrays up to so many bytes of memory, but at most [`MAX_ELEMENTS`] elements.
    pub fn bytes(bytes: u64) -> ArrayLimit {
        let elements = usize::try_from(bytes / 8).unwrap_or(usize::MAX);
        ArrayLimit {
            before: LARGEST.replace(elements.min(MAX_ELEMENTS)),
        }
    }
}

impl Drop for ArrayLimit {
    fn drop(&mut self) {
        LARGEST.set(self.before);
    }
}

/// The longest list or string of this thread's script.
pub(crate) fn longest_list() -> usize {
    (LARGEST.get() / ELEMENTS_PER_ENTRY).min(MAX_LIST)
}

/// The number of elements of an array of this shape.
///
/// # Errors
/// `too-large` if no script needs, or memory does not allow, so many.
pub(crate) fn check_size(shape: &[usize], span: Span) -> Outcome<usize> {
    let largest = LARGEST.get();
    match shape.iter().try_fold(1_usize, |n, &k| n.checked_mul(k)) {
        Some(n) if n <= largest => Ok(n),
        n => {
            let size = n.map_or_else(
                || "more elements than can be counted".to_string(),
                |n| format!("{n} elements ({} GiB)", (n >> 27).max(1)),
            );
            fail(
                "too-large",
                span,
                format!("an array of {size} is too large; the limit is {largest} elements"),
            )
        }
    }
}
