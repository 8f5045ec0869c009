//! From places in grids to rectangles on the page, in points.

use crate::axes::{BarPlace, Place, Side};
use crate::figure::Figure;
use crate::geometry::Rect;
use crate::grid::{Cell, Margins};

/// The rectangle of axes, before their aspect is respected.
pub(super) fn place(figure: &Figure, margins: &Margins, axes: usize) -> Rect {
    match figure.axes.get(axes) {
        Some(a) => rect(figure, margins, &a.place, 0),
        None => Rect::EMPTY,
    }
}

/// The rectangle of a place.
pub(super) fn rect(figure: &Figure, margins: &Margins, place: &Place, depth: usize) -> Rect {
    let page = Rect::of_size(0.0, 0.0, figure.size.0 * 72.0, figure.size.1 * 72.0);
    if depth > 50 {
        return page;
    }
    match place {
        Place::At(r) => {
            let (x0, y0) = page.at((r.x0, r.y0));
            let (x1, y1) = page.at((r.x1, r.y1));
            Rect { x0, y0, x1, y1 }
        }
        Place::Cell(grid, cell) => in_grid(figure, margins, *grid, cell, depth),
        Place::Over(other) => figure
            .axes
            .get(*other)
            .map_or(page, |a| rect(figure, margins, &a.place, depth + 1)),
        Place::Beside { whole, of, bar } => {
            let all = union(figure, margins, of, depth);
            let kept = kept(&all, bar);
            let own = rect(figure, margins, whole, depth + 1);
            // the part of the rest that was its part of the whole
            let fx = |x: f64| kept.x0 + (x - all.x0) / all.width() * kept.width();
            let fy = |y: f64| kept.y0 + (y - all.y0) / all.height() * kept.height();
            Rect {
                x0: fx(own.x0),
                x1: fx(own.x1),
                y0: fy(own.y0),
                y1: fy(own.y1),
            }
        }
        Place::Bar { of, bar } => strip(&union(figure, margins, of, depth), bar),
    }
}

fn union(figure: &Figure, margins: &Margins, of: &[Place], depth: usize) -> Rect {
    of.iter()
        .map(|p| rect(figure, margins, p, depth + 1))
        .fold(Rect::EMPTY, |a, b| a.union(&b))
}

fn in_grid(figure: &Figure, margins: &Margins, k: usize, cell: &Cell, depth: usize) -> Rect {
    let page = Rect::of_size(0.0, 0.0, figure.size.0 * 72.0, figure.size.1 * 72.0);
    let Some(grid) = figure.grids.get(k) else {
        return page;
    };
    let m = grid.margins(margins);
    let area = match &grid.within {
        Some((outer, part)) if depth < 50 => in_grid(figure, margins, *outer, part, depth + 1),
        _ => {
            let (x0, y0) = page.at((m.left, m.bottom));
            let (x1, y1) = page.at((m.right, m.top));
            Rect { x0, y0, x1, y1 }
        }
    };
    grid.place(cell, &area, m.wspace, m.hspace)
}

/// What is left beside a colour bar.
fn kept(r: &Rect, bar: &BarPlace) -> Rect {
    let taken = bar.fraction + bar.pad;
    let mut kept = *r;
    match bar.side {
        Side::Right => kept.x1 -= taken * r.width(),
        Side::Left => kept.x0 += taken * r.width(),
        Side::Top => kept.y1 -= taken * r.height(),
        Side::Bottom => kept.y0 += taken * r.height(),
    }
    kept
}

/// Where the colour bar is.
fn strip(r: &Rect, bar: &BarPlace) -> Rect {
    let f = bar.fraction;
    let (mut s, anchor) = match bar.side {
        Side::Right => (
            Rect {
                x0: r.x1 - f * r.width(),
                ..*r
            },
            (0.0, 0.5),
        ),
        Side::Left => (
            Rect {
                x1: r.x0 + f * r.width(),
                ..*r
            },
            (1.0, 0.5),
        ),
        Side::Top => (
            Rect {
                y0: r.y1 - f * r.height(),
                ..*r
            },
            (0.5, 0.0),
        ),
        Side::Bottom => (
            Rect {
                y1: r.y0 + f * r.height(),
                ..*r
            },
            (0.5, 1.0),
        ),
    };
    let lying = matches!(bar.side, Side::Top | Side::Bottom);
    if lying {
        let cut = 0.5 * (1.0 - bar.shrink) * s.width();
        s.x0 += cut;
        s.x1 -= cut;
    } else {
        let cut = 0.5 * (1.0 - bar.shrink) * s.height();
        s.y0 += cut;
        s.y1 -= cut;
    }
    let aspect = if lying { 1.0 / bar.aspect } else { bar.aspect };
    super::view::fitted(&s, aspect, anchor)
}
