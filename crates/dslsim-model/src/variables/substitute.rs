//! Equations from a template: `Equations('dV/dt = …', V='vm', tau=10*ms)`.
//!
//! A name is replaced wherever it stands, also as the name of a variable; a variable can only be given another name. All names are
//! replaced at once, so that two may change places. A replaced name keeps its place in the template, in messages.

use dslsim_source::{Diagnostic, Diagnostics, Span};
use dslsim_syntax::ast::{Equation, EquationForm, Expr, ExprKind, Subscript};
use indexmap::IndexMap;

/// What a name is replaced by.
#[derive(Clone, Debug)]
pub struct Replacement {
    /// Another name, or an expression.
    pub expr: Expr,
    /// Whether it was given as text, not as a value.
    pub is_text: bool,
    /// Where it was given.
    pub span: Span,
}

/// The equations with names replaced; which replacements had an effect is marked in `used`.
///
/// # Errors
/// A variable that would become a value or an expression, or have the name of another.
pub fn substitute(
    equations: &[Equation],
    replacements: &IndexMap<String, Replacement>,
    used: &mut [bool],
) -> Result<Vec<Equation>, Diagnostics> {
    let mut said = Diagnostics::new();
    let mut all: Vec<Equation> = Vec::with_capacity(equations.len());
    for equation in equations {
        let mut new = equation.clone();
        if let Some((at, _, r)) = replacements.get_full(&equation.name.name) {
            used[at] = true;
            match &r.expr.kind {
                ExprKind::Name(name) if r.is_text => new.name.name.clone_from(name),
                _ => said.push(
                    Diagnostic::error(
                        "not-a-name",
                        r.span,
                        format!(
                            "`{}` is a variable of the equations: it can be given another name, but not a value",
                            equation.name.name
                        ),
                    )
                    .also(equation.name.span, "the variable")
                    .help("give a name in quotes"),
                ),
            }
        }
        if let EquationForm::Differential(rhs) | EquationForm::Subexpression(rhs) = &mut new.form {
            replace(rhs, replacements, used);
        }
        if let Some(first) = all.iter().find(|e| e.name.name == new.name.name) {
            said.push(
                Diagnostic::error(
                    "duplicate-definition",
                    new.name.span,
                    format!("`{}` is defined twice", new.name.name),
                )
                .also(first.name.span, "first defined here")
                .help("choose another name for the replacement"),
            );
        }
        all.push(new);
    }
    if said.is_empty() { Ok(all) } else { Err(said) }
}

fn replace(e: &mut Expr, by: &IndexMap<String, Replacement>, used: &mut [bool]) {
    if let ExprKind::Name(name) = &e.kind {
        if let Some((at, _, r)) = by.get_full(name) {
            used[at] = true;
            e.kind = r.expr.kind.clone();
        }
        return;
    }
    match &mut e.kind {
        ExprKind::Unary(_, a) | ExprKind::Attribute(a, _) => replace(a, by, used),
        ExprKind::Binary(_, a, b) | ExprKind::And(a, b) | ExprKind::Or(a, b) => {
            replace(a, by, used);
            replace(b, by, used);
        }
        ExprKind::Compare(a, rest) => {
            replace(a, by, used);
            rest.iter_mut().for_each(|(_, b)| replace(b, by, used));
        }
        ExprKind::IfElse {
            value,
            condition,
            otherwise,
        } => {
            for part in [value, condition, otherwise] {
                replace(part, by, used);
            }
        }
        ExprKind::Call(function, args) => {
            replace(function, by, used);
            args.iter_mut()
                .for_each(|a| replace(&mut a.value, by, used));
        }
        ExprKind::Index(a, parts) => {
            replace(a, by, used);
            for part in parts {
                if let Subscript::Index(i) = part {
                    replace(i, by, used);
                }
            }
        }
        ExprKind::List(all) | ExprKind::Tuple(all) => {
            all.iter_mut().for_each(|a| replace(a, by, used));
        }
        _ => {}
    }
}
