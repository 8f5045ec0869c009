//! Where arrays and index tables lie: in a whole store, or as a part of it sees them.

use std::ops::Range;

use dslsim_ir::store::{ArrayId, IndexId, Shard, Store};

/// What machine code is given addresses in.
pub(crate) trait Memory {
    /// Where element 0 of an array lies, or would lie, and the elements that there are; spread out.
    fn array(&mut self, id: ArrayId) -> (*mut f64, Range<usize>);
    /// Base and length of an index table.
    fn table(&self, id: IndexId) -> (*const u32, usize);
    /// Changes whenever something may have got another place or length.
    fn stamp(&self) -> u64;
}

impl Memory for Store {
    fn array(&mut self, id: ArrayId) -> (*mut f64, Range<usize>) {
        self.spread(id);
        let (base, length, _) = self.raw(id);
        (base, 0..length)
    }

    fn table(&self, id: IndexId) -> (*const u32, usize) {
        self.raw_table(id)
    }

    fn stamp(&self) -> u64 {
        self.stamp()
    }
}

impl Memory for Shard<'_> {
    fn array(&mut self, id: ArrayId) -> (*mut f64, Range<usize>) {
        self.raw(id)
    }

    fn table(&self, id: IndexId) -> (*const u32, usize) {
        self.raw_table(id)
    }

    fn stamp(&self) -> u64 {
        self.stamp()
    }
}
