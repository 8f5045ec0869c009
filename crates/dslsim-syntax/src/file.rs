//! Model files: logical lines, the simple statements in them, and what is refused.
//!
//! After an error the next line is read. A line that could not be read but assigns a name still does so, with an error
//! for its value, and so do the lines of refused loops and functions: no use of such a name is then complained about.

use dslsim_source::{Diagnostic, Text};

use crate::ast::{Expr, ExprKind, File, FileStatement, FileStatementKind};
use crate::context::Context;
use crate::explain::{characters, explain};
use crate::grammar::{Rule, parse};
use crate::limits::within_limits;
use crate::lines::{Line, lines};
use crate::python;
use crate::simple::Simple;
use crate::token::{Token, TokenKind};

/// The statements of a model file.
pub(crate) fn file(context: &Context<'_>) -> File {
    let mut reader = Reader {
        context,
        statements: Vec::new(),
        skipping: false,
        block: false,
        indented: false,
    };
    if let Some(diagnostic) = not_a_model(context) {
        context.say(diagnostic);
        return File::default();
    }
    if let Some(at) = context.source.find('\0') {
        let what = "a NUL character stands here: this is not text";
        context.say(Diagnostic::error(
            "nul-character",
            context.span(at, at + 1),
            what,
        ));
    }
    for line in lines(context) {
        if context.is_enough() {
            break;
        }
        reader.line(line);
    }
    File {
        statements: reader.statements,
    }
}

/// A notebook under the name of a model file.
fn not_a_model(context: &Context<'_>) -> Option<Diagnostic> {
    let start = context
        .source
        .find(|c: char| !c.is_whitespace() && c != '\u{FEFF}')?;
    let body = context.slice(start, context.source.len());
    let notebook = body.starts_with('{')
        && ["\"cells\"", "\"nbformat\"", "\"cell_type\""]
            .iter()
            .any(|key| body.contains(key));
    notebook.then(|| {
        Diagnostic::error(
            "notebook-file",
            context.span(start, start + 1),
            "this is a Jupyter notebook (ipynb), not a model file",
        )
        .help("copy the text of its code cells into a file, or export it as a Python script (.py)")
    })
}

struct Reader<'c, 't> {
    context: &'c Context<'t>,
    statements: Vec<FileStatement>,
    /// Whether indented lines belong to something already complained about.
    skipping: bool,
    /// Whether that is a refused block, whose lines are statements.
    block: bool,
    /// Whether the indentation of the lines before was already complained about.
    indented: bool,
}

impl Reader<'_, '_> {
    fn line(&mut self, line: Line) {
        let context = self.context;
        let Some(first) = line.tokens.first().copied() else {
            return;
        };
        if line.indent > 0 && self.skipping {
            if self.block {
                self.keep_name(&line.tokens);
            }
            return;
        }
        let clause = matches!(context.word(&first), "elif" | "else" | "except" | "finally");
        if clause && self.skipping {
            return;
        }
        self.skipping = false;
        self.block = false;
        if line.indent == 0 {
            self.indented = false;
        } else if first.kind != TokenKind::Magic && !std::mem::replace(&mut self.indented, true) {
            let what = "this line is indented, but nothing before it begins a block";
            context.say(
                Diagnostic::error("unexpected-indentation", context.span_of(&first), what)
                    .help("begin the line at the left margin"),
            );
        }
        if let Some(fault) = line.fault {
            context.say(fault);
            self.skipping = true;
            self.broken(&line.tokens);
            return;
        }
        if self.refused(&line.tokens) {
            return;
        }
        for statement in simple_statements(context, &line.tokens) {
            let said = context.count();
            self.statement(&statement);
            self.skipping |= context.count() > said;
        }
    }

    /// Statements with a body and other statements that are refused.
    fn refused(&mut self, tokens: &[Token]) -> bool {
        let context = self.context;
        let (Some(first), word) = (tokens.first(), |i: usize| {
            tokens.get(i).map_or("", |t| context.word(t))
        }) else {
            return false;
        };
        let span = context.span(first.start, tokens.last().map_or(first.end, |t| t.end));
        if word(0) == "@" {
            context.say(python::decorator(context, first, word(1)));
        } else {
            let Some(refused) = python::statement(word(0)) else {
                return false;
            };
            // `match` is a name unless it begins a block.
            let name = word(0) == "match"
                && (word(tokens.len().saturating_sub(1)) != ":"
                    || matches!(word(1), "=" | "." | ":"));
            if name || !refused.body {
                return false;
            }
            let decorated = matches!(word(0), "def" | "class" | "async") && self.after_decorator();
            if !decorated {
                context.say(python::refuse(context, first, refused));
            }
        }
        self.statements.push(FileStatement {
            kind: FileStatementKind::Error,
            span,
        });
        self.skipping = true;
        self.block = true;
        let named = match word(0) {
            "def" | "class" | "for" => tokens.get(1),
            _ => None,
        };
        if let Some(name) = named.filter(|t| t.kind == TokenKind::Name) {
            self.poison(name);
        }
        true
    }

    /// Whether the statement before was a decorator (whose message covers this one).
    fn after_decorator(&self) -> bool {
        let last = self.statements.last();
        last.is_some_and(|s| {
            s.kind == FileStatementKind::Error
                && self
                    .context
                    .source
                    .get(s.span.start as usize..)
                    .is_some_and(|t| t.starts_with('@'))
        })
    }

    /// The names that a line which is not read would have assigned.
    fn keep_name(&mut self, tokens: &[Token]) {
        if let [name, assign, ..] = tokens
            && name.kind == TokenKind::Name
            && self.context.word(assign) == "="
        {
            self.poison(name);
        }
    }

    /// A name whose value could not be read.
    fn poison(&mut self, name: &Token) {
        let span = self.context.span_of(name);
        let target = Expr {
            kind: ExprKind::Name(crate::names::canonical(self.context.word(name))),
            span,
        };
        self.statements.push(FileStatement {
            kind: FileStatementKind::Assign {
                targets: vec![target],
                value: Expr {
                    kind: ExprKind::Error,
                    span,
                },
            },
            span,
        });
    }

    /// A statement that could not be read: an assignment of nothing if it assigns, else an error.
    fn broken(&mut self, tokens: &[Token]) {
        let context = self.context;
        let (Some(first), Some(last)) = (tokens.first(), tokens.last()) else {
            return;
        };
        let span = context.span(first.start, last.end);
        let mut depth = 0_usize;
        let assign = tokens.iter().find(|t| {
            match t.kind {
                TokenKind::Open => depth += 1,
                TokenKind::Close => depth = depth.saturating_sub(1),
                _ => {}
            }
            depth == 0 && context.word(t) == "="
        });
        let targets = assign.and_then(|assign| {
            let pairs = parse(
                Rule::whole_statement,
                context.slice(first.start, assign.start),
            )
            .ok()?;
            match (Simple {
                context,
                base: first.start,
                quiet: true,
            })
            .statement(pairs)?
            .pop()?
            .kind
            {
                FileStatementKind::Expr(target) => {
                    crate::simple::is_target(&target).then(|| vec![target])
                }
                _ => None,
            }
        });
        let kind = match targets {
            Some(targets) => FileStatementKind::Assign {
                targets,
                value: Expr {
                    kind: ExprKind::Error,
                    span,
                },
            },
            None => FileStatementKind::Error,
        };
        self.statements.push(FileStatement { kind, span });
    }

    /// One simple statement.
    fn statement(&mut self, tokens: &[Token]) {
        let context = self.context;
        let (Some(first), Some(last)) = (tokens.first(), tokens.last()) else {
            return;
        };
        let span = context.span(first.start, last.end);
        if first.kind == TokenKind::Magic {
            self.statements.push(FileStatement {
                kind: FileStatementKind::Magic,
                span,
            });
            return;
        }
        if let Some(refused) = python::statement(context.word(first)).filter(|r| r.word != "match")
        {
            context.say(python::refuse(context, first, refused));
            self.statements.push(FileStatement {
                kind: FileStatementKind::Error,
                span,
            });
            return;
        }
        if !within_limits(context, tokens) {
            self.broken(tokens);
            return;
        }
        match parse(Rule::whole_statement, context.slice(first.start, last.end)) {
            Ok(pairs) => match (Simple {
                context,
                base: first.start,
                quiet: false,
            })
            .statement(pairs)
            {
                Some(statements) => self.statements.extend(statements),
                None => self.broken(tokens),
            },
            Err(at) => {
                context.say(failure(context, tokens, first.start + at));
                self.broken(tokens);
            }
        }
    }
}

/// The simple statements of a line, separated by `;`.
fn simple_statements(context: &Context<'_>, tokens: &[Token]) -> Vec<Vec<Token>> {
    let mut all = vec![Vec::new()];
    let mut depth = 0_usize;
    for token in tokens {
        match token.kind {
            TokenKind::Open => depth += 1,
            TokenKind::Close => depth = depth.saturating_sub(1),
            TokenKind::Op if depth == 0 && context.word(token) == ";" => {
                all.push(Vec::new());
                continue;
            }
            _ => {}
        }
        if let Some(current) = all.last_mut() {
            current.push(*token);
        }
    }
    all.retain(|tokens| !tokens.is_empty());
    all
}

/// What is wrong with a simple statement that could not be read.
fn failure(context: &Context<'_>, tokens: &[Token], at: usize) -> Diagnostic {
    let word = |i: usize| tokens.get(i).map_or("", |t| context.word(t));
    let found = tokens.iter().find(|t| t.end > at).or(tokens.last());
    let span = found.map(|t| context.span_of(t)).unwrap_or_default();
    if let Some(diagnostic) = characters(context, tokens) {
        return diagnostic;
    }
    if matches!(word(0), "import" | "from") {
        return Diagnostic::error("import-form", span, "this import cannot be read")
            .help("write `from brian2 import *` or `import numpy as np`; other modules are not part of a model file");
    }
    match (tokens.first(), tokens.get(1)) {
        (Some(first), Some(colon))
            if first.kind == TokenKind::Name && context.word(colon) == ":" =>
        {
            return python::annotation(context, colon);
        }
        (Some(first), _) if context.word(first) == "=" => {
            return Diagnostic::error(
                "assignment-target",
                context.span_of(first),
                "a name is missing before this `=`",
            );
        }
        _ => {}
    }
    explain(context, tokens, at)
}

/// The text of a whole file.
pub(crate) fn text_of(file: dslsim_source::FileId, text: &str) -> Text {
    Text::verbatim(file, 0, text)
}
