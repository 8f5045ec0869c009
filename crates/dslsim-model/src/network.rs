//! A network as it was described: plain data.

use dslsim_source::Span;
use dslsim_syntax::ast::{Expr, Statement};
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use indexmap::{IndexMap, IndexSet};

use crate::expr::Side;
use crate::scope::External;
use crate::variables::{Flags, VarKind, VarType, Variable, Variables};

/// An object of a [`Network`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId(pub u32);

/// All objects, in the order of their creation.
#[derive(Clone, Debug, Default)]
pub struct Network {
    objects: Vec<Object>,
    links: HashMap<(ObjectId, Rc<str>), Link>,
    refused_links: HashSet<(ObjectId, Rc<str>)>,
    /// Ways through links that some code takes.
    views: RefCell<IndexSet<View>>,
}

/// What a `(linked)` variable stands for.
#[derive(Clone, Debug, PartialEq)]
pub struct Link {
    /// The object that has the variable.
    pub object: ObjectId,
    /// Its name there.
    pub name: Rc<str>,
    /// Which elements.
    pub elements: Linked,
}

/// Which elements of another object the elements of this one are linked to.
#[derive(Clone, Debug, PartialEq)]
pub enum Linked {
    /// All to the only one.
    Only,
    /// Each to that with its own number plus this.
    Each(u32),
    /// Each to that of a list.
    List(Rc<[u32]>),
    /// Each to that which an integer variable of the linked object says, plus this.
    Variable(Rc<str>, u32),
}

/// A way through a link: from the element seen from `outer`, to what its variable stands for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct View {
    /// From where.
    pub outer: Side,
    /// The object that has the linked variable.
    pub object: ObjectId,
    /// Its name there.
    pub name: Rc<str>,
}

/// A [`View`] of a [`Network`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ViewId(pub u32);

/// One object.
#[derive(Clone, Debug)]
pub struct Object {
    /// Brian2's name: `neurongroup_1`. It decides the order of ties in a time step.
    pub name: String,
    /// The name of the variable that holds it in the model file.
    pub label: Option<String>,
    /// Where it was created.
    pub span: Span,
    /// Order within a slot.
    pub order: i32,
    /// Time step, if not the default clock's, in seconds.
    pub dt: Option<f64>,
    /// Whether it takes part in runs.
    pub active: bool,
    /// Names that only its own code sees.
    pub namespace: IndexMap<String, External>,
    /// What it is.
    pub kind: Kind,
}

impl Object {
    /// The name the user knows.
    pub fn shown(&self) -> &str {
        self.label.as_deref().unwrap_or(&self.name)
    }
}

/// The kinds of objects.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "each is named like its contents")]
pub enum Kind {
    Neurons(Neurons),
    Poisson(Poisson),
    Generator(Generator),
    Synapses(Synapses),
    StateMonitor(StateMonitor),
    SpikeMonitor(SpikeMonitor),
    RateMonitor(RateMonitor),
    Input(Input),
}

/// A group of neurons.
#[derive(Clone, Debug)]
pub struct Neurons {
    /// Number of neurons.
    pub n: usize,
    /// Its variables.
    pub variables: Variables,
    /// The integration method, if given.
    pub method: Option<Chosen>,
    /// What can happen to a neuron: `spike` first, if there is a threshold, then the events of its own.
    pub events: Vec<Event>,
    /// How long a spike makes refractory.
    pub refractory: Refractory,
    /// Statements executed at regular times.
    pub regular: Vec<Regular>,
}

/// The event that a threshold makes.
pub const SPIKE: &str = "spike";

/// Something that can happen to a neuron: a spike, or an event of the group's own.
#[derive(Clone, Debug)]
pub struct Event {
    /// Its name.
    pub name: Rc<str>,
    /// When it happens; `None` if that could not be read, which has been told.
    pub condition: Option<Expr>,
    /// Where the condition stands.
    pub span: Span,
    /// The slot in which the condition is looked at.
    pub when: String,
    /// Order within the slot.
    pub order: i32,
    /// What it does to the neuron.
    pub code: Option<EventCode>,
}

/// What an event does to the neurons it happens to: a reset, `run_on_event(…)`.
#[derive(Clone, Debug)]
pub struct EventCode {
    /// The statements.
    pub statements: Vec<Statement>,
    /// The slot.
    pub when: String,
    /// Order within the slot.
    pub order: i32,
    /// Whether it takes part in runs.
    pub active: bool,
}

impl Neurons {
    /// An event by name.
    pub fn event(&self, name: &str) -> Option<&Event> {
        self.events.iter().find(|e| e.name.as_ref() == name)
    }
}

/// `run_regularly(…)`
#[derive(Clone, Debug)]
pub struct Regular {
    /// Its name: `neurongroup_run_regularly`.
    pub name: String,
    /// The statements.
    pub statements: Vec<Statement>,
    /// Time step, if not the group's, in seconds.
    pub dt: Option<f64>,
    /// The slot.
    pub when: String,
    /// Order within the slot.
    pub order: i32,
    /// Whether it takes part in runs.
    pub active: bool,
}

/// An integration method that was asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Chosen {
    /// Its name.
    pub name: String,
    /// Where.
    pub span: Span,
    /// `method_options`
    pub options: MethodOptions,
}

/// Options of integration methods; they count for adaptive methods.
#[derive(Clone, Debug, PartialEq)]
pub struct MethodOptions {
    /// The error that a variable may have after a substep, in SI units.
    pub absolute_error: f64,
    /// The same, by variable.
    pub absolute: Vec<(String, f64)>,
    /// The error that a variable may have after a substep, as a part of its value; it adds to the absolute one.
    pub relative_error: f64,
    /// The same, by variable.
    pub relative: Vec<(String, f64)>,
    /// Whether steps are divided where the error demands it.
    pub adaptable_timestep: bool,
    /// How many substeps a step may need.
    pub max_steps: u32,
    /// Whether the first substep of a step has the length that the last one of the step before would have had.
    pub use_last_timestep: bool,
}

impl Default for MethodOptions {
    fn default() -> Self {
        MethodOptions {
            absolute_error: 1e-6,
            absolute: Vec::new(),
            relative_error: 0.0,
            relative: Vec::new(),
            adaptable_timestep: true,
            max_steps: 100,
            use_last_timestep: true,
        }
    }
}

impl MethodOptions {
    /// The absolute and the relative error that a variable may have.
    pub fn errors(&self, variable: &str) -> (f64, f64) {
        let of = |all: &[(String, f64)], otherwise: f64| {
            all.iter()
                .find(|(n, _)| n == variable)
                .map_or(otherwise, |(_, x)| *x)
        };
        (
            of(&self.absolute, self.absolute_error),
            of(&self.relative, self.relative_error),
        )
    }
}

/// Refractoriness.
#[derive(Clone, Debug, PartialEq)]
pub enum Refractory {
    /// None.
    None,
    /// A fixed time in seconds.
    Time(f64, Span),
    /// A string: a time, or the condition under which a neuron stays refractory.
    Expr(Expr),
}

/// A group of Poisson sources.
#[derive(Clone, Debug)]
pub struct Poisson {
    /// Number of sources.
    pub n: usize,
    /// `rates` (a parameter or a subexpression).
    pub variables: Variables,
}

/// A group that spikes at given times.
#[derive(Clone, Debug)]
pub struct Generator {
    /// Number of sources.
    pub n: usize,
    /// Source and time (in seconds) of each spike.
    pub spikes: Vec<(u32, f64)>,
    /// Where times were given.
    pub span: Span,
    /// Period in seconds, if the spikes repeat.
    pub period: Option<f64>,
}

/// Poisson events added to a variable of a group: `PoissonInput(…)`.
#[derive(Clone, Debug)]
pub struct Input {
    /// The neurons that get them.
    pub target: Part,
    /// The variable, and where it was named.
    pub variable: (String, Span),
    /// Number of sources of each neuron.
    pub sources: u32,
    /// Their rate in hertz.
    pub rate: f64,
    /// What each event adds.
    pub weight: Weight,
    /// The slot.
    pub when: String,
}

/// What an event adds.
#[derive(Clone, Debug)]
pub enum Weight {
    /// A number in SI units, its dimension, and its place.
    Number(f64, dslsim_units::Dim, Span),
    /// A string, evaluated for each neuron.
    Expr(Expr),
}

/// A contiguous part of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Part {
    /// The group.
    pub object: ObjectId,
    /// First element.
    pub start: usize,
    /// One past the last.
    pub stop: usize,
}

impl Part {
    /// Number of elements.
    pub fn len(&self) -> usize {
        self.stop - self.start
    }

    /// Whether there is no element.
    pub fn is_empty(&self) -> bool {
        self.stop == self.start
    }
}

/// Synapses from one group to another.
#[derive(Clone, Debug)]
pub struct Synapses {
    /// The presynaptic neurons.
    pub source: Part,
    /// The postsynaptic neurons.
    pub target: Part,
    /// The variables of each synapse.
    pub variables: Variables,
    /// The integration method, if given.
    pub method: Option<Chosen>,
    /// What spikes do.
    pub pathways: Vec<Pathway>,
    /// Statements executed at regular times.
    pub regular: Vec<Regular>,
    /// The variable that numbers the synapses of a pair of neurons.
    pub multisynaptic: Option<String>,
    /// Number of synapses.
    pub n: usize,
    /// Whether `connect` has been called.
    pub connected: bool,
}

/// What the spikes of one side do to a synapse.
#[derive(Clone, Debug)]
pub struct Pathway {
    /// `pre`, `post`, or the user's name.
    pub name: String,
    /// Whether it is driven by the presynaptic neurons (else by the postsynaptic ones).
    pub presynaptic: bool,
    /// What drives it: `spike`, or another event of the neurons.
    pub event: Rc<str>,
    /// The statements.
    pub statements: Vec<Statement>,
    /// The slot.
    pub when: String,
    /// Order within the slot.
    pub order: i32,
    /// Whether it takes part in runs.
    pub active: bool,
    /// Whether all synapses have one delay, given with the synapses.
    pub one_delay: bool,
    /// Where the statements stand.
    pub span: Span,
}

/// What a monitor records of.
#[derive(Clone, Debug)]
pub struct StateMonitor {
    /// The recorded group.
    pub source: Part,
    /// Names and where they were asked for.
    pub variables: Vec<(String, Span)>,
    /// The recorded elements, as elements of the group.
    pub record: Vec<u32>,
    /// The slot.
    pub when: String,
}

/// Records spikes, or other events.
#[derive(Clone, Debug)]
pub struct SpikeMonitor {
    /// The recorded group.
    pub source: Part,
    /// What is recorded: `spike`, or another event of the group.
    pub event: Rc<str>,
    /// The slot.
    pub when: String,
    /// Whether it was made as an `EventMonitor`.
    pub of_events: bool,
    /// Variables recorded at spikes, and where they were asked for.
    pub variables: Vec<(String, Span)>,
    /// Whether times are recorded, or only counted.
    pub record: bool,
}

/// Records the population rate.
#[derive(Clone, Debug)]
pub struct RateMonitor {
    /// The recorded group.
    pub source: Part,
}

impl Network {
    /// An empty network.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an object.
    pub fn add(&mut self, object: Object) -> ObjectId {
        self.objects.push(object);
        ObjectId(self.objects.len() as u32 - 1)
    }

    /// Makes a `(linked)` variable stand for another object's.
    pub fn set_link(&mut self, object: ObjectId, name: &str, link: Link) {
        self.links.insert((object, name.into()), link);
    }

    /// A link was wanted, and there is something wrong with it that has been told.
    pub fn refuse_link(&mut self, object: ObjectId, name: &str) {
        self.refused_links.insert((object, name.into()));
    }

    /// Whether a link was wanted that could not be made.
    pub fn link_refused(&self, object: ObjectId, name: &str) -> bool {
        self.refused_links.contains(&(object, name.into()))
    }

    /// What a `(linked)` variable stands for.
    pub fn link(&self, object: ObjectId, name: &str) -> Option<&Link> {
        self.links.get(&(object, name.into()))
    }

    /// The number of a way through a link.
    pub fn view(&self, view: View) -> ViewId {
        ViewId(self.views.borrow_mut().insert_full(view).0 as u32)
    }

    /// A way through a link.
    pub fn viewed(&self, id: ViewId) -> Option<View> {
        self.views.borrow().get_index(id.0 as usize).cloned()
    }

    /// An object.
    pub fn get(&self, id: ObjectId) -> &Object {
        &self.objects[id.0 as usize]
    }

    /// An object, for changing.
    pub fn get_mut(&mut self, id: ObjectId) -> &mut Object {
        &mut self.objects[id.0 as usize]
    }

    /// All objects with their ids.
    pub fn iter(&self) -> impl Iterator<Item = (ObjectId, &Object)> {
        self.objects
            .iter()
            .enumerate()
            .map(|(k, o)| (ObjectId(k as u32), o))
    }

    /// Number of objects.
    pub fn len(&self) -> usize {
        self.objects.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.objects.is_empty()
    }

    /// A name nobody has: `base`, `base_1`, `base_2`, ….
    pub fn fresh_name(&self, base: &str) -> String {
        let taken = |name: &str| self.objects.iter().any(|o| o.name == name);
        if !taken(base) {
            return base.to_owned();
        }
        (1..)
            .map(|k| format!("{base}_{k}"))
            .find(|n| !taken(n))
            .unwrap_or_default()
    }

    /// The objects that an object cannot be without: what it joins, drives, or records.
    pub fn needs(&self, id: ObjectId) -> Vec<ObjectId> {
        match &self.get(id).kind {
            Kind::Synapses(s) => vec![s.source.object, s.target.object],
            Kind::StateMonitor(m) => vec![m.source.object],
            Kind::SpikeMonitor(m) => vec![m.source.object],
            Kind::RateMonitor(m) => vec![m.source.object],
            Kind::Input(m) => vec![m.target.object],
            _ => Vec::new(),
        }
    }

    /// The variables of an object with elements.
    pub fn variables(&self, id: ObjectId) -> Option<&Variables> {
        match &self.get(id).kind {
            Kind::Neurons(g) => Some(&g.variables),
            Kind::Poisson(g) => Some(&g.variables),
            Kind::Synapses(s) => Some(&s.variables),
            _ => None,
        }
    }

    /// Number of elements of an object with elements.
    pub fn size(&self, id: ObjectId) -> usize {
        match &self.get(id).kind {
            Kind::Neurons(g) => g.n,
            Kind::Poisson(g) => g.n,
            Kind::Generator(g) => g.n,
            Kind::Synapses(s) => s.n,
            _ => 0,
        }
    }

    /// Whether a group has a refractory condition.
    pub fn is_refractory(&self, id: ObjectId) -> bool {
        matches!(&self.get(id).kind, Kind::Neurons(Neurons { refractory, .. }) if *refractory != Refractory::None)
    }

    /// The stored variables that an object has besides those of its equations: name, type, dimension, initial value.
    pub fn automatic(&self, id: ObjectId) -> Vec<Automatic> {
        let mut all = Vec::new();
        match &self.get(id).kind {
            Kind::Neurons(g) if g.refractory != Refractory::None => {
                all.push(Automatic {
                    name: "lastspike",
                    ty: VarType::Float,
                    dim: dslsim_units::Dim::TIME,
                    initial: -1e4,
                    writable: true,
                });
                all.push(Automatic {
                    name: "not_refractory",
                    ty: VarType::Boolean,
                    dim: dslsim_units::Dim::NONE,
                    initial: 1.0,
                    writable: true,
                });
            }
            Kind::Synapses(s) => {
                if s.pathways.iter().any(|p| p.name == "pre") {
                    all.push(Automatic {
                        name: "delay",
                        ty: VarType::Float,
                        dim: dslsim_units::Dim::TIME,
                        initial: 0.0,
                        writable: false,
                    });
                }
                if s.variables.iter().any(|v| v.flags.event_driven) {
                    all.push(Automatic {
                        name: "lastupdate",
                        ty: VarType::Float,
                        dim: dslsim_units::Dim::TIME,
                        initial: 0.0,
                        writable: false,
                    });
                }
                for name in ["N_incoming", "N_outgoing"] {
                    all.push(Automatic {
                        name,
                        ty: VarType::Integer,
                        dim: dslsim_units::Dim::NONE,
                        initial: 0.0,
                        writable: false,
                    });
                }
            }
            _ => {}
        }
        all
    }
}

/// A stored variable that an object has by itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Automatic {
    /// Its name.
    pub name: &'static str,
    /// Its type.
    pub ty: VarType,
    /// Its dimension.
    pub dim: dslsim_units::Dim,
    /// The value at the beginning, in SI units.
    pub initial: f64,
    /// Whether statements may write it.
    pub writable: bool,
}

/// The variable that numbers the synapses of a pair of neurons (`multisynaptic_index`).
pub fn numbering(name: &str, span: Span) -> Variable {
    Variable {
        name: name.into(),
        kind: VarKind::Parameter,
        ty: VarType::Integer,
        dim: dslsim_units::Dim::NONE,
        flags: Flags::default(),
        span,
        equation: span,
    }
}

/// The variable `rates` of a Poisson group.
pub fn rates(kind: VarKind, span: Span) -> Variables {
    let mut all = Variables::default();
    all.insert(Variable {
        name: "rates".into(),
        kind,
        ty: VarType::Float,
        dim: dslsim_units::Dim::HERTZ,
        flags: Flags::default(),
        span,
        equation: span,
    });
    all
}
