//! Numbers and times as people read them.

use dslsim_units::{Dim, format_quantity};

/// Rounded to so many significant digits.
fn rounded(x: f64, digits: usize) -> f64 {
    format!("{x:.*e}", digits.saturating_sub(1))
        .parse()
        .unwrap_or(x)
}

/// A value in SI base units, with its unit: `-65.3 mV`. Nobody counts in kiloseconds.
pub fn quantity(x: f64, dim: Dim) -> String {
    let x = rounded(x, 6);
    if dim == Dim::TIME && x.abs() >= 1.0 {
        format!("{x} s")
    } else {
        format_quantity(x, dim)
    }
}

/// A time of the model: `10 s`, `100 us`.
pub fn model_time(seconds: f64) -> String {
    quantity(seconds, Dim::TIME)
}

/// Wall time: `3.1 s`, `2 min 10 s`, `1 h 5 min`.
pub fn wall_time(seconds: f64) -> String {
    let whole = seconds.max(0.0).round() as u64;
    match whole {
        3600.. => format!("{} h {} min", whole / 3600, whole % 3600 / 60),
        60.. => format!("{} min {} s", whole / 60, whole % 60),
        10.. => format!("{whole} s"),
        _ if seconds < 1e-6 => "0 s".into(),
        _ if seconds < 0.1 => format!("{} ms", rounded(seconds * 1e3, 2)),
        _ => format!("{seconds:.1} s"),
    }
}

/// `1 neuron`, `100 neurons`; thousands are set off from 10,000 on.
pub fn several(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", whole(n), if n == 1 { one } else { many })
}

/// A whole number; thousands are set off from 10,000 on.
pub fn whole(n: u64) -> String {
    let digits = n.to_string();
    if n < 10_000 {
        return digits;
    }
    let mut out = String::new();
    for (k, c) in digits.chars().enumerate() {
        if k > 0 && (digits.len() - k).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times() {
        let all = [0.0, 0.000_31, 0.0042, 0.52, 9.44, 10.2, 130.0, 3900.0].map(wall_time);
        assert_eq!(
            all,
            [
                "0 s",
                "0.31 ms",
                "4.2 ms",
                "0.5 s",
                "9.4 s",
                "10 s",
                "2 min 10 s",
                "1 h 5 min"
            ]
        );
    }

    #[test]
    fn digits() {
        assert_eq!(
            [9999, 10_000, 1_234_567].map(whole),
            ["9999", "10,000", "1,234,567"]
        );
        assert_eq!(several(1, "spike", "spikes"), "1 spike");
        assert_eq!(
            [0.1 * 3.0, 1e-4, 1.0, 86_400.0].map(model_time),
            ["300 ms", "100 us", "1 s", "86400 s"]
        );
    }
}
