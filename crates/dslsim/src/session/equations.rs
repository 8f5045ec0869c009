//! `Equations(…)`: equations built from pieces, and what a script can ask of them.

use dslsim_model::variables::substitute::{Replacement, substitute};
use dslsim_script::{CallArgs, Context, Param, Spanned, Value};
use dslsim_source::{Diagnostic, Diagnostics, Text};
use dslsim_syntax::ast::{Equation, EquationForm, Expr, Ident};
use dslsim_units::Dim;
use indexmap::IndexMap;

use super::Session;
use super::attributes::unknown_attribute_of;
use super::construct::told;
use super::handles::Handle;

type Told<T> = Result<T, Diagnostics>;

const EQUATIONS: &[Param] = &[Param::required("eqns"), Param::named_rest("substitutions")];

const ATTRIBUTES: &[&str] = &[
    "names",
    "eq_names",
    "diff_eq_names",
    "subexpr_names",
    "parameter_names",
    "is_stochastic",
    "identifiers",
    "substitute",
];

/// The base units in the order of a dimension's exponents.
const BASES: [&str; 7] = [
    "metre", "kilogram", "second", "amp", "kelvin", "mole", "candle",
];

impl Session<'_> {
    /// `Equations('…', x='y', tau=10*ms)`
    pub(super) fn make_equations(&mut self, ctx: &mut Context<'_>, args: &CallArgs) -> Told<Value> {
        let bound = args.bind("Equations", EQUATIONS)?;
        let equations = self.equations(bound.given("eqns"), ctx)?;
        let equations = self.substituted(ctx, &equations, &bound.named_rest)?;
        Ok(self.refer(Handle::Equations(equations)))
    }

    /// `eqs.substitute(x='y')`
    pub(super) fn equations_method(
        &mut self,
        ctx: &mut Context<'_>,
        equations: &[Equation],
        name: &Ident,
        args: &CallArgs,
    ) -> Told<Value> {
        if name.name != "substitute" {
            return Err(unknown_attribute_of("Equations", name, ATTRIBUTES));
        }
        let bound = args.bind("substitute", &[Param::named_rest("substitutions")])?;
        let equations = self.substituted(ctx, equations, &bound.named_rest)?;
        Ok(self.refer(Handle::Equations(equations)))
    }

    fn substituted(
        &mut self,
        ctx: &mut Context<'_>,
        equations: &[Equation],
        given: &[(Ident, Spanned<Value>)],
    ) -> Told<Vec<Equation>> {
        if given.is_empty() {
            return Ok(equations.to_vec());
        }
        let mut replacements = IndexMap::new();
        for (name, value) in given {
            replacements.insert(name.name.clone(), replacement(ctx, name, value)?);
        }
        let mut used = vec![false; replacements.len()];
        let new = substitute(equations, &replacements, &mut used)?;
        for ((name, _), used) in given.iter().zip(used) {
            if !used {
                let names = equations.iter().map(|e| e.name.name.as_str());
                let near = dslsim_model::words::nearest(&name.name, names);
                ctx.push(
                    Diagnostic::warning(
                        "nothing-replaced",
                        name.span,
                        format!("Equations: `{}` does not occur in the equations", name.name),
                    )
                    .help_opt(near.map(|n| format!("did you mean `{n}`?"))),
                );
            }
        }
        Ok(new)
    }

    /// `eqs.names`, `eqs.diff_eq_names`
    pub(super) fn equations_attribute(&self, equations: &[Equation], name: &Ident) -> Told<Value> {
        let text = |e: &Equation| Value::Str(Text::computed(e.name.name.clone(), name.span));
        let some = |wanted: &dyn Fn(&EquationForm) -> bool| {
            Value::List(
                equations
                    .iter()
                    .filter(|e| wanted(&e.form))
                    .map(text)
                    .collect(),
            )
        };
        let differential = |f: &EquationForm| matches!(f, EquationForm::Differential(_));
        let parameter = |f: &EquationForm| matches!(f, EquationForm::Parameter);
        match name.name.as_str() {
            "names" => Ok(some(&|_| true)),
            "diff_eq_names" => Ok(some(&differential)),
            "parameter_names" => Ok(some(&parameter)),
            "eq_names" => Ok(some(&|f| !parameter(f))),
            "subexpr_names" => Ok(some(&|f| !parameter(f) && !differential(f))),
            "is_stochastic" => Ok(Value::Bool(
                identifiers(equations)
                    .iter()
                    .any(|n| n == "xi" || n.starts_with("xi_")),
            )),
            "identifiers" => Ok(Value::List(
                identifiers(equations)
                    .into_iter()
                    .map(|n| Value::Str(Text::computed(n, name.span)))
                    .collect(),
            )),
            _ => Err(unknown_attribute_of("Equations", name, ATTRIBUTES)),
        }
    }

    /// `print(eqs)`
    pub(super) fn show_equations(equations: &[Equation]) -> String {
        let lines: Vec<String> = equations
            .iter()
            .map(dslsim_syntax::print_equation)
            .collect();
        lines.join("\n")
    }
}

/// All names on right-hand sides.
fn identifiers(equations: &[Equation]) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for equation in equations {
        if let EquationForm::Differential(rhs) | EquationForm::Subexpression(rhs) = &equation.form {
            dslsim_model::variables::visit(rhs, &mut |e| {
                if let dslsim_syntax::ast::ExprKind::Name(name) = &e.kind
                    && !all.contains(name)
                {
                    all.push(name.clone());
                }
            });
        }
    }
    all.sort();
    all
}

/// What a keyword puts in the place of its name.
fn replacement(ctx: &mut Context<'_>, name: &Ident, value: &Spanned<Value>) -> Told<Replacement> {
    let (text, is_text) = match &value.value {
        Value::Str(text) => (text.clone(), true),
        other => {
            let Some(written) = written(other) else {
                return Err(Diagnostic::error(
                    "wrong-type",
                    value.span,
                    format!(
                        "Equations: `{}` can be replaced by a name in quotes or by a number, not by {}",
                        name.name,
                        other.describe()
                    ),
                )
                .into());
            };
            (Text::computed(written, value.span), false)
        }
    };
    let (expr, said): (Expr, Diagnostics) = dslsim_syntax::parse_expression(&text);
    told(ctx, said)?;
    Ok(Replacement {
        expr,
        is_text,
        span: value.span,
    })
}

/// A value as an expression that means exactly it.
fn written(value: &Value) -> Option<String> {
    let (x, dim) = match value {
        Value::Bool(b) => return Some(if *b { "True" } else { "False" }.into()),
        Value::Int(n) => return Some(format!("({n})")),
        Value::Float(x) => (*x, Dim::NONE),
        Value::Quantity(x, dim) => (*x, *dim),
        Value::Array(a) if a.len() == 1 => (a.get_f64(0)?, a.dim),
        _ => return None,
    };
    let mut text = if x.is_nan() {
        return None;
    } else if x.is_infinite() {
        if x > 0.0 {
            "inf".to_owned()
        } else {
            "(-inf)".to_owned()
        }
    } else {
        format!("({x:?})")
    };
    for (base, (num, den)) in BASES.iter().zip(dim.exponents()) {
        match (num, den) {
            (0, _) => {}
            (1, 1) => text.push_str(&format!("*{base}")),
            (num, 1) => text.push_str(&format!("*{base}**({num})")),
            (num, den) => text.push_str(&format!("*{base}**({num}/{den})")),
        }
    }
    Some(format!("({text})"))
}
