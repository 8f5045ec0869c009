//! Functions that act on each element by itself.

use dslsim_units::Dim;

use super::{Function, Units};
use crate::array::{Array, ArrayData, Kind};
use crate::call::{Bound, Param};
use crate::eval::Run;
use crate::fault::{Outcome, fail};
use crate::operators::{self, float_divmod, same_dim, zip};
use crate::units::describe;
use crate::value::Value;
use dslsim_syntax::ast::BinaryOp;

const X: Param = Param::required("x");
const X1: Param = Param::required("x1");
const X2: Param = Param::required("x2");
const ONE: &[Param] = &[X];
const TWO: &[Param] = &[X1, X2];

/// A function of plain numbers.
macro_rules! pure {
    ($name:literal, $about:literal, $f:expr) => {
        Function {
            name: $name,
            params: ONE,
            units: Units::Pure,
            about: $about,
            run: |_, b| pure(&b, $f),
        }
    };
}

/// A function that keeps the unit.
macro_rules! same {
    ($name:literal, $about:literal, $f:expr) => {
        Function {
            name: $name,
            params: ONE,
            units: Units::Same,
            about: $about,
            run: |_, b| same(&b, $f),
        }
    };
}

/// A question about each element.
macro_rules! test {
    ($name:literal, $about:literal, $f:expr) => {
        Function {
            name: $name,
            params: ONE,
            units: Units::Plain,
            about: $about,
            run: |_, b| test(&b, $f),
        }
    };
}

/// A function of two arguments that is an operator, too.
macro_rules! operator {
    ($name:literal, $about:literal, $op:expr) => {
        Function {
            name: $name,
            params: TWO,
            units: Units::Own,
            about: $about,
            run: |_, b| operator(&b, $op),
        }
    };
}

/// A function of two arguments of one unit, which the result keeps.
macro_rules! pair {
    ($name:literal, $about:literal, $f:expr) => {
        Function {
            name: $name,
            params: TWO,
            units: Units::Same,
            about: $about,
            run: |_, b| pair(&b, $f),
        }
    };
}

/// A comparison as a function.
macro_rules! comparison {
    ($name:literal, $about:literal, $f:expr) => {
        Function {
            name: $name,
            params: TWO,
            units: Units::Plain,
            about: $about,
            run: |_, b| comparison(&b, $f),
        }
    };
}

/// Booleans combined.
macro_rules! logic {
    ($name:literal, $about:literal, $f:expr) => {
        Function {
            name: $name,
            params: TWO,
            units: Units::Plain,
            about: $about,
            run: |_, b| logic(&b, $f),
        }
    };
}

pub(super) const TABLE: &[Function] = &[
    pure!("exp", "e to the power x", f64::exp),
    pure!("exp2", "2 to the power x", f64::exp2),
    pure!("expm1", "exp(x) - 1, exact for small x", f64::exp_m1),
    pure!("exprel", "(exp(x) - 1)/x, 1 at 0", |x| if x.abs() < 1e-16 {
        1.0
    } else {
        x.exp_m1() / x
    }),
    pure!("log", "the natural logarithm", f64::ln),
    pure!("log2", "the logarithm to base 2", f64::log2),
    pure!("log10", "the logarithm to base 10", f64::log10),
    pure!("log1p", "log(1 + x), exact for small x", f64::ln_1p),
    pure!("sin", "the sine of an angle in radians", f64::sin),
    pure!("cos", "the cosine of an angle in radians", f64::cos),
    pure!("tan", "the tangent of an angle in radians", f64::tan),
    pure!("arcsin", "the angle with this sine", f64::asin),
    pure!("arccos", "the angle with this cosine", f64::acos),
    pure!("arctan", "the angle with this tangent", f64::atan),
    pure!("sinh", "the hyperbolic sine", f64::sinh),
    pure!("cosh", "the hyperbolic cosine", f64::cosh),
    pure!("tanh", "the hyperbolic tangent", f64::tanh),
    pure!("arcsinh", "the inverse of sinh", f64::asinh),
    pure!("arccosh", "the inverse of cosh", f64::acosh),
    pure!("arctanh", "the inverse of tanh", f64::atanh),
    pure!("radians", "degrees as radians", |x| x
        * (std::f64::consts::PI / 180.0)),
    pure!("degrees", "radians as degrees", |x| x
        * (180.0 / std::f64::consts::PI)),
    pure!("sinc", "sin(pi x)/(pi x), 1 at 0", |x| if x == 0.0 {
        1.0
    } else {
        (std::f64::consts::PI * x).sin() / (std::f64::consts::PI * x)
    }),
    same!("floor", "the next whole number below", f64::floor),
    same!("ceil", "the next whole number above", f64::ceil),
    same!("trunc", "the number without its fraction", f64::trunc),
    same!(
        "rint",
        "the nearest whole number, halves to the even one",
        f64::round_ties_even
    ),
    Function {
        name: "abs",
        params: ONE,
        units: Units::Same,
        about: "the size without the sign",
        run: |_, b| absolute(&b),
    },
    Function {
        name: "sign",
        params: ONE,
        units: Units::Plain,
        about: "-1, 0 or 1",
        run: |_, b| sign(&b),
    },
    Function {
        name: "sqrt",
        params: ONE,
        units: Units::Own,
        about: "the square root, also of the unit",
        run: |_, b| {
            let a = b.array("x")?;
            Ok(mapped(&a, a.dim.sqrt(), f64::sqrt))
        },
    },
    Function {
        name: "square",
        params: ONE,
        units: Units::Own,
        about: "x times x",
        run: |_, b| {
            let a = b.array("x")?;
            operators::arrays(BinaryOp::Mul, &a, &a, b.span).map(Value::from)
        },
    },
    Function {
        name: "reciprocal",
        params: ONE,
        units: Units::Own,
        about: "1/x",
        run: |_, b| {
            let a = b.array("x")?;
            Ok(mapped(&a, a.dim.recip(), f64::recip))
        },
    },
    Function {
        name: "negative",
        params: ONE,
        units: Units::Same,
        about: "-x",
        run: |_, b| same(&b, |x| -x),
    },
    test!("isnan", "whether an element is not a number", f64::is_nan),
    test!("isinf", "whether an element is infinite", f64::is_infinite),
    test!(
        "isfinite",
        "whether an element is neither infinite nor NaN",
        f64::is_finite
    ),
    test!("logical_not", "whether an element is zero or false", |x| x
        == 0.0),
    logic!("logical_and", "whether both are true", |x, y| x && y),
    logic!("logical_or", "whether one is true", |x, y| x || y),
    logic!("logical_xor", "whether exactly one is true", |x, y| x != y),
    operator!("add", "x1 + x2", BinaryOp::Add),
    operator!("subtract", "x1 - x2", BinaryOp::Sub),
    operator!("multiply", "x1 * x2", BinaryOp::Mul),
    operator!("divide", "x1 / x2", BinaryOp::Div),
    operator!("true_divide", "x1 / x2", BinaryOp::Div),
    operator!("floor_divide", "x1 // x2", BinaryOp::FloorDiv),
    operator!("mod", "x1 % x2, with the sign of x2", BinaryOp::Mod),
    operator!("power", "x1 ** x2", BinaryOp::Pow),
    comparison!("equal", "x1 == x2", |x, y| x == y),
    comparison!("not_equal", "x1 != x2", |x, y| x != y),
    comparison!("less", "x1 < x2", |x, y| x < y),
    comparison!("less_equal", "x1 <= x2", |x, y| x <= y),
    comparison!("greater", "x1 > x2", |x, y| x > y),
    comparison!("greater_equal", "x1 >= x2", |x, y| x >= y),
    pair!(
        "maximum",
        "the larger of two, element by element",
        |x, y| if x.is_nan() || y.is_nan() {
            f64::NAN
        } else {
            x.max(y)
        }
    ),
    pair!(
        "minimum",
        "the smaller of two, element by element",
        |x, y| if x.is_nan() || y.is_nan() {
            f64::NAN
        } else {
            x.min(y)
        }
    ),
    pair!("fmax", "the larger of two, NaN left out", f64::max),
    pair!("fmin", "the smaller of two, NaN left out", f64::min),
    pair!("fmod", "the remainder with the sign of x1", |x, y| x % y),
    pair!("hypot", "the hypotenuse", f64::hypot),
    Function {
        name: "arctan2",
        params: TWO,
        units: Units::Plain,
        about: "the angle of the point (x2, x1)",
        run: |_, b| plain_pair(&b, f64::atan2),
    },
    Function {
        name: "divmod",
        params: TWO,
        units: Units::Own,
        about: "the whole quotient and the remainder",
        run: divmod,
    },
    Function {
        name: "clip",
        params: &[
            Param::required("a"),
            Param::optional("a_min"),
            Param::optional("a_max"),
            Param::keyword("min"),
            Param::keyword("max"),
        ],
        units: Units::Same,
        about: "the elements, kept within bounds",
        run: clip,
    },
    Function {
        name: "isclose",
        params: CLOSE,
        units: Units::Plain,
        about: "whether elements are nearly equal",
        run: |_, b| close(&b),
    },
    Function {
        name: "allclose",
        params: CLOSE,
        units: Units::Plain,
        about: "whether all elements are nearly equal",
        run: |_, b| {
            let each = close(&b)?;
            Ok(Value::Bool(match each {
                Value::Array(a) => !a.bool_vec().contains(&false),
                other => other == Value::Bool(true),
            }))
        },
    },
    Function {
        name: "nan_to_num",
        params: ONE,
        units: Units::Same,
        about: "the elements with 0 for NaN",
        run: |_, b| {
            same(&b, |x| {
                if x.is_nan() {
                    0.0
                } else {
                    x.clamp(f64::MIN, f64::MAX)
                }
            })
        },
    },
];

const CLOSE: &[Param] = &[
    Param::required("a"),
    Param::required("b"),
    Param::optional("rtol"),
    Param::optional("atol"),
];

/// A function of floats over an array.
fn mapped(a: &Array, dim: Dim, f: impl Fn(f64) -> f64) -> Value {
    Value::from(Array {
        data: ArrayData::F64(a.to_floats().mapv(f)),
        dim,
    })
}

fn pure(b: &Bound, f: fn(f64) -> f64) -> Outcome<Value> {
    Ok(mapped(&b.pure("x")?, Dim::NONE, f))
}

/// Whole numbers stay what they are under rounding.
fn same(b: &Bound, f: fn(f64) -> f64) -> Outcome<Value> {
    let a = b.array("x")?;
    if a.kind() < Kind::Float {
        let ints: Vec<i64> = a.int_vec().iter().map(|&x| f(x as f64) as i64).collect();
        return Ok(Value::from(Array::ints(ints, a.shape())));
    }
    Ok(mapped(&a, a.dim, f))
}

fn test(b: &Bound, f: fn(f64) -> bool) -> Outcome<Value> {
    let a = b.array("x")?;
    Ok(Value::from(Array {
        data: ArrayData::Bool(a.to_floats().mapv(f)),
        dim: Dim::NONE,
    }))
}

fn absolute(b: &Bound) -> Outcome<Value> {
    let a = b.array("x")?;
    Ok(match &a.data {
        ArrayData::I64(x) => Value::from(Array {
            data: ArrayData::I64(x.mapv(i64::wrapping_abs)),
            dim: a.dim,
        }),
        _ => mapped(&a, a.dim, f64::abs),
    })
}

fn sign(b: &Bound) -> Outcome<Value> {
    let a = b.array("x")?;
    Ok(match &a.data {
        ArrayData::F64(_) => mapped(&a, Dim::NONE, |x| {
            if x > 0.0 {
                1.0
            } else if x < 0.0 {
                -1.0
            } else {
                x
            }
        }),
        _ => Value::from(Array {
            data: ArrayData::I64(a.to_ints().mapv(i64::signum)),
            dim: a.dim,
        }),
    })
}

fn operator(b: &Bound, op: BinaryOp) -> Outcome<Value> {
    operators::arrays(op, &b.array("x1")?, &b.array("x2")?, b.span).map(Value::from)
}

/// Two arrays of one unit; plain zeros fit any.
fn alike(b: &Bound, x: &str, y: &str) -> Outcome<(Array, Array, Dim)> {
    let (a, c) = (b.array(x)?, b.array(y)?);
    match same_dim(&a, &c) {
        Some(dim) => Ok((a, c, dim)),
        None => fail(
            "dimension-mismatch",
            b.span_of(y),
            format!(
                "{}: {} and {} are not the same unit",
                b.function,
                describe(a.dim),
                describe(c.dim)
            ),
        ),
    }
}

fn pair(b: &Bound, f: fn(f64, f64) -> f64) -> Outcome<Value> {
    let (x, y, dim) = alike(b, "x1", "x2")?;
    pairs(&x, &y, dim, b, f)
}

/// Element by element; whole numbers stay what they are.
pub(super) fn pairs(
    x: &Array,
    y: &Array,
    dim: Dim,
    b: &Bound,
    f: fn(f64, f64) -> f64,
) -> Outcome<Value> {
    let data = zip(&x.to_floats(), &y.to_floats(), b.span, f)?;
    let whole = x.kind().max(y.kind()) < Kind::Float
        && data.iter().all(|v| v.fract() == 0.0 && v.abs() < 9e15);
    let result = Array {
        data: ArrayData::F64(data),
        dim,
    };
    Ok(Value::from(if whole {
        result.cast(Kind::Int)
    } else {
        result
    }))
}

fn plain_pair(b: &Bound, f: fn(f64, f64) -> f64) -> Outcome<Value> {
    let (x, y, _) = alike(b, "x1", "x2")?;
    Ok(Value::from(Array {
        data: ArrayData::F64(zip(&x.to_floats(), &y.to_floats(), b.span, f)?),
        dim: Dim::NONE,
    }))
}

fn comparison(b: &Bound, f: fn(f64, f64) -> bool) -> Outcome<Value> {
    let (x, y, _) = alike(b, "x1", "x2")?;
    Ok(Value::from(Array {
        data: ArrayData::Bool(zip(&x.to_floats(), &y.to_floats(), b.span, f)?),
        dim: Dim::NONE,
    }))
}

fn logic(b: &Bound, f: fn(bool, bool) -> bool) -> Outcome<Value> {
    let (x, y) = (b.array("x1")?, b.array("x2")?);
    Ok(Value::from(Array {
        data: ArrayData::Bool(zip(&x.to_bools(), &y.to_bools(), b.span, f)?),
        dim: Dim::NONE,
    }))
}

fn divmod(_: &mut Run<'_>, b: Bound) -> Outcome<Value> {
    let (x, y, dim) = alike(&b, "x1", "x2")?;
    let quotient = pairs(&x, &y, Dim::NONE, &b, |x, y| float_divmod(x, y).0)?;
    let rest = pairs(&x, &y, dim, &b, |x, y| float_divmod(x, y).1)?;
    Ok(Value::Tuple(vec![quotient, rest]))
}

fn clip(_: &mut Run<'_>, b: Bound) -> Outcome<Value> {
    let mut value = b.array("a")?;
    for (name, second, f) in [
        ("a_min", "min", f64::max as fn(f64, f64) -> f64),
        ("a_max", "max", f64::min),
    ] {
        let key = if b.given(name).is_some() {
            name
        } else {
            second
        };
        let Some(bound) = b.array_if(key)? else {
            continue;
        };
        let infinite = bound.dim.is_none() && bound.to_floats().iter().all(|x| x.is_infinite());
        let Some(dim) = same_dim(&value, &bound).or(infinite.then_some(value.dim)) else {
            return fail(
                "dimension-mismatch",
                b.span_of(key),
                format!(
                    "clip: the array is in {}, this bound is in {}",
                    describe(value.dim),
                    describe(bound.dim)
                ),
            );
        };
        let keep_nan =
            |x: f64, y: f64, f: fn(f64, f64) -> f64| if x.is_nan() { x } else { f(x, y) };
        let data = zip(
            &value.to_floats(),
            &bound.to_floats(),
            b.span_of(key),
            |x, y| keep_nan(x, y, f),
        )?;
        let whole = value.kind().max(bound.kind()) < Kind::Float;
        let result = Array {
            data: ArrayData::F64(data),
            dim,
        };
        value = if whole {
            result.cast(Kind::Int)
        } else {
            result
        };
    }
    Ok(Value::from(value))
}

fn close(b: &Bound) -> Outcome<Value> {
    let (x, y, _) = alike(b, "a", "b")?;
    let number = |name: &str, default: f64| match b.given(name) {
        None => Ok(default),
        Some(v) => v.value.as_f64().ok_or_else(|| b.wrong(name, "a number")),
    };
    let (relative, absolute) = (
        number("rtol", 1e-5)?,
        number("atol", if x.dim.is_none() { 1e-8 } else { 0.0 })?,
    );
    let data = zip(&x.to_floats(), &y.to_floats(), b.span, |x, y| {
        x == y || (x - y).abs() <= absolute + relative * y.abs()
    })?;
    Ok(Value::from(Array {
        data: ArrayData::Bool(data),
        dim: Dim::NONE,
    }))
}
