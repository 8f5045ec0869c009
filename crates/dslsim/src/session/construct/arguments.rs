//! What arguments of constructors and methods mean: counts, times, numbers, equations, statements, groups.
//!
//! Each function tells what is wrong with its argument at the argument's place.

use dslsim_model::network::{Kind, Part, SPIKE};
use dslsim_model::words::{has_unit, nearest};
use dslsim_script::{Bound, Context, Spanned, Value};
use dslsim_source::{Diagnostic, Diagnostics, Span};
use dslsim_syntax::ast::{Equation, Expr, Statement};
use dslsim_units::Dim;

use super::Told;
use crate::session::Session;
use crate::session::handles::Handle;

/// The largest number of elements of a group.
const MAX_ELEMENTS: i64 = 1 << 31;

impl Session<'_> {
    /// A time in seconds, if given.
    pub(in crate::session) fn time(&self, bound: &Bound, name: &str) -> Told<Option<f64>> {
        let Some(given) = bound.given(name) else {
            return Ok(None);
        };
        match self.time_value(&bound.function, name, given)? {
            Some(time) => Ok(Some(time)),
            None => Err(bound.wrong(name, "a time")),
        }
    }

    /// A value as a time in seconds; `None` if it is nothing of the kind.
    pub(in crate::session) fn time_value(
        &self,
        function: &str,
        name: &str,
        given: &Spanned<Value>,
    ) -> Told<Option<f64>> {
        if given.value.is_plain_zero() {
            return Ok(Some(0.0));
        }
        let number = match &given.value {
            Value::Array(a) if a.len() != 1 => None,
            other => other.as_f64(),
        };
        match (number, given.value.dim()) {
            (Some(x), Some(Dim::TIME)) => Ok(Some(x)),
            (Some(x), Some(dim)) => Err(Diagnostic::error(
                "dimension-mismatch",
                given.span,
                format!(
                    "{function}: `{name}` must be a time in second, but this is {}",
                    has_unit(dim)
                ),
            )
            .help(if dim.is_none() {
                format!(
                    "write `{name}={}*ms` or the like",
                    dslsim_units::format_quantity(x, dim)
                )
            } else {
                "give a time".into()
            })
            .into()),
            _ => Ok(None),
        }
    }

    /// Equations from a string, `Equations(…)`, or nothing.
    pub(in crate::session) fn equations(
        &mut self,
        given: Option<&Spanned<Value>>,
        ctx: &mut Context<'_>,
    ) -> Told<Vec<Equation>> {
        match given.map(|g| (&g.value, g.span)) {
            None => Ok(Vec::new()),
            Some((Value::Str(text), _)) => {
                let (equations, said) = dslsim_syntax::parse_equations(text);
                told(ctx, said)?;
                Ok(equations)
            }
            Some((Value::Object(o), span)) => match self.handle(o) {
                Handle::Equations(equations) => Ok(equations),
                _ => Err(Diagnostic::error(
                    "wrong-type",
                    span,
                    format!("the model must be a string of equations, not a {}", o.class),
                )
                .into()),
            },
            Some((other, span)) => Err(Diagnostic::error(
                "wrong-type",
                span,
                format!(
                    "the model must be a string of equations, not {}",
                    other.describe()
                ),
            )
            .into()),
        }
    }

    /// A group, or a part of one.
    pub(super) fn part(&self, bound: &Bound, name: &str) -> Told<Part> {
        let wrong = || bound.wrong(name, "a group of neurons");
        let Some(given) = bound.given(name) else {
            return Err(wrong());
        };
        let Value::Object(o) = &given.value else {
            return Err(wrong());
        };
        match self.handle(o) {
            Handle::Object(id)
                if !matches!(
                    self.network.get(id).kind,
                    Kind::StateMonitor(_)
                        | Kind::SpikeMonitor(_)
                        | Kind::RateMonitor(_)
                        | Kind::Input(_)
                ) =>
            {
                Ok(Part {
                    object: id,
                    start: 0,
                    stop: self.network.size(id),
                })
            }
            Handle::Part(part) => Ok(part),
            _ => Err(wrong()),
        }
    }

    /// The number of elements of a group.
    pub(super) fn count(&self, bound: &Bound) -> Told<usize> {
        let Some(given) = bound.given("N") else {
            return Err(bound.wrong("N", "a whole number"));
        };
        let bad = |message: String, help: &str| {
            Err(Diagnostic::error("element-count", given.span, message)
                .help(help)
                .into())
        };
        let n = match &given.value {
            Value::Int(n) => *n,
            Value::Float(x) if x.fract() == 0.0 && x.abs() < 1e15 => *x as i64,
            Value::Float(x) => {
                return bad(
                    format!(
                        "{}: N must be a whole number, not the float {x}",
                        bound.function
                    ),
                    "round it, or use `int(…)`",
                );
            }
            Value::Quantity(x, dim) => {
                return bad(
                    format!(
                        "{}: N must be a whole number, not {}",
                        bound.function,
                        dslsim_units::format_quantity(*x, *dim)
                    ),
                    "a number has no unit",
                );
            }
            Value::Str(_) => {
                return bad(
                    format!(
                        "{}: N must be a whole number, the number of elements, not a string",
                        bound.function
                    ),
                    "the number comes first, then the equations",
                );
            }
            other => match other.as_i64() {
                Some(n) => n,
                None => {
                    return bad(
                        format!(
                            "{}: N must be a whole number, not {}",
                            bound.function,
                            other.describe()
                        ),
                        "give the number of elements",
                    );
                }
            },
        };
        if n < 1 {
            return bad(
                format!("{}: N must be at least 1, not {n}", bound.function),
                "leave the group out if it has no elements",
            );
        }
        if n > MAX_ELEMENTS {
            let gib = n as f64 * 8.0 / f64::from(1 << 30);
            return bad(
                format!(
                    "{}: {n} elements are too many: each variable alone would take {gib:.0} GiB of memory",
                    bound.function
                ),
                "the largest number is 2147483648",
            );
        }
        let what = format!("each variable of {n} elements");
        self.options
            .limits()
            .fits(&what, n as u64 * 8, given.span)?;
        Ok(n as usize)
    }

    pub(super) fn expression(
        &self,
        bound: &Bound,
        name: &str,
        ctx: &mut Context<'_>,
    ) -> Told<Option<Expr>> {
        let Some(given) = bound.given(name) else {
            return Ok(None);
        };
        let Value::Str(text) = &given.value else {
            return Err(bound.wrong(name, "a string"));
        };
        let (expr, said) = dslsim_syntax::parse_expression(text);
        let broken = said.has_errors();
        told(ctx, said)?;
        Ok((!broken).then_some(expr))
    }

    /// A slot of the time step.
    pub(in crate::session) fn slot(
        &self,
        bound: &Bound,
        name: &str,
        default: &str,
    ) -> Told<String> {
        let when = bound.text(name)?.unwrap_or(default);
        known_slot(when, bound.span_of(name))
    }

    /// Refuses a source that never spikes, or that has no such event.
    pub(in crate::session) fn happening(
        &self,
        bound: &Bound,
        name: &str,
        part: Part,
        event: &str,
    ) -> Told<()> {
        let extra = self.extras.get(part.object.0 as usize);
        if extra.is_some_and(|e| e.event(event).is_some()) {
            return Ok(());
        }
        let object = self.network.get(part.object);
        if event == SPIKE {
            return Err(Diagnostic::error(
                "no-spikes",
                bound.span_of(name),
                format!(
                    "{}: `{}` has no threshold, so it never spikes",
                    bound.function,
                    object.shown()
                ),
            )
            .also(object.span, "created here without threshold")
            .help("give the group a `threshold='…'`")
            .into());
        }
        let known: Vec<&str> = extra.map_or_else(Vec::new, |e| {
            e.events.iter().map(|(n, _)| n.as_ref()).collect()
        });
        Err(Diagnostic::error(
            "unknown-event",
            bound.span_of(name),
            format!(
                "{}: `{}` has no event `{event}`",
                bound.function,
                object.shown()
            ),
        )
        .also(object.span, "created here")
        .help(match nearest(event, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("define it: `events={{'{event}': '…'}}`"),
        })
        .into())
    }
}

/// The name of a slot of the time step.
pub(in crate::session) fn known_slot(when: &str, span: Span) -> Told<String> {
    if when.parse::<dslsim_runtime::Slot>().is_ok() {
        return Ok(when.to_owned());
    }
    Err(Diagnostic::error("unknown-slot", span, format!("there is no slot `{when}` in a time step"))
        .help("the slots are start, groups, thresholds, synapses, resets, end, each also with before_ and after_")
        .into())
}

/// Passes warnings on; errors end the call.
pub(in crate::session) fn told(ctx: &mut Context<'_>, said: Diagnostics) -> Told<()> {
    if said.has_errors() {
        return Err(said);
    }
    said.into_iter().for_each(|d| ctx.push(d));
    Ok(())
}

/// The result, or its mistakes added to what is said.
pub(super) fn keep<T>(said: &mut Diagnostics, result: Told<T>) -> Option<T> {
    match result {
        Ok(value) => Some(value),
        Err(more) => {
            said.extend(more);
            None
        }
    }
}

pub(super) fn not_yet(function: &str, bound: &Bound, names: &[&str]) -> Told<()> {
    let mut said = Diagnostics::new();
    for name in names {
        if let Some(value) = bound.given(name)
            && value.value != Value::Bool(false)
        {
            said.push(
                Diagnostic::error(
                    "not-yet",
                    value.span,
                    format!("{function}: `{name}` is not supported yet"),
                )
                .help("leave it out"),
            );
        }
    }
    if said.is_empty() { Ok(()) } else { Err(said) }
}

/// The numbers of an argument, in SI units.
pub(in crate::session) fn numbers(bound: &Bound, name: &str) -> Told<Vec<f64>> {
    let Some(given) = bound.given(name) else {
        return Err(bound.wrong(name, "numbers"));
    };
    flat(&given.value).ok_or_else(|| bound.wrong(name, "numbers"))
}

/// All numbers of a value, one after the other.
pub(in crate::session) fn flat(value: &Value) -> Option<Vec<f64>> {
    match value {
        Value::Array(a) => Some(a.float_vec()),
        Value::List(v) | Value::Tuple(v) => {
            let mut all = Vec::new();
            for x in v {
                all.extend(flat(x)?);
            }
            Some(all)
        }
        other => other.as_f64().map(|x| vec![x]),
    }
}

pub(super) fn statements(
    bound: &Bound,
    name: &str,
    ctx: &mut Context<'_>,
) -> Told<Option<Vec<Statement>>> {
    let Some(given) = bound.given(name) else {
        return Ok(None);
    };
    let Value::Str(text) = &given.value else {
        return Err(bound.wrong(name, "a string of statements"));
    };
    let (statements, said) = dslsim_syntax::parse_statements(text);
    told(ctx, said)?;
    Ok(Some(statements))
}
