//! Simple statements of a model file: imports, assignments, calls.

use dslsim_source::Diagnostic;
use pest::iterators::{Pair, Pairs};

use crate::ast::{AssignOp, Expr, ExprKind, FileStatement, FileStatementKind, Ident, Import};
use crate::context::Context;
use crate::expression::Lower;
use crate::grammar::{Rule, parts};
use crate::statements::assign_op;

/// Turns pairs into statements; `base` is where the parsed bytes begin in the text.
pub(crate) struct Simple<'c, 't> {
    pub(crate) context: &'c Context<'t>,
    pub(crate) base: usize,
    /// Whether wrong targets are passed over in silence.
    pub(crate) quiet: bool,
}

/// Whether a value can be assigned to it.
pub(crate) fn is_target(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Name(_) | ExprKind::Attribute(..) | ExprKind::Index(..) => true,
        ExprKind::Tuple(items) | ExprKind::List(items) => {
            !items.is_empty() && items.iter().all(is_target)
        }
        _ => false,
    }
}

impl Simple<'_, '_> {
    fn lower(&self) -> Lower<'_, '_> {
        Lower {
            context: self.context,
            base: self.base,
        }
    }

    /// The statements that one parsed statement stands for (`import a, b` is two); none after an error that was told.
    pub(crate) fn statement(&self, pairs: Pairs<'_, Rule>) -> Option<Vec<FileStatement>> {
        let pair = pairs.into_iter().find(|p| p.as_rule() != Rule::EOI)?;
        let (start, end) = self.lower().range(&pair);
        let span = self.context.span(start, end);
        let imports = match pair.as_rule() {
            Rule::import => parts(pair)
                .filter(|p| p.as_rule() == Rule::import_module)
                .filter_map(|m| self.import_module(m))
                .collect(),
            Rule::import_from => vec![self.import_from(pair)?],
            Rule::pass => {
                return Some(vec![FileStatement {
                    kind: FileStatementKind::Pass,
                    span,
                }]);
            }
            _ => {
                return self
                    .assignment(pair)
                    .map(|kind| vec![FileStatement { kind, span }]);
            }
        };
        Some(
            imports
                .into_iter()
                .map(|import: Import| FileStatement {
                    kind: FileStatementKind::Import(import),
                    span,
                })
                .collect(),
        )
    }

    fn import_module(&self, pair: Pair<'_, Rule>) -> Option<Import> {
        let mut inner = parts(pair);
        let module = self.lower().ident(&inner.next()?);
        Some(Import {
            module,
            alias: inner.next().and_then(|a| self.alias(a)),
            names: None,
        })
    }

    fn alias(&self, pair: Pair<'_, Rule>) -> Option<Ident> {
        parts(pair)
            .find(|p| p.as_rule() == Rule::name)
            .map(|n| self.lower().ident(&n))
    }

    fn import_from(&self, pair: Pair<'_, Rule>) -> Option<Import> {
        let lower = self.lower();
        let mut module = None;
        let mut names = Vec::new();
        for part in parts(pair) {
            match part.as_rule() {
                Rule::module => module = Some(lower.ident(&part)),
                Rule::import_all => names.push((lower.ident(&part), None)),
                Rule::import_name => {
                    let mut inner = parts(part);
                    if let Some(name) = inner.next() {
                        names.push((lower.ident(&name), inner.next().and_then(|a| self.alias(a))));
                    }
                }
                _ => {}
            }
        }
        Some(Import {
            module: module?,
            alias: None,
            names: Some(names),
        })
    }

    fn assignment(&self, pair: Pair<'_, Rule>) -> Option<FileStatementKind> {
        let mut values = Vec::new();
        let mut op = None;
        for part in parts(pair) {
            match part.as_rule() {
                Rule::values => values.push(self.values(part)),
                _ => op = assign_op(part.as_str()),
            }
        }
        let value = values.pop()?;
        if let Some(wrong) = values.iter().find(|target| !is_target(target)) {
            self.wrong_target(wrong);
            return None;
        }
        match op {
            None => Some(FileStatementKind::Expr(value)),
            Some(AssignOp::Set) => Some(FileStatementKind::Assign {
                targets: values,
                value,
            }),
            Some(AssignOp::Update(op)) => {
                let target = values.pop()?;
                if matches!(target.kind, ExprKind::Tuple(_) | ExprKind::List(_)) {
                    self.wrong_target(&target);
                    return None;
                }
                Some(FileStatementKind::Update { target, op, value })
            }
        }
    }

    /// Rule `values`: one expression, or a tuple without parentheses.
    fn values(&self, pair: Pair<'_, Rule>) -> Expr {
        let (start, end) = self.lower().range(&pair);
        let mut items = Vec::new();
        let mut comma = false;
        for part in parts(pair) {
            match part.as_rule() {
                Rule::expression => items.push(self.lower().expression(part).expr),
                _ => comma = true,
            }
        }
        match (items.pop(), items.is_empty() && !comma) {
            (Some(only), true) => only,
            (last, _) => {
                items.extend(last);
                Expr {
                    kind: ExprKind::Tuple(items),
                    span: self.context.span(start, end),
                }
            }
        }
    }

    fn wrong_target(&self, target: &Expr) {
        if self.quiet || target.kind == ExprKind::Error {
            return;
        }
        let what = match target.kind {
            ExprKind::Call(..) => "a value cannot be assigned to the result of a call",
            ExprKind::Compare(..) => "a value cannot be assigned to a comparison",
            ExprKind::Bool(_) | ExprKind::None => {
                "a value cannot be assigned to a constant of the language"
            }
            ExprKind::Int(_) | ExprKind::Float(_) | ExprKind::Str(_) | ExprKind::FString(_) => {
                "a value cannot be assigned to a literal"
            }
            ExprKind::Tuple(_) | ExprKind::List(_) => "values cannot be assigned to these",
            _ => "a value cannot be assigned to an expression",
        };
        self.context.say(
            Diagnostic::error("assignment-target", target.span, what)
                .help("on the left of `=` stands a name, `object.attribute` or `name[index]`"),
        );
    }
}
