//! Random numbers. They are drawn from the simulation's stream, through the host.

use dslsim_units::Dim;

use super::{Function, Units};
use crate::array::Array;
use crate::call::{Bound, Param};
use crate::eval::Run;
use crate::fault::{Outcome, fail, fail_help};
use crate::host::Random;
use crate::limits::check_size;
use crate::operators::arrays;
use crate::value::Value;
use dslsim_syntax::ast::BinaryOp;

pub(super) const TABLE: &[Function] = &[
    Function {
        name: "rand",
        params: &[Param::rest("n")],
        units: Units::Plain,
        about: "uniform random numbers in [0, 1), as many as the lengths say",
        run: |r, b| by_lengths(r, &b, Random::Uniform),
    },
    Function {
        name: "randn",
        params: &[Param::rest("n")],
        units: Units::Plain,
        about: "normal random numbers with mean 0 and standard deviation 1",
        run: |r, b| by_lengths(r, &b, Random::Normal),
    },
    Function {
        name: "random",
        params: &[Param::optional("size")],
        units: Units::Plain,
        about: "uniform random numbers in [0, 1)",
        run: |r, b| {
            let shape = super::create::shape_of(&b, "size")?;
            draw(r, &b, Random::Uniform, &shape).map(Value::from)
        },
    },
    Function {
        name: "uniform",
        params: &[
            Param::optional("low"),
            Param::optional("high"),
            Param::optional("size"),
        ],
        units: Units::Same,
        about: "uniform random numbers in [low, high)",
        run: uniform,
    },
    Function {
        name: "normal",
        params: &[
            Param::optional("loc"),
            Param::optional("scale"),
            Param::optional("size"),
        ],
        units: Units::Same,
        about: "normal random numbers with a mean and standard deviation",
        run: normal,
    },
    Function {
        name: "permutation",
        params: &[Param::required("x")],
        units: Units::Same,
        about: "not available: use strings with rand()",
        run: refused,
    },
    Function {
        name: "choice",
        params: &[Param::rest("a"), Param::named_rest("more")],
        units: Units::Same,
        about: "not available: use strings with rand()",
        run: refused,
    },
    Function {
        name: "randint",
        params: &[Param::rest("a"), Param::named_rest("more")],
        units: Units::Same,
        about: "not available: use floor(rand(n)*k)",
        run: refused,
    },
    Function {
        name: "shuffle",
        params: &[Param::required("x")],
        units: Units::Same,
        about: "not available: use argsort(rand(n))",
        run: refused,
    },
];

fn draw(run: &mut Run<'_>, b: &Bound, kind: Random, shape: &[usize]) -> Outcome<Array> {
    let n = check_size(shape, b.span)?;
    let mut numbers = run.host.random(kind, n);
    numbers.resize(n, f64::NAN);
    Ok(Array::floats(numbers, shape, Dim::NONE))
}

/// `rand()`, `rand(3)`, `rand(2, 3)`
fn by_lengths(run: &mut Run<'_>, b: &Bound, kind: Random) -> Outcome<Value> {
    let mut shape = Vec::new();
    for length in &b.rest {
        match length.value.as_i64().map(usize::try_from) {
            Some(Ok(n)) => shape.push(n),
            _ => {
                return fail(
                    "wrong-type",
                    length.span,
                    format!(
                        "{}: a length must be a whole number, not negative, not {}",
                        b.function,
                        length.value.describe()
                    ),
                );
            }
        }
    }
    draw(run, b, kind, &shape).map(Value::from)
}

/// The shape asked for by `size=`, else that of the parameters.
fn size(b: &Bound, parameters: &[&Array]) -> Outcome<Vec<usize>> {
    if b.given("size").is_some() {
        return super::create::shape_of(b, "size");
    }
    let mut shape = Vec::new();
    for p in parameters {
        match crate::array::broadcast_shape(&shape, p.shape()) {
            Some(s) => shape = s,
            None => {
                return fail(
                    "shape-mismatch",
                    b.span,
                    format!("{}: the parameters do not fit together", b.function),
                );
            }
        }
    }
    Ok(shape)
}

fn uniform(run: &mut Run<'_>, b: Bound) -> Outcome<Value> {
    let low = b
        .array_if("low")?
        .unwrap_or_else(|| Array::floats(vec![0.0], &[], Dim::NONE));
    let high = b
        .array_if("high")?
        .unwrap_or_else(|| Array::floats(vec![1.0], &[], Dim::NONE));
    let shape = size(&b, &[&low, &high])?;
    let u = draw(run, &b, Random::Uniform, &shape)?;
    let width = arrays(BinaryOp::Sub, &high, &low, b.span)?;
    let scaled = arrays(BinaryOp::Mul, &u, &width, b.span)?;
    arrays(BinaryOp::Add, &low, &scaled, b.span).map(Value::from)
}

fn normal(run: &mut Run<'_>, b: Bound) -> Outcome<Value> {
    let mean = b
        .array_if("loc")?
        .unwrap_or_else(|| Array::floats(vec![0.0], &[], Dim::NONE));
    let scale = b
        .array_if("scale")?
        .unwrap_or_else(|| Array::floats(vec![1.0], &[], Dim::NONE));
    let shape = size(&b, &[&mean, &scale])?;
    let z = draw(run, &b, Random::Normal, &shape)?;
    let scaled = arrays(BinaryOp::Mul, &z, &scale, b.span)?;
    arrays(BinaryOp::Add, &mean, &scaled, b.span).map(Value::from)
}

fn refused(_: &mut Run<'_>, b: Bound) -> Outcome<Value> {
    let way = match b.function.as_str() {
        "randint" => "write `floor(rand(n)*k)`",
        "permutation" | "shuffle" => "write `argsort(rand(n))`",
        _ => "write `x[argsort(rand(len(x)))[:n]]`",
    };
    fail_help(
        "not-supported",
        b.span,
        format!(
            "{} is not available: only rand, randn, uniform and normal draw from the simulation's stream",
            b.function
        ),
        way,
    )
}
