//! `S.connect(…)`: which neurons synapses join.
//!
//! Pairs of neurons come from arrays, from a generator string, or from all pairs with a condition and a probability; then they are
//! appended as new synapses, all at once or, if something is wrong, not at all.

mod candidates;
mod generate;
mod pairs;

use dslsim_model::network::{Kind, ObjectId, Part};
use dslsim_model::variables::VarType;
use dslsim_script::{CallArgs, Context, Param, Spanned, Value};
use dslsim_source::{Diagnostic, Diagnostics, Span};
use dslsim_units::Dim;

use crate::session::Session;
use crate::session::construct::{delay_name, numbers};
use crate::session::evaluate::Wanted;
use generate::generator;
use pairs::{Pairs, arrays, repeat};

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
        let count = (pairs.i.len() as u64).saturating_mul(copies as u64);
        self.room_for(id, count, args.span)?;
        let pairs = if copies != 1 {
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

    pub(super) fn restore_tables(&mut self, id: ObjectId) {
        let (i, j) = std::mem::take(&mut self.extra(id).pairs);
        for (presynaptic, entries) in [(true, &i), (false, &j)] {
            let table = self
                .registry
                .table(&mut self.simulation.store, id, presynaptic);
            self.simulation.store.set_table(table, entries);
        }
        self.extra(id).pairs = (i, j);
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
