//! Two, four and eight lanes on x86-64.
//!
//! All functions assume the features named with the type; see the invariant in the parent module.

use core::arch::x86_64::*;
use std::ops::{Add, Div, Mul, Sub};

use super::{Lanes, MAX_LANES};
use crate::slice::{Binary, Unary};

/// Runs intrinsics under the invariant of the parent module.
macro_rules! cpu {
    ($e:expr) => {
        // SAFETY: reached only under `#[target_feature]` after detection (parent module); pointer
        // operands are valid by the contract of the `unsafe fn` that holds the call.
        unsafe { $e }
    };
}

macro_rules! operators {
    ($v:ident, $add:ident, $sub:ident, $mul:ident, $div:ident) => {
        impl Add for $v {
            type Output = Self;
            #[inline(always)]
            fn add(self, b: Self) -> Self {
                cpu!($v($add(self.0, b.0)))
            }
        }
        impl Sub for $v {
            type Output = Self;
            #[inline(always)]
            fn sub(self, b: Self) -> Self {
                cpu!($v($sub(self.0, b.0)))
            }
        }
        impl Mul for $v {
            type Output = Self;
            #[inline(always)]
            fn mul(self, b: Self) -> Self {
                cpu!($v($mul(self.0, b.0)))
            }
        }
        impl Div for $v {
            type Output = Self;
            #[inline(always)]
            fn div(self, b: Self) -> Self {
                cpu!($v($div(self.0, b.0)))
            }
        }
    };
}

/// Lane-wise functions whose names differ only in the width.
macro_rules! lane_functions {
    ($v:ident: $( $name:ident($($a:ident),+) = $e:expr; )+) => {
        $(
            #[inline(always)]
            fn $name($($a: Self),+) -> Self {
                $( let $a = $a.0; )+
                cpu!($v($e))
            }
        )+
    };
}

/// Patching, the same for all widths: through memory, out of line.
macro_rules! patches {
    () => {
        #[inline(always)]
        fn patch1<K: Unary>(m: Self::Mask, x: Self, y: Self) -> Self {
            let mut xs = [0.0; MAX_LANES];
            let mut ys = [0.0; MAX_LANES];
            cpu!({
                x.store(xs.as_mut_ptr());
                y.store(ys.as_mut_ptr());
                patch1::<K>(Self::mask_bits(m), &xs, &mut ys);
                Self::load(ys.as_ptr())
            })
        }
        #[inline(always)]
        fn patch2<K: Binary>(m: Self::Mask, x: Self, y: Self, z: Self) -> Self {
            let mut xs = [0.0; MAX_LANES];
            let mut ys = [0.0; MAX_LANES];
            let mut zs = [0.0; MAX_LANES];
            cpu!({
                x.store(xs.as_mut_ptr());
                y.store(ys.as_mut_ptr());
                z.store(zs.as_mut_ptr());
                patch2::<K>(Self::mask_bits(m), &xs, &ys, &mut zs);
                Self::load(zs.as_ptr())
            })
        }
    };
}

#[cold]
#[inline(never)]
#[target_feature(enable = "avx,fma")]
fn patch1<K: Unary>(bits: u32, xs: &[f64; MAX_LANES], ys: &mut [f64; MAX_LANES]) {
    for (i, (x, y)) in xs.iter().zip(ys).enumerate() {
        if bits >> i & 1 != 0 {
            *y = K::rare(*x);
        }
    }
}

#[cold]
#[inline(never)]
#[target_feature(enable = "avx,fma")]
fn patch2<K: Binary>(
    bits: u32,
    xs: &[f64; MAX_LANES],
    ys: &[f64; MAX_LANES],
    zs: &mut [f64; MAX_LANES],
) {
    for (i, ((x, y), z)) in xs.iter().zip(ys).zip(zs).enumerate() {
        if bits >> i & 1 != 0 {
            *z = K::rare(*x, *y);
        }
    }
}

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
