//! `StateMonitor(…)`, `SpikeMonitor(…)`, `PopulationRateMonitor(…)`

use dslsim_model::network::{Kind, ObjectId, Part, RateMonitor, SPIKE, SpikeMonitor, StateMonitor};
use dslsim_model::words::nearest;
use dslsim_script::{ArrayData, Bound, CallArgs, Param, Value};
use dslsim_source::{Diagnostic, Diagnostics, Span, Text};

use super::Told;
use super::arguments::{not_yet, numbers};
use crate::session::Session;
use crate::session::handles::Handle;
use crate::session::state::index::slice;

const STATE_MONITOR: &[Param] = &[
    Param::required("source"),
    Param::required("variables"),
    Param::required("record"),
    Param::optional("dt"),
    Param::optional("clock"),
    Param::optional("when"),
    Param::optional("order"),
    Param::optional("name"),
];

const SPIKE_MONITOR: &[Param] = &[
    Param::required("source"),
    Param::optional("variables"),
    Param::optional("record"),
    Param::optional("when"),
    Param::optional("order"),
    Param::optional("name"),
];

const EVENT_MONITOR: &[Param] = &[
    Param::required("source"),
    Param::required("event"),
    Param::optional("variables"),
    Param::optional("record"),
    Param::optional("when"),
    Param::optional("order"),
    Param::optional("name"),
];

const RATE_MONITOR: &[Param] = &[Param::required("source"), Param::optional("name")];

impl Session<'_> {
    pub(super) fn state_monitor(&mut self, args: &CallArgs) -> Told<ObjectId> {
        let bound = args.bind("StateMonitor", STATE_MONITOR)?;
        not_yet("StateMonitor", &bound, &["clock"])?;
        let source = self.part(&bound, "source")?;
        let names = self.recorded_names(&bound, source.object)?;
        let record = self.record_indices(&bound, source)?;
        let when = self.slot(&bound, "when", "start")?;
        self.add_object(
            &bound,
            "statemonitor",
            0,
            Kind::StateMonitor(StateMonitor {
                source,
                variables: names,
                record,
                when,
            }),
        )
    }

    pub(super) fn spike_monitor(&mut self, args: &CallArgs) -> Told<ObjectId> {
        let bound = args.bind("SpikeMonitor", SPIKE_MONITOR)?;
        self.event_recorder(&bound, SPIKE, false)
    }

    pub(super) fn event_monitor(&mut self, args: &CallArgs) -> Told<ObjectId> {
        let bound = args.bind("EventMonitor", EVENT_MONITOR)?;
        let Some(event) = bound.text("event")?.map(str::to_owned) else {
            return Err(bound.wrong("event", "the name of an event"));
        };
        self.event_recorder(&bound, &event, true)
    }

    fn event_recorder(&mut self, bound: &Bound, event: &str, of_events: bool) -> Told<ObjectId> {
        let source = self.part(bound, "source")?;
        let place = if of_events { "event" } else { "source" };
        self.happening(bound, place, source, event)?;
        let variables = self.recorded_names(bound, source.object)?;
        let record = bound.flag("record")?.unwrap_or(true);
        let group = self.network.get(source.object);
        // Right after what makes the event, unless told otherwise.
        let (follows, after) = match &group.kind {
            Kind::Neurons(g) => g
                .event(event)
                .map_or(("thresholds".into(), group.order), |e| {
                    (e.when.clone(), e.order)
                }),
            _ => ("thresholds".into(), group.order),
        };
        let (when, order) = match bound.given("when") {
            Some(_) => (self.slot(bound, "when", "thresholds")?, 0),
            None if bound.given("order").is_some() => {
                return Err(Diagnostic::error(
                    "order-without-slot",
                    bound.span_of("order"),
                    format!("{}: `order` needs `when`", bound.function),
                )
                .help("give the slot, too: `when='thresholds'`")
                .into());
            }
            None => (follows, after + 1),
        };
        self.add_object(
            bound,
            if of_events {
                "eventmonitor"
            } else {
                "spikemonitor"
            },
            order,
            Kind::SpikeMonitor(SpikeMonitor {
                source,
                event: event.into(),
                when,
                of_events,
                variables,
                record,
            }),
        )
    }

    pub(super) fn rate_monitor(&mut self, args: &CallArgs) -> Told<ObjectId> {
        let bound = args.bind("PopulationRateMonitor", RATE_MONITOR)?;
        let source = self.part(&bound, "source")?;
        self.happening(&bound, "source", source, SPIKE)?;
        self.add_object(
            &bound,
            "ratemonitor",
            0,
            Kind::RateMonitor(RateMonitor { source }),
        )
    }

    /// Names of variables to record.
    fn recorded_names(&self, bound: &Bound, source: ObjectId) -> Told<Vec<(String, Span)>> {
        let Some(given) = bound.given("variables") else {
            return Ok(Vec::new());
        };
        let all = || {
            let own = self
                .network
                .variables(source)
                .map(|v| v.names().map(str::to_owned).collect::<Vec<_>>())
                .unwrap_or_default();
            own.into_iter().map(|n| (n, given.span)).collect()
        };
        let texts: Vec<&Text> = match &given.value {
            Value::Bool(true) => return Ok(all()),
            Value::Str(text) => vec![text],
            Value::List(v) | Value::Tuple(v) => v.iter().filter_map(Value::as_text).collect(),
            _ => {
                return Err(bound.wrong(
                    "variables",
                    "the name of a variable in quotes, or a list of names",
                ));
            }
        };
        let mut said = Diagnostics::new();
        let mut names = Vec::new();
        for text in texts {
            let name = text.as_str();
            let known = self.known(source, name).is_some();
            if known {
                names.push((name.to_owned(), text.whole()));
            } else {
                let candidates: Vec<&str> = self
                    .network
                    .variables(source)
                    .map(|v| v.names().collect())
                    .unwrap_or_default();
                let object = self.network.get(source);
                said.push(
                    Diagnostic::error(
                        "unknown-variable",
                        text.whole(),
                        format!(
                            "{}: `{}` has no variable `{name}`",
                            bound.function,
                            object.shown()
                        ),
                    )
                    .help_opt(
                        nearest(name, candidates.iter().copied())
                            .map(|n| format!("did you mean `{n}`?"))
                            .or_else(|| {
                                Some(format!("its variables are {}", candidates.join(", ")))
                            }),
                    ),
                );
            }
        }
        if said.is_empty() {
            Ok(names)
        } else {
            Err(said)
        }
    }

    fn record_indices(&mut self, bound: &Bound, source: Part) -> Told<Vec<u32>> {
        let Some(given) = bound.given("record") else {
            return Err(bound.wrong("record", "True, a number, or a list of numbers"));
        };
        if self.guessed.contains(&source.object) {
            return Ok(Vec::new());
        }
        let n = source.len() as i64;
        let list: Vec<i64> = match &given.value {
            Value::Bool(true) => (0..n).collect(),
            Value::Bool(false) => Vec::new(),
            Value::Int(k) => vec![*k],
            Value::Slice(s) => slice(*s, source.len())
                .into_iter()
                .map(|k| k as i64)
                .collect(),
            Value::Array(a) if matches!(a.data, ArrayData::Bool(_)) => a
                .bool_vec()
                .iter()
                .enumerate()
                .filter(|(_, b)| **b)
                .map(|(k, _)| k as i64)
                .collect(),
            Value::Object(o) => match self.handle(o) {
                Handle::Chosen(object, elements) if object == source.object => {
                    return Ok(elements.to_vec());
                }
                Handle::Part(part) if part.object == source.object => (part.start as i64
                    ..part.stop as i64)
                    .map(|k| k - source.start as i64)
                    .collect(),
                _ => {
                    return Err(bound.wrong(
                        "record",
                        "True, numbers, a condition, or `S[…]` of the recorded synapses",
                    ));
                }
            },
            Value::Str(text) => {
                let text = text.clone();
                return Ok(self
                    .selected(source, &text)?
                    .into_iter()
                    .map(|k| k as u32)
                    .collect());
            }
            _ => numbers(bound, "record")?
                .iter()
                .map(|x| *x as i64)
                .collect(),
        };
        let mut record = Vec::with_capacity(list.len());
        for k in list {
            let at = if k < 0 { k + n } else { k };
            if !(0..n).contains(&at) {
                return Err(Diagnostic::error(
                    "index-out-of-range",
                    given.span,
                    format!(
                        "{}: element {k} does not exist; the group has {n} (0 to {})",
                        bound.function,
                        n - 1
                    ),
                )
                .into());
            }
            record.push((at as usize + source.start) as u32);
        }
        Ok(record)
    }
}
