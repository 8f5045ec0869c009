//! Messages about single characters: typographic quotes, mathematical signs, invisible blanks; and strings without end.

use dslsim_source::Diagnostic;

use crate::context::Context;
use crate::token::Token;

/// What a character is called, and what to type instead.
const SIGNS: &[(&str, &str, &str)] = &[
    ("−–—‒―", "a typographic minus or dash", "-"),
    ("×⋅∙•∗", "a typographic multiplication sign", "*"),
    ("÷∕⁄", "a typographic division sign", "/"),
    ("≤", "a mathematical sign", "<="),
    ("≥", "a mathematical sign", ">="),
    ("≠", "a mathematical sign", "!="),
    ("²", "a superscript", "**2"),
    ("³", "a superscript", "**3"),
    ("∞", "a mathematical sign", "inf"),
    ("√", "a mathematical sign", "sqrt(…)"),
    ("∧", "a mathematical sign", "and"),
    ("∨", "a mathematical sign", "or"),
    ("¬", "a mathematical sign", "not"),
    ("≈", "a mathematical sign", "=="),
    ("（", "a full-width bracket", "("),
    ("）", "a full-width bracket", ")"),
    ("，", "a full-width comma", ","),
    ("：", "a full-width colon", ":"),
    ("；", "a full-width semicolon", ";"),
    ("＝", "a full-width sign", "="),
];

/// The message about a character that means nothing.
pub(crate) fn bad_character(context: &Context<'_>, token: &Token) -> Diagnostic {
    let word = context.word(token);
    let c = word.chars().next().unwrap_or(' ');
    let span = context.span_of(token);
    let error = |code, message: String| Diagnostic::error(code, span, message);
    if "‘’‚‛′`´".contains(c) {
        return error(
            "typographic-quote",
            format!("`{c}` is a typographic quotation mark, which does not begin or end a string"),
        )
        .help("type `'` instead");
    }
    if "“”„‟″«»".contains(c) {
        return error(
            "typographic-quote",
            format!("`{c}` is a typographic quotation mark, which does not begin or end a string"),
        )
        .help("type `\"` instead");
    }
    if let Some((_, what, instead)) = SIGNS.iter().find(|(signs, _, _)| signs.contains(c)) {
        return error(
            "unknown-character",
            format!("`{c}` is {what}, which has no meaning here"),
        )
        .help(format!("type `{instead}` instead"));
    }
    let code = u32::from(c);
    match c {
        '\\' => error(
            "unknown-character",
            "a `\\` joins two lines only at the very end of a line".to_owned(),
        ),
        '$' | '?' => error(
            "unknown-character",
            format!("the character `{c}` has no meaning here"),
        ),
        '\0' => error(
            "nul-character",
            "a NUL character stands here: this is not text".to_owned(),
        ),
        _ if c.is_whitespace() || matches!(c, '\u{200B}'..='\u{200F}' | '\u{2060}') => error(
            "unknown-character",
            format!("an invisible character (U+{code:04X}) stands here"),
        )
        .help("delete it or type an ordinary blank instead"),
        _ if c.is_control() => error(
            "unknown-character",
            format!("a control character (U+{code:04X}) stands here"),
        )
        .help("delete it"),
        _ => error(
            "unknown-character",
            format!("the character `{c}` (U+{code:04X}) has no meaning here"),
        ),
    }
}

/// The message about a string without end, at its opening quote.
pub(crate) fn unclosed_string(context: &Context<'_>, token: &Token, triple: bool) -> Diagnostic {
    let word = context.word(token);
    let prefix = word.find(['\'', '"']).unwrap_or(0);
    let quote = word
        .get(prefix..prefix + if triple { 3 } else { 1 })
        .unwrap_or("'");
    let span = context.span(token.start + prefix, token.start + prefix + quote.len());
    let place = if triple {
        "by the end of the file"
    } else {
        "by the end of its line"
    };
    Diagnostic::error(
        "unterminated-string",
        span,
        format!("this quote opens a string that is not closed {place}"),
    )
    .help(format!(
        "add the closing `{quote}`{}",
        if triple {
            ""
        } else {
            ", or use three quotes for several lines"
        }
    ))
}
