//! `NeuronGroup(…)`

use std::rc::Rc;

use dslsim_model::network::{Event, EventCode, Kind, Neurons, ObjectId, Refractory, SPIKE};
use dslsim_model::variables::{Owner, Variables};
use dslsim_script::{Bound, CallArgs, Context, Param, Value};
use dslsim_source::{Diagnostic, Diagnostics};

use super::Told;
use super::arguments::{keep, not_yet, statements};
use super::method::method;
use crate::session::Session;

const NEURON_GROUP: &[Param] = &[
    Param::required("N"),
    Param::required("model"),
    Param::optional("method"),
    Param::optional("method_options"),
    Param::optional("threshold"),
    Param::optional("reset"),
    Param::optional("refractory"),
    Param::optional("events"),
    Param::optional("namespace"),
    Param::optional("dtype"),
    Param::optional("dt"),
    Param::optional("clock"),
    Param::optional("order"),
    Param::optional("name"),
];

impl Session<'_> {
    pub(super) fn neuron_group(
        &mut self,
        ctx: &mut Context<'_>,
        args: &CallArgs,
    ) -> Told<ObjectId> {
        let bound = args.bind("NeuronGroup", NEURON_GROUP)?;
        not_yet("NeuronGroup", &bound, &["dtype", "clock"])?;
        let n = self.count(&bound)?;
        let mut said = Diagnostics::new();
        let equations =
            keep(&mut said, self.equations(bound.given("model"), ctx)).unwrap_or_default();
        let variables = Variables::from_equations(&equations, Owner::Neurons, &mut said);
        let unreadable = said.has_errors();
        let method = keep(&mut said, method(&bound, &variables)).flatten();
        let events = keep(&mut said, self.events(&bound, ctx)).unwrap_or_default();
        let refractory = keep(&mut said, self.refractory(&bound, ctx)).unwrap_or(Refractory::None);
        // What is wrong is told; unless it is the equations, the group exists all the same, so that the rest of the file can
        // be checked.
        said.into_iter().for_each(|d| ctx.push(d));
        if unreadable {
            return Err(Diagnostics::new());
        }
        if bound.given("threshold").is_some()
            && bound.given("reset").is_none()
            && refractory == Refractory::None
            && bound.given("events").is_none()
        {
            let warning = Diagnostic::warning("threshold-without-reset", bound.span_of("threshold"), "the group has a threshold but neither reset nor refractory: it will spike in every step while above")
                .help("give `reset='v = …'`, or `refractory='v > …'`");
            ctx.push(warning);
        }
        let names: Vec<Rc<str>> = events.iter().map(|e| e.name.clone()).collect();
        let id = self.add_object(
            &bound,
            "neurongroup",
            0,
            Kind::Neurons(Neurons {
                n,
                variables,
                method,
                events,
                refractory,
                regular: Vec::new(),
            }),
        )?;
        let order = self.network.get(id).order;
        if let Kind::Neurons(g) = &mut self.network.get_mut(id).kind {
            for event in &mut g.events {
                event.order = order;
                if let Some(code) = &mut event.code {
                    code.order = order;
                }
            }
        }
        for name in names {
            self.add_event(id, &name, n);
        }
        self.make_arrays(id);
        Ok(id)
    }

    /// The spikes of a threshold and the events of `events={…}`.
    fn events(&self, bound: &Bound, ctx: &mut Context<'_>) -> Told<Vec<Event>> {
        let mut all = Vec::new();
        let event = |name: &str, condition, span, slot: &str| Event {
            name: name.into(),
            condition,
            span,
            when: slot.into(),
            order: 0,
            code: None,
        };
        let mut said = Diagnostics::new();
        let reset = keep(&mut said, statements(bound, "reset", ctx)).flatten();
        if let Some(given) = bound.given("threshold") {
            let condition = keep(&mut said, self.expression(bound, "threshold", ctx)).flatten();
            all.push(Event {
                code: reset.map(|statements| EventCode {
                    statements,
                    when: "resets".into(),
                    order: 0,
                    active: true,
                }),
                ..event(SPIKE, condition, given.span, "thresholds")
            });
        } else if bound.given("reset").is_some() {
            said.push(
                Diagnostic::error(
                    "reset-without-threshold",
                    bound.span_of("reset"),
                    "the group has a reset, but no threshold: it never spikes",
                )
                .help("give `threshold='v > …'`"),
            );
        }
        match bound.given("events").map(|g| &g.value) {
            None => {}
            Some(Value::Dict(given)) => {
                let place = bound.span_of("events");
                for (name, condition) in given {
                    if name == SPIKE {
                        said.push(
                            Diagnostic::error(
                                "event-name",
                                place,
                                "the event `spike` is made by the threshold; it cannot be in `events`",
                            )
                            .help("give its condition as `threshold='…'`"),
                        );
                        continue;
                    }
                    let word = |c: char| c.is_alphanumeric() || c == '_';
                    if name.is_empty()
                        || !name.chars().all(word)
                        || name.starts_with(|c: char| c.is_numeric())
                    {
                        said.push(
                            Diagnostic::error(
                                "event-name",
                                place,
                                format!("`{name}` cannot be the name of an event"),
                            )
                            .help("a name consists of letters, digits and `_`"),
                        );
                        continue;
                    }
                    let Value::Str(text) = condition else {
                        said.push(
                            Diagnostic::error(
                                "wrong-type",
                                place,
                                format!(
                                    "the condition of the event `{name}` must be a string, not {}",
                                    condition.describe()
                                ),
                            )
                            .help("write a condition in quotes: `'v > 10*mV'`"),
                        );
                        continue;
                    };
                    let (expr, more) = dslsim_syntax::parse_expression(text);
                    let broken = more.has_errors();
                    said.extend(more);
                    all.push(event(
                        name,
                        (!broken).then_some(expr),
                        text.whole(),
                        "after_thresholds",
                    ));
                }
            }
            Some(_) => {
                return Err(bound.wrong(
                    "events",
                    "a dict of names and conditions: `{'name': 'v > 10*mV'}`",
                ));
            }
        }
        said.into_iter().for_each(|d| ctx.push(d));
        Ok(all)
    }

    /// Makes room for the neurons to which an event happens.
    pub(super) fn add_event(&mut self, id: ObjectId, name: &str, n: usize) {
        let spikes = self.simulation.add_spikes(n as u32);
        self.extra(id).events.push((name.into(), spikes));
    }

    fn refractory(&self, bound: &Bound, ctx: &mut Context<'_>) -> Told<Refractory> {
        let Some(given) = bound.given("refractory") else {
            return Ok(Refractory::None);
        };
        match &given.value {
            Value::Bool(false) => Ok(Refractory::None),
            Value::Str(_) => Ok(self
                .expression(bound, "refractory", ctx)?
                .map_or(Refractory::None, Refractory::Expr)),
            _ => Ok(self
                .time(bound, "refractory")?
                .map_or(Refractory::None, |t| Refractory::Time(t, given.span))),
        }
    }
}
