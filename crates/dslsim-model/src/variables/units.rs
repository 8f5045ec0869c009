//! The type and the dimension that an equation declares after its colon.

use dslsim_source::{Diagnostic, Diagnostics};
use dslsim_syntax::ast::{BinaryOp, Equation, Expr, ExprKind, UnaryOp, UnitSlotKind};
use dslsim_units::Dim;

use super::VarType;

pub(super) fn unit_slot(
    equation: &Equation,
    diagnostics: &mut Diagnostics,
) -> Option<(VarType, Dim)> {
    match &equation.unit.kind {
        UnitSlotKind::Boolean => Some((VarType::Boolean, Dim::NONE)),
        UnitSlotKind::Integer => Some((VarType::Integer, Dim::NONE)),
        UnitSlotKind::Unit(expr) => match unit(expr) {
            Ok(dim) => Some((VarType::Float, dim)),
            Err(d) => {
                diagnostics.push(d);
                None
            }
        },
        UnitSlotKind::Error => None,
    }
}

/// The dimension that a unit slot declares.
fn unit(expr: &Expr) -> Result<Dim, Diagnostic> {
    match &expr.kind {
        ExprKind::Int(1) => Ok(Dim::NONE),
        ExprKind::Name(name) => dslsim_units::base_unit(name).ok_or_else(|| {
            let d = Diagnostic::error(
                "not-a-base-unit",
                expr.span,
                format!("`{name}` cannot declare the unit of a variable"),
            );
            if name == "bool" {
                d.help("write `boolean`")
            } else if let Some(base) = dslsim_units::instead_of(name) {
                d.label("only units without prefix").help(format!(
                    "use `{base}` instead: values are kept in SI units, and shown as you like"
                ))
            } else {
                let d = Diagnostic {
                    code: "unknown-unit",
                    message: format!("there is no unit `{name}`"),
                    ..d
                };
                d.help_opt(dslsim_units::suggest(name).map(|s| format!("did you mean `{s}`?")))
            }
        }),
        ExprKind::Binary(BinaryOp::Mul, a, b) => Ok(unit(a)?.mul(unit(b)?)),
        ExprKind::Binary(BinaryOp::Div, a, b) => Ok(unit(a)?.div(unit(b)?)),
        ExprKind::Binary(BinaryOp::Pow, a, b) => {
            let exponent = number(b).ok_or_else(|| {
                Diagnostic::error(
                    "unit-form",
                    b.span,
                    "the exponent of a unit must be a number",
                )
            })?;
            unit(a)?.powf(exponent).ok_or_else(|| {
                Diagnostic::error(
                    "unit-form",
                    b.span,
                    "the exponent of a unit must be a simple fraction",
                )
            })
        }
        _ => Err(
            Diagnostic::error("unit-form", expr.span, "this is not a unit").help(
                "write base units combined with `*`, `/` and `**`, or `1`, `integer`, `boolean`",
            ),
        ),
    }
}

fn number(expr: &Expr) -> Option<f64> {
    match &expr.kind {
        ExprKind::Int(n) => Some(*n as f64),
        ExprKind::Float(x) => Some(*x),
        ExprKind::Unary(UnaryOp::Neg, a) => number(a).map(|x| -x),
        _ => None,
    }
}
