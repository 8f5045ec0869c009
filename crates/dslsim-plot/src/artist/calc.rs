//! Computations behind pictures: histograms, box plots, contours of areas.

use crate::geometry::Point;

/// Edges of `n` bins of equal width over the data, or over a range; as numpy's `histogram_bin_edges`.
pub fn edges(data: &[f64], n: usize, range: Option<(f64, f64)>) -> Vec<f64> {
    let (mut low, mut high) = range.unwrap_or_else(|| {
        data.iter()
            .filter(|x| x.is_finite())
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), x| {
                (a.min(*x), b.max(*x))
            })
    });
    if low > high {
        (low, high) = (0.0, 1.0);
    }
    if low == high {
        (low, high) = (low - 0.5, high + 0.5);
    }
    let n = n.max(1);
    (0..=n)
        .map(|k| {
            if k == n {
                high
            } else {
                low + (high - low) * k as f64 / n as f64
            }
        })
        .collect()
}

/// How many data are in each bin; each counts with its weight. The last bin contains its upper edge.
pub fn counts(data: &[f64], weights: Option<&[f64]>, edges: &[f64]) -> Vec<f64> {
    let bins = edges.len().saturating_sub(1);
    let mut counts = vec![0.0; bins];
    let (Some(first), Some(last)) = (edges.first(), edges.last()) else {
        return counts;
    };
    for (k, x) in data.iter().enumerate() {
        if !(*first..=*last).contains(x) {
            continue;
        }
        let bin = edges.partition_point(|e| e <= x).saturating_sub(1);
        let bin = bin.min(bins.saturating_sub(1));
        if let Some(c) = counts.get_mut(bin) {
            *c += weights.and_then(|w| w.get(k).copied()).unwrap_or(1.0);
        }
    }
    counts
}

/// Counts made into densities, or added up from the left.
pub fn finished(counts: &[f64], edges: &[f64], density: bool, cumulative: bool) -> Vec<f64> {
    let total: f64 = counts.iter().sum();
    let mut out: Vec<f64> = counts.to_vec();
    if density && total > 0.0 {
        out = counts
            .iter()
            .zip(edges.windows(2))
            .map(|(c, w)| match w {
                [a, b] if !cumulative => c / total / (b - a),
                _ => c / total,
            })
            .collect();
    }
    if cumulative {
        let mut sum = 0.0;
        for x in &mut out {
            sum += *x;
            *x = sum;
        }
    }
    out
}

/// The outline of a histogram without lines between the bins.
pub fn skyline(edges: &[f64], heights: &[f64], closed: bool) -> Vec<Point> {
    let mut points = Vec::new();
    if let Some(x) = edges.first() {
        points.push((*x, 0.0));
    }
    for (w, h) in edges.windows(2).zip(heights) {
        if let [a, b] = w {
            points.push((*a, *h));
            points.push((*b, *h));
        }
    }
    if let Some(x) = edges.last() {
        points.push((*x, 0.0));
    }
    let _ = closed;
    points
}

/// The value below which a fraction of sorted data lies, interpolated linearly.
pub fn quantile(sorted: &[f64], fraction: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else {
        return f64::NAN;
    };
    let at = fraction * last as f64;
    let k = at.floor() as usize;
    let a = sorted.get(k).copied().unwrap_or(f64::NAN);
    let b = sorted.get((k + 1).min(last)).copied().unwrap_or(a);
    a + (b - a) * (at - k as f64)
}

/// What a box plot shows of some data.
#[derive(Clone, Debug, PartialEq)]
pub struct BoxStats {
    /// Lower quartile, median, upper quartile.
    pub quartiles: [f64; 3],
    /// The farthest data within 1.5 times the distance of the quartiles.
    pub whiskers: (f64, f64),
    /// Data beyond the whiskers.
    pub fliers: Vec<f64>,
}

/// Quartiles, whiskers and what lies beyond.
pub fn box_stats(data: &[f64], reach: f64) -> BoxStats {
    let mut sorted: Vec<f64> = data.iter().copied().filter(|x| !x.is_nan()).collect();
    sorted.sort_by(f64::total_cmp);
    let quartiles = [0.25, 0.5, 0.75].map(|f| quantile(&sorted, f));
    let [lower, _, upper] = quartiles;
    let range = reach * (upper - lower);
    let low = sorted
        .iter()
        .copied()
        .find(|x| *x >= lower - range)
        .map_or(lower, |x| x.min(lower));
    let high = sorted
        .iter()
        .rev()
        .copied()
        .find(|x| *x <= upper + range)
        .map_or(upper, |x| x.max(upper));
    BoxStats {
        quartiles,
        whiskers: (low, high),
        fliers: sorted
            .into_iter()
            .filter(|x| *x < low || *x > high)
            .collect(),
    }
}

/// The lines between cells whose middles are given; lines are returned as they are.
pub fn cell_edges(places: &[f64], cells: usize) -> Option<Vec<f64>> {
    if places.len() == cells + 1 {
        return Some(places.to_vec());
    }
    if places.len() != cells || places.is_empty() {
        return None;
    }
    if let [one] = places {
        return Some(vec![one - 0.5, one + 0.5]);
    }
    let mut edges = Vec::with_capacity(cells + 1);
    if let [a, b, ..] = places {
        edges.push(a - (b - a) / 2.0);
    }
    for w in places.windows(2) {
        if let [a, b] = w {
            edges.push(f64::midpoint(*a, *b));
        }
    }
    if let [.., a, b] = places {
        edges.push(b + (b - a) / 2.0);
    }
    Some(edges)
}
