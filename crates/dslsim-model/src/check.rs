//! From a described network to its checked code objects.
//!
//! Each object's code is read in the order in which a time step would execute it; the mistakes of all objects are told in one go.

use std::rc::Rc;

use dslsim_source::{Diagnostic, Diagnostics, Span};
use dslsim_units::Dim;

use crate::code::{Checked, CheckedNetwork, CodeObject, Ode, Refractoriness};
use crate::expr::{Leaf, Side, TExpr, TKind};
use crate::functions::Function;
use crate::network::{
    Kind, Network, Neurons, Object, ObjectId, Poisson, Refractory, Regular, StateMonitor, Synapses,
};
use crate::scope::{Namespace, Scope};
use crate::typing::{Allowed, Typer, convert, way_out};
use crate::variables::{VarKind, VarType, Variable, Variables};
use crate::words::{has_unit, nearest, unit};

/// Checks the objects `members` of a network.
///
/// # Errors
/// Everything that is wrong with them.
pub fn check(
    network: &Network,
    members: &[ObjectId],
    namespace: &dyn Namespace,
) -> (CheckedNetwork, Diagnostics) {
    let mut checked = CheckedNetwork::default();
    let mut diagnostics = Diagnostics::new();
    for &id in members {
        check_group(network, id, namespace, &mut checked, &mut diagnostics);
    }
    (checked, diagnostics)
}

/// Checks one object, adding its code objects.
pub fn check_group(
    network: &Network,
    id: ObjectId,
    namespace: &dyn Namespace,
    checked: &mut CheckedNetwork,
    diagnostics: &mut Diagnostics,
) {
    let object = network.get(id);
    let mut cx = Cx {
        scope: Scope {
            network,
            object: id,
            namespace,
        },
        object,
        checked,
        diagnostics,
    };
    match &object.kind {
        Kind::Neurons(neurons) => cx.neurons(neurons),
        Kind::Poisson(poisson) => cx.poisson(poisson),
        Kind::Synapses(synapses) => cx.synapses(synapses),
        Kind::StateMonitor(monitor) => cx.state_monitor(monitor),
        Kind::SpikeMonitor(monitor) => {
            cx.recorded(monitor.source.object, &monitor.variables, "thresholds")
        }
        Kind::Generator(_) | Kind::RateMonitor(_) => {}
    }
}

struct Cx<'a> {
    scope: Scope<'a>,
    object: &'a Object,
    checked: &'a mut CheckedNetwork,
    diagnostics: &'a mut Diagnostics,
}

impl<'a> Cx<'a> {
    fn typer(&mut self, noise: bool, random: bool) -> Typer<'a, '_> {
        Typer::new(self.scope, Allowed { noise, random }, self.diagnostics)
    }

    fn add(&mut self, suffix: &str, when: &str, order: i32, code: Checked) {
        let name = format!("{}_{suffix}", self.object.name);
        self.checked.code.push(CodeObject {
            object: self.scope.object,
            name,
            when: when.into(),
            order,
            dt: self.object.dt,
            code,
        });
    }

    fn neurons(&mut self, neurons: &Neurons) {
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

    fn regular(&mut self, all: &[Regular]) {
        for regular in all {
            let statements = self
                .typer(false, true)
                .statements(&regular.statements, true);
            self.checked.code.push(CodeObject {
                object: self.scope.object,
                name: regular.name.clone(),
                when: regular.when.clone(),
                order: regular.order,
                dt: regular.dt.or(self.object.dt),
                code: Checked::Regular(statements),
            });
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

    /// Checks every subexpression, and adds the code of those evaluated once per step.
    fn subexpressions(&mut self, variables: &Variables) {
        let mut once: Vec<(Rc<str>, TExpr)> = Vec::new();
        for variable in variables.iter() {
            let VarKind::Subexpression(rhs) = &variable.kind else {
                continue;
            };
            if variable.flags.summed {
                continue;
            }
            let noisy = mentions_named_noise(rhs);
            let typed = self.typer(noisy, variable.flags.constant_over_dt).expr(rhs);
            let Some(value) = self.fits(typed, variable, "subexpression") else {
                continue;
            };
            if variable.flags.constant_over_dt {
                once.push((variable.name.as_str().into(), value));
            }
        }
        if !once.is_empty() {
            order_by_dependence(&mut once, self.scope.object);
            self.add(
                "subexpression_update",
                "before_start",
                self.object.order,
                Checked::Subexpressions(once),
            );
        }
    }

    /// The value of a subexpression as its declared type.
    fn fits(&mut self, typed: TExpr, variable: &Variable, what: &str) -> Option<TExpr> {
        if typed.is_poison() {
            return None;
        }
        if variable.ty == VarType::Boolean && typed.ty != VarType::Boolean
            || variable.ty != VarType::Boolean && typed.ty == VarType::Boolean
        {
            self.diagnostics.push(
                Diagnostic::error(
                    "type-mismatch",
                    typed.span,
                    format!(
                        "{what} `{}` is declared {}, but its value is {}",
                        variable.name,
                        variable.ty.name(),
                        typed.ty.name()
                    ),
                )
                .also(variable.span, "declared here")
                .help(if typed.ty == VarType::Boolean {
                    "declare it `boolean`, or write `int(…)`"
                } else {
                    "write a comparison"
                }),
            );
            return None;
        }
        if typed.dim != variable.dim && !typed.is_zero() {
            self.diagnostics.push(
                Diagnostic::error(
                    "dimension-mismatch",
                    typed.span,
                    format!(
                        "{what} `{}` is declared {}, but its value is {}",
                        variable.name,
                        has_unit(variable.dim),
                        has_unit(typed.dim)
                    ),
                )
                .label(unit(typed.dim))
                .also(variable.span, format!("declared {}", unit(variable.dim)))
                .help_opt(way_out(variable.dim, typed.dim)),
            );
            return None;
        }
        Some(convert(typed, variable.ty))
    }

    fn odes(&mut self, variables: &Variables, event_driven: bool) -> Vec<Ode> {
        let mut odes = Vec::new();
        for variable in variables.differential() {
            let VarKind::Differential(rhs) = &variable.kind else {
                continue;
            };
            if variable.flags.event_driven != event_driven {
                continue;
            }
            let typed = self.typer(true, true).expr(rhs);
            if typed.is_poison() {
                continue;
            }
            if typed.ty == VarType::Boolean {
                self.diagnostics.push(
                    Diagnostic::error(
                        "type-mismatch",
                        typed.span,
                        format!(
                            "the derivative of `{}` must be a number, but this is a condition",
                            variable.name
                        ),
                    )
                    .help("write `int(…)`"),
                );
                continue;
            }
            let want = variable.dim.div(Dim::TIME);
            if typed.dim != want && !typed.is_zero() {
                self.diagnostics.push(
                    Diagnostic::error(
                        "dimension-mismatch",
                        typed.span,
                        format!(
                            "`{}` is {}, so its derivative must be in {}, but this is {}",
                            variable.name,
                            has_unit(variable.dim),
                            derivative(variable.dim),
                            has_unit(typed.dim)
                        ),
                    )
                    .label(unit(typed.dim))
                    .also(
                        variable.span,
                        format!("`{}` is declared {}", variable.name, unit(variable.dim)),
                    )
                    .help_opt(if typed.dim == variable.dim {
                        Some("divide by a time constant in second".into())
                    } else {
                        way_out(want, typed.dim)
                    }),
                );
                continue;
            }
            odes.push(Ode {
                name: variable.name.as_str().into(),
                dim: variable.dim,
                rhs: typed,
                unless_refractory: variable.flags.unless_refractory
                    && self.scope.network.is_refractory(self.scope.object),
                span: variable.equation,
            });
        }
        odes
    }

    fn poisson(&mut self, poisson: &Poisson) {
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

    fn synapses(&mut self, synapses: &Synapses) {
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
            self.add(
                &pathway.name,
                "synapses",
                pathway.order,
                Checked::Pathway {
                    pathway: number,
                    statements,
                },
            );
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
        if let Some(first) = odes.first() {
            self.diagnostics.push(
                Diagnostic::error(
                    "not-yet",
                    first.span,
                    format!(
                        "`{}` is event-driven; event-driven equations are not supported yet",
                        first.name
                    ),
                )
                .help("use `(clock-driven)`: the same result, integrated in every step"),
            );
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

    fn state_monitor(&mut self, monitor: &StateMonitor) {
        self.recorded(monitor.source.object, &monitor.variables, &monitor.when);
    }

    /// Adds the code for the recorded variables that have no array.
    fn recorded(&mut self, source: ObjectId, names: &[(String, Span)], when: &str) {
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

/// The unit of a derivative, as one would say it.
fn derivative(dim: Dim) -> String {
    if dim.is_none() {
        "1/second (hertz)".into()
    } else {
        format!("{}/second", dslsim_units::describe(dim))
    }
}

fn mentions_named_noise(expr: &dslsim_syntax::ast::Expr) -> bool {
    let mut found = false;
    crate::variables::visit(expr, &mut |e| {
        if let dslsim_syntax::ast::ExprKind::Name(n) = &e.kind {
            found |= n.starts_with("xi_");
        }
    });
    found
}

/// Sorts subexpressions that are evaluated once per step so that each comes after those it reads.
fn order_by_dependence(all: &mut Vec<(Rc<str>, TExpr)>, object: ObjectId) {
    let mut sorted: Vec<(Rc<str>, TExpr)> = Vec::with_capacity(all.len());
    while !all.is_empty() {
        let names: Vec<Rc<str>> = all.iter().map(|(n, _)| n.clone()).collect();
        let reads_later = |value: &TExpr| {
            let mut found = false;
            value.visit(&mut |e| {
                if let TKind::Leaf(Leaf::State {
                    side: Side::Own,
                    object: o,
                    name,
                    ..
                }) = &e.kind
                {
                    found |= *o == object && names.contains(name);
                }
            });
            found
        };
        let next = all.iter().position(|(_, v)| !reads_later(v)).unwrap_or(0);
        sorted.push(all.remove(next));
    }
    *all = sorted;
}

/// Whether an expression draws random numbers.
pub fn is_random(expr: &TExpr) -> bool {
    let mut found = false;
    expr.visit(&mut |e| {
        found |= matches!(
            e.kind,
            TKind::Call(Function::Rand | Function::Randn | Function::Poisson, _)
        )
    });
    found
}
