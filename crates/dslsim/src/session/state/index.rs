//! Which elements an index of a variable names.

use dslsim_model::network::{Kind, ObjectId, Part};
use dslsim_script::{Array, ArrayData, IndexValue, Slice, Spanned};
use dslsim_source::{Diagnostic, Diagnostics, Span};

use super::Told;
use crate::session::Session;
use crate::session::handles::Handle;

impl Session<'_> {
    /// The elements that an index of a view names; whether it is a single one.
    pub(in crate::session) fn elements(
        &mut self,
        object: ObjectId,
        part: Part,
        index: &[Spanned<IndexValue>],
        span: Span,
    ) -> Told<(Vec<u32>, bool)> {
        if let (Kind::Synapses(_), [first, rest @ ..]) = (&self.network.get(object).kind, index)
            && !rest.is_empty()
        {
            return self.synapses_at(object, first, rest, span);
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
            IndexValue::Object(o) => match self.handle(o) {
                Handle::Chosen(of, elements) if of == object => Ok((elements.to_vec(), false)),
                Handle::Part(p) if p.object == object => {
                    Ok(((p.start as u32..p.stop as u32).collect(), false))
                }
                _ => Err(Diagnostic::error(
                    "wrong-type",
                    one.span,
                    format!(
                        "a {} is no index of `{}`",
                        o.class,
                        self.network.get(object).shown()
                    ),
                )
                .into()),
            },
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
        rest: &[Spanned<IndexValue>],
        span: Span,
    ) -> Told<(Vec<u32>, bool)> {
        let Kind::Synapses(s) = &self.network.get(object).kind else {
            return Ok((Vec::new(), false));
        };
        let (source, target) = (s.source, s.target);
        let (post, number) = match rest {
            [post] => (post, None),
            [post, number] => match &s.multisynaptic {
                Some(name) => (post, Some((number, name.clone()))),
                None => {
                    return Err(Diagnostic::error(
                        "too-many-indices",
                        number.span,
                        format!(
                            "the synapses `{}` do not number those of a pair of neurons",
                            self.network.get(object).shown()
                        ),
                    )
                    .also(self.network.get(object).span, "created here")
                    .help("give `multisynaptic_index='k'` to Synapses")
                    .into());
                }
            },
            _ => {
                return Err(Diagnostic::error(
                    "too-many-indices",
                    span,
                    "synapses have at most three indices: source, target, number",
                )
                .into());
            }
        };
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
                IndexValue::Ellipsis => mask.fill(true),
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
        // As in Brian2, even one synapse is an array.
        let single = false;
        let (i, j) = self.pairs(object);
        let mut found: Vec<u32> = (0..i.len() as u32)
            .filter(|&k| {
                let (a, b) = (
                    i[k as usize] as usize - source.start,
                    j[k as usize] as usize - target.start,
                );
                from.get(a) == Some(&true) && to.get(b) == Some(&true)
            })
            .collect();
        if let Some((number, name)) = number {
            let values = self.read(object, &name, &found, number.span)?;
            let most = values.iter().fold(-1.0, |a: f64, b| a.max(*b)) as usize;
            let wanted: Vec<i64> = match &number.value {
                IndexValue::Int(k) => vec![*k],
                IndexValue::Slice(s) => slice(*s, most.wrapping_add(1))
                    .into_iter()
                    .map(|k| k as i64)
                    .collect(),
                IndexValue::Array(a) => a.int_vec(),
                _ => {
                    return Err(Diagnostic::error(
                        "wrong-type",
                        number.span,
                        "the third index is the number of a synapse among those of its neurons",
                    )
                    .into());
                }
            };
            let mut at = 0;
            found.retain(|_| {
                at += 1;
                wanted.contains(&(values[at - 1] as i64))
            });
        }
        Ok((found, single))
    }
}

/// The positions of a Python slice of `n` elements.
pub(in crate::session) fn slice(s: Slice, n: usize) -> Vec<usize> {
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
            k = k.saturating_add(step);
        }
    } else if step < 0 {
        let mut k = s.low.map_or(n - 1, |k| clamp(k, -1, n - 1));
        let stop = s.high.map_or(-1, |k| clamp(k, -1, n - 1));
        while k > stop {
            all.push(k as usize);
            k = k.saturating_add(step);
        }
    }
    all
}
