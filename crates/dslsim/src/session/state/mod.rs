//! Reading and writing the variables of groups.

pub(in crate::session) mod index;
mod set;

use dslsim_model::network::{Kind, ObjectId, Part};
use dslsim_model::variables::{VarKind, VarType};
use dslsim_model::words::nearest;
use dslsim_script::{Array, Value};
use dslsim_source::{Diagnostic, Diagnostics, Span};
use dslsim_syntax::ast::{Expr, ExprKind};
use dslsim_units::Dim;

use crate::session::Session;
use crate::session::construct::delay_name;

type Told<T> = Result<T, Diagnostics>;

/// What a name of a group is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Known {
    /// Its type.
    pub ty: VarType,
    /// Its unit.
    pub dim: Dim,
    /// One value for the whole group.
    pub shared: bool,
    /// Computed at each use.
    pub computed: bool,
    /// Nobody may set it.
    pub read_only: bool,
}

/// A variable of the neurons that synapses join.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Partner {
    /// The neurons.
    pub part: Part,
    /// The variable's name there.
    pub name: String,
    /// Whether they are the presynaptic ones.
    pub presynaptic: bool,
}

impl Session<'_> {
    /// What a name of a group is.
    pub(crate) fn known(&self, object: ObjectId, name: &str) -> Option<Known> {
        let plain = |ty, dim| Known {
            ty,
            dim,
            shared: false,
            computed: false,
            read_only: false,
        };
        if let Some(v) = self.network.variables(object).and_then(|v| v.get(name)) {
            let computed = !v.is_stored();
            return Some(Known {
                shared: v.flags.shared,
                computed,
                read_only: matches!(v.kind, VarKind::Subexpression(_)),
                ..plain(v.ty, v.dim)
            });
        }
        if let Kind::Synapses(s) = &self.network.get(object).kind
            && let Some(pathway) = s.pathways.iter().find(|p| delay_name(&p.name) == name)
        {
            return Some(Known {
                shared: pathway.one_delay,
                ..plain(VarType::Float, Dim::TIME)
            });
        }
        if let Some(a) = self
            .network
            .automatic(object)
            .into_iter()
            .find(|a| a.name == name)
        {
            return Some(Known {
                read_only: !a.writable,
                ..plain(a.ty, a.dim)
            });
        }
        let synapses = matches!(self.network.get(object).kind, Kind::Synapses(_));
        if let Some(partner) = self.partner(object, name) {
            let known = self.known(partner.part.object, &partner.name)?;
            return Some(Known {
                computed: true,
                ..known
            });
        }
        match name {
            "i" => Some(Known {
                computed: true,
                read_only: true,
                ..plain(VarType::Integer, Dim::NONE)
            }),
            "j" if synapses => Some(Known {
                computed: true,
                read_only: true,
                ..plain(VarType::Integer, Dim::NONE)
            }),
            "t_in_timesteps" => Some(Known {
                computed: true,
                read_only: true,
                shared: true,
                ..plain(VarType::Integer, Dim::NONE)
            }),
            "t" | "dt" => Some(Known {
                computed: true,
                read_only: true,
                shared: true,
                ..plain(VarType::Float, Dim::TIME)
            }),
            _ => None,
        }
    }

    /// The neurons' variable that a name of synapses shows: `x_pre`, `x_post`, or `x` of the postsynaptic neurons.
    pub(in crate::session) fn partner(&self, object: ObjectId, name: &str) -> Option<Partner> {
        let Kind::Synapses(s) = &self.network.get(object).kind else {
            return None;
        };
        if matches!(name, "i" | "j" | "t" | "dt" | "N_pre" | "N_post") {
            return None;
        }
        for (suffix, presynaptic, part) in [
            ("_pre", true, s.source),
            ("_post", false, s.target),
            ("", false, s.target),
        ] {
            let Some(base) = name.strip_suffix(suffix) else {
                continue;
            };
            // Of synapses of synapses only what they have themselves.
            let own = self
                .network
                .variables(part.object)
                .is_some_and(|v| v.get(base).is_some())
                || self
                    .network
                    .automatic(part.object)
                    .iter()
                    .any(|a| a.name == base);
            if own || base == "i" && !suffix.is_empty() {
                return Some(Partner {
                    part,
                    name: base.to_owned(),
                    presynaptic,
                });
            }
        }
        None
    }

    /// All of a group.
    pub(super) fn whole(&self, object: ObjectId) -> Part {
        Part {
            object,
            start: 0,
            stop: self.network.size(object),
        }
    }

    /// The names a group has, for suggestions.
    pub(super) fn attribute_names(&self, object: ObjectId) -> Vec<String> {
        let mut names: Vec<String> = self
            .network
            .variables(object)
            .map(|v| v.names().map(str::to_owned).collect())
            .unwrap_or_default();
        names.extend(
            self.network
                .automatic(object)
                .iter()
                .map(|a| a.name.to_owned()),
        );
        names
    }

    /// Told that a group has no such variable.
    pub(super) fn unknown_attribute(
        &self,
        object: ObjectId,
        name: &str,
        span: Span,
    ) -> Diagnostics {
        let names = self.attribute_names(object);
        let near =
            nearest(name, names.iter().map(String::as_str)).map(|n| format!("did you mean `{n}`?"));
        Diagnostic::error(
            "unknown-attribute",
            span,
            format!(
                "`{}` has no variable or attribute `{name}`",
                self.network.get(object).shown()
            ),
        )
        .also(self.network.get(object).span, "created here")
        .help_opt(near.or_else(|| {
            (!names.is_empty()).then(|| format!("its variables are {}", names.join(", ")))
        }))
        .into()
    }

    /// The values of a variable for some elements.
    pub(super) fn read(
        &mut self,
        object: ObjectId,
        name: &str,
        elements: &[u32],
        span: Span,
    ) -> Told<Vec<f64>> {
        let Some(known) = self.known(object, name) else {
            return Err(self.unknown_attribute(object, name, span));
        };
        if known.computed {
            let expr = Expr {
                kind: ExprKind::Name(name.to_owned()),
                span,
            };
            let names = self.names.clone();
            let typed = self.typed(object, &expr, &names, &[])?;
            return Ok(self.values(object, &typed, elements, &[]));
        }
        self.count_for(object, name);
        let Some(array) = self.registry.find(object, name) else {
            return Err(self.unknown_attribute(object, name, span));
        };
        let store = &self.simulation.store;
        if known.shared {
            return Ok(vec![store.get(array, 0); elements.len().max(1)]);
        }
        Ok(elements
            .iter()
            .map(|e| store.get(array, *e as usize))
            .collect())
    }

    /// Numbers as a value of the script.
    pub(crate) fn as_array(values: Vec<f64>, ty: VarType, dim: Dim) -> Array {
        let n = values.len();
        match ty {
            VarType::Float => Array::vector(values, dim),
            VarType::Integer => Array::ints(values.iter().map(|x| *x as i64).collect(), &[n]),
            VarType::Boolean => Array::bools(values.iter().map(|x| *x != 0.0).collect(), &[n]),
        }
    }

    /// The value of a view.
    pub(super) fn view(
        &mut self,
        object: ObjectId,
        part: Option<Part>,
        name: &str,
        span: Span,
    ) -> Told<Value> {
        let (base, plain) = self.unit_free(object, name);
        let Some(known) = self.known(object, base) else {
            return Err(self.unknown_attribute(object, name, span));
        };
        let dim = if plain { Dim::NONE } else { known.dim };
        if self.options.check && self.ran {
            return Ok(Value::Unknown(Some(dim)));
        }
        let base = base.to_owned();
        let part = part.unwrap_or_else(|| self.whole(object));
        let elements: Vec<u32> = (part.start as u32..part.stop as u32).collect();
        let mut values = self.read(object, &base, &elements, span)?;
        if base == "i" && part.start > 0 {
            values.iter_mut().for_each(|x| *x -= part.start as f64);
        }
        if known.shared {
            values.truncate(1);
            return Ok(Self::as_array(values, known.ty, dim).get(0));
        }
        Ok(Value::Array(Self::as_array(values, known.ty, dim)))
    }

    /// `v_` is `v` without its unit.
    pub(super) fn unit_free<'n>(&self, object: ObjectId, name: &'n str) -> (&'n str, bool) {
        match name.strip_suffix('_') {
            Some(base)
                if self.known(object, name).is_none() && self.known(object, base).is_some() =>
            {
                (base, true)
            }
            _ => (name, false),
        }
    }
}
