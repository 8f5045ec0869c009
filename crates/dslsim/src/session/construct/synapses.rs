//! `Synapses(…)`: equations, pathways, delays. Which neurons they join is said later, by `connect`.

use dslsim_model::network::{Kind, ObjectId, Pathway, SPIKE, Synapses};
use dslsim_model::variables::{Owner, Variables};
use dslsim_script::{Bound, CallArgs, Context, Param, Spanned, Value};
use dslsim_source::{Diagnostic, Diagnostics, Text};

use super::Told;
use super::arguments::{keep, not_yet, told};
use super::method::method;
use crate::session::Session;

const SYNAPSES: &[Param] = &[
    Param::required("source"),
    Param::optional("target"),
    Param::optional("model"),
    Param::optional("on_pre"),
    Param::optional("pre"),
    Param::optional("on_post"),
    Param::optional("post"),
    Param::optional("connect"),
    Param::optional("delay"),
    Param::optional("on_event"),
    Param::optional("multisynaptic_index"),
    Param::optional("namespace"),
    Param::optional("dtype"),
    Param::optional("dt"),
    Param::optional("clock"),
    Param::optional("order"),
    Param::optional("method"),
    Param::optional("method_options"),
    Param::optional("name"),
];

impl Session<'_> {
    pub(super) fn synapses(&mut self, ctx: &mut Context<'_>, args: &CallArgs) -> Told<ObjectId> {
        let bound = args.bind("Synapses", SYNAPSES)?;
        not_yet("Synapses", &bound, &["connect", "dtype", "clock"])?;
        let source = self.part(&bound, "source")?;
        let target = if bound.given("target").is_some() {
            self.part(&bound, "target")?
        } else {
            source
        };
        let mut said = Diagnostics::new();
        let equations =
            keep(&mut said, self.equations(bound.given("model"), ctx)).unwrap_or_default();
        let mut variables = Variables::from_equations(&equations, Owner::Synapses, &mut said);
        let multisynaptic = bound.text("multisynaptic_index")?.map(str::to_owned);
        if let Some(name) = &multisynaptic {
            let place = bound.span_of("multisynaptic_index");
            let word = |c: char| c.is_alphanumeric() || c == '_';
            let taken = variables.get(name).is_some()
                || matches!(name.as_str(), "i" | "j" | "N" | "t" | "dt" | "delay");
            if taken
                || name.is_empty()
                || !name.chars().all(word)
                || name.starts_with(|c: char| c.is_numeric())
            {
                said.push(
                    Diagnostic::error(
                        "reserved-name",
                        place,
                        if taken {
                            format!("Synapses: `{name}` is already a variable of the synapses")
                        } else {
                            format!("Synapses: `{name}` cannot be the name of a variable")
                        },
                    )
                    .help("choose another name for `multisynaptic_index`"),
                );
            } else {
                variables.insert(dslsim_model::network::numbering(name, place));
            }
        }
        let method = keep(&mut said, method(&bound, &variables)).flatten();
        let mut pathways = Vec::new();
        for (names, presynaptic, order) in [
            (["on_pre", "pre"], true, -1),
            (["on_post", "post"], false, 1),
        ] {
            for name in names {
                keep(
                    &mut said,
                    self.pathways(&bound, name, presynaptic, order, ctx),
                )
                .into_iter()
                .for_each(|p| pathways.extend(p));
            }
        }
        keep(&mut said, self.triggers(&bound, &mut pathways));
        for p in &pathways {
            let (side, part) = if p.presynaptic {
                ("source", source)
            } else {
                ("target", target)
            };
            keep(&mut said, self.happening(&bound, side, part, &p.event));
        }
        let delays = keep(&mut said, self.delays(&bound, &mut pathways)).unwrap_or_default();
        if said.has_errors() {
            return Err(said);
        }
        said.into_iter().for_each(|d| ctx.push(d));
        let count = pathways.len();
        let kind = Kind::Synapses(Synapses {
            source,
            target,
            variables,
            method,
            pathways,
            regular: Vec::new(),
            multisynaptic,
            n: 0,
            connected: false,
        });
        let id = self.add_object(&bound, "synapses", 0, kind)?;
        self.make_arrays(id);
        for presynaptic in [true, false] {
            self.registry
                .table(&mut self.simulation.store, id, presynaptic);
        }
        self.extra(id).queues = (0..count).map(|_| self.simulation.add_queue()).collect();
        for (pathway, delay) in delays {
            let array = self.delay_array(id, pathway);
            self.simulation.store.fill(array, delay);
        }
        Ok(id)
    }

    fn pathways(
        &mut self,
        bound: &Bound,
        argument: &str,
        presynaptic: bool,
        order: i32,
        ctx: &mut Context<'_>,
    ) -> Told<Vec<Pathway>> {
        let default = if presynaptic { "pre" } else { "post" };
        let Some(given) = bound.given(argument) else {
            return Ok(Vec::new());
        };
        let single = |name: &str, text: &Text, ctx: &mut Context<'_>| -> Told<Pathway> {
            let (statements, said) = dslsim_syntax::parse_statements(text);
            told(ctx, said)?;
            Ok(Pathway {
                name: name.into(),
                presynaptic,
                event: SPIKE.into(),
                statements,
                when: "synapses".into(),
                order,
                active: true,
                one_delay: false,
                span: text.whole(),
            })
        };
        match &given.value {
            Value::Str(text) => Ok(vec![single(default, text, ctx)?]),
            Value::Dict(all) => {
                let mut pathways = Vec::new();
                for (name, value) in all {
                    let Value::Str(text) = value else {
                        return Err(bound.wrong(argument, "a dict of strings"));
                    };
                    pathways.push(single(name, text, ctx)?);
                }
                Ok(pathways)
            }
            _ => Err(bound.wrong(argument, "a string of statements")),
        }
    }

    /// What drives pathways, if not spikes: `on_event='name'`, `on_event={'pathway': 'name'}`.
    fn triggers(&self, bound: &Bound, pathways: &mut [Pathway]) -> Told<()> {
        match bound.given("on_event").map(|g| &g.value) {
            None => Ok(()),
            Some(Value::Str(event)) => {
                pathways
                    .iter_mut()
                    .for_each(|p| p.event = event.as_str().into());
                Ok(())
            }
            Some(Value::Dict(all)) => {
                for (name, event) in all {
                    let Value::Str(event) = event else {
                        return Err(
                            bound.wrong("on_event", "a dict of names of pathways and events")
                        );
                    };
                    pathway_named(bound, "on_event", pathways, name)?.event = event.as_str().into();
                }
                Ok(())
            }
            Some(_) => Err(bound.wrong(
                "on_event",
                "the name of an event, or a dict of pathways and events",
            )),
        }
    }

    /// Delays that all synapses of a pathway have: `delay=2*ms`, `delay={'pathway': 2*ms}`.
    fn delays(&self, bound: &Bound, pathways: &mut [Pathway]) -> Told<Vec<(usize, f64)>> {
        let Some(given) = bound.given("delay") else {
            return Ok(Vec::new());
        };
        let mut wanted: Vec<(String, Spanned<Value>)> = Vec::new();
        if let Value::Dict(all) = &given.value {
            wanted.extend(
                all.iter()
                    .map(|(name, value)| (name.clone(), Spanned::new(value.clone(), given.span))),
            );
        } else {
            wanted.push(("pre".into(), given.clone()));
        }
        let mut delays = Vec::new();
        for (name, value) in wanted {
            pathway_named(bound, "delay", pathways, &name)?.one_delay = true;
            let delay = self
                .time_value(&bound.function, "delay", &value)?
                .ok_or_else(|| bound.wrong("delay", "a time"))?;
            if delay.is_nan() || delay < 0.0 {
                return Err(Diagnostic::error(
                    "negative-delay",
                    given.span,
                    format!("a delay cannot be negative ({delay} s)"),
                )
                .into());
            }
            let at = pathways.iter().position(|p| p.name == name).unwrap_or(0);
            delays.push((at, delay));
        }
        Ok(delays)
    }

    /// The delays of a pathway.
    pub(in crate::session) fn delay_array(
        &mut self,
        id: ObjectId,
        pathway: usize,
    ) -> dslsim_ir::ArrayId {
        let name = match &self.network.get(id).kind {
            Kind::Synapses(s) => s.pathways.get(pathway).map(|p| delay_name(&p.name)),
            _ => None,
        };
        let name = name.unwrap_or_else(|| "delay".into());
        self.registry
            .variable(&mut self.simulation.store, &self.network, id, &name)
    }
}

/// The variable that holds the delays of a pathway.
pub(in crate::session) fn delay_name(pathway: &str) -> String {
    if pathway == "pre" {
        "delay".into()
    } else {
        format!("{pathway}.delay")
    }
}

/// The pathway that a dict names.
fn pathway_named<'p>(
    bound: &Bound,
    argument: &str,
    pathways: &'p mut [Pathway],
    name: &str,
) -> Told<&'p mut Pathway> {
    let known: Vec<String> = pathways.iter().map(|p| p.name.clone()).collect();
    pathways.iter_mut().find(|p| p.name == name).ok_or_else(|| {
        let message = if matches!(
            bound.given(argument).map(|g| &g.value),
            Some(Value::Dict(_))
        ) {
            format!("Synapses: `{argument}` names the pathway `{name}`, which does not exist")
        } else {
            format!("Synapses: `{argument}` is for the pathway `{name}`, which does not exist")
        };
        let help = if known.is_empty() {
            "give the synapses an `on_pre='…'`".to_owned()
        } else {
            format!(
                "name the pathway: `{argument}={{'{}': …}}`",
                known.join("': …, '")
            )
        };
        Diagnostic::error("unknown-pathway", bound.span_of(argument), message)
            .help(help)
            .into()
    })
}
