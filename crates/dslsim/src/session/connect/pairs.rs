//! Pairs of neurons: where they are not synapses yet.

use dslsim_model::network::{ObjectId, Part};
use dslsim_script::{Spanned, Value};
use dslsim_source::{Diagnostic, Span};

use super::Told;
use crate::session::Session;
use crate::session::evaluate::Column;

/// Source and target of new synapses, relative to the parts.
#[derive(Clone, Debug, Default)]
pub(super) struct Pairs {
    pub(super) i: Vec<u32>,
    pub(super) j: Vec<u32>,
}

impl Session<'_> {
    /// The values of an expression for pairs of neurons, which take the place of the synapses' own until the tables are restored.
    pub(super) fn over_pairs(
        &mut self,
        id: ObjectId,
        pairs: &Pairs,
        source: Part,
        target: Part,
        typed: &dslsim_model::TExpr,
        columns: &[Column<'_>],
    ) -> Vec<f64> {
        let shift =
            |all: &[u32], by: usize| all.iter().map(|k| k + by as u32).collect::<Vec<u32>>();
        for (presynaptic, entries) in [
            (true, shift(&pairs.i, source.start)),
            (false, shift(&pairs.j, target.start)),
        ] {
            let table = self
                .registry
                .table(&mut self.simulation.store, id, presynaptic);
            self.simulation.store.set_table(table, &entries);
        }
        let elements: Vec<u32> = (0..pairs.i.len() as u32).collect();
        self.values(id, typed, &elements, columns)
    }
}

pub(super) fn arrays(
    a: &[f64],
    b: &[f64],
    i: &Spanned<Value>,
    j: &Spanned<Value>,
    source: Part,
    target: Part,
    span: Span,
) -> Told<Pairs> {
    let n = a.len().max(b.len());
    if a.len() != n && a.len() != 1 || b.len() != n && b.len() != 1 {
        return Err(Diagnostic::error(
            "length-mismatch",
            span,
            format!(
                "connect: `i` has {} values, but `j` has {}",
                a.len(),
                b.len()
            ),
        )
        .help("give as many targets as sources")
        .into());
    }
    let read = |all: &[f64],
                given: &Spanned<Value>,
                letter: &str,
                side: &str,
                part: Part|
     -> Told<Vec<u32>> {
        let mut out = Vec::with_capacity(n);
        for k in 0..n {
            let x = all[if all.len() == 1 { 0 } else { k }];
            if x.fract() != 0.0 {
                return Err(Diagnostic::error(
                    "not-an-integer",
                    given.span,
                    format!("connect: {letter} must be whole numbers, but one is {x}"),
                )
                .into());
            }
            if !(0.0..part.len() as f64).contains(&x) {
                let message = format!(
                    "connect: {letter} = {x} is outside the range of the {} {side} neurons (0 to {})",
                    part.len(),
                    part.len().saturating_sub(1)
                );
                let at = |all: &[f64]| all.get(if all.len() == 1 { 0 } else { k }).copied();
                let pair = match (at(a), at(b)) {
                    (Some(i), Some(j)) if n > 1 => {
                        format!("pair {} of {n}: i = {i}, j = {j}", k + 1)
                    }
                    _ => String::new(),
                };
                return Err(Diagnostic::error("connect-index", given.span, message)
                    .label(pair)
                    .help(sizes(source, target))
                    .into());
            }
            out.push(x as u32);
        }
        Ok(out)
    };
    Ok(Pairs {
        i: read(a, i, "i", "presynaptic", source)?,
        j: read(b, j, "j", "postsynaptic", target)?,
    })
}

/// How many neurons there are to choose from.
pub(super) fn sizes(source: Part, target: Part) -> String {
    let neurons = |n: usize| {
        if n == 1 {
            "1 neuron".to_owned()
        } else {
            format!("{n} neurons")
        }
    };
    format!(
        "the source has {}, the target {}; they are counted from 0",
        neurons(source.len()),
        neurons(target.len())
    )
}

/// Outer and inner neurons as source and target.
pub(super) fn place(outer: &[u32], inner: Option<&[u32]>, inverse: bool) -> Pairs {
    let inner = inner.map_or_else(|| vec![0; outer.len()], <[u32]>::to_vec);
    if inverse {
        Pairs {
            i: inner,
            j: outer.to_vec(),
        }
    } else {
        Pairs {
            i: outer.to_vec(),
            j: inner,
        }
    }
}

pub(super) fn filter(pairs: &Pairs, keep: impl Fn(usize) -> bool) -> Pairs {
    let pick = |all: &[u32]| {
        all.iter()
            .enumerate()
            .filter(|(k, _)| keep(*k))
            .map(|(_, x)| *x)
            .collect()
    };
    Pairs {
        i: pick(&pairs.i),
        j: pick(&pairs.j),
    }
}
