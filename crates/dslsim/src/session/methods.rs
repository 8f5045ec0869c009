//! Methods of objects, parts and networks.

use dslsim_model::network::{Kind, ObjectId, Part, Regular};
use dslsim_model::words::nearest;
use dslsim_script::{CallArgs, Context, Param, Spanned, Value};
use dslsim_source::{Diagnostic, Diagnostics};
use dslsim_syntax::ast::{AssignOp, Ident};

use super::Session;
use super::construct::told;
use super::handles::{ActionOf, Handle};

type Told<T> = Result<T, Diagnostics>;

const REGULAR: &[Param] = &[
    Param::required("code"),
    Param::optional("dt"),
    Param::optional("clock"),
    Param::optional("when"),
    Param::optional("order"),
    Param::optional("name"),
    Param::optional("codeobj_class"),
];

const SET_STATES: &[Param] = &[
    Param::required("values"),
    Param::optional("units"),
    Param::optional("format"),
    Param::optional("level"),
];

const GET_STATES: &[Param] = &[
    Param::optional("vars"),
    Param::optional("units"),
    Param::optional("format"),
    Param::optional("subexpressions"),
    Param::optional("level"),
];

impl Session<'_> {
    pub(super) fn object_method(
        &mut self,
        ctx: &mut Context<'_>,
        id: ObjectId,
        name: &Ident,
        args: &CallArgs,
    ) -> Told<Value> {
        if let Some(value) = self.monitor_method(id, &name.name, args, name.span)? {
            return Ok(value);
        }
        match (name.name.as_str(), &self.network.get(id).kind) {
            ("connect", Kind::Synapses(_)) => self.connect(ctx, id, args).map(|()| Value::None),
            ("run_regularly", Kind::Neurons(_) | Kind::Synapses(_)) => {
                self.run_regularly(ctx, id, args)
            }
            (
                "set_states" | "get_states",
                Kind::Neurons(_) | Kind::Synapses(_) | Kind::Poisson(_),
            ) => self.states(id, None, name, args),
            ("set_spikes", Kind::Generator(_)) => self.set_spikes(ctx, id, args),
            ("run_on_event", Kind::Neurons(_)) => self.run_on_event(ctx, id, args),
            ("set_event_schedule", Kind::Neurons(_)) => self.set_event_schedule(id, args),
            (text, kind) => {
                let class = super::construct::class_of(kind);
                let known: &[&str] = match kind {
                    Kind::Synapses(_) => &["connect", "set_states", "get_states", "run_regularly"],
                    Kind::Neurons(_) => &[
                        "set_states",
                        "get_states",
                        "run_regularly",
                        "run_on_event",
                        "set_event_schedule",
                    ],
                    Kind::Generator(_) => &["set_spikes"],
                    Kind::RateMonitor(_) => &["smooth_rate", "binned_rate", "reinit"],
                    Kind::SpikeMonitor(_) => &[
                        "spike_trains",
                        "values",
                        "all_values",
                        "event_trains",
                        "smooth_rate",
                        "binned_rate",
                        "reinit",
                    ],
                    _ => &[],
                };
                let d = Diagnostic::error(
                    "unknown-attribute",
                    name.span,
                    format!("a {class} has no method `{text}`"),
                );
                Err(d
                    .help_opt(
                        nearest(text, known.iter().copied())
                            .map(|n| format!("did you mean `{n}`?")),
                    )
                    .into())
            }
        }
    }

    pub(super) fn part_method(&mut self, part: Part, name: &Ident, args: &CallArgs) -> Told<Value> {
        match name.name.as_str() {
            "set_states" | "get_states" => self.states(part.object, Some(part), name, args),
            text => Err(Diagnostic::error(
                "unknown-attribute",
                name.span,
                format!("a Subgroup has no method `{text}`"),
            )
            .into()),
        }
    }

    pub(super) fn states(
        &mut self,
        id: ObjectId,
        part: Option<Part>,
        name: &Ident,
        args: &CallArgs,
    ) -> Told<Value> {
        let format = args.named.iter().find(|(n, _)| n.name == "format");
        if let Some((_, given)) = format
            && given.value.as_text().is_none_or(|t| t.as_str() != "dict")
        {
            return Err(Diagnostic::error(
                "not-supported",
                given.span,
                format!("{}: states come as a dict only", name.name),
            )
            .help("leave out `format`")
            .into());
        }
        if name.name == "set_states" {
            let bound = args.bind("set_states", SET_STATES)?;
            if bound
                .get("values")
                .is_some_and(|v| matches!(v.value, Value::Unknown(_)))
            {
                return Ok(Value::None);
            }
            let Some(Spanned {
                value: Value::Dict(values),
                span,
            }) = bound.given("values")
            else {
                return Err(bound.wrong("values", "a dict of names and values"));
            };
            let units = bound.flag("units")?.unwrap_or(true);
            let mut said = Diagnostics::new();
            for (key, value) in values {
                let key = if units {
                    key.clone()
                } else {
                    format!("{key}_")
                };
                if let Err(d) = self.set(
                    id,
                    part,
                    &key,
                    None,
                    AssignOp::Set,
                    &Spanned {
                        value: value.clone(),
                        span: *span,
                    },
                    *span,
                ) {
                    said.extend(d);
                }
            }
            return if said.is_empty() {
                Ok(Value::None)
            } else {
                Err(said)
            };
        }
        let bound = args.bind("get_states", GET_STATES)?;
        let units = bound.flag("units")?.unwrap_or(true);
        let names: Vec<String> = match bound.given("vars").map(|v| &v.value) {
            Some(Value::Str(t)) => vec![t.as_str().to_owned()],
            Some(Value::List(v) | Value::Tuple(v)) => v
                .iter()
                .filter_map(|x| x.as_text().map(|t| t.as_str().to_owned()))
                .collect(),
            _ => self
                .attribute_names(id)
                .into_iter()
                .filter(|n| self.known(id, n).is_some_and(|k| !k.computed))
                .collect(),
        };
        let mut all = indexmap::IndexMap::new();
        for key in names {
            let asked = if units {
                key.clone()
            } else {
                format!("{key}_")
            };
            all.insert(key, self.view(id, part, &asked, name.span)?);
        }
        Ok(Value::Dict(all))
    }

    fn run_regularly(
        &mut self,
        ctx: &mut Context<'_>,
        id: ObjectId,
        args: &CallArgs,
    ) -> Told<Value> {
        let bound = args.bind("run_regularly", REGULAR)?;
        let Some(Spanned {
            value: Value::Str(text),
            ..
        }) = bound.given("code")
        else {
            return Err(bound.wrong("code", "a string of statements"));
        };
        let (statements, said) = dslsim_syntax::parse_statements(text);
        told(ctx, said)?;
        let dt = self.time(&bound, "dt")?;
        let when = self.slot(&bound, "when", "start")?;
        let order = bound.int("order")?.unwrap_or(0) as i32;
        let object = self.network.get_mut(id);
        let base = format!("{}_run_regularly", object.name);
        let mut number = 0;
        if let Kind::Neurons(dslsim_model::network::Neurons { regular, .. })
        | Kind::Synapses(dslsim_model::network::Synapses { regular, .. }) = &mut object.kind
        {
            let count = regular.len();
            number = count;
            let name = if count == 0 {
                base
            } else {
                format!("{base}_{count}")
            };
            regular.push(Regular {
                name,
                statements,
                dt,
                when,
                order,
                active: true,
            });
        }
        Ok(self.refer(Handle::Action(id, ActionOf::Regular(number))))
    }
}
