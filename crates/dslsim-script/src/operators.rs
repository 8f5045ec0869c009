//! Operators on values, with numpy's broadcasting and Brian2's rules for units.
//!
//! * A plain zero fits any unit in sums and comparisons.
//! * Whole numbers that leave 64 bits become floats.
//! * What cannot be known stays unknown; its dimension is followed as far as it goes.

use dslsim_source::{Diagnostic, Span, Text};
use dslsim_syntax::ast::{BinaryOp, UnaryOp};
use dslsim_units::Dim;
use ndarray::{ArrayD, IxDyn};

use crate::array::{Array, ArrayData, Kind, broadcast_shape, shaped};
use crate::fault::{Outcome, fail, fail_help};
use crate::limits::{check_size, longest_list};
use crate::sequences::{borrow_array, to_array};
use crate::units::describe;
use crate::value::{Spanned, Value};

/// How an operator is spoken of: `cannot add volt and amp`.
fn verb(op: BinaryOp) -> (&'static str, &'static str) {
    match op {
        BinaryOp::Add => ("add", "and"),
        BinaryOp::Sub => ("subtract", "and"),
        BinaryOp::Mul => ("multiply", "and"),
        BinaryOp::Div | BinaryOp::FloorDiv => ("divide", "by"),
        BinaryOp::Mod => ("take the remainder of", "and"),
        BinaryOp::Pow => ("raise", "to the power of"),
        BinaryOp::MatMul => ("multiply", "and"),
        BinaryOp::BitAnd | BinaryOp::BitOr | BinaryOp::BitXor => ("combine", "and"),
        BinaryOp::ShiftLeft | BinaryOp::ShiftRight => ("shift", "by"),
    }
}

/// How an operator is written.
pub(crate) fn symbol(op: BinaryOp) -> &'static str {
    match op {
        BinaryOp::Add => "+",
        BinaryOp::Sub => "-",
        BinaryOp::Mul => "*",
        BinaryOp::Div => "/",
        BinaryOp::FloorDiv => "//",
        BinaryOp::Mod => "%",
        BinaryOp::Pow => "**",
        BinaryOp::MatMul => "@",
        BinaryOp::BitAnd => "&",
        BinaryOp::BitOr => "|",
        BinaryOp::BitXor => "^",
        BinaryOp::ShiftLeft => "<<",
        BinaryOp::ShiftRight => ">>",
    }
}

/// `left op right`, both without handles of objects.
///
/// # Errors
/// `dimension-mismatch`, `shape-mismatch`, `wrong-type`.
pub(crate) fn binary(
    op: BinaryOp,
    left: &Spanned<Value>,
    right: &Spanned<Value>,
    span: Span,
) -> Outcome<Value> {
    if left.value.is_unknown() || right.value.is_unknown() {
        return unknown(op, left, right, span);
    }
    if let Some(result) = on_texts_and_lists(op, &left.value, &right.value, span)? {
        return Ok(result);
    }
    if !left.value.is_numeric() || !right.value.is_numeric() {
        let (verb, and) = verb(op);
        return fail(
            "wrong-type",
            span,
            format!(
                "cannot {verb} {} {and} {}",
                left.value.describe(),
                right.value.describe()
            ),
        );
    }
    if let (Value::Int(a), Value::Int(b)) = (&left.value, &right.value)
        && let Some(result) = on_ints(op, *a, *b, span)?
    {
        return Ok(result);
    }
    let a = borrow_array(&left.value, left.span)?;
    let b = borrow_array(&right.value, right.span)?;
    arrays(op, &a, &b, span).map(Value::from)
}

/// The dimension of a result of which the operands are not both known.
fn unknown(
    op: BinaryOp,
    left: &Spanned<Value>,
    right: &Spanned<Value>,
    span: Span,
) -> Outcome<Value> {
    let (Some(a), Some(b)) = (left.value.dim(), right.value.dim()) else {
        return Ok(Value::Unknown(None));
    };
    let dim = match op {
        BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mod => {
            if a == b || right.value.is_plain_zero() {
                Some(a)
            } else if left.value.is_plain_zero() {
                Some(b)
            } else if a.is_none() && left.value.is_unknown()
                || b.is_none() && right.value.is_unknown()
            {
                // may turn out to be zero
                None
            } else {
                return Err(mismatch(op, a, b, span).into());
            }
        }
        BinaryOp::Mul | BinaryOp::MatMul => Some(a.mul(b)),
        BinaryOp::Div => Some(a.div(b)),
        BinaryOp::Pow => match right.value.as_f64() {
            Some(p) => a.powf(p),
            None if a.is_none() => Some(Dim::NONE),
            None => None,
        },
        _ => Some(Dim::NONE),
    };
    Ok(Value::Unknown(dim))
}

fn mismatch(op: BinaryOp, a: Dim, b: Dim, span: Span) -> Diagnostic {
    let (verb, and) = verb(op);
    Diagnostic::error(
        "dimension-mismatch",
        span,
        format!("cannot {verb} {} {and} {}", describe(a), describe(b)),
    )
}

/// Strings and lists: joining, repeating, `'…' % values`.
fn on_texts_and_lists(
    op: BinaryOp,
    left: &Value,
    right: &Value,
    span: Span,
) -> Outcome<Option<Value>> {
    let small = |size: Option<usize>| match size {
        Some(size) if size <= longest_list() => Ok(()),
        _ => fail(
            "too-large",
            span,
            format!(
                "a list or string of more than {} entries is too large; use an array",
                longest_list()
            ),
        ),
    };
    let repeated = |n: i64, length: usize| {
        // nothing repeated is nothing, however often
        let n = if length == 0 {
            0
        } else {
            usize::try_from(n).unwrap_or(0)
        };
        small(n.checked_mul(length)).map(|()| n)
    };
    if op == BinaryOp::Add && matches!(left, Value::Str(_) | Value::List(_) | Value::Tuple(_)) {
        small(weight(left).checked_add(weight(right)))?;
    }
    Ok(Some(match (op, left, right) {
        (BinaryOp::Add, Value::Str(a), Value::Str(b)) => Value::Str(Text::concat([a, b])),
        (BinaryOp::Add, Value::List(a), Value::List(b)) => {
            Value::List(a.iter().chain(b).cloned().collect())
        }
        (BinaryOp::Add, Value::Tuple(a), Value::Tuple(b)) => {
            Value::Tuple(a.iter().chain(b).cloned().collect())
        }
        (BinaryOp::Mul, Value::Str(a), Value::Int(n))
        | (BinaryOp::Mul, Value::Int(n), Value::Str(a)) => {
            let n = repeated(*n, a.as_str().len())?;
            Value::Str(Text::concat(std::iter::repeat_n(a, n)))
        }
        (BinaryOp::Mul, Value::List(a), Value::Int(n))
        | (BinaryOp::Mul, Value::Int(n), Value::List(a)) => {
            let n = repeated(*n, a.iter().map(weight).sum())?;
            Value::List(std::iter::repeat_n(a, n).flatten().cloned().collect())
        }
        (BinaryOp::Mul, Value::Tuple(a), Value::Int(n))
        | (BinaryOp::Mul, Value::Int(n), Value::Tuple(a)) => {
            let n = repeated(*n, a.iter().map(weight).sum())?;
            Value::Tuple(std::iter::repeat_n(a, n).flatten().cloned().collect())
        }
        (BinaryOp::Mod, Value::Str(_), _) => {
            return fail("wrong-type", span, "cannot fill this string");
        }
        _ => return Ok(None),
    }))
}

/// How much there is of a string or list, all that it contains included.
fn weight(value: &Value) -> usize {
    match value {
        Value::Str(text) => text.as_str().len(),
        Value::List(v) | Value::Tuple(v) => v.iter().map(weight).sum::<usize>().saturating_add(1),
        Value::Dict(d) => d.values().map(weight).sum::<usize>().saturating_add(1),
        Value::Array(a) => a.len(),
        _ => 1,
    }
}

/// Python's whole numbers; `None` where the result is not one.
fn on_ints(op: BinaryOp, a: i64, b: i64, span: Span) -> Outcome<Option<Value>> {
    if b == 0 && matches!(op, BinaryOp::FloorDiv | BinaryOp::Mod) {
        return fail(
            "division-by-zero",
            span,
            "whole numbers cannot be divided by zero",
        );
    }
    let result = match op {
        BinaryOp::Add => a.checked_add(b),
        BinaryOp::Sub => a.checked_sub(b),
        BinaryOp::Mul => a.checked_mul(b),
        BinaryOp::FloorDiv => a.checked_div_euclid(b).map(|_| floor_div(a, b)),
        BinaryOp::Mod => a.checked_rem_euclid(b).map(|_| floor_mod(a, b)),
        BinaryOp::Pow if b >= 0 => u32::try_from(b).ok().and_then(|b| a.checked_pow(b)),
        BinaryOp::BitAnd => Some(a & b),
        BinaryOp::BitOr => Some(a | b),
        BinaryOp::BitXor => Some(a ^ b),
        BinaryOp::ShiftLeft | BinaryOp::ShiftRight => {
            let Some(n) = u32::try_from(b).ok().filter(|n| *n < 63) else {
                return fail("wrong-value", span, format!("cannot shift by {b} bits"));
            };
            if op == BinaryOp::ShiftRight {
                Some(a >> n)
            } else {
                a.checked_mul(1 << n)
            }
        }
        BinaryOp::Div | BinaryOp::Pow | BinaryOp::MatMul => None,
    };
    Ok(result.map(Value::Int))
}

fn floor_div(a: i64, b: i64) -> i64 {
    let q = a.wrapping_div(b);
    if a.wrapping_rem(b) != 0 && (a < 0) != (b < 0) {
        q - 1
    } else {
        q
    }
}

fn floor_mod(a: i64, b: i64) -> i64 {
    let r = a.wrapping_rem(b);
    if r != 0 && (r < 0) != (b < 0) {
        r + b
    } else {
        r
    }
}

/// Floor division and remainder of floats as numpy computes them.
pub(crate) fn float_divmod(a: f64, b: f64) -> (f64, f64) {
    let mut rest = a % b;
    if b == 0.0 {
        return (a / b, rest);
    }
    let mut quotient = (a - rest) / b;
    if rest != 0.0 {
        if (b < 0.0) != (rest < 0.0) {
            rest += b;
            quotient -= 1.0;
        }
    } else {
        rest = 0.0_f64.copysign(b);
    }
    if quotient == 0.0 {
        return (0.0_f64.copysign(a / b), rest);
    }
    let floor = quotient.floor();
    (
        if quotient - floor > 0.5 {
            floor + 1.0
        } else {
            floor
        },
        rest,
    )
}

/// The power as numpy computes it: squares and roots are exact.
pub(crate) fn power(a: f64, b: f64) -> f64 {
    if b == 2.0 {
        a * a
    } else if b == 0.5 {
        a.sqrt()
    } else if b == -1.0 {
        a.recip()
    } else {
        a.powf(b)
    }
}

/// Element by element, with broadcasting.
pub(crate) fn arrays(op: BinaryOp, a: &Array, b: &Array, span: Span) -> Outcome<Array> {
    if op == BinaryOp::MatMul {
        return crate::functions::linear::matmul(a, b, span);
    }
    let kind = a.kind().max(b.kind());
    let dim = result_dim(op, a, b, span)?;
    let floats = |dim: Dim, f: fn(f64, f64) -> f64| {
        Ok(Array {
            data: ArrayData::F64(zip(&a.to_floats(), &b.to_floats(), span, f)?),
            dim,
        })
    };
    let ints = |f: fn(i64, i64) -> i64| {
        Ok(Array {
            data: ArrayData::I64(zip(&a.to_ints(), &b.to_ints(), span, f)?),
            dim: Dim::NONE,
        })
    };
    let bools = |f: fn(bool, bool) -> bool| {
        Ok(Array {
            data: ArrayData::Bool(zip(&a.to_bools(), &b.to_bools(), span, f)?),
            dim: Dim::NONE,
        })
    };
    let masks = kind == Kind::Bool && (a.ndim() > 0 || b.ndim() > 0);
    let whole = kind < Kind::Float;
    match op {
        BinaryOp::Add if masks => bools(|x, y| x | y),
        BinaryOp::Mul if masks => bools(|x, y| x & y),
        BinaryOp::Sub if masks => fail_help(
            "wrong-type",
            span,
            "masks cannot be subtracted",
            "use `a & ~b`, or `a ^ b`",
        ),
        BinaryOp::Add if whole => fits(ints(i64::wrapping_add)?, || floats(dim, |x, y| x + y)),
        BinaryOp::Sub if whole => fits(ints(i64::wrapping_sub)?, || floats(dim, |x, y| x - y)),
        BinaryOp::Mul if whole => fits(ints(i64::wrapping_mul)?, || floats(dim, |x, y| x * y)),
        BinaryOp::Add => floats(dim, |x, y| x + y),
        BinaryOp::Sub => floats(dim, |x, y| x - y),
        BinaryOp::Mul => floats(dim, |x, y| x * y),
        BinaryOp::Div => floats(dim, |x, y| x / y),
        BinaryOp::FloorDiv | BinaryOp::Mod if whole => {
            if b.to_ints().iter().any(|x| *x == 0) {
                return fail(
                    "division-by-zero",
                    span,
                    "whole numbers cannot be divided by zero",
                );
            }
            if op == BinaryOp::Mod {
                ints(floor_mod)
            } else {
                ints(floor_div)
            }
        }
        BinaryOp::FloorDiv => floats(dim, |x, y| float_divmod(x, y).0),
        BinaryOp::Mod => floats(dim, |x, y| float_divmod(x, y).1),
        BinaryOp::Pow if whole && b.to_ints().iter().all(|x| (0..64).contains(x)) => fits(
            ints(|x, y| x.wrapping_pow(u32::try_from(y).unwrap_or(0)))?,
            || floats(dim, power),
        ),
        BinaryOp::Pow => floats(dim, power),
        BinaryOp::BitAnd | BinaryOp::BitOr | BinaryOp::BitXor if !whole => {
            let hint = "comparisons are combined as `(a > 1) & (b < 2)`, with parentheses";
            let hint = if op == BinaryOp::BitXor {
                "the power is written `**`"
            } else {
                hint
            };
            fail_help(
                "wrong-type",
                span,
                format!("`{}` combines booleans or whole numbers", symbol(op)),
                hint,
            )
        }
        BinaryOp::BitAnd if kind == Kind::Bool => bools(|x, y| x & y),
        BinaryOp::BitOr if kind == Kind::Bool => bools(|x, y| x | y),
        BinaryOp::BitXor if kind == Kind::Bool => bools(|x, y| x ^ y),
        BinaryOp::BitAnd => ints(|x, y| x & y),
        BinaryOp::BitOr => ints(|x, y| x | y),
        BinaryOp::BitXor => ints(|x, y| x ^ y),
        BinaryOp::ShiftLeft | BinaryOp::ShiftRight | BinaryOp::MatMul => {
            if !whole {
                return fail(
                    "wrong-type",
                    span,
                    format!("`{}` shifts whole numbers", symbol(op)),
                );
            }
            if op == BinaryOp::ShiftLeft {
                ints(|x, y| x.checked_shl(y as u32).unwrap_or(0))
            } else {
                ints(|x, y| x.checked_shr(y as u32).unwrap_or(0))
            }
        }
    }
}

/// Whole numbers, unless one of them left 64 bits: then floats.
fn fits(ints: Array, floats: impl FnOnce() -> Outcome<Array>) -> Outcome<Array> {
    let exact = floats()?;
    let close = exact.to_floats().iter().all(|x| x.abs() < 9.2e18);
    Ok(if close { ints } else { exact })
}

/// The dimension of a result.
fn result_dim(op: BinaryOp, a: &Array, b: &Array, span: Span) -> Outcome<Dim> {
    match op {
        BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mod | BinaryOp::FloorDiv => {
            let dim = same_dim(a, b)
                .ok_or_else(|| mismatch(op, a.dim, b.dim, span).help_opt(hint(op, a, b)));
            // floor division by a plain number would depend on the scale of the unit
            Ok(if op == BinaryOp::FloorDiv {
                dim.map(|_| Dim::NONE)?
            } else {
                dim?
            })
        }
        BinaryOp::Mul | BinaryOp::MatMul => Ok(a.dim.mul(b.dim)),
        BinaryOp::Div => Ok(a.dim.div(b.dim)),
        BinaryOp::Pow => power_dim(a, b, span),
        BinaryOp::BitAnd
        | BinaryOp::BitOr
        | BinaryOp::BitXor
        | BinaryOp::ShiftLeft
        | BinaryOp::ShiftRight => {
            if a.dim.is_none() && b.dim.is_none() {
                Ok(Dim::NONE)
            } else {
                Err(mismatch(op, a.dim, b.dim, span).into())
            }
        }
    }
}

fn hint(op: BinaryOp, a: &Array, b: &Array) -> Option<String> {
    if op == BinaryOp::FloorDiv {
        return Some("both must have the same unit; for a plain quotient use `/`".into());
    }
    let (plain, dim) = match (a.dim.is_none(), b.dim.is_none()) {
        (true, false) => ("left", b.dim),
        (false, true) => ("right", a.dim),
        _ => return None,
    };
    Some(format!(
        "the {plain} side has no unit; multiply it with one of {}",
        describe(dim)
    ))
}

/// The dimension both have; plain zeros fit any.
pub(crate) fn same_dim(a: &Array, b: &Array) -> Option<Dim> {
    if a.dim == b.dim || (b.dim.is_none() && b.all_zero()) {
        Some(a.dim)
    } else if a.dim.is_none() && a.all_zero() {
        Some(b.dim)
    } else {
        None
    }
}

fn power_dim(a: &Array, b: &Array, span: Span) -> Outcome<Dim> {
    if !b.dim.is_none() {
        return fail(
            "dimension-mismatch",
            span,
            format!(
                "an exponent must be a plain number; this is in {}",
                describe(b.dim)
            ),
        );
    }
    if a.dim.is_none() {
        return Ok(Dim::NONE);
    }
    let first = b.get_f64(0).unwrap_or(1.0);
    if b.to_floats().iter().any(|x| *x != first) {
        return fail(
            "dimension-mismatch",
            span,
            format!(
                "a quantity in {} can be raised to one power only, not to an array of powers",
                describe(a.dim)
            ),
        );
    }
    match a.dim.powf(first) {
        Some(dim) => Ok(dim),
        None => fail(
            "dimension-mismatch",
            span,
            format!(
                "{} raised to the power {} has no unit",
                describe(a.dim),
                crate::text::float(first)
            ),
        ),
    }
}

/// Two arrays element by element.
pub(crate) fn zip<A: Copy, B: Copy, R: Clone + Default>(
    a: &ArrayD<A>,
    b: &ArrayD<B>,
    span: Span,
    f: impl Fn(A, B) -> R,
) -> Outcome<ArrayD<R>> {
    let Some(shape) = broadcast_shape(a.shape(), b.shape()) else {
        return fail(
            "shape-mismatch",
            span,
            format!(
                "arrays of shapes {} and {} do not fit together",
                crate::text::shape(a.shape()),
                crate::text::shape(b.shape())
            ),
        );
    };
    check_size(&shape, span)?;
    let at = IxDyn(&shape);
    match (a.broadcast(at.clone()), b.broadcast(at)) {
        (Some(a), Some(b)) => {
            let data: Vec<R> = a.iter().zip(b.iter()).map(|(x, y)| f(*x, *y)).collect();
            Ok(shaped(data, &shape))
        }
        _ => fail("shape-mismatch", span, "these arrays do not fit together"),
    }
}

/// `-a`, `+a`, `~a`; `not` is the evaluator's.
///
/// # Errors
/// `wrong-type` for what is not numeric.
pub(crate) fn unary(op: UnaryOp, a: &Spanned<Value>, span: Span) -> Outcome<Value> {
    let sign = if op == UnaryOp::Neg { -1.0 } else { 1.0 };
    match (op, &a.value) {
        (_, Value::Unknown(dim)) => Ok(Value::Unknown(*dim)),
        (UnaryOp::Invert, Value::Bool(x)) => Ok(Value::Bool(!x)),
        (UnaryOp::Invert, Value::Int(x)) => Ok(Value::Int(!x)),
        (UnaryOp::Neg | UnaryOp::Plus, Value::Bool(x)) => {
            Ok(Value::Int(i64::from(*x) * sign as i64))
        }
        (UnaryOp::Neg, Value::Int(x)) => Ok(x
            .checked_neg()
            .map_or(Value::Float(-(*x as f64)), Value::Int)),
        (UnaryOp::Neg | UnaryOp::Plus, Value::Float(x)) => Ok(Value::Float(x * sign)),
        (UnaryOp::Neg | UnaryOp::Plus, Value::Quantity(x, dim)) => {
            Ok(Value::Quantity(x * sign, *dim))
        }
        (UnaryOp::Plus, Value::Int(_) | Value::Array(_)) => Ok(a.value.clone()),
        (_, v) if v.is_numeric() && !v.is_unknown() => {
            let array = to_array(v, a.span)?;
            let dim = array.dim;
            let data = match (op, array.data) {
                (UnaryOp::Invert, ArrayData::Bool(x)) => ArrayData::Bool(x.mapv(|x| !x)),
                (UnaryOp::Invert, ArrayData::I64(x)) => ArrayData::I64(x.mapv(|x| !x)),
                (UnaryOp::Invert, ArrayData::F64(_)) => {
                    return fail(
                        "wrong-type",
                        span,
                        "`~` inverts a mask; this is an array of numbers",
                    );
                }
                (UnaryOp::Neg, ArrayData::Bool(_)) => {
                    return fail_help(
                        "wrong-type",
                        span,
                        "a mask has no negative",
                        "invert it with `~`",
                    );
                }
                (UnaryOp::Neg, ArrayData::F64(x)) => ArrayData::F64(x.mapv(|x| -x)),
                (UnaryOp::Neg, ArrayData::I64(x)) => ArrayData::I64(x.mapv(i64::wrapping_neg)),
                (_, data) => data,
            };
            Ok(Value::from(Array { data, dim }))
        }
        (UnaryOp::Invert, Value::Float(_)) => {
            fail("wrong-type", span, "`~` inverts booleans and whole numbers")
        }
        (_, v) => {
            let what = if op == UnaryOp::Invert {
                "inverse"
            } else {
                "sign"
            };
            fail(
                "wrong-type",
                span,
                format!("{} has no {what}", v.describe()),
            )
        }
    }
}
