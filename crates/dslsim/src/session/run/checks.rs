//! What can be wrong with a run beside its code: memory, given spikes, sums that meet.

use std::rc::Rc;

use dslsim_model::code::CheckedNetwork;
use dslsim_model::expr::{Leaf, TKind};
use dslsim_model::network::{Kind, ObjectId};
use dslsim_runtime::{Generator, GeneratorError};
use dslsim_source::{Diagnostic, Diagnostics, Span};

use super::Told;
use crate::limits::disk_has_room;
use crate::namespace::Names;
use crate::session::Session;
use dslsim_model::scope::{External, Namespace};
use dslsim_units::{Dim, format_quantity, round_digits};

impl Session<'_> {
    /// Refuses a run whose arrays would not fit into memory, or whose recordings would not fit on the disk.
    pub(super) fn room(&self, active: &[ObjectId], duration: f64, span: Span) -> Told<()> {
        let limits = self.options.limits();
        let bytes = self.bytes(active, duration);
        limits.fits("this run", bytes as u64, span)?;
        let recorded = self.bytes_of_recordings(active, duration) as u64;
        if recorded > limits.recordings() && !self.options.point {
            // Once as they are recorded, once as they are written.
            let all = recorded.saturating_mul(2);
            disk_has_room(&self.options.out, recorded, all, span)?;
        }
        Ok(())
    }

    /// Bytes of memory for the arrays and recordings of a run.
    pub(super) fn bytes(&self, active: &[ObjectId], duration: f64) -> f64 {
        self.bytes_of_arrays(active)
            + self
                .bytes_of_recordings(active, duration)
                .min(self.options.limits().recordings() as f64)
    }

    /// Bytes that the monitors of a run record, as far as it is known before.
    pub(super) fn bytes_of_recordings(&self, active: &[ObjectId], duration: f64) -> f64 {
        let mut bytes: f64 = 0.0;
        for id in active {
            let object = self.network.get(*id);
            let steps = |dt: f64| duration / dt;
            bytes += match &object.kind {
                Kind::StateMonitor(m) => {
                    let dt = object.dt.unwrap_or_else(|| self.object_dt(m.source.object));
                    8.0 * steps(dt) * (1.0 + m.record.len() as f64 * m.variables.len() as f64)
                }
                Kind::RateMonitor(m) => 16.0 * steps(self.object_dt(m.source.object)),
                _ => 0.0,
            };
        }
        bytes
    }

    fn bytes_of_arrays(&self, active: &[ObjectId]) -> f64 {
        let bytes = |id: &ObjectId| match &self.network.get(*id).kind {
            Kind::Neurons(_) | Kind::Synapses(_) | Kind::Poisson(_) => {
                let stored = self.network.variables(*id).map_or(0, |v| v.iter().count()) + 2;
                8.0 * stored as f64 * self.network.size(*id) as f64
            }
            _ => 0.0,
        };
        active.iter().map(bytes).sum()
    }

    /// Variables of groups that have the name of a number of the script, where the code of the group uses it: the variable counts,
    /// which is worth saying once.
    pub(super) fn hidden_names(
        &mut self,
        active: &[ObjectId],
        checked: &CheckedNetwork,
        names: &Names,
    ) -> Diagnostics {
        let mut said = Diagnostics::new();
        for &id in active {
            if std::mem::replace(&mut self.extra(id).warned, true) {
                continue;
            }
            let object = self.network.get(id);
            let variables = self.network.variables(id);
            let hiding = variables
                .iter()
                .flat_map(|v| v.iter())
                .filter(|v| matches!(names.lookup(&v.name), Some(External::Scalar { .. })));
            for variable in hiding {
                let Some(used) = self.use_of(id, &variable.name, checked) else {
                    continue;
                };
                said.push(
                    Diagnostic::warning(
                        "hidden-name",
                        variable.span,
                        format!("`{0}` is a variable of `{1}` and a name of the script: in the code of `{1}` it is the variable", variable.name, object.shown()),
                    )
                    .also(used, "used here")
                    .help("give one of them another name"),
                );
            }
        }
        said
    }

    /// Where the code of an object reads one of its own variables by its plain name.
    fn use_of(&self, id: ObjectId, name: &str, checked: &CheckedNetwork) -> Option<Span> {
        let mut found = None;
        for code in checked.code.iter().filter(|c| c.object == id) {
            code.each_value(&mut |value| {
                value.visit(&mut |e| {
                    let plain = matches!(
                        &e.kind,
                        TKind::Leaf(Leaf::State { .. } | Leaf::Subexpression { .. })
                    ) && self.sources.slice(e.span) == name;
                    if plain && found.is_none() {
                        found = Some(e.span);
                    }
                });
            });
        }
        found
    }

    /// Delays that are the same for all synapses and no whole number of time steps.
    pub(super) fn rounded_delays(&mut self, active: &[ObjectId]) -> Diagnostics {
        let mut said = Diagnostics::new();
        for &id in active {
            let Kind::Synapses(s) = &self.network.get(id).kind else {
                continue;
            };
            let pathways: Vec<(String, ObjectId)> = s
                .pathways
                .iter()
                .map(|p| {
                    let from = if p.presynaptic { s.source } else { s.target };
                    (p.name.clone(), from.object)
                })
                .collect();
            let several = pathways.len() > 1;
            for (number, (pathway, from)) in pathways.into_iter().enumerate() {
                let array = self.delay_array(id, number);
                let store = &self.simulation.store;
                if !store.is_uniform(array) || store.length(array) == 0 {
                    continue;
                }
                let (delay, dt) = (store.get(array, 0), self.object_dt(from));
                let steps = delay / dt;
                if !(steps.is_finite() && (steps - steps.round()).abs() > 1e-4) {
                    continue;
                }
                let object = self.network.get(id);
                let time = |t| format_quantity(round_digits(t, 12), Dim::TIME);
                let becomes = (steps + 0.5).floor();
                let which = if several {
                    format!("the delay of `{}.{pathway}`", object.shown())
                } else {
                    format!("the delay of `{}`", object.shown())
                };
                said.push(
                    Diagnostic::warning(
                        "delay-rounded",
                        object.span,
                        format!(
                            "{which}, {}, is no whole number of time steps of {}: it becomes {}",
                            time(delay),
                            time(dt),
                            time(becomes * dt)
                        ),
                    )
                    .help(format!(
                        "write {}, or choose a time step that divides it",
                        time(becomes * dt)
                    )),
                );
            }
        }
        said
    }

    /// Spike times in steps of the clock as it is now.
    pub(super) fn schedule_generators(&mut self, active: &[ObjectId]) -> Diagnostics {
        let mut said = Diagnostics::new();
        for &id in active {
            let Kind::Generator(g) = &self.network.get(id).kind else {
                continue;
            };
            let indices: Vec<i64> = g.spikes.iter().map(|s| i64::from(s.0)).collect();
            let times: Vec<f64> = g.spikes.iter().map(|s| s.1).collect();
            let dt = self.object_dt(id);
            let shown = self.network.get(id).shown().to_owned();
            match Generator::new(g.n as u32, &indices, &times, dt, g.period) {
                Ok(generator) => match self.extras[id.0 as usize].generator {
                    Some(existing) => self.simulation.set_generator(existing, generator),
                    None => {
                        self.extras[id.0 as usize].generator =
                            Some(self.simulation.add_generator(generator))
                    }
                },
                Err(GeneratorError::TwoSpikes {
                    neuron,
                    first,
                    second,
                    dt,
                }) => {
                    let time = |t| format_quantity(t, Dim::TIME);
                    let apart = round_digits((second - first).abs(), 3);
                    let way_out = if apart > 0.0 {
                        format!(
                            "move one of the spikes, or give the group a time step of its own: `dt=` of at most {}",
                            time(apart)
                        )
                    } else {
                        "a neuron spikes once at a time: remove one of the two".to_owned()
                    };
                    said.push(
                        Diagnostic::error("two-spikes", g.span, format!("neuron {neuron} of `{shown}` spikes twice in one time step of {}: at {} and {}", time(dt), time(first), time(second)))
                            .help(way_out),
                    );
                }
                Err(other) => said.push(Diagnostic::error(
                    "spike-times",
                    g.span,
                    format!("`{shown}`: {other}"),
                )),
            }
        }
        said
    }

    /// Two objects must not sum into one variable unless they say so.
    pub(super) fn sums_meet(&self, checked: &CheckedNetwork) -> Diagnostics {
        let mut said = Diagnostics::new();
        let mut seen: Vec<(ObjectId, Rc<str>, bool, ObjectId)> = Vec::new();
        for code in &checked.code {
            let dslsim_model::Checked::Summed {
                target,
                name,
                additive,
                ..
            } = &code.code
            else {
                continue;
            };
            if let Some((.., first)) = seen
                .iter()
                .find(|(t, n, a, _)| t == target && n == name && !(*a && *additive))
            {
                let (object, other) = (self.network.get(code.object), self.network.get(*first));
                said.push(
                    Diagnostic::error(
                        "two-sums",
                        object.span,
                        format!(
                            "`{}` and `{}` both sum into `{name}` of `{}`",
                            other.shown(),
                            object.shown(),
                            self.network.get(*target).shown()
                        ),
                    )
                    .help("mark both `(summed, additive)`, or use two variables"),
                );
            }
            seen.push((*target, name.clone(), *additive, code.object));
        }
        said
    }
}
