//! Text that knows where it was written.

use std::sync::Arc;

use crate::{FileId, Span};

/// A piece of a [`Text`]: from byte `at` of the text on, the characters come from `source`.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Piece {
    at: u32,
    source: Span,
    /// Whether the bytes of the text are the bytes of the source, one to one.
    exact: bool,
}

/// A string of a model file together with the place of each of its characters.
///
/// A plain literal maps one to one onto the file. Joined literals, escapes and formatted strings consist of
/// several pieces; a piece that is not a copy of its source is shown as a whole.
#[derive(Clone, Debug, PartialEq)]
pub struct Text {
    text: Arc<str>,
    pieces: Arc<[Piece]>,
}

impl Text {
    /// Text that stands in a file as it is, beginning at byte `start`.
    pub fn verbatim(file: FileId, start: usize, text: impl Into<Arc<str>>) -> Self {
        let text = text.into();
        let source = Span::new(file, start, start + text.len());
        Text {
            text,
            pieces: [Piece {
                at: 0,
                source,
                exact: true,
            }]
            .into(),
        }
    }

    /// Text that was computed: all of it is shown at `source`.
    pub fn computed(text: impl Into<Arc<str>>, source: Span) -> Self {
        Text {
            text: text.into(),
            pieces: [Piece {
                at: 0,
                source,
                exact: false,
            }]
            .into(),
        }
    }

    /// Several texts one after the other.
    pub fn concat<'a>(parts: impl IntoIterator<Item = &'a Text>) -> Self {
        let mut text = String::new();
        let mut pieces = Vec::new();
        for part in parts {
            let base = text.len() as u32;
            pieces.extend(part.pieces.iter().map(|p| Piece {
                at: p.at + base,
                ..*p
            }));
            text.push_str(&part.text);
        }
        Text {
            text: text.into(),
            pieces: pieces.into(),
        }
    }

    /// The characters.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Where all of it was written.
    pub fn whole(&self) -> Span {
        self.span(0, self.text.len())
    }

    /// Where the bytes `start..end` of the text were written.
    pub fn span(&self, start: usize, end: usize) -> Span {
        let (Some(first), Some(last)) = (self.piece(start), self.piece(end.max(start + 1) - 1))
        else {
            return Span::default();
        };
        let from = if first.exact {
            first.source.start + (start as u32).saturating_sub(first.at)
        } else {
            first.source.start
        };
        let to = if last.exact {
            (last.source.start + (end as u32).saturating_sub(last.at)).min(last.source.end)
        } else {
            last.source.end
        };
        if first.source.file != last.source.file || to < from {
            return Span {
                end: from.max(first.source.end),
                start: from,
                file: first.source.file,
            };
        }
        Span {
            file: first.source.file,
            start: from,
            end: to,
        }
    }

    /// The part `start..end` (byte offsets on character boundaries; else empty).
    pub fn slice(&self, start: usize, end: usize) -> Text {
        let text = self.text.get(start..end).unwrap_or("");
        let mut pieces: Vec<Piece> = Vec::new();
        for (n, piece) in self.pieces.iter().enumerate() {
            let (at, next) = (
                piece.at as usize,
                self.pieces
                    .get(n + 1)
                    .map_or(self.text.len(), |p| p.at as usize),
            );
            if at >= end.max(start + 1) {
                break;
            }
            let mut source = piece.source;
            if piece.exact {
                let (from, to) = (start.clamp(at, next) - at, end.clamp(at, next) - at);
                source = Span::new(
                    source.file,
                    source.start as usize + from,
                    source.start as usize + to.max(from),
                );
            }
            if at <= start {
                pieces.clear();
            }
            pieces.push(Piece {
                at: piece.at.saturating_sub(start as u32),
                source,
                exact: piece.exact,
            });
        }
        Text {
            text: text.into(),
            pieces: pieces.into(),
        }
    }

    fn piece(&self, at: usize) -> Option<&Piece> {
        let next = self.pieces.partition_point(|p| p.at as usize <= at);
        self.pieces.get(next.max(1) - 1)
    }
}
