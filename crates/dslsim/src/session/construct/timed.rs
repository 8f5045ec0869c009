//! `TimedArray(values, dt)`: values that change at fixed times. In equations it is a function of time (`I(t)`, `I(t, i)`); called by
//! the script it gives the values at the given times.

use std::rc::Rc;

use dslsim_model::expr::Timed;
use dslsim_model::words::has_unit;
use dslsim_script::{Array, CallArgs, ObjectRef, Param, Value, broadcast_shape};
use dslsim_source::Diagnostic;
use dslsim_syntax::ast::Ident;
use dslsim_units::Dim;

use super::Told;
use crate::session::Session;
use crate::session::attributes::unknown_member;
use crate::session::handles::Handle;

const TIMED_ARRAY: &[Param] = &[
    Param::required("values"),
    Param::required("dt"),
    Param::optional("name"),
];

impl Session<'_> {
    pub(super) fn timed_array(&mut self, args: &CallArgs) -> Told<Value> {
        let bound = args.bind("TimedArray", TIMED_ARRAY)?;
        let Some(given) = bound.given("values") else {
            return Err(bound.wrong("values", "an array"));
        };
        let Some((values, shape, dim)) = table(&given.value) else {
            return Err(bound.wrong("values", "an array of numbers"));
        };
        let (rows, columns) = match shape[..] {
            [rows] => (rows, None),
            [rows, columns] => (rows, Some(columns)),
            _ => {
                return Err(Diagnostic::error(
                    "wrong-value",
                    given.span,
                    format!(
                        "TimedArray: the values have {} dimensions, but it takes one (time) or two (time, column)",
                        shape.len()
                    ),
                )
                .into());
            }
        };
        if values.is_empty() {
            return Err(Diagnostic::error(
                "empty-array",
                given.span,
                "TimedArray: there are no values",
            )
            .help("give at least one value")
            .into());
        }
        let Some(dt) = self.time(&bound, "dt")? else {
            return Err(bound.wrong("dt", "a time"));
        };
        if !(dt > 0.0 && dt.is_finite()) {
            return Err(Diagnostic::error(
                "time-step",
                bound.span_of("dt"),
                format!("TimedArray: `dt` must be a positive time, not {dt} s"),
            )
            .into());
        }
        let array = self.simulation.store.add(values.len(), 0.0);
        self.simulation.store.assign(array, &values);
        let timed = Timed {
            name: bound.text("name")?.unwrap_or("the timed array").into(),
            array: array.0,
            rows,
            columns,
            dt,
        };
        Ok(self.refer(Handle::Timed(Rc::new(timed), dim)))
    }

    /// `I.values`, `I.dt`
    pub(in crate::session) fn timed_attribute(
        &self,
        timed: &Timed,
        dim: Dim,
        object: &ObjectRef,
        name: &Ident,
    ) -> Told<Value> {
        match name.name.as_str() {
            "dt" => Ok(Value::quantity(timed.dt, Dim::TIME)),
            text @ ("values" | "values_") => {
                let array = dslsim_ir::ArrayId(timed.array);
                let mut shape = vec![timed.rows];
                shape.extend(timed.columns);
                let dim = if text == "values" { dim } else { Dim::NONE };
                let values = self.simulation.store.to_vec(array);
                Ok(Value::Array(Array::floats(values, &shape, dim)))
            }
            _ => Err(unknown_member(object, name, &["values", "dt"])),
        }
    }

    /// A call by the script: `I(3*ms)`, `I(t, 2)`.
    pub(in crate::session) fn call_timed(
        &mut self,
        timed: &Timed,
        dim: Dim,
        args: &CallArgs,
    ) -> Told<Value> {
        const ONE: &[Param] = &[Param::required("t")];
        const TWO: &[Param] = &[Param::required("t"), Param::required("i")];
        if args.has_unknown() {
            return Ok(Value::Unknown(Some(dim)));
        }
        let params = if timed.columns.is_some() { TWO } else { ONE };
        let bound = args.bind(&timed.name, params)?;
        let read = |name: &str, what: &str, want: Dim| -> Told<(Vec<f64>, Vec<usize>)> {
            let Some(given) = bound.given(name) else {
                return Err(bound.wrong(name, what));
            };
            let Some((values, shape, dim)) = table(&given.value) else {
                return Err(bound.wrong(name, what));
            };
            if dim != want && values.iter().any(|x| *x != 0.0) {
                return Err(Diagnostic::error(
                    "dimension-mismatch",
                    given.span,
                    format!("a timed array takes {what}, but this is {}", has_unit(dim)),
                )
                .into());
            }
            Ok((values, shape))
        };
        let (times, shape) = read("t", "a time in second", Dim::TIME)?;
        let (chosen, chosen_shape) = match timed.columns {
            Some(_) => read("i", "the number of a column", Dim::NONE)?,
            None => (vec![0.0], Vec::new()),
        };
        let columns = timed.columns.unwrap_or(1);
        if let Some(bad) = chosen
            .iter()
            .find(|i| i.fract() != 0.0 || !(-(columns as f64)..columns as f64).contains(*i))
        {
            return Err(Diagnostic::error(
                "index-out-of-range",
                bound.span_of("i"),
                format!(
                    "the timed array has {columns} columns (0 to {}), not a column {bad}",
                    columns - 1
                ),
            )
            .into());
        }
        let Some(out) = broadcast_shape(&shape, &chosen_shape) else {
            return Err(Diagnostic::error(
                "length-mismatch",
                bound.span,
                format!("{} times, but {} columns", times.len(), chosen.len()),
            )
            .into());
        };
        let count: usize = out.iter().product();
        let spread =
            |values: &[f64], at: usize| values.get(at).or(values.first()).copied().unwrap_or(0.0);
        let clock = self.default_dt();
        let parts = (8.0 / clock * timed.dt).log2().ceil().exp2().max(1.0);
        let store = &self.simulation.store;
        let array = dslsim_ir::ArrayId(timed.array);
        let values: Vec<f64> = (0..count)
            .map(|k| {
                let row = (spread(&times, k) / (timed.dt / parts)).round_ties_even() / parts;
                let row = (row as usize).min(timed.rows.saturating_sub(1));
                let column = spread(&chosen, k);
                let column = if column < 0.0 {
                    column + columns as f64
                } else {
                    column
                };
                store.get(array, row * columns + column as usize)
            })
            .collect();
        Ok(match (values.as_slice(), out.is_empty()) {
            ([one], true) => Value::quantity(*one, dim),
            _ => Value::Array(Array::floats(values, &out, dim)),
        })
    }
}

/// Numbers, shape and dimension of a value: an array, or nested lists.
fn table(value: &Value) -> Option<(Vec<f64>, Vec<usize>, Dim)> {
    match value {
        Value::Array(a) => Some((a.float_vec(), a.shape().to_vec(), a.dim)),
        Value::List(items) | Value::Tuple(items) => {
            let mut all = Vec::new();
            let mut inner: Option<(Vec<usize>, Dim)> = None;
            for item in items {
                let (values, shape, dim) = table(item)?;
                let zero = values.iter().all(|x| *x == 0.0);
                match &mut inner {
                    Some((known, unit)) => {
                        if *known != shape {
                            return None;
                        }
                        if *unit != dim && !zero {
                            if all.iter().all(|x| *x == 0.0) {
                                *unit = dim;
                            } else {
                                return None;
                            }
                        }
                    }
                    None => inner = Some((shape, dim)),
                }
                all.extend(values);
            }
            let (mut shape, dim) = inner.unwrap_or_default();
            shape.insert(0, items.len());
            Some((all, shape, dim))
        }
        other => Some((vec![other.as_f64()?], Vec::new(), other.dim()?)),
    }
}
