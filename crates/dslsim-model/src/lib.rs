//! The network description and its checks.
//!
//! A [`Network`] is plain data: neuron groups, synapses, inputs and monitors as somebody (a model file, a Rust program) has
//! described them, with equations and statements as syntax trees. [`check()`] resolves every name, checks every type and dimension,
//! and gives a [`CheckedNetwork`]: the code objects that make up a time step, in terms of typed expressions whose leaves are
//! state variables, times, indices and numbers. Kernels are built from nothing else.
//!
//! Names are resolved when a run begins, as in Brian2, against the values that the surrounding program has at
//! that moment (a [`Namespace`]).

pub mod check;
pub mod code;
pub mod expr;
pub mod functions;
pub mod network;
pub mod scope;
pub mod typing;
pub mod variables;
pub mod words;

pub use check::{check, check_group};
pub use code::{Checked, CheckedNetwork, CodeObject, Ode, Refractoriness};
pub use expr::{Leaf, Side, TExpr, TKind, TStatement, Target};
pub use network::{Network, ObjectId};
pub use scope::{External, Namespace, Scope};
pub use variables::{VarKind, VarType, Variable, Variables};
