//! Linear systems whose coefficients are known only inside of the kernel: they change from step to step, or the time that passes
//! differs from event to event.
//!
//! The solution of `x' = M·x + b` after a time `h` is computed by the kernel itself. A variable that is coupled to no other
//! follows from `exp(a·h)`. A coupled system follows from `F = exp(A) − 1`, `A = [[M, b], [0, 0]]·h`: a Taylor polynomial of `A`
//! halved often enough, then `F ← F·F + 2·F` as often as it was halved (Higham 2008, chapter 10; with `− 1` slow variables stay
//! precise beside fast ones). How often is a choice per element (`Select`), so the code has no branches.

use super::linear::Linear;
use crate::builder::Builder;
use crate::kernel::{Compare, Fn1, Unary, Val};

/// The norm of a matrix that needs no halving.
const SMALL: f64 = 0.125;

/// Terms of the Taylor polynomial: `SMALL¹¹/11!` is below the rounding error.
const TERMS: u32 = 10;

/// Halvings: norms up to `SMALL·2³⁶` are exact, which is a time constant of a microsecond and hours between events.
const HALVINGS: i32 = 36;

/// A matrix; `None` is zero.
type Matrix = Vec<Vec<Option<Val>>>;

/// The values after a time `h`. Rows in `frozen` stand still.
pub(crate) fn flow(
    b: &mut Builder,
    rows: &[Linear],
    old: &[Val],
    h: Val,
    frozen: &[usize],
) -> Vec<Val> {
    let mut new = old.to_vec();
    for part in components(rows, frozen) {
        // What comes from variables that stand still is constant.
        let rest = |b: &mut Builder, row: usize| {
            let mut sum = rows[row].rest;
            for &k in frozen {
                if let Some(c) = rows[row].coefficients.get(k).copied().flatten() {
                    let term = b.mul(old[k], c);
                    sum = Some(match sum {
                        Some(s) => b.add(s, term),
                        None => term,
                    });
                }
            }
            sum
        };
        if let [one] = part[..] {
            let rest = rest(b, one);
            new[one] = single(b, old[one], rows[one].coefficients[one], rest, h);
            continue;
        }
        let n = part.len();
        let mut a: Matrix = vec![vec![None; n + 1]; n];
        for (r, &row) in part.iter().enumerate() {
            for (c, &column) in part.iter().enumerate() {
                a[r][c] = rows[row].coefficients[column].map(|v| b.mul(v, h));
            }
            a[r][n] = rest(b, row).map(|v| b.mul(v, h));
        }
        let f = exponential_less_one(b, &a);
        for (r, &row) in part.iter().enumerate() {
            let mut sum = old[row];
            for (c, entry) in f[r].iter().enumerate() {
                if let Some(entry) = *entry {
                    let term = match part.get(c) {
                        Some(column) => b.mul(old[*column], entry),
                        None => entry,
                    };
                    sum = b.add(sum, term);
                }
            }
            new[row] = sum;
        }
    }
    new
}

/// `x' = a·x + r`
fn single(b: &mut Builder, x: Val, a: Option<Val>, r: Option<Val>, h: Val) -> Val {
    let Some(a) = a else {
        return match r {
            Some(r) => {
                let change = b.mul(r, h);
                b.add(x, change)
            }
            None => x,
        };
    };
    let ah = b.mul(a, h);
    let decay = b.math(Fn1::Exp, ah);
    let kept = b.mul(x, decay);
    let Some(r) = r else { return kept };
    let mean = b.math(Fn1::Exprel, ah);
    let gained = b.mul(r, h);
    let gained = b.mul(gained, mean);
    b.add(kept, gained)
}

/// Variables that depend on each other, directly or not, in any direction.
fn components(rows: &[Linear], frozen: &[usize]) -> Vec<Vec<usize>> {
    let mut parts: Vec<Vec<usize>> = Vec::new();
    for row in (0..rows.len()).filter(|r| !frozen.contains(r)) {
        let touches = |other: &usize| {
            let reads = |r: usize, c: usize| rows[r].coefficients[c].is_some();
            reads(row, *other) || reads(*other, row)
        };
        let (mut joined, apart): (Vec<_>, Vec<_>) = std::mem::take(&mut parts)
            .into_iter()
            .partition(|part| part.iter().any(touches));
        parts = apart;
        let mut part: Vec<usize> = joined.drain(..).flatten().collect();
        part.push(row);
        part.sort_unstable();
        parts.push(part);
    }
    parts
}

/// `exp(A) − 1` of a matrix with one column more than rows (its last row is zero).
fn exponential_less_one(b: &mut Builder, a: &Matrix) -> Matrix {
    let norm = norm(b, a);
    let mut scale = b.num(1.0);
    let mut halved = Vec::new();
    for k in 0..HALVINGS {
        let limit = b.num(SMALL * 2f64.powi(k));
        let more = b.compare(Compare::Lt, limit, norm);
        let smaller = b.num(0.5f64.powi(k + 1));
        scale = b.select(more, smaller, scale);
        halved.push(more);
    }
    let a: Matrix = map(a, |x| b.mul(x, scale));
    // 1 + A/2·(1 + A/3·(…)), less 1.
    let mut g = {
        let k = b.num(1.0 / f64::from(TERMS));
        map(&a, |x| b.mul(x, k))
    };
    for k in (2..TERMS).rev() {
        let k = b.num(1.0 / f64::from(k));
        let product = product(b, &a, &g);
        let sum = sum(b, &a, &product);
        g = map(&sum, |x| b.mul(x, k));
    }
    let last = product(b, &a, &g);
    let mut f = sum(b, &a, &last);
    let two = b.num(2.0);
    for more in halved {
        let square = product(b, &f, &f);
        let twice = map(&f, |x| b.mul(x, two));
        let next = sum(b, &square, &twice);
        for (row, next) in f.iter_mut().zip(&next) {
            for (old, new) in row.iter_mut().zip(next) {
                *old = match (*old, *new) {
                    (Some(old), Some(new)) => Some(b.select(more, new, old)),
                    (None, Some(new)) => {
                        let zero = b.num(0.0);
                        Some(b.select(more, new, zero))
                    }
                    (old, None) => old,
                };
            }
        }
    }
    f
}

/// The greatest sum of magnitudes of a row. A constant part does not count: it only takes part linearly.
fn norm(b: &mut Builder, a: &Matrix) -> Val {
    let mut greatest = b.num(0.0);
    for row in a {
        let mut sum = b.num(0.0);
        for x in row[..a.len()].iter().flatten() {
            let size = b.unary(Unary::Abs, *x);
            sum = b.add(sum, size);
        }
        greatest = b.max(greatest, sum);
    }
    greatest
}

fn map(a: &Matrix, mut f: impl FnMut(Val) -> Val) -> Matrix {
    a.iter()
        .map(|row| row.iter().map(|x| x.map(&mut f)).collect())
        .collect()
}

fn sum(b: &mut Builder, x: &Matrix, y: &Matrix) -> Matrix {
    let mut entry = |x: &Option<Val>, y: &Option<Val>| match (*x, *y) {
        (Some(x), Some(y)) => Some(b.add(x, y)),
        (x, y) => x.or(y),
    };
    x.iter()
        .zip(y)
        .map(|(x, y)| x.iter().zip(y).map(|(x, y)| entry(x, y)).collect())
        .collect()
}

fn product(b: &mut Builder, x: &Matrix, y: &Matrix) -> Matrix {
    let n = x.len();
    let mut out: Matrix = vec![vec![None; n + 1]; n];
    for (row, out) in x.iter().zip(&mut out) {
        for (c, out) in out.iter_mut().enumerate() {
            for (k, x) in row[..n].iter().enumerate() {
                if let (Some(x), Some(y)) = (*x, y[k][c]) {
                    let term = b.mul(x, y);
                    *out = Some(match *out {
                        Some(s) => b.add(s, term),
                        None => term,
                    });
                }
            }
        }
    }
    out
}
