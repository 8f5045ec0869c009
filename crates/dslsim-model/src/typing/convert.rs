//! Conversions between types, and the help for units that do not fit.

use dslsim_syntax::ast::CompareOp;
use dslsim_units::Dim;

use crate::expr::{TExpr, TKind};
use crate::functions::Function;
use crate::variables::VarType;
use crate::words::unit;

/// A value as the given type.
pub fn convert(value: TExpr, ty: VarType) -> TExpr {
    let (span, dim) = (value.span, value.dim);
    match (value.ty, ty) {
        (VarType::Float, VarType::Integer) | (VarType::Boolean, VarType::Integer) => TExpr {
            kind: TKind::Call(Function::Int, vec![value]),
            ty,
            dim,
            span,
        },
        (VarType::Boolean, VarType::Float) => {
            let number = TExpr {
                kind: TKind::Call(Function::Int, vec![value]),
                ty: VarType::Integer,
                dim,
                span,
            };
            TExpr { ty, ..number }
        }
        (VarType::Float | VarType::Integer, VarType::Boolean) => {
            let zero = TExpr {
                kind: TKind::Number(0.0),
                ty: VarType::Float,
                dim,
                span,
            };
            TExpr {
                kind: TKind::Compare(CompareOp::Ne, Box::new(value), Box::new(zero)),
                ty,
                dim: Dim::NONE,
                span,
            }
        }
        _ => TExpr { ty, ..value },
    }
}

/// What would make a quantity in `have` fit where one in `want` is needed.
pub fn way_out(want: Dim, have: Dim) -> Option<String> {
    if have.is_none() && !want.is_none() {
        return Some(format!("multiply it by a unit of {}", unit(want)));
    }
    if want.is_none() && !have.is_none() {
        return Some(format!("divide it by a quantity in {}", unit(have)));
    }
    Some(format!(
        "a factor in {} would make them fit",
        unit(want.div(have))
    ))
}
