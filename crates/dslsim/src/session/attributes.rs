//! Attributes of objects and of `defaultclock`.

use dslsim_model::network::{Kind, ObjectId, Part};
use dslsim_model::words::nearest;
use dslsim_script::{ObjectRef, Spanned, Value};
use dslsim_source::{Diagnostic, Diagnostics};
use dslsim_syntax::ast::Ident;
use dslsim_units::Dim;

use super::Session;
use super::handles::Handle;

type Told<T> = Result<T, Diagnostics>;

impl Session<'_> {
    pub(super) fn clock_attribute(&self, name: &Ident) -> Told<Value> {
        let clock = self.simulation.clock(self.clock);
        match name.name.as_str() {
            "dt" => Ok(Value::quantity(
                clock.map_or(1e-4, dslsim_runtime::Clock::dt),
                Dim::TIME,
            )),
            "t" => Ok(Value::quantity(
                clock.map_or(0.0, dslsim_runtime::Clock::t),
                Dim::TIME,
            )),
            _ => Err(Diagnostic::error(
                "unknown-attribute",
                name.span,
                format!("`defaultclock` has no attribute `{}`", name.name),
            )
            .help("it has `dt` and `t`")
            .into()),
        }
    }

    pub(super) fn set_clock(&mut self, name: &Ident, value: &Spanned<Value>) -> Told<()> {
        if name.name != "dt" {
            return Err(Diagnostic::error(
                "unknown-attribute",
                name.span,
                format!("`{}` of `defaultclock` cannot be set", name.name),
            )
            .help("only `dt` can")
            .into());
        }
        let (Some(dt), dim) = (value.value.as_f64(), value.value.dim()) else {
            return Err(Diagnostic::error(
                "wrong-type",
                value.span,
                "`dt` must be a time in second",
            )
            .into());
        };
        if dim != Some(Dim::TIME) && dt != 0.0 {
            return Err(Diagnostic::error(
                "dimension-mismatch",
                value.span,
                format!(
                    "`dt` must be a time in second, but this is {}",
                    dslsim_model::words::has_unit(dim.unwrap_or_default())
                ),
            )
            .help("multiply it by `ms`")
            .into());
        }
        self.simulation.set_dt(self.clock, dt).map_err(|e| {
            Diagnostic::error("time-step", value.span, format!("`dt` cannot be set: {e}"))
                .help("`dt` must be positive: `defaultclock.dt = 0.1*ms`")
                .into()
        })
    }

    pub(super) fn object_attribute(
        &mut self,
        id: ObjectId,
        part: Option<Part>,
        name: &Ident,
    ) -> Told<Value> {
        let text = name.name.as_str();
        if let Some(value) = self.monitor_attribute(id, text, name.span)? {
            // Like all variables it is shown as it is when it is looked at; matrices are copies.
            let live = match &value {
                Value::Array(a) => a.ndim() == 1,
                Value::Unknown(_) => true,
                _ => false,
            };
            let matrix = matches!(&self.network.get(id).kind, Kind::StateMonitor(m) if m.variables.iter().any(|(n, _)| n == text || text.strip_suffix('_') == Some(n)));
            return Ok(if live && !matrix {
                self.refer(Handle::Series {
                    monitor: id,
                    name: text.into(),
                    length: None,
                })
            } else {
                value
            });
        }
        let (base, _) = self.unit_free(id, text);
        if self.known(id, base).is_some() && base != "dt" {
            return Ok(self.refer(Handle::View {
                object: id,
                part,
                name: text.into(),
            }));
        }
        if let Kind::Synapses(s) = &self.network.get(id).kind
            && let Some(number) = s.pathways.iter().position(|p| p.name == text)
        {
            return Ok(self.refer(Handle::Pathway(id, number)));
        }
        if let Some(actions) = self.event_actions(id, text) {
            return Ok(actions);
        }
        if let (Kind::Synapses(s), "N_incoming_post" | "N_outgoing_pre") =
            (&self.network.get(id).kind, text)
        {
            let incoming = text == "N_incoming_post";
            let stop = if incoming {
                s.target.stop
            } else {
                s.source.stop
            };
            if self.options.check && self.guessed.contains(&id) {
                return Ok(Value::Unknown(Some(Dim::NONE)));
            }
            let pairs = self.pairs(id);
            let mut counts = vec![0; stop];
            let all = if incoming { pairs.1 } else { pairs.0 };
            all.iter().for_each(|k| counts[*k as usize] += 1);
            return Ok(Value::Array(dslsim_script::Array::ints(counts, &[stop])));
        }
        if let Kind::Synapses(s) = &self.network.get(id).kind {
            let (source, target) = (s.source, s.target);
            match text {
                "N_pre" => return Ok(Value::Int(source.len() as i64)),
                "N_post" => return Ok(Value::Int(target.len() as i64)),
                "source" => return Ok(self.refer_to(source)),
                "target" => return Ok(self.refer_to(target)),
                _ => {}
            }
        }
        match text {
            "source" if !self.network.needs(id).is_empty() => {
                let of = self.network.needs(id)[0];
                Ok(self.refer(Handle::Object(of)))
            }
            "N" if self.options.check && self.guessed.contains(&id) => {
                Ok(Value::Unknown(Some(Dim::NONE)))
            }
            "N" => Ok(Value::Int(
                part.map_or_else(|| self.network.size(id), |p| p.len()) as i64,
            )),
            "name" => Ok(Value::Str(dslsim_source::Text::computed(
                self.network.get(id).name.clone(),
                name.span,
            ))),
            "order" => Ok(Value::Int(i64::from(self.network.get(id).order))),
            "active" => Ok(Value::Bool(self.network.get(id).active)),
            "dt" => Ok(Value::quantity(self.object_dt(id), Dim::TIME)),
            _ => Err(self.unknown_attribute(id, text, name.span)),
        }
    }
}

pub(super) fn unknown_member(object: &ObjectRef, name: &Ident, known: &[&str]) -> Diagnostics {
    unknown_attribute_of(&object.class, name, known)
}

pub(super) fn unknown_attribute_of(class: &str, name: &Ident, known: &[&str]) -> Diagnostics {
    Diagnostic::error(
        "unknown-attribute",
        name.span,
        format!("a {class} has no attribute `{}`", name.name),
    )
    .help_opt(nearest(&name.name, known.iter().copied()).map(|n| format!("did you mean `{n}`?")))
    .into()
}
