//! A block of neurons, and what it does in its steps.

use std::ops::Range;
use std::time::Instant;

use dslsim_ir::{Memo, Piece, Shard};
use dslsim_threads::Written;

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
    /// Those of all blocks, in the step that ends.
    all: Vec<Vec<u32>>,
    due: Vec<u32>,
    /// Synapses that are reached.
    rows: Vec<Range<usize>>,
    unused: Vec<u32>,
    /// Wall time, by operation.
    pub(super) seconds: Vec<f64>,
}

/// What a block has to know in a round, and what others are to know of it.
pub(super) struct Letter {
    /// By source and step of the round.
    spikes: Vec<Vec<Vec<u32>>>,
    /// By operation and step of the round: the sources whose synapses are due.
    pub(super) due: Vec<Vec<Vec<u32>>>,
}

impl Letter {
    /// Of rounds of `apart` steps.
    pub(super) fn new(operations: usize, sources: usize, apart: usize) -> Letter {
        Letter {
            spikes: vec![vec![Vec::new(); apart]; sources],
            due: vec![vec![Vec::new(); apart]; operations],
        }
    }

    /// The spikes of a source in a step.
    pub(super) fn spikes(&self, source: usize, step: usize) -> &[u32] {
        let steps = &self.spikes[source];
        &steps[step % steps.len()]
    }

    fn spikes_mut(&mut self, source: usize, step: usize) -> &mut Vec<u32> {
        let steps = &mut self.spikes[source];
        let kept = steps.len();
        &mut steps[step % kept]
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
            all: vec![Vec::new(); sources],
            due: Vec::new(),
            rows: Vec::new(),
            unused: Vec::new(),
            seconds: vec![0.0; works.len()],
        }
    }

    /// Reads the spikes of all.
    pub(super) fn read(&mut self, written: &Written<'_, Letter>) {
        self.all.iter_mut().for_each(Vec::clear);
        for letter in written.letters() {
            for (source, all) in self.all.iter_mut().enumerate() {
                all.extend_from_slice(letter.spikes(source, 0));
            }
        }
    }

    /// Makes some steps.
    pub(super) fn make(
        &mut self,
        steps: &Steps<'_, '_>,
        range: Range<usize>,
        letter: &mut Letter,
        shard: &mut Shard<'_>,
    ) {
        for step in range {
            self.operations(steps, 0..steps.works.len(), step, letter, shard);
        }
    }

    /// From the meeting in the step before this one up to the meeting in this step.
    pub(super) fn round(
        &mut self,
        steps: &Steps<'_, '_>,
        meeting: usize,
        step: usize,
        letter: &mut Letter,
        shard: &mut Shard<'_>,
    ) {
        if let Some(before) = step.checked_sub(1) {
            self.operations(steps, meeting..steps.works.len(), before, letter, shard);
        }
        if step < steps.ticks.len() {
            self.operations(steps, 0..meeting, step, letter, shard);
        }
    }

    /// Some operations of a step.
    fn operations(
        &mut self,
        steps: &Steps<'_, '_>,
        operations: Range<usize>,
        step: usize,
        letter: &mut Letter,
        shard: &mut Shard<'_>,
    ) {
        for at in operations {
            let begun = steps.profile.then(Instant::now);
            self.perform(steps, at, step, letter, shard);
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
        letter: &mut Letter,
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
                letter.spikes_mut(*spikes, step).clone_from(own);
            }
            Task::Elements { bound, spikes } => {
                let list = &self.own[*spikes];
                if !list.is_empty() {
                    let whole = 0..list.len();
                    execute(bound, std::slice::from_ref(&whole), list, &mut self.unused);
                }
            }
            Task::Pathway(Pathway {
                from,
                delay,
                delivery: Some(delivery),
                ..
            }) => {
                let mut due = &letter.due[at][step % steps.apart];
                if steps.aside && delay.is_immediate() {
                    let spikes = within(&self.all[from.spikes], from.first, from.last);
                    self.due.clear();
                    self.due.extend(spikes.iter().map(|s| s - from.first));
                    due = &self.due;
                }
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
