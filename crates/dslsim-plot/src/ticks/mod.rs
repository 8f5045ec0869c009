//! Where ticks stand and what is written at them: matplotlib's choices.

mod format;
mod linear;
mod log;

pub use format::{Labels, scalar};
pub use linear::{nonsingular, places};
pub use log::{labels as log_labels, major as log_major, minor as log_minor};

/// How many intervals an axis has room for, from its length and font size in points.
pub fn room(length: f64, font: f64, horizontal: bool) -> usize {
    let each = if horizontal { 3.0 * font } else { 2.0 * font };
    (length / each).floor().clamp(0.0, 1000.0) as usize
}
