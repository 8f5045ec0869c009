//! The Hodgkin-Huxley neuron of models/hh_statistics.eq: exponential Euler in one pass.

use std::arch::x86_64::*;

use super::Lines;
use super::x8::{V, add, div, exp, fma, inverse_exprel, load, logistic, mul, set, store, sub};

/// The state of some neurons, in SI units.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "named as in the model")]
pub struct Hh {
    pub v: Lines,
    pub m: Lines,
    pub n: Lines,
    pub h: Lines,
    pub g_i: Lines,
    pub g_e: Lines,
    pub not_refractory: Lines,
}

const DT: f64 = 1e-4;
/// Membrane area in cm².
const AREA: f64 = 20000e-8;
const CM: f64 = 1e-6 * AREA;
const G_L: f64 = 5e-5 * AREA;
const G_NA: f64 = 0.1 * AREA;
const G_K: f64 = 0.03 * AREA;
const VT: f64 = -63e-3;

#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512vl,fma")]
fn scaled(from: f64, v: V, by: f64) -> V {
    mul(sub(set(from), v), set(1.0 / by))
}

/// x + (x∞ − x)(1 − e^(−rate dt)) with x∞ = alpha/rate.
#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512vl,fma")]
fn relax(x: V, alpha: V, rate: V, dt: f64) -> V {
    let end = div(alpha, rate);
    fma(sub(x, end), exp(mul(rate, set(-dt))), end)
}

impl Hh {
    /// One step.
    ///
    /// # Safety
    /// The machine has AVX-512, see [`super::available`].
    #[target_feature(enable = "avx512f,avx512dq,avx512vl,fma")]
    pub fn step(&mut self) {
        let lines = self.v.0.len();
        let all = [
            &self.m,
            &self.n,
            &self.h,
            &self.g_i,
            &self.g_e,
            &self.not_refractory,
        ];
        assert!(all.iter().all(|x| x.0.len() == lines));
        let decay = set((-DT / 10e-3).exp());
        for line in 0..lines {
            let v = load(&self.v.0[line]);
            let (m, n, h) = (
                load(&self.m.0[line]),
                load(&self.n.0[line]),
                load(&self.h.0[line]),
            );
            let (g_i, g_e) = (load(&self.g_i.0[line]), load(&self.g_e.0[line]));
            let stays = _mm512_cmp_pd_mask::<_CMP_GT_OQ>(v, set(-40e-3));
            let free = _mm512_mask_blend_pd(stays, set(1.0), load(&self.not_refractory.0[line]));
            store(&mut self.not_refractory.0[line], free);
            // Rates per millisecond.
            let alpha = mul(set(1.28), inverse_exprel(scaled(13e-3 + VT, v, 4e-3)));
            let beta = mul(set(1.4), inverse_exprel(scaled(VT + 40e-3, v, -5e-3)));
            store(
                &mut self.m.0[line],
                relax(m, alpha, add(alpha, beta), DT * 1e3),
            );
            let alpha = mul(set(0.16), inverse_exprel(scaled(15e-3 + VT, v, 5e-3)));
            let beta = mul(set(0.5), exp(scaled(10e-3 + VT, v, 40e-3)));
            store(
                &mut self.n.0[line],
                relax(n, alpha, add(alpha, beta), DT * 1e3),
            );
            let alpha = mul(set(0.128), exp(scaled(17e-3 + VT, v, 18e-3)));
            let beta = mul(set(4.0), logistic(scaled(40e-3 + VT, v, -5e-3)));
            store(
                &mut self.h.0[line],
                relax(h, alpha, add(alpha, beta), DT * 1e3),
            );
            let na = mul(mul(set(G_NA), mul(mul(m, m), m)), h);
            let n2 = mul(n, n);
            let k = mul(set(G_K), mul(n2, n2));
            let g = add(add(add(set(G_L), na), k), add(g_i, g_e));
            let pull = fma(na, set(50e-3), set(G_L * -65e-3));
            let pull = fma(k, set(-90e-3), pull);
            let pull = fma(g_i, set(-80e-3), pull);
            store(&mut self.v.0[line], relax(v, pull, g, DT / CM));
            store(&mut self.g_i.0[line], mul(g_i, decay));
            store(&mut self.g_e.0[line], mul(g_e, decay));
        }
    }
}
