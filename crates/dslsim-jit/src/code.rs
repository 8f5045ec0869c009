//! An executable kernel: gathers what the machine code wants, and calls it.
//!
//! A call allocates nothing once the thread's workspace has grown to the largest kernel. Strip kernels take whole groups of
//! elements; where the range ends inside a group and the array goes on, the elements behind the end are saved and restored.

use std::cell::Cell;
use std::ops::Range;

use dslsim_ir::kernel::ArrayInput;
use dslsim_ir::store::{ArrayId, IndexId, Store};
use dslsim_ir::{Code, Domain, Frame};

use crate::abi::{Entry, Layout, Pointer, Splat};
use crate::module::SharedMemory;
use crate::parts::Shared;

/// A kernel in machine code.
pub(crate) struct Compiled {
    entry: Entry,
    layout: Layout,
    domain: Domain,
    /// Which of the layout's pointers must reach to the end of the range.
    reach: Vec<bool>,
    /// Keeps `entry` alive.
    _memory: SharedMemory,
}

/// Two equal numbers, as vector instructions load them.
#[derive(Clone, Copy)]
#[repr(C, align(16))]
struct Pair([f64; 2]);

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
    pub(crate) fn new(entry: Entry, layout: Layout, domain: Domain, memory: SharedMemory) -> Self {
        let reach = |pointer: &Pointer| match pointer {
            Pointer::Array(slot) => layout.dense.contains(slot),
            Pointer::Table(_) => domain != Domain::List,
            Pointer::Last(_) => false,
        };
        let reach = layout.pointers.iter().map(reach).collect();
        Self {
            entry,
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
        frame: &mut Frame<'_>,
    ) {
        let (layout, end) = (&kernel.layout, frame.range.end);
        let store = &mut *frame.store;
        self.pointers.resize(layout.pointers.len(), 0);
        for ((word, pointer), reach) in self
            .pointers
            .iter_mut()
            .zip(&layout.pointers)
            .zip(&kernel.reach)
        {
            *word = match pointer {
                Pointer::Array(slot) => {
                    let id = arrays[slot.0 as usize].array;
                    let (mut base, length, uniform) = store.raw(id);
                    if uniform {
                        store.spread(id);
                        base = store.base(id);
                    }
                    assert!(!reach || length >= end, "the range is longer than an array");
                    base as usize
                }
                Pointer::Table(slot) => {
                    let id = indices[slot.0 as usize];
                    let (base, length) = store.raw_table(id);
                    assert!(
                        !reach || length >= end,
                        "the range is longer than an index table"
                    );
                    base as usize
                }
                Pointer::Last(slot) => {
                    let length = store.length(arrays[slot.0 as usize].array);
                    assert!(length > 0, "a table is empty");
                    length - 1
                }
            };
        }
        self.pairs.resize(layout.splats.len(), Pair([0.0; 2]));
        for (pair, splat) in self.pairs.iter_mut().zip(&layout.splats) {
            *pair = match splat {
                Splat::Num(slot) => Pair([frame.scalars[slot.0 as usize]; 2]),
                Splat::Mask(slot) => Pair(
                    [f64::from_bits(if frame.scalars[slot.0 as usize] == 0.0 {
                        0
                    } else {
                        u64::MAX
                    }); 2],
                ),
            };
        }
        if self.scratch.len() * 8 < layout.scratch {
            self.scratch
                .resize(layout.scratch.div_ceil(8), Line([0.0; 8]));
        }
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
        let mut work = WORKSPACE.take().unwrap_or_default();
        work.fill(self, arrays, indices, frame);
        let scalars = if layout.group == 1 {
            frame.scalars.as_ptr()
        } else {
            work.pairs.as_ptr().cast()
        };
        let extra: *mut u8 = if layout.group == 1 {
            frame.list.as_ptr().cast_mut().cast()
        } else {
            work.scratch.as_mut_ptr().cast()
        };
        if layout.emits {
            frame.emit.reserve(end - start);
        }
        let partial = !end.is_multiple_of(layout.group);
        if partial {
            work.save(layout, arrays, frame.store, end);
        }
        let emitted = frame.emit.spare_capacity_mut().as_mut_ptr().cast();
        // SAFETY: the pointer table has a word for each entry of the layout: the base of a spread-out array that reaches the
        // end of the range and is padded to whole lines of eight doubles (`fill`, `Store`), or of an index table likewise
        // padded to sixteen; the start is a multiple of eight and a group is at most eight, so whole groups stay
        // inside the padding. Scalars and scratch are as large as the layout says, and there is room to emit
        // every element of the range. `frame.store` is borrowed mutably, so nobody else sees the arrays. The code is alive
        // because `self` holds its memory. Entries of lists and tables name existing elements (see above).
        let count =
            unsafe { (self.entry)(work.pointers.as_ptr(), scalars, start, end, extra, emitted) };
        if layout.emits {
            // SAFETY: the code has written this many numbers behind the length, within the reserved room.
            unsafe { frame.emit.set_len(frame.emit.len() + count) };
        }
        if partial {
            work.restore(frame.store);
        }
        WORKSPACE.set(Some(work));
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
        let mut work = WORKSPACE.take().unwrap_or_default();
        work.fill(self, arrays, indices, frame);
        let partial = !end.is_multiple_of(layout.group);
        if partial {
            work.save(layout, arrays, frame.store, end);
        }
        let shared = Shared {
            entry: self.entry,
            layout,
            pointers: &work.pointers,
            scalars: if layout.group == 1 {
                frame.scalars.as_ptr()
            } else {
                work.pairs.as_ptr().cast()
            },
            list: frame.list,
        };
        // SAFETY: the tables are filled as in `run`, for the greatest end of all ranges. `frame.store` is borrowed mutably until all
        // parts are done, and by the contract of this method no part touches what another writes; strips of different ranges end at
        // different groups. The code is alive because `self` holds its memory.
        unsafe { shared.run(parts, frame.emit) };
        if partial {
            work.restore(frame.store);
        }
        WORKSPACE.set(Some(work));
    }
}
