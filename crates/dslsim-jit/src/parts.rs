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

/// Lines of ranges that are fetched before their turn, and how many of one range at most: where the processor itself goes on from there, more are in its way.
/// Twice as many take 1 % more with two threads (brunel on Sapphire Rapids), none half as long again.
const AHEAD: usize = 16;
const LINES: usize = 8;

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
            hint::soon(self.base.wrapping_add(*element as usize * self.bytes));
        }
    }
}

#[cfg(target_arch = "x86_64")]
mod hint {
    use std::arch::x86_64::{_MM_HINT_T0, _MM_HINT_T1, _mm_prefetch};

    /// Asks for a line: for the first-level cache.
    pub(super) fn soon(address: usize) {
        // SAFETY: a hint to the processor, which ignores it for addresses that are not there.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(address as *const i8) };
    }

    /// For the second-level cache.
    pub(super) fn later(address: usize) {
        // SAFETY: as above.
        unsafe { _mm_prefetch::<_MM_HINT_T1>(address as *const i8) };
    }
}

#[cfg(not(target_arch = "x86_64"))]
mod hint {
    pub(super) fn soon(_: usize) {}

    pub(super) fn later(_: usize) {}
}

/// Lines of an index table that are fetched of a range, or one less.
fn lines(range: &Range<usize>) -> usize {
    (4 * range.len()).div_ceil(LINE).min(LINES)
}

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

    /// Asks for the first lines of a range of the index tables; the processor itself goes on from there.
    fn fetch_range(&self, range: &Range<usize>) {
        for (pointer, base) in self.layout.pointers.iter().zip(self.pointers) {
            if matches!(pointer, Pointer::Table(_)) {
                let at = |element: usize| base.wrapping_add(4 * element);
                let lines = (at(range.start) & !(LINE - 1)..at(range.end)).step_by(LINE);
                lines.take(LINES).for_each(hint::later);
            }
        }
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
        // SAFETY: by the contract of this function; scratch memory is as large as the layout says.
        let mut execute = |range: &Range<usize>| unsafe { self.range(range, extra, emit) };
        if let Some(list) = self.list {
            let scattered = self.scattered();
            let size = match scattered.len() {
                0 => usize::MAX,
                lines => (FETCHED / lines).max(1),
            };
            for range in ranges {
                if let Some(dense) = self.dense.filter(|d| d.takes(range.len())) {
                    // SAFETY: by the contract of this function.
                    unsafe { dense.run(self.pointers, self.pairs, range, self.list) };
                    continue;
                }
                for piece in Self::pieces(range, size) {
                    let behind = list.get(piece.end..piece.end.saturating_add(size));
                    scattered
                        .iter()
                        .for_each(|s| s.fetch(behind.unwrap_or(&[])));
                    execute(&piece);
                }
            }
        } else {
            let (mut later, mut ahead) = (ranges.iter(), 0);
            for range in ranges {
                while ahead < AHEAD
                    && let Some(later) = later.next()
                {
                    self.fetch_range(later);
                    ahead += lines(later);
                }
                ahead -= lines(range);
                if let Some(dense) = self.dense.filter(|d| d.takes(range.len())) {
                    // SAFETY: by the contract of this function.
                    unsafe { dense.run(self.pointers, self.pairs, range, None) };
                } else if !range.is_empty() {
                    execute(range);
                }
            }
        }
        SCRATCH.set(scratch);
    }

    /// One call for a range that is not empty.
    ///
    /// # Safety
    /// As for a call of the entry; `extra` is the list, or scratch memory as large as the layout says.
    #[inline]
    unsafe fn range(&self, range: &Range<usize>, extra: *mut u8, emit: &mut Vec<u32>) {
        if self.layout.emits {
            emit.reserve(range.len() + SLACK);
        }
        let emitted = emit.spare_capacity_mut().as_mut_ptr().cast();
        // SAFETY: by the contract of this function; there is room to emit every element of the range.
        let count = unsafe {
            (self.entry)(
                self.pointers.as_ptr(),
                self.scalars,
                range.start,
                range.end,
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
