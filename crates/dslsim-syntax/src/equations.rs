//! Model strings: differential equations, subexpressions, parameters.
//!
//! A line break is a blank until the `:` of an equation; after the unit, a line that begins with a name begins the next
//! equation. An equation without a unit is noticed by the next line beginning a new one: what is an equation of its own
//! is never swallowed. A broken equation keeps its name, so that uses of it are not complained about.

use dslsim_source::{Diagnostic, Diagnostics, Text};

use crate::ast::{BinaryOp, Equation, EquationForm, Expr, ExprKind, Ident, UnaryOp, UnitSlot, UnitSlotKind};
use crate::context::{Context, Dialect};
use crate::explain::{characters, explain, never_closed, shown};
use crate::expression::{Lower, parse_tokens, tokens_of};
use crate::grammar::{Rule, parse, parts};
use crate::names::canonical;
use crate::token::{Token, TokenKind};

/// The equations of a model string.
pub(crate) fn equations(text: &Text) -> (Vec<Equation>, Diagnostics) {
    let context = Context::new(text, Dialect::Strings);
    let tokens = tokens_of(&context, 0, context.source.len());
    let mut found = Vec::new();
    for chunk in split(&context, &tokens) {
        if context.is_enough() {
            break;
        }
        found.extend(Reader { context: &context, tokens: &chunk.tokens, colon: chunk.colon }.equation());
    }
    (found, context.finish())
}

/// The tokens of one equation without line breaks, and which of them is the colon before the unit.
#[derive(Default)]
struct Chunk {
    tokens: Vec<Token>,
    colon: Option<usize>,
}

/// Cuts the tokens into equations.
fn split(context: &Context<'_>, tokens: &[Token]) -> Vec<Chunk> {
    let mut chunks: Vec<Chunk> = Vec::new();
    let mut chunk = Chunk::default();
    let mut open: Vec<Token> = Vec::new();
    let mut line_start = true;
    let mut colon_in_bracket = false;
    for (at, token) in tokens.iter().enumerate() {
        let word = context.word(token);
        if token.kind == TokenKind::Newline {
            line_start = true;
            continue;
        }
        if std::mem::take(&mut line_start) && !chunk.tokens.is_empty() && token.kind == TokenKind::Name {
            let begins = begins_equation(context, tokens.get(at..).unwrap_or(&[]));
            let last = chunk.tokens.last().copied();
            let keyword = last.is_some_and(|l| matches!(context.word(&l), "(" | ",")) && begins == Some(Begins::Assignment) && !colon_in_bracket;
            let complete = chunk.colon.is_some_and(|colon| colon + 1 < chunk.tokens.len()) && last.is_some_and(|l| l.ends_operand(context.source));
            if (begins.is_some() && (open.is_empty() || !keyword)) || (complete && open.is_empty()) {
                chunks.push(std::mem::take(&mut chunk));
                open.clear();
                colon_in_bracket = false;
            }
        }
        match token.kind {
            TokenKind::Open => open.push(*token),
            TokenKind::Close => {
                open.pop();
            }
            TokenKind::Op if word == ":" && chunk.colon.is_none() && open.last().is_none_or(|o| context.word(o) == "(") => {
                colon_in_bracket = !open.is_empty();
                open.clear();
                chunk.colon = Some(chunk.tokens.len());
            }
            TokenKind::Op if word == ";" && open.is_empty() => {
                let what = "equations are separated by line breaks, not by `;`";
                context.say(Diagnostic::error("equation-separator", context.span_of(token), what).help("begin a new line here instead"));
                chunks.push(std::mem::take(&mut chunk));
                continue;
            }
            _ => {}
        }
        chunk.tokens.push(*token);
    }
    chunks.push(chunk);
    chunks.retain(|c| !c.tokens.is_empty());
    chunks
}

/// How the beginning of an equation looks.
#[derive(Clone, Copy, PartialEq)]
enum Begins {
    Derivative,
    Assignment,
    Declaration,
}

/// Whether these tokens look like the beginning of an equation.
fn begins_equation(context: &Context<'_>, tokens: &[Token]) -> Option<Begins> {
    let word = |i: usize| tokens.get(i).map_or("", |t| context.word(t));
    let name = |i: usize| tokens.get(i).is_some_and(|t| t.kind == TokenKind::Name);
    if !name(0) {
        return None;
    }
    match word(1) {
        "=" => Some(Begins::Assignment),
        ":" => Some(Begins::Declaration),
        "/" if word(0).starts_with('d') && word(2) == "dt" && matches!(word(3), "=" | ":") => Some(Begins::Derivative),
        _ if word(0) == "d" && name(1) && word(2) == "/" && word(3) == "dt" && matches!(word(4), "=" | ":") => Some(Begins::Derivative),
        _ => None,
    }
}

/// What stands on the left of an equation.
struct Left {
    name: Ident,
    derivative: bool,
}

/// Reads one equation.
struct Reader<'r, 't> {
    context: &'r Context<'t>,
    tokens: &'r [Token],
    colon: Option<usize>,
}

impl Reader<'_, '_> {
    fn word(&self, at: usize) -> &str {
        self.tokens.get(at).map_or("", |t| self.context.word(t))
    }

    /// Tokens from `from` to before `to`.
    fn between(&self, from: usize, to: usize) -> &[Token] {
        self.tokens.get(from..to).unwrap_or(&[])
    }

    fn start(&self) -> usize {
        self.tokens.first().map_or(0, |t| t.start)
    }

    fn end(&self) -> usize {
        self.tokens.last().map_or(0, |t| t.end)
    }

    /// The bytes that tokens cover; an empty place after the token before if there are none.
    fn bytes(&self, from: usize, to: usize) -> (usize, usize) {
        let tokens = self.between(from, to);
        match (tokens.first(), tokens.last()) {
            (Some(first), Some(last)) => (first.start, last.end),
            _ => {
                let at = from.checked_sub(1).and_then(|i| self.tokens.get(i)).map_or(self.start(), |t| t.end);
                (at, at)
            }
        }
    }

    fn say(&self, code: &'static str, at: usize, message: impl Into<String>, help: Option<String>) {
        let span = self.tokens.get(at).or(self.tokens.last()).map(|t| self.context.span_of(t)).unwrap_or_default();
        self.context.say(Diagnostic::error(code, span, message).help_opt(help));
    }

    fn equation(&self) -> Option<Equation> {
        let context = self.context;
        let said = context.count();
        let head = self.colon.unwrap_or(self.tokens.len());
        let assign = (0..head).find(|&i| self.word(i) == "=");
        let left_end = assign.unwrap_or(head);
        let Some(left) = self.left(left_end, assign.is_some()) else {
            if context.count() == said {
                self.say("unexpected-symbol", 0, "this is not an equation", None);
            }
            return None;
        };
        let expr = assign.map(|at| {
            let (start, end) = self.bytes(at + 1, head);
            if start == end {
                let what = format!("the right-hand side of the equation for `{}` is missing", left.name.name);
                context.say(Diagnostic::error("missing-expression", self.tokens.get(at).map(|t| context.span_of(t)).unwrap_or_default(), what));
                Expr { kind: ExprKind::Error, span: context.span(start, end) }
            } else {
                parse_tokens(context, self.between(at + 1, head), start, end)
            }
        });
        let (unit, flags) = match self.colon {
            Some(colon) => self.declaration(&left, left_end, colon),
            None => {
                self.missing_unit(&left, left_end, assign.is_some());
                (UnitSlot { kind: UnitSlotKind::Error, span: context.span(self.end(), self.end()) }, Vec::new())
            }
        };
        let form = match (expr, left.derivative) {
            (Some(expr), true) => EquationForm::Differential(expr),
            (Some(expr), false) => EquationForm::Subexpression(expr),
            (None, true) => {
                let (start, end) = self.bytes(0, left_end);
                let what = format!("the differential equation for `{}` has no right-hand side", left.name.name);
                if self.colon.is_some() {
                    context.say(Diagnostic::error("missing-expression", context.span(start, end), what).help(format!("write `d{}/dt = … : …`", left.name.name)));
                }
                EquationForm::Differential(Expr { kind: ExprKind::Error, span: context.span(start, end) })
            }
            (None, false) => EquationForm::Parameter,
        };
        Some(Equation { name: left.name, form, unit, flags, span: context.span(self.start(), self.end()) })
    }

    /// What stands before `=` or `:`.
    fn left(&self, end: usize, assigned: bool) -> Option<Left> {
        let context = self.context;
        let name = |at: usize| self.tokens.get(at).filter(|t| t.kind == TokenKind::Name);
        let ident = |token: &Token, skip: usize| Ident {
            name: canonical(context.slice(token.start + skip, token.end)),
            span: context.span(token.start + skip, token.end),
        };
        let Some(first) = name(0) else {
            match characters(context, self.between(0, end.max(1))) {
                Some(diagnostic) => context.say(diagnostic),
                None => {
                    let what = format!("an equation begins with the name of a variable, not with {}", self.tokens.first().map_or("`=`".into(), |t| shown(context, t)));
                    self.say("equation-left-side", 0, what, Some("write `dx/dt = … : unit`, `x = … : unit` or `x : unit`".into()));
                }
            }
            return None;
        };
        let word = context.word(first);
        match end {
            1 => return Some(Left { name: ident(first, 0), derivative: false }),
            3 | 4 if self.word(end - 2) == "/" && name(end - 1).is_some() => {
                let variable = match (end, word.strip_prefix('d')) {
                    (3, Some(rest)) if !rest.is_empty() => Some(ident(first, 1)),
                    (4, Some("")) => name(1).map(|n| ident(n, 0)),
                    _ => None,
                };
                if let Some(variable) = variable {
                    if self.word(end - 1) != "dt" {
                        let what = format!("the derivative of `{}` must be with respect to time", variable.name);
                        self.say("equation-left-side", end - 1, what, Some(format!("write `d{}/dt`", variable.name)));
                    }
                    return Some(Left { name: variable, derivative: true });
                }
                if word == "d" && end == 3 {
                    self.say("equation-left-side", 0, "the name of the variable is missing after this `d`", Some("write `dx/dt` for a variable `x`".into()));
                    return None;
                }
            }
            _ => {}
        }
        if let Some(diagnostic) = characters(context, self.between(0, end)) {
            context.say(diagnostic);
            return None;
        }
        let (start, stop) = self.bytes(0, end);
        if self.word(1) == "'" || !assigned && self.colon.is_none() {
            let what = "this line is not an equation";
            context.say(
                Diagnostic::error("equation-left-side", context.span(start, stop), what).help("write `dx/dt = … : unit`, `x = … : unit` or `x : unit`"),
            );
            return None;
        }
        let what = format!("the left side of an equation is `dx/dt` or the name of a variable, not `{}`", one_line(context.slice(start, stop)));
        context.say(Diagnostic::error("equation-left-side", context.span(start, stop), what));
        None
    }

    fn missing_unit(&self, left: &Left, left_end: usize, assigned: bool) {
        let (start, end) = self.bytes(0, left_end);
        let name = &left.name.name;
        let (what, example) = match (left.derivative, assigned) {
            (true, _) => (format!("the differential equation for `{name}` has no unit"), format!("d{name}/dt = … : volt")),
            (false, true) => (format!("the equation for `{name}` has no unit"), format!("{name} = … : 1")),
            (false, false) => (format!("the parameter `{name}` has no unit"), format!("{name} : 1")),
        };
        self.context
            .say(Diagnostic::error("missing-unit", self.context.span(start, end), what).help(format!("end the equation with a colon and the unit of `{name}`, as in `{example}`")));
    }

    /// The unit and the flags after the colon.
    fn declaration(&self, left: &Left, left_end: usize, colon: usize) -> (UnitSlot, Vec<Ident>) {
        let context = self.context;
        let mut flags_at = self.tokens.len();
        let mut depth = 0_usize;
        for at in colon + 1..self.tokens.len() {
            let Some(token) = self.tokens.get(at) else { break };
            match token.kind {
                TokenKind::Open => {
                    let after_operand = at > colon + 1 && self.tokens.get(at - 1).is_some_and(|t| t.ends_operand(context.source));
                    if depth == 0 && self.word(at) == "(" && (after_operand || self.empty_slot(colon, at)) {
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
            let _ = left_end;
            let name = &left.name.name;
            self.say("missing-unit", colon, format!("no unit follows this colon of `{name}`"), Some("write the unit, such as `volt`, or `1` for a variable without one".into()));
            let flags = if self.looks_like_flags(flags_at) { self.flags(flags_at) } else { Vec::new() };
            return (UnitSlot { kind: UnitSlotKind::Error, span }, flags);
        }
        let kind = self.unit(colon + 1, flags_at);
        (UnitSlot { kind, span }, self.flags(flags_at))
    }

    /// Whether the bracket at `at` directly follows the colon and holds flags, so that the unit is missing.
    fn empty_slot(&self, colon: usize, at: usize) -> bool {
        at == colon + 1 && self.looks_like_flags(at)
    }

    fn looks_like_flags(&self, at: usize) -> bool {
        matches!(self.word(at + 1), "constant" | "shared" | "unless" | "linked" | "event" | "clock" | "summed" | ")")
    }

    fn unit(&self, from: usize, to: usize) -> UnitSlotKind {
        let context = self.context;
        let single = to == from + 1;
        match self.word(from) {
            "boolean" if single => return UnitSlotKind::Boolean,
            "integer" if single => return UnitSlotKind::Integer,
            "bool" if single => {
                self.say("unit-of-type", from, "the type of a truth value is written `boolean`", Some("write `boolean`".into()));
                return UnitSlotKind::Boolean;
            }
            "int" if single => {
                self.say("unit-of-type", from, "the type of a whole number is written `integer`", Some("write `integer`".into()));
                return UnitSlotKind::Integer;
            }
            "float" | "double" | "real" if single => {
                self.say("unit-of-type", from, "a number without a unit is declared with the unit `1`", Some("write `1`".into()));
                return UnitSlotKind::Error;
            }
            _ => {}
        }
        if let Some(second) = (from..to).find(|&i| matches!(self.word(i), ":" | "=")) {
            let word = self.word(second).to_owned();
            self.say("unexpected-symbol", second, format!("`{word}` is not expected after the unit"), Some("begin the next equation on a new line".into()));
            return UnitSlotKind::Error;
        }
        if let Some(bracket) = (from..to).find(|&i| self.tokens.get(i).is_some_and(|t| t.kind == TokenKind::Open)) {
            match crate::explain::brackets(context, self.between(from, to)) {
                Some(diagnostic) => context.say(diagnostic),
                None => self.say("unit-form", bracket, "a unit is written without brackets", Some("write a product of powers, as in `amp*meter**-2`".into())),
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
            context.say(Diagnostic::error("flags", context.span(start, end), "no flag stands between these parentheses").help("leave them out"));
        } else if close + 1 < self.tokens.len() {
            if self.word(close + 1) == "(" {
                self.say("flags", close + 1, "all flags of an equation stand in one pair of parentheses", Some("separate them by commas, as in `(constant, shared)`".into()));
            } else {
                let after = self.tokens.get(close + 1).map_or(String::new(), |t| shown(context, t));
                self.say("unexpected-symbol", close + 1, format!("{after} is not expected after the flags"), Some("begin the next equation on a new line".into()));
            }
        }
        if close == from + 1 {
            return Vec::new();
        }
        let (start, end) = self.bytes(from, close + 1);
        match parse(Rule::whole_flags, context.slice(start, end)) {
            Ok(pairs) => {
                let lower = Lower { context, base: start };
                let flags = pairs.filter(|p| p.as_rule() == Rule::flags).flat_map(parts);
                flags.map(|flag| Ident { name: flag_name(flag.as_str()), span: context.span(lower.range(&flag).0, lower.range(&flag).1) }).collect()
            }
            Err(at) => {
                let found = self.between(from, close + 1).iter().find(|t| t.end > start + at).or(self.tokens.get(close));
                let diagnostic = characters(context, self.between(from, close + 1)).or_else(|| {
                    let token = found?;
                    let what = match context.word(token) {
                        "," | ")" => format!("a flag is missing before {}", shown(context, token)),
                        _ => format!("{} is not expected in the flags of an equation", shown(context, token)),
                    };
                    Some(Diagnostic::error("flags", context.span_of(token), what).help("flags are words separated by commas, as in `(constant, shared)`"))
                });
                context.say(diagnostic.unwrap_or_else(|| explain(context, self.tokens, start + at)));
                Vec::new()
            }
        }
    }
}

/// Words separated by single blanks, no blanks around hyphens, no comments.
fn flag_name(written: &str) -> String {
    let lines: Vec<&str> = written.lines().map(|l| l.split('#').next().unwrap_or("")).collect();
    let words: Vec<&str> = lines.iter().flat_map(|l| l.split_whitespace()).collect();
    words.join(" ").replace(" -", "-").replace("- ", "-")
}

/// Some source on one line, shortened.
fn one_line(source: &str) -> String {
    let joined = source.split_whitespace().collect::<Vec<_>>().join(" ");
    match joined.char_indices().nth(40) {
        Some((cut, _)) => format!("{}…", joined.get(..cut).unwrap_or("")),
        None => joined,
    }
}

/// What in a unit slot is not the product of powers of units; with the words and the way out.
fn misfit(expr: &Expr) -> Option<(dslsim_source::Span, &'static str, &'static str)> {
    const FORM: &str = "write a product of powers, as in `amp*meter**-2`, or `1`";
    match &expr.kind {
        ExprKind::Name(_) | ExprKind::Int(_) => None,
        ExprKind::Float(_) => Some((expr.span, "a unit holds no decimal numbers", "write `1` for a variable without a unit")),
        ExprKind::Binary(BinaryOp::Mul | BinaryOp::Div, a, b) => misfit(a).or_else(|| misfit(b)),
        ExprKind::Binary(BinaryOp::Pow, base, exponent) => {
            misfit(base).or_else(|| (!is_exponent(exponent)).then_some((exponent.span, "the exponent of a unit must be a number", FORM)))
        }
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
