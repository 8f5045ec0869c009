//! Groups that spike: the code of a `NeuronGroup`, the rates of a `PoissonGroup`.

use dslsim_source::Diagnostic;
use dslsim_units::Dim;

use super::Cx;
use crate::code::{Checked, Refractoriness};
use crate::expr::{Leaf, TExpr, TKind};
use crate::network::{Event, Neurons, Poisson, Refractory, SPIKE};
use crate::typing::way_out;
use crate::variables::{VarKind, VarType};
use crate::words::has_unit;

impl<'a> Cx<'a> {
    pub(super) fn neurons(&mut self, neurons: &Neurons) {
        self.subexpressions(&neurons.variables);
        let refractory = self.refractory(&neurons.refractory);
        let odes = self.odes(&neurons.variables, false);
        if !odes.is_empty() || refractory.is_some() {
            let code = Checked::StateUpdate {
                odes,
                method: neurons.method.clone(),
                refractory,
            };
            self.add("stateupdater", "groups", self.object.order, code);
        }
        for event in &neurons.events {
            self.event(neurons, event);
        }
        self.regular(&neurons.regular);
    }

    /// An event's condition, and what it does.
    fn event(&mut self, neurons: &Neurons, event: &Event) {
        let spike = event.name.as_ref() == SPIKE;
        if let Some(condition) = &event.condition {
            let what = if spike {
                "threshold"
            } else {
                "condition of an event"
            };
            let condition = self.condition(condition, what);
            let refractory = spike && neurons.refractory != Refractory::None;
            if !condition.is_poison() {
                self.add(
                    &format!("{}_thresholder", event.name),
                    &event.when,
                    event.order,
                    Checked::Threshold {
                        event: event.name.clone(),
                        condition,
                        refractory,
                    },
                );
            }
        }
        if let Some(code) = &event.code
            && code.active
        {
            let statements = self.typer(false, true).statements(&code.statements, false);
            self.add(
                &format!("{}_resetter", event.name),
                &code.when,
                code.order,
                Checked::Reset {
                    event: event.name.clone(),
                    statements,
                },
            );
        }
    }

    /// A string that must be a condition.
    fn condition(&mut self, expr: &dslsim_syntax::ast::Expr, what: &str) -> TExpr {
        let typed = self.typer(false, true).expr(expr);
        if !typed.is_poison() && typed.ty != VarType::Boolean {
            self.diagnostics.push(
                Diagnostic::error(
                    "not-boolean",
                    typed.span,
                    format!(
                        "the {what} must be a condition (true or false), but this is a number {}",
                        has_unit(typed.dim)
                    ),
                )
                .help("write a comparison, for instance `v > v_threshold`"),
            );
            return TExpr::poison(typed.span);
        }
        typed
    }

    fn refractory(&mut self, refractory: &Refractory) -> Option<Refractoriness> {
        match refractory {
            Refractory::None => None,
            Refractory::Time(seconds, span) => {
                let time = TExpr {
                    kind: TKind::Leaf(Leaf::External("refractory".into(), *seconds)),
                    ty: VarType::Float,
                    dim: Dim::TIME,
                    span: *span,
                };
                Some(Refractoriness::Time(time))
            }
            Refractory::Expr(expr) => {
                let typed = self.typer(false, true).expr(expr);
                if typed.is_poison() {
                    return None;
                }
                if typed.ty == VarType::Boolean {
                    return Some(Refractoriness::While(typed));
                }
                if typed.dim != Dim::TIME && !typed.is_zero() {
                    self.diagnostics.push(
                        Diagnostic::error("dimension-mismatch", typed.span, format!("refractory must be a time in second or a condition, but this is {}", has_unit(typed.dim)))
                            .help_opt(way_out(Dim::TIME, typed.dim)),
                    );
                    return None;
                }
                Some(Refractoriness::Time(typed))
            }
        }
    }

    pub(super) fn poisson(&mut self, poisson: &Poisson) {
        for variable in poisson.variables.iter() {
            if let VarKind::Subexpression(rhs) = &variable.kind {
                let typed = self.typer(false, true).expr(rhs);
                if typed.is_poison() {
                    continue;
                }
                if typed.dim != Dim::HERTZ && !typed.is_zero() {
                    self.diagnostics.push(
                        Diagnostic::error(
                            "dimension-mismatch",
                            typed.span,
                            format!(
                                "rates must be in hertz (1/second), but this is {}",
                                has_unit(typed.dim)
                            ),
                        )
                        .help_opt(way_out(Dim::HERTZ, typed.dim)),
                    );
                    continue;
                }
                self.add(
                    "spike_thresholder",
                    "thresholds",
                    self.object.order,
                    Checked::Rates(typed),
                );
            }
        }
    }
}
