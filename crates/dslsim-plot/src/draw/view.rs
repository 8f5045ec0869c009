//! Where axes are on the page, and how values become points there.

use super::{layout, limits};
use crate::axes::{Aspect, Axes, Scale};
use crate::figure::Figure;
use crate::geometry::{Point, Rect};
use crate::grid::Margins;

/// The limits of one axis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range {
    /// The value at the left or lower end.
    pub low: f64,
    /// The value at the right or upper end; less than `low` if the axis is turned round.
    pub high: f64,
    /// Whether the axis is logarithmic.
    pub log: bool,
}

impl Range {
    /// The fraction of the axis at which a value is.
    pub fn fraction(&self, x: f64) -> f64 {
        let (a, b) = (self.low, self.high);
        if self.log {
            // what cannot be shown on the axis is far below it
            let t = |v: f64| if v > 0.0 { v.log10() } else { -1000.0 };
            if x.is_nan() {
                return x;
            }
            (t(x) - t(a)) / (t(b) - t(a))
        } else {
            (x - a) / (b - a)
        }
    }

    /// The limits in ascending order.
    pub fn sorted(&self) -> (f64, f64) {
        (self.low.min(self.high), self.low.max(self.high))
    }

    /// Whether a value is within the limits.
    pub fn contains(&self, x: f64) -> bool {
        let f = self.fraction(x);
        (-1e-10..=1.0 + 1e-10).contains(&f)
    }
}

/// One pair of axes on the page.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct View {
    /// The box.
    pub rect: Rect,
    /// Horizontal limits.
    pub x: Range,
    /// Vertical limits.
    pub y: Range,
}

impl View {
    /// The point on the page.
    pub fn point(&self, x: f64, y: f64) -> Point {
        self.rect.at((self.x.fraction(x), self.y.fraction(y)))
    }
}

/// All axes of a figure.
pub(super) fn all(figure: &Figure, margins: &Margins) -> Vec<View> {
    let mut rects: Vec<Rect> = (0..figure.axes.len())
        .map(|k| layout::place(figure, margins, k))
        .collect();
    let mut views = Vec::with_capacity(rects.len());
    for (k, axes) in figure.axes.iter().enumerate() {
        let over = match axes.place {
            crate::axes::Place::Over(of) if of < k => rects.get(of).copied(),
            _ => None,
        };
        let mut view = View {
            rect: over.or(rects.get(k).copied()).unwrap_or(Rect::EMPTY),
            x: limits::range(figure, k, true),
            y: limits::range(figure, k, false),
        };
        shape(axes, &mut view);
        if let Some(r) = rects.get_mut(k) {
            *r = view.rect;
        }
        views.push(view);
    }
    views
}

/// Makes the box smaller, or the limits wider, for a fixed aspect.
fn shape(axes: &Axes, view: &mut View) {
    let r = view.rect;
    if let Some(aspect) = axes.box_aspect {
        view.rect = fitted(&r, aspect, axes.anchor);
    }
    let spans = |range: &Range| {
        if range.log {
            (range.high.log10() - range.low.log10()).abs()
        } else {
            (range.high - range.low).abs()
        }
    };
    match axes.aspect {
        Aspect::Auto => {}
        Aspect::Box(unit) => {
            let aspect = unit * spans(&view.y) / spans(&view.x);
            if aspect.is_finite() && aspect > 0.0 {
                view.rect = fitted(&r, aspect, axes.anchor);
            }
        }
        Aspect::Limits(unit) => {
            let (w, h) = (spans(&view.x), spans(&view.y));
            let wanted = r.height() / r.width() / unit;
            let widen = |range: &mut Range, to: f64| {
                if !range.log {
                    let (middle, half) = (
                        f64::midpoint(range.low, range.high),
                        0.5 * to * (range.high - range.low).signum(),
                    );
                    *range = Range {
                        low: middle - half,
                        high: middle + half,
                        log: false,
                    };
                }
            };
            if h / w > wanted {
                widen(&mut view.x, h / wanted);
            } else {
                widen(&mut view.y, w * wanted);
            }
        }
    }
}

/// The largest box of a shape (height by width) within a rectangle.
pub(super) fn fitted(r: &Rect, aspect: f64, anchor: (f64, f64)) -> Rect {
    let (mut w, mut h) = (r.width(), r.width() * aspect);
    if h > r.height() {
        h = r.height();
        w = h / aspect;
    }
    Rect::of_size(
        r.x0 + anchor.0 * (r.width() - w),
        r.y0 + anchor.1 * (r.height() - h),
        w,
        h,
    )
}

/// Whether an axis is logarithmic.
pub(super) fn is_log(scale: Scale) -> bool {
    scale == Scale::Log
}
