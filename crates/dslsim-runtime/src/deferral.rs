//! Work on synapses that waits until it is convenient: see [`dslsim_ir::late`].
//!
//! A spike of a target neuron concerns synapses that lie apart, one in each of a thousand rows, and fetching each of them from memory
//! takes longer than the work on it. So only the time of the spike is noted. When a row is due for another reason, its synapses first
//! *catch up*: each of them goes through the spikes that its neuron has had since, in their order. No synapse goes through anything in
//! another order than without waiting.
//!
//! Of each neuron the last spikes are known, by their age: first the last one of each neuron, then the last but one, and so on. Before the
//! older ones are forgotten, all synapses of their neuron go through them; and all of all neurons before anybody looks at the variables
//! ([`Deferral::settle`]). The synapses that catch up do so in *waves*, one for each age, the oldest first.

use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use dslsim_ir::{ArrayId, IndexId, Store};

use crate::clock::Tick;
use crate::error::RunError;
use crate::kernel::Bound;
use crate::plan::{Action, Operation, Plan, ProgramId};
use crate::simulation::Simulation;
use crate::work::{Task, Work};

/// Spikes of a neuron that are kept.
const KEPT: usize = 16;

/// Synapses that catch up together, when all do.
const TOGETHER: usize = 1 << 15;

/// Synapses from which on it is worth sharing their work among threads.
const WORTH_SHARING: usize = 1 << 12;

/// The number of a step of the run, from 1 on: 0 is none.
type Number = i32;

/// The most steps of a run.
const LONGEST: u64 = 1 << 30;

/// A pathway that waits for another one.
pub(crate) struct Deferral<'p> {
    bound: Bound<'p>,
    /// The time of each position of the lists.
    times: ArrayId,
    /// Of each synapse, the neuron whose spikes wait; they are counted from `first` on.
    neurons: IndexId,
    first: u32,
    /// Where the synapses of each row begin, and that of the last one ends.
    starts: &'p [u32],
    /// Of each synapse, the row, counted from `first_row` on.
    rows: IndexId,
    first_row: u32,
    /// The same for the synapses of each neuron, and these, if they are not simply numbered so.
    columns: (&'p [u32], &'p [u32]),
    /// For each row: the first number of a spike that it has not gone through.
    since: Vec<Number>,
    /// For each age, beginning with the last spikes: the number of each neuron's.
    spikes: Vec<Vec<Number>>,
    /// The step of the run's first number.
    base: u64,
    dt: f64,
    /// Whether the row's own pathway is executed before this one in a step.
    comes_later: bool,
    /// The clock of both pathways.
    clock: usize,
    threads: usize,
    /// One for each part, and perhaps more.
    waves: Vec<Waves>,
    parts: usize,
    list: Vec<u32>,
    cuts: Vec<Number>,
    unused: Vec<u32>,
}

/// For a part of the synapses: those that have not gone through their neuron's last spike, the last but one, and so on.
#[derive(Default)]
struct Waves(Vec<Wave>);

#[derive(Default)]
struct Wave {
    synapses: Vec<u32>,
    times: Vec<f64>,
    /// How many of them count.
    len: usize,
}

/// What a part is made from.
struct Source<'a> {
    neurons: &'a [u32],
    first: u32,
    spikes: &'a [Vec<Number>],
    /// The time of number 0, in steps.
    zero: f64,
    dt: f64,
}

impl Deferral<'_> {
    /// Whether it can be: there is no synapse of another neuron or row, and the kernel is only one.
    fn is_possible(&self, store: &Store) -> bool {
        let synapses = self.starts.last().map_or(0, |s| *s as usize);
        let known = |table: IndexId, first: u32, count: usize| {
            let inside = |k: &u32| k.checked_sub(first).is_some_and(|k| (k as usize) < count);
            let entries = store.table(table).get(..synapses);
            entries.is_some_and(|all| all.iter().all(inside))
        };
        let neurons = self.spikes.first().map_or(0, Vec::len);
        known(self.neurons, self.first, neurons)
            && known(self.rows, self.first_row, self.since.len())
            && self.columns.0.len() > neurons
            && self.bound.can_be_late()
    }

    fn number(&self, step: u64) -> Number {
        (step - self.base) as Number + 1
    }

    /// Notes the spikes of some neurons, counted from the first one.
    pub(crate) fn note(&mut self, neurons: &[u32], tick: Tick, store: &mut Store) {
        let number = self.number(tick.step);
        for &neuron in neurons {
            let at = neuron as usize;
            if self.spikes[KEPT - 1][at] != 0 {
                self.forget(at, tick, store);
            }
            let mut next = number;
            for of_age in &mut self.spikes {
                next = std::mem::replace(&mut of_age[at], next);
                if next == 0 {
                    break;
                }
            }
        }
    }

    /// All synapses of a neuron go through the older half of its spikes, which are known no more. Most have gone through them already: only
    /// those of rows that are seldom due have not.
    #[cold]
    fn forget(&mut self, neuron: usize, tick: Tick, store: &mut Store) {
        let (starts, list) = self.columns;
        let column = starts[neuron] as usize..starts[neuron + 1] as usize;
        let rows = store.table(self.rows);
        let since = |synapse: u32| self.since[(rows[synapse as usize] - self.first_row) as usize];
        self.parts = 1;
        if self.waves.is_empty() {
            self.waves.push(Waves::default());
        }
        let waves = &mut self.waves[0];
        waves.clear();
        // Who has not gone through a spike has not gone through the later ones either.
        let mut left: Vec<(u32, Number)> = column
            .map(|k| list.get(k).copied().unwrap_or(k as u32))
            .map(|synapse| (synapse, since(synapse)))
            .collect();
        for (age, spikes) in self.spikes.iter_mut().enumerate().skip(KEPT / 2) {
            let number = std::mem::take(&mut spikes[neuron]);
            left.retain(|(_, since)| *since <= number);
            let time = (self.base as f64 - 1.0 + f64::from(number)) * self.dt;
            let wave = waves.of_age(age);
            wave.reserve(left.len());
            for (synapse, _) in &left {
                wave.put(*synapse, time);
            }
        }
        self.execute_all(tick, store);
    }

    /// Whether it changes an array.
    pub(crate) fn changes(&self, array: ArrayId) -> bool {
        let arrays = &self.bound.kernel().arrays;
        arrays.iter().any(|a| a.written && a.array == array)
    }

    /// The clock of its pathways.
    pub(crate) fn clock(&self) -> usize {
        self.clock
    }

    /// Everything that waits is done. No step is being executed; the next one of its clock is that of `tick`.
    pub(crate) fn settle(&mut self, tick: Tick, store: &mut Store) {
        let number = self.number(tick.step);
        let rows = (0..self.since.len() as u32).filter(|row| self.since[*row as usize] < number);
        let rows: Vec<u32> = rows.collect();
        self.catch_up_in_groups(&rows, number, tick, store);
    }

    /// What a row goes through before its own pathway is executed in a step: all spikes before this number.
    fn until(&self, tick: Tick) -> Number {
        self.number(tick.step) + Number::from(!self.comes_later)
    }

    /// The rows of these synapses catch up.
    pub(crate) fn for_synapses(&mut self, synapses: &[u32], tick: Tick, store: &mut Store) {
        let row = |synapse: &u32| self.starts.partition_point(|s| s <= synapse) as u32 - 1;
        let mut rows: Vec<u32> = synapses.iter().map(row).collect();
        rows.sort_unstable();
        rows.dedup();
        self.catch_up_in_groups(&rows, self.until(tick), tick, store);
    }

    fn catch_up_in_groups(&mut self, rows: &[u32], until: Number, tick: Tick, store: &mut Store) {
        let threads = self.threads;
        let mut parts = vec![Vec::new(); threads];
        let mut rest = rows;
        while !rest.is_empty() {
            parts.iter_mut().for_each(Vec::clear);
            let (mut taken, mut synapses) = (0, 0);
            while let Some(row) = rest.get(taken)
                && (taken == 0 || synapses < TOGETHER)
            {
                let range =
                    self.starts[*row as usize] as usize..self.starts[*row as usize + 1] as usize;
                synapses += range.len();
                for (k, part) in parts.iter_mut().enumerate() {
                    let cut = |k: usize| range.start + range.len() * k / threads;
                    part.push(cut(k)..cut(k + 1));
                }
                taken += 1;
            }
            let (group, others) = rest.split_at(taken);
            self.catch_up(group, &parts, until, tick, store);
            rest = others;
        }
    }

    /// Before these rows are due in a step: they catch up. `parts` are pieces of the rows: of each row in turn, again and again.
    pub(crate) fn before(
        &mut self,
        rows: &[u32],
        parts: &[Vec<Range<usize>>],
        tick: Tick,
        store: &mut Store,
    ) {
        self.catch_up(rows, parts, self.until(tick), tick, store);
    }

    fn catch_up(
        &mut self,
        rows: &[u32],
        parts: &[Vec<Range<usize>>],
        until: Number,
        tick: Tick,
        store: &mut Store,
    ) {
        // From where on each row has to go; from nowhere, if it stands there for the second time.
        self.cuts.clear();
        for row in rows {
            let since = &mut self.since[*row as usize];
            let again = *since >= until;
            self.cuts.push(if again { Number::MAX } else { *since });
            *since = until;
        }
        self.parts = parts.len();
        if self.waves.len() < parts.len() {
            self.waves.resize_with(parts.len(), Waves::default);
        }
        let source = Source {
            neurons: store.table(self.neurons),
            first: self.first,
            spikes: &self.spikes,
            zero: self.base as f64 - 1.0,
            dt: self.dt,
        };
        let cuts = &self.cuts;
        let gather = |waves: &mut Waves, pieces: &Vec<Range<usize>>| {
            waves.clear();
            for (range, since) in pieces.iter().zip(cuts.iter().cycle()) {
                waves.add(&source, range.clone(), *since);
            }
        };
        match (&mut self.waves[..parts.len()], parts) {
            ([waves], [pieces]) => gather(waves, pieces),
            (waves, parts) => dslsim_threads::each(waves, |part, waves| {
                if let Some(pieces) = parts.get(part) {
                    gather(waves, pieces);
                }
            }),
        }
        self.execute_all(tick, store);
    }

    /// Executes all waves of each part, the oldest spikes first: one range for each, so that threads need not meet between two of them.
    fn execute_all(&mut self, tick: Tick, store: &mut Store) {
        let waves = || self.waves.iter().take(self.parts);
        let count = waves().map(Waves::synapses).sum();
        if count == 0 {
            return;
        }
        self.bound.make_room_for(count, store);
        self.list.clear();
        let times = store.all_mut(self.times);
        let mut parts = Vec::with_capacity(self.parts);
        for waves in waves() {
            let mut ranges = Vec::with_capacity(waves.0.len());
            for wave in waves.0.iter().rev().filter(|w| w.len > 0) {
                let from = self.list.len();
                self.list.extend_from_slice(&wave.synapses[..wave.len]);
                times[from..self.list.len()].copy_from_slice(&wave.times[..wave.len]);
                ranges.push(from..self.list.len());
            }
            parts.push(ranges);
        }
        if count < WORTH_SHARING {
            parts = vec![parts.concat()];
        }
        let unused = &mut self.unused;
        self.bound.ranges(&self.list, &parts, tick, store, unused);
        unused.clear();
    }
}

impl Waves {
    fn clear(&mut self) {
        self.0.iter_mut().for_each(|w| w.len = 0);
    }

    /// All synapses of all waves, as often as they are there.
    fn synapses(&self) -> usize {
        self.0.iter().map(|w| w.len).sum()
    }

    fn of_age(&mut self, age: usize) -> &mut Wave {
        while self.0.len() <= age {
            self.0.push(Wave::default());
        }
        &mut self.0[age]
    }

    /// The synapses of a piece of a row, which has gone through all spikes before `since`.
    fn add(&mut self, source: &Source<'_>, range: Range<usize>, since: Number) {
        if range.is_empty() || since == Number::MAX {
            return;
        }
        // Who has not gone through a spike has not gone through the later ones either.
        let mut before = None;
        for (age, spikes) in source.spikes.iter().enumerate() {
            self.of_age(age);
            let (younger, wave) = self.0.split_at_mut(age);
            let ([.., last], [wave, ..]) = (younger, wave) else {
                if let [wave, ..] = &mut self.0[..] {
                    before = Some(wave.add(source, spikes, since, range.clone().map(|k| k as u32)));
                }
                continue;
            };
            let Some(from) = before.filter(|from| *from < last.len) else {
                return;
            };
            let candidates = last.synapses[from..last.len].iter().copied();
            before = Some(wave.add(source, spikes, since, candidates));
        }
    }
}

impl Wave {
    fn reserve(&mut self, more: usize) {
        if self.synapses.len() < self.len + more {
            let len = (self.len + more).next_power_of_two();
            self.synapses.resize(len, 0);
            self.times.resize(len, 0.0);
        }
    }

    /// Writes behind the last one, where there is room.
    fn put(&mut self, synapse: u32, time: f64) {
        self.synapses[self.len] = synapse;
        self.times[self.len] = time;
        self.len += 1;
    }

    /// Adds those of some synapses that have not gone through a spike of this age; gives where they begin.
    fn add(
        &mut self,
        source: &Source<'_>,
        spikes: &[Number],
        since: Number,
        synapses: impl ExactSizeIterator<Item = u32>,
    ) -> usize {
        let from = self.len;
        self.reserve(synapses.len());
        let (places, times) = (&mut self.synapses[from..], &mut self.times[from..]);
        let mut kept = 0;
        for synapse in synapses {
            let neuron = source.neurons[synapse as usize] - source.first;
            let number = spikes[neuron as usize];
            // Written in any case: whether it counts nobody can foresee.
            places[kept] = synapse;
            times[kept] = f64::from(number);
            kept += usize::from(number >= since);
        }
        for time in &mut times[..kept] {
            *time = (source.zero + *time) * source.dt;
        }
        self.len += kept;
        from
    }
}

/// Brings pathways that wait together with those that they wait for, where both are executed row by row.
pub(crate) fn connect<'p>(
    works: &mut [Work<'p>],
    plan: &'p Plan,
    sim: &mut Simulation,
    steps: impl Fn(&Simulation, usize) -> u64,
) -> Result<Vec<Shared<'p>>, RunError> {
    let mut all = Vec::new();
    for deferred in &plan.deferred {
        let place = |program: ProgramId| {
            let of = |o: &&Operation| matches!(o.action, Action::Pathway { program: p, .. } if p == program);
            let operation = plan.operations.iter().find(of)?;
            let at = works.iter().position(|w| w.name == operation.name)?;
            Some((operation, at))
        };
        let (Some((operation, waiting)), Some((_, awaited))) =
            (place(deferred.waiting), place(deferred.awaited))
        else {
            continue;
        };
        let pathway = |at: usize| match &works.get(at)?.task {
            Task::Pathway(pathway) => Some((pathway.from, pathway.delivery.as_deref()?)),
            _ => None,
        };
        let (Some((from, one)), Some((row, other))) = (pathway(waiting), pathway(awaited)) else {
            continue;
        };
        let (starts, clock) = (other.starts(), works[waiting].clock);
        let base = sim.clocks[clock].step();
        let fits = |at: usize| {
            let work = &works[at];
            let taken = matches!(&work.task, Task::Pathway(p) if p.deferral.is_some());
            work.clock == clock && work.time == clock && !taken
        };
        if !other.list().is_empty()
            || !fits(waiting)
            || !fits(awaited)
            || steps(sim, clock) > LONGEST
        {
            continue;
        }
        let synapses = starts.last().map_or(0, |s| *s as usize);
        let mut bound = Work::listed(plan, operation, deferred.late, synapses, sim)?;
        bound.expect_distinct();
        let deferral = Deferral {
            bound,
            times: deferred.times,
            neurons: deferred.neurons,
            first: from.first,
            starts,
            rows: deferred.rows,
            first_row: row.first,
            columns: (one.starts(), one.list()),
            since: vec![1; starts.len().saturating_sub(1)],
            spikes: vec![vec![0; (from.last - from.first) as usize]; KEPT],
            base,
            dt: sim.clocks[clock].dt(),
            comes_later: awaited < waiting,
            clock,
            threads: plan.threads.max(1),
            waves: Vec::new(),
            parts: 0,
            list: Vec::new(),
            cuts: Vec::new(),
            unused: Vec::new(),
        };
        if !deferral.is_possible(&sim.store) {
            continue;
        }
        let shared = Arc::new(Mutex::new(deferral));
        for (at, part) in [(waiting, Part::Waits), (awaited, Part::IsAwaited)] {
            if let Some(Work {
                task: Task::Pathway(pathway),
                ..
            }) = works.get_mut(at)
            {
                pathway.deferral = Some((part, Arc::clone(&shared)));
            }
        }
        all.push(shared);
    }
    Ok(all)
}

/// What two pathways have in common.
pub(crate) type Shared<'p> = Arc<Mutex<Deferral<'p>>>;

/// Which of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Waits,
    IsAwaited,
}

/// The deferral itself; nobody else has it.
pub(crate) fn locked<'a, 'p>(shared: &'a Shared<'p>) -> MutexGuard<'a, Deferral<'p>> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
