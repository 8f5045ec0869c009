//! What is wrong with an expression that could not be read, in the user's terms.
//!
//! The grammar only says where it gave up. Here the tokens are looked at again: characters that mean nothing first,
//! then brackets that do not match, then the order of values and operators ([`crate::walk`]).

use dslsim_source::Diagnostic;

use crate::characters::{bad_character, unclosed_string};
use crate::context::Context;
use crate::token::{Token, TokenKind};
use crate::walk::walk;

/// The message about tokens that could not be read as an expression (or, in files, as a simple statement);
/// `failed_at` is where the grammar gave up.
pub(crate) fn explain(context: &Context<'_>, tokens: &[Token], failed_at: usize) -> Diagnostic {
    let tokens: Vec<Token> = tokens
        .iter()
        .copied()
        .filter(|t| t.kind != TokenKind::Newline)
        .collect();
    characters(context, &tokens)
        .or_else(|| brackets(context, &tokens))
        .or_else(|| walk(context, &tokens))
        .unwrap_or_else(|| unexpected(context, &tokens, failed_at))
}

/// Strings without end and characters that mean nothing.
pub(crate) fn characters(context: &Context<'_>, tokens: &[Token]) -> Option<Diagnostic> {
    tokens.iter().find_map(|token| match token.kind {
        TokenKind::Str {
            closed: false,
            triple,
        } => Some(unclosed_string(context, token, triple)),
        TokenKind::Other => Some(bad_character(context, token)),
        _ => None,
    })
}

/// A string without end.
pub(crate) fn unclosed(context: &Context<'_>, token: &Token) -> Diagnostic {
    let word = context.word(token);
    unclosed_string(
        context,
        token,
        word.contains("'''") || word.contains("\"\"\""),
    )
}

/// The bracket that closes one.
pub(crate) fn closing(open: &str) -> &'static str {
    match open {
        "(" => ")",
        "[" => "]",
        _ => "}",
    }
}

/// A message about brackets that do not match.
pub(crate) fn brackets(context: &Context<'_>, tokens: &[Token]) -> Option<Diagnostic> {
    let mut open: Vec<&Token> = Vec::new();
    for token in tokens {
        match token.kind {
            TokenKind::Open => open.push(token),
            TokenKind::Close => match open.pop() {
                None => return Some(never_opened(context, token)),
                Some(start) if closing(context.word(start)) != context.word(token) => {
                    let (left, right) = (context.word(start), context.word(token));
                    return Some(
                        Diagnostic::error(
                            "unbalanced-bracket",
                            context.span_of(start),
                            format!("this `{left}` is closed by `{right}`"),
                        )
                        .label("opened here")
                        .also(context.span_of(token), "closed here")
                        .help(format!("write `{}`", closing(left))),
                    );
                }
                Some(_) => {}
            },
            _ => {}
        }
    }
    open.pop().map(|start| never_closed(context, start))
}

/// `(` without `)`.
pub(crate) fn never_closed(context: &Context<'_>, open: &Token) -> Diagnostic {
    let word = context.word(open);
    Diagnostic::error(
        "unbalanced-bracket",
        context.span_of(open),
        format!("this `{word}` is never closed"),
    )
    .help(format!("add the missing `{}`", closing(word)))
}

/// `)` without `(`.
pub(crate) fn never_opened(context: &Context<'_>, close: &Token) -> Diagnostic {
    Diagnostic::error(
        "unbalanced-bracket",
        context.span_of(close),
        format!(
            "this `{}` closes a bracket that was never opened",
            context.word(close)
        ),
    )
}

/// A token as it may stand in a message.
pub(crate) fn shown(context: &Context<'_>, token: &Token) -> String {
    let word = context.word(token);
    let line = word.lines().next().unwrap_or("");
    let short: String = line.chars().take(24).collect();
    if short.len() == word.len() {
        format!("`{short}`")
    } else {
        format!("`{short}…`")
    }
}

fn unexpected(context: &Context<'_>, tokens: &[Token], failed_at: usize) -> Diagnostic {
    let at = tokens.iter().find(|t| t.end > failed_at).or(tokens.last());
    match at {
        Some(token) => Diagnostic::error(
            "unexpected-symbol",
            context.span_of(token),
            format!("{} is not expected here", shown(context, token)),
        ),
        None => Diagnostic::error(
            "missing-expression",
            context.span(failed_at, failed_at),
            "an expression is missing here",
        ),
    }
}

/// Whether a word is a keyword of Python.
pub(crate) fn is_keyword(word: &str) -> bool {
    const KEYWORDS: &[&str] = &[
        "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class",
        "continue", "def", "del", "elif", "else", "except", "finally", "for", "from", "global",
        "if", "import", "in", "is", "lambda", "nonlocal", "not", "or", "pass", "raise", "return",
        "try", "while", "with", "yield",
    ];
    KEYWORDS.contains(&word)
}
