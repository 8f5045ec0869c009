//! The order of values and operators.
//!
//! The tokens of an expression are walked from left to right with one question at each: may a value stand here, or an
//! operator? The first token that breaks the rule is the place of the message. Brackets are known to match.

use dslsim_source::Diagnostic;

use crate::context::{Context, Dialect};
use crate::explain::{is_keyword, shown};
use crate::python;
use crate::token::{Token, TokenKind};

/// The message about the first token out of order, if there is one.
pub(crate) fn walk(context: &Context<'_>, tokens: &[Token]) -> Option<Diagnostic> {
    Walk {
        context,
        tokens,
        open: Vec::new(),
        value: true,
        ifs: 0,
    }
    .run()
    .err()
    .map(|d| *d)
}

/// What a bracket encloses.
#[derive(Clone, Copy, PartialEq)]
enum Inside {
    Group,
    Call,
    Index,
    Braces,
}

struct Walk<'w, 't> {
    context: &'w Context<'t>,
    tokens: &'w [Token],
    /// Open brackets: what they enclose, their token, and conditions begun outside.
    open: Vec<(Inside, usize, usize)>,
    /// Whether a value must come next.
    value: bool,
    /// Conditions begun at this level that still need their `else`.
    ifs: usize,
}

type Step = Result<(), Box<Diagnostic>>;

impl Walk<'_, '_> {
    fn word(&self, at: usize) -> &str {
        self.tokens.get(at).map_or("", |t| self.context.word(t))
    }

    fn before(&self, at: usize) -> Option<&Token> {
        at.checked_sub(1).and_then(|i| self.tokens.get(i))
    }

    fn error<T>(
        &self,
        code: &'static str,
        at: usize,
        message: impl Into<String>,
        help: Option<String>,
    ) -> Result<T, Box<Diagnostic>> {
        let span = self
            .tokens
            .get(at)
            .or(self.tokens.last())
            .map(|t| self.context.span_of(t))
            .unwrap_or_default();
        Err(Box::new(
            Diagnostic::error(code, span, message).help_opt(help),
        ))
    }

    fn run(mut self) -> Step {
        let mut at = 0;
        while let Some(token) = self.tokens.get(at).copied() {
            match token.kind {
                TokenKind::Number | TokenKind::Str { .. } => self.operand(at, &token)?,
                TokenKind::Name => self.name(at, &token)?,
                TokenKind::Open => self.opening(at, &token)?,
                TokenKind::Close => self.close(at)?,
                _ => at = self.operator(at)?,
            }
            at += 1;
        }
        self.needs_else()?;
        match self.tokens.last() {
            Some(last) if self.value => {
                let what = format!(
                    "the expression ends after {}, where a value must follow",
                    shown(self.context, last)
                );
                self.error("missing-value", self.tokens.len() - 1, what, None)
            }
            _ => Ok(()),
        }
    }

    /// A number, string or name, or what is read like one.
    fn operand(&mut self, at: usize, token: &Token) -> Step {
        let before = self.before(at).copied();
        let adjacent = |t: &Token| {
            matches!(t.kind, TokenKind::Str { .. }) && matches!(token.kind, TokenKind::Str { .. })
        };
        match before {
            Some(before) if !self.value && !adjacent(&before) => {
                self.missing_operator(at, &before, token)
            }
            _ => {
                self.value = false;
                Ok(())
            }
        }
    }

    fn missing_operator(&self, at: usize, before: &Token, token: &Token) -> Step {
        let (left, right) = (shown(self.context, before), shown(self.context, token));
        let word = self.context.word(token);
        if before.kind == TokenKind::Number
            && before.end == token.start
            && matches!(word, "j" | "J")
        {
            let what = format!(
                "imaginary numbers such as `{}{word}` are not available",
                self.context.word(before)
            );
            let span = self.context.span(before.start, token.end);
            return Err(Box::new(
                Diagnostic::error("imaginary-number", span, what).help(format!(
                    "write `{}*{word}` for a product",
                    self.context.word(before)
                )),
            ));
        }
        if self.context.word(before) == "print" && self.open.is_empty() {
            return self.error(
                "missing-operator",
                at,
                "`print` needs parentheses around what is to be printed",
                Some("write `print(…)`".into()),
            );
        }
        let comma = matches!(self.open.last(), Some((inside, open, _)) if *inside != Inside::Group || self.word(*open) == "[");
        let what = if comma {
            "an operator or a comma"
        } else {
            "an operator"
        };
        let factor = token.kind == TokenKind::Name
            || (token.kind == TokenKind::Open && before.kind == TokenKind::Number);
        let product = factor && matches!(before.kind, TokenKind::Number | TokenKind::Close);
        let help = if before.kind == TokenKind::Number && token.kind == TokenKind::Name {
            Some(format!(
                "write `{}*{word}` for a product",
                self.context.word(before)
            ))
        } else {
            product.then(|| "write `*` between them for a product".to_owned())
        };
        self.error(
            "missing-operator",
            at,
            format!("{what} is missing between {left} and {right}"),
            help,
        )
    }

    fn name(&mut self, at: usize, token: &Token) -> Step {
        let word = self.context.word(token).to_owned();
        let brackets = !self.open.is_empty();
        match word.as_str() {
            "not" if !self.value && self.word(at + 1) == "in" => Ok(()),
            "not" if !self.value => match self.before(at) {
                Some(before) => self.missing_operator(at, before, token),
                None => Ok(()),
            },
            "not" => Ok(()),
            "in" if !self.value && self.word(at.saturating_sub(1)) == "not" => {
                self.value = true;
                Ok(())
            }
            "and" | "or" | "in" | "is" | "if" | "else" => {
                self.left_value(at)?;
                self.value = true;
                match word.as_str() {
                    "if" => self.ifs += 1,
                    "else" if self.ifs == 0 => {
                        return self.error(
                            "unexpected-symbol",
                            at,
                            "this `else` has no `if` before it",
                            None,
                        );
                    }
                    "else" => self.ifs -= 1,
                    _ => {}
                }
                Ok(())
            }
            "for" | "lambda" | "await" | "async" | "yield"
                if self.context.dialect == Dialect::File =>
            {
                Err(Box::new(python::in_expression(
                    self.context,
                    token,
                    brackets,
                )))
            }
            "for" if brackets => Err(Box::new(python::in_expression(self.context, token, true))),
            "True" | "False" | "None" => self.operand(at, token),
            _ if is_keyword(&word) => {
                let what = format!("`{word}` is a keyword of Python and cannot be used here");
                self.error(
                    "keyword-as-name",
                    at,
                    what,
                    Some(format!(
                        "if it is a name, choose another, such as `{word}_`"
                    )),
                )
            }
            _ => self.operand(at, token),
        }
    }

    /// An operator at `at` needs a value before it.
    fn left_value(&self, at: usize) -> Step {
        if !self.value {
            return Ok(());
        }
        let Some(token) = self.tokens.get(at) else {
            return Ok(());
        };
        let this = shown(self.context, token);
        match self.before(at) {
            Some(before) if !matches!(before.kind, TokenKind::Open) && self.word(at - 1) != "," => {
                self.error(
                    "missing-value",
                    at,
                    format!(
                        "a value is missing between {} and {this}",
                        shown(self.context, before)
                    ),
                    None,
                )
            }
            _ => self.error(
                "missing-value",
                at,
                format!("a value is missing before {this}"),
                None,
            ),
        }
    }

    fn opening(&mut self, at: usize, token: &Token) -> Step {
        let inside = match (self.word(at), self.value) {
            ("{", true) => Inside::Braces,
            (_, true) => Inside::Group,
            ("(", _) => Inside::Call,
            ("[", _) => Inside::Index,
            _ => {
                return self
                    .before(at)
                    .map_or(Ok(()), |before| self.missing_operator(at, before, token));
            }
        };
        match self.before(at) {
            Some(before) if inside == Inside::Call && before.kind == TokenKind::Number => {
                return self.missing_operator(at, before, token);
            }
            _ => {}
        }
        self.open.push((inside, at, self.ifs));
        self.ifs = 0;
        self.value = true;
        Ok(())
    }

    fn close(&mut self, at: usize) -> Step {
        let Some((inside, open, ifs)) = self.open.pop() else {
            return Ok(());
        };
        let empty = open + 1 == at;
        if self.value && !empty && !matches!(self.word(at.saturating_sub(1)), "," | ":") {
            return self.left_value(at);
        }
        self.needs_else()?;
        if inside == Inside::Index && empty {
            return self.error(
                "missing-value",
                at,
                "an index is missing between these brackets",
                None,
            );
        }
        if inside == Inside::Braces && !empty && !self.has_colon(open, at) {
            return self.error(
                "unsupported-python",
                open,
                "sets are not available in a model file",
                Some("write a list `[…]`".into()),
            );
        }
        self.ifs = ifs;
        self.value = false;
        Ok(())
    }

    fn has_colon(&self, open: usize, close: usize) -> bool {
        (open..close).any(|i| self.word(i) == ":")
    }

    fn needs_else(&self) -> Step {
        if self.ifs == 0 {
            return Ok(());
        }
        let at = self
            .tokens
            .iter()
            .rposition(|t| self.context.word(t) == "if")
            .unwrap_or(0);
        self.error(
            "missing-else",
            at,
            "this `if` has no `else`",
            Some("write `a if condition else b`".into()),
        )
    }

    /// An operator; returns the last token it takes.
    fn operator(&mut self, at: usize) -> Result<usize, Box<Diagnostic>> {
        let Some(token) = self.tokens.get(at).copied() else {
            return Ok(at);
        };
        let word = self.context.word(&token).to_owned();
        let file = self.context.dialect == Dialect::File;
        let inside = self.open.last().map(|(inside, _, _)| *inside);
        let right = match word.as_str() {
            "&&" => Some("and"),
            "||" => Some("or"),
            "!" => Some("not"),
            "<>" => Some("!="),
            "=" if self.word(at + 1) == "<" => Some("<="),
            "=" if self.word(at + 1) == ">" => Some(">="),
            "=" if self.word(at + 1) == "*" => Some("*="),
            "=" if self.word(at + 1) == "/" => Some("/="),
            _ => None,
        };
        if let Some(right) = right {
            let this = if word == "=" {
                format!("={}", self.word(at + 1))
            } else {
                word
            };
            return self.error(
                "foreign-operator",
                at,
                format!("`{this}` is not an operator here; it is written `{right}`"),
                None,
            );
        }
        match word.as_str() {
            "." if !self.value => {
                if self
                    .tokens
                    .get(at + 1)
                    .is_none_or(|t| t.kind != TokenKind::Name)
                {
                    return self.error("missing-name", at, "a name must follow this `.`", None);
                }
                return Ok(at + 1);
            }
            "..." if self.value => {
                self.value = false;
                return Ok(at);
            }
            "," => {
                self.left_value(at)?;
                self.needs_else()?;
                if self.open.is_empty() && !file {
                    return self.error(
                        "unexpected-symbol",
                        at,
                        "a comma is not expected here: this must be one expression",
                        None,
                    );
                }
            }
            ":" if matches!(inside, Some(Inside::Index)) => {}
            ":" if matches!(inside, Some(Inside::Braces)) => self.left_value(at)?,
            ":=" => return Err(Box::new(python::walrus(self.context, &token))),
            "=" if inside == Some(Inside::Call)
                && !self.value
                && at >= 2
                && self.keyword_argument(at) => {}
            "=" if file && self.open.is_empty() => self.left_value(at)?,
            "=" => {
                let what = "`=` assigns a value, which cannot be done here";
                return self.error(
                    "assignment-in-expression",
                    at,
                    what,
                    Some("a comparison is written `==`".into()),
                );
            }
            "*" | "**"
                if self.value
                    && self
                        .before(at)
                        .is_none_or(|t| t.kind == TokenKind::Open || self.word(at - 1) == ",")
                    && file =>
            {
                return Err(Box::new(python::starred(self.context, &token)));
            }
            "-" | "+" | "~" if self.value => return Ok(at),
            "+=" | "-=" | "*=" | "/=" | "//=" | "%=" | "**=" | "&=" | "|=" | "^=" | "@="
            | "<<=" | ">>="
                if file && self.open.is_empty() =>
            {
                self.left_value(at)?;
            }
            ":" | ";" | "->" | "..." | "." | "+=" | "-=" | "*=" | "/=" | "//=" | "%=" | "**="
            | "&=" | "|=" | "^=" | "@=" | "<<=" | ">>=" => {
                return self.error(
                    "unexpected-symbol",
                    at,
                    format!("`{word}` is not expected here"),
                    None,
                );
            }
            _ => self.left_value(at)?,
        }
        self.value = true;
        Ok(at)
    }

    /// Whether the `=` at `at` follows `(name` or `, name`.
    fn keyword_argument(&self, at: usize) -> bool {
        self.tokens
            .get(at - 1)
            .is_some_and(|t| t.kind == TokenKind::Name)
            && matches!(self.word(at - 2), "(" | ",")
    }
}
