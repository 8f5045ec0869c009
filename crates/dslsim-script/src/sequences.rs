//! Lists, tuples and scalars as arrays.

use std::borrow::Cow;

use dslsim_source::Span;
use dslsim_units::Dim;

use crate::array::{Array, ArrayData, Kind};
use crate::fault::{Outcome, fail, fail_help};
use crate::limits::longest_list;
use crate::units::describe;
use crate::value::Value;

/// A number, array or nested list of numbers as an array; a number has no axes.
///
/// # Errors
/// `wrong-type` for what is not numeric, `ragged-list`, `dimension-mismatch` between entries.
pub(crate) fn to_array(value: &Value, span: Span) -> Outcome<Array> {
    match value {
        Value::Array(a) => Ok(a.clone()),
        Value::Bool(x) => Ok(Array::bools(vec![*x], &[])),
        Value::Int(x) => Ok(Array::ints(vec![*x], &[])),
        Value::Float(x) => Ok(Array::floats(vec![*x], &[], Dim::NONE)),
        Value::Quantity(x, dim) => Ok(Array::floats(vec![*x], &[], *dim)),
        Value::List(v) | Value::Tuple(v) => stack(v, span),
        other => fail(
            "wrong-type",
            span,
            format!(
                "this must be a number, an array or a list of numbers, not {}",
                other.describe()
            ),
        ),
    }
}

/// As [`to_array`], without copying what is an array already.
pub(crate) fn borrow_array(value: &Value, span: Span) -> Outcome<Cow<'_, Array>> {
    match value {
        Value::Array(a) => Ok(Cow::Borrowed(a)),
        other => to_array(other, span).map(Cow::Owned),
    }
}

/// The entries of a list as the first axis of an array.
fn stack(entries: &[Value], span: Span) -> Outcome<Array> {
    let parts = entries
        .iter()
        .map(|v| to_array(v, span))
        .collect::<Outcome<Vec<_>>>()?;
    let inner: Vec<usize> = parts.first().map_or_else(Vec::new, |a| a.shape().to_vec());
    if let Some(other) = parts.iter().find(|a| a.shape() != inner.as_slice()) {
        return fail_help(
            "ragged-list",
            span,
            format!(
                "the entries of this list have different shapes: {} and {}",
                crate::text::shape(&inner),
                crate::text::shape(other.shape())
            ),
            "every row must have the same length; to join arrays, use `concatenate`",
        );
    }
    let mut shape = vec![parts.len()];
    shape.extend(&inner);
    join(&parts, &shape, span)
}

/// All elements of several arrays one after the other, with a shape; the kind is the widest.
///
/// # Errors
/// `dimension-mismatch` between the arrays.
pub(crate) fn join(parts: &[Array], shape: &[usize], span: Span) -> Outcome<Array> {
    let dim = common_dim(parts, span)?;
    let kind = parts.iter().map(Array::kind).max().unwrap_or(Kind::Float);
    Ok(match kind {
        Kind::Float => Array::floats(
            parts.iter().flat_map(Array::float_vec).collect(),
            shape,
            dim,
        ),
        Kind::Int => Array::ints(parts.iter().flat_map(Array::int_vec).collect(), shape),
        Kind::Bool => Array::bools(parts.iter().flat_map(Array::bool_vec).collect(), shape),
    })
}

/// The dimension that several arrays share; plain zeros and empty arrays fit any.
pub(crate) fn common_dim(parts: &[Array], span: Span) -> Outcome<Dim> {
    let mut common: Option<Dim> = None;
    for part in parts.iter().filter(|a| !(a.dim.is_none() && a.all_zero())) {
        match common {
            None => common = Some(part.dim),
            Some(dim) if dim == part.dim => {}
            Some(dim) => {
                return fail_help(
                    "dimension-mismatch",
                    span,
                    format!(
                        "cannot put {} and {} into one array",
                        describe(dim),
                        describe(part.dim)
                    ),
                    "all entries of an array have the same unit",
                );
            }
        }
    }
    Ok(common.unwrap_or(Dim::NONE))
}

/// An array as a list of its entries along the first axis.
pub(crate) fn entries(a: &Array) -> Vec<Value> {
    match a.shape() {
        [] => vec![a.get(0)],
        [n] => (0..*n).map(|k| a.get(k)).collect(),
        [n, rest @ ..] => {
            let size = rest.iter().product::<usize>();
            (0..*n)
                .map(|k| Value::from(a.pick(&(k * size..(k + 1) * size).collect::<Vec<_>>(), rest)))
                .collect()
        }
    }
}

/// The entries of anything that Python can iterate over.
///
/// # Errors
/// `wrong-type` for what has no entries.
pub(crate) fn iterate(value: &Value, span: Span) -> Outcome<Vec<Value>> {
    match value {
        Value::List(v) | Value::Tuple(v) => Ok(v.clone()),
        Value::Array(a) if a.shape().first().is_some_and(|n| *n > longest_list()) => {
            fail("too-large", span, "this array is too long for a list")
        }
        Value::Array(a) => Ok(entries(a)),
        Value::Dict(d) => Ok(d
            .keys()
            .map(|k| Value::Str(dslsim_source::Text::computed(k.as_str(), span)))
            .collect()),
        Value::Str(text) => Ok(text
            .as_str()
            .char_indices()
            .map(|(at, c)| Value::Str(text.slice(at, at + c.len_utf8())))
            .collect()),
        other => fail(
            "wrong-type",
            span,
            format!("{} has no entries", other.describe()),
        ),
    }
}

/// Whether every element of an array is finite and whole, so that it can stand for integers.
pub(crate) fn is_whole(a: &Array) -> bool {
    match &a.data {
        ArrayData::F64(v) => {
            a.dim.is_none() && v.iter().all(|x| x.fract() == 0.0 && x.abs() < 9e15)
        }
        ArrayData::I64(_) | ArrayData::Bool(_) => true,
    }
}
