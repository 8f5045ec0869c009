//! Reading and writing the variables of groups.

use dslsim_model::network::{Kind, ObjectId, Part};
use dslsim_model::typing::way_out;
use dslsim_model::variables::{VarKind, VarType};
use dslsim_model::words::{has_unit, nearest};
use dslsim_script::{Array, ArrayData, IndexValue, Slice, Spanned, Value};
use dslsim_source::{Diagnostic, Diagnostics, Span};
use dslsim_syntax::ast::{AssignOp, BinaryOp, Expr, ExprKind};
use dslsim_units::Dim;

use super::Session;
use super::construct::flat;
use super::evaluate::Wanted;

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
            "delay" if synapses => Some(plain(VarType::Float, Dim::TIME)),
            "t" | "dt" => Some(Known {
                computed: true,
                read_only: true,
                shared: true,
                ..plain(VarType::Float, Dim::TIME)
            }),
            _ => None,
        }
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
        if name == "delay" && self.registry.find(object, "delay").is_none() {
            let array = self.delay_array(object, 0);
            return Ok(elements
                .iter()
                .map(|e| self.simulation.store.get(array, *e as usize))
                .collect());
        }
        if known.computed {
            let expr = Expr {
                kind: ExprKind::Name(name.to_owned()),
                span,
            };
            let names = self.names.clone();
            let typed = self.typed(object, &expr, &names, &[])?;
            return Ok(self.values(object, &typed, elements, &[]));
        }
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

    /// The elements that an index of a view names; whether it is a single one.
    pub(super) fn elements(
        &mut self,
        object: ObjectId,
        part: Part,
        index: &[Spanned<IndexValue>],
        span: Span,
    ) -> Told<(Vec<u32>, bool)> {
        if let (Kind::Synapses(_), [first, rest @ ..]) = (&self.network.get(object).kind, index)
            && !rest.is_empty()
        {
            return self.synapses_at(object, first, &rest[0]);
        }
        let [one] = index else {
            return Err(Diagnostic::error(
                "too-many-indices",
                span,
                "a variable of a group has one index",
            )
            .into());
        };
        let n = part.len();
        let range = |me: &Self, k: i64| -> Told<u32> {
            let at = if k < 0 { k + n as i64 } else { k };
            if (0..n as i64).contains(&at) {
                Ok(at as u32 + part.start as u32)
            } else {
                let shown = me.network.get(object).shown();
                Err(Diagnostic::error(
                    "index-out-of-range",
                    one.span,
                    format!(
                        "element {k} does not exist: `{shown}` has {n} (0 to {})",
                        n.saturating_sub(1)
                    ),
                )
                .into())
            }
        };
        match &one.value {
            IndexValue::Int(k) => Ok((vec![range(self, *k)?], true)),
            IndexValue::Slice(s) => Ok((
                slice(*s, n)
                    .into_iter()
                    .map(|k| (k + part.start) as u32)
                    .collect(),
                false,
            )),
            IndexValue::Array(Array {
                data: ArrayData::Bool(mask),
                ..
            }) => {
                if mask.len() != n {
                    return Err(Diagnostic::error(
                        "length-mismatch",
                        one.span,
                        format!(
                            "the mask has {} values, but there are {n} elements",
                            mask.len()
                        ),
                    )
                    .into());
                }
                Ok((
                    mask.iter()
                        .enumerate()
                        .filter(|(_, m)| **m)
                        .map(|(k, _)| (k + part.start) as u32)
                        .collect(),
                    false,
                ))
            }
            IndexValue::Array(a) => Ok((
                a.int_vec()
                    .into_iter()
                    .map(|k| range(self, k))
                    .collect::<Told<Vec<u32>>>()?,
                false,
            )),
            IndexValue::Str(text) => Ok((
                self.selected(part, text)?
                    .into_iter()
                    .map(|k| k as u32)
                    .collect(),
                false,
            )),
            IndexValue::Ellipsis => Ok(((part.start as u32..part.stop as u32).collect(), false)),
            _ => Err(
                Diagnostic::error("wrong-type", one.span, "this cannot be an index")
                    .help("use a number, a slice, an array or a condition")
                    .into(),
            ),
        }
    }

    /// Synapses by the index of their neurons: `S.w[2, 5]`, `S.w[1, :]`.
    fn synapses_at(
        &mut self,
        object: ObjectId,
        pre: &Spanned<IndexValue>,
        post: &Spanned<IndexValue>,
    ) -> Told<(Vec<u32>, bool)> {
        let Kind::Synapses(s) = &self.network.get(object).kind else {
            return Ok((Vec::new(), false));
        };
        let (source, target) = (s.source, s.target);
        let wanted = |index: &Spanned<IndexValue>, n: usize| -> Told<Vec<bool>> {
            let mut mask = vec![false; n];
            let mut mark = |k: i64| {
                let at = if k < 0 { k + n as i64 } else { k };
                match usize::try_from(at).ok().and_then(|at| mask.get_mut(at)) {
                    Some(m) => {
                        *m = true;
                        Ok(())
                    }
                    None => Err(Diagnostics::from(Diagnostic::error(
                        "index-out-of-range",
                        index.span,
                        format!("neuron {k} does not exist: there are {n}"),
                    ))),
                }
            };
            match &index.value {
                IndexValue::Int(k) => mark(*k)?,
                IndexValue::Slice(s) => {
                    slice(*s, n).into_iter().try_for_each(|k| mark(k as i64))?
                }
                IndexValue::Array(Array {
                    data: ArrayData::Bool(all),
                    ..
                }) => all
                    .iter()
                    .enumerate()
                    .filter(|(_, b)| **b)
                    .try_for_each(|(k, _)| mark(k as i64))?,
                IndexValue::Array(a) => a.int_vec().into_iter().try_for_each(mark)?,
                _ => {
                    return Err(Diagnostic::error(
                        "wrong-type",
                        index.span,
                        "this cannot be the index of a neuron",
                    )
                    .into());
                }
            }
            Ok(mask)
        };
        let (from, to) = (wanted(pre, source.len())?, wanted(post, target.len())?);
        let single = matches!(
            (&pre.value, &post.value),
            (IndexValue::Int(_), IndexValue::Int(_))
        );
        let (i, j) = &self.extras[object.0 as usize].pairs;
        let found: Vec<u32> = (0..i.len() as u32)
            .filter(|&k| {
                let (a, b) = (
                    i[k as usize] as usize - source.start,
                    j[k as usize] as usize - target.start,
                );
                from.get(a) == Some(&true) && to.get(b) == Some(&true)
            })
            .collect();
        Ok((found.clone(), single && found.len() == 1))
    }

    /// Sets a variable for some elements (`None`: all of the part).
    #[expect(clippy::too_many_arguments, reason = "an assignment has these parts")]
    pub(super) fn set(
        &mut self,
        object: ObjectId,
        part: Option<Part>,
        name: &str,
        index: Option<&[Spanned<IndexValue>]>,
        op: AssignOp,
        value: &Spanned<Value>,
        span: Span,
    ) -> Told<()> {
        let (base, plain) = self.unit_free(object, name);
        let base = base.to_owned();
        let Some(known) = self.known(object, &base) else {
            return Err(self.unknown_attribute(object, name, span));
        };
        let shown = self.network.get(object).shown().to_owned();
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
        let array = if base == "delay" {
            self.delay_array(object, 0)
        } else {
            self.registry
                .variable(&mut self.simulation.store, &self.network, object, &base)
        };
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
                    BinaryOp::Mod => interp_modulo(old, *x),
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

fn interp_modulo(a: f64, b: f64) -> f64 {
    dslsim_ir::interp::modulo(a, b)
}

/// The positions of a Python slice of `n` elements.
pub(super) fn slice(s: Slice, n: usize) -> Vec<usize> {
    let n = n as i64;
    let step = s.step.unwrap_or(1);
    let clamp = |k: i64, low: i64, high: i64| (if k < 0 { k + n } else { k }).clamp(low, high);
    let mut all = Vec::new();
    if step > 0 {
        let (mut k, stop) = (
            clamp(s.low.unwrap_or(0), 0, n),
            clamp(s.high.unwrap_or(n), 0, n),
        );
        while k < stop {
            all.push(k as usize);
            k += step;
        }
    } else if step < 0 {
        let mut k = s.low.map_or(n - 1, |k| clamp(k, -1, n - 1));
        let stop = s.high.map_or(-1, |k| clamp(k, -1, n - 1));
        while k > stop {
            all.push(k as usize);
            k += step;
        }
    }
    all
}
