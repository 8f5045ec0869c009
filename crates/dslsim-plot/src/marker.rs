//! Markers: small shapes at points.
//!
//! Shapes are given for a size of 1 and scaled to the marker's size.

use crate::geometry::{Path, Seg, Transform};

/// A shape for points.
#[derive(Clone, Debug, PartialEq)]
pub struct Marker {
    /// Its outline, of size 1 around the origin.
    pub path: Path,
    /// Whether it is filled; otherwise it is made of lines only.
    pub filled: bool,
    /// Whether corners are pointed.
    pub miter: bool,
}

/// All names.
pub const NAMES: [&str; 25] = [
    ".", ",", "o", "v", "^", "<", ">", "1", "2", "3", "4", "8", "s", "p", "*", "h", "H", "+", "x",
    "D", "d", "|", "_", "P", "X",
];

/// Whether a marker of this name exists.
pub fn is_known(name: &str) -> bool {
    NAMES.contains(&name)
}

fn regular(n: usize, turn: f64) -> Path {
    let points = (0..n).map(|k| {
        let angle = (90.0 + turn + 360.0 * k as f64 / n as f64).to_radians();
        (0.5 * angle.cos(), 0.5 * angle.sin())
    });
    Path::polygon(points)
}

fn star(n: usize, inner: f64) -> Path {
    let points = (0..2 * n).map(|k| {
        let angle = (90.0 + 180.0 * k as f64 / n as f64).to_radians();
        let r = if k % 2 == 0 { 0.5 } else { 0.5 * inner };
        (r * angle.cos(), r * angle.sin())
    });
    Path::polygon(points)
}

fn lines(all: &[[(f64, f64); 2]]) -> Path {
    let segs = all
        .iter()
        .flat_map(|[a, b]| [Seg::Move(*a), Seg::Line(*b)])
        .collect();
    Path { segs }
}

fn tripod(turn: f64) -> Path {
    lines(&[
        [(0.0, 0.0), (0.0, -0.5)],
        [(0.0, 0.0), (0.4, 0.25)],
        [(0.0, 0.0), (-0.4, 0.25)],
    ])
    .transformed(&Transform::rotate(turn))
}

/// The marker of a name.
pub fn named(name: &str) -> Option<Marker> {
    let half = 0.5;
    let filled = |path: Path, miter: bool| Marker {
        path,
        filled: true,
        miter,
    };
    let open = |path: Path| Marker {
        path,
        filled: false,
        miter: false,
    };
    let triangle = |turn: f64| {
        Path::polygon([(0.0, half), (-half, -half), (half, -half)])
            .transformed(&Transform::rotate(turn))
    };
    let square = Path::polygon([(-half, -half), (half, -half), (half, half), (-half, half)]);
    let third = 1.0 / 6.0;
    Some(match name {
        "." => filled(Path::circle(0.25), false),
        "," => filled(square.transformed(&Transform::scale(0.12, 0.12)), true),
        "o" => filled(Path::circle(half), false),
        "^" => filled(triangle(0.0), true),
        "v" => filled(triangle(180.0), true),
        "<" => filled(triangle(90.0), true),
        ">" => filled(triangle(270.0), true),
        "s" => filled(square, true),
        "D" => filled(square.transformed(&Transform::rotate(45.0)), true),
        "d" => filled(
            square
                .transformed(&Transform::rotate(45.0))
                .transformed(&Transform::scale(0.6, 1.0)),
            true,
        ),
        "p" => filled(regular(5, 0.0), true),
        "h" => filled(regular(6, 0.0), true),
        "H" => filled(regular(6, 30.0), true),
        "8" => filled(regular(8, 22.5), true),
        "*" => filled(star(5, 0.381_966), false),
        "P" => filled(
            Path::polygon([
                (-third, -half),
                (third, -half),
                (third, -third),
                (half, -third),
                (half, third),
                (third, third),
                (third, half),
                (-third, half),
                (-third, third),
                (-half, third),
                (-half, -third),
                (-third, -third),
            ]),
            true,
        ),
        "X" => filled(
            Path::polygon([
                (-0.25, -half),
                (0.0, -0.25),
                (0.25, -half),
                (half, -0.25),
                (0.25, 0.0),
                (half, 0.25),
                (0.25, half),
                (0.0, 0.25),
                (-0.25, half),
                (-half, 0.25),
                (-0.25, 0.0),
                (-half, -0.25),
            ]),
            true,
        ),
        "+" => open(lines(&[
            [(-half, 0.0), (half, 0.0)],
            [(0.0, -half), (0.0, half)],
        ])),
        "x" => open(lines(&[
            [(-half, -half), (half, half)],
            [(-half, half), (half, -half)],
        ])),
        "|" => open(lines(&[[(0.0, -half), (0.0, half)]])),
        "_" => open(lines(&[[(-half, 0.0), (half, 0.0)]])),
        "1" => open(tripod(0.0)),
        "2" => open(tripod(180.0)),
        "3" => open(tripod(270.0)),
        "4" => open(tripod(90.0)),
        _ => return None,
    })
}
