//! Kernels: typed straight-line code, integrators, passes, and the interpreter that defines their meaning.
//!
//! # What a kernel is
//!
//! A kernel is one code object of a network: a state update, a threshold, a reset, the statements of a pathway, an
//! initialiser. It is a list of instructions without branches, executed once for each element of its domain (all
//! elements of a group, or a list of some of them). An instruction refers to earlier ones by their position: the list is
//! in static single assignment form by construction. Choices are explicit (`Select`); conditional writes carry a mask.
//!
//! There are two types of values. *Num* is an IEEE double; integers are doubles without a fraction (exact to 2^53, and
//! Brian2's integers have 32 bits). *Bool* is a truth value; stored in an array it is 1.0 or 0.0. So every array
//! of the simulation is an array of doubles.
//!
//! Parameters are data: what is the same for all elements enters as a *scalar*, never as a constant in the code, so
//! that one piece of machine code serves every point of a parameter sweep. What depends on scalars only is computed in
//! the *prologue*, once per run or once per step, not once per element.
//!
//! # Meaning
//!
//! The [`interp`] module is the specification: it executes a kernel element by element, instruction by instruction. Every other
//! back end must give the same bits. Freedom to re-associate is used before, in [`builder`], on the kernel itself; so the
//! interpreter and the machine code agree also when it is used.

pub mod assemble;
pub mod builder;
pub mod dense;
pub mod exec;
pub mod formulas;
pub mod integrate;
pub mod interp;
pub mod join;
pub mod kernel;
pub mod late;
pub mod lower;
pub mod refractory;
pub mod statements;
pub mod store;
pub mod unseen;

pub use assemble::{Assembled, Role, assemble};
pub use exec::{Backend, BackendError, Code, Frame, Memo, Pair, Piece};
pub use integrate::exact::Propagator;
pub use kernel::{Access, Domain, DrawKind, Inst, Kernel, Level, ScalarSource, ValidKernel};
pub use lower::{Layout, Reach};
pub use store::{ArrayId, IndexId, Owned, Shard, Store};
