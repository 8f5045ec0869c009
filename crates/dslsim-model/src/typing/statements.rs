//! Statements: what they may assign, and whether the value fits.
//!
//! The first assignment to a name that is no variable defines a temporary, with the type and the unit of its value.

use dslsim_source::{Diagnostic, Span};
use dslsim_syntax::ast::{AssignOp, BinaryOp, Statement};
use dslsim_units::Dim;

use super::Typer;
use super::convert::{convert, way_out};
use crate::expr::{Arith, Side, TExpr, TKind, TStatement, Target};
use crate::functions;
use crate::network::{Kind, ObjectId};
use crate::variables::{VarKind, VarType};
use crate::words::{has_unit, unit};

impl<'a, 'd> Typer<'a, 'd> {
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
            update: s.op != AssignOp::Set,
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
                return self.boolean_arithmetic(side, s.span);
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
            if variable.flags.linked {
                self.say(
                    Diagnostic::error("read-only", span, format!("`{name}` is linked to a variable of another group, so it cannot be assigned"))
                        .also(variable.span, "declared `(linked)` here")
                        .help("assign the variable that it is linked to"),
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
