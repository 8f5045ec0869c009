//! Files, spans and diagnostics, and how they are shown.
//!
//! Everything a user wrote is addressed by a [`Span`]: a file and an absolute, half-open range of bytes in it.
//! Strings inside a model file (equations, conditions) are carried as [`Text`], which knows for each of its
//! characters where in the file it stands, so that a mistake inside a string is shown at its own place.
//!
//! This crate knows nothing about models, units or simulation.

mod diagnostic;
mod full;
mod json;
mod render;
mod span;
mod text;

pub use diagnostic::{Diagnostic, Diagnostics, Label, Severity};
pub use render::{MessageFormat, render};
pub use span::{FileId, SourceMap, Span};
pub use text::Text;
