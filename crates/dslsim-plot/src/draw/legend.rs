//! Legends.

use super::marks::{diameter, stroke};
use super::view::View;
use crate::artist::{Artist, Colors, Mark};
use crate::axes::{Axes, Legend};
use crate::color::Rgba;
use crate::geometry::{Path, Point, Rect};
use crate::marker;
use crate::scene::{Cap, Item, Join, Spot, Stroke};
use crate::style::Dash;
use crate::text::{HAlign, TextStyle, VAlign, place};

/// The artists that a legend shows when none are named.
pub fn labelled(axes: &Axes) -> Vec<(usize, String)> {
    let entries = |sets: bool| {
        axes.artists
            .iter()
            .enumerate()
            .filter(move |(_, a)| a.set == sets)
            .filter_map(|(k, a)| Some((k, a.label.clone()?)))
            .filter(|(_, l)| !l.is_empty() && !l.starts_with('_'))
    };
    entries(false).chain(entries(true)).collect()
}

/// The legend of some axes.
pub(super) fn draw(legend: &Legend, axes: &Axes, view: &View) -> Vec<Item> {
    let entries = legend.entries.clone().unwrap_or_else(|| labelled(axes));
    if entries.is_empty() {
        return Vec::new();
    }
    let size = legend.size;
    let [border, between, handle, gap, to_axes, columns] = legend.spacing.map(|s| s * size);
    let style = TextStyle::of_size(size).aligned(HAlign::Left, VAlign::Baseline);
    let sizes: Vec<(f64, f64, f64)> = entries
        .iter()
        .map(|(_, text)| {
            let b = place(text, &style, (0.0, 0.0)).bounds;
            (b.width(), b.y1, -b.y0)
        })
        .collect();
    let n = legend.columns.clamp(1, entries.len());
    // the first columns get one entry more where they do not come out even
    let (each, more) = (entries.len() / n, entries.len() % n);
    let counts: Vec<usize> = (0..n).map(|c| each + usize::from(c < more)).collect();
    let mut start = 0;
    let mut columns_of = Vec::new();
    for count in counts {
        let part = sizes.get(start..start + count).unwrap_or(&[]);
        let width = part.iter().map(|s| s.0).fold(0.0, f64::max) + handle + gap;
        let height = part.iter().map(|s| s.1.max(0.7 * size) + s.2).sum::<f64>()
            + between * part.len().saturating_sub(1) as f64;
        columns_of.push((start, count, width, height));
        start += count;
    }
    let mut width =
        columns_of.iter().map(|c| c.2).sum::<f64>() + columns * (columns_of.len() - 1) as f64;
    let body = columns_of.iter().map(|c| c.3).fold(0.0, f64::max);
    let mut height = body;
    let title = legend.title.as_ref().map(|(text, size)| {
        let style = TextStyle::of_size(*size).aligned(HAlign::Left, VAlign::Baseline);
        let b = place(text, &style, (0.0, 0.0)).bounds;
        (text, style, b)
    });
    if let Some((_, _, b)) = &title {
        width = width.max(b.width());
        height += b.height() + between;
    }
    let (w, h) = (width + 2.0 * border, height + 2.0 * border);
    let anchor = match &legend.anchor {
        Some(a) => {
            let (x0, y0) = view.rect.at((a.x0, a.y0));
            let (x1, y1) = view.rect.at((a.x1, a.y1));
            Rect { x0, y0, x1, y1 }
        }
        None => view.rect,
    };
    let (x, y) = match legend.location {
        0 => best(axes, view, (w, h), to_axes),
        at => corner(at, &anchor, (w, h), to_axes),
    };
    let mut items = Vec::new();
    if legend.frame {
        let r = Rect::of_size(x, y, w, h);
        items.push(Item::Shape {
            path: Path::round_rect(&r, 0.2 * size),
            fill: Some(Rgba::WHITE.with_alpha(Some(legend.alpha))),
            stroke: Some(Stroke::solid(
                1.0,
                Rgba::grey(0.8).with_alpha(Some(legend.alpha)),
            )),
            clip: None,
            crisp: false,
        });
    }
    let mut top = y + h - border;
    if let Some((text, style, b)) = title {
        let left = x + border + (width - b.width()) / 2.0;
        items.push(Item::Text {
            placed: place(text, &style, (left, top - b.y1)),
            color: Rgba::BLACK,
            clip: None,
        });
        top -= b.height() + between;
    }
    let mut left = x + border;
    for (start, count, column, _) in columns_of {
        let mut y = top;
        for k in start..start + count {
            let (Some((artist, text)), Some((_, up, down))) = (entries.get(k), sizes.get(k)) else {
                continue;
            };
            y -= up.max(0.7 * size);
            let around = Rect::of_size(left, y, handle, 0.7 * size);
            if let Some(artist) = axes.artists.get(*artist) {
                items.extend(sample(artist, axes, &around, legend));
            }
            items.push(Item::Text {
                placed: place(text, &style, (left + handle + gap, y)),
                color: Rgba::BLACK,
                clip: None,
            });
            y -= down + between;
        }
        left += column + columns;
    }
    items
}

/// The lower left corner of a box of a size at one of the places.
fn corner(at: u8, anchor: &Rect, (w, h): (f64, f64), pad: f64) -> Point {
    let (fx, fy) = match at {
        1 => (1.0, 1.0),
        2 => (0.0, 1.0),
        3 => (0.0, 0.0),
        4 => (1.0, 0.0),
        5 | 7 => (1.0, 0.5),
        6 => (0.0, 0.5),
        8 => (0.5, 0.0),
        9 => (0.5, 1.0),
        _ => (0.5, 0.5),
    };
    let r = anchor.grown(-pad);
    (r.x0 + fx * (r.width() - w), r.y0 + fy * (r.height() - h))
}

/// The place that hides least.
fn best(axes: &Axes, view: &View, size: (f64, f64), pad: f64) -> Point {
    let mut points: Vec<Point> = Vec::new();
    let mut lines: Vec<Vec<Point>> = Vec::new();
    let mut boxes: Vec<Rect> = Vec::new();
    for artist in axes.artists.iter().filter(|a| a.visible) {
        match &artist.mark {
            Mark::Line(l) => {
                lines.push(
                    l.x.iter()
                        .zip(&l.y)
                        .map(|(x, y)| view.point(*x, *y))
                        .filter(|p| p.0.is_finite() && p.1.is_finite())
                        .collect(),
                );
            }
            Mark::Scatter(s) => {
                points.extend(s.x.iter().zip(&s.y).map(|(x, y)| view.point(*x, *y)));
            }
            Mark::Bars(b) => boxes.extend(b.bars.iter().map(|(p, q)| {
                Rect::EMPTY
                    .with(view.point(p.0, p.1))
                    .with(view.point(q.0, q.1))
            })),
            Mark::Area(a) => lines.extend(
                a.outlines
                    .iter()
                    .map(|o| o.iter().map(|p| view.point(p.0, p.1)).collect::<Vec<_>>()),
            ),
            _ => {}
        }
    }
    let mut found = (usize::MAX, view.rect.at((0.5, 0.5)));
    for at in 1..=10 {
        let (x, y) = corner(at, &view.rect, size, pad);
        let r = Rect::of_size(x, y, size.0, size.1);
        let inside = |p: &&Point| r.contains(**p);
        let bad = points.iter().filter(inside).count()
            + lines.iter().flatten().filter(inside).count()
            + boxes.iter().filter(|b| b.overlaps(&r)).count()
            + lines.iter().filter(|l| crosses(l, &r)).count();
        if bad < found.0 {
            found = (bad, (x, y));
        }
        if bad == 0 {
            break;
        }
    }
    found.1
}

/// Whether a line goes through a rectangle.
fn crosses(line: &[Point], r: &Rect) -> bool {
    line.windows(2).any(|w| match w {
        [a, b] => {
            // the part of the line between them that is within the rectangle
            let (mut from, mut to) = (0.0_f64, 1.0_f64);
            for (p, d, low, high) in [(a.0, b.0 - a.0, r.x0, r.x1), (a.1, b.1 - a.1, r.y0, r.y1)] {
                if d == 0.0 {
                    if p < low || p > high {
                        return false;
                    }
                    continue;
                }
                let (s, t) = ((low - p) / d, (high - p) / d);
                from = from.max(s.min(t));
                to = to.min(s.max(t));
            }
            from <= to
        }
        _ => false,
    })
}

/// What stands for an artist.
fn sample(artist: &Artist, axes: &Axes, r: &Rect, legend: &Legend) -> Vec<Item> {
    let middle = f64::midpoint(r.y0, r.y1);
    let shape = |path: Path, fill: Option<Rgba>, stroke: Option<Stroke>| Item::Shape {
        path,
        fill: fill.filter(|c| c.a > 0.0),
        stroke,
        clip: None,
        crisp: false,
    };
    let across = || Path::line([(r.x0, middle), (r.x1, middle)]);
    let places: Vec<f64> = if legend.points <= 1 {
        vec![f64::midpoint(r.x0, r.x1)]
    } else {
        (0..legend.points)
            .map(|k| r.x0 + r.width() * (0.1 + 0.8 * k as f64 / (legend.points - 1) as f64))
            .collect()
    };
    match &artist.mark {
        Mark::Line(l) => {
            let mut items = Vec::new();
            if let Some(s) = stroke(l.width, l.color, &l.dash) {
                items.push(shape(across(), None, Some(s)));
            }
            if let Some(m) = l.marker.as_deref().and_then(marker::named) {
                let spots = places
                    .iter()
                    .map(|x| Spot {
                        at: (*x, middle),
                        scale: l.marker_size * legend.marker_scale,
                        fill: l.marker_fill.filter(|c| m.filled && c.a > 0.0),
                        edge: l.marker_edge.filter(|c| c.a > 0.0),
                    })
                    .collect();
                items.push(Item::Spots {
                    path: m.path,
                    line: (
                        l.marker_line,
                        if m.miter { Join::Miter } else { Join::Round },
                    ),
                    spots,
                    clip: None,
                });
            }
            // error bars of the line
            let own = axes
                .artists
                .iter()
                .find_map(|a| match (&a.mark, a.part_of) {
                    (Mark::ErrorBars(e), Some(k))
                        if axes.artists.get(k).is_some_and(|x| std::ptr::eq(x, artist)) =>
                    {
                        Some(e)
                    }
                    _ => None,
                });
            if let Some(e) = own {
                let x = f64::midpoint(r.x0, r.x1);
                let half = 0.5 * legend.size;
                if !e.vertical.is_empty() {
                    let path = Path::line([(x, middle - half), (x, middle + half)]);
                    items.push(shape(path, None, stroke(e.width, e.color, &Dash::Solid)));
                    if e.cap > 0.0 {
                        for y in [middle - half, middle + half] {
                            let cap = Path::line([(x - e.cap, y), (x + e.cap, y)]);
                            let line = stroke(e.cap_width, e.color, &Dash::Solid);
                            items.push(shape(cap, None, line));
                        }
                    }
                }
            }
            items
        }
        Mark::Scatter(s) => {
            let Some(m) = marker::named(&s.marker) else {
                return Vec::new();
            };
            let inside = match &s.colors {
                Colors::One(c) => *c,
                Colors::Each(all) => all.first().copied().unwrap_or(Rgba::CLEAR),
                Colors::Mapped(m) => m.map.at(m.values.first().map_or(0.5, |x| m.norm.place(*x))),
            };
            let inside = inside.with_alpha(s.alpha);
            let least = s.sizes.iter().copied().fold(f64::INFINITY, f64::min);
            let most = s.sizes.iter().copied().fold(0.0, f64::max);
            let scale = diameter(f64::midpoint(least, most)) * legend.marker_scale;
            vec![Item::Spots {
                path: m.path,
                line: (s.width, Join::Round),
                spots: vec![Spot {
                    at: (f64::midpoint(r.x0, r.x1), r.y0 + 0.375 * r.height()),
                    scale,
                    fill: m.filled.then_some(inside),
                    edge: Some(s.edge.filter(|_| m.filled).unwrap_or(inside)),
                }],
                clip: None,
            }]
        }
        Mark::Bars(b) => {
            let edge = b.edge.and_then(|c| stroke(b.width, c, &Dash::Solid));
            vec![shape(Path::rect(r), b.fill.first().copied(), edge)]
        }
        Mark::Area(a) => {
            let edge = a.edge.and_then(|c| stroke(a.width, c, &a.dash));
            vec![shape(Path::rect(r), a.fill, edge)]
        }
        Mark::Segments(s) => {
            let color = s.colors.first().copied().unwrap_or(Rgba::BLACK);
            let line = stroke(s.width, color, &s.dash).map(|s| Stroke {
                cap: Cap::Butt,
                ..s
            });
            vec![shape(across(), None, line)]
        }
        Mark::ErrorBars(e) => {
            let x = f64::midpoint(r.x0, r.x1);
            let half = 0.5 * legend.size;
            let path = Path::line([(x, middle - half), (x, middle + half)]);
            vec![shape(path, None, stroke(e.width, e.color, &Dash::Solid))]
        }
        Mark::Image(_) | Mark::Mesh(_) | Mark::Text(_) => Vec::new(),
    }
}
