//! Monitors: what is recorded while a simulation runs. Growing buffers, read as slices.
//!
//! A monitor belongs to the simulation, not to a run: recordings of several runs follow each other. Positions in a monitor
//! (columns, elements) mean what the façade says they mean; there are no names here.

use dslsim_ir::{ArrayId, Store};

use crate::error::RunError;

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
                m.values.iter_mut().for_each(Vec::clear);
            }
            Monitor::Spikes(m) => {
                m.i.clear();
                m.t.clear();
                m.values.iter_mut().for_each(Vec::clear);
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

    /// Bytes of recordings.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let all = |columns: &[Vec<f64>]| columns.iter().map(|c| 8 * c.len()).sum::<usize>();
        match self {
            Monitor::State(m) => 8 * m.t.len() + all(&m.values),
            Monitor::Spikes(m) => 12 * m.t.len() + 4 * m.counts.len() + all(&m.values),
            Monitor::Rate(m) => 16 * m.t.len(),
        }
    }
}

/// Values of variables at regular times.
#[derive(Clone, Debug)]
pub struct StateMonitor {
    columns: Vec<Column>,
    elements: Vec<u32>,
    /// Whether the elements follow each other.
    run: bool,
    pub(crate) t: Vec<f64>,
    pub(crate) values: Vec<Vec<f64>>,
}

impl StateMonitor {
    /// Records these columns of these elements.
    #[must_use]
    pub fn new(columns: Vec<Column>, elements: Vec<u32>) -> StateMonitor {
        let run = elements
            .windows(2)
            .all(|w| w[1].checked_sub(w[0]) == Some(1));
        let values = vec![Vec::new(); columns.len()];
        StateMonitor {
            columns,
            elements,
            run,
            t: Vec::new(),
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
    pub fn t(&self) -> &[f64] {
        &self.t
    }

    /// The samples of a column: for each time, each recorded element.
    #[must_use]
    pub fn values(&self, column: usize) -> &[f64] {
        self.values.get(column).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// Makes room for so many samples more.
    pub(crate) fn reserve(&mut self, samples: u64) -> Result<(), RunError> {
        let width = self.elements.len() as u64;
        reserve(&mut self.t, samples, 1)?;
        self.values
            .iter_mut()
            .try_for_each(|column| reserve(column, samples, width))
    }

    #[inline]
    pub(crate) fn record(&mut self, store: &Store, t: f64) {
        self.t.push(t);
        for (column, out) in self.columns.iter().zip(&mut self.values) {
            column.gather(store, &self.elements, self.run, out);
        }
    }
}

fn reserve(buffer: &mut Vec<f64>, samples: u64, width: u64) -> Result<(), RunError> {
    let count = samples.saturating_mul(width);
    let error = RunError::Memory {
        bytes: count.saturating_mul(8),
    };
    let Ok(count) = usize::try_from(count) else {
        return Err(error);
    };
    buffer.try_reserve(count).map_err(|_| error)
}

/// Spikes, or their number.
#[derive(Clone, Debug)]
pub struct SpikeMonitor {
    columns: Vec<Column>,
    keep: bool,
    pub(crate) counts: Vec<u32>,
    pub(crate) total: u64,
    pub(crate) i: Vec<u32>,
    pub(crate) t: Vec<f64>,
    pub(crate) values: Vec<Vec<f64>>,
}

impl SpikeMonitor {
    /// Counts the spikes of `n` elements; with `keep` it also records each with its time and the values of these columns.
    #[must_use]
    pub fn new(n: u32, keep: bool, columns: Vec<Column>) -> SpikeMonitor {
        let values = vec![Vec::new(); columns.len()];
        SpikeMonitor {
            columns,
            keep,
            counts: vec![0; n as usize],
            total: 0,
            i: Vec::new(),
            t: Vec::new(),
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
    pub fn i(&self) -> &[u32] {
        &self.i
    }

    /// The time of each spike, in seconds.
    #[must_use]
    pub fn t(&self) -> &[f64] {
        &self.t
    }

    /// The value of a column at each spike.
    #[must_use]
    pub fn values(&self, column: usize) -> &[f64] {
        self.values.get(column).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// Records spikes of a source, of which the first recorded element is `first`.
    #[inline]
    pub(crate) fn record(&mut self, store: &Store, spikes: &[u32], first: u32, t: f64) {
        self.total += spikes.len() as u64;
        for s in spikes {
            self.counts[(s - first) as usize] += 1;
        }
        if !self.keep {
            return;
        }
        self.i.extend(spikes.iter().map(|s| s - first));
        self.t.extend(std::iter::repeat_n(t, spikes.len()));
        for (column, out) in self.columns.iter().zip(&mut self.values) {
            column.gather(store, spikes, false, out);
        }
    }
}

/// The rate of a population, one value per step.
#[derive(Clone, Debug, Default)]
pub struct RateMonitor {
    pub(crate) t: Vec<f64>,
    pub(crate) rate: Vec<f64>,
}

impl RateMonitor {
    /// Nothing recorded yet.
    #[must_use]
    pub fn new() -> RateMonitor {
        RateMonitor::default()
    }

    /// Times of the values, in seconds.
    #[must_use]
    pub fn t(&self) -> &[f64] {
        &self.t
    }

    /// Spikes per element and second.
    #[must_use]
    pub fn rate(&self) -> &[f64] {
        &self.rate
    }

    pub(crate) fn reserve(&mut self, samples: u64) -> Result<(), RunError> {
        reserve(&mut self.t, samples, 1)?;
        reserve(&mut self.rate, samples, 1)
    }

    #[inline]
    pub(crate) fn record(&mut self, spikes: usize, n: u32, t: f64, dt: f64) {
        self.t.push(t);
        self.rate.push(spikes as f64 / dt / f64::from(n));
    }
}
