//! From a scene to a file.

mod pdf;
mod png;
mod svg;

use crate::scene::Scene;

/// A format of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Pixels.
    Png,
    /// Portable Document Format.
    Pdf,
    /// Scalable Vector Graphics.
    Svg,
}

/// Why a file could not be made.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum BackendError {
    /// The number of pixels is zero or beyond reason.
    #[error("a picture of {0} × {1} pixels cannot be made")]
    Size(i64, i64),
    /// Encoding failed.
    #[error("the picture cannot be encoded: {0}")]
    Encoding(String),
}

impl Format {
    /// All endings.
    pub const ENDINGS: [&'static str; 3] = ["png", "pdf", "svg"];

    /// The format that the ending of a file's name says.
    pub fn of_ending(ending: &str) -> Option<Format> {
        match ending.to_ascii_lowercase().as_str() {
            "png" => Some(Format::Png),
            "pdf" => Some(Format::Pdf),
            "svg" => Some(Format::Svg),
            _ => None,
        }
    }
}

/// The bytes of a file; `dpi` counts for pixels only. The same scene always gives the same bytes.
///
/// # Errors
/// If the picture is too large.
pub fn render(scene: &Scene, format: Format, dpi: f64) -> Result<Vec<u8>, BackendError> {
    match format {
        Format::Png => png::render(scene, dpi),
        Format::Pdf => pdf::render(scene),
        Format::Svg => Ok(svg::render(scene).into_bytes()),
    }
}

/// A number with at most four decimals, and none that say nothing.
fn short(x: f64) -> String {
    if !x.is_finite() {
        return "0".into();
    }
    let mut text = format!("{x:.4}");
    if text.contains('.') {
        let kept = text.trim_end_matches('0').trim_end_matches('.').len();
        text.truncate(kept);
    }
    if text == "-0" { "0".into() } else { text }
}
