//! exp, log, pow and their like on eight doubles in a register.

use std::arch::x86_64::*;

use super::Line;

/// Eight doubles.
pub type V = __m512d;

const MAGIC: f64 = 6_755_399_441_055_744.0;
const LN2_HIGH: f64 = 0.693_147_180_559_663;
const LN2_LOW: f64 = 2.823_529_056_303_157_7e-13;
const SQRT_HALF: i64 = 0x3fe6_a09e_667f_3bcd;
const ONE: i64 = 0x3ff0_0000_0000_0000;
/// (eʳ − 1 − r)/r²
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
/// (2 artanh s − 2s)/s³ in s²
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

/// Functions that need AVX-512.
macro_rules! x8 {
    ($($(#[$doc:meta])* $vis:vis fn $name:ident($($arg:ident: $type:ty),*) -> $result:ty $body:block)*) => {
        $($(#[$doc])*
        #[doc = "\n# Safety\nThe machine has AVX-512, see [`super::available`]."]
        #[inline]
        #[target_feature(enable = "avx512f,avx512dq,avx512vl,fma")]
        $vis fn $name($($arg: $type),*) -> $result $body)*
    };
}

x8! {
    /// The same number eight times.
    pub fn set(x: f64) -> V { _mm512_set1_pd(x) }
    /// Eight doubles from memory.
    pub fn load(line: &Line) -> V {
        // SAFETY: a line is eight doubles, aligned.
        unsafe { _mm512_load_pd(line.0.as_ptr()) }
    }
    /// `a + b`
    pub fn add(a: V, b: V) -> V { _mm512_add_pd(a, b) }
    /// `a - b`
    pub fn sub(a: V, b: V) -> V { _mm512_sub_pd(a, b) }
    /// `a * b`
    pub fn mul(a: V, b: V) -> V { _mm512_mul_pd(a, b) }
    /// `a / b`
    pub fn div(a: V, b: V) -> V { _mm512_div_pd(a, b) }
    /// `a * b + c`
    pub fn fma(a: V, b: V, c: V) -> V { _mm512_fmadd_pd(a, b, c) }
    /// `c - a * b`
    pub fn fnma(a: V, b: V, c: V) -> V { _mm512_fnmadd_pd(a, b, c) }
    /// Cut to an interval.
    pub fn clip(x: V, low: V, high: V) -> V { _mm512_max_pd(low, _mm512_min_pd(high, x)) }
    /// eʳ − 1 for |r| ≤ ½ ln 2.
    fn expm1_small(r: V) -> V {
        let r2 = mul(r, r);
        let r4 = mul(r2, r2);
        let r8 = mul(r4, r4);
        let a0 = fma(set(Q[1]), r, set(Q[0]));
        let a1 = fma(set(Q[3]), r, set(Q[2]));
        let a2 = fma(set(Q[5]), r, set(Q[4]));
        let a3 = fma(set(Q[7]), r, set(Q[6]));
        let a4 = fma(set(Q[9]), r, set(Q[8]));
        let b0 = fma(a1, r2, a0);
        let b1 = fma(a3, r2, a2);
        let b2 = fma(set(Q[10]), r2, a4);
        fma(r2, fma(b2, r8, fma(b1, r4, b0)), r)
    }
    /// (n, r) with x = n ln 2 + r
    fn reduce(x: V) -> (V, V) {
        let n = sub(fma(x, set(std::f64::consts::LOG2_E), set(MAGIC)), set(MAGIC));
        (n, fnma(n, set(LN2_LOW), fnma(n, set(LN2_HIGH), x)))
    }
    /// eˣ
    pub fn exp(x: V) -> V {
        let (n, r) = reduce(clip(x, set(-760.0), set(720.0)));
        _mm512_scalef_pd(add(expm1_small(r), set(1.0)), n)
    }
    /// 1/(1 + e⁻ˣ)
    pub fn logistic(x: V) -> V {
        div(set(1.0), add(set(1.0), exp(sub(set(0.0), x))))
    }
    /// x/(eˣ − 1), which is 1/exprel(x)
    pub fn inverse_exprel(x: V) -> V {
        let (n, r) = reduce(clip(x, set(-40.0), set(709.0)));
        let s = _mm512_scalef_pd(set(1.0), n);
        let e = fma(expm1_small(r), s, sub(s, set(1.0)));
        let tiny = _mm512_cmp_pd_mask::<_CMP_LT_OQ>(_mm512_abs_pd(x), set(1e-16));
        _mm512_mask_blend_pd(tiny, div(x, e), set(1.0))
    }
    /// xʸ for x ≥ 0, y > 0; the logarithm is the sum of two doubles.
    pub fn pow(x: V, y: V) -> V {
        let shifted = _mm512_add_epi64(_mm512_castpd_si512(x), _mm512_set1_epi64(ONE - SQRT_HALF));
        let k = _mm512_sub_epi64(_mm512_srli_epi64::<52>(shifted), _mm512_set1_epi64(1023));
        let k = _mm512_cvtepi64_pd(k);
        let m = _mm512_add_epi64(_mm512_and_si512(shifted, _mm512_set1_epi64(0x000f_ffff_ffff_ffff)), _mm512_set1_epi64(SQRT_HALF));
        let f = sub(_mm512_castsi512_pd(m), set(1.0));
        let u = add(set(2.0), f);
        let c = div(set(1.0), u);
        let u_low = sub(f, sub(u, set(2.0)));
        let s = mul(f, c);
        let s_low = mul(c, fnma(s, u_low, fnma(s, u, f)));
        let z = mul(s, s);
        let z2 = mul(z, z);
        let p01 = fma(set(P[1]), z, set(P[0]));
        let p23 = fma(set(P[3]), z, set(P[2]));
        let p45 = fma(set(P[5]), z, set(P[4]));
        let p67 = fma(set(P[7]), z, set(P[6]));
        let p = fma(fma(p67, z2, p45), mul(z2, z2), fma(p23, z2, p01));
        let a = mul(k, set(LN2_HIGH));
        let two_s = add(s, s);
        let high = add(a, two_s);
        let low = add(sub(a, high), two_s);
        let low = fma(k, set(LN2_LOW), low);
        let low = fma(set(2.0), s_low, low);
        let low = fma(mul(s, z), p, low);
        let t = mul(y, high);
        let t_low = fma(y, low, _mm512_fmsub_pd(y, high, t));
        let (n, r) = reduce(t);
        let e = _mm512_scalef_pd(add(expm1_small(add(r, t_low)), set(1.0)), n);
        let normal = _mm512_cmp_pd_mask::<_CMP_GE_OQ>(x, set(f64::MIN_POSITIVE));
        _mm512_maskz_mov_pd(normal, e)
    }
}

/// Writes eight doubles.
///
/// # Safety
/// The machine has AVX-512, see [`super::available`].
#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512vl,fma")]
pub fn store(line: &mut Line, x: V) {
    // SAFETY: a line is eight doubles, aligned.
    unsafe { _mm512_store_pd(line.0.as_mut_ptr(), x) }
}
