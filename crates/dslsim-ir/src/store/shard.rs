//! A store divided among threads: of some arrays each has elements of its own, everything else they only read.

use super::{ArrayId, IndexId, Store, Table};

/// An array that is divided.
#[derive(Clone, Copy, Debug)]
pub struct Owned<'c> {
    /// The array.
    pub array: ArrayId,
    /// Where its parts begin, but for the first, which begins at 0: ascending multiples of eight (one more than the length has,
    /// at most).
    pub cuts: &'c [usize],
}

/// What one thread may use of a store.
#[derive(Debug)]
pub struct Shard<'s> {
    arrays: Vec<View<'s>>,
    tables: &'s [Table],
    stamp: u64,
}

#[derive(Debug)]
enum View<'s> {
    /// All elements, to be read.
    All(&'s [f64]),
    /// Some elements, which nobody else sees, and where they begin.
    Own(usize, &'s mut [f64]),
}

impl Store {
    /// Divides the store into `count` parts. Arrays are spread out.
    ///
    /// # Panics
    /// If there is no such array, or its cuts are not `count - 1` ascending multiples of eight.
    pub fn shards(&mut self, count: usize, owned: &[Owned<'_>]) -> Vec<Shard<'_>> {
        owned.iter().for_each(|o| self.spread(o.array));
        let stamp = self.stamp();
        let mut shards: Vec<Shard<'_>> = Vec::with_capacity(count);
        for _ in 0..count {
            shards.push(Shard {
                arrays: Vec::with_capacity(self.arrays.len()),
                tables: &self.tables,
                stamp,
            });
        }
        for (at, array) in self.arrays.iter_mut().enumerate() {
            let held = if array.uniform { 1 } else { array.len };
            let Some(Owned { cuts, .. }) = owned.iter().find(|o| o.array.0 as usize == at) else {
                let all: &[f64] = bytemuck::cast_slice(&array.lines);
                let all = all.get(..held).unwrap_or(all);
                shards
                    .iter_mut()
                    .for_each(|s| s.arrays.push(View::All(all)));
                continue;
            };
            assert!(cuts.len() + 1 == count, "there are not as many parts");
            // The padding belongs to the last part.
            let mut rest: &mut [f64] = bytemuck::cast_slice_mut(&mut array.lines);
            let mut first = 0;
            let mut shards = shards.iter_mut();
            for (cut, shard) in cuts.iter().zip(&mut shards) {
                assert!(
                    cut.is_multiple_of(8) && *cut >= first,
                    "a part is not whole"
                );
                let (part, behind) = rest.split_at_mut((cut - first).min(rest.len()));
                shard.arrays.push(View::Own(first, part));
                (rest, first) = (behind, *cut);
            }
            shards.for_each(|s| s.arrays.push(View::Own(first, std::mem::take(&mut rest))));
        }
        shards
    }
}

impl Shard<'_> {
    /// The stamp of the store.
    #[must_use]
    pub fn stamp(&self) -> u64 {
        self.stamp
    }

    /// Elements of an array.
    ///
    /// # Panics
    /// If they are not all in this shard.
    #[must_use]
    pub fn elements(&self, id: ArrayId, range: std::ops::Range<usize>) -> &[f64] {
        match &self.arrays[id.0 as usize] {
            View::All(all) => &all[range],
            View::Own(first, own) => &own[range.start - first..range.end - first],
        }
    }

    /// Elements of an array, for writing.
    ///
    /// # Panics
    /// If they are not all this shard's own.
    pub fn elements_mut(&mut self, id: ArrayId, range: std::ops::Range<usize>) -> &mut [f64] {
        assert!(self.owns(id), "an array that is not divided");
        match &mut self.arrays[id.0 as usize] {
            View::All(_) => &mut [],
            View::Own(first, own) => &mut own[range.start - *first..range.end - *first],
        }
    }

    /// Where element 0 of an array lies, or would lie; and the elements, padding included, that there are from there on.
    #[must_use]
    pub fn raw(&mut self, id: ArrayId) -> (*mut f64, std::ops::Range<usize>) {
        match &mut self.arrays[id.0 as usize] {
            View::All(all) => (all.as_ptr().cast_mut(), 0..all.len()),
            View::Own(first, own) => {
                let base = own.as_mut_ptr().wrapping_sub(*first);
                (base, *first..*first + own.len())
            }
        }
    }

    /// Whether its elements of an array are nobody else's.
    #[must_use]
    pub fn owns(&self, id: ArrayId) -> bool {
        matches!(self.arrays.get(id.0 as usize), Some(View::Own(..)))
    }

    /// Base and length of an index table.
    #[must_use]
    pub fn raw_table(&self, id: IndexId) -> (*const u32, usize) {
        let table = &self.tables[id.0 as usize];
        (table.entries.as_ptr(), table.len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_the_array() {
        let mut store = Store::new();
        let (a, b) = (store.add(20, 1.0), store.add(3, 2.0));
        {
            let cuts = [8, 16];
            let mut shards = store.shards(
                3,
                &[Owned {
                    array: a,
                    cuts: &cuts,
                }],
            );
            for (k, (shard, range)) in shards.iter_mut().zip([0..8, 8..16, 16..20]).enumerate() {
                assert!(shard.owns(a) && !shard.owns(b));
                assert_eq!(shard.raw(a).1.start, range.start);
                shard.elements_mut(a, range).fill(k as f64);
            }
            // The last part has the padding.
            assert_eq!(shards[2].raw(a).1, 16..24);
        }
        let parts: Vec<f64> = (0..20).map(|k| f64::from(k / 8)).collect();
        assert_eq!(store.to_vec(a), parts);
    }

    #[test]
    fn parts_behind_the_end_are_empty() {
        let mut store = Store::new();
        let a = store.add(5, 0.0);
        let cuts = [8, 16];
        let mut shards = store.shards(
            3,
            &[Owned {
                array: a,
                cuts: &cuts,
            }],
        );
        assert_eq!(shards[0].elements(a, 0..5), [0.0; 5]);
        assert!(shards[1].raw(a).1.is_empty() && shards[2].raw(a).1.is_empty());
    }
}
