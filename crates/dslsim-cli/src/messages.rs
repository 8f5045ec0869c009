//! Messages on stderr, in the form the user wants.

use std::sync::atomic::{AtomicBool, Ordering};

use clap::ValueEnum;
use dslsim::explain;
use dslsim_source::{Diagnostic, Diagnostics, MessageFormat, Severity, SourceMap, Span, render};

use crate::terminal;

/// The form of messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// With the source shown
    #[default]
    Full,
    /// `FILE:LINE:COL: error[code]: message; help: …`
    Short,
    /// One JSON object per line
    Json,
}

impl From<Form> for MessageFormat {
    fn from(form: Form) -> MessageFormat {
        match form {
            Form::Full => MessageFormat::Full,
            Form::Short => MessageFormat::Short,
            Form::Json => MessageFormat::Json,
        }
    }
}

/// Tells what there is to say about model files; in the full form, the first time, also how to learn more.
pub fn show(diagnostics: &Diagnostics, sources: &SourceMap, form: Form) {
    terminal::complain(&render(
        diagnostics,
        sources,
        form.into(),
        terminal::has_colors(),
    ));
    if form == Form::Full
        && let Some(code) = worst(diagnostics)
        && !FOOTER_SHOWN.swap(true, Ordering::Relaxed)
    {
        terminal::complain(&format!("For more about this: dslsim explain {code}\n\n"));
    }
}

/// Whether it was told how to learn more: once is enough.
static FOOTER_SHOWN: AtomicBool = AtomicBool::new(false);

/// The code of the first error, else of the first message, that has a page.
fn worst(diagnostics: &Diagnostics) -> Option<&'static str> {
    let error = diagnostics.iter().find(|d| d.severity == Severity::Error);
    let code = error.or_else(|| diagnostics.iter().next())?.code;
    explain::page(code).map(|page| page.code)
}

/// Tells about something that is not a place in a model file. `about` is what it concerns: a folder, `command line`.
pub fn note(severity: Severity, code: &'static str, about: &str, message: &str, form: Form) {
    if form == Form::Full {
        let word = match severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        };
        terminal::complain(&format!("{word}: {message}\n"));
        return;
    }
    let mut sources = SourceMap::new();
    let place = Span::new(sources.add(about, ""), 0, 0);
    let diagnostic = Diagnostic {
        severity,
        ..Diagnostic::error(code, place, message)
    };
    terminal::complain(&render(&diagnostic.into(), &sources, form.into(), false));
}

/// Each message as one line, for `run.json`.
pub fn lines(diagnostics: &Diagnostics, sources: &SourceMap) -> Vec<String> {
    render(diagnostics, sources, MessageFormat::Short, false)
        .lines()
        .map(str::to_owned)
        .collect()
}

/// Numbers of errors and of warnings.
pub fn count(diagnostics: &Diagnostics) -> (usize, usize) {
    let of = |severity| {
        diagnostics
            .iter()
            .filter(|d| d.severity == severity)
            .count()
    };
    (of(Severity::Error), of(Severity::Warning))
}
