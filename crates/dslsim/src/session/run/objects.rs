//! What objects do in a step beside their kernels: spike sources and monitors.

use std::collections::HashSet;
use std::rc::Rc;

use dslsim_model::network::{Kind, ObjectId, Part, SPIKE};
use dslsim_runtime::{Action, At, Column, Monitor, Operation, Plan, Rates, Slot};
use dslsim_source::Span;

use super::operations::Computed;
use crate::session::Session;

impl Session<'_> {
    /// What objects do beside their kernels: spike sources and monitors.
    pub(super) fn object_operations(
        &mut self,
        plan: &mut Plan,
        id: ObjectId,
        recorded: &[Computed],
        changing: &HashSet<(ObjectId, Rc<str>)>,
    ) {
        let object = self.network.get(id).clone();
        let extra = &self.extras[id.0 as usize];
        let (spiking, recording, given) = (extra.event(SPIKE), extra.monitor, extra.generator);
        let clock = self.clock_of(object.dt);
        let program = recorded
            .iter()
            .find(|(n, ..)| *n == format!("{}_recorded", object.name));
        let spikes_of =
            |me: &Self, part: Part, event: &str| me.extras[part.object.0 as usize].event(event);
        match &object.kind {
            Kind::Poisson(p) => {
                let subexpression = p.variables.get("rates").is_some_and(|v| !v.is_stored());
                if let (false, Some(spikes), Some(array)) =
                    (subexpression, spiking, self.registry.find(id, "rates"))
                {
                    let name = format!("{}_spike_thresholder", object.name);
                    let stream = self.stream(&name);
                    let varies = changing.contains(&(id, "rates".into()));
                    let store = &self.simulation.store;
                    let rates = if varies {
                        Rates::Varying {
                            array,
                            program: None,
                        }
                    } else if store.is_uniform(array) {
                        Rates::Uniform(store.get(array, 0))
                    } else {
                        Rates::PerElement(array)
                    };
                    plan.operations.push(Operation {
                        when: Slot::Thresholds,
                        order: object.order,
                        name,
                        clock,
                        action: Action::Poisson {
                            spikes,
                            n: p.n as u32,
                            rates,
                            object: stream,
                        },
                    });
                }
            }
            Kind::Generator(_) => {
                if let (Some(spikes), Some(schedule)) = (spiking, given) {
                    plan.operations.push(Operation {
                        when: Slot::Thresholds,
                        order: object.order,
                        name: object.name.clone(),
                        clock,
                        action: Action::Generator { spikes, schedule },
                    });
                }
            }
            Kind::StateMonitor(m) => {
                let columns = self.columns(m.source, &m.variables, program);
                let monitor = match recording {
                    Some(monitor) => monitor,
                    None => self.simulation.add_monitor(Monitor::State(
                        dslsim_runtime::StateMonitor::new(columns, m.record.clone()),
                    )),
                };
                self.extras[id.0 as usize].monitor = Some(monitor);
                let clock = if object.dt.is_none() {
                    self.clock_of(self.network.get(m.source.object).dt)
                } else {
                    clock
                };
                plan.operations.push(Operation {
                    when: m.when.parse().unwrap_or(Slot::Start),
                    order: object.order,
                    name: object.name.clone(),
                    clock,
                    action: Action::RecordState {
                        monitor,
                        program: program.map(|p| p.1),
                    },
                });
            }
            Kind::SpikeMonitor(m) => {
                let Some(spikes) = spikes_of(self, m.source, &m.event) else {
                    return;
                };
                let columns = self.columns(m.source, &m.variables, program);
                let monitor = match recording {
                    Some(monitor) => monitor,
                    None => self.simulation.add_monitor(Monitor::Spikes(
                        dslsim_runtime::SpikeMonitor::new(m.source.len() as u32, m.record, columns),
                    )),
                };
                self.extras[id.0 as usize].monitor = Some(monitor);
                let clock = self.clock_of(self.network.get(m.source.object).dt);
                plan.operations.push(Operation {
                    when: m.when.parse().unwrap_or(Slot::Thresholds),
                    order: object.order,
                    name: object.name.clone(),
                    clock,
                    action: Action::RecordSpikes {
                        monitor,
                        spikes,
                        first: m.source.start as u32,
                        last: m.source.stop as u32,
                        program: program.map(|p| p.1),
                    },
                });
            }
            Kind::RateMonitor(m) => {
                let Some(spikes) = spikes_of(self, m.source, SPIKE) else {
                    return;
                };
                let monitor = match recording {
                    Some(monitor) => monitor,
                    None => self
                        .simulation
                        .add_monitor(Monitor::Rate(dslsim_runtime::RateMonitor::new())),
                };
                self.extras[id.0 as usize].monitor = Some(monitor);
                let clock = self.clock_of(self.network.get(m.source.object).dt);
                plan.operations.push(Operation {
                    when: Slot::End,
                    order: object.order,
                    name: object.name.clone(),
                    clock,
                    action: Action::RecordRate {
                        monitor,
                        spikes,
                        first: m.source.start as u32,
                        last: m.source.stop as u32,
                    },
                });
            }
            Kind::Neurons(_) | Kind::Synapses(_) | Kind::Input(_) => {}
        }
    }

    /// The columns of a monitor.
    fn columns(
        &mut self,
        source: Part,
        variables: &[(String, Span)],
        program: Option<&Computed>,
    ) -> Vec<Column> {
        let mut columns = Vec::new();
        for (name, _) in variables {
            let computed = program
                .and_then(|(.., arrays)| arrays.iter().find(|(n, _)| n.as_ref() == name))
                .map(|(_, a)| *a);
            let shared = self
                .network
                .variables(source.object)
                .and_then(|v| v.get(name))
                .is_some_and(|v| v.flags.shared);
            let column = match computed {
                Some(array) => Column {
                    array,
                    at: At::Position,
                },
                None => {
                    self.count_for(source.object, name);
                    let array = self.registry.variable(
                        &mut self.simulation.store,
                        &self.network,
                        source.object,
                        name,
                    );
                    Column {
                        array,
                        at: if shared { At::Only } else { At::Element },
                    }
                }
            };
            columns.push(column);
        }
        columns
    }
}
