//! Comparisons of values: element by element for arrays, as wholes for the rest.
//!
//! A plain zero compares with any unit.

use dslsim_source::Span;
use dslsim_syntax::ast::CompareOp;
use dslsim_units::Dim;

use crate::array::{Array, ArrayData, Kind};
use crate::fault::{Outcome, fail, fail_help};
use crate::operators::{same_dim, zip};
use crate::sequences::borrow_array;
use crate::units::describe;
use crate::value::{Spanned, Value};

fn orders(op: CompareOp) -> bool {
    matches!(
        op,
        CompareOp::Lt | CompareOp::Le | CompareOp::Gt | CompareOp::Ge
    )
}

/// One comparison; `in` and `is` are the evaluator's.
///
/// # Errors
/// `dimension-mismatch`, `shape-mismatch`, `wrong-type`.
pub(crate) fn compare(
    op: CompareOp,
    left: &Spanned<Value>,
    right: &Spanned<Value>,
    span: Span,
) -> Outcome<Value> {
    let (a, b) = (&left.value, &right.value);
    if a.is_unknown() || b.is_unknown() {
        if let (Some(x), Some(y)) = (a.dim(), b.dim()) {
            let open = |v: &Value, dim: Dim| dim.is_none() && (v.is_unknown() || v.is_plain_zero());
            if x != y && !open(a, x) && !open(b, y) {
                return fail(
                    "dimension-mismatch",
                    span,
                    format!("cannot compare {} and {}", describe(x), describe(y)),
                );
            }
        }
        return Ok(Value::Unknown(Some(Dim::NONE)));
    }
    let arrays = matches!(a, Value::Array(_)) || matches!(b, Value::Array(_));
    if !a.is_numeric()
        || !b.is_numeric()
        || (!arrays && (a.as_sequence().is_some() || b.as_sequence().is_some()))
    {
        return match (op, a, b) {
            (CompareOp::Eq, ..) => Ok(Value::Bool(equal(a, b))),
            (CompareOp::Ne, ..) => Ok(Value::Bool(!equal(a, b))),
            (_, Value::Str(x), Value::Str(y)) => Ok(Value::Bool(test(op, x.as_str(), y.as_str()))),
            _ if orders(op)
                && a.is_numeric()
                && b.is_numeric()
                && !(a.as_sequence().is_some() && b.as_sequence().is_some()) =>
            {
                fail_help(
                    "wrong-type",
                    span,
                    format!("cannot compare {} with {}", a.describe(), b.describe()),
                    "make an array of the list: `array(…)`",
                )
            }
            _ => fail(
                "wrong-type",
                span,
                format!("cannot compare {} with {}", a.describe(), b.describe()),
            ),
        };
    }
    if let (Value::Int(x), Value::Int(y)) = (a, b) {
        return Ok(Value::Bool(test(op, x, y)));
    }
    let (a, b) = (borrow_array(a, left.span)?, borrow_array(b, right.span)?);
    if same_dim(&a, &b).is_none() {
        return fail(
            "dimension-mismatch",
            span,
            format!("cannot compare {} and {}", describe(a.dim), describe(b.dim)),
        );
    }
    let data = if a.kind().max(b.kind()) == Kind::Float {
        zip(&a.to_floats(), &b.to_floats(), span, |x, y| {
            test(op, &x, &y)
        })?
    } else {
        zip(&a.to_ints(), &b.to_ints(), span, |x, y| test(op, &x, &y))?
    };
    Ok(Value::from(Array {
        data: ArrayData::Bool(data),
        dim: Dim::NONE,
    }))
}

fn test<T: PartialOrd + ?Sized>(op: CompareOp, a: &T, b: &T) -> bool {
    match op {
        CompareOp::Lt => a < b,
        CompareOp::Le => a <= b,
        CompareOp::Gt => a > b,
        CompareOp::Ge => a >= b,
        CompareOp::Ne | CompareOp::IsNot | CompareOp::NotIn => a != b,
        CompareOp::Eq | CompareOp::Is | CompareOp::In => a == b,
    }
}

/// Python's equality of two values as wholes.
pub(crate) fn equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Str(x), Value::Str(y)) => x.as_str() == y.as_str(),
        (Value::List(x), Value::List(y)) | (Value::Tuple(x), Value::Tuple(y)) => {
            x.len() == y.len() && x.iter().zip(y).all(|(x, y)| equal(x, y))
        }
        (Value::Dict(x), Value::Dict(y)) => {
            x.len() == y.len() && x.iter().all(|(k, v)| y.get(k).is_some_and(|w| equal(v, w)))
        }
        (x, y) if x.is_scalar() && y.is_scalar() => {
            x.as_f64() == y.as_f64()
                && (x.dim() == y.dim() || x.is_plain_zero() || y.is_plain_zero())
        }
        (x, y) => x == y,
    }
}
