//! Types and dimensions of expressions and statements.
//!
//! A mistake is told once: what contains it becomes poison, which fits everywhere.

use std::collections::HashMap;
use std::rc::Rc;

use dslsim_source::{Diagnostic, Diagnostics, Span};
use dslsim_syntax::ast::{AssignOp, BinaryOp, CompareOp, Expr, ExprKind, Statement, UnaryOp};
use dslsim_units::Dim;

use crate::expr::{Arith, Leaf, Side, TExpr, TKind, TStatement, Target};
use crate::functions::{self, Function, Row, Units};
use crate::network::{Kind, ObjectId};
use crate::scope::{External, Scope};
use crate::variables::{VarKind, VarType};
use crate::words::{has_unit, nearest, unit};

/// What the code may contain.
#[derive(Clone, Copy, Debug, Default)]
pub struct Allowed {
    /// `xi`: only right-hand sides of differential equations.
    pub noise: bool,
    /// `rand()` and its like: not in subexpressions that are evaluated at each use.
    pub random: bool,
}

/// Reads expressions of one object's code.
pub struct Typer<'a, 'd> {
    scope: Scope<'a>,
    /// The object whose variables plain names are, and from where it is seen.
    object: ObjectId,
    side: Side,
    allowed: Allowed,
    locals: HashMap<String, (VarType, Dim)>,
    /// Subexpressions being read, against endless recursion.
    open: Vec<(ObjectId, String)>,
    /// Iteration variables and the like, with their types.
    extra: HashMap<String, (VarType, Dim)>,
    diagnostics: &'d mut Diagnostics,
}

impl<'a, 'd> Typer<'a, 'd> {
    /// A reader of code of `scope.object`.
    pub fn new(scope: Scope<'a>, allowed: Allowed, diagnostics: &'d mut Diagnostics) -> Self {
        Typer {
            scope,
            object: scope.object,
            side: Side::Own,
            allowed,
            locals: HashMap::new(),
            open: Vec::new(),
            extra: HashMap::new(),
            diagnostics,
        }
    }

    /// Makes a name known as a temporary integer (the variable of a generator).
    pub fn declare_integer(&mut self, name: &str) {
        self.extra
            .insert(name.to_owned(), (VarType::Integer, Dim::NONE));
    }

    fn say(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// Types an expression.
    pub fn expr(&mut self, e: &Expr) -> TExpr {
        match &e.kind {
            ExprKind::Int(n) => TExpr {
                kind: TKind::Number(*n as f64),
                ty: VarType::Integer,
                dim: Dim::NONE,
                span: e.span,
            },
            ExprKind::Float(x) => TExpr {
                kind: TKind::Number(*x),
                ty: VarType::Float,
                dim: Dim::NONE,
                span: e.span,
            },
            ExprKind::Bool(b) => TExpr {
                kind: TKind::Truth(*b),
                ty: VarType::Boolean,
                dim: Dim::NONE,
                span: e.span,
            },
            ExprKind::Name(name) => self.name(name, e.span),
            ExprKind::Unary(op, a) => self.unary(*op, a, e.span),
            ExprKind::Binary(op, a, b) => self.binary(*op, a, b, e.span),
            ExprKind::Compare(a, rest) => self.compare(a, rest, e.span),
            ExprKind::And(a, b) | ExprKind::Or(a, b) => {
                let word = if matches!(e.kind, ExprKind::And(..)) {
                    "and"
                } else {
                    "or"
                };
                let (a, b) = (self.truth(a, word), self.truth(b, word));
                if a.is_poison() || b.is_poison() {
                    return TExpr::poison(e.span);
                }
                let (a, b) = (Box::new(a), Box::new(b));
                let kind = if word == "and" {
                    TKind::And(a, b)
                } else {
                    TKind::Or(a, b)
                };
                TExpr {
                    kind,
                    ty: VarType::Boolean,
                    dim: Dim::NONE,
                    span: e.span,
                }
            }
            ExprKind::IfElse {
                value,
                condition,
                otherwise,
            } => {
                let condition = self.truth(condition, "if");
                let (a, b) = (self.expr(value), self.expr(otherwise));
                let Some(dim) =
                    self.same_unit(&a, &b, "the two branches of a conditional expression")
                else {
                    return TExpr::poison(e.span);
                };
                if condition.is_poison() {
                    return TExpr::poison(e.span);
                }
                let ty = a.ty.max(b.ty);
                TExpr {
                    kind: TKind::IfElse(Box::new(condition), Box::new(a), Box::new(b)),
                    ty,
                    dim,
                    span: e.span,
                }
            }
            ExprKind::Call(function, args) => match &function.kind {
                ExprKind::Name(name) => self.call(name, function.span, args, e.span),
                ExprKind::Attribute(_, last) => {
                    self.say(
                        Diagnostic::error(
                            "not-in-strings",
                            function.span,
                            "functions of modules cannot be called inside strings",
                        )
                        .help(format!("write `{}(…)`", last.name)),
                    );
                    TExpr::poison(e.span)
                }
                _ => self.not_here(e, "this call"),
            },
            ExprKind::None => self.not_here(e, "`None`"),
            ExprKind::Str(_) | ExprKind::FString(_) => self.not_here(e, "a string"),
            ExprKind::Attribute(..) => self.not_here(e, "an attribute"),
            ExprKind::Index(..) => self.not_here(e, "an index"),
            ExprKind::List(_) | ExprKind::Tuple(_) | ExprKind::Dict(_) => {
                self.not_here(e, "a list")
            }
            ExprKind::Error => TExpr::poison(e.span),
        }
    }

    fn not_here(&mut self, e: &Expr, what: &str) -> TExpr {
        self.say(
            Diagnostic::error(
                "not-in-strings",
                e.span,
                format!("{what} cannot stand in an expression that is computed for each element"),
            )
            .help("use variables of the group, numbers, units and functions"),
        );
        TExpr::poison(e.span)
    }

    /// Types an expression that must be a condition.
    fn truth(&mut self, e: &Expr, word: &str) -> TExpr {
        let t = self.expr(e);
        if !t.is_poison() && t.ty != VarType::Boolean {
            self.say(
                Diagnostic::error(
                    "not-boolean",
                    t.span,
                    format!("`{word}` needs a condition (true or false), but this is a number"),
                )
                .help("compare it, for instance with `> 0`"),
            );
            return TExpr::poison(t.span);
        }
        t
    }

    fn unary(&mut self, op: UnaryOp, a: &Expr, span: Span) -> TExpr {
        match op {
            UnaryOp::Not => {
                let a = self.truth(a, "not");
                if a.is_poison() {
                    return TExpr::poison(span);
                }
                TExpr {
                    ty: VarType::Boolean,
                    dim: Dim::NONE,
                    kind: TKind::Not(Box::new(a)),
                    span,
                }
            }
            UnaryOp::Neg | UnaryOp::Plus => {
                let a = self.expr(a);
                if a.is_poison() {
                    return TExpr::poison(span);
                }
                if a.ty == VarType::Boolean {
                    return self.boolean_arithmetic(&a, span);
                }
                if op == UnaryOp::Plus {
                    return TExpr { span, ..a };
                }
                TExpr {
                    ty: a.ty,
                    dim: a.dim,
                    kind: TKind::Neg(Box::new(a)),
                    span,
                }
            }
            UnaryOp::Invert => {
                self.say(
                    Diagnostic::error(
                        "bit-operator",
                        span,
                        "bit operators do not exist in expressions",
                    )
                    .help("write `not`"),
                );
                TExpr::poison(span)
            }
        }
    }

    fn boolean_arithmetic(&mut self, a: &TExpr, span: Span) -> TExpr {
        self.say(
            Diagnostic::error(
                "boolean-arithmetic",
                a.span,
                "a truth value cannot be calculated with",
            )
            .help("make it a number with `int(…)`: 1 for true, 0 for false"),
        );
        TExpr::poison(span)
    }

    /// The unit that two quantities share; a literal zero has any.
    fn same_unit(&mut self, a: &TExpr, b: &TExpr, what: &str) -> Option<Dim> {
        if a.is_poison() || b.is_poison() {
            return None;
        }
        if a.dim == b.dim || b.is_zero() {
            return Some(a.dim);
        }
        if a.is_zero() {
            return Some(b.dim);
        }
        self.say(
            Diagnostic::error(
                "dimension-mismatch",
                b.span,
                format!(
                    "{what} need the same unit, but the left side is {} and the right side is {}",
                    has_unit(a.dim),
                    has_unit(b.dim)
                ),
            )
            .label(unit(b.dim))
            .also(a.span, unit(a.dim))
            .help_opt(way_out(a.dim, b.dim)),
        );
        None
    }

    fn binary(&mut self, op: BinaryOp, a: &Expr, b: &Expr, span: Span) -> TExpr {
        let arith = match op {
            BinaryOp::Add => Arith::Add,
            BinaryOp::Sub => Arith::Sub,
            BinaryOp::Mul => Arith::Mul,
            BinaryOp::Div => Arith::Div,
            BinaryOp::FloorDiv => Arith::FloorDiv,
            BinaryOp::Mod => Arith::Mod,
            BinaryOp::Pow => Arith::Pow,
            BinaryOp::BitXor
            | BinaryOp::BitAnd
            | BinaryOp::BitOr
            | BinaryOp::MatMul
            | BinaryOp::ShiftLeft
            | BinaryOp::ShiftRight => {
                let (symbol, help) = match op {
                    BinaryOp::BitXor => ("^", "a power is written `**`"),
                    BinaryOp::BitAnd => ("&", "write `and`"),
                    BinaryOp::BitOr => ("|", "write `or`"),
                    BinaryOp::MatMul => ("@", "a product is written `*`"),
                    BinaryOp::ShiftLeft => ("<<", "multiply by a power of 2"),
                    _ => (">>", "use `//`"),
                };
                self.expr(a);
                self.expr(b);
                self.say(
                    Diagnostic::error(
                        "bit-operator",
                        span,
                        format!("the operator `{symbol}` does not exist in expressions"),
                    )
                    .help(help),
                );
                return TExpr::poison(span);
            }
        };
        let (a, b) = (self.expr(a), self.expr(b));
        if a.is_poison() || b.is_poison() {
            return TExpr::poison(span);
        }
        for side in [&a, &b] {
            if side.ty == VarType::Boolean {
                let number = matches!(arith, Arith::Mul) && (a.ty != b.ty);
                if !number {
                    return self.boolean_arithmetic(side, span);
                }
            }
        }
        let mut ty = a.ty.max(b.ty).max(VarType::Integer);
        let dim = match arith {
            Arith::Add | Arith::Sub | Arith::Mod => {
                let what = match arith {
                    Arith::Add => "the terms of a sum",
                    Arith::Sub => "the terms of a difference",
                    _ => "the operands of `%`",
                };
                match self.same_unit(&a, &b, what) {
                    Some(dim) => dim,
                    None => return TExpr::poison(span),
                }
            }
            Arith::Mul => a.dim.mul(b.dim),
            Arith::Div => {
                ty = VarType::Float;
                a.dim.div(b.dim)
            }
            Arith::FloorDiv => a.dim.div(b.dim),
            Arith::Pow => match self.power_unit(&a, &b) {
                Some(dim) => dim,
                None => return TExpr::poison(span),
            },
        };
        TExpr {
            kind: TKind::Arith(arith, Box::new(a), Box::new(b)),
            ty,
            dim,
            span,
        }
    }

    fn power_unit(&mut self, a: &TExpr, b: &TExpr) -> Option<Dim> {
        if !b.dim.is_none() {
            self.say(Diagnostic::error(
                "dimension-mismatch",
                b.span,
                format!(
                    "an exponent must be dimensionless, but this is in {}",
                    unit(b.dim)
                ),
            ));
            return None;
        }
        if a.dim.is_none() {
            return Some(Dim::NONE);
        }
        let Some(exponent) = b.constant() else {
            self.say(
                Diagnostic::error("variable-exponent", b.span, format!("the base is in {}, so the exponent must be a constant: else the unit of the result is not known", unit(a.dim)))
                    .help("divide the base by its unit first"),
            );
            return None;
        };
        let dim = a.dim.powf(exponent);
        if dim.is_none() {
            self.say(Diagnostic::error(
                "variable-exponent",
                b.span,
                format!("{} to the power of {exponent} is not a unit", unit(a.dim)),
            ));
        }
        dim
    }

    fn compare(&mut self, a: &Expr, rest: &[(CompareOp, Expr)], span: Span) -> TExpr {
        let [(op, b)] = rest else {
            let parts = rest.len();
            self.say(
                Diagnostic::error(
                    "chained-comparison",
                    span,
                    format!("{parts} comparisons in a chain: only a single comparison is possible"),
                )
                .help("combine comparisons with `and`: `a < b and b < c`"),
            );
            return TExpr::poison(span);
        };
        if matches!(
            op,
            CompareOp::In | CompareOp::NotIn | CompareOp::Is | CompareOp::IsNot
        ) {
            self.say(
                Diagnostic::error(
                    "not-in-strings",
                    span,
                    "`in` and `is` do not exist in expressions",
                )
                .help("use `==`, `<` and their like"),
            );
            return TExpr::poison(span);
        }
        let (a, b) = (self.expr(a), self.expr(b));
        if self
            .same_unit(&a, &b, "the two sides of a comparison")
            .is_none()
        {
            return TExpr::poison(span);
        }
        TExpr {
            kind: TKind::Compare(*op, Box::new(a), Box::new(b)),
            ty: VarType::Boolean,
            dim: Dim::NONE,
            span,
        }
    }

    fn call(
        &mut self,
        name: &str,
        name_span: Span,
        args: &[dslsim_syntax::ast::Arg],
        span: Span,
    ) -> TExpr {
        let Some(row) = functions::lookup(name) else {
            args.iter().for_each(|a| {
                self.expr(&a.value);
            });
            let known = functions::FUNCTIONS.iter().map(|r| r.name);
            let near = functions::habit(name).or_else(|| nearest(name, known));
            let d = Diagnostic::error(
                "unknown-function",
                name_span,
                format!("there is no function `{name}`"),
            );
            self.say(match near {
                Some(near) => d.help(format!("did you mean `{near}`?")),
                None => d.help("`dslsim functions` lists them"),
            });
            return TExpr::poison(span);
        };
        if let Some(named) = args.iter().find(|a| a.name.is_some()) {
            self.say(
                Diagnostic::error(
                    "keyword-argument",
                    named.span,
                    "functions in expressions have no keyword arguments",
                )
                .help("give the values in order"),
            );
            return TExpr::poison(span);
        }
        let typed: Vec<TExpr> = args.iter().map(|a| self.expr(&a.value)).collect();
        if typed.len() != row.arity {
            let count = |n: usize| {
                if n == 1 {
                    "1 argument".to_owned()
                } else {
                    format!("{n} arguments")
                }
            };
            self.say(
                Diagnostic::error(
                    "argument-count",
                    name_span,
                    format!(
                        "`{name}` takes {}, but {} given",
                        count(row.arity),
                        match typed.len() {
                            0 => "none is".to_owned(),
                            1 => "1 is".to_owned(),
                            n => format!("{n} are"),
                        }
                    ),
                )
                .help(row.about),
            );
            return TExpr::poison(span);
        }
        if typed.iter().any(TExpr::is_poison) {
            return TExpr::poison(span);
        }
        if matches!(
            row.function,
            Function::Rand | Function::Randn | Function::Poisson
        ) && !self.allowed.random
        {
            self.say(
                Diagnostic::error(
                    "random-in-subexpression",
                    span,
                    format!("`{name}()` in a subexpression would give another number at each use"),
                )
                .help("add the flag `(constant over dt)`: drawn once per step"),
            );
            return TExpr::poison(span);
        }
        let Some(dim) = self.call_unit(row, &typed) else {
            return TExpr::poison(span);
        };
        let ty = row.result.unwrap_or_else(|| {
            typed
                .iter()
                .map(|a| a.ty)
                .max()
                .unwrap_or(VarType::Float)
                .max(VarType::Integer)
        });
        TExpr {
            kind: TKind::Call(row.function, typed),
            ty,
            dim,
            span,
        }
    }

    fn call_unit(&mut self, row: &Row, args: &[TExpr]) -> Option<Dim> {
        let wrong_type = args
            .iter()
            .find(|a| a.ty == VarType::Boolean && row.function != Function::Int);
        if let Some(a) = wrong_type {
            let span = a.span;
            self.boolean_arithmetic(&a.clone(), span);
            return None;
        }
        match row.units {
            Units::Pure | Units::Time => {
                let want = if row.units == Units::Time {
                    Dim::TIME
                } else {
                    Dim::NONE
                };
                let wrong = args.iter().find(|a| a.dim != want && !a.is_zero());
                if let Some(a) = wrong {
                    let needs = if want.is_none() {
                        "a pure number (dimensionless)"
                    } else {
                        "a time in second"
                    };
                    self.say(
                        Diagnostic::error(
                            "dimension-mismatch",
                            a.span,
                            format!(
                                "the argument of `{}` must be {needs}, but this is {}",
                                row.name,
                                has_unit(a.dim)
                            ),
                        )
                        .label(unit(a.dim))
                        .help_opt(
                            want.is_none()
                                .then(|| format!("divide it by a quantity in {}", unit(a.dim))),
                        ),
                    );
                    return None;
                }
                Some(Dim::NONE)
            }
            Units::Root => args.first().map(|a| a.dim.sqrt()),
            Units::Drop => Some(Dim::NONE),
            Units::Same => {
                let dim = args
                    .iter()
                    .find(|a| !a.is_zero())
                    .map_or(Dim::NONE, |a| a.dim);
                for a in args {
                    if a.dim != dim && !a.is_zero() {
                        self.say(
                            Diagnostic::error("dimension-mismatch", a.span, format!("the arguments of `{}` need the same unit, but the first is {} and this is {}", row.name, has_unit(dim), has_unit(a.dim)))
                                .label(unit(a.dim)),
                        );
                        return None;
                    }
                }
                Some(dim)
            }
        }
    }

    fn leaf(&self, leaf: Leaf, ty: VarType, dim: Dim, span: Span) -> TExpr {
        TExpr {
            kind: TKind::Leaf(leaf),
            ty,
            dim,
            span,
        }
    }

    fn name(&mut self, name: &str, span: Span) -> TExpr {
        if let Some(&(ty, dim)) = self.locals.get(name).or_else(|| self.extra.get(name)) {
            return self.leaf(Leaf::Local(name.into()), ty, dim, span);
        }
        if let Some(found) = self.group_name(name, span) {
            return found;
        }
        if let Some(value) = functions::constant(name) {
            return TExpr {
                kind: TKind::Number(value),
                ty: VarType::Float,
                dim: Dim::NONE,
                span,
            };
        }
        let external = || {
            self.scope
                .network
                .get(self.object)
                .namespace
                .get(name)
                .cloned()
                .or_else(|| self.scope.namespace.lookup(name))
        };
        let unit = dslsim_units::lookup(name);
        let found = match unit {
            Some(_) if dslsim_units::is_extension(name) => external(),
            Some(_) => None,
            None => external(),
        };
        match (found, unit) {
            (None, Some(u)) => TExpr {
                kind: TKind::Number(u.scale),
                ty: VarType::Float,
                dim: u.dim,
                span,
            },
            (
                Some(External::Scalar {
                    value,
                    dim,
                    ty: VarType::Boolean,
                }),
                _,
            ) => TExpr {
                kind: TKind::Truth(value != 0.0),
                ty: VarType::Boolean,
                dim,
                span,
            },
            (Some(External::Scalar { value, dim, ty }), _) => {
                self.leaf(Leaf::External(name.into(), value), ty, dim, span)
            }
            (Some(External::Unknown), _) => TExpr::poison(span),
            (Some(External::Array { len }), _) => {
                self.say(
                    Diagnostic::error("array-as-constant", span, format!("`{name}` is an array of {len} values; code for each element needs a single value"))
                        .help(format!("make it a parameter of the group: a line `{name} : unit` in its equations, and set it with `G.{name} = …`")),
                );
                TExpr::poison(span)
            }
            (Some(External::Other(what)), _) => {
                self.say(Diagnostic::error(
                    "not-a-number",
                    span,
                    format!("`{name}` is {what}, not a number"),
                ));
                TExpr::poison(span)
            }
            (None, None) => {
                self.unknown(name, span);
                TExpr::poison(span)
            }
        }
    }

    fn unknown(&mut self, name: &str, span: Span) {
        let known = self.scope.known();
        let near = nearest(name, known.iter().map(String::as_str))
            .map(str::to_owned)
            .or_else(|| dslsim_units::suggest(name));
        let d = Diagnostic::error("unknown-name", span, format!("unknown name `{name}`"));
        let d = match near {
            Some(near) => d.help(format!("did you mean `{near}`?")),
            None if functions::lookup(name).is_some() => {
                d.help(format!("`{name}` is a function: write `{name}(…)`"))
            }
            None => d.help(format!(
                "define `{name}` in the file before `run`, or as a variable of the group"
            )),
        };
        self.say(d);
    }

    /// A name of the group: automatic variables, its own, and for synapses those of its neurons.
    fn group_name(&mut self, name: &str, span: Span) -> Option<TExpr> {
        let int = VarType::Integer;
        match name {
            "t" => return Some(self.leaf(Leaf::Time, VarType::Float, Dim::TIME, span)),
            "dt" => return Some(self.leaf(Leaf::Dt, VarType::Float, Dim::TIME, span)),
            "t_in_timesteps" => return Some(self.leaf(Leaf::TimeStep, int, Dim::NONE, span)),
            "N" => return Some(self.leaf(Leaf::Count(self.side), int, Dim::NONE, span)),
            _ => {}
        }
        if name == "xi" || name.starts_with("xi_") {
            return Some(self.noise(name, span));
        }
        let object = self.scope.network.get(self.object);
        if let Kind::Synapses(s) = &object.kind {
            let (source, target) = (s.source, s.target);
            match name {
                "i" => return Some(self.leaf(Leaf::Index(Side::Pre), int, Dim::NONE, span)),
                "j" => return Some(self.leaf(Leaf::Index(Side::Post), int, Dim::NONE, span)),
                "N_pre" => return Some(self.leaf(Leaf::Count(Side::Pre), int, Dim::NONE, span)),
                "N_post" => return Some(self.leaf(Leaf::Count(Side::Post), int, Dim::NONE, span)),
                _ => {}
            }
            if let Some(found) = self.variable(self.object, self.side, name, name, span) {
                return Some(found);
            }
            for (suffix, side, part) in [
                ("_pre", Side::Pre, source),
                ("_post", Side::Post, target),
                ("", Side::Post, target),
            ] {
                if let Some(base) = name.strip_suffix(suffix)
                    && let Some(found) = self.neuron_variable(part.object, side, base, name, span)
                {
                    return Some(found);
                }
            }
            return None;
        }
        if name == "i" {
            return Some(self.leaf(Leaf::Index(self.side), int, Dim::NONE, span));
        }
        self.variable(self.object, self.side, name, name, span)
    }

    fn neuron_variable(
        &mut self,
        object: ObjectId,
        side: Side,
        base: &str,
        written: &str,
        span: Span,
    ) -> Option<TExpr> {
        if base == "i" && written != "i" {
            return Some(self.leaf(Leaf::Index(side), VarType::Integer, Dim::NONE, span));
        }
        self.variable(object, side, base, written, span)
    }

    /// A variable of `object`, seen from `side`.
    fn variable(
        &mut self,
        object: ObjectId,
        side: Side,
        name: &str,
        written: &str,
        span: Span,
    ) -> Option<TExpr> {
        let network = self.scope.network;
        if let Some(a) = network
            .automatic(object)
            .into_iter()
            .find(|a| a.name == name)
        {
            let leaf = Leaf::State {
                side,
                object,
                name: name.into(),
                shared: false,
            };
            return Some(self.leaf(leaf, a.ty, a.dim, span));
        }
        let variable = network.variables(object)?.get(name)?;
        if variable.is_stored() {
            let leaf = Leaf::State {
                side,
                object,
                name: name.into(),
                shared: variable.flags.shared,
            };
            return Some(self.leaf(leaf, variable.ty, variable.dim, span));
        }
        if variable.flags.summed {
            return None;
        }
        let VarKind::Subexpression(rhs) = &variable.kind else {
            return None;
        };
        let key = (object, name.to_owned());
        if self.open.contains(&key) {
            return Some(TExpr::poison(span));
        }
        self.open.push(key);
        // Mistakes inside are told where the group itself is checked.
        let mut inner = Diagnostics::new();
        let mut reader = Typer {
            scope: Scope {
                object,
                ..self.scope
            },
            object,
            side,
            allowed: Allowed {
                random: true,
                noise: self.allowed.noise,
            },
            locals: HashMap::new(),
            open: std::mem::take(&mut self.open),
            extra: HashMap::new(),
            diagnostics: &mut inner,
        };
        let value = reader.expr(rhs);
        self.open = std::mem::take(&mut reader.open);
        self.open.pop();
        if value.is_poison() {
            return Some(TExpr::poison(span));
        }
        let value = convert(value, variable.ty);
        Some(self.leaf(
            Leaf::Subexpression {
                name: written.into(),
                value: Rc::new(value),
            },
            variable.ty,
            variable.dim,
            span,
        ))
    }

    fn noise(&mut self, name: &str, span: Span) -> TExpr {
        if !self.allowed.noise {
            self.say(
                Diagnostic::error("noise-outside-equation", span, format!("`{name}` is white noise; it can only stand in a differential equation `dx/dt = …`"))
                    .help("move the noise into the differential equation, or use `randn()` with `(constant over dt)`"),
            );
            return TExpr::poison(span);
        }
        let dim = Dim::TIME.pow(-1, 2).unwrap_or_default();
        self.leaf(Leaf::Noise(name.into()), VarType::Float, dim, span)
    }

    /// Types statements; `conditional`: writes to refractory neurons' variables are suppressed.
    pub fn statements(&mut self, statements: &[Statement], conditional: bool) -> Vec<TStatement> {
        statements
            .iter()
            .filter_map(|s| self.statement(s, conditional))
            .collect()
    }

    fn statement(&mut self, s: &Statement, conditional: bool) -> Option<TStatement> {
        let name = s.target.name.as_str();
        let value = self.expr(&s.value);
        let target = self.target(name, s.target.span, conditional);
        let (target, ty, dim) = match target {
            Err(()) => return None,
            Ok(Some(found)) => found,
            Ok(None) => {
                // A temporary variable: its first assignment defines it.
                if s.op != AssignOp::Set && !self.locals.contains_key(name) {
                    self.unknown(name, s.target.span);
                    return None;
                }
                let (ty, dim) = *self
                    .locals
                    .entry(name.to_owned())
                    .or_insert((value.ty, value.dim));
                (Target::Local(name.into()), ty, dim)
            }
        };
        let value = match s.op {
            AssignOp::Set => value,
            AssignOp::Update(op) => {
                let current = self.name(name, s.target.span);
                self.combine(op, current, value, s)
            }
        };
        if value.is_poison() {
            return None;
        }
        if value.dim != dim && !value.is_zero() {
            if s.op == AssignOp::Set {
                self.say(
                    Diagnostic::error(
                        "dimension-mismatch",
                        s.value.span,
                        format!(
                            "`{name}` is {}, but the value assigned to it is {}",
                            has_unit(dim),
                            has_unit(value.dim)
                        ),
                    )
                    .label(unit(value.dim))
                    .also(s.target.span, unit(dim))
                    .help_opt(way_out(dim, value.dim)),
                );
            } else {
                self.say(
                    Diagnostic::error(
                        "dimension-mismatch",
                        s.target.span,
                        format!(
                            "`{name}` is {}, but after this update it would be {}",
                            has_unit(dim),
                            has_unit(value.dim)
                        ),
                    )
                    .also(s.value.span, "changes the unit"),
                );
            }
            return None;
        }
        Some(TStatement {
            target,
            ty,
            value: convert(value, ty),
            span: s.span,
        })
    }

    /// `current op value`, with the words of an update.
    fn combine(&mut self, op: BinaryOp, current: TExpr, value: TExpr, s: &Statement) -> TExpr {
        if current.is_poison() || value.is_poison() {
            return TExpr::poison(s.span);
        }
        let arith = match op {
            BinaryOp::Add => Arith::Add,
            BinaryOp::Sub => Arith::Sub,
            BinaryOp::Mul => Arith::Mul,
            BinaryOp::Div => Arith::Div,
            BinaryOp::Mod => Arith::Mod,
            BinaryOp::FloorDiv => Arith::FloorDiv,
            _ => Arith::Pow,
        };
        for side in [&current, &value] {
            if side.ty == VarType::Boolean {
                return self.boolean_arithmetic(&side.clone(), s.span);
            }
        }
        let dim = match arith {
            Arith::Add | Arith::Sub | Arith::Mod => {
                if current.dim != value.dim && !value.is_zero() {
                    self.say(
                        Diagnostic::error(
                            "dimension-mismatch",
                            s.value.span,
                            format!(
                                "`{}` is {}, but what is added to it is {}",
                                s.target.name,
                                has_unit(current.dim),
                                has_unit(value.dim)
                            ),
                        )
                        .label(unit(value.dim))
                        .also(s.target.span, unit(current.dim))
                        .help_opt(way_out(current.dim, value.dim)),
                    );
                    return TExpr::poison(s.span);
                }
                current.dim
            }
            Arith::Mul => current.dim.mul(value.dim),
            Arith::Div | Arith::FloorDiv => current.dim.div(value.dim),
            Arith::Pow => match self.power_unit(&current, &value) {
                Some(dim) => dim,
                None => return TExpr::poison(s.span),
            },
        };
        let ty = if arith == Arith::Div {
            VarType::Float
        } else {
            current.ty.max(value.ty)
        };
        TExpr {
            kind: TKind::Arith(arith, Box::new(current), Box::new(value)),
            ty,
            dim,
            span: s.span,
        }
    }

    /// What a statement's left side is; `Ok(None)`: a temporary; `Err`: refused and told.
    fn target(
        &mut self,
        name: &str,
        span: Span,
        conditional: bool,
    ) -> Result<Option<(Target, VarType, Dim)>, ()> {
        let network = self.scope.network;
        let refuse = |me: &mut Self, why: &str| {
            me.say(Diagnostic::error(
                "read-only",
                span,
                format!("`{name}` cannot be assigned: it is {why}"),
            ));
            Err(())
        };
        if matches!(name, "t" | "dt" | "t_in_timesteps" | "N" | "i" | "xi") {
            return refuse(
                self,
                "a special variable that the simulation computes, read-only",
            );
        }
        let object = network.get(self.object);
        let mut places: Vec<(ObjectId, Side, &str)> = vec![(self.object, Side::Own, name)];
        if let Kind::Synapses(s) = &object.kind {
            if matches!(name, "j" | "N_pre" | "N_post") {
                return refuse(
                    self,
                    "a special variable that the simulation computes, read-only",
                );
            }
            for (suffix, side, part) in [
                ("_pre", Side::Pre, s.source),
                ("_post", Side::Post, s.target),
                ("", Side::Post, s.target),
            ] {
                if let Some(base) = name.strip_suffix(suffix) {
                    places.push((part.object, side, base));
                }
            }
        }
        for (owner, side, base) in places {
            if let Some(a) = network
                .automatic(owner)
                .into_iter()
                .find(|a| a.name == base)
            {
                if !a.writable {
                    return refuse(self, "computed from the connections, read-only");
                }
                return Ok(Some((
                    Target::State {
                        side,
                        object: owner,
                        name: base.into(),
                        shared: false,
                        unless_refractory: false,
                    },
                    a.ty,
                    a.dim,
                )));
            }
            let Some(variable) = network.variables(owner).and_then(|v| v.get(base)) else {
                continue;
            };
            if let VarKind::Subexpression(_) = variable.kind {
                if variable.flags.summed {
                    continue;
                }
                self.say(
                    Diagnostic::error("read-only", span, format!("`{name}` is a subexpression: it is computed from its equation and cannot be assigned"))
                        .also(variable.span, "its equation")
                        .help("make it a parameter (`name : unit`) if statements are to change it"),
                );
                return Err(());
            }
            if variable.flags.constant {
                self.say(
                    Diagnostic::error("read-only", span, format!("`{name}` has the flag `constant`, so statements cannot change it during a run"))
                        .also(variable.span, "declared here"),
                );
                return Err(());
            }
            let unless_refractory =
                conditional && variable.flags.unless_refractory && network.is_refractory(owner);
            let target = Target::State {
                side,
                object: owner,
                name: base.into(),
                shared: variable.flags.shared,
                unless_refractory,
            };
            return Ok(Some((target, variable.ty, variable.dim)));
        }
        if functions::lookup(name).is_some()
            || functions::constant(name).is_some()
            || dslsim_units::lookup(name).is_some_and(|_| dslsim_units::is_common(name))
        {
            return refuse(self, "the name of a function, a constant or a unit");
        }
        Ok(None)
    }
}

/// A value as the given type.
pub fn convert(value: TExpr, ty: VarType) -> TExpr {
    let (span, dim) = (value.span, value.dim);
    match (value.ty, ty) {
        (VarType::Float, VarType::Integer) | (VarType::Boolean, VarType::Integer) => TExpr {
            kind: TKind::Call(Function::Int, vec![value]),
            ty,
            dim,
            span,
        },
        (VarType::Boolean, VarType::Float) => {
            let number = TExpr {
                kind: TKind::Call(Function::Int, vec![value]),
                ty: VarType::Integer,
                dim,
                span,
            };
            TExpr { ty, ..number }
        }
        (VarType::Float | VarType::Integer, VarType::Boolean) => {
            let zero = TExpr {
                kind: TKind::Number(0.0),
                ty: VarType::Float,
                dim,
                span,
            };
            TExpr {
                kind: TKind::Compare(CompareOp::Ne, Box::new(value), Box::new(zero)),
                ty,
                dim: Dim::NONE,
                span,
            }
        }
        _ => TExpr { ty, ..value },
    }
}

/// What would make a quantity in `have` fit where one in `want` is needed.
pub fn way_out(want: Dim, have: Dim) -> Option<String> {
    if have.is_none() && !want.is_none() {
        return Some(format!("multiply it by a unit of {}", unit(want)));
    }
    if want.is_none() && !have.is_none() {
        return Some(format!("divide it by a quantity in {}", unit(have)));
    }
    Some(format!(
        "a factor in {} would make them fit",
        unit(want.div(have))
    ))
}
