//! Texts know where their characters were written; lines and columns are counted as editors do.

use dslsim_source::{FileId, SourceMap, Span, Text};

const F: FileId = FileId(0);

fn at(start: usize, end: usize) -> Span {
    Span::new(F, start, end)
}

#[test]
fn verbatim_text_is_shown_where_it_stands() {
    let text = Text::verbatim(F, 10, "abcdef");
    assert_eq!(text.whole(), at(10, 16));
    assert_eq!(text.span(2, 4), at(12, 14));
    assert_eq!(text.span(6, 6), at(16, 16));
    assert_eq!(text.span(4, 99).end, 16);
    let part = text.slice(2, 5);
    assert_eq!((part.as_str(), part.whole()), ("cde", at(12, 15)));
    assert_eq!(part.slice(1, 2).whole(), at(13, 14));
    assert_eq!(Text::verbatim(F, 7, "").whole(), at(7, 7));
}

#[test]
fn computed_text_is_shown_as_a_whole() {
    let text = Text::computed("abc", at(5, 6));
    assert_eq!(text.span(1, 2), at(5, 6));
    assert_eq!(text.slice(1, 3).span(0, 1), at(5, 6));
}

#[test]
fn joined_texts_keep_their_places() {
    // 'ab' '\n' 'cd' in the file at 1..3, 5..7, 9..11
    let parts = [
        Text::verbatim(F, 1, "ab"),
        Text::computed("\n", at(5, 7)),
        Text::verbatim(F, 9, "cd"),
    ];
    let text = Text::concat(&parts);
    assert_eq!(text.as_str(), "ab\ncd");
    assert_eq!(text.whole(), at(1, 11));
    assert_eq!(text.span(0, 2), at(1, 3));
    assert_eq!(text.span(2, 3), at(5, 7));
    assert_eq!(text.span(3, 5), at(9, 11));
    assert_eq!(text.span(1, 4), at(2, 10));
    let middle = text.slice(1, 4);
    assert_eq!((middle.as_str(), middle.whole()), ("b\nc", at(2, 10)));
    assert_eq!(middle.span(1, 2), at(5, 7));
    assert_eq!(
        Text::concat([&text.slice(3, 5), &text.slice(0, 2)]).span(2, 4),
        at(1, 3)
    );
    assert_eq!(text.slice(4, 99).as_str(), "");
}

#[test]
fn lines_and_columns_count_characters_from_one() {
    let mut map = SourceMap::new();
    let file = map.add("x.eq", "aτb\r\n\r\nlast");
    let position = |start| map.line_column(Span::new(file, start, start));
    assert_eq!(position(0), (1, 1));
    assert_eq!(position(1), (1, 2));
    assert_eq!(position(2), (1, 2)); // in the middle of a letter
    assert_eq!(position(3), (1, 3));
    assert_eq!(position(6), (2, 1));
    assert_eq!(position(8), (3, 1));
    assert_eq!(position(12), (3, 5));
    assert_eq!(position(99), (3, 5));
    assert_eq!(map.line_column(Span::new(FileId(7), 3, 4)), (1, 1));
    assert_eq!(map.slice(Span::new(file, 1, 3)), "τ");
    assert_eq!(map.slice(Span::new(file, 2, 3)), "");
    let marked = map.add("y.eq", "\u{FEFF}ab");
    assert_eq!(map.line_column(Span::new(marked, 4, 5)), (1, 2));
}
