//! Medians, histograms, running sums and differences, interpolation.

use dslsim_units::Dim;

use super::order::rising;
use super::reduce::{Lanes, axes, axis, each, lanes, largest, smallest};
use super::shape::{along_axis, transposed};
use super::{Function, Units};
use crate::array::{Array, Kind};
use crate::call::{Bound, Param};
use crate::eval::Run;
use crate::fault::{Outcome, fail, fail_help};
use crate::limits::check_size;
use crate::operators::arrays;
use crate::units::describe;
use crate::value::Value;
use dslsim_syntax::ast::BinaryOp;

const A: Param = Param::required("a");
const AXIS: Param = Param::optional("axis");
const KEEP: Param = Param::optional("keepdims");

pub(super) const TABLE: &[Function] = &[
    Function {
        name: "median",
        params: &[A, AXIS, KEEP],
        units: Units::Same,
        about: "the middle element in rising order",
        run: |_, b| ranked(&b, middle),
    },
    Function {
        name: "nanmedian",
        params: &[A, AXIS, KEEP],
        units: Units::Same,
        about: "the median without NaN",
        run: |_, b| {
            ranked(&b, |x| {
                middle(
                    &x.iter()
                        .copied()
                        .filter(|v| !v.is_nan())
                        .collect::<Vec<_>>(),
                )
            })
        },
    },
    Function {
        name: "percentile",
        params: &[A, Param::required("q"), AXIS, KEEP],
        units: Units::Same,
        about: "the value below which q percent of the elements lie",
        run: |_, b| quantiles(&b, 100.0),
    },
    Function {
        name: "quantile",
        params: &[A, Param::required("q"), AXIS, KEEP],
        units: Units::Same,
        about: "the value below which a fraction q of the elements lies",
        run: |_, b| quantiles(&b, 1.0),
    },
    Function {
        name: "histogram",
        params: &[
            A,
            Param::optional("bins"),
            Param::optional("range"),
            Param::optional("density"),
            Param::optional("weights"),
        ],
        units: Units::Own,
        about: "the number of elements in each bin, and the edges of the bins",
        run: histogram,
    },
    Function {
        name: "bincount",
        params: &[
            Param::required("x"),
            Param::optional("weights"),
            Param::optional("minlength"),
        ],
        units: Units::Plain,
        about: "how often each whole number occurs",
        run: bincount,
    },
    Function {
        name: "cumsum",
        params: &[A, AXIS],
        units: Units::Same,
        about: "the running sum",
        run: |_, b| cumulative(&b, false),
    },
    Function {
        name: "cumprod",
        params: &[A, AXIS],
        units: Units::Pure,
        about: "the running product",
        run: |_, b| cumulative(&b, true),
    },
    Function {
        name: "diff",
        params: &[A, Param::optional("n"), AXIS],
        units: Units::Same,
        about: "the differences of neighbours",
        run: diff,
    },
    Function {
        name: "gradient",
        params: &[Param::required("f"), Param::optional("dx")],
        units: Units::Own,
        about: "the slope at each element",
        run: gradient,
    },
    Function {
        name: "interp",
        params: &[
            Param::required("x"),
            Param::required("xp"),
            Param::required("fp"),
            Param::keyword("left"),
            Param::keyword("right"),
        ],
        units: Units::Own,
        about: "values between given points, on straight lines",
        run: interp,
    },
    Function {
        name: "convolve",
        params: &[A, Param::required("v"), Param::optional("mode")],
        units: Units::Own,
        about: "the convolution of two series",
        run: convolve,
    },
    Function {
        name: "correlate",
        params: &[A, Param::required("v"), Param::optional("mode")],
        units: Units::Own,
        about: "the correlation of two series",
        run: correlate,
    },
    Function {
        name: "corrcoef",
        params: &[Param::required("x"), Param::optional("y")],
        units: Units::Plain,
        about: "the matrix of correlation coefficients",
        run: |_, b| covariance(&b, true),
    },
    Function {
        name: "cov",
        params: &[Param::required("x"), Param::optional("y")],
        units: Units::Own,
        about: "the matrix of covariances (of a sample)",
        run: |_, b| covariance(&b, false),
    },
    Function {
        name: "trapezoid",
        params: &[
            Param::required("y"),
            Param::optional("x"),
            Param::optional("dx"),
        ],
        units: Units::Own,
        about: "the area under a line, by trapezoids",
        run: trapezoid,
    },
];

fn reduced(b: &Bound) -> Outcome<Lanes> {
    let a = b.array("a")?;
    let axes = axes(b, a.ndim())?;
    Ok(lanes(&a, &axes, b.flag("keepdims")?.unwrap_or(false)))
}

fn ranked(b: &Bound, f: fn(&[f64]) -> f64) -> Outcome<Value> {
    let lanes = reduced(b)?;
    let out = each(&lanes.array.float_vec(), &lanes, f);
    Ok(Value::from(Array::floats(
        out,
        &lanes.shape,
        lanes.array.dim,
    )))
}

fn middle(x: &[f64]) -> f64 {
    if x.is_empty() || x.iter().any(|v| v.is_nan()) {
        return f64::NAN;
    }
    let mut x = x.to_vec();
    x.sort_by(rising);
    let at = |k: usize| x.get(k).copied().unwrap_or(f64::NAN);
    let half = x.len() / 2;
    if x.len() % 2 == 1 {
        at(half)
    } else {
        (at(half - 1) + at(half)) / 2.0
    }
}

/// numpy's linear quantile of sorted elements.
fn quantile(sorted: &[f64], q: f64) -> f64 {
    if sorted.is_empty() || sorted.last().is_some_and(|v| v.is_nan()) {
        return f64::NAN;
    }
    let virtual_index = q * (sorted.len() - 1) as f64;
    let below = virtual_index.floor();
    let gamma = virtual_index - below;
    let at = |k: f64| {
        sorted
            .get(k as usize)
            .or(sorted.last())
            .copied()
            .unwrap_or(f64::NAN)
    };
    let (a, b) = (at(below), at(below + 1.0));
    let step = b - a;
    if gamma >= 0.5 {
        b - step * (1.0 - gamma)
    } else {
        a + step * gamma
    }
}

fn quantiles(b: &Bound, whole: f64) -> Outcome<Value> {
    let lanes = reduced(b)?;
    let q = b.pure("q")?;
    if q.to_floats().iter().any(|x| !(0.0..=whole).contains(x)) {
        return fail(
            "wrong-value",
            b.span_of("q"),
            format!("{}: `q` must lie between 0 and {whole}", b.function),
        );
    }
    let sorted: Vec<Vec<f64>> = each(&lanes.array.float_vec(), &lanes, |x| {
        let mut x = x.to_vec();
        x.sort_by(rising);
        x
    });
    let out = q
        .float_vec()
        .iter()
        .flat_map(|q| sorted.iter().map(move |x| quantile(x, q / whole)))
        .collect();
    let shape: Vec<usize> = q.shape().iter().chain(&lanes.shape).copied().collect();
    Ok(Value::from(Array::floats(out, &shape, lanes.array.dim)))
}

fn histogram(_: &mut Run<'_>, b: Bound) -> Outcome<Value> {
    let a = b.array("a")?;
    let data = a.float_vec();
    let bins = b
        .array_if("bins")?
        .unwrap_or_else(|| Array::ints(vec![10], &[]));
    let (edges, uniform) = if bins.ndim() == 0 {
        let Some(n) = bins
            .get(0)
            .as_i64()
            .filter(|n| (1..=100_000_000).contains(n))
        else {
            return Err(b.wrong("bins", "a positive whole number or an array of edges"));
        };
        let (mut low, mut high) = match b.array_if("range")? {
            Some(range) if range.len() == 2 => {
                super::create::alike(&b, &a, &range, "range")?;
                (
                    range.get_f64(0).unwrap_or(0.0),
                    range.get_f64(1).unwrap_or(1.0),
                )
            }
            Some(_) => return Err(b.wrong("range", "two numbers")),
            None if data.is_empty() => (0.0, 1.0),
            None => (smallest(&data), largest(&data)),
        };
        if !low.is_finite() || !high.is_finite() || low > high {
            return fail(
                "wrong-value",
                b.span,
                "histogram: the range must be finite and rising",
            );
        }
        if low == high {
            low -= 0.5;
            high += 0.5;
        }
        let step = (high - low) / n as f64;
        let mut edges: Vec<f64> = (0..=n).map(|k| k as f64 * step + low).collect();
        if let Some(last) = edges.last_mut() {
            *last = high;
        }
        (edges, true)
    } else {
        super::create::alike(&b, &a, &bins, "bins")?;
        let edges = bins.float_vec();
        if edges.windows(2).any(|w| matches!(w, [x, y] if x > y)) {
            return fail(
                "wrong-value",
                b.span_of("bins"),
                "histogram: the edges must rise",
            );
        }
        (edges, false)
    };
    let weights = b.array_if("weights")?;
    if weights.as_ref().is_some_and(|w| w.len() != a.len()) {
        return fail(
            "shape-mismatch",
            b.span_of("weights"),
            "histogram: there must be one weight for each element",
        );
    }
    let n = edges.len().saturating_sub(1);
    let mut counts = vec![0.0; n];
    let last = edges.last().copied().unwrap_or(f64::NAN);
    for (k, x) in data.iter().enumerate() {
        // the last bin is closed on both sides
        let bin = if *x == last {
            n
        } else {
            edges.partition_point(|e| e <= x)
        };
        if *x <= last
            && let Some(slot) = bin.checked_sub(1).and_then(|bin| counts.get_mut(bin))
        {
            *slot += weights
                .as_ref()
                .map_or(Some(1.0), |w| w.get_f64(k))
                .unwrap_or(0.0);
        }
    }
    let edge_dim = if a.dim.is_none() && !uniform {
        b.array("bins")?.dim
    } else {
        a.dim
    };
    let heights = if b.flag("density")? == Some(true) {
        let total: f64 = counts.iter().sum();
        let widths = edges
            .windows(2)
            .map(|w| if let [x, y] = w { y - x } else { 1.0 });
        Array::vector(
            counts
                .iter()
                .zip(widths)
                .map(|(c, w)| c / w / total)
                .collect(),
            edge_dim.recip(),
        )
    } else {
        match weights {
            Some(w) => Array::vector(counts, w.dim),
            None => Array::ints(counts.iter().map(|c| *c as i64).collect(), &[n]),
        }
    };
    Ok(Value::Tuple(vec![
        Value::Array(heights),
        Value::Array(Array::vector(edges, edge_dim)),
    ]))
}

fn bincount(_: &mut Run<'_>, b: Bound) -> Outcome<Value> {
    let x = b.pure("x")?;
    if x.kind() == Kind::Float && !x.is_empty() {
        return Err(b.wrong("x", "an array of whole numbers"));
    }
    let x = x.int_vec();
    let top = x.iter().max().copied().unwrap_or(-1);
    if x.iter().any(|k| *k < 0) {
        return fail(
            "wrong-value",
            b.span_of("x"),
            "bincount: negative numbers cannot be counted",
        );
    }
    let n = usize::try_from(top.saturating_add(1))
        .unwrap_or(0)
        .max(b.count("minlength")?.unwrap_or(0));
    check_size(&[n], b.span)?;
    let mut counts = vec![0.0; n];
    let weights = b.array_if("weights")?;
    for (at, k) in x.iter().enumerate() {
        if let Some(slot) = counts.get_mut(*k as usize) {
            *slot += weights
                .as_ref()
                .map_or(Some(1.0), |w| w.get_f64(at))
                .unwrap_or(0.0);
        }
    }
    Ok(Value::Array(match weights {
        Some(w) => Array::vector(counts, w.dim),
        None => Array::ints(counts.iter().map(|c| *c as i64).collect(), &[n]),
    }))
}

fn cumulative(b: &Bound, product: bool) -> Outcome<Value> {
    let mut a = if product { b.pure("a")? } else { b.array("a")? };
    let k = match b.int("axis")? {
        Some(k) => axis(k, a.ndim(), b.span_of("axis"))?,
        None => {
            a = a.with_shape(&[a.len()]);
            0
        }
    };
    let lanes = lanes(&a, &[k], false);
    let shape: Vec<usize> = lanes.shape.iter().copied().chain([lanes.length]).collect();
    let out = if a.kind() == Kind::Float {
        let runs = each(&lanes.array.float_vec(), &lanes, |x| {
            let mut so_far = if product { 1.0 } else { 0.0 };
            x.iter()
                .map(|v| {
                    so_far = if product { so_far * v } else { so_far + v };
                    so_far
                })
                .collect::<Vec<_>>()
        });
        Array::floats(runs.into_iter().flatten().collect(), &shape, a.dim)
    } else {
        let runs = each(&lanes.array.int_vec(), &lanes, |x| {
            let mut so_far = i64::from(product);
            x.iter()
                .map(|v| {
                    so_far = if product {
                        so_far.wrapping_mul(*v)
                    } else {
                        so_far.wrapping_add(*v)
                    };
                    so_far
                })
                .collect::<Vec<_>>()
        });
        Array::ints(runs.into_iter().flatten().collect(), &shape)
    };
    let last = shape.len() - 1;
    let back: Vec<usize> = (0..shape.len())
        .map(|i| {
            if i == k {
                last
            } else if i > k {
                i - 1
            } else {
                i
            }
        })
        .collect();
    Ok(Value::from(transposed(&out, &back)))
}

fn diff(_: &mut Run<'_>, b: Bound) -> Outcome<Value> {
    let mut a = b.array("a")?;
    if a.ndim() == 0 {
        return Err(b.wrong("a", "an array"));
    }
    let k = axis(b.int("axis")?.unwrap_or(-1), a.ndim(), b.span_of("axis"))?;
    for _ in 0..b.count("n")?.unwrap_or(1).min(64) {
        let n = a.shape().get(k).copied().unwrap_or(0);
        let later = along_axis(&a, k, &(1..n).collect::<Vec<_>>());
        let earlier = along_axis(&a, k, &(0..n.saturating_sub(1)).collect::<Vec<_>>());
        a = if a.kind() == Kind::Bool {
            arrays(BinaryOp::BitXor, &later, &earlier, b.span)?
        } else {
            arrays(BinaryOp::Sub, &later, &earlier, b.span)?
        };
    }
    Ok(Value::from(a))
}

fn gradient(_: &mut Run<'_>, b: Bound) -> Outcome<Value> {
    let f = b.array("f")?;
    let x = f.float_vec();
    if f.ndim() != 1 || x.len() < 2 {
        return Err(b.wrong("f", "an array of one axis and at least 2 elements"));
    }
    let dx = b.array_if("dx")?;
    if dx.as_ref().is_some_and(|d| d.len() != 1) {
        return Err(b.wrong("dx", "one number"));
    }
    let step = dx.as_ref().and_then(|d| d.get_f64(0)).unwrap_or(1.0);
    let at = |k: usize| x.get(k).copied().unwrap_or(f64::NAN);
    let n = x.len();
    let slopes = (0..n).map(|k| match k {
        0 => (at(1) - at(0)) / step,
        k if k + 1 == n => (at(k) - at(k - 1)) / step,
        k => (at(k + 1) - at(k - 1)) / (2.0 * step),
    });
    Ok(Value::Array(Array::vector(
        slopes.collect(),
        f.dim.div(dx.map_or(Dim::NONE, |d| d.dim)),
    )))
}

fn interp(_: &mut Run<'_>, b: Bound) -> Outcome<Value> {
    let (x, xp, fp) = (b.array("x")?, b.array("xp")?, b.array("fp")?);
    super::create::alike(&b, &x, &xp, "xp")?;
    let (points, values) = (xp.float_vec(), fp.float_vec());
    if points.len() != values.len() || points.is_empty() {
        return fail(
            "shape-mismatch",
            b.span_of("fp"),
            format!(
                "interp: {} values for {} points",
                values.len(),
                points.len()
            ),
        );
    }
    let end = |name: &str, own: Option<&f64>| -> Outcome<f64> {
        match b.array_if(name)? {
            Some(v) => Ok(v.get_f64(0).unwrap_or(f64::NAN)),
            None => Ok(own.copied().unwrap_or(f64::NAN)),
        }
    };
    let (left, right) = (end("left", values.first())?, end("right", values.last())?);
    let at = |v: &[f64], k: usize| v.get(k).copied().unwrap_or(f64::NAN);
    let n = points.len();
    let data = x.to_floats().mapv(|x| {
        if x.is_nan() {
            return x;
        }
        if x > at(&points, n - 1) {
            return right;
        }
        let k = points.partition_point(|p| *p <= x);
        if k == 0 {
            return left;
        }
        let k = k - 1;
        if k + 1 >= n || at(&points, k) == x {
            return at(&values, k);
        }
        let slope = (at(&values, k + 1) - at(&values, k)) / (at(&points, k + 1) - at(&points, k));
        slope * (x - at(&points, k)) + at(&values, k)
    });
    Ok(Value::from(Array {
        data: crate::array::ArrayData::F64(data),
        dim: fp.dim,
    }))
}

/// The part of a full convolution that `mode` asks for.
fn part(b: &Bound, full: Vec<f64>, n: usize, m: usize, default: &str) -> Outcome<Vec<f64>> {
    let (long, short) = (n.max(m), n.min(m));
    let (start, length) = match b.text("mode")?.unwrap_or(default) {
        "full" => (0, full.len()),
        "same" => ((short - 1) / 2, long),
        "valid" => (short - 1, long - short + 1),
        _ => return Err(b.wrong("mode", "'full', 'same' or 'valid'")),
    };
    Ok(full.into_iter().skip(start).take(length).collect())
}

fn convolved(a: &[f64], v: &[f64]) -> Vec<f64> {
    let mut out = vec![0.0; a.len() + v.len() - 1];
    for (i, x) in a.iter().enumerate() {
        for (slot, y) in out.iter_mut().skip(i).zip(v) {
            *slot += x * y;
        }
    }
    out
}

fn series(b: &Bound) -> Outcome<(Array, Array)> {
    let (a, v) = (b.array("a")?, b.array("v")?);
    for (name, x) in [("a", &a), ("v", &v)] {
        if x.ndim() > 1 || x.is_empty() {
            return Err(b.wrong(name, "an array of one axis"));
        }
    }
    if a.len().saturating_mul(v.len()) > 20_000_000_000 {
        return fail_help(
            "too-large",
            b.span,
            format!("{}: these series are too long", b.function),
            "use a shorter window",
        );
    }
    Ok((a, v))
}

fn convolve(_: &mut Run<'_>, b: Bound) -> Outcome<Value> {
    let (a, v) = series(&b)?;
    let full = convolved(&a.float_vec(), &v.float_vec());
    whole_or_float(&a, &v, part(&b, full, a.len(), v.len(), "full")?)
}

fn correlate(_: &mut Run<'_>, b: Bound) -> Outcome<Value> {
    let (a, v) = series(&b)?;
    let mut reversed = v.float_vec();
    reversed.reverse();
    let full = convolved(&a.float_vec(), &reversed);
    whole_or_float(&a, &v, part(&b, full, a.len(), v.len(), "valid")?)
}

fn whole_or_float(a: &Array, v: &Array, out: Vec<f64>) -> Outcome<Value> {
    let out = Array::vector(out, a.dim.mul(v.dim));
    Ok(Value::Array(if a.kind().max(v.kind()) < Kind::Float {
        out.cast(Kind::Int)
    } else {
        out
    }))
}

fn covariance(b: &Bound, normed: bool) -> Outcome<Value> {
    let x = b.array("x")?;
    let y = b.array_if("y")?;
    let mut rows: Vec<Vec<f64>> = Vec::new();
    for a in [Some(&x), y.as_ref()].into_iter().flatten() {
        let n = a.shape().last().copied().unwrap_or(1).max(1);
        rows.extend(a.float_vec().chunks(n).map(<[f64]>::to_vec));
    }
    let n = rows.first().map_or(0, Vec::len);
    if rows.iter().any(|r| r.len() != n) {
        return fail(
            "shape-mismatch",
            b.span,
            format!("{}: the series have different lengths", b.function),
        );
    }
    if !normed && y.as_ref().is_some_and(|y| y.dim != x.dim) {
        return fail(
            "dimension-mismatch",
            b.span_of("y"),
            format!(
                "cov: {} and {} are not the same unit",
                describe(x.dim),
                y.map_or_else(String::new, |y| describe(y.dim))
            ),
        );
    }
    for row in &mut rows {
        let mean = super::reduce::pairwise(row) / n as f64;
        row.iter_mut().for_each(|v| *v -= mean);
    }
    let product =
        |u: &[f64], v: &[f64]| u.iter().zip(v).map(|(a, b)| a * b).sum::<f64>() / (n as f64 - 1.0);
    let spreads: Vec<f64> = rows.iter().map(|r| product(r, r).sqrt()).collect();
    let k = rows.len();
    let mut out = Vec::with_capacity(k * k);
    for (u, su) in rows.iter().zip(&spreads) {
        for (v, sv) in rows.iter().zip(&spreads) {
            let c = product(u, v);
            out.push(if normed {
                (c / su / sv).clamp(-1.0, 1.0)
            } else {
                c
            });
        }
    }
    let dim = if normed { Dim::NONE } else { x.dim.mul(x.dim) };
    let shape = if k == 1 { vec![] } else { vec![k, k] };
    Ok(Value::from(Array::floats(out, &shape, dim)))
}

fn trapezoid(_: &mut Run<'_>, b: Bound) -> Outcome<Value> {
    let y = b.array("y")?;
    let x = b.array_if("x")?;
    let dx = b.array_if("dx")?;
    if y.ndim() != 1 || x.as_ref().is_some_and(|x| x.shape() != y.shape()) {
        return fail(
            "shape-mismatch",
            b.span,
            "trapezoid: needs arrays of one axis and the same length",
        );
    }
    let step = dx.as_ref().and_then(|d| d.get_f64(0)).unwrap_or(1.0);
    let heights = y.float_vec();
    let areas = heights.windows(2).enumerate().map(|(k, w)| {
        let width = match &x {
            Some(x) => x
                .get_f64(k + 1)
                .zip(x.get_f64(k))
                .map_or(f64::NAN, |(b, a)| b - a),
            None => step,
        };
        if let [a, b] = w {
            width * (a + b) / 2.0
        } else {
            0.0
        }
    });
    let areas: Vec<f64> = areas.collect();
    let dim = y
        .dim
        .mul(x.map(|x| x.dim).or(dx.map(|d| d.dim)).unwrap_or(Dim::NONE));
    Ok(Value::quantity(super::reduce::pairwise(&areas), dim))
}
