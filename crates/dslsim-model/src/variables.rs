//! The variables of a group, from its equations.

use dslsim_source::{Diagnostic, Diagnostics, Span};
use dslsim_syntax::ast::{
    BinaryOp, Equation, EquationForm, Expr, ExprKind, Ident, UnaryOp, UnitSlotKind,
};
use dslsim_units::Dim;
use indexmap::IndexMap;

use crate::{functions, words};

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

/// The flags of an equation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is named like its flag")]
pub struct Flags {
    pub unless_refractory: bool,
    pub constant: bool,
    pub shared: bool,
    pub constant_over_dt: bool,
    pub linked: bool,
    pub event_driven: bool,
    pub clock_driven: bool,
    pub summed: bool,
    pub additive: bool,
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
    /// Whether it has an array of its own (a subexpression has one only if it is evaluated once per step).
    pub fn is_stored(&self) -> bool {
        !matches!(self.kind, VarKind::Subexpression(_)) || self.flags.constant_over_dt
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

    /// Names that the right-hand side of a variable mentions.
    fn mentions(expr: &Expr, names: &mut Vec<String>) {
        visit(expr, &mut |e| {
            if let ExprKind::Name(n) = &e.kind {
                names.push(n.clone());
            }
        });
    }

    fn check_cycles(&self, diagnostics: &mut Diagnostics) {
        for start in self.iter() {
            let VarKind::Subexpression(_) = start.kind else {
                continue;
            };
            let mut path = vec![start.name.clone()];
            if self.finds(&start.name, &start.name, &mut path)
                && path.iter().min() == Some(&start.name)
            {
                let chain = path.join("` → `");
                let message = if path.len() == 1 {
                    format!("subexpression `{}` depends on itself", start.name)
                } else {
                    format!(
                        "subexpressions depend on each other in a cycle: `{chain}` → `{}`",
                        start.name
                    )
                };
                let mut d = Diagnostic::error("cyclic-subexpressions", start.span, message);
                for other in path.iter().skip(1).filter_map(|n| self.get(n)) {
                    d = d.also(other.span, format!("`{}` is part of the cycle", other.name));
                }
                diagnostics.push(d.help(
                    "break the cycle, for instance by giving one of them a differential equation",
                ));
            }
        }
    }

    fn finds(&self, at: &str, goal: &str, path: &mut Vec<String>) -> bool {
        let Some(Variable {
            kind: VarKind::Subexpression(expr),
            ..
        }) = self.get(at)
        else {
            return false;
        };
        let mut names = Vec::new();
        Self::mentions(expr, &mut names);
        for name in names {
            if name == goal {
                return true;
            }
            if path.contains(&name) {
                continue;
            }
            path.push(name.clone());
            if self.finds(&name, goal, path) {
                return true;
            }
            path.pop();
        }
        false
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

fn variable(equation: &Equation, owner: Owner, diagnostics: &mut Diagnostics) -> Option<Variable> {
    let name = &equation.name.name;
    let place = equation.name.span;
    let refuse = |why: String| {
        Diagnostic::error(
            "reserved-name",
            place,
            format!("`{name}` cannot be the name of a variable: {why}"),
        )
    };
    let before = diagnostics.len();
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

fn flags(
    equation: &Equation,
    kind: &VarKind,
    owner: Owner,
    diagnostics: &mut Diagnostics,
) -> Flags {
    let (what, allowed): (&str, &[&str]) = match (kind, owner) {
        (VarKind::Differential(_), Owner::Neurons) => {
            ("a differential equation of neurons", &["unless refractory"])
        }
        (VarKind::Differential(_), Owner::Synapses) => (
            "a differential equation of synapses",
            &["event-driven", "clock-driven"],
        ),
        (VarKind::Parameter, _) => ("a parameter", &["constant", "shared", "linked"]),
        (VarKind::Subexpression(_), Owner::Neurons) => (
            "a subexpression of neurons",
            &["shared", "constant over dt"],
        ),
        (VarKind::Subexpression(_), Owner::Synapses) => (
            "a subexpression of synapses",
            &["summed", "additive", "shared", "constant over dt"],
        ),
    };
    const ALL: &[&str] = &[
        "unless refractory",
        "constant",
        "shared",
        "constant over dt",
        "linked",
        "event-driven",
        "clock-driven",
        "summed",
        "additive",
    ];
    let mut flags = Flags::default();
    for Ident { name, span } in &equation.flags {
        if !ALL.contains(&name.as_str()) {
            let d = Diagnostic::error("unknown-flag", *span, format!("there is no flag `{name}`"));
            diagnostics.push(match words::nearest(name, ALL.iter().copied()) {
                Some(near) => d.help(format!("did you mean `{near}`?")),
                None => d.help(format!("the flags are {}", ALL.join(", "))),
            });
            continue;
        }
        if !allowed.contains(&name.as_str()) {
            diagnostics.push(
                Diagnostic::error(
                    "misplaced-flag",
                    *span,
                    format!(
                        "`{}` is {what}, which cannot have the flag `{name}`",
                        equation.name.name
                    ),
                )
                .help(format!("it can have: {}", allowed.join(", "))),
            );
            continue;
        }
        match name.as_str() {
            "unless refractory" => flags.unless_refractory = true,
            "constant" => flags.constant = true,
            "shared" => flags.shared = true,
            "constant over dt" => flags.constant_over_dt = true,
            "linked" => flags.linked = true,
            "event-driven" => flags.event_driven = true,
            "clock-driven" => flags.clock_driven = true,
            "summed" => flags.summed = true,
            _ => flags.additive = true,
        }
    }
    flags
}

fn unit_slot(equation: &Equation, diagnostics: &mut Diagnostics) -> Option<(VarType, Dim)> {
    match &equation.unit.kind {
        UnitSlotKind::Boolean => Some((VarType::Boolean, Dim::NONE)),
        UnitSlotKind::Integer => Some((VarType::Integer, Dim::NONE)),
        UnitSlotKind::Unit(expr) => match unit(expr) {
            Ok(dim) => Some((VarType::Float, dim)),
            Err(d) => {
                diagnostics.push(d);
                None
            }
        },
        UnitSlotKind::Error => None,
    }
}

/// The dimension that a unit slot declares.
fn unit(expr: &Expr) -> Result<Dim, Diagnostic> {
    match &expr.kind {
        ExprKind::Int(1) => Ok(Dim::NONE),
        ExprKind::Name(name) => dslsim_units::base_unit(name).ok_or_else(|| {
            let d = Diagnostic::error(
                "not-a-base-unit",
                expr.span,
                format!("`{name}` cannot declare the unit of a variable"),
            );
            if name == "bool" {
                d.help("write `boolean`")
            } else if let Some(base) = dslsim_units::instead_of(name) {
                d.label("only units without prefix").help(format!(
                    "use `{base}` instead: values are kept in SI units, and shown as you like"
                ))
            } else {
                let d = Diagnostic {
                    code: "unknown-unit",
                    message: format!("there is no unit `{name}`"),
                    ..d
                };
                d.help_opt(dslsim_units::suggest(name).map(|s| format!("did you mean `{s}`?")))
            }
        }),
        ExprKind::Binary(BinaryOp::Mul, a, b) => Ok(unit(a)?.mul(unit(b)?)),
        ExprKind::Binary(BinaryOp::Div, a, b) => Ok(unit(a)?.div(unit(b)?)),
        ExprKind::Binary(BinaryOp::Pow, a, b) => {
            let exponent = number(b).ok_or_else(|| {
                Diagnostic::error(
                    "unit-syntax",
                    b.span,
                    "the exponent of a unit must be a number",
                )
            })?;
            unit(a)?.powf(exponent).ok_or_else(|| {
                Diagnostic::error(
                    "unit-syntax",
                    b.span,
                    "the exponent of a unit must be a simple fraction",
                )
            })
        }
        _ => Err(
            Diagnostic::error("unit-syntax", expr.span, "this is not a unit").help(
                "write base units combined with `*`, `/` and `**`, or `1`, `integer`, `boolean`",
            ),
        ),
    }
}

fn number(expr: &Expr) -> Option<f64> {
    match &expr.kind {
        ExprKind::Int(n) => Some(*n as f64),
        ExprKind::Float(x) => Some(*x),
        ExprKind::Unary(UnaryOp::Neg, a) => number(a).map(|x| -x),
        _ => None,
    }
}
