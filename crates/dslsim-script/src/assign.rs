//! Assignments: names, tuples of names, attributes and parts; parameters that are set from outside.

use dslsim_source::{Diagnostic, Diagnostics, Span};
use dslsim_syntax::ast::{AssignOp, BinaryOp, Expr, ExprKind, Subscript};

use crate::context::{Binding, Context, Override};
use crate::eval::Run;
use crate::fault::{Outcome, fail, fail_help};
use crate::index;
use crate::units::describe;
use crate::value::{IndexValue, Spanned, Value};

/// One step of a path to a part of a value: what stands between one pair of brackets.
type Step = Vec<Spanned<IndexValue>>;

impl Run<'_> {
    /// `a = b = value`, `a, b = value`, `G.v[0] = value`
    pub(crate) fn assign(&mut self, targets: &[Expr], value: &Expr) -> Outcome<()> {
        let set_from_outside = targets
            .iter()
            .any(|t| matches!(&t.kind, ExprKind::Name(name) if self.pending(name).is_some()));
        let evaluated = match self.spanned(value) {
            Ok(v) => v,
            Err(said) if set_from_outside => {
                self.state.diagnostics.extend(said);
                Spanned::new(Value::Unknown(None), value.span)
            }
            Err(said) => {
                targets.iter().for_each(|t| self.poison(t));
                return Err(said);
            }
        };
        let mut said = Diagnostics::new();
        for target in targets {
            if let Err(e) = self.bind_target(target, evaluated.clone()) {
                said.extend(e);
            }
        }
        self.note_sharing(targets, value, &evaluated.value);
        if said.is_empty() { Ok(()) } else { Err(said) }
    }

    fn bind_target(&mut self, target: &Expr, value: Spanned<Value>) -> Outcome<()> {
        match &target.kind {
            ExprKind::Name(name) => self.bind_first(name, target.span, value),
            ExprKind::Tuple(targets) | ExprKind::List(targets) => {
                // Views among the values of a tuple stay views.
                let plain = match value.value {
                    Value::Tuple(_) | Value::List(_) => value,
                    _ => self.plain_at(value)?,
                };
                if let Value::Unknown(dim) = plain.value {
                    for target in targets {
                        self.bind_target(target, Spanned::new(Value::Unknown(dim), plain.span))?;
                    }
                    return Ok(());
                }
                let members = match &plain.value {
                    Value::Object(object) => {
                        self.host
                            .items(&mut Context { state: self.state }, object, plain.span)?
                    }
                    _ => None,
                };
                let parts = match members
                    .map_or_else(|| crate::sequences::iterate(&plain.value, plain.span), Ok)
                {
                    Ok(parts) if parts.len() == targets.len() => parts,
                    parts => {
                        targets.iter().for_each(|t| self.poison(t));
                        let n = parts
                            .map_err(|_| {
                                Diagnostics::from(Diagnostic::error(
                                    "wrong-type",
                                    plain.span,
                                    format!(
                                        "{} cannot be divided among {} names",
                                        plain.value.describe(),
                                        targets.len()
                                    ),
                                ))
                            })?
                            .len();
                        return fail(
                            "shape-mismatch",
                            plain.span,
                            format!("{n} values for {} names", targets.len()),
                        );
                    }
                };
                let mut said = Diagnostics::new();
                for (target, part) in targets.iter().zip(parts) {
                    if let Err(e) = self.bind_target(target, Spanned::new(part, plain.span)) {
                        said.extend(e);
                    }
                }
                if said.is_empty() { Ok(()) } else { Err(said) }
            }
            ExprKind::Error => Ok(()),
            _ => self.set(target, AssignOp::Set, value),
        }
    }

    /// `target op= value`
    pub(crate) fn update(&mut self, target: &Expr, op: BinaryOp, value: &Expr) -> Outcome<()> {
        let ExprKind::Name(name) = &target.kind else {
            let value = self.spanned(value)?;
            return self.set(target, AssignOp::Update(op), value);
        };
        let result = self.updated(name, target.span, op, value);
        match result {
            Ok(Some(value)) => {
                self.warn_shared(name, target.span);
                self.store(name, target.span, value, false);
                Ok(())
            }
            Ok(None) => Ok(()),
            Err(said) => {
                self.poison(target);
                Err(said)
            }
        }
    }

    /// The new value of a name; `None` if a view was changed in place.
    fn updated(
        &mut self,
        name: &str,
        span: Span,
        op: BinaryOp,
        value: &Expr,
    ) -> Outcome<Option<Value>> {
        let Some(old) = self.state.globals.get(name).map(|b| b.value.clone()) else {
            if self.built_in(name).is_some() {
                return fail(
                    "wrong-target",
                    span,
                    format!("`{name}` is built in and cannot be changed"),
                );
            }
            return if self.state.incomplete {
                Ok(Some(Value::Unknown(None)))
            } else {
                Err(self.unknown_name(name, span))
            };
        };
        let value = self.spanned(value)?;
        if let Value::Object(object) = &old
            && self
                .host
                .view_value(&mut Context { state: self.state }, object, span)?
                .is_some()
        {
            let all = vec![Spanned::new(IndexValue::Ellipsis, span)];
            self.host.set_item(
                &mut Context { state: self.state },
                object,
                all,
                AssignOp::Update(op),
                value,
                span,
            )?;
            return Ok(None);
        }
        let whole = span.to(value.span);
        self.binary(op, Spanned::new(old, span), value, whole)
            .map(Some)
    }

    /// An attribute or a part.
    fn set(&mut self, target: &Expr, op: AssignOp, value: Spanned<Value>) -> Outcome<()> {
        match &target.kind {
            ExprKind::Attribute(base, name) => {
                let base = self.spanned(base)?;
                match &base.value {
                    Value::Object(object) => self.host.set_attribute(
                        &mut Context { state: self.state },
                        object,
                        name,
                        op,
                        value,
                    ),
                    Value::Unknown(_) => Ok(()),
                    other => fail(
                        "wrong-target",
                        name.span,
                        format!("`{}` of {} cannot be set", name.name, other.describe()),
                    ),
                }
            }
            ExprKind::Index(base, subscripts) => {
                self.set_part(base, subscripts, op, value, target.span)
            }
            _ => fail_help(
                "wrong-target",
                target.span,
                "this cannot be assigned to",
                "on the left of `=` stands a name, an attribute or a part: `x`, `G.v`, `x[0]`",
            ),
        }
    }

    fn set_part(
        &mut self,
        base: &Expr,
        subscripts: &[Subscript],
        op: AssignOp,
        value: Spanned<Value>,
        span: Span,
    ) -> Outcome<()> {
        let is_array = |run: &Self, name: &str| {
            run.state
                .globals
                .get(name)
                .is_some_and(|b| matches!(b.value, Value::Array(_)))
        };
        let direct = matches!(&base.kind, ExprKind::Name(name) if is_array(self, name));
        if !direct {
            let holder = self.spanned(base)?;
            match &holder.value {
                Value::Object(object) => {
                    let index = self.subscripts(subscripts)?;
                    return self.host.set_item(
                        &mut Context { state: self.state },
                        object,
                        index,
                        op,
                        value,
                        span,
                    );
                }
                Value::Unknown(_) => return self.subscripts(subscripts).map(|_| ()),
                _ => {}
            }
        }
        let mut path = vec![(self.subscripts(subscripts)?, span)];
        let name = self.path(base, &mut path)?;
        path.reverse();
        let value = if matches!(op, AssignOp::Update(_))
            || matches!(
                self.state.globals.get(name).map(|b| &b.value),
                Some(Value::Array(_))
            ) {
            self.plain_at(value)?
        } else {
            value
        };
        self.warn_shared(name, span);
        match self.state.globals.get_mut(name) {
            Some(binding) => {
                let warning = set_path(&mut binding.value, &path, op, &value)?;
                self.state.diagnostics.extend(warning);
                Ok(())
            }
            None => fail(
                "wrong-target",
                base.span,
                format!("`{name}` is built in and cannot be changed"),
            ),
        }
    }

    /// The name whose value a chain of brackets starts from; the steps are added from the last to the first.
    fn path<'e>(&mut self, expr: &'e Expr, steps: &mut Vec<(Step, Span)>) -> Outcome<&'e str> {
        match &expr.kind {
            ExprKind::Name(name) => Ok(name),
            ExprKind::Index(base, subscripts) => {
                let step = self.subscripts(subscripts)?;
                steps.push((step, expr.span));
                self.path(base, steps)
            }
            _ => fail_help(
                "wrong-target",
                expr.span,
                "this is a copy; setting a part of it has no effect",
                "give it a name first",
            ),
        }
    }

    /// Binds a name; where a parameter is set from outside, to that value.
    fn bind_first(&mut self, name: &str, span: Span, value: Spanned<Value>) -> Outcome<()> {
        let Some(at) = self.pending(name) else {
            self.store(name, span, value.value, true);
            return Ok(());
        };
        let given = match self.state.settings.get_mut(at) {
            Some(setting) => {
                setting.used = true;
                setting.value.clone()
            }
            None => return Ok(()),
        };
        let (given, place) = match given {
            Override::Value(v) => (v, span),
            Override::Expr(expr) => match self.eval(&expr) {
                Ok(v) => (v, expr.span),
                Err(said) => {
                    self.store(name, span, Value::Unknown(None), false);
                    return Err(said);
                }
            },
        };
        let checked = fits(name, &value.value, given, place);
        let (value, result) = match checked {
            Ok(v) => (v, Ok(())),
            Err(d) => (
                Value::Unknown(None),
                Err(Diagnostics::from(
                    d.also(span, "the parameter is assigned here"),
                )),
            ),
        };
        self.store(name, span, value, true);
        result
    }

    /// The setting that waits for the first assignment of a name.
    fn pending(&self, name: &str) -> Option<usize> {
        if self.state.globals.contains_key(name) {
            return None;
        }
        // the last of several settings of one name counts
        self.state
            .settings
            .iter()
            .rposition(|s| s.name == name && !s.used)
    }

    /// Binds a name, with the warnings that belong to it.
    fn store(&mut self, name: &str, span: Span, value: Value, announce: bool) {
        let before = self
            .state
            .globals
            .get(name)
            .map(|b| (b.value.clone_object(), b.first, b.span));
        if before.is_none() {
            self.warn_shadowed(name, span);
        }
        for setting in self.state.settings.iter_mut().filter(|s| s.name == name) {
            setting.used = true;
        }
        if let Value::Object(object) = &value
            && let Some((Some(old), _, place)) = &before
            && old != object
            && self.host.keeps_name(old)
            && self.host.keeps_name(object)
        {
            self.state.diagnostics.push(
                        Diagnostic::warning("object-name-reused", span, format!("`{name}` already names a {}, which loses its name", old.class))
                            .also(*place, "first bound here")
                            .help("the results of the first cannot be reached any more; give the second another name"),
                    );
        }
        if announce {
            self.state.shared.retain(|(a, b, _)| a != name && b != name);
        }
        let first = before.map_or(span, |(_, first, _)| first);
        let object = value.clone_object();
        self.state.globals.insert(
            name.into(),
            Binding {
                value,
                span,
                first,
                failed: false,
            },
        );
        if let Some(object) = object {
            let said = self.host.bound(name, &object, span);
            self.state.diagnostics.extend(said);
        }
    }

    /// The names of a target become unknown.
    fn poison(&mut self, target: &Expr) {
        match &target.kind {
            ExprKind::Name(name) => {
                let first = self
                    .state
                    .globals
                    .get(name)
                    .map_or(target.span, |b| b.first);
                self.state.globals.insert(
                    name.clone(),
                    Binding {
                        value: Value::Unknown(None),
                        span: target.span,
                        first,
                        failed: true,
                    },
                );
                for setting in self.state.settings.iter_mut().filter(|s| s.name == *name) {
                    setting.used = true;
                }
            }
            ExprKind::Tuple(targets) | ExprKind::List(targets) => {
                targets.iter().for_each(|t| self.poison(t))
            }
            _ => {}
        }
    }

    /// Remembers names that are one array in Python and two here: `b = a`, `b = a[2:5]`, `b = a.T`, `a = b = zeros(3)`.
    fn note_sharing(&mut self, targets: &[Expr], value: &Expr, evaluated: &Value) {
        // parts of arrays are views in Python, parts of lists are copies
        let part = matches!(value.kind, ExprKind::Index(..));
        if !matches!(evaluated, Value::Array(_))
            && (part || !matches!(evaluated, Value::List(_) | Value::Dict(_)))
        {
            return;
        }
        let names: Vec<&str> = targets
            .iter()
            .filter_map(|t| {
                if let ExprKind::Name(n) = &t.kind {
                    Some(n.as_str())
                } else {
                    None
                }
            })
            .collect();
        let source = shared_source(value).filter(|n| self.state.globals.contains_key(*n));
        let origin = source.or_else(|| names.first().copied());
        let Some(origin) = origin else { return };
        for name in names {
            if name != origin {
                self.state
                    .shared
                    .push((origin.into(), name.into(), value.span));
            }
        }
    }

    /// Warns of a change in place that Python would show under another name as well.
    fn warn_shared(&mut self, name: &str, span: Span) {
        let holds = |run: &Self, n: &str| {
            run.state.globals.get(n).is_some_and(|b| {
                matches!(b.value, Value::Array(_) | Value::List(_) | Value::Dict(_))
            })
        };
        let other = self.state.shared.iter().find_map(|(a, b, at)| match name {
            n if n == a => Some((b.clone(), *at)),
            n if n == b => Some((a.clone(), *at)),
            _ => None,
        });
        if let Some((other, at)) =
            other.filter(|(other, _)| holds(self, other) && holds(self, name))
        {
            self.state.diagnostics.push(
                Diagnostic::warning("shared-array", span, format!("in Python this would change `{other}` as well; here `{name}` and `{other}` are separate"))
                    .also(at, "one made from the other here")
                    .help("write `.copy()` where the second is made, then both agree"),
            );
        }
    }
}

impl Value {
    /// The handle, if the value is one.
    fn clone_object(&self) -> Option<crate::ObjectRef> {
        if let Value::Object(object) = self {
            Some(object.clone())
        } else {
            None
        }
    }
}

/// The name whose memory an expression shares in Python.
fn shared_source(expr: &Expr) -> Option<&str> {
    match &expr.kind {
        ExprKind::Name(name) => Some(name),
        ExprKind::Attribute(base, name) if name.name == "T" => shared_source(base),
        ExprKind::Index(base, subscripts)
            if subscripts
                .iter()
                .all(|s| matches!(s, Subscript::Slice { .. } | Subscript::Ellipsis(_))) =>
        {
            shared_source(base)
        }
        _ => None,
    }
}

/// Sets a part of a part.
fn set_path(
    value: &mut Value,
    path: &[(Step, Span)],
    op: AssignOp,
    new: &Spanned<Value>,
) -> Outcome<Option<Diagnostic>> {
    let Some(((step, at), rest)) = path.split_first() else {
        return Ok(None);
    };
    if rest.is_empty() {
        return index::set(value, step, op, new, *at);
    }
    let mut part = index::get(value, step, *at)?;
    let warning = set_path(&mut part, rest, op, new)?;
    Ok(index::set(value, step, AssignOp::Set, &Spanned::new(part, *at), *at)?.or(warning))
}

/// The value a parameter gets from outside, if it suits the one in the file.
#[expect(clippy::result_large_err, reason = "rare, and completed by the caller")]
fn fits(name: &str, own: &Value, given: Value, span: Span) -> Result<Value, Diagnostic> {
    let wrong = |expected: String| {
        Diagnostic::error(
            "parameter-mismatch",
            span,
            format!("parameter `{name}` is {expected}, not {}", given.describe()),
        )
    };
    match (own, &given) {
        (Value::Unknown(_), _) | (_, Value::Unknown(_)) => Ok(given),
        (Value::Object(object), _) => Err(Diagnostic::error(
            "parameter-mismatch",
            span,
            format!("`{name}` is a {}, not a parameter", object.class),
        )),
        (Value::Str(_), Value::Str(_)) | (Value::Bool(_), Value::Bool(_)) | (Value::None, _) => {
            Ok(given)
        }
        (Value::Bool(_), Value::Int(0 | 1)) => Ok(Value::Bool(given == Value::Int(1))),
        (Value::Str(_), _) => {
            Err(wrong("a string".into()).help(format!("write it in quotes: `{name}='…'`")))
        }
        (Value::Bool(_), _) => Err(wrong("True or False".into())),
        (own, new) if own.is_numeric() && new.is_numeric() => match (own.dim(), new.dim()) {
            (Some(a), Some(b)) if a == b => Ok(given),
            (Some(a), Some(_)) if new.is_plain_zero() => Ok(if new.is_scalar() {
                Value::quantity(0.0, a)
            } else {
                given
            }),
            (Some(a), Some(b)) => {
                let unit = describe(a);
                let said = Diagnostic::error(
                    "dimension-mismatch",
                    span,
                    format!(
                        "parameter `{name}` is in {unit}; this is {}",
                        if b.is_none() {
                            "dimensionless".to_string()
                        } else {
                            format!("in {}", describe(b))
                        }
                    ),
                );
                Err(if a.is_none() {
                    said.help("give a plain number")
                } else {
                    said.help(format!("give the unit too: `{name}=…*{unit}`"))
                })
            }
            _ => Ok(given),
        },
        (own, _) if own.is_numeric() => Err(wrong("a number".into())),
        (own, new) if std::mem::discriminant(own) == std::mem::discriminant(new) => Ok(given),
        (own, _) => Err(wrong(own.describe())),
    }
}
