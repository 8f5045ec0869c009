//! From an algorithm over [`Lanes`] to functions over slices and scalars.
//!
//! [`Unary`], [`Binary`] and [`Ternary`] are the algorithms. The loops here are the only places
//! that name processor features; a pointer to one is handed out only for a level that the
//! processor supports (`Level::supported`).

use crate::lanes::{Lanes, Two};
#[cfg(target_arch = "x86_64")]
use crate::lanes::{V128, V256, V512};
use crate::level::Level;

/// A function of one argument.
pub(crate) trait Unary {
    /// Whether some arguments need [`Unary::rare`].
    const RARE: bool = false;
    /// Whether all arguments go through [`Unary::rare`]; `eval` is then unused.
    const ALL_RARE: bool = false;
    /// The value in all lanes that are not rare; anything in the others.
    fn eval<V: Lanes>(x: V) -> V;
    /// The lanes that `eval` does not get right.
    #[inline(always)]
    fn is_rare<V: Lanes>(_: V) -> V::Mask {
        V::mask_none()
    }
    /// The value of rare arguments.
    #[inline(always)]
    fn rare(x: f64) -> f64 {
        x
    }
}

/// A function of two arguments; see [`Unary`].
pub(crate) trait Binary {
    /// The same function for second arguments that [`Binary::is_small`] holds for: shorter, same bits.
    type Small: Binary;
    fn is_small(y: f64) -> bool;
    /// The same for those that [`Binary::is_near_one`] holds for.
    type NearOne: Binary;
    fn is_near_one(y: f64) -> bool;
    fn eval<V: Lanes>(x: V, y: V) -> V;
    fn is_rare<V: Lanes>(x: V, y: V) -> V::Mask;
    /// Slower than `eval` and right for more arguments; tried first on rare lanes.
    fn eval_wide<V: Lanes>(x: V, y: V) -> V;
    /// The lanes that `eval_wide` does not get right.
    fn is_rare_wide<V: Lanes>(x: V, y: V) -> V::Mask;
    fn rare(x: f64, y: f64) -> f64;
}

/// A function of three arguments, right for all of them.
pub(crate) trait Ternary {
    fn eval<V: Lanes>(x: V, y: V, z: V) -> V;
}

#[inline(always)]
fn unary<K: Unary, V: Lanes>(x: V) -> V {
    let y = K::eval(x);
    if K::RARE {
        let rare = K::is_rare(x);
        if V::any(rare) {
            return V::patch1::<K>(rare, x, y);
        }
    }
    y
}

#[inline(always)]
fn binary<K: Binary, V: Lanes>(x: V, y: V) -> V {
    let z = K::eval(x, y);
    let rare = K::is_rare(x, y);
    if V::any(rare) {
        return V::patch2::<K>(rare, x, y, z);
    }
    z
}

/// # Safety
/// `n` values readable at `src`, writable at `dst`; the same or disjoint memory.
#[inline(always)]
unsafe fn unary_loop<K: Unary, V: Lanes>(dst: *mut f64, src: *const f64, n: usize) {
    let mut i = 0;
    // SAFETY: i + N <= n in the loop and i < n after it, so all accesses are within the n values.
    unsafe {
        if K::ALL_RARE {
            while i < n {
                dst.add(i).write(K::rare(src.add(i).read()));
                i += 1;
            }
            return;
        }
        while i + 2 * V::N <= n {
            unary::<K, Two<V>>(Lanes::load(src.add(i))).store(dst.add(i));
            i += 2 * V::N;
        }
        while i + V::N <= n {
            unary::<K, V>(V::load(src.add(i))).store(dst.add(i));
            i += V::N;
        }
        if i < n {
            unary::<K, V>(V::load_part(src.add(i), n - i)).store_part(dst.add(i), n - i);
        }
    }
}

/// # Safety
/// `n` values readable at `x` and `y`, writable at `dst`; the same or disjoint memory.
#[inline(always)]
unsafe fn binary_loop<K: Binary, V: Lanes>(dst: *mut f64, x: *const f64, y: *const f64, n: usize) {
    let mut i = 0;
    // SAFETY: as in `unary_loop`.
    unsafe {
        while i + 2 * V::N <= n {
            binary::<K, Two<V>>(Lanes::load(x.add(i)), Lanes::load(y.add(i))).store(dst.add(i));
            i += 2 * V::N;
        }
        while i + V::N <= n {
            binary::<K, V>(V::load(x.add(i)), V::load(y.add(i))).store(dst.add(i));
            i += V::N;
        }
        if i < n {
            let rest = n - i;
            binary::<K, V>(V::load_part(x.add(i), rest), V::load_part(y.add(i), rest))
                .store_part(dst.add(i), rest);
        }
    }
}

/// # Safety
/// As [`uniform_loop_of`].
#[inline(always)]
unsafe fn uniform_loop<K: Binary, V: Lanes>(dst: *mut f64, x: *const f64, y: f64, n: usize) {
    // SAFETY: the contract is the caller's.
    unsafe {
        if K::is_near_one(y) {
            uniform_loop_of::<K::NearOne, V>(dst, x, y, n);
        } else if K::is_small(y) {
            uniform_loop_of::<K::Small, V>(dst, x, y, n);
        } else {
            uniform_loop_of::<K, V>(dst, x, y, n);
        }
    }
}

/// # Safety
/// `n` values readable at `x`, writable at `dst`; the same or disjoint memory.
#[inline(always)]
unsafe fn uniform_loop_of<K: Binary, V: Lanes>(dst: *mut f64, x: *const f64, y: f64, n: usize) {
    let mut i = 0;
    let two_y = Two::<V>::splat(y);
    let y = V::splat(y);
    // SAFETY: as in `unary_loop`.
    unsafe {
        while i + 2 * V::N <= n {
            binary::<K, Two<V>>(Lanes::load(x.add(i)), two_y).store(dst.add(i));
            i += 2 * V::N;
        }
        while i + V::N <= n {
            binary::<K, V>(V::load(x.add(i)), y).store(dst.add(i));
            i += V::N;
        }
        if i < n {
            binary::<K, V>(V::load_part(x.add(i), n - i), y).store_part(dst.add(i), n - i);
        }
    }
}

/// # Safety
/// `n` values readable at `x`, `y` and `z`, writable at `dst`; the same or disjoint memory.
#[inline(always)]
unsafe fn ternary_loop<K: Ternary, V: Lanes>(
    dst: *mut f64,
    x: *const f64,
    y: *const f64,
    z: *const f64,
    n: usize,
) {
    let mut i = 0;
    // SAFETY: as in `unary_loop`.
    unsafe {
        while i + V::N <= n {
            K::eval(V::load(x.add(i)), V::load(y.add(i)), V::load(z.add(i))).store(dst.add(i));
            i += V::N;
        }
        if i < n {
            let rest = n - i;
            K::eval(
                V::load_part(x.add(i), rest),
                V::load_part(y.add(i), rest),
                V::load_part(z.add(i), rest),
            )
            .store_part(dst.add(i), rest);
        }
    }
}

/// Slice function `f(dst, src, n)`; see [`crate::Fn1::slice`].
pub type Slice1 = unsafe extern "C" fn(dst: *mut f64, src: *const f64, n: usize);
/// Slice function `f(dst, x, y, n)`; see [`crate::Fn2::slice`].
pub type Slice2 = unsafe extern "C" fn(dst: *mut f64, x: *const f64, y: *const f64, n: usize);
/// Slice function with one second argument for all; see [`crate::Fn2::slice_uniform`].
pub type Slice2Uniform = unsafe extern "C" fn(dst: *mut f64, x: *const f64, y: f64, n: usize);
/// Slice function `f(dst, x, y, z, n)`; see [`crate::Fn3::slice`].
pub type Slice3 =
    unsafe extern "C" fn(dst: *mut f64, x: *const f64, y: *const f64, z: *const f64, n: usize);
/// Scalar function; see [`crate::Fn1::scalar_ptr`].
pub type Scalar1 = extern "C" fn(f64) -> f64;
/// Scalar function of two arguments; see [`crate::Fn2::scalar_ptr`].
pub type Scalar2 = extern "C" fn(f64, f64) -> f64;
/// Scalar function of three arguments; see [`crate::Fn3::scalar_ptr`].
pub type Scalar3 = extern "C" fn(f64, f64, f64) -> f64;

/// Makes, for each kind of algorithm, its loop at every level and the choice among them.
macro_rules! levels {
    ($choose:ident: $kind:ident, $body:ident, $pointer:ty, ($($arg:ident: $type:ty),+)) => {
        /// The loop of `K` for `level`, which must be supported for the loop to be called.
        pub(crate) fn $choose<K: $kind>(level: Level) -> $pointer {
            unsafe extern "C" fn portable<K: $kind>($($arg: $type),+) {
                // SAFETY: the contract is the caller's.
                unsafe { $body::<K, f64>($($arg),+) }
            }
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx,fma")]
                unsafe extern "C" fn v128<K: $kind>($($arg: $type),+) {
                    // SAFETY: the contract is the caller's.
                    unsafe { $body::<K, V128>($($arg),+) }
                }
                #[target_feature(enable = "avx2,fma")]
                unsafe extern "C" fn v256<K: $kind>($($arg: $type),+) {
                    // SAFETY: the contract is the caller's.
                    unsafe { $body::<K, V256>($($arg),+) }
                }
                #[target_feature(enable = "avx512f,avx512dq,avx512vl,avx2,fma")]
                unsafe extern "C" fn v512<K: $kind>($($arg: $type),+) {
                    // SAFETY: the contract is the caller's.
                    unsafe { $body::<K, V512>($($arg),+) }
                }
                match level {
                    Level::Portable => portable::<K>,
                    Level::V128 => v128::<K>,
                    Level::V256 => v256::<K>,
                    Level::V512 => v512::<K>,
                }
            }
            #[cfg(not(target_arch = "x86_64"))]
            {
                let _ = level;
                portable::<K>
            }
        }
    };
}

levels!(slice1: Unary, unary_loop, Slice1, (dst: *mut f64, src: *const f64, n: usize));
levels!(slice2: Binary, binary_loop, Slice2,
    (dst: *mut f64, x: *const f64, y: *const f64, n: usize));
levels!(slice2_uniform: Binary, uniform_loop, Slice2Uniform,
    (dst: *mut f64, x: *const f64, y: f64, n: usize));
levels!(slice3: Ternary, ternary_loop, Slice3,
    (dst: *mut f64, x: *const f64, y: *const f64, z: *const f64, n: usize));

#[inline(always)]
fn scalar_unary<K: Unary>(x: f64) -> f64 {
    if K::ALL_RARE {
        K::rare(x)
    } else {
        unary::<K, f64>(x)
    }
}

#[inline(always)]
fn scalar_binary<K: Binary>(x: f64, y: f64) -> f64 {
    binary::<K, f64>(x, y)
}

#[inline(always)]
fn scalar_ternary<K: Ternary>(x: f64, y: f64, z: f64) -> f64 {
    K::eval(x, y, z)
}

/// `f64`, once per argument.
macro_rules! one {
    ($arg:ident) => {
        f64
    };
}

/// Makes the scalar form of each kind: with FMA instructions where the processor has them.
macro_rules! scalars {
    ($choose:ident: $kind:ident, $body:ident, $pointer:ty, ($($arg:ident),+)) => {
        pub(crate) fn $choose<K: $kind>() -> $pointer {
            extern "C" fn portable<K: $kind>($($arg: f64),+) -> f64 {
                $body::<K>($($arg),+)
            }
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx,fma")]
                extern "C" fn fused<K: $kind>($($arg: f64),+) -> f64 {
                    $body::<K>($($arg),+)
                }
                if Level::detect() >= Level::V128 {
                    type Unsafe = unsafe extern "C" fn($(one!($arg)),+) -> f64;
                    let fused: Unsafe = fused::<K>;
                    // SAFETY: the types differ only in `unsafe`, which stands for the features
                    // just detected.
                    return unsafe { std::mem::transmute::<Unsafe, $pointer>(fused) };
                }
            }
            portable::<K>
        }
    };
}

scalars!(scalar1: Unary, scalar_unary, Scalar1, (x));
scalars!(scalar2: Binary, scalar_binary, Scalar2, (x, y));
scalars!(scalar3: Ternary, scalar_ternary, Scalar3, (x, y, z));
