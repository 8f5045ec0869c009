//! Where a run is between two steps, and the whole state of a simulation there: what it takes to go on in another process.
//!
//! The state is kept array by array, as it lies in memory, so that nothing is copied; the other parts are a [`State`]. Recordings are in
//! a [`Log`], of which only the places are kept. It is brought back into a simulation that has come to the beginning of the same run
//! in the same way; a simulation that does not fit refuses it.

use std::sync::Arc;

use dslsim_ir::ArrayId;

use crate::health::NotFinite;
use crate::monitor::Monitor;
use crate::queue::QueueId;
use crate::simulation::{Simulation, SpikesId};
use crate::snapshot::{State, Unfit};
use crate::tape::{Log, Tape};

/// Where a run is between two steps.
#[derive(Clone, Debug, PartialEq)]
pub struct Underway {
    /// Where it ends, in seconds.
    pub t_end: f64,
    /// Steps made, of its fastest clock.
    pub done: u64,
    /// Whether it has come to its end.
    pub complete: bool,
    /// Steps until arrays are looked at for NaN, and the time of the last look.
    pub(crate) countdown: u32,
    pub(crate) last_look: Option<f64>,
    /// What became NaN or infinite so far, if that is allowed.
    pub not_finite: Vec<NotFinite>,
}

impl Underway {
    /// At the beginning of a run that ends at `t_end`.
    pub(crate) fn beginning(t_end: f64) -> Underway {
        Underway {
            t_end,
            done: 0,
            complete: false,
            countdown: 1,
            last_look: None,
            not_finite: Vec::new(),
        }
    }

    /// Writes it.
    pub fn save(&self, name: &str, state: &mut State) {
        let whole = [
            self.done,
            u64::from(self.complete),
            u64::from(self.countdown),
        ];
        state.put_whole(format!("{name}.steps"), whole.to_vec());
        let times = std::iter::once(self.t_end).chain(self.last_look);
        state.put(format!("{name}.times"), times.collect());
        let places = self.not_finite.iter();
        let places = places.flat_map(|n| [u64::from(n.array.0), n.element as u64]);
        state.put_whole(format!("{name}.where"), places.collect());
        let values = self.not_finite.iter();
        let values = values.flat_map(|n| [n.value, n.from_time, n.to_time]);
        state.put(format!("{name}.what"), values.collect());
    }

    /// Reads it.
    ///
    /// # Errors
    /// It is not there.
    pub fn load(name: &str, state: &State) -> Result<Underway, Unfit> {
        let [done, complete, countdown] = state.few(&format!("{name}.steps"))?;
        let unfit = || Unfit(name.to_owned());
        let (t_end, last_look) = match state.floats(&format!("{name}.times"))? {
            [t_end] => (*t_end, None),
            [t_end, look] => (*t_end, Some(*look)),
            _ => return Err(unfit()),
        };
        let (places, _) = state.whole(&format!("{name}.where"))?.as_chunks::<2>();
        let (values, _) = state.floats(&format!("{name}.what"))?.as_chunks::<3>();
        let not_finite = places.iter().zip(values);
        let not_finite =
            not_finite.map(
                |(&[array, element], &[value, from_time, to_time])| NotFinite {
                    array: ArrayId(array as u32),
                    element: element as usize,
                    value,
                    from_time,
                    to_time,
                    origin: None,
                },
            );
        Ok(Underway {
            t_end,
            done,
            complete: complete == 1,
            countdown: u32::try_from(countdown).map_err(|_| unfit())?.max(1),
            last_look,
            not_finite: not_finite.collect(),
        })
    }
}

/// An array as it lies in memory.
#[derive(Clone, Copy, Debug)]
pub struct Held<'a> {
    /// Whether all elements are held as one number.
    pub uniform: bool,
    /// Number of elements.
    pub length: usize,
    /// The elements; one if the array is uniform.
    pub values: &'a [f64],
}

impl Simulation {
    /// All arrays.
    pub fn arrays(&self) -> impl ExactSizeIterator<Item = Held<'_>> {
        (0..self.store.len()).map(|k| {
            let array = ArrayId(k as u32);
            Held {
                uniform: self.store.is_uniform(array),
                length: self.store.length(array),
                values: self.store.held(array),
            }
        })
    }

    /// Brings an array back as it was.
    ///
    /// # Errors
    /// There is no such array, or it cannot have been one.
    pub fn put_array(&mut self, number: usize, held: Held<'_>) -> Result<(), Unfit> {
        let expected = if held.uniform { 1 } else { held.length };
        if number >= self.store.len() || held.values.len() != expected {
            return Err(Unfit(format!("array {number}")));
        }
        let array = ArrayId(number as u32);
        match (held.uniform, held.values) {
            (true, [x, ..]) => {
                self.store.fill(array, *x);
                self.store.resize(array, held.length, *x);
            }
            (_, all) => {
                self.store.assign(array, all);
                self.store.spread(array);
            }
        }
        Ok(())
    }

    /// Writes everything but the arrays. Recordings are where [`Simulation::put_recordings_away`] has put them.
    pub fn save_rest(&self, state: &mut State) {
        state.put("time".into(), vec![self.time]);
        let clocks = self.clocks.iter();
        state.put("clocks.dt".into(), clocks.map(|c| c.dt()).collect());
        let clocks = self.clocks.iter();
        let steps = clocks.flat_map(|c| [c.step(), c.executed()]);
        state.put_whole("clocks.steps".into(), steps.collect());
        for k in 0..self.sources.len() {
            self.save_spikes(SpikesId(k as u32), &format!("spikes.{k}"), state);
        }
        for k in 0..self.queues.len() {
            self.save_queue(QueueId(k as u32), &format!("queue.{k}"), state);
            let synapses = self.queues.get(k).map_or(0, |q| q.synapses() as u64);
            state.put_whole(format!("queue.{k}#reach"), vec![synapses]);
        }
        self.save_random("random", state);
        for (k, monitor) in self.monitors.iter().enumerate() {
            monitor.save_places(&format!("monitor.{k}"), state);
        }
    }

    /// Brings everything but the arrays back, with recordings that lie in this log.
    ///
    /// # Errors
    /// It is of another simulation, or recordings are damaged. The simulation is then of no use any more.
    pub fn load_rest(&mut self, state: &State, log: &Arc<Log>) -> Result<(), Unfit> {
        let [time] = *state.floats("time")? else {
            return Err(Unfit("time".into()));
        };
        let lengths = state.floats("clocks.dt")?;
        let (steps, _) = state.whole("clocks.steps")?.as_chunks::<2>();
        if lengths.len() != self.clocks.len() || steps.len() != lengths.len() {
            return Err(Unfit("clocks".into()));
        }
        for ((clock, dt), at) in self.clocks.iter_mut().zip(lengths).zip(steps) {
            clock.put(*dt, *at).map_err(|_| Unfit("clocks".into()))?;
        }
        self.time = time;
        let beyond = |kind: &str, n: usize| state.0.contains_key(&format!("{kind}.{n}"));
        for k in 0..self.sources.len() {
            self.load_spikes(SpikesId(k as u32), &format!("spikes.{k}"), true, state)?;
        }
        for k in 0..self.queues.len() {
            let [reach] = state.few(&format!("queue.{k}#reach"))?;
            let name = format!("queue.{k}");
            self.load_queue(QueueId(k as u32), &name, reach as u32, state)?;
        }
        self.load_random("random", state)?;
        for (k, monitor) in self.monitors.iter_mut().enumerate() {
            monitor.load_places(&format!("monitor.{k}"), state, log)?;
        }
        if beyond("spikes", self.sources.len()) || beyond("queue", self.queues.len()) {
            return Err(Unfit("spikes".into()));
        }
        Ok(())
    }
}

impl Monitor {
    fn save_places(&self, name: &str, state: &mut State) {
        let mut columns = |all: &[Tape<f64>]| {
            for (k, column) in all.iter().enumerate() {
                column.save(format!("{name}.{k}"), state);
            }
        };
        match self {
            Monitor::State(m) => {
                columns(&m.values);
                m.t.save(format!("{name}.t"), state);
            }
            Monitor::Spikes(m) => {
                columns(&m.values);
                m.t.save(format!("{name}.t"), state);
                m.i.save(format!("{name}.i"), state);
                let counts = m.counts.iter().map(|c| u64::from(*c));
                state.put_whole(format!("{name}.count"), counts.collect());
                state.put_whole(format!("{name}.total"), vec![m.total]);
            }
            Monitor::Rate(m) => {
                m.t.save(format!("{name}.t"), state);
                m.rate.save(format!("{name}.rate"), state);
            }
        }
    }

    fn load_places(&mut self, name: &str, state: &State, log: &Arc<Log>) -> Result<(), Unfit> {
        let load = |key: &str| Tape::<f64>::load(&format!("{name}.{key}"), state, log);
        let columns = |all: &mut [Tape<f64>]| -> Result<(), Unfit> {
            for (k, column) in all.iter_mut().enumerate() {
                *column = load(&k.to_string())?;
            }
            Ok(())
        };
        match self {
            Monitor::State(m) => {
                columns(&mut m.values)?;
                m.t = load("t")?;
            }
            Monitor::Spikes(m) => {
                let counts = state.small(&format!("{name}.count"))?;
                if counts.len() != m.counts.len() {
                    return Err(Unfit(name.to_owned()));
                }
                columns(&mut m.values)?;
                m.t = load("t")?;
                m.i = Tape::load(&format!("{name}.i"), state, log)?;
                m.counts = counts;
                [m.total] = state.few(&format!("{name}.total"))?;
            }
            Monitor::Rate(m) => {
                m.t = load("t")?;
                m.rate = load("rate")?;
            }
        }
        Ok(())
    }
}
