//! Where each variable of a network lives in the store.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use dslsim_ir::formulas::Names;
use dslsim_ir::{ArrayId, IndexId, Layout, Reach, Store};
use dslsim_model::code::{Checked, CheckedNetwork};
use dslsim_model::expr::{Side, Target};
use dslsim_model::network::{Kind, Linked, Network, ObjectId, Part, ViewId};

/// The arrays and index tables of all objects.
#[derive(Clone, Debug, Default)]
pub(crate) struct Registry {
    arrays: HashMap<(ObjectId, Rc<str>), ArrayId>,
    scratch: HashMap<(ObjectId, Rc<str>), ArrayId>,
    tables: HashMap<(ObjectId, bool), IndexId>,
    views: HashMap<(ObjectId, ViewId), IndexId>,
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

    /// What people call that which is reached through an index table.
    fn reached(&self, table: IndexId) -> &'static str {
        let found = self.tables.iter().find(|(_, t)| **t == table);
        match found {
            Some(((_, true), _)) => "_pre",
            Some(((_, false), _)) => "_post",
            None => "_linked",
        }
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

    /// The neurons of synapses on one side, if there is a table of them.
    pub fn neurons(&self, synapses: ObjectId, presynaptic: bool) -> Option<IndexId> {
        self.tables.get(&(synapses, presynaptic)).copied()
    }

    /// The elements that are reached through a link.
    fn view_table(
        &mut self,
        store: &mut Store,
        object: ObjectId,
        view: ViewId,
        entries: &[u32],
    ) -> IndexId {
        let id = *self
            .views
            .entry((object, view))
            .or_insert_with(|| store.add_table(&[]));
        store.set_table(id, entries);
        id
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
    /// The default clock's time step, in seconds.
    pub dt: f64,
    /// Whether random numbers come from the sequential stream.
    pub in_order: bool,
}

impl RunLayout<'_> {
    /// The element that is seen from a side, for each element; `None`: there is only one.
    fn elements(&self, object: ObjectId, side: Side) -> Option<Vec<u32>> {
        match side {
            Side::Own => Some((0..self.network.size(object) as u32).collect()),
            Side::Pre | Side::Post => self
                .registry
                .tables
                .get(&(object, side == Side::Pre))
                .map(|id| self.store.table(*id).to_vec()),
            Side::Linked(view) => {
                let view = self.network.viewed(view)?;
                let outer = self.elements(object, view.outer);
                match &self.network.link(view.object, &view.name)?.elements {
                    Linked::Only => None,
                    Linked::Each(first) => Some(outer?.iter().map(|e| e + first).collect()),
                    Linked::Variable(index, first) => {
                        let array = self.registry.find(view.object, index)?;
                        let of = |e: &u32| self.store.get(array, *e as usize) as u32 + first;
                        Some(outer?.iter().map(of).collect())
                    }
                    Linked::List(list) => Some(match outer {
                        Some(outer) => outer
                            .iter()
                            .map(|e| list.get(*e as usize).copied().unwrap_or(0))
                            .collect(),
                        None => vec![list.first().copied().unwrap_or(0); self.network.size(object)],
                    }),
                }
            }
        }
    }

    /// The object that the element seen from a side belongs to.
    fn seen(&self, side: Side) -> Option<ObjectId> {
        let Side::Linked(view) = side else {
            return None;
        };
        let view = self.network.viewed(view)?;
        Some(self.network.link(view.object, &view.name)?.object)
    }
}

impl Names for Registry {
    fn array(&self, array: ArrayId) -> String {
        let owner = self.owner(array);
        owner.map_or_else(String::new, |(_, name)| name.to_string())
    }

    fn through(&self, table: IndexId) -> &'static str {
        self.reached(table)
    }
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

    fn changes(&self, array: ArrayId) -> bool {
        self.registry
            .owner(array)
            .is_some_and(|key| self.written.contains(&key))
    }

    fn shared_value(&self, array: ArrayId) -> Option<f64> {
        self.store
            .is_uniform(array)
            .then(|| self.store.get(array, 0))
    }

    fn draws_in_order(&self) -> bool {
        self.in_order
    }

    fn dt(&self, object: ObjectId) -> f64 {
        self.network.get(object).dt.unwrap_or(self.dt)
    }

    fn reach(&mut self, object: ObjectId, side: Side) -> Reach {
        match side {
            Side::Own => Reach::Same,
            Side::Pre | Side::Post => Reach::Table(
                self.registry
                    .tables
                    .get(&(object, side == Side::Pre))
                    .copied()
                    .unwrap_or(IndexId(0)),
            ),
            Side::Linked(view) => match self.elements(object, side) {
                None => Reach::Only,
                Some(all) if all.iter().enumerate().all(|(k, e)| k == *e as usize) => Reach::Same,
                Some(all) => Reach::Table(self.registry.view_table(self.store, object, view, &all)),
            },
        }
    }

    fn offset(&self, object: ObjectId, side: Side) -> usize {
        match (&self.network.get(object).kind, side) {
            (Kind::Synapses(s), Side::Pre) => s.source.start,
            (Kind::Synapses(s), Side::Post) => s.target.start,
            (_, Side::Linked(_)) => 0,
            _ => self.part.map_or(0, |p| p.start),
        }
    }

    fn count(&self, object: ObjectId, side: Side) -> usize {
        match (&self.network.get(object).kind, side) {
            (Kind::Synapses(s), Side::Pre) => s.source.len(),
            (Kind::Synapses(s), Side::Post) => s.target.len(),
            (_, Side::Linked(_)) => self.seen(side).map_or(0, |o| self.network.size(o)),
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
        let statements = |list: &[dslsim_model::TStatement],
                          all: &mut HashSet<(ObjectId, Rc<str>)>| {
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
            | Checked::Regular(list) => statements(list, &mut all),
            Checked::Input { statement, .. } => {
                statements(std::slice::from_ref(statement), &mut all)
            }
            Checked::Pathway {
                statements: list,
                event_driven,
                ..
            } => {
                statements(list, &mut all);
                all.extend(event_driven.iter().map(|o| own(&o.name)));
                if !event_driven.is_empty() {
                    all.insert(own(&"lastupdate".into()));
                }
            }
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
