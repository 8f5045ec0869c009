//! Arrays out of nothing: ranges, zeros, grids.

use dslsim_source::Span;
use dslsim_units::Dim;

use super::{Function, Units};
use crate::array::{Array, Kind};
use crate::call::{Bound, Param};
use crate::eval::Run;
use crate::fault::{Outcome, fail, fail_help};
use crate::limits::check_size;
use crate::operators::same_dim;
use crate::units::describe;
use crate::value::{Spanned, Value};

const DTYPE: Param = Param::optional("dtype");
const SHAPE: &[Param] = &[Param::required("shape"), DTYPE];
const LIKE: &[Param] = &[Param::required("a"), DTYPE];
const START: Param = Param::required("start");
const STOP: Param = Param::required("stop");

pub(super) const TABLE: &[Function] = &[
    Function {
        name: "arange",
        params: &[
            START,
            Param::optional("stop"),
            Param::optional("step"),
            DTYPE,
        ],
        units: Units::Own,
        about: "numbers from start up to, not including, stop",
        run: arange,
    },
    Function {
        name: "linspace",
        params: &[
            START,
            STOP,
            Param::optional("num"),
            Param::optional("endpoint"),
            Param::optional("retstep"),
            DTYPE,
        ],
        units: Units::Own,
        about: "num numbers from start to stop, evenly spaced",
        run: linspace,
    },
    Function {
        name: "logspace",
        params: &[
            START,
            STOP,
            Param::optional("num"),
            Param::optional("endpoint"),
            Param::optional("base"),
        ],
        units: Units::Pure,
        about: "num numbers from base**start to base**stop, evenly spaced in the exponent",
        run: logspace,
    },
    Function {
        name: "geomspace",
        params: &[
            START,
            STOP,
            Param::optional("num"),
            Param::optional("endpoint"),
        ],
        units: Units::Own,
        about: "num numbers from start to stop with a constant ratio",
        run: geomspace,
    },
    Function {
        name: "zeros",
        params: SHAPE,
        units: Units::Plain,
        about: "an array of zeros",
        run: |_, b| filled(&b, 0.0),
    },
    Function {
        name: "ones",
        params: SHAPE,
        units: Units::Plain,
        about: "an array of ones",
        run: |_, b| filled(&b, 1.0),
    },
    Function {
        name: "empty",
        params: SHAPE,
        units: Units::Plain,
        about: "an array of zeros",
        run: |_, b| filled(&b, 0.0),
    },
    Function {
        name: "full",
        params: &[
            Param::required("shape"),
            Param::required("fill_value"),
            DTYPE,
        ],
        units: Units::Own,
        about: "an array of one value",
        run: full,
    },
    Function {
        name: "zeros_like",
        params: LIKE,
        units: Units::Plain,
        about: "zeros in the shape of another array, without unit",
        run: |_, b| like(&b, 0.0),
    },
    Function {
        name: "empty_like",
        params: LIKE,
        units: Units::Plain,
        about: "zeros in the shape of another array, without unit",
        run: |_, b| like(&b, 0.0),
    },
    Function {
        name: "ones_like",
        params: LIKE,
        units: Units::Plain,
        about: "ones in the shape of another array, without unit",
        run: |_, b| like(&b, 1.0),
    },
    Function {
        name: "full_like",
        params: &[Param::required("a"), Param::required("fill_value"), DTYPE],
        units: Units::Own,
        about: "one value in the shape of another array",
        run: full_like,
    },
    Function {
        name: "eye",
        params: &[
            Param::required("N"),
            Param::optional("M"),
            Param::optional("k"),
            DTYPE,
        ],
        units: Units::Plain,
        about: "a matrix with ones on a diagonal",
        run: eye,
    },
    Function {
        name: "identity",
        params: &[Param::required("N"), DTYPE],
        units: Units::Plain,
        about: "a square matrix with ones on its diagonal",
        run: eye,
    },
    Function {
        name: "array",
        params: &[
            Param::required("object"),
            DTYPE,
            Param::keyword("copy"),
            Param::keyword("ndmin"),
        ],
        units: Units::Plain,
        about: "an array of the numbers in SI units, without their unit (as in Brian2)",
        run: array,
    },
    Function {
        name: "meshgrid",
        params: &[Param::rest("x"), Param::keyword("indexing")],
        units: Units::Own,
        about: "the coordinates of a grid, one array for each axis",
        run: meshgrid,
    },
    Function {
        name: "Quantity",
        params: &[Param::required("value"), Param::optional("dim")],
        units: Units::Same,
        about: "the value itself",
        run: |_, mut b| Ok(b.need("value").value),
    },
];

/// What `dtype=` asks for: a type, or its name.
pub(crate) fn dtype(b: &Bound) -> Outcome<Option<Kind>> {
    let Some(given) = b.given("dtype") else {
        return Ok(None);
    };
    let name = match &given.value {
        Value::Function(name) => name.as_str(),
        Value::Str(text) => text.as_str(),
        Value::Unknown(_) => return Ok(None),
        _ => return Err(b.wrong("dtype", "`int`, `float` or `bool`")),
    };
    match name {
        "int" | "int32" | "int64" | "i" | "i4" | "i8" | "integer" | "intp" => Ok(Some(Kind::Int)),
        "float" | "float32" | "float64" | "f" | "d" | "f8" | "double" => Ok(Some(Kind::Float)),
        "bool" | "bool_" | "boolean" | "?" => Ok(Some(Kind::Bool)),
        _ => Err(b.wrong("dtype", "`int`, `float` or `bool`")),
    }
}

/// The elements as another kind; quantities stay floats.
pub(crate) fn converted(a: &Array, kind: Kind, span: Span) -> Outcome<Array> {
    if kind == Kind::Int {
        if !a.dim.is_none() {
            return Err(super::not_pure("int", a.dim, span));
        }
        if a.kind() == Kind::Float
            && a.to_floats()
                .iter()
                .any(|x| !x.is_finite() || x.abs() >= 9.2e18)
        {
            return fail(
                "wrong-value",
                span,
                "infinite, NaN or huge numbers cannot become whole numbers",
            );
        }
    }
    Ok(a.cast(kind))
}

/// A length or a tuple of lengths.
pub(super) fn shape_of(b: &Bound, name: &str) -> Outcome<Vec<usize>> {
    let Some(given) = b.get(name) else {
        return Ok(Vec::new());
    };
    let list: Vec<Value> = match &given.value {
        Value::List(v) | Value::Tuple(v) => v.clone(),
        Value::Array(a) => crate::sequences::entries(a),
        one => vec![one.clone()],
    };
    let mut shape = Vec::new();
    for n in list {
        let whole = match n {
            Value::Float(x) => {
                return fail_help(
                    "wrong-type",
                    given.span,
                    format!(
                        "{}: a length must be a whole number, not {}",
                        b.function,
                        crate::text::float(x)
                    ),
                    "use `int(…)`, or `//` for whole quotients",
                );
            }
            ref n => n.as_i64(),
        };
        match whole.map(usize::try_from) {
            Some(Ok(n)) => shape.push(n),
            Some(Err(_)) => {
                return fail(
                    "wrong-value",
                    given.span,
                    format!("{}: a length cannot be negative", b.function),
                );
            }
            None => return Err(b.wrong(name, "a whole number or a tuple of whole numbers")),
        }
    }
    check_size(&shape, given.span)?;
    Ok(shape)
}

fn constant(value: f64, shape: &[usize], kind: Kind, dim: Dim) -> Array {
    let n = shape.iter().product();
    match kind {
        Kind::Float => Array::floats(vec![value; n], shape, dim),
        Kind::Int => Array::ints(vec![value as i64; n], shape),
        Kind::Bool => Array::bools(vec![value != 0.0; n], shape),
    }
}

fn filled(b: &Bound, value: f64) -> Outcome<Value> {
    let shape = shape_of(b, "shape")?;
    Ok(Value::from(constant(
        value,
        &shape,
        dtype(b)?.unwrap_or(Kind::Float),
        Dim::NONE,
    )))
}

fn full(_: &mut Run<'_>, b: Bound) -> Outcome<Value> {
    let shape = shape_of(&b, "shape")?;
    let fill = b.array("fill_value")?;
    if fill.len() != 1 {
        return Err(b.wrong("fill_value", "one number"));
    }
    let kind = dtype(&b)?.unwrap_or(fill.kind());
    Ok(Value::from(constant(
        fill.get_f64(0).unwrap_or(0.0),
        &shape,
        kind,
        fill.dim,
    )))
}

fn like(b: &Bound, value: f64) -> Outcome<Value> {
    let a = b.array("a")?;
    Ok(Value::from(constant(
        value,
        a.shape(),
        dtype(b)?.unwrap_or(a.kind()),
        Dim::NONE,
    )))
}

fn full_like(_: &mut Run<'_>, b: Bound) -> Outcome<Value> {
    let a = b.array("a")?;
    let Some(value) = b.get("fill_value").and_then(|v| v.value.as_f64()) else {
        return Err(b.wrong("fill_value", "one number"));
    };
    let dim = b
        .get("fill_value")
        .and_then(|v| v.value.dim())
        .unwrap_or(Dim::NONE);
    Ok(Value::from(constant(
        value,
        a.shape(),
        dtype(&b)?.unwrap_or(a.kind()),
        dim,
    )))
}

fn eye(_: &mut Run<'_>, b: Bound) -> Outcome<Value> {
    let n = b.count("N")?.unwrap_or(0);
    let m = if b.function == "identity" {
        n
    } else {
        b.count("M")?.unwrap_or(n)
    };
    let k = if b.function == "identity" {
        0
    } else {
        b.int("k")?.unwrap_or(0)
    };
    check_size(&[n, m], b.span)?;
    let data = (0..n)
        .flat_map(|i| (0..m).map(move |j| if j as i64 - i as i64 == k { 1.0 } else { 0.0 }))
        .collect();
    let a = Array::floats(data, &[n, m], Dim::NONE);
    Ok(Value::from(
        dtype(&b)?.map_or(a.clone(), |kind| a.cast(kind)),
    ))
}

fn array(_: &mut Run<'_>, b: Bound) -> Outcome<Value> {
    let mut a = b.array("object")?;
    a.dim = Dim::NONE;
    match dtype(&b)? {
        Some(kind) => converted(&a, kind, b.span_of("object")).map(Value::from),
        None => Ok(Value::from(a)),
    }
}

/// One number with its dimension.
fn scalar(
    b: &Bound,
    value: Option<&Spanned<Value>>,
    name: &str,
) -> Outcome<Option<(f64, Dim, bool)>> {
    let Some(v) = value else { return Ok(None) };
    match (v.value.as_f64(), v.value.dim()) {
        (Some(x), Some(dim)) => Ok(Some((
            x,
            dim,
            !matches!(v.value, Value::Float(_) | Value::Quantity(..)),
        ))),
        _ => Err(b.wrong(name, "a number")),
    }
}

/// The dimension of bounds that must agree; plain zeros fit any.
fn agreed(b: &Bound, parts: &[(&str, f64, Dim)]) -> Outcome<Dim> {
    let mut dim: Option<Dim> = None;
    for (name, x, d) in parts.iter().filter(|(_, x, d)| !(d.is_none() && *x == 0.0)) {
        let _ = x;
        match dim {
            None => dim = Some(*d),
            Some(dim) if dim == *d => {}
            Some(dim) => {
                return fail(
                    "dimension-mismatch",
                    b.span_of(name),
                    format!(
                        "{}: {} and {} are not the same unit",
                        b.function,
                        describe(dim),
                        describe(*d)
                    ),
                );
            }
        }
    }
    Ok(dim.unwrap_or(Dim::NONE))
}

fn arange(_: &mut Run<'_>, b: Bound) -> Outcome<Value> {
    let first = scalar(&b, b.get("start"), "start")?.unwrap_or((0.0, Dim::NONE, true));
    let second = scalar(&b, b.given("stop"), "stop")?;
    let step = scalar(&b, b.given("step"), "step")?;
    let (start, stop) = match second {
        Some(stop) => (first, stop),
        None => ((0.0, Dim::NONE, true), first),
    };
    let step = match step {
        Some(step) => step,
        None => (1.0, Dim::NONE, true),
    };
    let ends = agreed(&b, &[("start", start.0, start.1), ("stop", stop.0, stop.1)])?;
    if !ends.is_none() && b.given("step").is_none() {
        return fail_help(
            "dimension-mismatch",
            b.span,
            format!("arange in {} needs a step with a unit", describe(ends)),
            format!(
                "write `arange(start, stop, step*{})`, or `arange(n)*{}`",
                describe(ends),
                describe(ends)
            ),
        );
    }
    let dim = agreed(
        &b,
        &[
            ("stop", start.0.abs().max(stop.0.abs()), ends),
            ("step", step.0, step.1),
        ],
    )?;
    if step.0 == 0.0 {
        return fail(
            "wrong-value",
            b.span_of("step"),
            "arange: the step cannot be 0",
        );
    }
    let length = ((stop.0 - start.0) / step.0).ceil();
    if length.is_nan() {
        return fail("wrong-value", b.span, "arange: the bounds must be numbers");
    }
    let n = if length <= 0.0 {
        0
    } else {
        length.min(1e18) as usize
    };
    check_size(&[n], b.span)?;
    let whole = start.2 && stop.2 && step.2;
    let kind = dtype(&b)?.unwrap_or(if whole { Kind::Int } else { Kind::Float });
    if kind == Kind::Int && dim.is_none() {
        let (start, step) = (start.0 as i64, step.0 as i64);
        return Ok(Value::from(Array::ints(
            (0..n as i64)
                .map(|k| start.wrapping_add(k.wrapping_mul(step)))
                .collect(),
            &[n],
        )));
    }
    // numpy fills with the difference of the first two elements
    let delta = (start.0 + step.0) - start.0;
    let data = (0..n)
        .map(|k| {
            if k == 1 {
                start.0 + step.0
            } else {
                start.0 + k as f64 * delta
            }
        })
        .collect();
    Ok(Value::from(Array::vector(data, dim)))
}

/// `num` numbers from `start` to `stop`, as numpy rounds them.
fn spaced(start: f64, stop: f64, num: usize, endpoint: bool) -> (Vec<f64>, f64) {
    let div = if endpoint { num.saturating_sub(1) } else { num };
    let delta = stop - start;
    let step = if div == 0 {
        f64::NAN
    } else {
        delta / div as f64
    };
    let mut out: Vec<f64> = (0..num)
        .map(|k| {
            let k = k as f64;
            if div == 0 {
                k * delta + start
            } else if step == 0.0 {
                k / div as f64 * delta + start
            } else {
                k * step + start
            }
        })
        .collect();
    if endpoint
        && num > 1
        && let Some(last) = out.last_mut()
    {
        *last = stop;
    }
    (out, step)
}

fn linspace(_: &mut Run<'_>, b: Bound) -> Outcome<Value> {
    let start = scalar(&b, b.get("start"), "start")?.unwrap_or((0.0, Dim::NONE, true));
    let stop = scalar(&b, b.get("stop"), "stop")?.unwrap_or((0.0, Dim::NONE, true));
    let dim = agreed(&b, &[("start", start.0, start.1), ("stop", stop.0, stop.1)])?;
    let num = b.count("num")?.unwrap_or(50);
    check_size(&[num], b.span_of("num"))?;
    let (data, step) = spaced(start.0, stop.0, num, b.flag("endpoint")?.unwrap_or(true));
    let a = Array::vector(data, dim);
    let a = Value::from(match dtype(&b)? {
        Some(kind) => converted(&a, kind, b.span)?,
        None => a,
    });
    Ok(if b.flag("retstep")? == Some(true) {
        Value::Tuple(vec![a, Value::quantity(step, dim)])
    } else {
        a
    })
}

fn plain(b: &Bound, name: &str, default: f64) -> Outcome<f64> {
    match scalar(b, b.given(name), name)? {
        None => Ok(default),
        Some((_, dim, _)) if !dim.is_none() => {
            Err(super::not_pure(&b.function, dim, b.span_of(name)))
        }
        Some((x, ..)) => Ok(x),
    }
}

fn logspace(_: &mut Run<'_>, b: Bound) -> Outcome<Value> {
    let (start, stop, base) = (
        plain(&b, "start", 0.0)?,
        plain(&b, "stop", 0.0)?,
        plain(&b, "base", 10.0)?,
    );
    let num = b.count("num")?.unwrap_or(50);
    check_size(&[num], b.span_of("num"))?;
    let (data, _) = spaced(start, stop, num, b.flag("endpoint")?.unwrap_or(true));
    Ok(Value::from(Array::vector(
        data.iter().map(|x| base.powf(*x)).collect(),
        Dim::NONE,
    )))
}

fn geomspace(_: &mut Run<'_>, b: Bound) -> Outcome<Value> {
    let start = scalar(&b, b.get("start"), "start")?.unwrap_or((1.0, Dim::NONE, true));
    let stop = scalar(&b, b.get("stop"), "stop")?.unwrap_or((1.0, Dim::NONE, true));
    let dim = agreed(&b, &[("start", start.0, start.1), ("stop", stop.0, stop.1)])?;
    if start.0 * stop.0 <= 0.0 {
        return fail(
            "wrong-value",
            b.span,
            "geomspace: both ends must have the same sign and not be 0",
        );
    }
    let num = b.count("num")?.unwrap_or(50);
    check_size(&[num], b.span_of("num"))?;
    let (data, _) = spaced(
        0.0,
        (stop.0 / start.0).log10(),
        num,
        b.flag("endpoint")?.unwrap_or(true),
    );
    Ok(Value::from(Array::vector(
        data.iter().map(|x| start.0 * 10_f64.powf(*x)).collect(),
        dim,
    )))
}

fn meshgrid(_: &mut Run<'_>, b: Bound) -> Outcome<Value> {
    let axes = b
        .rest
        .iter()
        .map(|a| crate::sequences::to_array(&a.value, a.span))
        .collect::<Outcome<Vec<_>>>()?;
    let mut shape: Vec<usize> = axes.iter().map(Array::len).collect();
    check_size(&shape, b.span)?;
    let swap = b.text("indexing")?.unwrap_or("xy") == "xy" && shape.len() >= 2;
    if swap {
        shape.swap(0, 1);
    }
    let n: usize = shape.iter().product();
    let grids = axes.iter().enumerate().map(|(k, a)| {
        let own = match (swap, k) {
            (true, 0) => 1,
            (true, 1) => 0,
            _ => k,
        };
        let inner: usize = shape.iter().skip(own + 1).product::<usize>().max(1);
        let order: Vec<usize> = (0..n).map(|at| at / inner % a.len().max(1)).collect();
        Value::from(a.pick(&order, &shape))
    });
    Ok(Value::List(grids.collect()))
}

/// Whether two arrays have the same unit.
pub(super) fn alike(b: &Bound, a: &Array, c: &Array, at: &str) -> Outcome<Dim> {
    match same_dim(a, c) {
        Some(dim) => Ok(dim),
        None => fail(
            "dimension-mismatch",
            b.span_of(at),
            format!(
                "{}: {} and {} are not the same unit",
                b.function,
                describe(a.dim),
                describe(c.dim)
            ),
        ),
    }
}
