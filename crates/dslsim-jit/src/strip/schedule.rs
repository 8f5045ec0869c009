//! The order of work on a strip: which call and which loop does what, and where values live in between.
//!
//! Work on a strip alternates: the calls of boundary 0, the loop of segment 0, the calls of boundary 1, the loop of segment 1
//! and so on. A call is made at the first boundary at which its arguments are in memory; so all calls that are ready
//! share a boundary, and there are as few loops as the longest chain of calls demands. Everything else is computed in the
//! loop that first needs it, unless that would keep more values in memory than computing it earlier.
//!
//! Invariants of a [`Schedule`]:
//!
//! * Each live node is either *free* (a leaf, or one cheap operation over leaves: computed again wherever it is used), or
//!   computed by one loop, or by one call.
//! * A value that is needed after its loop, or comes from a call, has a [`Home`] that nothing else overwrites meanwhile:
//!   scratch memory, or the array whose final value it is.
//! * An array is overwritten only when its old content is not needed any more: within a loop, after the loads.

use super::graph::{Call, Graph, Id, Node};
use dslsim_ir::kernel::Slot;

/// Where a value is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Home {
    /// Nowhere: it is free, or used only in the loop that computes it.
    None,
    /// A buffer of the scratch memory.
    Scratch(usize),
    /// The array whose final value it is.
    Array(Slot),
}

/// What is called between two loops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Between {
    /// A vector routine.
    Call(Id),
    /// The compaction of a mask into the emitted list.
    Emit(Id),
}

/// One thing that a loop does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Computes a value (and writes it to its home if that is scratch memory).
    Compute(Id),
    /// Writes the final value of an array.
    Store(Slot, Id),
    /// Appends the marked elements to the emitted list.
    Emit(Id),
}

/// A boundary and the loop behind it.
#[derive(Debug, Default)]
pub(crate) struct Segment {
    /// The calls, in order.
    pub between: Vec<Between>,
    /// The loop's steps, in order; none: no loop.
    pub steps: Vec<Step>,
}

/// The work on a strip.
#[derive(Debug)]
pub(crate) struct Schedule {
    pub segments: Vec<Segment>,
    pub home: Vec<Home>,
    pub free: Vec<bool>,
    /// Number of buffers of the scratch memory.
    pub buffers: usize,
}

/// What is done where, while that is being found out.
pub(crate) struct Planner<'a> {
    pub graph: &'a Graph,
    pub free: Vec<bool>,
    /// Boundary of a call; first possible segment of anything else.
    pub ready: Vec<usize>,
    /// Segment of what a loop computes.
    pub place: Vec<usize>,
    /// The last segment.
    pub last: usize,
    /// The boundary of the emission; the segment before it is where the mask must be at hand.
    pub emit_at: usize,
    /// Whether the loop emits, not a call behind it.
    pub emit_in_loop: bool,
}

/// The arguments of a call that must lie in memory.
pub(crate) fn arguments(graph: &Graph, call: Call) -> Vec<Id> {
    match call {
        Call::Fn2(_, x, y) if graph.nodes[y].is_invariant() => vec![x],
        Call::Fn1(_, x) => vec![x],
        Call::Fn2(_, x, y) | Call::Mod(x, y) => vec![x, y],
        Call::Fn3(_, x, y, z) => vec![x, y, z],
    }
}

/// Plans the work. Elements are emitted by loops, or by calls of a routine.
pub(crate) fn schedule(graph: &Graph, emit_in_loop: bool) -> Schedule {
    let mut planner = Planner::new(graph, emit_in_loop);
    planner.sink();
    planner.hoist();
    planner.finish()
}

impl<'a> Planner<'a> {
    fn new(graph: &'a Graph, emit_in_loop: bool) -> Self {
        let count = graph.nodes.len();
        let mut free = vec![false; count];
        let mut ready = vec![0; count];
        let mut last = 0;
        for (id, node) in graph
            .nodes
            .iter()
            .enumerate()
            .filter(|(id, _)| graph.live[*id])
        {
            let mut over_leaves = true;
            node.operands(|a| over_leaves &= graph.nodes[a].is_leaf());
            free[id] = node.is_leaf() || (node.is_cheap() && over_leaves);
            if let Node::Call(call) = *node {
                let boundaries = arguments(graph, call)
                    .into_iter()
                    .map(|a| match graph.nodes[a] {
                        Node::Load(_) => 0,
                        Node::Call(_) => ready[a],
                        _ => ready[a] + 1,
                    });
                ready[id] = boundaries.max().unwrap_or(0);
            } else {
                let mut at = 0;
                node.operands(|a| at = at.max(ready[a]));
                ready[id] = at;
            }
            last = last.max(ready[id]);
        }
        let emit_at = graph.emit.map_or(0, |mask| ready[mask] + 1);
        Self {
            graph,
            free,
            ready,
            place: vec![usize::MAX; count],
            last: last.max(if emit_in_loop {
                emit_at.saturating_sub(1)
            } else {
                emit_at
            }),
            emit_at,
            emit_in_loop: emit_in_loop && graph.emit.is_some(),
        }
    }

    pub(crate) fn live(&self) -> impl DoubleEndedIterator<Item = (Id, &'a Node)> + use<'a> {
        let graph = self.graph;
        graph
            .nodes
            .iter()
            .enumerate()
            .filter(|(id, _)| graph.live[*id])
    }

    pub(crate) fn is_call(&self, id: Id) -> bool {
        matches!(self.graph.nodes[id], Node::Call(_))
    }

    /// Whether a loop computes the node, once.
    pub(crate) fn in_loop(&self, id: Id) -> bool {
        !self.free[id] && !self.is_call(id)
    }

    /// The segment in which a value can be used first.
    pub(crate) fn available(&self, id: Id) -> usize {
        if self.free[id] {
            0
        } else if self.is_call(id) {
            self.ready[id]
        } else {
            self.place[id]
        }
    }

    /// Computes everything as late as its users allow.
    fn sink(&mut self) {
        for (_, id) in &self.graph.stores {
            self.place[*id] = self.last;
        }
        if let Some(mask) = self.graph.emit {
            self.place[mask] = self.emit_at - 1;
        }
        for (id, node) in self.live().rev() {
            if let Node::Call(call) = *node {
                for a in arguments(self.graph, call) {
                    if !self.is_call(a) {
                        self.place[a] = self.place[a].min(self.ready[id].saturating_sub(1));
                    }
                }
                continue;
            }
            let at = self.place[id];
            let place = &mut self.place;
            node.operands(|a| place[a] = place[a].min(at));
        }
    }

    /// Computes earlier what would otherwise keep more values alive than it replaces.
    fn hoist(&mut self) {
        let mut users: Vec<Vec<Id>> = vec![Vec::new(); self.graph.nodes.len()];
        for (id, node) in self.live() {
            node.operands(|a| users[a].push(id));
        }
        for (id, node) in self
            .live()
            .filter(|(id, _)| self.in_loop(*id))
            .collect::<Vec<_>>()
        {
            let mut first = 0;
            node.operands(|a| first = first.max(self.available(a)));
            if first >= self.place[id] {
                continue;
            }
            let mut kept = 0;
            node.operands(|a| {
                let later = |u: &Id| *u != id && (self.is_call(*u) || self.available(*u) > first);
                let only_here =
                    self.in_loop(a) && self.place[a] == first && !users[a].iter().any(later);
                kept += usize::from(only_here);
            });
            let replaced = usize::from(!users[id].is_empty());
            if kept > replaced {
                self.place[id] = first;
            }
        }
    }
}
