//! The error of every function in units in the last place, against arithmetic of 256 bits, and the table of it in the crate's
//! documentation.
//!
//! The reference is `astro-float-num`, which shares no code and no method with this crate. `DSLSIM_POINTS` is the number of
//! arguments of each distribution; the arguments are always the same. With a thousand or more, a bound that is stated too
//! large is a failure, too.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by a panic, in its helpers too, and says what it has measured"
)]

use std::collections::BTreeMap;

use astro_float_num::{BigFloat, Consts, RoundingMode};
use dslsim_math::{Fn1, Fn2};

const BITS: usize = 256;
const ROUND: RoundingMode = RoundingMode::None;

/// Functions of numbers of 256 bits.
struct Reference(Consts);

impl Reference {
    fn new() -> Self {
        Reference(Consts::new().unwrap())
    }

    fn exp(&mut self, x: &BigFloat) -> BigFloat {
        x.exp(BITS, ROUND, &mut self.0)
    }

    fn ln(&mut self, x: &BigFloat) -> BigFloat {
        x.ln(BITS, ROUND, &mut self.0)
    }

    /// eˣ − 1; the series where the difference would cancel.
    fn expm1(&mut self, x: &BigFloat) -> BigFloat {
        if is_tiny(x) {
            let half = mul(&mul(x, x), &big(0.5));
            return add(
                x,
                &add(&half, &mul(&mul(&half, x), &div(&big(1.0), &big(3.0)))),
            );
        }
        sub(&self.exp(x), &big(1.0))
    }

    fn log1p(&mut self, x: &BigFloat) -> BigFloat {
        if is_tiny(x) {
            let square = mul(x, x);
            let third = div(&mul(&square, x), &big(3.0));
            return add(&sub(x, &mul(&square, &big(0.5))), &third);
        }
        self.ln(&add(x, &big(1.0)))
    }

    fn apply(&mut self, f: Fn1, x: f64) -> BigFloat {
        let one = big(1.0);
        let b = big(x);
        match f {
            Fn1::Exp => self.exp(&b),
            Fn1::Log => self.ln(&b),
            Fn1::Log10 => b.log10(BITS, ROUND, &mut self.0),
            Fn1::Expm1 => self.expm1(&b),
            Fn1::Log1p => self.log1p(&b),
            Fn1::Exprel => div(&self.expm1(&b), &b),
            Fn1::InverseExprel => div(&b, &self.expm1(&b)),
            Fn1::Logistic => {
                let e = self.exp(&big(-x));
                div(&one, &add(&one, &e))
            }
            Fn1::Sin => b.sin(BITS, ROUND, &mut self.0),
            Fn1::Cos => b.cos(BITS, ROUND, &mut self.0),
            Fn1::Tan => b.tan(BITS, ROUND, &mut self.0),
            Fn1::Sinh if x.abs() > 1.0 => {
                let e = self.exp(&b);
                mul(&big(0.5), &sub(&e, &div(&one, &e)))
            }
            Fn1::Sinh => {
                // (t + t/(t + 1))/2 with t = eˣ − 1
                let t = self.expm1(&b);
                mul(&big(0.5), &add(&t, &div(&t, &add(&t, &one))))
            }
            Fn1::Cosh => {
                let e = self.exp(&b);
                mul(&big(0.5), &add(&e, &div(&one, &e)))
            }
            Fn1::Tanh => {
                let t = self.expm1(&add(&b, &b));
                div(&t, &add(&t, &big(2.0)))
            }
            Fn1::Arcsin => b.asin(BITS, ROUND, &mut self.0),
            Fn1::Arccos => b.acos(BITS, ROUND, &mut self.0),
            Fn1::Arctan => b.atan(BITS, ROUND, &mut self.0),
        }
    }

    fn pow(&mut self, x: f64, y: f64) -> BigFloat {
        let log = self.ln(&big(x.abs()));
        let value = self.exp(&mul(&log, &big(y)));
        let odd = y % 2.0 != 0.0;
        if x < 0.0 && odd { value.neg() } else { value }
    }
}

fn big(x: f64) -> BigFloat {
    if x == 0.0 || x.is_normal() {
        return BigFloat::from_f64(x, BITS);
    }
    // The crate's own conversion of subnormal numbers gives half of them.
    let mut scaled = BigFloat::from_f64(x * 2f64.powi(200), BITS);
    if let Some(e) = scaled.exponent() {
        scaled.set_exponent(e - 200);
    }
    scaled
}

fn add(a: &BigFloat, b: &BigFloat) -> BigFloat {
    a.add(b, BITS, ROUND)
}

fn sub(a: &BigFloat, b: &BigFloat) -> BigFloat {
    a.sub(b, BITS, ROUND)
}

fn mul(a: &BigFloat, b: &BigFloat) -> BigFloat {
    a.mul(b, BITS, ROUND)
}

fn div(a: &BigFloat, b: &BigFloat) -> BigFloat {
    a.div(b, BITS, ROUND)
}

/// Below 2⁻¹⁰⁰: the fourth term of a series is beyond 256 bits.
fn is_tiny(x: &BigFloat) -> bool {
    x.exponent().is_none_or(|e| e < -100)
}

/// The error of `got` in units in the last place of the value (2⁻¹⁰⁷⁴ for subnormal ones). Where the value is beyond the largest
/// double, 0 for an infinity; for an infinity that should be finite, infinite.
fn error(got: f64, value: &BigFloat) -> f64 {
    if value.is_zero() {
        return if got == 0.0 { 0.0 } else { f64::INFINITY };
    }
    // The value is in [2^(e−1), 2^e).
    let e = value.exponent().unwrap_or_else(|| panic!("{value:?}"));
    if e > 1024 || !got.is_finite() {
        return if e > 1024 && got.is_infinite() && (got < 0.0) == value.is_negative() {
            0.0
        } else {
            f64::INFINITY
        };
    }
    let mut difference = sub(&big(got), value);
    let Some(own) = difference.exponent().filter(|_| !difference.is_zero()) else {
        return 0.0;
    };
    difference.set_exponent(own - (e - 53).max(-1074));
    let (words, _, sign, e, _) = difference.as_raw_parts().unwrap();
    // Mantissa in [1/2, 1), its most significant word last.
    let top = *words.last().unwrap();
    let size = (top as f64 / 2f64.powi(usize::BITS as i32)) * 2f64.powi(e);
    if sign.is_negative() { -size } else { size }
}

/// Arguments by a simple generator of random numbers.
struct Arguments(u64);

impl Arguments {
    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn uniform(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * ((self.bits() >> 11) as f64 / 2f64.powi(53))
    }

    fn draw(&mut self, distribution: Among) -> f64 {
        match distribution {
            Range(low, high) => self.uniform(low, high),
            Sizes(low, high) => {
                let size = 2f64.powf(self.uniform(low.log2(), high.log2()));
                f64::from_bits(size.to_bits() ^ (self.bits() >> 20)).clamp(low, high)
            }
            Signed(low, high) => {
                let size = self.draw(Sizes(low, high));
                if self.bits().is_multiple_of(2) {
                    size
                } else {
                    -size
                }
            }
            Near(point, range) => {
                let off = self.draw(Signed(range * 1e-16, range));
                point + off
            }
            QuarterTurns(turns) => {
                let k = self.uniform(1.0, turns).floor();
                let zero = k * std::f64::consts::FRAC_PI_2;
                f64::from_bits(
                    zero.to_bits()
                        .wrapping_add(self.bits() % 64)
                        .wrapping_sub(32),
                )
            }
            Subnormal => f64::from_bits(self.bits() >> 12),
        }
    }
}

/// A distribution of arguments.
#[derive(Clone, Copy, Debug)]
enum Among {
    /// Uniform.
    Range(f64, f64),
    /// Positive, the exponent uniform.
    Sizes(f64, f64),
    /// The same with either sign.
    Signed(f64, f64),
    /// At distances of all sizes around a point.
    Near(f64, f64),
    /// Around multiples of π/2 up to a number of them.
    QuarterTurns(f64),
    /// Below the least normal number.
    Subnormal,
}

use Among::{Near, QuarterTurns, Range, Signed, Sizes, Subnormal};

const TINY: f64 = f64::MIN_POSITIVE;

fn arguments(f: Fn1) -> Vec<Among> {
    let around_zero = [
        Range(-1.0, 1.0),
        Range(-10.0, 10.0),
        Signed(TINY, 1.0),
        Subnormal,
    ];
    let own: &[Among] = match f {
        Fn1::Exp => &[
            Range(-708.0, 709.78),
            Range(-745.2, -708.0),
            Range(-30.0, 5.0),
        ],
        Fn1::Expm1 => &[Range(-45.0, 709.78), Near(0.0, 0.5)],
        Fn1::Exprel => &[Range(-45.0, 716.3), Range(-1e6, 0.0)],
        Fn1::InverseExprel => &[Range(-45.0, 716.3), Range(-1e6, 0.0), Range(700.0, 752.0)],
        Fn1::Logistic => &[Range(-40.0, 40.0), Range(-709.0, -40.0)],
        Fn1::Sinh | Fn1::Cosh => &[Range(-710.4, 710.4), Range(0.9, 1.1)],
        Fn1::Tanh => &[Range(-25.0, 25.0), Range(0.2, 0.7)],
        Fn1::Log | Fn1::Log10 => {
            return vec![
                Range(0.0, 2.0),
                Range(0.5, 1.5),
                Near(1.0, 0.4),
                Sizes(TINY, f64::MAX),
                Subnormal,
                Range(0.0, 1e3),
            ];
        }
        Fn1::Log1p => {
            return vec![
                Range(-1.0, 1.0),
                Range(0.0, 1e3),
                Near(0.0, 0.9),
                Signed(TINY, 0.999),
                Sizes(1.0, f64::MAX),
                Subnormal,
                Near(-0.5, 0.49),
            ];
        }
        Fn1::Sin | Fn1::Cos | Fn1::Tan => &[
            Range(-1e3, 1e3),
            Signed(1.0, 1e9),
            QuarterTurns(1e3),
            QuarterTurns(1e9),
            Signed(1e9, 1e22),
            Sizes(1e22, f64::MAX),
        ],
        Fn1::Arcsin | Fn1::Arccos => {
            return vec![
                Range(-1.0, 1.0),
                Signed(TINY, 1.0),
                Range(0.99, 1.0),
                Range(-1.0, -0.99),
                Subnormal,
            ];
        }
        Fn1::Arctan => &[Signed(1e-3, 1e3), Signed(1.0, f64::MAX)],
    };
    around_zero.iter().chain(own).copied().collect()
}

/// For `pow`: pairs of base and exponent.
const POWERS: [(Among, Among); 13] = [
    (Sizes(TINY, f64::MAX), Range(-1.0, 1.0)),
    (Range(0.0, 2.0), Range(-5.0, 5.0)),
    (Range(0.0, 1e-3), Range(0.9957, 0.9957)),
    (Range(0.0, 3.0), Near(1.0, 0.02)),
    (Sizes(1e-15, 1e15), Near(1.0, 0.006)),
    (Sizes(TINY, f64::MAX), Near(1.0, 2e-4)),
    (Range(0.1, 100.0), Range(-40.0, 40.0)),
    (Near(1.0, 0.4), Signed(1.0, 1e4)),
    (Near(1.0, 1e-6), Signed(1e3, 1e9)),
    (Subnormal, Range(-0.9, 0.9)),
    (Range(0.0, 10.0), Signed(1e-300, 1e-3)),
    (Range(-30.0, -0.1), Range(-20.0, 20.0)),
    (Sizes(1e-30, 1e30), Range(-12.0, 12.0)),
];

/// The largest error and where.
#[derive(Debug)]
struct Found {
    error: f64,
    at: String,
}

impl Found {
    fn new() -> Found {
        Found {
            error: 0.0,
            at: String::new(),
        }
    }

    fn see(&mut self, error: f64, at: impl FnOnce() -> String) {
        if error > self.error || error.is_nan() {
            *self = Found { error, at: at() };
        }
    }
}

fn points() -> usize {
    std::env::var("DSLSIM_POINTS").map_or(1_000, |n| n.parse().unwrap())
}

fn measure(f: Fn1) -> Found {
    let mut reference = Reference::new();
    let mut random = Arguments(f as u64);
    let mut found = Found::new();
    for distribution in arguments(f) {
        for _ in 0..points() {
            let x = random.draw(distribution);
            if x == 0.0 {
                continue;
            }
            let error = error(f.apply(x), &reference.apply(f, x)).abs();
            found.see(error, || format!("{x:e} of {distribution:?}"));
        }
    }
    found
}

fn measure_pow() -> Found {
    let mut reference = Reference::new();
    let mut random = Arguments(99);
    let mut found = Found::new();
    for (base, exponent) in POWERS {
        for _ in 0..points() {
            let (x, y) = (random.draw(base), random.draw(exponent));
            let y = if x < 0.0 { y.round() } else { y };
            if x == 0.0 {
                continue;
            }
            let error = error(Fn2::Pow.apply(x, y), &reference.pow(x, y)).abs();
            found.see(error, || format!("{x:e}, {y:e} of {base:?}, {exponent:?}"));
        }
    }
    found
}

/// The bounds that the documentation states: rows `| exp | 1.01 |`.
fn stated() -> BTreeMap<String, f64> {
    include_str!("../src/lib.rs")
        .lines()
        .filter_map(|line| {
            let mut cells = line.strip_prefix("//! | `")?.split('|');
            let name = cells.next()?.trim().trim_end_matches('`').to_owned();
            Some((name, cells.next()?.trim().parse().ok()?))
        })
        .collect()
}

/// No error is above the bound that the documentation states; with enough arguments, no bound is above 1.5 times of what is found.
#[test]
fn errors_are_as_the_documentation_states() {
    let stated = stated();
    assert_eq!(stated.len(), Fn1::ALL.len() + 1, "{stated:?}");
    let all = Fn1::ALL.map(|f| (f.name(), measure(f)));
    let mut wrong = Vec::new();
    for (name, found) in all.iter().chain([&("pow", measure_pow())]) {
        println!("{name:10} {:.4} at {}", found.error, found.at);
        let bound = stated[*name];
        if found.error > bound {
            wrong.push(format!("{name}: {found:?}, stated {bound}"));
        }
        if points() >= 1_000 && found.error < bound / 1.5 {
            wrong.push(format!("{name}: {bound} is stated, but only {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The measure itself.
#[test]
fn measures() {
    let third = div(&big(1.0), &big(3.0));
    assert!((error(1.0 / 3.0, &third).abs() - 1.0 / 3.0).abs() < 1e-9);
    let next = f64::from_bits((1.0_f64 / 3.0).to_bits() + 1);
    assert!((error(next, &third) - 2.0 / 3.0).abs() < 1e-9);
    assert_eq!(error(5e-324, &big(1e-323)), -1.0);
    assert_eq!(error(1.5, &big(1.5)), 0.0);
    assert_eq!(error(f64::INFINITY, &big(f64::MAX)), f64::INFINITY);
    let beyond = mul(&big(f64::MAX), &big(2.0));
    assert_eq!(error(f64::INFINITY, &beyond), 0.0);
    assert_eq!(error(f64::NEG_INFINITY, &beyond), f64::INFINITY);
    assert_eq!(error(f64::MAX, &beyond), f64::INFINITY);
}
