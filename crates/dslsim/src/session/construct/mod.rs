//! Constructors: `NeuronGroup(…)` and its like.
//!
//! A constructor adds an object to the description of the network and makes its arrays at once. If only an argument is wrong, that
//! is told and the object exists all the same where possible, so that the rest of the file can be checked.

mod arguments;
mod inputs;
mod method;
mod monitors;
mod neurons;
mod synapses;
mod timed;

use dslsim_model::network::{Kind, Object, ObjectId};
use dslsim_script::{Bound, CallArgs, Context, Spanned, Value};
use dslsim_source::{Diagnostic, Diagnostics};
use indexmap::IndexMap;

use crate::session::Session;
use crate::session::handles::Handle;

pub(super) use arguments::{flat, known_slot, numbers, told};
pub(super) use synapses::delay_name;

type Told<T> = Result<T, Diagnostics>;

/// Constructors of the language.
pub(super) const CLASSES: &[&str] = &[
    "NeuronGroup",
    "PoissonGroup",
    "SpikeGeneratorGroup",
    "Synapses",
    "StateMonitor",
    "SpikeMonitor",
    "EventMonitor",
    "PopulationRateMonitor",
    "PoissonInput",
    "TimedArray",
    "Equations",
    "Network",
];

/// The name of a kind of object in the language.
pub(super) fn class_of(kind: &Kind) -> &'static str {
    match kind {
        Kind::Neurons(_) => "NeuronGroup",
        Kind::Poisson(_) => "PoissonGroup",
        Kind::Generator(_) => "SpikeGeneratorGroup",
        Kind::Synapses(_) => "Synapses",
        Kind::StateMonitor(_) => "StateMonitor",
        Kind::SpikeMonitor(m) if m.of_events => "EventMonitor",
        Kind::SpikeMonitor(_) => "SpikeMonitor",
        Kind::RateMonitor(_) => "PopulationRateMonitor",
        Kind::Input(_) => "PoissonInput",
    }
}

impl Session<'_> {
    /// Calls a constructor.
    pub(super) fn construct(
        &mut self,
        ctx: &mut Context<'_>,
        class: &str,
        args: &CallArgs,
    ) -> Told<Value> {
        if args.has_unknown() && class != "Network" {
            return Ok(Value::Unknown(None));
        }
        let id = match class {
            "NeuronGroup" => self.neuron_group(ctx, args)?,
            "PoissonGroup" => self.poisson_group(ctx, args)?,
            "SpikeGeneratorGroup" => self.generator(args)?,
            "Synapses" => self.synapses(ctx, args)?,
            "StateMonitor" => self.state_monitor(args)?,
            "SpikeMonitor" => self.spike_monitor(args)?,
            "EventMonitor" => self.event_monitor(args)?,
            "PopulationRateMonitor" => self.rate_monitor(args)?,
            "PoissonInput" => self.poisson_input(ctx, args)?,
            "TimedArray" => return self.timed_array(args),
            "Equations" => return self.make_equations(ctx, args),
            _ => return self.make_network(args),
        };
        Ok(self.refer(Handle::Object(id)))
    }

    fn add_object(&mut self, bound: &Bound, base: &str, order: i32, kind: Kind) -> Told<ObjectId> {
        let name = match bound.text("name")? {
            Some(name) if name.ends_with('*') => {
                self.network.fresh_name(name.trim_end_matches('*'))
            }
            Some(name) => {
                if self.network.iter().any(|(_, o)| o.name == name) {
                    return Err(Diagnostic::error(
                        "name-taken",
                        bound.span_of("name"),
                        format!("another object is already named `{name}`"),
                    )
                    .into());
                }
                name.to_owned()
            }
            None => self.network.fresh_name(base),
        };
        let dt = self.time(bound, "dt")?;
        if let (Some(dt), Some(given)) = (dt, bound.given("dt"))
            && !(dt > 0.0 && dt.is_finite())
        {
            return Err(Diagnostic::error(
                "time-step",
                given.span,
                format!("`dt` must be a positive time, not {dt} s"),
            )
            .into());
        }
        let order = bound.int("order")?.map_or(order, |o| o as i32);
        let namespace = match bound.given("namespace") {
            Some(Spanned {
                value: Value::Dict(d),
                ..
            }) => d
                .iter()
                .map(|(k, v)| (k.clone(), self.external(v)))
                .collect(),
            Some(_) => return Err(bound.wrong("namespace", "a dict of names and values")),
            None => IndexMap::new(),
        };
        let id = self.network.add(Object {
            name,
            label: None,
            span: bound.span,
            order,
            dt,
            active: true,
            namespace,
            kind,
        });
        self.extra(id);
        Ok(id)
    }

    /// Gives every stored variable of an object its array.
    fn make_arrays(&mut self, id: ObjectId) {
        let stored: Vec<String> = self
            .network
            .variables(id)
            .map(|v| {
                v.iter()
                    .filter(|v| v.is_stored())
                    .map(|v| v.name.clone())
                    .collect()
            })
            .unwrap_or_default();
        let automatic = self.network.automatic(id);
        for name in stored
            .iter()
            .map(String::as_str)
            .chain(automatic.iter().map(|a| a.name))
        {
            self.registry
                .variable(&mut self.simulation.store, &self.network, id, name);
        }
    }
}
