//! The unit that a misspelled name was meant to be.
//!
//! Three steps, the surest first: a table of habits; prefixes written out (`millivolt`) or in Greek (`µs`) before a
//! unit, its plural or its symbol; the nearest name by Damerau-Levenshtein distance. Short names must come nearer
//! than long ones, else every two-letter variable would be "meant" to be a unit.

use crate::Dim;
use crate::lookup::{is_common, is_extension, lookup, names};
use crate::table::{PREFIXES, UNITS};
use std::sync::LazyLock;

/// What people write, and what it is called here.
static HABITS: [(&str, &str); 54] = [
    ("s", "second"),
    ("sec", "second"),
    ("secs", "second"),
    ("msec", "ms"),
    ("msecs", "ms"),
    ("usec", "us"),
    ("usecs", "us"),
    ("nsec", "ns"),
    ("V", "volt"),
    ("v", "volt"),
    ("A", "amp"),
    ("S", "siemens"),
    ("F", "farad"),
    ("M", "molar"),
    ("m", "metre"),
    ("g", "gram"),
    ("C", "coulomb"),
    ("J", "joule"),
    ("W", "watt"),
    ("N", "newton"),
    ("Pa", "pascal"),
    ("T", "tesla"),
    ("K", "kelvin"),
    ("L", "litre"),
    ("l", "litre"),
    ("ml", "mL"),
    ("ul", "uL"),
    ("nl", "nL"),
    ("pl", "pL"),
    ("MHZ", "MHz"),
    ("KHz", "kHz"),
    ("Ohm", "ohm"),
    ("Ohms", "ohm"),
    ("R", "ohm"),
    ("\u{3a9}", "ohm"),
    ("\u{2126}", "ohm"),
    ("mho", "siemens"),
    ("mhos", "siemens"),
    ("degC", "kelvin"),
    ("celsius", "kelvin"),
    ("Celsius", "kelvin"),
    ("micron", "um"),
    ("microns", "um"),
    ("kelvins", "kelvin"),
    ("amperes", "amp"),
    ("candela", "candle"),
    ("cd", "candle"),
    ("lm", "lumen"),
    ("lx", "lux"),
    ("rad", "radian"),
    ("Wb", "weber"),
    ("H", "henry"),
    ("Bq", "becquerel"),
    ("gr", "gram"),
];

/// A name that may be suggested.
struct Candidate {
    name: String,
    letters: Vec<char>,
    /// The less the likelier to be meant.
    rank: u8,
}

static CANDIDATES: LazyLock<Vec<Candidate>> = LazyLock::new(|| {
    let candidate = |name: String| Candidate {
        letters: name.chars().collect(),
        rank: rank(&name),
        name,
    };
    names().into_iter().map(candidate).collect()
});

fn rank(name: &str) -> u8 {
    let neuro = [
        Dim::TIME,
        Dim::VOLT,
        Dim::AMP,
        Dim::SIEMENS,
        Dim::FARAD,
        Dim::OHM,
        Dim::HERTZ,
        Dim::METRE,
        Dim::MOLAR,
    ];
    let Some(unit) = lookup(name) else { return 9 };
    let usual = (-13.0..=9.5).contains(&unit.scale.log10());
    match (neuro.contains(&unit.dim), usual) {
        (true, _) if is_common(name) => 0,
        (false, _) if is_common(name) => 1,
        (true, true) if !is_extension(name) => 2,
        (_, true) => 3,
        _ => 4,
    }
}

/// The unit most likely meant by `name`, which is not one: `msec` → `ms`, `milivolt` → `mV`, `sekond` → `second`.
/// `None` if nothing is near, or if `name` is a unit.
pub fn suggest(name: &str) -> Option<String> {
    if lookup(name).is_some() {
        return None;
    }
    if let Some((_, unit)) = HABITS.iter().find(|h| h.0 == name) {
        return Some((*unit).into());
    }
    written_out(name).or_else(|| nearest(name))
}

/// `millivolt`, `micro_amps`, `µS`, `MOhm`, `kΩ`: a prefix and a unit, each in another spelling.
fn written_out(name: &str) -> Option<String> {
    if let Some(unit) = base_name(name) {
        return Some(unit.into());
    }
    PREFIXES.iter().find_map(|prefix| {
        let word = |w: &str| {
            let head = name.get(..w.len())?;
            // a word may begin with a capital; a symbol means another prefix then
            let same = head == w || (w.len() > 1 && head.eq_ignore_ascii_case(w));
            same.then(|| name.get(w.len()..)).flatten()
        };
        let mut words = prefix.words.iter().copied().chain([prefix.symbol]);
        let unit = words.find_map(|w| {
            let rest = word(w)?.trim_start_matches(['_', '-']);
            base_name(rest).or_else(|| if w.len() >= 4 { slip(rest) } else { None })
        })?;
        let known = |symbol: &str| {
            let name = format!("{}{symbol}", prefix.symbol);
            lookup(&name).map(|_| name)
        };
        let dim = UNITS.iter().find(|r| r.name == unit)?.dim;
        let abbreviation = UNITS.iter().filter(|r| r.short && r.dim == dim);
        let mut abbreviation = abbreviation.filter_map(|r| known(r.name));
        abbreviation.next().or_else(|| known(unit))
    })
}

/// The unprefixed unit meant by `rest`: its name, a plural, a symbol, another capitalisation.
fn base_name(rest: &str) -> Option<&'static str> {
    let row = |s: &str| UNITS.iter().find(|r| r.name == s).map(|r| r.name);
    let lower = || {
        let rest = rest.to_lowercase();
        let singular = rest.strip_suffix('s').unwrap_or(&rest);
        UNITS
            .iter()
            .filter(|r| r.name.len() > 1)
            .find(|r| r.name.to_lowercase() == rest || r.name == singular)
            .map(|r| r.name)
    };
    let habit = || HABITS.iter().find(|h| h.0 == rest).and_then(|h| row(h.1));
    // a bare symbol is no unit, but `written_out` puts its prefix before it
    row(rest).or_else(habit).or_else(lower)
}

/// The unprefixed unit that `rest` misses by one slip, or two in a long word.
fn slip(rest: &str) -> Option<&'static str> {
    let letters: Vec<char> = rest.chars().take(20).collect();
    let limit = match letters.len() {
        0..=3 => return None,
        4..=5 => 2,
        _ => 4,
    };
    let words = UNITS.iter().filter(|r| !r.short);
    let near = words.map(|r| {
        (
            distance(&letters, &r.name.chars().collect::<Vec<_>>()),
            r.name,
        )
    });
    near.filter(|d| d.0 <= limit)
        .min_by_key(|d| d.0)
        .map(|d| d.1)
}

/// The nearest name; the likelier unit wins among equally near ones.
fn nearest(name: &str) -> Option<String> {
    let letters: Vec<char> = name.chars().take(40).collect();
    // in half letters
    let limit = match letters.len() {
        0..=1 => return None,
        2..=4 => 2,
        5 => 3,
        _ => 4,
    };
    let near = CANDIDATES.iter().filter_map(|c| {
        if c.letters.len().abs_diff(letters.len()) > 2 {
            return None;
        }
        let d = distance(&letters, &c.letters);
        let too_short = letters.len().min(c.letters.len()) <= 2 && d > 1;
        (d <= limit && !too_short).then_some((d, c))
    });
    // the first of equals, which are in alphabetical order
    near.min_by_key(|(d, c)| {
        let elsewhere = c.letters.first() != letters.first();
        (*d, c.rank, elsewhere, c.letters.len())
    })
    .map(|(_, c)| c.name.clone())
}

/// Damerau-Levenshtein distance (neighbours swapped count as one slip) in half letters; capitalisation costs half.
fn distance(a: &[char], b: &[char]) -> u32 {
    let same = |x: char, y: char| x.to_lowercase().eq(y.to_lowercase());
    let mut before: Vec<u32> = Vec::new();
    let mut last: Vec<u32> = (0..=b.len() as u32).map(|j| 2 * j).collect();
    let mut left_a = None;
    for (i, &x) in a.iter().enumerate() {
        let mut row = Vec::with_capacity(last.len());
        let mut left = 2 * (i as u32 + 1);
        row.push(left);
        let mut left_b = None;
        for (j, &y) in b.iter().enumerate() {
            let (corner, above) = (at(&last, j), at(&last, j + 1));
            let change = match (x == y, same(x, y)) {
                (true, _) => 0,
                (false, true) => 1,
                _ => 2,
            };
            let mut d = (corner + change).min(above + 2).min(left + 2);
            if left_a == Some(y) && left_b == Some(x) && x != y {
                d = d.min(at(&before, j.wrapping_sub(1)) + 2);
            }
            row.push(d);
            (left, left_b) = (d, Some(y));
        }
        before = std::mem::replace(&mut last, row);
        left_a = Some(x);
    }
    at(&last, b.len())
}

/// A cell of a row; out of reach if there is none.
fn at(row: &[u32], j: usize) -> u32 {
    row.get(j).copied().unwrap_or(u32::MAX / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        let d = |a: &str, b: &str| {
            distance(
                &a.chars().collect::<Vec<_>>(),
                &b.chars().collect::<Vec<_>>(),
            )
        };
        assert_eq!(d("volt", "volt"), 0);
        assert_eq!(d("vlot", "volt"), 2);
        assert_eq!(d("Volt", "volt"), 1);
        assert_eq!(d("", "volt"), 8);
        assert_eq!(d("second", "sekund"), 4);
        assert_eq!(d("ab", "ba"), 2);
    }

    #[test]
    fn habits_lead_to_units() {
        for (i, (habit, unit)) in HABITS.iter().enumerate() {
            assert!(lookup(habit).is_none(), "{habit}");
            assert!(lookup(unit).is_some(), "{unit}");
            assert!(HABITS[..i].iter().all(|h| h.0 != *habit), "{habit} twice");
        }
    }
}
