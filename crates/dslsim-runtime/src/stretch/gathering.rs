//! What becomes of the spikes of a round, at a meeting: they are put together, step by step, and go to queues and monitors.

use std::ops::{DerefMut, Range};
use std::time::Instant;

use super::Steps;
use super::block::Letter;
use crate::clock::Tick;
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

    /// What all operations do with the spikes of these steps of all blocks. The letters then are those of a round that begins so many steps later.
    pub(super) fn meet(
        &mut self,
        steps: &Steps<'_, '_>,
        ended: Range<usize>,
        ahead: usize,
        letters: &mut [impl DerefMut<Target = Letter>],
    ) {
        let begun = steps.profile.then(Instant::now);
        for step in ended {
            for (at, work) in steps.works.iter().enumerate() {
                let begun = steps.profile.then(Instant::now);
                self.gather(letters, at, &work.task, step, steps.ticks[step]);
                self.seconds[at] += begun.map_or(0.0, |b| b.elapsed().as_secs_f64());
            }
        }
        for letter in letters {
            self.write(steps, ahead, letter);
        }
        self.total += begun.map_or(0.0, |b| b.elapsed().as_secs_f64());
    }

    /// Writes which synapses are due in the steps of a round that begins so many steps from now.
    pub(super) fn write(&self, steps: &Steps<'_, '_>, ahead: usize, letter: &mut Letter) {
        for (at, (work, lists)) in steps.works.iter().zip(&mut letter.due).enumerate() {
            let Task::Pathway(Pathway { queue, delay, .. }) = &work.task else {
                continue;
            };
            let after_meeting = steps.meeting.is_some_and(|meeting| at >= meeting);
            for (step, list) in lists.iter_mut().enumerate() {
                let due_in = |step| self.queues[*queue].due_in(step).unwrap_or(&[]);
                list.clear();
                list.extend_from_slice(match (after_meeting, steps.aside) {
                    (false, _) => due_in(ahead + step),
                    // Those of the step before; without delay a block finds them out for itself.
                    (true, true) if !delay.is_immediate() => {
                        ahead.checked_sub(1).map_or(&[], due_in)
                    }
                    (true, true) => &[],
                    (true, false) => &self.due[at],
                });
            }
        }
    }

    /// What an operation does with the spikes of a step.
    fn gather(
        &mut self,
        letters: &[impl DerefMut<Target = Letter>],
        at: usize,
        task: &Task<'_>,
        step: usize,
        tick: Tick,
    ) {
        match task {
            Task::Threshold { spikes, .. } => {
                let current = &mut self.sources[*spikes].current;
                current.clear();
                for letter in letters {
                    current.extend_from_slice(letter.spikes(*spikes, step));
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
