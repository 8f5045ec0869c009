//! Generator strings: `connect(j='k for k in range(…) if …')`

use dslsim_model::network::{ObjectId, Part};
use dslsim_model::variables::VarType;
use dslsim_script::Context;
use dslsim_source::{Diagnostic, Text};
use dslsim_syntax::ast::{Arg, Expr, Generator};
use dslsim_units::Dim;

use super::pairs::{Pairs, filter, place};
use super::{MAX_SYNAPSES, Told, too_many};
use crate::session::Session;
use crate::session::construct::told;
use crate::session::evaluate::{Column, Wanted};

pub(super) fn generator(ctx: &mut Context<'_>, text: &Text) -> Told<Generator> {
    let (generator, said) = dslsim_syntax::parse_generator(text);
    told(ctx, said)?;
    Ok(generator)
}

impl Session<'_> {
    /// Pairs from a generator string.
    #[expect(clippy::too_many_arguments, reason = "one use")]
    pub(super) fn generate(
        &mut self,
        id: ObjectId,
        generator: &Generator,
        source: Part,
        target: Part,
        inverse: bool,
        skip: bool,
        names: &crate::namespace::Names,
    ) -> Told<Pairs> {
        let (outer, inner) = if inverse {
            (target, source)
        } else {
            (source, target)
        };
        let variable = generator
            .iteration
            .as_ref()
            .map(|it| it.variable.name.as_str());
        let known: Vec<&str> = variable.into_iter().collect();
        let integer = |what| Wanted {
            what,
            ty: VarType::Integer,
            dim: Dim::NONE,
        };
        let element = Self::fit(
            self.typed(id, &generator.element, names, &known)?,
            integer("a neuron's index"),
        )?;
        let condition = match &generator.condition {
            Some(c) => Some(Self::fit(
                self.typed(id, c, names, &known)?,
                Wanted {
                    what: "a connection condition",
                    ty: VarType::Boolean,
                    dim: Dim::NONE,
                },
            )?),
            None => None,
        };
        let bounds = match &generator.iteration {
            None => None,
            Some(it) => Some(self.bounds(id, it, names)?),
        };
        if self.options.check {
            return Ok(Pairs::default());
        }
        // Candidates: the outer neuron and the value of the loop variable.
        let mut from: Vec<u32> = Vec::new();
        let mut loops: Vec<f64> = Vec::new();
        match &bounds {
            None => from.extend(0..outer.len() as u32),
            Some(bounds) => {
                let all = place(&(0..outer.len() as u32).collect::<Vec<_>>(), None, inverse);
                let columns: Vec<Vec<f64>> = bounds
                    .iter()
                    .map(|b| self.over_pairs(id, &all, source, target, b, &[]))
                    .collect();
                let span = generator.span;
                let limits = |k: usize| match columns.iter().map(|c| c[k]).collect::<Vec<_>>()[..] {
                    [high] => (0.0, high, 1.0),
                    [low, high] => (low, high, 1.0),
                    [low, high, step] => (low, high, step),
                    _ => (0.0, 0.0, 1.0),
                };
                let count =
                    |(low, high, step): (f64, f64, f64)| ((high - low) / step).ceil().max(0.0);
                let total: f64 = (0..outer.len()).map(|k| count(limits(k))).sum();
                crate::limits::fits("trying so many candidates", (total * 48.0) as u64, span)?;
                for k in 0..outer.len() {
                    let (low, high, step) = limits(k);
                    if step == 0.0 {
                        return Err(Diagnostic::error(
                            "range-step",
                            generator.span,
                            "the step of `range` is zero",
                        )
                        .into());
                    }
                    let mut x = low;
                    while if step > 0.0 { x < high } else { x > high } {
                        from.push(k as u32);
                        loops.push(x);
                        let next = x + step;
                        if loops.len() as u64 > MAX_SYNAPSES || next == x {
                            return Err(too_many(loops.len() as u64, generator.span));
                        }
                        x = next;
                    }
                }
            }
        }
        let columns: Vec<Column<'_>> = variable
            .map(|v| (v, loops.as_slice()))
            .into_iter()
            .collect();
        let candidates = place(&from, None, inverse);
        let found = self.over_pairs(id, &candidates, source, target, &element, &columns);
        let valid: Vec<bool> = found
            .iter()
            .map(|x| (0.0..inner.len() as f64).contains(x))
            .collect();
        let clamped: Vec<u32> = found
            .iter()
            .map(|x| {
                if (0.0..inner.len() as f64).contains(x) {
                    *x as u32
                } else {
                    0
                }
            })
            .collect();
        let pairs = place(&from, Some(&clamped), inverse);
        let mut keep = vec![true; from.len()];
        if let Some(condition) = &condition {
            keep = self
                .over_pairs(id, &pairs, source, target, condition, &columns)
                .iter()
                .map(|x| *x != 0.0)
                .collect();
        }
        for k in 0..from.len() {
            if keep[k] && !valid[k] {
                if !skip {
                    let (letter, n) = (if inverse { "i" } else { "j" }, inner.len());
                    return Err(Diagnostic::error(
                        "connect-index",
                        generator.element.span,
                        format!(
                            "connect: {letter} = {} is outside the range 0 to {}",
                            found[k],
                            n.saturating_sub(1)
                        ),
                    )
                    .help("add a condition (`if …`), or `skip_if_invalid=True`")
                    .into());
                }
                keep[k] = false;
            }
        }
        Ok(filter(&pairs, |k| keep[k]))
    }

    /// The bounds of `range`.
    fn bounds(
        &self,
        id: ObjectId,
        it: &dslsim_syntax::ast::Iteration,
        names: &crate::namespace::Names,
    ) -> Told<Vec<dslsim_model::TExpr>> {
        if it.function.name != "range" {
            let known = it.function.name == "sample";
            let message = if known {
                "`sample` in a generator is not supported yet".to_owned()
            } else {
                format!(
                    "a generator runs over `range` or `sample`, not `{}`",
                    it.function.name
                )
            };
            return Err(Diagnostic::error(
                if known { "not-yet" } else { "unknown-function" },
                it.function.span,
                message,
            )
            .help("use `range(…)` with a condition")
            .into());
        }
        if it.args.is_empty() || it.args.len() > 3 {
            return Err(Diagnostic::error(
                "argument-count",
                it.function.span,
                "`range` takes one to three arguments",
            )
            .into());
        }
        let one = |a: &Arg| -> Told<dslsim_model::TExpr> {
            let expr: &Expr = &a.value;
            let typed = self.typed(id, expr, names, &[])?;
            if typed.ty == VarType::Float {
                return Err(Diagnostic::error(
                    "range-integer",
                    typed.span,
                    "the bounds of `range` must be integers, but this is a float",
                )
                .help("write `int(…)` around it")
                .into());
            }
            Self::fit(
                typed,
                Wanted {
                    what: "a bound of `range`",
                    ty: VarType::Integer,
                    dim: Dim::NONE,
                },
            )
        };
        it.args.iter().map(one).collect()
    }
}
