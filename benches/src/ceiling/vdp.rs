//! The VDP synapse of models/vdp.eq: subexpressions and state update in one pass.

use std::arch::x86_64::*;

use super::Lines;
use super::x8::{add, clip, fma, fnma, load, logistic, mul, pow, set, store, sub};

/// The state of some synapses.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "named as in the model")]
pub struct Vdp {
    pub glutamate: Lines,
    pub nmda_rise: Lines,
    pub nmda: Lines,
    pub vdcc_rise: Lines,
    pub vdcc: Lines,
    pub w: Lines,
    /// The neuron of each synapse: below `neurons`.
    target: Vec<u32>,
    neurons: usize,
}

/// The model's parameters, in SI units, as invariants of the loop.
#[derive(Clone, Copy, Debug)]
pub struct Factors {
    theta_nmda: f64,
    theta_vdcc: f64,
    k: f64,
    exponent: f64,
    fall_nmda: f64,
    fall_vdcc: f64,
    rise: f64,
    nmda_amp: f64,
    vdcc_amp: f64,
    ltd_amp: f64,
    learning: f64,
    decay: f64,
    w_max: f64,
}

impl Factors {
    /// Those of models/vdp.eq with steps of 0.1 ms.
    pub fn of_the_model() -> Factors {
        let amp = |rise: f64, fall: f64| (rise / fall).powf(fall / (rise - fall));
        Factors {
            theta_nmda: -40.75e-3,
            theta_vdcc: -43.75e-3,
            k: 400.0,
            exponent: (-3.0f64).exp() * 20.0,
            fall_nmda: 0.1 / 5.0,
            fall_vdcc: 0.1 / 20.0,
            rise: 0.1,
            nmda_amp: amp(1.0, 5.0),
            vdcc_amp: amp(1.0, 20.0),
            ltd_amp: 0.17,
            learning: 100.0 * 0.1,
            decay: 0.1 / 10.0,
            w_max: 2.0,
        }
    }
}

impl Vdp {
    /// At rest.
    ///
    /// # Panics
    /// If there is no neuron, or a synapse's does not exist.
    pub fn new(target: &[u32], neurons: usize) -> Vdp {
        assert!(neurons > 0 && target.iter().all(|k| (*k as usize) < neurons));
        let zero = Lines::of(&vec![0.0; target.len()]);
        let mut padded = target.to_vec();
        padded.resize(target.len().next_multiple_of(8), 0);
        Vdp {
            glutamate: zero.clone(),
            nmda_rise: zero.clone(),
            nmda: zero.clone(),
            vdcc_rise: zero.clone(),
            vdcc: zero,
            w: Lines::of(&vec![1.0; target.len()]),
            target: padded,
            neurons,
        }
    }

    /// One step; `v` of the neurons in volts.
    ///
    /// # Safety
    /// The machine has AVX-512, see [`super::available`].
    ///
    /// # Panics
    /// If `v` has fewer neurons than the synapses were made for.
    #[target_feature(enable = "avx512f,avx512dq,avx512vl,fma")]
    pub fn step(&mut self, v: &[f64], p: &Factors) {
        let lines = self.target.len() / 8;
        let all = [
            &self.glutamate,
            &self.nmda_rise,
            &self.nmda,
            &self.vdcc_rise,
            &self.vdcc,
            &self.w,
        ];
        assert!(all.iter().all(|x| x.0.len() == lines) && v.len() >= self.neurons);
        let (zero, hundred) = (set(0.0), set(100.0));
        for line in 0..lines {
            // SAFETY: there are eight entries from 8·line on, and each is below `neurons`.
            let v = unsafe {
                let at = _mm256_loadu_si256(self.target.as_ptr().add(8 * line).cast());
                _mm512_i32gather_pd::<8>(at, v.as_ptr())
            };
            let g = load(&self.glutamate.0[line]);
            let (nmda_rise, nmda) = (load(&self.nmda_rise.0[line]), load(&self.nmda.0[line]));
            let (vdcc_rise, vdcc) = (load(&self.vdcc_rise.0[line]), load(&self.vdcc.0[line]));
            let w = load(&self.w.0[line]);
            let ltp = logistic(mul(sub(v, set(p.theta_nmda)), set(p.k)));
            let ltd = logistic(mul(sub(v, set(p.theta_vdcc)), set(p.k)));
            let released = _mm512_cmp_pd_mask::<_CMP_GT_OQ>(g, zero);
            let exponent = set(p.exponent);
            let from_vdcc = pow(vdcc, exponent);
            let ca = _mm512_mask_add_pd(from_vdcc, released, from_vdcc, pow(nmda, exponent));
            let opened = clip(
                sub(clip(sub(ltp, nmda), zero, hundred), nmda_rise),
                zero,
                hundred,
            );
            store(
                &mut self.nmda_rise.0[line],
                fma(sub(opened, nmda_rise), set(p.rise), nmda_rise),
            );
            store(
                &mut self.nmda.0[line],
                fma(
                    sub(mul(set(p.nmda_amp), nmda_rise), nmda),
                    set(p.fall_nmda),
                    nmda,
                ),
            );
            let opened = clip(
                sub(clip(sub(ltd, vdcc), zero, hundred), vdcc_rise),
                zero,
                hundred,
            );
            store(
                &mut self.vdcc_rise.0[line],
                fma(sub(opened, vdcc_rise), set(p.rise), vdcc_rise),
            );
            store(
                &mut self.vdcc.0[line],
                fma(
                    sub(mul(set(p.vdcc_amp), vdcc_rise), vdcc),
                    set(p.fall_vdcc),
                    vdcc,
                ),
            );
            let change = mul(
                mul(mul(ca, set(p.learning)), fnma(vdcc, set(p.ltd_amp), nmda)),
                g,
            );
            let change = clip(change, sub(zero, w), sub(set(p.w_max), w));
            store(&mut self.w.0[line], add(w, change));
            store(&mut self.glutamate.0[line], fnma(g, set(p.decay), g));
        }
    }
}
