//! Loops of eight lanes: the arithmetic between two calls of vector routines, for processors with AVX-512.
//!
//! Cranelift knows vectors of two doubles. Where the processor has eight lanes, the loop of a strip's segment is not made by
//! Cranelift but here, as a function of its own that Cranelift's code calls: [`code`] writes the work as a list of
//! operations over values, [`registers`] gives the values registers, and [`assembler`] encodes. Every operation is
//! the one that the two-lane loop has ([`crate::strip`]), so the bits are the same.
//!
//! A loop is called with: the pointers and the scalars of [`crate::abi::Entry`]; the scratch memory, less the
//! first byte offset; and the first byte offset and the one after the last. One that emits gets the place of the next emitted number, too,
//! and gives the one behind its last; it may write up to eight numbers more.

mod assembler;
mod code;
mod emit;
mod listing;
mod registers;

pub(crate) use emit::{Loop, Order, segment};
