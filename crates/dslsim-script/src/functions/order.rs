//! Sorting, searching and choosing.

use std::cmp::Ordering;

use dslsim_units::Dim;
use ndarray::ArrayD;

use super::reduce::{axis, each, lanes};
use super::shape::{positions, transposed};
use super::{Function, Units};
use crate::array::{Array, ArrayData, Kind, broadcast_shape};
use crate::call::{Bound, Param};
use crate::eval::Run;
use crate::fault::{Outcome, fail, fail_help};
use crate::limits::check_size;
use crate::select::{broadcast_position, true_positions};
use crate::value::Value;

const A: Param = Param::required("a");
const AXIS: Param = Param::optional("axis");
const KIND: Param = Param::optional("kind");

pub(super) const TABLE: &[Function] = &[
    Function {
        name: "sort",
        params: &[A, AXIS, KIND],
        units: Units::Same,
        about: "the elements in rising order",
        run: |_, b| sorted(&b, true),
    },
    Function {
        name: "argsort",
        params: &[A, AXIS, KIND],
        units: Units::Plain,
        about: "the positions of the elements in rising order",
        run: |_, b| sorted(&b, false),
    },
    Function {
        name: "lexsort",
        params: &[Param::required("keys")],
        units: Units::Plain,
        about: "the positions in the order of several keys, the last first",
        run: lexsort,
    },
    Function {
        name: "unique",
        params: &[
            A,
            Param::optional("return_index"),
            Param::optional("return_inverse"),
            Param::optional("return_counts"),
        ],
        units: Units::Same,
        about: "the different elements in rising order",
        run: unique,
    },
    Function {
        name: "argmax",
        params: &[A, AXIS],
        units: Units::Plain,
        about: "the position of the largest element",
        run: |_, b| extreme(&b, true),
    },
    Function {
        name: "argmin",
        params: &[A, AXIS],
        units: Units::Plain,
        about: "the position of the smallest element",
        run: |_, b| extreme(&b, false),
    },
    Function {
        name: "nonzero",
        params: &[A],
        units: Units::Plain,
        about: "the positions of elements other than zero, one array for each axis",
        run: |_, b| Ok(found(&b.array("a")?)),
    },
    Function {
        name: "flatnonzero",
        params: &[A],
        units: Units::Plain,
        about: "the positions in the flattened array of elements other than zero",
        run: |_, b| {
            let a = b.array("a")?;
            let all: Vec<usize> = a
                .bool_vec()
                .iter()
                .enumerate()
                .filter(|(_, x)| **x)
                .map(|(k, _)| k)
                .collect();
            let n = all.len();
            Ok(Value::Array(positions(all, &[n])))
        },
    },
    Function {
        name: "argwhere",
        params: &[A],
        units: Units::Plain,
        about: "the positions of elements other than zero, one row for each",
        run: |_, b| {
            let a = b.array("a")?;
            let axes = true_positions(&a.cast(Kind::Bool));
            let n = axes.first().map_or(0, Vec::len);
            let flat = axes.into_iter().flatten().collect();
            Ok(Value::Array(transposed(
                &positions(flat, &[a.ndim(), n]),
                &[1, 0],
            )))
        },
    },
    Function {
        name: "where",
        params: &[
            Param::required("condition"),
            Param::optional("x"),
            Param::optional("y"),
        ],
        units: Units::Own,
        about: "x where the condition holds, else y; without them, the positions where it holds",
        run: choose,
    },
    Function {
        name: "searchsorted",
        params: &[A, Param::required("v"), Param::optional("side")],
        units: Units::Plain,
        about: "where values would be inserted to keep the order",
        run: searchsorted,
    },
    Function {
        name: "digitize",
        params: &[
            Param::required("x"),
            Param::required("bins"),
            Param::optional("right"),
        ],
        units: Units::Plain,
        about: "in which of the bins values lie",
        run: digitize,
    },
    Function {
        name: "isin",
        params: &[Param::required("element"), Param::required("test_elements")],
        units: Units::Plain,
        about: "which elements occur in another array",
        run: isin,
    },
    Function {
        name: "intersect1d",
        params: &[Param::required("ar1"), Param::required("ar2")],
        units: Units::Same,
        about: "the elements that two arrays share",
        run: |_, b| sets(&b, true),
    },
    Function {
        name: "setdiff1d",
        params: &[Param::required("ar1"), Param::required("ar2")],
        units: Units::Same,
        about: "the elements of the first array that the second has not",
        run: |_, b| sets(&b, false),
    },
    Function {
        name: "array_equal",
        params: &[Param::required("a1"), Param::required("a2")],
        units: Units::Plain,
        about: "whether two arrays have the same shape and elements",
        run: |_, b| {
            let (x, y) = (b.array("a1")?, b.array("a2")?);
            Ok(Value::Bool(
                x.shape() == y.shape() && x.float_vec() == y.float_vec(),
            ))
        },
    },
];

/// Floats in rising order, NaN last.
pub(super) fn rising(a: &f64, b: &f64) -> Ordering {
    a.partial_cmp(b)
        .unwrap_or_else(|| a.is_nan().cmp(&b.is_nan()))
}

/// The positions of a lane in rising order; equal elements keep their order.
fn order(x: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..x.len()).collect();
    let at = |k: &usize| x.get(*k).copied().unwrap_or(f64::NAN);
    order.sort_by(|i, j| rising(&at(i), &at(j)));
    order
}

fn sorted(b: &Bound, values: bool) -> Outcome<Value> {
    let mut a = b.array("a")?;
    let flat = b.get("axis").is_some_and(|v| v.value == Value::None);
    if flat || a.ndim() == 0 {
        a = a.with_shape(&[a.len()]);
    }
    let k = if flat {
        0
    } else {
        axis(b.int("axis")?.unwrap_or(-1), a.ndim(), b.span_of("axis"))?
    };
    let lanes = lanes(&a, &[k], false);
    let n = lanes.length;
    let orders = each(&lanes.array.float_vec(), &lanes, order);
    // back into the shape with axis k last, then in place
    let shape: Vec<usize> = lanes.shape.iter().copied().chain([n]).collect();
    let out = if values {
        let picked: Vec<usize> = orders
            .iter()
            .enumerate()
            .flat_map(|(lane, o)| o.iter().map(move |i| lane * n + i))
            .collect();
        lanes.array.pick(&picked, &shape)
    } else {
        positions(orders.into_iter().flatten().collect(), &shape)
    };
    let last = shape.len() - 1;
    let back: Vec<usize> = (0..shape.len())
        .map(|i| match i.cmp(&k) {
            Ordering::Less => i,
            Ordering::Equal => last,
            Ordering::Greater => i - 1,
        })
        .collect();
    Ok(Value::from(transposed(&out, &back)))
}

fn lexsort(_: &mut Run<'_>, b: Bound) -> Outcome<Value> {
    let keys = match b.get("keys").map(|k| &k.value) {
        Some(Value::List(v) | Value::Tuple(v)) => v
            .iter()
            .map(|k| crate::sequences::to_array(k, b.span_of("keys")).map(|a| a.float_vec()))
            .collect::<Outcome<Vec<_>>>()?,
        _ => return Err(b.wrong("keys", "a tuple of arrays")),
    };
    let n = keys.first().map_or(0, Vec::len);
    if keys.iter().any(|k| k.len() != n) {
        return fail(
            "shape-mismatch",
            b.span_of("keys"),
            "lexsort: the keys have different lengths",
        );
    }
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|i, j| {
        keys.iter()
            .rev()
            .map(|k| rising(k.get(*i).unwrap_or(&0.0), k.get(*j).unwrap_or(&0.0)))
            .find(|o| *o != Ordering::Equal)
            .unwrap_or(Ordering::Equal)
    });
    Ok(Value::Array(positions(order, &[n])))
}

fn unique(_: &mut Run<'_>, b: Bound) -> Outcome<Value> {
    let a = b.array("a")?;
    let x = a.float_vec();
    let order = order(&x);
    let mut firsts: Vec<usize> = Vec::new();
    let mut counts: Vec<i64> = Vec::new();
    let mut inverse = vec![0_i64; x.len()];
    for k in order {
        let same = firsts.last().is_some_and(|f| {
            x.get(*f) == x.get(k)
                || (x.get(*f).is_some_and(|v| v.is_nan()) && x.get(k).is_some_and(|v| v.is_nan()))
        });
        if !same {
            firsts.push(k);
            counts.push(0);
        }
        if let Some(c) = counts.last_mut() {
            *c += 1;
        }
        if let Some(slot) = inverse.get_mut(k) {
            *slot = firsts.len() as i64 - 1;
        }
    }
    let n = firsts.len();
    let mut out = vec![Value::Array(a.pick(&firsts, &[n]))];
    if b.flag("return_index")? == Some(true) {
        out.push(Value::Array(positions(firsts, &[n])));
    }
    if b.flag("return_inverse")? == Some(true) {
        out.push(Value::Array(Array::ints(inverse, a.shape())));
    }
    if b.flag("return_counts")? == Some(true) {
        out.push(Value::Array(Array::ints(counts, &[n])));
    }
    Ok(match out.as_slice() {
        [one] => one.clone(),
        _ => Value::Tuple(out),
    })
}

fn extreme(b: &Bound, up: bool) -> Outcome<Value> {
    let a = b.array("a")?;
    if a.is_empty() {
        return fail(
            "empty-array",
            b.span_of("a"),
            format!("{} of an array without elements", b.function),
        );
    }
    let axes = super::reduce::axes(b, a.ndim())?;
    let lanes = lanes(&a, &axes, false);
    let out = each(&lanes.array.float_vec(), &lanes, |x| {
        let mut best = 0;
        for (k, v) in x.iter().enumerate() {
            let so_far = x.get(best).copied().unwrap_or(f64::NAN);
            if !so_far.is_nan() && (v.is_nan() || if up { *v > so_far } else { *v < so_far }) {
                best = k;
            }
        }
        best
    });
    Ok(Value::from(positions(out, &lanes.shape)))
}

fn found(a: &Array) -> Value {
    let a = if a.ndim() == 0 {
        a.with_shape(&[1])
    } else {
        a.clone()
    };
    let axes = true_positions(&a.cast(Kind::Bool));
    Value::Tuple(
        axes.into_iter()
            .map(|p| {
                let n = p.len();
                Value::Array(positions(p, &[n]))
            })
            .collect(),
    )
}

fn choose(_: &mut Run<'_>, b: Bound) -> Outcome<Value> {
    let condition = b.array("condition")?;
    let (x, y) = match (b.array_if("x")?, b.array_if("y")?) {
        (Some(x), Some(y)) => (x, y),
        (None, None) => return Ok(found(&condition)),
        _ => {
            return fail_help(
                "missing-argument",
                b.span,
                "where needs both `x` and `y`, or neither",
                "write `where(condition, x, y)`",
            );
        }
    };
    let dim = super::create::alike(&b, &x, &y, "y")?;
    let shape =
        broadcast_shape(x.shape(), y.shape()).and_then(|s| broadcast_shape(&s, condition.shape()));
    let Some(shape) = shape else {
        return fail(
            "shape-mismatch",
            b.span,
            "where: the condition and the two arrays do not fit together",
        );
    };
    let n = check_size(&shape, b.span)?;
    let mask = condition.bool_vec();
    let at = |k: usize, a: &Array| broadcast_position(k, &shape, a.shape());
    let holds = |k: usize| mask.get(at(k, &condition)).copied().unwrap_or(false);
    fn fill<T: Copy + Default>(n: usize, pick: impl Fn(usize) -> Option<T>) -> Vec<T> {
        (0..n).map(|k| pick(k).unwrap_or_default()).collect()
    }
    let kind = x.kind().max(y.kind());
    Ok(Value::from(match kind {
        Kind::Float => {
            let (u, v) = (x.float_vec(), y.float_vec());
            Array::floats(
                fill(n, |k| {
                    if holds(k) {
                        u.get(at(k, &x)).copied()
                    } else {
                        v.get(at(k, &y)).copied()
                    }
                }),
                &shape,
                dim,
            )
        }
        Kind::Int => {
            let (u, v) = (x.int_vec(), y.int_vec());
            Array::ints(
                fill(n, |k| {
                    if holds(k) {
                        u.get(at(k, &x)).copied()
                    } else {
                        v.get(at(k, &y)).copied()
                    }
                }),
                &shape,
            )
        }
        Kind::Bool => {
            let (u, v) = (x.bool_vec(), y.bool_vec());
            Array::bools(
                fill(n, |k| {
                    if holds(k) {
                        u.get(at(k, &x)).copied()
                    } else {
                        v.get(at(k, &y)).copied()
                    }
                }),
                &shape,
            )
        }
    }))
}

fn searchsorted(_: &mut Run<'_>, b: Bound) -> Outcome<Value> {
    let (a, v) = (b.array("a")?, b.array("v")?);
    super::create::alike(&b, &a, &v, "v")?;
    let right = match b.text("side")? {
        None | Some("left") => false,
        Some("right") => true,
        Some(_) => return Err(b.wrong("side", "'left' or 'right'")),
    };
    let x = a.float_vec();
    let find = |v: f64| {
        x.partition_point(|x| {
            if right {
                rising(x, &v) != Ordering::Greater
            } else {
                rising(x, &v) == Ordering::Less
            }
        }) as i64
    };
    let data: ArrayD<i64> = v.to_floats().mapv(find);
    Ok(Value::from(Array {
        data: ArrayData::I64(data),
        dim: Dim::NONE,
    }))
}

fn digitize(_: &mut Run<'_>, b: Bound) -> Outcome<Value> {
    let (x, bins) = (b.array("x")?, b.array("bins")?);
    super::create::alike(&b, &x, &bins, "bins")?;
    let right = b.flag("right")?.unwrap_or(false);
    let mut edges = bins.float_vec();
    let falling = edges.first() > edges.last();
    if falling {
        edges.reverse();
    }
    let n = edges.len() as i64;
    let find = |v: f64| {
        let closed = right != falling;
        let k = edges.partition_point(|e| if closed { e < &v } else { e <= &v }) as i64;
        if falling { n - k } else { k }
    };
    Ok(Value::from(Array {
        data: ArrayData::I64(x.to_floats().mapv(find)),
        dim: Dim::NONE,
    }))
}

fn isin(_: &mut Run<'_>, b: Bound) -> Outcome<Value> {
    let (x, set) = (b.array("element")?, b.array("test_elements")?);
    super::create::alike(&b, &x, &set, "test_elements")?;
    let mut known = set.float_vec();
    known.sort_by(rising);
    let data = x
        .to_floats()
        .mapv(|v| known.binary_search_by(|k| rising(k, &v)).is_ok());
    Ok(Value::from(Array {
        data: ArrayData::Bool(data),
        dim: Dim::NONE,
    }))
}

fn sets(b: &Bound, common: bool) -> Outcome<Value> {
    let (x, y) = (b.array("ar1")?, b.array("ar2")?);
    super::create::alike(b, &x, &y, "ar2")?;
    let other = y.float_vec();
    let values = x.float_vec();
    let mut picked: Vec<usize> = order(&values);
    picked.retain(|k| values.get(*k).is_some_and(|v| other.contains(v)) == common);
    picked.dedup_by(|i, j| values.get(*i) == values.get(*j));
    let n = picked.len();
    Ok(Value::Array(x.pick(&picked, &[n])))
}
