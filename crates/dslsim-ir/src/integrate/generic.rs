//! Where Brian2's `exact` applies: what decides about the method if none is chosen.
//!
//! Brian2 solves a linear system symbolically. It refuses one that has no unique fixed point (`dx/dt = const`), and one whose solution
//! has complex coefficients (an oscillator); then it goes on to `euler`. The numeric solution needs none of that, but without a
//! chosen method the same method must be found. The fixed point is a question about symbols: it is asked with
//! numbers that nobody would choose. Of a coupled pair the eigenvalues are asked with the model's own numbers, where they are
//! known; for more than two coupled variables Brian2's solution in radicals has complex parts.

use dslsim_model::code::Ode;
use nalgebra::DMatrix;

use super::Inapplicable;
use super::linear::Linear;
use crate::interp;
use crate::kernel::{Inst, ScalarSource, Val};
use crate::lower::Lower;

/// Refuses what Brian2's `exact` refuses.
pub(crate) fn check(lower: &Lower<'_>, odes: &[Ode], rows: &[Linear]) -> Result<(), Inapplicable> {
    let refuse = |why: &str| {
        Err(Inapplicable {
            why: why.into(),
            span: odes.first().map_or_else(Default::default, |o| o.span),
            instead: "`euler`",
        })
    };
    let n = rows.len();
    let symbols = matrix(lower, rows, &|_| None);
    let scale: f64 = symbols
        .row_iter()
        .map(|row| row.iter().map(|x| x.abs()).sum::<f64>())
        .product();
    if scale == 0.0 || symbols.determinant().abs() <= 1e-9 * scale {
        return refuse("the equations have no single fixed point");
    }
    let numbers = matrix(lower, rows, &|source| match source {
        ScalarSource::External { value, .. } => Some(*value),
        ScalarSource::Uniform(array) => lower.layout.shared_value(*array),
        _ => None,
    });
    for part in cycles(rows, n) {
        let [a, b] = part[..] else {
            if part.len() > 2 {
                return refuse("more than two variables depend on each other in a circle");
            }
            continue;
        };
        let half = (numbers[(a, a)] - numbers[(b, b)]) / 2.0;
        if half * half + numbers[(a, b)] * numbers[(b, a)] < 0.0 {
            return refuse("the solution oscillates (complex eigenvalues)");
        }
    }
    Ok(())
}

/// The coefficients as numbers: what is not known is any positive number.
fn matrix(
    lower: &Lower<'_>,
    rows: &[Linear],
    known: &dyn Fn(&ScalarSource) -> Option<f64>,
) -> DMatrix<f64> {
    let mut m = DMatrix::zeros(rows.len(), rows.len());
    for (r, row) in rows.iter().enumerate() {
        for (c, v) in row.coefficients.iter().enumerate() {
            if let Some(v) = v {
                m[(r, c)] = number(lower, *v, known);
            }
        }
    }
    m
}

fn number(lower: &Lower<'_>, v: Val, known: &dyn Fn(&ScalarSource) -> Option<f64>) -> f64 {
    let inst = lower.b.inst(v);
    // Between a half and one and a half, different for each value, without a pattern.
    let any = || 0.5 + (f64::from(v.0) * 0.618_033_988_749_894_9 + 0.1).fract();
    match inst {
        Inst::Const(x) => x,
        Inst::Bool(b) => f64::from(u8::from(b)),
        Inst::Scalar(s) | Inst::ScalarBool(s) => {
            lower.b.source(s).and_then(known).unwrap_or_else(any)
        }
        Inst::Element
        | Inst::Index(_)
        | Inst::Load(..)
        | Inst::LoadBool(..)
        | Inst::Bit(_)
        | Inst::Lookup(..) => any(),
        _ => interp::fold(&inst, |o| Some(number(lower, o, known))).unwrap_or_else(any),
    }
}

/// The sets of variables each of which depends on all others of its set.
fn cycles(rows: &[Linear], n: usize) -> Vec<Vec<usize>> {
    let mut reaches = vec![vec![false; n]; n];
    for (r, row) in rows.iter().enumerate() {
        for (c, v) in row.coefficients.iter().enumerate() {
            reaches[r][c] = v.is_some();
        }
    }
    (0..n).for_each(|k| {
        let through = reaches[k].clone();
        for row in reaches.iter_mut().filter(|row| row[k]) {
            row.iter_mut().zip(&through).for_each(|(r, t)| *r |= t);
        }
    });
    let circle = |a: usize, b: usize| reaches[a][b] && reaches[b][a];
    let mut sets: Vec<Vec<usize>> = Vec::new();
    (0..n).for_each(|k| {
        match sets
            .iter_mut()
            .find(|set| set.iter().all(|o| circle(k, *o)))
        {
            Some(set) => set.push(k),
            None => sets.push(vec![k]),
        }
    });
    sets
}
