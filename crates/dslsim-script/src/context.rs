//! What is shared by the statements of a run: the global names, what has been said, the parameters that were set.

use dslsim_source::{Diagnostic, Diagnostics, FileId, Span};
use dslsim_syntax::ast::Expr;
use indexmap::IndexMap;

use crate::value::Value;

/// A global name.
#[derive(Clone, Debug, PartialEq)]
pub struct Binding {
    /// Its value now.
    pub value: Value,
    /// The target of its latest assignment.
    pub span: Span,
    /// The target of its first assignment.
    pub first: Span,
    /// Whether the statement that should have given the value failed; the value is then [`Value::Unknown`].
    pub failed: bool,
}

/// The value of a parameter as given by `--set` or by a sweep.
#[derive(Clone, Debug, PartialEq)]
pub enum Override {
    /// An expression, evaluated where the parameter is assigned.
    Expr(Expr),
    /// A value.
    Value(Value),
}

/// One `--set`.
#[derive(Clone, Debug)]
pub(crate) struct Setting {
    pub name: String,
    pub value: Override,
    pub used: bool,
}

/// Everything an [`Interpreter`](crate::Interpreter) remembers.
#[derive(Debug, Default)]
pub(crate) struct State {
    pub globals: IndexMap<String, Binding>,
    pub diagnostics: Diagnostics,
    pub settings: Vec<Setting>,
    /// Imported names: what they stand for.
    pub aliases: IndexMap<String, Value>,
    /// Whether a statement could not be read, so that names it was to bind may be missing.
    pub incomplete: bool,
    /// The files being executed, the including ones first.
    pub files: Vec<FileId>,
    /// Names that stand for one array in Python: `b = a`, `b = a[2:5]`.
    pub shared: Vec<(String, String, Span)>,
}

/// What a host may use during a call.
pub struct Context<'a> {
    pub(crate) state: &'a mut State,
}

impl Context<'_> {
    /// A global name.
    pub fn global(&self, name: &str) -> Option<&Binding> {
        self.state.globals.get(name)
    }

    /// All global names, in the order of their first assignment.
    pub fn globals(&self) -> impl Iterator<Item = (&str, &Binding)> {
        self.state.globals.iter().map(|(n, b)| (n.as_str(), b))
    }

    /// Imported values with names that mean nothing of themselves: `from brian2.units.constants import gas_constant as R`.
    pub fn imported(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.state
            .aliases
            .iter()
            .map(|(n, value)| (n.as_str(), value))
            .filter(|(n, value)| {
                matches!(value, Value::Float(_) | Value::Quantity(..))
                    && crate::units::unit(n).is_none()
                    && crate::names::constant(n).is_none()
            })
    }

    /// Says something, usually a warning; errors are better returned.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.state.diagnostics.push(diagnostic);
    }

    /// What has been said so far.
    pub fn diagnostics(&self) -> &Diagnostics {
        &self.state.diagnostics
    }

    /// Whether an earlier statement failed: nothing should be simulated any more.
    pub fn has_errors(&self) -> bool {
        self.state.diagnostics.has_errors()
    }

    /// Whether a statement could not be read: a name that is not known may be one it was to bind.
    pub fn names_may_be_missing(&self) -> bool {
        self.state.incomplete
    }

    /// The file whose statements are being executed.
    pub fn file(&self) -> FileId {
        self.state.files.last().copied().unwrap_or_default()
    }
}
