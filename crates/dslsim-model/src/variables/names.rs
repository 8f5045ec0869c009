//! Names that variables cannot have.

use dslsim_source::{Diagnostic, Diagnostics};
use dslsim_syntax::ast::Equation;

use super::Owner;
use crate::functions;

const KEYWORDS: &[&str] = &[
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue",
    "def", "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import",
    "in", "is", "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while",
    "with", "yield",
];

/// Names of both kinds of groups that nobody may define.
const RESERVED: &[&str] = &[
    "t",
    "dt",
    "t_in_timesteps",
    "xi",
    "i",
    "N",
    "not_refractory",
    "refractory",
    "refractory_until",
    "lastspike",
];

/// Refuses names that mean something else.
pub(super) fn check_name(equation: &Equation, owner: Owner, diagnostics: &mut Diagnostics) {
    let name = &equation.name.name;
    let place = equation.name.span;
    let refuse = |why: String| {
        Diagnostic::error(
            "reserved-name",
            place,
            format!("`{name}` cannot be the name of a variable: {why}"),
        )
    };
    if KEYWORDS.contains(&name.as_str()) {
        diagnostics.push(refuse("it is a keyword of the language".into()));
    } else if RESERVED.contains(&name.as_str())
        || name.starts_with("xi_")
        || (owner == Owner::Synapses
            && matches!(
                name.as_str(),
                "j" | "delay" | "lastupdate" | "N_pre" | "N_post"
            ))
    {
        diagnostics.push(refuse(
            "it is a special name, reserved for the simulation".into(),
        ));
    } else if name.starts_with('_') {
        diagnostics.push(refuse(
            "names that begin with an underscore are reserved".into(),
        ));
    } else if functions::lookup(name).is_some() {
        diagnostics.push(refuse("it is reserved for the function".into()));
    } else if functions::constant(name).is_some() {
        diagnostics.push(refuse("it is reserved for the constant".into()));
    } else if dslsim_units::lookup(name).is_some() {
        if dslsim_units::is_common(name) {
            diagnostics.push(refuse("it is reserved for the unit".into()));
        } else {
            diagnostics.push(
                Diagnostic::warning(
                    "shadowed-name",
                    place,
                    format!("variable `{name}` has the name of a unit; here the variable counts"),
                )
                .help("choose another name to avoid confusion"),
            );
        }
    } else if owner == Owner::Neurons && (name.ends_with("_pre") || name.ends_with("_post")) {
        diagnostics.push(refuse(
            "names that end with _pre or _post belong to synapses".into(),
        ));
    }
}
