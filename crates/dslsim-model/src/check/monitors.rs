//! Monitors: recorded variables that have no array of their own are computed when they are recorded.

use std::rc::Rc;

use dslsim_source::{Diagnostics, Span};

use super::Cx;
use crate::code::{Checked, CodeObject};
use crate::network::{ObjectId, StateMonitor};
use crate::scope::Scope;
use crate::typing::{Allowed, Typer};
use crate::variables::Variable;

impl<'a> Cx<'a> {
    pub(super) fn state_monitor(&mut self, monitor: &StateMonitor) {
        self.recorded(monitor.source.object, &monitor.variables, &monitor.when);
    }

    /// Adds the code for the recorded variables that have no array.
    pub(super) fn recorded(&mut self, source: ObjectId, names: &[(String, Span)], when: &str) {
        let network = self.scope.network;
        let mut computed = Vec::new();
        for (name, span) in names {
            if network.automatic(source).iter().any(|a| a.name == name) {
                continue;
            }
            if network
                .variables(source)
                .and_then(|v| v.get(name))
                .is_some_and(Variable::is_stored)
            {
                continue;
            }
            // Mistakes in it are told where the recorded group is checked.
            let mut quiet = Diagnostics::new();
            let scope = Scope {
                object: source,
                ..self.scope
            };
            let expr = dslsim_syntax::ast::Expr {
                kind: dslsim_syntax::ast::ExprKind::Name(name.clone()),
                span: *span,
            };
            let typed = Typer::new(
                scope,
                Allowed {
                    noise: false,
                    random: true,
                },
                &mut quiet,
            )
            .expr(&expr);
            if !typed.is_poison() {
                computed.push((Rc::from(name.as_str()), typed));
            }
        }
        if !computed.is_empty() {
            let name = format!("{}_recorded", self.object.name);
            self.checked.code.push(CodeObject {
                object: source,
                name,
                when: when.into(),
                order: self.object.order,
                dt: self.object.dt,
                code: Checked::Recorded(computed),
            });
        }
    }
}
