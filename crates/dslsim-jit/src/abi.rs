//! The calling convention between the Rust side and the machine code of a kernel.
//!
//! A kernel's machine code is one function, [`Entry`]. It gets
//!
//! 1. the *pointers*: one word for each array or index table that the code uses, in the order of [`Layout::pointers`];
//! 2. the *scalars*: the frame's own for the scalar emitter; pairs of equal numbers, 16-byte aligned, in the order of
//!    [`Layout::splats`] for the strip emitter;
//! 3. the first element (a multiple of eight) and
//! 4. the one after the last (greater than the first);
//! 5. the list of elements (scalar emitter) or the scratch memory (strip emitter);
//! 6. where to put emitted elements: room for as many as the range has, and [`SLACK`] more;
//!
//! and returns how many elements it has emitted.
//!
//! A strip kernel works on whole groups of [`Layout::group`] elements, so it may read and write up to `group - 1` elements
//! past the end: that is padding, or the caller saves and restores it.

use dslsim_ir::kernel::{IndexSlot, ScalarSlot, Slot};

/// Numbers that may be written behind the emitted ones.
pub(crate) const SLACK: usize = 8;

/// The machine code of a kernel.
pub(crate) type Entry = unsafe extern "C" fn(
    pointers: *const usize,
    scalars: *const f64,
    start: usize,
    end: usize,
    extra: *mut u8,
    emitted: *mut u32,
) -> usize;

/// What stands behind a word of the pointer table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pointer {
    /// The elements of an array.
    Array(Slot),
    /// The entries of an index table.
    Table(IndexSlot),
    /// Not a pointer: the number of the last element of an array.
    Last(Slot),
}

/// A scalar as the strip emitter wants it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Splat {
    /// The number twice.
    Num(ScalarSlot),
    /// Twice 64 bits that are all one or all zero.
    Mask(ScalarSlot),
}

/// What the machine code of one kernel wants to be given.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Layout {
    /// The pointer table.
    pub pointers: Vec<Pointer>,
    /// The table of pairs; of the scalar emitter, that of its dense body.
    pub splats: Vec<Splat>,
    /// Arrays that are read or written at every element of the range.
    pub dense: Vec<Slot>,
    /// Those of them that are written.
    pub written: Vec<Slot>,
    /// Arrays that are read or written at every element of the list.
    pub listed: Vec<Slot>,
    /// Arrays that are sets of elements: a bit for each of the range.
    pub sets: Vec<Slot>,
    /// Scratch memory in doubles; 0 for the scalar emitter.
    pub scratch: usize,
    /// How many elements a loop takes at once.
    pub group: usize,
    /// Whether the kernel emits.
    pub emits: bool,
}

impl Layout {
    /// The place of a pointer in the table, as a byte offset.
    pub(crate) fn pointer(&mut self, pointer: Pointer) -> i32 {
        8 * place(&mut self.pointers, pointer)
    }

    /// The place of a pair in the table, as a byte offset.
    pub(crate) fn splat(&mut self, splat: Splat) -> i32 {
        16 * place(&mut self.splats, splat)
    }

    /// Notes that an array is a set of elements.
    pub(crate) fn set(&mut self, slot: Slot) {
        place(&mut self.sets, slot);
    }

    /// Notes that an array is used at every element of the list.
    pub(crate) fn list(&mut self, slot: Slot) {
        place(&mut self.listed, slot);
    }

    /// Notes that an array is used at every element of the range.
    pub(crate) fn touch(&mut self, slot: Slot, written: bool) {
        place(&mut self.dense, slot);
        if written {
            place(&mut self.written, slot);
        }
    }
}

fn place<T: PartialEq>(list: &mut Vec<T>, item: T) -> i32 {
    let at = list.iter().position(|x| *x == item).unwrap_or_else(|| {
        list.push(item);
        list.len() - 1
    });
    // Slots are 16-bit numbers, so a table has at most 2^17 entries.
    at as i32
}
