//! Clocks: integer steps, `t = step * dt` by one multiplication (Brian2's `Clock`).
//!
//! A run ends at the whole step nearest to its end if that is within [`EPSILON_DT`] steps, else at the next one; clocks whose
//! times agree within the same tolerance are due together.

/// How far a time may be from a whole step, in steps, to count as that step.
pub const EPSILON_DT: f64 = 1e-4;

/// A clock of a [`crate::Simulation`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClockId(pub u32);

/// One clock.
#[derive(Clone, Debug, PartialEq)]
pub struct Clock {
    dt: f64,
    step: u64,
    executed: u64,
}

/// A length of step that a clock cannot have.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum ClockError {
    /// Not a positive number.
    #[error("the time step must be a positive time, not {dt} s")]
    NotPositive {
        /// What was asked for, in seconds.
        dt: f64,
    },
    /// The simulation stands between two steps of the new length.
    #[error(
        "the time step cannot be changed to {dt} s: the present time, {t} s, is not a multiple of it"
    )]
    OffGrid {
        /// What was asked for, in seconds.
        dt: f64,
        /// The time of the simulation, in seconds.
        t: f64,
    },
}

impl Clock {
    pub(crate) fn new(dt: f64) -> Result<Clock, ClockError> {
        if dt > 0.0 && dt.is_finite() {
            Ok(Clock {
                dt,
                step: 0,
                executed: 0,
            })
        } else {
            Err(ClockError::NotPositive { dt })
        }
    }

    /// Length of a step, in seconds.
    #[must_use]
    pub fn dt(&self) -> f64 {
        self.dt
    }

    /// Number of the step that is executed next, or now.
    #[must_use]
    pub fn step(&self) -> u64 {
        self.step
    }

    /// Time at the beginning of that step, in seconds.
    #[must_use]
    pub fn t(&self) -> f64 {
        self.step as f64 * self.dt
    }

    /// Steps executed so far. With the length of a step changed it differs from [`Clock::step`], and never repeats: the random
    /// stream counts with it.
    #[must_use]
    pub fn executed(&self) -> u64 {
        self.executed
    }

    /// The step that a time stands for.
    #[must_use]
    pub fn step_at(&self, t: f64) -> u64 {
        let nearest = (t / self.dt).round_ties_even();
        let near = nearest * self.dt;
        let whole = near == t || (near - t).abs() / self.dt <= EPSILON_DT;
        (if whole { nearest } else { (t / self.dt).ceil() }) as u64
    }

    pub(crate) fn set_dt(&mut self, dt: f64, now: f64) -> Result<(), ClockError> {
        let new = Clock::new(dt)?;
        let at_old = (now / self.dt).round_ties_even() * self.dt;
        let at_new = (now / dt).round_ties_even() * dt;
        if dt != self.dt && (at_new - at_old).abs() / dt > EPSILON_DT {
            return Err(ClockError::OffGrid { dt, t: now });
        }
        self.dt = new.dt;
        self.go_to(now);
        Ok(())
    }

    /// Becomes a clock from before, at the time `now`.
    pub(crate) fn restore(
        &mut self,
        dt: f64,
        now: f64,
        executed: Option<u64>,
    ) -> Result<(), ClockError> {
        self.dt = Clock::new(dt)?.dt;
        self.executed = executed.unwrap_or(self.executed);
        self.go_to(now);
        Ok(())
    }

    /// Becomes a clock that has come to `step` and has executed so many.
    pub(crate) fn put(&mut self, dt: f64, [step, executed]: [u64; 2]) -> Result<(), ClockError> {
        self.dt = Clock::new(dt)?.dt;
        (self.step, self.executed) = (step, executed);
        Ok(())
    }

    pub(crate) fn go_to(&mut self, t: f64) {
        self.step = self.step_at(t);
    }

    #[inline]
    pub(crate) fn advance(&mut self) {
        self.step += 1;
        self.executed += 1;
    }

    #[inline]
    pub(crate) fn tick(&self) -> Tick {
        Tick {
            t: self.t(),
            dt: self.dt,
            step: self.step,
            executed: self.executed,
        }
    }

    /// Whether this clock is due at the time of the earliest clock.
    pub(crate) fn is_due(&self, earliest: &Clock) -> bool {
        let apart = (self.t() - earliest.t()).abs();
        apart == 0.0 || apart / self.dt.min(earliest.dt) < EPSILON_DT
    }
}

/// What an operation knows about the step that it is executed in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tick {
    pub(crate) t: f64,
    pub(crate) dt: f64,
    pub(crate) step: u64,
    pub(crate) executed: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_ends_at_the_nearest_or_the_next_step() {
        let clock = Clock::new(1e-4).unwrap();
        assert_eq!(clock.step_at(0.25e-3), 3);
        assert_eq!(clock.step_at(0.3e-3), 3);
        assert_eq!(clock.step_at(0.300_009e-3), 3);
        assert_eq!(clock.step_at(0.300_011e-3), 4);
        assert_eq!(clock.step_at(0.299_991e-3), 3);
        assert_eq!(clock.step_at(1.0), 10_000);
        assert_eq!(clock.step_at(0.0), 0);
    }

    #[test]
    fn a_step_may_change_where_the_time_is_on_both_grids() {
        let mut clock = Clock::new(1e-4).unwrap();
        clock.go_to(0.3e-3);
        assert!(matches!(
            clock.set_dt(2e-4, 0.3e-3),
            Err(ClockError::OffGrid { .. })
        ));
        assert!(clock.set_dt(0.5e-4, 0.3e-3).is_ok());
        assert_eq!(clock.step(), 6);
        assert!(Clock::new(-1.0).is_err() && Clock::new(f64::NAN).is_err());
    }
}
