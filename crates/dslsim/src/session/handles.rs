//! What a script's object references stand for.

use std::rc::Rc;

use dslsim_model::expr::Timed;
use dslsim_model::network::{ObjectId, Part};
use dslsim_model::scope::External;
use dslsim_script::{Context, ObjectRef, Value};
use dslsim_syntax::ast::Equation;
use dslsim_units::Dim;

use super::Session;
use super::links::Target;
use crate::namespace::Names;

/// The reference of `defaultclock`.
pub(crate) const DEFAULT_CLOCK: u32 = u32::MAX;

/// The reference of `magic_network`.
pub(crate) const MAGIC_NETWORK: u32 = u32::MAX - 1;

/// The reference of `prefs` and of what is in it.
pub(crate) const PREFERENCES: u32 = u32::MAX - 2;

/// Something a script can hold.
#[derive(Clone, Debug)]
pub(crate) enum Handle {
    /// An object of the network.
    Object(ObjectId),
    /// A part of a group.
    Part(Part),
    /// A live view of a variable: of all elements, or of a part of a group.
    View {
        /// The group.
        object: ObjectId,
        /// The part of it.
        part: Option<Part>,
        /// The variable.
        name: Rc<str>,
    },
    /// What a monitor records, as it is at the moment: `M.t`, `S.i`; with a length, the first so many values (`S.i[:]`).
    Series {
        /// The monitor.
        monitor: ObjectId,
        /// What is recorded.
        name: Rc<str>,
        /// How many values were there.
        length: Option<usize>,
    },
    /// `prefs`: Brian2's preferences, which have no effect.
    Preferences,
    /// `defaultclock`
    DefaultClock,
    /// `Network(…)`, by its number.
    Network(usize),
    /// `TimedArray(…)`, and the dimension of its values.
    Timed(Rc<Timed>, Dim),
    /// `linked_var(…)`: what a variable is to be linked to.
    Link(Target),
    /// `Equations(…)`
    Equations(Vec<Equation>),
    /// Rows of a recording; whether it is a single one.
    Recorded(ObjectId, Rc<[usize]>, bool),
    /// Some synapses, or other elements of a group: `S[2, :]`, `S['w > 1']`.
    Chosen(ObjectId, Rc<[u32]>),
    /// A pathway of synapses: `S.pre`.
    Pathway(ObjectId, usize),
    /// A part of an object that has a place in the time step.
    Action(ObjectId, ActionOf),
    /// `sweep(…)`, `load_sweep(…)`
    Sweep(super::sweeps::SweepResults),
}

/// What in an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ActionOf {
    /// The regular operation of this number.
    Regular(usize),
    /// The condition of an event.
    Threshold(Rc<str>),
    /// What an event does.
    Code(Rc<str>),
}

impl Handle {
    fn class(&self) -> &'static str {
        match self {
            Handle::Object(_) => "model object",
            Handle::Part(_) => "Subgroup",
            Handle::View { .. } | Handle::Series { .. } => "variable",
            Handle::Preferences => "preferences",
            Handle::DefaultClock => "Clock",
            Handle::Network(_) => "Network",
            Handle::Timed(..) => "TimedArray",
            Handle::Link(..) => "LinkedVariable",
            Handle::Equations(_) => "Equations",
            Handle::Recorded(..) => "recording",
            Handle::Sweep(_) => "sweep",
            Handle::Chosen(..) => "SynapticSubgroup",
            Handle::Pathway(..) => "SynapticPathway",
            Handle::Action(_, ActionOf::Regular(_)) => "CodeRunner",
            Handle::Action(_, ActionOf::Threshold(_)) => "Thresholder",
            Handle::Action(_, ActionOf::Code(_)) => "Resetter",
        }
    }
}

impl Session<'_> {
    /// A reference to something.
    pub(super) fn refer(&mut self, handle: Handle) -> Value {
        let class = match &handle {
            Handle::Object(id) => super::construct::class_of(&self.network.get(*id).kind),
            other => other.class(),
        };
        self.handles.push(handle);
        Value::Object(ObjectRef {
            class: class.into(),
            id: self.handles.len() as u32 - 1,
            part: 0,
        })
    }

    /// What a value is to an equation.
    pub(super) fn external(&self, value: &Value) -> External {
        if let Value::Object(o) = value
            && let Some(Handle::Timed(timed, dim)) = self.handles.get(o.id as usize)
        {
            return External::Timed {
                timed: timed.clone(),
                dim: *dim,
            };
        }
        crate::namespace::external(value)
    }

    /// The script's names at this moment.
    pub(super) fn names_of(&self, ctx: &Context<'_>) -> Names {
        Names::of(ctx, |v| self.external(v))
    }

    /// A reference to a group, or to a part of one.
    pub(super) fn refer_to(&mut self, part: Part) -> Value {
        if part == self.whole(part.object) {
            self.refer(Handle::Object(part.object))
        } else {
            self.refer(Handle::Part(part))
        }
    }

    /// What a reference stands for.
    pub(super) fn handle(&self, object: &ObjectRef) -> Handle {
        if object.id == PREFERENCES {
            return Handle::Preferences;
        }
        if object.id == MAGIC_NETWORK {
            return Handle::Network(super::networks::MAGIC);
        }
        self.handles
            .get(object.id as usize)
            .cloned()
            .unwrap_or(Handle::DefaultClock)
    }
}
