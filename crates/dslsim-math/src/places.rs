//! From gaps to places: the running sum that says where the next events are.

use crate::level::{Level, level};

/// Appends the places below `n` of events: the first at `next`, each following one by `1 + gap` further. Gives how many gaps it has
/// used up, and the next place; that is below `n` only if the gaps did not suffice. Neither sum may overflow.
#[must_use]
pub fn places(gaps: &[u64], next: u64, n: u32, out: &mut Vec<u32>) -> (usize, u64) {
    #[cfg(target_arch = "x86_64")]
    if level() == Level::V512 {
        // SAFETY: the level is supported.
        let (used, next) = unsafe { eight_at_once(gaps, next, n, out) };
        let (more, next) = one_by_one(&gaps[used..], next, n, out);
        return (used + more, next);
    }
    one_by_one(gaps, next, n, out)
}

fn one_by_one(gaps: &[u64], mut next: u64, n: u32, out: &mut Vec<u32>) -> (usize, u64) {
    let mut used = 0;
    for gap in gaps {
        if next >= u64::from(n) {
            break;
        }
        out.push(next as u32);
        next += 1 + gap;
        used += 1;
    }
    (used, next)
}

/// The same for whole groups of eight gaps, as far as there are any.
///
/// # Safety
/// The processor has what [`Level::V512`] means.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx2,fma")]
unsafe fn eight_at_once(gaps: &[u64], next: u64, n: u32, out: &mut Vec<u32>) -> (usize, u64) {
    use std::arch::x86_64::{
        _mm256_storeu_si256, _mm512_add_epi64, _mm512_alignr_epi64, _mm512_cmplt_epu64_mask,
        _mm512_cvtepi64_epi32, _mm512_loadu_si512, _mm512_permutexvar_epi64, _mm512_set1_epi64,
        _mm512_setzero_si512, _mm512_storeu_si512, _mm512_sub_epi64,
    };
    let (one, zero) = (_mm512_set1_epi64(1), _mm512_setzero_si512());
    let (limit, last) = (_mm512_set1_epi64(i64::from(n)), _mm512_set1_epi64(7));
    let mut begin = _mm512_set1_epi64(next as i64);
    let mut first = next;
    let mut used = 0;
    for group in gaps.chunks_exact(8) {
        if first >= u64::from(n) {
            break;
        }
        // SAFETY: the group has eight numbers.
        let steps = _mm512_add_epi64(unsafe { _mm512_loadu_si512(group.as_ptr().cast()) }, one);
        let mut sums = steps;
        sums = _mm512_add_epi64(sums, _mm512_alignr_epi64(sums, zero, 7));
        sums = _mm512_add_epi64(sums, _mm512_alignr_epi64(sums, zero, 6));
        sums = _mm512_add_epi64(sums, _mm512_alignr_epi64(sums, zero, 4));
        let ends = _mm512_add_epi64(sums, begin);
        let here = _mm512_sub_epi64(ends, steps);
        // They rise: those below n come first.
        let count = _mm512_cmplt_epu64_mask(here, limit).count_ones() as usize;
        out.reserve(8);
        // SAFETY: there is room for eight numbers, of which `count` are then part of the vector.
        unsafe {
            _mm256_storeu_si256(
                out.as_mut_ptr().add(out.len()).cast(),
                _mm512_cvtepi64_epi32(here),
            );
            out.set_len(out.len() + count);
        }
        let mut all = [0; 9];
        // SAFETY: eight numbers fit into each half.
        unsafe { _mm512_storeu_si512(all.as_mut_ptr().add(1).cast(), ends) };
        all[0] = first;
        used += count;
        first = all[count];
        if count < 8 {
            break;
        }
        begin = _mm512_permutexvar_epi64(last, ends);
    }
    (used, first)
}

#[cfg(test)]
mod tests {
    use super::{one_by_one, places};

    #[test]
    fn places_are_those_of_one_after_the_other() {
        let gap = |k: u64| k.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 58;
        for length in [0, 1, 7, 8, 9, 16, 40, 100] {
            let gaps: Vec<u64> = (0..length).map(gap).collect();
            for (n, next) in [
                (0, 0),
                (5, 9),
                (1, 0),
                (100, 3),
                (300, 299),
                (700, 0),
                (100_000, 17),
            ] {
                let (mut a, mut b) = (vec![7], vec![7]);
                let expected = one_by_one(&gaps, next, n, &mut a);
                assert_eq!(
                    places(&gaps, next, n, &mut b),
                    expected,
                    "{length} {n} {next}"
                );
                assert_eq!(a, b);
            }
        }
        let far = [(1 << 52) - 1; 16];
        let mut out = Vec::new();
        assert_eq!(places(&far, 3, 10, &mut out), (1, 3 + (1 << 52)));
        assert_eq!(out, [3]);
    }
}
