//! What stands between brackets, evaluated.

use dslsim_source::Span;
use dslsim_syntax::ast::{Expr, Subscript};

use crate::array::Kind;
use crate::eval::Run;
use crate::fault::{Outcome, fail_help};
use crate::value::{IndexValue, Slice, Spanned, Value};

impl Run<'_> {
    /// What stands between brackets.
    pub(crate) fn subscripts(
        &mut self,
        subscripts: &[Subscript],
    ) -> Outcome<Vec<Spanned<IndexValue>>> {
        let mut out = Vec::new();
        for subscript in subscripts {
            match subscript {
                Subscript::Ellipsis(span) => out.push(Spanned::new(IndexValue::Ellipsis, *span)),
                Subscript::Slice {
                    low,
                    high,
                    step,
                    span,
                } => {
                    let bounds =
                        [low, high, step].map(|b| b.as_ref().map(|b| self.bound(b)).transpose());
                    let [low, high, step] = bounds;
                    let entry = match (
                        low?.flatten_known(),
                        high?.flatten_known(),
                        step?.flatten_known(),
                    ) {
                        (Some(low), Some(high), Some(step)) => {
                            IndexValue::Slice(Slice { low, high, step })
                        }
                        _ => IndexValue::Unknown,
                    };
                    out.push(Spanned::new(entry, *span));
                }
                Subscript::Index(expr) => {
                    let value = self.spanned(expr)?;
                    match value.value {
                        // `x[(i, j)]` is `x[i, j]`
                        Value::Tuple(v) => {
                            for entry in v {
                                out.push(self.index_value(Spanned::new(entry, value.span))?);
                            }
                        }
                        _ => out.push(self.index_value(value)?),
                    }
                }
            }
        }
        Ok(out)
    }

    /// One bound of a slice.
    fn bound(&mut self, expr: &Expr) -> Outcome<BoundValue> {
        let value = self.eval(expr)?;
        let value = self.plain(value, expr.span)?;
        match &value {
            Value::Unknown(_) => Ok(BoundValue::Unknown),
            Value::None => Ok(BoundValue::Open),
            Value::Int(_) | Value::Bool(_) | Value::Array(_) => value
                .as_i64()
                .map(BoundValue::At)
                .map_or_else(|| not_whole(&value, expr.span), Ok),
            other => not_whole(other, expr.span),
        }
    }

    fn index_value(&mut self, value: Spanned<Value>) -> Outcome<Spanned<IndexValue>> {
        let span = value.span;
        let value = self.plain(value.value, span)?;
        let entry = match value {
            Value::Int(k) => IndexValue::Int(k),
            Value::Bool(x) => IndexValue::Array(crate::array::Array::bools(vec![x], &[])),
            Value::Slice(s) => IndexValue::Slice(s),
            Value::None => IndexValue::NewAxis,
            Value::Ellipsis => IndexValue::Ellipsis,
            Value::Str(text) => IndexValue::Str(text),
            Value::Object(object) => IndexValue::Object(object),
            Value::Unknown(_) => IndexValue::Unknown,
            ref v @ (Value::Array(_) | Value::List(_)) => {
                if v.is_unknown() {
                    return Ok(Spanned::new(IndexValue::Unknown, span));
                }
                let array = crate::sequences::to_array(v, span)?;
                if array.is_empty() {
                    IndexValue::Array(array.cast(Kind::Int))
                } else {
                    IndexValue::Array(array)
                }
            }
            other => return not_whole(&other, span),
        };
        Ok(Spanned::new(entry, span))
    }
}

/// A bound of a slice.
enum BoundValue {
    At(i64),
    Open,
    Unknown,
}

trait FlattenKnown {
    /// `None`: not known; `Some(None)`: left out.
    fn flatten_known(self) -> Option<Option<i64>>;
}

impl FlattenKnown for Option<BoundValue> {
    fn flatten_known(self) -> Option<Option<i64>> {
        match self {
            None | Some(BoundValue::Open) => Some(None),
            Some(BoundValue::At(k)) => Some(Some(k)),
            Some(BoundValue::Unknown) => None,
        }
    }
}

fn not_whole<T>(value: &Value, span: Span) -> Outcome<T> {
    let help = if value.as_f64().is_some() {
        "use `int(…)`, or `//` for whole quotients"
    } else {
        "an index is a whole number, a slice, a list of positions or a mask"
    };
    fail_help(
        "wrong-type",
        span,
        format!(
            "a position must be a whole number, not {}",
            value.describe()
        ),
        help,
    )
}
