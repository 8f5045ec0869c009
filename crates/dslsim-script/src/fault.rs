//! Short ways to say what is wrong.

use dslsim_source::{Diagnostic, Diagnostics, Span};

/// A value, or what is wrong.
pub(crate) type Outcome<T> = Result<T, Diagnostics>;

/// An error without a way out.
pub(crate) fn fail<T>(code: &'static str, span: Span, message: impl Into<String>) -> Outcome<T> {
    Err(Diagnostic::error(code, span, message).into())
}

/// An error with a way out.
pub(crate) fn fail_help<T>(
    code: &'static str,
    span: Span,
    message: impl Into<String>,
    help: impl Into<String>,
) -> Outcome<T> {
    Err(Diagnostic::error(code, span, message).help(help).into())
}
