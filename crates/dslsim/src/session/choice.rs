//! Chosen elements: synapses `S[2, :]`, `S['w > 1']`, and rows of recordings `M[3]`, `M[[0, 4]]`, `M[S[2, :]]`.
//!
//! A choice of synapses is made when it is written down; synapses that are made later do not belong to it.

use std::rc::Rc;

use dslsim_model::network::{Kind, ObjectId};
use dslsim_runtime::{Monitor, Tape};
use dslsim_script::{Array, ArrayData, CallArgs, IndexValue, Slice, Spanned, Value};
use dslsim_source::{Diagnostic, Diagnostics, Span};
use dslsim_syntax::ast::Ident;
use dslsim_units::Dim;

use super::Session;
use super::construct::delay_name;
use super::handles::Handle;

type Told<T> = Result<T, Diagnostics>;

/// Elements as the index of a variable.
pub(super) fn chosen_index(elements: &[u32], span: Span) -> Spanned<IndexValue> {
    let all: Vec<i64> = elements.iter().map(|k| i64::from(*k)).collect();
    let n = all.len();
    Spanned::new(IndexValue::Array(Array::ints(all, &[n])), span)
}

/// `[:]`
pub(super) fn is_everything(index: &[Spanned<IndexValue>]) -> bool {
    let whole = |i: &Spanned<IndexValue>| matches!(&i.value, IndexValue::Slice(s) if *s == Slice::default());
    index.len() == 1 && index.iter().all(whole)
}

impl Session<'_> {
    /// A value in which views are replaced by what they show.
    pub(super) fn shown(&mut self, given: Spanned<Value>) -> Told<Spanned<Value>> {
        let Value::Object(o) = &given.value else {
            return Ok(given);
        };
        let value = match self.handle(o) {
            Handle::View { object, part, name } => self.view(object, part, &name, given.span)?,
            Handle::Series {
                monitor,
                name,
                length,
            } => self.series(monitor, &name, length, given.span)?,
            _ => return Ok(given),
        };
        Ok(Spanned::new(value, given.span))
    }

    /// Arguments in which views are replaced by what they show.
    pub(super) fn shown_args(&mut self, mut args: CallArgs) -> Told<CallArgs> {
        for given in &mut args.positional {
            *given = self.shown(given.clone())?;
        }
        for (_, given) in &mut args.named {
            *given = self.shown(given.clone())?;
        }
        Ok(args)
    }

    /// What a monitor has recorded by now. Of a part of it that was taken earlier, what is not there any more (after `restore`) is 0,
    /// as in Brian2.
    pub(super) fn series(
        &mut self,
        monitor: ObjectId,
        name: &str,
        length: Option<usize>,
        span: Span,
    ) -> Told<Value> {
        let value = self.monitor_attribute(monitor, name, span)?;
        let (Some(Value::Array(a)), Some(length)) = (&value, length) else {
            return Ok(value.unwrap_or(Value::Unknown(None)));
        };
        if a.len() == length {
            return Ok(Value::Array(a.clone()));
        }
        let mut values = a.float_vec();
        values.resize(length, 0.0);
        Ok(Value::Array(match &a.data {
            ArrayData::I64(_) => Array::ints(values.iter().map(|x| *x as i64).collect(), &[length]),
            ArrayData::Bool(_) => {
                Array::bools(values.iter().map(|x| *x != 0.0).collect(), &[length])
            }
            ArrayData::F64(_) => Array::vector(values, a.dim),
        }))
    }

    /// `S.t[:]`, `S.i[3]`
    pub(super) fn series_item(
        &mut self,
        monitor: ObjectId,
        name: &str,
        length: Option<usize>,
        index: &[Spanned<IndexValue>],
        span: Span,
    ) -> Told<Value> {
        let value = self.series(monitor, name, length, span)?;
        match &value {
            Value::Unknown(_) => Ok(value),
            Value::Array(a) if is_everything(index) => Ok(self.refer(Handle::Series {
                monitor,
                name: name.into(),
                length: Some(a.len()),
            })),
            _ => dslsim_script::entry(&value, index, span),
        }
    }

    /// `S[2, :]`, `S[[0, 4]]`, `S['w > 1']`
    pub(super) fn choose(
        &mut self,
        id: ObjectId,
        index: &[Spanned<IndexValue>],
        span: Span,
    ) -> Told<Value> {
        let unknown = index.iter().any(|i| i.value == IndexValue::Unknown);
        if unknown || self.options.check && (self.ran || self.guessed.contains(&id)) {
            return Ok(Value::Unknown(None));
        }
        let (elements, _) = self.elements(id, self.whole(id), index, span)?;
        Ok(self.refer(Handle::Chosen(id, elements.into())))
    }

    /// A variable of chosen elements.
    pub(super) fn chosen_attribute(
        &mut self,
        id: ObjectId,
        elements: &[u32],
        name: &Ident,
    ) -> Told<Value> {
        if name.name == "N" {
            return Ok(Value::Int(elements.len() as i64));
        }
        let (base, plain) = self.unit_free(id, &name.name);
        let Some(known) = self.known(id, base) else {
            return Err(self.unknown_attribute(id, &name.name, name.span));
        };
        let dim = if plain { Dim::NONE } else { known.dim };
        if self.options.check && self.ran {
            return Ok(Value::Unknown(Some(dim)));
        }
        let base = base.to_owned();
        let values = self.read(id, &base, elements, name.span)?;
        Ok(Value::Array(Self::as_array(values, known.ty, dim)))
    }

    /// The variable that holds the delays of a pathway.
    pub(super) fn delay_variable(&self, id: ObjectId, number: usize) -> String {
        match &self.network.get(id).kind {
            Kind::Synapses(s) => s.pathways.get(number).map(|p| delay_name(&p.name)),
            _ => None,
        }
        .unwrap_or_else(|| "delay".into())
    }

    /// `M[3]`, `M[[0, 4]]`, `M[S[2, :]]`
    pub(super) fn rows_of_recording(
        &mut self,
        id: ObjectId,
        index: &[Spanned<IndexValue>],
        span: Span,
    ) -> Told<Value> {
        let Kind::StateMonitor(m) = &self.network.get(id).kind else {
            return Ok(Value::Unknown(None));
        };
        let (source, start) = (m.source, m.source.start as i64);
        let [one] = index else {
            return Err(Diagnostic::error(
                "too-many-indices",
                span,
                "a recording has one index: the element",
            )
            .into());
        };
        let (wanted, single): (Vec<i64>, bool) = match &one.value {
            IndexValue::Int(k) => (vec![k + start], true),
            IndexValue::Unknown => return Ok(Value::Unknown(None)),
            IndexValue::Object(o) => match self.handle(o) {
                Handle::Chosen(object, elements) if object == source.object => {
                    (elements.iter().map(|k| i64::from(*k)).collect(), false)
                }
                Handle::Part(part) if part.object == source.object => {
                    ((part.start as i64..part.stop as i64).collect(), false)
                }
                _ => {
                    return Err(Diagnostic::error(
                        "wrong-type",
                        one.span,
                        "a recording is indexed by elements of the recorded group",
                    )
                    .into());
                }
            },
            _ => {
                let (elements, single) = self.elements(source.object, source, index, span)?;
                (elements.iter().map(|k| i64::from(*k)).collect(), single)
            }
        };
        if self.options.check && self.guessed.contains(&source.object) {
            return Ok(self.refer(Handle::Recorded(id, Rc::from([]), single)));
        }
        let mut rows = Vec::with_capacity(wanted.len());
        for element in wanted {
            rows.push(self.recorded_row(id, element, start, one.span)?);
        }
        Ok(self.refer(Handle::Recorded(id, rows.into(), single)))
    }

    /// The row in which an element of the whole group is recorded.
    fn recorded_row(&self, id: ObjectId, element: i64, start: i64, span: Span) -> Told<usize> {
        let Kind::StateMonitor(m) = &self.network.get(id).kind else {
            return Ok(0);
        };
        let row = m.record.iter().position(|k| i64::from(*k) == element);
        row.ok_or_else(|| {
            Diagnostic::error(
                "not-recorded",
                span,
                format!(
                    "element {} is not recorded by `{}`",
                    element - start,
                    self.network.get(id).shown()
                ),
            )
            .help("add it to `record=…`")
            .into()
        })
    }

    /// A variable in some rows of a recording.
    pub(super) fn recorded_rows(
        &mut self,
        id: ObjectId,
        rows: &[usize],
        single: bool,
        name: &str,
        span: Span,
    ) -> Told<Option<Value>> {
        if let Some(value) = self.rows_away(id, rows, single, name, span)? {
            return Ok(Some(value));
        }
        match self.monitor_attribute(id, name, span)? {
            Some(Value::Array(a)) if a.ndim() == 2 => {
                let times = a.shape()[1];
                let order: Vec<usize> = rows
                    .iter()
                    .flat_map(|row| row * times..(row + 1) * times)
                    .collect();
                let shape: &[usize] = if single {
                    &[times]
                } else {
                    &[rows.len(), times]
                };
                Ok(Some(Value::Array(a.pick(&order, shape))))
            }
            other => Ok(other),
        }
    }

    /// Rows of a recording that is in a file: only they are brought into memory.
    fn rows_away(
        &self,
        id: ObjectId,
        rows: &[usize],
        single: bool,
        name: &str,
        span: Span,
    ) -> Told<Option<Value>> {
        let Kind::StateMonitor(m) = &self.network.get(id).kind else {
            return Ok(None);
        };
        let recording = self.recording(id).and_then(Monitor::as_state);
        let Some(at) = m.variables.iter().position(|(n, _)| n == name) else {
            return Ok(None);
        };
        let away = recording
            .and_then(|r| r.values(at))
            .is_some_and(Tape::is_away);
        let (true, Some(known)) = (away, self.known(m.source.object, name)) else {
            return Ok(None);
        };
        let values = self.recorded_columns(id, at, Some(rows), span)?;
        let times = values.len() / rows.len().max(1);
        let array = Self::as_array(values, known.ty, known.dim);
        Ok(Some(Value::Array(if single {
            array
        } else {
            array.with_shape(&[rows.len(), times])
        })))
    }
}
