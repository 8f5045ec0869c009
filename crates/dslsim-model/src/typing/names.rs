//! What a name means: a temporary, a variable of the group or of a synapse's neurons, a constant, a unit, or a value of the
//! surrounding program, in this order.

use std::collections::HashMap;
use std::rc::Rc;

use dslsim_source::{Diagnostic, Diagnostics, Span};
use dslsim_units::Dim;

use super::convert::convert;
use super::{Allowed, Typer};
use crate::expr::{Leaf, Side, TExpr, TKind};
use crate::functions;
use crate::network::{Kind, ObjectId, View};
use crate::scope::{External, Scope};
use crate::variables::{VarKind, VarType};
use crate::words::nearest;

/// How many subexpressions an expression may have when all of them are written out.
const MOST_EXPANSIONS: usize = 5_000;

impl<'a, 'd> Typer<'a, 'd> {
    /// A name of the group's own namespace, or of the surrounding program.
    pub(super) fn external(&self, name: &str) -> Option<External> {
        let own = &self.scope.network.get(self.object).namespace;
        own.get(name)
            .cloned()
            .or_else(|| self.scope.namespace.lookup(name))
    }

    /// Whether the definition of a name has failed, which has been told.
    pub(super) fn is_unknown(&self, name: &str) -> bool {
        self.external(name) == Some(External::Unknown)
    }

    pub(super) fn name(&mut self, name: &str, span: Span) -> TExpr {
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
        let external = || self.external(name);
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
            (Some(External::Timed { timed, .. }), _) => {
                self.say(
                    Diagnostic::error(
                        "not-a-number",
                        span,
                        format!("`{name}` is a timed array: a function of time, not a number"),
                    )
                    .help(if timed.columns.is_some() {
                        format!("write `{name}(t, i)`")
                    } else {
                        format!("write `{name}(t)`")
                    }),
                );
                TExpr::poison(span)
            }
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
        if variable.flags.linked {
            if network.link_refused(object, name) {
                return Some(TExpr::poison(span));
            }
            let Some(link) = network.link(object, name) else {
                self.say(
                    Diagnostic::error(
                        "not-linked",
                        span,
                        format!(
                            "`{written}` is declared `(linked)`, but nothing has been linked to it"
                        ),
                    )
                    .also(variable.span, "declared here")
                    .help(format!(
                        "write `{}.{name} = linked_var(GROUP, 'variable')` before `run`",
                        network.get(object).shown()
                    )),
                );
                return Some(TExpr::poison(span));
            };
            let view = network.view(View {
                outer: side,
                object,
                name: name.into(),
            });
            return self.variable(link.object, Side::Linked(view), &link.name, written, span);
        }
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
        if self.expansions > MOST_EXPANSIONS {
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
            expansions: self.expansions + 1,
            extra: HashMap::new(),
            diagnostics: &mut inner,
        };
        let value = reader.expr(rhs);
        self.open = std::mem::take(&mut reader.open);
        self.expansions = reader.expansions;
        self.open.pop();
        // What contains it is too large as well; once is enough.
        let told = || {
            self.diagnostics
                .iter()
                .any(|d| d.code == "expression-too-large")
        };
        if self.expansions > MOST_EXPANSIONS && self.open.is_empty() && !told() {
            self.say(
                Diagnostic::error(
                    "expression-too-large",
                    span,
                    format!("`{written}` is too large: written out, it has more than {MOST_EXPANSIONS} subexpressions"),
                )
                .help("add `(constant over dt)` to a subexpression that is used many times"),
            );
        }
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

    pub(super) fn unknown(&mut self, name: &str, span: Span) {
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
}
