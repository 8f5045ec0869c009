//! Types and dimensions of expressions and statements.
//!
//! A mistake is told once: what contains it becomes poison, which fits everywhere.

mod calls;
mod convert;
mod names;
mod operators;
mod statements;

use std::collections::HashMap;

use dslsim_source::{Diagnostic, Diagnostics, Span};
use dslsim_syntax::ast::{Expr, ExprKind};
use dslsim_units::Dim;

use crate::expr::{Leaf, Side, TExpr, TKind};
use crate::network::ObjectId;
use crate::scope::Scope;
use crate::variables::VarType;

pub use convert::{convert, way_out};

/// What the code may contain.
#[derive(Clone, Copy, Debug, Default)]
pub struct Allowed {
    /// `xi`: only right-hand sides of differential equations.
    pub noise: bool,
    /// `rand()` and its like: not in subexpressions that are evaluated at each use.
    pub random: bool,
}

/// Reads expressions of one object's code.
pub struct Typer<'a, 'd> {
    scope: Scope<'a>,
    /// The object whose variables plain names are, and from where it is seen.
    object: ObjectId,
    side: Side,
    allowed: Allowed,
    locals: HashMap<String, (VarType, Dim)>,
    /// Subexpressions being read, against endless recursion.
    open: Vec<(ObjectId, String)>,
    /// How many subexpressions have been written out.
    expansions: usize,
    /// Iteration variables and the like, with their types.
    extra: HashMap<String, (VarType, Dim)>,
    diagnostics: &'d mut Diagnostics,
}

impl<'a, 'd> Typer<'a, 'd> {
    /// A reader of code of `scope.object`.
    pub fn new(scope: Scope<'a>, allowed: Allowed, diagnostics: &'d mut Diagnostics) -> Self {
        Typer {
            scope,
            object: scope.object,
            side: Side::Own,
            allowed,
            locals: HashMap::new(),
            open: Vec::new(),
            expansions: 0,
            extra: HashMap::new(),
            diagnostics,
        }
    }

    /// Makes a name known as a temporary integer (the variable of a generator).
    pub fn declare_integer(&mut self, name: &str) {
        self.extra
            .insert(name.to_owned(), (VarType::Integer, Dim::NONE));
    }

    fn say(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// Types an expression.
    pub fn expr(&mut self, e: &Expr) -> TExpr {
        match &e.kind {
            ExprKind::Int(n) => TExpr {
                kind: TKind::Number(*n as f64),
                ty: VarType::Integer,
                dim: Dim::NONE,
                span: e.span,
            },
            ExprKind::Float(x) => TExpr {
                kind: TKind::Number(*x),
                ty: VarType::Float,
                dim: Dim::NONE,
                span: e.span,
            },
            ExprKind::Bool(b) => TExpr {
                kind: TKind::Truth(*b),
                ty: VarType::Boolean,
                dim: Dim::NONE,
                span: e.span,
            },
            ExprKind::Name(name) => self.name(name, e.span),
            ExprKind::Unary(op, a) => self.unary(*op, a, e.span),
            ExprKind::Binary(op, a, b) => self.binary(*op, a, b, e.span),
            ExprKind::Compare(a, rest) => self.compare(a, rest, e.span),
            ExprKind::And(a, b) | ExprKind::Or(a, b) => {
                let word = if matches!(e.kind, ExprKind::And(..)) {
                    "and"
                } else {
                    "or"
                };
                let (a, b) = (self.truth(a, word), self.truth(b, word));
                if a.is_poison() || b.is_poison() {
                    return TExpr::poison(e.span);
                }
                let (a, b) = (Box::new(a), Box::new(b));
                let kind = if word == "and" {
                    TKind::And(a, b)
                } else {
                    TKind::Or(a, b)
                };
                TExpr {
                    kind,
                    ty: VarType::Boolean,
                    dim: Dim::NONE,
                    span: e.span,
                }
            }
            ExprKind::IfElse {
                value,
                condition,
                otherwise,
            } => {
                let condition = self.truth(condition, "if");
                let (a, b) = (self.expr(value), self.expr(otherwise));
                let Some(dim) =
                    self.same_unit(&a, &b, "the two branches of a conditional expression")
                else {
                    return TExpr::poison(e.span);
                };
                if condition.is_poison() {
                    return TExpr::poison(e.span);
                }
                let ty = a.ty.max(b.ty);
                TExpr {
                    kind: TKind::IfElse(Box::new(condition), Box::new(a), Box::new(b)),
                    ty,
                    dim,
                    span: e.span,
                }
            }
            ExprKind::Call(function, args) => match &function.kind {
                ExprKind::Name(name) => self.call(name, function.span, args, e.span),
                ExprKind::Attribute(_, last) => {
                    self.say(
                        Diagnostic::error(
                            "not-in-strings",
                            function.span,
                            "functions of modules cannot be called inside strings",
                        )
                        .help(format!("write `{}(…)`", last.name)),
                    );
                    TExpr::poison(e.span)
                }
                _ => self.not_here(e, "this call"),
            },
            ExprKind::None => self.not_here(e, "`None`"),
            ExprKind::Str(_) | ExprKind::FString(_) => self.not_here(e, "a string"),
            ExprKind::Attribute(..) => self.not_here(e, "an attribute"),
            ExprKind::Index(..) => self.not_here(e, "an index"),
            ExprKind::List(_) | ExprKind::Tuple(_) | ExprKind::Dict(_) => {
                self.not_here(e, "a list")
            }
            ExprKind::Error => TExpr::poison(e.span),
        }
    }

    fn not_here(&mut self, e: &Expr, what: &str) -> TExpr {
        self.say(
            Diagnostic::error(
                "not-in-strings",
                e.span,
                format!("{what} cannot stand in an expression that is computed for each element"),
            )
            .help("use variables of the group, numbers, units and functions"),
        );
        TExpr::poison(e.span)
    }

    /// Types an expression that must be a condition.
    fn truth(&mut self, e: &Expr, word: &str) -> TExpr {
        let t = self.expr(e);
        if !t.is_poison() && t.ty != VarType::Boolean {
            self.say(
                Diagnostic::error(
                    "not-boolean",
                    t.span,
                    format!("`{word}` needs a condition (true or false), but this is a number"),
                )
                .help("compare it, for instance with `> 0`"),
            );
            return TExpr::poison(t.span);
        }
        t
    }

    fn leaf(&self, leaf: Leaf, ty: VarType, dim: Dim, span: Span) -> TExpr {
        TExpr {
            kind: TKind::Leaf(leaf),
            ty,
            dim,
            span,
        }
    }
}
