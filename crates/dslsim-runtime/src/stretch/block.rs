//! A block of neurons, and what it does in its steps.

use std::ops::Range;
use std::time::Instant;

use dslsim_ir::{Memo, Piece, Shard};
use dslsim_threads::{Came, Desk};

use super::letter::{Letter, Said};
use super::{Steps, delivery};
use crate::kernel::Bound;
use crate::simulation::within;
use crate::threads::cuts;
use crate::work::{Pathway, Task, Work};

/// Neurons that make their steps together.
pub(super) struct Block {
    /// The elements of each kernel over all elements, by operation.
    ranges: Vec<Range<usize>>,
    memos: Vec<Vec<Memo>>,
    /// Its spikes in the present step, by source.
    own: Vec<Vec<u32>>,
    /// What all blocks have told of the step that ends.
    heard: Heard,
    /// How many of them the present operation has delivered.
    reached: usize,
    /// What is to be told of this round.
    said: Said,
    due: Vec<u32>,
    /// Synapses that are reached.
    rows: Vec<Range<usize>>,
    unused: Vec<u32>,
    /// Wall time, by operation.
    pub(super) seconds: Vec<f64>,
}

/// What a block has to know in a round: by operation and step, the sources whose synapses are due.
pub(super) struct Due(pub(super) Vec<Vec<Vec<u32>>>);

/// Spikes of the step before.
struct Heard {
    /// Blocks whose letters were read.
    blocks: usize,
    /// By source.
    spikes: Vec<Vec<u32>>,
}

impl Due {
    /// In rounds of `apart` steps.
    pub(super) fn new(operations: usize, apart: usize) -> Due {
        Due(vec![vec![Vec::new(); apart]; operations])
    }

    fn of(&self, operation: usize, step: usize) -> &[u32] {
        let steps = &self.0[operation];
        &steps[step % steps.len()]
    }
}

impl Heard {
    /// Reads what is there; whether that was all.
    fn listen(&mut self, desk: &Desk<'_, Letter, Due>) -> bool {
        while let Some(letter) = desk.before(self.blocks) {
            if !letter.is_of(desk.round() - 1) {
                return false;
            }
            let sources = self.spikes.len();
            for (source, heard) in self.spikes.iter_mut().enumerate() {
                letter.append((source, sources), 0, heard);
            }
            self.blocks += 1;
        }
        true
    }

    fn forget(&mut self) {
        self.blocks = 0;
        self.spikes.iter_mut().for_each(Vec::clear);
    }
}

impl Block {
    /// The block of this number, of so many.
    pub(super) fn new(number: usize, count: usize, works: &[Work<'_>], sources: usize) -> Block {
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
            own: vec![Vec::new(); sources],
            heard: Heard {
                blocks: 0,
                spikes: vec![Vec::new(); sources],
            },
            reached: 0,
            said: Said::default(),
            due: Vec::new(),
            rows: Vec::new(),
            unused: Vec::new(),
            seconds: vec![0.0; works.len()],
        }
    }

    /// Makes some steps.
    pub(super) fn make(
        &mut self,
        steps: &Steps<'_, '_>,
        range: Range<usize>,
        desk: &Desk<'_, Letter, Due>,
        shard: &mut Shard<'_>,
    ) -> Came {
        let due = desk.answer();
        self.said.clear();
        for step in range {
            for at in 0..steps.works.len() {
                self.perform(steps, at, step, due.of(at, step), shard);
            }
            self.said.say(&self.own);
        }
        self.tell(desk);
        Came::Through
    }

    /// From the meeting in the step before this one up to the meeting in this step.
    pub(super) fn round(
        &mut self,
        steps: &Steps<'_, '_>,
        meeting: usize,
        desk: &Desk<'_, Letter, Due>,
        shard: &mut Shard<'_>,
    ) -> Came {
        let (step, due) = (desk.round(), desk.answer());
        if let Some(before) = step.checked_sub(1) {
            // Only the first of them waits: it needs the spikes of all, which those that follow find here.
            for at in meeting..steps.works.len() {
                if self.end(steps, at, before, (desk, &due), shard) == Came::Halfway {
                    return Came::Halfway;
                }
                self.reached = 0;
            }
            self.heard.forget();
        }
        if step < steps.ticks.len() {
            for at in 0..meeting {
                self.perform(steps, at, step, due.of(at, step), shard);
            }
            self.said.clear();
            self.said.say(&self.own);
            self.tell(desk);
        }
        Came::Through
    }

    /// Writes the letter of a round.
    fn tell(&mut self, desk: &Desk<'_, Letter, Due>) {
        let letter = desk.letter();
        letter.write(desk.round(), self.own.len(), &mut self.said);
    }

    /// What an operation after the meeting does in a step. If it needs the spikes of all, it does what it can with those that were told.
    fn end(
        &mut self,
        steps: &Steps<'_, '_>,
        at: usize,
        step: usize,
        (desk, due): (&Desk<'_, Letter, Due>, &Due),
        shard: &mut Shard<'_>,
    ) -> Came {
        let from = match &steps.works[at].task {
            Task::Pathway(pathway) if steps.is_in_letters(pathway.delay) => &pathway.from,
            _ => {
                self.perform(steps, at, step, due.of(at, step), shard);
                return Came::Through;
            }
        };
        let all = self.heard.listen(desk);
        let told = &self.heard.spikes[from.spikes];
        let new = told.get(self.reached..).unwrap_or(&[]);
        self.reached = told.len();
        let new = within(new, from.first, from.last);
        if !new.is_empty() {
            let mut due = std::mem::take(&mut self.due);
            due.clear();
            due.extend(new.iter().map(|s| s - from.first));
            self.perform(steps, at, step, &due, shard);
            self.due = due;
        }
        if all { Came::Through } else { Came::Halfway }
    }

    /// What an operation does in a step with these neurons; that of a pathway, with the synapses of these sources.
    fn perform(
        &mut self,
        steps: &Steps<'_, '_>,
        at: usize,
        step: usize,
        due: &[u32],
        shard: &mut Shard<'_>,
    ) {
        let begun = steps.profile.then(Instant::now);
        self.execute(steps, at, step, due, shard);
        if let Some(begun) = begun {
            self.seconds[at] += begun.elapsed().as_secs_f64();
        }
    }

    fn execute(
        &mut self,
        steps: &Steps<'_, '_>,
        at: usize,
        step: usize,
        due: &[u32],
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
                let own = &mut self.own[*spikes];
                own.clear();
                if !range.is_empty() {
                    execute(bound, all, &[], own);
                }
            }
            Task::Elements { bound, spikes } => {
                let list = &self.own[*spikes];
                if !list.is_empty() {
                    let whole = 0..list.len();
                    execute(bound, std::slice::from_ref(&whole), list, &mut self.unused);
                }
            }
            Task::Pathway(Pathway {
                delivery: Some(delivery),
                ..
            }) if !due.is_empty() => {
                delivery.rows(due, (range.start, steps.blocks), &mut self.rows);
                execute(
                    delivery.bound(),
                    &self.rows,
                    delivery.list(),
                    &mut self.unused,
                );
            }
            _ => {}
        }
        self.unused.clear();
    }
}
