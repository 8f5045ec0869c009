//! Typed expressions: every name resolved, every type and dimension known.

use std::rc::Rc;

use dslsim_source::Span;
use dslsim_syntax::ast::CompareOp;
use dslsim_units::Dim;

use crate::functions::Function;
use crate::network::{ObjectId, ViewId};
use crate::variables::VarType;

/// Seen from a synapse: itself or one of its neurons. For neurons, always `Own`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// The object whose code it is.
    Own,
    /// The presynaptic neuron.
    Pre,
    /// The postsynaptic neuron.
    Post,
    /// The element that a linked variable stands for.
    Linked(ViewId),
}

/// An array of values over time: `TimedArray(…)`.
#[derive(Clone, Debug, PartialEq)]
pub struct Timed {
    /// Its name, for people.
    pub name: Rc<str>,
    /// The number of its array of values in the simulation.
    pub array: u32,
    /// Number of time steps.
    pub rows: usize,
    /// Number of values in each step, if there are several.
    pub columns: Option<usize>,
    /// The length of a step, in seconds.
    pub dt: f64,
}

impl Timed {
    /// Whether `I(t)` stays the same during each step of a clock.
    pub fn is_steady(&self, dt: f64) -> bool {
        let ratio = self.dt / dt;
        dt <= self.dt && ratio.floor() == ratio
    }
}

/// What a name stands for.
#[derive(Clone, Debug, PartialEq)]
pub enum Leaf {
    /// A stored variable.
    State {
        /// Seen from where.
        side: Side,
        /// The object that has it.
        object: ObjectId,
        /// Its name there.
        name: Rc<str>,
        /// One value for the whole object.
        shared: bool,
    },
    /// A subexpression: its right-hand side, in terms of its object's own variables seen from `side`.
    Subexpression {
        /// Its name, with suffix if it was written with one.
        name: Rc<str>,
        /// Its right-hand side; all leaves already seen from here.
        value: Rc<TExpr>,
    },
    /// `i` (or `j`): number of the element, in the part of the group that the object sees.
    Index(Side),
    /// `N`, `N_pre`, `N_post`
    Count(Side),
    /// `t`
    Time,
    /// `dt`
    Dt,
    /// `t_in_timesteps`
    TimeStep,
    /// `xi`, `xi_name`
    Noise(Rc<str>),
    /// A name of the surrounding program.
    External(Rc<str>, f64),
    /// A temporary variable of the statements before.
    Local(Rc<str>),
}

/// Arithmetic on numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Arith {
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `*`
    Mul,
    /// `/`
    Div,
    /// `//`
    FloorDiv,
    /// `%`
    Mod,
    /// `**`
    Pow,
}

/// The kinds of typed expressions.
#[derive(Clone, Debug, PartialEq)]
pub enum TKind {
    /// A number, or a unit.
    Number(f64),
    /// `True`, `False`
    Truth(bool),
    /// A name.
    Leaf(Leaf),
    /// `-a`
    Neg(Box<TExpr>),
    /// `not a`
    Not(Box<TExpr>),
    /// Arithmetic.
    Arith(Arith, Box<TExpr>, Box<TExpr>),
    /// A comparison (one of the six orderings).
    Compare(CompareOp, Box<TExpr>, Box<TExpr>),
    /// `a and b`
    And(Box<TExpr>, Box<TExpr>),
    /// `a or b`
    Or(Box<TExpr>, Box<TExpr>),
    /// `value if condition else otherwise`: condition, value, otherwise.
    IfElse(Box<TExpr>, Box<TExpr>, Box<TExpr>),
    /// A function.
    Call(Function, Vec<TExpr>),
    /// The value of a timed array: the time, and for two dimensions the column.
    Timed(Rc<Timed>, Vec<TExpr>),
    /// Something wrong that has been told already.
    Poison,
}

/// A typed expression.
#[derive(Clone, Debug, PartialEq)]
pub struct TExpr {
    /// What it is.
    pub kind: TKind,
    /// Its type.
    pub ty: VarType,
    /// Its dimension.
    pub dim: Dim,
    /// Its place.
    pub span: Span,
}

impl TExpr {
    /// Something wrong that has been told already: fits everywhere.
    pub fn poison(span: Span) -> Self {
        TExpr {
            kind: TKind::Poison,
            ty: VarType::Float,
            dim: Dim::NONE,
            span,
        }
    }

    /// Whether it is poison.
    pub fn is_poison(&self) -> bool {
        matches!(self.kind, TKind::Poison)
    }

    /// Whether it is a literal zero, which fits any unit.
    pub fn is_zero(&self) -> bool {
        match &self.kind {
            TKind::Number(x) => *x == 0.0,
            TKind::Neg(a) => a.is_zero(),
            _ => false,
        }
    }

    /// Calls `f` for this and all expressions in it, subexpressions included.
    pub fn visit(&self, f: &mut impl FnMut(&TExpr)) {
        f(self);
        match &self.kind {
            TKind::Leaf(Leaf::Subexpression { value, .. }) => value.visit(f),
            TKind::Neg(a) | TKind::Not(a) => a.visit(f),
            TKind::Arith(_, a, b)
            | TKind::Compare(_, a, b)
            | TKind::And(a, b)
            | TKind::Or(a, b) => {
                a.visit(f);
                b.visit(f);
            }
            TKind::IfElse(a, b, c) => {
                a.visit(f);
                b.visit(f);
                c.visit(f);
            }
            TKind::Call(_, args) | TKind::Timed(_, args) => args.iter().for_each(|a| a.visit(f)),
            TKind::Number(_) | TKind::Truth(_) | TKind::Leaf(_) | TKind::Poison => {}
        }
    }

    /// Calls `f` for all expressions in this and then for this, in the order in which they are evaluated.
    pub fn visit_operands_first(&self, f: &mut impl FnMut(&TExpr)) {
        match &self.kind {
            TKind::Leaf(Leaf::Subexpression { value, .. }) => value.visit_operands_first(f),
            TKind::Neg(a) | TKind::Not(a) => a.visit_operands_first(f),
            TKind::Arith(_, a, b)
            | TKind::Compare(_, a, b)
            | TKind::And(a, b)
            | TKind::Or(a, b) => {
                a.visit_operands_first(f);
                b.visit_operands_first(f);
            }
            TKind::IfElse(a, b, c) => {
                a.visit_operands_first(f);
                b.visit_operands_first(f);
                c.visit_operands_first(f);
            }
            TKind::Call(_, args) | TKind::Timed(_, args) => {
                args.iter().for_each(|a| a.visit_operands_first(f));
            }
            TKind::Number(_) | TKind::Truth(_) | TKind::Leaf(_) | TKind::Poison => {}
        }
        f(self);
    }

    /// The value, if it is made of numbers and names of the surrounding program only.
    pub fn constant(&self) -> Option<f64> {
        Some(match &self.kind {
            TKind::Number(x) | TKind::Leaf(Leaf::External(_, x)) => *x,
            TKind::Neg(a) => -a.constant()?,
            TKind::Arith(op, a, b) => {
                let (a, b) = (a.constant()?, b.constant()?);
                match op {
                    Arith::Add => a + b,
                    Arith::Sub => a - b,
                    Arith::Mul => a * b,
                    Arith::Div => a / b,
                    Arith::FloorDiv => (a / b).floor(),
                    Arith::Mod => a - b * (a / b).floor(),
                    Arith::Pow => a.powf(b),
                }
            }
            _ => return None,
        })
    }
}

/// What a statement writes.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// A stored variable.
    State {
        /// Seen from where.
        side: Side,
        /// The object that has it.
        object: ObjectId,
        /// Its name there.
        name: Rc<str>,
        /// One value for the whole object.
        shared: bool,
        /// Written only where the neuron is not refractory.
        unless_refractory: bool,
    },
    /// A temporary variable.
    Local(Rc<str>),
}

/// A typed statement: `target = value`; updates (`+=`) are written out.
#[derive(Clone, Debug, PartialEq)]
pub struct TStatement {
    /// What it writes.
    pub target: Target,
    /// The type of what it writes.
    pub ty: VarType,
    /// The value.
    pub value: TExpr,
    /// Whether it is an update (`+=`): the value is an operation whose left operand is what is updated.
    pub update: bool,
    /// The whole statement.
    pub span: Span,
}
