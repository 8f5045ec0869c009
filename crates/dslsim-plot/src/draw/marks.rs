//! Lines, points, bars, areas and pictures on the page.

use super::view::View;
use crate::artist::{
    Area, Artist, Bars, Colors, Coords, ErrorBars, Image, Line, Mark, Mesh, Pixels, Scatter,
    Segments, TextMark,
};
use crate::color::Rgba;
use crate::figure::Figure;
use crate::geometry::{Path, Point, Rect, Seg};
use crate::marker;
use crate::scene::{Cap, Item, Join, Picture, Spot, Stroke};
use crate::style::{Dash, DrawStyle};
use crate::text::place;

/// Beyond so many points, those that cannot be told apart are left out.
const MANY: usize = 20_000;

/// What an artist looks like.
pub(super) fn draw(artist: &Artist, view: &View, figure: &Figure) -> Vec<Item> {
    match &artist.mark {
        Mark::Line(line) => draw_line(line, view),
        Mark::Scatter(points) => scatter(points, view),
        Mark::Bars(b) => bars(b, view),
        Mark::Area(a) => area(a, view),
        Mark::Segments(s) => segments(s, view),
        Mark::Image(i) => image(i, view),
        Mark::Mesh(m) => mesh(m, view),
        Mark::ErrorBars(e) => error_bars(e, view),
        Mark::Text(t) => {
            let page = Rect::of_size(0.0, 0.0, figure.size.0 * 72.0, figure.size.1 * 72.0);
            let at = match t.coords {
                Coords::Figure => page.at(t.at),
                coords => locate(view, coords, t.at),
            };
            let tip = t.arrow.as_ref().map(|(p, ..)| view.point(p.0, p.1));
            text(t, at, tip, t.clip.then_some(view.rect))
        }
    }
}

fn locate(view: &View, coords: Coords, (x, y): Point) -> Point {
    let r = view.rect;
    match coords {
        Coords::Data | Coords::Figure => view.point(x, y),
        Coords::Axes => r.at((x, y)),
        Coords::AxesX => (r.x0 + x * r.width(), view.point(view.x.low, y).1),
        Coords::AxesY => (view.point(x, view.y.low).0, r.y0 + y * r.height()),
    }
}

/// A stroke with interruptions.
pub(super) fn stroke(width: f64, color: Rgba, dash: &Dash) -> Option<Stroke> {
    if *dash == Dash::None || width <= 0.0 || color.a == 0.0 {
        return None;
    }
    let (lengths, dash_offset) = dash.lengths(width);
    // solid lines end in squares, interrupted ones at their end
    let cap = if lengths.is_empty() {
        Cap::Square
    } else {
        Cap::Butt
    };
    Some(Stroke {
        dash: lengths,
        dash_offset,
        cap,
        ..Stroke::solid(width, color)
    })
}

/// The points of a line as they are joined; NaN interrupts.
fn joined(points: &[Point], steps: DrawStyle) -> Path {
    let mut segs = Vec::with_capacity(points.len());
    let mut before: Option<Point> = None;
    for p in points {
        if !p.0.is_finite() || !p.1.is_finite() {
            before = None;
            continue;
        }
        match before {
            None => segs.push(Seg::Move(*p)),
            Some(b) => match steps {
                DrawStyle::Straight => segs.push(Seg::Line(*p)),
                DrawStyle::StepsPre => segs.extend([Seg::Line((b.0, p.1)), Seg::Line(*p)]),
                DrawStyle::StepsPost => segs.extend([Seg::Line((p.0, b.1)), Seg::Line(*p)]),
                DrawStyle::StepsMid => {
                    let m = f64::midpoint(b.0, p.0);
                    segs.extend([Seg::Line((m, b.1)), Seg::Line((m, p.1)), Seg::Line(*p)]);
                }
            },
        }
        before = Some(*p);
    }
    Path { segs }
}

/// Leaves out points of a long line that goes to the right throughout: of those in one narrow strip the first, the lowest, the
/// highest and the last are kept.
fn thinned(points: Vec<Point>) -> Vec<Point> {
    let forwards = points
        .windows(2)
        .all(|w| matches!(w, [a, b] if a.0 <= b.0 && b.1.is_finite()));
    if points.len() < MANY || !forwards {
        return points;
    }
    let strip = |p: &Point| (p.0 * 10.0).floor();
    let mut kept = Vec::new();
    for same in points.chunk_by(|a, b| strip(a) == strip(b)) {
        let by = |pick: fn(f64, f64) -> bool| {
            let mut best = 0;
            for (k, p) in same.iter().enumerate() {
                if same.get(best).is_some_and(|b| pick(p.1, b.1)) {
                    best = k;
                }
            }
            best
        };
        let mut chosen = [0, by(|a, b| a < b), by(|a, b| a > b), same.len() - 1].to_vec();
        chosen.sort_unstable();
        chosen.dedup();
        kept.extend(chosen.into_iter().filter_map(|k| same.get(k).copied()));
    }
    kept
}

fn draw_line(line: &Line, view: &View) -> Vec<Item> {
    let points: Vec<Point> = line
        .x
        .iter()
        .zip(&line.y)
        .map(|(x, y)| locate(view, line.coords, (*x, *y)))
        .collect();
    let clip = Some(view.rect);
    let mut items = Vec::new();
    if let Some(mut s) = stroke(line.width, line.color, &line.dash) {
        // the ends of lines across all of the axes are not seen anyway
        if line.coords != Coords::Data {
            s.cap = Cap::Butt;
        }
        items.push(Item::Shape {
            path: joined(&thinned(points.clone()), line.steps),
            fill: None,
            stroke: Some(s),
            clip,
            crisp: false,
        });
    }
    if let Some(shape) = line.marker.as_deref().and_then(marker::named) {
        let room = view.rect.grown(line.marker_size + line.marker_line);
        let fill = line.marker_fill.filter(|c| shape.filled && c.a > 0.0);
        let edge = line
            .marker_edge
            .filter(|c| c.a > 0.0 && line.marker_line > 0.0);
        let spots = points
            .iter()
            .filter(|p| room.contains(**p))
            .map(|p| Spot {
                at: *p,
                scale: line.marker_size,
                fill,
                edge,
            })
            .collect();
        items.push(Item::Spots {
            path: shape.path,
            line: (line.marker_line, join(shape.miter)),
            spots,
            clip,
        });
    }
    items
}

fn join(miter: bool) -> Join {
    if miter { Join::Miter } else { Join::Round }
}

/// The colour of each of `n` members.
fn color(colors: &Colors, k: usize) -> Rgba {
    match colors {
        Colors::One(c) => *c,
        Colors::Each(all) => all.get(k).copied().unwrap_or(Rgba::CLEAR),
        Colors::Mapped(m) => m
            .values
            .get(k)
            .map_or(Rgba::CLEAR, |x| m.map.at(m.norm.place(*x))),
    }
}

/// The diameter of a marker of an area in square points.
pub(super) fn diameter(area: f64) -> f64 {
    area.max(0.0).sqrt()
}

fn scatter(points: &Scatter, view: &View) -> Vec<Item> {
    let Some(shape) = marker::named(&points.marker) else {
        return Vec::new();
    };
    let one = points.sizes.first().copied().unwrap_or(36.0);
    let mut spots = Vec::new();
    for (k, (x, y)) in points.x.iter().zip(&points.y).enumerate() {
        let at = view.point(*x, *y);
        let inside = color(&points.colors, k);
        let area = if points.sizes.len() > 1 {
            points.sizes.get(k).copied().unwrap_or(one)
        } else {
            one
        };
        let scale = diameter(area);
        let seen = view.rect.grown(scale + points.width).contains(at);
        if !seen || inside == Rgba::CLEAR && points.edge.is_none() || area.is_nan() {
            continue;
        }
        let opacity = |c: Rgba| c.with_alpha(points.alpha.filter(|_| c.a > 0.0));
        let fill = opacity(inside);
        let edge = if shape.filled {
            points.edge.map_or(fill, opacity)
        } else {
            fill
        };
        spots.push(Spot {
            at,
            scale,
            fill: (shape.filled && fill.a > 0.0).then_some(fill),
            edge: (edge.a > 0.0 && points.width > 0.0).then_some(edge),
        });
    }
    vec![Item::Spots {
        path: shape.path,
        line: (points.width, Join::Round),
        spots,
        clip: Some(view.rect),
    }]
}

fn bars(bars: &Bars, view: &View) -> Vec<Item> {
    bars.bars
        .iter()
        .enumerate()
        .filter_map(|(k, (p, q))| {
            let (a, b) = (locate(view, bars.coords, *p), locate(view, bars.coords, *q));
            if ![a.0, a.1, b.0, b.1].iter().all(|x| x.is_finite()) {
                return None;
            }
            let fill = bars.fill.get(k).or(bars.fill.first()).copied();
            let edge = bars.edge.and_then(|c| stroke(bars.width, c, &Dash::Solid));
            Some(Item::Shape {
                path: Path::rect(&Rect::EMPTY.with(a).with(b)),
                fill: fill.filter(|c| c.a > 0.0),
                stroke: edge.map(|s| Stroke {
                    cap: Cap::Butt,
                    join: Join::Miter,
                    ..s
                }),
                clip: Some(view.rect),
                crisp: false,
            })
        })
        .collect()
}

fn area(area: &Area, view: &View) -> Vec<Item> {
    area.outlines
        .iter()
        .map(|outline| {
            let points = outline
                .iter()
                .map(|p| view.point(p.0, p.1))
                .filter(|p| p.0.is_finite() && p.1.is_finite());
            let path = if area.closed {
                Path::polygon(points)
            } else {
                Path::line(points)
            };
            Item::Shape {
                path,
                fill: area.fill.filter(|c| c.a > 0.0),
                stroke: area
                    .edge
                    .and_then(|c| stroke(area.width, c, &area.dash))
                    .map(|s| Stroke {
                        cap: Cap::Butt,
                        join: Join::Miter,
                        ..s
                    }),
                clip: Some(view.rect),
                crisp: false,
            }
        })
        .collect()
}

/// Lines of one colour are one outline.
fn lines_of(ends: &[(Point, Point)], s: Option<Stroke>, view: &View) -> Option<Item> {
    let s = s?;
    let segs = ends
        .iter()
        .map(|(p, q)| (view.point(p.0, p.1), view.point(q.0, q.1)))
        .filter(|(a, b)| [a.0, a.1, b.0, b.1].iter().all(|x| x.is_finite()))
        .flat_map(|(a, b)| [Seg::Move(a), Seg::Line(b)])
        .collect();
    Some(Item::Shape {
        path: Path { segs },
        fill: None,
        stroke: Some(Stroke {
            cap: Cap::Butt,
            ..s
        }),
        clip: Some(view.rect),
        crisp: false,
    })
}

fn segments(all: &Segments, view: &View) -> Vec<Item> {
    if let [color] = all.colors.as_slice() {
        return lines_of(&all.ends, stroke(all.width, *color, &all.dash), view)
            .into_iter()
            .collect();
    }
    all.ends
        .iter()
        .zip(all.colors.iter().cycle())
        .filter_map(|(ends, c)| lines_of(&[*ends], stroke(all.width, *c, &all.dash), view))
        .collect()
}

fn error_bars(bars: &ErrorBars, view: &View) -> Vec<Item> {
    let line = || stroke(bars.width, bars.color, &Dash::Solid);
    let mut items = Vec::new();
    for (ends, name) in [(&bars.vertical, "_"), (&bars.horizontal, "|")] {
        if ends.is_empty() {
            continue;
        }
        items.extend(lines_of(ends, line(), view));
        if bars.cap > 0.0
            && let Some(shape) = marker::named(name)
        {
            let spots = ends
                .iter()
                .flat_map(|(p, q)| [view.point(p.0, p.1), view.point(q.0, q.1)])
                .filter(|p| p.0.is_finite() && p.1.is_finite())
                .map(|at| Spot {
                    at,
                    scale: 2.0 * bars.cap,
                    fill: None,
                    edge: Some(bars.color),
                })
                .collect();
            items.push(Item::Spots {
                path: shape.path,
                line: (bars.cap_width, Join::Miter),
                spots,
                clip: Some(view.rect),
            });
        }
    }
    items
}

fn image(image: &Image, view: &View) -> Vec<Item> {
    let [left, right, bottom, top] = image.extent;
    let corners = (view.point(left, bottom), view.point(right, top));
    let mut rgba = Vec::with_capacity(4 * image.rows * image.cols);
    for row in 0..image.rows {
        let row = if image.upper {
            row
        } else {
            image.rows - 1 - row
        };
        for col in 0..image.cols {
            let k = row * image.cols + col;
            let c = match &image.pixels {
                Pixels::Mapped(m) => m
                    .values
                    .get(k)
                    .map_or(Rgba::CLEAR, |x| m.map.at(m.norm.place(*x))),
                Pixels::Colors(all) => all.get(k).copied().unwrap_or(Rgba::CLEAR),
            };
            rgba.extend(c.with_alpha(image.alpha.map(|a| a * c.a)).bytes());
        }
    }
    if rgba.is_empty() {
        return Vec::new();
    }
    vec![Item::Picture {
        picture: Picture {
            width: image.cols,
            height: image.rows,
            rgba,
            corners,
        },
        clip: Some(view.rect),
    }]
}

fn even(places: &[f64]) -> bool {
    let (Some(first), Some(last)) = (places.first(), places.last()) else {
        return false;
    };
    let step = (last - first) / (places.len() - 1) as f64;
    places
        .iter()
        .enumerate()
        .all(|(k, x)| (x - first - step * k as f64).abs() < 1e-3 * step.abs())
}

fn mesh(mesh: &Mesh, view: &View) -> Vec<Item> {
    let xs: Vec<f64> = mesh
        .x
        .iter()
        .map(|x| view.point(*x, view.y.low).0)
        .collect();
    let ys: Vec<f64> = mesh
        .y
        .iter()
        .map(|y| view.point(view.x.low, *y).1)
        .collect();
    let (rows, cols) = (ys.len().saturating_sub(1), xs.len().saturating_sub(1));
    let m = &mesh.mapped;
    let color = |row: usize, col: usize| {
        let c = m
            .values
            .get(row * cols + col)
            .map_or(Rgba::CLEAR, |x| m.map.at(m.norm.place(*x)));
        c.with_alpha(mesh.alpha.map(|a| a * c.a))
    };
    if let (true, true, [x0, .., x1], [y0, .., y1]) = (even(&xs), even(&ys), &*xs, &*ys) {
        let mut rgba = Vec::with_capacity(4 * rows * cols);
        for row in (0..rows).rev() {
            for col in 0..cols {
                rgba.extend(color(row, col).bytes());
            }
        }
        return vec![Item::Picture {
            picture: Picture {
                width: cols,
                height: rows,
                rgba,
                corners: ((*x0, *y0), (*x1, *y1)),
            },
            clip: Some(view.rect),
        }];
    }
    let mut items = Vec::new();
    for (row, y) in ys.windows(2).enumerate() {
        for (col, x) in xs.windows(2).enumerate() {
            let c = color(row, col);
            if let ([x0, x1], [y0, y1], true) = (x, y, c.a > 0.0) {
                items.push(Item::Shape {
                    path: Path::rect(&Rect::EMPTY.with((*x0, *y0)).with((*x1, *y1))),
                    fill: Some(c),
                    stroke: None,
                    clip: Some(view.rect),
                    crisp: true,
                });
            }
        }
    }
    items
}

/// A text at a point of the page, with its frame, and its arrow to another point.
pub(super) fn text(t: &TextMark, at: Point, tip: Option<Point>, clip: Option<Rect>) -> Vec<Item> {
    if !at.0.is_finite() || !at.1.is_finite() {
        return Vec::new();
    }
    let placed = place(&t.text, &t.style, (at.0 + t.shift.0, at.1 + t.shift.1));
    let mut items = Vec::new();
    let around = placed.bounds;
    if let (Some(tip), Some((_, color, width, head))) = (tip, &t.arrow) {
        items.extend(arrow(&around, tip, *color, *width, *head));
    }
    if let Some((fill, edge, pad, round)) = &t.frame {
        let r = around.grown(*pad);
        items.push(Item::Shape {
            path: if *round {
                Path::round_rect(&r, *pad)
            } else {
                Path::rect(&r)
            },
            fill: (fill.a > 0.0).then_some(*fill),
            stroke: (edge.a > 0.0).then(|| Stroke::solid(1.0, *edge)),
            clip,
            crisp: false,
        });
    }
    if !t.text.is_empty() {
        items.push(Item::Text {
            placed,
            color: t.color,
            clip,
        });
    }
    items
}

/// From the box of a text to a point.
fn arrow(from: &Rect, tip: Point, color: Rgba, width: f64, head: bool) -> Vec<Item> {
    let centre = from.at((0.5, 0.5));
    let (dx, dy) = (tip.0 - centre.0, tip.1 - centre.1);
    let length = dx.hypot(dy);
    if length < 1e-9 {
        return Vec::new();
    }
    let (ux, uy) = (dx / length, dy / length);
    // where the line leaves the box, and two points of space at both ends
    let leave = (from.width() / 2.0 / ux.abs().max(1e-9))
        .min(from.height() / 2.0 / uy.abs().max(1e-9))
        + 2.0;
    let end = length - 2.0;
    if leave >= end {
        return Vec::new();
    }
    let along = |d: f64| (centre.0 + d * ux, centre.1 + d * uy);
    let mut items = vec![Item::Shape {
        path: Path::line([along(leave), along(end)]),
        fill: None,
        stroke: Some(Stroke::solid(width, color)),
        clip: None,
        crisp: false,
    }];
    if head {
        let (long, wide) = (4.0 + width, 2.0 + 0.5 * width);
        let foot = along(end - long);
        items.push(Item::Shape {
            path: Path::line([
                (foot.0 - wide * uy, foot.1 + wide * ux),
                along(end),
                (foot.0 + wide * uy, foot.1 - wide * ux),
            ]),
            fill: None,
            stroke: Some(Stroke::solid(width, color)),
            clip: None,
            crisp: false,
        });
    }
    items
}
