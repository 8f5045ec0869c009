//! Grammars, syntax trees, parsing and printing.
//!
//! Two languages share one expression grammar: the model file (a subset of Python's statements) and the strings in it
//! (equations, statement blocks, conditions, connection generators). Parsing never fails: what cannot be read becomes
//! an error node and a diagnostic, and reading goes on at the next line. Every node carries the absolute [`Span`] of
//! the characters it came from, also inside strings.
//!
//! This crate knows nothing about units or meaning; `a < b < c`, `np.exp(x)` or `[1, 2]` inside an equation parse, and
//! are judged later.
//!
//! The way of a text: scanning cuts it into lines, statements or equations; the limits refuse what would
//! overflow the stack; pest reads each piece; its flat chains of operators become trees by precedence. Where pest gives
//! up, the tokens are walked once more to say why.

pub mod ast;
mod characters;
mod context;
mod declaration;
mod equations;
mod explain;
mod expression;
mod file;
mod generator;
mod grammar;
mod limits;
mod lines;
mod literal;
mod names;
mod print;
mod python;
mod simple;
mod statements;
mod token;
mod walk;

pub use dslsim_source::{Diagnostic, Diagnostics, FileId, Span, Text};
pub use print::{print_equation, print_expr, print_statement};

use ast::{Equation, Expr, File, Generator, Statement};
use context::{Context, Dialect};

/// Parses a model file.
///
/// A line that could not be read is a [`FileStatementKind::Error`](ast::FileStatementKind::Error), or, where it plainly
/// assigns, an assignment of [`ExprKind::Error`](ast::ExprKind::Error); either way a diagnostic has been given.
pub fn parse_file(file: FileId, text: &str) -> (File, Diagnostics) {
    let text = file::text_of(file, text);
    let context = Context::new(&text, Dialect::File);
    let file = file::file(&context);
    (file, context.finish())
}

/// Parses one expression of a string: a threshold, a condition, an initial value, a rate.
pub fn parse_expression(text: &Text) -> (Expr, Diagnostics) {
    let context = Context::new(text, Dialect::Strings);
    let expr = expression::parse_range(&context, 0, text.as_str().len());
    (expr, context.finish())
}

/// Parses a block of statements of a string: reset, on_pre, run_regularly.
pub fn parse_statements(text: &Text) -> (Vec<Statement>, Diagnostics) {
    statements::statements(text)
}

/// Parses a model string.
pub fn parse_equations(text: &Text) -> (Vec<Equation>, Diagnostics) {
    equations::equations(text)
}

/// Parses the generator of `connect(j='…')`.
pub fn parse_generator(text: &Text) -> (Generator, Diagnostics) {
    generator::generator(text)
}
