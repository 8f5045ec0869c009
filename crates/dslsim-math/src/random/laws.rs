//! From Philox words to values of a law, over lanes; and the loops that fill slices with them.

use crate::lanes::{Lanes, MAX_LANES, Two};
#[cfg(target_arch = "x86_64")]
use crate::lanes::{V128, V256, V512};
use crate::level::Level;
use crate::log::log;
use crate::philox::philox_lanes;
use crate::trig::{in_quadrant, sin_cos_small};

/// What all counters of one fill share.
pub(super) struct Block {
    /// Words 1 to 3 of the counter.
    pub(super) tail: [u32; 3],
    pub(super) key: [u32; 2],
}

/// A law: two values from the four words of a block.
pub(super) trait Law: Copy {
    fn pair<V: Lanes>(self, words: [V; 4]) -> (V, V);
}

#[derive(Clone, Copy)]
pub(super) struct Uniform;
#[derive(Clone, Copy)]
pub(super) struct Normal;
/// Its values are integers, as bits.
#[derive(Clone, Copy)]
pub(super) struct Gap {
    pub(super) scale: f64,
}

/// Bits of 2⁵².
const TWO52: u64 = 0x4330_0000_0000_0000;
const LOW_HALF: u64 = 0xffff_ffff;

/// The upper 52 bits of the 64-bit number of two words.
#[inline(always)]
fn bits52<V: Lanes>(low: V, high: V) -> V {
    let word = V::or(V::shl(high, 32), V::and(low, V::bits(LOW_HALF)));
    V::shr(word, 12)
}

/// (k + ½)·2⁻⁵² for 52 random bits k: in (0, 1), exact.
#[inline(always)]
fn open_uniform<V: Lanes>(low: V, high: V) -> V {
    let one_to_two = V::or(bits52(low, high), V::splat(1.0));
    one_to_two - V::splat(1.0 - f64::EPSILON / 2.0)
}

/// The integer below 2⁵² that a lane's bits are, as a number.
#[inline(always)]
fn to_number<V: Lanes>(integer: V) -> V {
    V::or(integer, V::bits(TWO52)) - V::bits(TWO52)
}

/// The upper 53 bits of the two words times 2⁻⁵³, in two exact parts of 32 and 21 bits.
#[inline(always)]
fn uniform<V: Lanes>(low: V, high: V) -> V {
    const TWO_32: f64 = 1.0 / 4_294_967_296.0;
    const TWO_53: f64 = f64::EPSILON / 2.0;
    let high = to_number(V::and(high, V::bits(LOW_HALF)));
    let low = to_number(V::shr(V::and(low, V::bits(LOW_HALF)), 11));
    V::fma(high, V::splat(TWO_32), low * V::splat(TWO_53))
}

impl Law for Uniform {
    #[inline(always)]
    fn pair<V: Lanes>(self, [w0, w1, w2, w3]: [V; 4]) -> (V, V) {
        (uniform(w0, w1), uniform(w2, w3))
    }
}

impl Law for Normal {
    #[inline(always)]
    fn pair<V: Lanes>(self, [w0, w1, w2, w3]: [V; 4]) -> (V, V) {
        let radius = V::sqrt(V::splat(-2.0) * log(open_uniform(w0, w1)));
        // The angle is 2π·v, v = (52 bits)/2⁵². 4v + 2⁵¹·1.5 leaves the quadrant in the low bits.
        let one_to_two = V::or(bits52(w2, w3), V::splat(1.0));
        let quarter_turns = V::fma(V::splat(4.0), one_to_two, V::splat(-4.0));
        let shifted = quarter_turns + V::splat(crate::lanes::ROUND);
        let rest = quarter_turns - (shifted - V::splat(crate::lanes::ROUND));
        let angle = rest * V::splat(std::f64::consts::FRAC_PI_2);
        let (sin, cos) = sin_cos_small(angle, V::splat(0.0));
        let sine = in_quadrant(shifted, sin, cos);
        let cosine = in_quadrant(V::iadd(shifted, V::bits(1)), sin, cos);
        (radius * cosine, radius * sine)
    }
}

impl Gap {
    #[inline(always)]
    fn gap<V: Lanes>(self, low: V, high: V) -> V {
        let gap = V::floor(log(open_uniform(low, high)) * V::splat(self.scale));
        let gap = V::max(gap, V::splat(0.0));
        let gap = V::min(gap, V::splat(super::GAP_MAX as f64));
        V::xor(gap + V::bits(TWO52), V::bits(TWO52))
    }
}

impl Law for Gap {
    #[inline(always)]
    fn pair<V: Lanes>(self, [w0, w1, w2, w3]: [V; 4]) -> (V, V) {
        (self.gap(w0, w1), self.gap(w2, w3))
    }
}

/// Fills `n` values from the even element `2·pair` on.
///
/// # Safety
/// `n` values writable at `dst`.
#[inline(always)]
unsafe fn run<L: Law, V: Lanes>(law: L, dst: *mut f64, n: usize, pair: u32, at: &Block) {
    let [c1, c2, c3] = at.tail.map(|word| V::bits(u64::from(word)));
    let mut c0 = V::iadd(V::iota(), V::bits(u64::from(pair)));
    let step = V::bits(V::N as u64);
    let mut i = 0;
    // Two vectors at a time: while one waits for a root or a quotient, the other goes on.
    let two_steps = Two::<V>::bits(2 * V::N as u64);
    let mut two_c0 = Two::<V>::iadd(Two::iota(), Two::bits(u64::from(pair)));
    while n - i >= 4 * V::N {
        let [c1, c2, c3] = at.tail.map(|word| Two::<V>::bits(u64::from(word)));
        let (even, odd) = law.pair(philox_lanes([two_c0, c1, c2, c3], at.key));
        let (first, second) = Two::interleave(even, odd);
        // SAFETY: 4N values remain.
        unsafe {
            first.store(dst.add(i));
            second.store(dst.add(i + 2 * V::N));
        }
        two_c0 = Two::iadd(two_c0, two_steps);
        c0 = V::iadd(c0, V::bits(2 * V::N as u64));
        i += 4 * V::N;
    }
    while i < n {
        let (even, odd) = law.pair(philox_lanes([c0, c1, c2, c3], at.key));
        let (first, second) = V::interleave(even, odd);
        // SAFETY: whole vectors only where 2N values remain, else `n - i` values by the buffer.
        unsafe {
            if n - i >= 2 * V::N {
                first.store(dst.add(i));
                second.store(dst.add(i + V::N));
            } else {
                let mut buffer = [0.0; 2 * MAX_LANES];
                first.store(buffer.as_mut_ptr());
                second.store(buffer.as_mut_ptr().add(V::N));
                std::ptr::copy_nonoverlapping(buffer.as_ptr(), dst.add(i), n - i);
            }
        }
        c0 = V::iadd(c0, step);
        i += 2 * V::N;
    }
}

type FillLoop<L> = unsafe fn(L, *mut f64, usize, u32, &Block);

/// The loop for `level`, which must be supported for the loop to be called.
#[inline]
pub(super) fn fill_loop<L: Law>(level: Level) -> FillLoop<L> {
    unsafe fn portable<L: Law>(law: L, dst: *mut f64, n: usize, pair: u32, at: &Block) {
        // SAFETY: the contract is the caller's.
        unsafe { run::<L, f64>(law, dst, n, pair, at) }
    }
    #[cfg(target_arch = "x86_64")]
    {
        #[target_feature(enable = "avx,fma")]
        unsafe fn v128<L: Law>(law: L, dst: *mut f64, n: usize, pair: u32, at: &Block) {
            // SAFETY: the contract is the caller's.
            unsafe { run::<L, V128>(law, dst, n, pair, at) }
        }
        #[target_feature(enable = "avx2,fma")]
        unsafe fn v256<L: Law>(law: L, dst: *mut f64, n: usize, pair: u32, at: &Block) {
            // SAFETY: the contract is the caller's.
            unsafe { run::<L, V256>(law, dst, n, pair, at) }
        }
        #[target_feature(enable = "avx512f,avx512dq,avx512vl,avx2,fma")]
        unsafe fn v512<L: Law>(law: L, dst: *mut f64, n: usize, pair: u32, at: &Block) {
            // SAFETY: the contract is the caller's.
            unsafe { run::<L, V512>(law, dst, n, pair, at) }
        }
        match level {
            Level::Portable => portable::<L>,
            Level::V128 => v128::<L>,
            Level::V256 => v256::<L>,
            Level::V512 => v512::<L>,
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    {
        let _ = level;
        portable::<L>
    }
}
