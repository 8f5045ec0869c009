//! `brian_plot(M)`: the usual picture of a monitor, as brian2tools draws it.

use dslsim_model::network::{Kind, ObjectId};
use dslsim_script::{CallArgs, Param, Spanned, Value};
use dslsim_source::{Diagnostic, Diagnostics, Span, Text};
use dslsim_syntax::ast::Ident;
use dslsim_units::Dim;

use crate::session::Session;

use super::read::Told;

/// The factor and the name of a handy unit for times.
fn in_ms(value: Value) -> Value {
    scaled(value, 1e3)
}

/// All numbers times a factor, without unit.
fn scaled(value: Value, by: f64) -> Value {
    match super::read::nested(&value) {
        Some((values, shape)) if !shape.is_empty() => Value::Array(dslsim_script::Array::floats(
            values.into_iter().map(|x| x * by).collect(),
            &shape,
            Dim::NONE,
        )),
        Some((values, _)) => Value::Float(values.first().copied().unwrap_or(f64::NAN) * by),
        None => Value::Unknown(Some(Dim::NONE)),
    }
}

impl Session<'_> {
    /// `brian_plot(M)`
    pub(crate) fn brian_plot(&mut self, args: &CallArgs) -> Told<Value> {
        let bound = args.bind(
            "brian_plot",
            &[Param::required("brian_obj"), Param::optional("axes")],
        )?;
        let Some(given) = bound.given("brian_obj").cloned() else {
            return Ok(Value::None);
        };
        if given.value.is_unknown() {
            return Ok(Value::None);
        }
        let Some(id) = self.object_of(&given.value) else {
            return Err(bound.wrong("brian_obj", "a monitor"));
        };
        let span = given.span;
        let word = |s: &str| Spanned::new(Value::Str(Text::computed(s, span)), span);
        let number = |x: f64| Spanned::new(Value::Float(x), span);
        let call = |positional: Vec<Spanned<Value>>, named: Vec<(&str, Spanned<Value>)>| CallArgs {
            positional,
            named: named
                .into_iter()
                .map(|(n, v)| {
                    (
                        Ident {
                            name: n.into(),
                            span,
                        },
                        v,
                    )
                })
                .collect(),
            span,
        };
        let at = match bound.given("axes") {
            Some(v) => match self.pictures.pic_of(&v.value) {
                Some(super::Pic::Axes(at)) => at,
                _ => return Err(bound.wrong("axes", "axes")),
            },
            None => self.pictures.gca(),
        };
        let kind = self.kind_of(id);
        let (draw, x, y) = match kind {
            Kind::SpikeMonitor(_) => {
                let t = in_ms(self.recorded_values(id, "t", span)?);
                let i = scaled(self.recorded_values(id, "i", span)?, 1.0);
                let args = call(
                    vec![Spanned::new(t, span), Spanned::new(i, span), word(".k")],
                    vec![],
                );
                (vec![args], "time (ms)", "neuron index".to_owned())
            }
            Kind::StateMonitor(m) => {
                let mut all = Vec::new();
                let mut label = String::new();
                for (name, _) in &m.variables {
                    let t = in_ms(self.recorded_values(id, "t", span)?);
                    let v = self.recorded_values(id, name, span)?;
                    let unit = v.dim().unwrap_or(Dim::NONE);
                    if label.is_empty() {
                        label = name.clone();
                        if !unit.is_none() {
                            label = format!("{name} ({})", dslsim_model::words::unit(unit));
                        }
                    }
                    let turned = turned(&scaled(v, 1.0));
                    all.push(call(
                        vec![Spanned::new(t, span), Spanned::new(turned, span)],
                        vec![],
                    ));
                }
                (all, "time (ms)", label)
            }
            Kind::RateMonitor(_) => {
                let t = in_ms(self.recorded_values(id, "t", span)?);
                let rate = scaled(self.recorded_values(id, "rate", span)?, 1.0);
                let args = call(
                    vec![Spanned::new(t, span), Spanned::new(rate, span)],
                    vec![],
                );
                (vec![args], "time (ms)", "population rate (sp/s)".to_owned())
            }
            Kind::Synapses(_) => {
                let i = scaled(self.recorded_values(id, "i", span)?, 1.0);
                let j = scaled(self.recorded_values(id, "j", span)?, 1.0);
                let args = call(
                    vec![Spanned::new(i, span), Spanned::new(j, span)],
                    vec![("marker", word(",")), ("c", word("k")), ("s", number(4.0))],
                );
                super::points::scatter(&mut self.pictures, at, &args, "scatter")?;
                (
                    Vec::new(),
                    "source neuron index",
                    "target neuron index".to_owned(),
                )
            }
            _ => {
                return Err(Diagnostic::error(
                    "wrong-type",
                    span,
                    format!("brian_plot: {} cannot be drawn", given.value.describe()),
                )
                .help("monitors and synapses can")
                .into());
            }
        };
        for args in &draw {
            super::lines::plot(&mut self.pictures, at, args, "plot")?;
        }
        let label = |s: &str| call(vec![word(s)], vec![]);
        super::words::axis_label(&mut self.pictures, at, &label(x), "xlabel")?;
        super::words::axis_label(&mut self.pictures, at, &label(&y), "ylabel")?;
        Ok(self.pictures.refer(super::Pic::Axes(at)))
    }

    /// What a monitor or synapses have under a name.
    fn recorded_values(
        &mut self,
        id: ObjectId,
        name: &str,
        span: Span,
    ) -> Result<Value, Diagnostics> {
        self.values_named(id, name, span)
    }
}

/// An array with its two axes exchanged.
fn turned(value: &Value) -> Value {
    let Some((values, shape)) = super::read::nested(value) else {
        return value.clone();
    };
    let [rows, cols] = shape.as_slice() else {
        return value.clone();
    };
    let out = (0..*cols)
        .flat_map(|c| (0..*rows).map(move |r| r * cols + c))
        .filter_map(|k| values.get(k).copied())
        .collect();
    Value::Array(dslsim_script::Array::floats(
        out,
        &[*cols, *rows],
        Dim::NONE,
    ))
}
