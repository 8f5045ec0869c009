//! The whole of models/vdp.eq by hand: what a step costs when nothing is general.
//!
//! A hundred noisy neurons, two times ten thousand Poisson inputs, two times a hundred plastic synapses, spikes counted. Random
//! numbers come from `dslsim-math`. Delivery of one step's spikes at a time, through a table of targets, with one weight.

use dslsim_math::{fill_gaps, fill_normal};

use super::Lines;
use super::lif::Lif;
use super::vdp::{Factors, Vdp};

/// Neurons, and repetitions of the experiment.
pub const N: usize = 100;
const INPUTS: u64 = 100 * N as u64;
const BLOCK: usize = 512;

/// Poisson inputs of one kind.
struct Inputs {
    inverse: f64,
    object: u32,
    next: u64,
    block: u64,
    cursor: usize,
    gaps: [u64; BLOCK],
    target: Vec<u32>,
}

impl Inputs {
    fn new(rate: f64, object: u32) -> Inputs {
        let mut inputs = Inputs {
            inverse: 1.0 / (-rate * 1e-4).ln_1p(),
            object,
            next: 0,
            block: 0,
            cursor: BLOCK,
            gaps: [0; BLOCK],
            target: (0..INPUTS as u32).map(|k| k / 100).collect(),
        };
        inputs.next = inputs.gap();
        inputs
    }

    #[inline(always)]
    fn gap(&mut self) -> u64 {
        if self.cursor == BLOCK {
            fill_gaps(&mut self.gaps, 42, self.object, self.block, self.inverse);
            self.block += 1;
            self.cursor = 0;
        }
        self.cursor += 1;
        self.gaps[self.cursor - 1]
    }

    /// The spikes of a step, delivered at once.
    #[inline(always)]
    fn deliver(&mut self, conductance: &mut [f64]) {
        let mut next = self.next;
        while next < INPUTS {
            conductance[self.target[next as usize] as usize] += 0.01;
            next += 1 + self.gap();
        }
        self.next = next - INPUTS;
    }
}

/// What a run gives.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The population's rate in each step, in hertz.
    pub rate: Vec<f64>,
    /// Mean weights at the end in per cent, excitatory and inhibitory.
    pub weights: [f64; 2],
}

/// Executes `steps` steps with inputs of `rate` hertz.
///
/// # Safety
/// The machine has AVX-512, see [`super::available`].
#[target_feature(enable = "avx512f,avx512dq,avx512vl,fma")]
pub fn vdp(steps: u64, rate: f64) -> Outcome {
    let interval = 10 * (1000.0 / rate) as u64;
    let targets: Vec<u32> = (0..N as u32).collect();
    let mut plastic = [Vdp::new(&targets, N), Vdp::new(&targets, N)];
    let factors = Factors::of_the_model();
    let mut neurons = Lif::new(N);
    // Beyond the hundredth neuron nothing may happen.
    neurons.free_at.all_mut()[N..].fill(f64::INFINITY);
    let mut inputs = [Inputs::new(rate, 2), Inputs::new(rate, 3)];
    let mut noise = Lines::of(&[0.0; N]);
    let mut spikes = Vec::with_capacity(N);
    let mut rates = Vec::with_capacity(steps as usize);
    for step in 0..steps {
        for synapses in &mut plastic {
            synapses.step(neurons.v.all(), &factors);
        }
        fill_normal(&mut noise.all_mut()[..N], 42, 1, step, 0, 0);
        spikes.clear();
        neurons.step(&noise, step, &mut spikes);
        if step.is_multiple_of(interval) {
            for synapses in &mut plastic {
                synapses
                    .glutamate
                    .all_mut()
                    .iter_mut()
                    .for_each(|g| *g += 0.1);
            }
        }
        let [excitatory, inhibitory] = &mut inputs;
        excitatory.deliver(neurons.g_e.all_mut());
        inhibitory.deliver(neurons.g_i.all_mut());
        rates.push(spikes.len() as f64 / (N as f64 * 1e-4));
    }
    let mean = |p: &Vdp| p.w.all()[..N].iter().sum::<f64>() / N as f64 * 100.0;
    Outcome {
        rate: rates,
        weights: [mean(&plastic[0]), mean(&plastic[1])],
    }
}
