//! Exponential Euler: each equation is `x' = A·x + B` with `A`, `B` frozen at the beginning of the step, so
//! `x ← (x + B/A)·exp(A·dt) − B/A` (Brian2's documentation, "exponential Euler"; MacGregor 1987).

use dslsim_model::code::Ode;

use super::linear::{Dependence, split};
use super::{Inapplicable, old_state};
use crate::kernel::Val;
use crate::lower::Lower;

pub(crate) fn step(lower: &mut Lower<'_>, odes: &[Ode]) -> Result<Vec<Val>, Inapplicable> {
    let old = old_state(lower, odes);
    let dt = lower.dt();
    let mut dependence = Dependence::default();
    let mut new = Vec::with_capacity(odes.len());
    for (ode, &x) in odes.iter().zip(&old) {
        let f = lower.expr(&ode.rhs);
        let linear = split(&mut lower.b, &mut dependence, f, &[x]).map_err(|_| Inapplicable {
            why: format!("the equation of `{0}` is not linear in `{0}`", ode.name),
            span: ode.rhs.span,
            instead: "`euler`, `rk2` or `rk4`",
        })?;
        let b = &mut lower.b;
        let value = match (linear.coefficients.first().copied().flatten(), linear.rest) {
            (None, None) => x,
            (None, Some(rest)) => {
                let change = b.mul(rest, dt);
                b.add(x, change)
            }
            (Some(a), None) => {
                let adt = b.mul(a, dt);
                let factor = b.math(crate::kernel::Fn1::Exp, adt);
                b.mul(x, factor)
            }
            (Some(a), Some(rest)) => {
                let ba = b.div(rest, a);
                let adt = b.mul(a, dt);
                b.exponential_euler(x, ba, adt)
            }
        };
        new.push(value);
    }
    Ok(new)
}
