//! Two and four lanes.

use core::arch::x86_64::*;
use std::ops::{Add, Div, Mul, Sub};

use crate::lanes::{Lanes, MAX_LANES};
use crate::slice::{Binary, Unary};

/// What V128 and V256 share: masks are vectors whose lanes' top bits count.
macro_rules! avx_lanes {
    () => {
        type Mask = Self;

        #[inline(always)]
        unsafe fn load_part(p: *const f64, n: usize) -> Self {
            let mut buffer = [1.0; MAX_LANES];
            cpu!({
                std::ptr::copy_nonoverlapping(p, buffer.as_mut_ptr(), n);
                Self::load(buffer.as_ptr())
            })
        }
        #[inline(always)]
        unsafe fn store_part(self, p: *mut f64, n: usize) {
            let mut buffer = [0.0; MAX_LANES];
            cpu!({
                self.store(buffer.as_mut_ptr());
                std::ptr::copy_nonoverlapping(buffer.as_ptr(), p, n);
            })
        }
        #[inline(always)]
        fn sign_mask(a: Self) -> Self {
            a
        }
        #[inline(always)]
        fn not_positive_normal(a: Self) -> Self {
            Self::mask_or(
                Self::not_le(Self::splat(f64::MIN_POSITIVE), a),
                Self::not_le(a, Self::splat(f64::MAX)),
            )
        }
        #[inline(always)]
        fn mask_none() -> Self {
            Self::splat(0.0)
        }
        #[inline(always)]
        fn mask_or(a: Self, b: Self) -> Self {
            Self::or(a, b)
        }
        #[inline(always)]
        fn mask_and(a: Self, b: Self) -> Self {
            Self::and(a, b)
        }
        patches!();
    };
}

/// Two lanes; needs AVX and FMA.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(crate) struct V128(__m128d);

operators!(V128, _mm_add_pd, _mm_sub_pd, _mm_mul_pd, _mm_div_pd);

impl Lanes for V128 {
    const N: usize = 2;
    avx_lanes!();

    #[inline(always)]
    fn splat(x: f64) -> Self {
        cpu!(V128(_mm_set1_pd(x)))
    }
    #[inline(always)]
    fn iota() -> Self {
        cpu!(V128(_mm_castsi128_pd(_mm_set_epi64x(1, 0))))
    }
    #[inline(always)]
    unsafe fn load(p: *const f64) -> Self {
        cpu!(V128(_mm_loadu_pd(p)))
    }
    #[inline(always)]
    unsafe fn store(self, p: *mut f64) {
        cpu!(_mm_storeu_pd(p, self.0))
    }
    #[inline(always)]
    fn interleave(a: Self, b: Self) -> (Self, Self) {
        cpu!((
            V128(_mm_unpacklo_pd(a.0, b.0)),
            V128(_mm_unpackhi_pd(a.0, b.0))
        ))
    }
    #[inline(always)]
    fn shl(a: Self, k: u32) -> Self {
        cpu!(V128(_mm_castsi128_pd(_mm_sll_epi64(
            _mm_castpd_si128(a.0),
            _mm_cvtsi32_si128(k as i32)
        ))))
    }
    #[inline(always)]
    fn shr(a: Self, k: u32) -> Self {
        cpu!(V128(_mm_castsi128_pd(_mm_srl_epi64(
            _mm_castpd_si128(a.0),
            _mm_cvtsi32_si128(k as i32)
        ))))
    }
    #[inline(always)]
    fn mask_bits(m: Self) -> u32 {
        cpu!(_mm_movemask_pd(m.0) as u32)
    }
    lane_functions! { V128:
        fma(a, b, c) = _mm_fmadd_pd(a, b, c);
        fnma(a, b, c) = _mm_fnmadd_pd(a, b, c);
        fms(a, b, c) = _mm_fmsub_pd(a, b, c);
        min(a, b) = _mm_min_pd(a, b);
        max(a, b) = _mm_max_pd(a, b);
        sqrt(a) = _mm_sqrt_pd(a);
        floor(a) = _mm_floor_pd(a);
        and(a, b) = _mm_and_pd(a, b);
        or(a, b) = _mm_or_pd(a, b);
        xor(a, b) = _mm_xor_pd(a, b);
        iadd(a, b) = _mm_castsi128_pd(_mm_add_epi64(_mm_castpd_si128(a), _mm_castpd_si128(b)));
        mul32(a, b) = _mm_castsi128_pd(_mm_mul_epu32(_mm_castpd_si128(a), _mm_castpd_si128(b)));
        lt(a, b) = _mm_cmp_pd::<_CMP_LT_OQ>(a, b);
        not_le(a, b) = _mm_cmp_pd::<_CMP_NLE_UQ>(a, b);
        is_plus_zero(a) = _mm_castsi128_pd(_mm_cmpeq_epi64(_mm_castpd_si128(a), _mm_setzero_si128()));
        mask_without(a, b) = _mm_andnot_pd(b, a);
        select(m, a, b) = _mm_blendv_pd(b, a, m);
    }
}

/// Four lanes; needs AVX2 and FMA.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(crate) struct V256(__m256d);

operators!(
    V256,
    _mm256_add_pd,
    _mm256_sub_pd,
    _mm256_mul_pd,
    _mm256_div_pd
);

impl Lanes for V256 {
    const N: usize = 4;
    avx_lanes!();

    #[inline(always)]
    fn splat(x: f64) -> Self {
        cpu!(V256(_mm256_set1_pd(x)))
    }
    #[inline(always)]
    fn iota() -> Self {
        cpu!(V256(_mm256_castsi256_pd(_mm256_set_epi64x(3, 2, 1, 0))))
    }
    #[inline(always)]
    unsafe fn load(p: *const f64) -> Self {
        cpu!(V256(_mm256_loadu_pd(p)))
    }
    #[inline(always)]
    unsafe fn store(self, p: *mut f64) {
        cpu!(_mm256_storeu_pd(p, self.0))
    }
    #[inline(always)]
    fn interleave(a: Self, b: Self) -> (Self, Self) {
        cpu!({
            let low = _mm256_unpacklo_pd(a.0, b.0);
            let high = _mm256_unpackhi_pd(a.0, b.0);
            (
                V256(_mm256_permute2f128_pd::<0x20>(low, high)),
                V256(_mm256_permute2f128_pd::<0x31>(low, high)),
            )
        })
    }
    #[inline(always)]
    fn shl(a: Self, k: u32) -> Self {
        cpu!(V256(_mm256_castsi256_pd(_mm256_sll_epi64(
            _mm256_castpd_si256(a.0),
            _mm_cvtsi32_si128(k as i32)
        ))))
    }
    #[inline(always)]
    fn shr(a: Self, k: u32) -> Self {
        cpu!(V256(_mm256_castsi256_pd(_mm256_srl_epi64(
            _mm256_castpd_si256(a.0),
            _mm_cvtsi32_si128(k as i32)
        ))))
    }
    #[inline(always)]
    fn mask_bits(m: Self) -> u32 {
        cpu!(_mm256_movemask_pd(m.0) as u32)
    }
    lane_functions! { V256:
        fma(a, b, c) = _mm256_fmadd_pd(a, b, c);
        fnma(a, b, c) = _mm256_fnmadd_pd(a, b, c);
        fms(a, b, c) = _mm256_fmsub_pd(a, b, c);
        min(a, b) = _mm256_min_pd(a, b);
        max(a, b) = _mm256_max_pd(a, b);
        sqrt(a) = _mm256_sqrt_pd(a);
        floor(a) = _mm256_floor_pd(a);
        and(a, b) = _mm256_and_pd(a, b);
        or(a, b) = _mm256_or_pd(a, b);
        xor(a, b) = _mm256_xor_pd(a, b);
        iadd(a, b) = _mm256_castsi256_pd(
            _mm256_add_epi64(_mm256_castpd_si256(a), _mm256_castpd_si256(b)));
        mul32(a, b) = _mm256_castsi256_pd(
            _mm256_mul_epu32(_mm256_castpd_si256(a), _mm256_castpd_si256(b)));
        lt(a, b) = _mm256_cmp_pd::<_CMP_LT_OQ>(a, b);
        not_le(a, b) = _mm256_cmp_pd::<_CMP_NLE_UQ>(a, b);
        is_plus_zero(a) = _mm256_castsi256_pd(
            _mm256_cmpeq_epi64(_mm256_castpd_si256(a), _mm256_setzero_si256()));
        mask_without(a, b) = _mm256_andnot_pd(b, a);
        select(m, a, b) = _mm256_blendv_pd(b, a, m);
    }
}
