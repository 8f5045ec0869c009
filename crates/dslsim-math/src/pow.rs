//! pow(x, y) = e^(y·log x), with the logarithm and the product in double-double.
//!
//! An error of the logarithm is multiplied by y. So for |y| ≤ 2 ([`SMALL_EXPONENT`]) a shorter logarithm will do, in every form of
//! the function; a loop with one exponent for all decides once.
//!
//! Exponents near 1 ([`NEAR_ONE`]) need neither: xʸ = x·e^((y − 1)·log x), where an error of the logarithm hardly counts, as long as the
//! product is small ([`SMALL_PRODUCT`]).
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

/// Exponents nearer to 1 than this are treated on their own.
const NEAR_ONE: f64 = 1.0 / 64.0;

/// Up to this product of the rest of the exponent and the logarithm.
const SMALL_PRODUCT: f64 = 0.125;

/// (2 artanh s − 2s)/s³ in z = s² for |s| ≤ (√2 − 1)/(√2 + 1), minimax to 5·10⁻¹⁴, ascending.
const LOG: [f64; 6] = [
    0.666_666_666_666_620_2,
    0.400_000_000_113_160_1,
    0.285_714_241_082_836_2,
    0.222_228_651_634_594_82,
    0.181_400_808_678_726_5,
    0.166_233_651_143_080_9,
];

/// (eᵗ − 1 − t)/t² on |t| ≤ ⅛, minimax to 1.3·10⁻¹⁶, ascending.
const EXP: [f64; 8] = [
    0.499_999_999_999_999_9,
    0.166_666_666_666_666_57,
    0.041_666_666_666_929_54,
    0.008_333_333_333_399_08,
    0.001_388_888_804_772_070_4,
    1.984_126_854_093_219_3e-4,
    2.481_020_039_295_008_5e-5,
    2.756_710_808_341_268_3e-6,
];

/// Any exponent.
pub(crate) struct Pow;
impl Binary for Pow {
    type Small = PowSmall;
    #[inline(always)]
    fn is_small(y: f64) -> bool {
        y.abs() <= SMALL_EXPONENT
    }
    type NearOne = PowNearOne;
    #[inline(always)]
    fn is_near_one(y: f64) -> bool {
        (y - 1.0).abs() < NEAR_ONE
    }
    #[inline(always)]
    fn eval<V: Lanes>(x: V, y: V) -> V {
        let (f, k) = split(x);
        let any = power(f, k, y);
        V::select(V::is_plus_zero(x), x, or_near_one(x, f, k, y, any))
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
        let any = power(f, V::select(subnormal, k - V::splat(54.0), k), y);
        V::select(subnormal, any, or_near_one(x, f, k, y, any))
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

/// Exponents that are small, and not near 1, by assumption.
pub(crate) struct PowSmall;
impl Binary for PowSmall {
    type Small = PowSmall;
    #[inline(always)]
    fn is_small(_: f64) -> bool {
        false
    }
    type NearOne = PowSmall;
    #[inline(always)]
    fn is_near_one(_: f64) -> bool {
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

/// Exponents that are near 1 by assumption.
pub(crate) struct PowNearOne;
impl Binary for PowNearOne {
    type Small = PowNearOne;
    #[inline(always)]
    fn is_small(_: f64) -> bool {
        false
    }
    type NearOne = PowNearOne;
    #[inline(always)]
    fn is_near_one(_: f64) -> bool {
        false
    }
    #[inline(always)]
    fn eval<V: Lanes>(x: V, y: V) -> V {
        let (f, k) = split(x);
        let (value, far) = power_near_one(x, f, k, y);
        let value = if V::any(far) {
            V::select(far, power_close(f, k, y), value)
        } else {
            value
        };
        V::select(V::is_plus_zero(x), x, value)
    }
    #[inline(always)]
    fn is_rare<V: Lanes>(x: V, _: V) -> V::Mask {
        V::mask_without(V::not_positive_normal(x), V::is_plus_zero(x))
    }
    #[inline(always)]
    fn eval_wide<V: Lanes>(x: V, y: V) -> V {
        Pow::eval_wide(x, y)
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

/// x·e^((y − 1)·log x) for x = 2ᵏ·(1 + f) and y near 1; and where that is not exact enough, because the product is not small.
#[inline(always)]
fn power_near_one<V: Lanes>(x: V, f: V, k: V, y: V) -> (V, V::Mask) {
    let s = f / (V::splat(2.0) + f);
    let z = s * s;
    let z2 = z * z;
    let a0 = V::fma(V::splat(LOG[1]), z, V::splat(LOG[0]));
    let a1 = V::fma(V::splat(LOG[3]), z, V::splat(LOG[2]));
    let a2 = V::fma(V::splat(LOG[5]), z, V::splat(LOG[4]));
    let series = V::fma(V::fma(a2, z2, a1), z2, a0);
    let log_of_f = V::fnma(s, V::fnma(z, series, f), f);
    let log = V::fma(k, V::splat(std::f64::consts::LN_2), log_of_f);
    // y − 1 is exact for y between ½ and 2.
    let t = (y - V::splat(1.0)) * log;
    let t2 = t * t;
    let t4 = t2 * t2;
    let b0 = V::fma(V::splat(EXP[1]), t, V::splat(EXP[0]));
    let b1 = V::fma(V::splat(EXP[3]), t, V::splat(EXP[2]));
    let b2 = V::fma(V::splat(EXP[5]), t, V::splat(EXP[4]));
    let b3 = V::fma(V::splat(EXP[7]), t, V::splat(EXP[6]));
    let q = V::fma(V::fma(b3, t2, b2), t4, V::fma(b1, t2, b0));
    let value = V::fma(x, V::fma(t2, q, t), x);
    (value, V::not_le(V::abs(t), V::splat(SMALL_PRODUCT)))
}

/// x^y for normal x: the lanes of exponents near 1 in their way, the others as they are in `any`.
#[inline(always)]
fn or_near_one<V: Lanes>(x: V, f: V, k: V, y: V, any: V) -> V {
    let near = V::lt(V::abs(y - V::splat(1.0)), V::splat(NEAR_ONE));
    if !V::any(near) {
        return any;
    }
    let (value, far) = power_near_one(x, f, k, y);
    V::select(V::mask_without(near, far), value, any)
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
    if Pow::is_near_one(y) && x >= f64::MIN_POSITIVE {
        let (value, far) = power_near_one(x, f, k, y);
        if !far {
            return value;
        }
    }
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
