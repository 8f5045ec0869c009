//! Random numbers by element: uniform, normal, and geometric gaps.
//!
//! A pair of elements (even, odd) shares one Philox block; words 0 and 1 are the even element's,
//! words 2 and 3 the odd element's (a normal pair uses all four for both). See [`crate::Stream`]
//! for the counter. The three laws must not share a draw number at the same (object, step).

mod laws;

use crate::level::{Level, level};
use crate::philox::{Stream, counter_tail};
use laws::{Block, Gap, Law, Normal, Uniform, fill_loop};

/// The greatest gap that [`fill_gaps`] gives; longer ones are cut to it. 2⁵² − 1.
pub const GAP_MAX: u64 = (1 << 52) - 1;

/// The draw number that gaps occupy.
const GAP_DRAW: u32 = 0xffff;

/// Standard normal values of the elements `first .. first + dst.len()`.
///
/// Box–Muller: with u = (k + ½)·2⁻⁵² and an angle of 52 bits, the even element of a pair gets
/// √(−2 ln u)·cos, the odd one √(−2 ln u)·sin.
pub fn fill_normal(dst: &mut [f64], seed: u64, object: u32, step: u64, draw: u32, first: u32) {
    fill(Normal, dst, seed, counter_tail(object, step, draw), first);
}

/// Uniform values in [0, 1), multiples of 2⁻⁵³, of the elements `first .. first + dst.len()`.
pub fn fill_uniform(dst: &mut [f64], seed: u64, object: u32, step: u64, draw: u32, first: u32) {
    fill(Uniform, dst, seed, counter_tail(object, step, draw), first);
}

/// The value that [`fill_normal`] gives to `element`.
#[must_use]
pub fn normal_at(seed: u64, object: u32, step: u64, draw: u32, element: u32) -> f64 {
    one(Normal, seed, counter_tail(object, step, draw), element)
}

/// The value that [`fill_uniform`] gives to `element`.
#[must_use]
pub fn uniform_at(seed: u64, object: u32, step: u64, draw: u32, element: u32) -> f64 {
    one(Uniform, seed, counter_tail(object, step, draw), element)
}

/// Geometric gaps: the numbers of failures before each success of Bernoulli trials with
/// probability p, as ⌊ln(u)·c⌋ with u = (k + ½)·2⁻⁵² and c = `inv_log1mp` = 1/ln(1 − p) ≤ 0.
///
/// p = 0 (c = −∞) gives [`GAP_MAX`] throughout, p = 1 (c = −0) zeros. The values depend on
/// (`seed`, `object`, `block`) and the place in `dst`; a group takes its gaps in blocks of a fixed
/// length with `block` = 0, 1, 2, … (48 bits).
pub fn fill_gaps(dst: &mut [u64], seed: u64, object: u32, block: u64, inv_log1mp: f64) {
    let at = Block {
        tail: counter_tail(object, block, GAP_DRAW),
        key: Stream::new(seed).key,
    };
    let law = Gap { scale: inv_log1mp };
    // SAFETY: `level()` is supported; `dst` holds `len` values of 64 bits, and all bit patterns
    // are numbers.
    unsafe { fill_loop::<Gap>(level())(law, dst.as_mut_ptr().cast(), dst.len(), 0, &at) }
}

fn fill<L: Law>(law: L, dst: &mut [f64], seed: u64, tail: [u32; 3], first: u32) {
    let at = Block {
        tail,
        key: Stream::new(seed).key,
    };
    let run = fill_loop::<L>(level());
    // An odd first element is the second of its pair.
    let odd = usize::from(first & 1 == 1).min(dst.len());
    let (head, rest) = dst.split_at_mut(odd);
    for value in head {
        *value = one(law, seed, tail, first);
    }
    let first = first.wrapping_add(odd as u32);
    // SAFETY: `level()` is supported; `rest` holds `len` values.
    unsafe { run(law, rest.as_mut_ptr(), rest.len(), first / 2, &at) }
}

fn one<L: Law>(law: L, seed: u64, tail: [u32; 3], element: u32) -> f64 {
    let at = Block {
        tail,
        key: Stream::new(seed).key,
    };
    let mut pair = [0.0; 2];
    let level = level().min(Level::V128);
    // SAFETY: a level below the supported one is supported; `pair` holds two values.
    unsafe { fill_loop::<L>(level)(law, pair.as_mut_ptr(), 2, element / 2, &at) }
    let [even, odd] = pair;
    if element & 1 == 0 { even } else { odd }
}
