//! What a session tells about itself when it has ended.

use dslsim_model::network::{Network, ObjectId};
use dslsim_model::variables::VarType;
use dslsim_runtime::Monitor;
use dslsim_source::FileId;
use dslsim_units::Dim;
use indexmap::IndexMap;

use super::{Saved, Session};
use crate::options::Rng;
use crate::results::Result;

impl Session<'_> {
    /// The files read, in the order of reading.
    pub(crate) fn files_read(&self) -> impl Iterator<Item = FileId> {
        self.paths.values().copied()
    }

    /// The text of a file.
    pub(crate) fn text(&self, file: FileId) -> std::sync::Arc<str> {
        self.sources.text(file)
    }

    /// Time, time step, seed, random stream and back end of the run.
    pub(crate) fn settings_run(&self) -> (f64, f64, Option<u64>, &'static str, &'static str) {
        let dt = self
            .simulation
            .clock(self.clock)
            .map_or(0.0, dslsim_runtime::Clock::dt);
        let rng = match self.options.rng {
            Rng::Fast => "fast",
            Rng::Brian2 => "brian2",
        };
        (
            self.simulation.now(),
            dt,
            self.seed.or(self.options.seed),
            rng,
            self.options.backend.name(),
        )
    }

    /// The network.
    pub(crate) fn network(&self) -> &Network {
        &self.network
    }

    /// The recordings of an object.
    pub(crate) fn monitor_of(&self, id: ObjectId) -> Option<&Monitor> {
        self.simulation
            .monitor(self.extras.get(id.0 as usize)?.monitor?)
    }

    /// For how long an object has taken part in runs, in seconds of the model.
    pub(crate) fn seconds_of(&self, id: ObjectId) -> f64 {
        self.extras.get(id.0 as usize).map_or(0.0, |e| e.recorded)
    }

    /// The name of an object's kind.
    pub(crate) fn class(&self, id: ObjectId) -> &'static str {
        super::construct::class_of(&self.network.get(id).kind)
    }

    /// The equations of an object, as written.
    pub(crate) fn equations_of(&self, id: ObjectId) -> Vec<String> {
        let written = |v: &dslsim_model::Variable| {
            let text = self.sources.slice(v.equation);
            text.split_whitespace().collect::<Vec<_>>().join(" ")
        };
        self.network
            .variables(id)
            .map_or_else(Vec::new, |all| all.iter().map(written).collect())
    }

    /// Whether only saved values are wanted.
    pub(crate) fn only_saved(&self) -> bool {
        self.options.point
    }

    /// What the model saves.
    pub(crate) fn saved(&self) -> &IndexMap<String, Saved> {
        &self.saved
    }

    /// Type, unit, and whether a variable is shared.
    pub(crate) fn variable_kind(&self, object: ObjectId, name: &str) -> (VarType, Dim, bool) {
        self.known(object, name)
            .map_or((VarType::Float, Dim::NONE, false), |k| {
                (k.ty, k.dim, k.shared)
            })
    }

    /// The present values of all variables that differential equations integrate.
    pub(crate) fn final_states(&self, out: &mut IndexMap<String, Result>) {
        for (id, object) in self.network.iter() {
            let (Some(variables), Some(label)) = (self.network.variables(id), &object.label) else {
                continue;
            };
            for v in variables.differential() {
                let Some(array) = self.registry.find(id, &v.name) else {
                    continue;
                };
                let array = Session::as_array(self.simulation.store.to_vec(array), v.ty, v.dim);
                let shape = array.shape().to_vec();
                out.insert(
                    format!("{label}.{}", v.name),
                    Result {
                        array,
                        away: None,
                        shape,
                        meaning: "value at the end".into(),
                    },
                );
            }
        }
    }
}

impl Session<'_> {
    /// The object of the network that a value stands for, if it does.
    pub(crate) fn object_of(&self, value: &dslsim_script::Value) -> Option<ObjectId> {
        match value {
            dslsim_script::Value::Object(o) if !crate::pictures::Pictures::owns(o) => {
                match self.handle(o) {
                    super::handles::Handle::Object(id) => Some(id),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// The kind of an object, with its description.
    pub(crate) fn kind_of(&self, id: ObjectId) -> dslsim_model::network::Kind {
        self.network.get(id).kind.clone()
    }

    /// The values that an attribute of an object has at the moment.
    pub(crate) fn values_named(
        &mut self,
        id: ObjectId,
        name: &str,
        span: dslsim_source::Span,
    ) -> std::result::Result<dslsim_script::Value, dslsim_source::Diagnostics> {
        let name = dslsim_syntax::ast::Ident {
            name: name.into(),
            span,
        };
        let found = self.object_attribute(id, None, &name)?;
        Ok(self.shown(dslsim_script::Spanned::new(found, span))?.value)
    }
}
