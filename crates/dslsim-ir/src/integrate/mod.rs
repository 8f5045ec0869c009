//! Integrators: from differential equations to the values at the end of a step.
//!
//! | method | what it is | where |
//! | --- | --- | --- |
//! | `euler rk2 rk4 heun milstein` | explicit schemes, as short texts | [`scheme`] |
//! | `exponential_euler` | each equation linear in its own variable | [`exponential`] |
//! | `rkf45` (Brian2's `gsl…`) | explicit, with substeps as the error demands | [`adaptive`] |
//! | `exact` (`linear`) | the whole system linear | [`exact`] |
//!
//! All new values are computed from old ones, then stored together.

pub mod adaptive;
pub mod exact;
pub mod exponential;
pub mod flow;
mod generic;
pub mod linear;
pub mod scheme;

use std::rc::Rc;

use dslsim_model::code::Ode;
use dslsim_model::expr::{Leaf, Side, TKind};
use dslsim_model::network::Chosen;
use dslsim_model::variables::VarType;
use dslsim_source::{Diagnostic, Span};

use crate::kernel::Val;
use crate::lower::Lower;

/// A method by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is named like its method")]
pub enum Method {
    Exact,
    ExponentialEuler,
    Euler,
    Rk2,
    Rk4,
    Heun,
    Milstein,
    Rkf45,
}

/// All names of methods.
pub const METHODS: &[(&str, Method)] = &[
    ("exact", Method::Exact),
    ("linear", Method::Exact),
    ("independent", Method::Exact),
    ("exponential_euler", Method::ExponentialEuler),
    ("euler", Method::Euler),
    ("rk2", Method::Rk2),
    ("rk4", Method::Rk4),
    ("heun", Method::Heun),
    ("milstein", Method::Milstein),
    ("rkf45", Method::Rkf45),
    ("gsl", Method::Rkf45),
    ("gsl_rkf45", Method::Rkf45),
    ("gsl_rk2", Method::Rkf45),
    ("gsl_rk4", Method::Rkf45),
    ("gsl_rkck", Method::Rkf45),
    ("gsl_rk8pd", Method::Rkf45),
];

impl Method {
    /// By name.
    pub fn from_name(name: &str) -> Option<Method> {
        METHODS.iter().find(|(n, _)| *n == name).map(|(_, m)| *m)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        METHODS
            .iter()
            .find(|(_, m)| *m == self)
            .map_or("", |(n, _)| n)
    }
}

impl Method {
    /// Why [`step`] takes it if no method was asked for.
    pub fn reason(self) -> &'static str {
        match self {
            Method::Exact => {
                "no method is chosen, and the equations are linear: this one has no error of integration"
            }
            Method::Heun => {
                "no method is chosen, and a factor of the noise changes: other methods would solve another equation"
            }
            _ => "no method is chosen, and the equations are not linear or have noise",
        }
    }

    /// How new values follow from old ones, one statement a line: `x` stands for all variables at once, `f` for the right sides
    /// without noise, `g*dW` for the noise.
    pub fn update(self) -> &'static str {
        match self {
            Method::Exact => "x_new = exp(A*dt)*(x + inv(A)*b) - inv(A)*b    with f(x,t) = A*x + b",
            Method::ExponentialEuler => {
                "x_new = exp(a*dt)*(x + b/a) - b/a    with f(x,t) = a*x + b, for each variable by itself"
            }
            _ => scheme::find(self).text,
        }
    }
}

/// The state of a system at some time: the values of its variables.
pub(crate) fn set_state(lower: &mut Lower<'_>, odes: &[Ode], values: &[Val]) {
    for (ode, value) in odes.iter().zip(values) {
        lower
            .values
            .insert((Side::Own, lower.object, ode.name.clone()), *value);
    }
}

/// The values of the variables at the beginning of the step.
pub(crate) fn old_state(lower: &mut Lower<'_>, odes: &[Ode]) -> Vec<Val> {
    odes.iter()
        .map(|o| lower.variable(Side::Own, lower.object, &o.name, false, VarType::Float))
        .collect()
}

/// The names of the noise terms of a system, in the order of their first appearance.
pub fn noises(odes: &[Ode]) -> Vec<Rc<str>> {
    let mut names: Vec<(Span, Rc<str>)> = Vec::new();
    for ode in odes {
        ode.rhs.visit(&mut |e| {
            if let TKind::Leaf(Leaf::Noise(name)) = &e.kind {
                match names.iter_mut().find(|(_, n)| n == name) {
                    Some(first) => first.0 = first.0.min(e.span),
                    None => names.push((e.span, name.clone())),
                }
            }
        });
    }
    names.sort();
    names.into_iter().map(|(_, n)| n).collect()
}

/// Where a system first mentions noise.
fn noise_place(odes: &[Ode]) -> Option<Span> {
    let mut place = None;
    for ode in odes {
        ode.rhs.visit(&mut |e| {
            if matches!(e.kind, TKind::Leaf(Leaf::Noise(_))) {
                place.get_or_insert(e.span);
            }
        });
    }
    place
}

/// New values of all variables after one step, in the order of the equations.
///
/// # Errors
/// If the method does not apply to these equations.
pub fn step(
    lower: &mut Lower<'_>,
    odes: &[Ode],
    method: Option<&Chosen>,
) -> Result<(Vec<Val>, Method), Diagnostic> {
    let place = odes.first().map_or_else(Span::default, |o| o.span);
    let Some(Chosen { name, span, .. }) = method else {
        return automatic(lower, odes, place);
    };
    let Some(method) = Method::from_name(name) else {
        let names: Vec<&str> = METHODS.iter().map(|(n, _)| *n).collect();
        let near = dslsim_model::words::nearest(name, names.iter().copied())
            .map(|n| format!("did you mean `{n}`?"));
        return Err(Diagnostic::error(
            "unknown-method",
            *span,
            format!("there is no integration method `{name}`"),
        )
        .help(near.unwrap_or_else(|| format!("the methods are {}", names.join(", ")))));
    };
    let applied = apply(lower, odes, method, true).map_err(|e| e.diagnostic(method, *span))?;
    Ok((applied, method))
}

/// Why a method does not apply.
#[derive(Clone, Debug)]
pub(crate) struct Inapplicable {
    /// What stands in the way, e.g. "the equation of `v` is not linear".
    pub why: String,
    /// Where.
    pub span: Span,
    /// What to use instead.
    pub instead: &'static str,
}

impl Inapplicable {
    pub(crate) fn diagnostic(self, method: Method, at: Span) -> Diagnostic {
        Diagnostic::error(
            "method-not-applicable",
            self.span,
            format!(
                "method `{}` cannot integrate this: {}",
                method.name(),
                self.why
            ),
        )
        .also(at, "method chosen here")
        .help(format!("use {}", self.instead))
    }
}

fn apply(
    lower: &mut Lower<'_>,
    odes: &[Ode],
    method: Method,
    chosen: bool,
) -> Result<Vec<Val>, Inapplicable> {
    let noise = noise_place(odes);
    let refuse = |span: Span| Inapplicable {
        why: "the equations have noise (`xi`)".into(),
        span,
        instead: "`euler`, `heun` or `milstein`",
    };
    match method {
        Method::Exact => match noise {
            Some(span) => Err(refuse(span)),
            None => exact::step(lower, odes, chosen),
        },
        Method::ExponentialEuler => match noise {
            Some(span) => Err(refuse(span)),
            None => exponential::step(lower, odes),
        },
        _ => {
            let scheme = scheme::find(method);
            if let (Some(span), false) = (noise, scheme.noise != scheme::Noise::None) {
                return Err(refuse(span));
            }
            scheme::step(lower, odes, scheme)
        }
    }
}

/// The first of exact, euler, heun that applies.
fn automatic(
    lower: &mut Lower<'_>,
    odes: &[Ode],
    place: Span,
) -> Result<(Vec<Val>, Method), Diagnostic> {
    let saved = lower.values.clone();
    let draws = lower.b.draw_count();
    let mut last = None;
    for method in [Method::Exact, Method::Euler, Method::Heun] {
        match apply(lower, odes, method, false) {
            Ok(values) => return Ok((values, method)),
            Err(e) => {
                last = Some(e.diagnostic(method, place));
                lower.values.clone_from(&saved);
                lower.b.forget_draws(draws);
                lower.propagators.clear();
            }
        }
    }
    Err(last.unwrap_or_else(|| {
        Diagnostic::error(
            "method-not-applicable",
            place,
            "no integration method applies",
        )
    }))
}
