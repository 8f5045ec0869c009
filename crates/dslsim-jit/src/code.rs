//! An executable kernel: gathers what the machine code wants, and calls it.
//!
//! A call allocates nothing once the thread's memory has grown to the largest kernel. Strip kernels take whole groups of
//! elements; where the range ends inside a group and the array goes on, the elements behind the end are saved and restored.

use std::cell::Cell;
use std::ops::Range;

use dslsim_ir::kernel::{ArrayInput, Slot};
use dslsim_ir::store::{ArrayId, IndexId, Shard, Store};
use dslsim_ir::{Code, Domain, Frame, Memo, Pair, Piece};

use crate::abi::{Entry, Layout, Pointer, SLACK, Splat};
use crate::dense::Dense;
use crate::memory::Memory;
use crate::module::SharedMemory;
use crate::parts::Shared;

/// The functions of a kernel.
pub(crate) struct Entries {
    pub(crate) forward: Entry,
    /// The same from the last element to the first.
    pub(crate) backward: Option<Entry>,
    /// The same for many elements of a list or range at once.
    pub(crate) dense: Option<Dense>,
}

/// A kernel in machine code.
pub(crate) struct Compiled {
    entry: Entry,
    backward: Option<Entry>,
    dense: Option<Dense>,
    layout: Layout,
    domain: Domain,
    /// Which of the layout's pointers must reach to the end of the range.
    reach: Vec<bool>,
    /// Keeps the functions alive.
    _memory: SharedMemory,
}

/// A line of the first-level cache.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
pub(crate) struct Line(pub(crate) [f64; 8]);

/// What a thread reuses from call to call.
#[derive(Default)]
struct Workspace {
    pointers: Vec<usize>,
    pairs: Vec<Pair>,
    scratch: Vec<Line>,
    saved: Vec<(ArrayId, usize, f64)>,
}

thread_local! {
    static WORKSPACE: Cell<Option<Box<Workspace>>> = const { Cell::new(None) };
}

impl Compiled {
    pub(crate) fn new(
        entries: Entries,
        layout: Layout,
        domain: Domain,
        memory: SharedMemory,
    ) -> Self {
        let reach = |pointer: &Pointer| match pointer {
            Pointer::Array(slot) => layout.dense.contains(slot),
            Pointer::Table(_) => domain != Domain::List,
            Pointer::Last(_) => false,
        };
        let reach = layout.pointers.iter().map(reach).collect();
        Self {
            entry: entries.forward,
            backward: entries.backward,
            dense: entries.dense,
            layout,
            domain,
            reach,
            _memory: memory,
        }
    }

    /// Checks that the range is one that the machine code can work on.
    fn check(&self, frame: &Frame<'_>) {
        assert!(
            self.domain != Domain::List || frame.range.end <= frame.list.len(),
            "the range is longer than the list"
        );
        assert!(
            self.layout.group == 1 || frame.range.start.is_multiple_of(8),
            "the range does not begin at a multiple of eight"
        );
    }
}

impl Workspace {
    /// Fills the tables; checks that arrays and index tables reach as far as the range.
    fn fill(
        &mut self,
        kernel: &Compiled,
        arrays: &[ArrayInput],
        indices: &[IndexId],
        memory: &mut impl Memory,
        scalars: &[f64],
        range: &Range<usize>,
    ) {
        let layout = &kernel.layout;
        self.pointers.resize(layout.pointers.len(), 0);
        for ((word, pointer), reach) in self
            .pointers
            .iter_mut()
            .zip(&layout.pointers)
            .zip(&kernel.reach)
        {
            *word = match pointer {
                Pointer::Array(slot) => {
                    let (base, there) = memory.array(arrays[slot.0 as usize].array);
                    assert!(
                        !reach || (there.start <= range.start && there.end >= range.end),
                        "the range is longer than an array"
                    );
                    let words = range.end.div_ceil(64);
                    let set = kernel.domain != Domain::List && layout.sets.contains(slot);
                    assert!(
                        !set || (there.start == 0 && there.end >= words),
                        "the range is longer than a set"
                    );
                    base as usize
                }
                Pointer::Table(slot) => {
                    let (base, length) = memory.table(indices[slot.0 as usize]);
                    assert!(
                        !reach || length >= range.end,
                        "the range is longer than an index table"
                    );
                    base as usize
                }
                Pointer::Last(slot) => {
                    let (_, there) = memory.array(arrays[slot.0 as usize].array);
                    assert!(there.start == 0 && there.end > 0, "a table is empty");
                    there.end - 1
                }
            };
        }
        spread_scalars(layout, scalars, &mut self.pairs);
    }

    /// Makes the scratch memory large enough for a kernel.
    fn scratch(&mut self, layout: &Layout) -> *mut u8 {
        if self.scratch.len() * 8 < layout.scratch {
            self.scratch
                .resize(layout.scratch.div_ceil(8), Line([0.0; 8]));
        }
        self.scratch.as_mut_ptr().cast()
    }

    /// Saves the elements behind the end that the last group would overwrite.
    fn save(&mut self, layout: &Layout, arrays: &[ArrayInput], store: &Store, end: usize) {
        self.saved.clear();
        for slot in &layout.written {
            let id = arrays[slot.0 as usize].array;
            let to = end.next_multiple_of(layout.group).min(store.length(id));
            for element in end..to {
                self.saved.push((id, element, store.get(id, element)));
            }
        }
    }

    /// Puts them back.
    fn restore(&self, store: &mut Store) {
        for &(id, element, value) in &self.saved {
            // SAFETY: the element existed when it was saved, and the array has not changed its length.
            unsafe { store.base(id).add(element).write(value) };
        }
    }
}

fn spread(splat: Splat, scalars: &[f64]) -> Pair {
    let number = match splat {
        Splat::Num(slot) => scalars[slot.0 as usize],
        Splat::Mask(slot) if scalars[slot.0 as usize] == 0.0 => 0.0,
        Splat::Mask(_) => f64::from_bits(u64::MAX),
    };
    Pair([number; 2])
}

fn spread_scalars(layout: &Layout, scalars: &[f64], pairs: &mut Vec<Pair>) {
    pairs.clear();
    pairs.extend(layout.splats.iter().map(|splat| spread(*splat, scalars)));
}

impl Compiled {
    /// Whether what is remembered holds for this execution. One element after the other, the range may be shorter.
    fn remembers(&self, memo: &Memo, stamp: u64, end: usize) -> bool {
        memo.stamp == stamp && (memo.end == end || (self.layout.group == 1 && memo.end > end))
    }

    /// Makes sure that what is remembered holds for this execution.
    #[inline]
    fn ready(&self, arrays: &[ArrayInput], indices: &[IndexId], frame: &mut Frame<'_>) {
        let Frame {
            store,
            scalars,
            range,
            memo,
            ..
        } = frame;
        if self.remembers(memo, store.stamp(), range.end) {
            self.renew(scalars, memo);
            return;
        }
        self.prepare(arrays, indices, *store, scalars, 0..range.end, memo);
        let goes_on = |slot: &Slot| store.length(arrays[slot.0 as usize].array) > range.end;
        memo.whole =
            range.end.is_multiple_of(self.layout.group) || !self.layout.written.iter().any(goes_on);
    }

    /// Makes anew what is made of scalars, as far as it may have changed.
    #[inline]
    fn renew(&self, scalars: &[f64], memo: &mut Memo) {
        if memo.pairs.len() != self.layout.splats.len() {
            spread_scalars(&self.layout, scalars, &mut memo.pairs);
        } else if memo.changed {
            let Memo { pairs, fresh, .. } = &mut *memo;
            for &at in &*fresh {
                pairs[at as usize] = spread(self.layout.splats[at as usize], scalars);
            }
        }
        memo.changed = false;
    }

    /// Finds everything out, and remembers it.
    #[cold]
    fn prepare(
        &self,
        arrays: &[ArrayInput],
        indices: &[IndexId],
        memory: &mut impl Memory,
        scalars: &[f64],
        range: Range<usize>,
        memo: &mut Memo,
    ) {
        let mut work = WORKSPACE.take().unwrap_or_default();
        work.fill(self, arrays, indices, memory, scalars, &range);
        memo.stamp = memory.stamp();
        memo.end = range.end;
        memo.words.clone_from(&work.pointers);
        memo.fresh.clear();
        for (at, splat) in self.layout.splats.iter().enumerate() {
            let (Splat::Num(slot) | Splat::Mask(slot)) = splat;
            if memo.changing.contains(slot) {
                memo.fresh.push(at as u16);
            }
        }
        memo.pairs.clone_from(&work.pairs);
        memo.changed = false;
        WORKSPACE.set(Some(work));
    }

    /// Checks that machine code in a part of the store stays inside it.
    fn check_piece(
        &self,
        arrays: &[ArrayInput],
        shard: &mut Shard<'_>,
        piece: &Piece<'_>,
        range: &Range<usize>,
    ) {
        let layout = &self.layout;
        assert!(
            self.domain != Domain::List || range.end <= piece.list.len(),
            "the range is longer than the list"
        );
        for slot in &layout.written {
            let id = arrays[slot.0 as usize].array;
            assert!(shard.owns(id), "an array that is not this part's own");
        }
        if layout.group == 1 {
            return;
        }
        for range in piece.ranges {
            assert!(range.start.is_multiple_of(8), "not a whole group");
            // Whole groups: what they reach beyond the end is padding.
            let end = range.end.next_multiple_of(layout.group);
            for slot in &layout.written {
                let (_, there) = shard.raw(arrays[slot.0 as usize].array);
                assert!(
                    range.end.is_multiple_of(layout.group) || end == there.end,
                    "not a whole group"
                );
            }
        }
    }
}

impl Compiled {
    /// What several ranges are given. The memo is ready.
    fn shared<'a>(&'a self, memo: &'a Memo, scalars: &'a [f64], list: &'a [u32]) -> Shared<'a> {
        let pairs = memo.pairs.as_ptr().cast();
        let distinct = self.domain == Domain::Sequential || memo.distinct;
        Shared {
            entry: self.entry,
            dense: self.dense.as_ref().filter(|_| distinct),
            layout: &self.layout,
            pointers: &memo.words,
            scalars: if self.layout.group == 1 {
                scalars.as_ptr()
            } else {
                pairs
            },
            pairs,
            list: (self.domain == Domain::List).then_some(list),
        }
    }
}

impl Code for Compiled {
    /// # Panics
    /// If an array, a table or the list is shorter than the range. That the entries of lists and tables name existing
    /// elements is the runtime's affair.
    fn run(&self, arrays: &[ArrayInput], indices: &[IndexId], frame: &mut Frame<'_>) {
        let (start, end) = (frame.range.start, frame.range.end);
        if start >= end {
            return;
        }
        self.check(frame);
        let layout = &self.layout;
        self.ready(arrays, indices, frame);
        let shared = self.shared(frame.memo, frame.scalars, frame.list);
        if let Some(dense) = shared.dense.filter(|d| d.takes(end - start)) {
            // SAFETY: as for the call of the entry below; a range has no element twice, and a list has none if `Memo::distinct` says so.
            unsafe { dense.run(shared.pointers, shared.pairs, &(start..end), shared.list) };
            return;
        }
        let partial = !frame.memo.whole;
        // The workspace is taken from its place only if it is needed.
        let mut work = None;
        if partial || layout.scratch > 0 {
            work = Some(WORKSPACE.take().unwrap_or_default());
        }
        let scalars = if layout.group == 1 {
            frame.scalars.as_ptr()
        } else {
            frame.memo.pairs.as_ptr().cast()
        };
        let extra: *mut u8 = if layout.group == 1 {
            frame.list.as_ptr().cast_mut().cast()
        } else {
            work.as_mut()
                .map_or(std::ptr::null_mut(), |w| w.scratch(layout))
        };
        if layout.emits {
            frame.emit.reserve(end - start + SLACK);
        }
        if let Some(work) = work.as_mut().filter(|_| partial) {
            work.save(layout, arrays, frame.store, end);
        }
        let backward = self.backward.filter(|_| frame.memo.backward);
        let entry = backward.unwrap_or(self.entry);
        let before = frame.emit.len();
        let words = frame.memo.words.as_ptr();
        let emitted = frame.emit.spare_capacity_mut().as_mut_ptr().cast();
        // SAFETY: the pointer table has a word for each entry of the layout: the base of a spread-out array that reaches the
        // end of the range and is padded to whole lines of eight doubles (`fill`, `Store`; what is remembered of an earlier call
        // holds as long as the store has the same stamp), or of an index table likewise
        // padded to sixteen; the start is a multiple of eight and a group is at most eight, so whole groups stay
        // inside the padding. Scalars and scratch are as large as the layout says, and there is room to emit
        // every element of the range. `frame.store` is borrowed mutably, so nobody else sees the arrays. The code is alive
        // because `self` holds its memory. Entries of lists and tables name existing elements (see above).
        let count = unsafe { entry(words, scalars, start, end, extra, emitted) };
        if layout.emits {
            // SAFETY: the code has written this many numbers behind the length, within the reserved room.
            unsafe { frame.emit.set_len(before + count) };
            if backward.is_some() {
                frame.emit[before..].sort_unstable();
            }
        }
        if let Some(work) = work {
            if partial {
                work.restore(frame.store);
            }
            WORKSPACE.set(Some(work));
        }
    }

    /// # Panics
    /// As `run`; or if a range of a strip kernel ends inside a group, and is not the last one.
    fn run_parts(
        &self,
        arrays: &[ArrayInput],
        indices: &[IndexId],
        frame: &mut Frame<'_>,
        parts: &[Vec<Range<usize>>],
    ) {
        let ranges = || parts.iter().flatten().filter(|r| !r.is_empty());
        let Some(end) = ranges().map(|r| r.end).max() else {
            return;
        };
        let layout = &self.layout;
        assert!(
            layout.group == 1
                || ranges().all(|r| r.start.is_multiple_of(8)
                    && (r.end == end || r.end.is_multiple_of(8))),
            "a range is not made of whole groups"
        );
        frame.range = 0..end;
        self.check(frame);
        self.ready(arrays, indices, frame);
        let mut work = WORKSPACE.take().unwrap_or_default();
        let partial = !frame.memo.whole;
        if partial {
            work.save(layout, arrays, frame.store, end);
        }
        let shared = self.shared(frame.memo, frame.scalars, frame.list);
        // SAFETY: the tables are filled as in `run`, for the greatest end of all ranges. `frame.store` is borrowed mutably until all
        // parts are done, and by the contract of this method no part touches what another writes; strips of different ranges end at
        // different groups. The code is alive because `self` holds its memory.
        unsafe { shared.run(parts, frame.emit) };
        if partial {
            work.restore(frame.store);
        }
        WORKSPACE.set(Some(work));
    }

    fn runs_in_parts(&self) -> bool {
        true
    }

    /// # Panics
    /// If a range is not inside this part, or an array that is written is not its own.
    fn run_in(
        &self,
        arrays: &[ArrayInput],
        indices: &[IndexId],
        shard: &mut Shard<'_>,
        piece: Piece<'_>,
    ) {
        let ranges = || piece.ranges.iter().filter(|r| !r.is_empty());
        let (Some(start), Some(end)) = (
            ranges().map(|r| r.start).min(),
            ranges().map(|r| r.end).max(),
        ) else {
            return;
        };
        if self.remembers(piece.memo, shard.stamp(), end) {
            self.renew(piece.scalars, piece.memo);
        } else {
            self.check_piece(arrays, shard, &piece, &(start..end));
            self.prepare(
                arrays,
                indices,
                shard,
                piece.scalars,
                start..end,
                piece.memo,
            );
        }
        assert!(
            self.domain != Domain::List || end <= piece.list.len(),
            "the range is longer than the list"
        );
        let shared = self.shared(piece.memo, piece.scalars, piece.list);
        // SAFETY: the tables are filled as in `run`, for the greatest end of all ranges. What is written lies in the part of the store
        // that `shard` borrows mutably: all of it, whole groups included, by `check_piece`, or through an index table, where it is by
        // the contract of this method. What was checked for an earlier piece holds for this one: a memo is used for one kernel and one
        // part. The code is alive because `self` holds its memory.
        unsafe { shared.part(piece.ranges, piece.emit) };
    }
}
