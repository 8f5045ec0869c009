//! Sources of spikes without equations: `PoissonGroup(…)`, `SpikeGeneratorGroup(…)`.

use dslsim_model::network::{Generator, Kind, ObjectId, Poisson, SPIKE, rates};
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
                "negative-time",
                bound.span_of("times"),
                format!("{}: a spike cannot be at {time} s", bound.function),
            )
            .into());
        }
        spikes.push((index as u32, time));
    }
    Ok(spikes)
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
