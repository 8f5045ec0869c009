//! What a run would do, gathered for [`crate::show`]. Nothing of the session changes but the gathered model itself.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use std::sync::Arc;

use dslsim_ir::ValidKernel;
use dslsim_ir::assemble::{Assembled, Role};
use dslsim_model::code::{Checked, CheckedNetwork};
use dslsim_model::expr::{Leaf, TExpr, TKind};
use dslsim_model::network::{Kind, ObjectId};
use dslsim_model::variables::{VarKind, Variable};
use dslsim_runtime::Slot;
use dslsim_source::Span;
use dslsim_units::{Dim, describe};

use crate::session::Session;
use crate::session::connect::is_count;
use crate::session::construct::class_of;
use crate::show::{Equation, Integration, Kernel, Memory, Object, Step};

/// Right-hand sides, by object and variable.
type Sides = HashMap<(ObjectId, Rc<str>), TExpr>;

impl Session<'_> {
    /// Adds what a run of these objects would do.
    pub(super) fn gather(
        &mut self,
        net: usize,
        active: &[ObjectId],
        checked: &CheckedNetwork,
        assembled: &[Assembled],
        duration: f64,
        changing: &HashSet<(ObjectId, Rc<str>)>,
    ) {
        let sides = self.right_sides(checked);
        for &id in active {
            let mut shown = self.shown_object(id, &sides, assembled);
            shown.memory = self.memory_of(id, changing);
            let all = &mut self.gathered.objects;
            match all.iter_mut().find(|o| o.internal == shown.internal) {
                Some(before) => *before = shown,
                None => all.push(shown),
            }
        }
        self.gathered.dt = self.default_dt();
        self.gathered.bytes += self.bytes(active, duration);
        self.gathered.recorded += self.bytes_of_recordings(active, duration);
        self.gathered.in_memory = self.options.limits().recordings() as f64;
        self.gathered.schedule = self.steps(net, active, assembled);
    }

    /// The right-hand sides that code contains. Subexpressions are found where they are used.
    fn right_sides(&self, checked: &CheckedNetwork) -> Sides {
        let mut sides = Sides::new();
        for code in &checked.code {
            let mut roots: Vec<&TExpr> = Vec::new();
            match &code.code {
                Checked::StateUpdate { odes, .. }
                | Checked::Pathway {
                    event_driven: odes, ..
                } => {
                    for ode in odes {
                        sides.insert((code.object, ode.name.clone()), ode.rhs.clone());
                        roots.push(&ode.rhs);
                    }
                }
                Checked::Subexpressions(all) | Checked::Recorded(all) => {
                    for (name, value) in all {
                        sides.insert((code.object, name.clone()), value.clone());
                        roots.push(value);
                    }
                }
                Checked::Threshold { condition, .. } => roots.push(condition),
                Checked::Summed { value, .. } => roots.push(value),
                _ => {}
            }
            for root in roots {
                root.visit(&mut |e| {
                    if let TKind::Leaf(Leaf::Subexpression { name, value }) = &e.kind {
                        sides
                            .entry((code.object, name.clone()))
                            .or_insert_with(|| value.as_ref().clone());
                    }
                });
            }
        }
        sides
    }

    fn shown_object(&self, id: ObjectId, sides: &Sides, assembled: &[Assembled]) -> Object {
        let object = self.network.get(id);
        let variables = self.network.variables(id);
        let has_elements = matches!(
            object.kind,
            Kind::Neurons(_) | Kind::Poisson(_) | Kind::Generator(_) | Kind::Synapses(_)
        );
        let method = match &object.kind {
            Kind::Neurons(n) => n.method.is_some(),
            Kind::Synapses(s) => s.method.is_some(),
            _ => false,
        };
        let integrates = assembled
            .iter()
            .filter(|a| a.object == id)
            .find_map(|a| a.integrates.as_ref());
        Object {
            name: object.shown().to_owned(),
            internal: object.name.clone(),
            class: class_of(&object.kind),
            size: (has_elements && !self.guessed.contains(&id)).then(|| self.network.size(id)),
            memory: None,
            equations: variables
                .iter()
                .flat_map(|v| v.iter())
                .filter(|v| !v.equation.is_empty())
                .map(|v| self.shown_equation(v, sides.get(&(id, v.name.as_str().into()))))
                .collect(),
            integration: integrates.map(|(used, all)| Integration {
                method: used.name(),
                why: if method {
                    "chosen in the model"
                } else {
                    used.reason()
                },
                variables: all.iter().map(|(name, _)| name.to_string()).collect(),
                scheme: used.update(),
                update: assembled
                    .iter()
                    .filter(|a| a.object == id && a.integrates.is_some())
                    .flat_map(|a| a.stages.iter().chain([&a.kernel]))
                    .flat_map(|k| self.formulas(k))
                    .collect(),
            }),
        }
    }

    /// What a synapse takes: the variables that code writes are held for each.
    fn memory_of(&self, id: ObjectId, changing: &HashSet<(ObjectId, Rc<str>)>) -> Option<Memory> {
        let Kind::Synapses(s) = &self.network.get(id).kind else {
            return None;
        };
        let stored = self
            .registry
            .variables()
            .filter(|(o, name, _)| *o == id && !is_count(name))
            .filter(|(_, name, _)| s.variables.get(name).is_none_or(|v| !v.flags.shared));
        let (held, mut unless_alike): (Vec<_>, Vec<_>) = stored
            .map(|(_, name, _)| name.clone())
            .partition(|name| changing.contains(&(id, name.clone())));
        unless_alike.sort();
        // A row of synapses that are not numbered one after the other is a list.
        let lists = s.pathways.iter().filter(|p| !p.presynaptic).count();
        Some(Memory {
            bytes: 8 + 8 * held.len() + 4 * lists,
            unless_alike: unless_alike.iter().map(|n| n.to_string()).collect(),
        })
    }

    fn shown_equation(&self, variable: &Variable, side: Option<&TExpr>) -> Equation {
        let dim = match variable.kind {
            VarKind::Differential(_) => variable.dim.div(Dim::TIME),
            _ => variable.dim,
        };
        let mut parts: Vec<(String, String)> = Vec::new();
        if let Some(side) = side {
            side.visit(&mut |e| {
                let text = self.one_line(e.span);
                let inside = e.span.file == side.span.file
                    && side.span.start <= e.span.start
                    && e.span.end <= side.span.end;
                let mut number = e.dim.is_none();
                e.visit(&mut |part| number &= !matches!(part.kind, TKind::Leaf(_)));
                number |= matches!(e.kind, TKind::Number(_) | TKind::Truth(_));
                if inside && !number && !text.is_empty() && parts.iter().all(|(t, _)| *t != text) {
                    parts.push((text, unit(e.dim)));
                }
            });
        }
        Equation {
            text: self.one_line(variable.equation),
            unit: unit(dim),
            parts,
        }
    }

    fn shown_kernel(&self, code: &Arc<ValidKernel>) -> Kernel {
        Kernel {
            code: code.clone(),
            formulas: self.formulas(code),
        }
    }

    fn formulas(&self, code: &ValidKernel) -> Vec<String> {
        dslsim_ir::formulas::formulas(code, &self.registry)
    }

    /// What stands at a place, without line breaks and comments.
    fn one_line(&self, span: Span) -> String {
        let lines = self.sources.slice(span).lines();
        let words = lines.flat_map(|l| l.split('#').next().unwrap_or("").split_whitespace());
        words.collect::<Vec<_>>().join(" ")
    }

    /// The steps of the plan, in the order of execution.
    fn steps(&self, net: usize, active: &[ObjectId], assembled: &[Assembled]) -> Vec<Step> {
        let mut all: Vec<(Slot, Step)> = Vec::new();
        let mut push = |slot: Slot, order: i32, name: &str, id: ObjectId, dt, kernels| {
            let step = Step {
                slot: slot.name().to_owned(),
                order,
                name: name.to_owned(),
                object: self.network.get(id).shown().to_owned(),
                dt,
                kernels,
            };
            all.push((slot, step));
        };
        for part in assembled {
            if matches!(part.role, Role::Recorded(_)) {
                continue;
            }
            let kernels = part.stages.iter().chain([&part.kernel]).chain(&part.again);
            push(
                part.when.parse().unwrap_or(Slot::Start),
                part.order,
                &part.name,
                part.object,
                part.dt.unwrap_or_else(|| self.default_dt()),
                kernels.map(|k| self.shown_kernel(k)).collect(),
            );
        }
        for &id in active {
            let object = self.network.get(id);
            let kernels = assembled
                .iter()
                .filter(|a| a.object == id)
                .map(|a| self.shown_kernel(&a.kernel));
            let slot = match &object.kind {
                Kind::StateMonitor(m) => m.when.parse().unwrap_or(Slot::Start),
                Kind::SpikeMonitor(m) => m.when.parse().unwrap_or(Slot::Thresholds),
                Kind::RateMonitor(_) => Slot::End,
                Kind::Generator(_) => Slot::Thresholds,
                Kind::Poisson(_) if kernels.clone().next().is_none() => Slot::Thresholds,
                _ => continue,
            };
            let dt = match &object.kind {
                Kind::StateMonitor(m) => self.dt_beside(id, m.source.object),
                Kind::SpikeMonitor(m) => self.dt_beside(id, m.source.object),
                Kind::RateMonitor(m) => self.dt_beside(id, m.source.object),
                _ => self.object_dt(id),
            };
            push(slot, object.order, &object.name, id, dt, kernels.collect());
        }
        let schedule = self.networks[net].slots();
        let rank = |slot: Slot| match &schedule {
            None => usize::from(slot.rank()),
            Some(order) => order.iter().position(|s| *s == slot).unwrap_or(order.len()),
        };
        all.sort_by(|(a, x), (b, y)| {
            (rank(*a), x.order, &x.name).cmp(&(rank(*b), y.order, &y.name))
        });
        all.into_iter().map(|(_, step)| step).collect()
    }

    /// The time step of a monitor: its own, else that of what it records.
    fn dt_beside(&self, id: ObjectId, source: ObjectId) -> f64 {
        let own = self.network.get(id).dt;
        own.unwrap_or_else(|| self.object_dt(source))
    }
}

fn unit(dim: Dim) -> String {
    if dim.is_none() {
        "1".into()
    } else {
        describe(dim)
    }
}
