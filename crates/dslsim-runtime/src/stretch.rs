//! Several steps of one part of the network after the other, instead of all of it in every step.
//!
//! What a spike does it does a delay later. As long as the shortest delay, the neurons of a network do not know of each other: each block
//! of them can make all these steps by itself, while its state is in the cache, and blocks can be worked on by several threads. The spikes of such a
//! *round* are then put together, queued and recorded, step by step ([`gathering`]). Each element goes through the same operations in
//! the same order, so that nothing but the time changes. With a delay of two steps or more, a round has half as many: what is put together
//! is needed in the round after the next one only, and nobody waits for it.
//!
//! Where spikes arrive without delay, the blocks need the spikes of all once in each step: between the thresholds and the first operation that uses them.
//! They read each other's [letters](letter), and go as far as those that are there allow: the spikes of the first blocks are delivered while the last ones look
//! at their thresholds. From one such moment to the next, the end of a step and the beginning of the following one are one round. Queues and monitors get the
//! spikes when a thread finds the time.
//!
//! A *stretch* is as many rounds as there are until somebody wants to look. [`crate::locality`] says where this can be done.

mod block;
mod gathering;
mod letter;

use std::time::Instant;

use dslsim_ir::{ArrayId, Owned, Shard, Store};
use dslsim_threads::{Gauge, Mail, Way, rounds};

use crate::clock::Tick;
use crate::kernel::{Bound, Scalars};
use crate::locality::{self, Locality};
use crate::plan::Delay;
use crate::random::Random;
use crate::simulation::Simulation;
use crate::threads::cuts;
use crate::work::{Pathway, Task, Work};
use block::{Block, Due};
use gathering::Gathering;
use letter::Letter;

/// Neurons of a block: their state fits into the second-level cache.
const BLOCK: usize = 4096;

/// Steps that blocks make by themselves at most: what all of them emit stays in the cache.
const LONGEST: usize = 32;

/// Rounds that a block may be ahead of the meeting where nothing says that it has to be fewer.
const AHEAD: usize = 7;

/// Makes the steps of a run in stretches.
pub(crate) struct Stretch {
    locality: Locality,
    /// Rounds that a block may be ahead of the meeting.
    ahead: usize,
    threads: usize,
    /// Number of blocks.
    count: usize,
    /// Where the blocks of groups of so many elements begin.
    cuts: Vec<(usize, Vec<usize>)>,
    /// None, as long as nothing was made by them.
    blocks: Vec<Block>,
    /// That of each block.
    mail: Vec<Mail<Letter, Due>>,
    /// Whether it is faster than one step after the other.
    gauge: Gauge,
    profile: bool,
}

/// What all blocks look at.
struct Steps<'a, 'p> {
    works: &'a [Work<'p>],
    scalars: &'a [Vec<Scalars>],
    ticks: &'a [Tick],
    /// The first operation that needs the spikes of all in each step, if there is one.
    meeting: Option<usize>,
    /// Whether blocks read each other's letters.
    reads: bool,
    /// Whether there are delays of a step or more.
    delayed: bool,
    /// Steps of a round.
    apart: usize,
    random: &'a Random,
    /// Number of blocks.
    blocks: usize,
    profile: bool,
}

impl Steps<'_, '_> {
    /// Whether what a pathway with this delay delivers in a step stands in the letters that blocks read.
    fn is_in_letters(&self, delay: &Delay) -> bool {
        self.reads && delay.is_immediate()
    }
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
                count = count.min(delivery.blocks(threads, &sim.store)?);
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
            ahead: match (locality.meeting, locality.delay) {
                (None, None | Some(2..)) => 1,
                // What is due in a round is known when the spikes are that have been on their way for the shortest delay.
                (Some(_), delay) => delay.map_or(AHEAD, |delay| AHEAD.min(delay - 1)),
                _ => 0,
            },
            locality,
            threads,
            count,
            blocks: Vec::new(),
            mail: Vec::new(),
            profile,
        })
    }

    /// Prepares the blocks, if they are not; whether there are any.
    pub(crate) fn prepare(&mut self, works: &mut [Work<'_>], sim: &Simulation) -> bool {
        if !self.blocks.is_empty() {
            return true;
        }
        let (store, count, threads) = (&sim.store, self.count, self.threads);
        for work in &mut *works {
            let target = delivery(work).and_then(|d| locality::target(d.bound(), store));
            if let Task::Pathway(Pathway {
                delivery: Some(delivery),
                ..
            }) = &mut work.task
                && !target.is_some_and(|target| delivery.divide_into(count, target, threads, store))
            {
                return false;
            }
        }
        let sources = sim.sources.len();
        let due = || Due::new(works.len(), self.apart());
        let mail = |_| Mail::new(self.ahead, Letter::new, due);
        self.mail = (0..count).map(mail).collect();
        self.blocks = (0..count)
            .map(|number| Block::new(number, count, works, sources))
            .collect();
        true
    }

    /// Steps that blocks make by themselves.
    fn apart(&self) -> usize {
        match self.locality.meeting {
            Some(_) => 1,
            None => {
                let delay = self.locality.delay.unwrap_or(usize::MAX);
                (delay / (self.ahead + 1)).clamp(1, LONGEST)
            }
        }
    }

    /// Steps that a stretch can have, if there are so many until somebody wants to look.
    pub(crate) fn steps(&self, until_look: u64) -> u64 {
        let apart = self.apart() as u64;
        let steps = self.gauge.amount().map_or(u64::MAX, |tried| tried as u64);
        until_look.min(steps).div_ceil(apart).max(1) * apart
    }

    /// Whether a stretch can be made now: no synapses are in flight one by one, and no spikes where there is no delay.
    pub(crate) fn is_possible(&self, works: &[Work<'_>], sim: &Simulation) -> bool {
        works.iter().all(|w| match &w.task {
            Task::Pathway(pathway) => {
                let queue = &sim.queues[pathway.queue];
                queue.due_in(0).is_some() && (!pathway.delay.is_immediate() || queue.len() == 0)
            }
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
        let steps = Steps {
            works,
            scalars: &scalars,
            ticks,
            meeting,
            reads: meeting.is_some() && self.ahead > 0,
            delayed: self.locality.delay.is_some(),
            apart,
            random,
            blocks: self.count,
            profile: self.profile,
        };
        let gathering = Gathering::new(sources, queues, monitors, works.len());
        let shards = shards(store, &self.locality.owned, &self.cuts, self.count);
        let mut blocks: Vec<_> = self.blocks.iter_mut().zip(shards).collect();
        for mail in &mut self.mail {
            let (letters, answers) = mail.all_mut();
            letters.iter_mut().for_each(Letter::forget);
            for (round, due) in answers.enumerate() {
                gathering.write(&steps, round * apart, due);
            }
        }
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
            (self.threads, self.ahead),
            count,
            &mut blocks,
            &self.mail,
            gathering,
            |(block, shard), desk| match meeting {
                None => block.make(&steps, ended(desk.round()), desk, shard),
                Some(meeting) => block.round(&steps, meeting, desk, shard),
            },
            |table, gathering| {
                gathering.meet(&steps, ended(table.round()), self.ahead * apart, table);
            },
        );
        drop(blocks);
        if self.profile {
            let (seconds, total) = gathering.seconds();
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
