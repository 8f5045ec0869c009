//! From a described network to its checked code objects.
//!
//! Each object's code is read in the order in which a time step would execute it; the mistakes of all objects are told in one go.

mod equations;
mod inputs;
mod monitors;
mod neurons;
mod synapses;

use dslsim_source::Diagnostics;

use crate::code::{Checked, CheckedNetwork, CodeObject};
use crate::expr::{TExpr, TKind};
use crate::functions::Function;
use crate::network::{Kind, Network, Object, ObjectId, Regular};
use crate::scope::{Namespace, Scope};
use crate::typing::{Allowed, Typer};

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
            cx.recorded(monitor.source.object, &monitor.variables, &monitor.when)
        }
        Kind::Input(input) => cx.input(input),
        Kind::Generator(_) | Kind::RateMonitor(_) => {}
    }
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

    fn regular(&mut self, all: &[Regular]) {
        for regular in all.iter().filter(|r| r.active) {
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
}
