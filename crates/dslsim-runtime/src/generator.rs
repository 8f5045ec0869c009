//! Given spikes (`SpikeGeneratorGroup`): binned into time steps once, then played.
//!
//! A spike belongs to the step that contains it: `bin = trunc((time + 1e-3 dt)/dt)`. With a period the spikes are repeated.

/// A list of given spikes of a [`crate::Simulation`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GeneratorId(pub u32);

/// Given spikes in time steps.
#[derive(Clone, Debug, PartialEq)]
pub struct Generator {
    /// Ascending.
    bins: Vec<u64>,
    /// Ascending within a bin.
    elements: Vec<u32>,
    /// In steps.
    period: Option<u64>,
    n: u32,
    dt: f64,
}

/// Spikes that cannot be played.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum GeneratorError {
    /// Not as many times as indices.
    #[error("{indices} indices were given for {times} spike times")]
    Lengths {
        /// Number of indices.
        indices: usize,
        /// Number of times.
        times: usize,
    },
    /// An index out of range.
    #[error("spike {spike} has index {index}, but the group has {n} neurons")]
    Index {
        /// Which of the given spikes.
        spike: usize,
        /// Its index.
        index: i64,
        /// Number of neurons.
        n: u32,
    },
    /// A time that is negative or not a number.
    #[error("spike {spike} has the time {time} s")]
    Time {
        /// Which of the given spikes.
        spike: usize,
        /// Its time in seconds.
        time: f64,
    },
    /// Two spikes of a neuron in one step.
    #[error(
        "neuron {neuron} spikes twice (at {first} s and {second} s) within one time step of {dt} s"
    )]
    TwoSpikes {
        /// The neuron.
        neuron: u32,
        /// The time of one spike, in seconds.
        first: f64,
        /// The time of the other, in seconds.
        second: f64,
        /// Length of a step, in seconds.
        dt: f64,
    },
    /// A period that is not positive.
    #[error("a period of {period} s is not possible")]
    PeriodNotPositive {
        /// The period in seconds.
        period: f64,
    },
    /// A period that is not a whole number of steps.
    #[error("the period, {period} s, is not a multiple of the time step, {dt} s")]
    PeriodNotMultiple {
        /// The period in seconds.
        period: f64,
        /// Length of a step, in seconds.
        dt: f64,
    },
    /// A spike after the end of the period.
    #[error("the period, {period} s, must be greater than the time of the last spike, {last} s")]
    PeriodTooShort {
        /// The period in seconds.
        period: f64,
        /// The time of the last spike, in seconds.
        last: f64,
    },
}

impl Generator {
    /// Bins the spikes of `n` neurons (`indices`) at `times`, in seconds, into steps of `dt`.
    ///
    /// # Errors
    /// Spikes or a period that cannot be played exactly.
    pub fn new(
        n: u32,
        indices: &[i64],
        times: &[f64],
        dt: f64,
        period: Option<f64>,
    ) -> Result<Generator, GeneratorError> {
        if indices.len() != times.len() {
            return Err(GeneratorError::Lengths {
                indices: indices.len(),
                times: times.len(),
            });
        }
        let steps = period.map(|p| period_steps(p, times, dt)).transpose()?;
        let mut spikes = Vec::with_capacity(times.len());
        for (spike, (&index, &time)) in indices.iter().zip(times).enumerate() {
            let Some(element) = u32::try_from(index).ok().filter(|e| *e < n) else {
                return Err(GeneratorError::Index { spike, index, n });
            };
            if !(time >= 0.0 && time.is_finite()) {
                return Err(GeneratorError::Time { spike, time });
            }
            let bin = ((time + 1e-3 * dt) / dt) as u64;
            // A spike that the tolerance moves to the end of the period stays in its last step.
            let bin = steps.map_or(bin, |s| bin.min(s - 1));
            spikes.push((bin, element, time));
        }
        spikes.sort_by_key(|s| (s.0, s.1));
        for pair in spikes.windows(2) {
            if let [a, b] = pair
                && (a.0, a.1) == (b.0, b.1)
            {
                return Err(GeneratorError::TwoSpikes {
                    neuron: a.1,
                    first: a.2,
                    second: b.2,
                    dt,
                });
            }
        }
        Ok(Generator {
            bins: spikes.iter().map(|s| s.0).collect(),
            elements: spikes.iter().map(|s| s.1).collect(),
            period: steps,
            n,
            dt,
        })
    }

    /// Number of neurons.
    #[must_use]
    pub fn n(&self) -> u32 {
        self.n
    }

    /// Length of a step in seconds, for which the spikes were binned.
    #[must_use]
    pub fn dt(&self) -> f64 {
        self.dt
    }

    /// How many spikes are before a step and so will not be played by a run that begins there; with a period, none.
    #[must_use]
    pub fn missed(&self, step: u64) -> usize {
        if self.period.is_some() {
            0
        } else {
            self.first_at(step)
        }
    }

    fn first_at(&self, bin: u64) -> usize {
        self.bins.partition_point(|b| *b < bin)
    }
}

fn period_steps(period: f64, times: &[f64], dt: f64) -> Result<u64, GeneratorError> {
    if !(period > 0.0 && period.is_finite()) {
        return Err(GeneratorError::PeriodNotPositive { period });
    }
    let last = times.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if last >= period {
        return Err(GeneratorError::PeriodTooShort { period, last });
    }
    let steps = (period / dt).round_ties_even();
    if steps < 1.0 || (steps * dt - period).abs() > 1e-3 * dt {
        return Err(GeneratorError::PeriodNotMultiple { period, dt });
    }
    Ok(steps as u64)
}

/// Where in the list of spikes a run is.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cursor {
    next: usize,
    bin: u64,
}

impl Cursor {
    /// Appends the elements that spike in a step.
    pub(crate) fn play(&mut self, generator: &Generator, step: u64, out: &mut Vec<u32>) {
        let bin = generator.period.map_or(step, |p| step % p);
        if bin != self.bin {
            self.next = generator.first_at(bin);
        }
        while generator.bins.get(self.next) == Some(&bin) {
            out.extend(generator.elements.get(self.next));
            self.next += 1;
        }
        self.bin = bin + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn play(generator: &Generator, steps: u64) -> Vec<(u64, u32)> {
        let mut cursor = Cursor::default();
        let mut all = Vec::new();
        for step in 0..steps {
            let mut out = Vec::new();
            cursor.play(generator, step, &mut out);
            all.extend(out.iter().map(|e| (step, *e)));
        }
        all
    }

    // The inputs of reference/m20_spikegenerator.py and the spikes that Brian2 2.11 made of them.
    #[test]
    fn bin_edges_are_brian2s() {
        let times = [
            0.0,
            0.04,
            0.05,
            0.099_999_9,
            0.1,
            0.100_000_1,
            0.15,
            0.2,
            0.299_999_999_99,
            0.3,
            0.300_000_01,
            1.0,
            1.05,
            2.0 - 1e-6,
            2.0,
            2.0 + 1e-6,
            29.9,
            29.95,
            30.0,
        ]
        .map(|t| t * 1e-3);
        let indices: Vec<i64> = (0..19).collect();
        let generator = Generator::new(19, &indices, &times, 1e-4, None).unwrap();
        let expected = [
            0, 0, 0, 1, 1, 1, 1, 2, 3, 3, 3, 10, 10, 20, 20, 20, 299, 299,
        ];
        let spikes = play(&generator, 300);
        assert!(spikes.iter().copied().eq(expected.into_iter().zip(0..)));
        assert_eq!((generator.missed(0), generator.missed(20)), (0, 13));
    }

    #[test]
    fn periods_repeat() {
        let times = [0.0, 1e-3, 1e-3, 2.3e-3];
        let generator = Generator::new(3, &[2, 0, 1, 0], &times, 1e-4, Some(5e-3)).unwrap();
        let expected: Vec<(u64, u32)> = (0..6)
            .flat_map(|k| {
                [
                    (50 * k, 2),
                    (50 * k + 10, 0),
                    (50 * k + 10, 1),
                    (50 * k + 23, 0),
                ]
            })
            .collect();
        assert_eq!(play(&generator, 300), expected);
        let edge = Generator::new(1, &[0], &[5e-3 - 1e-9], 1e-4, Some(5e-3)).unwrap();
        assert_eq!(play(&edge, 100), [(49, 0), (99, 0)]);
        let each_step = Generator::new(1, &[0], &[0.0], 1e-4, Some(1e-4)).unwrap();
        assert_eq!(play(&each_step, 3), [(0, 0), (1, 0), (2, 0)]);
    }

    #[test]
    fn coarse_steps_and_unsorted_indices() {
        let coarse = Generator::new(1, &[0, 0, 0], &[0.0, 0.6e-3, 1.3e-3], 5e-4, None).unwrap();
        assert_eq!(play(&coarse, 60), [(0, 0), (1, 0), (2, 0)]);
        let unsorted = Generator::new(4, &[3, 1, 2, 0], &[1e-3; 4], 1e-4, None).unwrap();
        assert_eq!(play(&unsorted, 60), [(10, 0), (10, 1), (10, 2), (10, 3)]);
    }

    #[test]
    fn a_run_may_begin_anywhere() {
        let generator = Generator::new(2, &[0, 1, 0], &[1e-4, 5e-4, 7e-4], 1e-4, None).unwrap();
        let mut cursor = Cursor::default();
        let mut out = Vec::new();
        cursor.play(&generator, 5, &mut out);
        assert_eq!(out, [1]);
        cursor.play(&generator, 7, &mut out);
        assert_eq!(out, [1, 0]);
    }

    #[test]
    fn what_cannot_be_played() {
        use GeneratorError as E;
        let make = |i: &[i64], t: &[f64], p| Generator::new(2, i, t, 1e-4, p).unwrap_err();
        assert!(matches!(
            make(&[0, 0], &[1.0e-3, 1.05e-3], None),
            E::TwoSpikes { neuron: 0, .. }
        ));
        assert!(matches!(
            make(&[0, 2], &[0.0, 0.0], None),
            E::Index {
                spike: 1,
                index: 2,
                n: 2
            }
        ));
        assert!(matches!(make(&[-1], &[0.0], None), E::Index { .. }));
        assert!(matches!(make(&[0], &[-1e-3], None), E::Time { .. }));
        assert!(matches!(make(&[0], &[], None), E::Lengths { .. }));
        assert!(matches!(
            make(&[0], &[0.0], Some(1.5e-4)),
            E::PeriodNotMultiple { .. }
        ));
        assert!(matches!(
            make(&[0], &[1e-3], Some(1e-3)),
            E::PeriodTooShort { .. }
        ));
        assert!(matches!(
            make(&[0], &[0.0], Some(-1.0)),
            E::PeriodNotPositive { .. }
        ));
    }
}
