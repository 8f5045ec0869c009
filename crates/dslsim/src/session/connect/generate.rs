//! Executing a rule: from the outer neurons to pairs.
//!
//! Outer neurons are considered in blocks, so that memory is needed for some candidates at a time only. Under Brian2's stream, where
//! several things are drawn for each outer neuron in turn, a block is one neuron.

use dslsim_model::expr::TExpr;
use dslsim_model::network::{ObjectId, Part};
use dslsim_source::Diagnostic;

use super::pairs::{Pairs, filter, place, sizes};
use super::rule::{Amount, Bounds, Candidates, Rule};
use super::sample::{with_chance, without_replacement};
use super::{MAX_SYNAPSES, Told, is_random, too_many};
use crate::session::Session;
use crate::session::evaluate::Column;

/// Candidates considered at a time.
const BLOCK: usize = 1 << 20;

/// Bytes that a candidate takes while it is considered.
const CANDIDATE: f64 = 48.0;

/// Candidates: the outer neuron of each, and the value of the loop variable.
#[derive(Default)]
struct Tried {
    from: Vec<u32>,
    loops: Vec<f64>,
}

/// Whose synapses.
#[derive(Clone, Copy)]
struct Ends {
    id: ObjectId,
    source: Part,
    target: Part,
}

impl Session<'_> {
    /// The pairs that a rule makes, each as often as it says.
    pub(super) fn generate(
        &mut self,
        id: ObjectId,
        rule: &Rule,
        source: Part,
        target: Part,
    ) -> Told<Pairs> {
        let ends = Ends { id, source, target };
        let (outer, inner) = if rule.inverse {
            (target.len(), source.len())
        } else {
            (source.len(), target.len())
        };
        if let (Candidates::AllByChance(Amount::Number(p)), None) =
            (&rule.candidates, &rule.condition)
        {
            self.room_for(id, (outer as f64 * inner as f64 * p) as u64, rule.span)?;
        }
        let mut pairs = Pairs::default();
        if let Some(p) = rule.only_chance(false) {
            let expected = expected(outer, inner, p);
            pairs.i.reserve_exact(expected);
            pairs.j.reserve_exact(expected);
        }
        let mut first = 0;
        while first < outer {
            let rows = if self.simulation.random.is_brian2() && rule.sources_of_chance() > 1 {
                1
            } else {
                match (&rule.candidates, rule.only_chance(false)) {
                    (_, Some(p)) => {
                        (BLOCK as f64 / (inner as f64 * p).clamp(1.0, BLOCK as f64)) as usize
                    }
                    (Candidates::All | Candidates::AllByChance(_), _) => {
                        (BLOCK / inner.max(1)).max(1)
                    }
                    _ => BLOCK,
                }
            };
            let last = (first + rows).min(outer);
            let block: Vec<u32> = (first as u32..last as u32).collect();
            let made = self.block(ends, rule, block, inner)?;
            pairs.i.extend(made.i);
            pairs.j.extend(made.j);
            first = last;
            self.room_for(id, pairs.i.len() as u64, rule.span)?;
        }
        Ok(pairs)
    }

    /// The pairs of some outer neurons.
    fn block(&mut self, ends: Ends, rule: &Rule, mut outer: Vec<u32>, inner: usize) -> Told<Pairs> {
        // A condition that is the same for all candidates decides before anything is drawn.
        let early = rule
            .condition
            .as_ref()
            .filter(|c| rule.chance.is_none() && !rule.varies(c));
        if let Some(condition) = early {
            let keep = self.at_outer(ends, rule, condition, &outer);
            let mut k = keep.iter();
            outer.retain(|_| k.next().is_some_and(|x| *x != 0.0));
        }
        if let Some(p) = rule.only_chance(early.is_some())
            && !outer.is_empty()
        {
            self.probable(p, rule)?;
            return Ok(self.by_chance(p, &outer, inner, rule.inverse));
        }
        let tried = self.candidates(ends, rule, &outer, inner)?;
        let columns: Vec<Column<'_>> = rule
            .variable
            .as_deref()
            .map(|v| (v, tried.loops.as_slice()))
            .into_iter()
            .collect();
        let found = match &rule.element {
            None => tried.loops.clone(),
            Some(element) => {
                let all = place(&tried.from, None, rule.inverse);
                self.over_pairs(ends.id, &all, ends.source, ends.target, element, &columns)
            }
        };
        let range = 0.0..inner as f64;
        let valid = |k: usize| range.contains(&found[k]);
        let there: Vec<u32> = (0..found.len())
            .map(|k| if valid(k) { found[k] as u32 } else { 0 })
            .collect();
        let mut pairs = place(&tried.from, Some(&there), rule.inverse);
        let mut loops = tried.loops.clone();
        let mut kept: Vec<usize> = (0..found.len()).collect();
        // What the condition looks at must exist.
        let late = rule.condition.as_ref().filter(|_| early.is_none());
        if rule.skip && late.is_some_and(|c| rule.uses_inner(c)) {
            kept.retain(|k| valid(*k));
            pairs = filter(&pairs, valid);
            loops = kept
                .iter()
                .map(|k| tried.loops.get(*k).copied().unwrap_or(0.0))
                .collect();
        }
        let columns: Vec<Column<'_>> = rule
            .variable
            .as_deref()
            .map(|v| (v, loops.as_slice()))
            .into_iter()
            .collect();
        let keep = late.map(|condition| {
            self.over_pairs(
                ends.id,
                &pairs,
                ends.source,
                ends.target,
                condition,
                &columns,
            )
        });
        if keep.is_some() || rule.chance.is_some() {
            let lucky = self.chances(&pairs, rule, ends);
            let passes = |k: usize| {
                keep.as_ref().is_none_or(|c| c[k] != 0.0) && lucky.as_ref().is_none_or(|p| p[k])
            };
            let mut at = 0;
            kept.retain(|_| {
                at += 1;
                passes(at - 1)
            });
            pairs = filter(&pairs, passes);
        }
        if !rule.skip
            && let Some(bad) = kept.iter().find(|k| !valid(**k))
        {
            let letter = if rule.inverse { "i" } else { "j" };
            let place = rule.element.as_ref().map_or(rule.span, |e| e.span);
            return Err(Diagnostic::error(
                "connect-index",
                place,
                format!(
                    "connect: {letter} = {} is outside the range 0 to {}",
                    found[*bad],
                    inner.saturating_sub(1)
                ),
            )
            .label(match tried.from.get(*bad) {
                Some(from) => format!("for {} = {from}", if rule.inverse { "j" } else { "i" }),
                None => String::new(),
            })
            .help(format!(
                "add a condition (`if …`), or `skip_if_invalid=True`: {}",
                sizes(ends.source, ends.target)
            ))
            .into());
        }
        let fits: Vec<bool> = kept.iter().map(|k| valid(*k)).collect();
        if fits.contains(&false) {
            pairs = filter(&pairs, |k| fits[k]);
        }
        self.multiply(ends, rule, pairs)
    }

    /// All neurons of the other side with the same probability, and nothing else to look at.
    fn by_chance(&mut self, p: f64, outer: &[u32], inner: usize, inverse: bool) -> Pairs {
        let expected = expected(outer.len(), inner, p);
        let (mut from, mut to) = (Vec::with_capacity(expected), Vec::with_capacity(expected));
        for k in outer {
            let some = with_chance(&mut self.simulation.random, inner, p);
            from.resize(from.len() + some.len(), *k);
            to.extend(some.iter().map(|j| *j as u32));
        }
        let (i, j) = if inverse { (to, from) } else { (from, to) };
        Pairs { i, j }
    }

    /// `rand() < p` for each candidate, where the probability depends on both neurons.
    fn chances(&mut self, pairs: &Pairs, rule: &Rule, ends: Ends) -> Option<Vec<bool>> {
        let p = rule.chance.as_ref()?;
        let mut numbers = vec![0.0; pairs.i.len()];
        self.simulation
            .random
            .script(dslsim_ir::DrawKind::Uniform, &[], 0.0, &mut numbers);
        let p = self.over_pairs(ends.id, pairs, ends.source, ends.target, p, &[]);
        Some(numbers.iter().zip(p).map(|(u, p)| *u < p).collect())
    }

    /// The candidates of some outer neurons.
    fn candidates(&mut self, ends: Ends, rule: &Rule, outer: &[u32], inner: usize) -> Told<Tried> {
        let mut tried = Tried::default();
        match &rule.candidates {
            Candidates::One => {
                tried.from = outer.to_vec();
                tried.loops = vec![0.0; outer.len()];
            }
            Candidates::All => {
                for k in outer {
                    tried.from.extend(std::iter::repeat_n(*k, inner));
                    tried.loops.extend((0..inner).map(|j| j as f64));
                }
            }
            Candidates::AllByChance(p) => {
                let p = self.amounts(ends, rule, p, outer);
                for (k, p) in outer.iter().zip(p) {
                    self.probable(p, rule)?;
                    let some = with_chance(&mut self.simulation.random, inner, p);
                    tried.from.extend(std::iter::repeat_n(*k, some.len()));
                    tried.loops.extend(some.iter().map(|j| *j as f64));
                }
            }
            Candidates::Range(bounds) => {
                let limits = self.limits(ends, rule, bounds, outer)?;
                for (k, (low, count, step)) in outer.iter().zip(limits) {
                    tried.from.extend(std::iter::repeat_n(*k, count));
                    tried
                        .loops
                        .extend((0..count).map(|x| low + x as f64 * step));
                }
            }
            Candidates::Chance(bounds, p) => {
                let limits = self.limits(ends, rule, bounds, outer)?;
                let p = self.amounts(ends, rule, p, outer);
                for ((k, (low, count, step)), p) in outer.iter().zip(limits).zip(p) {
                    self.probable(p, rule)?;
                    let some = with_chance(&mut self.simulation.random, count, p);
                    tried.from.extend(std::iter::repeat_n(*k, some.len()));
                    tried
                        .loops
                        .extend(some.iter().map(|x| low + *x as f64 * step));
                }
            }
            Candidates::Size(bounds, size) => {
                let limits = self.limits(ends, rule, bounds, outer)?;
                let sizes = self.at_outer(ends, rule, size, outer);
                for ((k, (low, count, step)), wanted) in outer.iter().zip(limits).zip(sizes) {
                    let size = sample_size(rule, size, wanted, count)?;
                    let some = without_replacement(&mut self.simulation.random, count, size);
                    tried.from.extend(std::iter::repeat_n(*k, some.len()));
                    tried
                        .loops
                        .extend(some.iter().map(|x| low + *x as f64 * step));
                }
            }
        }
        Ok(tried)
    }

    fn probable(&self, p: f64, rule: &Rule) -> Told<()> {
        if (0.0..=1.0).contains(&p) || p > 1.0 {
            return Ok(());
        }
        Err(Diagnostic::error(
            "wrong-probability",
            rule.span,
            format!(
                "connect: a probability of {} is not possible",
                dslsim_units::round_digits(p, 12)
            ),
        )
        .help("make it at least 0, for instance with `clip(…, 0, 1)`")
        .into())
    }

    /// An amount for each outer neuron.
    fn amounts(&mut self, ends: Ends, rule: &Rule, amount: &Amount, outer: &[u32]) -> Vec<f64> {
        match amount {
            Amount::Number(x) => vec![*x; outer.len()],
            Amount::Expression(e) => self.at_outer(ends, rule, e, outer),
        }
    }

    /// An expression of the outer neuron alone.
    fn at_outer(&mut self, ends: Ends, rule: &Rule, e: &TExpr, outer: &[u32]) -> Vec<f64> {
        let all = place(outer, None, rule.inverse);
        self.over_pairs(ends.id, &all, ends.source, ends.target, e, &[])
    }

    /// First value, number of values, and step of a range, for each outer neuron.
    fn limits(
        &mut self,
        ends: Ends,
        rule: &Rule,
        bounds: &Bounds,
        outer: &[u32],
    ) -> Told<Vec<(f64, usize, f64)>> {
        let constant = |x: f64| vec![x; outer.len()];
        let low = match &bounds.low {
            Some(e) => self.at_outer(ends, rule, e, outer),
            None => constant(0.0),
        };
        let high = self.at_outer(ends, rule, &bounds.high, outer);
        let step = match &bounds.step {
            Some(e) => self.at_outer(ends, rule, e, outer),
            None => constant(1.0),
        };
        let mut total = 0.0;
        let mut all = Vec::with_capacity(outer.len());
        for ((low, high), step) in low.into_iter().zip(high).zip(step) {
            if step == 0.0 || !step.is_finite() {
                let place = bounds.step.as_ref().map_or(rule.span, |e| e.span);
                return Err(
                    Diagnostic::error("wrong-value", place, "the step of `range` is zero").into(),
                );
            }
            let count = ((high - low) / step).ceil().max(0.0);
            total += count;
            if total > MAX_SYNAPSES as f64 {
                return Err(too_many(total as u64, rule.span));
            }
            all.push((low, count as usize, step));
        }
        self.options.limits().fits(
            "trying so many candidates",
            (total * CANDIDATE) as u64,
            rule.span,
        )?;
        Ok(all)
    }

    /// Each pair as often as the rule says.
    fn multiply(&mut self, ends: Ends, rule: &Rule, pairs: Pairs) -> Told<Pairs> {
        let counts = match &rule.copies {
            Amount::Number(n) if *n == 1.0 => return Ok(pairs),
            Amount::Number(n) => vec![*n; pairs.i.len()],
            Amount::Expression(e) => {
                self.over_pairs(ends.id, &pairs, ends.source, ends.target, e, &[])
            }
        };
        let total: f64 = counts.iter().map(|n| n.max(0.0)).sum();
        self.room_for(ends.id, total as u64, rule.span)?;
        if let (Amount::Expression(e), Some(bad)) =
            (&rule.copies, counts.iter().find(|n| **n < 0.0))
        {
            return Err(Diagnostic::error(
                "negative-count",
                e.span,
                format!("connect: n cannot be negative, but it is {bad} for a pair"),
            )
            .help("use `clip(…, 0, …)`, or a condition")
            .into());
        }
        let each = |all: &[u32]| {
            all.iter()
                .zip(&counts)
                .flat_map(|(k, n)| std::iter::repeat_n(*k, *n as usize))
                .collect()
        };
        Ok(Pairs {
            i: each(&pairs.i),
            j: each(&pairs.j),
        })
    }
}

/// So many pairs that more are rare: four standard deviations above the mean.
fn expected(outer: usize, inner: usize, p: f64) -> usize {
    let mean = outer as f64 * inner as f64 * p.clamp(0.0, 1.0);
    (mean + 4.0 * mean.sqrt()) as usize
}

/// How many are chosen.
fn sample_size(rule: &Rule, size: &TExpr, wanted: f64, count: usize) -> Told<usize> {
    if (0.0..=count as f64).contains(&wanted) {
        return Ok(wanted as usize);
    }
    if rule.skip {
        return Ok(if wanted < 0.0 { 0 } else { count });
    }
    let what = if wanted < 0.0 {
        format!("a sample of {wanted} is not possible")
    } else {
        format!("a sample of {wanted} is larger than the {count} it is taken from")
    };
    Err(
        Diagnostic::error("sample-size", size.span, format!("connect: {what}"))
            .help("make it smaller, or add `skip_if_invalid=True`")
            .into(),
    )
}

impl Rule {
    /// The probability, if it is one number and decides alone, but for a condition that has been looked at.
    fn only_chance(&self, early: bool) -> Option<f64> {
        match (&self.candidates, &self.copies) {
            (Candidates::AllByChance(Amount::Number(p)), Amount::Number(n))
                if *n == 1.0
                    && self.element.is_none()
                    && self.chance.is_none()
                    && (early || self.condition.is_none()) =>
            {
                Some(*p)
            }
            _ => None,
        }
    }

    /// How many things are drawn for each outer neuron.
    fn sources_of_chance(&self) -> usize {
        let mut all: Vec<&TExpr> = Vec::new();
        let amount = |a: &Amount| matches!(a, Amount::Expression(_)) as usize;
        let mut count = usize::from(self.chance.is_some());
        fn of(bounds: &Bounds) -> impl Iterator<Item = &TExpr> {
            bounds.low.iter().chain([&bounds.high]).chain(&bounds.step)
        }
        match &self.candidates {
            Candidates::One | Candidates::All => {}
            Candidates::Range(b) => all.extend(of(b)),
            Candidates::Chance(b, p) => {
                all.extend(of(b));
                count += 1 + amount(p);
            }
            Candidates::AllByChance(_) => count += 1,
            Candidates::Size(b, size) => {
                all.extend(of(b));
                all.push(size);
                count += 1;
            }
        }
        all.extend(self.element.iter().chain(&self.condition));
        if let Amount::Expression(e) = &self.copies {
            all.push(e);
        }
        count + all.into_iter().map(draws).sum::<usize>()
    }
}

fn draws(e: &TExpr) -> usize {
    let mut n = 0;
    if is_random(e) {
        e.visit(&mut |e| {
            if let dslsim_model::expr::TKind::Call(f, _) = &e.kind {
                use dslsim_model::functions::Function;
                n += usize::from(matches!(
                    f,
                    Function::Rand | Function::Randn | Function::Poisson
                ));
            }
        });
    }
    n
}
