//! Random choices among candidates, from either random stream. With Brian2's stream the draws are those of its numpy target.

use std::collections::HashSet;

use dslsim_ir::DrawKind;
use dslsim_runtime::Random;

/// Up to so many candidates are drawn one by one.
const ONE_BY_ONE: usize = 1000;

/// Above this probability candidates are drawn one by one.
const DENSE: f64 = 0.25;

/// The positions, of `n`, that are chosen with probability `p` each; ascending.
pub(super) fn with_chance(random: &mut Random, n: usize, p: f64) -> Vec<usize> {
    if n == 0 || p == 0.0 {
        return Vec::new();
    }
    if p == 1.0 {
        return (0..n).collect();
    }
    if n <= ONE_BY_ONE || p > DENSE {
        let mut numbers = vec![0.0; n];
        random.script(DrawKind::Uniform, &[], 0.0, &mut numbers);
        return numbers
            .iter()
            .enumerate()
            .filter(|(_, u)| **u < p)
            .map(|(k, _)| k)
            .collect();
    }
    // Jumps between the chosen, in batches that are expected to suffice.
    let per_step = 1.0 / (1.0 - p).ln();
    let mut all = Vec::new();
    let mut start: i64 = 0;
    while start < n as i64 {
        let expected = ((n as i64 - start) as f64 * p * 1.05).ceil();
        let mut numbers = vec![0.0; expected as usize + 10];
        random.script(DrawKind::Uniform, &[], 0.0, &mut numbers);
        let mut at = start - 1;
        for u in numbers {
            at += ((u.ln() * per_step).ceil() as i64).clamp(0, n as i64 + 1);
            if at < n as i64 {
                all.push(at.max(0) as usize);
            }
        }
        start = at + 1;
    }
    all
}

/// `k` different positions of `n`, ascending.
pub(super) fn without_replacement(random: &mut Random, n: usize, k: usize) -> Vec<usize> {
    if k >= n {
        return (0..n).collect();
    }
    if k == 0 {
        return Vec::new();
    }
    let mut chosen: Vec<usize> = match random.mt19937() {
        Some(mt) => {
            // The head of a shuffled list, as numpy's legacy `choice` takes it.
            let mut all: Vec<usize> = (0..n).collect();
            for last in (1..n).rev() {
                let mask = u32::MAX >> (last as u32).leading_zeros();
                let other = loop {
                    let drawn = mt.next_u32() & mask;
                    if drawn <= last as u32 {
                        break drawn as usize;
                    }
                };
                all.swap(last, other);
            }
            all.truncate(k);
            all
        }
        None => {
            // Floyd's method: each step adds one that is not there yet.
            let mut numbers = vec![0.0; k];
            random.script(DrawKind::Uniform, &[], 0.0, &mut numbers);
            let mut set = HashSet::with_capacity(k);
            for (at, u) in (n - k..n).zip(numbers) {
                let drawn = ((u * (at + 1) as f64) as usize).min(at);
                if !set.insert(drawn) {
                    set.insert(at);
                }
            }
            set.into_iter().collect()
        }
    };
    chosen.sort_unstable();
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_is_numpys() {
        // numpy.random.seed(1); sorted(numpy.random.choice(10, 4, replace=False))
        let mut random = Random::brian2(1);
        assert_eq!(without_replacement(&mut random, 10, 4), [2, 4, 6, 9]);
    }

    #[test]
    fn choices_have_their_frequencies() {
        let mut random = Random::fast(5);
        let mut hits = vec![0_usize; 20];
        for _ in 0..4000 {
            let some = without_replacement(&mut random, 20, 5);
            assert!(some.windows(2).all(|w| w[0] < w[1]) && some.len() == 5);
            some.iter().for_each(|k| hits[*k] += 1);
        }
        // 1000 expected each, standard deviation 27
        assert!(hits.iter().all(|h| h.abs_diff(1000) < 140), "{hits:?}");
        // The last candidate is not favoured when nobody else is chosen: 4000·0.0005 = 2 expected.
        let last = (0..4000)
            .filter(|_| with_chance(&mut random, 1500, 0.0005).last() == Some(&1499))
            .count();
        assert!(last < 12, "{last}");
        let n = with_chance(&mut random, 1_000_000, 0.01).len();
        assert!(n.abs_diff(10_000) < 500, "{n}");
        assert!(
            with_chance(&mut random, 5000, 0.02)
                .windows(2)
                .all(|w| w[0] < w[1])
        );
    }
}
