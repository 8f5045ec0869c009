//! Refuses what would overflow the stack, before it is parsed.
//!
//! Two numbers are computed from the tokens, without recursion: how deeply the parser would recurse (brackets, chains
//! of signs and `not`, of `**`, of conditional expressions), and an upper bound of the depth of the tree, over which
//! later stages recurse (every operator of a chain `a + b + c` is a level). Long lists are flat and not limited.

use dslsim_source::Diagnostic;

use crate::context::{Context, Dialect};
use crate::token::{Token, TokenKind};

/// Levels of recursion the parser may need.
const MAX_NESTING: usize = 200;
/// Depth of a tree.
const MAX_DEPTH: usize = 1000;
/// Tokens of one expression in a string.
const MAX_TOKENS: usize = 20_000;

/// What is counted for one pair of brackets (or outside all).
#[derive(Default)]
struct Level {
    /// Recursion outside this bracket.
    outside: usize,
    /// Signs and powers of the current chain.
    chain: usize,
    /// `not` of the current chain.
    nots: usize,
    /// `else` of the current element.
    elses: usize,
    /// Operators of the current element.
    operators: usize,
    /// Deepest element so far, and deepest bracket of the current element.
    deepest: usize,
    inner: usize,
}

impl Level {
    fn recursion(&self) -> usize {
        self.outside + self.chain + self.nots + self.elses
    }

    fn depth(&self) -> usize {
        self.deepest.max(self.operators + self.inner)
    }

    fn next_element(&mut self) {
        *self = Level {
            outside: self.outside,
            deepest: self.depth(),
            ..Level::default()
        };
    }
}

/// Whether an expression may be parsed; if not, the reason has been told.
pub(crate) fn within_limits(context: &Context<'_>, tokens: &[Token]) -> bool {
    match exceeded(context, tokens) {
        Some(diagnostic) => {
            context.say(diagnostic);
            false
        }
        None => true,
    }
}

/// The message about the limit that the tokens exceed.
pub(crate) fn exceeded(context: &Context<'_>, tokens: &[Token]) -> Option<Diagnostic> {
    let too_large = |what: String| {
        let span = tokens
            .first()
            .map(|first| context.span_of(first))
            .unwrap_or_default();
        Diagnostic::error("expression-too-large", span, what)
            .help("compute parts of it under names of their own")
    };
    let mut outer: Vec<Level> = Vec::new();
    let mut level = Level::default();
    let mut after_operand = false;
    for token in tokens {
        let word = context.word(token);
        match token.kind {
            TokenKind::Open => {
                level.operators += usize::from(after_operand);
                let outside = level.recursion() + 1;
                outer.push(std::mem::replace(
                    &mut level,
                    Level {
                        outside,
                        ..Level::default()
                    },
                ));
            }
            TokenKind::Close => {
                let depth = level.depth();
                if let Some(parent) = outer.pop() {
                    level = parent;
                    level.inner = level.inner.max(depth + 1);
                }
            }
            TokenKind::Op | TokenKind::Name => match word {
                "," | ";" | ":" | "=" => level.next_element(),
                "not" => {
                    level.nots += 1;
                    level.operators += 1;
                }
                "in" | "is" => level.operators += 1,
                "and" | "or" => {
                    level.chain = 0;
                    level.nots = 0;
                    level.operators += 1;
                }
                "if" | "else" => {
                    level.chain = 0;
                    level.nots = 0;
                    level.elses += usize::from(word == "else");
                    level.operators += 1;
                }
                "**" => {
                    level.chain += 1;
                    level.operators += 1;
                }
                "^" if context.dialect == Dialect::Strings => {
                    level.chain += 1;
                    level.operators += 1;
                }
                _ if token.kind == TokenKind::Name => {}
                _ if !after_operand => {
                    level.chain += 1;
                    level.operators += 1;
                }
                _ => {
                    if word != "." {
                        level.chain = 0;
                    }
                    level.operators += 1;
                }
            },
            _ => {}
        }
        after_operand = token.ends_operand(context.source);
        if level.recursion() > MAX_NESTING {
            let what = if token.kind == TokenKind::Open {
                "this bracket"
            } else {
                "this"
            };
            return Some(
                Diagnostic::error(
                    "nesting-too-deep",
                    context.span_of(token),
                    format!("{what} is nested too deeply: more than {MAX_NESTING} levels"),
                )
                .help("compute the inner parts under names of their own"),
            );
        }
    }
    if context.dialect == Dialect::Strings && tokens.len() > MAX_TOKENS {
        return Some(too_large(format!(
            "this expression is too long: {} symbols, at most {MAX_TOKENS} can be read",
            tokens.len()
        )));
    }
    let mut depth = level.depth();
    while let Some(parent) = outer.pop() {
        depth = parent.depth().max(parent.operators + depth + 1);
    }
    (depth > MAX_DEPTH)
        .then(|| too_large(format!("this expression is too large: a chain of about {depth} operations, at most {MAX_DEPTH} can be read")))
}
