//! What becomes of the spikes of a round, at a meeting: they are put together, step by step, and go to queues and monitors.

use std::ops::Range;
use std::time::Instant;

use dslsim_threads::Table;

use super::Steps;
use super::block::Due;
use super::letter::Letter;
use crate::monitor::Monitor;
use crate::queue::Queue;
use crate::simulation::Spikes;
use crate::work::{Pathway, Task};

/// Where spikes go to.
pub(super) struct Gathering<'a> {
    sources: &'a mut [Spikes],
    queues: &'a mut [Queue],
    monitors: &'a mut [Monitor],
    /// By operation after the meeting: the sources whose synapses are due.
    due: Vec<Vec<u32>>,
    /// Wall time, by operation, and in all.
    seconds: Vec<f64>,
    total: f64,
}

impl<'a> Gathering<'a> {
    pub(super) fn new(
        sources: &'a mut [Spikes],
        queues: &'a mut [Queue],
        monitors: &'a mut [Monitor],
        operations: usize,
    ) -> Self {
        Gathering {
            sources,
            queues,
            monitors,
            due: vec![Vec::new(); operations],
            seconds: vec![0.0; operations],
            total: 0.0,
        }
    }

    /// Wall time, by operation, and in all, if it is measured.
    pub(super) fn seconds(self) -> (Vec<f64>, f64) {
        (self.seconds, self.total)
    }

    /// What all operations do with the spikes of these steps of all blocks; and what is due in a round that begins so many steps later.
    pub(super) fn meet(
        &mut self,
        steps: &Steps<'_, '_>,
        ended: Range<usize>,
        ahead: usize,
        table: &Table<'_, Letter, Due>,
    ) {
        let begun = steps.profile.then(Instant::now);
        for step in ended {
            for at in 0..steps.works.len() {
                let begun = steps.profile.then(Instant::now);
                self.gather(steps, table, at, step);
                self.seconds[at] += begun.map_or(0.0, |b| b.elapsed().as_secs_f64());
            }
        }
        if steps.delayed {
            for mut due in table.answers() {
                self.write(steps, ahead, &mut due);
            }
        }
        self.total += begun.map_or(0.0, |b| b.elapsed().as_secs_f64());
    }

    /// Writes which synapses are due in the steps of a round that begins so many steps from now.
    pub(super) fn write(&self, steps: &Steps<'_, '_>, ahead: usize, due: &mut Due) {
        for (at, (work, lists)) in steps.works.iter().zip(&mut due.0).enumerate() {
            let Task::Pathway(Pathway { queue, delay, .. }) = &work.task else {
                continue;
            };
            if steps.is_in_letters(delay) {
                continue;
            }
            let after_meeting = steps.meeting.is_some_and(|meeting| at >= meeting);
            for (step, list) in lists.iter_mut().enumerate() {
                let due_in = |step| self.queues[*queue].due_in(step).unwrap_or(&[]);
                list.clear();
                list.extend_from_slice(match (after_meeting, steps.reads) {
                    (false, _) => due_in(ahead + step),
                    // Those of the step before.
                    (true, true) => ahead.checked_sub(1).map_or(&[], due_in),
                    (true, false) => &self.due[at],
                });
            }
        }
    }

    /// What an operation does with the spikes of a step.
    fn gather(
        &mut self,
        steps: &Steps<'_, '_>,
        table: &Table<'_, Letter, Due>,
        at: usize,
        step: usize,
    ) {
        let tick = steps.ticks[step];
        match &steps.works[at].task {
            Task::Threshold { spikes, .. } => {
                let sources = self.sources.len();
                let current = &mut self.sources[*spikes].current;
                current.clear();
                for letter in table.letters() {
                    letter.append((*spikes, sources), step % steps.apart, current);
                }
            }
            Task::Pathway(Pathway { delay, .. }) if steps.is_in_letters(delay) => {}
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
