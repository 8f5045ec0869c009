//! Inversion of discrete laws: how many probabilities a uniform number exceeds.

#[cfg(target_arch = "x86_64")]
use crate::level::{Level, level};

/// Elements side by side.
const LANES: usize = 16;

/// Probabilities after which it is asked whether all are done.
const ROUND: usize = 4;

/// For each uniform number, how many probabilities it exceeds, one after the other, each subtracted from what is left of it.
///
/// The probabilities are not negative. Every level gives the same counts. Returns the greatest count.
///
/// # Panics
/// If there is not one count for each number.
pub fn exceeded(numbers: &[f64], probabilities: &[f64], counts: &mut [f64]) -> f64 {
    assert_eq!(numbers.len(), counts.len());
    #[cfg(target_arch = "x86_64")]
    match level() {
        // SAFETY: the processor has what the level stands for.
        Level::V512 => return unsafe { v512(numbers, probabilities, counts) },
        // SAFETY: as above.
        Level::V256 => return unsafe { v256(numbers, probabilities, counts) },
        Level::Portable | Level::V128 => {}
    }
    all(numbers, probabilities, counts)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
unsafe fn v256(numbers: &[f64], probabilities: &[f64], counts: &mut [f64]) -> f64 {
    all(numbers, probabilities, counts)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx2,fma")]
unsafe fn v512(numbers: &[f64], probabilities: &[f64], counts: &mut [f64]) -> f64 {
    all(numbers, probabilities, counts)
}

#[inline(always)]
fn all(numbers: &[f64], probabilities: &[f64], counts: &mut [f64]) -> f64 {
    let mut greatest = [0.0; LANES];
    let (groups, rest) = numbers.as_chunks::<LANES>();
    let (out, out_rest) = counts.as_chunks_mut::<LANES>();
    for (numbers, counts) in groups.iter().zip(out) {
        *counts = group(*numbers, probabilities);
        for (most, count) in greatest.iter_mut().zip(counts) {
            *most = f64::max(*most, *count);
        }
    }
    if !rest.is_empty() {
        // What is missing exceeds nothing.
        let mut last = [-1.0; LANES];
        for (to, from) in last.iter_mut().zip(rest) {
            *to = *from;
        }
        let found = group(last, probabilities);
        for (to, from) in out_rest.iter_mut().zip(found) {
            *to = from;
        }
        for (most, count) in greatest.iter_mut().zip(found) {
            *most = f64::max(*most, count);
        }
    }
    greatest.into_iter().fold(0.0, f64::max)
}

#[inline(always)]
fn group(mut left: [f64; LANES], probabilities: &[f64]) -> [f64; LANES] {
    let mut counts = [0.0; LANES];
    for round in probabilities.chunks(ROUND) {
        for p in round {
            for k in 0..LANES {
                let exceeds = left[k] > *p;
                counts[k] += if exceeds { 1.0 } else { 0.0 };
                // What has been found exceeds nothing any more; what goes on stays above zero.
                left[k] = if exceeds { left[k] - *p } else { -1.0 };
            }
        }
        let signs = left.iter().fold(u64::MAX, |all, u| all & u.to_bits());
        if signs >> 63 == 1 {
            break;
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_those_of_one_after_the_other() {
        let probabilities: Vec<f64> = (0..11).map(|k| 0.3 * 0.7_f64.powi(k)).collect();
        let numbers: Vec<f64> = (0..1003).map(|k| f64::from(k) / 1003.0).collect();
        let mut counts = vec![0.0; numbers.len()];
        let greatest = exceeded(&numbers, &probabilities, &mut counts);
        assert_eq!(greatest, counts.iter().copied().fold(0.0, f64::max));
        for (u, count) in numbers.iter().zip(counts) {
            let (mut left, mut expected) = (*u, 0);
            while expected < probabilities.len() && left > probabilities[expected] {
                left -= probabilities[expected];
                expected += 1;
            }
            assert_eq!(count, expected as f64, "{u}");
        }
    }
}
