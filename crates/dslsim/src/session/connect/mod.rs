//! `S.connect(…)`: which neurons synapses join.
//!
//! Pairs of neurons come from arrays, from a generator string, or from all pairs with a condition and a probability; then they are
//! appended as new synapses, all at once or, if something is wrong, not at all.

mod generate;
mod pairs;
mod partners;
mod rule;
mod sample;

use dslsim_model::network::{Kind, ObjectId, Part};
use dslsim_script::{CallArgs, Context, Param, Spanned, Value};
use dslsim_source::{Diagnostic, Diagnostics, Span};

use crate::namespace::Names;
use crate::session::Session;
use crate::session::construct::{delay_name, numbers};
use pairs::{Pairs, arrays};
pub(super) use partners::is_count;

type Told<T> = Result<T, Diagnostics>;

const CONNECT: &[Param] = &[
    Param::optional("condition"),
    Param::optional("i"),
    Param::optional("j"),
    Param::optional("p"),
    Param::optional("n"),
    Param::optional("skip_if_invalid"),
    Param::optional("namespace"),
    Param::optional("level"),
];

/// The largest number of synapses of one object.
const MAX_SYNAPSES: u64 = u32::MAX as u64;

impl Session<'_> {
    /// `S.connect(…)`
    pub(super) fn connect(
        &mut self,
        ctx: &mut Context<'_>,
        id: ObjectId,
        args: &CallArgs,
    ) -> Told<()> {
        let started = std::time::Instant::now();
        // Even if something is wrong with it: that is told, and nothing is said about what follows from it.
        self.mark_connected(id);
        let bound = args.bind("connect", CONNECT)?;
        let Kind::Synapses(s) = &self.network.get(id).kind else {
            return Ok(());
        };
        let (source, target) = (s.source, s.target);
        if args.has_unknown() {
            self.guessed.insert(id);
            return Ok(());
        }
        let names = match bound.given("namespace").map(|g| &g.value) {
            Some(Value::Dict(d)) => Names::only(d, |v| self.external(v)),
            Some(Value::None) | None => self.names.clone(),
            Some(_) => return Err(bound.wrong("namespace", "a dict of names and values")),
        };
        let given = |name: &str| {
            bound
                .given(name)
                .filter(|g| g.value != Value::None)
                .cloned()
        };
        let (i, j, condition) = (given("i"), given("j"), given("condition"));
        if condition.is_some() && (i.is_some() || j.is_some()) {
            return Err(Diagnostic::error(
                "connect-arguments",
                args.span,
                "connect: a condition cannot be combined with `i` or `j`",
            )
            .help("put the condition into the string: `j='… if …'`")
            .into());
        }
        let text = |v: &Option<Spanned<Value>>| v.as_ref().and_then(|v| v.value.as_text().cloned());
        let rule = match (text(&i), text(&j)) {
            (None, Some(text)) if i.is_none() => {
                Some(self.generator_rule(ctx, id, &bound, &text, false, &names)?)
            }
            (Some(text), None) if j.is_none() => {
                Some(self.generator_rule(ctx, id, &bound, &text, true, &names)?)
            }
            (None, None) if i.is_none() && j.is_none() => match condition.map(|c| c.value) {
                Some(Value::Bool(false)) => return Ok(()),
                None | Some(Value::Bool(true)) => {
                    Some(self.condition_rule(id, &bound, None, &names)?)
                }
                Some(Value::Str(text)) => {
                    generator_as_condition(&text)?;
                    Some(self.condition_rule(id, &bound, Some(&text), &names)?)
                }
                Some(_) => return Err(bound.wrong("condition", "a string")),
            },
            (None, None) => None,
            _ => {
                return Err(Diagnostic::error(
                    "connect-arguments",
                    args.span,
                    "connect: a generator string for one side cannot be combined with the other side",
                )
                .help("give `i=…, j=…` as numbers, or one `j='…'`")
                .into());
            }
        };
        if rule.is_none() && (i.is_none() || j.is_none()) {
            return Err(Diagnostic::error(
                "connect-arguments",
                args.span,
                "connect: `i` and `j` must both be given as numbers, or one of them as a string",
            )
            .help("give `i=…, j=…`, or `j='…'`")
            .into());
        }
        if self.options.check && rule.is_some() {
            self.guessed.insert(id);
            return Ok(());
        }
        let pairs = match (rule, &i, &j) {
            (Some(rule), ..) => {
                // Candidates take the place of the synapses for a while.
                let kept = self.take_pairs(id);
                let made = self.generate(id, &rule, source, target);
                self.give_pairs(id, kept);
                made?
            }
            (None, Some(i), Some(j)) => self.given_pairs(id, &bound, i, j, source, target)?,
            _ => Pairs::default(),
        };
        self.append(id, pairs, args.span)?;
        self.timing.connect_seconds += started.elapsed().as_secs_f64();
        Ok(())
    }

    /// `connect(i=array, j=array)`
    fn given_pairs(
        &mut self,
        id: ObjectId,
        bound: &dslsim_script::Bound,
        i: &Spanned<Value>,
        j: &Spanned<Value>,
        source: Part,
        target: Part,
    ) -> Told<Pairs> {
        if bound.flag("skip_if_invalid")?.unwrap_or(false) {
            return Err(Diagnostic::error(
                "connect-arguments",
                bound.span_of("skip_if_invalid"),
                "connect: `skip_if_invalid` is for generator strings",
            )
            .help("leave it out")
            .into());
        }
        let (a, b) = (numbers(bound, "i")?, numbers(bound, "j")?);
        let mut pairs = arrays(&a, &b, i, j, source, target, bound.span)?;
        let names = self.names.clone();
        let (p, n) = (
            self.chance(id, bound, &names)?,
            self.copies(id, bound, &names)?,
        );
        let (rule::Amount::Number(p), rule::Amount::Number(n)) = (p, n) else {
            return Err(Diagnostic::error(
                "connect-arguments",
                bound.span,
                "connect: `p` and `n` as strings need a condition or a generator, not numbers for `i` and `j`",
            )
            .help("give numbers for `p` and `n`")
            .into());
        };
        if p != 1.0 {
            let mut numbers = vec![0.0; pairs.i.len()];
            self.simulation
                .random
                .script(dslsim_ir::DrawKind::Uniform, &[], 0.0, &mut numbers);
            pairs = pairs::filter(&pairs, |k| numbers[k] < p);
        }
        let count = (pairs.i.len() as u64).saturating_mul(n as u64);
        self.room_for(id, count, bound.span)?;
        let each = |all: &[u32]| {
            all.iter()
                .flat_map(|k| std::iter::repeat_n(*k, n as usize))
                .collect()
        };
        Ok(Pairs {
            i: each(&pairs.i),
            j: each(&pairs.j),
        })
    }

    fn mark_connected(&mut self, id: ObjectId) {
        if let Kind::Synapses(s) = &mut self.network.get_mut(id).kind {
            s.connected = true;
        }
    }

    /// Refuses more synapses than fit.
    fn room_for(&self, id: ObjectId, count: u64, span: Span) -> Told<()> {
        if count > MAX_SYNAPSES {
            return Err(too_many(count, span));
        }
        let variables = self.network.variables(id).map_or(0, |v| v.iter().count()) as u64;
        let bytes = count.saturating_mul(24 + 8 * variables);
        Ok(self
            .options
            .limits()
            .fits(&format!("{count} synapses"), bytes, span)?)
    }

    /// Adds synapses.
    fn append(&mut self, id: ObjectId, pairs: Pairs, span: Span) -> Told<()> {
        let Kind::Synapses(s) = &mut self.network.get_mut(id).kind else {
            return Ok(());
        };
        let (source, target) = (s.source, s.target);
        let total = s.n as u64 + pairs.i.len() as u64;
        if total > MAX_SYNAPSES {
            return Err(too_many(total, span));
        }
        s.connected = true;
        s.n = total as usize;
        let n = s.n;
        let (i, j) = self.take_pairs(id);
        let i = joined(i, pairs.i, source.start as u32);
        let j = joined(j, pairs.j, target.start as u32);
        self.give_pairs(id, (i, j));
        let delays: Vec<String> = match &self.network.get(id).kind {
            Kind::Synapses(s) => {
                let given = s.pathways.iter().filter(|p| p.one_delay);
                given.map(|p| delay_name(&p.name)).collect()
            }
            _ => Vec::new(),
        };
        let one_delay = |name: &str| delays.iter().any(|d| d == name);
        let arrays: Vec<_> = self
            .registry
            .variables()
            .filter(|(o, ..)| *o == id)
            .map(|(_, name, a)| (name.clone(), a))
            .collect();
        for (name, array) in arrays {
            let shared = self
                .network
                .variables(id)
                .and_then(|v| v.get(&name))
                .is_some_and(|v| v.flags.shared);
            if !shared {
                let store = &mut self.simulation.store;
                let value = if store.is_uniform(array) && one_delay(&name) {
                    store.get(array, 0)
                } else {
                    0.0
                };
                store.resize(array, n, value);
            }
        }
        for pathway in 0..self.extra(id).queues.len() {
            self.delay_array(id, pathway);
        }
        self.extra(id).counted = false;
        self.number_copies(id);
        Ok(())
    }

    /// The number of each synapse among those of the same pair of neurons.
    fn number_copies(&mut self, id: ObjectId) {
        let Kind::Synapses(s) = &self.network.get(id).kind else {
            return;
        };
        let Some(name) = s.multisynaptic.clone() else {
            return;
        };
        let (i, j) = self.pairs(id);
        let mut seen: std::collections::HashMap<(u32, u32), f64> = std::collections::HashMap::new();
        let mut numbers = Vec::with_capacity(i.len());
        for pair in i.iter().copied().zip(j.iter().copied()) {
            let next = seen.entry(pair).or_insert(0.0);
            numbers.push(*next);
            *next += 1.0;
        }
        let array = self
            .registry
            .variable(&mut self.simulation.store, &self.network, id, &name);
        self.simulation.store.assign(array, &numbers);
    }
}

/// Old neurons, and new ones shifted.
fn joined(old: Vec<u32>, mut new: Vec<u32>, shift: u32) -> Vec<u32> {
    if shift > 0 {
        new.iter_mut().for_each(|k| *k += shift);
    }
    if old.is_empty() {
        return new;
    }
    let mut all = old;
    all.reserve_exact(new.len());
    all.extend(new);
    all
}

/// A generator string that was given as a condition.
fn generator_as_condition(text: &dslsim_source::Text) -> Told<()> {
    let is_word = |w: &str| w == "for";
    if text
        .as_str()
        .split(|c: char| !c.is_alphanumeric() && c != '_')
        .any(is_word)
    {
        return Err(Diagnostic::error(
            "connect-arguments",
            text.whole(),
            "connect: this is a generator, not a condition",
        )
        .help("write `connect(j='…')`")
        .into());
    }
    Ok(())
}

/// Whether an expression draws random numbers.
fn is_random(e: &dslsim_model::TExpr) -> bool {
    dslsim_model::check::is_random(e)
}

fn too_many(n: u64, span: Span) -> Diagnostics {
    Diagnostic::error(
        "too-large",
        span,
        format!("{n} synapses are too many: one object can have {MAX_SYNAPSES}"),
    )
    .help("use several Synapses objects, or a sparser connection")
    .into()
}
