//! sin, cos, tan by lanes; arcsin, arccos, arctan one element at a time.
//!
//! x = n·π/2 + r with three constants of 53 bits each and r as a double-double, good for
//! |x| ≤ 10⁹; beyond that (and for infinities and NaN) the pure-Rust crate `libm` takes over, as
//! it does for the inverse functions. Polynomials of fdlibm's `k_sin.c` and `k_cos.c`.

use crate::lanes::{Lanes, ROUND};
use crate::slice::Unary;

const PI_2: [f64; 3] = [
    std::f64::consts::FRAC_PI_2,
    6.123_233_995_736_766e-17,
    -1.497_384_904_859_169_8e-33,
];
const LARGEST: f64 = 1e9;
/// Below this, sin x = tan x = x to rounding.
const TINY: f64 = 1e-9;

const S: [f64; 6] = [
    -1.666_666_666_666_663_2e-1,
    8.333_333_333_322_49e-3,
    -1.984_126_982_985_795e-4,
    2.755_731_370_707_006_8e-6,
    -2.505_076_025_340_686_3e-8,
    1.589_690_995_211_55e-10,
];
const C: [f64; 6] = [
    4.166_666_666_666_66e-2,
    -1.388_888_888_887_411e-3,
    2.480_158_728_947_673e-5,
    -2.755_731_435_139_066_3e-7,
    2.087_572_321_298_175e-9,
    -1.135_964_755_778_819_5e-11,
];

/// sin and cos of r + low, |r| ≤ π/4.
#[inline(always)]
pub(crate) fn sin_cos_small<V: Lanes>(r: V, low: V) -> (V, V) {
    let z = r * r;
    let z2 = z * z;
    let cube = z * r;
    let half_z = V::splat(0.5) * z;
    let one = V::splat(1.0);

    let p = V::fma(
        V::fma(V::splat(S[5]), z, V::splat(S[4])),
        z2,
        V::fma(V::splat(S[3]), z, V::splat(S[2])),
    );
    let p = V::fma(p, z2, V::fma(V::splat(S[1]), z, V::splat(S[0])));
    // low·(1 − z/2) is the first-order effect of `low`.
    let sin = r + V::fma(cube, p, V::fnma(half_z, low, low));

    let q = V::fma(
        V::fma(V::splat(C[5]), z, V::splat(C[4])),
        z2,
        V::fma(V::splat(C[3]), z, V::splat(C[2])),
    );
    let q = V::fma(q, z2, V::fma(V::splat(C[1]), z, V::splat(C[0])));
    let w = one - half_z;
    let cos = w + (((one - w) - half_z) + V::fma(z2, q, V::fnma(r, low, V::splat(0.0))));
    (sin, cos)
}

/// sin and cos of the reduced argument, and the quadrant (an integer in the low bits).
#[inline(always)]
fn reduced<V: Lanes>(x: V) -> (V, V, V) {
    let shifted = V::fma(x, V::splat(std::f64::consts::FRAC_2_PI), V::splat(ROUND));
    let n = shifted - V::splat(ROUND);
    // Exact: a multiple of 2⁻⁵³ below 1.
    let r0 = V::fnma(n, V::splat(PI_2[0]), x);
    let p = n * V::splat(PI_2[1]);
    let p_low = V::fms(n, V::splat(PI_2[1]), p);
    let r = r0 - p;
    let back = r - r0;
    let error = (r0 - (r - back)) - (p + back);
    let low = V::fnma(n, V::splat(PI_2[2]), error - p_low);
    let (sin, cos) = sin_cos_small(r, low);
    (sin, cos, shifted)
}

/// The sine in quadrant `q` (low bits).
#[inline(always)]
pub(crate) fn in_quadrant<V: Lanes>(q: V, sin: V, cos: V) -> V {
    let odd = V::sign_mask(V::shl(q, 63));
    V::xor(V::select(odd, cos, sin), V::sign(V::shl(q, 62)))
}

#[inline(always)]
fn too_large<V: Lanes>(x: V) -> V::Mask {
    V::not_le(V::abs(x), V::splat(LARGEST))
}

pub(crate) struct Sin;
impl Unary for Sin {
    const RARE: bool = true;
    #[inline(always)]
    fn eval<V: Lanes>(x: V) -> V {
        let (sin, cos, q) = reduced(x);
        // Keeps -0.0.
        V::select(
            V::lt(V::abs(x), V::splat(TINY)),
            x,
            in_quadrant(q, sin, cos),
        )
    }
    #[inline(always)]
    fn is_rare<V: Lanes>(x: V) -> V::Mask {
        too_large(x)
    }
    #[inline(always)]
    fn rare(x: f64) -> f64 {
        libm::sin(x)
    }
}

pub(crate) struct Cos;
impl Unary for Cos {
    const RARE: bool = true;
    #[inline(always)]
    fn eval<V: Lanes>(x: V) -> V {
        let (sin, cos, q) = reduced(x);
        in_quadrant(V::iadd(q, V::bits(1)), sin, cos)
    }
    #[inline(always)]
    fn is_rare<V: Lanes>(x: V) -> V::Mask {
        too_large(x)
    }
    #[inline(always)]
    fn rare(x: f64) -> f64 {
        libm::cos(x)
    }
}

pub(crate) struct Tan;
impl Unary for Tan {
    const RARE: bool = true;
    #[inline(always)]
    fn eval<V: Lanes>(x: V) -> V {
        let (sin, cos, q) = reduced(x);
        let odd = V::sign_mask(V::shl(q, 63));
        let quotient = V::select(odd, cos, sin) / V::select(odd, sin, cos);
        let tan = V::xor(quotient, V::sign(V::shl(q, 63)));
        V::select(V::lt(V::abs(x), V::splat(TINY)), x, tan)
    }
    #[inline(always)]
    fn is_rare<V: Lanes>(x: V) -> V::Mask {
        too_large(x)
    }
    #[inline(always)]
    fn rare(x: f64) -> f64 {
        libm::tan(x)
    }
}

macro_rules! one_at_a_time {
    ($($name:ident = $function:path;)+) => {
        $(
            pub(crate) struct $name;
            impl Unary for $name {
                const ALL_RARE: bool = true;
                #[inline(always)]
                fn eval<V: Lanes>(x: V) -> V {
                    x
                }
                #[inline(always)]
                fn rare(x: f64) -> f64 {
                    $function(x)
                }
            }
        )+
    };
}

one_at_a_time! {
    Arcsin = libm::asin;
    Arccos = libm::acos;
    Arctan = libm::atan;
}
