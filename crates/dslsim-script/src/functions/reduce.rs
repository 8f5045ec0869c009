//! Sums, means, spreads, extremes: what makes fewer numbers of many.
//!
//! Sums are taken as numpy takes them: pairwise along the last axis, one after the other along earlier ones; so results
//! agree to the last digit.

use dslsim_source::Span;
use dslsim_units::Dim;

use super::{Function, Units};
use crate::array::{Array, ArrayData, Kind};
use crate::call::{Bound, Param};
use crate::eval::Run;
use crate::fault::{Outcome, fail};
use crate::value::Value;

const A: Param = Param::required("a");
const AXIS: Param = Param::optional("axis");
const DTYPE: Param = Param::optional("dtype");
const OUT: Param = Param::optional("out");
const KEEP: Param = Param::optional("keepdims");
const DDOF: Param = Param::optional("ddof");

const SUM: &[Param] = &[A, AXIS, DTYPE, OUT, KEEP];
const SPREAD: &[Param] = &[A, AXIS, DTYPE, OUT, DDOF, KEEP];
const TEST: &[Param] = &[A, AXIS, OUT, KEEP];

pub(super) const TABLE: &[Function] = &[
    Function {
        name: "sum",
        params: SUM,
        units: Units::Same,
        about: "the sum of all elements or along an axis",
        run: sum,
    },
    Function {
        name: "nansum",
        params: SUM,
        units: Units::Same,
        about: "the sum without NaN",
        run: |r, b| sum(r, without_nan(b)?),
    },
    Function {
        name: "mean",
        params: SUM,
        units: Units::Same,
        about: "the mean",
        run: mean,
    },
    Function {
        name: "nanmean",
        params: SUM,
        units: Units::Same,
        about: "the mean without NaN",
        run: |_, b| {
            floats(
                &b,
                Units::Same,
                |x| average(&finite(x)),
                |x| average(&finite(x)),
            )
        },
    },
    Function {
        name: "std",
        params: SPREAD,
        units: Units::Same,
        about: "the standard deviation (of the population; `ddof=1`: of a sample)",
        run: |_, b| spread(&b, false),
    },
    Function {
        name: "var",
        params: SPREAD,
        units: Units::Own,
        about: "the variance (of the population; `ddof=1`: of a sample), in the square of the unit",
        run: |_, b| spread(&b, true),
    },
    Function {
        name: "nanstd",
        params: SPREAD,
        units: Units::Same,
        about: "the standard deviation without NaN",
        run: |r, b| {
            let _ = r;
            nan_spread(&b, false)
        },
    },
    Function {
        name: "nanvar",
        params: SPREAD,
        units: Units::Own,
        about: "the variance without NaN",
        run: |r, b| {
            let _ = r;
            nan_spread(&b, true)
        },
    },
    Function {
        name: "prod",
        params: SUM,
        units: Units::Own,
        about: "the product of all elements or along an axis",
        run: prod,
    },
    Function {
        name: "any",
        params: TEST,
        units: Units::Plain,
        about: "whether one element is true",
        run: |_, b| test(&b, |x| x.contains(&true)),
    },
    Function {
        name: "all",
        params: TEST,
        units: Units::Plain,
        about: "whether all elements are true",
        run: |_, b| test(&b, |x| !x.contains(&false)),
    },
    Function {
        name: "count_nonzero",
        params: &[A, AXIS, KEEP],
        units: Units::Plain,
        about: "how many elements are not zero",
        run: count_nonzero,
    },
    Function {
        name: "nanmax",
        params: SUM,
        units: Units::Same,
        about: "the largest element that is not NaN",
        run: |_, b| {
            floats(
                &b,
                Units::Same,
                |x| finite(x).into_iter().fold(f64::NAN, f64::max),
                |x| finite(x).into_iter().fold(f64::NAN, f64::max),
            )
        },
    },
    Function {
        name: "nanmin",
        params: SUM,
        units: Units::Same,
        about: "the smallest element that is not NaN",
        run: |_, b| {
            floats(
                &b,
                Units::Same,
                |x| finite(x).into_iter().fold(f64::NAN, f64::min),
                |x| finite(x).into_iter().fold(f64::NAN, f64::min),
            )
        },
    },
    Function {
        name: "ptp",
        params: &[A, AXIS, OUT, KEEP],
        units: Units::Same,
        about: "the largest minus the smallest element",
        run: |_, b| {
            not_empty(&b)?;
            floats(
                &b,
                Units::Same,
                |x| largest(x) - smallest(x),
                |x| largest(x) - smallest(x),
            )
        },
    },
    Function {
        name: "average",
        params: &[A, AXIS, Param::optional("weights")],
        units: Units::Same,
        about: "the mean, with weights",
        run: weighted,
    },
];

/// An array cut along the axes to be reduced.
pub(super) struct Lanes {
    /// All elements, lane after lane.
    pub array: Array,
    /// Elements of one lane.
    pub length: usize,
    /// The shape of the result.
    pub shape: Vec<usize>,
    /// Whether a lane is contiguous in memory.
    pub contiguous: bool,
}

/// The axes an `axis=` names; all if there is none.
pub(super) fn axes(b: &Bound, ndim: usize) -> Outcome<Vec<usize>> {
    let Some(given) = b.given("axis") else {
        return Ok((0..ndim).collect());
    };
    let list: Vec<Value> = given
        .value
        .as_sequence()
        .map_or_else(|| vec![given.value.clone()], <[Value]>::to_vec);
    let mut axes = Vec::new();
    for entry in list {
        let Some(k) = entry.as_i64() else {
            return Err(b.wrong("axis", "a whole number"));
        };
        axes.push(axis(k, ndim, given.span)?);
    }
    axes.sort_unstable();
    axes.dedup();
    Ok(axes)
}

/// An axis counted from either end.
pub(super) fn axis(k: i64, ndim: usize, span: Span) -> Outcome<usize> {
    let n = ndim as i64;
    match usize::try_from(if k < 0 { k + n } else { k }) {
        Ok(at) if at < ndim => Ok(at),
        _ => fail(
            "wrong-value",
            span,
            format!("there is no axis {k}: the array has {ndim}, counted from 0"),
        ),
    }
}

/// Cuts an array along `axes`.
pub(super) fn lanes(a: &Array, axes: &[usize], keep: bool) -> Lanes {
    let kept: Vec<usize> = (0..a.ndim()).filter(|k| !axes.contains(k)).collect();
    let order: Vec<usize> = kept.iter().chain(axes).copied().collect();
    let contiguous = order.windows(2).all(|w| matches!(w, [a, b] if a < b));
    let array = if contiguous {
        a.clone()
    } else {
        super::shape::transposed(a, &order)
    };
    let at = |k: &usize| a.shape().get(*k).copied().unwrap_or(1);
    let length = axes.iter().map(at).product();
    let shape = if keep {
        (0..a.ndim())
            .map(|k| if axes.contains(&k) { 1 } else { at(&k) })
            .collect()
    } else {
        kept.iter().map(at).collect()
    };
    Lanes {
        array,
        length,
        shape,
        contiguous,
    }
}

/// The lanes an `a`, `axis=` and `keepdims=` ask for.
fn asked(b: &Bound) -> Outcome<Lanes> {
    let a = b.array("a")?;
    if b.given("out").is_some() {
        return fail(
            "not-supported",
            b.span_of("out"),
            format!("{}: `out` is not supported; assign the result", b.function),
        );
    }
    let axes = axes(b, a.ndim())?;
    Ok(lanes(&a, &axes, b.flag("keepdims")?.unwrap_or(false)))
}

/// One result for each lane; an array of nothing along the lane gives lanes of no elements.
pub(super) fn each<T: Clone, R>(data: &[T], lanes: &Lanes, f: impl Fn(&[T]) -> R) -> Vec<R> {
    let n: usize = lanes.shape.iter().product();
    if lanes.length == 0 {
        return (0..n).map(|_| f(&[])).collect();
    }
    data.chunks(lanes.length).map(f).collect()
}

/// A reduction of floats; `along` is used where lanes are not contiguous.
fn floats(
    b: &Bound,
    units: Units,
    contiguous: impl Fn(&[f64]) -> f64,
    along: impl Fn(&[f64]) -> f64,
) -> Outcome<Value> {
    let lanes = asked(b)?;
    let data = lanes.array.float_vec();
    let out = if lanes.contiguous {
        each(&data, &lanes, contiguous)
    } else {
        each(&data, &lanes, along)
    };
    let dim = if units == Units::Same {
        lanes.array.dim
    } else {
        Dim::NONE
    };
    Ok(Value::from(Array::floats(out, &lanes.shape, dim)))
}

/// numpy's sum of contiguous floats.
pub(crate) fn pairwise(x: &[f64]) -> f64 {
    let n = x.len();
    if n < 8 {
        return x.iter().fold(0.0, |s, v| s + v);
    }
    if n <= 128 {
        let mut r = [0.0; 8];
        let (blocks, rest) = x.as_chunks::<8>();
        for (k, block) in blocks.iter().enumerate() {
            for (s, v) in r.iter_mut().zip(block) {
                *s = if k == 0 { *v } else { *s + v };
            }
        }
        let [a, b, c, d, e, f, g, h] = r;
        let sum = ((a + b) + (c + d)) + ((e + f) + (g + h));
        return rest.iter().fold(sum, |s, v| s + v);
    }
    let half = n / 2;
    let (left, right) = x.split_at(half - half % 8);
    pairwise(left) + pairwise(right)
}

/// One after the other.
fn running(x: &[f64]) -> f64 {
    x.iter().fold(0.0, |s, v| s + v)
}

fn average(x: &[f64]) -> f64 {
    pairwise(x) / x.len() as f64
}

fn finite(x: &[f64]) -> Vec<f64> {
    x.iter().copied().filter(|v| !v.is_nan()).collect()
}

/// The largest element; NaN if one is.
pub(crate) fn largest(x: &[f64]) -> f64 {
    x.iter().copied().fold(f64::NEG_INFINITY, |m, v| {
        if m.is_nan() || v.is_nan() {
            f64::NAN
        } else {
            m.max(v)
        }
    })
}

/// The smallest element; NaN if one is.
pub(crate) fn smallest(x: &[f64]) -> f64 {
    x.iter().copied().fold(f64::INFINITY, |m, v| {
        if m.is_nan() || v.is_nan() {
            f64::NAN
        } else {
            m.min(v)
        }
    })
}

fn sum(_: &mut Run<'_>, b: Bound) -> Outcome<Value> {
    let lanes = asked(&b)?;
    let kind = super::create::dtype(&b)?;
    if lanes.array.kind() == Kind::Float || kind == Some(Kind::Float) {
        return floats(&b, Units::Same, pairwise, running);
    }
    let data = lanes.array.int_vec();
    let out = each(&data, &lanes, |x| {
        x.iter().fold(0_i64, |s, v| s.wrapping_add(*v))
    });
    Ok(Value::from(Array::ints(out, &lanes.shape)))
}

/// NaN replaced by zero in `a`.
fn without_nan(mut b: Bound) -> Outcome<Bound> {
    let a = b.array("a")?;
    if a.kind() == Kind::Float {
        let cleaned = a
            .float_vec()
            .into_iter()
            .map(|x| if x.is_nan() { 0.0 } else { x })
            .collect();
        b.replace("a", Value::from(Array::floats(cleaned, a.shape(), a.dim)));
    }
    Ok(b)
}

fn mean(_: &mut Run<'_>, b: Bound) -> Outcome<Value> {
    floats(&b, Units::Same, average, |x| running(x) / x.len() as f64)
}

fn variance(x: &[f64], ddof: f64, total: fn(&[f64]) -> f64) -> f64 {
    let n = x.len() as f64;
    let mean = total(x) / n;
    let squares: Vec<f64> = x.iter().map(|v| (v - mean) * (v - mean)).collect();
    total(&squares) / (n - ddof).max(0.0)
}

fn spread(b: &Bound, squared: bool) -> Outcome<Value> {
    spread_of(b, squared, |x| x.to_vec())
}

fn nan_spread(b: &Bound, squared: bool) -> Outcome<Value> {
    spread_of(b, squared, finite)
}

fn spread_of(b: &Bound, squared: bool, prepare: fn(&[f64]) -> Vec<f64>) -> Outcome<Value> {
    let lanes = asked(b)?;
    let ddof = match b.given("ddof") {
        None => 0.0,
        Some(d) => d
            .value
            .as_f64()
            .ok_or_else(|| b.wrong("ddof", "a number"))?,
    };
    let total = if lanes.contiguous { pairwise } else { running };
    let out = each(&lanes.array.float_vec(), &lanes, |x| {
        let v = variance(&prepare(x), ddof, total);
        if squared { v } else { v.sqrt() }
    });
    let dim = if squared {
        lanes.array.dim.mul(lanes.array.dim)
    } else {
        lanes.array.dim
    };
    Ok(Value::from(Array::floats(out, &lanes.shape, dim)))
}

fn prod(_: &mut Run<'_>, b: Bound) -> Outcome<Value> {
    let lanes = asked(&b)?;
    if lanes.array.kind() == Kind::Float {
        let times = i32::try_from(lanes.length)
            .ok()
            .and_then(|n| lanes.array.dim.pow(n, 1));
        let Some(dim) = times else {
            return fail(
                "dimension-mismatch",
                b.span_of("a"),
                "the unit of this product is out of range",
            );
        };
        let out = each(&lanes.array.float_vec(), &lanes, |x| x.iter().product());
        return Ok(Value::from(Array::floats(out, &lanes.shape, dim)));
    }
    let out = each(&lanes.array.int_vec(), &lanes, |x| {
        x.iter().fold(1_i64, |p, v| p.wrapping_mul(*v))
    });
    Ok(Value::from(Array::ints(out, &lanes.shape)))
}

fn test(b: &Bound, f: impl Fn(&[bool]) -> bool) -> Outcome<Value> {
    let lanes = asked(b)?;
    let out = each(&lanes.array.bool_vec(), &lanes, f);
    Ok(Value::from(Array::bools(out, &lanes.shape)))
}

fn count_nonzero(_: &mut Run<'_>, b: Bound) -> Outcome<Value> {
    let lanes = asked(&b)?;
    let out = each(&lanes.array.bool_vec(), &lanes, |x| {
        x.iter().filter(|v| **v).count() as i64
    });
    Ok(Value::from(Array::ints(out, &lanes.shape)))
}

fn not_empty(b: &Bound) -> Outcome<()> {
    if b.array("a")?.is_empty() {
        fail(
            "empty-array",
            b.span_of("a"),
            format!("{} of an array without elements", b.function),
        )
    } else {
        Ok(())
    }
}

/// The largest (`up`) or smallest elements along the axes asked for.
pub(super) fn extreme(b: &Bound, up: bool) -> Outcome<Value> {
    not_empty(b)?;
    let lanes = asked(b)?;
    let dim = lanes.array.dim;
    let data = match &lanes.array.data {
        ArrayData::F64(_) => {
            let out = each(
                &lanes.array.float_vec(),
                &lanes,
                if up { largest } else { smallest },
            );
            return Ok(Value::from(Array::floats(out, &lanes.shape, dim)));
        }
        ArrayData::I64(_) => {
            let out = each(&lanes.array.int_vec(), &lanes, |x| {
                if up {
                    x.iter().max().copied()
                } else {
                    x.iter().min().copied()
                }
                .unwrap_or(0)
            });
            Array::ints(out, &lanes.shape)
        }
        ArrayData::Bool(_) => {
            let out = each(&lanes.array.bool_vec(), &lanes, |x| {
                if up {
                    x.contains(&true)
                } else {
                    !x.contains(&false)
                }
            });
            Array::bools(out, &lanes.shape)
        }
    };
    Ok(Value::from(data))
}

fn weighted(r: &mut Run<'_>, mut b: Bound) -> Outcome<Value> {
    let Some(weights) = b.array_if("weights")? else {
        return mean(r, b);
    };
    let a = b.array("a")?;
    if weights.shape() != a.shape() {
        return fail(
            "shape-mismatch",
            b.span_of("weights"),
            "there must be one weight for each element",
        );
    }
    let products: Vec<f64> = a
        .float_vec()
        .iter()
        .zip(weights.float_vec())
        .map(|(x, w)| x * w)
        .collect();
    b.replace("a", Value::from(Array::floats(products, a.shape(), a.dim)));
    let top = lanes_of(&b)?;
    b.replace(
        "a",
        Value::from(Array::floats(weights.float_vec(), a.shape(), Dim::NONE)),
    );
    let below = lanes_of(&b)?;
    let out = top.1.iter().zip(&below.1).map(|(x, w)| x / w).collect();
    Ok(Value::from(Array::floats(out, &top.0.shape, a.dim)))
}

fn lanes_of(b: &Bound) -> Outcome<(Lanes, Vec<f64>)> {
    let lanes = asked(b)?;
    let sums = each(
        &lanes.array.float_vec(),
        &lanes,
        if lanes.contiguous { pairwise } else { running },
    );
    Ok((lanes, sums))
}
