//! The pest grammar and the precedence of operators. Rule names stay in this crate and never reach a user.

use std::sync::LazyLock;

use pest::Parser as _;
use pest::iterators::{Pair, Pairs};
use pest::pratt_parser::{Assoc, Op, PrattParser};

use crate::context::Dialect;

/// The generated parser; its rules are documented in the `.pest` files.
mod generated {
    #![allow(missing_docs, clippy::all)]

    #[derive(pest_derive::Parser)]
    #[grammar = "expression.pest"]
    #[grammar = "strings.pest"]
    #[grammar = "file.pest"]
    pub(crate) struct Grammar;
}

pub(crate) use generated::Rule;

/// Parses all of `source` by a rule; on failure, the byte up to which it could be read.
pub(crate) fn parse(rule: Rule, source: &str) -> Result<Pairs<'_, Rule>, usize> {
    generated::Grammar::parse(rule, source).map_err(|error| match error.location {
        pest::error::InputLocation::Pos(at) => at,
        pest::error::InputLocation::Span((at, _)) => at,
    })
}

/// The parts of a pair, without the end of input.
pub(crate) fn parts(pair: Pair<'_, Rule>) -> impl Iterator<Item = Pair<'_, Rule>> {
    pair.into_inner().filter(|p| p.as_rule() != Rule::EOI)
}

/// The precedence table of a dialect.
pub(crate) fn precedence(dialect: Dialect) -> &'static PrattParser<Rule> {
    match dialect {
        Dialect::File => &FILE,
        Dialect::Strings => &STRINGS,
    }
}

static FILE: LazyLock<PrattParser<Rule>> = LazyLock::new(|| table(false));

/// In strings, `^` is read as the power it was meant for.
static STRINGS: LazyLock<PrattParser<Rule>> = LazyLock::new(|| table(true));

fn left(first: Rule, others: &[Rule]) -> Op<Rule> {
    others
        .iter()
        .fold(Op::infix(first, Assoc::Left), |ops, rule| {
            ops | Op::infix(*rule, Assoc::Left)
        })
}

/// Python's precedence, from the loosest to the tightest.
fn table(caret_is_power: bool) -> PrattParser<Rule> {
    let mut power = Op::infix(Rule::power, Assoc::Right);
    if caret_is_power {
        power = power | Op::infix(Rule::bit_xor, Assoc::Right);
    }
    let comparisons = [
        Rule::less_equal,
        Rule::greater,
        Rule::greater_equal,
        Rule::equal,
        Rule::not_equal,
        Rule::r#in,
        Rule::not_in,
        Rule::is,
        Rule::is_not,
    ];
    let mut table = PrattParser::new()
        .op(left(Rule::or, &[]))
        .op(left(Rule::and, &[]))
        .op(Op::prefix(Rule::not))
        .op(left(Rule::less, &comparisons))
        .op(left(Rule::bit_or, &[]));
    if !caret_is_power {
        table = table.op(left(Rule::bit_xor, &[]));
    }
    table
        .op(left(Rule::bit_and, &[]))
        .op(left(Rule::shift_left, &[Rule::shift_right]))
        .op(left(Rule::add, &[Rule::subtract]))
        .op(left(
            Rule::times,
            &[
                Rule::divide,
                Rule::floor_divide,
                Rule::modulo,
                Rule::matrix_times,
            ],
        ))
        .op(Op::prefix(Rule::negate) | Op::prefix(Rule::plus) | Op::prefix(Rule::invert))
        .op(power)
}
