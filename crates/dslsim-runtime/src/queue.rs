//! Spikes in flight: a ring of lists, one for each step to come.
//!
//! With one delay for all synapses the lists hold sources, else synapses. The ring counts from the pathway's next step, so it
//! needs no times; it outlives runs. When connections, kind of delay, or length of step change between runs, what is in flight
//! keeps the synapses and the remaining time that it had. Within a list the order is that of pushing.

use std::sync::Arc;

use crate::plan::Delay;
use crate::rows::Rows;
use crate::snapshot::{State, Unfit};

/// The spikes in flight of a pathway of a [`crate::Simulation`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QueueId(pub u32);

/// Lists for the steps to come.
#[derive(Clone, Debug, Default)]
struct Ring {
    /// A power of two of lists, or none.
    lists: Vec<Vec<u32>>,
    now: usize,
    /// Entries in all lists.
    held: usize,
}

impl Ring {
    /// Makes room for delays of up to `longest` steps.
    fn reach(&mut self, longest: usize) {
        if longest < self.lists.len() {
            return;
        }
        self.lists.rotate_left(self.now);
        self.now = 0;
        self.lists
            .resize((longest + 1).next_power_of_two(), Vec::new());
    }

    #[inline]
    fn list(&mut self, delay: usize) -> &mut Vec<u32> {
        let at = (self.now + delay) & (self.lists.len() - 1);
        &mut self.lists[at]
    }

    /// Takes what is due now into `out` (whose memory the ring gets) and goes on to the next step.
    #[inline]
    fn take(&mut self, out: &mut Vec<u32>) {
        out.clear();
        if self.held > 0 {
            std::mem::swap(self.list(0), out);
            self.held -= out.len();
        }
        if !self.lists.is_empty() {
            self.now = (self.now + 1) & (self.lists.len() - 1);
        }
    }

    /// All that is in flight: remaining steps and entry, in order.
    fn flight(&self) -> (Vec<u64>, Vec<u64>) {
        let (mut delays, mut entries) = (Vec::new(), Vec::new());
        for delay in 0..self.lists.len() {
            let list = &self.lists[(self.now + delay) & (self.lists.len() - 1)];
            delays.extend(std::iter::repeat_n(delay as u64, list.len()));
            entries.extend(list.iter().map(|e| u64::from(*e)));
        }
        (delays, entries)
    }

    /// Removes everything: (remaining steps, entries), the earliest first.
    fn drain(&mut self) -> Vec<(usize, Vec<u32>)> {
        self.lists.rotate_left(self.now);
        self.now = 0;
        self.held = 0;
        let lists = self.lists.iter_mut().map(std::mem::take).enumerate();
        lists.filter(|(_, list)| !list.is_empty()).collect()
    }

    fn push(&mut self, delay: usize, entries: &[u32]) {
        self.reach(delay);
        self.list(delay).extend_from_slice(entries);
        self.held += entries.len();
    }
}

/// The spikes in flight of one pathway.
#[derive(Clone, Debug, Default)]
pub(crate) struct Queue {
    /// Sources, with one delay for all.
    spikes: Ring,
    /// Synapses.
    events: Ring,
    rows: Option<Arc<Rows>>,
    /// Every synapse in flight is below this.
    synapses: u32,
    dt: f64,
    /// Working memory of a step.
    due: Vec<u32>,
    expanded: Vec<u32>,
}

impl Queue {
    /// Prepares for a run.
    pub(crate) fn prepare(&mut self, rows: &Arc<Rows>, delay: &Delay, dt: f64) {
        self.synapses = self.synapses.max(rows.synapses());
        let same_rows = self
            .rows
            .as_ref()
            .is_some_and(|old| Arc::ptr_eq(old, rows) || old == rows);
        let same_kind = !matches!(delay, Delay::PerSynapse(_));
        if self.spikes.held > 0 && !(same_rows && same_kind) {
            // Sources become the synapses that they had when they spiked. What was queued as synapses is older, or comes from
            // a delay of its own; it stays first.
            let old = self.rows.clone();
            for (delay, sources) in self.spikes.drain() {
                let mut synapses = Vec::new();
                if let Some(old) = &old {
                    old.expand(sources.into_iter(), &mut synapses);
                }
                self.events.push(delay, &synapses);
            }
        }
        if self.dt != dt && self.dt > 0.0 {
            for ring in [&mut self.spikes, &mut self.events] {
                for (delay, entries) in ring.drain() {
                    let steps = (delay as f64 * self.dt / dt).round_ties_even();
                    ring.push(steps as usize, &entries);
                }
            }
        }
        self.rows = Some(Arc::clone(rows));
        self.dt = dt;
        match delay {
            Delay::None => {}
            Delay::Uniform(steps) => self.spikes.reach(*steps as usize),
            Delay::PerSynapse(_) => self.events.reach(delay.longest() as usize),
        }
    }

    /// One step: queues the sources that spike (numbers from `first` on), and gives the synapses that are due.
    #[inline]
    pub(crate) fn step<'a>(
        &'a mut self,
        sources: &'a [u32],
        first: u32,
        rows: &Rows,
        delay: &Delay,
    ) -> &'a [u32] {
        let relative = sources.iter().map(|s| s - first);
        if self.spikes.held == 0 && self.events.held == 0 {
            let immediate = delay.is_immediate();
            if immediate && first == 0 && rows.is_identity() {
                return sources;
            }
            if sources.is_empty() {
                return &[];
            }
            if immediate {
                self.expanded.clear();
                rows.expand(relative, &mut self.expanded);
                return &self.expanded;
            }
        }
        match delay {
            Delay::None => self.push_sources(0, relative),
            Delay::Uniform(steps) => self.push_sources(*steps as usize, relative),
            Delay::PerSynapse(steps) => {
                let events = &mut self.events;
                rows.each(relative, |synapse| {
                    let delay = steps.get(synapse as usize).copied().unwrap_or(0);
                    events.list(delay as usize).push(synapse);
                    events.held += 1;
                });
            }
        }
        self.take(rows)
    }

    /// One step, in sources: queues those that spike (numbers from `first` on), and gives those whose synapses are due, in their
    /// order. `None`, and nothing is done, where synapses are in flight one by one.
    #[inline]
    pub(crate) fn step_sources<'a>(
        &'a mut self,
        sources: &'a [u32],
        first: u32,
        delay: &Delay,
    ) -> Option<&'a [u32]> {
        if self.events.held > 0 || matches!(delay, Delay::PerSynapse(_)) {
            return None;
        }
        let relative = sources.iter().map(|s| s - first);
        let immediate = delay.is_immediate();
        if self.spikes.held == 0 && (immediate || sources.is_empty()) {
            if first == 0 {
                return Some(sources);
            }
            self.due.clear();
            self.due.extend(relative);
            return Some(&self.due);
        }
        let steps = match delay {
            Delay::Uniform(steps) => *steps as usize,
            _ => 0,
        };
        self.push_sources(steps, relative);
        self.events.take(&mut self.expanded);
        self.spikes.take(&mut self.due);
        Some(&self.due)
    }

    /// The sources whose synapses are due so many steps from now, counted from the next one, as far as is known; `None` where synapses
    /// are in flight one by one.
    pub(crate) fn due_in(&self, steps: usize) -> Option<&[u32]> {
        if self.events.held > 0 {
            return None;
        }
        let ring = &self.spikes;
        let at = (ring.now + steps) & ring.lists.len().wrapping_sub(1);
        Some(ring.lists.get(at).map_or(&[], |list| list))
    }

    #[inline]
    fn push_sources(&mut self, delay: usize, sources: impl Iterator<Item = u32>) {
        self.spikes.reach(delay);
        let list = self.spikes.list(delay);
        let before = list.len();
        list.extend(sources);
        self.spikes.held += list.len() - before;
    }

    #[inline]
    fn take(&mut self, rows: &Rows) -> &[u32] {
        if self.events.lists.is_empty() && rows.is_identity() {
            self.spikes.take(&mut self.due);
            return &self.due;
        }
        self.events.take(&mut self.expanded);
        self.spikes.take(&mut self.due);
        rows.expand(self.due.iter().copied(), &mut self.expanded);
        &self.expanded
    }
}

impl Queue {
    /// Writes what is in flight, as synapses and the steps that remain.
    pub(crate) fn save(&self, name: &str, state: &mut State) {
        let (mut delays, mut synapses) = self.events.flight();
        let (steps, sources) = self.spikes.flight();
        if let Some(rows) = &self.rows {
            let mut reached = Vec::new();
            for (delay, source) in steps.into_iter().zip(sources) {
                reached.clear();
                rows.expand(std::iter::once(source as u32), &mut reached);
                delays.extend(std::iter::repeat_n(delay, reached.len()));
                synapses.extend(reached.iter().map(|s| u64::from(*s)));
            }
        }
        state.put(format!("{name}#dt"), vec![self.dt]);
        state.put_whole(format!("{name}#delays"), delays);
        state.put_whole(format!("{name}#synapses"), synapses);
    }

    /// Replaces what is in flight; there are `synapses` synapses.
    pub(crate) fn load(&mut self, name: &str, synapses: u32, state: &State) -> Result<(), Unfit> {
        let unfit = || Unfit(name.to_owned());
        let delays = state.small(&format!("{name}#delays"))?;
        let entries = state.small(&format!("{name}#synapses"))?;
        let [dt] = *state.floats(&format!("{name}#dt"))? else {
            return Err(unfit());
        };
        let fits = entries.iter().all(|e| *e < synapses) && delays.iter().all(|d| *d < 1 << 27);
        if delays.len() != entries.len() || !fits {
            return Err(unfit());
        }
        self.spikes.drain();
        self.events.drain();
        for (delay, entry) in delays.into_iter().zip(entries) {
            self.events.push(delay as usize, &[entry]);
        }
        self.synapses = synapses;
        self.dt = dt;
        self.rows = None;
        Ok(())
    }

    /// Entries in flight.
    pub(crate) fn len(&self) -> usize {
        self.spikes.held + self.events.held
    }

    /// One past the greatest synapse that may come due.
    pub(crate) fn synapses(&self) -> usize {
        self.synapses as usize
    }
}
