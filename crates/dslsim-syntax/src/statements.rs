//! Blocks of statements in strings: reset, on_pre, run_regularly.
//!
//! Statements end at line breaks outside brackets and at `;`. All assignment operators are read; which of them are
//! meaningful is judged later.

use dslsim_source::{Diagnostic, Diagnostics, Text};

use crate::ast::{AssignOp, BinaryOp, Ident, Statement};
use crate::context::{Context, Dialect};
use crate::explain::{brackets, characters, explain, is_keyword};
use crate::expression::{parse_tokens, tokens_of};
use crate::grammar::{Rule, parse};
use crate::names::canonical;
use crate::token::{Token, TokenKind};

/// The statements of a block.
pub(crate) fn statements(text: &Text) -> (Vec<Statement>, Diagnostics) {
    let context = Context::new(text, Dialect::Strings);
    let tokens = tokens_of(&context, 0, context.source.len());
    let mut found = Vec::new();
    for tokens in split(&context, &tokens) {
        if context.is_enough() {
            break;
        }
        found.extend(statement(&context, &tokens));
    }
    (found, context.finish())
}

/// The operator of an assignment, if the word is one.
pub(crate) fn assign_op(word: &str) -> Option<AssignOp> {
    let op = match word {
        "=" => return Some(AssignOp::Set),
        "+=" => BinaryOp::Add,
        "-=" => BinaryOp::Sub,
        "*=" => BinaryOp::Mul,
        "/=" => BinaryOp::Div,
        "//=" => BinaryOp::FloorDiv,
        "%=" => BinaryOp::Mod,
        "**=" => BinaryOp::Pow,
        "@=" => BinaryOp::MatMul,
        "&=" => BinaryOp::BitAnd,
        "|=" => BinaryOp::BitOr,
        "^=" => BinaryOp::BitXor,
        "<<=" => BinaryOp::ShiftLeft,
        ">>=" => BinaryOp::ShiftRight,
        _ => return None,
    };
    Some(AssignOp::Update(op))
}

/// The tokens of each statement.
fn split(context: &Context<'_>, tokens: &[Token]) -> Vec<Vec<Token>> {
    let mut all = Vec::new();
    let mut current: Vec<Token> = Vec::new();
    let mut depth = 0_usize;
    let mut line_start = false;
    for (at, token) in tokens.iter().enumerate() {
        if token.kind == TokenKind::Newline {
            line_start = true;
            if depth == 0 {
                all.push(std::mem::take(&mut current));
            }
            continue;
        }
        // A bracket that was forgotten must not swallow the statements after it.
        let begins = token.kind == TokenKind::Name
            && tokens
                .get(at + 1)
                .is_some_and(|t| assign_op(context.word(t)).is_some());
        if std::mem::take(&mut line_start)
            && depth > 0
            && begins
            && current
                .last()
                .is_some_and(|t| t.ends_operand(context.source))
        {
            all.push(std::mem::take(&mut current));
            depth = 0;
        }
        match token.kind {
            TokenKind::Open => depth += 1,
            TokenKind::Close => depth = depth.saturating_sub(1),
            TokenKind::Op if context.word(token) == ";" => {
                all.push(std::mem::take(&mut current));
                depth = 0;
                continue;
            }
            _ => {}
        }
        current.push(*token);
    }
    all.push(current);
    all.retain(|tokens| !tokens.is_empty());
    all
}

fn statement(context: &Context<'_>, tokens: &[Token]) -> Option<Statement> {
    let (first, last) = (tokens.first()?, tokens.last()?);
    let whole = context.span(first.start, last.end);
    if let Some(diagnostic) = characters(context, tokens) {
        context.say(diagnostic);
        return None;
    }
    let mut depth = 0_usize;
    let mut assigns = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        match token.kind {
            TokenKind::Open => depth += 1,
            TokenKind::Close => depth = depth.saturating_sub(1),
            TokenKind::Op if depth == 0 => {
                assigns.extend(assign_op(context.word(token)).map(|op| (at, op)))
            }
            _ => {}
        }
    }
    let word = context.word(first);
    if is_keyword(word) && !matches!(word, "True" | "False" | "None" | "not") {
        context.say(keyword(context, first));
        return None;
    }
    let Some(&(at, op)) = assigns.first() else {
        context.say(no_assignment(context, tokens));
        return None;
    };
    if let Some(diagnostic) = target(context, tokens.get(..at).unwrap_or(&[]), tokens.get(at)) {
        context.say(diagnostic);
        return None;
    }
    let Some((start, end)) = tokens.get(at + 1).map(|t| (t.start, last.end)) else {
        let span = tokens
            .get(at)
            .map(|t| context.span_of(t))
            .unwrap_or_default();
        context.say(Diagnostic::error(
            "missing-expression",
            span,
            format!(
                "an expression must follow this `{}`",
                tokens.get(at).map_or("=", |t| context.word(t))
            ),
        ));
        return None;
    };
    if let Some(second) = assigns.get(1).and_then(|(at, _)| tokens.get(*at)) {
        let what = "one statement assigns one variable";
        context.say(
            Diagnostic::error("statement-form", context.span_of(second), what)
                .help("write two statements, or `==` for a comparison"),
        );
        return None;
    }
    let value = parse_tokens(context, tokens.get(at + 1..).unwrap_or(&[]), start, end);
    let target = Ident {
        name: canonical(word),
        span: context.span_of(first),
    };
    Some(Statement {
        target,
        op,
        value,
        span: whole,
    })
}

/// What is wrong with the left side of an assignment, if anything.
fn target(context: &Context<'_>, left: &[Token], op: Option<&Token>) -> Option<Diagnostic> {
    let error = |token: &Token, what: String| {
        Diagnostic::error("statement-form", context.span_of(token), what)
    };
    let Some(first) = left.first() else {
        return op.map(|op| {
            error(
                op,
                format!("the variable is missing before this `{}`", context.word(op)),
            )
        });
    };
    if left.len() == 1 && first.kind == TokenKind::Name {
        return None;
    }
    let whole = context.span(first.start, left.last().map_or(first.end, |t| t.end));
    let has = |word: &str| left.iter().any(|t| context.word(t) == word);
    let (what, help) = match first.kind {
        _ if has(":") => (
            "a colon is not expected in a statement",
            Some("conditions are written `x = a if condition else b`"),
        ),
        TokenKind::Name if has(",") => (
            "a statement assigns one variable",
            Some("write one statement for each variable, separated by `;` or line breaks"),
        ),
        TokenKind::Name if left.iter().any(|t| context.word(t) == ".") => (
            "a statement assigns a variable by its plain name, without a dot",
            Some("write the name alone, or with `_pre` or `_post` in synapses"),
        ),
        TokenKind::Name if has("[") => (
            "a statement runs for each element, so its variable has no index",
            Some("write the name alone"),
        ),
        _ => (
            "the left side of a statement must be the name of a variable",
            None,
        ),
    };
    Some(Diagnostic::error("statement-form", whole, what).help_opt(help.map(str::to_owned)))
}

/// A statement without `=`.
fn no_assignment(context: &Context<'_>, tokens: &[Token]) -> Diagnostic {
    let (start, end) = (
        tokens.first().map_or(0, |t| t.start),
        tokens.last().map_or(0, |t| t.end),
    );
    if let Some(diagnostic) = brackets(context, tokens) {
        return diagnostic;
    }
    const FORM: &str = "write `variable = expression` or `variable += expression`";
    let word = |i: usize| tokens.get(i).map_or("", |t| context.word(t));
    let span = |from: usize, to: usize| {
        tokens
            .get(from)
            .zip(tokens.get(to))
            .map(|(a, b)| context.span(a.start, b.end))
            .unwrap_or_default()
    };
    if word(1) == "==" {
        return Diagnostic::error(
            "statement-form",
            span(1, 1),
            "`==` compares; a statement assigns with `=`",
        )
        .help(FORM);
    }
    if matches!(word(1), "+" | "-") && word(1) == word(2) && tokens.len() == 3 {
        let sign = word(1);
        let what = format!("`{sign}{sign}` is not an operator here");
        return Diagnostic::error("statement-form", span(1, 2), what)
            .help(format!("write `{} {sign}= 1`", word(0)));
    }
    if tokens.len() == 1 || parse(Rule::whole_expression, context.slice(start, end)).is_ok() {
        let what = "this statement computes a value but assigns it to no variable";
        return Diagnostic::error("statement-form", context.span(start, end), what).help(FORM);
    }
    explain(context, tokens, start)
}

/// `if`, `for` and their like at the beginning of a statement.
fn keyword(context: &Context<'_>, token: &Token) -> Diagnostic {
    let word = context.word(token);
    let (what, help) = match word {
        "if" | "elif" | "else" | "while" => (
            format!("`{word}` is not available in statements"),
            Some("write `x = a if condition else b`"),
        ),
        "for" => (
            "`for` is not available in statements: they run for every element".to_owned(),
            None,
        ),
        "pass" => (
            "`pass` is not a statement here".to_owned(),
            Some("leave the string empty"),
        ),
        _ => (
            format!("`{word}` is a keyword of Python and cannot be a variable"),
            None,
        ),
    };
    let code = if what.contains("keyword") {
        "keyword-as-name"
    } else {
        "statement-form"
    };
    Diagnostic::error(code, context.span_of(token), what).help_opt(help.map(str::to_owned))
}
