//! Delivering spikes row by row: the statements of a pathway over the synapses of each source that is due, without a list of synapses.
//!
//! Several threads divide each row: each of them takes the synapses onto a range of neurons, so that whatever is added to a neuron is
//! added in the same order as by one thread. Where statements write to synapses only, any division will do.

use std::ops::Range;

use dslsim_ir::Store;
use dslsim_threads::{Gauge, Way};

use crate::clock::Tick;
use crate::deferral::Deferral;
use crate::kernel::Bound;
use crate::rows::Rows;
use crate::threads::{Apart, apart, cuts};

/// A pathway whose rows are long enough to be worked through one by one.
pub(crate) struct Delivery<'p> {
    bound: Bound<'p>,
    starts: &'p [u32],
    /// The synapses in the order of their sources; none, if they are numbered so.
    list: &'p [u32],
    /// How its neurons are divided even for one thread, because a part of them stays in its first-level cache.
    alone: Option<Divided>,
    /// For several threads, once they have something to do.
    together: Option<Divided>,
    one: Vec<Vec<Range<usize>>>,
    /// As many as threads, if it can be divided as far as is known.
    several: Vec<Vec<Range<usize>>>,
    gauge: Gauge,
}

/// Neurons of a block: two of their arrays fit into the first-level cache.
const BLOCK: usize = 2048;

/// Synapses that a row has, on average, in each block.
const ROW_IN_BLOCK: usize = 48;

/// Rows divided at the same neurons, in blocks that are worked through one after the other, or at the same time.
struct Divided {
    blocks: usize,
    /// For each source, where its row is divided.
    at: Vec<u32>,
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
        let alone = match apart(bound.kernel()) {
            Some(Apart::Neurons(_)) => {
                let rows = Order {
                    starts,
                    list,
                    sorted: false,
                };
                Divided::new(&bound, rows, 1, store)
            }
            _ => None,
        };
        let mut delivery = Delivery {
            bound,
            starts,
            list: list.unwrap_or(&[]),
            alone,
            together: None,
            one: vec![Vec::new()],
            several: Vec::new(),
            gauge: Gauge::of_short_work(),
        };
        delivery.share_among(threads);
        Some(delivery)
    }

    /// So many threads may deliver at the same time, if that can be.
    pub(crate) fn share_among(&mut self, threads: usize) {
        let parts = match apart(self.bound.kernel()) {
            Some(_) if threads > 1 => threads,
            _ => 0,
        };
        self.several = vec![Vec::new(); parts];
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

    /// In how many blocks it is of use to divide rows among several threads, if they are divided by neurons.
    pub(crate) fn blocks(&self, threads: usize, store: &Store) -> Option<usize> {
        match apart(self.bound.kernel())? {
            Apart::Neurons(_) if threads > 1 => {
                let (neurons, most) = written(&self.bound, store)?;
                Some(blocks((neurons.len(), most), self.starts, threads))
            }
            _ => None,
        }
    }

    /// Divides rows, when several threads deliver, between as many blocks of this many neurons, and between smaller ones within them; whether they
    /// can be.
    pub(crate) fn divide_into(
        &mut self,
        count: usize,
        neurons: usize,
        threads: usize,
        store: &Store,
    ) -> bool {
        let within = self.blocks(threads, store).map_or(1, |b| b.div_ceil(count));
        let cuts = cuts(neurons, count * within);
        self.together = written(&self.bound, store)
            .and_then(|(neurons, _)| Divided::at(&cuts, self.order(), neurons));
        self.together.is_some()
    }

    fn order(&self) -> Order<'p> {
        Order {
            starts: self.starts,
            list: (!self.list.is_empty()).then_some(self.list),
            sorted: self.alone.is_some(),
        }
    }

    /// Divides rows for several threads; whether they can be.
    #[cold]
    fn divide(&mut self, store: &Store) -> bool {
        let threads = self.several.len();
        self.together = Divided::new(&self.bound, self.order(), threads, store);
        self.together.is_some()
    }

    /// The synapses of these sources in one of so many blocks, which the rows have been divided into.
    pub(crate) fn rows(
        &self,
        sources: &[u32],
        (block, count): (usize, usize),
        to: &mut Vec<Range<usize>>,
    ) {
        to.clear();
        let Some(divided) = &self.together else {
            return;
        };
        let rows = sources
            .iter()
            .filter_map(|s| row(self.starts, *s).map(|row| (*s, row)));
        let within = divided.blocks / count;
        for part in block * within..(block + 1) * within {
            to.extend(
                rows.clone()
                    .map(|(source, row)| divided.part(source, row, part)),
            );
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
        let mut work = 0;
        let mut way = Way::Alone;
        if !self.several.is_empty() {
            // Rows are about as long as each other.
            work = sources.len();
            way = self.gauge.begin(work);
        }
        if way == Way::Together && self.together.is_none() && !self.divide(store) {
            self.several.clear();
            way = Way::Alone;
        }
        let (parts, divided) = match way {
            Way::Alone => (&mut self.one, self.alone.as_ref()),
            Way::Together => (&mut self.several, self.together.as_ref()),
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

/// For each synapse, the neuron that a program writes to, and one past the last of them.
fn written<'s>(bound: &Bound<'_>, store: &'s Store) -> Option<(&'s [u32], usize)> {
    let Some(Apart::Neurons(table)) = apart(bound.kernel()) else {
        return None;
    };
    let table = bound.kernel().indices.get(table.0 as usize)?;
    Some((store.table(*table), store.table_end(*table)))
}

/// The number of blocks that so many neurons are divided in, given so many synapses onto them.
fn blocks((synapses, neurons): (usize, usize), starts: &[u32], threads: usize) -> usize {
    let row = synapses / starts.len();
    let blocks = (neurons / BLOCK).min(row / ROW_IN_BLOCK);
    blocks.next_multiple_of(threads).max(threads)
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

/// Which synapses the rows have.
#[derive(Clone, Copy)]
struct Order<'a> {
    starts: &'a [u32],
    /// The synapses in the order of their sources; none, if they are numbered so.
    list: Option<&'a [u32]>,
    /// Whether it is known that those of each row are in the order of their neurons.
    sorted: bool,
}

impl Divided {
    /// Where rows are divided, if they can be and it is of use.
    fn new(bound: &Bound<'_>, rows: Order<'_>, threads: usize, store: &Store) -> Option<Divided> {
        let starts = rows.starts;
        match apart(bound.kernel())? {
            Apart::Synapses => {
                let mut at = Vec::with_capacity((threads - 1) * starts.len());
                for row in ends(starts) {
                    let len = u64::from(row.end - row.start);
                    at.extend(
                        (1..threads as u64).map(|k| row.start + (len * k / threads as u64) as u32),
                    );
                }
                let blocks = threads;
                (blocks > 1).then_some(Divided { blocks, at })
            }
            Apart::Neurons(_) => {
                let (neurons, most) = written(bound, store)?;
                let blocks = blocks((neurons.len(), most), starts, threads);
                (blocks > 1).then(|| Divided::at(&cuts(most, blocks), rows, neurons))?
            }
        }
    }

    /// Where rows are divided, if it is between these neurons; `None` if the synapses of a row are not in the order of their neurons.
    fn at(cuts: &[usize], rows: Order<'_>, neurons: &[u32]) -> Option<Divided> {
        let Order {
            starts,
            list,
            sorted,
        } = rows;
        let mut at = Vec::with_capacity(cuts.len() * starts.len());
        let mut listed = Vec::new();
        for row in ends(starts) {
            let range = row.start as usize..row.end as usize;
            let neurons = match list {
                None => neurons.get(range)?,
                Some(list) => {
                    listed.clear();
                    for synapse in list.get(range)? {
                        listed.push(*neurons.get(*synapse as usize)?);
                    }
                    &listed
                }
            };
            if !sorted && !neurons.is_sorted() {
                return None;
            }
            let mut from = 0;
            for cut in cuts {
                let rest = neurons.get(from..).unwrap_or(&[]);
                from += rest.partition_point(|neuron| (*neuron as usize) < *cut);
                at.push(row.start + from as u32);
            }
        }
        Some(Divided {
            blocks: cuts.len() + 1,
            at,
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
