//! What every part of the parser carries: the text, the dialect, and what has been said so far.

use std::cell::RefCell;

use dslsim_source::{Diagnostic, Diagnostics, Span, Text};

use crate::token::Token;

/// How many messages about one text are worth reading.
const ENOUGH: usize = 100;

/// Which language a text is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// The model file: Python's operators as they are.
    File,
    /// The strings in it: `^` is a mistake for `**`.
    Strings,
}

/// A text being parsed. Offsets are bytes of the text; spans are places in the file.
pub(crate) struct Context<'t> {
    pub(crate) text: &'t Text,
    pub(crate) source: &'t str,
    pub(crate) dialect: Dialect,
    said: RefCell<Diagnostics>,
}

impl<'t> Context<'t> {
    pub(crate) fn new(text: &'t Text, dialect: Dialect) -> Self {
        Context {
            text,
            source: text.as_str(),
            dialect,
            said: RefCell::default(),
        }
    }

    /// Adds a message; after many, further ones are dropped.
    pub(crate) fn say(&self, diagnostic: Diagnostic) {
        let mut said = self.said.borrow_mut();
        if said.len() < ENOUGH {
            said.push(diagnostic);
        }
    }

    /// Whether so much is wrong that reading on has no use.
    pub(crate) fn is_enough(&self) -> bool {
        self.said.borrow().len() >= ENOUGH
    }

    /// Number of messages so far.
    pub(crate) fn count(&self) -> usize {
        self.said.borrow().len()
    }

    /// All that has been said.
    pub(crate) fn finish(self) -> Diagnostics {
        self.said.into_inner()
    }

    /// The place of some bytes of the text.
    pub(crate) fn span(&self, start: usize, end: usize) -> Span {
        self.text.span(start, end)
    }

    /// The place of a token.
    pub(crate) fn span_of(&self, token: &Token) -> Span {
        self.span(token.start, token.end)
    }

    /// The characters of a token.
    pub(crate) fn word(&self, token: &Token) -> &'t str {
        token.of(self.source)
    }

    /// Some bytes of the text.
    pub(crate) fn slice(&self, start: usize, end: usize) -> &'t str {
        self.source.get(start..end).unwrap_or("")
    }
}
