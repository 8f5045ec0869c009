//! Ticks, labels, colours and formulas, compared with what matplotlib gives (`tests/data`).

#![expect(
    clippy::unwrap_used,
    reason = "a table that cannot be read fails the test"
)]

use dslsim_plot::colormap::ColorMap;
use dslsim_plot::text::{TextStyle, measure};
use dslsim_plot::ticks;

fn rows(text: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    text.lines()
        .filter(|l| !l.starts_with('#'))
        .map(|l| l.split('\t').collect())
}

fn numbers(text: &str) -> Vec<f64> {
    text.split(' ')
        .filter(|t| !t.is_empty())
        .map(|t| t.parse().unwrap())
        .collect()
}

fn close(a: &[f64], b: &[f64], scale: f64) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(x, y)| (x - y).abs() <= 1e-9 * scale)
}

#[test]
fn linear_ticks() {
    let mut wrong = Vec::new();
    let mut n = 0;
    for row in rows(include_str!("data/ticks.tsv")) {
        let [low, high, room, places, labels, offset] = row.as_slice() else {
            panic!("{row:?}");
        };
        let (low, high): (f64, f64) = (low.parse().unwrap(), high.parse().unwrap());
        let (a, b) = (low.min(high), low.max(high));
        let expected = numbers(places);
        let found = ticks::places(a, b, room.parse::<usize>().unwrap().max(1));
        let text = ticks::scalar(&found, a, b);
        n += 1;
        if !close(&found, &expected, b - a)
            || text.each.join("|") != *labels
            || text.offset != *offset
        {
            wrong.push(format!(
                "{low} {high} {room}: {found:?} {:?} {:?}, not {expected:?} {labels:?} {offset:?}",
                text.each.join("|"),
                text.offset
            ));
        }
    }
    assert!(n > 300);
    assert!(
        wrong.is_empty(),
        "{} of {n}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn logarithmic_ticks() {
    let mut wrong = Vec::new();
    for row in rows(include_str!("data/log_ticks.tsv")) {
        let [low, high, room, major, labels, minor, names] = row.as_slice() else {
            panic!("{row:?}");
        };
        let (low, high): (f64, f64) = (low.parse().unwrap(), high.parse().unwrap());
        let room = room.parse().unwrap();
        let inside = |all: Vec<f64>, minor: bool| -> (Vec<f64>, Vec<String>) {
            let names = ticks::log_labels(&all, low, high, minor);
            all.into_iter()
                .zip(names)
                .filter(|(x, _)| low * (1.0 - 1e-12) <= *x && *x <= high * (1.0 + 1e-12))
                .unzip()
        };
        let same = |a: &[f64], b: &[f64]| {
            a.len() == b.len() && a.iter().zip(b).all(|(x, y)| (x / y - 1.0).abs() < 1e-9)
        };
        let (found, text) = inside(ticks::log_major(low, high, room), false);
        if !same(&found, &numbers(major)) || text.join("|") != *labels {
            wrong.push(format!(
                "{low} {high} {room}: {found:?} {text:?}, not {major} {labels}"
            ));
        }
        let (found, text) = inside(ticks::log_minor(low, high, room), true);
        let drawn = |t: &str| {
            t.split('|')
                .filter(|l| !l.is_empty())
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        if !same(&found, &numbers(minor)) || drawn(&text.join("|")) != drawn(names) {
            wrong.push(format!(
                "minor {low} {high} {room}: {found:?} {text:?}, not {minor} {names}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn colors() {
    for row in rows(include_str!("data/colors.tsv")) {
        let [name, x, rgb @ ..] = row.as_slice() else {
            panic!("{row:?}");
        };
        let map = ColorMap::named(name).unwrap();
        let expected: Vec<u8> = rgb.iter().map(|c| c.parse().unwrap()).collect();
        let found = map.at(x.parse().unwrap()).bytes();
        assert_eq!(&found[..3], expected.as_slice(), "{name} at {x}");
    }
}

#[test]
fn formulas() {
    let mut wrong = Vec::new();
    for row in rows(include_str!("data/math.tsv")) {
        let [text, width, height, depth] = row.as_slice() else {
            panic!("{row:?}");
        };
        let expected = [width, height, depth].map(|x| x.parse::<f64>().unwrap());
        let (w, h, d) = measure(text, &TextStyle::of_size(1.0));
        let found = [w, h, d];
        let allowed = 0.02;
        if found
            .iter()
            .zip(&expected)
            .any(|(a, b)| (a - b).abs() > allowed)
        {
            wrong.push(format!("{text}: {found:.3?}, not {expected:.3?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
