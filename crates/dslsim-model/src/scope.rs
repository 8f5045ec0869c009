//! What the names in a group's code can stand for.

use std::rc::Rc;

use dslsim_units::Dim;

use crate::expr::Timed;
use crate::network::{Kind, Network, ObjectId};
use crate::variables::VarType;

/// A name of the surrounding program.
#[derive(Clone, Debug, PartialEq)]
pub enum External {
    /// A number with its unit.
    Scalar {
        /// In SI units.
        value: f64,
        /// Its dimension.
        dim: Dim,
        /// Its type.
        ty: VarType,
    },
    /// Several values: not allowed in code.
    Array {
        /// How many.
        len: usize,
    },
    /// A function of time.
    Timed {
        /// Its values.
        timed: Rc<Timed>,
        /// Their dimension.
        dim: Dim,
    },
    /// Something else ("a string", "a neuron group"): not allowed in code.
    Other(&'static str),
    /// Its definition failed and has been told.
    Unknown,
}

/// The surrounding program's names at the time of a run.
pub trait Namespace {
    /// What a name stands for.
    fn lookup(&self, name: &str) -> Option<External>;
    /// All names, for suggestions.
    fn names(&self) -> Vec<String>;
}

/// No names.
impl Namespace for () {
    fn lookup(&self, _: &str) -> Option<External> {
        None
    }
    fn names(&self) -> Vec<String> {
        Vec::new()
    }
}

/// Whose code is being read, and from where names come.
#[derive(Clone, Copy)]
pub struct Scope<'a> {
    /// The network.
    pub network: &'a Network,
    /// The object whose code it is.
    pub object: ObjectId,
    /// The surrounding program.
    pub namespace: &'a dyn Namespace,
}

impl Scope<'_> {
    /// All names that the code could have meant, nearest first.
    pub fn known(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        if let Some(variables) = self.network.variables(self.object) {
            names.extend(variables.names().map(str::to_owned));
        }
        if let Kind::Synapses(s) = &self.network.get(self.object).kind {
            for (part, suffix) in [(s.target, ""), (s.target, "_post"), (s.source, "_pre")] {
                if let Some(variables) = self.network.variables(part.object) {
                    names.extend(variables.names().map(|n| format!("{n}{suffix}")));
                }
            }
        }
        names.extend(self.network.get(self.object).namespace.keys().cloned());
        names.extend(self.namespace.names());
        names.extend(["t", "dt", "i", "N", "xi"].map(str::to_owned));
        names
    }
}
