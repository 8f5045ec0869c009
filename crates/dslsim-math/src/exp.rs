//! The exponential family: exp, expm1, exprel, logistic, sinh, cosh, tanh, and the finishing step
//! of exponential Euler.
//!
//! All reduce x = n·ln 2 + r with |r| ≤ ½ ln 2 (Cody and Waite, two constants) and evaluate
//! y = eʳ − 1 by a polynomial of degree 12 (error of the fit 2·10⁻¹⁹); they differ in how they
//! put (1 + y)·2ⁿ together.

use crate::lanes::{Lanes, ROUND};
use crate::slice::{Ternary, Unary};

/// ln 2 = `LN2_HIGH` + `LN2_LOW`; the high part has 41 bits, so that its product with an exponent
/// is exact.
pub(crate) const LN2_HIGH: f64 = 0.693_147_180_559_663;
pub(crate) const LN2_LOW: f64 = 2.823_529_056_303_157_7e-13;

/// (eʳ − 1 − r)/r² on |r| ≤ ½ ln 2, minimax, ascending.
const Q: [f64; 11] = [
    0.5,
    0.166_666_666_666_666_7,
    0.041_666_666_666_666_67,
    0.008_333_333_333_326_136,
    0.001_388_888_888_888_374_8,
    1.984_126_987_482_062_7e-4,
    2.480_158_732_554_774_3e-5,
    2.755_725_540_020_642_2e-6,
    2.755_727_364_311_03e-7,
    2.510_521_700_472_074_5e-8,
    2.091_468_696_808_687_6e-9,
];

/// The pieces of eˣ = (1 + y)·2ⁿ.
struct Reduced<V> {
    /// n + 1.5·2⁵²: the integer n in the low bits.
    shifted: V,
    n: V,
    y: V,
}

/// (eʳ − 1 − r)/r² for |r| ≤ ½ ln 2, and r².
#[inline(always)]
fn quadratic_part<V: Lanes>(r: V) -> (V, V) {
    let r2 = r * r;
    let r4 = r2 * r2;
    let r8 = r4 * r4;
    let a0 = V::fma(V::splat(Q[1]), r, V::splat(Q[0]));
    let a1 = V::fma(V::splat(Q[3]), r, V::splat(Q[2]));
    let a2 = V::fma(V::splat(Q[5]), r, V::splat(Q[4]));
    let a3 = V::fma(V::splat(Q[7]), r, V::splat(Q[6]));
    let a4 = V::fma(V::splat(Q[9]), r, V::splat(Q[8]));
    let b0 = V::fma(a1, r2, a0);
    let b1 = V::fma(a3, r2, a2);
    let b2 = V::fma(V::splat(Q[10]), r2, a4);
    let c0 = V::fma(b1, r4, b0);
    (V::fma(b2, r8, c0), r2)
}

/// eʳ − 1 for |r| ≤ ½ ln 2.
#[inline(always)]
fn expm1_small<V: Lanes>(r: V) -> V {
    let (q, r2) = quadratic_part(r);
    V::fma(r2, q, r)
}

/// For |x| ≤ 1100; NaN gives a NaN `y`. Takes the rounding error of r into account, which counts
/// where (1 + y)·2ⁿ cancels against 1.
#[inline(always)]
fn reduce<V: Lanes>(x: V) -> Reduced<V> {
    let shifted = V::fma(x, V::splat(std::f64::consts::LOG2_E), V::splat(ROUND));
    let n = shifted - V::splat(ROUND);
    let r0 = V::fnma(n, V::splat(LN2_HIGH), x);
    let r = V::fnma(n, V::splat(LN2_LOW), r0);
    let error = V::fnma(n, V::splat(LN2_LOW), r0 - r);
    let (q, r2) = quadratic_part(r);
    Reduced {
        shifted,
        n,
        y: r + V::fma(r2, q, error),
    }
}

/// 2ⁿ⁺ᵇ as a normal number, from n + 1.5·2⁵² and the bits of 2ᵇ.
#[inline(always)]
fn power_of_two<V: Lanes>(shifted: V, two_to_b: f64) -> V {
    V::iadd(V::shl(shifted, 52), V::splat(two_to_b))
}

#[inline(always)]
fn clamp<V: Lanes>(x: V, low: f64, high: f64) -> V {
    V::max(V::splat(low), V::min(V::splat(high), x))
}

#[inline(always)]
pub(crate) fn exp<V: Lanes>(x: V) -> V {
    let x = clamp(x, -760.0, 720.0);
    let n = V::fma(x, V::splat(std::f64::consts::LOG2_E), V::splat(ROUND)) - V::splat(ROUND);
    let r = V::fnma(n, V::splat(LN2_LOW), V::fnma(n, V::splat(LN2_HIGH), x));
    V::scale(expm1_small(r), n)
}

/// e^(high + low) for |high| below 2⁴⁰ and |low| below 10⁻⁴; the sum need not be normalised.
#[inline(always)]
pub(crate) fn exp_sum<V: Lanes>(high: V, low: V) -> V {
    let n = V::fma(high, V::splat(std::f64::consts::LOG2_E), V::splat(ROUND)) - V::splat(ROUND);
    let r = V::fnma(n, V::splat(LN2_HIGH), high) + V::fnma(n, V::splat(LN2_LOW), low);
    V::scale_any(expm1_small(r), n)
}

/// (eˣ − 1)·2ᵇ for x in [−40, 720], given 2ᵇ; no overflow as long as the result has none.
#[inline(always)]
fn expm1_scaled<V: Lanes>(x: V, two_to_b: f64) -> V {
    let e = reduce(x);
    let s = power_of_two(e.shifted, two_to_b);
    V::fma(e.y, s, s - V::splat(two_to_b))
}

/// Below this, expm1(x) = x to rounding.
const TINY: f64 = 1e-16;

pub(crate) struct Exp;
impl Unary for Exp {
    #[inline(always)]
    fn eval<V: Lanes>(x: V) -> V {
        exp(x)
    }
}

pub(crate) struct Expm1;
impl Unary for Expm1 {
    #[inline(always)]
    fn eval<V: Lanes>(x: V) -> V {
        let half = expm1_scaled(clamp(x, -40.0, 709.9), 0.5);
        // Keeps -0.0 and the last bit of subnormal numbers.
        V::select(V::lt(V::abs(x), V::splat(TINY)), x, half + half)
    }
}

/// (eˣ − 1)/x; 1 at 0. Overflows only where the quotient does (x > 716.4).
pub(crate) struct Exprel;
impl Unary for Exprel {
    #[inline(always)]
    fn eval<V: Lanes>(x: V) -> V {
        const DOWN: f64 = 1.0 / 65536.0;
        let below = V::min(V::splat(718.0), x);
        let e = expm1_scaled(V::max(V::splat(-40.0), below), DOWN);
        let quotient = e / below * V::splat(65536.0);
        V::select(V::lt(V::abs(x), V::splat(TINY)), V::splat(1.0), quotient)
    }
}

/// x/(eˣ − 1), which is 1/exprel(x); 1 at 0.
///
/// With a = |x| and t = e⁻ᵃ − 1, which never overflows: −a/t for negative x, and e⁻ᵃ times that for positive.
pub(crate) struct InverseExprel;
impl Unary for InverseExprel {
    #[inline(always)]
    fn eval<V: Lanes>(x: V) -> V {
        const DOWN: f64 = 1.0 / (1u64 << 60) as f64;
        let a = V::abs(x);
        let e = reduce(V::splat(0.0) - V::min(V::splat(760.0), a));
        let s = power_of_two(e.shifted, 1.0);
        let near = V::fma(e.y, s, s - V::splat(1.0));
        let t = V::select(V::lt(a, V::splat(40.0)), near, V::splat(-1.0));
        // Finite for positive x, lest ∞·0 is a NaN.
        let bounded = V::max(V::splat(0.0) - x, V::min(V::splat(760.0), x));
        let quotient = bounded / (V::splat(0.0) - t);
        // Only the last multiplication may give a subnormal number.
        let shrunk = quotient * V::scale(e.y, e.n + V::splat(60.0)) * V::splat(DOWN);
        let value = V::select(V::lt(x, V::splat(0.0)), quotient, shrunk);
        V::select(V::lt(a, V::splat(TINY)), V::splat(1.0), value)
    }
}

/// 1/(1 + e⁻ˣ), the same bits as these operations one after the other.
pub(crate) struct Logistic;
impl Unary for Logistic {
    #[inline(always)]
    fn eval<V: Lanes>(x: V) -> V {
        let one = V::splat(1.0);
        one / (one + exp(V::xor(x, V::bits(crate::lanes::SIGN))))
    }
}

/// ½·eᵃ and e^a − 1 of a = |x| ≤ 720; the second only for a < 40.
#[inline(always)]
fn half_exp_and_expm1<V: Lanes>(a: V) -> (V, V) {
    let e = reduce(V::min(V::splat(720.0), a));
    let half = V::scale(e.y, e.n - V::splat(1.0));
    let s = power_of_two(e.shifted, 1.0);
    (half, V::fma(e.y, s, s - V::splat(1.0)))
}

pub(crate) struct Cosh;
impl Unary for Cosh {
    #[inline(always)]
    fn eval<V: Lanes>(x: V) -> V {
        let (half, _) = half_exp_and_expm1(V::abs(x));
        half + V::splat(0.25) / half
    }
}

pub(crate) struct Sinh;
impl Unary for Sinh {
    #[inline(always)]
    fn eval<V: Lanes>(x: V) -> V {
        let a = V::abs(x);
        let (half, t) = half_exp_and_expm1(a);
        let large = half - V::splat(0.25) / half;
        let small = V::splat(0.5) * (t + t / (t + V::splat(1.0)));
        let sinh = V::select(V::lt(a, V::splat(1.0)), small, large);
        // Keeps -0.0 and subnormal numbers.
        let sinh = V::select(V::lt(a, V::splat(1e-9)), a, sinh);
        V::or(sinh, V::sign(x))
    }
}

pub(crate) struct Tanh;
impl Unary for Tanh {
    #[inline(always)]
    fn eval<V: Lanes>(x: V) -> V {
        // With a = 2|x|: t = e⁻ᵃ − 1, tanh|x| = −t/(2 + t).
        let a = V::min(V::splat(45.0), V::abs(x + x));
        let e = reduce(V::splat(0.0) - a);
        let s = power_of_two(e.shifted, 1.0);
        let t = V::fma(e.y, s, s - V::splat(1.0));
        V::or(V::abs(t / (V::splat(2.0) + t)), V::sign(x))
    }
}

/// (x + ba)·e^adt − ba, each operation rounded: the same bits as the four written out.
pub(crate) struct ExpEuler;
impl Ternary for ExpEuler {
    #[inline(always)]
    fn eval<V: Lanes>(x: V, ba: V, adt: V) -> V {
        (x + ba) * exp(adt) - ba
    }
}
