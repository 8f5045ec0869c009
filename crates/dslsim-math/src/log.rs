//! Logarithms: log, log1p, log10, and the double-double logarithm that `pow` needs.
//!
//! x = 2ᵏ·(1 + f) with 1 + f in [√½, √2); s = f/(2 + f), log(1 + f) = 2 artanh s, an odd series
//! in s (the scheme of fdlibm's `e_log.c`). Arguments that are not positive normal numbers are
//! left to [`rare_log`].

use crate::exp::{LN2_HIGH, LN2_LOW};
use crate::lanes::Lanes;
use crate::slice::Unary;

/// (2 artanh s − 2s)/s³ in z = s², minimax, ascending.
const P: [f64; 8] = [
    0.666_666_666_666_666_6,
    0.400_000_000_000_008_8,
    0.285_714_285_708_028_5,
    0.222_222_223_918_870_64,
    0.181_817_956_256_316_28,
    0.153_862_407_098_667,
    0.132_687_465_961_959_66,
    0.130_869_078_879_650_27,
];

/// (2 artanh s − 2s − ⅔s³)/s⁵ in z = s², minimax to 2·10⁻¹⁸, ascending.
const P5: [f64; 8] = [
    0.4,
    0.285_714_285_714_293_64,
    0.222_222_222_216_558_85,
    0.181_818_183_353_928_02,
    0.153_845_949_625_184_3,
    0.133_348_046_938_473_1,
    0.117_062_363_394_912_06,
    0.117_231_786_238_765_18,
];

/// Bits of √½, the lower end of the interval of 1 + f.
const SQRT_HALF: u64 = 0x3fe6_a09e_667f_3bcd;
const ONE: u64 = 0x3ff0_0000_0000_0000;
const MANTISSA: u64 = 0x000f_ffff_ffff_ffff;
/// Bits of 2⁵²; or-ed to a small integer they make the number 2⁵² + integer.
const TWO52: u64 = 0x4330_0000_0000_0000;

/// (f, k) with x = 2ᵏ·(1 + f), for positive normal x.
#[inline(always)]
pub(crate) fn split<V: Lanes>(x: V) -> (V, V) {
    let shifted = V::iadd(x, V::bits(ONE - SQRT_HALF));
    let k = V::or(V::shr(shifted, 52), V::bits(TWO52)) - V::splat(4_503_599_627_370_496.0 + 1023.0);
    let m = V::iadd(V::and(shifted, V::bits(MANTISSA)), V::bits(SQRT_HALF));
    (m - V::splat(1.0), k)
}

#[inline(always)]
fn polynomial<V: Lanes>(p: &[f64; 8], z: V) -> V {
    let z2 = z * z;
    let z4 = z2 * z2;
    let a0 = V::fma(V::splat(p[1]), z, V::splat(p[0]));
    let a1 = V::fma(V::splat(p[3]), z, V::splat(p[2]));
    let a2 = V::fma(V::splat(p[5]), z, V::splat(p[4]));
    let a3 = V::fma(V::splat(p[7]), z, V::splat(p[6]));
    V::fma(V::fma(a3, z2, a2), z4, V::fma(a1, z2, a0))
}

/// k·ln 2 + log(1 + f) + c.
#[inline(always)]
fn log_sum<V: Lanes>(f: V, k: V, c: V) -> V {
    let s = f / (V::splat(2.0) + f);
    let z = s * s;
    let inner = V::fnma(z, polynomial(&P, z), f);
    let low = V::fma(k, V::splat(LN2_LOW), V::fnma(s, inner, c));
    V::fma(k, V::splat(LN2_HIGH), f + low)
}

/// Natural logarithm of positive normal numbers.
#[inline(always)]
pub(crate) fn log<V: Lanes>(x: V) -> V {
    let (f, k) = split(x);
    let s = f / (V::splat(2.0) + f);
    let z = s * s;
    let inner = V::fnma(z, polynomial(&P, z), f);
    let low = V::fnma(s, inner, k * V::splat(LN2_LOW));
    V::fma(k, V::splat(LN2_HIGH), f + low)
}

/// k·ln 2 + log(1 + f) as a sum high + low with an absolute error near 2⁻⁶³: the term in s³ is a single number.
#[inline(always)]
pub(crate) fn log_sum_close<V: Lanes>(f: V, k: V) -> (V, V) {
    let u = V::splat(2.0) + f;
    let u_low = f - (u - V::splat(2.0));
    let c = V::splat(1.0) / u;
    let s = f * c;
    let s_low = c * V::fnma(s, u_low, V::fnma(s, u, f));
    let z = s * s;
    let two_s = s + s;
    let a = k * V::splat(LN2_HIGH);
    let high = a + two_s;
    let error = (a - high) + two_s;
    let low = V::fma(k, V::splat(LN2_LOW), V::fma(V::splat(2.0), s_low, error));
    (high, V::fma(s * z, polynomial(&P, z), low))
}

/// k·ln 2 + log(1 + f) as a normalised sum high + low with a relative error near 2⁻⁶⁵.
#[inline(always)]
pub(crate) fn log_sum_exact<V: Lanes>(f: V, k: V) -> (V, V) {
    const THIRDS_HIGH: f64 = 0.666_666_666_666_666_6;
    const THIRDS_LOW: f64 = 3.700_743_415_417_188e-17;
    // s + s_low = f/(2 + f)
    let u = V::splat(2.0) + f;
    let u_low = f - (u - V::splat(2.0));
    let c = V::splat(1.0) / u;
    let s = f * c;
    let s_low = c * V::fnma(s, u_low, V::fnma(s, u, f));
    // ⅔s³ as cubic + cubic_low
    let z = s * s;
    let two_s = s + s;
    let z_low = V::fma(two_s, s_low, V::fms(s, s, z));
    let w = s * z;
    let w_low = V::fma(s, z_low, V::fma(s_low, z, V::fms(s, z, w)));
    let third = V::splat(THIRDS_HIGH);
    let cubic = w * third;
    let cubic_low = V::fma(
        w,
        V::splat(THIRDS_LOW),
        V::fma(w_low, third, V::fms(w, third, cubic)),
    );
    // The sum, large terms first; each is at least as large as what follows, or zero.
    let a = k * V::splat(LN2_HIGH);
    let sum1 = a + two_s;
    let error1 = (a - sum1) + two_s;
    let sum2 = sum1 + cubic;
    let error2 = (sum1 - sum2) + cubic;
    let low = V::fma(
        k,
        V::splat(LN2_LOW),
        V::fma(V::splat(2.0), s_low, cubic_low),
    );
    let low = V::fma(w * z, polynomial(&P5, z), low) + (error1 + error2);
    let high = sum2 + low;
    (high, (sum2 - high) + low)
}

/// Logarithm of zero, subnormal, negative, infinite numbers and NaN, by `of_normal` where finite.
#[inline(always)]
fn rare_log(x: f64, of_subnormal: impl FnOnce(f64) -> f64) -> f64 {
    if x == 0.0 {
        f64::NEG_INFINITY
    } else if x > 0.0 && x < f64::MIN_POSITIVE {
        of_subnormal(x)
    } else if x == f64::INFINITY {
        x
    } else {
        f64::NAN
    }
}

/// 2⁵⁴, which makes any subnormal number normal.
pub(crate) const NORMALISE: f64 = 18_014_398_509_481_984.0;

pub(crate) struct Log;
impl Unary for Log {
    const RARE: bool = true;
    #[inline(always)]
    fn eval<V: Lanes>(x: V) -> V {
        log(x)
    }
    #[inline(always)]
    fn is_rare<V: Lanes>(x: V) -> V::Mask {
        V::not_positive_normal(x)
    }
    #[inline(always)]
    fn rare(x: f64) -> f64 {
        rare_log(x, |x| {
            let (f, k) = split(x * NORMALISE);
            log_sum(f, k - 54.0, 0.0)
        })
    }
}

/// Correctly rounded but for about one argument in a thousand.
pub(crate) fn log_nearly_exact(x: f64) -> f64 {
    if f64::not_positive_normal(x) {
        return Log::rare(x);
    }
    let (f, k) = split(x);
    log_sum_exact(f, k).0
}

pub(crate) struct Log1p;
impl Unary for Log1p {
    const RARE: bool = true;
    #[inline(always)]
    fn eval<V: Lanes>(x: V) -> V {
        // 1 + x = u + u_low exactly; log(u + u_low) = log u + u_low/u to rounding.
        let one = V::splat(1.0);
        let u = one + x;
        let x_part = u - one;
        let u_low = (x - x_part) + (one - (u - x_part));
        let (f, k) = split(u);
        V::or(V::abs(log_sum(f, k, u_low / u)), V::sign(x))
    }
    #[inline(always)]
    fn is_rare<V: Lanes>(x: V) -> V::Mask {
        V::not_positive_normal(x + V::splat(1.0))
    }
    #[inline(always)]
    fn rare(x: f64) -> f64 {
        if x == -1.0 {
            f64::NEG_INFINITY
        } else if x == f64::INFINITY {
            x
        } else {
            f64::NAN
        }
    }
}

/// log(x)/ln 10 with both factors in double-double, so that log10(10ⁿ) = n.
#[inline(always)]
fn log10_of<V: Lanes>(f: V, k: V) -> V {
    const HIGH: f64 = std::f64::consts::LOG10_E;
    const LOW: f64 = 1.098_319_650_216_765e-17;
    let (high, low) = log_sum_exact(f, k);
    let product = high * V::splat(HIGH);
    let rest = V::fms(high, V::splat(HIGH), product);
    product + V::fma(low, V::splat(HIGH), V::fma(high, V::splat(LOW), rest))
}

pub(crate) struct Log10;
impl Unary for Log10 {
    const RARE: bool = true;
    #[inline(always)]
    fn eval<V: Lanes>(x: V) -> V {
        let (f, k) = split(x);
        log10_of(f, k)
    }
    #[inline(always)]
    fn is_rare<V: Lanes>(x: V) -> V::Mask {
        V::not_positive_normal(x)
    }
    #[inline(always)]
    fn rare(x: f64) -> f64 {
        rare_log(x, |x| {
            let (f, k) = split(x * NORMALISE);
            log10_of(f, k - 54.0)
        })
    }
}
