//! Assignments to variables: `G.v = …`, `S.w['i < 3'] *= …`

use dslsim_model::network::{Kind, ObjectId, Part};
use dslsim_model::typing::way_out;
use dslsim_model::variables::VarType;
use dslsim_model::words::has_unit;
use dslsim_script::{IndexValue, Spanned, Value};
use dslsim_source::{Diagnostic, Span};
use dslsim_syntax::ast::{AssignOp, BinaryOp};
use dslsim_units::Dim;

use super::Told;
use crate::session::Session;
use crate::session::construct::flat;
use crate::session::evaluate::Wanted;
use crate::session::handles::Handle;

impl Session<'_> {
    /// Sets a variable for some elements (`None`: all of the part).
    #[expect(clippy::too_many_arguments, reason = "an assignment has these parts")]
    pub(in crate::session) fn set(
        &mut self,
        object: ObjectId,
        part: Option<Part>,
        name: &str,
        index: Option<&[Spanned<IndexValue>]>,
        op: AssignOp,
        value: &Spanned<Value>,
        span: Span,
    ) -> Told<()> {
        if let Value::Object(o) = &value.value
            && let Handle::Link(target) = self.handle(o)
        {
            if index.is_some() || part.is_some_and(|p| p != self.whole(object)) {
                return Err(Diagnostic::error(
                    "wrong-type",
                    span,
                    "only a whole variable can be linked, not some of its elements",
                )
                .help("use `linked_var(…, index=[…])` to link each element to another one")
                .into());
            }
            return self.link(object, name, &target, value.span);
        }
        let (base, plain) = self.unit_free(object, name);
        let base = base.to_owned();
        let Some(known) = self.known(object, &base) else {
            return Err(self.unknown_attribute(object, name, span));
        };
        let shown = self.network.get(object).shown().to_owned();
        let linked = self
            .network
            .variables(object)
            .and_then(|v| v.get(&base))
            .filter(|v| v.flags.linked);
        if let Some(v) = linked {
            return Err(Diagnostic::error(
                "read-only",
                span,
                format!("`{base}` of `{shown}` is linked: it has no values of its own"),
            )
            .also(v.span, "declared `(linked)` here")
            .help("set the variable that it is linked to, or link it: `linked_var(…)`")
            .into());
        }
        if known.read_only {
            let variable = self.network.variables(object).and_then(|v| v.get(&base));
            let mut d = Diagnostic::error(
                "read-only",
                span,
                if variable.is_some() {
                    format!(
                        "`{base}` of `{shown}` is a subexpression: it is computed from its equation and cannot be set"
                    )
                } else {
                    format!(
                        "`{base}` of `{shown}` is computed by the simulation and cannot be set (read-only)"
                    )
                },
            );
            if let Some(v) = variable {
                d = d
                    .also(v.span, "its equation")
                    .help("set the variables it is computed from");
            }
            return Err(d.into());
        }
        if let Kind::Synapses(s) = &self.network.get(object).kind
            && !s.connected
            && !known.shared
        {
            return Err(Diagnostic::error(
                "not-connected",
                span,
                format!("`{shown}` has no synapses yet: `{base}` cannot be set before `connect`"),
            )
            .also(self.network.get(object).span, "created here")
            .help(format!("call `{shown}.connect(…)` first"))
            .into());
        }
        let dim = if plain { Dim::NONE } else { known.dim };
        let what = format!("`{base}` of `{shown}`");
        if value.value.is_unknown() {
            return Ok(());
        }
        let part = part.unwrap_or_else(|| self.whole(object));
        if self.options.check && self.uncertain(object) {
            return self.check_value(
                object,
                value,
                Wanted {
                    what: &what,
                    ty: known.ty,
                    dim,
                },
            );
        }
        let elements: Vec<u32> = match index {
            _ if known.shared => vec![0],
            None => (part.start as u32..part.stop as u32).collect(),
            Some(index) => self.elements(object, part, index, span)?.0,
        };
        let everything = known.shared || (index.is_none() && part == self.whole(object));
        let new = self.new_values(
            object,
            part,
            &base,
            &elements,
            op,
            value,
            Wanted {
                what: &what,
                ty: known.ty,
                dim,
            },
            span,
        )?;
        if let Some(partner) = self.partner(object, &base)
            && self
                .network
                .variables(object)
                .is_none_or(|v| v.get(&base).is_none())
        {
            // A variable of the neurons, set through their synapses; the last synapse of a neuron counts.
            let pairs = self.pairs(object);
            let side = if partner.presynaptic {
                pairs.0
            } else {
                pairs.1
            };
            let neurons: Vec<u32> = elements
                .iter()
                .map(|e| if known.shared { 0 } else { side[*e as usize] })
                .collect();
            let array = self.registry.variable(
                &mut self.simulation.store,
                &self.network,
                partner.part.object,
                &partner.name,
            );
            for (k, neuron) in neurons.iter().enumerate() {
                let value = new[if new.len() == 1 { 0 } else { k }];
                self.simulation.store.set(array, *neuron as usize, value);
            }
            return Ok(());
        }
        let array =
            self.registry
                .variable(&mut self.simulation.store, &self.network, object, &base);
        let store = &mut self.simulation.store;
        match new.as_slice() {
            [x] if everything => {
                let length = store.length(array);
                store.fill(array, *x);
                debug_assert_eq!(length, store.length(array));
            }
            [x] => elements
                .iter()
                .for_each(|e| store.set(array, *e as usize, *x)),
            all if everything && !known.shared => store.assign(array, all),
            all => elements
                .iter()
                .zip(all)
                .for_each(|(e, x)| store.set(array, *e as usize, *x)),
        }
        Ok(())
    }

    /// Whether the elements of an object are not known because nothing is simulated.
    fn uncertain(&self, object: ObjectId) -> bool {
        self.ran || self.guessed.contains(&object)
    }

    /// Only checks a value.
    fn check_value(
        &mut self,
        object: ObjectId,
        value: &Spanned<Value>,
        wanted: Wanted<'_>,
    ) -> Told<()> {
        if let Value::Str(text) = &value.value {
            let expr = self.parse(text)?;
            let names = self.names.clone();
            let typed = self.typed(object, &expr, &names, &[])?;
            return Self::fit(typed, wanted).map(|_| ());
        }
        self.check_unit(value, wanted)
    }

    fn check_unit(&self, value: &Spanned<Value>, wanted: Wanted<'_>) -> Told<()> {
        let have = value.value.dim().unwrap_or(Dim::NONE);
        if have == wanted.dim || value.value.is_plain_zero() {
            return Ok(());
        }
        Err(Diagnostic::error(
            "dimension-mismatch",
            value.span,
            format!(
                "{} must be {}, but this is {}",
                wanted.what,
                has_unit(wanted.dim),
                has_unit(have)
            ),
        )
        .label(dslsim_model::words::unit(have))
        .help_opt(way_out(wanted.dim, have))
        .into())
    }

    #[expect(clippy::too_many_arguments, reason = "an assignment has these parts")]
    fn new_values(
        &mut self,
        object: ObjectId,
        part: Part,
        name: &str,
        elements: &[u32],
        op: AssignOp,
        value: &Spanned<Value>,
        wanted: Wanted<'_>,
        span: Span,
    ) -> Told<Vec<f64>> {
        let update = match op {
            AssignOp::Set => None,
            AssignOp::Update(op) => Some(op),
        };
        // A factor has no unit.
        let wanted = match update {
            Some(BinaryOp::Mul | BinaryOp::Div | BinaryOp::Pow | BinaryOp::FloorDiv) => Wanted {
                dim: Dim::NONE,
                ty: VarType::Float,
                ..wanted
            },
            _ => wanted,
        };
        let mut new = if let Value::Str(text) = &value.value {
            let expr = self.parse(text)?;
            let names = self.names.clone();
            let typed = self.typed(object, &expr, &names, &[])?;
            let typed = Self::fit(typed, wanted)?;
            self.values_in(object, Some(part), &typed, elements, &[])
        } else {
            self.check_unit(value, wanted)?;
            let Some(values) = flat(&value.value) else {
                return Err(Diagnostic::error(
                    "wrong-type",
                    value.span,
                    format!(
                        "{} cannot be set to {}",
                        wanted.what,
                        value.value.describe()
                    ),
                )
                .help("give a number, an array, or a string that is evaluated for each element")
                .into());
            };
            if values.len() != 1 && values.len() != elements.len() {
                return Err(Diagnostic::error(
                    "length-mismatch",
                    span,
                    format!(
                        "{}: {} values for {} elements",
                        wanted.what,
                        values.len(),
                        elements.len()
                    ),
                )
                .also(value.span, format!("{} values", values.len()))
                .help("give one value, or one for each element")
                .into());
            }
            values
        };
        if let Some(op) = update {
            let old = self.read(object, name, elements, span)?;
            if new.len() == 1 {
                new = vec![new[0]; old.len()];
            }
            for (x, old) in new.iter_mut().zip(old) {
                *x = match op {
                    BinaryOp::Add => old + *x,
                    BinaryOp::Sub => old - *x,
                    BinaryOp::Mul => old * *x,
                    BinaryOp::Div => old / *x,
                    BinaryOp::FloorDiv => (old / *x).floor(),
                    BinaryOp::Mod => dslsim_ir::interp::modulo(old, *x),
                    _ => old.powf(*x),
                };
            }
        }
        let ty = self.known(object, name).map_or(VarType::Float, |k| k.ty);
        match ty {
            VarType::Integer => new.iter_mut().for_each(|x| *x = x.trunc()),
            VarType::Boolean => new
                .iter_mut()
                .for_each(|x| *x = f64::from(u8::from(*x != 0.0))),
            VarType::Float => {}
        }
        Ok(new)
    }
}
