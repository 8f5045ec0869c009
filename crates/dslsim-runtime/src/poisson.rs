//! Poisson sources: in each step element k spikes with probability `p = rate_k * dt`, independently.
//!
//! With the counter-based stream the spikes are found by geometric *gaps* over the lattice of (step, element), in the order of
//! execution: the number of elements between two spikes has the law of the number of failures between two successes. That is
//! exactly one Bernoulli trial per element and step, at a cost proportional to the spikes. Where rates differ or change, gaps
//! are drawn for a bound of all probabilities and each candidate is kept with probability `p_k / bound`. Frequent spikes are
//! drawn element by element.
//!
//! What has been drawn ahead outlives a run; geometric gaps have no memory, so when a rate, the bound or the seed changes, the
//! rest is drawn anew, and steps may be left out.

use std::ops::Range;

use dslsim_ir::{ArrayId, Store};
use dslsim_math::{Fn1, Mt19937, fill_gaps, fill_uniform, places};

use crate::clock::Tick;
use crate::plan::Rates;
use crate::random::{Fast, Random, Source};
use crate::snapshot::{State, Unfit};

/// Up to this probability gaps are cheaper than one draw for each element.
const GAPS_UP_TO: f64 = 0.25;
/// The bound of changing probabilities is kept between once and this many times the greatest of them.
const SLACK: f64 = 4.0;
/// A new bound is this many times the greatest probability.
const MARGIN: f64 = 1.25;

const BLOCK: usize = 512;
const DRAW_EACH: u32 = 0;
const DRAW_THIN: u32 = 1;

/// The position on the lattice of one source group.
#[derive(Clone, Debug)]
pub(crate) struct Lattice {
    /// What the gaps are drawn for.
    drawn_for: Option<DrawnFor>,
    /// `1 / ln(1 - p)`
    inverse: f64,
    /// Elements from the beginning of the coming step to the next spike.
    next: u64,
    block: u64,
    cursor: usize,
    gaps: Vec<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct DrawnFor {
    p: f64,
    seed: u64,
    epoch: u64,
}

impl Default for Lattice {
    fn default() -> Self {
        Lattice {
            drawn_for: None,
            inverse: 0.0,
            next: 0,
            block: 0,
            cursor: BLOCK,
            gaps: Vec::new(),
        }
    }
}

impl Lattice {
    /// Writes the position.
    pub(crate) fn save(&self, name: &str, state: &mut State) {
        if let Some(d) = self.drawn_for {
            state.put(format!("{name}.p"), vec![d.p, self.inverse]);
            let whole = vec![d.seed, d.epoch, self.next, self.block, self.cursor as u64];
            state.put_whole(format!("{name}.at"), whole);
            state.put_whole(format!("{name}.drawn"), self.gaps.clone());
        }
    }

    /// Goes to a position that was written.
    pub(crate) fn load(&mut self, name: &str, state: &State) -> Result<(), Unfit> {
        let Ok(p) = state.floats(&format!("{name}.p")) else {
            *self = Lattice::default();
            return Ok(());
        };
        let gaps = state.whole(&format!("{name}.drawn"))?;
        match (p, state.whole(&format!("{name}.at"))?) {
            (&[p, inverse], &[seed, epoch, next, block, cursor]) if gaps.len() == BLOCK => {
                *self = Lattice {
                    drawn_for: Some(DrawnFor { p, seed, epoch }),
                    inverse,
                    next,
                    block,
                    cursor: cursor as usize,
                    gaps: gaps.to_vec(),
                };
                Ok(())
            }
            _ => Err(Unfit(name.to_owned())),
        }
    }

    /// Makes sure that the gaps are those of probability `p` and the present seed.
    fn prepare(&mut self, p: f64, fast: &Fast, object: u32) {
        let wanted = DrawnFor {
            p,
            seed: fast.seed,
            epoch: fast.epoch,
        };
        let same_seed = |d: DrawnFor| (d.seed, d.epoch) == (fast.seed, fast.epoch);
        if self.drawn_for == Some(wanted) {
            return;
        }
        if !self.drawn_for.is_some_and(same_seed) {
            self.block = 0;
        }
        self.drawn_for = Some(wanted);
        self.inverse = 1.0 / Fn1::Log1p.apply(-p);
        self.gaps.resize(BLOCK, 0);
        self.cursor = BLOCK;
        self.next = self.gap(fast.seed, object);
    }

    /// A probability of at least `most`, for which the gaps are now drawn.
    fn bound(&mut self, most: f64, fast: &Fast, object: u32) -> f64 {
        let current = self
            .drawn_for
            .filter(|d| (d.seed, d.epoch) == (fast.seed, fast.epoch));
        match current {
            Some(d) if most <= d.p && d.p <= SLACK * most => d.p,
            _ => {
                let p = (MARGIN * most).min(GAPS_UP_TO);
                self.prepare(p, fast, object);
                p
            }
        }
    }

    #[inline(always)]
    fn gap(&mut self, seed: u64, object: u32) -> u64 {
        if self.cursor >= BLOCK {
            fill_gaps(&mut self.gaps, seed, object, self.block, self.inverse);
            self.block += 1;
            self.cursor = 0;
        }
        let gap = self.gaps.get(self.cursor).copied().unwrap_or(0);
        self.cursor += 1;
        gap
    }

    /// Appends the elements that spike in this step.
    #[inline]
    fn step(&mut self, n: u32, seed: u64, object: u32, out: &mut Vec<u32>) {
        let mut next = self.next;
        loop {
            let gaps = self.gaps.get(self.cursor..).unwrap_or_default();
            let (used, beyond) = places(gaps, next, n, out);
            self.cursor += used;
            next = beyond;
            if next >= u64::from(n) {
                break;
            }
            // The gaps are used up.
            out.push(next as u32);
            next += 1 + self.gap(seed, object);
        }
        self.next = next - u64::from(n);
    }
}

/// How the spikes of one source group are drawn in one run.
pub(crate) struct Poisson {
    n: u32,
    object: u32,
    law: Law,
}

enum Law {
    Never,
    Always,
    Gaps,
    /// Constant rates.
    Thin {
        bound: f64,
        rates: ArrayId,
    },
    /// Rates that may change.
    Follow {
        rates: ArrayId,
    },
    Each {
        p: f64,
    },
    EachOf {
        rates: ArrayId,
    },
    InOrder {
        rate: f64,
    },
    InOrderOf {
        rates: ArrayId,
    },
}

impl Poisson {
    /// Chooses the way for a run.
    pub(crate) fn new(
        n: u32,
        object: u32,
        rates: Rates,
        dt: f64,
        store: &Store,
        random: &Random,
        lattice: &mut Lattice,
    ) -> Poisson {
        let uniform = |array| store.is_uniform(array) || store.length(array) == 1;
        let rates = match rates {
            Rates::PerElement(array) if uniform(array) => Rates::Uniform(store.get(array, 0)),
            other => other,
        };
        let law = match (&random.0, rates) {
            (Source::Brian2(_), Rates::Uniform(rate)) => Law::InOrder { rate },
            (Source::Brian2(_), Rates::PerElement(rates) | Rates::Varying { array: rates, .. }) => {
                Law::InOrderOf { rates }
            }
            (Source::Fast(_), Rates::Varying { array: rates, .. }) => Law::Follow { rates },
            (Source::Fast(fast), Rates::Uniform(rate)) => match rate * dt {
                p if p >= 1.0 => Law::Always,
                p if p > GAPS_UP_TO => Law::Each { p },
                p if p > 0.0 => {
                    lattice.prepare(p, fast, object);
                    Law::Gaps
                }
                _ => Law::Never,
            },
            (Source::Fast(fast), Rates::PerElement(rates)) => {
                let bound = greatest(store.held(rates)) * dt;
                if bound > GAPS_UP_TO {
                    Law::EachOf { rates }
                } else if bound > 0.0 {
                    lattice.prepare(bound, fast, object);
                    Law::Thin { bound, rates }
                } else {
                    Law::Never
                }
            }
        };
        Poisson { n, object, law }
    }

    /// Draws the spikes of a step.
    pub(crate) fn step(
        &self,
        tick: Tick,
        store: &Store,
        random: &mut Random,
        lattice: &mut Lattice,
        out: &mut Vec<u32>,
    ) {
        out.clear();
        let (n, object) = (self.n, self.object);
        let fast = match &mut random.0 {
            Source::Brian2(mt) => return self.in_order(tick, store, mt, out),
            Source::Fast(fast) => &*fast,
        };
        match self.law {
            Law::Gaps => lattice.step(n, fast.seed, object, out),
            Law::Thin { bound, rates } => {
                lattice.step(n, fast.seed, object, out);
                thin(out, bound, store.held(rates), fast.seed, object, tick);
            }
            Law::Follow { rates } => {
                let rates = store.held(rates);
                let most = greatest(rates) * tick.dt;
                if most > GAPS_UP_TO {
                    each_of(n, rates, fast.seed, object, tick, out);
                } else if most > 0.0 {
                    let bound = lattice.bound(most, fast, object);
                    lattice.step(n, fast.seed, object, out);
                    thin(out, bound, rates, fast.seed, object, tick);
                }
            }
            Law::Each { p } => each(n, fast.seed, object, tick, out, |_| p),
            Law::EachOf { rates } => each_of(n, store.held(rates), fast.seed, object, tick, out),
            Law::Always => out.extend(0..n),
            Law::Never | Law::InOrder { .. } | Law::InOrderOf { .. } => {}
        }
    }

    fn in_order(&self, tick: Tick, store: &Store, mt: &mut Mt19937, out: &mut Vec<u32>) {
        match self.law {
            Law::InOrder { rate } => {
                let p = rate * tick.dt;
                out.extend((0..self.n).filter(|_| mt.rand() < p));
            }
            Law::InOrderOf { rates } => {
                let rates = store.held(rates);
                out.extend((0..self.n).filter(|k| mt.rand() < rate_of(rates, *k) * tick.dt));
            }
            _ => {}
        }
    }
}

/// The rate of an element; an array may hold one number for all.
#[inline(always)]
fn rate_of(rates: &[f64], k: u32) -> f64 {
    match rates {
        [rate] => *rate,
        _ => rates[k as usize],
    }
}

/// The greatest number; 0 if none is positive.
fn greatest(values: &[f64]) -> f64 {
    let (lines, rest) = values.as_chunks::<16>();
    let mut most = [0.0; 16];
    for line in lines {
        for (m, x) in most.iter_mut().zip(line) {
            *m = if *x > *m { *x } else { *m };
        }
    }
    most.iter().chain(rest).copied().fold(0.0, f64::max)
}

/// Keeps each candidate with probability `p_k / bound`. The numbers belong to places in the list of candidates.
fn thin(out: &mut Vec<u32>, bound: f64, rates: &[f64], seed: u64, object: u32, tick: Tick) {
    let mut numbers = [0.0; BLOCK];
    let mut kept = 0;
    for first in (0..out.len()).step_by(BLOCK) {
        let count = BLOCK.min(out.len() - first);
        let numbers = &mut numbers[..count];
        fill_uniform(
            numbers,
            seed,
            object,
            tick.executed,
            DRAW_THIN,
            first as u32,
        );
        for (place, u) in numbers.iter().enumerate() {
            let candidate = out[first + place];
            out[kept] = candidate;
            kept += usize::from(u * bound < rate_of(rates, candidate) * tick.dt);
        }
    }
    out.truncate(kept);
}

fn each_of(n: u32, rates: &[f64], seed: u64, object: u32, tick: Tick, out: &mut Vec<u32>) {
    match *rates {
        [rate] => each(n, seed, object, tick, out, |_| rate * tick.dt),
        _ => each(n, seed, object, tick, out, |k| rates[k] * tick.dt),
    }
}

/// One uniform number for each element.
#[inline(always)]
fn each(n: u32, seed: u64, object: u32, tick: Tick, out: &mut Vec<u32>, p: impl Fn(usize) -> f64) {
    let mut numbers = [0.0; BLOCK];
    let mut hits = [0; BLOCK];
    for first in (0..n).step_by(BLOCK) {
        let part: Range<u32> = first..n.min(first + BLOCK as u32);
        let numbers = &mut numbers[..part.len()];
        fill_uniform(numbers, seed, object, tick.executed, DRAW_EACH, first);
        let mut count = 0;
        for (k, u) in part.zip(numbers) {
            hits[count] = k;
            count += usize::from(*u < p(k as usize));
        }
        out.extend_from_slice(&hits[..count]);
    }
}
