//! What monitors have recorded, as values of the script.

use std::borrow::Cow;
use std::io;

use bytemuck::Pod;
use dslsim_model::network::{Kind, ObjectId};
use dslsim_runtime::{Monitor, Tape};
use dslsim_script::{Array, CallArgs, Param, Value};
use dslsim_source::{Diagnostic, Diagnostics, Span};
use dslsim_units::Dim;
use indexmap::IndexMap;

use super::Session;

type Told<T> = Result<T, Diagnostics>;

pub(super) fn unreadable(e: &io::Error, span: Span) -> Diagnostics {
    let message = format!("the recording cannot be read back from its file: {e}");
    let d = Diagnostic::error("recordings-file", span, message);
    d.help("the folder of results must not be changed while the model runs")
        .into()
}

const VALUES: &[Param] = &[Param::required("var")];

impl Session<'_> {
    pub(super) fn recording(&self, id: ObjectId) -> Option<&Monitor> {
        let monitor = self.extras.get(id.0 as usize)?.monitor?;
        self.simulation.monitor(monitor)
    }

    /// Whether recordings are not known because nothing is simulated.
    fn unrecorded(&self) -> bool {
        self.options.check
    }

    /// The numbers of a tape in memory, if there is room for them.
    pub(super) fn here<'t, T: Pod>(&self, tape: &'t Tape<T>, span: Span) -> Told<Cow<'t, [T]>> {
        if tape.is_away() {
            self.has_room(tape.len(), span)?;
        }
        tape.all().map_err(|e| unreadable(&e, span))
    }

    /// The first numbers of a tape.
    pub(super) fn first_of(&self, tape: &Tape<f64>, out: &mut [f64], span: Span) -> Told<()> {
        tape.read(0, out).map_err(|e| unreadable(&e, span))
    }

    /// Refuses to bring so many recorded numbers back into memory where they do not fit.
    fn has_room(&self, count: usize, span: Span) -> Told<()> {
        let bytes = 8_u64.saturating_mul(count as u64);
        let fits = self.options.limits().fits("the recording", bytes, span);
        Ok(fits.map_err(|d| {
            d.help("it is written with the results; `M[3].v` takes one element of a StateMonitor into memory")
        })?)
    }

    /// What a state monitor has recorded: all times of one element, then of the next; of all elements or of some.
    pub(super) fn recorded_columns(
        &self,
        id: ObjectId,
        column: usize,
        rows: Option<&[usize]>,
        span: Span,
    ) -> Told<Vec<f64>> {
        let Some(r) = self.recording(id).and_then(Monitor::as_state) else {
            return Ok(Vec::new());
        };
        let (Some(tape), width) = (r.values(column), r.elements().len()) else {
            return Ok(Vec::new());
        };
        let times = tape.len() / width.max(1);
        let all: Vec<usize> = (0..width).collect();
        let rows = rows.unwrap_or(&all);
        if tape.is_away() {
            self.has_room(rows.len() * times, span)?;
        }
        let mut out = vec![0.0; rows.len() * times];
        let (mut time, mut begun) = (0, Vec::new());
        let mut put = |time: usize, row: &[f64]| {
            for (k, element) in rows.iter().enumerate() {
                if let (Some(to), Some(x)) = (out.get_mut(k * times + time), row.get(*element)) {
                    *to = *x;
                }
            }
        };
        let passed = tape.each(|mut piece| -> io::Result<()> {
            // A piece may end within the values of one time.
            if !begun.is_empty() {
                let n = piece.len().min(width - begun.len());
                begun.extend_from_slice(&piece[..n]);
                piece = &piece[n..];
                if begun.len() < width {
                    return Ok(());
                }
                put(time, &begun);
                begun.clear();
                time += 1;
            }
            let whole = piece.chunks_exact(width.max(1));
            begun.extend_from_slice(whole.remainder());
            for row in whole {
                put(time, row);
                time += 1;
            }
            Ok(())
        });
        passed.map_err(|e| unreadable(&e, span))?;
        Ok(out)
    }

    /// `M.t`, `M.v`, `S.i`, `R.rate`, …
    pub(super) fn monitor_attribute(
        &mut self,
        id: ObjectId,
        name: &str,
        span: Span,
    ) -> Told<Option<Value>> {
        let (base, plain) = match name.strip_suffix('_') {
            Some(base) => (base, true),
            None => (name, false),
        };
        let quantity = |dim: Dim| if plain { Dim::NONE } else { dim };
        let unknown = self.unrecorded();
        let vector = |tape: Option<&Tape<f64>>, dim: Dim| -> Told<Value> {
            Ok(match tape {
                _ if unknown => Value::Unknown(Some(dim)),
                Some(tape) => Value::Array(Array::vector(self.here(tape, span)?.into_owned(), dim)),
                None => Value::Array(Array::vector(Vec::new(), dim)),
            })
        };
        let object = self.network.get(id).kind.clone();
        let found = match (&object, base) {
            (Kind::StateMonitor(m), _) => {
                let position = m
                    .variables
                    .iter()
                    .position(|(n, _)| n == name)
                    .or_else(|| m.variables.iter().position(|(n, _)| n == base));
                match position {
                    Some(at) => {
                        let Some(known) = self.known(m.source.object, &m.variables[at].0) else {
                            return Ok(None);
                        };
                        let dim = if plain && m.variables[at].0 != name {
                            Dim::NONE
                        } else {
                            known.dim
                        };
                        if unknown {
                            return Ok(Some(Value::Unknown(Some(dim))));
                        }
                        let width = m.record.len();
                        let values = self.recorded_columns(id, at, None, span)?;
                        let times = values.len() / width.max(1);
                        let flat = Self::as_array(values, known.ty, dim);
                        Some(Value::Array(flat.with_shape(&[width, times])))
                    }
                    None if base == "t" => Some(vector(
                        self.recording(id)
                            .and_then(Monitor::as_state)
                            .map(|r| r.t()),
                        quantity(Dim::TIME),
                    )?),
                    None if base == "N" => Some(Value::Int(
                        self.recording(id)
                            .and_then(Monitor::as_state)
                            .map_or(0, |r| r.t().len() as i64),
                    )),
                    None if base == "record" => Some(Value::Array(Array::ints(
                        m.record.iter().map(|k| i64::from(*k)).collect(),
                        &[m.record.len()],
                    ))),
                    None => None,
                }
            }
            (Kind::SpikeMonitor(m), _) => {
                let recording = self.recording(id).and_then(Monitor::as_spikes);
                let counts = || {
                    recording.map_or_else(
                        || vec![0; m.source.len()],
                        |r| {
                            r.counts()
                                .iter()
                                .map(|c| i64::from(*c))
                                .collect::<Vec<i64>>()
                        },
                    )
                };
                match base {
                    "num_spikes" | "num_events" if unknown => Some(Value::Unknown(Some(Dim::NONE))),
                    "num_spikes" | "num_events" => {
                        Some(Value::Int(recording.map_or(0, |r| r.total() as i64)))
                    }
                    "count" | "i" | "it" if unknown => Some(if base == "it" {
                        Value::Tuple(vec![
                            Value::Unknown(Some(Dim::NONE)),
                            Value::Unknown(Some(Dim::TIME)),
                        ])
                    } else {
                        Value::Unknown(Some(Dim::NONE))
                    }),
                    "count" => Some(Value::Array(Array::ints(counts(), &[m.source.len()]))),
                    "t" if m.record => Some(vector(recording.map(|r| r.t()), quantity(Dim::TIME))?),
                    "i" | "it" if m.record => {
                        let i: Vec<i64> = match recording {
                            Some(r) => {
                                let all = self.here(r.i(), span)?;
                                all.iter().map(|k| i64::from(*k)).collect()
                            }
                            None => Vec::new(),
                        };
                        let n = i.len();
                        let i = Value::Array(Array::ints(i, &[n]));
                        let t = vector(recording.map(|r| r.t()), quantity(Dim::TIME))?;
                        Some(if base == "i" {
                            i
                        } else {
                            Value::Tuple(vec![i, t])
                        })
                    }
                    "t" | "i" | "it" => {
                        return Err(Diagnostic::error(
                            "not-recorded",
                            span,
                            format!(
                                "`{}` was made with record=False: it only counts spikes",
                                self.network.get(id).shown()
                            ),
                        )
                        .help("leave out `record=False`")
                        .into());
                    }
                    _ => match m.variables.iter().position(|(n, _)| n == base) {
                        Some(at) => {
                            let values = match recording.and_then(|r| r.values(at)) {
                                Some(tape) => self.here(tape, span)?.into_owned(),
                                None => Vec::new(),
                            };
                            let Some(known) = self.known(m.source.object, base) else {
                                return Ok(None);
                            };
                            Some(if unknown {
                                Value::Unknown(Some(known.dim))
                            } else {
                                Value::Array(Self::as_array(values, known.ty, quantity(known.dim)))
                            })
                        }
                        None => None,
                    },
                }
            }
            (Kind::RateMonitor(_), "t") => Some(vector(
                self.recording(id).and_then(Monitor::as_rate).map(|r| r.t()),
                quantity(Dim::TIME),
            )?),
            (Kind::RateMonitor(_), "rate") => Some(vector(
                self.recording(id)
                    .and_then(Monitor::as_rate)
                    .map(|r| r.rate()),
                quantity(Dim::HERTZ),
            )?),
            _ => None,
        };
        Ok(found)
    }

    /// `R.smooth_rate(…)`, `S.spike_trains()`, …
    pub(super) fn monitor_method(
        &mut self,
        id: ObjectId,
        name: &str,
        args: &CallArgs,
        span: Span,
    ) -> Told<Option<Value>> {
        let kind = self.network.get(id).kind.clone();
        match (&kind, name) {
            (Kind::RateMonitor(_) | Kind::SpikeMonitor(_), "smooth_rate") => {
                self.smooth_rate(id, args, span).map(Some)
            }
            (Kind::RateMonitor(_) | Kind::SpikeMonitor(_), "binned_rate") => {
                self.binned_rate(id, args).map(Some)
            }
            (Kind::StateMonitor(_) | Kind::RateMonitor(_) | Kind::SpikeMonitor(_), "reinit") => {
                args.bind("reinit", &[])?;
                let monitor = self.extra(id).monitor;
                if let Some(monitor) = monitor.and_then(|m| self.simulation.monitor_mut(m)) {
                    monitor.clear();
                }
                Ok(Some(Value::None))
            }
            (Kind::SpikeMonitor(m), "spike_trains" | "event_trains") => {
                if self.unrecorded() {
                    return Ok(Some(Value::Unknown(Some(Dim::TIME))));
                }
                Ok(Some(self.trains(id, m.source.len(), None, span)?))
            }
            (Kind::SpikeMonitor(m), "all_values") => {
                args.bind("all_values", &[])?;
                if self.unrecorded() {
                    return Ok(Some(Value::Unknown(None)));
                }
                let n = m.source.len();
                let mut all = IndexMap::from([("t".to_owned(), self.trains(id, n, None, span)?)]);
                for (at, (name, _)) in m.variables.iter().enumerate() {
                    all.insert(name.clone(), self.trains(id, n, Some(at), span)?);
                }
                Ok(Some(Value::Dict(all)))
            }
            (Kind::SpikeMonitor(m), "values") => {
                if self.unrecorded() {
                    return Ok(Some(Value::Unknown(None)));
                }
                let bound = args.bind("values", VALUES)?;
                let variable = bound.text("var")?.unwrap_or("t").to_owned();
                let at = m.variables.iter().position(|(n, _)| *n == variable);
                if variable != "t" && at.is_none() {
                    return Err(Diagnostic::error(
                        "not-recorded",
                        bound.span_of("var"),
                        format!("`{variable}` is not recorded at spikes"),
                    )
                    .help("add it to `variables=[…]` of the monitor")
                    .into());
                }
                Ok(Some(self.trains(id, m.source.len(), at, span)?))
            }
            _ => Ok(None),
        }
    }

    /// Times (or values of a recorded variable) of each neuron's spikes, by neuron.
    fn trains(&self, id: ObjectId, n: usize, column: Option<usize>, span: Span) -> Told<Value> {
        let mut trains: Vec<Vec<f64>> = vec![Vec::new(); n];
        let mut dim = Dim::TIME;
        let mut ty = dslsim_model::VarType::Float;
        if let (Some(at), Kind::SpikeMonitor(m)) = (column, &self.network.get(id).kind)
            && let Some(known) = m
                .variables
                .get(at)
                .and_then(|(name, _)| self.known(m.source.object, name))
        {
            (dim, ty) = (known.dim, known.ty);
        }
        if let Some(r) = self.recording(id).and_then(Monitor::as_spikes) {
            let values = column.map_or(Some(r.t()), |at| r.values(at));
            let values = values.map(|tape| self.here(tape, span)).transpose()?;
            for (i, x) in self
                .here(r.i(), span)?
                .iter()
                .zip(values.iter().flat_map(|v| v.iter()))
            {
                if let Some(train) = trains.get_mut(*i as usize) {
                    train.push(*x);
                }
            }
        }
        let all = trains
            .into_iter()
            .enumerate()
            .map(|(k, train)| (k.to_string(), Value::Array(Self::as_array(train, ty, dim))));
        Ok(Value::Dict(all.collect::<IndexMap<String, Value>>()))
    }

    /// The time step of an object, in seconds.
    pub(super) fn object_dt(&self, id: ObjectId) -> f64 {
        self.network.get(id).dt.unwrap_or_else(|| {
            self.simulation
                .clock(self.clock)
                .map_or(1e-4, dslsim_runtime::Clock::dt)
        })
    }
}
