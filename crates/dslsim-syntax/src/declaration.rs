//! What follows the colon of an equation: the unit and the flags.
//!
//! Whether a unit exists and a flag is known is judged later; here a unit is a product of powers of names, and flags are
//! words separated by commas.

use dslsim_source::Diagnostic;

use crate::ast::{BinaryOp, Expr, ExprKind, Ident, UnaryOp, UnitSlot, UnitSlotKind};
use crate::equations::{Left, Reader};
use crate::explain::{brackets, characters, explain, never_closed, shown};
use crate::expression::{Lower, parse_tokens};
use crate::grammar::{Rule, parse, parts};
use crate::token::TokenKind;

impl Reader<'_, '_> {
    /// The unit and the flags after the colon.
    pub(crate) fn declaration(&self, left: &Left, colon: usize) -> (UnitSlot, Vec<Ident>) {
        let context = self.context;
        let mut flags_at = self.tokens.len();
        let mut depth = 0_usize;
        for at in colon + 1..self.tokens.len() {
            let Some(token) = self.tokens.get(at) else {
                break;
            };
            match token.kind {
                TokenKind::Open => {
                    let after_operand = at > colon + 1
                        && self
                            .tokens
                            .get(at - 1)
                            .is_some_and(|t| t.ends_operand(context.source));
                    if depth == 0
                        && self.word(at) == "("
                        && (after_operand || self.empty_slot(colon, at))
                    {
                        flags_at = at;
                        break;
                    }
                    depth += 1;
                }
                TokenKind::Close => depth = depth.saturating_sub(1),
                _ => {}
            }
        }
        let (start, end) = self.bytes(colon + 1, flags_at);
        let span = context.span(start, end);
        if start == end {
            let name = &left.name.name;
            self.say(
                "missing-unit",
                colon,
                format!("no unit follows this colon of `{name}`"),
                Some("write the unit, such as `volt`, or `1` for a variable without one".into()),
            );
            let flags = if self.looks_like_flags(flags_at) {
                self.flags(flags_at)
            } else {
                Vec::new()
            };
            return (
                UnitSlot {
                    kind: UnitSlotKind::Error,
                    span,
                },
                flags,
            );
        }
        let kind = self.unit(colon + 1, flags_at);
        (UnitSlot { kind, span }, self.flags(flags_at))
    }

    /// Whether the bracket at `at` directly follows the colon and holds flags, so that the unit is missing.
    fn empty_slot(&self, colon: usize, at: usize) -> bool {
        at == colon + 1 && self.looks_like_flags(at)
    }

    fn looks_like_flags(&self, at: usize) -> bool {
        matches!(
            self.word(at + 1),
            "constant" | "shared" | "unless" | "linked" | "event" | "clock" | "summed" | ")"
        )
    }

    fn unit(&self, from: usize, to: usize) -> UnitSlotKind {
        let context = self.context;
        let single = to == from + 1;
        match self.word(from) {
            "boolean" if single => return UnitSlotKind::Boolean,
            "integer" if single => return UnitSlotKind::Integer,
            "bool" if single => {
                self.say(
                    "unit-of-type",
                    from,
                    "the type of a truth value is written `boolean`",
                    Some("write `boolean`".into()),
                );
                return UnitSlotKind::Boolean;
            }
            "int" if single => {
                self.say(
                    "unit-of-type",
                    from,
                    "the type of a whole number is written `integer`",
                    Some("write `integer`".into()),
                );
                return UnitSlotKind::Integer;
            }
            "float" | "double" | "real" if single => {
                self.say(
                    "unit-of-type",
                    from,
                    "a number without a unit is declared with the unit `1`",
                    Some("write `1`".into()),
                );
                return UnitSlotKind::Error;
            }
            _ => {}
        }
        if let Some(second) = (from..to).find(|&i| matches!(self.word(i), ":" | "=")) {
            let word = self.word(second).to_owned();
            self.say(
                "unexpected-symbol",
                second,
                format!("`{word}` is not expected after the unit"),
                Some("begin the next equation on a new line".into()),
            );
            return UnitSlotKind::Error;
        }
        if let Some(bracket) = (from..to).find(|&i| {
            self.tokens
                .get(i)
                .is_some_and(|t| t.kind == TokenKind::Open)
        }) {
            match brackets(context, self.between(from, to)) {
                Some(diagnostic) => context.say(diagnostic),
                None => self.say(
                    "unit-form",
                    bracket,
                    "a unit is written without brackets",
                    Some("write a product of powers, as in `amp*meter**-2`".into()),
                ),
            }
            return UnitSlotKind::Error;
        }
        let (start, end) = self.bytes(from, to);
        let said = context.count();
        let expr = parse_tokens(context, self.between(from, to), start, end);
        if context.count() > said || expr.kind == ExprKind::Error {
            return UnitSlotKind::Error;
        }
        match misfit(&expr) {
            Some((span, what, help)) => {
                context.say(Diagnostic::error("unit-form", span, what).help(help));
                UnitSlotKind::Error
            }
            None => UnitSlotKind::Unit(expr),
        }
    }

    /// The flags from their bracket on.
    fn flags(&self, from: usize) -> Vec<Ident> {
        let context = self.context;
        if from >= self.tokens.len() {
            return Vec::new();
        }
        let Some(close) = (from..self.tokens.len()).find(|&i| self.word(i) == ")") else {
            if let Some(open) = self.tokens.get(from) {
                context.say(never_closed(context, open));
            }
            return Vec::new();
        };
        if close == from + 1 {
            let (start, end) = self.bytes(from, close + 1);
            context.say(
                Diagnostic::error(
                    "flag-form",
                    context.span(start, end),
                    "no flag stands between these parentheses",
                )
                .help("leave them out"),
            );
        } else if close + 1 < self.tokens.len() {
            if self.word(close + 1) == "(" {
                self.say(
                    "flag-form",
                    close + 1,
                    "all flags of an equation stand in one pair of parentheses",
                    Some("separate them by commas, as in `(constant, shared)`".into()),
                );
            } else {
                let after = self
                    .tokens
                    .get(close + 1)
                    .map_or(String::new(), |t| shown(context, t));
                self.say(
                    "unexpected-symbol",
                    close + 1,
                    format!("{after} is not expected after the flags"),
                    Some("begin the next equation on a new line".into()),
                );
            }
        }
        if close == from + 1 {
            return Vec::new();
        }
        let (start, end) = self.bytes(from, close + 1);
        match parse(Rule::whole_flags, context.slice(start, end)) {
            Ok(pairs) => {
                let lower = Lower {
                    context,
                    base: start,
                };
                let flags = pairs.filter(|p| p.as_rule() == Rule::flags).flat_map(parts);
                flags
                    .map(|flag| Ident {
                        name: flag_name(flag.as_str()),
                        span: context.span(lower.range(&flag).0, lower.range(&flag).1),
                    })
                    .collect()
            }
            Err(at) => {
                let found = self
                    .between(from, close + 1)
                    .iter()
                    .find(|t| t.end > start + at)
                    .or(self.tokens.get(close));
                let diagnostic = characters(context, self.between(from, close + 1)).or_else(|| {
                    let token = found?;
                    let what = match context.word(token) {
                        "," | ")" => format!("a flag is missing before {}", shown(context, token)),
                        _ => format!(
                            "{} is not expected in the flags of an equation",
                            shown(context, token)
                        ),
                    };
                    Some(
                        Diagnostic::error("flag-form", context.span_of(token), what).help(
                            "flags are words separated by commas, as in `(constant, shared)`",
                        ),
                    )
                });
                context
                    .say(diagnostic.unwrap_or_else(|| explain(context, self.tokens, start + at)));
                Vec::new()
            }
        }
    }
}

/// Words separated by single blanks, no blanks around hyphens, no comments.
fn flag_name(written: &str) -> String {
    let lines: Vec<&str> = written
        .lines()
        .map(|l| l.split('#').next().unwrap_or(""))
        .collect();
    let words: Vec<&str> = lines.iter().flat_map(|l| l.split_whitespace()).collect();
    words.join(" ").replace(" -", "-").replace("- ", "-")
}

/// What in a unit slot is not the product of powers of units; with the words and the way out.
fn misfit(expr: &Expr) -> Option<(dslsim_source::Span, &'static str, &'static str)> {
    const FORM: &str = "write a product of powers, as in `amp*meter**-2`, or `1`";
    match &expr.kind {
        ExprKind::Name(_) | ExprKind::Int(_) => None,
        ExprKind::Float(_) => Some((
            expr.span,
            "a unit holds no decimal numbers",
            "write `1` for a variable without a unit",
        )),
        ExprKind::Binary(BinaryOp::Mul | BinaryOp::Div, a, b) => misfit(a).or_else(|| misfit(b)),
        ExprKind::Binary(BinaryOp::Pow, base, exponent) => misfit(base).or_else(|| {
            (!is_exponent(exponent)).then_some((
                exponent.span,
                "the exponent of a unit must be a number",
                FORM,
            ))
        }),
        _ => Some((expr.span, "this is not a unit", FORM)),
    }
}

fn is_exponent(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Int(_) | ExprKind::Float(_) => true,
        ExprKind::Unary(UnaryOp::Neg | UnaryOp::Plus, inner) => is_exponent(inner),
        _ => false,
    }
}
