//! When values are needed, and so where they are kept: the second half of planning.
//!
//! Each call and each loop of a strip has a *time*; a value is needed from the time of its making to the time of its last use.
//! From that follow when arrays may be overwritten, which values get an array or a scratch buffer as their home, and in
//! which order a loop does its work.

use super::buffers;
use super::graph::{Id, Node};
use super::schedule::{Between, Home, Planner, Schedule, Segment, Step, arguments};
use dslsim_ir::kernel::Slot;

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

impl Planner<'_> {
    fn times(&self) -> Times {
        let mut times = Times {
            call: vec![0; self.graph.nodes.len()],
            ..Times::default()
        };
        for at in 0..=self.last {
            for (id, _) in self
                .live()
                .filter(|(id, _)| self.is_call(*id) && self.ready[*id] == at)
            {
                times.call[id] = times.end;
                times.end += 1;
            }
            if self.emits_at(at) {
                times.emit = times.end;
                times.end += 1;
            }
            times.segment.push(times.end);
            times.end += 1;
        }
        times
    }

    /// Whether a routine emits at a boundary.
    fn emits_at(&self, boundary: usize) -> bool {
        self.graph.emit.is_some() && !self.emit_in_loop && self.emit_at == boundary
    }

    /// The segment whose loop emits, and the mask.
    fn emitting_loop(&self) -> Option<(usize, Id)> {
        let mask = self.graph.emit.filter(|_| self.emit_in_loop)?;
        Some((self.emit_at - 1, mask))
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
    fn need_in_memory(
        &self,
        needed: &mut Needed,
        times: &Times,
        id: Id,
        boundary: usize,
        time: usize,
    ) {
        if !matches!(self.graph.nodes[id], Node::Load(_)) && self.free[id] {
            self.need(needed, id, times.segment[boundary.saturating_sub(1)]);
            needed.node[id] = needed.node[id].max(time);
        } else {
            self.need(needed, id, time);
        }
    }

    fn needed(&self, times: &Times) -> Needed {
        let mut needed = Needed {
            node: vec![0; self.graph.nodes.len()],
            array: Vec::new(),
        };
        for (id, node) in self.live() {
            if let Node::Call(call) = *node {
                for a in arguments(self.graph, call) {
                    self.need_in_memory(&mut needed, times, a, self.ready[id], times.call[id]);
                }
            } else if self.in_loop(id) {
                node.operands(|a| self.need(&mut needed, a, times.segment[self.place[id]]));
            }
        }
        if let Some((segment, mask)) = self.emitting_loop() {
            self.need(&mut needed, mask, times.segment[segment]);
        } else if let Some(mask) = self.graph.emit {
            self.need_in_memory(&mut needed, times, mask, self.emit_at, times.emit);
        }
        needed
    }

    /// The segments whose loops write the arrays: not before the value is there, nor before the old one is done with.
    fn store_segments(&self, times: &Times, needed: &mut Needed) -> Vec<usize> {
        let mut at: Vec<usize> = self
            .graph
            .stores
            .iter()
            .map(|(_, id)| self.available(*id))
            .collect();
        loop {
            let mut changed = false;
            for (k, (slot, id)) in self.graph.stores.iter().enumerate() {
                let until = needed
                    .array
                    .iter()
                    .find(|(s, _)| s == slot)
                    .map_or(0, |(_, t)| *t);
                let first = times
                    .segment
                    .iter()
                    .position(|t| *t >= until)
                    .unwrap_or(self.last);
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

    /// The finished plan.
    pub(super) fn finish(self) -> Schedule {
        let times = self.times();
        let mut needed = self.needed(&times);
        let plain = needed.clone();
        let store_at = self.store_segments(&times, &mut needed);
        let mut home = vec![Home::None; self.graph.nodes.len()];
        let mut in_loops = Vec::new();
        for (k, (slot, id)) in self.graph.stores.iter().enumerate() {
            let unclaimed = home[*id] == Home::None;
            let until = needed
                .array
                .iter()
                .find(|(s, _)| s == slot)
                .map_or(0, |(_, t)| *t);
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
                spans.push(buffers::Span {
                    id,
                    from: times.call[id],
                    until,
                    in_place: true,
                });
            } else if self.free[id] {
                if until > 0 {
                    let at = self.first_in_memory(id);
                    made.push((at, id));
                    spans.push(buffers::Span {
                        id,
                        from: times.segment[at],
                        until,
                        in_place: false,
                    });
                }
            } else if until > times.segment[self.place[id]] {
                spans.push(buffers::Span {
                    id,
                    from: times.segment[self.place[id]],
                    until,
                    in_place: false,
                });
            }
        }
        let (assigned, buffers) = buffers::assign(spans, times.end);
        for (id, buffer) in assigned {
            home[id] = Home::Scratch(buffer);
        }
        let segments = (0..=self.last)
            .map(|at| self.segment(at, &made, &in_loops))
            .collect();
        Schedule {
            segments,
            home,
            free: self.free,
            buffers,
        }
    }

    /// The segment that writes a free value to memory: the one before the first call that wants it.
    fn first_in_memory(&self, id: Id) -> usize {
        let calls = self.live().filter_map(|(user, node)| match *node {
            Node::Call(call) if arguments(self.graph, call).contains(&id) => Some(self.ready[user]),
            _ => None,
        });
        let emit = (self.graph.emit == Some(id) && !self.emit_in_loop).then_some(self.emit_at);
        calls.chain(emit).min().unwrap_or(1).saturating_sub(1)
    }

    fn segment(&self, at: usize, made: &[(usize, Id)], stores: &[(usize, Slot, Id)]) -> Segment {
        let calls = self
            .live()
            .filter(|(id, _)| self.is_call(*id) && self.ready[*id] == at);
        let mut between: Vec<Between> = calls.map(|(id, _)| Between::Call(id)).collect();
        between.extend(
            self.graph
                .emit
                .filter(|_| self.emits_at(at))
                .map(Between::Emit),
        );
        let emitted = self.emitting_loop().filter(|(segment, _)| *segment == at);
        let emitted = emitted.map(|(_, mask)| mask);
        let computed = self
            .live()
            .map(|(id, _)| id)
            .filter(|id| self.in_loop(*id) && self.place[*id] == at);
        let mut ids: Vec<Id> = computed
            .chain(made.iter().filter(|(s, _)| *s == at).map(|(_, id)| *id))
            // Before what it is made of is overwritten, even if it can be made anywhere.
            .chain(emitted)
            .collect();
        ids.sort_unstable();
        ids.dedup();
        let mut slots: Vec<(usize, Slot, Id)> = Vec::new();
        for &(_, slot, id) in stores.iter().filter(|(s, ..)| *s == at) {
            slots.push((self.store_position(slot, id, at, &ids, stores), slot, id));
        }
        let mut steps = Vec::with_capacity(ids.len() + slots.len());
        for position in 0..=ids.len() {
            steps.extend(
                slots
                    .iter()
                    .filter(|(p, ..)| *p == position)
                    .map(|&(_, slot, id)| Step::Store(slot, id)),
            );
            let Some(&id) = ids.get(position) else {
                continue;
            };
            if Some(id) != emitted || self.computed_in(id, at) {
                steps.push(Step::Compute(id));
            }
            if Some(id) == emitted {
                steps.push(Step::Emit(id));
            }
        }
        Segment { between, steps }
    }

    /// Whether a loop computes a value once: anew, if it is free.
    fn computed_in(&self, id: Id, at: usize) -> bool {
        self.free[id] || (self.in_loop(id) && self.place[id] == at)
    }

    /// Before which of the computed values a store can stand: when its value is there and nobody loads the old one.
    fn store_position(
        &self,
        slot: Slot,
        id: Id,
        at: usize,
        ids: &[Id],
        stores: &[(usize, Slot, Id)],
    ) -> usize {
        let loads = |user: Id| {
            let mut found = false;
            self.graph.nodes[user].operands(|a| found |= self.loads(a, slot));
            found
        };
        let in_store = stores
            .iter()
            .any(|&(s, other, value)| s == at && other != slot && self.loads(value, slot));
        if self.free[id] || in_store {
            return ids.len();
        }
        ids.iter()
            .rposition(|user| *user == id || loads(*user))
            .map_or(0, |p| p + 1)
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
