//! What a session has given, gathered: recordings and saved values as arrays with names.

use dslsim_model::VarType;
use dslsim_model::network::Kind;
use dslsim_runtime::{Monitor, Tape};
use dslsim_script::{Array, ArrayData, Value};
use dslsim_units::Dim;
use indexmap::IndexMap;

use super::{Away, ObjectSummary, Recorded, Result};
use crate::session::Session;

/// Gathers what a session has given.
pub(crate) fn collect(
    session: &Session<'_>,
    model: &str,
    parameters: Vec<(String, Value)>,
) -> Recorded {
    session.recorded(model, parameters)
}

impl Session<'_> {
    fn recorded(&self, model: &str, parameters: Vec<(String, Value)>) -> Recorded {
        let mut out = Recorded {
            model: model.into(),
            parameters,
            ..Recorded::default()
        };
        let mut hasher = blake3::Hasher::new();
        for file in self.files_read() {
            hasher.update(self.text(file).as_bytes());
        }
        out.hash = hasher.finalize().to_hex().to_string();
        (out.t, out.dt, out.seed, out.rng, out.backend) = self.settings_run();
        for (id, object) in self.network().iter() {
            let recording = self.monitor_of(id);
            let mut summary = ObjectSummary {
                name: object.shown().to_owned(),
                class: self.class(id),
                size: self.network().size(id),
                spikes: None,
                seconds: None,
                equations: self.equations_of(id),
            };
            if let (Some(label), Some(monitor), false) =
                (&object.label, recording, self.only_saved())
            {
                self.monitor_arrays(label, &object.kind, monitor, &mut out.arrays);
            }
            if recording.is_some() {
                summary.seconds = Some(self.seconds_of(id));
            }
            match recording {
                Some(Monitor::Spikes(m)) => {
                    summary.spikes = Some(m.total());
                    summary.size = m.counts().len();
                }
                Some(Monitor::State(m)) => summary.size = m.elements().len(),
                _ => {}
            }
            out.objects.push(summary);
        }
        out.saved = self.saved().keys().cloned().collect();
        for (name, saved) in self.saved() {
            if let Some((array, shape)) = as_result(&saved.value) {
                out.arrays.insert(
                    name.clone(),
                    Result {
                        array,
                        away: None,
                        shape,
                        meaning: "saved by the model".into(),
                    },
                );
            }
        }
        if self.saved().is_empty() && !self.only_saved() {
            self.final_states(&mut out.arrays);
        }
        out
    }

    fn monitor_arrays(
        &self,
        label: &str,
        kind: &Kind,
        monitor: &Monitor,
        out: &mut IndexMap<String, Result>,
    ) {
        let mut put = |name: &str, shape: &[usize], part: Part, meaning: &str| {
            let (array, away) = match part {
                Part::Here(array) => (array.with_shape(shape), None),
                Part::Away(away, like) => (like, Some(away)),
            };
            out.insert(
                format!("{label}.{name}"),
                Result {
                    array,
                    away,
                    shape: shape.to_vec(),
                    meaning: meaning.into(),
                },
            );
        };
        let values = |tape: &Tape<f64>, ty: VarType, dim: Dim, width: usize| -> Part {
            if tape.is_away() {
                let like = Session::as_array(Vec::new(), ty, dim);
                return Part::Away(Away::table(tape, ty, width), like);
            }
            let all = if width == 1 {
                tape.held().to_vec()
            } else {
                turned(tape.held(), width)
            };
            Part::Here(Session::as_array(all, ty, dim))
        };
        let times = |tape: &Tape<f64>| values(tape, VarType::Float, Dim::TIME, 1);
        match (kind, monitor) {
            (Kind::StateMonitor(m), Monitor::State(r)) => {
                put("t", &[r.t().len()], times(r.t()), "times of the samples");
                let width = r.elements().len();
                for (at, (name, _)) in m.variables.iter().enumerate() {
                    let Some(tape) = r.values(at) else { continue };
                    let (ty, dim, _) = self.variable_kind(m.source.object, name);
                    put(
                        name,
                        &[width, r.t().len()],
                        values(tape, ty, dim, width),
                        "recorded elements × times",
                    );
                }
            }
            (Kind::SpikeMonitor(m), Monitor::Spikes(r)) => {
                let counts = r.counts().iter().map(|k| i64::from(*k)).collect();
                let n = r.counts().len();
                let counts = Part::Here(Array::ints(counts, &[n]));
                put("count", &[n], counts, "spikes of each neuron");
                if m.record {
                    let i = if r.i().is_away() {
                        Part::Away(Away::indices(r.i()), Array::ints(Vec::new(), &[0]))
                    } else {
                        let all = r.i().held().iter().map(|k| i64::from(*k)).collect();
                        Part::Here(Array::ints(all, &[r.i().len()]))
                    };
                    let n = r.t().len();
                    put("i", &[n], i, "neuron of each spike");
                    put("t", &[n], times(r.t()), "time of each spike");
                    for (at, (name, _)) in m.variables.iter().enumerate() {
                        let Some(tape) = r.values(at) else { continue };
                        let (ty, dim, _) = self.variable_kind(m.source.object, name);
                        put(name, &[n], values(tape, ty, dim, 1), "value at each spike");
                    }
                }
            }
            (Kind::RateMonitor(_), Monitor::Rate(r)) => {
                let n = r.t().len();
                put("t", &[n], times(r.t()), "times");
                put(
                    "rate",
                    &[n],
                    values(r.rate(), VarType::Float, Dim::HERTZ, 1),
                    "population rate in each step",
                );
            }
            _ => {}
        }
    }
}

/// A recording in memory, or in a file, with an empty array like it.
enum Part {
    Here(Array),
    Away(Away, Array),
}

/// All times of one element after the other.
fn turned(values: &[f64], width: usize) -> Vec<f64> {
    let times = values.len() / width.max(1);
    let mut turned = vec![0.0; values.len()];
    for (time, row) in values.chunks_exact(width.max(1)).enumerate() {
        for (k, x) in row.iter().enumerate() {
            turned[k * times + time] = *x;
        }
    }
    turned
}

/// A saved value as an array and its shape.
fn as_result(value: &Value) -> Option<(Array, Vec<usize>)> {
    match value {
        Value::Array(a) => Some((a.clone(), a.shape().to_vec())),
        Value::Bool(b) => Some((Array::bools(vec![*b], &[1]), Vec::new())),
        Value::Int(n) => Some((Array::ints(vec![*n], &[1]), Vec::new())),
        Value::Float(x) => Some((Array::vector(vec![*x], Dim::NONE), Vec::new())),
        Value::Quantity(x, dim) => Some((Array::vector(vec![*x], *dim), Vec::new())),
        Value::List(v) | Value::Tuple(v) => {
            let parts: Vec<(Array, Vec<usize>)> = v.iter().map(as_result).collect::<Option<_>>()?;
            let inner = parts.first().map_or_else(Vec::new, |p| p.1.clone());
            if parts.iter().any(|p| p.1 != inner) {
                return None;
            }
            let dim = parts.first().map_or(Dim::NONE, |p| p.0.dim);
            let mut shape = vec![parts.len()];
            shape.extend(&inner);
            let integers =
                parts.iter().all(|p| matches!(p.0.data, ArrayData::I64(_))) && !parts.is_empty();
            let booleans =
                parts.iter().all(|p| matches!(p.0.data, ArrayData::Bool(_))) && !parts.is_empty();
            let array = if integers {
                Array::ints(parts.iter().flat_map(|p| p.0.int_vec()).collect(), &shape)
            } else if booleans {
                Array::bools(parts.iter().flat_map(|p| p.0.bool_vec()).collect(), &shape)
            } else {
                Array::floats(
                    parts.iter().flat_map(|p| p.0.float_vec()).collect(),
                    &shape,
                    dim,
                )
            };
            Some((array, shape))
        }
        _ => None,
    }
}
