//! The work of a segment as straight-line code over values.
//!
//! A truth value is a *flag* where everybody who uses it can take one: a bit for each lane, in a register of its own kind. Else it is a
//! vector whose lanes have all bits one or zero.

use dslsim_ir::kernel::{Binary, Compare, IndexSlot, Slot, Unary};

use super::assembler::{Logic, Predicate, Two};
use crate::abi::{Layout, Splat};
use crate::strip::Plan;
use crate::strip::graph::{Id, Node};
use crate::strip::schedule::{Home, Segment, Step};

/// A value: the place of what makes it, among the values.
pub(super) type Value = usize;

/// Eight lanes in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Memory {
    Array(Slot),
    Scratch(usize),
}

/// One double for all lanes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Invariant {
    Const(u64),
    /// By its offset in the table of scalars.
    Scalar(i32),
    /// The only element of an array.
    Only(Slot),
}

/// The last operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    Value(Value),
    Memory(Memory),
    Invariant(Invariant),
}

/// What makes a value, or writes one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Op {
    Load(Value, Memory),
    Broadcast(Value, Invariant),
    Two(Two, Value, Value, Source),
    Sqrt(Value, Source),
    Round(Value, Source, u8),
    Compare(Predicate, Value, Value, Source),
    /// Result, condition, and the values where it holds and where not.
    Select(Value, Value, Value, Source),
    Element(Value),
    Entries(Value, IndexSlot),
    Gather(Value, Slot, IndexSlot),
    /// A comparison into a flag.
    Test(Predicate, Value, Value, Source),
    Logic(Logic, Value, Value, Value),
    Opposite(Value, Value),
    /// The flag of a truth value that is a vector.
    Flag(Value, Value),
    /// The other way round.
    Spread(Value, Value),
    /// The flag of who is in a set.
    Bits(Value, Slot),
    /// Result, flag, the value where it does not hold, and where it does.
    Choose(Value, Value, Value, Source),
    /// The number where the flag holds, elsewhere 0.
    Where(Value, Value, Source),
    Store(Memory, Value),
    /// Appends the numbers of the lanes of a flag.
    Emit(Value),
}

impl Op {
    pub(super) fn result(&self) -> Option<Value> {
        match *self {
            Op::Load(v, _)
            | Op::Broadcast(v, _)
            | Op::Two(_, v, ..)
            | Op::Sqrt(v, _)
            | Op::Round(v, ..)
            | Op::Compare(_, v, ..)
            | Op::Select(v, ..)
            | Op::Element(v)
            | Op::Entries(v, _)
            | Op::Gather(v, ..)
            | Op::Test(_, v, ..)
            | Op::Logic(_, v, ..)
            | Op::Opposite(v, _)
            | Op::Flag(v, _)
            | Op::Spread(v, _)
            | Op::Bits(v, _)
            | Op::Choose(v, ..)
            | Op::Where(v, ..) => Some(v),
            Op::Store(..) | Op::Emit(_) => None,
        }
    }

    /// Whether its result is a flag.
    pub(super) fn makes_flag(&self) -> bool {
        matches!(
            self,
            Op::Test(..) | Op::Logic(..) | Op::Opposite(..) | Op::Flag(..) | Op::Bits(..)
        )
    }

    fn source_mut(&mut self) -> Option<&mut Source> {
        match self {
            Op::Two(.., s)
            | Op::Sqrt(_, s)
            | Op::Round(_, s, _)
            | Op::Compare(.., s)
            | Op::Test(.., s)
            | Op::Choose(.., s)
            | Op::Where(.., s)
            | Op::Select(.., s) => Some(s),
            _ => None,
        }
    }

    pub(super) fn source(&self) -> Option<Source> {
        let mut op = *self;
        op.source_mut().copied()
    }

    /// The values that must be in registers.
    pub(super) fn uses(&self) -> impl Iterator<Item = Value> + use<> {
        let (a, b) = match *self {
            Op::Two(_, _, a, _)
            | Op::Compare(_, _, a, _)
            | Op::Test(_, _, a, _)
            | Op::Opposite(_, a)
            | Op::Flag(_, a)
            | Op::Spread(_, a)
            | Op::Where(_, a, _)
            | Op::Emit(a)
            | Op::Store(_, a) => (Some(a), None),
            Op::Select(_, a, b, _) | Op::Choose(_, a, b, _) | Op::Logic(_, _, a, b) => {
                (Some(a), Some(b))
            }
            _ => (None, None),
        };
        let last = match self.source() {
            Some(Source::Value(v)) => Some(v),
            _ => None,
        };
        [a, b, last].into_iter().flatten()
    }
}

/// The code of a segment.
#[derive(Debug, Default)]
pub(super) struct Code {
    pub(super) ops: Vec<Op>,
    /// Number of values.
    pub(super) values: usize,
    /// Whether it emits.
    pub(super) emits: bool,
    /// Invariants that stay in registers, as values; no operation makes them.
    pub(super) kept: Vec<(Invariant, Value)>,
}

struct Builder<'a> {
    plan: &'a Plan,
    layout: &'a mut Layout,
    code: Code,
    known: Vec<Option<Value>>,
    /// Which truth values are flags.
    flags: Vec<bool>,
}

/// Truth values that can be flags: made by comparisons and logic, kept nowhere but in registers, used by who can take a flag.
fn flags(plan: &Plan) -> Vec<bool> {
    let graph = &plan.graph;
    let mut flags: Vec<bool> = graph
        .nodes
        .iter()
        .zip(&plan.schedule.home)
        .map(|(node, home)| {
            *home == Home::None
                && matches!(
                    node,
                    Node::Compare(..)
                        | Node::IsTrue(_)
                        | Node::And(..)
                        | Node::Or(..)
                        | Node::Not(_)
                        | Node::Bit(_)
                )
        })
        .collect();
    loop {
        let before = flags.iter().filter(|f| **f).count();
        for (id, node) in graph
            .nodes
            .iter()
            .enumerate()
            .filter(|(k, _)| graph.live[*k])
        {
            match *node {
                Node::And(x, y) | Node::Or(x, y) => {
                    let all = flags[id] && flags[x] && flags[y];
                    (flags[id], flags[x], flags[y]) = (all, all && flags[x], all && flags[y]);
                }
                Node::Not(x) => {
                    let all = flags[id] && flags[x];
                    (flags[id], flags[x]) = (all, all);
                }
                Node::Select(_, x, y) => (flags[x], flags[y]) = (false, false),
                Node::ToNum(_) => {}
                ref other => other.operands(|a| flags[a] = false),
            }
        }
        if flags.iter().filter(|f| **f).count() == before {
            return flags;
        }
    }
}

/// The code of a segment, with these invariants in registers, and with flags or without; `None` if it does what only the two-lane
/// loop can.
pub(super) fn build(
    plan: &Plan,
    segment: &Segment,
    layout: &mut Layout,
    keep: &[Invariant],
    with_flags: bool,
) -> Option<Code> {
    let mut b = Builder {
        plan,
        layout,
        code: Code::default(),
        known: vec![None; plan.graph.nodes.len()],
        flags: if with_flags {
            flags(plan)
        } else {
            vec![false; plan.graph.nodes.len()]
        },
    };
    for invariant in keep {
        let value = b.fresh();
        b.code.kept.push((*invariant, value));
    }
    let mut rest = segment.steps.as_slice();
    while let [first, others @ ..] = rest {
        match *first {
            Step::Compute(id) => {
                let value = b.operation(id)?;
                b.known[id] = Some(value);
                if let Home::Scratch(buffer) = plan.schedule.home[id] {
                    b.code.ops.push(Op::Store(Memory::Scratch(buffer), value));
                }
                rest = others;
            }
            Step::Emit(id) => {
                let mut value = b.value(id)?;
                if !b.flags[id] {
                    value = b.make(|v| Op::Flag(v, value));
                }
                b.code.ops.push(Op::Emit(value));
                b.code.emits = true;
                rest = others;
            }
            Step::Store(..) => {
                // All values first: one store may overwrite what another one's value is loaded from.
                let count = rest
                    .iter()
                    .take_while(|s| matches!(s, Step::Store(..)))
                    .count();
                let (stores, after) = rest.split_at(count);
                let mut values = Vec::with_capacity(count);
                for step in stores {
                    if let Step::Store(slot, id) = *step {
                        values.push((slot, b.value(id)?));
                    }
                }
                for (slot, value) in values {
                    b.layout.touch(slot, true);
                    b.code.ops.push(Op::Store(Memory::Array(slot), value));
                }
                rest = after;
            }
        }
    }
    b.code.fold_loads();
    Some(b.code)
}

impl Builder<'_> {
    fn fresh(&mut self) -> Value {
        self.code.values += 1;
        self.code.values - 1
    }

    fn make(&mut self, op: impl FnOnce(Value) -> Op) -> Value {
        let value = self.fresh();
        self.code.ops.push(op(value));
        value
    }

    fn invariant(&mut self, id: Id) -> Option<Invariant> {
        Some(match self.plan.graph.nodes[id] {
            Node::Const(bits) => Invariant::Const(bits),
            Node::Mask(truth) => Invariant::Const(if truth { u64::MAX } else { 0 }),
            Node::Scalar(slot) => Invariant::Scalar(self.layout.splat(Splat::Num(slot))),
            Node::ScalarMask(slot) => Invariant::Scalar(self.layout.splat(Splat::Mask(slot))),
            Node::LoadOnly(slot) => Invariant::Only(slot),
            _ => return None,
        })
    }

    fn kept(&self, invariant: Invariant) -> Option<Value> {
        self.code
            .kept
            .iter()
            .find(|(i, _)| *i == invariant)
            .map(|(_, v)| *v)
    }

    /// An invariant as an operand.
    fn spread(&self, invariant: Invariant) -> Source {
        self.kept(invariant)
            .map_or(Source::Invariant(invariant), Source::Value)
    }

    fn source(&mut self, id: Id) -> Option<Source> {
        match self.invariant(id) {
            Some(invariant) => Some(self.spread(invariant)),
            None => self.value(id).map(Source::Value),
        }
    }

    /// A value in a register.
    fn value(&mut self, id: Id) -> Option<Value> {
        if let Some(invariant) = self.invariant(id) {
            // Made again for each use: it is one load, and registers are few.
            let kept = self.kept(invariant);
            return Some(kept.unwrap_or_else(|| self.make(|v| Op::Broadcast(v, invariant))));
        }
        if let Some(value) = self.known[id] {
            return Some(value);
        }
        let value = match self.plan.schedule.home[id] {
            _ if self.plan.schedule.free[id] => self.operation(id)?,
            Home::Array(slot) => self.load(slot),
            Home::Scratch(buffer) => self.make(|v| Op::Load(v, Memory::Scratch(buffer))),
            Home::None => self.operation(id)?,
        };
        self.known[id] = Some(value);
        Some(value)
    }

    fn load(&mut self, slot: Slot) -> Value {
        self.layout.touch(slot, false);
        self.make(|v| Op::Load(v, Memory::Array(slot)))
    }

    fn two(&mut self, op: Two, x: Id, y: Id) -> Option<Value> {
        let (x, y) = if op.commutes() && self.invariant(x).is_some() {
            (y, x)
        } else {
            (x, y)
        };
        let x = self.value(x)?;
        let y = self.source(y)?;
        Some(self.make(|v| Op::Two(op, v, x, y)))
    }

    fn with_bits(&mut self, op: Two, a: Id, bits: u64) -> Option<Value> {
        let a = self.value(a)?;
        let bits = self.spread(Invariant::Const(bits));
        Some(self.make(|v| Op::Two(op, v, a, bits)))
    }

    fn operation(&mut self, id: Id) -> Option<Value> {
        let sign = (-0.0_f64).to_bits();
        match self.plan.graph.nodes[id] {
            Node::Const(_)
            | Node::Mask(_)
            | Node::Scalar(_)
            | Node::ScalarMask(_)
            | Node::LoadOnly(_) => {
                let invariant = self.invariant(id)?;
                Some(match self.kept(invariant) {
                    Some(value) => value,
                    None => self.make(|v| Op::Broadcast(v, invariant)),
                })
            }
            Node::Element => Some(self.make(Op::Element)),
            Node::Index(index) => Some(self.make(|v| Op::Entries(v, index))),
            Node::Load(slot) => Some(self.load(slot)),
            Node::Bit(slot) => {
                self.layout.set(slot);
                let flag = self.make(|v| Op::Bits(v, slot));
                if self.flags[id] {
                    return Some(flag);
                }
                Some(self.make(|v| Op::Spread(v, flag)))
            }
            Node::Gather(slot, index) => Some(self.make(|v| Op::Gather(v, slot, index))),
            Node::Unary(Unary::Neg, a) => self.with_bits(Two::Xor, a, sign),
            Node::Unary(Unary::Abs, a) => self.with_bits(Two::And, a, !sign),
            Node::Unary(op, a) => {
                let a = self.source(a)?;
                let mode = match op {
                    Unary::Floor => 1,
                    Unary::Ceil => 2,
                    Unary::Trunc => 3,
                    Unary::Round => 0,
                    Unary::Sqrt => return Some(self.make(|v| Op::Sqrt(v, a))),
                    Unary::Neg | Unary::Abs => return None,
                };
                Some(self.make(|v| Op::Round(v, a, mode)))
            }
            Node::Binary(op, x, y) => match op {
                Binary::Add => self.two(Two::Add, x, y),
                Binary::Sub => self.two(Two::Sub, x, y),
                Binary::Mul => self.two(Two::Mul, x, y),
                Binary::Div => self.two(Two::Div, x, y),
                // `y < x ? y : x`, and `x < y ? y : x`: the instructions give the second operand otherwise.
                Binary::Min => self.two(Two::Min, y, x),
                Binary::Max => self.two(Two::Max, y, x),
                Binary::Mod => None,
            },
            Node::Compare(op, x, y) => {
                let predicate = match op {
                    Compare::Lt => Predicate::Less,
                    Compare::Le => Predicate::LessOrEqual,
                    Compare::Eq => Predicate::Equal,
                    Compare::Ne => Predicate::NotEqual,
                };
                let x = self.value(x)?;
                let y = self.source(y)?;
                Some(self.compared(id, predicate, x, y))
            }
            Node::And(x, y) if self.flags[id] => self.logic(Logic::And, x, y),
            Node::Or(x, y) if self.flags[id] => self.logic(Logic::Or, x, y),
            Node::Not(a) if self.flags[id] => {
                let a = self.value(a)?;
                Some(self.make(|v| Op::Opposite(v, a)))
            }
            Node::And(x, y) => self.two(Two::And, x, y),
            Node::Or(x, y) => self.two(Two::Or, x, y),
            Node::Not(a) => self.with_bits(Two::Xor, a, u64::MAX),
            Node::Select(c, x, y) if self.flags[c] => {
                let (c, y) = (self.value(c)?, self.value(y)?);
                let x = self.source(x)?;
                Some(self.make(|v| Op::Choose(v, c, y, x)))
            }
            Node::Select(c, x, y) => {
                let (c, x) = (self.value(c)?, self.value(x)?);
                let y = self.source(y)?;
                Some(self.make(|v| Op::Select(v, c, x, y)))
            }
            Node::ToNum(a) if self.flags[a] => {
                let a = self.value(a)?;
                let one = self.spread(Invariant::Const(1.0_f64.to_bits()));
                Some(self.make(|v| Op::Where(v, a, one)))
            }
            Node::ToNum(a) => self.with_bits(Two::And, a, 1.0_f64.to_bits()),
            Node::IsTrue(a) => {
                let a = self.value(a)?;
                let zero = self.spread(Invariant::Const(0));
                Some(self.compared(id, Predicate::NotEqual, a, zero))
            }
            Node::Lookup(..) | Node::Call(_) => None,
        }
    }

    fn compared(&mut self, id: Id, predicate: Predicate, x: Value, y: Source) -> Value {
        if self.flags[id] {
            self.make(|v| Op::Test(predicate, v, x, y))
        } else {
            self.make(|v| Op::Compare(predicate, v, x, y))
        }
    }

    fn logic(&mut self, op: Logic, x: Id, y: Id) -> Option<Value> {
        let (x, y) = (self.value(x)?, self.value(y)?);
        Some(self.make(|v| Op::Logic(op, v, x, y)))
    }
}

impl Code {
    /// Makes a load that is used once the operand of its user.
    fn fold_loads(&mut self) {
        let mut count = vec![0_usize; self.values];
        for op in &self.ops {
            for v in op.uses() {
                count[v] += 1;
            }
        }
        let mut gone = vec![false; self.ops.len()];
        for (at, gone) in gone.iter_mut().enumerate() {
            let Op::Load(value, memory) = self.ops[at] else {
                continue;
            };
            let user = self.ops[at + 1..]
                .iter()
                .position(|op| op.uses().any(|v| v == value));
            let (1, Some(user)) = (count[value], user) else {
                continue;
            };
            let between = &self.ops[at + 1..at + 1 + user];
            if between
                .iter()
                .any(|op| matches!(op, Op::Store(m, _) if *m == memory))
            {
                continue;
            }
            let op = &mut self.ops[at + 1 + user];
            if let Op::Two(two, _, first, last @ Source::Value(_)) = op
                && two.commutes()
                && *first == value
                && let Source::Value(other) = *last
            {
                *first = other;
                *last = Source::Value(value);
            }
            if let Some(source) = op.source_mut()
                && *source == Source::Value(value)
            {
                *source = Source::Memory(memory);
                *gone = true;
            }
        }
        let mut gone = gone.into_iter();
        self.ops.retain(|_| !gone.next().unwrap_or(false));
    }

    /// The invariants that stand in memory, most used first.
    pub(super) fn invariants(&self) -> Vec<Invariant> {
        let mut found: Vec<(Invariant, usize)> = Vec::new();
        for op in &self.ops {
            let invariant = match (*op, op.source()) {
                (Op::Broadcast(_, i), _) | (_, Some(Source::Invariant(i))) => i,
                _ => continue,
            };
            match found.iter_mut().find(|(i, _)| *i == invariant) {
                Some((_, n)) => *n += 1,
                None => found.push((invariant, 1)),
            }
        }
        found.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
        found.into_iter().map(|(i, _)| i).collect()
    }
}
