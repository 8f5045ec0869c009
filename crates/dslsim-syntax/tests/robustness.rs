//! No input panics, overflows the stack or takes long; and after a mistake reading goes on.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use std::time::{Duration, Instant};

use common::{Random, Role, canonical, check};
use dslsim_source::{Diagnostics, FileId, Text};
use dslsim_syntax::parse_file;

const ROLES: [Role; 4] = [
    Role::Equations,
    Role::Statements,
    Role::Expression,
    Role::Generator,
];

fn sources() -> Vec<String> {
    let mut all = Vec::new();
    for folder in ["corpus", "bad"] {
        for entry in
            std::fs::read_dir(format!("{}/tests/{folder}", env!("CARGO_MANIFEST_DIR"))).unwrap()
        {
            all.push(std::fs::read_to_string(entry.unwrap().path()).unwrap());
        }
    }
    all.extend(
        [
            include_str!("cases/expressions.txt"),
            include_str!("cases/statements.txt"),
            include_str!("cases/equations.txt"),
            include_str!("cases/generators.txt"),
            include_str!("cases/files.txt"),
            include_str!("snippets.txt"),
        ]
        .map(str::to_owned),
    );
    all
}

/// All places of all messages lie in the source, on character boundaries.
fn sound(source: &str, said: &Diagnostics) {
    for d in said.iter() {
        let (start, end) = (d.primary.span.start as usize, d.primary.span.end as usize);
        assert!(
            source.get(start..end).is_some(),
            "{start}..{end} of {source:?}: {}",
            d.message
        );
        assert!(
            !d.message.is_empty() && !d.message.ends_with('.') && !d.message.contains('\n'),
            "{}",
            d.message
        );
    }
}

fn everything(source: &str) {
    sound(source, &check(source));
    let text = Text::verbatim(FileId(0), 0, source);
    for role in ROLES {
        sound(source, &canonical(role, &text).1);
    }
}

#[test]
fn beginnings_of_files() {
    for source in sources() {
        let mut cut = 0;
        while cut < source.len() {
            if source.is_char_boundary(cut) {
                sound(&source, &check(&source[..cut]));
            }
            cut += 1 + source.len() / 150;
        }
    }
}

#[test]
fn mutations() {
    const PIECES: &[&str] = &[
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        "'",
        "\"",
        "'''",
        "\n",
        "\r\n",
        ";",
        ":",
        "=",
        "==",
        "**",
        "^",
        "-",
        "not ",
        " if ",
        " else ",
        " for ",
        " in ",
        "f'{",
        "\\",
        "#",
        "τ",
        "‘",
        "\u{0}",
        "\u{FEFF}",
        "1e999",
        "0x",
        "...",
        ".",
        ",",
        "lambda ",
        "d v/dt = ",
        " : 1",
        "@",
        "%",
        "!",
        "\t",
        "_",
    ];
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let sources: Vec<Vec<char>> = sources().iter().map(|s| s.chars().collect()).collect();
    for _ in 0..1500 {
        let source = &sources[random.below(sources.len())];
        let from = random.below(source.len().max(1));
        let mut text: Vec<char> = source[from..(from + 400).min(source.len())].to_vec();
        for _ in 0..=random.below(4) {
            let at = random.below(text.len() + 1);
            match random.below(3) {
                0 if at < text.len() => drop(text.remove(at)),
                1 => {
                    let until = (at + random.below(20)).min(text.len());
                    text.drain(at..until);
                }
                _ => drop(text.splice(at..at, PIECES[random.below(PIECES.len())].chars())),
            }
        }
        everything(&text.into_iter().collect::<String>());
    }
}

#[test]
fn noise() {
    const ALPHABET: &[&str] = &[
        "a", "d", "v", "/", "dt", "1", ".", "(", ")", "[", "]", "{", "}", " ", "\n", "=", ":", "'",
        "\"", "+", "*", ",", ";", "not", "if", "else", "for", "in", "é", "f'", "\\",
    ];
    let mut random = Random(7);
    for _ in 0..4000 {
        let text: String = (0..random.below(30))
            .map(|_| ALPHABET[random.below(ALPHABET.len())])
            .collect();
        everything(&text);
    }
}

fn quick(what: &str, source: &str, codes: &[&str]) {
    let begin = Instant::now();
    let (_, said) = canonical(Role::Expression, &Text::verbatim(FileId(0), 0, source));
    let file = parse_file(FileId(0), &format!("x = {source}\n")).1;
    assert!(
        begin.elapsed() < Duration::from_secs(4),
        "{what}: {:?}",
        begin.elapsed()
    );
    let found: Vec<&str> = said.iter().map(|d| d.code).collect();
    assert_eq!(found, codes, "{what}");
    if !codes.is_empty() {
        assert!(file.has_errors(), "{what}");
    }
}

/// Test threads have 2 MiB of stack; what is accepted must be parsed, printed and dropped in that.
#[test]
fn deep_and_long() {
    const DEEP: &[&str] = &["nesting-too-deep"];
    const LARGE: &[&str] = &["expression-too-large"];
    for (open, middle, close) in [
        ("(", "a", ")"),
        ("f(", "a", ")"),
        ("[", "", "]"),
        ("a[", "0", "]"),
        ("(a + ", "b", ")"),
        ("{1: ", "a", "}"),
        ("f(x, k=-", "1", "**2)"),
        ("a[1:", "2", "]"),
    ] {
        let nested = |n: usize| format!("{}{middle}{}", open.repeat(n), close.repeat(n));
        quick(open, &nested(60), &[]);
        quick(open, &nested(100_000), DEEP);
        quick(open, &open.repeat(100_000), DEEP);
    }
    quick(
        "just nested enough",
        &format!("{}a{}", "(".repeat(200), ")".repeat(200)),
        &[],
    );
    quick(
        "nested lists",
        &format!("{}{}", "[".repeat(199), "]".repeat(199)),
        &[],
    );
    quick(
        "nested calls",
        &format!("{}a{}", "f(x[".repeat(99), "])".repeat(99)),
        &[],
    );
    for (link, few) in [
        ("-", 150),
        ("not ", 150),
        ("a**", 150),
        ("a if b else ", 150),
        ("- + ~", 50),
        ("a**-", 70),
    ] {
        quick(link, &format!("{}a", link.repeat(few)), &[]);
        quick(link, &format!("{}a", link.repeat(100_000)), DEEP);
    }
    for link in [
        " + a", "*a", " and a", " or a", " < a", ".a", "(a)", "[a]", " - 1", "%a", " in a",
    ] {
        quick(link, &format!("a{}", link.repeat(900)), &[]);
        quick(link, &format!("a{}", link.repeat(9_000)), LARGE);
        let begin = Instant::now();
        let found = parse_file(FileId(0), &format!("x = a{}\n", link.repeat(100_000))).1;
        assert_eq!(found.iter().map(|d| d.code).collect::<Vec<_>>(), LARGE);
        assert!(
            begin.elapsed() < Duration::from_secs(2),
            "{link} {:?}",
            begin.elapsed()
        );
    }
    quick(
        "not after an operator",
        &format!("a{}", " == not a".repeat(150)),
        &["misplaced-not"],
    );
    quick("caret", &format!("a{}", "^a".repeat(2000)), DEEP);
}

#[test]
fn large_files() {
    let begin = Instant::now();
    let numbers: Vec<String> = (0..100_000).map(|n| format!("{n}.5")).collect();
    let (_, said) = parse_file(FileId(0), &format!("times = [{}]*ms\n", numbers.join(", ")));
    assert!(said.is_empty(), "{said:?}");
    let (file, said) = parse_file(FileId(0), &"x = 3*mV + f(y)\n".repeat(20_000));
    assert_eq!((file.statements.len(), said.len()), (20_000, 0));
    for line in [
        "x = (\n",
        "x = 3 4\n",
        "x = 'a\n",
        "    y = 3\n",
        "for x in y:\n",
        "'''\n",
        "x = [1,\n",
        ")\n",
        "((((((\n",
        "\u{0}",
        "'",
        "%",
        "\\",
        "x",
        ";",
        "f'{",
    ] {
        let (_, said) = parse_file(FileId(0), &line.repeat(20_000));
        assert!(said.len() <= 100);
        for role in ROLES {
            canonical(role, &Text::verbatim(FileId(0), 0, line.repeat(5_000)));
        }
    }
    assert!(
        begin.elapsed() < Duration::from_secs(20),
        "{:?}",
        begin.elapsed()
    );
}

#[test]
fn places_in_strings_with_escapes_and_line_ends() {
    let source = "eqs = 'dv/dt = -v/tau : 1\\n' \\\r\n  \"dw/dt = -w & : 1\"\r\nG = NeuronGroup(1, eqs)\r\nH = NeuronGroup(1, '''x : 1\r\n\ty : 1 : 2\r\n''')\r\n";
    let said = check(source);
    let places: Vec<&str> = said
        .iter()
        .map(|d| &source[d.primary.span.start as usize..d.primary.span.end as usize])
        .collect();
    assert_eq!(places, ["&", ":"]);
    assert_eq!(
        said.iter().nth(1).map(|d| d.primary.span.start as usize),
        source.find(": 2")
    );
}

#[test]
fn places_of_nodes() {
    use dslsim_syntax::ast::{ExprKind, FileStatementKind};
    let source = "x = ( (a + b) * f( c ) [ 0 ] )  # c\n";
    let (file, _) = parse_file(FileId(0), source);
    let FileStatementKind::Assign { value, .. } = &file.statements[0].kind else {
        panic!()
    };
    let at = |span: dslsim_source::Span| &source[span.start as usize..span.end as usize];
    assert_eq!(at(value.span), "(a + b) * f( c ) [ 0 ]");
    let ExprKind::Binary(_, left, right) = &value.kind else {
        panic!()
    };
    assert_eq!((at(left.span), at(right.span)), ("a + b", "f( c ) [ 0 ]"));
    assert_eq!(
        at(file.statements[0].span),
        "x = ( (a + b) * f( c ) [ 0 ] )"
    );
}
