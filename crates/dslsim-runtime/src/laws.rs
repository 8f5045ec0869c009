//! Random integers: Poisson and binomial numbers, from uniform ones.
//!
//! The laws take their uniform numbers from a closure. For the sequential stream that is the Mersenne Twister, and the numbers
//! come out as numpy's legacy generator gives them (`legacy-distributions.c`, `distributions.c`): multiplication of uniforms and
//! Hörmann's transformed rejection (Insurance: Mathematics and Economics 12 (1993) 39–45) for Poisson, inversion for binomial
//! numbers. For the counter-based stream the first uniform number is that of the element, and small means are
//! inverted, so that they need no other.
//!
//! As in Brian2 (`BinomialFunction`), a binomial number of many trials is normal: not rounded, and it can be negative.

use dslsim_math::{Fn1, exceeded};

/// From this mean on Poisson numbers come from transformed rejection.
const REJECTION_FROM: f64 = 10.0;

/// Binomial numbers of `n` trials with probability `p`, made ready.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Binomial {
    /// By inversion: the number of successes, or of failures if these are rarer.
    Inversion {
        n: f64,
        p: f64,
        none: f64,
        bound: f64,
        failures: bool,
    },
    /// Normal with this mean and standard deviation.
    Normal { mean: f64, deviation: f64 },
}

impl Binomial {
    pub(crate) fn new(n: u32, p: f64) -> Binomial {
        let n = f64::from(n);
        if n * p > 5.0 && n * (1.0 - p) > 5.0 {
            return Binomial::Normal {
                mean: n * p,
                deviation: (n * p * (1.0 - p)).sqrt(),
            };
        }
        let failures = p > 0.5;
        let p = if failures { 1.0 - p } else { p };
        let q = 1.0 - p;
        Binomial::Inversion {
            n,
            p,
            none: Fn1::Exp.apply(n * Fn1::Log1p.apply(-p)),
            bound: n.min((n * p + 10.0 * (n * p * q + 1.0).sqrt()).trunc()),
            failures,
        }
    }

    /// The number of an element whose normal or uniform number this is; `more` gives further uniform numbers.
    pub(crate) fn number(self, first: f64, mut more: impl FnMut() -> f64) -> f64 {
        match self {
            Binomial::Normal { mean, deviation } => mean + deviation * first,
            Binomial::Inversion {
                n,
                p,
                none,
                bound,
                failures,
            } => {
                let q = 1.0 - p;
                let (mut x, mut px, mut u) = (0.0, none, first);
                while u > px {
                    x += 1.0;
                    if x > bound {
                        (x, px, u) = (0.0, none, more());
                    } else {
                        u -= px;
                        px = (n - x + 1.0) * p * px / (x * q);
                    }
                }
                if failures { n - x } else { x }
            }
        }
    }

    /// The numbers of many elements, in place of their normal or uniform numbers: those of [`Binomial::number`]. `probabilities`: this
    /// law's; `more` gives further uniform numbers of the element at a position.
    pub(crate) fn numbers<F: FnMut() -> f64>(
        self,
        probabilities: &[f64],
        dst: &mut [f64],
        more: impl Fn(usize) -> F,
    ) {
        let Binomial::Inversion { failures, n, .. } = self else {
            for (at, x) in dst.iter_mut().enumerate() {
                *x = self.number(*x, more(at));
            }
            return;
        };
        let mut counts = [0.0; GROUP];
        for (k, group) in dst.chunks_mut(GROUP).enumerate() {
            let counts = &mut counts[..group.len()];
            let greatest = exceeded(group, probabilities, counts);
            let beyond = probabilities.len() as f64;
            if greatest < beyond && !failures {
                group.copy_from_slice(counts);
                continue;
            }
            for (lane, (x, count)) in group.iter_mut().zip(counts).enumerate() {
                *x = if *count >= beyond {
                    self.number(*x, more(k * GROUP + lane))
                } else if failures {
                    n - *count
                } else {
                    *count
                };
            }
        }
    }

    /// Of each number up to the greatest that inversion gives.
    pub(crate) fn probabilities(self) -> Vec<f64> {
        let Binomial::Inversion {
            n, p, none, bound, ..
        } = self
        else {
            return Vec::new();
        };
        let q = 1.0 - p;
        let mut all = vec![none];
        let (mut x, mut px) = (0.0, none);
        while x < bound {
            x += 1.0;
            px = (n - x + 1.0) * p * px / (x * q);
            all.push(px);
        }
        all
    }

    /// Whether nothing is random, so that nothing is drawn.
    pub(crate) fn certain(self) -> Option<f64> {
        match self {
            Binomial::Inversion { n, p, failures, .. } if n == 0.0 || p == 0.0 => {
                Some(if failures { n } else { 0.0 })
            }
            _ => None,
        }
    }
}

/// Elements that are inverted together.
const GROUP: usize = 256;

/// A Poisson number as numpy's legacy generator draws it.
pub(crate) fn poisson_in_order(mean: f64, mut uniform: impl FnMut() -> f64) -> f64 {
    if mean >= REJECTION_FROM {
        return rejection(mean, uniform);
    }
    if mean.is_nan() || mean < 0.0 {
        return f64::NAN;
    }
    if mean == 0.0 {
        return 0.0;
    }
    let limit = Fn1::Exp.apply(-mean);
    let (mut x, mut product) = (0.0, 1.0);
    loop {
        product *= uniform();
        if product <= limit {
            return x;
        }
        x += 1.0;
    }
}

/// A Poisson number; `uniform` gives the element's uniform number first.
pub(crate) fn poisson(mean: f64, mut uniform: impl FnMut() -> f64) -> f64 {
    if mean >= REJECTION_FROM {
        return rejection(mean, uniform);
    }
    if mean.is_nan() || mean < 0.0 {
        return f64::NAN;
    }
    let (mut x, mut p, mut u) = (0.0, Fn1::Exp.apply(-mean), uniform());
    // The sum of all probabilities may stay below a uniform number by rounding.
    while u > p && x < 200.0 {
        u -= p;
        x += 1.0;
        p *= mean / x;
    }
    x
}

/// Hörmann's PTRS.
fn rejection(mean: f64, mut uniform: impl FnMut() -> f64) -> f64 {
    if !mean.is_finite() {
        return f64::NAN;
    }
    let log = |x: f64| Fn1::Log.apply(x);
    let log_mean = log(mean);
    let b = 0.931 + 2.53 * mean.sqrt();
    let a = -0.059 + 0.02483 * b;
    let inverse_alpha = 1.1239 + 1.1328 / (b - 3.4);
    let vr = 0.9277 - 3.6224 / (b - 2.0);
    loop {
        let u = uniform() - 0.5;
        let v = uniform();
        let us = 0.5 - u.abs();
        let k = ((2.0 * a / us + b) * u + mean + 0.43).floor();
        if us >= 0.07 && v <= vr {
            return k;
        }
        if k < 0.0 || (us < 0.013 && v > us) {
            continue;
        }
        let left = log(v) + log(inverse_alpha) - log(a / (us * us) + b);
        if left <= -mean + k * log_mean - log_factorial(k) {
            return k;
        }
    }
}

/// `ln(k!)`: Stirling's series, from 10 on; below, the product.
fn log_factorial(k: f64) -> f64 {
    if k < 10.0 {
        let (mut product, mut i) = (1.0, 2.0);
        while i <= k {
            product *= i;
            i += 1.0;
        }
        return Fn1::Log.apply(product);
    }
    let x = k + 1.0;
    let x2 = 1.0 / (x * x);
    let series = (1.0 / 12.0
        - x2 * (1.0 / 360.0 - x2 * (1.0 / 1260.0 - x2 * (1.0 / 1680.0 - x2 / 1188.0))))
        / x;
    let half_log_two_pi = 0.918_938_533_204_672_7;
    (x - 0.5) * Fn1::Log.apply(x) - x + half_log_two_pi + series
}

#[cfg(test)]
mod tests {
    use super::*;
    use dslsim_math::Mt19937;

    #[test]
    fn factorials() {
        for k in 0..40_u32 {
            let exact: f64 = (2..=k).map(|i| f64::from(i).ln()).sum();
            let found = log_factorial(f64::from(k));
            assert!((found - exact).abs() < 1e-13 * exact.max(1.0), "{k}");
        }
    }

    #[test]
    fn numpys_numbers() {
        // numpy.random.RandomState(42): poisson(3.5, 8), poisson(80.0, 5), binomial(20, 0.15, 6), binomial(9, 0.9, 4)
        let mut mt = Mt19937::new(42);
        let small: Vec<f64> = (0..8)
            .map(|_| poisson_in_order(3.5, || mt.rand()))
            .collect();
        let large: Vec<f64> = (0..5)
            .map(|_| poisson_in_order(80.0, || mt.rand()))
            .collect();
        let draw = |mt: &mut Mt19937, n, p| {
            let first = mt.rand();
            Binomial::new(n, p).number(first, || mt.rand())
        };
        let rare: Vec<f64> = (0..6).map(|_| draw(&mut mt, 20, 0.15)).collect();
        let frequent: Vec<f64> = (0..4).map(|_| draw(&mut mt, 9, 0.9)).collect();
        assert_eq!(small, SMALL);
        assert_eq!(large, LARGE);
        assert_eq!(rare, RARE);
        assert_eq!(frequent, FREQUENT);
    }

    #[test]
    fn many_numbers_are_those_of_each() {
        for (n, p) in [(800, 0.0025), (20, 0.2), (9, 0.9), (3, 0.5), (2000, 1e-5)] {
            let law = Binomial::new(n, p);
            let uniform: Vec<f64> = (0..2003)
                .map(|k| (f64::from(k) + 0.5) / 2003.0)
                .chain([0.0, 1.0 - 1e-16])
                .collect();
            let more = |at: usize| move || uniform_of(at);
            let mut many = uniform.clone();
            law.numbers(&law.probabilities(), &mut many, more);
            for (at, u) in uniform.iter().enumerate() {
                assert_eq!(many[at], law.number(*u, more(at)), "{n} {p} {u}");
            }
        }
    }

    fn uniform_of(at: usize) -> f64 {
        (at % 7) as f64 / 7.0
    }

    const SMALL: [f64; 8] = [4.0, 1.0, 3.0, 4.0, 3.0, 2.0, 3.0, 2.0];
    const LARGE: [f64; 5] = [83.0, 75.0, 85.0, 68.0, 73.0];
    const RARE: [f64; 6] = [2.0, 3.0, 3.0, 2.0, 6.0, 4.0];
    const FREQUENT: [f64; 4] = [7.0, 7.0, 8.0, 7.0];
}
