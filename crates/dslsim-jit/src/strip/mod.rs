//! The strip emitter: kernels over all elements as loops of 128-bit vectors and calls of vector routines.
//!
//! The range is cut into strips of at most `chunk` elements, whose intermediate values stay in the first-level cache. A strip
//! is worked through in a few loops of two-lane arithmetic; between them stand calls of routines that know wider
//! vectors. Three steps: [`graph`] resolves memory, [`schedule`] orders the work, [`emit`] writes it down for Cranelift.

mod buffers;
mod emit;
mod graph;
mod schedule;
mod value;

use dslsim_ir::ValidKernel;

pub(crate) use emit::emit;

/// A kernel that is ready to be emitted.
pub(crate) struct Plan {
    graph: graph::Graph,
    schedule: schedule::Schedule,
}

/// Plans a kernel over all elements; `None` if it must be done one element after the other.
pub(crate) fn plan(kernel: &ValidKernel) -> Option<Plan> {
    let graph = graph::build(kernel)?;
    let schedule = schedule::schedule(&graph);
    Some(Plan { graph, schedule })
}
