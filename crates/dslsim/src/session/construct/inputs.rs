//! Sources of spikes without equations: `PoissonGroup(…)`, `SpikeGeneratorGroup(…)`, `PoissonInput(…)`.

use dslsim_model::network::{Generator, Input, Kind, ObjectId, Poisson, SPIKE, Weight, rates};
use dslsim_model::variables::VarKind;
use dslsim_model::words::has_unit;
use dslsim_script::{Bound, CallArgs, Context, Param, Spanned, Value};
use dslsim_source::{Diagnostic, Diagnostics};
use dslsim_units::Dim;

use super::Told;
use super::arguments::{flat, not_yet, numbers};
use crate::session::Session;

const POISSON_GROUP: &[Param] = &[
    Param::required("N"),
    Param::required("rates"),
    Param::optional("dt"),
    Param::optional("clock"),
    Param::optional("when"),
    Param::optional("order"),
    Param::optional("namespace"),
    Param::optional("name"),
];

const GENERATOR: &[Param] = &[
    Param::required("N"),
    Param::required("indices"),
    Param::required("times"),
    Param::optional("dt"),
    Param::optional("clock"),
    Param::optional("period"),
    Param::optional("when"),
    Param::optional("order"),
    Param::optional("sorted"),
    Param::optional("name"),
];

const SET_SPIKES: &[Param] = &[
    Param::required("indices"),
    Param::required("times"),
    Param::optional("period"),
    Param::optional("sorted"),
];

impl Session<'_> {
    pub(super) fn poisson_group(
        &mut self,
        ctx: &mut Context<'_>,
        args: &CallArgs,
    ) -> Told<ObjectId> {
        let bound = args.bind("PoissonGroup", POISSON_GROUP)?;
        not_yet("PoissonGroup", &bound, &["clock", "when"])?;
        let n = self.count(&bound)?;
        let Some(given) = bound.given("rates") else {
            return Err(bound.wrong("rates", "a rate in hertz"));
        };
        let expr = match &given.value {
            Value::Str(_) => self.expression(&bound, "rates", ctx)?,
            _ => None,
        };
        let text = matches!(given.value, Value::Str(_));
        let kind = match expr {
            Some(expr) => VarKind::Subexpression(expr),
            None if text => return Err(Diagnostics::new()),
            None => VarKind::Parameter,
        };
        // A wrong rate is told; the group exists all the same, so that the rest of the file can be checked.
        let values = match rate_values(&bound, given, n) {
            _ if text => None,
            Ok(values) => Some(values),
            Err(said) => {
                said.into_iter().for_each(|d| ctx.push(d));
                None
            }
        };
        let id = self.add_object(
            &bound,
            "poissongroup",
            0,
            Kind::Poisson(Poisson {
                n,
                variables: rates(kind, given.span),
            }),
        )?;
        self.add_event(id, SPIKE, n);
        self.make_arrays(id);
        if let (Some(values), Some(array)) = (values, self.registry.find(id, "rates")) {
            match values.as_slice() {
                [x] => self.simulation.store.fill(array, *x),
                all => self.simulation.store.assign(array, all),
            }
        }
        Ok(id)
    }

    /// `P.set_spikes(…)`: other spikes from now on.
    pub(in crate::session) fn set_spikes(
        &mut self,
        ctx: &mut Context<'_>,
        id: ObjectId,
        args: &CallArgs,
    ) -> Told<Value> {
        let bound = args.bind("set_spikes", SET_SPIKES)?;
        let new = given_spikes(&bound, self.network.size(id))?;
        let period = self.time(&bound, "period")?.filter(|p| *p != 0.0);
        let clock = self.clock_of(self.network.get(id).dt);
        let now = self.simulation.time(clock);
        let dt = self.object_dt(id);
        let late = new.iter().filter(|s| s.1 < now - 1e-3 * dt).count();
        if late > 0 && period.is_none() {
            ctx.push(
                Diagnostic::warning(
                    "past-spikes",
                    bound.span_of("times"),
                    format!(
                        "{late} of the spikes lie before the present time, {}: they are ignored",
                        dslsim_units::format_quantity(now, Dim::TIME)
                    ),
                )
                .help("times count from the beginning of the simulation"),
            );
        }
        if let Kind::Generator(g) = &mut self.network.get_mut(id).kind {
            g.spikes = new;
            g.period = period;
            g.span = bound.span_of("times");
        }
        Ok(Value::None)
    }

    pub(super) fn generator(&mut self, args: &CallArgs) -> Told<ObjectId> {
        let bound = args.bind("SpikeGeneratorGroup", GENERATOR)?;
        not_yet("SpikeGeneratorGroup", &bound, &["clock", "when"])?;
        let n = self.count(&bound)?;
        let spikes = given_spikes(&bound, n)?;
        let period = self.time(&bound, "period")?.filter(|p| *p != 0.0);
        let span = bound.span_of("times");
        let id = self.add_object(
            &bound,
            "spikegeneratorgroup",
            0,
            Kind::Generator(Generator {
                n,
                spikes,
                span,
                period,
            }),
        )?;
        self.add_event(id, SPIKE, n);
        Ok(id)
    }
}

/// The spikes that `indices` and `times` give.
fn given_spikes(bound: &Bound, n: usize) -> Told<Vec<(u32, f64)>> {
    let indices = numbers(bound, "indices")?;
    let (times, dim) = (
        numbers(bound, "times")?,
        bound.given("times").and_then(|g| g.value.dim()),
    );
    if let Some(dim) = dim
        && dim != Dim::TIME
        && times.iter().any(|t| *t != 0.0)
    {
        return Err(Diagnostic::error(
            "dimension-mismatch",
            bound.span_of("times"),
            format!(
                "{}: `times` must be times in second, but they are {}",
                bound.function,
                has_unit(dim)
            ),
        )
        .help("multiply them by `ms` or `second`")
        .into());
    }
    if indices.len() != times.len() {
        return Err(Diagnostic::error(
            "length-mismatch",
            bound.span_of("times"),
            format!(
                "{}: {} indices, but {} times",
                bound.function,
                indices.len(),
                times.len()
            ),
        )
        .also(
            bound.span_of("indices"),
            format!("{} indices", indices.len()),
        )
        .help("each spike needs one index and one time")
        .into());
    }
    let mut spikes = Vec::with_capacity(times.len());
    for (&index, &time) in indices.iter().zip(&times) {
        if index.fract() != 0.0 || index < 0.0 || index >= n as f64 {
            return Err(Diagnostic::error(
                "index-out-of-range",
                bound.span_of("indices"),
                format!(
                    "SpikeGeneratorGroup: index {index} is not one of the {n} neurons (0 to {})",
                    n - 1
                ),
            )
            .into());
        }
        if time.is_nan() || time < 0.0 || time.is_infinite() {
            return Err(Diagnostic::error(
                "spike-times",
                bound.span_of("times"),
                format!("{}: a spike cannot be at {time} s", bound.function),
            )
            .into());
        }
        spikes.push((index as u32, time));
    }
    Ok(spikes)
}

const INPUT: &[Param] = &[
    Param::required("target"),
    Param::required("target_var"),
    Param::required("N"),
    Param::required("rate"),
    Param::required("weight"),
    Param::optional("when"),
    Param::optional("order"),
];

impl Session<'_> {
    pub(super) fn poisson_input(
        &mut self,
        ctx: &mut Context<'_>,
        args: &CallArgs,
    ) -> Told<ObjectId> {
        let bound = args.bind("PoissonInput", INPUT)?;
        let target = self.part(&bound, "target")?;
        let Some(variable) = bound.text("target_var")?.map(str::to_owned) else {
            return Err(bound.wrong("target_var", "the name of a variable"));
        };
        let at = bound.span_of("target_var");
        if self.known(target.object, &variable).is_none() {
            return Err(self.unknown_attribute(target.object, &variable, at));
        }
        let sources = self.count(&bound)?;
        let Some(given) = bound.given("rate") else {
            return Err(bound.wrong("rate", "a rate in hertz"));
        };
        let [rate] = rate_values(&bound, given, 1)?[..] else {
            return Err(bound.wrong("rate", "one rate in hertz"));
        };
        let p = rate * self.object_dt(target.object);
        if !(0.0..=1.0).contains(&p) {
            return Err(Diagnostic::error(
                "wrong-probability",
                given.span,
                format!(
                    "PoissonInput: a source would spike with probability {} in each step",
                    dslsim_units::round_digits(p, 12)
                ),
            )
            .help("the rate must not be negative, nor more than one spike per step")
            .into());
        }
        let weight = match bound.given("weight") {
            Some(Spanned {
                value: Value::Str(_),
                ..
            }) => match self.expression(&bound, "weight", ctx)? {
                Some(expr) => Weight::Expr(expr),
                None => return Err(Diagnostics::new()),
            },
            Some(given) => match (given.value.as_f64(), given.value.dim()) {
                (Some(x), Some(dim)) => Weight::Number(x, dim, given.span),
                _ => return Err(bound.wrong("weight", "a number or a string")),
            },
            None => return Err(bound.wrong("weight", "a number or a string")),
        };
        let when = self.slot(&bound, "when", "synapses")?;
        self.add_object(
            &bound,
            "poissoninput",
            0,
            Kind::Input(Input {
                target,
                variable: (variable, at),
                sources: sources as u32,
                rate,
                weight,
                when,
            }),
        )
    }
}

fn rate_values(bound: &Bound, given: &Spanned<Value>, n: usize) -> Told<Vec<f64>> {
    let values = flat(&given.value)
        .ok_or_else(|| bound.wrong("rates", "a rate in hertz, an array of rates, or a string"))?;
    let dim = given.value.dim().unwrap_or(Dim::NONE);
    if dim != Dim::HERTZ && !given.value.is_plain_zero() {
        return Err(Diagnostic::error(
            "dimension-mismatch",
            given.span,
            format!(
                "{}: rates must be in hertz (Hz, 1/second), but this is {}",
                bound.function,
                has_unit(dim)
            ),
        )
        .help("multiply by `Hz`")
        .into());
    }
    if values.len() != 1 && values.len() != n {
        return Err(Diagnostic::error(
            "length-mismatch",
            given.span,
            format!("{}: {} rates for {n} sources", bound.function, values.len()),
        )
        .into());
    }
    Ok(values)
}
