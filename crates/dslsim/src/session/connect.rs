//! `S.connect(…)`: which neurons synapses join.

use dslsim_model::network::{Kind, ObjectId, Part};
use dslsim_model::variables::VarType;
use dslsim_script::{CallArgs, Context, Param, Spanned, Value};
use dslsim_source::{Diagnostic, Diagnostics, Span, Text};
use dslsim_syntax::ast::{Arg, Expr, Generator};
use dslsim_units::Dim;

use super::Session;
use super::construct::{numbers, told};
use super::evaluate::{Column, Wanted};

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
const MAX_SYNAPSES: u64 = 1 << 32;

/// Candidates considered at a time.
const BLOCK: usize = 1 << 20;

/// Source and target of new synapses, relative to the parts.
#[derive(Clone, Debug, Default)]
struct Pairs {
    i: Vec<u32>,
    j: Vec<u32>,
}

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
        let probability = bound.given("p").cloned();
        let copies = self.copies(&bound)?;
        let skip = bound.flag("skip_if_invalid")?.unwrap_or(false);
        let (i, j, condition) = (
            bound.given("i").cloned(),
            bound.given("j").cloned(),
            bound.given("condition").cloned(),
        );
        if condition.is_some() && (i.is_some() || j.is_some()) {
            return Err(Diagnostic::error(
                "connect-arguments",
                args.span,
                "connect: a condition cannot be combined with `i` or `j`",
            )
            .help("put the condition into the string: `j='… if …'`")
            .into());
        }
        let names = self.names.clone();
        let pairs = match (&i, &j) {
            (Some(i), Some(j)) => {
                let (a, b) = (numbers(&bound, "i")?, numbers(&bound, "j")?);
                arrays(&a, &b, i, j, source, target, args.span)?
            }
            (
                None,
                Some(Spanned {
                    value: Value::Str(text),
                    ..
                }),
            ) => {
                let generator = generator(ctx, text)?;
                self.generate(id, &generator, source, target, false, skip, &names)?
            }
            (
                Some(Spanned {
                    value: Value::Str(text),
                    ..
                }),
                None,
            ) => {
                let generator = generator(ctx, text)?;
                self.generate(id, &generator, source, target, true, skip, &names)?
            }
            (None, None) => {
                let test = match &condition {
                    None
                    | Some(Spanned {
                        value: Value::Bool(true),
                        ..
                    }) => None,
                    Some(Spanned {
                        value: Value::Bool(false),
                        ..
                    }) => {
                        return Ok(());
                    }
                    Some(Spanned {
                        value: Value::Str(text),
                        ..
                    }) => {
                        let expr = self.parse(text)?;
                        let typed = self.typed(id, &expr, &names, &[])?;
                        Some(Self::fit(
                            typed,
                            Wanted {
                                what: "a connection condition",
                                ty: VarType::Boolean,
                                dim: Dim::NONE,
                            },
                        )?)
                    }
                    Some(_) => return Err(bound.wrong("condition", "a string")),
                };
                let chance = self.chance(id, probability.as_ref(), &names)?;
                if self.options.check {
                    self.guessed.insert(id);
                    return Ok(());
                }
                self.all_pairs(id, source, target, test.as_ref(), &chance)?
            }
            _ => {
                return Err(Diagnostic::error("connect-arguments", args.span, "connect: `i` and `j` must both be given as numbers, or one of them as a string").help("give `i=…, j=…`, or `j='…'`").into());
            }
        };
        if self.options.check
            && (matches!(
                j,
                Some(Spanned {
                    value: Value::Str(_),
                    ..
                })
            ) || matches!(
                i,
                Some(Spanned {
                    value: Value::Str(_),
                    ..
                })
            ))
        {
            self.guessed.insert(id);
            return Ok(());
        }
        let pairs = if copies > 1 {
            repeat(&pairs, copies)
        } else {
            pairs
        };
        self.append(id, &pairs, args.span)?;
        self.timing.connect_seconds += started.elapsed().as_secs_f64();
        Ok(())
    }

    fn copies(&self, bound: &dslsim_script::Bound) -> Told<usize> {
        match bound.given("n") {
            Some(Spanned {
                value: Value::Str(_),
                span,
            }) => Err(Diagnostic::error(
                "not-yet",
                *span,
                "connect: `n` as a string is not supported yet",
            )
            .into()),
            _ => match bound.int("n")?.unwrap_or(1) {
                n if n >= 0 => Ok(n as usize),
                n => Err(Diagnostic::error(
                    "negative-count",
                    bound.span_of("n"),
                    format!("connect: n cannot be negative ({n})"),
                )
                .into()),
            },
        }
    }

    fn mark_connected(&mut self, id: ObjectId) {
        if let Kind::Synapses(s) = &mut self.network.get_mut(id).kind {
            s.connected = true;
        }
    }

    /// The probability of a connection.
    fn chance(
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

    /// Refuses more synapses than fit.
    fn room_for(&self, id: ObjectId, count: u64, span: Span) -> Told<()> {
        if count > MAX_SYNAPSES {
            return Err(too_many(count, span));
        }
        let variables = self.network.variables(id).map_or(0, |v| v.iter().count()) as u64;
        let bytes = count.saturating_mul(24 + 8 * variables);
        Ok(crate::limits::fits(
            &format!("{count} synapses"),
            bytes,
            span,
        )?)
    }

    /// All pairs that pass the test and the chance.
    fn all_pairs(
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
                        self.simulation
                            .random
                            .script(dslsim_ir::DrawKind::Uniform, &mut numbers);
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
                    .script(dslsim_ir::DrawKind::Uniform, &mut u);
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

    /// The values of an expression for pairs of neurons.
    fn over_pairs(
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
        let values = self.values(id, typed, &elements, columns);
        self.restore_tables(id);
        values
    }

    fn restore_tables(&mut self, id: ObjectId) {
        let (i, j) = std::mem::take(&mut self.extra(id).pairs);
        for (presynaptic, entries) in [(true, &i), (false, &j)] {
            let table = self
                .registry
                .table(&mut self.simulation.store, id, presynaptic);
            self.simulation.store.set_table(table, entries);
        }
        self.extra(id).pairs = (i, j);
    }

    /// Pairs from a generator string.
    #[expect(clippy::too_many_arguments, reason = "one use")]
    fn generate(
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
                for k in 0..outer.len() {
                    let (low, high, step) = match columns
                        .iter()
                        .map(|c| c[k])
                        .collect::<Vec<f64>>()
                        .as_slice()
                    {
                        [high] => (0.0, *high, 1.0),
                        [low, high] => (*low, *high, 1.0),
                        [low, high, step] => (*low, *high, *step),
                        _ => (0.0, 0.0, 1.0),
                    };
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
                        x += step;
                        if loops.len() as u64 > MAX_SYNAPSES {
                            return Err(too_many(loops.len() as u64, generator.span));
                        }
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

    /// Adds synapses.
    fn append(&mut self, id: ObjectId, pairs: &Pairs, span: Span) -> Told<()> {
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
        let extra = self.extra(id);
        extra
            .pairs
            .0
            .extend(pairs.i.iter().map(|k| k + source.start as u32));
        extra
            .pairs
            .1
            .extend(pairs.j.iter().map(|k| k + target.start as u32));
        self.restore_tables(id);
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
                let value = if store.is_uniform(array) && name.as_ref() == "delay" {
                    store.get(array, 0)
                } else {
                    0.0
                };
                store.resize(array, n, value);
            }
        }
        for pathway in 0..self.extra(id).queues.len().max(1) {
            self.delay_array(id, pathway);
        }
        self.count_partners(id, source, target);
        Ok(())
    }

    /// `N_incoming`, `N_outgoing`
    fn count_partners(&mut self, id: ObjectId, source: Part, target: Part) {
        let (i, j) = std::mem::take(&mut self.extra(id).pairs);
        for (name, all, part) in [("N_outgoing", &i, source), ("N_incoming", &j, target)] {
            let mut counts = vec![0.0; part.stop];
            all.iter().for_each(|k| counts[*k as usize] += 1.0);
            let each: Vec<f64> = all.iter().map(|k| counts[*k as usize]).collect();
            let array = self
                .registry
                .variable(&mut self.simulation.store, &self.network, id, name);
            self.simulation.store.assign(array, &each);
        }
        self.extra(id).pairs = (i, j);
    }
}

/// The probability of a connection.
enum Chance {
    Number(f64),
    Expression(Box<dslsim_model::TExpr>),
}

fn generator(ctx: &mut Context<'_>, text: &Text) -> Told<Generator> {
    let (generator, said) = dslsim_syntax::parse_generator(text);
    told(ctx, said)?;
    Ok(generator)
}

/// Outer and inner neurons as source and target.
fn place(outer: &[u32], inner: Option<&[u32]>, inverse: bool) -> Pairs {
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

fn filter(pairs: &Pairs, keep: impl Fn(usize) -> bool) -> Pairs {
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

fn repeat(pairs: &Pairs, copies: usize) -> Pairs {
    let each = |all: &[u32]| {
        all.iter()
            .flat_map(|k| std::iter::repeat_n(*k, copies))
            .collect()
    };
    Pairs {
        i: each(&pairs.i),
        j: each(&pairs.j),
    }
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

fn arrays(
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
                return Err(Diagnostic::error("connect-index", given.span, format!("connect: {letter} = {x} is outside the range of the {} {side} neurons (0 to {})", part.len(), part.len().saturating_sub(1))).into());
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
