//! Everything that a compatible parser must accept, and that what is printed of it is read as the same.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use common::{Role, canonical, short, strings};
use dslsim_source::{FileId, Text};

/// Reads without a message; printed and read again it is the same.
fn accepted(role: Role, source: &str) {
    let (first, said) = canonical(role, &Text::verbatim(FileId(0), 0, source));
    assert!(said.is_empty(), "{source}\n{}", short("x", source, &said));
    assert!(!first.is_empty(), "{source}");
    let printed = first.join("\n");
    let (second, said) = canonical(role, &Text::verbatim(FileId(0), 0, printed.as_str()));
    assert!(
        said.is_empty(),
        "{printed}\n{}",
        short("x", &printed, &said)
    );
    assert_eq!(first, second);
}

#[test]
fn snippets_of_the_examples() {
    let mut count = 0;
    for line in include_str!("snippets.txt")
        .lines()
        .filter(|l| !l.starts_with('#'))
    {
        let (kind, source) = line.split_once('\t').unwrap();
        let role = match kind {
            "E" => Role::Equations,
            "S" => Role::Statements,
            "X" => Role::Expression,
            _ => Role::Generator,
        };
        accepted(role, &source.replace('⏎', "\n"));
        count += 1;
    }
    assert_eq!(count, 87);
}

#[test]
fn awkward_models_are_accepted() {
    for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus")).unwrap() {
        let path = entry.unwrap().path();
        let source = std::fs::read_to_string(&path).unwrap();
        let (strings, said) = strings(&source);
        assert!(
            said.is_empty(),
            "{}",
            short(&path.to_string_lossy(), &source, &said)
        );
        for (role, text) in strings {
            let (first, said) = canonical(role, &text);
            assert!(
                said.is_empty(),
                "{}",
                short(&path.to_string_lossy(), &source, &said)
            );
            accepted(role, &first.join("\n"));
        }
    }
}

/// Parentheses that Python does not need are not printed.
#[test]
fn parentheses_are_few() {
    for (written, printed) in [
        ("((a)+(b*c))-(d-e)", "a + b*c - (d - e)"),
        ("(a*b)/(c*d)", "a*b/(c*d)"),
        ("-(a**b)", "-a**b"),
        ("(-a)**(-b)", "(-a)**-b"),
        ("(a**b)**c", "(a**b)**c"),
        ("a**(b**c)", "a**b**c"),
        ("not (a and (b or c))", "not (a and (b or c))"),
        ("(not a) and (b == c)", "not a and b == c"),
        ("(a < b) < c", "(a < b) < c"),
        (
            "(a if b else c) if d else (e if f else g)",
            "(a if b else c) if d else e if f else g",
        ),
        ("f((a), (b if c else d), k=(1))", "f(a, b if c else d, k=1)"),
        ("(a.b)[(1):(2)]", "a.b[1:2]"),
        ("1e-3*(2.50)", "0.001*2.5"),
    ] {
        let (found, said) = canonical(Role::Expression, &Text::verbatim(FileId(0), 0, written));
        assert!(said.is_empty());
        assert_eq!(found, [printed]);
    }
}
