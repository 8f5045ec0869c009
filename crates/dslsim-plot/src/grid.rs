//! Grids of axes: rows and columns within the margins of a figure, as matplotlib's `GridSpec`.

use std::ops::Range;

use crate::geometry::Rect;

/// The margins of a figure, and the space between axes, as fractions of the figure and of the mean size of axes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Margins {
    /// Left end of the axes.
    pub left: f64,
    /// Right end.
    pub right: f64,
    /// Lower end.
    pub bottom: f64,
    /// Upper end.
    pub top: f64,
    /// Between columns.
    pub wspace: f64,
    /// Between rows.
    pub hspace: f64,
}

impl Default for Margins {
    fn default() -> Self {
        Margins {
            left: 0.125,
            right: 0.9,
            bottom: 0.11,
            top: 0.88,
            wspace: 0.2,
            hspace: 0.2,
        }
    }
}

/// A grid.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Grid {
    /// Number of rows.
    pub rows: usize,
    /// Number of columns.
    pub cols: usize,
    /// Relative widths of columns; empty if all are the same.
    pub width_ratios: Vec<f64>,
    /// Relative heights of rows; empty if all are the same.
    pub height_ratios: Vec<f64>,
    /// Its own margins, in the order left, right, bottom, top, wspace, hspace; the figure's where not given.
    pub own: [Option<f64>; 6],
    /// The grid and the part of it that it stands in, if it stands within another one.
    pub within: Option<(usize, Cell)>,
}

/// A part of a grid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// Rows, counted from the top.
    pub rows: Range<usize>,
    /// Columns.
    pub cols: Range<usize>,
}

fn lengths(n: usize, ratios: &[f64], total: f64, space: f64) -> (Vec<f64>, f64) {
    let cell = total / (n as f64 + space * (n as f64 - 1.0));
    let sum: f64 = if ratios.len() == n {
        ratios.iter().sum()
    } else {
        n as f64
    };
    let each = (0..n)
        .map(|k| {
            let ratio = if ratios.len() == n {
                ratios.get(k).copied().unwrap_or(1.0)
            } else {
                1.0
            };
            cell * n as f64 * ratio / sum
        })
        .collect();
    (each, space * cell)
}

impl Grid {
    /// A grid of equal cells.
    pub fn new(rows: usize, cols: usize) -> Grid {
        Grid {
            rows,
            cols,
            ..Grid::default()
        }
    }

    /// The margins that count.
    pub fn margins(&self, figure: &Margins) -> Margins {
        let [left, right, bottom, top, wspace, hspace] = self.own;
        Margins {
            left: left.unwrap_or(figure.left),
            right: right.unwrap_or(figure.right),
            bottom: bottom.unwrap_or(figure.bottom),
            top: top.unwrap_or(figure.top),
            wspace: wspace.unwrap_or(figure.wspace),
            hspace: hspace.unwrap_or(figure.hspace),
        }
    }

    /// Where a part of it is within `area`, the rectangle of the whole grid.
    pub fn place(&self, cell: &Cell, area: &Rect, wspace: f64, hspace: f64) -> Rect {
        let (widths, between) = lengths(self.cols, &self.width_ratios, area.width(), wspace);
        let (heights, beneath) = lengths(self.rows, &self.height_ratios, area.height(), hspace);
        let start =
            |all: &[f64], gap: f64, k: usize| all.iter().take(k).sum::<f64>() + gap * k as f64;
        let x0 = area.x0 + start(&widths, between, cell.cols.start);
        let last = cell.cols.end.saturating_sub(1);
        let x1 = area.x0 + start(&widths, between, last) + widths.get(last).unwrap_or(&0.0);
        let y1 = area.y1 - start(&heights, beneath, cell.rows.start);
        let last = cell.rows.end.saturating_sub(1);
        let y0 = area.y1 - start(&heights, beneath, last) - heights.get(last).unwrap_or(&0.0);
        Rect { x0, y0, x1, y1 }
    }
}
