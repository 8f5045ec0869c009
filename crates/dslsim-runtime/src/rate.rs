//! Rates smoothed over a window or averaged in bins: pure functions over recordings, as Brian2's `smooth_rate` and `binned_rate`.

use dslsim_math::Fn1;

/// A window that cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum WindowError {
    /// A window given as an array must have a middle.
    #[error("the window has {0} values; it must have an odd number")]
    Even(usize),
    /// A width that is negative or not a number.
    #[error("a window cannot be {0} s wide")]
    Width(f64),
    /// A bin that is not a whole number of steps.
    #[error("a bin of {bin} s is not a multiple of the time step, {dt} s")]
    Bin {
        /// Width of a bin, in seconds.
        bin: f64,
        /// Length of a step, in seconds.
        dt: f64,
    },
}

/// A rectangular window: `2 round(width/(2 dt)) + 1` ones, half rounded to even.
///
/// # Errors
/// A negative width.
pub fn flat_window(width: f64, dt: f64) -> Result<Vec<f64>, WindowError> {
    let half = half_width(width, width / (2.0 * dt))?;
    Ok(vec![1.0; 2 * half + 1])
}

/// A Gaussian window with standard deviation `width`, cut at twice that: `exp(-k^2 / (2 (width/dt)^2))`.
///
/// # Errors
/// A negative width.
pub fn gaussian_window(width: f64, dt: f64) -> Result<Vec<f64>, WindowError> {
    let half = half_width(width, 2.0 * width / dt)?;
    let sigma = width / dt;
    let value = |k: usize| {
        let k = k as f64 - half as f64;
        if k == 0.0 {
            1.0
        } else {
            Fn1::Exp.apply(-(k * k) / (2.0 * (sigma * sigma)))
        }
    };
    Ok((0..=2 * half).map(value).collect())
}

fn half_width(width: f64, steps: f64) -> Result<usize, WindowError> {
    let half = steps.round_ties_even();
    if (0.0..1e12).contains(&half) {
        Ok(half as usize)
    } else {
        Err(WindowError::Width(width))
    }
}

/// `np.convolve(rate, window/sum(window), mode='same')`: zeros beyond both ends; as many values as the longer of the two has.
///
/// # Errors
/// A window with an even number of values.
pub fn smooth_rate(rate: &[f64], window: &[f64]) -> Result<Vec<f64>, WindowError> {
    if window.len().is_multiple_of(2) {
        return Err(WindowError::Even(window.len()));
    }
    if rate.is_empty() {
        return Ok(Vec::new());
    }
    let sum: f64 = window.iter().sum();
    let weights: Vec<f64> = window.iter().map(|w| w / sum).collect();
    let (long, short) = if rate.len() >= weights.len() {
        (rate, &weights[..])
    } else {
        (&weights[..], rate)
    };
    Ok(convolve_same(long, short))
}

/// The middle part of the full convolution, as long as `long`.
fn convolve_same(long: &[f64], short: &[f64]) -> Vec<f64> {
    const BLOCK: usize = 1024;
    // out[i] = sum over k of short[k] * long[i + before - k]
    let before = (short.len() - 1) / 2;
    let mut out = vec![0.0; long.len()];
    for (block, out) in out.chunks_mut(BLOCK).enumerate() {
        let first = block * BLOCK + before;
        for (k, weight) in short.iter().enumerate() {
            // out[skip..] takes long[from..]
            let skip = k.saturating_sub(first);
            let from = (first + skip) - k;
            let (Some(out), Some(long)) = (out.get_mut(skip..), long.get(from..)) else {
                continue;
            };
            for (o, x) in out.iter_mut().zip(long) {
                *o += weight * x;
            }
        }
    }
    out
}

/// The mean of each complete bin; also the number of steps of a bin, so that bin `b` begins at `t[0] + b * steps * dt`.
///
/// # Errors
/// A bin that is not a whole number of steps.
pub fn binned_rate(rate: &[f64], bin: f64, dt: f64) -> Result<(usize, Vec<f64>), WindowError> {
    let steps = (bin / dt).round_ties_even();
    if !(1.0..1e15).contains(&steps) || (bin / dt - steps).abs() > 1e-6 {
        return Err(WindowError::Bin { bin, dt });
    }
    let steps = steps as usize;
    let means = rate
        .chunks_exact(steps)
        .map(|c| c.iter().sum::<f64>() / steps as f64);
    Ok((steps, means.collect()))
}
