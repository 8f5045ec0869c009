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

use super::buffers;
use super::graph::{Call, Graph, Id, Node};
use dslsim_ir::kernel::Slot;

/// Where a value is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Home {
    /// Nowhere: it is free, or used only in the loop that computes it.
    None,
    /// A buffer of the scratch memory.
    Scratch(usize),
    /// The array whose final value it is.
    Array(Slot),
}

/// What is called between two loops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Between {
    /// A vector routine.
    Call(Id),
    /// The compaction of a mask into the emitted list.
    Emit(Id),
}

/// One thing that a loop does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Computes a value (and writes it to its home if that is scratch memory).
    Compute(Id),
    /// Writes the final value of an array.
    Store(Slot, Id),
}

/// A boundary and the loop behind it.
#[derive(Debug, Default)]
pub(super) struct Segment {
    /// The calls, in order.
    pub between: Vec<Between>,
    /// The loop's steps, in order; none: no loop.
    pub steps: Vec<Step>,
}

/// The work on a strip.
#[derive(Debug)]
pub(super) struct Schedule {
    pub segments: Vec<Segment>,
    pub home: Vec<Home>,
    pub free: Vec<bool>,
    /// Number of buffers of the scratch memory.
    pub buffers: usize,
}

/// Times at which things happen: each call has one, and each loop has one.
#[derive(Default)]
struct Times {
    call: Vec<usize>,
    emit: usize,
    segment: Vec<usize>,
    end: usize,
}

/// How long things are needed, as times.
#[derive(Clone)]
struct Needed {
    node: Vec<usize>,
    /// The old content of an array, by its `Load`.
    array: Vec<(Slot, usize)>,
}

struct Planner<'a> {
    graph: &'a Graph,
    free: Vec<bool>,
    /// Boundary of a call; first possible segment of anything else.
    ready: Vec<usize>,
    /// Segment of what a loop computes.
    place: Vec<usize>,
    last: usize,
    emit_at: usize,
}

/// The arguments of a call that must lie in memory.
pub(super) fn arguments(graph: &Graph, call: Call) -> Vec<Id> {
    match call {
        Call::Fn2(_, x, y) if graph.nodes[y].is_invariant() => vec![x],
        Call::Fn1(_, x) => vec![x],
        Call::Fn2(_, x, y) | Call::Mod(x, y) => vec![x, y],
        Call::Fn3(_, x, y, z) => vec![x, y, z],
    }
}

/// Plans the work.
pub(super) fn schedule(graph: &Graph) -> Schedule {
    let mut planner = Planner::new(graph);
    planner.sink();
    planner.hoist();
    planner.finish()
}

impl<'a> Planner<'a> {
    fn new(graph: &'a Graph) -> Self {
        let count = graph.nodes.len();
        let mut free = vec![false; count];
        let mut ready = vec![0; count];
        let mut last = 0;
        for (id, node) in graph.nodes.iter().enumerate().filter(|(id, _)| graph.live[*id]) {
            let mut over_leaves = true;
            node.operands(|a| over_leaves &= graph.nodes[a].is_leaf());
            free[id] = node.is_leaf() || (node.is_cheap() && over_leaves);
            if let Node::Call(call) = *node {
                let boundaries = arguments(graph, call).into_iter().map(|a| match graph.nodes[a] {
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
        Self { graph, free, ready, place: vec![usize::MAX; count], last: last.max(emit_at), emit_at }
    }

    fn live(&self) -> impl DoubleEndedIterator<Item = (Id, &'a Node)> + use<'a> {
        let graph = self.graph;
        graph.nodes.iter().enumerate().filter(|(id, _)| graph.live[*id])
    }

    fn is_call(&self, id: Id) -> bool {
        matches!(self.graph.nodes[id], Node::Call(_))
    }

    /// Whether a loop computes the node, once.
    fn in_loop(&self, id: Id) -> bool {
        !self.free[id] && !self.is_call(id)
    }

    /// The segment in which a value can be used first.
    fn available(&self, id: Id) -> usize {
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
        for (id, node) in self.live().filter(|(id, _)| self.in_loop(*id)).collect::<Vec<_>>() {
            let mut first = 0;
            node.operands(|a| first = first.max(self.available(a)));
            if first >= self.place[id] {
                continue;
            }
            let mut kept = 0;
            node.operands(|a| {
                let later = |u: &Id| *u != id && (self.is_call(*u) || self.available(*u) > first);
                let only_here = self.in_loop(a) && self.place[a] == first && !users[a].iter().any(later);
                kept += usize::from(only_here);
            });
            let replaced = usize::from(!users[id].is_empty());
            if kept > replaced {
                self.place[id] = first;
            }
        }
    }

    fn times(&self) -> Times {
        let mut times = Times { call: vec![0; self.graph.nodes.len()], ..Times::default() };
        for at in 0..=self.last {
            for (id, _) in self.live().filter(|(id, _)| self.is_call(*id) && self.ready[*id] == at) {
                times.call[id] = times.end;
                times.end += 1;
            }
            if self.graph.emit.is_some() && self.emit_at == at {
                times.emit = times.end;
                times.end += 1;
            }
            times.segment.push(times.end);
            times.end += 1;
        }
        times
    }

    /// Notes that a loop needs a value.
    fn need(&self, needed: &mut Needed, id: Id, time: usize) {
        match self.graph.nodes[id] {
            Node::Load(slot) => match needed.array.iter_mut().find(|(s, _)| *s == slot) {
                Some((_, t)) => *t = (*t).max(time),
                None => needed.array.push((slot, time)),
            },
            ref node if self.free[id] => node.operands(|a| self.need(needed, a, time)),
            _ => needed.node[id] = needed.node[id].max(time),
        }
    }

    /// What must be in memory for a call at a boundary: needed at `time`, and if it is free, made by the loop before.
    fn need_in_memory(&self, needed: &mut Needed, times: &Times, id: Id, boundary: usize, time: usize) {
        if !matches!(self.graph.nodes[id], Node::Load(_)) && self.free[id] {
            self.need(needed, id, times.segment[boundary.saturating_sub(1)]);
            needed.node[id] = needed.node[id].max(time);
        } else {
            self.need(needed, id, time);
        }
    }

    fn needed(&self, times: &Times) -> Needed {
        let mut needed = Needed { node: vec![0; self.graph.nodes.len()], array: Vec::new() };
        for (id, node) in self.live() {
            if let Node::Call(call) = *node {
                for a in arguments(self.graph, call) {
                    self.need_in_memory(&mut needed, times, a, self.ready[id], times.call[id]);
                }
            } else if self.in_loop(id) {
                node.operands(|a| self.need(&mut needed, a, times.segment[self.place[id]]));
            }
        }
        if let Some(mask) = self.graph.emit {
            self.need_in_memory(&mut needed, times, mask, self.emit_at, times.emit);
        }
        needed
    }

    /// The segments whose loops write the arrays: not before the value is there, nor before the old one is done with.
    fn store_segments(&self, times: &Times, needed: &mut Needed) -> Vec<usize> {
        let mut at: Vec<usize> = self.graph.stores.iter().map(|(_, id)| self.available(*id)).collect();
        loop {
            let mut changed = false;
            for (k, (slot, id)) in self.graph.stores.iter().enumerate() {
                let until = needed.array.iter().find(|(s, _)| s == slot).map_or(0, |(_, t)| *t);
                let first = times.segment.iter().position(|t| *t >= until).unwrap_or(self.last);
                if first > at[k] {
                    at[k] = first;
                    changed = true;
                }
                let before = needed.array.clone();
                self.need(needed, *id, times.segment[at[k]]);
                changed |= before != needed.array;
            }
            if !changed {
                return at;
            }
        }
    }

    fn finish(self) -> Schedule {
        let times = self.times();
        let mut needed = self.needed(&times);
        let plain = needed.clone();
        let store_at = self.store_segments(&times, &mut needed);
        let mut home = vec![Home::None; self.graph.nodes.len()];
        let mut in_loops = Vec::new();
        for (k, (slot, id)) in self.graph.stores.iter().enumerate() {
            let unclaimed = home[*id] == Home::None;
            let until = needed.array.iter().find(|(s, _)| s == slot).map_or(0, |(_, t)| *t);
            if self.is_call(*id) && unclaimed && until <= times.call[*id] {
                home[*id] = Home::Array(*slot);
                continue;
            }
            if self.in_loop(*id) && unclaimed && store_at[k] == self.place[*id] {
                home[*id] = Home::Array(*slot);
            }
            in_loops.push((store_at[k], *slot, *id));
        }
        let mut spans = Vec::new();
        let mut made: Vec<(usize, Id)> = Vec::new();
        for (id, _) in self.live() {
            let until = needed.node[id].max(plain.node[id]);
            if home[id] != Home::None {
                continue;
            }
            if self.is_call(id) {
                spans.push(buffers::Span { id, from: times.call[id], until, in_place: true });
            } else if self.free[id] {
                if until > 0 {
                    let at = self.first_in_memory(id);
                    made.push((at, id));
                    spans.push(buffers::Span { id, from: times.segment[at], until, in_place: false });
                }
            } else if until > times.segment[self.place[id]] {
                spans.push(buffers::Span { id, from: times.segment[self.place[id]], until, in_place: false });
            }
        }
        let (assigned, buffers) = buffers::assign(spans, times.end);
        for (id, buffer) in assigned {
            home[id] = Home::Scratch(buffer);
        }
        let segments = (0..=self.last).map(|at| self.segment(at, &made, &in_loops)).collect();
        Schedule { segments, home, free: self.free, buffers }
    }

    /// The segment that writes a free value to memory: the one before the first call that wants it.
    fn first_in_memory(&self, id: Id) -> usize {
        let calls = self.live().filter_map(|(user, node)| match *node {
            Node::Call(call) if arguments(self.graph, call).contains(&id) => Some(self.ready[user]),
            _ => None,
        });
        let emit = (self.graph.emit == Some(id)).then_some(self.emit_at);
        calls.chain(emit).min().unwrap_or(1).saturating_sub(1)
    }

    fn segment(&self, at: usize, made: &[(usize, Id)], stores: &[(usize, Slot, Id)]) -> Segment {
        let calls = self.live().filter(|(id, _)| self.is_call(*id) && self.ready[*id] == at);
        let mut between: Vec<Between> = calls.map(|(id, _)| Between::Call(id)).collect();
        between.extend(self.graph.emit.filter(|_| self.emit_at == at).map(Between::Emit));
        let computed = self.live().map(|(id, _)| id).filter(|id| self.in_loop(*id) && self.place[*id] == at);
        let mut ids: Vec<Id> = computed.chain(made.iter().filter(|(s, _)| *s == at).map(|(_, id)| *id)).collect();
        ids.sort_unstable();
        let mut slots: Vec<(usize, Slot, Id)> = Vec::new();
        for &(_, slot, id) in stores.iter().filter(|(s, ..)| *s == at) {
            slots.push((self.store_position(slot, id, at, &ids, stores), slot, id));
        }
        let mut steps = Vec::with_capacity(ids.len() + slots.len());
        for position in 0..=ids.len() {
            steps.extend(slots.iter().filter(|(p, ..)| *p == position).map(|&(_, slot, id)| Step::Store(slot, id)));
            steps.extend(ids.get(position).map(|id| Step::Compute(*id)));
        }
        Segment { between, steps }
    }

    /// Before which of the computed values a store can stand: when its value is there and nobody loads the old one.
    fn store_position(&self, slot: Slot, id: Id, at: usize, ids: &[Id], stores: &[(usize, Slot, Id)]) -> usize {
        let loads = |user: Id| {
            let mut found = false;
            self.graph.nodes[user].operands(|a| found |= self.loads(a, slot));
            found
        };
        let in_store = stores.iter().any(|&(s, other, value)| s == at && other != slot && self.loads(value, slot));
        if self.free[id] || in_store {
            return ids.len();
        }
        ids.iter().rposition(|user| *user == id || loads(*user)).map_or(0, |p| p + 1)
    }

    /// Whether getting a value in a loop means loading the old content of an array.
    fn loads(&self, id: Id, slot: Slot) -> bool {
        let mut found = self.graph.nodes[id] == Node::Load(slot);
        if self.free[id] {
            self.graph.nodes[id].operands(|a| found |= self.loads(a, slot));
        }
        found
    }
}
