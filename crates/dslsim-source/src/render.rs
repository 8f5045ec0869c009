//! The three forms of a message: full (source shown), short (one line), json.
//!
//! Messages are shown in the order given. A place outside the known files is shown without source, never refused.

use crate::{Diagnostic, Diagnostics, Severity, SourceMap, Span};

/// The form in which messages are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MessageFormat {
    /// With the source shown.
    #[default]
    Full,
    /// `FILE:LINE:COL: error[code]: message; help: …`
    Short,
    /// One JSON object per line.
    Json,
}

/// All messages as text, in the given form; `color` only concerns the full form.
pub fn render(
    diagnostics: &Diagnostics,
    sources: &SourceMap,
    format: MessageFormat,
    color: bool,
) -> String {
    let each = |d: &Diagnostic| match format {
        MessageFormat::Full => crate::full::full(d, sources, color),
        MessageFormat::Short => short(d, sources),
        MessageFormat::Json => crate::json::json(d, sources),
    };
    diagnostics.iter().map(each).collect()
}

/// The name a file is shown under.
pub(crate) fn file_name(sources: &SourceMap, span: Span) -> &str {
    match sources.name(span.file) {
        "" => "<unknown>",
        name => name,
    }
}

/// The word for a severity.
pub(crate) fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

fn short(d: &Diagnostic, sources: &SourceMap) -> String {
    let (line, column) = sources.line_column(d.primary.span);
    let name = file_name(sources, d.primary.span);
    let mut out = format!(
        "{name}:{line}:{column}: {}[{}]: {}",
        severity(d.severity),
        d.code,
        one_line(&d.message)
    );
    if let Some(help) = &d.help {
        out.push_str("; help: ");
        out.push_str(&one_line(help));
    }
    out.push('\n');
    out
}

/// Line breaks and what surrounds them become one blank.
fn one_line(text: &str) -> String {
    text.lines()
        .map(str::trim)
        .filter(|l| !l.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}
