//! Names of mathematical symbols.

use std::sync::OnceLock;

/// How a symbol is spaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    Ordinary,
    Binary,
    Relation,
    Punctuation,
    Large,
    Integral,
    Left,
    Right,
}

static TABLE: &str = include_str!("../../data/symbols.txt");

fn table() -> &'static [(&'static str, char, Class)] {
    static PARSED: OnceLock<Vec<(&'static str, char, Class)>> = OnceLock::new();
    PARSED.get_or_init(|| {
        TABLE
            .lines()
            .filter(|l| !l.starts_with('#'))
            .filter_map(|l| {
                let mut words = l.split(' ');
                let name = words.next()?;
                let c = char::from_u32(u32::from_str_radix(words.next()?, 16).ok()?)?;
                let class = match words.next()? {
                    "b" => Class::Binary,
                    "r" => Class::Relation,
                    "p" => Class::Punctuation,
                    "o" => Class::Large,
                    "d" => Class::Integral,
                    "l" => Class::Left,
                    ")" => Class::Right,
                    _ => Class::Ordinary,
                };
                Some((name, c, class))
            })
            .collect()
    })
}

/// The symbol of a name (without the backslash).
pub(super) fn symbol(name: &str) -> Option<(char, Class)> {
    table()
        .iter()
        .find(|(n, _, _)| *n == name)
        .map(|(_, c, k)| (*c, *k))
}

/// The name that was likely meant.
pub(super) fn suggest(name: &str) -> Option<&'static str> {
    crate::style::nearest(name, table().iter().map(|(n, _, _)| *n))
}

/// How a character of the keyboard is spaced.
pub(super) fn class(c: char) -> Class {
    match c {
        '+' | '*' | '-' | '\u{2212}' => Class::Binary,
        '=' | '<' | '>' | ':' => Class::Relation,
        ',' | ';' | '.' | '!' => Class::Punctuation,
        '(' | '[' => Class::Left,
        ')' | ']' => Class::Right,
        _ => Class::Ordinary,
    }
}

/// Names of functions: set upright.
pub(super) const FUNCTIONS: [&str; 33] = [
    "arccos", "csc", "ker", "min", "arcsin", "deg", "lg", "Pr", "arctan", "det", "lim", "sec",
    "arg", "dim", "liminf", "sin", "cos", "exp", "limsup", "sinh", "cosh", "gcd", "ln", "sup",
    "cot", "hom", "log", "tan", "coth", "inf", "max", "tanh", "mod",
];

/// Functions whose index stands below.
pub(super) const LIMITS: [&str; 6] = ["lim", "liminf", "limsup", "sup", "max", "min"];

/// Spaces in units of an em.
pub(super) const SPACES: [(&str, f64); 13] = [
    (",", 0.16667),
    ("thinspace", 0.16667),
    ("/", 0.16667),
    (">", 0.22222),
    (":", 0.22222),
    (";", 0.27778),
    (" ", 0.33333),
    ("~", 0.33333),
    ("enspace", 0.5),
    ("quad", 1.0),
    ("qquad", 2.0),
    ("!", -0.16667),
    ("negthinspace", -0.16667),
];

/// Accents and the characters that show them.
pub(super) const ACCENTS: [(&str, char); 13] = [
    ("hat", '\u{0302}'),
    ("breve", '\u{0306}'),
    ("bar", '\u{0304}'),
    ("grave", '\u{0300}'),
    ("acute", '\u{0301}'),
    ("tilde", '\u{0303}'),
    ("dot", '\u{0307}'),
    ("ddot", '\u{0308}'),
    ("vec", '\u{20d7}'),
    ("mathring", '\u{02da}'),
    ("widehat", '\u{0302}'),
    ("widetilde", '\u{0303}'),
    ("widebar", '\u{0304}'),
];
