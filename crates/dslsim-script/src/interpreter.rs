//! Statements, one after the other.
//!
//! A statement that fails is reported and left; the names it would have bound become unknown, so that nothing is said
//! about what depends on them.

use dslsim_source::{Diagnostic, Diagnostics, FileId, Span};
use dslsim_syntax::ast::{Expr, File, FileStatement, FileStatementKind};

use crate::context::{Binding, Context, Override, Setting, State};
use crate::eval::Run;
use crate::host::Host;
use crate::suggest::nearest;
use crate::value::Value;

/// Executes model files.
#[derive(Debug, Default)]
pub struct Interpreter {
    state: State,
}

impl Interpreter {
    /// An interpreter without global names. Each override replaces the value at the first assignment of its name.
    pub fn new(overrides: Vec<(String, Override)>) -> Self {
        let settings = overrides
            .into_iter()
            .map(|(name, value)| Setting {
                name,
                value,
                used: false,
            })
            .collect();
        Interpreter {
            state: State {
                settings,
                ..State::default()
            },
        }
    }

    /// Executes a file from top to bottom. What is wrong is found in [`Interpreter::diagnostics`].
    pub fn execute(&mut self, host: &mut dyn Host, file: FileId, ast: &File) {
        Run {
            state: &mut self.state,
            host,
        }
        .file(file, ast);
    }

    /// Reports overrides of names that no file has assigned. To be called once, after the last file.
    pub fn finish(&mut self) {
        let State {
            settings,
            globals,
            diagnostics,
            ..
        } = &mut self.state;
        for setting in settings.iter_mut().filter(|s| !s.used) {
            setting.used = true;
            let span = if let Override::Expr(expr) = &setting.value {
                expr.span
            } else {
                Span::default()
            };
            let parameters = globals
                .iter()
                .filter(|(_, b)| is_parameter(&b.value))
                .map(|(n, _)| n.as_str());
            let near =
                nearest(&setting.name, parameters.clone()).map(|n| format!("did you mean `{n}`?"));
            let list = || {
                let all: Vec<&str> = parameters.clone().take(12).collect();
                (!all.is_empty()).then(|| format!("its parameters are {}", all.join(", ")))
            };
            diagnostics.push(
                Diagnostic::error(
                    "unknown-parameter",
                    span,
                    format!("the model has no parameter `{}`", setting.name),
                )
                .help_opt(near.or_else(list)),
            );
        }
    }

    /// The value of an expression.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn eval(&mut self, host: &mut dyn Host, expr: &Expr) -> Result<Value, Diagnostics> {
        Run {
            state: &mut self.state,
            host,
        }
        .eval(expr)
    }

    /// A global name.
    pub fn global(&self, name: &str) -> Option<&Binding> {
        self.state.globals.get(name)
    }

    /// All global names, in the order of their first assignment.
    pub fn globals(&self) -> impl Iterator<Item = (&str, &Binding)> {
        self.state.globals.iter().map(|(n, b)| (n.as_str(), b))
    }

    /// The parameters of the model: names of numbers, quantities, strings and booleans, in the order of their first
    /// assignment, with their present values.
    pub fn parameters(&self) -> Vec<(&str, &Value)> {
        self.state
            .globals
            .iter()
            .filter(|(_, b)| is_parameter(&b.value))
            .map(|(n, b)| (n.as_str(), &b.value))
            .collect()
    }

    /// What has been said so far.
    pub fn diagnostics(&self) -> &Diagnostics {
        &self.state.diagnostics
    }

    /// Takes out what has been said so far.
    pub fn take_diagnostics(&mut self) -> Diagnostics {
        std::mem::take(&mut self.state.diagnostics)
    }

    /// The context a host gets in its calls, for what it has to do outside of them.
    pub fn context(&mut self) -> Context<'_> {
        Context {
            state: &mut self.state,
        }
    }
}

/// Whether a value makes its name a parameter.
pub(crate) fn is_parameter(value: &Value) -> bool {
    value.is_scalar() || matches!(value, Value::Str(_))
}

impl Run<'_> {
    /// Executes all statements of a file.
    pub(crate) fn file(&mut self, file: FileId, ast: &File) {
        self.state.files.push(file);
        for statement in &ast.statements {
            if let Err(said) = self.statement(statement) {
                self.state.diagnostics.extend(said);
            }
        }
        self.state.files.pop();
    }

    fn statement(&mut self, statement: &FileStatement) -> Result<(), Diagnostics> {
        match &statement.kind {
            FileStatementKind::Import(import) => self.import(import),
            FileStatementKind::Magic | FileStatementKind::Pass => Ok(()),
            FileStatementKind::Error => {
                self.state.incomplete = true;
                Ok(())
            }
            FileStatementKind::Assign { targets, value } => self.assign(targets, value),
            FileStatementKind::Update { target, op, value } => self.update(target, *op, value),
            FileStatementKind::Expr(expr) => self.eval(expr).map(|_| ()),
        }
    }
}
