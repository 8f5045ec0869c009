//! One lane: `f64` itself. Right on any processor; the scalar forms of all functions.

use super::Lanes;
use crate::slice::{Binary, Unary};

impl Lanes for f64 {
    const N: usize = 1;
    type Mask = bool;

    #[inline(always)]
    fn splat(x: f64) -> f64 {
        x
    }
    #[inline(always)]
    fn iota() -> f64 {
        f64::from_bits(0)
    }

    #[inline(always)]
    unsafe fn load(p: *const f64) -> f64 {
        // SAFETY: the caller promises that `p` is readable.
        unsafe { p.read_unaligned() }
    }
    #[inline(always)]
    unsafe fn store(self, p: *mut f64) {
        // SAFETY: the caller promises that `p` is writable.
        unsafe { p.write_unaligned(self) }
    }
    #[inline(always)]
    unsafe fn load_part(_: *const f64, _: usize) -> f64 {
        1.0
    }
    #[inline(always)]
    unsafe fn store_part(self, _: *mut f64, _: usize) {}

    #[inline(always)]
    fn fma(a: f64, b: f64, c: f64) -> f64 {
        a.mul_add(b, c)
    }
    #[inline(always)]
    fn fnma(a: f64, b: f64, c: f64) -> f64 {
        (-a).mul_add(b, c)
    }
    #[inline(always)]
    fn fms(a: f64, b: f64, c: f64) -> f64 {
        a.mul_add(b, -c)
    }
    #[inline(always)]
    fn min(a: f64, b: f64) -> f64 {
        if a < b { a } else { b }
    }
    #[inline(always)]
    fn max(a: f64, b: f64) -> f64 {
        if a > b { a } else { b }
    }
    #[inline(always)]
    fn sqrt(a: f64) -> f64 {
        f64::sqrt(a)
    }
    #[inline(always)]
    fn floor(a: f64) -> f64 {
        f64::floor(a)
    }

    #[inline(always)]
    fn and(a: f64, b: f64) -> f64 {
        f64::from_bits(a.to_bits() & b.to_bits())
    }
    #[inline(always)]
    fn or(a: f64, b: f64) -> f64 {
        f64::from_bits(a.to_bits() | b.to_bits())
    }
    #[inline(always)]
    fn xor(a: f64, b: f64) -> f64 {
        f64::from_bits(a.to_bits() ^ b.to_bits())
    }
    #[inline(always)]
    fn iadd(a: f64, b: f64) -> f64 {
        f64::from_bits(a.to_bits().wrapping_add(b.to_bits()))
    }
    #[inline(always)]
    fn shl(a: f64, k: u32) -> f64 {
        f64::from_bits(a.to_bits() << k)
    }
    #[inline(always)]
    fn shr(a: f64, k: u32) -> f64 {
        f64::from_bits(a.to_bits() >> k)
    }
    #[inline(always)]
    fn mul32(a: f64, b: f64) -> f64 {
        const LOW: u64 = 0xffff_ffff;
        f64::from_bits((a.to_bits() & LOW) * (b.to_bits() & LOW))
    }
    #[inline(always)]
    fn interleave(a: f64, b: f64) -> (f64, f64) {
        (a, b)
    }

    #[inline(always)]
    fn lt(a: f64, b: f64) -> bool {
        a < b
    }
    #[inline(always)]
    fn not_le(a: f64, b: f64) -> bool {
        // The negation is meant: a NaN makes it true.
        !matches!(a.partial_cmp(&b), Some(o) if o.is_le())
    }
    #[inline(always)]
    fn sign_mask(a: f64) -> bool {
        a.is_sign_negative()
    }
    #[inline(always)]
    fn not_positive_normal(a: f64) -> bool {
        !(f64::MIN_POSITIVE..=f64::MAX).contains(&a)
    }
    #[inline(always)]
    fn is_plus_zero(a: f64) -> bool {
        a.to_bits() == 0
    }
    #[inline(always)]
    fn mask_none() -> bool {
        false
    }
    #[inline(always)]
    fn mask_or(a: bool, b: bool) -> bool {
        a | b
    }
    #[inline(always)]
    fn mask_and(a: bool, b: bool) -> bool {
        a & b
    }
    #[inline(always)]
    fn mask_without(a: bool, b: bool) -> bool {
        a & !b
    }
    #[inline(always)]
    fn mask_bits(m: bool) -> u32 {
        u32::from(m)
    }
    #[inline(always)]
    fn select(m: bool, a: f64, b: f64) -> f64 {
        if m { a } else { b }
    }

    #[inline(always)]
    fn patch1<K: Unary>(m: bool, x: f64, y: f64) -> f64 {
        if m { K::rare(x) } else { y }
    }
    #[inline(always)]
    fn patch2<K: Binary>(m: bool, x: f64, y: f64, z: f64) -> f64 {
        if m { K::rare(x, y) } else { z }
    }
}
