//! Rates from recordings: `smooth_rate(…)` and `binned_rate(…)` of population rates, and, neuron by neuron, of spikes and other events.

use std::borrow::Cow;

use dslsim_model::network::{Kind, ObjectId};
use dslsim_runtime::{
    Monitor, WindowError, binned_rate, flat_window, gaussian_window, smooth_rate,
};
use dslsim_script::{Array, Bound, CallArgs, Param, Value};
use dslsim_source::{Diagnostic, Diagnostics, Span};
use dslsim_units::Dim;

use super::Session;

type Told<T> = Result<T, Diagnostics>;

const SMOOTH_RATE: &[Param] = &[Param::optional("window"), Param::optional("width")];
const BINNED_RATE: &[Param] = &[Param::required("bin_size")];

fn wrong(call: &str, e: &WindowError, span: Span) -> Diagnostics {
    Diagnostic::error("wrong-value", span, format!("{call}: {e}")).into()
}

impl Session<'_> {
    /// The time step of what a monitor records.
    fn recorded_dt(&self, id: ObjectId) -> f64 {
        match &self.network.get(id).kind {
            Kind::RateMonitor(m) => self.object_dt(m.source.object),
            Kind::SpikeMonitor(m) => self.object_dt(m.source.object),
            _ => self.object_dt(id),
        }
    }

    /// `R.smooth_rate(window=…, width=…)`
    pub(super) fn smooth_rate(&self, id: ObjectId, args: &CallArgs, span: Span) -> Told<Value> {
        let bound = args.bind("smooth_rate", SMOOTH_RATE)?;
        let width = self.time(&bound, "width")?;
        if args.has_unknown() || self.options.check {
            return Ok(Value::Unknown(Some(Dim::HERTZ)));
        }
        let dt = self.recorded_dt(id);
        let window = self.window(&bound, width, dt, span)?;
        let smooth = |rate: &[f64]| {
            smooth_rate(rate, &window).map_err(|e| wrong("smooth_rate", &e, args.span))
        };
        match self.recording(id) {
            Some(Monitor::Spikes(_)) => {
                let (n, bins, all) = self.event_rates(id, 1, dt, span)?;
                let mut out = Vec::with_capacity(all.len());
                for row in all.chunks_exact(bins.max(1)) {
                    // Longer windows give more values than there are steps; each neuron has as many as there are steps.
                    out.extend(smooth(row)?.into_iter().take(bins));
                }
                Ok(Value::Array(Array::floats(out, &[n, bins], Dim::HERTZ)))
            }
            recording => {
                let rate = match recording.and_then(Monitor::as_rate) {
                    Some(r) => self.here(r.rate(), span)?,
                    None => Cow::Borrowed(&[][..]),
                };
                Ok(Value::Array(Array::vector(smooth(&rate)?, Dim::HERTZ)))
            }
        }
    }

    fn window(&self, bound: &Bound, width: Option<f64>, dt: f64, span: Span) -> Told<Vec<f64>> {
        let width = || {
            width.ok_or_else(|| {
                Diagnostics::from(
                    Diagnostic::error(
                        "missing-argument",
                        bound.span,
                        "smooth_rate needs the argument `width`",
                    )
                    .help("give `width=10*ms` or the like"),
                )
            })
        };
        let made = match bound.given("window").map(|w| &w.value) {
            None => gaussian_window(width()?, dt),
            Some(Value::Str(text)) => match text.as_str() {
                "flat" => flat_window(width()?, dt),
                "gaussian" => gaussian_window(width()?, dt),
                other => {
                    return Err(Diagnostic::error(
                        "wrong-value",
                        text.whole(),
                        format!("there is no window `{other}`"),
                    )
                    .help("use 'flat', 'gaussian', or an array")
                    .into());
                }
            },
            Some(_) if bound.given("width").is_some() => {
                return Err(Diagnostic::error(
                    "wrong-value",
                    bound.span_of("width"),
                    "smooth_rate: a window given as an array has its width in it",
                )
                .help("leave out `width`")
                .into());
            }
            Some(other) => Ok(super::construct::flat(other)
                .ok_or_else(|| bound.wrong("window", "'flat', 'gaussian', or an array"))?),
        };
        made.map_err(|e| wrong("smooth_rate", &e, span))
    }

    /// `R.binned_rate(10*ms)`: the beginnings of the bins, and the rates.
    pub(super) fn binned_rate(&self, id: ObjectId, args: &CallArgs) -> Told<Value> {
        let bound = args.bind("binned_rate", BINNED_RATE)?;
        let bin = self.time(&bound, "bin_size")?.unwrap_or(0.0);
        if args.has_unknown() || self.options.check {
            return Ok(Value::Tuple(vec![
                Value::Unknown(Some(Dim::TIME)),
                Value::Unknown(Some(Dim::HERTZ)),
            ]));
        }
        let dt = self.recorded_dt(id);
        let times = |first: f64, count: usize, steps: usize| {
            let t = (0..count)
                .map(|b| first + (b * steps) as f64 * dt)
                .collect();
            Value::Array(Array::vector(t, Dim::TIME))
        };
        let refuse = |e: WindowError| wrong("binned_rate", &e, args.span);
        if let Some(Monitor::Spikes(_)) = self.recording(id) {
            let (steps, _) = binned_rate(&[], bin, dt).map_err(refuse)?;
            let (n, bins, all) = self.event_rates(id, steps, bin, args.span)?;
            let rates = Value::Array(Array::floats(all, &[n, bins], Dim::HERTZ));
            return Ok(Value::Tuple(vec![times(0.0, bins, steps), rates]));
        }
        let recording = self.recording(id).and_then(Monitor::as_rate);
        let (t0, rate) = match recording {
            Some(r) => {
                let mut first = [0.0];
                if !r.t().is_empty() {
                    self.first_of(r.t(), &mut first, args.span)?;
                }
                (first[0], self.here(r.rate(), args.span)?)
            }
            None => (0.0, Cow::Borrowed(&[][..])),
        };
        let (steps, means) = binned_rate(&rate, bin, dt).map_err(refuse)?;
        Ok(Value::Tuple(vec![
            times(t0, means.len(), steps),
            Value::Array(Array::vector(means, Dim::HERTZ)),
        ]))
    }

    /// Events per second in each complete bin of so many steps, counted from time 0: number of neurons, of bins, and the rates.
    fn event_rates(
        &self,
        id: ObjectId,
        steps: usize,
        bin: f64,
        span: Span,
    ) -> Told<(usize, usize, Vec<f64>)> {
        let Kind::SpikeMonitor(m) = &self.network.get(id).kind else {
            return Ok((0, 0, Vec::new()));
        };
        let (n, dt) = (m.source.len(), self.recorded_dt(id));
        let done = ((self.simulation.now() + 1e-3 * dt) / dt).max(0.0) as usize;
        let bins = done / steps.max(1);
        let mut all = vec![0.0; n * bins];
        if let Some(r) = self.recording(id).and_then(Monitor::as_spikes) {
            let (i, t) = (self.here(r.i(), span)?, self.here(r.t(), span)?);
            for (i, t) in i.iter().zip(t.iter()) {
                let at = ((t + 1e-3 * dt) / dt) as usize / steps.max(1);
                // Events after the last complete bin belong to none.
                if at < bins && (*i as usize) < n {
                    all[*i as usize * bins + at] += 1.0;
                }
            }
        }
        all.iter_mut().for_each(|x| *x /= bin);
        Ok((n, bins, all))
    }
}
