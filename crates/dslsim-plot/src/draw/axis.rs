//! Ticks, their labels, lines across, names of axes and titles.

use super::view::{Range, View};
use crate::axes::{Axes, Axis, Label, TickPlaces};
use crate::geometry::{Path, Point, Rect};
use crate::scene::{Item, Stroke};
use crate::text::{HAlign, TextStyle, VAlign, place};
use crate::ticks;

/// Distance between tick labels and the name of the axis, in points.
const LABEL_PAD: f64 = 4.0;
/// Distance of the title.
const TITLE_PAD: f64 = 6.0;
/// Distance of the common factor of tick labels.
const OFFSET_PAD: f64 = 3.0;

/// What belongs to the axes themselves.
#[derive(Default)]
pub(super) struct Drawn {
    /// Behind everything.
    pub below: Vec<Item>,
    /// Lines across, ticks and labels.
    pub ticks: Vec<Item>,
    /// Titles.
    pub titles: Vec<Item>,
}

/// Ticks of an axis.
pub(super) struct Ticks {
    /// Where, and what is written there.
    pub major: Vec<(f64, String)>,
    /// Where, and what is written there.
    pub minor: Vec<(f64, String)>,
    /// The common factor or offset.
    pub offset: String,
}

/// The ticks of an axis of a length in points.
pub(super) fn find(axis: &Axis, range: &Range, length: f64, horizontal: bool) -> Ticks {
    let (low, high) = range.sorted();
    let room = ticks::room(length, axis.style.size, horizontal);
    let mut minor = Vec::new();
    let (places, labels, offset) = match &axis.ticks {
        TickPlaces::At(at) => {
            let (labels, offset) = if range.log {
                (ticks::log_labels(at, low, high, false), String::new())
            } else {
                let l = ticks::scalar(at, low, high);
                (l.each, l.offset)
            };
            (at.clone(), labels, offset)
        }
        TickPlaces::Auto if !axis.categories.is_empty() => {
            let at: Vec<f64> = (0..axis.categories.len()).map(|k| k as f64).collect();
            (at, axis.categories.clone(), String::new())
        }
        TickPlaces::Auto if range.log => {
            let at = ticks::log_major(low, high, room);
            let labels = ticks::log_labels(&at, low, high, false);
            if axis.minor.is_none() {
                let small = ticks::log_minor(low, high, room);
                let names = ticks::log_labels(&small, low, high, true);
                minor = small.into_iter().zip(names).collect();
            }
            (at, labels, String::new())
        }
        TickPlaces::Auto => {
            let at = ticks::places(low, high, room.max(1));
            let l = ticks::scalar(&at, low, high);
            (at, l.each, l.offset)
        }
    };
    if let Some(TickPlaces::At(at)) = &axis.minor {
        minor = at.iter().map(|x| (*x, String::new())).collect();
    }
    let (labels, offset) = match &axis.labels {
        Some(given) => (given.clone(), String::new()),
        None => (labels, offset),
    };
    let mut names = labels.into_iter();
    let major: Vec<(f64, String)> = places
        .into_iter()
        .map(|x| (x, names.next().unwrap_or_default()))
        .filter(|(x, _)| range.contains(*x))
        .collect();
    minor.retain(|(x, _)| range.contains(*x) && !major.iter().any(|(m, _)| same(*m, *x, range)));
    Ticks {
        major,
        minor,
        offset,
    }
}

fn same(a: f64, b: f64, range: &Range) -> bool {
    (range.fraction(a) - range.fraction(b)).abs() < 1e-6
}

/// Everything around the axes.
pub(super) fn draw(axes: &Axes, view: &View) -> Drawn {
    let mut drawn = Drawn::default();
    let mut top = view.rect.y1;
    for horizontal in [true, false] {
        let axis = if horizontal { &axes.x } else { &axes.y };
        if axis.visible {
            let highest = one(axes, axis, view, horizontal, &mut drawn);
            top = top.max(highest);
        }
    }
    drawn.titles = titles(axes, view, top);
    drawn
}

/// One axis. Gives the height up to which it goes, for titles.
fn one(axes: &Axes, axis: &Axis, view: &View, horizontal: bool, drawn: &mut Drawn) -> f64 {
    let r = view.rect;
    let (range, length) = if horizontal {
        (view.x, r.width())
    } else {
        (view.y, r.height())
    };
    let found = find(axis, &range, length, horizontal);
    let style = &axis.style;
    let at = |x: f64| {
        let f = range.fraction(x);
        if horizontal {
            r.x0 + f * r.width()
        } else {
            r.y0 + f * r.height()
        }
    };
    if let Some(grid) = &axis.grid {
        let (dash, dash_offset) = grid.dash.lengths(grid.width);
        let minor = found.minor.iter().filter(|_| grid.minor);
        for (x, _) in found.major.iter().chain(minor) {
            let p = at(*x);
            let ends = if horizontal {
                [(p, r.y0), (p, r.y1)]
            } else {
                [(r.x0, p), (r.x1, p)]
            };
            drawn.ticks.push(Item::Shape {
                path: Path::line(ends),
                fill: None,
                stroke: Some(Stroke {
                    dash: dash.clone(),
                    dash_offset,
                    ..Stroke::solid(grid.width, grid.color)
                }),
                clip: Some(r),
                crisp: false,
            });
        }
    }
    // sides: lower or left (0), upper or right (1)
    let mut around = r;
    let mut highest = r.y1;
    for side in 0..2 {
        let spine = match (horizontal, side) {
            (false, 0) => &axes.spines[0],
            (false, _) => &axes.spines[1],
            (true, 0) => &axes.spines[2],
            (true, _) => &axes.spines[3],
        };
        let outwards = if side == 0 { -1.0 } else { 1.0 };
        let base = match (horizontal, side, spine.at) {
            (true, _, Some(y)) => view.point(view.x.low, y).1,
            (false, _, Some(x)) => view.point(x, view.y.low).0,
            (true, 0, None) => r.y0 - spine.outward,
            (true, _, None) => r.y1 + spine.outward,
            (false, 0, None) => r.x0 - spine.outward,
            (false, _, None) => r.x1 + spine.outward,
        };
        let (shown, labelled) = if side == 0 {
            (style.sides.0, style.labels.0)
        } else {
            (style.sides.1, style.labels.1)
        };
        let out = if shown {
            style.length.0 * style.direction.0
        } else {
            0.0
        };
        let edge = base + outwards * out;
        around = if horizontal {
            around.with((r.x0, edge))
        } else {
            around.with((edge, r.y0))
        };
        for (all, length, width) in [
            (&found.major, style.length.0, style.width.0),
            (&found.minor, style.length.1, style.width.1),
        ] {
            for (x, name) in all {
                let p = at(*x);
                if shown && length > 0.0 {
                    let from = base - outwards * length * style.direction.1;
                    let to = base + outwards * length * style.direction.0;
                    let ends = if horizontal {
                        [(p, from), (p, to)]
                    } else {
                        [(from, p), (to, p)]
                    };
                    drawn.ticks.push(Item::Shape {
                        path: Path::line(ends),
                        fill: None,
                        stroke: Some(Stroke::solid(width, style.color)),
                        clip: None,
                        crisp: false,
                    });
                }
                if labelled && !name.is_empty() {
                    let out = if shown {
                        length * style.direction.0
                    } else {
                        0.0
                    };
                    let q = base + outwards * (out + style.pad);
                    let item = label(style, name, p, q, horizontal, side);
                    around = around.union(&item.bounds());
                    drawn.ticks.push(item);
                }
            }
        }
        if horizontal && side == 1 && (labelled || shown) {
            highest = highest.max(around.y1);
        }
    }
    let far = style.labels.1 && !style.labels.0;
    if (style.labels.0 || style.labels.1) && !found.offset.is_empty() {
        let size = TextStyle::of_size(style.size);
        let (aligned, at) = if horizontal {
            let y = if far {
                (around.y1 + OFFSET_PAD, VAlign::Bottom)
            } else {
                (around.y0 - OFFSET_PAD, VAlign::Top)
            };
            (size.aligned(HAlign::Right, y.1), (r.x1, y.0))
        } else {
            let (ha, x) = if far {
                (HAlign::Right, r.x1)
            } else {
                (HAlign::Left, r.x0)
            };
            (size.aligned(ha, VAlign::Baseline), (x, r.y1 + OFFSET_PAD))
        };
        let item = Item::Text {
            placed: place(&found.offset, &aligned, at),
            color: style.label_color,
            clip: None,
        };
        if horizontal {
            around = around.union(&item.bounds());
        } else {
            highest = highest.max(item.bounds().y1);
        }
        drawn.ticks.push(item);
    }
    if let Some(name) = &axis.label {
        let item = named(name, axis, view, &around, horizontal);
        if horizontal && axis.label_opposite {
            highest = highest.max(item.bounds().y1);
        }
        drawn.ticks.push(item);
    }
    highest
}

/// A tick's label: `p` along the axis, `q` away from it.
fn label(
    style: &crate::axes::TickStyle,
    name: &str,
    p: f64,
    q: f64,
    horizontal: bool,
    side: usize,
) -> Item {
    let (ha, va, at) = match (horizontal, side) {
        (true, 0) => (HAlign::Center, VAlign::Top, (p, q)),
        (true, _) => (HAlign::Center, VAlign::Bottom, (p, q)),
        (false, 0) => (HAlign::Right, VAlign::CenterBaseline, (q, p)),
        (false, _) => (HAlign::Left, VAlign::CenterBaseline, (q, p)),
    };
    let mut text = TextStyle::of_size(style.size).aligned(style.ha.unwrap_or(ha), va);
    text.rotation = style.rotation;
    Item::Text {
        placed: place(name, &text, at),
        color: style.label_color,
        clip: None,
    }
}

/// The name of an axis, beyond everything that belongs to it.
fn named(name: &Label, axis: &Axis, view: &View, around: &Rect, horizontal: bool) -> Item {
    let r = view.rect;
    let pad = name.pad.unwrap_or(LABEL_PAD);
    let along = name.along.unwrap_or(0.5);
    let mut style = name.style.clone();
    let at: Point = if horizontal {
        let x = r.x0 + along * r.width();
        if axis.label_opposite {
            style.va = VAlign::Bottom;
            (x, around.y1 + pad)
        } else {
            style.va = VAlign::Top;
            (x, around.y0 - pad)
        }
    } else {
        if style.rotation == 0.0 {
            style.rotation = 90.0;
        } else if style.rotation == 360.0 {
            style.rotation = 0.0;
        }
        style.anchor = true;
        let y = r.y0 + along * r.height();
        if axis.label_opposite {
            style.va = VAlign::Top;
            (around.x1 + pad, y)
        } else {
            style.va = VAlign::Bottom;
            (around.x0 - pad, y)
        }
    };
    Item::Text {
        placed: place(&name.text, &style, at),
        color: name.color,
        clip: None,
    }
}

/// Titles above `top`.
pub(super) fn titles(axes: &Axes, view: &View, top: f64) -> Vec<Item> {
    let r = view.rect;
    let places = [
        (f64::midpoint(r.x0, r.x1), HAlign::Center),
        (r.x0, HAlign::Left),
        (r.x1, HAlign::Right),
    ];
    axes.titles
        .iter()
        .zip(places)
        .filter_map(|(title, (x, ha))| {
            let title = title.as_ref().filter(|t| !t.text.is_empty())?;
            let style = title.style.clone().aligned(ha, VAlign::Baseline);
            let y = match title.along {
                Some(f) => r.y0 + f * r.height(),
                None => top + title.pad.unwrap_or(TITLE_PAD),
            };
            Some(Item::Text {
                placed: place(&title.text, &style, (x, y)),
                color: title.color,
                clip: None,
            })
        })
        .collect()
}
