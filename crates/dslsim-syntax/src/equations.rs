//! Model strings: differential equations, subexpressions, parameters.
//!
//! A line break is a blank until the `:` of an equation; after the unit, a line that begins with a name begins the next
//! equation. An equation without a unit is noticed by the next line beginning a new one: what is an equation of its own
//! is never swallowed. A broken equation keeps its name, so that uses of it are not complained about.

use dslsim_source::{Diagnostic, Diagnostics, Text};

use crate::ast::{Equation, EquationForm, Expr, ExprKind, Ident, UnitSlot, UnitSlotKind};
use crate::context::{Context, Dialect};
use crate::explain::{characters, shown};
use crate::expression::{parse_tokens, tokens_of};
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
        found.extend(
            Reader {
                context: &context,
                tokens: &chunk.tokens,
                colon: chunk.colon,
            }
            .equation(),
        );
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
        if std::mem::take(&mut line_start)
            && !chunk.tokens.is_empty()
            && token.kind == TokenKind::Name
        {
            let begins = begins_equation(context, tokens.get(at..).unwrap_or(&[]));
            let last = chunk.tokens.last().copied();
            let keyword = last.is_some_and(|l| matches!(context.word(&l), "(" | ","))
                && begins == Some(Begins::Assignment)
                && !colon_in_bracket;
            let complete = chunk
                .colon
                .is_some_and(|colon| colon + 1 < chunk.tokens.len())
                && last.is_some_and(|l| l.ends_operand(context.source));
            if (begins.is_some() && (open.is_empty() || !keyword)) || (complete && open.is_empty())
            {
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
            TokenKind::Op
                if word == ":"
                    && chunk.colon.is_none()
                    && open.last().is_none_or(|o| context.word(o) == "(") =>
            {
                colon_in_bracket = !open.is_empty();
                open.clear();
                chunk.colon = Some(chunk.tokens.len());
            }
            TokenKind::Op if word == ";" && open.is_empty() => {
                let what = "equations are separated by line breaks, not by `;`";
                context.say(
                    Diagnostic::error("equation-separator", context.span_of(token), what)
                        .help("begin a new line here instead"),
                );
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
        "/" if word(0).starts_with('d') && word(2) == "dt" && matches!(word(3), "=" | ":") => {
            Some(Begins::Derivative)
        }
        _ if word(0) == "d"
            && name(1)
            && word(2) == "/"
            && word(3) == "dt"
            && matches!(word(4), "=" | ":") =>
        {
            Some(Begins::Derivative)
        }
        _ => None,
    }
}

/// What stands on the left of an equation.
pub(crate) struct Left {
    pub(crate) name: Ident,
    derivative: bool,
}

/// Reads one equation.
pub(crate) struct Reader<'r, 't> {
    pub(crate) context: &'r Context<'t>,
    pub(crate) tokens: &'r [Token],
    pub(crate) colon: Option<usize>,
}

impl Reader<'_, '_> {
    pub(crate) fn word(&self, at: usize) -> &str {
        self.tokens.get(at).map_or("", |t| self.context.word(t))
    }

    /// Tokens from `from` to before `to`.
    pub(crate) fn between(&self, from: usize, to: usize) -> &[Token] {
        self.tokens.get(from..to).unwrap_or(&[])
    }

    fn start(&self) -> usize {
        self.tokens.first().map_or(0, |t| t.start)
    }

    fn end(&self) -> usize {
        self.tokens.last().map_or(0, |t| t.end)
    }

    /// The bytes that tokens cover; an empty place after the token before if there are none.
    pub(crate) fn bytes(&self, from: usize, to: usize) -> (usize, usize) {
        let tokens = self.between(from, to);
        match (tokens.first(), tokens.last()) {
            (Some(first), Some(last)) => (first.start, last.end),
            _ => {
                let at = from
                    .checked_sub(1)
                    .and_then(|i| self.tokens.get(i))
                    .map_or(self.start(), |t| t.end);
                (at, at)
            }
        }
    }

    pub(crate) fn say(
        &self,
        code: &'static str,
        at: usize,
        message: impl Into<String>,
        help: Option<String>,
    ) {
        let span = self
            .tokens
            .get(at)
            .or(self.tokens.last())
            .map(|t| self.context.span_of(t))
            .unwrap_or_default();
        self.context
            .say(Diagnostic::error(code, span, message).help_opt(help));
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
                let what = format!(
                    "the right-hand side of the equation for `{}` is missing",
                    left.name.name
                );
                context.say(Diagnostic::error(
                    "missing-expression",
                    self.tokens
                        .get(at)
                        .map(|t| context.span_of(t))
                        .unwrap_or_default(),
                    what,
                ));
                Expr {
                    kind: ExprKind::Error,
                    span: context.span(start, end),
                }
            } else {
                parse_tokens(context, self.between(at + 1, head), start, end)
            }
        });
        let (unit, flags) = match self.colon {
            Some(colon) => self.declaration(&left, colon),
            None => {
                self.missing_unit(&left, left_end, assign.is_some());
                (
                    UnitSlot {
                        kind: UnitSlotKind::Error,
                        span: context.span(self.end(), self.end()),
                    },
                    Vec::new(),
                )
            }
        };
        let form = match (expr, left.derivative) {
            (Some(expr), true) => EquationForm::Differential(expr),
            (Some(expr), false) => EquationForm::Subexpression(expr),
            (None, true) => {
                let (start, end) = self.bytes(0, left_end);
                let what = format!(
                    "the differential equation for `{}` has no right-hand side",
                    left.name.name
                );
                if self.colon.is_some() {
                    context.say(
                        Diagnostic::error("missing-expression", context.span(start, end), what)
                            .help(format!("write `d{}/dt = … : …`", left.name.name)),
                    );
                }
                EquationForm::Differential(Expr {
                    kind: ExprKind::Error,
                    span: context.span(start, end),
                })
            }
            (None, false) => EquationForm::Parameter,
        };
        Some(Equation {
            name: left.name,
            form,
            unit,
            flags,
            span: context.span(self.start(), self.end()),
        })
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
                    let what = format!(
                        "an equation begins with the name of a variable, not with {}",
                        self.tokens
                            .first()
                            .map_or("`=`".into(), |t| shown(context, t))
                    );
                    self.say(
                        "equation-left-side",
                        0,
                        what,
                        Some("write `dx/dt = … : unit`, `x = … : unit` or `x : unit`".into()),
                    );
                }
            }
            return None;
        };
        let word = context.word(first);
        match end {
            1 => {
                return Some(Left {
                    name: ident(first, 0),
                    derivative: false,
                });
            }
            3 | 4 if self.word(end - 2) == "/" && name(end - 1).is_some() => {
                let variable = match (end, word.strip_prefix('d')) {
                    (3, Some(rest)) if !rest.is_empty() => Some(ident(first, 1)),
                    (4, Some("")) => name(1).map(|n| ident(n, 0)),
                    _ => None,
                };
                if let Some(variable) = variable {
                    if self.word(end - 1) != "dt" {
                        let what = format!(
                            "the derivative of `{}` must be with respect to time",
                            variable.name
                        );
                        self.say(
                            "equation-left-side",
                            end - 1,
                            what,
                            Some(format!("write `d{}/dt`", variable.name)),
                        );
                    }
                    return Some(Left {
                        name: variable,
                        derivative: true,
                    });
                }
                if word == "d" && end == 3 {
                    self.say(
                        "equation-left-side",
                        0,
                        "the name of the variable is missing after this `d`",
                        Some("write `dx/dt` for a variable `x`".into()),
                    );
                    return None;
                }
            }
            _ => {}
        }
        if let Some(prime) = self
            .tokens
            .get(1)
            .filter(|t| t.start == first.end && context.word(t).starts_with('\''))
        {
            let what = format!("a derivative is written `d{word}/dt`, not `{word}'`");
            context.say(Diagnostic::error(
                "equation-left-side",
                context.span(first.start, prime.start + 1),
                what,
            ));
            return None;
        }
        if let Some(diagnostic) = characters(context, self.between(0, end)) {
            context.say(diagnostic);
            return None;
        }
        let (start, stop) = self.bytes(0, end);
        if !assigned && self.colon.is_none() {
            let what = "this line is not an equation";
            context.say(
                Diagnostic::error("equation-left-side", context.span(start, stop), what)
                    .help("write `dx/dt = … : unit`, `x = … : unit` or `x : unit`"),
            );
            return None;
        }
        let what = format!(
            "the left side of an equation is `dx/dt` or the name of a variable, not `{}`",
            one_line(context.slice(start, stop))
        );
        context.say(Diagnostic::error(
            "equation-left-side",
            context.span(start, stop),
            what,
        ));
        None
    }

    fn missing_unit(&self, left: &Left, left_end: usize, assigned: bool) {
        let (start, end) = self.bytes(0, left_end);
        let name = &left.name.name;
        let (what, example) = match (left.derivative, assigned) {
            (true, _) => (
                format!("the differential equation for `{name}` has no unit"),
                format!("d{name}/dt = … : volt"),
            ),
            (false, true) => (
                format!("the equation for `{name}` has no unit"),
                format!("{name} = … : 1"),
            ),
            (false, false) => (
                format!("the parameter `{name}` has no unit"),
                format!("{name} : 1"),
            ),
        };
        self.context.say(
            Diagnostic::error("missing-unit", self.context.span(start, end), what).help(format!(
                "end the equation with a colon and the unit of `{name}`, as in `{example}`"
            )),
        );
    }
}

/// Some source on one line, shortened.
fn one_line(source: &str) -> String {
    let joined = source.split_whitespace().collect::<Vec<_>>().join(" ");
    match joined.char_indices().nth(40) {
        Some((cut, _)) => format!("{}…", joined.get(..cut).unwrap_or("")),
        None => joined,
    }
}
