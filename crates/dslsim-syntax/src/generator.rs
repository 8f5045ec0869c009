//! Connection generators: the strings of `connect(j='…')`.

use dslsim_source::{Diagnostic, Diagnostics, Text};

use crate::ast::{Expr, ExprKind, Generator, Iteration};
use crate::context::{Context, Dialect};
use crate::explain::{brackets, characters, explain};
use crate::expression::{Lower, tokens_of};
use crate::grammar::{Rule, parse, parts};
use crate::limits::within_limits;
use crate::token::{Token, TokenKind};

/// The generator that a string holds.
pub(crate) fn generator(text: &Text) -> (Generator, Diagnostics) {
    let context = Context::new(text, Dialect::Strings);
    let generator = read(&context).unwrap_or_else(|| Generator {
        element: Expr {
            kind: ExprKind::Error,
            span: text.whole(),
        },
        iteration: None,
        condition: None,
        span: text.whole(),
    });
    (generator, context.finish())
}

fn read(context: &Context<'_>) -> Option<Generator> {
    let tokens = tokens_of(context, 0, context.source.len());
    if tokens.iter().all(|t| t.kind == TokenKind::Newline) {
        context.say(Diagnostic::error(
            "missing-expression",
            context.text.whole(),
            "an expression for the index is missing here",
        ));
        return None;
    }
    if !within_limits(context, &tokens) {
        return None;
    }
    let pairs = match parse(Rule::whole_generator, context.source) {
        Ok(pairs) => pairs,
        Err(at) => {
            context.say(failure(context, &tokens, at));
            return None;
        }
    };
    let pair = pairs.into_iter().find(|p| p.as_rule() == Rule::generator)?;
    let lower = Lower { context, base: 0 };
    let (start, end) = lower.range(&pair);
    let (mut element, mut iteration, mut condition) = (None, None, None);
    for part in parts(pair) {
        match part.as_rule() {
            Rule::expression => element = Some(lower.expression(part).expr),
            Rule::iteration => {
                let (mut names, mut args) = (Vec::new(), Vec::new());
                for piece in parts(part) {
                    match piece.as_rule() {
                        Rule::name => names.push(lower.ident(&piece)),
                        Rule::arguments => args = lower.arguments(piece),
                        _ => {}
                    }
                }
                let mut names = names.into_iter();
                if let (Some(variable), Some(function)) = (names.next(), names.next()) {
                    iteration = Some(Iteration {
                        variable,
                        function,
                        args,
                    });
                }
            }
            Rule::condition => {
                condition = parts(part)
                    .find(|p| p.as_rule() == Rule::expression)
                    .map(|p| lower.expression(p).expr)
            }
            _ => {}
        }
    }
    Some(Generator {
        element: element?,
        iteration,
        condition,
        span: context.span(start, end),
    })
}

/// What is wrong with a generator that could not be read.
fn failure(context: &Context<'_>, tokens: &[Token], at: usize) -> Diagnostic {
    let tokens: Vec<Token> = tokens
        .iter()
        .copied()
        .filter(|t| t.kind != TokenKind::Newline)
        .collect();
    if let Some(diagnostic) = characters(context, &tokens).or_else(|| brackets(context, &tokens)) {
        return diagnostic;
    }
    const FORM: &str = "write `k for k in range(low, high)` or `k for k in sample(low, high, p=…)`";
    let word = |i: usize| tokens.get(i).map_or("", |t| context.word(t));
    let span = |i: usize| {
        tokens
            .get(i)
            .or(tokens.last())
            .map(|t| context.span_of(t))
            .unwrap_or_default()
    };
    let outer: Vec<usize> = {
        let mut depth = 0_usize;
        let mut outer = Vec::new();
        for (i, token) in tokens.iter().enumerate() {
            match token.kind {
                TokenKind::Open => depth += 1,
                TokenKind::Close => depth = depth.saturating_sub(1),
                _ if depth == 0 => outer.push(i),
                _ => {}
            }
        }
        outer
    };
    let fors: Vec<usize> = outer
        .iter()
        .copied()
        .filter(|&i| word(i) == "for")
        .collect();
    if let Some(&second) = fors.get(1) {
        return Diagnostic::error(
            "generator-form",
            span(second),
            "a generator has one `for` only",
        )
        .help("the other index is already there as `i`");
    }
    let ifs: Vec<usize> = outer.iter().copied().filter(|&i| word(i) == "if").collect();
    if let Some(&at) = fors.first() {
        let name = |i: usize| {
            tokens.get(i).is_some_and(|t| t.kind == TokenKind::Name)
                && !crate::explain::is_keyword(word(i))
        };
        let error =
            |i: usize, what: &str| Diagnostic::error("generator-form", span(i), what).help(FORM);
        if at == 0 {
            return error(0, "the index is missing before this `for`");
        }
        if let Some(&early) = ifs.first().filter(|i| **i < at) {
            return error(early, "the condition stands after the `for`, not before it");
        }
        if !name(at + 1) {
            return error(at + 1, "the name of the loop variable must follow `for`");
        }
        if word(at + 2) != "in" {
            return error(at + 2, "one loop variable and `in` must follow `for`");
        }
        if !name(at + 3) || word(at + 4) != "(" {
            return error(at + 3, "`range(…)` or `sample(…)` must follow `in`");
        }
        // The parts of a sound frame are judged one by one.
        let close = outer
            .iter()
            .copied()
            .find(|&i| i > at + 4)
            .unwrap_or(tokens.len());
        let part = |from: usize, to: usize| {
            let part = tokens.get(from..to).unwrap_or(&[]);
            let (start, end) = (part.first()?.start, part.last()?.end);
            parse(Rule::whole_expression, context.slice(start, end))
                .err()
                .map(|e| explain(context, part, start + e))
        };
        let found = part(0, at).or_else(|| part(at + 3, close));
        if let Some(diagnostic) = found {
            return diagnostic;
        }
        if close < tokens.len() && word(close) != "if" {
            return error(close, "only `if` and a condition may follow the range");
        }
        if close + 1 >= tokens.len() {
            return error(close, "a condition must follow this `if`");
        }
        if let Some(diagnostic) = part(close + 1, tokens.len()) {
            return diagnostic;
        }
    } else if let Some(&at) = ifs.first() {
        let halves = [tokens.get(..at), tokens.get(at + 1..)];
        for half in halves.into_iter().flatten() {
            match (half.first(), half.last()) {
                (Some(first), Some(last)) => {
                    if let Err(e) =
                        parse(Rule::whole_expression, context.slice(first.start, last.end))
                    {
                        return explain(context, half, first.start + e);
                    }
                }
                _ => {
                    return Diagnostic::error(
                        "generator-form",
                        span(at),
                        "`if` stands between an index and a condition",
                    )
                    .help("write `i if condition`");
                }
            }
        }
    }
    explain(context, &tokens, at)
}
