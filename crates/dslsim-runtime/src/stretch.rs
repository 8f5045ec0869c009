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

use std::ops::Range;
use std::time::Instant;

use dslsim_ir::{ArrayId, Memo, Owned, Piece, Shard, Store};
use rayon::iter::{IndexedParallelIterator, IntoParallelRefMutIterator, ParallelIterator};

use crate::clock::Tick;
use crate::delivery::BLOCK;
use crate::gauge::{Gauge, Way};
use crate::kernel::{Bound, Scalars};
use crate::locality::{self, Locality};
use crate::monitor::Monitor;
use crate::queue::Queue;
use crate::random::Random;
use crate::simulation::{Simulation, Spikes};
use crate::threads::cuts;
use crate::work::{Pathway, Task, Work};

/// Steps that a stretch has at most: it should stay short beside a look at the clock.
const LONGEST: usize = 32;

/// Makes the steps of a run in stretches.
pub(crate) struct Stretch {
    longest: usize,
    /// Arrays that are written, and the number of elements of their groups.
    owned: Vec<(ArrayId, usize)>,
    /// Where the blocks of groups of so many elements begin.
    cuts: Vec<(usize, Vec<usize>)>,
    blocks: Vec<Block>,
    /// The first operation after the meeting in each step, if there is one.
    meeting: Option<usize>,
    /// Whether it is faster than one step after the other.
    gauge: Gauge,
    profile: bool,
}

/// Neurons that make their steps together.
struct Block {
    /// The elements of each kernel over all elements, by operation.
    ranges: Vec<Range<usize>>,
    memos: Vec<Vec<Memo>>,
    /// By source and step.
    spikes: Vec<Vec<Vec<u32>>>,
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
    queues: &'a [Queue],
    /// By operation: what is due after a meeting.
    due: &'a [Vec<u32>],
    random: &'a Random,
    profile: bool,
}

/// Where it stands which sources' synapses are due.
#[derive(Clone, Copy)]
enum Due {
    /// In the queue, for so many steps from its next one on.
    In(usize),
    /// It was found out at the meeting.
    Gathered,
}

/// What the spikes of a step go to.
struct Gathering<'a> {
    sources: &'a mut [Spikes],
    queues: &'a mut [Queue],
    monitors: &'a mut [Monitor],
}

impl Stretch {
    /// Prepares for stretches, if these operations of one clock allow it and it is of use. To one thread it is of none: what is saved by
    /// finding the state in the cache is lost on smaller pieces of work.
    pub(crate) fn new(
        works: &mut [Work<'_>],
        sim: &Simulation,
        threads: usize,
        profile: bool,
    ) -> Option<Stretch> {
        if threads < 2 {
            return None;
        }
        let Locality {
            owned,
            delay,
            meeting,
            largest,
        } = locality::find(works, sim)?;
        let longest = match (meeting, delay) {
            (None, Some(delay)) => delay.min(LONGEST),
            _ => LONGEST,
        };
        let mut count = (largest / BLOCK).next_multiple_of(threads).max(threads);
        for work in &*works {
            if let Some(delivery) = delivery(work) {
                count = count.min(delivery.blocks()?);
            }
        }
        if count < 2 {
            return None;
        }
        let store = &sim.store;
        for work in &mut *works {
            let target = delivery(work).and_then(|d| locality::target(d.bound(), store));
            if let Task::Pathway(Pathway {
                delivery: Some(delivery),
                ..
            }) = &mut work.task
                && !delivery.divide_at(&cuts(target?, count), store)
            {
                return None;
            }
        }
        let mut lengths: Vec<usize> = owned.iter().map(|(_, len)| *len).collect();
        lengths.sort_unstable();
        lengths.dedup();
        let block = |number| Block::new(number, count, works, sim.sources.len(), longest);
        Some(Stretch {
            longest,
            owned,
            cuts: lengths
                .into_iter()
                .map(|len| (len, cuts(len, count)))
                .collect(),
            blocks: (0..count).map(block).collect(),
            meeting,
            gauge: match meeting {
                None => Gauge::of_long_work(),
                Some(_) => Gauge::of_long_work_that_meets(),
            },
            profile,
        })
    }

    /// Steps that a stretch can have.
    pub(crate) fn longest(&self) -> u64 {
        self.longest as u64
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

    /// Makes so many steps of the clock, up to the longest.
    pub(crate) fn make(
        &mut self,
        works: &mut [Work<'_>],
        sim: &mut Simulation,
        clock: usize,
        steps: u64,
    ) {
        let mut ahead = sim.clocks[clock].clone();
        let mut ticks = Vec::with_capacity(self.longest);
        for _ in 0..steps {
            ticks.push(ahead.tick());
            ahead.advance();
        }
        self.steps(works, sim, &ticks);
        sim.clocks[clock] = ahead;
    }

    /// All steps: in each round, all blocks, each for itself, and then what becomes of their spikes.
    fn steps(&mut self, works: &mut [Work<'_>], sim: &mut Simulation, ticks: &[Tick]) {
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
        let mut shards = shards(store, &self.owned, &self.cuts, self.blocks.len());
        let mut due = vec![Vec::new(); works.len()];
        let mut seconds = vec![0.0; works.len()];
        let begun = Instant::now();
        let rounds = match self.meeting {
            None => 1,
            Some(_) => ticks.len() + 1,
        };
        let mut meetings = 0.0;
        for round in 0..rounds {
            let steps = Steps {
                works,
                scalars: &scalars,
                ticks,
                queues,
                due: &due,
                random,
                profile: self.profile,
            };
            let meeting = self.meeting;
            self.blocks
                .par_iter_mut()
                .zip(&mut shards)
                .with_max_len(1)
                .for_each(|(block, shard)| match meeting {
                    None => block.make(&steps, shard),
                    Some(meeting) => block.round(&steps, meeting, round, shard),
                });
            let met = Instant::now();
            let gathered = match self.meeting {
                None => 0..ticks.len(),
                Some(_) => round..(round + 1).min(ticks.len()),
            };
            let mut gathering = Gathering {
                sources,
                queues,
                monitors,
            };
            for (step, tick) in ticks
                .iter()
                .enumerate()
                .take(gathered.end)
                .skip(gathered.start)
            {
                for (at, work) in works.iter().enumerate() {
                    let begun = self.profile.then(Instant::now);
                    gathering.gather(&self.blocks, &work.task, step, *tick, &mut due[at]);
                    seconds[at] += begun.map_or(0.0, |b| b.elapsed().as_secs_f64());
                }
            }
            meetings += met.elapsed().as_secs_f64();
        }
        drop(shards);
        if self.profile {
            self.tell(works, begun.elapsed().as_secs_f64() - meetings);
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
    /// What an operation does with the spikes of a step. `due`: the sources whose synapses are due in it, for a pathway.
    fn gather(
        &mut self,
        blocks: &[Block],
        task: &Task<'_>,
        step: usize,
        tick: Tick,
        due: &mut Vec<u32>,
    ) {
        match task {
            Task::Threshold { spikes, .. } => {
                let current = &mut self.sources[*spikes].current;
                current.clear();
                for block in blocks {
                    current.extend_from_slice(&block.spikes[*spikes][step]);
                }
            }
            Task::Pathway(Pathway {
                from, delay, queue, ..
            }) => {
                let spikes = self.sources[from.spikes].within(from.first, from.last);
                let sources = self.queues[*queue].step_sources(spikes, from.first, delay);
                due.clear();
                due.extend_from_slice(sources.unwrap_or(&[]));
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
        longest: usize,
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
            spikes: vec![vec![Vec::new(); longest]; sources],
            rows: Vec::new(),
            unused: Vec::new(),
            seconds: vec![0.0; works.len()],
        }
    }

    /// Makes all steps.
    fn make(&mut self, steps: &Steps<'_, '_>, shard: &mut Shard<'_>) {
        for step in 0..steps.ticks.len() {
            self.operations(steps, 0..steps.works.len(), step, Due::In(step), shard);
        }
    }

    /// From the meeting in the step before this one up to the meeting in this step.
    fn round(&mut self, steps: &Steps<'_, '_>, meeting: usize, step: usize, shard: &mut Shard<'_>) {
        if let Some(before) = step.checked_sub(1) {
            let operations = meeting..steps.works.len();
            self.operations(steps, operations, before, Due::Gathered, shard);
        }
        if step < steps.ticks.len() {
            self.operations(steps, 0..meeting, step, Due::In(0), shard);
        }
    }

    /// Some operations of a step.
    fn operations(
        &mut self,
        steps: &Steps<'_, '_>,
        operations: Range<usize>,
        step: usize,
        due: Due,
        shard: &mut Shard<'_>,
    ) {
        for at in operations {
            let begun = steps.profile.then(Instant::now);
            self.perform(steps, at, step, due, shard);
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
        due: Due,
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
                let spikes = &mut self.spikes[*spikes][step];
                spikes.clear();
                if !range.is_empty() {
                    execute(bound, all, &[], spikes);
                }
            }
            Task::Elements { bound, spikes } => {
                let list = &self.spikes[*spikes][step];
                if !list.is_empty() {
                    let whole = 0..list.len();
                    execute(bound, std::slice::from_ref(&whole), list, &mut self.unused);
                }
            }
            Task::Pathway(Pathway {
                queue,
                delivery: Some(delivery),
                ..
            }) => {
                let due = match due {
                    Due::In(step) => steps.queues[*queue].due_in(step).unwrap_or(&[]),
                    Due::Gathered => &steps.due[at],
                };
                if !due.is_empty() {
                    delivery.rows(due, range.start, &mut self.rows);
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
