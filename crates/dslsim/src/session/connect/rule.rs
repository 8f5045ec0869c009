//! Rules by which synapses are made: conditions with probabilities, and generator strings, in one form.
//!
//! A rule goes over the neurons of one side (the outer ones); for each it goes through candidates (a range, or a sample of one), each of
//! which gives a neuron of the other side, may be refused by a condition and by chance, and becomes a number of synapses.

use dslsim_model::expr::{Leaf, Side, TExpr, TKind};
use dslsim_model::network::ObjectId;
use dslsim_model::variables::VarType;
use dslsim_script::{Bound, Context, Spanned, Value};
use dslsim_source::{Diagnostic, Diagnostics, Span, Text};
use dslsim_syntax::ast::{Arg, Expr, ExprKind, Iteration};
use dslsim_units::Dim;

use super::Told;
use crate::namespace::Names;
use crate::session::Session;
use crate::session::construct::told;
use crate::session::evaluate::Wanted;

/// The candidates of an outer neuron.
#[derive(Clone, Debug)]
pub(super) enum Candidates {
    /// One.
    One,
    /// `range(low, high, step)`
    Range(Bounds),
    /// `sample(low, high, step, p=…)`
    Chance(Bounds, Amount),
    /// `sample(low, high, step, size=…)`
    Size(Bounds, TExpr),
    /// All neurons of the other side.
    All,
    /// All neurons of the other side, each with this probability.
    AllByChance(Amount),
}

/// `low, high, step`; what is missing is 0 and 1.
#[derive(Clone, Debug)]
pub(super) struct Bounds {
    pub(super) low: Option<TExpr>,
    pub(super) high: TExpr,
    pub(super) step: Option<TExpr>,
}

/// A number, or an expression.
#[derive(Clone, Debug)]
pub(super) enum Amount {
    Number(f64),
    Expression(Box<TExpr>),
}

/// How synapses are made.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    /// The outer neurons are the postsynaptic ones.
    pub(super) inverse: bool,
    /// The loop variable.
    pub(super) variable: Option<String>,
    pub(super) candidates: Candidates,
    /// The other side's neuron; `None`: the candidate itself.
    pub(super) element: Option<TExpr>,
    pub(super) condition: Option<TExpr>,
    /// The chance of each candidate that is left to the condition's place.
    pub(super) chance: Option<TExpr>,
    /// How many synapses each pair gets.
    pub(super) copies: Amount,
    pub(super) skip: bool,
    pub(super) span: Span,
}

impl Rule {
    /// Whether an expression is not the same for all candidates of an outer neuron.
    pub(super) fn varies(&self, e: &TExpr) -> bool {
        let inner = if self.inverse { Side::Pre } else { Side::Post };
        let mut found = super::is_random(e);
        e.visit(&mut |e| {
            found |= match &e.kind {
                TKind::Leaf(Leaf::Index(side)) | TKind::Leaf(Leaf::State { side, .. }) => {
                    *side == inner
                }
                TKind::Leaf(Leaf::Local(_)) => true,
                _ => false,
            }
        });
        found
    }

    /// Whether an expression looks at the other side's neuron.
    pub(super) fn uses_inner(&self, e: &TExpr) -> bool {
        let inner = if self.inverse { Side::Pre } else { Side::Post };
        let mut found = false;
        e.visit(&mut |e| {
            found |= matches!(&e.kind, TKind::Leaf(Leaf::Index(side)) | TKind::Leaf(Leaf::State { side, .. }) if *side == inner)
        });
        found
    }
}

fn integer(what: &str) -> Wanted<'_> {
    Wanted {
        what,
        ty: VarType::Integer,
        dim: Dim::NONE,
    }
}

fn number(what: &str) -> Wanted<'_> {
    Wanted {
        what,
        ty: VarType::Float,
        dim: Dim::NONE,
    }
}

const CONDITION: Wanted<'static> = Wanted {
    what: "a connection condition",
    ty: VarType::Boolean,
    dim: Dim::NONE,
};

impl Session<'_> {
    /// `connect(condition=…, p=…)`
    pub(super) fn condition_rule(
        &mut self,
        id: ObjectId,
        bound: &Bound,
        condition: Option<&Text>,
        names: &Names,
    ) -> Told<Rule> {
        let condition = match condition {
            None => None,
            Some(text) => {
                let expr = self.parse(text)?;
                let typed = self.typed(id, &expr, names, &[])?;
                self.no_counts(&expr)?;
                Some(Self::fit(typed, CONDITION)?)
            }
        };
        let mut rule = Rule {
            inverse: false,
            variable: None,
            candidates: Candidates::All,
            element: None,
            condition,
            chance: None,
            copies: self.copies(id, bound, names)?,
            skip: false,
            span: bound.span,
        };
        match self.chance(id, bound, names)? {
            Amount::Number(1.0) => {}
            Amount::Expression(p) if rule.varies(&p) => rule.chance = Some(*p),
            p => rule.candidates = Candidates::AllByChance(p),
        }
        Ok(rule)
    }

    /// `connect(j='k for k in …')`
    pub(super) fn generator_rule(
        &mut self,
        ctx: &mut Context<'_>,
        id: ObjectId,
        bound: &Bound,
        text: &Text,
        inverse: bool,
        names: &Names,
    ) -> Told<Rule> {
        let (generator, said) = dslsim_syntax::parse_generator(text);
        told(ctx, said)?;
        if let Some(p) = bound.given("p")
            && p.value.as_f64() != Some(1.0)
        {
            return Err(Diagnostic::error(
                "connect-arguments",
                p.span,
                "connect: `p` cannot be combined with a generator string",
            )
            .help("write the probability into the string: `… in sample(N_post, p=…)`")
            .into());
        }
        let variable = generator
            .iteration
            .as_ref()
            .map(|it| it.variable.name.clone());
        let known: Vec<&str> = variable.iter().map(String::as_str).collect();
        self.no_counts(&generator.element)?;
        let element = Self::fit(
            self.typed(id, &generator.element, names, &known)?,
            integer("a neuron's index"),
        )?;
        let condition = match &generator.condition {
            Some(c) => {
                self.no_counts(c)?;
                Some(Self::fit(self.typed(id, c, names, &known)?, CONDITION)?)
            }
            None => None,
        };
        let candidates = match &generator.iteration {
            None => Candidates::One,
            Some(it) => self.iteration(id, it, inverse, names)?,
        };
        Ok(Rule {
            inverse,
            variable,
            candidates,
            element: Some(element),
            condition,
            chance: None,
            copies: self.copies(id, bound, names)?,
            skip: bound.flag("skip_if_invalid")?.unwrap_or(false),
            span: generator.span,
        })
    }

    /// The numbers of incoming and outgoing synapses are not known while synapses are made.
    fn no_counts(&self, expr: &Expr) -> Told<()> {
        let mut said = Diagnostics::new();
        dslsim_model::variables::visit(expr, &mut |e| {
            if let ExprKind::Name(name) = &e.kind
                && matches!(name.as_str(), "N_incoming" | "N_outgoing")
            {
                said.push(
                    Diagnostic::error(
                        "connect-counts",
                        e.span,
                        format!("connect: `{name}` is not known while synapses are being made"),
                    )
                    .help("use `i`, `j` and variables of the neurons"),
                );
            }
        });
        if said.is_empty() { Ok(()) } else { Err(said) }
    }

    fn iteration(
        &self,
        id: ObjectId,
        it: &Iteration,
        inverse: bool,
        names: &Names,
    ) -> Told<Candidates> {
        let function = it.function.name.as_str();
        if !matches!(function, "range" | "sample") {
            return Err(Diagnostic::error(
                "unknown-function",
                it.function.span,
                format!("a generator runs over `range` or `sample`, not `{function}`"),
            )
            .help("use `range(…)` with a condition")
            .into());
        }
        let (positional, named): (Vec<&Arg>, Vec<&Arg>) =
            it.args.iter().partition(|a| a.name.is_none());
        if positional.is_empty() || positional.len() > 3 {
            return Err(Diagnostic::error(
                "argument-count",
                it.function.span,
                format!(
                    "`{function}` takes one to three numbers: high; low, high; low, high, step"
                ),
            )
            .into());
        }
        // Whose neurons are being looked for is not known yet.
        let outer = |typed: TExpr, what: &str| -> Told<TExpr> {
            let inner = if inverse { Side::Pre } else { Side::Post };
            let mut wrong = None;
            typed.visit(&mut |e| {
                if matches!(&e.kind, TKind::Leaf(Leaf::Index(side)) | TKind::Leaf(Leaf::State { side, .. }) if *side == inner) {
                    wrong.get_or_insert(e.span);
                }
            });
            match wrong {
                None => Ok(typed),
                Some(span) => {
                    let side = if inverse {
                        "presynaptic"
                    } else {
                        "postsynaptic"
                    };
                    Err(Diagnostic::error(
                        "generator-bound",
                        span,
                        format!("{what} of `{function}` cannot depend on the {side} neuron: that is what the generator looks for"),
                    )
                    .help("put it into the condition: `… if …`")
                    .into())
                }
            }
        };
        let whole = |a: &Arg, what: &str| -> Told<TExpr> {
            let typed = self.typed(id, &a.value, names, &[])?;
            if typed.ty == VarType::Float {
                return Err(Diagnostic::error(
                    "not-an-integer",
                    typed.span,
                    format!("{what} of `{function}` must be an integer, but this is a float"),
                )
                .help("write `int(…)` around it")
                .into());
            }
            outer(Self::fit(typed, integer(what))?, what)
        };
        let mut at = positional.iter();
        let bounds = match (at.next(), at.next(), at.next()) {
            (Some(high), None, _) => Bounds {
                low: None,
                high: whole(high, "a bound")?,
                step: None,
            },
            (Some(low), Some(high), step) => Bounds {
                low: Some(whole(low, "a bound")?),
                high: whole(high, "a bound")?,
                step: step.map(|s| whole(s, "the step")).transpose()?,
            },
            (None, ..) => return Err(Diagnostics::new()),
        };
        if function == "range" {
            if let Some(extra) = named.first() {
                return Err(Diagnostic::error(
                    "unknown-argument",
                    extra.span,
                    "`range` has no keywords",
                )
                .help("for a random choice use `sample(…, p=…)` or `sample(…, size=…)`")
                .into());
            }
            return Ok(Candidates::Range(bounds));
        }
        match named.as_slice() {
            [one] => match one.name.as_ref().map(|n| n.name.as_str()) {
                Some("p") => {
                    let typed = self.typed(id, &one.value, names, &[])?;
                    let p = outer(
                        Self::fit(typed, number("the probability p"))?,
                        "the probability",
                    )?;
                    Ok(Candidates::Chance(bounds, probability(p)?))
                }
                Some("size") => Ok(Candidates::Size(bounds, whole(one, "the size")?)),
                _ => Err(Diagnostic::error(
                    "unknown-argument",
                    one.span,
                    "`sample` has the keywords `p` and `size` only",
                )
                .into()),
            },
            _ => Err(Diagnostic::error(
                "sample-arguments",
                it.function.span,
                "`sample` needs either a probability or a size",
            )
            .help("write `sample(N_post, p=0.1)` or `sample(N_post, size=10)`")
            .into()),
        }
    }

    /// The probability of a connection.
    pub(super) fn chance(&self, id: ObjectId, bound: &Bound, names: &Names) -> Told<Amount> {
        let Some(p) = bound.given("p") else {
            return Ok(Amount::Number(1.0));
        };
        if let Value::Str(text) = &p.value {
            let expr = self.parse(text)?;
            let typed = self.typed(id, &expr, names, &[])?;
            return Ok(Amount::Expression(Box::new(Self::fit(
                typed,
                number("a connection probability"),
            )?)));
        }
        match (p.value.as_f64(), p.value.dim()) {
            (Some(x), Some(dim)) if dim.is_none() && (0.0..=1.0).contains(&x) => {
                Ok(Amount::Number(x))
            }
            (Some(x), _) => Err(Diagnostic::error(
                "wrong-probability",
                p.span,
                format!(
                    "the probability p must be between 0 and 1, but it is {}",
                    dslsim_units::format_quantity(
                        dslsim_units::round_digits(x, 12),
                        p.value.dim().unwrap_or_default()
                    )
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

    /// How many synapses each pair gets.
    pub(super) fn copies(&self, id: ObjectId, bound: &Bound, names: &Names) -> Told<Amount> {
        if let Some(Spanned {
            value: Value::Str(text),
            ..
        }) = bound.given("n")
        {
            let expr = self.parse(text)?;
            let typed = self.typed(id, &expr, names, &[])?;
            return Ok(Amount::Expression(Box::new(Self::fit(
                typed,
                integer("the number of synapses n"),
            )?)));
        }
        match bound.int("n")?.unwrap_or(1) {
            n if n >= 0 => Ok(Amount::Number(n as f64)),
            n => Err(Diagnostic::error(
                "negative-count",
                bound.span_of("n"),
                format!("connect: n cannot be negative ({n})"),
            )
            .into()),
        }
    }
}

/// A probability in a generator string.
fn probability(p: TExpr) -> Told<Amount> {
    match p.constant() {
        Some(x) if (0.0..=1.0).contains(&x) => Ok(Amount::Number(x)),
        Some(x) => Err(Diagnostic::error(
            "wrong-probability",
            p.span,
            format!(
                "the probability p must be between 0 and 1, but it is {}",
                dslsim_units::round_digits(x, 12)
            ),
        )
        .into()),
        None => Ok(Amount::Expression(Box::new(p))),
    }
}
