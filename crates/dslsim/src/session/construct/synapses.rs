//! `Synapses(…)`: equations, pathways, delays. Which neurons they join is said later, by `connect`.

use dslsim_model::network::{Kind, ObjectId, Pathway, Synapses};
use dslsim_model::variables::{Owner, Variables};
use dslsim_script::{Bound, CallArgs, Context, Param, Value};
use dslsim_source::{Diagnostic, Diagnostics, Text};

use super::Told;
use super::arguments::{keep, method, not_yet, told};
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
        not_yet(
            "Synapses",
            &bound,
            &[
                "connect",
                "multisynaptic_index",
                "dtype",
                "method_options",
                "clock",
                "on_event",
            ],
        )?;
        let source = self.part(&bound, "source")?;
        let target = if bound.given("target").is_some() {
            self.part(&bound, "target")?
        } else {
            source
        };
        let mut said = Diagnostics::new();
        let equations =
            keep(&mut said, self.equations(bound.given("model"), ctx)).unwrap_or_default();
        let variables = Variables::from_equations(&equations, Owner::Synapses, &mut said);
        let method = keep(&mut said, method(&bound)).flatten();
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
        for p in &pathways {
            if let Err(d) = self.spiking(
                &bound,
                if p.presynaptic { "source" } else { "target" },
                if p.presynaptic { source } else { target },
            ) {
                said.extend(d);
            }
        }
        if said.has_errors() {
            return Err(said);
        }
        said.into_iter().for_each(|d| ctx.push(d));
        let delay = self.time(&bound, "delay")?;
        let count = pathways.len();
        let kind = Kind::Synapses(Synapses {
            source,
            target,
            variables,
            method,
            pathways,
            regular: Vec::new(),
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
        if let Some(delay) = delay {
            if delay < 0.0 {
                return Err(Diagnostic::error(
                    "negative-delay",
                    bound.span_of("delay"),
                    format!("a delay cannot be negative ({delay} s)"),
                )
                .into());
            }
            let array = self.delay_array(id, 0);
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
                statements,
                order,
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

    /// The delays of a pathway.
    pub(in crate::session) fn delay_array(
        &mut self,
        id: ObjectId,
        pathway: usize,
    ) -> dslsim_ir::ArrayId {
        let n = self.network.size(id);
        self.registry.scratch(
            &mut self.simulation.store,
            id,
            &format!("delay.{pathway}"),
            n,
        )
    }
}
