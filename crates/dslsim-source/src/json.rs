//! Messages for programs: one JSON object per line.

use serde::Serialize;

use crate::render::{file_name, severity};
use crate::{Diagnostic, SourceMap, Span};

/// A place: lines and columns from 1, columns in characters, the end exclusive.
#[derive(Serialize)]
struct Place<'a> {
    file: &'a str,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
    label: &'a str,
}

#[derive(Serialize)]
struct Message<'a> {
    severity: &'a str,
    code: &'a str,
    message: &'a str,
    #[serde(flatten)]
    place: Place<'a>,
    secondary: Vec<Place<'a>>,
    help: Option<&'a str>,
}

fn place<'a>(sources: &'a SourceMap, span: Span, label: &'a str) -> Place<'a> {
    let (line, column) = sources.line_column(span);
    let (end_line, end_column) = sources.line_column(span.at_end());
    Place {
        file: file_name(sources, span),
        line,
        column,
        end_line,
        end_column,
        label,
    }
}

/// One message as one line.
pub(crate) fn json(d: &Diagnostic, sources: &SourceMap) -> String {
    let message = Message {
        severity: severity(d.severity),
        code: d.code,
        message: &d.message,
        place: place(sources, d.primary.span, &d.primary.text),
        secondary: d
            .secondary
            .iter()
            .map(|l| place(sources, l.span, &l.text))
            .collect(),
        help: d.help.as_deref(),
    };
    // Strings and numbers only: this cannot fail.
    let mut line = serde_json::to_string(&message).unwrap_or_default();
    line.push('\n');
    line
}
