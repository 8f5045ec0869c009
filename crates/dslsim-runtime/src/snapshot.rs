//! The state of a simulation as named lists of numbers, to be kept and brought back: arrays, clocks, spikes in flight, recordings,
//! random streams.
//!
//! Each part of a [`Simulation`] is written under names that begin with a word of the caller, who decides what belongs together. A
//! part that is brought back continues exactly as it did; what does not fit is refused and leaves the part as it was. Kernels,
//! plans, and what depends on them are not part of a state.

use std::collections::BTreeMap;
use std::io;

use dslsim_ir::ArrayId;
use dslsim_math::Mt19937;

use crate::clock::{ClockError, ClockId};
use crate::monitor::{Monitor, MonitorId};
use crate::queue::QueueId;
use crate::random::Source;
use crate::simulation::{Simulation, SpikesId};
use crate::tape::Tape;

/// A list of numbers.
#[derive(Clone, Debug, PartialEq)]
pub enum Numbers {
    /// Doubles.
    Floats(Vec<f64>),
    /// Whole numbers.
    Whole(Vec<u64>),
}

/// Named lists of numbers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct State(pub BTreeMap<String, Numbers>);

/// A part of a state that is missing or does not fit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is missing or does not fit")]
pub struct Unfit(pub String);

impl State {
    /// Adds doubles.
    pub fn put(&mut self, name: String, values: Vec<f64>) {
        self.0.insert(name, Numbers::Floats(values));
    }

    /// Adds whole numbers.
    pub fn put_whole(&mut self, name: String, values: Vec<u64>) {
        self.0.insert(name, Numbers::Whole(values));
    }

    /// Doubles.
    ///
    /// # Errors
    /// They are not there.
    pub fn floats(&self, name: &str) -> Result<&[f64], Unfit> {
        match self.0.get(name) {
            Some(Numbers::Floats(v)) => Ok(v),
            _ => Err(Unfit(name.to_owned())),
        }
    }

    /// Whole numbers.
    ///
    /// # Errors
    /// They are not there.
    pub fn whole(&self, name: &str) -> Result<&[u64], Unfit> {
        match self.0.get(name) {
            Some(Numbers::Whole(v)) => Ok(v),
            _ => Err(Unfit(name.to_owned())),
        }
    }

    /// Whole numbers below 2³².
    ///
    /// # Errors
    /// They are not there, or one is larger.
    pub fn small(&self, name: &str) -> Result<Vec<u32>, Unfit> {
        let all = self.whole(name)?.iter().map(|x| u32::try_from(*x));
        all.collect::<Result<_, _>>()
            .map_err(|_| Unfit(name.to_owned()))
    }

    /// So many whole numbers.
    pub(crate) fn few<const N: usize>(&self, name: &str) -> Result<[u64; N], Unfit> {
        let values = self.whole(name)?;
        values.try_into().map_err(|_| Unfit(name.to_owned()))
    }
}

fn wide(values: &[u32]) -> Vec<u64> {
    values.iter().map(|x| u64::from(*x)).collect()
}

impl Simulation {
    /// Writes an array.
    pub fn save_array(&self, array: ArrayId, name: &str, state: &mut State) {
        state.put(name.to_owned(), self.store.held(array).to_vec());
        let length = self.store.length(array) as u64;
        state.put_whole(format!("{name}#length"), vec![length]);
    }

    /// Brings an array back, with its length.
    ///
    /// # Errors
    /// It is not there.
    pub fn load_array(&mut self, array: ArrayId, name: &str, state: &State) -> Result<(), Unfit> {
        let values = state.floats(name)?;
        let [length] = state.few(&format!("{name}#length"))?;
        match values {
            [x] => {
                self.store.assign(array, &[]);
                self.store.resize(array, length as usize, *x);
                self.store.fill(array, *x);
            }
            all if all.len() as u64 == length => self.store.assign(array, all),
            _ => return Err(Unfit(name.to_owned())),
        }
        Ok(())
    }

    /// Writes the spikes of the present step.
    pub fn save_spikes(&self, spikes: SpikesId, name: &str, state: &mut State) {
        state.put_whole(name.to_owned(), wide(self.spikes(spikes)));
        if let Some(source) = self.sources.get(spikes.0 as usize) {
            source.lattice.save(&format!("{name}#gaps"), state);
        }
    }

    /// Brings the spikes of the present step back; with `random` also what is drawn ahead.
    ///
    /// # Errors
    /// They are not there, or one is not an element of the source.
    pub fn load_spikes(
        &mut self,
        spikes: SpikesId,
        name: &str,
        random: bool,
        state: &State,
    ) -> Result<(), Unfit> {
        let current = state.small(name)?;
        if let Some(source) = self.sources.get_mut(spikes.0 as usize) {
            if current.iter().any(|k| *k >= source.n) {
                return Err(Unfit(name.to_owned()));
            }
            source.current = current;
            if random {
                source.lattice.load(&format!("{name}#gaps"), state)?;
            }
        }
        Ok(())
    }

    /// Writes the spikes in flight of a pathway.
    pub fn save_queue(&self, queue: QueueId, name: &str, state: &mut State) {
        if let Some(queue) = self.queues.get(queue.0 as usize) {
            queue.save(name, state);
        }
    }

    /// Brings the spikes in flight of a pathway back; it has `synapses` synapses.
    ///
    /// # Errors
    /// They are not there, or are none of the pathway's.
    pub fn load_queue(
        &mut self,
        queue: QueueId,
        name: &str,
        synapses: u32,
        state: &State,
    ) -> Result<(), Unfit> {
        match self.queues.get_mut(queue.0 as usize) {
            Some(queue) => queue.load(name, synapses, state),
            None => Err(Unfit(name.to_owned())),
        }
    }

    /// Writes what a monitor has recorded.
    ///
    /// # Errors
    /// A part of it is in a file that cannot be read.
    pub fn save_monitor(
        &self,
        monitor: MonitorId,
        name: &str,
        state: &mut State,
    ) -> io::Result<()> {
        match self.monitor(monitor) {
            Some(monitor) => monitor.save(name, state),
            None => Ok(()),
        }
    }

    /// Brings back what a monitor has recorded.
    ///
    /// # Errors
    /// It is not there, or is a recording of something else.
    pub fn load_monitor(
        &mut self,
        monitor: MonitorId,
        name: &str,
        state: &State,
    ) -> Result<(), Unfit> {
        match self.monitor_mut(monitor) {
            Some(monitor) => monitor.load(name, state),
            None => Err(Unfit(name.to_owned())),
        }
    }

    /// Writes the length of a clock's steps and how many it has executed.
    pub fn save_clock(&self, clock: ClockId, name: &str, state: &mut State) {
        if let Some(clock) = self.clock(clock) {
            state.put(name.to_owned(), vec![clock.dt()]);
            state.put_whole(format!("{name}#executed"), vec![clock.executed()]);
        }
    }

    /// Brings a clock back, at the present time of the simulation; with `random` also the number of steps executed, which random
    /// numbers depend on.
    ///
    /// # Errors
    /// It is not there.
    pub fn load_clock(
        &mut self,
        clock: ClockId,
        name: &str,
        random: bool,
        state: &State,
    ) -> Result<(), Unfit> {
        let unfit = || Unfit(name.to_owned());
        let [dt] = *state.floats(name)? else {
            return Err(unfit());
        };
        let [executed] = state.few(&format!("{name}#executed"))?;
        let time = self.time;
        let Some(clock) = self.clocks.get_mut(clock.0 as usize) else {
            return Err(unfit());
        };
        let restored: Result<(), ClockError> = clock.restore(dt, time, random.then_some(executed));
        restored.map_err(|_| unfit())
    }

    /// Writes the state of the random numbers.
    pub fn save_random(&self, name: &str, state: &mut State) {
        match &self.random.0 {
            Source::Fast(fast) => {
                let [seed, epoch, calls] = fast.position();
                state.put_whole(format!("{name}.fast"), vec![seed, epoch, calls]);
            }
            Source::Brian2(mt) => {
                let bytes = mt.to_bytes();
                let words = bytes.iter().map(|b| u64::from(*b)).collect();
                state.put_whole(format!("{name}.brian2"), words);
            }
        }
    }

    /// Brings the random numbers back.
    ///
    /// # Errors
    /// They are not there, or come from the other stream.
    pub fn load_random(&mut self, name: &str, state: &State) -> Result<(), Unfit> {
        match &mut self.random.0 {
            Source::Fast(fast) => {
                fast.set_position(state.few(&format!("{name}.fast"))?);
                Ok(())
            }
            Source::Brian2(mt) => {
                let key = format!("{name}.brian2");
                let bytes: Vec<u8> = state.whole(&key)?.iter().map(|x| *x as u8).collect();
                **mt = Mt19937::from_bytes(&bytes).ok_or(Unfit(key))?;
                Ok(())
            }
        }
    }
}

impl Monitor {
    fn save(&self, name: &str, state: &mut State) -> io::Result<()> {
        let mut columns = |all: &[Tape<f64>]| -> io::Result<()> {
            for (k, column) in all.iter().enumerate() {
                state.put(format!("{name}.{k}"), column.all()?.into_owned());
            }
            Ok(())
        };
        match self {
            Monitor::State(m) => {
                columns(&m.values)?;
                state.put(format!("{name}.t"), m.t.all()?.into_owned());
            }
            Monitor::Spikes(m) => {
                columns(&m.values)?;
                state.put(format!("{name}.t"), m.t.all()?.into_owned());
                state.put_whole(format!("{name}.i"), wide(&m.i.all()?));
                state.put_whole(format!("{name}.count"), wide(&m.counts));
            }
            Monitor::Rate(m) => {
                state.put(format!("{name}.t"), m.t.all()?.into_owned());
                state.put(format!("{name}.rate"), m.rate.all()?.into_owned());
            }
        }
        Ok(())
    }

    fn load(&mut self, name: &str, state: &State) -> Result<(), Unfit> {
        let t = state.floats(&format!("{name}.t"))?.to_vec();
        let columns = |all: &mut [Tape<f64>], length: usize| -> Result<(), Unfit> {
            let key = |k: usize| format!("{name}.{k}");
            for k in 0..all.len() {
                if state.floats(&key(k))?.len() != length {
                    return Err(Unfit(key(k)));
                }
            }
            for (k, column) in all.iter_mut().enumerate() {
                column.assign(state.floats(&key(k))?.to_vec());
            }
            Ok(())
        };
        match self {
            Monitor::State(m) => {
                let length = t.len() * m.elements().len();
                columns(&mut m.values, length)?;
                m.t.assign(t);
            }
            Monitor::Spikes(m) => {
                let counts = state.small(&format!("{name}.count"))?;
                let i = state.small(&format!("{name}.i"))?;
                let inside = i.iter().all(|k| (*k as usize) < counts.len());
                if counts.len() != m.counts.len() || i.len() != t.len() || !inside {
                    return Err(Unfit(name.to_owned()));
                }
                columns(&mut m.values, t.len())?;
                m.total = counts.iter().map(|c| u64::from(*c)).sum();
                m.counts = counts;
                m.i.assign(i);
                m.t.assign(t);
            }
            Monitor::Rate(m) => {
                let rate = state.floats(&format!("{name}.rate"))?.to_vec();
                if rate.len() != t.len() {
                    return Err(Unfit(name.to_owned()));
                }
                m.t.assign(t);
                m.rate.assign(rate);
            }
        }
        Ok(())
    }
}
