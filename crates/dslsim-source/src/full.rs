//! Messages with the source shown, drawn by annotate-snippets.
//!
//! Of each file only the lines between its first and last label are handed over, clamped to the text and to character
//! boundaries, so that no span can upset the drawing.

use annotate_snippets::{Annotation, AnnotationKind, Level, Renderer, Snippet};

use crate::render::file_name;
use crate::{Diagnostic, FileId, Label, Severity, SourceMap, Span};

/// Lines longer than this are cut around the label.
const WIDTH: usize = 140;
/// Of longer lines only so many bytes around the label are drawn.
const WINDOW: usize = 400;

/// One message, with a blank line after it.
pub(crate) fn full(d: &Diagnostic, sources: &SourceMap, color: bool) -> String {
    let level = match d.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let mut labels: Vec<(&Label, AnnotationKind)> = vec![(&d.primary, AnnotationKind::Primary)];
    labels.extend(d.secondary.iter().map(|l| (l, AnnotationKind::Context)));
    let mut files: Vec<FileId> = Vec::new();
    for (label, _) in &labels {
        if !files.contains(&label.span.file) {
            files.push(label.span.file);
        }
    }
    let parts: Vec<Part> = files
        .iter()
        .filter_map(|file| Part::new(*file, &labels, sources))
        .collect();
    let mut group = level
        .primary_title(d.message.as_str())
        .id(d.code)
        .elements(parts.iter().map(Part::snippet));
    if let Some(help) = &d.help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    let renderer = if color {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    let mut out = renderer.term_width(WIDTH).render(&[group]);
    out.push_str("\n\n");
    out
}

/// The lines of one file that a message is about.
struct Part {
    name: String,
    source: String,
    first_line: usize,
    labels: Vec<(std::ops::Range<usize>, String, AnnotationKind)>,
}

impl Part {
    fn new(file: FileId, labels: &[(&Label, AnnotationKind)], sources: &SourceMap) -> Option<Part> {
        let own: Vec<&(&Label, AnnotationKind)> =
            labels.iter().filter(|(l, _)| l.span.file == file).collect();
        let text = sources.text(file);
        if sources.name(file).is_empty() && text.is_empty() {
            return None;
        }
        let ranges: Vec<(usize, usize)> = own.iter().map(|(l, _)| clamped(&text, l.span)).collect();
        let start = ranges.iter().map(|r| r.0).min()?;
        let end = ranges.iter().map(|r| r.1).max()?;
        let mut from = text.get(..start)?.rfind('\n').map_or(0, |i| i + 1);
        let mut to = text.get(end..)?.find('\n').map_or(text.len(), |i| end + i);
        // A line without end (a binary file, a generated table) is cut before it is drawn.
        if start - from > WINDOW {
            from = text.floor_char_boundary(start - WINDOW / 2);
        }
        if to - end > WINDOW {
            to = text.ceil_char_boundary(end + WINDOW / 2);
        }
        let source: String = text.get(from..to)?.to_owned();
        let (first_line, _) = sources.line_column(Span::new(file, from, from));
        let labels = own
            .iter()
            .zip(&ranges)
            .map(|((label, kind), (start, end))| {
                (start - from..end - from, label.text.clone(), *kind)
            })
            .collect();
        Some(Part {
            name: file_name(sources, Span::new(file, 0, 0)).to_owned(),
            source,
            first_line,
            labels,
        })
    }

    fn snippet(&self) -> Snippet<'_, Annotation<'_>> {
        Snippet::source(self.source.as_str())
            .path(self.name.as_str())
            .line_start(self.first_line)
            .fold(true)
            .annotations(self.labels.iter().map(|(range, text, kind)| {
                let annotation = kind.span(range.clone());
                if text.is_empty() {
                    annotation
                } else {
                    annotation.label(text.as_str())
                }
            }))
    }
}

/// A span within the text, on character boundaries; very long ones are shown by their beginning.
fn clamped(text: &str, span: Span) -> (usize, usize) {
    let start = text.floor_char_boundary((span.start as usize).min(text.len()));
    let end = text.ceil_char_boundary((span.end as usize).clamp(start, text.len()));
    let lines = text
        .get(start..end)
        .unwrap_or("")
        .char_indices()
        .filter(|(_, c)| *c == '\n')
        .nth(5);
    let end = lines.map_or(end, |(i, _)| start + i);
    (
        start,
        text.floor_char_boundary(end.min(start + 4 * WINDOW))
            .max(start),
    )
}
