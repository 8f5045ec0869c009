//! `PoissonInput`: the statement that adds its events to a variable.

use dslsim_source::Diagnostic;
use dslsim_syntax::ast::{AssignOp, BinaryOp, Expr, ExprKind, Ident, Statement};
use dslsim_units::Dim;

use super::Cx;
use crate::code::{Checked, CodeObject, EVENTS};
use crate::expr::{Arith, Leaf, TExpr, TKind};
use crate::network::{Input, Weight};
use crate::scope::Scope;
use crate::typing::{Allowed, Typer, convert};
use crate::variables::VarType;
use crate::words::{has_unit, unit};

impl<'a> Cx<'a> {
    pub(super) fn input(&mut self, input: &Input) {
        let group = input.target.object;
        let scope = Scope {
            object: group,
            ..self.scope
        };
        let (name, span) = &input.variable;
        let allowed = Allowed {
            noise: false,
            random: true,
        };
        // `variable += 0`, whose target and current value are those of the statement; the sum is put in below.
        let zero = Expr {
            kind: ExprKind::Float(0.0),
            span: *span,
        };
        let statement = Statement {
            target: Ident {
                name: name.clone(),
                span: *span,
            },
            op: AssignOp::Update(BinaryOp::Add),
            value: zero,
            span: *span,
        };
        let mut typer = Typer::new(scope, allowed, self.diagnostics);
        let Some(mut statement) = typer.statements(&[statement], true).pop() else {
            return;
        };
        let weight = match &input.weight {
            Weight::Number(x, dim, span) => TExpr {
                kind: TKind::Leaf(Leaf::External("weight".into(), *x)),
                ty: VarType::Float,
                dim: *dim,
                span: *span,
            },
            Weight::Expr(expr) => Typer::new(scope, allowed, self.diagnostics).expr(expr),
        };
        if weight.is_poison() {
            return;
        }
        let dim = statement.value.dim;
        if weight.dim != dim && !weight.is_zero() {
            self.diagnostics.push(
                Diagnostic::error(
                    "dimension-mismatch",
                    weight.span,
                    format!(
                        "PoissonInput: `{name}` is {}, but the weight is {}",
                        has_unit(dim),
                        has_unit(weight.dim)
                    ),
                )
                .label(unit(weight.dim))
                .also(*span, unit(dim)),
            );
            return;
        }
        if weight.ty == VarType::Boolean {
            self.diagnostics.push(
                Diagnostic::error(
                    "type-mismatch",
                    weight.span,
                    "PoissonInput: the weight is a condition, not a number",
                )
                .help("write `int(…)`"),
            );
            return;
        }
        let node = |kind, dim, span| TExpr {
            kind,
            ty: VarType::Float,
            dim,
            span,
        };
        let at = weight.span;
        let events = node(TKind::Leaf(Leaf::Local(EVENTS.into())), Dim::NONE, at);
        let added = node(
            TKind::Arith(Arith::Mul, Box::new(events), Box::new(weight)),
            dim,
            at,
        );
        let current = Typer::new(scope, allowed, self.diagnostics).expr(&Expr {
            kind: ExprKind::Name(name.clone()),
            span: *span,
        });
        let sum = node(
            TKind::Arith(Arith::Add, Box::new(current), Box::new(added)),
            dim,
            at,
        );
        statement.value = convert(sum, statement.ty);
        self.checked.code.push(CodeObject {
            object: group,
            name: self.object.name.clone(),
            when: input.when.clone(),
            order: self.object.order,
            dt: self.scope.network.get(group).dt,
            code: Checked::Input {
                target: input.target,
                sources: input.sources,
                rate: input.rate,
                statement,
            },
        });
    }
}
