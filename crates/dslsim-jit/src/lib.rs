//! Kernels to machine code.
//!
//! [`Jit`] is the fast back end: it turns kernels into machine code with Cranelift. It is the only crate that knows
//! Cranelift, and with the vector routines of `dslsim-math` the only place where machine code and raw memory meet.
//!
//! Two emitters share the work:
//!
//! * the *strip* emitter, for kernels over all elements of a group: the range is cut into strips that fit the first-level
//!   cache; each strip is worked through in a few loops of 128-bit arithmetic, separated by calls of vector routines for
//!   `exp`, `pow` and the like;
//! * the *scalar* emitter, for kernels over lists of elements (resets, the statements of pathways) and for whatever the
//!   strip emitter does not take: one loop, one element at a time. Where such a kernel has functions like `exp`, and many elements,
//!   they are fetched, calculated by a strip kernel, and put back (`dense`).
//!
//! Invariants:
//!
//! * The machine code gives the bits of [`dslsim_ir::interp`], NaN payloads excepted: no re-association, no fused
//!   multiply-add, functions only from `dslsim-math`.
//! * Code memory is owned by one type (`module::Memory`) and lives as long as one executable kernel does.
//! * Machine code touches only what `abi` hands to it. It trusts that index tables and lists name existing elements:
//!   the runtime checks them when they are set.

mod abi;
mod code;
mod dense;
mod emission;
mod jit;
mod memory;
mod module;
mod parts;
mod routines;
mod scalar;
mod strip;
mod wide;

pub use jit::{Jit, JitOptions, describe};
