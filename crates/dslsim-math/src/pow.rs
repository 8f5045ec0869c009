//! pow(x, y) = e^(y·log x), with the logarithm and the product in double-double.
//!
//! An error of the logarithm is multiplied by y. So for |y| ≤ 2 ([`SMALL_EXPONENT`]) a shorter logarithm will do, in every form of
//! the function; a loop with one exponent for all decides once.
//!
//! The vector path takes positive normal x (and +0 with y > 0) and |y| < 2²⁶; [`rare_pow`] has the
//! rest, with the special cases of IEEE 754-2019 §9.2.1 (and C's Annex F).

use crate::exp::exp_sum;
use crate::lanes::Lanes;
use crate::log::{NORMALISE, log_sum_close, log_sum_exact, split};
use crate::slice::Binary;

const LARGE_EXPONENT: f64 = 67_108_864.0;

/// Up to here the shorter logarithm is used.
const SMALL_EXPONENT: f64 = 2.0;

/// Any exponent.
pub(crate) struct Pow;
impl Binary for Pow {
    type Small = PowSmall;
    #[inline(always)]
    fn is_small(y: f64) -> bool {
        y.abs() <= SMALL_EXPONENT
    }
    #[inline(always)]
    fn eval<V: Lanes>(x: V, y: V) -> V {
        let (f, k) = split(x);
        V::select(V::is_plus_zero(x), x, power(f, k, y))
    }
    #[inline(always)]
    fn is_rare<V: Lanes>(x: V, y: V) -> V::Mask {
        let zero_to_positive = V::mask_and(V::is_plus_zero(x), V::lt(V::splat(0.0), y));
        V::mask_or(
            V::mask_without(V::not_positive_normal(x), zero_to_positive),
            V::not_le(V::abs(y), V::splat(LARGE_EXPONENT)),
        )
    }
    /// Takes subnormal x as well: state variables that decay end up there and stay.
    #[inline(always)]
    fn eval_wide<V: Lanes>(x: V, y: V) -> V {
        let subnormal = V::lt(x, V::splat(f64::MIN_POSITIVE));
        let (f, k) = split(V::select(subnormal, x * V::splat(NORMALISE), x));
        power(f, V::select(subnormal, k - V::splat(54.0), k), y)
    }
    #[inline(always)]
    fn is_rare_wide<V: Lanes>(x: V, y: V) -> V::Mask {
        const LEAST: f64 = f64::from_bits(1);
        V::mask_or(
            V::mask_or(
                V::not_le(V::splat(LEAST), x),
                V::not_le(x, V::splat(f64::MAX)),
            ),
            V::not_le(V::abs(y), V::splat(LARGE_EXPONENT)),
        )
    }
    #[inline(always)]
    fn rare(x: f64, y: f64) -> f64 {
        rare_pow(x, y)
    }
}

/// Exponents that are small by assumption.
pub(crate) struct PowSmall;
impl Binary for PowSmall {
    type Small = PowSmall;
    #[inline(always)]
    fn is_small(_: f64) -> bool {
        false
    }
    #[inline(always)]
    fn eval<V: Lanes>(x: V, y: V) -> V {
        let (f, k) = split(x);
        V::select(V::is_plus_zero(x), x, power_close(f, k, y))
    }
    #[inline(always)]
    fn is_rare<V: Lanes>(x: V, y: V) -> V::Mask {
        Pow::is_rare(x, y)
    }
    #[inline(always)]
    fn eval_wide<V: Lanes>(x: V, y: V) -> V {
        let subnormal = V::lt(x, V::splat(f64::MIN_POSITIVE));
        let (f, k) = split(V::select(subnormal, x * V::splat(NORMALISE), x));
        power_close(f, V::select(subnormal, k - V::splat(54.0), k), y)
    }
    #[inline(always)]
    fn is_rare_wide<V: Lanes>(x: V, y: V) -> V::Mask {
        Pow::is_rare_wide(x, y)
    }
    #[inline(always)]
    fn rare(x: f64, y: f64) -> f64 {
        rare_pow(x, y)
    }
}

/// (2ᵏ·(1 + f))^y.
#[inline(always)]
fn power<V: Lanes>(f: V, k: V, y: V) -> V {
    let large = V::not_le(V::abs(y), V::splat(SMALL_EXPONENT));
    V::select(large, power_exact(f, k, y), power_close(f, k, y))
}

#[inline(always)]
fn power_exact<V: Lanes>(f: V, k: V, y: V) -> V {
    let (high, low) = log_sum_exact(f, k);
    let product = y * high;
    exp_sum(product, V::fma(y, low, V::fms(y, high, product)))
}

#[inline(always)]
fn power_close<V: Lanes>(f: V, k: V, y: V) -> V {
    let (high, low) = log_sum_close(f, k);
    let product = y * high;
    exp_sum(product, V::fma(y, low, V::fms(y, high, product)))
}

/// pow for all arguments, one pair at a time.
#[inline(always)]
fn rare_pow(x: f64, y: f64) -> f64 {
    if y == 0.0 || x == 1.0 {
        return 1.0;
    }
    if x.is_nan() || y.is_nan() {
        return f64::NAN;
    }
    let size = x.abs();
    if y.is_infinite() {
        return if size == 1.0 {
            1.0
        } else if (size > 1.0) == (y > 0.0) {
            f64::INFINITY
        } else {
            0.0
        };
    }
    let parity = Parity::of(y);
    let magnitude = if size == 0.0 || size.is_infinite() {
        if (size == 0.0) == (y > 0.0) {
            0.0
        } else {
            f64::INFINITY
        }
    } else if x < 0.0 && parity == Parity::NotInteger {
        return f64::NAN;
    } else {
        finite_pow(size, y)
    };
    if parity == Parity::Odd && x.is_sign_negative() {
        -magnitude
    } else {
        magnitude
    }
}

/// x^y for positive finite x and finite y.
#[inline(always)]
fn finite_pow(x: f64, y: f64) -> f64 {
    let (f, k) = if x < f64::MIN_POSITIVE {
        let (f, k) = split(x * NORMALISE);
        (f, k - 54.0)
    } else {
        split(x)
    };
    let (high, low) = if y.abs() <= SMALL_EXPONENT {
        log_sum_close(f, k)
    } else {
        log_sum_exact(f, k)
    };
    let product = y * high;
    if product > 720.0 {
        f64::INFINITY
    } else if product < -760.0 {
        0.0
    } else {
        exp_sum(product, y.mul_add(low, y.mul_add(high, -product)))
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Parity {
    NotInteger,
    Even,
    Odd,
}

impl Parity {
    #[inline(always)]
    fn of(y: f64) -> Parity {
        const TWO53: f64 = 9_007_199_254_740_992.0;
        let size = y.abs();
        if size >= TWO53 {
            Parity::Even
        } else if size != (size as u64) as f64 {
            Parity::NotInteger
        } else if size as u64 & 1 == 0 {
            Parity::Even
        } else {
            Parity::Odd
        }
    }
}
