//! Monitors: what is recorded while a simulation runs, on [`Tape`]s.
//!
//! A monitor belongs to the simulation, not to a run: recordings of several runs follow each other. Positions in a monitor
//! (columns, elements) mean what the façade says they mean; there are no names here.

use std::io;
use std::sync::Arc;

use dslsim_ir::{ArrayId, Store};

use crate::error::RunError;
use crate::tape::{Log, Tape};

/// A monitor of a [`crate::Simulation`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MonitorId(pub u32);

/// Which element of an array is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum At {
    /// The recorded (or spiking) element.
    Element,
    /// The position of that element in the list of recorded (or spiking) elements: outputs of the monitor's program.
    Position,
    /// The only element: a shared variable.
    Only,
}

/// A recorded variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Column {
    /// The array.
    pub array: ArrayId,
    /// Which elements of it.
    pub at: At,
}

impl Column {
    /// Appends the values for a list of elements.
    #[inline]
    fn gather(self, store: &Store, list: &[u32], run: bool, out: &mut Vec<f64>) {
        let values = store.held(self.array);
        match (values, self.at, list) {
            (&[value], _, _) | (&[value, ..], At::Only, _) => {
                out.extend(std::iter::repeat_n(value, list.len()))
            }
            (_, At::Position, _) => {
                out.extend_from_slice(values.get(..list.len()).unwrap_or(values))
            }
            (_, At::Element, [first, ..]) if run => {
                let first = *first as usize;
                out.extend_from_slice(values.get(first..first + list.len()).unwrap_or(&[]));
            }
            (_, At::Element, _) => out.extend(list.iter().map(|e| values[*e as usize])),
            ([], At::Only, _) => {}
        }
    }

    /// The least length that the array must have for elements below `elements`.
    pub(crate) fn needed(self, elements: usize) -> usize {
        match self.at {
            At::Element => elements,
            // The program's run makes room.
            At::Position => 0,
            At::Only => elements.min(1),
        }
    }
}

/// What is recorded at one place.
#[derive(Clone, Debug)]
pub enum Monitor {
    /// Values of variables at regular times.
    State(StateMonitor),
    /// Spikes, or their number.
    Spikes(SpikeMonitor),
    /// The rate of a population.
    Rate(RateMonitor),
}

impl Monitor {
    /// The state monitor that this is.
    #[must_use]
    pub fn as_state(&self) -> Option<&StateMonitor> {
        if let Monitor::State(m) = self {
            Some(m)
        } else {
            None
        }
    }

    /// The spike monitor that this is.
    #[must_use]
    pub fn as_spikes(&self) -> Option<&SpikeMonitor> {
        if let Monitor::Spikes(m) = self {
            Some(m)
        } else {
            None
        }
    }

    /// The rate monitor that this is.
    #[must_use]
    pub fn as_rate(&self) -> Option<&RateMonitor> {
        if let Monitor::Rate(m) = self {
            Some(m)
        } else {
            None
        }
    }

    /// Forgets everything recorded.
    pub fn clear(&mut self) {
        match self {
            Monitor::State(m) => {
                m.t.clear();
                m.values.iter_mut().for_each(Tape::clear);
            }
            Monitor::Spikes(m) => {
                m.i.clear();
                m.t.clear();
                m.values.iter_mut().for_each(Tape::clear);
                m.counts.fill(0);
                m.total = 0;
            }
            Monitor::Rate(m) => {
                m.t.clear();
                m.rate.clear();
            }
        }
    }

    /// The same with nothing recorded; the recordings are not copied on the way.
    pub(crate) fn blank(&self) -> Monitor {
        match self {
            Monitor::State(m) => {
                Monitor::State(StateMonitor::new(m.columns.clone(), m.elements.clone()))
            }
            Monitor::Spikes(m) => {
                let n = m.counts.len() as u32;
                Monitor::Spikes(SpikeMonitor::new(n, m.keep, m.columns.clone()))
            }
            Monitor::Rate(_) => Monitor::Rate(RateMonitor::new()),
        }
    }

    /// Bytes of recordings in memory.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let all = |columns: &[Tape<f64>]| columns.iter().map(Tape::bytes).sum::<usize>();
        match self {
            Monitor::State(m) => m.t.bytes() + all(&m.values),
            Monitor::Spikes(m) => m.i.bytes() + m.t.bytes() + all(&m.values),
            Monitor::Rate(m) => m.t.bytes() + m.rate.bytes(),
        }
    }

    /// Whether some of it is in a file.
    #[must_use]
    pub fn is_away(&self) -> bool {
        match self {
            Monitor::State(m) => m.t.is_away(),
            Monitor::Spikes(m) => m.t.is_away(),
            Monitor::Rate(m) => m.t.is_away(),
        }
    }

    /// Moves the recordings from memory into a file.
    pub(crate) fn put_away(&mut self, log: &Arc<Log>) -> io::Result<()> {
        let (t, others) = match self {
            Monitor::State(m) => (&mut m.t, m.values.iter_mut().collect::<Vec<_>>()),
            Monitor::Spikes(m) => {
                m.i.put_away(log)?;
                (&mut m.t, m.values.iter_mut().collect())
            }
            Monitor::Rate(m) => (&mut m.t, vec![&mut m.rate]),
        };
        others.into_iter().try_for_each(|tape| tape.put_away(log))?;
        t.put_away(log)
    }
}

/// Values of variables at regular times.
#[derive(Clone, Debug)]
pub struct StateMonitor {
    columns: Vec<Column>,
    elements: Vec<u32>,
    /// Whether the elements follow each other.
    run: bool,
    pub(crate) t: Tape<f64>,
    pub(crate) values: Vec<Tape<f64>>,
}

impl StateMonitor {
    /// Records these columns of these elements.
    #[must_use]
    pub fn new(columns: Vec<Column>, elements: Vec<u32>) -> StateMonitor {
        let run = elements
            .windows(2)
            .all(|w| w[1].checked_sub(w[0]) == Some(1));
        let values = vec![Tape::default(); columns.len()];
        StateMonitor {
            columns,
            elements,
            run,
            t: Tape::default(),
            values,
        }
    }

    /// The recorded elements.
    #[must_use]
    pub fn elements(&self) -> &[u32] {
        &self.elements
    }

    /// Times of the samples, in seconds.
    #[must_use]
    pub fn t(&self) -> &Tape<f64> {
        &self.t
    }

    /// The samples of a column: for each time, each recorded element.
    #[must_use]
    pub fn values(&self, column: usize) -> Option<&Tape<f64>> {
        self.values.get(column)
    }

    pub(crate) fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// Makes room for so many samples more, at most `limit` bytes.
    pub(crate) fn reserve(&mut self, samples: u64, limit: usize) -> Result<(), RunError> {
        let width = self.elements.len() as u64;
        let row = 8 * (1 + width * self.values.len() as u64);
        let samples = samples.min(limit as u64 / row + 1);
        reserve(&mut self.t, samples, 1)?;
        self.values
            .iter_mut()
            .try_for_each(|column| reserve(column, samples, width))
    }

    #[inline]
    pub(crate) fn record(&mut self, store: &Store, t: f64) {
        self.t.tail().push(t);
        for (column, out) in self.columns.iter().zip(&mut self.values) {
            column.gather(store, &self.elements, self.run, out.tail());
        }
    }
}

fn reserve(tape: &mut Tape<f64>, samples: u64, width: u64) -> Result<(), RunError> {
    let count = samples.saturating_mul(width);
    let error = RunError::Memory {
        bytes: count.saturating_mul(8),
    };
    let Ok(count) = usize::try_from(count) else {
        return Err(error);
    };
    tape.tail().try_reserve(count).map_err(|_| error)
}

/// Spikes, or their number.
#[derive(Clone, Debug)]
pub struct SpikeMonitor {
    columns: Vec<Column>,
    keep: bool,
    pub(crate) counts: Vec<u32>,
    pub(crate) total: u64,
    pub(crate) i: Tape<u32>,
    pub(crate) t: Tape<f64>,
    pub(crate) values: Vec<Tape<f64>>,
}

impl SpikeMonitor {
    /// Counts the spikes of `n` elements; with `keep` it also records each with its time and the values of these columns.
    #[must_use]
    pub fn new(n: u32, keep: bool, columns: Vec<Column>) -> SpikeMonitor {
        let values = vec![Tape::default(); columns.len()];
        SpikeMonitor {
            columns,
            keep,
            counts: vec![0; n as usize],
            total: 0,
            i: Tape::default(),
            t: Tape::default(),
            values,
        }
    }

    /// Number of spikes of each element.
    #[must_use]
    pub fn counts(&self) -> &[u32] {
        &self.counts
    }

    /// Number of all spikes.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.total
    }

    /// The element of each spike, counted from the first recorded one of the source.
    #[must_use]
    pub fn i(&self) -> &Tape<u32> {
        &self.i
    }

    /// The time of each spike, in seconds.
    #[must_use]
    pub fn t(&self) -> &Tape<f64> {
        &self.t
    }

    /// The value of a column at each spike.
    #[must_use]
    pub fn values(&self, column: usize) -> Option<&Tape<f64>> {
        self.values.get(column)
    }

    pub(crate) fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// Records spikes of a source, of which the first recorded element is `first`.
    #[inline]
    pub(crate) fn record(&mut self, store: &Store, spikes: &[u32], first: u32, t: f64) {
        self.note(spikes, first, t);
        if self.keep {
            for (column, out) in self.columns.iter().zip(&mut self.values) {
                column.gather(store, spikes, false, out.tail());
            }
        }
    }

    /// The same, but for the variables at the spikes.
    #[inline]
    pub(crate) fn note(&mut self, spikes: &[u32], first: u32, t: f64) {
        self.total += spikes.len() as u64;
        for s in spikes {
            self.counts[(s - first) as usize] += 1;
        }
        if self.keep {
            self.i.extend(spikes.iter().map(|s| s - first));
            self.t.extend(std::iter::repeat_n(t, spikes.len()));
        }
    }
}

/// The rate of a population, one value per step.
#[derive(Clone, Debug, Default)]
pub struct RateMonitor {
    pub(crate) t: Tape<f64>,
    pub(crate) rate: Tape<f64>,
}

impl RateMonitor {
    /// Nothing recorded yet.
    #[must_use]
    pub fn new() -> RateMonitor {
        RateMonitor::default()
    }

    /// Times of the values, in seconds.
    #[must_use]
    pub fn t(&self) -> &Tape<f64> {
        &self.t
    }

    /// Spikes per element and second.
    #[must_use]
    pub fn rate(&self) -> &Tape<f64> {
        &self.rate
    }

    /// Makes room for so many samples more, at most `limit` bytes.
    pub(crate) fn reserve(&mut self, samples: u64, limit: usize) -> Result<(), RunError> {
        let samples = samples.min(limit as u64 / 16 + 1);
        reserve(&mut self.t, samples, 1)?;
        reserve(&mut self.rate, samples, 1)
    }

    #[inline]
    pub(crate) fn record(&mut self, spikes: usize, n: u32, t: f64, dt: f64) {
        self.t.tail().push(t);
        self.rate.tail().push(spikes as f64 / dt / f64::from(n));
    }
}
