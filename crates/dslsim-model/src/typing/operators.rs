//! Unary and binary operators, powers, comparisons: what types and units they take and give.
//!
//! The terms of a sum and the sides of a comparison have the same unit; a literal zero has any.

use dslsim_source::{Diagnostic, Span};
use dslsim_syntax::ast::{BinaryOp, CompareOp, Expr, UnaryOp};
use dslsim_units::Dim;

use super::Typer;
use super::convert::way_out;
use crate::expr::{Arith, Leaf, TExpr, TKind};
use crate::variables::{VarKind, VarType};
use crate::words::{has_unit, unit};

impl<'a, 'd> Typer<'a, 'd> {
    pub(super) fn unary(&mut self, op: UnaryOp, a: &Expr, span: Span) -> TExpr {
        match op {
            UnaryOp::Not => {
                let a = self.truth(a, "not");
                if a.is_poison() {
                    return TExpr::poison(span);
                }
                TExpr {
                    ty: VarType::Boolean,
                    dim: Dim::NONE,
                    kind: TKind::Not(Box::new(a)),
                    span,
                }
            }
            UnaryOp::Neg | UnaryOp::Plus => {
                let a = self.expr(a);
                if a.is_poison() {
                    return TExpr::poison(span);
                }
                if a.ty == VarType::Boolean {
                    return self.boolean_arithmetic(&a, span);
                }
                if op == UnaryOp::Plus {
                    return TExpr { span, ..a };
                }
                TExpr {
                    ty: a.ty,
                    dim: a.dim,
                    kind: TKind::Neg(Box::new(a)),
                    span,
                }
            }
            UnaryOp::Invert => {
                self.say(
                    Diagnostic::error(
                        "bit-operator",
                        span,
                        "bit operators do not exist in expressions",
                    )
                    .help("write `not`"),
                );
                TExpr::poison(span)
            }
        }
    }

    pub(super) fn binary(&mut self, op: BinaryOp, a: &Expr, b: &Expr, span: Span) -> TExpr {
        let arith = match op {
            BinaryOp::Add => Arith::Add,
            BinaryOp::Sub => Arith::Sub,
            BinaryOp::Mul => Arith::Mul,
            BinaryOp::Div => Arith::Div,
            BinaryOp::FloorDiv => Arith::FloorDiv,
            BinaryOp::Mod => Arith::Mod,
            BinaryOp::Pow => Arith::Pow,
            BinaryOp::BitXor
            | BinaryOp::BitAnd
            | BinaryOp::BitOr
            | BinaryOp::MatMul
            | BinaryOp::ShiftLeft
            | BinaryOp::ShiftRight => {
                let (symbol, help) = match op {
                    BinaryOp::BitXor => ("^", "a power is written `**`"),
                    BinaryOp::BitAnd => ("&", "write `and`"),
                    BinaryOp::BitOr => ("|", "write `or`"),
                    BinaryOp::MatMul => ("@", "a product is written `*`"),
                    BinaryOp::ShiftLeft => ("<<", "multiply by a power of 2"),
                    _ => (">>", "use `//`"),
                };
                self.expr(a);
                self.expr(b);
                self.say(
                    Diagnostic::error(
                        "bit-operator",
                        span,
                        format!("the operator `{symbol}` does not exist in expressions"),
                    )
                    .help(help),
                );
                return TExpr::poison(span);
            }
        };
        let (a, b) = (self.expr(a), self.expr(b));
        if a.is_poison() || b.is_poison() {
            return TExpr::poison(span);
        }
        for side in [&a, &b] {
            if side.ty == VarType::Boolean {
                let number = matches!(arith, Arith::Mul) && (a.ty != b.ty);
                if !number {
                    return self.boolean_arithmetic(side, span);
                }
            }
        }
        let mut ty = a.ty.max(b.ty).max(VarType::Integer);
        let dim = match arith {
            Arith::Add | Arith::Sub | Arith::Mod => {
                let what = match arith {
                    Arith::Add => "the terms of a sum",
                    Arith::Sub => "the terms of a difference",
                    _ => "the operands of `%`",
                };
                match self.same_unit(&a, &b, what) {
                    Some(dim) => dim,
                    None => return TExpr::poison(span),
                }
            }
            Arith::Mul => a.dim.mul(b.dim),
            Arith::Div => {
                ty = VarType::Float;
                a.dim.div(b.dim)
            }
            Arith::FloorDiv => a.dim.div(b.dim),
            Arith::Pow => match self.power_unit(&a, &b) {
                Some(dim) => dim,
                None => return TExpr::poison(span),
            },
        };
        TExpr {
            kind: TKind::Arith(arith, Box::new(a), Box::new(b)),
            ty,
            dim,
            span,
        }
    }

    pub(super) fn power_unit(&mut self, a: &TExpr, b: &TExpr) -> Option<Dim> {
        if !b.dim.is_none() {
            self.say(Diagnostic::error(
                "dimension-mismatch",
                b.span,
                format!(
                    "an exponent must be dimensionless, but this is in {}",
                    unit(b.dim)
                ),
            ));
            return None;
        }
        if a.dim.is_none() {
            return Some(Dim::NONE);
        }
        let Some(exponent) = b.constant() else {
            self.say(
                Diagnostic::error("variable-exponent", b.span, format!("the base is in {}, so the exponent must be a constant: else the unit of the result is not known", unit(a.dim)))
                    .help("divide the base by its unit first"),
            );
            return None;
        };
        let dim = a.dim.powf(exponent);
        if dim.is_none() {
            self.say(Diagnostic::error(
                "variable-exponent",
                b.span,
                format!("{} to the power of {exponent} is not a unit", unit(a.dim)),
            ));
        }
        dim
    }

    pub(super) fn compare(&mut self, a: &Expr, rest: &[(CompareOp, Expr)], span: Span) -> TExpr {
        let [(op, b)] = rest else {
            let parts = rest.len();
            self.say(
                Diagnostic::error(
                    "chained-comparison",
                    span,
                    format!("{parts} comparisons in a chain: only a single comparison is possible"),
                )
                .help("combine comparisons with `and`: `a < b and b < c`"),
            );
            return TExpr::poison(span);
        };
        if matches!(
            op,
            CompareOp::In | CompareOp::NotIn | CompareOp::Is | CompareOp::IsNot
        ) {
            self.say(
                Diagnostic::error(
                    "not-in-strings",
                    span,
                    "`in` and `is` do not exist in expressions",
                )
                .help("use `==`, `<` and their like"),
            );
            return TExpr::poison(span);
        }
        let (a, b) = (self.expr(a), self.expr(b));
        if self
            .same_unit(&a, &b, "the two sides of a comparison")
            .is_none()
        {
            return TExpr::poison(span);
        }
        if matches!(op, CompareOp::Eq | CompareOp::Ne) {
            self.warn_of_equality(&a, &b, span);
        }
        TExpr {
            kind: TKind::Compare(*op, Box::new(a), Box::new(b)),
            ty: VarType::Boolean,
            dim: Dim::NONE,
            span,
        }
    }

    /// What changes continuously is never exactly equal to anything, but to what was copied from it: times of events from `t`.
    fn warn_of_equality(&mut self, a: &TExpr, b: &TExpr, span: Span) {
        let network = self.scope.network;
        let mut continuous = None;
        // A reset can leave a zero, which stays one.
        let mut copied = a.is_zero() || b.is_zero();
        for side in [a, b] {
            side.visit(&mut |e| match &e.kind {
                TKind::Leaf(Leaf::Time) => continuous = Some("`t`".to_owned()),
                TKind::Leaf(Leaf::State { object, name, .. }) => {
                    let variable = network.variables(*object).and_then(|v| v.get(name));
                    match variable.map(|v| &v.kind) {
                        Some(VarKind::Differential(_)) => continuous = Some(format!("`{name}`")),
                        _ => copied |= matches!(name.as_ref(), "lastspike" | "lastupdate"),
                    }
                }
                TKind::Call(..) => copied = true,
                _ => {}
            });
        }
        if let Some(what) = continuous.filter(|_| !copied) {
            self.say(
                Diagnostic::warning(
                    "exact-comparison",
                    span,
                    format!("{what} changes in small steps, and is hardly ever exactly equal to something"),
                )
                .help("compare with `<` or `>`, or allow a difference: `abs(a - b) < small`"),
            );
        }
    }

    /// The unit that two quantities share; a literal zero has any.
    pub(super) fn same_unit(&mut self, a: &TExpr, b: &TExpr, what: &str) -> Option<Dim> {
        if a.is_poison() || b.is_poison() {
            return None;
        }
        if a.dim == b.dim || b.is_zero() {
            return Some(a.dim);
        }
        if a.is_zero() {
            return Some(b.dim);
        }
        self.say(
            Diagnostic::error(
                "dimension-mismatch",
                b.span,
                format!(
                    "{what} need the same unit, but the left side is {} and the right side is {}",
                    has_unit(a.dim),
                    has_unit(b.dim)
                ),
            )
            .label(unit(b.dim))
            .also(a.span, unit(a.dim))
            .help_opt(way_out(a.dim, b.dim)),
        );
        None
    }

    pub(super) fn boolean_arithmetic(&mut self, a: &TExpr, span: Span) -> TExpr {
        self.say(
            Diagnostic::error(
                "boolean-arithmetic",
                a.span,
                "a truth value cannot be calculated with",
            )
            .help("make it a number with `int(…)`: 1 for true, 0 for false"),
        );
        TExpr::poison(span)
    }
}
