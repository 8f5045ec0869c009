//! Groups that spike: the code of a `NeuronGroup`, the rates of a `PoissonGroup`.

use dslsim_source::Diagnostic;
use dslsim_units::Dim;

use super::Cx;
use crate::code::{Checked, Refractoriness};
use crate::expr::{Leaf, TExpr, TKind};
use crate::network::{Neurons, Poisson, Refractory};
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
        if let Some(threshold) = &neurons.threshold {
            let condition = self.condition(threshold, "threshold");
            let refractory = neurons.refractory != Refractory::None;
            if !condition.is_poison() {
                self.add(
                    "spike_thresholder",
                    "thresholds",
                    self.object.order,
                    Checked::Threshold {
                        condition,
                        refractory,
                    },
                );
            }
        }
        if let Some(reset) = &neurons.reset {
            let statements = self.typer(false, true).statements(reset, false);
            self.add(
                "spike_resetter",
                "resets",
                self.object.order,
                Checked::Reset(statements),
            );
        }
        self.regular(&neurons.regular);
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
