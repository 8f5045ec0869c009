//! Whether some work is done by one thread or by several: what was faster when it was tried.
//!
//! Both ways give the same bits, so the choice may depend on the wall clock. It is made anew now and then, because the machine
//! may have become busier, or the network more active.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

/// What is expected to take less than this, in seconds, is not worth waking anybody.
const LEAST: f64 = 8e-6;
/// Times that this lasts before one thread is measured again, for short and for long work: a network may become more active.
const QUIET: (u32, u32) = (20_000, 50);
/// Tries of each way.
const TRIES: usize = 15;
/// Tries of each way of what takes long, and seconds that one lasts: a sleeper is awake in time.
const FEW: usize = 3;
const TRY: f64 = 1e-3;
/// Times that one thread is measured before anything is tried.
const LOOKS: u32 = 4;

/// Times that the first choice lasts; each lasts four times as long as the one before, up to the longest.
const FIRST: u32 = 125;
const LONGEST: u32 = 8000;
/// Several threads have to take less than this part of the time of one.
const WORTH: f64 = 0.95;

/// Whether the ways take turns.
static IN_TURN: AtomicBool = AtomicBool::new(false);

/// In this process, several threads are chosen twice, and one thread once, and so on, whether that is faster or not: for tests of what they do, which
/// must not depend on the clock.
pub fn take_turns() {
    IN_TURN.store(true, Ordering::Relaxed);
}

/// The two ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// One thread does all.
    Alone,
    /// Several threads share it.
    Together,
}

/// What the time of some work is taken for.
#[derive(Clone, Copy, Debug)]
enum Purpose {
    /// How long one thread takes.
    Look,
    /// To compare the ways.
    Try(Way),
    /// For nothing: threads wake up, and caches are filled.
    Move,
}

/// Tries both ways, and keeps to the better one for a while.
#[derive(Debug)]
pub struct Gauge {
    alone: Vec<f64>,
    together: Vec<f64>,
    /// Seconds for a unit of work by one thread.
    unit: f64,
    chosen: Way,
    /// Times until the next trial, and from that on to the one after it.
    left: u32,
    lasts: u32,
    begun: Option<(Purpose, Instant)>,
    /// Times that it is only looked at how long one thread takes.
    looks: u32,
    /// Times that there was too little to do.
    quiet: u32,
    tries: usize,
    /// Whether the work is long.
    long: bool,
    /// The last way.
    last: Way,
    /// Whether a unit of work has to be worth it by itself.
    by_unit: bool,
}

impl Gauge {
    /// For work that takes at least a tenth of a millisecond.
    pub fn of_long_work() -> Gauge {
        Gauge {
            tries: FEW,
            long: true,
            ..Gauge::of_short_work()
        }
    }

    /// For long work whose threads wait for each other after each unit of it.
    pub fn of_long_work_that_meets() -> Gauge {
        Gauge {
            by_unit: true,
            ..Gauge::of_long_work()
        }
    }

    /// For short work.
    pub fn of_short_work() -> Gauge {
        Gauge {
            alone: Vec::with_capacity(TRIES),
            together: Vec::with_capacity(TRIES),
            unit: f64::INFINITY,
            chosen: Way::Alone,
            left: 0,
            lasts: FIRST,
            begun: None,
            looks: LOOKS,
            quiet: 0,
            tries: TRIES,
            long: false,
            last: Way::Alone,
            by_unit: false,
        }
    }

    /// How much long work is enough for a try; `None` once several threads are chosen for some time to come: the more the better.
    #[must_use]
    pub fn amount(&self) -> Option<usize> {
        let settled = self.left > 0 && self.chosen == Way::Together;
        (!settled && !IN_TURN.load(Ordering::Relaxed)).then_some((TRY / self.unit) as usize)
    }

    /// How to do this much work, in any unit. [`Gauge::end`] has to follow.
    #[inline]
    pub fn begin(&mut self, work: usize) -> Way {
        if IN_TURN.load(Ordering::Relaxed) {
            self.quiet = (self.quiet + 1) % 3;
            return if self.quiet == 0 {
                Way::Alone
            } else {
                Way::Together
            };
        }
        if self.looks > 0 {
            self.looks -= 1;
            self.begun = Some((Purpose::Look, Instant::now()));
            return Way::Alone;
        }
        let at_once = if self.by_unit { 1 } else { work };
        if at_once as f64 * self.unit < LEAST {
            self.quiet += 1;
            if self.quiet >= if self.long { QUIET.1 } else { QUIET.0 } {
                (self.quiet, self.looks, self.unit) = (0, LOOKS, f64::INFINITY);
            }
            return Way::Alone;
        }
        if self.left > 0 {
            self.left -= 1;
            self.last = self.chosen;
            return self.chosen;
        }
        // Short work together first: all operations of a step then try it in the same steps, and nobody has fallen asleep.
        let way = match (self.long, self.alone.len(), self.together.len()) {
            (true, alone, _) if alone < self.tries => Way::Alone,
            (false, _, together) if together == self.tries => Way::Alone,
            _ => Way::Together,
        };
        // Long work moves to other caches when it is done in another way: what that costs is no matter for the choice.
        let purpose = match self.long && way != self.last {
            true => Purpose::Move,
            false => Purpose::Try(way),
        };
        self.last = way;
        self.begun = Some((purpose, Instant::now()));
        way
    }

    /// This much work is done.
    #[inline]
    pub fn end(&mut self, work: usize) {
        if let Some((purpose, begun)) = self.begun.take() {
            let unit = begun.elapsed().as_secs_f64() / work.max(1) as f64;
            match purpose {
                Purpose::Look => self.unit = self.unit.min(unit),
                Purpose::Try(way) => self.note(way, unit),
                Purpose::Move => {}
            }
        }
    }

    /// Several threads have to take less than this part of the time of one; of long work, just less.
    fn worth(&self) -> f64 {
        if self.long { 1.0 } else { WORTH }
    }

    fn note(&mut self, way: Way, unit: f64) {
        match way {
            Way::Together => self.together.push(unit),
            Way::Alone => self.alone.push(unit),
        }
        if self.alone.len() < self.tries || self.together.len() < self.tries {
            return;
        }
        self.unit = median(&mut self.alone);
        self.chosen = if median(&mut self.together) < self.worth() * self.unit {
            Way::Together
        } else {
            Way::Alone
        };
        self.left = self.lasts;
        self.lasts = (4 * self.lasts).min(LONGEST);
        self.alone.clear();
        self.together.clear();
    }
}

fn median(all: &mut [f64]) -> f64 {
    all.sort_unstable_by(f64::total_cmp);
    all.get(all.len() / 2).copied().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choice(alone: f64, together: f64) -> Way {
        let mut gauge = Gauge {
            looks: 0,
            ..Gauge::of_short_work()
        };
        (0..TRIES).for_each(|_| gauge.note(Way::Together, together));
        (0..TRIES).for_each(|_| gauge.note(Way::Alone, alone));
        gauge.begin(1)
    }

    #[test]
    fn the_faster_way_is_kept() {
        assert_eq!(choice(1e-4, 0.6e-4), Way::Together);
        assert_eq!(choice(1e-4, 0.99e-4), Way::Alone);
        assert_eq!(choice(1e-6, 1e-7), Way::Alone);
    }

    #[test]
    fn what_was_little_may_become_more() {
        let mut gauge = Gauge {
            looks: 0,
            unit: 1e-9,
            ..Gauge::of_short_work()
        };
        let ways = (0..QUIET.0 + LOOKS).map(|_| {
            let way = gauge.begin(1);
            gauge.end(1);
            way
        });
        assert!(ways.into_iter().all(|way| way == Way::Alone));
        assert!(gauge.unit > 1e-9, "measured anew");
    }

    #[test]
    fn both_ways_are_tried() {
        let mut gauge = Gauge::of_short_work();
        let mut ways = Vec::new();
        for _ in 0..LOOKS as usize + 2 * TRIES {
            ways.push(gauge.begin(1 << 40));
            gauge.end(1);
        }
        assert_eq!(ways.iter().filter(|w| **w == Way::Together).count(), TRIES);
        assert_eq!(gauge.left, FIRST);
    }
}
