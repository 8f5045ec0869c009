//! Delivering spikes row by row: the statements of a pathway over the synapses of each source that is due, without a list of synapses.
//!
//! Several threads divide each row: each of them takes the synapses onto a range of neurons, so that whatever is added to a neuron is
//! added in the same order as by one thread. Where statements write to synapses only, any division will do.

use std::ops::Range;

use dslsim_ir::Store;

use crate::clock::Tick;
use crate::deferral::Deferral;
use crate::gauge::{Gauge, Way};
use crate::kernel::Bound;
use crate::rows::Rows;
use crate::threads::{Apart, apart, cuts};

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
pub(crate) const BLOCK: usize = 1024;

/// Synapses that a row has, on average, in each block.
const ROW_IN_BLOCK: usize = 48;

/// Rows divided at the same neurons, in blocks that are worked through one after the other, or at the same time.
struct Divided {
    blocks: usize,
    at: Vec<u32>,
    /// Whether one thread is faster with blocks, too: because their neurons stay in its first-level cache.
    of_use_alone: bool,
}

impl<'p> Delivery<'p> {
    /// Prepares to deliver along these rows with a program over them: over lists, or over ranges if the rows are contiguous.
    pub(crate) fn new(
        mut bound: Bound<'p>,
        rows: &'p Rows,
        threads: usize,
        store: &Store,
    ) -> Option<Delivery<'p>> {
        // Every synapse stands in one row, and once.
        bound.expect_distinct();
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

    /// The program, for parts of the store.
    pub(crate) fn bound(&self) -> &Bound<'p> {
        &self.bound
    }

    pub(crate) fn bound_mut(&mut self) -> &mut Bound<'p> {
        &mut self.bound
    }

    /// Where the synapses of each source begin.
    pub(crate) fn starts(&self) -> &'p [u32] {
        self.starts
    }

    /// The synapses in the order of their sources; none, if they are numbered so.
    pub(crate) fn list(&self) -> &'p [u32] {
        self.list
    }

    /// In how many blocks rows are divided, if they are divided by neurons.
    pub(crate) fn blocks(&self) -> Option<usize> {
        let by_neurons = matches!(apart(self.bound.kernel()), Some(Apart::Neurons(_)));
        self.divided
            .as_ref()
            .filter(|_| by_neurons)
            .map(|d| d.blocks)
    }

    /// Divides rows at these neurons, in future; whether they can be.
    pub(crate) fn divide_at(&mut self, cuts: &[usize], store: &Store) -> bool {
        let list = (!self.list.is_empty()).then_some(self.list);
        let divided = match apart(self.bound.kernel()) {
            Some(Apart::Neurons(table)) => self
                .bound
                .kernel()
                .indices
                .get(table.0 as usize)
                .and_then(|t| Divided::at(cuts, self.starts, list, store.table(*t))),
            _ => None,
        };
        let Some(mut divided) = divided else {
            return false;
        };
        divided.of_use_alone = self.divided.as_ref().is_some_and(|d| d.of_use_alone);
        self.divided = Some(divided);
        true
    }

    /// The synapses of these sources in a block.
    pub(crate) fn rows(&self, sources: &[u32], block: usize, to: &mut Vec<Range<usize>>) {
        to.clear();
        if let Some(divided) = &self.divided {
            let rows = sources
                .iter()
                .filter_map(|s| row(self.starts, *s).map(|row| (*s, row)));
            to.extend(rows.map(|(source, row)| divided.part(source, row, block)));
        }
    }

    /// Executes the statements for the synapses of these sources, in this order. What has waited for that is done before.
    pub(crate) fn deliver(
        &mut self,
        sources: &[u32],
        waiting: Option<&mut Deferral<'_>>,
        tick: Tick,
        store: &mut Store,
        unused: &mut Vec<u32>,
    ) {
        if sources.is_empty() {
            return;
        }
        let divided = self.divided.as_ref();
        let alone = divided.filter(|d| d.of_use_alone);
        let mut work = 0;
        let mut way = Way::Alone;
        if !self.several.is_empty() {
            work = synapses(sources, self.starts);
            way = self.gauge.begin(work);
        }
        let (parts, divided) = match way {
            Way::Alone => (&mut self.one, alone),
            Way::Together => (&mut self.several, divided),
        };
        fill(parts, sources, self.starts, divided);
        if let Some(waiting) = waiting {
            let there = |s: &&u32| row(self.starts, **s).is_some();
            let rows: Vec<u32> = sources.iter().filter(there).copied().collect();
            waiting.before(&rows, parts, tick, store);
        }
        self.bound.ranges(self.list, parts, tick, store, unused);
        if !self.several.is_empty() {
            self.gauge.end(work);
        }
    }
}

/// Where each row begins and ends.
fn ends(starts: &[u32]) -> impl Iterator<Item = Range<u32>> {
    starts
        .windows(2)
        .map(|w| w.first().copied().unwrap_or(0)..w.get(1).copied().unwrap_or(0))
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
        let mut of_use_alone = false;
        let blocks = match apart {
            Apart::Synapses => threads,
            Apart::Neurons(table) => {
                let neurons = store.table(*bound.kernel().indices.get(table.0 as usize)?);
                let most = neurons.iter().copied().max()? as usize + 1;
                let row = neurons.len() / starts.len();
                let blocks = (most / BLOCK).min(row / ROW_IN_BLOCK);
                of_use_alone = blocks > 1;
                blocks.next_multiple_of(threads).max(threads)
            }
        };
        if blocks < 2 {
            return None;
        }
        match apart {
            Apart::Synapses => {
                let mut at = Vec::with_capacity((blocks - 1) * starts.len());
                for row in ends(starts) {
                    let len = u64::from(row.end - row.start);
                    at.extend(
                        (1..blocks as u64).map(|k| row.start + (len * k / blocks as u64) as u32),
                    );
                }
                Some(Divided {
                    blocks,
                    at,
                    of_use_alone,
                })
            }
            Apart::Neurons(table) => {
                let neurons = store.table(*bound.kernel().indices.get(table.0 as usize)?);
                let most = neurons.iter().copied().max()? as usize + 1;
                let divided = Divided::at(&cuts(most, blocks), starts, list, neurons)?;
                Some(Divided {
                    of_use_alone,
                    ..divided
                })
            }
        }
    }

    /// Where rows are divided, if it is between these neurons; `None` if the synapses of a row are not in the order of their neurons.
    fn at(
        cuts: &[usize],
        starts: &[u32],
        list: Option<&[u32]>,
        neurons: &[u32],
    ) -> Option<Divided> {
        let mut at = Vec::with_capacity(cuts.len() * starts.len());
        for row in ends(starts) {
            let neuron = |k: u32| match list {
                None => neurons.get(k as usize).copied(),
                Some(list) => list
                    .get(k as usize)
                    .and_then(|k| neurons.get(*k as usize))
                    .copied(),
            };
            let mut last = 0;
            let mut cut = cuts.iter().peekable();
            for k in row.clone() {
                let to = neuron(k)?;
                if to < last {
                    return None;
                }
                last = to;
                while cut.next_if(|cut| **cut <= to as usize).is_some() {
                    at.push(k);
                }
            }
            at.extend(cut.map(|_| row.end));
        }
        Some(Divided {
            blocks: cuts.len() + 1,
            at,
            of_use_alone: false,
        })
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
