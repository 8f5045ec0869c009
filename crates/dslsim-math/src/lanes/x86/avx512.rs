//! Eight lanes.

use core::arch::x86_64::*;
use std::ops::{Add, Div, Mul, Sub};

use crate::lanes::{Lanes, MAX_LANES};
use crate::slice::{Binary, Unary};

/// Eight lanes; needs AVX-512 F, DQ and VL.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(crate) struct V512(__m512d);

operators!(
    V512,
    _mm512_add_pd,
    _mm512_sub_pd,
    _mm512_mul_pd,
    _mm512_div_pd
);

impl Lanes for V512 {
    const N: usize = 8;
    type Mask = __mmask8;

    #[inline(always)]
    fn splat(x: f64) -> Self {
        cpu!(V512(_mm512_set1_pd(x)))
    }
    #[inline(always)]
    fn iota() -> Self {
        cpu!(V512(_mm512_castsi512_pd(_mm512_set_epi64(
            7, 6, 5, 4, 3, 2, 1, 0
        ))))
    }
    #[inline(always)]
    unsafe fn load(p: *const f64) -> Self {
        cpu!(V512(_mm512_loadu_pd(p)))
    }
    #[inline(always)]
    unsafe fn store(self, p: *mut f64) {
        cpu!(_mm512_storeu_pd(p, self.0))
    }
    #[inline(always)]
    unsafe fn load_part(p: *const f64, n: usize) -> Self {
        let mask = ((1_u32 << n) - 1) as __mmask8;
        cpu!(V512(_mm512_mask_loadu_pd(_mm512_set1_pd(1.0), mask, p)))
    }
    #[inline(always)]
    unsafe fn store_part(self, p: *mut f64, n: usize) {
        let mask = ((1_u32 << n) - 1) as __mmask8;
        cpu!(_mm512_mask_storeu_pd(p, mask, self.0))
    }
    #[inline(always)]
    fn interleave(a: Self, b: Self) -> (Self, Self) {
        cpu!({
            let low = _mm512_set_epi64(11, 3, 10, 2, 9, 1, 8, 0);
            let high = _mm512_set_epi64(15, 7, 14, 6, 13, 5, 12, 4);
            (
                V512(_mm512_permutex2var_pd(a.0, low, b.0)),
                V512(_mm512_permutex2var_pd(a.0, high, b.0)),
            )
        })
    }
    #[inline(always)]
    fn shl(a: Self, k: u32) -> Self {
        cpu!(V512(_mm512_castsi512_pd(_mm512_sll_epi64(
            _mm512_castpd_si512(a.0),
            _mm_cvtsi32_si128(k as i32)
        ))))
    }
    #[inline(always)]
    fn shr(a: Self, k: u32) -> Self {
        cpu!(V512(_mm512_castsi512_pd(_mm512_srl_epi64(
            _mm512_castpd_si512(a.0),
            _mm_cvtsi32_si128(k as i32)
        ))))
    }
    #[inline(always)]
    fn lt(a: Self, b: Self) -> __mmask8 {
        cpu!(_mm512_cmp_pd_mask::<_CMP_LT_OQ>(a.0, b.0))
    }
    #[inline(always)]
    fn not_le(a: Self, b: Self) -> __mmask8 {
        cpu!(_mm512_cmp_pd_mask::<_CMP_NLE_UQ>(a.0, b.0))
    }
    #[inline(always)]
    fn sign_mask(a: Self) -> __mmask8 {
        cpu!(_mm512_movepi64_mask(_mm512_castpd_si512(a.0)))
    }
    #[inline(always)]
    fn not_positive_normal(a: Self) -> __mmask8 {
        // All classes: NaNs, zeros, infinities, subnormals, negative numbers.
        cpu!(_mm512_fpclass_pd_mask::<0xff>(a.0))
    }
    #[inline(always)]
    fn is_plus_zero(a: Self) -> __mmask8 {
        cpu!(_mm512_fpclass_pd_mask::<0x02>(a.0))
    }
    #[inline(always)]
    fn mask_none() -> __mmask8 {
        0
    }
    #[inline(always)]
    fn mask_or(a: __mmask8, b: __mmask8) -> __mmask8 {
        a | b
    }
    #[inline(always)]
    fn mask_and(a: __mmask8, b: __mmask8) -> __mmask8 {
        a & b
    }
    #[inline(always)]
    fn mask_without(a: __mmask8, b: __mmask8) -> __mmask8 {
        a & !b
    }
    #[inline(always)]
    fn mask_bits(m: __mmask8) -> u32 {
        u32::from(m)
    }
    #[inline(always)]
    fn select(m: __mmask8, a: Self, b: Self) -> Self {
        cpu!(V512(_mm512_mask_blend_pd(m, b.0, a.0)))
    }
    #[inline(always)]
    fn scale(y: Self, n: Self) -> Self {
        cpu!(V512(_mm512_scalef_pd(
            _mm512_add_pd(y.0, _mm512_set1_pd(1.0)),
            n.0
        )))
    }
    #[inline(always)]
    fn scale_any(y: Self, n: Self) -> Self {
        Self::scale(y, n)
    }
    patches!();
    lane_functions! { V512:
        fma(a, b, c) = _mm512_fmadd_pd(a, b, c);
        fnma(a, b, c) = _mm512_fnmadd_pd(a, b, c);
        fms(a, b, c) = _mm512_fmsub_pd(a, b, c);
        min(a, b) = _mm512_min_pd(a, b);
        max(a, b) = _mm512_max_pd(a, b);
        sqrt(a) = _mm512_sqrt_pd(a);
        floor(a) = _mm512_roundscale_pd::<{ _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC }>(a);
        and(a, b) = _mm512_and_pd(a, b);
        or(a, b) = _mm512_or_pd(a, b);
        xor(a, b) = _mm512_xor_pd(a, b);
        iadd(a, b) = _mm512_castsi512_pd(
            _mm512_add_epi64(_mm512_castpd_si512(a), _mm512_castpd_si512(b)));
        mul32(a, b) = _mm512_castsi512_pd(
            _mm512_mul_epu32(_mm512_castpd_si512(a), _mm512_castpd_si512(b)));
    }
}
