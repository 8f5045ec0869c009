//! Where each variable of a network lives in the store.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use dslsim_ir::{ArrayId, IndexId, Layout, Store};
use dslsim_model::code::{Checked, CheckedNetwork};
use dslsim_model::expr::{Side, Target};
use dslsim_model::network::{Kind, Network, ObjectId, Part};

/// The arrays and index tables of all objects.
#[derive(Clone, Debug, Default)]
pub(crate) struct Registry {
    arrays: HashMap<(ObjectId, Rc<str>), ArrayId>,
    scratch: HashMap<(ObjectId, Rc<str>), ArrayId>,
    tables: HashMap<(ObjectId, bool), IndexId>,
}

impl Registry {
    /// The array of a variable, made if there is none yet.
    pub fn variable(
        &mut self,
        store: &mut Store,
        network: &Network,
        object: ObjectId,
        name: &str,
    ) -> ArrayId {
        if let Some(id) = self.arrays.get(&(object, name.into())) {
            return *id;
        }
        let shared = network
            .variables(object)
            .and_then(|v| v.get(name))
            .is_some_and(|v| v.flags.shared);
        let automatic = network
            .automatic(object)
            .into_iter()
            .find(|a| a.name == name);
        let len = if shared { 1 } else { network.size(object) };
        let id = store.add(len, automatic.map_or(0.0, |a| a.initial));
        self.arrays.insert((object, name.into()), id);
        id
    }

    /// The array of a variable, if it has been made.
    pub fn find(&self, object: ObjectId, name: &str) -> Option<ArrayId> {
        self.arrays.get(&(object, name.into())).copied()
    }

    /// The variable that an array belongs to.
    pub fn owner(&self, array: ArrayId) -> Option<(ObjectId, Rc<str>)> {
        self.arrays
            .iter()
            .find(|(_, a)| **a == array)
            .map(|(k, _)| k.clone())
    }

    /// An array for a kernel's own use.
    pub fn scratch(
        &mut self,
        store: &mut Store,
        object: ObjectId,
        name: &str,
        len: usize,
    ) -> ArrayId {
        let id = *self
            .scratch
            .entry((object, name.into()))
            .or_insert_with(|| store.add(len, 0.0));
        if store.length(id) < len {
            let value = if store.is_uniform(id) {
                store.get(id, 0)
            } else {
                0.0
            };
            store.resize(id, len, value);
        }
        id
    }

    /// The neurons of synapses on one side.
    pub fn table(&mut self, store: &mut Store, synapses: ObjectId, presynaptic: bool) -> IndexId {
        *self
            .tables
            .entry((synapses, presynaptic))
            .or_insert_with(|| store.add_table(&[]))
    }

    /// All variables that have an array.
    pub fn variables(&self) -> impl Iterator<Item = (ObjectId, &Rc<str>, ArrayId)> {
        self.arrays.iter().map(|((o, n), a)| (*o, n, *a))
    }
}

/// What kernels need to know: arrays, what changes during the run, neurons of synapses.
pub(crate) struct RunLayout<'a> {
    pub registry: &'a mut Registry,
    pub store: &'a mut Store,
    pub network: &'a Network,
    /// Variables that some kernel writes during the run.
    pub written: &'a HashSet<(ObjectId, Rc<str>)>,
    /// The part of a group that the code sees as its whole, if it is not the group.
    pub part: Option<Part>,
}

impl Layout for RunLayout<'_> {
    fn array(&self, object: ObjectId, name: &str) -> ArrayId {
        self.registry.find(object, name).unwrap_or(ArrayId(0))
    }

    fn is_invariant(&self, array: ArrayId) -> bool {
        self.store.is_uniform(array)
            && !self
                .registry
                .owner(array)
                .is_some_and(|key| self.written.contains(&key))
    }

    fn table(&self, synapses: ObjectId, side: Side) -> IndexId {
        self.registry
            .tables
            .get(&(synapses, side == Side::Pre))
            .copied()
            .unwrap_or(IndexId(0))
    }

    fn offset(&self, object: ObjectId, side: Side) -> usize {
        match (&self.network.get(object).kind, side) {
            (Kind::Synapses(s), Side::Pre) => s.source.start,
            (Kind::Synapses(s), Side::Post) => s.target.start,
            _ => self.part.map_or(0, |p| p.start),
        }
    }

    fn count(&self, object: ObjectId, side: Side) -> usize {
        match (&self.network.get(object).kind, side) {
            (Kind::Synapses(s), Side::Pre) => s.source.len(),
            (Kind::Synapses(s), Side::Post) => s.target.len(),
            _ if self.part.is_some() => self.part.map_or(0, |p| p.len()),
            _ => self.network.size(object),
        }
    }

    fn scratch(&mut self, object: ObjectId, name: &str) -> ArrayId {
        let len = self.network.size(object);
        self.registry.scratch(self.store, object, name, len)
    }
}

/// The variables that the code of a network writes.
pub(crate) fn written(checked: &CheckedNetwork) -> HashSet<(ObjectId, Rc<str>)> {
    let mut all = HashSet::new();
    for code in &checked.code {
        let own = |name: &Rc<str>| (code.object, name.clone());
        let mut statements = |list: &[dslsim_model::TStatement]| {
            for s in list {
                if let Target::State { object, name, .. } = &s.target {
                    all.insert((*object, name.clone()));
                }
            }
        };
        match &code.code {
            Checked::Reset {
                statements: list, ..
            }
            | Checked::Regular(list)
            | Checked::Pathway {
                statements: list, ..
            } => statements(list),
            Checked::Subexpressions(list) => all.extend(list.iter().map(|(n, _)| own(n))),
            Checked::StateUpdate {
                odes, refractory, ..
            } => {
                all.extend(odes.iter().map(|o| own(&o.name)));
                if refractory.is_some() {
                    all.insert(own(&"not_refractory".into()));
                }
            }
            Checked::Threshold {
                refractory: true, ..
            } => {
                all.insert(own(&"not_refractory".into()));
                all.insert(own(&"lastspike".into()));
            }
            Checked::Summed { target, name, .. } => {
                all.insert((*target, name.clone()));
            }
            Checked::Threshold { .. } | Checked::Rates(_) | Checked::Recorded(_) => {}
        }
    }
    all
}
