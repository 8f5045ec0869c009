//! How messages look in the three forms, also for awkward places.

use dslsim_source::{Diagnostic, Diagnostics, FileId, MessageFormat, SourceMap, Span, render};

fn map() -> (SourceMap, FileId, FileId) {
    let mut map = SourceMap::new();
    let a = map.add("a.eq", "tau = 10*ms\r\n\tdτ = 'x'\t+ 1\r\nend");
    let b = map.add("b.eq", "w : 1\n");
    (map, a, b)
}

fn example(a: FileId, b: FileId) -> Diagnostics {
    Diagnostic::error("some-code", Span::new(a, 14, 17), "two things\ndo not fit")
        .label("this is volt")
        .also(Span::new(a, 0, 3), "declared here")
        .also(Span::new(b, 4, 5), "and here")
        .help("write\n  `1`")
        .into()
}

#[test]
fn short_is_one_line_with_its_help() {
    let (map, a, b) = map();
    assert_eq!(
        render(&example(a, b), &map, MessageFormat::Short, true),
        "a.eq:2:2: error[some-code]: two things do not fit; help: write `1`\n"
    );
}

#[test]
fn full_shows_all_places() {
    let (map, a, b) = map();
    let shown = render(&example(a, b), &map, MessageFormat::Full, false);
    for part in [
        "error[some-code]: two things",
        "--> a.eq:2:2",
        "this is volt",
        "declared here",
        "b.eq:1:5",
        "and here",
        "help: write",
    ] {
        assert!(shown.contains(part), "{part} in\n{shown}");
    }
    assert!(!shown.contains('\u{1b}'));
    assert!(!shown.contains('\r'), "{shown:?}");
    assert!(render(&example(a, b), &map, MessageFormat::Full, true).contains('\u{1b}'));
}

#[test]
fn json_is_one_object_per_line() {
    let (map, a, b) = map();
    let mut all = example(a, b);
    all.push(Diagnostic::warning("other", Span::new(b, 0, 1), "w"));
    let shown = render(&all, &map, MessageFormat::Json, false);
    let lines: Vec<serde_json::Value> = shown
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0]["severity"], "error");
    assert_eq!(lines[0]["message"], "two things\ndo not fit");
    assert_eq!(
        (
            &lines[0]["line"],
            &lines[0]["column"],
            &lines[0]["end_column"]
        ),
        (&2.into(), &2.into(), &4.into())
    );
    assert_eq!(lines[0]["secondary"][1]["file"], "b.eq");
    assert_eq!(lines[0]["help"], "write\n  `1`");
    assert_eq!(lines[1]["help"], serde_json::Value::Null);
}

#[test]
fn no_place_upsets_the_drawing() {
    let mut map = SourceMap::new();
    let empty = map.add("empty.eq", "");
    let text = "a\tτb\r\n\r\nlast ’ line\u{0}\u{7}";
    let odd = map.add("odd.eq", text);
    let long = map.add("long.eq", "(".repeat(200_000));
    let many = map.add("many.eq", "x = 1\n".repeat(10_000));
    let mut spans = vec![
        Span::default(),
        Span::new(FileId(99), 3, 9),
        Span::new(empty, 0, 0),
        Span::new(empty, 5, 9),
    ];
    for start in 0..text.len() + 2 {
        spans.extend((start..text.len() + 3).map(|end| Span::new(odd, start, end)));
    }
    spans.extend([
        Span::new(long, 0, 200_000),
        Span::new(long, 100_000, 100_001),
        Span::new(long, 199_999, 200_000),
    ]);
    spans.extend([Span::new(many, 0, 60_000), Span::new(many, 30_000, 30_001)]);
    for span in spans {
        for format in [
            MessageFormat::Full,
            MessageFormat::Short,
            MessageFormat::Json,
        ] {
            let message: Diagnostics = Diagnostic::error("c", span, "m")
                .label("l")
                .also(Span::new(odd, 2, 3), "o")
                .into();
            let shown = render(&message, &map, format, false);
            assert!(
                shown.contains('m') && shown.len() < 20_000,
                "{span:?} {}",
                shown.len()
            );
        }
    }
}
