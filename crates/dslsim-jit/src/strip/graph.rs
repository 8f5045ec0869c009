//! The kernel as a graph of values: memory is resolved.
//!
//! In a kernel over all elements no element reads what another writes, so for one element an array is a variable: a load
//! sees the last store before it, and only the last value needs to be written. Masked stores become selections between
//! the new and the old value. What remains is pure: [`Node`]s, the final value of each written array, and
//! the condition of the emission. Equal nodes are one node; operands stand before their users; nodes that nobody needs are
//! marked dead.

use std::collections::HashMap;

use dslsim_ir::kernel::{
    Access, Binary, Compare, Fn1, Fn2, Fn3, IndexSlot, Inst, ScalarSlot, Slot, Type, Unary, Val,
    ValidKernel,
};

/// The place of a node in [`Graph::nodes`].
pub(crate) type Id = usize;

/// A call of a vector routine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Call {
    Fn1(Fn1, Id),
    Fn2(Fn2, Id, Id),
    Fn3(Fn3, Id, Id, Id),
    Mod(Id, Id),
}

/// A value. Truth values are masks: all bits of a lane are one or zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Node {
    /// The bits of a number.
    Const(u64),
    Mask(bool),
    Scalar(ScalarSlot),
    ScalarMask(ScalarSlot),
    Element,
    Index(IndexSlot),
    /// What the array holds before the kernel is executed.
    Load(Slot),
    LoadOnly(Slot),
    Gather(Slot, IndexSlot),
    /// Whether the element is in a set.
    Bit(Slot),
    /// The element of a table at a computed place.
    Lookup(Slot, Id),
    Unary(Unary, Id),
    /// Not the remainder: that is a call.
    Binary(Binary, Id, Id),
    Compare(Compare, Id, Id),
    And(Id, Id),
    Or(Id, Id),
    Not(Id),
    Select(Id, Id, Id),
    ToNum(Id),
    /// Whether a number is not 0.
    IsTrue(Id),
    Call(Call),
}

impl Node {
    /// Calls `f` with each operand.
    pub(crate) fn operands(&self, mut f: impl FnMut(Id)) {
        match *self {
            Node::Unary(_, a)
            | Node::Lookup(_, a)
            | Node::Not(a)
            | Node::ToNum(a)
            | Node::IsTrue(a)
            | Node::Call(Call::Fn1(_, a)) => f(a),
            Node::Binary(_, a, b) | Node::Compare(_, a, b) | Node::And(a, b) | Node::Or(a, b) => {
                f(a);
                f(b);
            }
            Node::Call(Call::Fn2(_, a, b) | Call::Mod(a, b)) => {
                f(a);
                f(b);
            }
            Node::Select(a, b, c) | Node::Call(Call::Fn3(_, a, b, c)) => {
                f(a);
                f(b);
                f(c);
            }
            Node::Const(_)
            | Node::Mask(_)
            | Node::Scalar(_)
            | Node::ScalarMask(_)
            | Node::Element => {}
            Node::Index(_)
            | Node::Load(_)
            | Node::LoadOnly(_)
            | Node::Gather(..)
            | Node::Bit(_) => {}
        }
    }

    /// Whether it is the same for all elements, and one load away.
    pub(crate) fn is_invariant(&self) -> bool {
        matches!(self, Node::Const(_) | Node::Scalar(_) | Node::LoadOnly(_))
    }

    /// Whether it has no operands and costs next to nothing.
    pub(crate) fn is_leaf(&self) -> bool {
        self.is_invariant()
            || matches!(
                self,
                Node::Mask(_) | Node::ScalarMask(_) | Node::Element | Node::Load(_)
            )
    }

    /// Whether, over leaves, it is as cheap to compute again as to load.
    pub(crate) fn is_cheap(&self) -> bool {
        match self {
            Node::Unary(op, _) => matches!(op, Unary::Neg | Unary::Abs),
            Node::Binary(op, ..) => *op != Binary::Div,
            Node::Compare(..)
            | Node::And(..)
            | Node::Or(..)
            | Node::Not(_)
            | Node::ToNum(_)
            | Node::IsTrue(_) => true,
            _ => false,
        }
    }
}

/// A kernel without memory.
#[derive(Debug, Default)]
pub(crate) struct Graph {
    pub nodes: Vec<Node>,
    /// Whether a node is needed.
    pub live: Vec<bool>,
    /// The final value (a number) of each array that the kernel changes.
    pub stores: Vec<(Slot, Id)>,
    /// Which elements are emitted.
    pub emit: Option<Id>,
}

struct Builder {
    graph: Graph,
    known: HashMap<Node, Id>,
    truth: Vec<bool>,
    current: Vec<(Slot, Id)>,
}

/// The graph of a kernel; `None` if an array of one element is written and also read as such.
pub(crate) fn build(kernel: &ValidKernel) -> Option<Graph> {
    let insts = &kernel.kernel().insts;
    let mut b = Builder {
        graph: Graph::default(),
        known: HashMap::new(),
        truth: Vec::new(),
        current: Vec::new(),
    };
    let mut ids: Vec<Id> = Vec::with_capacity(insts.len());
    for (at, inst) in insts.iter().enumerate() {
        let truth = kernel.types().get(at) == Some(&Type::Bool);
        let of = |v: Val| ids[v.0 as usize];
        let id = match *inst {
            Inst::Load(slot, access) | Inst::LoadBool(slot, access) => {
                let id = match access {
                    Access::Element | Access::Position => b.held(slot),
                    Access::Only if kernel.kernel().arrays[slot.0 as usize].written => return None,
                    Access::Only => b.add(Node::LoadOnly(slot), false),
                    Access::Via(table) => b.add(Node::Gather(slot, table), false),
                };
                if truth { b.mask(id) } else { b.number(id) }
            }
            Inst::Store {
                slot,
                access,
                value,
                mask,
            } => {
                if !matches!(access, Access::Element | Access::Position) {
                    return None;
                }
                let mut new = of(value);
                if let Some(mask) = mask {
                    let mut old = b.held(slot);
                    let both = b.truth[new] && b.truth[old];
                    if !both {
                        (new, old) = (b.number(new), b.number(old));
                    }
                    new = b.add(Node::Select(of(mask), new, old), both);
                }
                b.current.retain(|(s, _)| *s != slot);
                b.current.push((slot, new));
                new
            }
            Inst::Emit(condition) => {
                b.graph.emit = Some(of(condition));
                of(condition)
            }
            ref pure => {
                let node = pure_node(pure, of)?;
                b.add(node, truth)
            }
        };
        ids.push(id);
    }
    for (slot, id) in std::mem::take(&mut b.current) {
        let id = b.number(id);
        if b.graph.nodes[id] != Node::Load(slot) {
            b.graph.stores.push((slot, id));
        }
    }
    let mut graph = b.graph;
    graph.mark();
    Some(graph)
}

impl Builder {
    fn add(&mut self, node: Node, truth: bool) -> Id {
        if let Some(id) = self.known.get(&node) {
            return *id;
        }
        let id = self.graph.nodes.len();
        self.graph.nodes.push(node);
        self.truth.push(truth);
        self.known.insert(node, id);
        id
    }

    /// What an array holds at this point: a number or a truth value.
    fn held(&mut self, slot: Slot) -> Id {
        match self.current.iter().find(|(s, _)| *s == slot) {
            Some((_, id)) => *id,
            None => self.add(Node::Load(slot), false),
        }
    }

    fn number(&mut self, id: Id) -> Id {
        if self.truth[id] {
            self.add(Node::ToNum(id), false)
        } else {
            id
        }
    }

    fn mask(&mut self, id: Id) -> Id {
        if self.truth[id] {
            id
        } else {
            self.add(Node::IsTrue(id), true)
        }
    }
}

/// Instructions that neither load nor have an effect.
fn pure_node(inst: &Inst, of: impl Fn(Val) -> Id) -> Option<Node> {
    Some(match *inst {
        Inst::Const(x) => Node::Const(x.to_bits()),
        Inst::Bool(x) => Node::Mask(x),
        Inst::Scalar(s) => Node::Scalar(s),
        Inst::ScalarBool(s) => Node::ScalarMask(s),
        Inst::Element => Node::Element,
        Inst::Index(table) => Node::Index(table),
        Inst::Bit(slot) => Node::Bit(slot),
        Inst::Lookup(slot, a) => Node::Lookup(slot, of(a)),
        Inst::Unary(op, a) => Node::Unary(op, of(a)),
        Inst::Binary(Binary::Mod, x, y) => Node::Call(Call::Mod(of(x), of(y))),
        Inst::Binary(op, x, y) => Node::Binary(op, of(x), of(y)),
        Inst::Math1(f, x) => Node::Call(Call::Fn1(f, of(x))),
        Inst::Math2(f, x, y) => Node::Call(Call::Fn2(f, of(x), of(y))),
        Inst::Math3(f, x, y, z) => Node::Call(Call::Fn3(f, of(x), of(y), of(z))),
        Inst::Compare(op, x, y) => Node::Compare(op, of(x), of(y)),
        Inst::And(x, y) => Node::And(of(x), of(y)),
        Inst::Or(x, y) => Node::Or(of(x), of(y)),
        Inst::Not(x) => Node::Not(of(x)),
        Inst::Select(c, x, y) => Node::Select(of(c), of(x), of(y)),
        Inst::ToNum(x) => Node::ToNum(of(x)),
        Inst::Load(..) | Inst::LoadBool(..) | Inst::Store { .. } | Inst::Emit(_) => return None,
    })
}

impl Graph {
    fn mark(&mut self) {
        self.live = vec![false; self.nodes.len()];
        for id in self.stores.iter().map(|(_, id)| *id).chain(self.emit) {
            self.live[id] = true;
        }
        for id in (0..self.nodes.len()).rev() {
            if self.live[id] {
                let (nodes, live) = (&self.nodes, &mut self.live);
                nodes[id].operands(|a| live[a] = true);
            }
        }
    }
}
