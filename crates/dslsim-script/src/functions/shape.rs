//! Arrays put together, taken apart and turned round.

use dslsim_units::Dim;

use super::reduce::axis;
use super::{Function, Units};
use crate::array::{Array, Kind};
use crate::call::{Bound, Param};
use crate::eval::Run;
use crate::fault::{Outcome, fail, fail_help};
use crate::limits::check_size;
use crate::sequences::{iterate, join, to_array};
use crate::text::shape as shape_text;
use crate::value::{Spanned, Value};

const A: Param = Param::required("a");
const AXIS: Param = Param::optional("axis");

pub(super) const TABLE: &[Function] = &[
    Function {
        name: "concatenate",
        params: &[Param::required("arrays"), AXIS],
        units: Units::Same,
        about: "arrays one after the other along an axis",
        run: |_, b| concatenate(&b),
    },
    Function {
        name: "hstack",
        params: &[Param::required("arrays")],
        units: Units::Same,
        about: "arrays side by side",
        run: |_, b| {
            let parts = parts(&b, "arrays", 1)?;
            let k = usize::from(parts.first().is_none_or(|a| a.ndim() > 1));
            joined(&b, &parts, k)
        },
    },
    Function {
        name: "vstack",
        params: &[Param::required("arrays")],
        units: Units::Same,
        about: "arrays on top of each other, as rows",
        run: |_, b| joined(&b, &parts(&b, "arrays", 2)?, 0),
    },
    Function {
        name: "column_stack",
        params: &[Param::required("arrays")],
        units: Units::Same,
        about: "arrays as the columns of a matrix",
        run: |_, b| {
            let columns: Vec<Array> = parts(&b, "arrays", 1)?
                .into_iter()
                .map(|a| {
                    if a.ndim() == 1 {
                        a.with_shape(&[a.len(), 1])
                    } else {
                        a
                    }
                })
                .collect();
            joined(&b, &columns, 1)
        },
    },
    Function {
        name: "stack",
        params: &[Param::required("arrays"), AXIS],
        units: Units::Same,
        about: "arrays of one shape along a new axis",
        run: stack,
    },
    Function {
        name: "append",
        params: &[Param::required("arr"), Param::required("values"), AXIS],
        units: Units::Same,
        about: "an array with values at its end",
        run: append,
    },
    Function {
        name: "repeat",
        params: &[A, Param::required("repeats"), AXIS],
        units: Units::Same,
        about: "each element several times",
        run: repeat,
    },
    Function {
        name: "tile",
        params: &[A, Param::required("reps")],
        units: Units::Same,
        about: "the array several times",
        run: tile,
    },
    Function {
        name: "reshape",
        params: &[A, Param::required("shape")],
        units: Units::Same,
        about: "the same elements in another shape; one length may be -1",
        run: |_, b| {
            let shape = b
                .get("shape")
                .cloned()
                .unwrap_or(Spanned::new(Value::None, b.span));
            reshaped(&b.array("a")?, &shape).map(Value::from)
        },
    },
    Function {
        name: "ravel",
        params: &[A],
        units: Units::Same,
        about: "all elements along one axis",
        run: |_, b| {
            let a = b.array("a")?;
            Ok(Value::Array(a.with_shape(&[a.len()])))
        },
    },
    Function {
        name: "squeeze",
        params: &[A, AXIS],
        units: Units::Same,
        about: "the array without axes of length 1",
        run: squeeze,
    },
    Function {
        name: "expand_dims",
        params: &[A, Param::required("axis")],
        units: Units::Same,
        about: "the array with a new axis of length 1",
        run: expand,
    },
    Function {
        name: "transpose",
        params: &[A, Param::optional("axes")],
        units: Units::Same,
        about: "the axes in reverse or another order",
        run: transpose,
    },
    Function {
        name: "flip",
        params: &[A, AXIS],
        units: Units::Same,
        about: "the elements in reverse order",
        run: flip,
    },
    Function {
        name: "roll",
        params: &[A, Param::required("shift"), AXIS],
        units: Units::Same,
        about: "the elements moved round by some places",
        run: roll,
    },
    Function {
        name: "atleast_1d",
        params: &[A],
        units: Units::Same,
        about: "the value as an array",
        run: |_, b| {
            let a = b.array("a")?;
            Ok(Value::Array(if a.ndim() == 0 {
                a.with_shape(&[1])
            } else {
                a
            }))
        },
    },
    Function {
        name: "broadcast_to",
        params: &[A, Param::required("shape")],
        units: Units::Same,
        about: "the array repeated to a shape",
        run: broadcast_to,
    },
    Function {
        name: "shape",
        params: &[A],
        units: Units::Plain,
        about: "the lengths of the axes",
        run: |_, b| {
            Ok(Value::Tuple(
                b.array("a")?
                    .shape()
                    .iter()
                    .map(|n| Value::Int(*n as i64))
                    .collect(),
            ))
        },
    },
    Function {
        name: "size",
        params: &[A],
        units: Units::Plain,
        about: "the number of elements",
        run: |_, b| Ok(Value::Int(b.array("a")?.len() as i64)),
    },
    Function {
        name: "ndim",
        params: &[A],
        units: Units::Plain,
        about: "the number of axes",
        run: |_, b| Ok(Value::Int(b.array("a")?.ndim() as i64)),
    },
];

/// The axes of an array in another order.
pub(crate) fn transposed(a: &Array, order: &[usize]) -> Array {
    let old = a.shape();
    let shape: Vec<usize> = order
        .iter()
        .map(|k| old.get(*k).copied().unwrap_or(1))
        .collect();
    let stride = |k: usize| old.iter().skip(k + 1).product::<usize>();
    let strides: Vec<usize> = order.iter().map(|k| stride(*k)).collect();
    let n = a.len();
    let mut counter = vec![0_usize; shape.len()];
    let mut positions = Vec::with_capacity(n);
    for _ in 0..n {
        positions.push(counter.iter().zip(&strides).map(|(c, s)| c * s).sum());
        for (c, len) in counter.iter_mut().zip(&shape).rev() {
            *c += 1;
            if *c < *len {
                break;
            }
            *c = 0;
        }
    }
    a.pick(&positions, &shape)
}

/// The same elements in another shape.
pub(crate) fn reshaped(a: &Array, shape: &Spanned<Value>) -> Outcome<Array> {
    let list = match &shape.value {
        Value::List(_) | Value::Tuple(_) | Value::Array(_) => iterate(&shape.value, shape.span)?,
        one => vec![one.clone()],
    };
    let mut lengths = Vec::new();
    let mut open = None;
    for n in &list {
        match n.as_i64() {
            Some(-1) if open.is_none() => {
                open = Some(lengths.len());
                lengths.push(1);
            }
            Some(n) if n >= 0 => lengths.push(n as usize),
            _ => {
                return fail_help(
                    "wrong-type",
                    shape.span,
                    format!("a shape consists of whole numbers, not of {}", n.describe()),
                    "one of them may be -1: as many as fit",
                );
            }
        }
    }
    let known = check_size(&lengths, shape.span)?;
    if let Some(slot) = open.and_then(|k| lengths.get_mut(k)) {
        *slot = a.len().checked_div(known).unwrap_or(0);
    }
    if lengths.iter().product::<usize>() != a.len() {
        return fail(
            "shape-mismatch",
            shape.span,
            format!(
                "{} elements do not fit into shape {}",
                a.len(),
                shape_text(&lengths)
            ),
        );
    }
    Ok(a.with_shape(&lengths))
}

/// The arrays of a list, each with at least `ndim` axes.
fn parts(b: &Bound, name: &str, ndim: usize) -> Outcome<Vec<Array>> {
    let Some(list) = b.get(name) else {
        return Ok(Vec::new());
    };
    let all = match &list.value {
        Value::List(v) | Value::Tuple(v) => v.clone(),
        Value::Array(a) if a.ndim() > 0 => crate::sequences::entries(a),
        _ => return Err(b.wrong(name, "a list of arrays")),
    };
    if all.is_empty() {
        return fail(
            "empty-array",
            list.span,
            format!("{} of no arrays", b.function),
        );
    }
    all.iter()
        .map(|v| {
            let a = to_array(v, list.span)?;
            let mut shape = a.shape().to_vec();
            while shape.len() < ndim {
                shape.insert(0, 1);
            }
            Ok(a.with_shape(&shape))
        })
        .collect()
}

fn concatenate(b: &Bound) -> Outcome<Value> {
    let flat = b.get("axis").is_some_and(|a| a.value == Value::None);
    let mut parts = parts(b, "arrays", 0)?;
    if flat {
        parts = parts
            .into_iter()
            .map(|a| a.with_shape(&[a.len()]))
            .collect();
    }
    let ndim = parts.first().map_or(1, Array::ndim);
    if ndim == 0 {
        return fail_help(
            "wrong-type",
            b.span_of("arrays"),
            "concatenate joins arrays, not numbers",
            "put numbers into lists: `concatenate([a, [1]])`",
        );
    }
    let k = if flat {
        0
    } else {
        axis(b.int("axis")?.unwrap_or(0), ndim, b.span_of("axis"))?
    };
    joined(b, &parts, k)
}

/// Arrays one after the other along axis `k`.
fn joined(b: &Bound, parts: &[Array], k: usize) -> Outcome<Value> {
    let first: Vec<usize> = parts.first().map_or_else(Vec::new, |a| a.shape().to_vec());
    let mut shape = first.clone();
    let others = |s: &[usize]| {
        s.iter()
            .enumerate()
            .filter(|(i, _)| *i != k)
            .map(|(_, n)| *n)
            .collect::<Vec<_>>()
    };
    for part in parts {
        if part.ndim() != first.len() || others(part.shape()) != others(&first) {
            return fail(
                "shape-mismatch",
                b.span_of("arrays"),
                format!(
                    "{}: arrays of shapes {} and {} cannot be joined along axis {k}",
                    b.function,
                    shape_text(&first),
                    shape_text(part.shape())
                ),
            );
        }
    }
    if let Some(n) = shape.get_mut(k) {
        *n = parts.iter().filter_map(|a| a.shape().get(k)).sum();
    }
    check_size(&shape, b.span)?;
    if k == 0 {
        return join(parts, &shape, b.span_of("arrays")).map(Value::from);
    }
    // axis k first, join, and back
    let mut order: Vec<usize> = (0..first.len()).collect();
    order.remove(k);
    order.insert(0, k);
    let turned: Vec<Array> = parts.iter().map(|a| transposed(a, &order)).collect();
    let turned_shape: Vec<usize> = order
        .iter()
        .map(|i| shape.get(*i).copied().unwrap_or(1))
        .collect();
    let whole = join(&turned, &turned_shape, b.span_of("arrays"))?;
    let back: Vec<usize> = (0..order.len())
        .map(|i| order.iter().position(|o| *o == i).unwrap_or(0))
        .collect();
    Ok(Value::from(transposed(&whole, &back)))
}

fn stack(_: &mut Run<'_>, b: Bound) -> Outcome<Value> {
    let parts = parts(&b, "arrays", 0)?;
    let ndim = parts.first().map_or(0, Array::ndim);
    let k = axis(b.int("axis")?.unwrap_or(0), ndim + 1, b.span_of("axis"))?;
    let grown: Vec<Array> = parts
        .iter()
        .map(|a| {
            let mut shape = a.shape().to_vec();
            shape.insert(k.min(shape.len()), 1);
            a.with_shape(&shape)
        })
        .collect();
    joined(&b, &grown, k)
}

fn append(_: &mut Run<'_>, b: Bound) -> Outcome<Value> {
    let (mut a, mut values) = (b.array("arr")?, b.array("values")?);
    let k = match b.int("axis")? {
        Some(k) => axis(k, a.ndim(), b.span_of("axis"))?,
        None => {
            a = a.with_shape(&[a.len()]);
            values = values.with_shape(&[values.len()]);
            0
        }
    };
    joined(&b, &[a, values], k)
}

fn repeat(_: &mut Run<'_>, b: Bound) -> Outcome<Value> {
    let mut a = b.array("a")?;
    let k = match b.int("axis")? {
        Some(k) => axis(k, a.ndim(), b.span_of("axis"))?,
        None => {
            a = a.with_shape(&[a.len()]);
            0
        }
    };
    let n = a.shape().get(k).copied().unwrap_or(1);
    let counts = b.pure("repeats")?;
    if !crate::sequences::is_whole(&counts) || counts.int_vec().iter().any(|c| *c < 0) {
        return Err(b.wrong(
            "repeats",
            "a whole number, not negative, or one for each element",
        ));
    }
    let counts: Vec<usize> = match counts.int_vec().as_slice() {
        [one] => vec![*one as usize; n],
        many if many.len() == n => many.iter().map(|c| *c as usize).collect(),
        many => {
            return fail(
                "shape-mismatch",
                b.span_of("repeats"),
                format!("repeat: {} counts for {n} elements", many.len()),
            );
        }
    };
    let total = counts
        .iter()
        .try_fold(0_usize, |s, c| s.checked_add(*c))
        .unwrap_or(usize::MAX);
    let mut shape = a.shape().to_vec();
    if let Some(slot) = shape.get_mut(k) {
        *slot = total;
    }
    check_size(&shape, b.span)?;
    let along: Vec<usize> = counts
        .iter()
        .enumerate()
        .flat_map(|(i, c)| std::iter::repeat_n(i, *c))
        .collect();
    Ok(Value::from(along_axis(&a, k, &along)))
}

/// The entries `along` of axis `k`.
pub(super) fn along_axis(a: &Array, k: usize, along: &[usize]) -> Array {
    let n = a.shape().get(k).copied().unwrap_or(1);
    let inner: usize = a.shape().iter().skip(k + 1).product();
    let outer: usize = a.shape().iter().take(k).product();
    let mut positions = Vec::with_capacity(outer * along.len() * inner);
    for o in 0..outer {
        for i in along {
            let start = (o * n + i) * inner;
            positions.extend(start..start + inner);
        }
    }
    let mut shape = a.shape().to_vec();
    if let Some(slot) = shape.get_mut(k) {
        *slot = along.len();
    }
    a.pick(&positions, &shape)
}

fn tile(_: &mut Run<'_>, b: Bound) -> Outcome<Value> {
    let mut a = b.array("a")?;
    let mut reps = super::create::shape_of(&b, "reps")?;
    let ndim = reps.len().max(a.ndim());
    while reps.len() < ndim {
        reps.insert(0, 1);
    }
    let mut shape = a.shape().to_vec();
    while shape.len() < ndim {
        shape.insert(0, 1);
    }
    a = a.with_shape(&shape);
    check_size(
        &shape
            .iter()
            .zip(&reps)
            .map(|(n, r)| n.saturating_mul(*r))
            .collect::<Vec<_>>(),
        b.span,
    )?;
    for (k, r) in reps.iter().enumerate() {
        let n = a.shape().get(k).copied().unwrap_or(1);
        let along: Vec<usize> = (0..n * r).map(|i| i % n.max(1)).collect();
        a = along_axis(&a, k, &along);
    }
    Ok(Value::from(a))
}

fn squeeze(_: &mut Run<'_>, b: Bound) -> Outcome<Value> {
    let a = b.array("a")?;
    let only = b
        .int("axis")?
        .map(|k| axis(k, a.ndim(), b.span_of("axis")))
        .transpose()?;
    let shape: Vec<usize> = a
        .shape()
        .iter()
        .enumerate()
        .filter(|(k, n)| **n != 1 || only.is_some_and(|o| o != *k))
        .map(|(_, n)| *n)
        .collect();
    if only.is_some() && shape.len() == a.ndim() {
        return fail(
            "shape-mismatch",
            b.span_of("axis"),
            "squeeze: this axis is longer than 1",
        );
    }
    Ok(Value::from(a.with_shape(&shape)))
}

fn expand(_: &mut Run<'_>, b: Bound) -> Outcome<Value> {
    let a = b.array("a")?;
    let k = axis(b.int("axis")?.unwrap_or(0), a.ndim() + 1, b.span_of("axis"))?;
    let mut shape = a.shape().to_vec();
    shape.insert(k.min(shape.len()), 1);
    Ok(Value::from(a.with_shape(&shape)))
}

fn transpose(_: &mut Run<'_>, b: Bound) -> Outcome<Value> {
    let a = b.array("a")?;
    let order: Vec<usize> = match b.given("axes") {
        None => (0..a.ndim()).rev().collect(),
        Some(axes) => iterate(&axes.value, axes.span)?
            .iter()
            .map(|v| {
                v.as_i64().map_or_else(
                    || Err(b.wrong("axes", "a tuple of whole numbers")),
                    |k| axis(k, a.ndim(), axes.span),
                )
            })
            .collect::<Outcome<_>>()?,
    };
    let mut sorted = order.clone();
    sorted.sort_unstable();
    if sorted != (0..a.ndim()).collect::<Vec<_>>() {
        return Err(b.wrong("axes", "each axis once"));
    }
    Ok(Value::from(transposed(&a, &order)))
}

fn flip(_: &mut Run<'_>, b: Bound) -> Outcome<Value> {
    let mut a = b.array("a")?;
    let axes = super::reduce::axes(&b, a.ndim())?;
    for k in axes {
        let n = a.shape().get(k).copied().unwrap_or(1);
        a = along_axis(&a, k, &(0..n).rev().collect::<Vec<_>>());
    }
    Ok(Value::from(a))
}

fn roll(_: &mut Run<'_>, b: Bound) -> Outcome<Value> {
    let a = b.array("a")?;
    let shift = b.int("shift")?.unwrap_or(0);
    let rolled = |n: usize| -> Vec<usize> {
        let len = (n as i64).max(1);
        (0..n as i64)
            .map(|i| usize::try_from((i - shift % len).rem_euclid(len)).unwrap_or(0))
            .collect()
    };
    Ok(Value::from(match b.int("axis")? {
        Some(k) => {
            let k = axis(k, a.ndim(), b.span_of("axis"))?;
            along_axis(&a, k, &rolled(a.shape().get(k).copied().unwrap_or(1)))
        }
        None => a.pick(&rolled(a.len()), a.shape()),
    }))
}

fn broadcast_to(_: &mut Run<'_>, b: Bound) -> Outcome<Value> {
    let a = b.array("a")?;
    let shape = super::create::shape_of(&b, "shape")?;
    if crate::array::broadcast_shape(a.shape(), &shape).as_ref() != Some(&shape) {
        return fail(
            "shape-mismatch",
            b.span_of("shape"),
            format!(
                "an array of shape {} cannot be repeated to {}",
                shape_text(a.shape()),
                shape_text(&shape)
            ),
        );
    }
    let n = shape.iter().product();
    let positions: Vec<usize> = (0..n)
        .map(|k| crate::select::broadcast_position(k, &shape, a.shape()))
        .collect();
    Ok(Value::from(a.pick(&positions, &shape)))
}

/// An array of positions.
pub(super) fn positions(list: Vec<usize>, shape: &[usize]) -> Array {
    let a = Array::ints(list.into_iter().map(|k| k as i64).collect(), shape);
    debug_assert_eq!(a.kind(), Kind::Int);
    debug_assert_eq!(a.dim, Dim::NONE);
    a
}
