//! Syntax trees. Plain data; every node has its place.

use dslsim_source::{Span, Text};

/// A name and its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Ident {
    /// The name.
    pub name: String,
    /// Its place.
    pub span: Span,
}

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Its place, without enclosing parentheses.
    pub span: Span,
}

/// The kinds of expressions.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// `3`, `0x10`, `1_000`; too large for 64 bits is an error node and a diagnostic.
    Int(i64),
    /// `1.`, `.5`, `1e-3`
    Float(f64),
    /// `True`, `False`
    Bool(bool),
    /// `None`
    None,
    /// `'…'`, `r"…"`, `'''…'''`; adjacent literals joined.
    Str(Text),
    /// `f'…{expr:format}…'`
    FString(Vec<FPart>),
    /// A name.
    Name(String),
    /// `-a`, `+a`, `not a`, `~a`
    Unary(UnaryOp, Box<Expr>),
    /// `a + b`
    Binary(BinaryOp, Box<Expr>, Box<Expr>),
    /// `a < b`; more than one operator is a chained comparison.
    Compare(Box<Expr>, Vec<(CompareOp, Expr)>),
    /// `a and b`
    And(Box<Expr>, Box<Expr>),
    /// `a or b`
    Or(Box<Expr>, Box<Expr>),
    /// `value if condition else otherwise`
    IfElse {
        /// Taken if the condition holds.
        value: Box<Expr>,
        /// The condition.
        condition: Box<Expr>,
        /// Taken otherwise.
        otherwise: Box<Expr>,
    },
    /// `f(a, k=b)`
    Call(Box<Expr>, Vec<Arg>),
    /// `a.b`
    Attribute(Box<Expr>, Ident),
    /// `a[i]`, `a[i, j]`, `a[1:2]`
    Index(Box<Expr>, Vec<Subscript>),
    /// `[a, b]`
    List(Vec<Expr>),
    /// `(a, b)`, `a, b`
    Tuple(Vec<Expr>),
    /// `{'k': v}`
    Dict(Vec<(Expr, Expr)>),
    /// Something that could not be read; a diagnostic has been given.
    Error,
}

/// A part of an f-string.
#[derive(Clone, Debug, PartialEq)]
pub enum FPart {
    /// Characters as they stand.
    Text(Text),
    /// `{value:format}`
    Value(Expr, Option<String>),
}

/// An argument of a call.
#[derive(Clone, Debug, PartialEq)]
pub struct Arg {
    /// The keyword, if there is one.
    pub name: Option<Ident>,
    /// The value.
    pub value: Expr,
    /// The whole argument, keyword included.
    pub span: Span,
}

/// One entry between brackets.
#[derive(Clone, Debug, PartialEq)]
pub enum Subscript {
    /// `i`
    Index(Expr),
    /// `low:high:step`
    Slice {
        /// First, if given.
        low: Option<Expr>,
        /// One past the last, if given.
        high: Option<Expr>,
        /// Step, if given.
        step: Option<Expr>,
        /// Its place.
        span: Span,
    },
    /// `...`
    Ellipsis(Span),
}

/// `-a`, `+a`, `not a`, `~a`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UnaryOp {
    /// `-`
    Neg,
    /// `+`
    Plus,
    /// `not`
    Not,
    /// `~`
    Invert,
}

/// Arithmetic and bit operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BinaryOp {
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
    /// `@`
    MatMul,
    /// `&`
    BitAnd,
    /// `|`
    BitOr,
    /// `^`
    BitXor,
    /// `<<`
    ShiftLeft,
    /// `>>`
    ShiftRight,
}

/// Comparisons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CompareOp {
    /// `<`
    Lt,
    /// `<=`
    Le,
    /// `>`
    Gt,
    /// `>=`
    Ge,
    /// `==`
    Eq,
    /// `!=`
    Ne,
    /// `in`
    In,
    /// `not in`
    NotIn,
    /// `is`
    Is,
    /// `is not`
    IsNot,
}

/// The operator of an assignment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AssignOp {
    /// `=`
    Set,
    /// `+=`, `-=`, `*=`, `/=`, `//=`, `%=`, `**=`
    Update(BinaryOp),
}

/// A statement of a model file.
#[derive(Clone, Debug, PartialEq)]
pub struct FileStatement {
    /// What it is.
    pub kind: FileStatementKind,
    /// Its place.
    pub span: Span,
}

/// The kinds of statements of a model file.
#[derive(Clone, Debug, PartialEq)]
pub enum FileStatementKind {
    /// `import numpy as np`, `from brian2 import *`: `(module, asname, names)`
    Import(Import),
    /// `%matplotlib inline`, `%%time`, `!ls` lines: no effect.
    Magic,
    /// `a = b = value` (several targets), `a, b = value`, `G.v[0] = value`
    Assign {
        /// Targets from left to right; each a name, attribute, index, tuple or list of those.
        targets: Vec<Expr>,
        /// The value.
        value: Expr,
    },
    /// `a += value`
    Update {
        /// A name, attribute or index.
        target: Expr,
        /// The operator.
        op: BinaryOp,
        /// The value.
        value: Expr,
    },
    /// A call or another expression on its own.
    Expr(Expr),
    /// `pass`
    Pass,
    /// Could not be read, or is Python that a model file does not have (`for`, `def`, …); a diagnostic has been given.
    Error,
}

/// An import.
#[derive(Clone, Debug, PartialEq)]
pub struct Import {
    /// `numpy`, `matplotlib.pyplot`, …
    pub module: Ident,
    /// `as np`
    pub alias: Option<Ident>,
    /// For `from … import`: names with their aliases; `*` stands as a name.
    pub names: Option<Vec<(Ident, Option<Ident>)>>,
}

/// A model file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct File {
    /// From top to bottom.
    pub statements: Vec<FileStatement>,
}

/// A statement inside a string: `v = vr`, `w += b` (reset, on_pre, run_regularly, …).
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// The variable on the left.
    pub target: Ident,
    /// The operator.
    pub op: AssignOp,
    /// The right-hand side.
    pub value: Expr,
    /// The whole statement.
    pub span: Span,
}

/// One equation of a model string.
#[derive(Clone, Debug, PartialEq)]
pub struct Equation {
    /// The variable.
    pub name: Ident,
    /// Which of the three forms.
    pub form: EquationForm,
    /// The unit slot after `:`.
    pub unit: UnitSlot,
    /// `(unless refractory)`, `(constant, shared)`: each flag with its place, inner blanks made single.
    pub flags: Vec<Ident>,
    /// The whole equation.
    pub span: Span,
}

/// The forms of an equation.
#[derive(Clone, Debug, PartialEq)]
pub enum EquationForm {
    /// `dx/dt = expr : unit`
    Differential(Expr),
    /// `x = expr : unit`
    Subexpression(Expr),
    /// `x : unit`
    Parameter,
}

/// What stands after the colon of an equation.
#[derive(Clone, Debug, PartialEq)]
pub struct UnitSlot {
    /// What it says.
    pub kind: UnitSlotKind,
    /// Its place.
    pub span: Span,
}

/// The contents of a unit slot.
#[derive(Clone, Debug, PartialEq)]
pub enum UnitSlotKind {
    /// `boolean`
    Boolean,
    /// `integer`
    Integer,
    /// `1`, `volt/second**0.5`: an expression of names, numbers, `*`, `/`, `**`, unary minus.
    Unit(Expr),
    /// Could not be read; a diagnostic has been given.
    Error,
}

/// What `connect(j='…')` says.
#[derive(Clone, Debug, PartialEq)]
pub struct Generator {
    /// The index, e.g. `i+k`.
    pub element: Expr,
    /// `for k in range(…)` or `sample(…)`
    pub iteration: Option<Iteration>,
    /// `if condition`
    pub condition: Option<Expr>,
    /// The whole string.
    pub span: Span,
}

/// `for k in range(low, high, step)`, `for k in sample(low, high, step, p=…)`
#[derive(Clone, Debug, PartialEq)]
pub struct Iteration {
    /// The loop variable.
    pub variable: Ident,
    /// `range` or `sample`, or what else is written there.
    pub function: Ident,
    /// Its arguments.
    pub args: Vec<Arg>,
}
