//! The random numbers of a simulation: one of two streams.
//!
//! The *fast* stream has no order: each value is a function of (seed, object, step, draw, element), see [`dslsim_math::Stream`].
//! The *brian2* stream is one Mersenne Twister, drawn from in the order of execution, as Brian2's numpy target does.

use dslsim_ir::DrawKind;
use dslsim_math::{Mt19937, fill_normal, fill_uniform, uniform_at};

use crate::laws::{Binomial, poisson, poisson_in_order};

/// The object number that numbers drawn by the script belong to.
const SCRIPT: u32 = u32::MAX;

/// The random numbers of a simulation.
#[derive(Clone, Debug)]
pub struct Random(pub(crate) Source);

#[derive(Clone, Debug)]
pub(crate) enum Source {
    Fast(Fast),
    Brian2(Box<Mt19937>),
}

#[derive(Clone, Debug)]
pub(crate) struct Fast {
    pub(crate) seed: u64,
    /// How often it was seeded: pending Poisson gaps of earlier seeds are forgotten.
    pub(crate) epoch: u64,
    /// How often the script has drawn.
    calls: u64,
}

impl Fast {
    /// Seed, epoch, calls.
    pub(crate) fn position(&self) -> [u64; 3] {
        [self.seed, self.epoch, self.calls]
    }

    pub(crate) fn set_position(&mut self, [seed, epoch, calls]: [u64; 3]) {
        *self = Fast { seed, epoch, calls };
    }
}

impl Random {
    /// The counter-based stream.
    #[must_use]
    pub fn fast(seed: u64) -> Random {
        Random(Source::Fast(Fast {
            seed,
            epoch: 0,
            calls: 0,
        }))
    }

    /// One MT19937 with numpy's legacy seeding, in execution order.
    #[must_use]
    pub fn brian2(seed: u32) -> Random {
        Random(Source::Brian2(Box::new(Mt19937::new(seed))))
    }

    /// Whether it is the sequential stream.
    #[must_use]
    pub fn is_brian2(&self) -> bool {
        matches!(self.0, Source::Brian2(_))
    }

    /// Starts again from `seed` (of which the sequential stream uses the lower 32 bits).
    pub fn seed(&mut self, seed: u64) {
        match &mut self.0 {
            Source::Fast(fast) => {
                *fast = Fast {
                    seed,
                    epoch: fast.epoch + 1,
                    calls: 0,
                };
            }
            Source::Brian2(mt) => mt.seed(seed as u32),
        }
    }

    /// The sequential stream itself, for connection and script functions that must draw as numpy does.
    pub fn mt19937(&mut self) -> Option<&mut Mt19937> {
        match &mut self.0 {
            Source::Fast(_) => None,
            Source::Brian2(mt) => Some(mt),
        }
    }

    /// Numbers for the script, outside of runs: `rand()`, `randn()`, initial values, connections. Each call gives new ones.
    /// `means`: of Poisson numbers, one for each.
    pub fn script(&mut self, kind: DrawKind, means: &[f64], dt: f64, dst: &mut [f64]) {
        let call = match &mut self.0 {
            Source::Fast(fast) => {
                fast.calls += 1;
                fast.calls - 1
            }
            Source::Brian2(_) => 0,
        };
        // A slice of 2^32 and more elements would need parts; no array is that long.
        self.draw(
            Draw {
                law: &Law::new(kind, dt),
                object: SCRIPT,
                step: call,
                number: u32::from(kind == DrawKind::Normal),
                list: None,
                first: 0,
            },
            Given { means, only: &[] },
            dst,
        );
    }

    /// Random numbers for a kernel over all elements, by the threads of the current pool, so many of them by each at a time.
    pub(crate) fn draw_together(
        &self,
        draw: Draw<'_>,
        means: &[f64],
        size: usize,
        dst: &mut [f64],
    ) {
        let Source::Fast(fast) = &self.0 else {
            return;
        };
        if let Some(certain) = draw.law.certain() {
            dst.fill(certain);
            return;
        }
        let mut parts: Vec<&mut [f64]> = dst.chunks_mut(size).collect();
        dslsim_threads::each(&mut parts, |k, part| {
            let first = k * size;
            let means = means.get(first..).unwrap_or(&[]);
            let draw = Draw {
                first: first as u32,
                ..draw
            };
            draw.numbers(fast.seed, means, part);
        });
    }

    /// Random numbers for the elements from `draw.first` on, of the counter-based stream. `means`: theirs.
    pub(crate) fn draw_part(&self, draw: Draw<'_>, means: &[f64], dst: &mut [f64]) {
        let Source::Fast(fast) = &self.0 else {
            return;
        };
        match draw.law.certain() {
            Some(certain) => dst.fill(certain),
            None => draw.numbers(fast.seed, means, dst),
        }
    }

    /// Random numbers for a kernel.
    pub(crate) fn draw(&mut self, draw: Draw<'_>, given: Given<'_>, dst: &mut [f64]) {
        let Given { means, only } = given;
        if let Some(certain) = draw.law.certain() {
            dst.fill(certain);
            return;
        }
        let normal = draw.law.is_normal();
        match &mut self.0 {
            Source::Fast(fast) => draw.numbers(fast.seed, means, dst),
            Source::Brian2(mt) => {
                for (at, x) in dst.iter_mut().enumerate() {
                    if only.get(at) == Some(&0.0) {
                        continue;
                    }
                    *x = match draw.law {
                        Law::Poisson => {
                            let mean = means.get(at).copied().unwrap_or(0.0);
                            poisson_in_order(mean, || mt.rand())
                        }
                        Law::Binomial(law, _) => {
                            let first = if normal { mt.randn() } else { mt.rand() };
                            law.number(first, || mt.rand())
                        }
                        Law::Normal => mt.randn(),
                        Law::Uniform => mt.rand(),
                    };
                }
            }
        }
    }
}

/// What has been computed before a draw, by position.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Given<'a> {
    /// The means of Poisson numbers.
    pub(crate) means: &'a [f64],
    /// Where the sequential stream is drawn from; empty: everywhere.
    pub(crate) only: &'a [f64],
}

/// A law, made ready to be drawn from.
#[derive(Clone, Debug)]
pub(crate) enum Law {
    Uniform,
    Normal,
    Poisson,
    /// With its probabilities.
    Binomial(Binomial, Vec<f64>),
}

impl Law {
    /// `dt`: the length of a step, in seconds.
    pub(crate) fn new(kind: DrawKind, dt: f64) -> Law {
        match kind {
            DrawKind::Uniform => Law::Uniform,
            DrawKind::Normal => Law::Normal,
            DrawKind::Poisson => Law::Poisson,
            DrawKind::Binomial { n, rate } => {
                let law = Binomial::new(n, f64::from_bits(rate) * dt);
                Law::Binomial(law, law.probabilities())
            }
        }
    }

    /// The value, if nothing is random.
    fn certain(&self) -> Option<f64> {
        match self {
            Law::Binomial(law, _) => law.certain(),
            _ => None,
        }
    }

    /// Whether it is made of normal numbers, not uniform ones.
    fn is_normal(&self) -> bool {
        matches!(
            self,
            Law::Normal | Law::Binomial(Binomial::Normal { .. }, _)
        )
    }
}

/// What is drawn, and the place of the numbers in the counter-based stream.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Draw<'a> {
    pub(crate) law: &'a Law,
    /// The object's number.
    pub(crate) object: u32,
    /// Steps executed.
    pub(crate) step: u64,
    /// The number of the draw.
    pub(crate) number: u32,
    /// The elements, if not all from `first` on.
    pub(crate) list: Option<&'a [u32]>,
    /// The first element, without a list.
    pub(crate) first: u32,
}

impl Draw<'_> {
    /// Numbers of the counter-based stream.
    fn numbers(&self, seed: u64, means: &[f64], dst: &mut [f64]) {
        self.fill(seed, self.law.is_normal(), dst);
        match self.law {
            Law::Uniform | Law::Normal => {}
            Law::Poisson => {
                for (at, (x, mean)) in dst.iter_mut().zip(means).enumerate() {
                    let mut more = self.more(seed, at);
                    let mut first = Some(*x);
                    *x = poisson(*mean, || first.take().unwrap_or_else(&mut more));
                }
            }
            Law::Binomial(law, probabilities) => {
                law.numbers(probabilities, dst, |at| self.more(seed, at));
            }
        }
    }

    /// Uniform or normal numbers of the elements.
    fn fill(&self, seed: u64, normal: bool, dst: &mut [f64]) {
        let fill = if normal { fill_normal } else { fill_uniform };
        let Some(list) = self.list else {
            fill(dst, seed, self.object, self.step, self.number, self.first);
            return;
        };
        // Neighbours in the list that are neighbours in number are drawn together.
        let mut rest = dst;
        for run in list.chunk_by(|a, b| a.checked_add(1) == Some(*b)) {
            let Some((part, after)) = rest.split_at_mut_checked(run.len()) else {
                return;
            };
            let first = run.first().copied().unwrap_or(0);
            fill(part, seed, self.object, self.step, self.number, first);
            rest = after;
        }
    }

    /// Further uniform numbers of the element at a position.
    fn more(&self, seed: u64, at: usize) -> impl FnMut() -> f64 {
        let element = self.list.map_or(self.first + at as u32, |list| {
            list.get(at).copied().unwrap_or(0)
        });
        let (object, step, number) = (self.object, self.step, self.number);
        let mut k = 0;
        // The numbers of draws of one kernel are few; those with higher bits are free. The greatest is that of gaps.
        move || {
            k = k % 254 + 1;
            uniform_at(seed, object, step, (number & 0xff) | (k << 8), element)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_get_the_values_of_their_elements() {
        let mut random = Random::fast(3);
        let mut all = [0.0; 50];
        let mut some = [0.0; 7];
        let list: [u32; 7] = [49, 4, 5, 6, 17, 1, 2];
        let means: Vec<f64> = (0..50).map(f64::from).collect();
        let listed = list.map(|k| means[k as usize]);
        let binomial = DrawKind::Binomial {
            n: 12,
            rate: 900f64.to_bits(),
        };
        for kind in [
            DrawKind::Uniform,
            DrawKind::Normal,
            DrawKind::Poisson,
            binomial,
        ] {
            let draw = Draw {
                law: &Law::new(kind, 1e-4),
                object: 5,
                step: 7,
                number: 2,
                list: None,
                first: 0,
            };
            let given = |means| Given { means, only: &[] };
            random.draw(draw, given(&means), &mut all);
            let draw = Draw {
                list: Some(&list),
                ..draw
            };
            random.draw(draw, given(&listed), &mut some);
            assert_eq!(some, list.map(|k| all[k as usize]));
            let mut parts = [0.0; 50];
            let draw = Draw { list: None, ..draw };
            random.draw_together(draw, &means, 16, &mut parts);
            assert_eq!(parts, all);
        }
    }

    #[test]
    fn script_numbers_do_not_repeat_until_seeded_again() {
        let mut random = Random::fast(3);
        let draw = |random: &mut Random| {
            let mut x = [0.0; 5];
            random.script(DrawKind::Uniform, &[], 1e-4, &mut x);
            x
        };
        let (a, b) = (draw(&mut random), draw(&mut random));
        random.seed(3);
        assert_ne!(a, b);
        assert_eq!(a, draw(&mut random));
    }

    #[test]
    fn the_brian2_stream_is_numpys() {
        // numpy.random.RandomState(42).rand(2)
        let mut random = Random::brian2(42);
        let mut x = [0.0; 2];
        random.script(DrawKind::Uniform, &[], 1e-4, &mut x);
        assert_eq!(x, [0.374_540_118_847_362_5, 0.950_714_306_409_916_2]);
    }
}
