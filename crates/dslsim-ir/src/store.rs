//! The arrays of a simulation.
//!
//! All state is arrays of doubles, 64-byte aligned and padded to whole lines of eight, so that loops need no tails. An array
//! whose elements are all the same holds one number only (*uniform*), until something makes them differ. Index tables (the
//! neurons of synapses) are arrays of 32-bit numbers, padded with zeros to whole lines of sixteen.

mod shard;

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use bytemuck::{Pod, Zeroable};

pub use shard::{Owned, Shard};

/// An array of the [`Store`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ArrayId(pub u32);

/// An index table of the [`Store`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IndexId(pub u32);

#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C, align(64))]
struct Line([f64; 8]);

#[derive(Clone, Debug)]
struct Array {
    lines: Vec<Line>,
    len: usize,
    uniform: bool,
}

#[derive(Clone, Debug, Default)]
struct Table {
    entries: Vec<u32>,
    len: usize,
    /// One past the greatest entry, once somebody has asked.
    end: OnceLock<usize>,
}

/// A number that no other store has had, nor this one in another state.
#[derive(Debug)]
struct Stamp(u64);

impl Stamp {
    fn new() -> Stamp {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        Stamp(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

impl Default for Stamp {
    fn default() -> Self {
        Stamp::new()
    }
}

impl Clone for Stamp {
    /// A copied store has its arrays elsewhere.
    fn clone(&self) -> Self {
        Stamp::new()
    }
}

/// All arrays and index tables of a simulation.
#[derive(Clone, Debug, Default)]
pub struct Store {
    arrays: Vec<Array>,
    tables: Vec<Table>,
    stamp: Stamp,
}

impl Store {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// A new array of `len` elements, all `value`; it takes the room of one.
    pub fn add(&mut self, len: usize, value: f64) -> ArrayId {
        self.arrays.push(Array {
            lines: vec![Line([value; 8])],
            len,
            uniform: true,
        });
        ArrayId(self.arrays.len() as u32 - 1)
    }

    /// A new index table.
    pub fn add_table(&mut self, entries: &[u32]) -> IndexId {
        self.tables.push(Table::default());
        let id = IndexId(self.tables.len() as u32 - 1);
        self.set_table(id, entries);
        id
    }

    /// Changes whenever an array or a table may have got another place or length, and is different for every store.
    #[inline]
    pub fn stamp(&self) -> u64 {
        self.stamp.0
    }

    /// Replaces an index table.
    pub fn set_table(&mut self, id: IndexId, entries: &[u32]) {
        self.stamp = Stamp::new();
        if let Some(table) = self.tables.get_mut(id.0 as usize) {
            table.len = entries.len();
            table.end = OnceLock::new();
            table.entries.clear();
            table.entries.extend_from_slice(entries);
            table
                .entries
                .resize(entries.len().next_multiple_of(16).max(16), 0);
        }
    }

    /// Takes the entries out of an index table, which is empty afterwards.
    pub fn take_table(&mut self, id: IndexId) -> Vec<u32> {
        self.stamp = Stamp::new();
        let Some(table) = self.tables.get_mut(id.0 as usize) else {
            return Vec::new();
        };
        table.end = OnceLock::new();
        let mut entries = std::mem::take(&mut table.entries);
        entries.truncate(std::mem::take(&mut table.len));
        entries
    }

    /// Replaces an index table by entries that are not needed elsewhere.
    pub fn give_table(&mut self, id: IndexId, mut entries: Vec<u32>) {
        self.stamp = Stamp::new();
        if let Some(table) = self.tables.get_mut(id.0 as usize) {
            table.len = entries.len();
            table.end = OnceLock::new();
            let padded = entries.len().next_multiple_of(16).max(16);
            entries.reserve_exact(padded - entries.len());
            entries.resize(padded, 0);
            entries.shrink_to_fit();
            table.entries = entries;
        }
    }

    /// Bytes that an array holds.
    pub fn bytes_of(&self, id: ArrayId) -> usize {
        self.arrays[id.0 as usize].lines.len() * 64
    }

    /// Number of arrays.
    pub fn len(&self) -> usize {
        self.arrays.len()
    }

    /// Whether there is no array.
    pub fn is_empty(&self) -> bool {
        self.arrays.is_empty()
    }

    /// Number of elements of an array.
    pub fn length(&self, id: ArrayId) -> usize {
        self.arrays[id.0 as usize].len
    }

    /// Whether all elements are held as one number.
    pub fn is_uniform(&self, id: ArrayId) -> bool {
        self.arrays[id.0 as usize].uniform
    }

    /// One element.
    pub fn get(&self, id: ArrayId, element: usize) -> f64 {
        let array = &self.arrays[id.0 as usize];
        let element = if array.uniform { 0 } else { element };
        array.lines[element / 8].0[element % 8]
    }

    /// The elements, one if the array is uniform.
    pub fn held(&self, id: ArrayId) -> &[f64] {
        let array = &self.arrays[id.0 as usize];
        let all: &[f64] = bytemuck::cast_slice(&array.lines);
        &all[..if array.uniform { 1 } else { array.len }]
    }

    /// A copy of all elements.
    pub fn to_vec(&self, id: ArrayId) -> Vec<f64> {
        let array = &self.arrays[id.0 as usize];
        if array.uniform {
            vec![array.lines[0].0[0]; array.len]
        } else {
            self.held(id).to_vec()
        }
    }

    /// All elements, for writing; a uniform array is spread out first.
    pub fn all_mut(&mut self, id: ArrayId) -> &mut [f64] {
        self.spread(id);
        let array = &mut self.arrays[id.0 as usize];
        let all: &mut [f64] = bytemuck::cast_slice_mut(&mut array.lines);
        &mut all[..array.len]
    }

    /// Makes all elements `value`, held as one number.
    pub fn fill(&mut self, id: ArrayId, value: f64) {
        self.stamp = Stamp::new();
        let array = &mut self.arrays[id.0 as usize];
        array.lines.clear();
        array.lines.push(Line([value; 8]));
        // The memory of large arrays is given back.
        if array.lines.capacity() > 1 << 9 {
            array.lines.shrink_to_fit();
        }
        array.uniform = true;
    }

    /// Sets one element.
    pub fn set(&mut self, id: ArrayId, element: usize, value: f64) {
        let same = self.is_uniform(id) && self.get(id, 0).to_bits() == value.to_bits();
        if !same {
            self.all_mut(id)[element] = value;
        }
    }

    /// Replaces all elements (and the length).
    pub fn assign(&mut self, id: ArrayId, values: &[f64]) {
        let first = values.first().copied().unwrap_or(0.0);
        if values.iter().all(|v| v.to_bits() == first.to_bits()) {
            self.fill(id, first);
            self.arrays[id.0 as usize].len = values.len();
        } else {
            self.resize(id, values.len(), first);
            self.all_mut(id).copy_from_slice(values);
        }
    }

    /// Changes the number of elements; new ones are `value`.
    pub fn resize(&mut self, id: ArrayId, len: usize, value: f64) {
        let old = self.length(id);
        let same =
            self.is_uniform(id) && (self.get(id, 0).to_bits() == value.to_bits() || old == 0);
        if same {
            self.fill(id, value);
            self.arrays[id.0 as usize].len = len;
            return;
        }
        self.spread(id);
        self.stamp = Stamp::new();
        let array = &mut self.arrays[id.0 as usize];
        array.lines.resize(len.div_ceil(8).max(1), Line([value; 8]));
        array.len = len;
        let all: &mut [f64] = bytemuck::cast_slice_mut(&mut array.lines);
        if old < len {
            all[old..].fill(value);
        }
    }

    /// Holds every element on its own, as kernels that load or write the array need it.
    pub fn spread(&mut self, id: ArrayId) {
        let array = &mut self.arrays[id.0 as usize];
        if array.uniform {
            self.stamp = Stamp::new();
            let value = array.lines[0].0[0];
            array.lines = vec![Line([value; 8]); array.len.div_ceil(8).max(1)];
            array.uniform = false;
        }
    }

    /// Base, length, and whether it is uniform, of an array: what machine code is given.
    #[inline]
    pub fn raw(&mut self, id: ArrayId) -> (*mut f64, usize, bool) {
        let array = &mut self.arrays[id.0 as usize];
        (array.lines.as_mut_ptr().cast(), array.len, array.uniform)
    }

    /// Base and length of an index table.
    #[inline]
    pub fn raw_table(&self, id: IndexId) -> (*const u32, usize) {
        let table = &self.tables[id.0 as usize];
        (table.entries.as_ptr(), table.len)
    }

    /// An index table.
    pub fn table(&self, id: IndexId) -> &[u32] {
        let table = &self.tables[id.0 as usize];
        &table.entries[..table.len]
    }

    /// One past the greatest entry of an index table: looked for once.
    pub fn table_end(&self, id: IndexId) -> usize {
        let greatest = || self.table(id).iter().copied().max();
        let end = || greatest().map_or(0, |most| most as usize + 1);
        *self.tables[id.0 as usize].end.get_or_init(end)
    }

    /// Where the elements of a spread-out array lie: padded to whole lines of eight.
    pub fn base(&mut self, id: ArrayId) -> *mut f64 {
        self.arrays[id.0 as usize].lines.as_mut_ptr().cast()
    }

    /// Where the entries of an index table lie: padded with zeros to whole lines of sixteen.
    pub fn table_base(&self, id: IndexId) -> *const u32 {
        self.tables[id.0 as usize].entries.as_ptr()
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        self.arrays
            .iter()
            .map(|a| a.lines.len() * 64)
            .sum::<usize>()
            + self
                .tables
                .iter()
                .map(|t| t.entries.len() * 4)
                .sum::<usize>()
    }
}
