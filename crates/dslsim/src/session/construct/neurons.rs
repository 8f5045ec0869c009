//! `NeuronGroup(…)`

use dslsim_model::network::{Kind, Neurons, ObjectId, Refractory};
use dslsim_model::variables::{Owner, Variables};
use dslsim_script::{Bound, CallArgs, Context, Param, Value};
use dslsim_source::{Diagnostic, Diagnostics};

use super::Told;
use super::arguments::{keep, method, not_yet, statements};
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
        not_yet(
            "NeuronGroup",
            &bound,
            &["events", "method_options", "dtype", "clock"],
        )?;
        let n = self.count(&bound)?;
        let mut said = Diagnostics::new();
        let equations =
            keep(&mut said, self.equations(bound.given("model"), ctx)).unwrap_or_default();
        let variables = Variables::from_equations(&equations, Owner::Neurons, &mut said);
        let unreadable = said.has_errors();
        let method = keep(&mut said, method(&bound)).flatten();
        let threshold = keep(&mut said, self.expression(&bound, "threshold", ctx)).flatten();
        let reset = keep(&mut said, statements(&bound, "reset", ctx)).flatten();
        let refractory = keep(&mut said, self.refractory(&bound, ctx)).unwrap_or(Refractory::None);
        // What is wrong is told; unless it is the equations, the group exists all the same, so that the rest of the file can
        // be checked.
        said.into_iter().for_each(|d| ctx.push(d));
        if unreadable {
            return Err(Diagnostics::new());
        }
        if threshold.is_some()
            && bound.given("reset").is_none()
            && refractory == Refractory::None
            && bound.given("events").is_none()
        {
            let warning = Diagnostic::warning("threshold-without-reset", bound.span_of("threshold"), "the group has a threshold but neither reset nor refractory: it will spike in every step while above")
                .help("give `reset='v = …'`, or `refractory='v > …'`");
            ctx.push(warning);
        }
        let spiking = threshold.is_some() || bound.given("threshold").is_some();
        let id = self.add_object(
            &bound,
            "neurongroup",
            0,
            Kind::Neurons(Neurons {
                n,
                variables,
                method,
                threshold,
                reset,
                refractory,
                regular: Vec::new(),
            }),
        )?;
        if spiking {
            self.extra(id).spikes = Some(self.simulation.add_spikes(n as u32));
        }
        self.make_arrays(id);
        Ok(id)
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
