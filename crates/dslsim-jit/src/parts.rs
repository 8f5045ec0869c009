//! Several ranges of one kernel in one go, by several threads if there are several parts.
//!
//! Each thread has scratch memory of its own and collects what it emits; everything else is shared.

use std::cell::Cell;
use std::ops::Range;

use dslsim_threads::share;

use crate::abi::{Entry, Layout, Pointer, SLACK};
use crate::code::Line;
use crate::dense::Dense;

thread_local! {
    /// Scratch memory of strips.
    static SCRATCH: Cell<Vec<Line>> = const { Cell::new(Vec::new()) };
}

/// What all parts of an execution are given.
pub(crate) struct Shared<'a> {
    pub(crate) entry: Entry,
    pub(crate) layout: &'a Layout,
    pub(crate) pointers: &'a [usize],
    /// What does the same for many elements at once, if none stands twice in a range.
    pub(crate) dense: Option<&'a Dense>,
    pub(crate) scalars: *const f64,
    /// The scalars that `dense` wants.
    pub(crate) pairs: *const f64,
    /// None: the elements are those of the range.
    pub(crate) list: Option<&'a [u32]>,
}

// SAFETY: `scalars` and `pairs` point to numbers that nobody writes while the parts are executed; the arrays behind `pointers` are written by
// one part each (see `Shared::run`).
unsafe impl Sync for Shared<'_> {}

/// Lines of the cache that are fetched together for elements of a list, while the elements before them are worked on: about as many as a
/// core can wait for at a time. Twice as many take half as long again (brunel_stdp on Zen 4).
const FETCHED: usize = 20;

/// How many ranges before its turn a range is fetched, and how many lines of it.
const AHEAD: usize = 2;
const LINES: usize = 16;

/// Bytes of a line of the cache.
const LINE: usize = 64;

/// What is used at every element of a list: where it begins, and the bytes of an element.
struct Scattered {
    base: usize,
    bytes: usize,
}

impl Scattered {
    /// Asks for elements. Nothing is read: what does not exist is not missed.
    fn fetch(&self, elements: &[u32]) {
        for element in elements {
            prefetch(self.base.wrapping_add(*element as usize * self.bytes));
        }
    }

    /// Asks for the first lines of a range; the processor itself goes on from there.
    fn fetch_range(&self, range: &Range<usize>) {
        let end = range.end.min(range.start + LINES * LINE / self.bytes);
        let at = |element: usize| self.base.wrapping_add(element * self.bytes);
        (at(range.start) & !(LINE - 1)..at(end))
            .step_by(LINE)
            .for_each(prefetch);
    }
}

#[cfg(target_arch = "x86_64")]
fn prefetch(address: usize) {
    use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
    // SAFETY: a hint to the processor, which ignores it for addresses that are not there.
    unsafe { _mm_prefetch::<_MM_HINT_T0>(address as *const i8) };
}

#[cfg(not(target_arch = "x86_64"))]
fn prefetch(_: usize) {}

impl Shared<'_> {
    /// The arrays and tables that are used at every element of the list.
    fn scattered(&self) -> Vec<Scattered> {
        if self.list.is_none() {
            return Vec::new();
        }
        let each = self.layout.pointers.iter().zip(self.pointers);
        each.filter_map(|(pointer, base)| {
            let bytes = match pointer {
                Pointer::Table(_) => 4,
                Pointer::Array(slot) if self.layout.listed.contains(slot) => 8,
                _ => return None,
            };
            Some(Scattered { base: *base, bytes })
        })
        .collect()
    }

    /// The index tables, if these are several ranges of consecutive elements.
    fn tables(&self, ranges: &[Range<usize>]) -> Vec<Scattered> {
        if self.list.is_some() || ranges.len() < 2 {
            return Vec::new();
        }
        let each = self.layout.pointers.iter().zip(self.pointers);
        each.filter(|(pointer, _)| matches!(pointer, Pointer::Table(_)))
            .map(|(_, base)| Scattered {
                base: *base,
                bytes: 4,
            })
            .collect()
    }

    /// A range, in pieces of so many elements.
    fn pieces(range: &Range<usize>, size: usize) -> impl Iterator<Item = Range<usize>> {
        let end = range.end;
        range
            .clone()
            .step_by(size)
            .map(move |from| from..from.saturating_add(size).min(end))
    }

    /// Executes all parts; appends what they emit, in their order.
    ///
    /// # Safety
    /// As for a call of the entry with each range; and no part may read or write an element that another one writes.
    pub(crate) unsafe fn run(&self, parts: &[Vec<Range<usize>>], emit: &mut Vec<u32>) {
        match parts {
            [] => {}
            // SAFETY: this is the only part.
            [part] => unsafe { self.part(part, emit) },
            _ => {
                let one = |number: usize, emit: &mut Vec<u32>| {
                    if let Some(part) = parts.get(number) {
                        // SAFETY: by the contract of this function.
                        unsafe { self.part(part, emit) };
                    }
                };
                share(parts.len(), one, emit);
            }
        }
    }

    /// # Safety
    /// As for a call of the entry with each range.
    pub(crate) unsafe fn part(&self, ranges: &[Range<usize>], emit: &mut Vec<u32>) {
        let mut scratch = SCRATCH.take();
        if scratch.len() * 8 < self.layout.scratch {
            scratch.resize(self.layout.scratch.div_ceil(8), Line([0.0; 8]));
        }
        let extra: *mut u8 = if self.layout.group == 1 {
            let list = self.list.unwrap_or_default();
            list.as_ptr().cast_mut().cast()
        } else {
            scratch.as_mut_ptr().cast()
        };
        let scattered = self.scattered();
        let tables = self.tables(ranges);
        let size = match scattered.len() {
            0 => usize::MAX,
            lines => (FETCHED / lines).max(1),
        };
        for (number, range) in ranges.iter().enumerate() {
            if let Some(later) = ranges.get(number + AHEAD) {
                tables.iter().for_each(|t| t.fetch_range(later));
            }
            if let Some(dense) = self.dense.filter(|d| d.takes(range.len())) {
                // SAFETY: by the contract of this function.
                unsafe { dense.run(self.pointers, self.pairs, range, self.list) };
                continue;
            }
            for piece in Self::pieces(range, size) {
                let list = self.list.unwrap_or_default();
                let behind = list.get(piece.end..piece.end.saturating_add(size));
                scattered
                    .iter()
                    .for_each(|s| s.fetch(behind.unwrap_or(&[])));
                if self.layout.emits {
                    emit.reserve(piece.len() + SLACK);
                }
                let emitted = emit.spare_capacity_mut().as_mut_ptr().cast();
                // SAFETY: by the contract of this function; scratch memory is as large as the layout says, and there is room to emit
                // every element of the piece.
                let count = unsafe {
                    (self.entry)(
                        self.pointers.as_ptr(),
                        self.scalars,
                        piece.start,
                        piece.end,
                        extra,
                        emitted,
                    )
                };
                if self.layout.emits {
                    // SAFETY: the code has written this many numbers behind the length, within the reserved room.
                    unsafe { emit.set_len(emit.len() + count) };
                }
            }
        }
        SCRATCH.set(scratch);
    }
}
