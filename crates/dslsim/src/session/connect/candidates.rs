//! All pairs of neurons, with a condition and a probability; considered in blocks, so that memory is needed for those that pass only.

use dslsim_model::network::{ObjectId, Part};
use dslsim_model::variables::VarType;
use dslsim_script::{Spanned, Value};
use dslsim_source::Diagnostic;
use dslsim_units::Dim;

use super::Told;
use super::pairs::{Pairs, filter};
use crate::session::Session;
use crate::session::evaluate::Wanted;

/// Candidates considered at a time.
const BLOCK: usize = 1 << 20;

/// The probability of a connection.
pub(super) enum Chance {
    Number(f64),
    Expression(Box<dslsim_model::TExpr>),
}

impl Session<'_> {
    /// The probability of a connection.
    pub(super) fn chance(
        &self,
        id: ObjectId,
        p: Option<&Spanned<Value>>,
        names: &crate::namespace::Names,
    ) -> Told<Chance> {
        let Some(p) = p else {
            return Ok(Chance::Number(1.0));
        };
        if let Value::Str(text) = &p.value {
            let expr = self.parse(text)?;
            let typed = self.typed(id, &expr, names, &[])?;
            return Ok(Chance::Expression(Box::new(Self::fit(
                typed,
                Wanted {
                    what: "a connection probability",
                    ty: VarType::Float,
                    dim: Dim::NONE,
                },
            )?)));
        }
        match (p.value.as_f64(), p.value.dim()) {
            (Some(x), Some(dim)) if dim.is_none() && (0.0..=1.0).contains(&x) => {
                Ok(Chance::Number(x))
            }
            (Some(x), _) => Err(Diagnostic::error(
                "probability",
                p.span,
                format!(
                    "the probability p must be between 0 and 1, but it is {}",
                    dslsim_units::format_quantity(x, p.value.dim().unwrap_or_default())
                ),
            )
            .into()),
            _ => Err(Diagnostic::error(
                "wrong-type",
                p.span,
                format!(
                    "the probability p must be a number or a string, not {}",
                    p.value.describe()
                ),
            )
            .into()),
        }
    }

    /// All pairs that pass the test and the chance.
    pub(super) fn all_pairs(
        &mut self,
        id: ObjectId,
        source: Part,
        target: Part,
        test: Option<&dslsim_model::TExpr>,
        chance: &Chance,
    ) -> Told<Pairs> {
        let (n, m) = (source.len(), target.len());
        let span = self.network.get(id).span;
        if let (None, Chance::Number(p)) = (test, chance) {
            self.room_for(id, (n as f64 * m as f64 * p) as u64, span)?;
        }
        let mut pairs = Pairs::default();
        let rows = (BLOCK / m.max(1)).max(1);
        let mut first = 0;
        while first < n {
            let last = (first + rows).min(n);
            let mut block = Pairs::default();
            match chance {
                Chance::Number(p) if *p < 1.0 => {
                    let mut numbers = vec![0.0; m];
                    for i in first..last {
                        if *p <= 0.0 {
                            continue;
                        }
                        self.simulation.random.script(
                            dslsim_ir::DrawKind::Uniform,
                            &[],
                            0.0,
                            &mut numbers,
                        );
                        for (j, u) in numbers.iter().enumerate() {
                            if u < p {
                                block.i.push(i as u32);
                                block.j.push(j as u32);
                            }
                        }
                    }
                }
                _ => {
                    for i in first..last {
                        block.i.extend(std::iter::repeat_n(i as u32, m));
                        block.j.extend(0..m as u32);
                    }
                }
            }
            if let Some(test) = test {
                let keep = self.over_pairs(id, &block, source, target, test, &[]);
                block = filter(&block, |k| keep[k] != 0.0);
            }
            if let Chance::Expression(p) = chance {
                let p = self.over_pairs(id, &block, source, target, p, &[]);
                let mut u = vec![0.0; p.len()];
                self.simulation
                    .random
                    .script(dslsim_ir::DrawKind::Uniform, &[], 0.0, &mut u);
                block = filter(&block, |k| u[k] < p[k]);
            }
            pairs.i.extend(block.i);
            pairs.j.extend(block.j);
            first = last;
            if first % (16 * rows) < rows {
                self.room_for(id, pairs.i.len() as u64, span)?;
            }
        }
        Ok(pairs)
    }
}
