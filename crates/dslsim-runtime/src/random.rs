//! The random numbers of a simulation: one of two streams.
//!
//! The *fast* stream has no order: each value is a function of (seed, object, step, draw, element), see [`dslsim_math::Stream`].
//! The *brian2* stream is one Mersenne Twister, drawn from in the order of execution, as Brian2's numpy target does.

use dslsim_ir::DrawKind;
use dslsim_math::{Mt19937, fill_normal, fill_uniform};

use crate::clock::Tick;

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
    pub fn script(&mut self, kind: DrawKind, dst: &mut [f64]) {
        match &mut self.0 {
            Source::Fast(fast) => {
                // A slice of 2^32 and more elements is filled in parts, each with a call number of its own.
                for part in dst.chunks_mut(1 << 31) {
                    match kind {
                        DrawKind::Uniform => {
                            fill_uniform(part, fast.seed, SCRIPT, fast.calls, 0, 0)
                        }
                        DrawKind::Normal => fill_normal(part, fast.seed, SCRIPT, fast.calls, 1, 0),
                    }
                    fast.calls += 1;
                }
            }
            Source::Brian2(mt) => sequential(mt, kind, dst),
        }
    }

    /// Draw number `draw` of a kernel for all elements.
    pub(crate) fn draw_all(
        &mut self,
        kind: DrawKind,
        object: u32,
        tick: Tick,
        draw: u32,
        dst: &mut [f64],
    ) {
        match &mut self.0 {
            Source::Fast(fast) => match kind {
                DrawKind::Uniform => fill_uniform(dst, fast.seed, object, tick.executed, draw, 0),
                DrawKind::Normal => fill_normal(dst, fast.seed, object, tick.executed, draw, 0),
            },
            Source::Brian2(mt) => sequential(mt, kind, dst),
        }
    }

    /// Draw number `draw` of a kernel for the elements of a list.
    pub(crate) fn draw_list(
        &mut self,
        kind: DrawKind,
        object: u32,
        tick: Tick,
        draw: u32,
        list: &[u32],
        dst: &mut [f64],
    ) {
        match &mut self.0 {
            Source::Fast(fast) => {
                // Neighbours in the list that are neighbours in number are drawn together.
                let fill = match kind {
                    DrawKind::Uniform => fill_uniform,
                    DrawKind::Normal => fill_normal,
                };
                let mut rest = dst;
                for run in list.chunk_by(|a, b| a.checked_add(1) == Some(*b)) {
                    let Some((part, after)) = rest.split_at_mut_checked(run.len()) else {
                        return;
                    };
                    let first = run.first().copied().unwrap_or(0);
                    fill(part, fast.seed, object, tick.executed, draw, first);
                    rest = after;
                }
            }
            Source::Brian2(mt) => sequential(mt, kind, dst),
        }
    }
}

fn sequential(mt: &mut Mt19937, kind: DrawKind, dst: &mut [f64]) {
    match kind {
        DrawKind::Uniform => dst.iter_mut().for_each(|x| *x = mt.rand()),
        DrawKind::Normal => dst.iter_mut().for_each(|x| *x = mt.randn()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_get_the_values_of_their_elements() {
        let mut random = Random::fast(3);
        let tick = Tick {
            t: 0.0,
            dt: 1e-4,
            step: 9,
            executed: 7,
        };
        let mut all = [0.0; 50];
        let mut some = [0.0; 7];
        for kind in [DrawKind::Uniform, DrawKind::Normal] {
            random.draw_all(kind, 5, tick, 2, &mut all);
            random.draw_list(kind, 5, tick, 2, &[49, 4, 5, 6, 17, 1, 2], &mut some);
            assert_eq!(some, [49, 4, 5, 6, 17, 1, 2].map(|k: usize| all[k]));
        }
    }

    #[test]
    fn script_numbers_do_not_repeat_until_seeded_again() {
        let mut random = Random::fast(3);
        let draw = |random: &mut Random| {
            let mut x = [0.0; 5];
            random.script(DrawKind::Uniform, &mut x);
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
        random.script(DrawKind::Uniform, &mut x);
        assert_eq!(x, [0.374_540_118_847_362_5, 0.950_714_306_409_916_2]);
    }
}
