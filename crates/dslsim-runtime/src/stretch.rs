//! Several steps of one part of the network after the other, instead of all of it in every step.
//!
//! What a spike does it does a delay later. As long as the shortest delay, the neurons of a network do not know of each other: each block
//! of them can make all these steps by itself, while its state is in the cache, and blocks can be worked on by several threads that
//! meet once in a *stretch*, not several times in a step. The spikes of a stretch are then put together, queued and recorded, step by
//! step. Each element goes through the same operations in the same order, so that nothing but the time changes.
//!
//! Where spikes arrive without delay, the blocks meet once in each step: between the thresholds and the first operation that needs
//! the spikes of all. From one meeting to the next, the end of a step and the beginning of the following one are one piece of work.
//!
//! [`crate::locality`] says where this can be done.

use std::ops::{DerefMut, Range};
use std::time::Instant;

use dslsim_ir::{ArrayId, Memo, Owned, Piece, Shard, Store};

use crate::clock::Tick;
use dslsim_threads::{Gauge, Way};
use crate::kernel::{Bound, Scalars};
use crate::locality::{self, Locality};
use crate::monitor::Monitor;
use crate::queue::Queue;
use crate::random::Random;
use dslsim_threads::rounds;
use crate::simulation::{Simulation, Spikes};
use crate::threads::cuts;
use crate::work::{Pathway, Task, Work};

/// Neurons of a block: their state fits into the second-level cache.
const BLOCK: usize = 4096;

/// Steps that a stretch has at most while it is tried: more than wake whoever sleeps.
const TRIED: usize = 32;
/// Steps that blocks make by themselves at most: what all of them emit stays in the cache.
const LONGEST: usize = 32;

/// Makes the steps of a run in stretches.
pub(crate) struct Stretch {
    locality: Locality,
    threads: usize,
    /// Number of blocks.
    count: usize,
    /// Where the blocks of groups of so many elements begin.
    cuts: Vec<(usize, Vec<usize>)>,
    /// None, as long as nothing was made by them.
    blocks: Vec<Block>,
    /// Whether it is faster than one step after the other.
    gauge: Gauge,
    profile: bool,
}

/// Neurons that make their steps together.
struct Block {
    /// The elements of each kernel over all elements, by operation.
    ranges: Vec<Range<usize>>,
    memos: Vec<Vec<Memo>>,
    /// By source and step, of as many steps as are needed.
    spikes: Vec<Vec<Vec<u32>>>,
    /// By operation and step of a round: the sources whose synapses are due.
    due: Vec<Vec<Vec<u32>>>,
    /// Synapses that are reached.
    rows: Vec<Range<usize>>,
    unused: Vec<u32>,
    seconds: Vec<f64>,
}

/// What all blocks look at.
struct Steps<'a, 'p> {
    works: &'a [Work<'p>],
    scalars: &'a [Vec<Scalars>],
    ticks: &'a [Tick],
    /// The first operation after the meeting in each step, if there is one.
    meeting: Option<usize>,
    random: &'a Random,
    /// Number of blocks.
    blocks: usize,
    profile: bool,
}

/// What the spikes of a step go to, at a meeting.
struct Gathering<'a> {
    sources: &'a mut [Spikes],
    queues: &'a mut [Queue],
    monitors: &'a mut [Monitor],
    /// By operation after the meeting: the sources whose synapses are due.
    due: Vec<Vec<u32>>,
    /// Wall time, by operation, and in all.
    seconds: Vec<f64>,
    total: f64,
}

impl Stretch {
    /// Looks whether these operations of one clock allow stretches, and whether they are of use. To one thread they are of none: what is saved by
    /// finding the state in the cache is lost on smaller pieces of work.
    pub(crate) fn new(
        works: &[Work<'_>],
        sim: &Simulation,
        threads: usize,
        profile: bool,
    ) -> Option<Stretch> {
        if threads < 2 {
            return None;
        }
        let locality = locality::find(works, sim)?;
        let mut count = (locality.largest / BLOCK)
            .next_multiple_of(threads)
            .max(threads);
        for work in works {
            if let Some(delivery) = delivery(work) {
                count = count.min(delivery.blocks(&sim.store)?);
            }
        }
        if count < 2 {
            return None;
        }
        let mut lengths: Vec<usize> = locality.owned.iter().map(|(_, len)| *len).collect();
        lengths.sort_unstable();
        lengths.dedup();
        Some(Stretch {
            cuts: lengths
                .into_iter()
                .map(|len| (len, cuts(len, count)))
                .collect(),
            gauge: match locality.meeting {
                None => Gauge::of_long_work(),
                Some(_) => Gauge::of_long_work_that_meets(),
            },
            locality,
            threads,
            count,
            blocks: Vec::new(),
            profile,
        })
    }

    /// Prepares the blocks, if they are not; whether there are any.
    pub(crate) fn prepare(&mut self, works: &mut [Work<'_>], sim: &Simulation) -> bool {
        if !self.blocks.is_empty() {
            return true;
        }
        let (store, count) = (&sim.store, self.count);
        for work in &mut *works {
            let target = delivery(work).and_then(|d| locality::target(d.bound(), store));
            if let Task::Pathway(Pathway {
                delivery: Some(delivery),
                ..
            }) = &mut work.task
                && !target.is_some_and(|target| delivery.divide_into(count, target, store))
            {
                return false;
            }
        }
        // Steps whose spikes are kept, and steps that blocks make by themselves.
        let steps = match self.locality.meeting {
            None => (self.apart(), self.apart()),
            Some(_) => (2, 1),
        };
        let block = |number| Block::new(number, count, works, sim.sources.len(), steps);
        self.blocks = (0..count).map(block).collect();
        true
    }

    /// Steps that blocks make by themselves.
    fn apart(&self) -> usize {
        self.locality.delay.unwrap_or(LONGEST).min(LONGEST)
    }

    /// Steps that a stretch can have, if there are so many until somebody wants to look.
    pub(crate) fn steps(&self, until_look: u64) -> u64 {
        let apart = match self.locality.meeting {
            None => self.apart(),
            Some(_) => TRIED,
        } as u64;
        match self.gauge.is_settled() {
            true => (until_look / apart).max(1) * apart,
            false => apart,
        }
    }

    /// Whether a stretch can be made now: no synapses are in flight one by one.
    pub(crate) fn is_possible(&self, works: &[Work<'_>], sim: &Simulation) -> bool {
        works.iter().all(|w| match &w.task {
            Task::Pathway(pathway) => sim.queues[pathway.queue].due_in(0).is_some(),
            _ => true,
        })
    }

    /// How to make so many steps: together, as a stretch, or one after the other. [`Stretch::end`] has to follow.
    pub(crate) fn begin(&mut self, steps: u64) -> Way {
        self.gauge.begin(steps as usize)
    }

    /// The steps are made.
    pub(crate) fn end(&mut self, steps: u64) {
        self.gauge.end(steps as usize);
    }

    /// Makes so many steps of the clock.
    pub(crate) fn make(
        &mut self,
        works: &mut [Work<'_>],
        sim: &mut Simulation,
        clock: usize,
        steps: u64,
    ) {
        let mut ahead = sim.clocks[clock].clone();
        let mut ticks = Vec::with_capacity(steps as usize);
        for _ in 0..steps {
            ticks.push(ahead.tick());
            ahead.advance();
        }
        self.make_steps(works, sim, &ticks);
        sim.clocks[clock] = ahead;
    }

    /// All steps: in each round, all blocks, each for itself, and then what becomes of their spikes.
    fn make_steps(&mut self, works: &mut [Work<'_>], sim: &mut Simulation, ticks: &[Tick]) {
        let scalars: Vec<Vec<Scalars>> = works
            .iter_mut()
            .map(|work| {
                let mut sets = Vec::new();
                if let Some(bound) = bound_mut(work) {
                    bound.scalars_at(ticks, &sim.store, &mut sets);
                }
                sets
            })
            .collect();
        let Simulation {
            store,
            random,
            sources,
            queues,
            monitors,
            ..
        } = sim;
        let begun = Instant::now();
        let (meeting, apart) = (self.locality.meeting, self.apart());
        let shards = shards(store, &self.locality.owned, &self.cuts, self.count);
        let mut cells: Vec<_> = self.blocks.iter_mut().zip(shards).collect();
        let steps = Steps {
            works,
            scalars: &scalars,
            ticks,
            meeting,
            random,
            blocks: self.count,
            profile: self.profile,
        };
        let gathering = Gathering {
            sources,
            queues,
            monitors,
            due: vec![Vec::new(); works.len()],
            seconds: vec![0.0; works.len()],
            total: 0.0,
        };
        gathering.hand_out(&steps, cells.iter_mut().map(|cell| &mut *cell.0));
        // The steps that end with a round.
        let ended = |round: usize| match meeting {
            None => round * apart..((round + 1) * apart).min(ticks.len()),
            Some(_) => round..(round + 1).min(ticks.len()),
        };
        let count = match meeting {
            None => ticks.len().div_ceil(apart),
            Some(_) => ticks.len() + 1,
        };
        let gathering = rounds(
            self.threads,
            count,
            &mut cells,
            gathering,
            |round, (block, shard)| match meeting {
                None => block.make(&steps, ended(round), shard),
                Some(meeting) => block.round(&steps, meeting, round, shard),
            },
            |round, cells, gathering| gathering.meet(&steps, ended(round), cells),
        );
        drop(cells);
        let Gathering { seconds, total, .. } = gathering;
        if self.profile {
            self.tell(works, begun.elapsed().as_secs_f64() - total);
            for (work, seconds) in works.iter_mut().zip(seconds) {
                work.seconds += seconds;
            }
        }
    }

    /// The wall time of all blocks, in proportion to what each operation took in them.
    fn tell(&mut self, works: &mut [Work<'_>], wall: f64) {
        let all: f64 = self.blocks.iter().flat_map(|b| &b.seconds).sum();
        for (at, work) in works.iter_mut().enumerate() {
            let of = |b: &Block| b.seconds.get(at).copied().unwrap_or(0.0);
            let own: f64 = self.blocks.iter().map(of).sum();
            work.seconds += wall * own / all.max(f64::MIN_POSITIVE);
        }
        self.blocks.iter_mut().for_each(|b| b.seconds.fill(0.0));
    }
}

impl Gathering<'_> {
    /// What all operations do with the spikes of these steps of all blocks.
    fn meet<'a, 'b: 'a, 's: 'a>(
        &mut self,
        steps: &Steps<'_, '_>,
        ended: Range<usize>,
        cells: &mut [impl DerefMut<Target = &'a mut (&'b mut Block, Shard<'s>)>],
    ) {
        let begun = steps.profile.then(Instant::now);
        for step in ended {
            for (at, work) in steps.works.iter().enumerate() {
                let begun = steps.profile.then(Instant::now);
                let blocks = cells.iter().map(|cell| &*cell.0);
                self.gather(blocks, at, &work.task, step, steps.ticks[step]);
                self.seconds[at] += begun.map_or(0.0, |b| b.elapsed().as_secs_f64());
            }
        }
        self.hand_out(steps, cells.iter_mut().map(|cell| &mut *cell.0));
        self.total += begun.map_or(0.0, |b| b.elapsed().as_secs_f64());
    }

    /// Tells blocks which synapses are due until the next meeting.
    fn hand_out<'b>(&self, steps: &Steps<'_, '_>, blocks: impl Iterator<Item = &'b mut Block>) {
        for block in blocks {
            for (at, (work, lists)) in steps.works.iter().zip(&mut block.due).enumerate() {
                let Task::Pathway(Pathway { queue, .. }) = &work.task else {
                    continue;
                };
                let after_meeting = steps.meeting.is_some_and(|meeting| at >= meeting);
                for (step, list) in lists.iter_mut().enumerate() {
                    list.clear();
                    list.extend_from_slice(match after_meeting {
                        true => &self.due[at],
                        false => self.queues[*queue].due_in(step).unwrap_or(&[]),
                    });
                }
            }
        }
    }

    /// What an operation does with the spikes of a step.
    fn gather<'b>(
        &mut self,
        blocks: impl Iterator<Item = &'b Block>,
        at: usize,
        task: &Task<'_>,
        step: usize,
        tick: Tick,
    ) {
        match task {
            Task::Threshold { spikes, .. } => {
                let current = &mut self.sources[*spikes].current;
                current.clear();
                for block in blocks {
                    current.extend_from_slice(block.spikes_of(*spikes, step));
                }
            }
            Task::Pathway(Pathway {
                from, delay, queue, ..
            }) => {
                let spikes = self.sources[from.spikes].within(from.first, from.last);
                let sources = self.queues[*queue].step_sources(spikes, from.first, delay);
                self.due[at].clear();
                self.due[at].extend_from_slice(sources.unwrap_or(&[]));
            }
            Task::RecordSpikes { monitor, range, .. } => {
                let spikes = self.sources[range.spikes].within(range.first, range.last);
                if let (Monitor::Spikes(monitor), false) =
                    (&mut self.monitors[*monitor], spikes.is_empty())
                {
                    monitor.note(spikes, range.first, tick.t);
                }
            }
            Task::RecordRate { monitor, range } => {
                let spikes = self.sources[range.spikes].within(range.first, range.last);
                if let Monitor::Rate(monitor) = &mut self.monitors[*monitor] {
                    let (spikes, neurons) = (spikes.len(), range.last - range.first);
                    monitor.record(spikes, neurons, tick.t, tick.dt);
                }
            }
            _ => {}
        }
    }
}

fn delivery<'a, 'p>(work: &'a Work<'p>) -> Option<&'a crate::delivery::Delivery<'p>> {
    match &work.task {
        Task::Pathway(pathway) => pathway.delivery.as_deref(),
        _ => None,
    }
}

/// The program that an operation executes in blocks.
fn bound_mut<'a, 'p>(work: &'a mut Work<'p>) -> Option<&'a mut Bound<'p>> {
    match &mut work.task {
        Task::Kernel(bound) | Task::Threshold { bound, .. } | Task::Elements { bound, .. } => {
            Some(bound)
        }
        Task::Pathway(pathway) => pathway.delivery.as_deref_mut().map(|d| d.bound_mut()),
        _ => None,
    }
}

fn shards<'s>(
    store: &'s mut Store,
    owned: &[(ArrayId, usize)],
    cuts: &[(usize, Vec<usize>)],
    count: usize,
) -> Vec<Shard<'s>> {
    let of = |len: usize| cuts.iter().find(|c| c.0 == len).map_or(&[][..], |c| &c.1);
    let owned: Vec<Owned<'_>> = owned
        .iter()
        .map(|(array, len)| Owned {
            array: *array,
            cuts: of(*len),
        })
        .collect();
    store.shards(count, &owned)
}

impl Block {
    fn new(
        number: usize,
        count: usize,
        works: &[Work<'_>],
        sources: usize,
        (slots, ahead): (usize, usize),
    ) -> Block {
        let range = |work: &Work<'_>| match &work.task {
            Task::Kernel(bound) | Task::Threshold { bound, .. } => {
                let len = bound.len();
                let cuts = cuts(len, count);
                let at = |k: usize| match k {
                    0 => 0,
                    k => cuts.get(k - 1).map_or(len, |cut| (*cut).min(len)),
                };
                at(number)..at(number + 1)
            }
            Task::Pathway(_) => number..number + 1,
            _ => 0..0,
        };
        let memos = |work: &Work<'_>| match &work.task {
            Task::Kernel(bound) | Task::Threshold { bound, .. } | Task::Elements { bound, .. } => {
                bound.memos()
            }
            _ => delivery(work).map_or(Vec::new(), |d| d.bound().memos()),
        };
        Block {
            ranges: works.iter().map(range).collect(),
            memos: works.iter().map(memos).collect(),
            spikes: vec![vec![Vec::new(); slots]; sources],
            due: vec![vec![Vec::new(); ahead]; works.len()],
            rows: Vec::new(),
            unused: Vec::new(),
            seconds: vec![0.0; works.len()],
        }
    }

    /// The spikes of a source in a step.
    fn spikes_of(&self, source: usize, step: usize) -> &[u32] {
        let slots = &self.spikes[source];
        &slots[step % slots.len()]
    }

    /// Makes some steps.
    fn make(&mut self, steps: &Steps<'_, '_>, range: Range<usize>, shard: &mut Shard<'_>) {
        for step in range.clone() {
            let operations = 0..steps.works.len();
            self.operations(steps, operations, step, step - range.start, shard);
        }
    }

    /// From the meeting in the step before this one up to the meeting in this step.
    fn round(&mut self, steps: &Steps<'_, '_>, meeting: usize, step: usize, shard: &mut Shard<'_>) {
        if let Some(before) = step.checked_sub(1) {
            self.operations(steps, meeting..steps.works.len(), before, 0, shard);
        }
        if step < steps.ticks.len() {
            self.operations(steps, 0..meeting, step, 0, shard);
        }
    }

    /// Some operations of a step, which is the `since`th after a meeting.
    fn operations(
        &mut self,
        steps: &Steps<'_, '_>,
        operations: Range<usize>,
        step: usize,
        since: usize,
        shard: &mut Shard<'_>,
    ) {
        for at in operations {
            let begun = steps.profile.then(Instant::now);
            self.perform(steps, at, step, since, shard);
            if let Some(begun) = begun {
                self.seconds[at] += begun.elapsed().as_secs_f64();
            }
        }
    }

    /// What an operation does in a step with these neurons.
    fn perform(
        &mut self,
        steps: &Steps<'_, '_>,
        at: usize,
        step: usize,
        since: usize,
        shard: &mut Shard<'_>,
    ) {
        let tick = steps.ticks[step];
        let (range, memos, scalars) = (&self.ranges[at], &mut self.memos[at], &steps.scalars[at]);
        let mut execute = |bound: &Bound<'_>, ranges: &[Range<usize>], list: &[u32], emit| {
            let emit: &mut Vec<u32> = emit;
            for ((bound, memo), scalars) in bound.chain().zip(&mut *memos).zip(scalars) {
                let piece = Piece {
                    scalars: scalars.at(step),
                    ranges,
                    list,
                    emit: &mut *emit,
                    memo,
                };
                bound.in_part(shard, steps.random, tick, range.clone(), piece);
            }
        };
        let all = std::slice::from_ref(range);
        match &steps.works[at].task {
            Task::Kernel(bound) if !range.is_empty() => {
                execute(bound, all, &[], &mut self.unused);
            }
            Task::Threshold { bound, spikes, .. } => {
                let slots = &mut self.spikes[*spikes];
                let slot = step % slots.len();
                let spikes = &mut slots[slot];
                spikes.clear();
                if !range.is_empty() {
                    execute(bound, all, &[], spikes);
                }
            }
            Task::Elements { bound, spikes } => {
                let slots = &self.spikes[*spikes];
                let list = &slots[step % slots.len()];
                if !list.is_empty() {
                    let whole = 0..list.len();
                    execute(bound, std::slice::from_ref(&whole), list, &mut self.unused);
                }
            }
            Task::Pathway(Pathway {
                delivery: Some(delivery),
                ..
            }) => {
                let due = &self.due[at][since];
                if !due.is_empty() {
                    delivery.rows(due, (range.start, steps.blocks), &mut self.rows);
                    execute(
                        delivery.bound(),
                        &self.rows,
                        delivery.list(),
                        &mut self.unused,
                    );
                }
            }
            _ => {}
        }
        self.unused.clear();
    }
}
