//! Two vectors worked on in step.
//!
//! A long algorithm is a chain of dependent operations that a processor's scheduler cannot look
//! beyond; two chains side by side keep its units busy. Lane for lane the same operations as one
//! vector, so the same bits.

use std::ops::{Add, Div, Mul, Sub};

use super::Lanes;
use crate::slice::{Binary, Unary};

/// The lanes of the first vector, then those of the second.
#[derive(Clone, Copy)]
pub(crate) struct Two<V>(V, V);

macro_rules! operators {
    ($($operator:ident $name:ident;)+) => {
        $(
            impl<V: Lanes> $operator for Two<V> {
                type Output = Self;
                #[inline(always)]
                fn $name(self, b: Self) -> Self {
                    Two(self.0.$name(b.0), self.1.$name(b.1))
                }
            }
        )+
    };
}
operators! { Add add; Sub sub; Mul mul; Div div; }

/// Functions whose result is a vector.
macro_rules! vectors {
    ($( $name:ident($($a:ident: $kind:ty),+); )+) => {
        $(
            #[inline(always)]
            fn $name($($a: $kind),+) -> Self {
                Two(V::$name($($a.0),+), V::$name($($a.1),+))
            }
        )+
    };
}

/// Functions whose result is a mask.
macro_rules! masks {
    ($( $name:ident($($a:ident: $kind:ty),+); )+) => {
        $(
            #[inline(always)]
            fn $name($($a: $kind),+) -> Self::Mask {
                (V::$name($($a.0),+), V::$name($($a.1),+))
            }
        )+
    };
}

impl<V: Lanes> Lanes for Two<V> {
    const N: usize = 2 * V::N;
    type Mask = (V::Mask, V::Mask);

    #[inline(always)]
    fn splat(x: f64) -> Self {
        let v = V::splat(x);
        Two(v, v)
    }
    #[inline(always)]
    fn iota() -> Self {
        Two(V::iota(), V::iadd(V::iota(), V::bits(V::N as u64)))
    }
    #[inline(always)]
    unsafe fn load(p: *const f64) -> Self {
        // SAFETY: the caller promises 2N values.
        unsafe { Two(V::load(p), V::load(p.add(V::N))) }
    }
    #[inline(always)]
    unsafe fn store(self, p: *mut f64) {
        // SAFETY: the caller promises room for 2N values.
        unsafe {
            self.0.store(p);
            self.1.store(p.add(V::N));
        }
    }
    #[inline(always)]
    unsafe fn load_part(p: *const f64, n: usize) -> Self {
        let one = V::splat(1.0);
        // SAFETY: the caller promises n values, of which the first vector takes up to N.
        unsafe {
            if n < V::N {
                Two(V::load_part(p, n), one)
            } else if n == V::N {
                Two(V::load(p), one)
            } else {
                Two(V::load(p), V::load_part(p.add(V::N), n - V::N))
            }
        }
    }
    #[inline(always)]
    unsafe fn store_part(self, p: *mut f64, n: usize) {
        // SAFETY: the caller promises room for n values, of which the first vector takes up to N.
        unsafe {
            if n < V::N {
                self.0.store_part(p, n);
            } else {
                self.0.store(p);
                if n > V::N {
                    self.1.store_part(p.add(V::N), n - V::N);
                }
            }
        }
    }
    #[inline(always)]
    fn shl(a: Self, k: u32) -> Self {
        Two(V::shl(a.0, k), V::shl(a.1, k))
    }
    #[inline(always)]
    fn shr(a: Self, k: u32) -> Self {
        Two(V::shr(a.0, k), V::shr(a.1, k))
    }
    #[inline(always)]
    fn interleave(a: Self, b: Self) -> (Self, Self) {
        let (p, q) = V::interleave(a.0, b.0);
        let (r, s) = V::interleave(a.1, b.1);
        (Two(p, q), Two(r, s))
    }
    #[inline(always)]
    fn mask_none() -> Self::Mask {
        (V::mask_none(), V::mask_none())
    }
    #[inline(always)]
    fn mask_bits(m: Self::Mask) -> u32 {
        V::mask_bits(m.0) | V::mask_bits(m.1) << V::N
    }
    #[inline(always)]
    fn any(m: Self::Mask) -> bool {
        V::any(V::mask_or(m.0, m.1))
    }
    #[inline(always)]
    fn patch1<K: Unary>(m: Self::Mask, x: Self, y: Self) -> Self {
        Two(V::patch1::<K>(m.0, x.0, y.0), V::patch1::<K>(m.1, x.1, y.1))
    }
    #[inline(always)]
    fn patch2<K: Binary>(m: Self::Mask, x: Self, y: Self, z: Self) -> Self {
        Two(
            V::patch2::<K>(m.0, x.0, y.0, z.0),
            V::patch2::<K>(m.1, x.1, y.1, z.1),
        )
    }
    vectors! {
        fma(a: Self, b: Self, c: Self);
        fnma(a: Self, b: Self, c: Self);
        fms(a: Self, b: Self, c: Self);
        min(a: Self, b: Self);
        max(a: Self, b: Self);
        sqrt(a: Self);
        floor(a: Self);
        and(a: Self, b: Self);
        or(a: Self, b: Self);
        xor(a: Self, b: Self);
        iadd(a: Self, b: Self);
        mul32(a: Self, b: Self);
        scale(a: Self, b: Self);
        scale_any(a: Self, b: Self);
        select(m: Self::Mask, a: Self, b: Self);
    }
    masks! {
        lt(a: Self, b: Self);
        not_le(a: Self, b: Self);
        sign_mask(a: Self);
        not_positive_normal(a: Self);
        is_plus_zero(a: Self);
        mask_or(a: Self::Mask, b: Self::Mask);
        mask_and(a: Self::Mask, b: Self::Mask);
        mask_without(a: Self::Mask, b: Self::Mask);
    }
}
