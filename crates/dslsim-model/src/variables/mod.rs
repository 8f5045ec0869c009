//! The variables of a group, from its equations.
//!
//! Each name is defined once; a definition under a reserved name is told and left out.

mod cycles;
mod flags;
mod names;
pub mod substitute;
mod units;

use dslsim_source::{Diagnostic, Diagnostics, Span};
use dslsim_syntax::ast::{Equation, EquationForm, Expr, ExprKind};
use dslsim_units::Dim;
use indexmap::IndexMap;

pub use flags::Flags;

use flags::flags;
use names::check_name;
use units::unit_slot;

/// The type of a variable or an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum VarType {
    /// True or false.
    Boolean,
    /// An integer.
    Integer,
    /// A double.
    Float,
}

impl VarType {
    /// "boolean", "integer" or "float".
    pub fn name(self) -> &'static str {
        match self {
            VarType::Boolean => "boolean",
            VarType::Integer => "integer",
            VarType::Float => "float",
        }
    }
}

/// Which of the three forms of equations defines a variable.
#[derive(Clone, Debug, PartialEq)]
pub enum VarKind {
    /// `dx/dt = …`: the right-hand side.
    Differential(Expr),
    /// `x = …`: the right-hand side.
    Subexpression(Expr),
    /// `x : unit`
    Parameter,
}

/// A variable of a group.
#[derive(Clone, Debug, PartialEq)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// How it is defined.
    pub kind: VarKind,
    /// Its type.
    pub ty: VarType,
    /// Its dimension.
    pub dim: Dim,
    /// Its flags.
    pub flags: Flags,
    /// Where its name stands in its equation.
    pub span: Span,
    /// The whole equation.
    pub equation: Span,
}

impl Variable {
    /// Whether it has an array of its own (a subexpression has one only if it is evaluated once per
    /// step; a linked variable has none).
    pub fn is_stored(&self) -> bool {
        !self.flags.linked
            && (!matches!(self.kind, VarKind::Subexpression(_)) || self.flags.constant_over_dt)
    }
}

/// The variables of a group, in the order of their equations.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Variables(IndexMap<String, Variable>);

/// Whose equations they are: that decides about flags and reserved names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// A neuron group.
    Neurons,
    /// Synapses.
    Synapses,
}

impl Variables {
    /// A variable by name.
    pub fn get(&self, name: &str) -> Option<&Variable> {
        self.0.get(name)
    }

    /// All variables.
    pub fn iter(&self) -> impl Iterator<Item = &Variable> {
        self.0.values()
    }

    /// Adds or replaces a variable.
    pub fn insert(&mut self, variable: Variable) {
        self.0.insert(variable.name.clone(), variable);
    }

    /// The names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Those with a differential equation, in the alphabetical order in which Brian2 updates them.
    pub fn differential(&self) -> Vec<&Variable> {
        let mut all: Vec<&Variable> = self
            .iter()
            .filter(|v| matches!(v.kind, VarKind::Differential(_)))
            .collect();
        all.sort_by(|a, b| a.name.cmp(&b.name));
        all
    }

    /// From equations; what is wrong with them goes to `diagnostics`.
    pub fn from_equations(
        equations: &[Equation],
        owner: Owner,
        diagnostics: &mut Diagnostics,
    ) -> Self {
        let mut all = Variables::default();
        for equation in equations {
            if let Some(variable) = variable(equation, owner, diagnostics) {
                if let Some(first) = all.get(&variable.name) {
                    diagnostics.push(
                        Diagnostic::error(
                            "duplicate-definition",
                            equation.name.span,
                            format!("`{}` is defined twice", variable.name),
                        )
                        .label("defined again")
                        .also(first.span, "first defined here"),
                    );
                } else {
                    all.insert(variable);
                }
            }
        }
        all.check_cycles(diagnostics);
        all
    }
}

/// Calls `f` for an expression and all expressions in it.
pub fn visit(expr: &Expr, f: &mut impl FnMut(&Expr)) {
    f(expr);
    match &expr.kind {
        ExprKind::Unary(_, a) | ExprKind::Attribute(a, _) | ExprKind::Index(a, _) => visit(a, f),
        ExprKind::Binary(_, a, b) | ExprKind::And(a, b) | ExprKind::Or(a, b) => {
            visit(a, f);
            visit(b, f);
        }
        ExprKind::Compare(a, rest) => {
            visit(a, f);
            rest.iter().for_each(|(_, e)| visit(e, f));
        }
        ExprKind::IfElse {
            value,
            condition,
            otherwise,
        } => {
            visit(value, f);
            visit(condition, f);
            visit(otherwise, f);
        }
        ExprKind::Call(function, args) => {
            if !matches!(function.kind, ExprKind::Name(_)) {
                visit(function, f);
            }
            args.iter().for_each(|a| visit(&a.value, f));
        }
        ExprKind::List(items) | ExprKind::Tuple(items) => items.iter().for_each(|e| visit(e, f)),
        _ => {}
    }
}

fn variable(equation: &Equation, owner: Owner, diagnostics: &mut Diagnostics) -> Option<Variable> {
    let name = &equation.name.name;
    let place = equation.name.span;
    let before = diagnostics.len();
    check_name(equation, owner, diagnostics);
    let (ty, dim) = unit_slot(equation, diagnostics)?;
    let kind = match &equation.form {
        EquationForm::Differential(rhs) => VarKind::Differential(rhs.clone()),
        EquationForm::Subexpression(rhs) => VarKind::Subexpression(rhs.clone()),
        EquationForm::Parameter => VarKind::Parameter,
    };
    if matches!(kind, VarKind::Differential(_)) && ty != VarType::Float {
        diagnostics.push(Diagnostic::error(
            "differential-type",
            equation.unit.span,
            format!(
                "`{name}` has a differential equation, so it cannot be {}",
                if ty == VarType::Integer {
                    "an integer"
                } else {
                    "a boolean"
                }
            ),
        ));
    }
    let flags = flags(equation, &kind, owner, diagnostics);
    if diagnostics
        .iter()
        .skip(before)
        .any(|d| d.code == "reserved-name")
    {
        return None;
    }
    Some(Variable {
        name: name.clone(),
        kind,
        ty,
        dim,
        flags,
        span: place,
        equation: equation.span,
    })
}
