//! Kernels over lists and ranges with their calculations done for many elements at once: see [`dslsim_ir::dense`].
//!
//! The numbers of a few hundred elements are fetched into buffers that stay in the first-level cache, the body works on them as a strip
//! kernel does on arrays, and what has changed is put back.

use std::cell::Cell;
use std::ops::Range;

use dslsim_ir::BackendError;
use dslsim_ir::dense::{Buffer, Fetched, Put};

use crate::abi::{Entry, Layout, Pointer};
use crate::code::Line;

/// Fewer elements are not worth it.
const FEWEST: usize = 16;

/// Buffers have a line more than a chunk, lest they lie a power of two apart.
const MORE: usize = 1;

thread_local! {
    /// Buffers, behind them the scratch memory of the body, and behind that its table of pointers.
    static BUFFERS: Cell<Vec<Line>> = const { Cell::new(Vec::new()) };
}

/// Where the numbers of a buffer come from: places in the table of pointers.
#[derive(Clone, Copy)]
enum From {
    Nowhere,
    Element(usize),
    Position(usize),
    Via(usize, usize),
}

/// Where they go.
#[derive(Clone, Copy)]
enum To {
    Nowhere,
    Element(usize),
    Add(usize, usize),
    Subtract(usize, usize),
}

/// The functions and moves of a kernel.
pub(crate) struct Dense {
    body: Entry,
    /// That of the body.
    layout: Layout,
    moves: Vec<(From, To)>,
    chunk: usize,
}

impl Dense {
    /// `outer` is the layout of the whole kernel, which knows every array and table.
    pub(crate) fn new(
        body: Entry,
        layout: Layout,
        buffers: &[Buffer],
        outer: &Layout,
        chunk: usize,
    ) -> Result<Dense, BackendError> {
        let at = |pointer: Pointer| {
            let found = outer.pointers.iter().position(|p| *p == pointer);
            found.ok_or_else(|| BackendError("a buffer of a kernel has no array".into()))
        };
        let mut moves = Vec::with_capacity(buffers.len());
        for buffer in buffers {
            let from = match buffer.from {
                None => From::Nowhere,
                Some(Fetched::Element(slot)) => From::Element(at(Pointer::Array(slot))?),
                Some(Fetched::Position(slot)) => From::Position(at(Pointer::Array(slot))?),
                Some(Fetched::Via(slot, table)) => {
                    From::Via(at(Pointer::Array(slot))?, at(Pointer::Table(table))?)
                }
            };
            let to = match buffer.to {
                None => To::Nowhere,
                Some(Put::Element(slot)) => To::Element(at(Pointer::Array(slot))?),
                Some(Put::Add(slot, table)) => {
                    To::Add(at(Pointer::Array(slot))?, at(Pointer::Table(table))?)
                }
                Some(Put::Subtract(slot, table)) => {
                    To::Subtract(at(Pointer::Array(slot))?, at(Pointer::Table(table))?)
                }
            };
            moves.push((from, to));
        }
        Ok(Dense {
            body,
            layout,
            moves,
            chunk,
        })
    }

    /// Whether so many elements are worth it.
    pub(crate) fn takes(&self, elements: usize) -> bool {
        elements >= FEWEST
    }

    /// Executes the kernel for a range: of elements, or of positions in the list, none of which names an element twice.
    ///
    /// # Safety
    /// As for a call of the kernel's entry with this range; `scalars` are pairs, as many as the body's layout says.
    pub(crate) unsafe fn run(
        &self,
        pointers: &[usize],
        scalars: *const f64,
        range: &Range<usize>,
        list: Option<&[u32]>,
    ) {
        let lines = self.chunk / 8 + MORE;
        let scratch_lines = self.layout.scratch.div_ceil(8);
        let words_at = self.moves.len() * lines + scratch_lines;
        let needed = words_at + self.layout.pointers.len().div_ceil(8);
        let mut memory = BUFFERS.take();
        if memory.len() < needed {
            memory.resize(needed, Line([0.0; 8]));
        }
        let base: *mut f64 = memory.as_mut_ptr().cast();
        let buffer = |k: usize| base.wrapping_add(8 * k * lines);
        let scratch: *mut u8 = buffer(self.moves.len()).cast();
        let words: *mut usize = base.wrapping_add(8 * words_at).cast();
        for (k, pointer) in self.layout.pointers.iter().enumerate() {
            let word = match pointer {
                // The body has nothing but buffers.
                Pointer::Array(slot) => buffer(slot.0 as usize) as usize,
                Pointer::Table(_) | Pointer::Last(_) => 0,
            };
            // SAFETY: there is a word for each pointer behind the scratch memory.
            unsafe { words.add(k).write(word) };
        }
        let mut first = range.start;
        while first < range.end {
            let count = self.chunk.min(range.end - first);
            let elements = match list {
                None => Elements::Range(first),
                Some(list) => Elements::List(&list[first..first + count]),
            };
            for (k, (from, _)) in self.moves.iter().enumerate() {
                // SAFETY: a buffer has room for a chunk; the rest by the contract of this function.
                unsafe { fetch(*from, pointers, first, count, elements, buffer(k)) };
            }
            // SAFETY: the body reads and writes whole groups of at most eight in buffers of whole lines, and its scratch memory; it emits
            // nothing.
            unsafe { (self.body)(words, scalars, 0, count, scratch, std::ptr::null_mut()) };
            for (k, (_, to)) in self.moves.iter().enumerate() {
                // SAFETY: as above.
                unsafe { put(*to, pointers, count, elements, buffer(k)) };
            }
            first += count;
        }
        BUFFERS.set(memory);
    }
}

/// The elements of a chunk.
#[derive(Clone, Copy)]
enum Elements<'a> {
    /// From this one on.
    Range(usize),
    List(&'a [u32]),
}

/// # Safety
/// The pointers reach the elements, and those that tables name for them; `buffer` has room for `count` numbers.
unsafe fn fetch(
    from: From,
    pointers: &[usize],
    position: usize,
    count: usize,
    elements: Elements<'_>,
    buffer: *mut f64,
) {
    let array = |at: usize| pointers[at] as *const f64;
    let table = |at: usize| pointers[at] as *const u32;
    // SAFETY: by the contract of this function; buffers and arrays are different memory.
    unsafe {
        match (from, elements) {
            (From::Nowhere, _) => {}
            (From::Element(at), Elements::Range(first)) => {
                std::ptr::copy_nonoverlapping(array(at).add(first), buffer, count);
            }
            (From::Element(at), Elements::List(list)) => {
                let array = array(at);
                for (k, element) in list.iter().enumerate() {
                    *buffer.add(k) = *array.add(*element as usize);
                }
            }
            (From::Position(at), _) => {
                std::ptr::copy_nonoverlapping(array(at).add(position), buffer, count);
            }
            (From::Via(at, of), Elements::Range(first)) => {
                let (array, table) = (array(at), table(of).add(first));
                for k in 0..count {
                    *buffer.add(k) = *array.add(*table.add(k) as usize);
                }
            }
            (From::Via(at, of), Elements::List(list)) => {
                let (array, table) = (array(at), table(of));
                for (k, element) in list.iter().enumerate() {
                    *buffer.add(k) = *array.add(*table.add(*element as usize) as usize);
                }
            }
        }
    }
}

/// # Safety
/// As for [`fetch`].
unsafe fn put(
    to: To,
    pointers: &[usize],
    count: usize,
    elements: Elements<'_>,
    buffer: *const f64,
) {
    // SAFETY: by the contract of this function.
    unsafe {
        match to {
            To::Nowhere => {}
            To::Element(at) => {
                let array = pointers[at] as *mut f64;
                match elements {
                    Elements::Range(first) => {
                        std::ptr::copy_nonoverlapping(buffer, array.add(first), count);
                    }
                    Elements::List(list) => {
                        for (k, element) in list.iter().enumerate() {
                            *array.add(*element as usize) = *buffer.add(k);
                        }
                    }
                }
            }
            To::Add(at, of) => change(pointers, at, of, count, elements, buffer, |x, y| x + y),
            To::Subtract(at, of) => change(pointers, at, of, count, elements, buffer, |x, y| x - y),
        }
    }
}

/// Changes what a table names by the numbers of a buffer, one after the other.
///
/// # Safety
/// As for [`fetch`].
unsafe fn change(
    pointers: &[usize],
    array: usize,
    table: usize,
    count: usize,
    elements: Elements<'_>,
    buffer: *const f64,
    by: impl Fn(f64, f64) -> f64,
) {
    let (array, table) = (pointers[array] as *mut f64, pointers[table] as *const u32);
    for k in 0..count {
        // SAFETY: by the contract of this function.
        unsafe {
            let element = match elements {
                Elements::Range(first) => first + k,
                Elements::List(list) => *list.get_unchecked(k) as usize,
            };
            let place = array.add(*table.add(element) as usize);
            *place = by(*place, *buffer.add(k));
        }
    }
}
