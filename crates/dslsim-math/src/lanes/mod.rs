//! The lane operations that every algorithm of the crate is written in.
//!
//! [`Lanes`] is a vector of `N` 64-bit lanes, seen as `f64` or as bits. Each operation is exact or
//! correctly rounded lane by lane, so an algorithm over `Lanes` gives the same bits for every
//! implementor: [`f64`] itself (one lane) and, on x86-64, `V128`, `V256` and `V512`.
//!
//! Invariant that makes the x86-64 implementors sound: their operations are reached only from the
//! outermost loops (`slice`, `compact`, `random`), which carry `#[target_feature]` and are handed
//! out only after [`crate::Level::detect`] has seen the features. Everything here is
//! `#[inline(always)]`, so that the instructions end up inside those loops.

use std::ops::{Add, Div, Mul, Sub};

use crate::slice::{Binary, Unary};

mod portable;
mod two;
#[cfg(target_arch = "x86_64")]
mod x86;
#[cfg(target_arch = "x86_64")]
pub(crate) use x86::{V128, V256, V512};

pub(crate) use two::Two;

/// The greatest number of lanes of any implementor.
pub(crate) const MAX_LANES: usize = 8;

/// A vector of 64-bit lanes; see the module.
pub(crate) trait Lanes:
    Copy + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> + Div<Output = Self>
{
    /// Number of lanes.
    const N: usize;
    /// One truth value per lane.
    type Mask: Copy;

    fn splat(x: f64) -> Self;
    /// All lanes hold the bits `x`.
    #[inline(always)]
    fn bits(x: u64) -> Self {
        Self::splat(f64::from_bits(x))
    }
    /// The integers 0, 1, 2, … as bits.
    fn iota() -> Self;

    /// # Safety
    /// `p` is valid for reading `N` values.
    unsafe fn load(p: *const f64) -> Self;
    /// # Safety
    /// `p` is valid for writing `N` values.
    unsafe fn store(self, p: *mut f64);
    /// The first `n < N` lanes from memory, the others 1.0.
    /// # Safety
    /// `p` is valid for reading `n` values.
    unsafe fn load_part(p: *const f64, n: usize) -> Self;
    /// # Safety
    /// `p` is valid for writing `n < N` values.
    unsafe fn store_part(self, p: *mut f64, n: usize);

    /// a·b + c, rounded once.
    fn fma(a: Self, b: Self, c: Self) -> Self;
    /// c − a·b, rounded once.
    fn fnma(a: Self, b: Self, c: Self) -> Self;
    /// a·b − c, rounded once.
    fn fms(a: Self, b: Self, c: Self) -> Self;
    /// `if a < b { a } else { b }`: a NaN in `b` survives.
    fn min(a: Self, b: Self) -> Self;
    /// `if a > b { a } else { b }`: a NaN in `b` survives.
    fn max(a: Self, b: Self) -> Self;
    fn sqrt(a: Self) -> Self;
    fn floor(a: Self) -> Self;

    fn and(a: Self, b: Self) -> Self;
    fn or(a: Self, b: Self) -> Self;
    fn xor(a: Self, b: Self) -> Self;
    /// 64-bit integer sum of the bits, wrapping.
    fn iadd(a: Self, b: Self) -> Self;
    /// Bits shifted left; `k` < 64 is a constant after inlining.
    fn shl(a: Self, k: u32) -> Self;
    /// Bits shifted right, zeros come in; `k` < 64 is a constant after inlining.
    fn shr(a: Self, k: u32) -> Self;
    /// 64-bit product of the low 32 bits of each lane.
    fn mul32(a: Self, b: Self) -> Self;
    /// Pairs: `(a0 b0 a1 b1 …, …)`, the two halves in order.
    fn interleave(a: Self, b: Self) -> (Self, Self);

    /// a < b, false with a NaN.
    fn lt(a: Self, b: Self) -> Self::Mask;
    /// not (a <= b), true with a NaN.
    fn not_le(a: Self, b: Self) -> Self::Mask;
    /// The top bit of each lane.
    fn sign_mask(a: Self) -> Self::Mask;
    /// The lane is not a positive normal number: zero, subnormal, negative, infinite or NaN.
    fn not_positive_normal(a: Self) -> Self::Mask;
    /// The lane is +0.0.
    fn is_plus_zero(a: Self) -> Self::Mask;
    fn mask_none() -> Self::Mask;
    fn mask_or(a: Self::Mask, b: Self::Mask) -> Self::Mask;
    fn mask_and(a: Self::Mask, b: Self::Mask) -> Self::Mask;
    /// a and not b.
    fn mask_without(a: Self::Mask, b: Self::Mask) -> Self::Mask;
    /// One bit per lane, lane 0 lowest.
    fn mask_bits(m: Self::Mask) -> u32;
    #[inline(always)]
    fn any(m: Self::Mask) -> bool {
        Self::mask_bits(m) != 0
    }
    /// `a` where the mask is set, else `b`.
    fn select(m: Self::Mask, a: Self, b: Self) -> Self;

    /// (1 + y)·2ⁿ for an integral |n| ≤ 1100, rounded as `1 + y` first and then, where the result
    /// is subnormal, once more. `y` is in [-½, 1].
    #[inline(always)]
    fn scale(y: Self, n: Self) -> Self {
        let magic = Self::splat(ROUND);
        let one = Self::splat(1.0);
        let t1 = Self::fma(n, Self::splat(0.5), magic);
        let t2 = (n - (t1 - magic)) + magic;
        let s1 = Self::iadd(Self::shl(t1, 52), one);
        let s2 = Self::iadd(Self::shl(t2, 52), one);
        Self::fma(y, s1, s1) * s2
    }

    /// As [`Lanes::scale`] for any n: infinity or zero where n is out of range.
    #[inline(always)]
    fn scale_any(y: Self, n: Self) -> Self {
        let n = Self::min(Self::splat(1100.0), Self::max(Self::splat(-1100.0), n));
        Self::scale(y, n)
    }

    /// Replaces the lanes of `y` that `m` marks by `K::rare` of the argument.
    fn patch1<K: Unary>(m: Self::Mask, x: Self, y: Self) -> Self;
    /// Replaces the lanes of `z` that `m` marks by `K::rare` of the arguments.
    fn patch2<K: Binary>(m: Self::Mask, x: Self, y: Self, z: Self) -> Self;

    /// |a|.
    #[inline(always)]
    fn abs(a: Self) -> Self {
        Self::and(a, Self::bits(!SIGN))
    }
    /// The sign bit of `a`, other bits zero.
    #[inline(always)]
    fn sign(a: Self) -> Self {
        Self::and(a, Self::bits(SIGN))
    }
}

/// 1.5·2⁵²: adding and subtracting it rounds a number below 2⁵¹ to an integer, and leaves that
/// integer in the low bits of the sum.
pub(crate) const ROUND: f64 = 6_755_399_441_055_744.0;
/// The sign bit of an `f64`.
pub(crate) const SIGN: u64 = 1 << 63;
