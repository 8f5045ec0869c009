//! Ticks of a linear axis: multiples of 1, 2, 2.5 or 5 times a power of ten, as many as there is room for.
//!
//! The rule is that of matplotlib's `MaxNLocator` with its default settings (`AutoLocator`): of the steps that give at most
//! `room` intervals the smallest; at least two ticks are visible.

const STEPS: [f64; 12] = [
    0.1, 0.2, 0.25, 0.5, 1.0, 2.0, 2.5, 5.0, 10.0, 20.0, 25.0, 50.0,
];

/// A range that is not empty: a single value is given some room on both sides.
pub fn nonsingular(low: f64, high: f64, room: f64) -> (f64, f64) {
    if !low.is_finite() || !high.is_finite() {
        return (-room, room);
    }
    let (mut low, mut high) = if high < low { (high, low) } else { (low, high) };
    let most = low.abs().max(high.abs());
    if most < 1e6 * f64::MIN_POSITIVE {
        return (-room, room);
    }
    if high - low <= most * 1e-15 {
        if high == 0.0 && low == 0.0 {
            return (-room, room);
        }
        low -= room * low.abs();
        high += room * high.abs();
    }
    (low, high)
}

/// A power of ten, rounded once.
pub(super) fn ten_to(exponent: f64) -> f64 {
    format!("1e{}", exponent as i64).parse().unwrap_or(1.0)
}

/// The ticks of the range, with one beyond it on each side where the rule gives one; `room` is [`super::room`].
pub fn places(low: f64, high: f64, room: usize) -> Vec<f64> {
    let (low, high) = nonsingular(low, high, 1e-13);
    let n = room.clamp(1, 9) as f64;
    let (spread, middle) = ((high - low).abs(), f64::midpoint(high, low));
    let offset = if middle.abs() / spread < 100.0 {
        0.0
    } else {
        ten_to(middle.abs().log10().floor()).copysign(middle)
    };
    let scale = ten_to((spread / n).log10().floor());
    let (low, high) = (low - offset, high - offset);
    let raw = (high - low) / n;
    let steps = STEPS.map(|s| s * scale);
    let first = steps
        .iter()
        .position(|s| *s >= raw)
        .unwrap_or(steps.len() - 1);
    let mut ticks = Vec::new();
    for step in steps.iter().take(first + 1).rev().copied() {
        let base = divided(low, step).0 * step;
        let tolerance = if offset == 0.0 {
            1e-10
        } else {
            let digits = (offset.abs() / step).log10();
            10_f64.powf(digits - 12.0).clamp(1e-10, 0.4999)
        };
        let (d, m) = divided(low - base, step);
        let from = if (m / step - 1.0).abs() < tolerance {
            d + 1.0
        } else {
            d
        };
        let (d, m) = divided(high - base, step);
        let to = if (m / step).abs() < tolerance {
            d
        } else {
            d + 1.0
        };
        let count = (to - from + 1.0).clamp(0.0, 1000.0) as usize;
        ticks = (0..count)
            .map(|k| (from + k as f64) * step + base)
            .collect();
        let visible = ticks.iter().filter(|t| **t <= high && **t >= low).count();
        if visible >= 2 {
            break;
        }
    }
    ticks.iter().map(|t| t + offset).collect()
}

/// Quotient rounded down, and remainder: of the exact quotient, which rounding may put on the other side of a whole number.
pub(super) fn divided(x: f64, by: f64) -> (f64, f64) {
    let mut m = x % by;
    let mut d = (x - m) / by;
    if m < 0.0 {
        m += by;
        d -= 1.0;
    }
    let floor = d.floor();
    (if d - floor > 0.5 { floor + 1.0 } else { floor }, m)
}
