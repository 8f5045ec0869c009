//! The noisy integrate-and-fire neuron of models/parts/lif_plastic.eq: state update, threshold and reset in one pass.

use std::arch::x86_64::*;

use super::Lines;
use super::x8::{add, fma, fnma, load, set, store, sub};

/// The state of some neurons, in SI units.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "named as in the model")]
pub struct Lif {
    pub v: Lines,
    pub g_i: Lines,
    pub g_e: Lines,
    /// The first step in which the neuron is free again.
    pub free_at: Lines,
}

impl Lif {
    /// `n` neurons at rest.
    pub fn new(n: usize) -> Lif {
        let zero = Lines::of(&vec![0.0; n]);
        Lif {
            v: Lines::of(&vec![-79e-3; n]),
            g_i: zero.clone(),
            g_e: zero.clone(),
            free_at: zero,
        }
    }

    /// Step number `step`; appends the neurons that spike. `noise` is standard normal.
    ///
    /// # Safety
    /// The machine has AVX-512, see [`super::available`].
    #[target_feature(enable = "avx512f,avx512dq,avx512vl,fma")]
    pub fn step(&mut self, noise: &Lines, step: u64, spikes: &mut Vec<u32>) {
        let lines = self.v.0.len();
        assert!(
            [&self.g_i, &self.g_e, &self.free_at, noise]
                .iter()
                .all(|x| x.0.len() == lines)
        );
        let rate = set(0.1 / 10.0);
        let now = set(step as f64);
        for line in 0..lines {
            let v = load(&self.v.0[line]);
            let (g_i, g_e, free_at) = (
                load(&self.g_i.0[line]),
                load(&self.g_e.0[line]),
                load(&self.free_at.0[line]),
            );
            let free = _mm512_cmp_pd_mask::<_CMP_LE_OQ>(free_at, now);
            let pull = sub(set(-79e-3), v);
            let pull = fnma(g_e, v, pull);
            let pull = fnma(g_i, add(v, set(80e-3)), pull);
            let new = fma(pull, rate, v);
            let new = fma(load(&noise.0[line]), set(16e-3 * 0.1), new);
            let new = _mm512_mask_mov_pd(v, free, new);
            let mut fired = _mm512_mask_cmp_pd_mask::<_CMP_GT_OQ>(free, new, set(-49e-3));
            store(
                &mut self.v.0[line],
                _mm512_mask_mov_pd(new, fired, set(-79e-3)),
            );
            store(&mut self.g_i.0[line], fnma(g_i, rate, g_i));
            store(&mut self.g_e.0[line], fnma(g_e, rate, g_e));
            if fired != 0 {
                store(
                    &mut self.free_at.0[line],
                    _mm512_mask_mov_pd(free_at, fired, add(now, set(30.0))),
                );
                while fired != 0 {
                    spikes.push((8 * line) as u32 + fired.trailing_zeros());
                    fired &= fired - 1;
                }
            }
        }
    }
}
