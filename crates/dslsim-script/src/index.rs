//! Reading and writing parts of values by index: arrays, lists, strings and dicts.
//!
//! Which elements of an array an index means is said in `select`.

use dslsim_source::{Diagnostic, Span, Text};
use dslsim_syntax::ast::AssignOp;

use crate::array::{Array, ArrayData, broadcast_shape};
use crate::fault::{Outcome, fail, fail_help};
use crate::operators;
use crate::select::{Index, broadcast_position, position, select, slice_positions};
use crate::sequences::to_array;
use crate::text::shape as shape_text;
use crate::units::describe;
use crate::value::{IndexValue, Spanned, Value};

fn is_unknown(index: &Index) -> bool {
    index.iter().any(|e| e.value == IndexValue::Unknown)
}

/// `value[index]`
///
/// # Errors
/// It has no such part.
pub fn get(
    value: &Value,
    index: &[Spanned<IndexValue>],
    span: Span,
) -> Result<Value, dslsim_source::Diagnostics> {
    match value {
        Value::Unknown(dim) => Ok(Value::Unknown(*dim)),
        Value::Dict(entries) => {
            let (key, at) = key(index, span)?;
            match entries.get(key.as_str()) {
                Some(v) => Ok(v.clone()),
                None => missing_key(&key, entries.keys().map(String::as_str), at),
            }
        }
        _ if is_unknown(index) => Ok(Value::Unknown(value.dim())),
        Value::Array(a) => {
            if let [
                Spanned {
                    value: IndexValue::Int(k),
                    span,
                },
            ] = index
                && let [n] = a.shape()
            {
                return Ok(a.get(position(*k, *n, *span)?));
            }
            let selection = select(a.shape(), index, span)?;
            Ok(Value::from(a.pick(&selection.positions, &selection.shape)))
        }
        Value::List(v) => match one(index, v.len(), span)? {
            One::At(k) => Ok(v.get(k).cloned().unwrap_or(Value::None)),
            One::Many(ks) => Ok(Value::List(
                ks.iter().filter_map(|k| v.get(*k).cloned()).collect(),
            )),
        },
        Value::Tuple(v) => match one(index, v.len(), span)? {
            One::At(k) => Ok(v.get(k).cloned().unwrap_or(Value::None)),
            One::Many(ks) => Ok(Value::Tuple(
                ks.iter().filter_map(|k| v.get(*k).cloned()).collect(),
            )),
        },
        Value::Str(text) => {
            let starts: Vec<(usize, char)> = text.as_str().char_indices().collect();
            let at = |k: usize| starts.get(k).map(|(b, c)| text.slice(*b, b + c.len_utf8()));
            Ok(Value::Str(match one(index, starts.len(), span)? {
                One::At(k) => at(k).unwrap_or_else(|| Text::computed("", span)),
                One::Many(ks) => {
                    Text::concat(ks.iter().filter_map(|k| at(*k)).collect::<Vec<_>>().iter())
                }
            }))
        }
        other => fail(
            "wrong-type",
            span,
            format!("{} has no entries", other.describe()),
        ),
    }
}

/// What one index selects of a list.
enum One {
    At(usize),
    Many(Vec<usize>),
}

fn one(index: &Index, n: usize, span: Span) -> Outcome<One> {
    match index {
        [
            Spanned {
                value: IndexValue::Int(k),
                span,
            },
        ] => Ok(One::At(position(*k, n, *span)?)),
        [
            Spanned {
                value: IndexValue::Slice(s),
                span,
            },
        ] => Ok(One::Many(slice_positions(*s, n, *span)?)),
        [
            Spanned {
                value: IndexValue::Array(a),
                ..
            },
        ] if a.len() == 1 && a.ndim() == 0 => Ok(One::At(position(
            a.int_vec().first().copied().unwrap_or(0),
            n,
            span,
        )?)),
        _ => fail_help(
            "wrong-type",
            span,
            "a list is indexed by one whole number or slice",
            "make an array of it: `array(…)`",
        ),
    }
}

fn key(index: &Index, span: Span) -> Outcome<(Text, Span)> {
    match index {
        [
            Spanned {
                value: IndexValue::Str(key),
                span,
            },
        ] => Ok((key.clone(), *span)),
        // The keys of `spike_trains()` are numbers of neurons.
        [
            Spanned {
                value: IndexValue::Int(number),
                span,
            },
        ] => Ok((Text::computed(number.to_string(), *span), *span)),
        _ => fail("wrong-type", span, "a dict is indexed by a string"),
    }
}

fn missing_key<'a>(
    key: &Text,
    keys: impl Iterator<Item = &'a str> + Clone,
    span: Span,
) -> Outcome<Value> {
    let near = crate::suggest::nearest(key.as_str(), keys.clone())
        .map(|k| format!("did you mean `'{k}'`?"));
    let all: Vec<String> = keys.take(12).map(|k| format!("'{k}'")).collect();
    let help = near.unwrap_or_else(|| {
        if all.is_empty() {
            "the dict is empty".into()
        } else {
            format!("its keys are {}", all.join(", "))
        }
    });
    fail_help(
        "unknown-key",
        span,
        format!("the dict has no key '{}'", key.as_str()),
        help,
    )
}

/// `value[index] op new`, in place; perhaps with a warning.
pub(crate) fn set(
    value: &mut Value,
    index: &Index,
    op: AssignOp,
    new: &Spanned<Value>,
    span: Span,
) -> Outcome<Option<Diagnostic>> {
    let new = match op {
        AssignOp::Set => new.clone(),
        AssignOp::Update(op) => {
            let old = Spanned::new(get(value, index, span)?, span);
            Spanned::new(
                operators::binary(op, &old, new, span.to(new.span))?,
                new.span,
            )
        }
    };
    match value {
        Value::Unknown(_) => Ok(None),
        Value::Dict(entries) => {
            let (key, _) = key(index, span)?;
            entries.insert(key.as_str().to_string(), new.value);
            Ok(None)
        }
        Value::Array(_) if is_unknown(index) || new.value.is_unknown() => {
            *value = Value::Unknown(value.dim());
            Ok(None)
        }
        Value::Array(a) => set_array(a, index, &new, span),
        Value::List(v) => match one(index, v.len(), span)? {
            One::At(k) => {
                if let Some(slot) = v.get_mut(k) {
                    *slot = new.value;
                }
                Ok(None)
            }
            One::Many(ks) => {
                let entries = crate::sequences::iterate(&new.value, new.span)?;
                if entries.len() != ks.len() {
                    return fail(
                        "shape-mismatch",
                        new.span,
                        format!(
                            "{} entries are assigned to {} places of a list",
                            entries.len(),
                            ks.len()
                        ),
                    );
                }
                for (k, entry) in ks.into_iter().zip(entries) {
                    if let Some(slot) = v.get_mut(k) {
                        *slot = entry;
                    }
                }
                Ok(None)
            }
        },
        Value::Tuple(_) => fail_help(
            "wrong-type",
            span,
            "a tuple cannot be changed",
            "use a list: `[…]`",
        ),
        other => fail(
            "wrong-type",
            span,
            format!("{} has no entries to set", other.describe()),
        ),
    }
}

fn set_array(
    a: &mut Array,
    index: &Index,
    new: &Spanned<Value>,
    span: Span,
) -> Outcome<Option<Diagnostic>> {
    let selection = select(a.shape(), index, span)?;
    let source = to_array(&new.value, new.span)?;
    // leading axes of length 1 may be left out
    let extra = source.ndim().saturating_sub(selection.shape.len());
    let trimmed = source
        .shape()
        .iter()
        .take(extra)
        .all(|n| *n == 1)
        .then(|| source.with_shape(source.shape().get(extra..).unwrap_or_default()));
    let fitted = trimmed.filter(|s| {
        broadcast_shape(s.shape(), &selection.shape).as_ref() == Some(&selection.shape)
    });
    let Some(source) = fitted else {
        return fail(
            "shape-mismatch",
            new.span,
            format!(
                "values of shape {} do not fit into a part of shape {}",
                shape_text(source.shape()),
                shape_text(&selection.shape)
            ),
        );
    };
    let mut warning = None;
    if source.dim != a.dim && !(source.dim.is_none() && source.all_zero()) {
        let (have, want) = (describe(source.dim), describe(a.dim));
        if !a.dim.is_none() {
            return fail(
                "dimension-mismatch",
                new.span,
                format!(
                    "the array is in {want}; this is {}",
                    if source.dim.is_none() {
                        have
                    } else {
                        format!("in {have}")
                    }
                ),
            );
        }
        // as in numpy; the number kept is that in SI base units
        warning = Some(
            Diagnostic::warning(
                "unit-lost",
                new.span,
                format!("the array has no unit: the value is stored as a plain number in {have}"),
            )
            .help(format!(
                "divide the value by its unit, or make the array with one: `zeros(n)*{have}`"
            )),
        );
    }
    let wanted: Vec<usize> = (0..selection.positions.len())
        .map(|k| broadcast_position(k, &selection.shape, source.shape()))
        .collect();
    match &mut a.data {
        ArrayData::F64(v) => scatter(
            v.as_slice_mut(),
            &selection.positions,
            &wanted,
            &source.float_vec(),
        ),
        ArrayData::I64(v) => scatter(
            v.as_slice_mut(),
            &selection.positions,
            &wanted,
            &source.int_vec(),
        ),
        ArrayData::Bool(v) => scatter(
            v.as_slice_mut(),
            &selection.positions,
            &wanted,
            &source.bool_vec(),
        ),
    }
    Ok(warning)
}

fn scatter<T: Copy>(target: Option<&mut [T]>, positions: &[usize], wanted: &[usize], source: &[T]) {
    let Some(target) = target else { return };
    for (at, from) in positions.iter().zip(wanted) {
        if let (Some(slot), Some(x)) = (target.get_mut(*at), source.get(*from)) {
            *slot = *x;
        }
    }
}
