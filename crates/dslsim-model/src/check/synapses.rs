//! Synapses: equations, sums over synapses, pathways.

use std::rc::Rc;

use dslsim_source::{Diagnostic, Span};

use super::Cx;
use crate::code::{Checked, CodeObject, Ode};
use crate::expr::{Leaf, Side, TKind};
use crate::network::Synapses;
use crate::variables::{VarKind, Variable};
use crate::words::{has_unit, nearest, unit};

impl<'a> Cx<'a> {
    pub(super) fn synapses(&mut self, synapses: &Synapses) {
        self.subexpressions(&synapses.variables);
        let odes = self.odes(&synapses.variables, false);
        let event_driven = self.odes(&synapses.variables, true);
        self.event_driven(synapses, &event_driven);
        for variable in synapses.variables.iter().filter(|v| v.flags.summed) {
            self.summed(synapses, variable);
        }
        if !odes.is_empty() {
            let code = Checked::StateUpdate {
                odes,
                method: synapses.method.clone(),
                refractory: None,
            };
            self.add("stateupdater", "groups", self.object.order, code);
        }
        for (number, pathway) in synapses.pathways.iter().enumerate() {
            let statements = self
                .typer(false, true)
                .statements(&pathway.statements, true);
            if !pathway.active {
                continue;
            }
            let from = if pathway.presynaptic {
                synapses.source
            } else {
                synapses.target
            };
            self.checked.code.push(CodeObject {
                object: self.scope.object,
                name: format!("{}_{}", self.object.name, pathway.name),
                when: pathway.when.clone(),
                order: pathway.order,
                // A pathway makes the steps of its source.
                dt: self.scope.network.get(from.object).dt,
                code: Checked::Pathway {
                    pathway: number,
                    event_driven: event_driven.clone(),
                    statements,
                },
            });
        }
        self.regular(&synapses.regular);
    }

    fn event_driven(&mut self, synapses: &Synapses, odes: &[Ode]) {
        for ode in odes {
            let mut clock_driven: Option<(Rc<str>, Span)> = None;
            ode.rhs.visit(&mut |e| {
                if let TKind::Leaf(Leaf::State {
                    side: Side::Own,
                    name,
                    ..
                }) = &e.kind
                    && let Some(v) = synapses.variables.get(name)
                    && matches!(v.kind, VarKind::Differential(_))
                    && !v.flags.event_driven
                {
                    clock_driven.get_or_insert((name.clone(), e.span));
                }
            });
            if let Some((other, span)) = clock_driven {
                self.diagnostics.push(
                    Diagnostic::error("event-driven-mixed", span, format!("`{}` is event-driven, so it cannot depend on `{other}`, which is clock-driven (integrated in every step)", ode.name))
                        .also(ode.span, "event-driven")
                        .help("make both `(clock-driven)`"),
                );
            }
        }
    }

    fn summed(&mut self, synapses: &Synapses, variable: &Variable) {
        let VarKind::Subexpression(rhs) = &variable.kind else {
            return;
        };
        let (base, presynaptic, part) = if let Some(base) = variable.name.strip_suffix("_post") {
            (base, false, synapses.target)
        } else if let Some(base) = variable.name.strip_suffix("_pre") {
            (base, true, synapses.source)
        } else {
            self.diagnostics.push(
                Diagnostic::error(
                    "summed-name",
                    variable.span,
                    format!(
                        "`{}` is summed, so its name must say where the sum goes",
                        variable.name
                    ),
                )
                .help(format!(
                    "call it `{0}_post` (into the postsynaptic neurons' `{0}`) or `{0}_pre`",
                    variable.name
                )),
            );
            return;
        };
        let typed = self.typer(false, true).expr(rhs);
        let Some(value) = self.fits(typed, variable, "the sum") else {
            return;
        };
        let Some(target) = self
            .scope
            .network
            .variables(part.object)
            .and_then(|v| v.get(base))
        else {
            let known: Vec<&str> = self
                .scope
                .network
                .variables(part.object)
                .map(|v| v.names().collect())
                .unwrap_or_default();
            self.diagnostics.push(
                Diagnostic::error(
                    "unknown-name",
                    variable.span,
                    format!("the neurons have no variable `{base}` to sum into"),
                )
                .help_opt(nearest(base, known).map(|n| format!("did you mean `{n}`?"))),
            );
            return;
        };
        if target.dim != variable.dim {
            self.diagnostics.push(
                Diagnostic::error(
                    "dimension-mismatch",
                    variable.span,
                    format!(
                        "the sum is {}, but the neurons' `{base}` is {}",
                        has_unit(variable.dim),
                        has_unit(target.dim)
                    ),
                )
                .also(target.span, format!("declared {}", unit(target.dim))),
            );
            return;
        }
        let code = Checked::Summed {
            target: part.object,
            name: base.into(),
            presynaptic,
            value,
            additive: variable.flags.additive,
        };
        self.add(
            &format!("summed_variable_{}", variable.name),
            "groups",
            self.object.order - 1,
            code,
        );
    }
}
