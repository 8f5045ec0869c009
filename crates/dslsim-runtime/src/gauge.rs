//! Whether some work is done by one thread or by several: what was faster when it was tried.
//!
//! Both ways give the same bits, so the choice may depend on the wall clock. It is made anew now and then, because the machine
//! may have become busier, or the network more active.

use std::time::Instant;

/// What is expected to take less than this, in seconds, is not worth waking anybody.
const LEAST: f64 = 12e-6;
/// Tries of each way.
const TRIES: usize = 15;
/// Tries of each way of what takes long: a sleeper is awake in time.
const FEW: usize = 9;
/// Times that one thread is measured before anything is tried.
const LOOKS: u32 = 4;

/// Times that the first choice lasts; each lasts twice as long as the one before, up to the longest.
const FIRST: u32 = 125;
const LONGEST: u32 = 8000;
/// Several threads have to take less than this part of the time of one.
const WORTH: f64 = 0.95;

/// The two ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Alone,
    Together,
}

/// Tries both ways, and keeps to the better one for a while.
#[derive(Debug)]
pub(crate) struct Gauge {
    alone: Vec<f64>,
    together: Vec<f64>,
    /// Seconds for a unit of work by one thread.
    unit: f64,
    chosen: Way,
    /// Times until the next trial, and from that on to the one after it.
    left: u32,
    lasts: u32,
    begun: Option<(Option<Way>, Instant)>,
    /// Times that it is only looked at how long one thread takes.
    looks: u32,
    tries: usize,
}

impl Gauge {
    /// For work that takes at least a tenth of a millisecond.
    pub(crate) fn of_long_work() -> Gauge {
        Gauge {
            tries: FEW,
            looks: 1,
            ..Gauge::new()
        }
    }

    pub(crate) fn new() -> Gauge {
        Gauge {
            alone: Vec::with_capacity(TRIES),
            together: Vec::with_capacity(TRIES),
            unit: f64::INFINITY,
            chosen: Way::Alone,
            left: 0,
            lasts: FIRST,
            begun: None,
            looks: LOOKS,
            tries: TRIES,
        }
    }

    /// How to do this much work, in any unit. [`Gauge::end`] has to follow.
    #[inline]
    pub(crate) fn begin(&mut self, work: usize) -> Way {
        if self.looks > 0 {
            self.looks -= 1;
            self.begun = Some((None, Instant::now()));
            return Way::Alone;
        }
        if work as f64 * self.unit < LEAST {
            return Way::Alone;
        }
        if self.left > 0 {
            self.left -= 1;
            return self.chosen;
        }
        // Together first: all operations of a step then try it in the same steps, and nobody has fallen asleep.
        let way = if self.together.len() < self.tries {
            Way::Together
        } else {
            Way::Alone
        };
        if way == Way::Together && self.together.is_empty() {
            // Whoever sleeps would come too late, again and again.
            rayon::broadcast(|_| ());
        }
        self.begun = Some((Some(way), Instant::now()));
        way
    }

    /// This much work is done.
    #[inline]
    pub(crate) fn end(&mut self, work: usize) {
        if let Some((way, begun)) = self.begun.take() {
            let unit = begun.elapsed().as_secs_f64() / work.max(1) as f64;
            match way {
                Some(way) => self.note(way, unit),
                None => self.unit = self.unit.min(unit),
            }
        }
    }

    fn note(&mut self, way: Way, unit: f64) {
        match way {
            Way::Together => self.together.push(unit),
            Way::Alone => {
                self.alone.push(unit);
                if self.alone.len() < self.tries {
                    return;
                }
                self.unit = median(&mut self.alone);
                self.chosen = if median(&mut self.together) < WORTH * self.unit {
                    Way::Together
                } else {
                    Way::Alone
                };
                self.left = self.lasts;
                self.lasts = (2 * self.lasts).min(LONGEST);
                self.alone.clear();
                self.together.clear();
            }
        }
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
            ..Gauge::new()
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
    fn both_ways_are_tried() {
        let mut gauge = Gauge::new();
        let mut ways = Vec::new();
        for _ in 0..LOOKS as usize + 2 * TRIES {
            ways.push(gauge.begin(1 << 40));
            gauge.end(1);
        }
        assert_eq!(ways.iter().filter(|w| **w == Way::Together).count(), TRIES);
        assert_eq!(gauge.left, FIRST);
    }
}
