//! Ticks of a logarithmic axis to base ten: decades, with the multiples between them as minor ticks.
//!
//! The rules are those of matplotlib's `LogLocator` and `LogFormatterSciNotation`.

use super::linear;

/// Exponents of the first and last decade within the range, and what they would be without rounding.
fn decades(low: f64, high: f64) -> (i32, i32, f64, f64) {
    let bound = |x: f64| x.log10().clamp(-330.0, 310.0);
    let (a, b) = (bound(low), bound(high));
    (a.ceil() as i32, b.floor() as i32, a, b)
}

/// The distance between labelled decades, and the first one.
fn stride(low: f64, high: f64, room: usize) -> (i32, i32) {
    let (first, last, exact_first, exact_last) = decades(low, high);
    let available = (last - first + 1).max(0);
    let mut wanted = room.clamp(2, 9) as i32;
    let least = available / (wanted + 1) + 1;
    let count = (available + least - 1) / least;
    if count <= wanted {
        wanted = count;
    }
    match wanted {
        0 => (last - first + 2 + 1, first - 1),
        1 => {
            let middle = f64::midpoint(exact_first, exact_last).round_ties_even() as i32;
            let step = (middle - (first - 1)).max(last + 1 - middle);
            (step, middle - step)
        }
        _ => {
            let mut step = (available - 1) / (wanted - 1);
            if f64::from(step) < f64::from(available) / f64::from(wanted) {
                step = available / wanted;
            }
            let step = step.max(1);
            let lowest = (available - step * wanted).max(0);
            let highest = (available - step * (wanted - 1)).min(step);
            let mut offset = (-first).rem_euclid(step);
            if !(lowest <= offset && offset < highest) {
                offset = lowest;
            }
            (step, first + offset - step)
        }
    }
}

/// Labelled decades.
pub fn major(low: f64, high: f64, room: usize) -> Vec<f64> {
    let (_, last, _, _) = decades(low, high);
    let (step, from) = stride(low, high, room);
    let step = step.max(1);
    let mut ticks = Vec::new();
    let mut k = from;
    while k <= last + step && ticks.len() < 1000 {
        ticks.push(linear::ten_to(f64::from(k)));
        k += step;
    }
    ticks
}

/// Multiples of decades; of a range within one decade, round numbers.
pub fn minor(low: f64, high: f64, room: usize) -> Vec<f64> {
    let (first, last, _, _) = decades(low, high);
    let available = last - first + 1;
    if available >= 10 {
        return Vec::new();
    }
    let (step, _) = stride(low, high, room);
    if step != 1 && available > 1 {
        return Vec::new();
    }
    let ticks: Vec<f64> = (first - 1..=last)
        .flat_map(|k| (2..10).map(move |m| f64::from(m) * linear::ten_to(f64::from(k))))
        .collect();
    let inside = |x: &&f64| low <= **x && **x <= high;
    let visible = ticks.iter().filter(inside).count();
    let labelled = major(low, high, room).iter().filter(inside).count();
    if visible + labelled <= 1 {
        return linear::places(low, high, room);
    }
    ticks
}

/// Labels of ticks; `minor` ticks are labelled only where there are few decades.
pub fn labels(ticks: &[f64], low: f64, high: f64, minor: bool) -> Vec<String> {
    let (a, b) = (low.log10(), high.log10());
    let below = if a.fract() == 0.0 { a - 1.0 } else { a.floor() };
    let crossings = b.floor() - below;
    let span = (b - a).abs();
    ticks
        .iter()
        .map(|x| {
            let exact = x.log10();
            let near = exact.round();
            let decade = (exact - near).abs() < 1e-10;
            let exponent = if decade { near } else { exact.floor() };
            let factor = 10_f64.powf(exact - exponent);
            if minor {
                let rounded = factor.round();
                let shown = if crossings > 1.0 {
                    decade
                } else if span > 0.4 {
                    [1.0, 2.0, 3.0, 4.0, 6.0, 10.0].contains(&rounded)
                } else {
                    true
                };
                if !shown {
                    return String::new();
                }
            }
            if decade {
                return format!("$\\mathdefault{{10^{{{exponent}}}}}$");
            }
            let factor = if (factor - factor.round()).abs() < 1e-10 {
                factor.round()
            } else {
                (factor * 1e5).round() / 1e5
            };
            format!("$\\mathdefault{{{factor}\\times10^{{{exponent}}}}}$")
        })
        .collect()
}
