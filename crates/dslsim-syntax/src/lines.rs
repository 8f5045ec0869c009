//! Logical lines of a model file: brackets, three quotes and `\` join lines, all else ends them.
//!
//! A bracket that is never closed would swallow the rest of the file, so a line at the left margin that can only be
//! a new statement ends the one before; the line that was cut carries the message about it.

use dslsim_source::Diagnostic;

use crate::context::Context;
use crate::explain::{brackets, never_closed, never_opened, unclosed};
use crate::token::{Token, TokenKind, is_operator_word, scan};

/// More faults than this are not looked for.
const MANY: usize = 100;

/// A logical line.
pub(crate) struct Line {
    /// Its tokens, without line breaks; never empty.
    pub(crate) tokens: Vec<Token>,
    /// Blanks before it.
    pub(crate) indent: usize,
    /// What is wrong with its brackets and quotes.
    pub(crate) fault: Option<Diagnostic>,
}

/// The logical lines of a model file.
pub(crate) fn lines(context: &Context<'_>) -> Vec<Line> {
    let mut tokens = scan(context.source, true);
    let culprit = misplaced_quote(context, &tokens);
    if let Some(at) = culprit {
        tokens.truncate(at + 1);
    }
    let mut cutter = Cutter {
        context,
        tokens: &tokens,
        lines: Vec::new(),
        faults: 0,
    };
    let mut at = 0;
    while at < tokens.len() && cutter.faults < MANY {
        at = cutter.line(at, culprit);
    }
    cutter.lines
}

/// The string whose missing end makes the last string of the file endless, if there is one.
///
/// With quotes that pair up wrongly, the string that really lacks its end seems closed by the beginning of the next;
/// it is known by the statements in it.
fn misplaced_quote(context: &Context<'_>, tokens: &[Token]) -> Option<usize> {
    const STATEMENTS: &[&str] = &[
        "NeuronGroup(",
        "Synapses(",
        "PoissonGroup(",
        "SpikeGeneratorGroup(",
        "StateMonitor(",
        "SpikeMonitor(",
        "\nrun(",
    ];
    let last = tokens.iter().rposition(|t| {
        t.kind
            == TokenKind::Str {
                closed: false,
                triple: true,
            }
    })?;
    let earlier = tokens.iter().position(|t| {
        matches!(
            t.kind,
            TokenKind::Str {
                closed: true,
                triple: true
            }
        ) && STATEMENTS.iter().any(|s| context.word(t).contains(s))
    });
    Some(earlier.unwrap_or(last))
}

struct Cutter<'c, 't> {
    context: &'c Context<'t>,
    tokens: &'c [Token],
    lines: Vec<Line>,
    faults: usize,
}

impl Cutter<'_, '_> {
    fn kind(&self, at: usize) -> Option<TokenKind> {
        self.tokens.get(at).map(|t| t.kind)
    }

    fn word(&self, at: usize) -> &str {
        self.tokens.get(at).map_or("", |t| self.context.word(t))
    }

    /// Whether only blanks precede a token in its line, and how many.
    fn indent(&self, token: &Token) -> usize {
        let before = self.context.slice(0, token.start);
        let line = before.rfind(['\n', '\r']).map_or(0, |i| i + 1);
        before
            .get(line..)
            .unwrap_or("")
            .chars()
            .filter(|c| *c != '\u{FEFF}')
            .count()
    }

    /// Reads one logical line from token `first` on and returns where the next begins.
    fn line(&mut self, first: usize, culprit: Option<usize>) -> usize {
        let mut open: Vec<Token> = Vec::new();
        let mut fault = None;
        let mut at = first;
        while let Some(token) = self.tokens.get(at) {
            match token.kind {
                TokenKind::Newline if open.is_empty() => {
                    self.push(first, at, fault);
                    return at + 1;
                }
                TokenKind::Newline if self.begins_statement(at + 1, false) => break,
                TokenKind::Open => open.push(*token),
                TokenKind::Close if open.pop().is_none() => {
                    fault = fault.or_else(|| Some(never_opened(self.context, token)))
                }
                TokenKind::Str { closed, .. } if !closed || culprit == Some(at) => {
                    fault = fault.or_else(|| Some(unclosed(self.context, token)));
                    self.push(first, at + 1, fault);
                    return at + 1;
                }
                _ => {}
            }
            at += 1;
        }
        let Some(outer) = open.first() else {
            self.push(first, at, fault);
            return at;
        };
        // The file or a new statement cuts a bracket: what can be a statement after its line is read as such.
        let from = self.tokens.partition_point(|t| t.start <= outer.start);
        let next = (from..at).find(|&i| {
            self.kind(i) == Some(TokenKind::Newline) && self.begins_statement(i + 1, true)
        });
        let end = next.unwrap_or(at);
        let own: Vec<Token> = self.tokens.get(first..end).unwrap_or(&[]).to_vec();
        let fault =
            brackets(self.context, &own).or_else(|| Some(never_closed(self.context, outer)));
        self.push(first, end, fault);
        end + 1
    }

    /// Whether the token at `at`, the first of a line inside brackets, can only begin a statement at the left margin;
    /// `likely`: whether it looks like one.
    fn begins_statement(&self, at: usize, likely: bool) -> bool {
        let Some(token) = self.tokens.get(at) else {
            return false;
        };
        if token.kind != TokenKind::Name || self.indent(token) > 0 {
            return false;
        }
        let word = self.word(at);
        if matches!(
            word,
            "import" | "from" | "def" | "class" | "while" | "with" | "try"
        ) {
            return true;
        }
        if is_operator_word(word)
            || !matches!(
                self.word(at + 1),
                "=" | "." | "(" | "[" | "+=" | "-=" | "*=" | "/=" | ","
            )
        {
            return false;
        }
        let before = self
            .tokens
            .get(..at)
            .and_then(|b| b.iter().rev().find(|t| t.kind != TokenKind::Newline));
        likely || before.is_some_and(|b| b.ends_operand(self.context.source))
    }

    fn push(&mut self, from: usize, to: usize, fault: Option<Diagnostic>) {
        let tokens: Vec<Token> = self
            .tokens
            .get(from..to)
            .unwrap_or(&[])
            .iter()
            .copied()
            .filter(|t| t.kind != TokenKind::Newline)
            .collect();
        self.faults += usize::from(fault.is_some());
        if let Some(first) = tokens.first() {
            let indent = self.indent(first);
            self.lines.push(Line {
                tokens,
                indent,
                fault,
            });
        }
    }
}
