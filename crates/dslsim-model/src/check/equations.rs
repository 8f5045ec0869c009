//! Equations: subexpressions and differential equations, each against its declared type and unit.

use std::rc::Rc;

use dslsim_source::Diagnostic;
use dslsim_units::Dim;

use super::Cx;
use crate::code::{Checked, Ode};
use crate::expr::{Leaf, Side, TExpr, TKind};
use crate::network::ObjectId;
use crate::typing::{convert, way_out};
use crate::variables::{VarKind, VarType, Variable, Variables};
use crate::words::{has_unit, unit};

impl<'a> Cx<'a> {
    /// Checks every subexpression, and adds the code of those evaluated once per step.
    pub(super) fn subexpressions(&mut self, variables: &Variables) {
        let mut once: Vec<(Rc<str>, TExpr)> = Vec::new();
        for variable in variables.iter() {
            let VarKind::Subexpression(rhs) = &variable.kind else {
                continue;
            };
            if variable.flags.summed {
                continue;
            }
            let noisy = mentions_named_noise(rhs);
            let typed = self.typer(noisy, variable.flags.constant_over_dt).expr(rhs);
            let Some(value) = self.fits(typed, variable, "subexpression") else {
                continue;
            };
            if variable.flags.constant_over_dt {
                once.push((variable.name.as_str().into(), value));
            }
        }
        if !once.is_empty() {
            order_by_dependence(&mut once, self.scope.object);
            self.add(
                "subexpression_update",
                "before_start",
                self.object.order,
                Checked::Subexpressions(once),
            );
        }
    }

    /// The value of a subexpression as its declared type.
    pub(super) fn fits(&mut self, typed: TExpr, variable: &Variable, what: &str) -> Option<TExpr> {
        if typed.is_poison() {
            return None;
        }
        if variable.ty == VarType::Boolean && typed.ty != VarType::Boolean
            || variable.ty != VarType::Boolean && typed.ty == VarType::Boolean
        {
            self.diagnostics.push(
                Diagnostic::error(
                    "type-mismatch",
                    typed.span,
                    format!(
                        "{what} `{}` is declared {}, but its value is {}",
                        variable.name,
                        variable.ty.name(),
                        typed.ty.name()
                    ),
                )
                .also(variable.span, "declared here")
                .help(if typed.ty == VarType::Boolean {
                    "declare it `boolean`, or write `int(…)`"
                } else {
                    "write a comparison"
                }),
            );
            return None;
        }
        if typed.dim != variable.dim && !typed.is_zero() {
            self.diagnostics.push(
                Diagnostic::error(
                    "dimension-mismatch",
                    typed.span,
                    format!(
                        "{what} `{}` is declared {}, but its value is {}",
                        variable.name,
                        has_unit(variable.dim),
                        has_unit(typed.dim)
                    ),
                )
                .label(unit(typed.dim))
                .also(variable.span, format!("declared {}", unit(variable.dim)))
                .help_opt(way_out(variable.dim, typed.dim)),
            );
            return None;
        }
        Some(convert(typed, variable.ty))
    }

    pub(super) fn odes(&mut self, variables: &Variables, event_driven: bool) -> Vec<Ode> {
        let mut odes = Vec::new();
        for variable in variables.differential() {
            let VarKind::Differential(rhs) = &variable.kind else {
                continue;
            };
            if variable.flags.event_driven != event_driven {
                continue;
            }
            let typed = self.typer(true, true).expr(rhs);
            if typed.is_poison() {
                continue;
            }
            if typed.ty == VarType::Boolean {
                self.diagnostics.push(
                    Diagnostic::error(
                        "type-mismatch",
                        typed.span,
                        format!(
                            "the derivative of `{}` must be a number, but this is a condition",
                            variable.name
                        ),
                    )
                    .help("write `int(…)`"),
                );
                continue;
            }
            let want = variable.dim.div(Dim::TIME);
            if typed.dim != want && !typed.is_zero() {
                self.diagnostics.push(
                    Diagnostic::error(
                        "dimension-mismatch",
                        typed.span,
                        format!(
                            "`{}` is {}, so its derivative must be in {}, but this is {}",
                            variable.name,
                            has_unit(variable.dim),
                            derivative(variable.dim),
                            has_unit(typed.dim)
                        ),
                    )
                    .label(unit(typed.dim))
                    .also(
                        variable.span,
                        format!("`{}` is declared {}", variable.name, unit(variable.dim)),
                    )
                    .help_opt(if typed.dim == variable.dim {
                        Some("divide by a time constant in second".into())
                    } else {
                        way_out(want, typed.dim)
                    }),
                );
                continue;
            }
            odes.push(Ode {
                name: variable.name.as_str().into(),
                dim: variable.dim,
                rhs: typed,
                unless_refractory: variable.flags.unless_refractory
                    && self.scope.network.is_refractory(self.scope.object),
                span: variable.equation,
            });
        }
        odes
    }
}

/// The unit of a derivative, as one would say it.
fn derivative(dim: Dim) -> String {
    if dim.is_none() {
        "1/second (hertz)".into()
    } else {
        format!("{}/second", dslsim_units::describe(dim))
    }
}

fn mentions_named_noise(expr: &dslsim_syntax::ast::Expr) -> bool {
    let mut found = false;
    crate::variables::visit(expr, &mut |e| {
        if let dslsim_syntax::ast::ExprKind::Name(n) = &e.kind {
            found |= n.starts_with("xi_");
        }
    });
    found
}

/// Sorts subexpressions that are evaluated once per step so that each comes after those it reads.
fn order_by_dependence(all: &mut Vec<(Rc<str>, TExpr)>, object: ObjectId) {
    let mut sorted: Vec<(Rc<str>, TExpr)> = Vec::with_capacity(all.len());
    while !all.is_empty() {
        let names: Vec<Rc<str>> = all.iter().map(|(n, _)| n.clone()).collect();
        let reads_later = |value: &TExpr| {
            let mut found = false;
            value.visit(&mut |e| {
                if let TKind::Leaf(Leaf::State {
                    side: Side::Own,
                    object: o,
                    name,
                    ..
                }) = &e.kind
                {
                    found |= *o == object && names.contains(name);
                }
            });
            found
        };
        let next = all.iter().position(|(_, v)| !reads_later(v)).unwrap_or(0);
        sorted.push(all.remove(next));
    }
    *all = sorted;
}
