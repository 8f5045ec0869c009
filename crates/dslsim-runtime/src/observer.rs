//! Looking at a run from outside: progress bars, Ctrl-C, time limits.
//!
//! Nothing here changes what a run computes, only when it stops. The wall clock is read every few milliseconds: the number of
//! steps between two looks adapts to how long steps take.

use std::time::{Duration, Instant};

use crate::simulation::Simulation;
use crate::underway::Underway;

/// Whether a run goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control {
    /// Go on.
    Continue,
    /// Call [`Observer::keep`], then go on.
    Keep,
    /// Finish this step and stop.
    Stop,
}

/// Somebody who is told how far a run is.
pub trait Observer {
    /// Called about every 50 ms of wall time between steps, or after each step if steps take longer, and once at the end.
    ///
    /// Steps are those of the run's fastest clock; `t` is the time of the simulation in seconds.
    fn progress(&mut self, done_steps: u64, total_steps: u64, t: f64) -> Control;

    /// Called between steps when [`Control::Keep`] has asked for it, when the run is stopped, and at its end. The simulation may be
    /// looked at, and its recordings put away; what it computes must not change.
    fn keep(&mut self, _simulation: &mut Simulation, _underway: &Underway) {}
}

/// An observer that never stops a run.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Observer for Silent {
    fn progress(&mut self, _: u64, _: u64, _: f64) -> Control {
        Control::Continue
    }
}

impl<F: FnMut(u64, u64, f64) -> Control> Observer for F {
    fn progress(&mut self, done_steps: u64, total_steps: u64, t: f64) -> Control {
        self(done_steps, total_steps, t)
    }
}

const LOOK: Duration = Duration::from_millis(5);
const TELL: Duration = Duration::from_millis(50);

/// Decides after which steps the wall clock is read and the observer told.
pub(crate) struct Pace {
    countdown: u64,
    interval: u64,
    looked: Instant,
    told: Instant,
}

impl Pace {
    pub(crate) fn new() -> Pace {
        let now = Instant::now();
        Pace {
            countdown: 1,
            interval: 1,
            looked: now,
            told: now,
        }
    }

    /// After some steps: now and then `Some`, with whether the observer is to be told.
    #[inline]
    pub(crate) fn steps(&mut self, made: u64) -> Option<bool> {
        self.countdown = self.countdown.saturating_sub(made);
        (self.countdown == 0).then(|| self.look())
    }

    /// Steps that can be made until it is time to look.
    pub(crate) fn left(&self) -> u64 {
        self.countdown
    }

    /// Whether the observer may be told after the next step.
    #[inline]
    pub(crate) fn may_tell(&self) -> bool {
        self.countdown <= 1
    }

    #[cold]
    fn look(&mut self) -> bool {
        let now = Instant::now();
        let took = now.duration_since(self.looked);
        if took < LOOK / 2 {
            self.interval = (self.interval * 2).min(1 << 16);
        } else if took > LOOK {
            // At most a quarter: one slow look (another process had the processor) says little.
            let fit = self.interval as f64 * LOOK.as_secs_f64() / took.as_secs_f64();
            self.interval = (fit as u64).max(self.interval / 4).max(1);
        }
        self.countdown = self.interval;
        self.looked = now;
        let due = now.duration_since(self.told) >= TELL;
        if due {
            self.told = now;
        }
        due
    }
}
