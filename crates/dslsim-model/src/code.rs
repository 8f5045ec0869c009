//! The code objects of a network, checked: what a time step consists of.

use std::rc::Rc;

use dslsim_source::Span;
use dslsim_units::Dim;

use crate::expr::{TExpr, TStatement};
use crate::network::{Chosen, ObjectId, Part};

/// A differential equation.
#[derive(Clone, Debug)]
pub struct Ode {
    /// The variable.
    pub name: Rc<str>,
    /// Its dimension (not that of its derivative).
    pub dim: Dim,
    /// The right-hand side, in units of the variable per second.
    pub rhs: TExpr,
    /// Whether it stands still while the neuron is refractory.
    pub unless_refractory: bool,
    /// Where it was written.
    pub span: Span,
}

/// The temporary variable of [`Checked::Input`]'s statement.
pub const EVENTS: &str = "_events";

/// How the flag `not_refractory` is set at the beginning of a state update.
#[derive(Clone, Debug)]
pub enum Refractoriness {
    /// A time since the last spike, in seconds.
    Time(TExpr),
    /// A neuron stays refractory while this holds.
    While(TExpr),
}

/// What a code object does.
#[derive(Clone, Debug)]
pub enum Checked {
    /// Evaluates subexpressions once per step, in this order.
    Subexpressions(Vec<(Rc<str>, TExpr)>),
    /// Integrates differential equations (in alphabetical order) over one step.
    StateUpdate {
        /// The equations.
        odes: Vec<Ode>,
        /// The method asked for.
        method: Option<Chosen>,
        /// Set before, from values at the beginning of the step.
        refractory: Option<Refractoriness>,
    },
    /// The condition of a spike or of another event.
    Threshold {
        /// The event.
        event: Rc<str>,
        /// The condition.
        condition: TExpr,
        /// Whether refractory neurons are excluded, and `not_refractory` and `lastspike` are to be set.
        refractory: bool,
    },
    /// Statements for the neurons to which an event happened.
    Reset {
        /// The event.
        event: Rc<str>,
        /// The statements.
        statements: Vec<TStatement>,
    },
    /// Statements for the synapses that a spike reaches.
    Pathway {
        /// Which pathway of the synapses.
        pathway: usize,
        /// Equations that are integrated from the synapse's last event to this one, before the statements.
        event_driven: Vec<Ode>,
        /// The statements.
        statements: Vec<TStatement>,
    },
    /// Poisson events that are added to a variable.
    Input {
        /// The neurons.
        target: Part,
        /// Number of sources.
        sources: u32,
        /// Their rate, in hertz.
        rate: f64,
        /// The statement; [`EVENTS`] is the number of events.
        statement: TStatement,
    },
    /// Statements for all elements at regular times.
    Regular(Vec<TStatement>),
    /// The rates of Poisson sources, if they are an expression.
    Rates(TExpr),
    /// A sum over synapses that becomes the value of a neuron's variable.
    Summed {
        /// The sum's target.
        target: ObjectId,
        /// Its variable.
        name: Rc<str>,
        /// Whether the target is the presynaptic neuron.
        presynaptic: bool,
        /// The summand.
        value: TExpr,
        /// Whether other synapses may sum into the same variable.
        additive: bool,
    },
    /// Values that a monitor records besides stored variables.
    Recorded(Vec<(Rc<str>, TExpr)>),
}

/// A code object and its place in the time step.
#[derive(Clone, Debug)]
pub struct CodeObject {
    /// The object it belongs to.
    pub object: ObjectId,
    /// Its name, which decides ties: `neurongroup_stateupdater`.
    pub name: String,
    /// The slot.
    pub when: String,
    /// Order within the slot.
    pub order: i32,
    /// Time step, if not the default clock's, in seconds.
    pub dt: Option<f64>,
    /// What it does.
    pub code: Checked,
}

/// A network in which everything has been resolved and checked.
#[derive(Clone, Debug, Default)]
pub struct CheckedNetwork {
    /// Its code objects, in the order of the objects.
    pub code: Vec<CodeObject>,
}

impl CodeObject {
    /// Calls `f` with each expression that the code evaluates.
    pub fn each_value(&self, f: &mut impl FnMut(&TExpr)) {
        match &self.code {
            Checked::Subexpressions(all) | Checked::Recorded(all) => {
                all.iter().for_each(|(_, value)| f(value));
            }
            Checked::StateUpdate {
                odes, refractory, ..
            } => {
                odes.iter().for_each(|o| f(&o.rhs));
                if let Some(Refractoriness::Time(value) | Refractoriness::While(value)) = refractory
                {
                    f(value);
                }
            }
            Checked::Threshold { condition, .. } => f(condition),
            Checked::Reset { statements, .. } | Checked::Regular(statements) => {
                statements.iter().for_each(|s| f(&s.value));
            }
            Checked::Pathway {
                event_driven,
                statements,
                ..
            } => {
                event_driven.iter().for_each(|o| f(&o.rhs));
                statements.iter().for_each(|s| f(&s.value));
            }
            Checked::Input { statement, .. } => f(&statement.value),
            Checked::Rates(value) | Checked::Summed { value, .. } => f(value),
        }
    }
}
