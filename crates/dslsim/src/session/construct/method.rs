//! `method='…'` and `method_options={…}` of groups and synapses.

use dslsim_model::network::{Chosen, MethodOptions};
use dslsim_model::variables::{VarKind, Variables};
use dslsim_model::words::{has_unit, nearest};
use dslsim_script::{Bound, Spanned, Value};
use dslsim_source::{Diagnostic, Diagnostics, Span};

use super::Told;

/// Options that are known; the last three ask for recordings that are not made, or for what has no meaning here.
const OPTIONS: &[&str] = &[
    "absolute_error",
    "absolute_error_per_variable",
    "relative_error",
    "relative_error_per_variable",
    "adaptable_timestep",
    "max_steps",
    "use_last_timestep",
    "save_failed_steps",
    "save_step_count",
    "simplify",
];

/// The method that was asked for, with its options.
pub(super) fn method(bound: &Bound, variables: &Variables) -> Told<Option<Chosen>> {
    let options = options(bound, variables)?;
    match bound.given("method") {
        None => Ok(None),
        Some(Spanned {
            value: Value::Str(text),
            ..
        }) => Ok(Some(Chosen {
            name: text.as_str().to_owned(),
            span: text.whole(),
            options,
        })),
        Some(Spanned {
            value: Value::Tuple(_) | Value::List(_),
            ..
        }) => Ok(None),
        Some(_) => Err(bound.wrong("method", "the name of an integration method")),
    }
}

fn options(bound: &Bound, variables: &Variables) -> Told<MethodOptions> {
    let mut options = MethodOptions::default();
    let given = match bound.given("method_options") {
        None => return Ok(options),
        Some(given) => given,
    };
    let Value::Dict(all) = &given.value else {
        return Err(bound.wrong("method_options", "a dict of names and values"));
    };
    let at = given.span;
    let mut said = Diagnostics::new();
    for (name, value) in all {
        let result = match name.as_str() {
            "absolute_error" => error(name, value, at).map(|x| options.absolute_error = x),
            "relative_error" => error(name, value, at).map(|x| options.relative_error = x),
            "absolute_error_per_variable" => {
                by_variable(name, value, variables, true, at).map(|x| options.absolute = x)
            }
            "relative_error_per_variable" => {
                by_variable(name, value, variables, false, at).map(|x| options.relative = x)
            }
            "adaptable_timestep" => flag(name, value, at).map(|x| options.adaptable_timestep = x),
            "use_last_timestep" => flag(name, value, at).map(|x| options.use_last_timestep = x),
            "max_steps" => match value.as_i64() {
                Some(n @ 1..=1_000_000) => {
                    options.max_steps = n as u32;
                    Ok(())
                }
                _ => Err(wrong(
                    name,
                    "a number of steps from 1 to 1000000",
                    value,
                    at,
                )),
            },
            "save_failed_steps" | "save_step_count" => match value.as_bool() {
                Some(false) => Ok(()),
                _ => Err(Diagnostic::error(
                    "not-yet",
                    at,
                    format!("method_options: `{name}` is not supported"),
                )
                .help("leave it out")),
            },
            "simplify" => Ok(()),
            _ => Err(Diagnostic::error(
                "unknown-option",
                at,
                format!("method_options: there is no option `{name}`"),
            )
            .help(match nearest(name, OPTIONS.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("the options are {}", OPTIONS.join(", ")),
            })),
        };
        if let Err(d) = result {
            said.push(d);
        }
    }
    let nothing = |x: &f64| *x == 0.0;
    if said.is_empty() && nothing(&options.absolute_error) && nothing(&options.relative_error) {
        said.push(
            Diagnostic::error(
                "no-error-allowed",
                at,
                "method_options: the absolute and the relative error are both 0, which no step can reach",
            )
            .help("allow an error, for instance `'absolute_error': 1e-6`"),
        );
    }
    if said.is_empty() {
        Ok(options)
    } else {
        Err(said)
    }
}

fn wrong(name: &str, what: &str, value: &Value, at: Span) -> Diagnostic {
    Diagnostic::error(
        "wrong-type",
        at,
        format!(
            "method_options: `{name}` must be {what}, not {}",
            value.describe()
        ),
    )
}

fn error(name: &str, value: &Value, at: Span) -> Result<f64, Diagnostic> {
    match value.as_f64() {
        Some(x) if x >= 0.0 && x.is_finite() => Ok(x),
        _ => Err(wrong(name, "a number that is not negative", value, at)),
    }
}

fn flag(name: &str, value: &Value, at: Span) -> Result<bool, Diagnostic> {
    value
        .as_bool()
        .ok_or_else(|| wrong(name, "True or False", value, at))
}

/// Errors by variable: absolute ones have the variable's unit.
fn by_variable(
    name: &str,
    value: &Value,
    variables: &Variables,
    absolute: bool,
    at: Span,
) -> Result<Vec<(String, f64)>, Diagnostic> {
    let all = match value {
        Value::None => return Ok(Vec::new()),
        Value::Dict(all) => all,
        _ => return Err(wrong(name, "a dict of variables and errors", value, at)),
    };
    let mut errors = Vec::new();
    for (variable, value) in all {
        let known = variables
            .get(variable)
            .filter(|v| matches!(v.kind, VarKind::Differential(_)));
        let Some(known) = known else {
            return Err(Diagnostic::error(
                "unknown-name",
                at,
                format!("method_options: `{variable}` has no differential equation"),
            )
            .help_opt(
                nearest(variable, variables.names()).map(|n| format!("did you mean `{n}`?")),
            ));
        };
        let x = error(name, value, at)?;
        let dim = value.dim().unwrap_or_default();
        let want = if absolute {
            known.dim
        } else {
            Default::default()
        };
        if dim != want {
            return Err(Diagnostic::error(
                "dimension-mismatch",
                at,
                format!(
                    "method_options: the error of `{variable}` must be {}, but it is {}",
                    has_unit(want),
                    has_unit(dim)
                ),
            )
            .also(known.span, "declared here"));
        }
        errors.push((variable.clone(), x));
    }
    Ok(errors)
}
