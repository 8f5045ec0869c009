//! How lines and markers look, format strings, and the defaults of a figure.

use crate::color::{CYCLE, Rgba};
use crate::colormap::ColorMap;

/// How a line is interrupted.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Dash {
    /// `-`
    #[default]
    Solid,
    /// `--`
    Dashed,
    /// `-.`
    DashDot,
    /// `:`
    Dotted,
    /// No line at all.
    None,
    /// `(offset, (on, off, …))` in units of the line's width.
    Custom(f64, Vec<f64>),
}

impl Dash {
    /// The dash of a name.
    pub fn named(name: &str) -> Option<Dash> {
        Some(match name {
            "-" | "solid" => Dash::Solid,
            "--" | "dashed" => Dash::Dashed,
            "-." | "dashdot" => Dash::DashDot,
            ":" | "dotted" => Dash::Dotted,
            "" | " " | "None" | "none" => Dash::None,
            _ => return None,
        })
    }

    /// Lengths of strokes and gaps in points, and where in them the line begins.
    pub fn lengths(&self, width: f64) -> (Vec<f64>, f64) {
        let (units, offset): (&[f64], f64) = match self {
            Dash::Solid | Dash::None => (&[], 0.0),
            Dash::Dashed => (&[3.7, 1.6], 0.0),
            Dash::DashDot => (&[6.4, 1.6, 1.0, 1.6], 0.0),
            Dash::Dotted => (&[1.0, 1.65], 0.0),
            Dash::Custom(offset, units) => (units, *offset),
        };
        (units.iter().map(|x| x * width).collect(), offset * width)
    }
}

/// How the points of a line are joined.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DrawStyle {
    /// Straight.
    #[default]
    Straight,
    /// The step is at the beginning of an interval.
    StepsPre,
    /// The step is in the middle.
    StepsMid,
    /// The step is at the end.
    StepsPost,
}

impl DrawStyle {
    /// The style of a name.
    pub fn named(name: &str) -> Option<DrawStyle> {
        Some(match name {
            "default" => DrawStyle::Straight,
            "steps" | "steps-pre" => DrawStyle::StepsPre,
            "steps-mid" => DrawStyle::StepsMid,
            "steps-post" => DrawStyle::StepsPost,
            _ => return None,
        })
    }
}

/// What a format string such as `'--ro'` says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Format {
    /// The colour.
    pub color: Option<Rgba>,
    /// The line.
    pub dash: Option<Dash>,
    /// The marker.
    pub marker: Option<String>,
}

impl Format {
    /// Reads a format string; a lone colour name counts, too.
    ///
    /// # Errors
    /// The character that means nothing, as its place in bytes and words.
    pub fn parse(text: &str, cycle: &[Rgba]) -> Result<Format, (usize, String)> {
        let mut format = Format::default();
        if text.parse::<u32>().is_err()
            && let Some(color) = Rgba::named(text, cycle)
        {
            format.color = Some(color);
            return Ok(format);
        }
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            let at = text.len() - rest.len();
            if let Some(name) = ["--", "-.", "-", ":"]
                .iter()
                .find(|n| rest.starts_with(**n))
            {
                if format.dash.is_some() {
                    return Err((at, "a second line style".into()));
                }
                format.dash = Dash::named(name);
                rest = rest.get(name.len()..).unwrap_or("");
                continue;
            }
            if c == ' ' {
                format.dash = Some(Dash::None);
                rest = rest.get(1..).unwrap_or("");
                continue;
            }
            let one = c.to_string();
            let mut taken = one.len();
            if crate::marker::is_known(&one) {
                if format.marker.is_some() {
                    return Err((at, "a second marker".into()));
                }
                format.marker = Some(one);
            } else if let Some(color) = color_letter(c, cycle) {
                if format.color.is_some() {
                    return Err((at, "a second colour".into()));
                }
                format.color = Some(color);
            } else if c == 'C' && rest.chars().nth(1).is_some_and(|d| d.is_ascii_digit()) {
                let name = rest.get(..2).unwrap_or("C0");
                format.color = Rgba::named(name, cycle);
                taken = 2;
            } else {
                return Err((
                    at,
                    format!("`{c}` is neither a colour, a marker nor a line style"),
                ));
            }
            rest = rest.get(taken..).unwrap_or("");
        }
        Ok(format)
    }
}

fn color_letter(c: char, cycle: &[Rgba]) -> Option<Rgba> {
    if "bgrcmykw".contains(c) {
        Rgba::named(&c.to_string(), cycle)
    } else {
        None
    }
}

/// The defaults of a figure, named as in matplotlib's `rcParams`.
#[derive(Clone, Debug, PartialEq)]
pub struct Style {
    /// `figure.figsize`
    pub figsize: (f64, f64),
    /// `figure.dpi`, which is also that of saved files
    pub dpi: f64,
    /// `savefig.dpi`
    pub save_dpi: Option<f64>,
    /// `savefig.bbox == 'tight'`
    pub save_tight: bool,
    /// `font.size`
    pub font: f64,
    /// `axes.labelsize`
    pub label: f64,
    /// `axes.titlesize`
    pub title: f64,
    /// `xtick.labelsize`, `ytick.labelsize`
    pub tick: (f64, f64),
    /// `legend.fontsize`
    pub legend: f64,
    /// `legend.frameon`
    pub legend_frame: bool,
    /// `figure.titlesize`
    pub suptitle: f64,
    /// `lines.linewidth`
    pub line: f64,
    /// `lines.markersize`
    pub marker: f64,
    /// `axes.linewidth`
    pub axes_line: f64,
    /// `axes.spines.left`, `right`, `bottom`, `top`
    pub spines: [bool; 4],
    /// `axes.grid`
    pub grid: bool,
    /// `axes.prop_cycle`
    pub cycle: Vec<Rgba>,
    /// `image.cmap`
    pub cmap: ColorMap,
}

impl Default for Style {
    fn default() -> Self {
        Style {
            figsize: (6.4, 4.8),
            dpi: 100.0,
            save_dpi: None,
            save_tight: false,
            font: 10.0,
            label: 10.0,
            title: 12.0,
            tick: (10.0, 10.0),
            legend: 10.0,
            legend_frame: true,
            suptitle: 12.0,
            line: 1.5,
            marker: 6.0,
            axes_line: 0.8,
            spines: [true; 4],
            grid: false,
            cycle: CYCLE.to_vec(),
            cmap: ColorMap::standard(),
        }
    }
}

/// A font size by name, relative to the size `base`.
pub fn named_size(name: &str, base: f64) -> Option<f64> {
    let factor = match name {
        "xx-small" => 0.579,
        "x-small" => 0.694,
        "small" | "smaller" => 0.833,
        "medium" => 1.0,
        "large" | "larger" => 1.2,
        "x-large" => 1.44,
        "xx-large" => 1.728,
        _ => return None,
    };
    Some(factor * base)
}

/// The nearest of some names.
pub(crate) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = match name.chars().count() {
        0 | 1 => return None,
        2..=4 => 1,
        5..=7 => 2,
        _ => 3,
    };
    known
        .into_iter()
        .map(|k| (strsim::damerau_levenshtein(name, k), k))
        .filter(|(d, _)| *d <= limit)
        .min_by_key(|(d, _)| *d)
        .map(|(_, k)| k)
}
