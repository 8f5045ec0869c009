//! Source and target of synapses, which stand in their index tables, and the numbers of partners of neurons.

use dslsim_ir::assemble::Assembled;
use dslsim_ir::{ArrayId, Kernel, ScalarSource};
use dslsim_model::TExpr;
use dslsim_model::expr::{Leaf, TKind};
use dslsim_model::network::{Kind, ObjectId};

use crate::session::Session;

/// The numbers of synapses that a synapse's neurons have.
const PARTNERS: [&str; 2] = ["N_incoming", "N_outgoing"];

impl Session<'_> {
    /// Source and target of each synapse, as elements of the whole groups.
    pub(in crate::session) fn pairs(&self, id: ObjectId) -> (&[u32], &[u32]) {
        let side = |presynaptic| {
            let table = self.registry.neurons(id, presynaptic);
            table.map_or(&[][..], |table| self.simulation.store.table(table))
        };
        (side(true), side(false))
    }

    /// Takes them away, to be put back.
    pub(super) fn take_pairs(&mut self, id: ObjectId) -> (Vec<u32>, Vec<u32>) {
        let mut side = |presynaptic| {
            let store = &mut self.simulation.store;
            let table = self.registry.table(store, id, presynaptic);
            store.take_table(table)
        };
        (side(true), side(false))
    }

    pub(in crate::session) fn give_pairs(&mut self, id: ObjectId, (i, j): (Vec<u32>, Vec<u32>)) {
        for (presynaptic, entries) in [(true, i), (false, j)] {
            let store = &mut self.simulation.store;
            let table = self.registry.table(store, id, presynaptic);
            store.give_table(table, entries);
        }
    }

    /// Counts the partners of neurons if this is the name of their number, and they are not counted yet.
    pub(in crate::session) fn count_for(&mut self, id: ObjectId, name: &str) {
        if is_count(name) && self.uncounted(id) {
            self.count_partners(id);
        }
    }

    /// Counts what an expression reads.
    pub(in crate::session) fn count_in(&mut self, e: &TExpr) {
        let mut asked = Vec::new();
        e.visit(&mut |e| {
            if let TKind::Leaf(Leaf::State { object, name, .. }) = &e.kind
                && PARTNERS.contains(&&**name)
            {
                asked.push((*object, name.clone()));
            }
        });
        for (object, name) in asked {
            self.count_for(object, &name);
        }
    }

    /// Counts what kernels read; whether anything was counted, so that they have to be made once more.
    pub(in crate::session) fn count_of(&mut self, parts: &[Assembled]) -> bool {
        let mut counted = false;
        for k in 0..self.extras.len() {
            let id = ObjectId(k as u32);
            if !self.uncounted(id) {
                continue;
            }
            let arrays: Vec<ArrayId> = PARTNERS
                .iter()
                .filter_map(|name| self.registry.find(id, name))
                .collect();
            let asked = parts.iter().any(|part| {
                let kernels = part.stages.iter().chain([&part.kernel]).chain(&part.again);
                kernels.map(|k| k.kernel()).any(|k| reads(k, &arrays))
                    || part
                        .propagators
                        .iter()
                        .any(|p| reads(&p.coefficients, &arrays))
            });
            if asked {
                self.count_partners(id);
                counted = true;
            }
        }
        counted
    }

    fn uncounted(&self, id: ObjectId) -> bool {
        matches!(self.network.get(id).kind, Kind::Synapses(_))
            && !self.extras[id.0 as usize].counted
    }

    fn count_partners(&mut self, id: ObjectId) {
        let Kind::Synapses(s) = &self.network.get(id).kind else {
            return;
        };
        let (source, target) = (s.source, s.target);
        for (name, presynaptic, part) in
            [("N_outgoing", true, source), ("N_incoming", false, target)]
        {
            let pairs = self.pairs(id);
            let all = if presynaptic { pairs.0 } else { pairs.1 };
            let mut counts = vec![0.0; part.stop];
            all.iter().for_each(|k| counts[*k as usize] += 1.0);
            let each: Vec<f64> = all.iter().map(|k| counts[*k as usize]).collect();
            let array = self
                .registry
                .variable(&mut self.simulation.store, &self.network, id, name);
            self.simulation.store.assign(array, &each);
        }
        self.extra(id).counted = true;
    }
}

/// Whether this is the name of a number of partners.
pub(in crate::session) fn is_count(name: &str) -> bool {
    PARTNERS.contains(&name)
}

fn reads(kernel: &Kernel, arrays: &[ArrayId]) -> bool {
    let uniform =
        |source: &ScalarSource| matches!(source, ScalarSource::Uniform(a) if arrays.contains(a));
    kernel.arrays.iter().any(|a| arrays.contains(&a.array))
        || kernel.scalars.iter().any(|s| uniform(&s.source))
}
