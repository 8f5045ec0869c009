//! The set of neurons that are not refractory, kept from step to step: see [`dslsim_ir::refractory`].
//!
//! A ring of lists tells who may recover in which step. Before a state update, those whose step has come are asked; whoever is still
//! refractory is asked again in the next step. In the first step of a run, and after steps that are made in stretches, everybody is asked.

use dslsim_ir::{ArrayId, Store};

use crate::clock::Tick;
use crate::kernel::Bound;
use crate::plan::Released;
use crate::random::Random;

/// The most steps that are waited for.
const LONGEST: f64 = 65_535.0;

/// Who is refractory.
pub(crate) struct Refractory<'p> {
    check: Bound<'p>,
    set: ArrayId,
    /// Steps between a spike and the step in which its neuron is asked.
    wait: usize,
    /// A power of two of lists.
    later: Vec<Vec<u32>>,
    now: usize,
    neurons: u32,
    /// Whether the set holds for this step.
    known: bool,
    due: Vec<u32>,
    recovered: Vec<u32>,
}

impl<'p> Refractory<'p> {
    /// For so many neurons; `None` where it is of no use.
    pub(crate) fn new(check: Bound<'p>, released: &Released, neurons: u32) -> Option<Self> {
        let wait = check.scalar(released.steps)?;
        if !(1.0..=LONGEST).contains(&wait) {
            return None;
        }
        let wait = wait as usize;
        Some(Refractory {
            check,
            set: released.set,
            wait,
            later: vec![Vec::new(); (wait + 1).next_power_of_two()],
            now: 0,
            neurons,
            known: false,
            due: Vec::new(),
            recovered: Vec::new(),
        })
    }

    /// Before the state update: whoever has recovered enters the set.
    #[inline]
    pub(crate) fn recover(&mut self, tick: Tick, store: &mut Store, random: &mut Random) {
        self.due.clear();
        if !self.known {
            self.known = true;
            self.due.extend(0..self.neurons);
            store.all_mut(self.set).fill(0.0);
        } else {
            std::mem::swap(&mut self.due, &mut self.later[self.now]);
        }
        if self.due.is_empty() {
            return;
        }
        self.recovered.clear();
        self.check
            .list(&self.due, tick, store, random, &mut self.recovered);
        let set = store.all_mut(self.set);
        for neuron in &self.recovered {
            change(set, *neuron, |word, bit| word | bit);
        }
        if self.recovered.len() < self.due.len() {
            let mut recovered = self.recovered.iter().peekable();
            let next = (self.now + 1) & (self.later.len() - 1);
            let still = self
                .due
                .iter()
                .filter(|n| recovered.next_if_eq(n).is_none());
            self.later[next].extend(still);
        }
    }

    /// Steps are made without it: in the next one, everybody is asked.
    pub(crate) fn forget(&mut self) {
        self.known = false;
        self.later.iter_mut().for_each(Vec::clear);
    }

    /// After the threshold: whoever spikes leaves the set. Goes on to the next step.
    #[inline]
    pub(crate) fn spiked(&mut self, spikes: &[u32], store: &mut Store) {
        if !spikes.is_empty() {
            let set = store.all_mut(self.set);
            for neuron in spikes {
                change(set, *neuron, |word, bit| word & !bit);
            }
            let then = (self.now + self.wait) & (self.later.len() - 1);
            self.later[then].extend_from_slice(spikes);
        }
        self.now = (self.now + 1) & (self.later.len() - 1);
    }
}

/// Changes the word of a neuron, given the bit that is its own.
fn change(set: &mut [f64], neuron: u32, with: impl Fn(u64, u64) -> u64) {
    if let Some(word) = set.get_mut(neuron as usize / 64) {
        *word = f64::from_bits(with(word.to_bits(), 1 << (neuron % 64)));
    }
}
