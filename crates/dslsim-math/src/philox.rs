//! The counter-based generator Philox4x32-10.
//!
//! Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC11 (2011).
//! A bijection of 128-bit counters for each 64-bit key; no state.

use crate::lanes::Lanes;

const MULTIPLIERS: [u32; 2] = [0xd251_1f53, 0xcd9e_8d57];
const WEYL: [u32; 2] = [0x9e37_79b9, 0xbb67_ae85];
const ROUNDS: u32 = 10;

/// One block of four random words.
///
/// Agrees with the known answers of the authors' Random123 library.
#[must_use]
pub fn philox4x32(counter: [u32; 4], key: [u32; 2]) -> [u32; 4] {
    let [mut c0, mut c1, mut c2, mut c3] = counter;
    let [mut k0, mut k1] = key;
    for _ in 0..ROUNDS {
        let p0 = u64::from(c0) * u64::from(MULTIPLIERS[0]);
        let p1 = u64::from(c2) * u64::from(MULTIPLIERS[1]);
        (c0, c1, c2, c3) = (
            (p1 >> 32) as u32 ^ c1 ^ k0,
            p1 as u32,
            (p0 >> 32) as u32 ^ c3 ^ k1,
            p0 as u32,
        );
        k0 = k0.wrapping_add(WEYL[0]);
        k1 = k1.wrapping_add(WEYL[1]);
    }
    [c0, c1, c2, c3]
}

/// Blocks side by side: each lane has one counter, its words in the low halves of four vectors.
/// In the result, too, only the low halves count.
#[inline(always)]
pub(crate) fn philox_lanes<V: Lanes>(counter: [V; 4], key: [u32; 2]) -> [V; 4] {
    let [mut c0, mut c1, mut c2, mut c3] = counter;
    let [mut k0, mut k1] = key;
    let m0 = V::bits(u64::from(MULTIPLIERS[0]));
    let m1 = V::bits(u64::from(MULTIPLIERS[1]));
    for _ in 0..ROUNDS {
        let p0 = V::mul32(c0, m0);
        let p1 = V::mul32(c2, m1);
        c0 = V::xor(V::xor(V::shr(p1, 32), c1), V::bits(u64::from(k0)));
        c2 = V::xor(V::xor(V::shr(p0, 32), c3), V::bits(u64::from(k1)));
        c1 = p1;
        c3 = p0;
        k0 = k0.wrapping_add(WEYL[0]);
        k1 = k1.wrapping_add(WEYL[1]);
    }
    [c0, c1, c2, c3]
}

/// The random numbers that belong to one seed.
///
/// A value is a function of (element, object, step, draw) and of nothing else, so it depends
/// neither on threads nor on order nor on vector width. The counter's words are
/// `[element / 2, object, low half of step, draw | high half of step << 16]`: one block serves an
/// even element and the next. `draw` has 16 bits, of which `0xffff` belongs to
/// [`crate::fill_gaps`]; `step` has 48.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Stream {
    /// The seed, low half first.
    pub key: [u32; 2],
}

impl Stream {
    /// The stream of `seed`.
    #[must_use]
    pub const fn new(seed: u64) -> Stream {
        Stream {
            key: [seed as u32, (seed >> 32) as u32],
        }
    }

    /// The block of four words for an element and its neighbour (`element ^ 1`).
    #[must_use]
    pub fn words(self, element: u32, object: u32, step: u64, draw: u32) -> [u32; 4] {
        let [object, low, high] = counter_tail(object, step, draw);
        philox4x32([element / 2, object, low, high], self.key)
    }
}

/// Words 1 to 3 of a counter.
#[inline(always)]
pub(crate) fn counter_tail(object: u32, step: u64, draw: u32) -> [u32; 3] {
    let high = ((step >> 32) as u32) << 16;
    [object, step as u32, (draw & 0xffff) | high]
}
