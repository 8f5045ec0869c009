//! The limits of axes: as set, or from the data with some room beyond them.

use super::view::{Range, is_log};
use crate::artist::{Artist, Coords, Mark};
use crate::axes::Axis;
use crate::figure::Figure;
use crate::ticks::nonsingular;

/// The extent of data along one axis, and the ends beyond which no room is left.
#[derive(Clone, Debug)]
struct Extent {
    low: f64,
    high: f64,
    /// Least positive value.
    positive: f64,
    sticky: Vec<f64>,
}

impl Extent {
    fn add(&mut self, x: f64) {
        if x.is_finite() {
            self.low = self.low.min(x);
            self.high = self.high.max(x);
            if x > 0.0 {
                self.positive = self.positive.min(x);
            }
        }
    }
}

/// The axes whose axis rules over that of `k`.
fn root(figure: &Figure, k: usize, horizontal: bool) -> usize {
    let mut k = k;
    for _ in 0..figure.axes.len() {
        let shared = figure
            .axes
            .get(k)
            .and_then(|a| if horizontal { a.x.shared } else { a.y.shared });
        match shared {
            Some(other) => k = other,
            None => break,
        }
    }
    k
}

/// The limits of an axis.
pub(super) fn range(figure: &Figure, k: usize, horizontal: bool) -> Range {
    let top = root(figure, k, horizontal);
    let Some(axes) = figure.axes.get(top) else {
        return Range {
            low: 0.0,
            high: 1.0,
            log: false,
        };
    };
    let axis = if horizontal { &axes.x } else { &axes.y };
    let log = is_log(axis.scale);
    if let Some(bar) = &axes.bar
        && bar.horizontal == horizontal
    {
        let norm = figure
            .axes
            .get(bar.source.0)
            .and_then(|a| a.artists.get(bar.source.1))
            .and_then(Artist::mapped)
            .map(|m| m.norm);
        if let Some(norm) = norm {
            let (mut low, mut high) = (norm.low, norm.high);
            if low == high {
                (low, high) = (low - 0.1, high + 0.1);
            }
            return Range {
                low: axis.limits.0.unwrap_or(low),
                high: axis.limits.1.unwrap_or(high),
                log: norm.log,
            };
        }
    }
    let mut extent = Extent {
        low: f64::INFINITY,
        high: f64::NEG_INFINITY,
        positive: f64::INFINITY,
        sticky: Vec::new(),
    };
    for (other, axes) in figure.axes.iter().enumerate() {
        if axes.visible && root(figure, other, horizontal) == top {
            for artist in axes.artists.iter().filter(|a| a.visible) {
                measure(artist, horizontal, &mut extent);
            }
        }
    }
    let (low, high) = automatic(&extent, axis, log);
    let (low, high) = if axis.inverted {
        (high, low)
    } else {
        (low, high)
    };
    let mut range = Range {
        low: axis.limits.0.unwrap_or(low),
        high: axis.limits.1.unwrap_or(high),
        log,
    };
    if log {
        if range.low <= 0.0 {
            range.low = low;
        }
        if range.high <= 0.0 {
            range.high = high;
        }
    }
    if range.low == range.high {
        (range.low, range.high) = nonsingular(range.low, range.high, 0.05);
    }
    range
}

fn automatic(extent: &Extent, axis: &Axis, log: bool) -> (f64, f64) {
    let (mut low, mut high) = (extent.low, extent.high);
    if low > high {
        return if log { (1.0, 10.0) } else { (0.0, 1.0) };
    }
    let margin = if axis.tight {
        0.0
    } else {
        axis.margin.unwrap_or(0.05)
    };
    if log {
        if high <= 0.0 {
            return (1.0, 10.0);
        }
        if low <= 0.0 {
            low = extent.positive;
        }
        if low == high {
            low = 10_f64.powf((low.log10() - 1e-9).floor());
            high = 10_f64.powf((high.log10() + 1e-9).ceil());
        }
        let (a, b) = (low.log10(), high.log10());
        let room = margin * (b - a);
        return (
            10_f64.powf(a - room).max(f64::MIN_POSITIVE),
            10_f64.powf(b + room).min(f64::MAX),
        );
    }
    (low, high) = nonsingular(low, high, 0.05);
    let room = margin * (high - low);
    let near = 1e-9 * (high - low);
    let stuck = |x: f64| extent.sticky.iter().any(|s| (s - x).abs() <= near);
    (
        if stuck(low) { low } else { low - room },
        if stuck(high) { high } else { high + room },
    )
}

fn measure(artist: &Artist, horizontal: bool, extent: &mut Extent) {
    let pick = |p: &(f64, f64)| if horizontal { p.0 } else { p.1 };
    let counts = |coords: Coords| match coords {
        Coords::Data => true,
        Coords::AxesX => !horizontal,
        Coords::AxesY => horizontal,
        Coords::Axes | Coords::Figure => false,
    };
    match &artist.mark {
        Mark::Line(l) if counts(l.coords) => {
            for (x, y) in l.x.iter().zip(&l.y) {
                if x.is_finite() && y.is_finite() {
                    extent.add(pick(&(*x, *y)));
                }
            }
        }
        Mark::Scatter(s) => {
            for (x, y) in s.x.iter().zip(&s.y) {
                if x.is_finite() && y.is_finite() {
                    extent.add(pick(&(*x, *y)));
                }
            }
        }
        Mark::Bars(b) if counts(b.coords) => {
            for (p, q) in &b.bars {
                extent.add(pick(p));
                extent.add(pick(q));
            }
            extent
                .sticky
                .extend(if horizontal { &b.sticky.0 } else { &b.sticky.1 });
        }
        Mark::Area(a) => {
            for p in a.outlines.iter().flatten() {
                extent.add(pick(p));
            }
            extent
                .sticky
                .extend(if horizontal { &a.sticky.0 } else { &a.sticky.1 });
        }
        Mark::Segments(s) => {
            for (p, q) in &s.ends {
                extent.add(pick(p));
                extent.add(pick(q));
            }
        }
        Mark::ErrorBars(e) => {
            for (p, q) in e.vertical.iter().chain(&e.horizontal) {
                extent.add(pick(p));
                extent.add(pick(q));
            }
        }
        Mark::Image(i) => {
            let [x0, x1, y0, y1] = i.extent;
            let ends = if horizontal { [x0, x1] } else { [y0, y1] };
            for x in ends {
                extent.add(x);
                extent.sticky.push(x);
            }
        }
        Mark::Mesh(m) => {
            let all = if horizontal { &m.x } else { &m.y };
            for x in all {
                extent.add(*x);
            }
            extent.sticky.extend(all.first());
            extent.sticky.extend(all.last());
        }
        Mark::Text(_) | Mark::Line(_) | Mark::Bars(_) => {}
    }
}
