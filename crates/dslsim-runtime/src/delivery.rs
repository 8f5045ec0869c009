//! Delivering spikes row by row: the statements of a pathway over the synapses of each source that is due, without a list of synapses.
//!
//! Several threads divide each row: each of them takes the synapses onto a range of neurons, so that whatever is added to a neuron is
//! added in the same order as by one thread. Where statements write to synapses only, any division will do.

use std::ops::Range;

use dslsim_ir::Store;

use crate::clock::Tick;
use crate::gauge::{Gauge, Way};
use crate::kernel::Bound;
use crate::rows::Rows;
use crate::threads::{Apart, apart};

/// A pathway whose rows are long enough to be worked through one by one.
pub(crate) struct Delivery<'p> {
    bound: Bound<'p>,
    starts: &'p [u32],
    /// The synapses in the order of their sources; none, if they are numbered so.
    list: &'p [u32],
    /// For each source, where its row is divided.
    divided: Option<Divided>,
    one: Vec<Vec<Range<usize>>>,
    several: Vec<Vec<Range<usize>>>,
    gauge: Gauge,
}

/// Neurons of a block: two of their arrays fit into the first-level cache.
const BLOCK: usize = 1024;

/// Synapses that a row has, on average, in each block.
const ROW_IN_BLOCK: usize = 48;

/// Rows divided at the same neurons, in blocks that are worked through one after the other, or at the same time.
struct Divided {
    blocks: usize,
    at: Vec<u32>,
}

impl<'p> Delivery<'p> {
    /// Prepares to deliver along these rows with a program over them: over lists, or over ranges if the rows are contiguous.
    pub(crate) fn new(
        bound: Bound<'p>,
        rows: &'p Rows,
        threads: usize,
        store: &Store,
    ) -> Option<Delivery<'p>> {
        let (starts, list) = rows.ranges().filter(|_| bound.is_plain())?;
        let divided = Divided::new(&bound, starts, list, threads, store);
        let parts = if threads > 1 && divided.is_some() {
            threads
        } else {
            0
        };
        Some(Delivery {
            bound,
            starts,
            list: list.unwrap_or(&[]),
            divided,
            one: vec![Vec::new()],
            several: vec![Vec::new(); parts],
            gauge: Gauge::new(),
        })
    }

    /// Executes the statements for the synapses of these sources, in this order.
    pub(crate) fn deliver(
        &mut self,
        sources: &[u32],
        tick: Tick,
        store: &mut Store,
        unused: &mut Vec<u32>,
    ) {
        if sources.is_empty() {
            return;
        }
        let divided = self.divided.as_ref();
        if self.several.is_empty() {
            fill(&mut self.one, sources, self.starts, divided);
            self.bound.ranges(self.list, &self.one, tick, store, unused);
            return;
        }
        let work = synapses(sources, self.starts);
        let parts = match self.gauge.begin(work) {
            Way::Alone => &mut self.one,
            Way::Together => &mut self.several,
        };
        fill(parts, sources, self.starts, divided);
        self.bound.ranges(self.list, parts, tick, store, unused);
        self.gauge.end(work);
    }
}

fn row(starts: &[u32], source: u32) -> Option<(u32, u32)> {
    match starts.get(source as usize..source as usize + 2) {
        Some([from, to]) => Some((*from, *to)),
        _ => None,
    }
}

/// Number of synapses of some sources.
fn synapses(sources: &[u32], starts: &[u32]) -> usize {
    let each = sources.iter().filter_map(|s| row(starts, *s));
    each.map(|(from, to)| (to - from) as usize).sum()
}

/// The rows of these sources for each part: block by block, if they are divided.
fn fill(
    parts: &mut [Vec<Range<usize>>],
    sources: &[u32],
    starts: &[u32],
    divided: Option<&Divided>,
) {
    let rows = sources
        .iter()
        .filter_map(|s| row(starts, *s).map(|row| (*s, row)));
    let count = parts.len();
    for (number, part) in parts.iter_mut().enumerate() {
        part.clear();
        let Some(divided) = divided else {
            part.extend(
                rows.clone()
                    .map(|(_, (from, to))| from as usize..to as usize),
            );
            continue;
        };
        let blocks = divided.blocks;
        for block in blocks * number / count..blocks * (number + 1) / count {
            part.extend(
                rows.clone()
                    .map(|(source, row)| divided.part(source, row, block)),
            );
        }
    }
}

impl Divided {
    /// Where rows are divided, if they can be and it is of use.
    fn new(
        bound: &Bound<'_>,
        starts: &[u32],
        list: Option<&[u32]>,
        threads: usize,
        store: &Store,
    ) -> Option<Divided> {
        let apart = apart(bound.kernel())?;
        let blocks = match apart {
            Apart::Synapses => threads,
            Apart::Neurons(table) => {
                let neurons = store.table(*bound.kernel().indices.get(table.0 as usize)?);
                let most = neurons.iter().copied().max()? as usize + 1;
                let row = neurons.len() / starts.len();
                let blocks = (most / BLOCK).min(row / ROW_IN_BLOCK);
                blocks.next_multiple_of(threads).max(threads)
            }
        };
        if blocks < 2 {
            return None;
        }
        let mut at = Vec::with_capacity((blocks - 1) * starts.len());
        let rows = starts
            .windows(2)
            .map(|w| w.first().copied().unwrap_or(0)..w.get(1).copied().unwrap_or(0));
        match apart {
            Apart::Synapses => {
                for row in rows {
                    let len = u64::from(row.end - row.start);
                    at.extend(
                        (1..blocks as u64).map(|k| row.start + (len * k / blocks as u64) as u32),
                    );
                }
            }
            Apart::Neurons(table) => {
                let neurons = store.table(*bound.kernel().indices.get(table.0 as usize)?);
                let most = neurons.iter().copied().max()? as usize + 1;
                // Whole lines of the cache.
                let bounds: Vec<u32> = (1..blocks)
                    .map(|k| (most * k / blocks).next_multiple_of(8) as u32)
                    .collect();
                for row in rows {
                    let neuron = |k: u32| match list {
                        None => neurons.get(k as usize).copied(),
                        Some(list) => list
                            .get(k as usize)
                            .and_then(|k| neurons.get(*k as usize))
                            .copied(),
                    };
                    let mut last = 0;
                    let mut cut = bounds.iter().peekable();
                    for k in row.clone() {
                        let to = neuron(k)?;
                        if to < last {
                            return None;
                        }
                        last = to;
                        while cut.next_if(|bound| **bound <= to).is_some() {
                            at.push(k);
                        }
                    }
                    at.extend(cut.map(|_| row.end));
                }
            }
        }
        Some(Divided { blocks, at })
    }

    /// The synapses of a row in a block.
    fn part(&self, source: u32, (from, to): (u32, u32), block: usize) -> Range<usize> {
        let first = source as usize * (self.blocks - 1);
        let cut = |k: usize| self.at.get(first + k).copied().unwrap_or(to) as usize;
        let begin = if block == 0 {
            from as usize
        } else {
            cut(block - 1)
        };
        let end = if block + 1 == self.blocks {
            to as usize
        } else {
            cut(block)
        };
        begin..end
    }
}
