//! Everything that lasts longer than a run.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use dslsim_ir::{ArrayId, Store};

use crate::clock::{Clock, ClockError, ClockId};
use crate::error::RunError;
use crate::generator::{Generator, GeneratorId};
use crate::monitor::{Monitor, MonitorId};
use crate::poisson::Lattice;
use crate::queue::{Queue, QueueId};
use crate::random::Random;
use crate::tape::Shelf;

/// A spiking source of a [`Simulation`]: the elements that spike in the present step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SpikesId(pub u32);

/// The state of a simulation. Plain data: a clone goes on exactly as the original does.
#[derive(Clone, Debug)]
pub struct Simulation {
    /// The state arrays and index tables.
    pub store: Store,
    /// The random numbers.
    pub random: Random,
    pub(crate) time: f64,
    pub(crate) clocks: Vec<Clock>,
    pub(crate) sources: Vec<Spikes>,
    pub(crate) queues: Vec<Queue>,
    pub(crate) generators: Vec<Arc<Generator>>,
    pub(crate) monitors: Vec<Monitor>,
    /// Where recordings go that memory shall not hold; `None`: they stay in memory.
    pub shelf: Option<Arc<Shelf>>,
}

/// A spiking source.
#[derive(Clone, Debug)]
pub(crate) struct Spikes {
    pub(crate) n: u32,
    /// Ascending.
    pub(crate) current: Vec<u32>,
    pub(crate) lattice: Lattice,
}

impl Spikes {
    /// The spikes of the elements from `first` to before `last`.
    #[inline]
    pub(crate) fn within(&self, first: u32, last: u32) -> &[u32] {
        let all = &self.current[..];
        if first == 0 && last >= self.n {
            return all;
        }
        within(all, first, last)
    }
}

/// Those of some ascending spikes that are of the elements from `first` to before `last`.
pub(crate) fn within(spikes: &[u32], first: u32, last: u32) -> &[u32] {
    let from = spikes.partition_point(|s| *s < first);
    let to = spikes.partition_point(|s| *s < last);
    spikes.get(from..to).unwrap_or(&[])
}

impl Simulation {
    /// A simulation without anything in it, at time 0.
    #[must_use]
    pub fn new(random: Random) -> Simulation {
        Simulation {
            store: Store::new(),
            random,
            time: 0.0,
            clocks: Vec::new(),
            sources: Vec::new(),
            queues: Vec::new(),
            generators: Vec::new(),
            monitors: Vec::new(),
            shelf: None,
        }
    }

    /// Adds a clock with steps of `dt` seconds, at the present time.
    ///
    /// # Errors
    /// A `dt` that is not positive.
    pub fn add_clock(&mut self, dt: f64) -> Result<ClockId, ClockError> {
        let mut clock = Clock::new(dt)?;
        clock.go_to(self.time);
        self.clocks.push(clock);
        Ok(ClockId(self.clocks.len() as u32 - 1))
    }

    /// Changes the length of a clock's steps.
    ///
    /// # Errors
    /// A `dt` that is not positive, or of which the present time is not a multiple.
    pub fn set_dt(&mut self, clock: ClockId, dt: f64) -> Result<(), ClockError> {
        let time = self.time;
        match self.clocks.get_mut(clock.0 as usize) {
            Some(clock) => clock.set_dt(dt, time),
            None => Ok(()),
        }
    }

    /// A clock.
    #[must_use]
    pub fn clock(&self, clock: ClockId) -> Option<&Clock> {
        self.clocks.get(clock.0 as usize)
    }

    /// The time of a clock, in seconds: the beginning of its next step.
    #[must_use]
    pub fn time(&self, clock: ClockId) -> f64 {
        self.clock(clock).map_or(self.time, Clock::t)
    }

    /// The time of the simulation, in seconds: where the last run ended.
    #[must_use]
    pub fn now(&self) -> f64 {
        self.time
    }

    /// Goes to another time: another network's, or one from before.
    pub fn go_to(&mut self, time: f64) {
        self.time = time;
        self.clocks.iter_mut().for_each(|c| c.go_to(time));
    }

    /// Adds a spiking source of `n` elements.
    pub fn add_spikes(&mut self, n: u32) -> SpikesId {
        self.sources.push(Spikes {
            n,
            current: Vec::new(),
            lattice: Lattice::default(),
        });
        SpikesId(self.sources.len() as u32 - 1)
    }

    /// The elements that spiked in the source's latest step, ascending.
    #[must_use]
    pub fn spikes(&self, spikes: SpikesId) -> &[u32] {
        self.sources
            .get(spikes.0 as usize)
            .map_or(&[], |s| &s.current)
    }

    /// Adds a pathway's spikes in flight: none.
    pub fn add_queue(&mut self) -> QueueId {
        self.queues.push(Queue::default());
        QueueId(self.queues.len() as u32 - 1)
    }

    /// Number of entries in flight: spikes where all synapses have one delay, else events at synapses.
    #[must_use]
    pub fn in_flight(&self, queue: QueueId) -> usize {
        self.queues.get(queue.0 as usize).map_or(0, Queue::len)
    }

    /// Adds a list of given spikes.
    pub fn add_generator(&mut self, generator: Generator) -> GeneratorId {
        self.generators.push(Arc::new(generator));
        GeneratorId(self.generators.len() as u32 - 1)
    }

    /// Replaces a list of given spikes (`set_spikes`, another `dt`).
    pub fn set_generator(&mut self, id: GeneratorId, generator: Generator) {
        if let Some(slot) = self.generators.get_mut(id.0 as usize) {
            *slot = Arc::new(generator);
        }
    }

    /// Adds a monitor.
    pub fn add_monitor(&mut self, monitor: Monitor) -> MonitorId {
        self.monitors.push(monitor);
        MonitorId(self.monitors.len() as u32 - 1)
    }

    /// A monitor.
    #[must_use]
    pub fn monitor(&self, monitor: MonitorId) -> Option<&Monitor> {
        self.monitors.get(monitor.0 as usize)
    }

    /// All monitors.
    pub fn monitors(&self) -> impl Iterator<Item = &Monitor> {
        self.monitors.iter()
    }

    /// A monitor, to clear it.
    pub fn monitor_mut(&mut self, monitor: MonitorId) -> Option<&mut Monitor> {
        self.monitors.get_mut(monitor.0 as usize)
    }

    /// Bytes of recordings that memory may hold.
    pub(crate) fn recordings_in_memory(&self) -> usize {
        self.shelf.as_ref().map_or(usize::MAX, |s| s.limit())
    }

    /// Moves recordings into a file if memory holds more than it should.
    pub(crate) fn lighten(&mut self) -> Result<(), RunError> {
        let Some(shelf) = &self.shelf else {
            return Ok(());
        };
        let bytes: usize = self.monitors.iter().map(Monitor::bytes).sum();
        if bytes > shelf.limit() {
            return self.put_recordings_away();
        }
        Ok(())
    }

    /// Whether a monitor records an array.
    pub(crate) fn records(&self, array: ArrayId) -> bool {
        let columns = |monitor: &Monitor| match monitor {
            Monitor::State(m) => m.columns().iter().any(|c| c.array == array),
            Monitor::Spikes(m) => m.columns().iter().any(|c| c.array == array),
            Monitor::Rate(_) => false,
        };
        self.monitors.iter().any(columns)
    }

    /// Moves all recordings into a file.
    ///
    /// # Errors
    /// It cannot be made or written; what was not written stays in memory.
    pub fn put_recordings_away(&mut self) -> Result<(), RunError> {
        let Some(shelf) = &self.shelf else {
            return Ok(());
        };
        let failed = |path: PathBuf, e: io::Error| RunError::Recordings {
            path,
            reason: e.to_string(),
        };
        let log = shelf.log().map_err(|e| failed(PathBuf::new(), e))?;
        for monitor in &mut self.monitors {
            monitor
                .put_away(&log)
                .map_err(|e| failed(log.path().to_path_buf(), e))?;
        }
        Ok(())
    }
}
