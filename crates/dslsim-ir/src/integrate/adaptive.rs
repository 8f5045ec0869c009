//! `rkf45`: an explicit pair of orders five and four, with as many substeps in a time step as the error demands, for each element
//! on its own.
//!
//! A step is three kernels. The first begins it: no time has passed, the substep has the length that was last good. The second tries a
//! substep for all elements: where the error is small enough the new values are written, and the length for the next
//! substep follows from the error. It emits the elements that have not reached the end of the step; the third does the same for
//! these, again and again until nobody is left.
//!
//! The rule for lengths is that of the GNU Scientific Library (`gsl_odeiv2_control`, its manual, "Adaptive Step-size Control"), which
//! Brian2's `gsl_rkf45` uses: with `r` the greatest error relative to what is allowed, `absolute + relative·|x|`, a substep
//! is repeated with a length times `max(0.9·r^(-1/5), 1/5)` if `r > 1.1`; if `r < 0.5` the next one is longer by
//! `0.9·r^(-1/6)`, at most 5 times. An element that needs more than `max_steps` substeps becomes NaN, which the run notices.
//!
//! Brian2's other names (`gsl_rk2`, `gsl_rk4`, `gsl_rkck`, `gsl_rk8pd`) mean other pairs with the same bounds of the error; here they mean
//! this one.

use dslsim_model::code::Ode;
use dslsim_model::network::Chosen;
use dslsim_source::Diagnostic;

use super::exact::reads_random;
use super::{Inapplicable, Method, noise_place, scheme};
use crate::kernel::{Access, Compare, Fn2, Kernel, Type, Unary, Val};
use crate::lower::Lower;

/// Errors up to this many times the allowed one are accepted.
const ACCEPTED: f64 = 1.1;

/// Relative errors below this make the next substep longer.
const SMALL: f64 = 0.5;

/// Appends the substep to the kernel in the making; gives the kernel that repeats it for some elements.
pub(crate) fn step(
    lower: &mut Lower<'_>,
    odes: &[Ode],
    chosen: &Chosen,
) -> Result<Kernel, Diagnostic> {
    let refuse = |e: Inapplicable| e.diagnostic(Method::Rkf45, chosen.span);
    if let Some(span) = noise_place(odes) {
        return Err(refuse(Inapplicable {
            why: "the equations have noise (`xi`)".into(),
            span,
            instead: "`euler`, `heun` or `milstein`",
        }));
    }
    let options = &chosen.options;
    let names = ["rkf45.passed", "rkf45.length", "rkf45.substeps"];
    let arrays = names.map(|name| lower.layout.scratch(lower.object, name));
    let element = |lower: &mut Lower<'_>, k: usize| {
        let slot = lower.b.slot(names[k], arrays[k]);
        (slot, lower.b.load(slot, Access::Element, Type::Num))
    };
    // The beginning of a step.
    let dt = lower.dt();
    let zero = lower.b.num(0.0);
    let first = if options.use_last_timestep {
        let (_, last) = element(lower, 1);
        let known = lower.b.compare(Compare::Lt, zero, last);
        lower.b.select(known, last, dt)
    } else {
        dt
    };
    for (k, value) in [zero, first, zero].into_iter().enumerate() {
        let slot = lower.b.slot(names[k], arrays[k]);
        lower.b.store(slot, Access::Element, value, None);
    }
    lower.divide();

    let (dt, now) = (lower.dt(), lower.t());
    let (passed_slot, passed) = element(lower, 0);
    let (length_slot, length) = element(lower, 1);
    let (count_slot, count) = element(lower, 2);
    let rest = lower.b.sub(dt, passed);
    let last = lower.b.compare(Compare::Le, rest, length);
    let h = lower.b.select(last, rest, length);
    let from = lower.b.add(now, passed);
    let old = super::old_state(lower, odes);
    let (new, errors) = scheme::step_and_error(lower, odes, scheme::find(Method::Rkf45), from, h)
        .map_err(refuse)?;
    if new.iter().any(|v| reads_random(lower, *v)) {
        return Err(refuse(Inapplicable {
            why: "the equations draw random numbers".into(),
            span: odes.first().map_or_else(Default::default, |o| o.span),
            instead: "`euler`",
        }));
    }
    let b = &mut lower.b;
    let mut r = b.num(0.0);
    for ((ode, error), value) in odes.iter().zip(errors).zip(&new) {
        let (absolute, relative) = options.errors(&ode.name);
        let (absolute, relative) = (b.num(absolute), b.num(relative));
        let size = b.unary(Unary::Abs, *value);
        let part = b.mul(size, relative);
        let allowed = b.add(part, absolute);
        let error = b.unary(Unary::Abs, error);
        let ratio = b.div(error, allowed);
        r = b.max(ratio, r);
    }
    let one = b.num(1.0);
    let count = b.add(count, one);
    let most = b.num(f64::from(options.max_steps));
    let too_many = b.compare(Compare::Lt, most, count);
    let limit = b.num(ACCEPTED);
    let bad = b.compare(Compare::Lt, limit, r);
    let enough = b.not(bad);
    let accepted = b.or(enough, too_many);
    let finished = b.or(last, too_many);
    let finished = b.and(accepted, finished);

    // The length of the next substep.
    let shorter = {
        let factor = power(lower, r, -0.2, 0.2, 1.0);
        lower.b.mul(h, factor)
    };
    let longer = {
        let factor = power(lower, r, -1.0 / 6.0, 1.0, 5.0);
        lower.b.mul(h, factor)
    };
    let b = &mut lower.b;
    let small = b.num(SMALL);
    let grows = b.compare(Compare::Lt, r, small);
    let good = b.select(grows, longer, h);
    // The last substep is cut off by the end of the step: that is no reason to go on with short ones.
    let kept = b.max(good, length);
    let good = b.select(last, kept, good);
    let next = b.select(bad, shorter, good);
    b.store(length_slot, Access::Element, next, None);
    let after = b.add(passed, h);
    b.store(passed_slot, Access::Element, after, Some(accepted));
    b.store(count_slot, Access::Element, count, None);
    for ((ode, value), old) in odes.iter().zip(new).zip(old) {
        let array = lower.layout.array(lower.object, &ode.name);
        let b = &mut lower.b;
        let none = b.num(f64::NAN);
        let value = b.select(too_many, none, value);
        let value = b.select(accepted, value, old);
        let slot = b.slot(&ode.name, array);
        b.store(slot, Access::Element, value, None);
    }
    let more = lower.b.not(finished);
    lower.b.emit(more);
    let name = format!("{} (substeps)", lower.name);
    Ok(lower
        .b
        .part(&name, &[], Access::Element, crate::kernel::Domain::List))
}

/// `0.9·r^exponent`, between two bounds.
fn power(lower: &mut Lower<'_>, r: Val, exponent: f64, low: f64, high: f64) -> Val {
    let b = &mut lower.b;
    let exponent = b.num(exponent);
    let power = b.math2(Fn2::Pow, r, exponent);
    let factor = b.num(0.9);
    let scaled = b.mul(power, factor);
    let (low, high) = (b.num(low), b.num(high));
    let bounded = b.max(scaled, low);
    b.min(bounded, high)
}
