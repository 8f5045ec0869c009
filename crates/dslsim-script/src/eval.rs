//! Expressions.
//!
//! Handles of views (`G.v`) are followed by [`Run::plain`] where a number is needed, and stay handles everywhere else.

use dslsim_source::{Diagnostic, Diagnostics, Span, Text};
use dslsim_syntax::ast::{
    Arg, BinaryOp, CompareOp, Expr, ExprKind, FPart, Ident, Subscript, UnaryOp,
};
use dslsim_units::Dim;
use indexmap::IndexMap;

use crate::call::CallArgs;
use crate::comparisons;
use crate::context::{Context, State};
use crate::fault::{Outcome, fail, fail_help};
use crate::functions;
use crate::host::Host;
use crate::index;
use crate::methods;
use crate::operators;
use crate::text;
use crate::value::{IndexValue, Spanned, Value};

/// The interpreter at work: what it remembers, and the simulation.
pub(crate) struct Run<'a> {
    pub state: &'a mut State,
    pub host: &'a mut dyn Host,
}

impl Run<'_> {
    /// The value of an expression.
    pub(crate) fn eval(&mut self, expr: &Expr) -> Outcome<Value> {
        match &expr.kind {
            ExprKind::Int(x) => Ok(Value::Int(*x)),
            ExprKind::Float(x) => Ok(Value::Float(*x)),
            ExprKind::Bool(x) => Ok(Value::Bool(*x)),
            ExprKind::None => Ok(Value::None),
            ExprKind::Str(text) => Ok(Value::Str(text.clone())),
            ExprKind::FString(parts) => self.fstring(parts),
            ExprKind::Name(name) => self.name(name, expr.span),
            ExprKind::Unary(op, a) => self.unary(*op, a, expr.span),
            ExprKind::Binary(op, a, b) => {
                let (a, b) = self.both(a, b)?;
                self.binary(*op, a, b, expr.span)
            }
            ExprKind::Compare(first, rest) => self.compare(first, rest),
            ExprKind::And(a, b) => self.junction(a, b, false),
            ExprKind::Or(a, b) => self.junction(a, b, true),
            ExprKind::IfElse {
                value,
                condition,
                otherwise,
            } => {
                let test = self.eval(condition)?;
                match self.truth(test, condition.span)? {
                    Some(true) => self.eval(value),
                    Some(false) => self.eval(otherwise),
                    None => {
                        let (a, b) = self.both(value, otherwise)?;
                        Ok(Value::Unknown(
                            a.value.dim().filter(|dim| b.value.dim() == Some(*dim)),
                        ))
                    }
                }
            }
            ExprKind::Call(function, args) => self.call(function, args, expr.span),
            ExprKind::Attribute(base, name) => {
                let base = self.spanned(base)?;
                self.attribute(base, name)
            }
            ExprKind::Index(base, subscripts) => self.index(base, subscripts, expr.span),
            ExprKind::List(v) => self.all(v).map(Value::List),
            ExprKind::Tuple(v) => self.all(v).map(Value::Tuple),
            ExprKind::Dict(entries) => self.dict(entries),
            ExprKind::Error => Ok(Value::Unknown(None)),
        }
    }

    /// The value of an expression, with its place.
    pub(crate) fn spanned(&mut self, expr: &Expr) -> Outcome<Spanned<Value>> {
        Ok(Spanned::new(self.eval(expr)?, expr.span))
    }

    /// Two values; if both are wrong, both are told.
    fn both(&mut self, a: &Expr, b: &Expr) -> Outcome<(Spanned<Value>, Spanned<Value>)> {
        match (self.spanned(a), self.spanned(b)) {
            (Ok(a), Ok(b)) => Ok((a, b)),
            (a, b) => Err(joined([a.err(), b.err()])),
        }
    }

    fn all(&mut self, exprs: &[Expr]) -> Outcome<Vec<Value>> {
        let results: Vec<Outcome<Value>> = exprs.iter().map(|e| self.eval(e)).collect();
        collect(results)
    }

    fn dict(&mut self, entries: &[(Expr, Expr)]) -> Outcome<Value> {
        let mut out = IndexMap::new();
        for (key, value) in entries {
            let name = match self.eval(key)? {
                Value::Str(text) => text.as_str().to_string(),
                Value::Unknown(_) => return Ok(Value::Unknown(None)),
                other => {
                    return fail(
                        "wrong-type",
                        key.span,
                        format!("the keys of a dict are strings, not {}", other.describe()),
                    );
                }
            };
            let value = self.eval(value)?;
            out.insert(name, value);
        }
        Ok(Value::Dict(out))
    }

    /// The value with views replaced by what they show, also within lists.
    pub(crate) fn plain(&mut self, value: Value, span: Span) -> Outcome<Value> {
        match value {
            Value::Object(object) => {
                let shown =
                    self.host
                        .view_value(&mut Context { state: self.state }, &object, span)?;
                Ok(shown.unwrap_or(Value::Object(object)))
            }
            Value::List(v) if v.iter().any(holds_object) => Ok(Value::List(
                v.into_iter()
                    .map(|x| self.plain(x, span))
                    .collect::<Outcome<_>>()?,
            )),
            Value::Tuple(v) if v.iter().any(holds_object) => Ok(Value::Tuple(
                v.into_iter()
                    .map(|x| self.plain(x, span))
                    .collect::<Outcome<_>>()?,
            )),
            other => Ok(other),
        }
    }

    /// As [`Run::plain`], with its place.
    pub(crate) fn plain_at(&mut self, value: Spanned<Value>) -> Outcome<Spanned<Value>> {
        Ok(Spanned::new(
            self.plain(value.value, value.span)?,
            value.span,
        ))
    }

    /// Whether a value counts as true; `None` if it is not known.
    pub(crate) fn truth(&mut self, value: Value, span: Span) -> Outcome<Option<bool>> {
        Ok(Some(match self.plain(value, span)? {
            Value::None => false,
            Value::Bool(x) => x,
            Value::Int(x) => x != 0,
            Value::Float(x) | Value::Quantity(x, _) => x != 0.0,
            Value::Str(text) => !text.as_str().is_empty(),
            Value::List(v) | Value::Tuple(v) => !v.is_empty(),
            Value::Dict(d) => !d.is_empty(),
            Value::Array(a) if a.len() == 1 => a.get_f64(0) != Some(0.0),
            Value::Array(a) => {
                return fail_help(
                    "ambiguous-truth",
                    span,
                    format!("an array of {} values is neither true nor false", a.len()),
                    "use `any(…)` or `all(…)`; masks are combined by `&`, `|`, `~`",
                );
            }
            Value::Unknown(_) => return Ok(None),
            Value::Object(_)
            | Value::Function(_)
            | Value::Module(_)
            | Value::Slice(_)
            | Value::Ellipsis => true,
        }))
    }

    fn unary(&mut self, op: UnaryOp, a: &Expr, span: Span) -> Outcome<Value> {
        let value = self.spanned(a)?;
        if op == UnaryOp::Not {
            let truth = self.truth(value.value, value.span)?;
            return Ok(truth.map_or(Value::Unknown(Some(Dim::NONE)), |x| Value::Bool(!x)));
        }
        let value = self.plain_at(value)?;
        operators::unary(op, &value, span)
    }

    /// `a op b`
    pub(crate) fn binary(
        &mut self,
        op: BinaryOp,
        a: Spanned<Value>,
        b: Spanned<Value>,
        span: Span,
    ) -> Outcome<Value> {
        if op == BinaryOp::Mod
            && let Value::Str(template) = &a.value
        {
            let template = template.clone();
            return crate::strings::percent(self, &template, b, span);
        }
        let (a, b) = (self.plain_at(a)?, self.plain_at(b)?);
        if (matches!(a.value, Value::Object(_)) || matches!(b.value, Value::Object(_)))
            && let Some(value) =
                self.host
                    .operator(&mut Context { state: self.state }, op, &a, &b)?
        {
            return Ok(value);
        }
        if matches!(op, BinaryOp::Div | BinaryOp::FloorDiv | BinaryOp::Mod)
            && b.value.is_scalar()
            && b.value.as_f64() == Some(0.0)
            && a.value.is_scalar()
        {
            self.state.diagnostics.push(Diagnostic::warning(
                "division-by-zero",
                b.span,
                "division by zero",
            ));
        }
        operators::binary(op, &a, &b, span)
    }

    fn compare(&mut self, first: &Expr, rest: &[(CompareOp, Expr)]) -> Outcome<Value> {
        let mut left = self.spanned(first)?;
        let mut so_far: Option<Value> = None;
        for (op, right) in rest {
            let right = self.spanned(right)?;
            let span = left.span.to(right.span);
            let this = self.comparison(*op, left, right.clone(), span)?;
            so_far = Some(match so_far {
                None => this,
                Some(before) => match self.truth(before, span)? {
                    Some(true) => this,
                    Some(false) => Value::Bool(false),
                    None => Value::Unknown(Some(Dim::NONE)),
                },
            });
            if rest.len() > 1 && so_far == Some(Value::Bool(false)) {
                break;
            }
            left = right;
        }
        Ok(so_far.unwrap_or(Value::Bool(true)))
    }

    fn comparison(
        &mut self,
        op: CompareOp,
        a: Spanned<Value>,
        b: Spanned<Value>,
        span: Span,
    ) -> Outcome<Value> {
        match op {
            CompareOp::Is | CompareOp::IsNot => {
                if matches!(a.value, Value::Unknown(_)) || matches!(b.value, Value::Unknown(_)) {
                    return Ok(Value::Unknown(Some(Dim::NONE)));
                }
                Ok(Value::Bool((a.value == b.value) == (op == CompareOp::Is)))
            }
            CompareOp::In | CompareOp::NotIn => {
                let found = self.contains(&a, b)?;
                Ok(found.map_or(Value::Unknown(Some(Dim::NONE)), |x| {
                    Value::Bool(x == (op == CompareOp::In))
                }))
            }
            _ => {
                let (a, b) = (self.plain_at(a)?, self.plain_at(b)?);
                comparisons::compare(op, &a, &b, span)
            }
        }
    }

    /// `a in b`; `None` if that is not known.
    fn contains(&mut self, a: &Spanned<Value>, b: Spanned<Value>) -> Outcome<Option<bool>> {
        if let Value::Object(object) = &b.value
            && let Some(found) =
                self.host
                    .contains(&mut Context { state: self.state }, object, a)?
        {
            return Ok(Some(found));
        }
        let b = self.plain_at(b)?;
        let item = self.plain(a.value.clone(), a.span)?;
        Ok(Some(match (&item, &b.value) {
            (_, v) if item.is_unknown() || v.is_unknown() => return Ok(None),
            (Value::Str(part), Value::Str(whole)) => whole.as_str().contains(part.as_str()),
            (Value::Str(key), Value::Dict(d)) => d.contains_key(key.as_str()),
            (x, Value::List(v) | Value::Tuple(v)) => v.iter().any(|y| comparisons::equal(x, y)),
            (x, Value::Array(array)) if x.is_scalar() => {
                let equal = comparisons::compare(
                    CompareOp::Eq,
                    &Spanned::new(x.clone(), a.span),
                    &Spanned::new(Value::Array(array.clone()), b.span),
                    a.span,
                )?;
                matches!(equal, Value::Array(mask) if mask.bool_vec().contains(&true))
            }
            (_, other) => {
                return fail(
                    "wrong-type",
                    b.span,
                    format!(
                        "`in` looks into lists, strings, dicts and arrays, not into {}",
                        other.describe()
                    ),
                );
            }
        }))
    }

    fn junction(&mut self, a: &Expr, b: &Expr, or: bool) -> Outcome<Value> {
        let left = self.eval(a)?;
        match self.truth(left.clone(), a.span)? {
            Some(x) if x == or => Ok(left),
            Some(_) => self.eval(b),
            None => self.eval(b).map(|_| Value::Unknown(None)),
        }
    }

    fn fstring(&mut self, parts: &[FPart]) -> Outcome<Value> {
        let mut out = Vec::new();
        for part in parts {
            match part {
                FPart::Text(text) => out.push(text.clone()),
                FPart::Value(expr, format) => {
                    let value = self.spanned(expr)?;
                    let value = self.plain_at(value)?;
                    if value.value.is_unknown() {
                        return Ok(Value::Unknown(None));
                    }
                    let host = &*self.host;
                    let shown = text::format_value(
                        &value.value,
                        format.as_deref().unwrap_or(""),
                        expr.span,
                        &|o| host.show(o),
                    )?;
                    out.push(Text::computed(shown, expr.span));
                }
            }
        }
        Ok(Value::Str(Text::concat(&out)))
    }

    /// `base.name`
    pub(crate) fn attribute(&mut self, base: Spanned<Value>, name: &Ident) -> Outcome<Value> {
        match &base.value {
            Value::Unknown(dim) => Ok(Value::Unknown(if name.name == "T" { *dim } else { None })),
            Value::Module(module) => self.member(module, &name.name, name.span),
            Value::Object(object) => {
                // `G.v.shape`: what the host does not have, the array may have
                if methods::is_property(&name.name) {
                    let plain = self.plain_at(base.clone())?;
                    if plain.value.is_unknown() {
                        return Ok(Value::Unknown(None));
                    }
                    if !matches!(plain.value, Value::Object(_)) {
                        return methods::property(&plain, name);
                    }
                }
                self.host
                    .get_attribute(&mut Context { state: self.state }, object, name)
            }
            _ => methods::property(&base, name),
        }
    }

    fn index(&mut self, base: &Expr, subscripts: &[Subscript], span: Span) -> Outcome<Value> {
        if let ExprKind::Name(name) = &base.kind
            && self
                .state
                .globals
                .get(name)
                .is_some_and(|b| !matches!(b.value, Value::Object(_)))
        {
            let index = self.subscripts(subscripts)?;
            // borrowed, not copied: arrays may be large
            if let Some(binding) = self.state.globals.get(name) {
                return index::get(&binding.value, &index, span);
            }
        }
        let base = self.spanned(base)?;
        let index = self.subscripts(subscripts)?;
        self.item(base, index, span)
    }

    /// `base[index]`
    pub(crate) fn item(
        &mut self,
        base: Spanned<Value>,
        index: Vec<Spanned<IndexValue>>,
        span: Span,
    ) -> Outcome<Value> {
        if let Value::Object(object) = &base.value {
            return self
                .host
                .get_item(&mut Context { state: self.state }, object, index, span);
        }
        if let Value::Function(name) | Value::Module(name) = &base.value {
            return fail_help(
                "wrong-type",
                span,
                format!("`{name}` has no entries"),
                format!("a function is called with parentheses: `{name}(…)`"),
            );
        }
        index::get(&base.value, &index, span)
    }

    fn call(&mut self, function: &Expr, args: &[Arg], span: Span) -> Outcome<Value> {
        if let ExprKind::Attribute(base, name) = &function.kind {
            let base = self.spanned(base)?;
            if !matches!(base.value, Value::Module(_)) {
                let args = self.args(args, span)?;
                return self.method(base, name, args);
            }
            let callee = self.attribute(base, name)?;
            let args = self.args(args, span)?;
            return self.call_value(Spanned::new(callee, function.span), args);
        }
        let callee = self.spanned(function)?;
        let args = self.args(args, span)?;
        self.call_value(callee, args)
    }

    /// `base.name(args)`
    fn method(&mut self, base: Spanned<Value>, name: &Ident, args: CallArgs) -> Outcome<Value> {
        let keeps_unit = matches!(
            name.name.as_str(),
            "copy" | "flatten" | "mean" | "sum" | "max" | "min" | "std" | "reshape"
        );
        match &base.value {
            Value::Unknown(dim) => Ok(Value::Unknown(dim.filter(|_| keeps_unit))),
            Value::Object(object) => {
                // `G.v.mean()` is the array's
                if methods::is_array_method(&name.name) {
                    let plain = self.plain_at(base.clone())?;
                    if let Value::Unknown(dim) = plain.value {
                        return Ok(Value::Unknown(dim.filter(|_| keeps_unit)));
                    }
                    if !matches!(plain.value, Value::Object(_)) {
                        return methods::call(self, plain, name, args);
                    }
                }
                self.host
                    .call_method(&mut Context { state: self.state }, object, name, args)
            }
            _ => methods::call(self, base, name, args),
        }
    }

    fn args(&mut self, args: &[Arg], span: Span) -> Outcome<CallArgs> {
        let mut out = CallArgs::none(span);
        let mut said = Diagnostics::new();
        for arg in args {
            match (self.spanned(&arg.value), &arg.name) {
                (Ok(value), None) => out.positional.push(value),
                (Ok(value), Some(name)) => out.named.push((name.clone(), value)),
                (Err(e), _) => said.extend(e),
            }
        }
        if said.is_empty() { Ok(out) } else { Err(said) }
    }

    fn call_value(&mut self, callee: Spanned<Value>, args: CallArgs) -> Outcome<Value> {
        match &callee.value {
            Value::Function(name) => self.call_function(name, args),
            Value::Object(object) => {
                self.host
                    .call_object(&mut Context { state: self.state }, object, args)
            }
            Value::Unknown(_) => Ok(Value::Unknown(None)),
            other => {
                let said = Diagnostic::error(
                    "not-callable",
                    callee.span,
                    format!("{} cannot be called", other.describe()),
                );
                let help = if other.is_numeric() {
                    Some("a product is written with `*`".to_string())
                } else {
                    None
                };
                Err(said.help_opt(help).into())
            }
        }
    }

    /// Calls a function by its name: the host's, else a built-in one.
    pub(crate) fn call_function(&mut self, name: &str, args: CallArgs) -> Outcome<Value> {
        if self.host.is_function(name) {
            return self
                .host
                .call(&mut Context { state: self.state }, name, args);
        }
        match functions::find(name) {
            Some(function) => functions::call(self, function, args),
            None => Err(self.unknown_name(name, args.span)),
        }
    }
}

fn holds_object(value: &Value) -> bool {
    match value {
        Value::Object(_) => true,
        Value::List(v) | Value::Tuple(v) => v.iter().any(holds_object),
        _ => false,
    }
}

fn joined(said: impl IntoIterator<Item = Option<Diagnostics>>) -> Diagnostics {
    said.into_iter().flatten().flatten().collect()
}

/// All values, or everything that is wrong.
fn collect(results: Vec<Outcome<Value>>) -> Outcome<Vec<Value>> {
    let mut said = Diagnostics::new();
    let mut values = Vec::with_capacity(results.len());
    for result in results {
        match result {
            Ok(value) => values.push(value),
            Err(e) => said.extend(e),
        }
    }
    if said.is_empty() {
        Ok(values)
    } else {
        Err(said)
    }
}
