//! Values and statements of model files.
//!
//! A model file is executed from top to bottom. This crate knows values ([`Value`], [`Array`]), numpy-like functions
//! with units, assignments, parameters (`--set`), and text formatting. It does not know what a neuron group is: what
//! concerns model objects is asked of a [`Host`].
//!
//! * Nothing panics on what a user wrote: everything is reported as [`Diagnostics`](dslsim_source::Diagnostics) with
//!   the place of the argument at fault, and execution goes on with the next statement.
//! * Values that are not known (before a simulation, or because of a mistake already told) are [`Value::Unknown`]; what
//!   is computed from them is unknown, silently.
//! * Arrays are copied when assigned (`b = a`); where Python would share them and a change of one would show in the
//!   other, a warning says so.

mod array;
mod assign;
mod call;
mod comparisons;
mod context;
mod eval;
mod fault;
mod functions;
mod host;
mod imports;
mod index;
mod interpreter;
mod limits;
mod methods;
mod names;
mod operators;
mod physical;
mod select;
mod sequences;
mod strings;
mod subscripts;
mod suggest;
mod text;
mod units;
mod value;

pub use array::{Array, ArrayData, Kind, broadcast_shape};
pub use call::{Bound, CallArgs, Param, ParamKind};
pub use context::{Binding, Context, Override};
pub use functions::{FunctionInfo, function_table};
pub use host::{Host, Random};
pub use index::get as entry;
pub use interpreter::Interpreter;
pub use limits::{ArrayLimit, MAX_ELEMENTS};
pub use suggest::nearest;
pub use value::{IndexValue, ObjectRef, Slice, Spanned, Value};
