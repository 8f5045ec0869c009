//! Products of vectors and matrices.

use dslsim_source::Span;
use dslsim_syntax::ast::BinaryOp;
use dslsim_units::Dim;

use super::reduce::pairwise;
use super::{Function, Units};
use crate::array::{Array, Kind};
use crate::call::{Bound, Param};
use crate::eval::Run;
use crate::fault::{Outcome, fail};
use crate::limits::check_size;
use crate::operators::arrays;
use crate::text::shape as shape_text;
use crate::value::Value;

const TWO: &[Param] = &[Param::required("a"), Param::required("b")];

pub(super) const TABLE: &[Function] = &[
    Function {
        name: "dot",
        params: TWO,
        units: Units::Own,
        about: "the product of vectors or matrices",
        run: dot,
    },
    Function {
        name: "matmul",
        params: TWO,
        units: Units::Own,
        about: "a @ b",
        run: |_, b| matmul(&b.array("a")?, &b.array("b")?, b.span).map(Value::from),
    },
    Function {
        name: "inner",
        params: TWO,
        units: Units::Own,
        about: "the inner product of vectors",
        run: dot,
    },
    Function {
        name: "outer",
        params: TWO,
        units: Units::Own,
        about: "all products of two vectors",
        run: outer,
    },
    Function {
        name: "trace",
        params: &[Param::required("a")],
        units: Units::Same,
        about: "the sum of the diagonal",
        run: |_, b| {
            diagonal(&b).map(|d| match d.kind() {
                Kind::Float => Value::quantity(pairwise(&d.float_vec()), d.dim),
                _ => Value::Int(d.int_vec().iter().fold(0, |s: i64, x| s.wrapping_add(*x))),
            })
        },
    },
    Function {
        name: "diag",
        params: &[Param::required("a")],
        units: Units::Same,
        about: "the diagonal of a matrix, or the matrix with a diagonal",
        run: diag,
    },
];

fn dot(_: &mut Run<'_>, b: Bound) -> Outcome<Value> {
    let (x, y) = (b.array("a")?, b.array("b")?);
    if x.ndim() == 0 || y.ndim() == 0 {
        return arrays(BinaryOp::Mul, &x, &y, b.span).map(Value::from);
    }
    matmul(&x, &y, b.span).map(Value::from)
}

/// `a @ b` for one or two axes each.
pub(crate) fn matmul(a: &Array, b: &Array, span: Span) -> Outcome<Array> {
    let (rows, inner) = match a.shape() {
        [n] => (1, *n),
        [m, n] => (*m, *n),
        _ => {
            return fail(
                "shape-mismatch",
                span,
                "matrix products need arrays of one or two axes",
            );
        }
    };
    let (other, columns) = match b.shape() {
        [n] => (*n, 1),
        [m, n] => (*m, *n),
        _ => {
            return fail(
                "shape-mismatch",
                span,
                "matrix products need arrays of one or two axes",
            );
        }
    };
    if inner != other {
        return fail(
            "shape-mismatch",
            span,
            format!(
                "matrices of shapes {} and {} cannot be multiplied",
                shape_text(a.shape()),
                shape_text(b.shape())
            ),
        );
    }
    let n = check_size(&[rows, columns], span)?;
    if n.saturating_mul(inner) > 50_000_000_000 {
        return fail(
            "too-large",
            span,
            "these matrices are too large to be multiplied here",
        );
    }
    let mut shape = Vec::new();
    if a.ndim() == 2 {
        shape.push(rows);
    }
    if b.ndim() == 2 {
        shape.push(columns);
    }
    let turned = if b.ndim() == 2 {
        super::shape::transposed(b, &[1, 0])
    } else {
        b.clone()
    };
    if a.kind().max(b.kind()) < Kind::Float {
        let (x, y) = (a.int_vec(), turned.int_vec());
        let product = |u: &[i64], v: &[i64]| {
            u.iter()
                .zip(v)
                .fold(0_i64, |s, (p, q)| s.wrapping_add(p.wrapping_mul(*q)))
        };
        return Ok(Array::ints(
            products(&x, &y, rows, columns, inner, product),
            &shape,
        ));
    }
    let (x, y) = (a.float_vec(), turned.float_vec());
    let product =
        |u: &[f64], v: &[f64]| pairwise(&u.iter().zip(v).map(|(p, q)| p * q).collect::<Vec<_>>());
    Ok(Array::floats(
        products(&x, &y, rows, columns, inner, product),
        &shape,
        a.dim.mul(b.dim),
    ))
}

/// Rows of `x` with rows of `y`.
fn products<T>(
    x: &[T],
    y: &[T],
    rows: usize,
    columns: usize,
    inner: usize,
    f: impl Fn(&[T], &[T]) -> T,
) -> Vec<T> {
    let row = |all: &'_ [T], k: usize| k * inner..((k + 1) * inner).min(all.len());
    let mut out = Vec::with_capacity(rows * columns);
    for i in 0..rows {
        for j in 0..columns {
            out.push(f(
                x.get(row(x, i)).unwrap_or_default(),
                y.get(row(y, j)).unwrap_or_default(),
            ));
        }
    }
    out
}

fn outer(_: &mut Run<'_>, b: Bound) -> Outcome<Value> {
    let (x, y) = (b.array("a")?, b.array("b")?);
    arrays(
        BinaryOp::Mul,
        &x.with_shape(&[x.len(), 1]),
        &y.with_shape(&[1, y.len()]),
        b.span,
    )
    .map(Value::from)
}

fn diagonal(b: &Bound) -> Outcome<Array> {
    let a = b.array("a")?;
    match a.shape() {
        [m, n] => {
            let k = *m.min(n);
            Ok(a.pick(&(0..k).map(|i| i * n + i).collect::<Vec<_>>(), &[k]))
        }
        _ => Err(b.wrong("a", "a matrix")),
    }
}

fn diag(_: &mut Run<'_>, b: Bound) -> Outcome<Value> {
    let a = b.array("a")?;
    if a.ndim() != 1 {
        return diagonal(&b).map(Value::from);
    }
    let n = a.len();
    check_size(&[n, n], b.span)?;
    let mut data = vec![0.0; n * n];
    for (k, x) in a.float_vec().into_iter().enumerate() {
        if let Some(slot) = data.get_mut(k * n + k) {
            *slot = x;
        }
    }
    let out = Array::floats(data, &[n, n], Dim::NONE);
    let out = out.cast(a.kind());
    Ok(Value::from(Array { dim: a.dim, ..out }))
}
