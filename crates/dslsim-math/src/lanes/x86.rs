//! Two, four and eight lanes on x86-64.
//!
//! All functions assume the features named with the type; see the invariant in the parent module.

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
                super::patch1::<K>(Self::mask_bits(m), &xs, &mut ys);
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
                super::patch2::<K>(Self::mask_bits(m), &xs, &ys, &mut zs);
                Self::load(zs.as_ptr())
            })
        }
    };
}

mod avx;
mod avx512;
pub(crate) use avx::{V128, V256};
pub(crate) use avx512::V512;

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
    for (i, ((x, y), z)) in xs
        .chunks_exact(2)
        .zip(ys.chunks_exact(2))
        .zip(zs.chunks_exact_mut(2))
        .enumerate()
    {
        let wanted = bits >> (2 * i) & 3;
        if wanted == 0 {
            continue;
        }
        let mut wide = [0.0; 2];
        // SAFETY: the chunks hold two values each.
        let rare = unsafe {
            let (x, y) = (V128::load(x.as_ptr()), V128::load(y.as_ptr()));
            K::eval_wide(x, y).store(wide.as_mut_ptr());
            V128::mask_bits(K::is_rare_wide(x, y))
        };
        for (j, z) in z.iter_mut().enumerate() {
            if wanted >> j & 1 != 0 {
                *z = if rare >> j & 1 != 0 {
                    K::rare(x[j], y[j])
                } else {
                    wide[j]
                };
            }
        }
    }
}
