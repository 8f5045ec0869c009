//! What is written at the ticks of a linear axis: as many digits as tell them apart, a common factor for very large and
//! small numbers, a common offset for numbers that differ little. The rules are those of matplotlib's `ScalarFormatter`.

/// Labels of ticks.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Labels {
    /// One for each tick.
    pub each: Vec<String>,
    /// What stands at the end of the axis: `1e−6`, `+1e3`.
    pub offset: String,
}

const MINUS: &str = "\u{2212}";

/// Labels of ticks within a range.
pub fn scalar(ticks: &[f64], low: f64, high: f64) -> Labels {
    let (low, high) = if low <= high {
        (low, high)
    } else {
        (high, low)
    };
    if ticks.is_empty() {
        return Labels::default();
    }
    let visible: Vec<f64> = ticks
        .iter()
        .copied()
        .filter(|t| low <= *t && *t <= high)
        .collect();
    let offset = common(&visible);
    let order = order(&visible, offset, low, high);
    let factor = 10_f64.powi(order);
    let digits = digits(ticks, offset, factor, low, high);
    let each = ticks
        .iter()
        .map(|t| {
            let x = (t - offset) / factor;
            let x = if x.abs() < 1e-8 { 0.0 } else { x };
            format!("{x:.digits$}").replace('-', MINUS)
        })
        .collect();
    let mut text = String::new();
    if order != 0 {
        text.push_str(&format!("1e{order}"));
    }
    if offset != 0.0 {
        if offset > 0.0 {
            text.push('+');
        }
        text.push_str(&written(offset));
    }
    Labels {
        each,
        offset: text.replace('-', MINUS),
    }
}

/// The offset that all visible ticks share, or zero.
fn common(visible: &[f64]) -> f64 {
    let least = visible.iter().copied().fold(f64::INFINITY, f64::min);
    let most = visible.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if visible.is_empty() || least == most || (least <= 0.0 && most >= 0.0) {
        return 0.0;
    }
    let (small, large) = (least.abs().min(most.abs()), least.abs().max(most.abs()));
    let ten = |k: i32| super::linear::ten_to(f64::from(k));
    let whole = |x: f64, k: i32| super::linear::divided(x, ten(k)).0;
    let top = large.log10().ceil() as i32;
    let first = |differ: &dyn Fn(i32) -> bool| {
        let mut k = top;
        while k > top - 320 && !differ(k) {
            k -= 1;
        }
        k + 1
    };
    let mut order = first(&|k| whole(small, k) != whole(large, k));
    if (large - small) / ten(order) <= 1e-2 {
        order = first(&|k| whole(large, k) - whole(small, k) > 1.0);
    }
    let multiple = whole(large, order);
    if multiple >= 1000.0 {
        multiple * ten(order) * least.signum()
    } else {
        0.0
    }
}

/// The exponent of the common factor, zero if there is none.
fn order(visible: &[f64], offset: f64, low: f64, high: f64) -> i32 {
    if visible.is_empty() {
        return 0;
    }
    let order = if offset == 0.0 {
        let most = visible.iter().map(|x| x.abs()).fold(0.0, f64::max);
        if most == 0.0 {
            0
        } else {
            most.log10().floor() as i32
        }
    } else {
        (high - low).log10().floor() as i32
    };
    if order <= -5 || order >= 6 { order } else { 0 }
}

/// Decimal places that tell the ticks apart.
fn digits(ticks: &[f64], offset: f64, factor: f64, low: f64, high: f64) -> usize {
    let scaled: Vec<f64> = ticks.iter().map(|t| (t - offset) / factor).collect();
    let mut all = scaled.clone();
    if ticks.len() < 2 {
        all.extend([(low - offset) / factor, (high - offset) / factor]);
    }
    let (least, most) = all
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), x| {
            (a.min(*x), b.max(*x))
        });
    let mut range = most - least;
    if range == 0.0 {
        range = all.iter().map(|x| x.abs()).fold(0.0, f64::max);
    }
    if range == 0.0 || !range.is_finite() {
        range = 1.0;
    }
    let order = range.log10().floor() as i32;
    let mut places = (3 - order).max(0);
    let threshold = 1e-3 * 10_f64.powi(order);
    while places >= 0 {
        let ten = 10_f64.powi(places);
        let worst = scaled
            .iter()
            .map(|x| (x - (x * ten).round_ties_even() / ten).abs())
            .fold(0.0, f64::max);
        if worst >= threshold {
            break;
        }
        places -= 1;
    }
    (places + 1).clamp(0, 300) as usize
}

/// A number as `1.25e6`; without an exponent if that is zero.
fn written(x: f64) -> String {
    let exponent = x.abs().log10().floor();
    let digits = (x / 10_f64.powi(exponent as i32) * 1e10).round() / 1e10;
    if exponent == 0.0 {
        format!("{digits}")
    } else {
        format!("{digits}e{exponent}")
    }
}
