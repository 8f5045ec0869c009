//! Margins that just leave room for labels and titles: matplotlib's `tight_layout`.

use super::view;
use crate::axes::Place;
use crate::figure::Figure;
use crate::geometry::Rect;
use crate::grid::{Cell, Margins};
use crate::scene::Item;

/// The margins that count when a figure is drawn.
pub fn margins(figure: &Figure) -> Margins {
    match figure.tight {
        Some((pad, h, w)) => {
            fitted(figure, pad, h.unwrap_or(pad), w.unwrap_or(pad)).unwrap_or(figure.margins)
        }
        None => figure.margins,
    }
}

/// The grid and cell that axes stand in, within outer grids.
fn cell(figure: &Figure, place: &Place, depth: usize) -> Option<(usize, Cell)> {
    if depth > 50 {
        return None;
    }
    match place {
        Place::Cell(grid, cell) => match figure.grids.get(*grid)?.within.clone() {
            Some(outer) => Some(outer),
            None => Some((*grid, cell.clone())),
        },
        Place::Beside { whole, .. } => cell(figure, whole, depth + 1),
        Place::Bar { of, .. } => cell(figure, of.first()?, depth + 1),
        Place::Over(other) => cell(figure, &figure.axes.get(*other)?.place, depth + 1),
        Place::At(_) => None,
    }
}

fn fitted(figure: &Figure, pad: f64, hpad: f64, wpad: f64) -> Option<Margins> {
    let page = Rect::of_size(0.0, 0.0, figure.size.0 * 72.0, figure.size.1 * 72.0);
    let views = view::all(figure, &figure.margins);
    let mut parts: Vec<(usize, Cell, Rect, Rect)> = Vec::new();
    for (k, axes) in figure.axes.iter().enumerate().filter(|(_, a)| a.visible) {
        let Some((grid, cell)) = cell(figure, &axes.place, 0) else {
            continue;
        };
        let whole = Place::Cell(grid, cell.clone());
        let area = super::layout::rect(figure, &figure.margins, &whole, 0);
        let around = super::axes(figure, &views, k, true)
            .iter()
            .map(Item::bounds)
            .filter(|b| !b.is_empty())
            .fold(Rect::EMPTY, |a, b| a.union(&b));
        match parts
            .iter_mut()
            .find(|(g, c, _, _)| *g == grid && *c == cell)
        {
            Some((_, _, a, t)) => {
                *a = a.union(&area);
                *t = t.union(&around);
            }
            None => parts.push((grid, cell, area, around)),
        }
    }
    let (mut rows, mut cols) = (1, 1);
    for (grid, ..) in &parts {
        let grid = figure.grids.get(*grid)?;
        rows = rows.max(grid.rows);
        cols = cols.max(grid.cols);
    }
    let mut across = vec![vec![0.0_f64; cols + 1]; rows];
    let mut down = vec![vec![0.0_f64; cols]; rows + 1];
    for (grid, cell, area, around) in &parts {
        let grid = figure.grids.get(*grid)?;
        let (fr, fc) = (rows / grid.rows.max(1), cols / grid.cols.max(1));
        let (r0, r1) = (cell.rows.start * fr, (cell.rows.end * fr).min(rows));
        let (c0, c1) = (cell.cols.start * fc, (cell.cols.end * fc).min(cols));
        for row in across.iter_mut().take(r1).skip(r0) {
            if let Some(x) = row.get_mut(c0) {
                *x += (area.x0 - around.x0) / page.width();
            }
            if let Some(x) = row.get_mut(c1) {
                *x += (around.x1 - area.x1) / page.width();
            }
        }
        for c in c0..c1 {
            if let Some(x) = down.get_mut(r0).and_then(|row| row.get_mut(c)) {
                *x += (around.y1 - area.y1) / page.height();
            }
            if let Some(x) = down.get_mut(r1).and_then(|row| row.get_mut(c)) {
                *x += (area.y0 - around.y0) / page.height();
            }
        }
    }
    let em = |k: f64| k * figure.style.font;
    let most = |all: &mut dyn Iterator<Item = f64>| all.fold(0.0_f64, f64::max);
    let (px, py) = (em(pad) / page.width(), em(pad) / page.height());
    let left = most(&mut across.iter().filter_map(|r| r.first().copied())) + px;
    let right = most(&mut across.iter().filter_map(|r| r.last().copied())) + px;
    let mut top = most(&mut down.iter().take(1).flatten().copied()) + py;
    let bottom = most(&mut down.iter().skip(rows).flatten().copied()) + py;
    if let Some((label, _)) = &figure.suptitle {
        let placed = crate::text::place(&label.text, &label.style, (0.0, 0.0));
        top += placed.bounds.height() / page.height() + py;
    }
    if left + right >= 1.0 || bottom + top >= 1.0 {
        return None;
    }
    let mut m = Margins {
        left,
        right: 1.0 - right,
        bottom,
        top: 1.0 - top,
        ..figure.margins
    };
    if cols > 1 {
        let inner = across
            .iter()
            .flat_map(|r| r.get(1..cols).unwrap_or(&[]))
            .copied()
            .fold(0.0, f64::max)
            + em(wpad) / page.width();
        let each = (1.0 - right - left - inner * (cols - 1) as f64) / cols as f64;
        if each <= 0.0 {
            return None;
        }
        m.wspace = inner / each;
    }
    if rows > 1 {
        let inner = down
            .get(1..rows)
            .unwrap_or(&[])
            .iter()
            .flatten()
            .copied()
            .fold(0.0, f64::max)
            + em(hpad) / page.height();
        let each = (1.0 - top - bottom - inner * (rows - 1) as f64) / rows as f64;
        if each <= 0.0 {
            return None;
        }
        m.hspace = inner / each;
    }
    Some(m)
}
