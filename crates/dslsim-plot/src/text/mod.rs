//! Text: from a string to placed glyphs.
//!
//! A string with an even number (not zero) of unescaped `$` contains formulas (see `math`); every other string is set as it is. The size
//! of a line is never less than that of "lp", as in matplotlib, so that labels side by side stand on one line.

mod boxes;
mod math;
mod symbols;

pub use boxes::{Glyph, Laid, Rule};

use crate::font::Face;
use crate::geometry::{Point, Rect, Transform};

/// Where a text stands relative to its point, horizontally.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HAlign {
    /// To the right of it.
    #[default]
    Left,
    /// Centred.
    Center,
    /// To the left of it.
    Right,
}

/// Where a text stands relative to its point, vertically.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum VAlign {
    /// Below it.
    Top,
    /// Centred.
    Center,
    /// Above it.
    Bottom,
    /// With its (last) base line on it.
    #[default]
    Baseline,
    /// With the middle of the part above the base line on it.
    CenterBaseline,
}

/// How a text is set.
#[derive(Clone, Debug, PartialEq)]
pub struct TextStyle {
    /// Font size in points.
    pub size: f64,
    /// Whether it is bold.
    pub bold: bool,
    /// Whether it is oblique.
    pub italic: bool,
    /// Degrees, counter-clockwise.
    pub rotation: f64,
    /// Horizontal place.
    pub ha: HAlign,
    /// Vertical place.
    pub va: VAlign,
    /// Whether it is aligned before it is turned (`rotation_mode='anchor'`).
    pub anchor: bool,
}

impl TextStyle {
    /// Upright text of a size.
    pub fn of_size(size: f64) -> TextStyle {
        TextStyle {
            size,
            bold: false,
            italic: false,
            rotation: 0.0,
            ha: HAlign::default(),
            va: VAlign::default(),
            anchor: false,
        }
    }

    /// The same, standing elsewhere.
    pub fn aligned(mut self, ha: HAlign, va: VAlign) -> TextStyle {
        self.ha = ha;
        self.va = va;
        self
    }
}

/// Whether a string contains formulas.
pub fn has_math(text: &str) -> bool {
    let mut dollars = 0;
    let mut before = ' ';
    for c in text.chars() {
        if c == '$' && before != '\\' {
            dollars += 1;
        }
        before = c;
    }
    dollars > 0 && dollars % 2 == 0
}

/// What is wrong with the formulas of a string, if anything is.
///
/// # Errors
/// The place of the mistake in bytes, and words about it.
pub fn check(text: &str) -> Result<(), (usize, String)> {
    if has_math(text) {
        math::layout(text, 10.0, Face::Regular).map(|_| ())
    } else {
        Ok(())
    }
}

/// One line.
fn line(text: &str, style: &TextStyle) -> Laid {
    let face = match (style.bold, style.italic) {
        (true, _) => Face::Bold,
        (false, true) => Face::Oblique,
        (false, false) => Face::Regular,
    };
    if has_math(text) {
        if let Ok(laid) = math::layout(text, style.size, face) {
            return laid;
        }
        return boxes::plain(text, style.size, face);
    }
    boxes::plain(&text.replace("\\$", "$"), style.size, face)
}

/// Width, height above and depth below the base line of one line of text.
pub fn measure(text: &str, style: &TextStyle) -> (f64, f64, f64) {
    let laid = line(text, style);
    (laid.width, laid.height, laid.depth)
}

/// A text at its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Placed {
    /// Glyphs and rules relative to the origin of `transform`.
    pub laid: Laid,
    /// To the page.
    pub transform: Transform,
    /// The box around it on the page.
    pub bounds: Rect,
}

/// Sets a text of one or several lines, so that its aligned point is at `at`.
pub fn place(text: &str, style: &TextStyle, at: Point) -> Placed {
    let lp = boxes::plain(
        "lp",
        style.size,
        if style.bold {
            Face::Bold
        } else {
            Face::Regular
        },
    );
    let (least_height, least_depth) = (lp.height, lp.depth);
    let spacing = 1.2;
    let lines: Vec<Laid> = text.split('\n').map(|t| line(t, style)).collect();
    let width = lines.iter().map(|l| l.width).fold(0.0, f64::max);
    let mut all = Laid::default();
    let (mut y, mut first_baseline, mut descent) = (0.0, 0.0, 0.0);
    for (k, laid) in lines.iter().enumerate() {
        let (height, depth) = (laid.height.max(least_height), laid.depth.max(least_depth));
        if k == 0 {
            y = -height;
            first_baseline = height;
        } else {
            y -= (least_height * spacing).max(height * spacing);
        }
        let x = match style.ha {
            HAlign::Left => 0.0,
            HAlign::Center => (width - laid.width) / 2.0,
            HAlign::Right => width - laid.width,
        };
        all.add(laid, x, y);
        y -= depth;
        descent = depth;
    }
    let bottom = y;
    let turn = Transform::rotate(style.rotation);
    let corners = [(0.0, 0.0), (width, 0.0), (width, bottom), (0.0, bottom)];
    let turned = corners
        .iter()
        .fold(Rect::EMPTY, |r, p| r.with(turn.apply(*p)));
    let offset = if style.anchor {
        let x = match style.ha {
            HAlign::Left => 0.0,
            HAlign::Center => width / 2.0,
            HAlign::Right => width,
        };
        let y = match style.va {
            VAlign::Top => 0.0,
            VAlign::Center => bottom / 2.0,
            VAlign::Bottom => bottom,
            VAlign::Baseline => -first_baseline,
            VAlign::CenterBaseline => -first_baseline / 2.0,
        };
        turn.apply((x, y))
    } else {
        let x = match style.ha {
            HAlign::Left => turned.x0,
            HAlign::Center => (turned.x0 + turned.x1) / 2.0,
            HAlign::Right => turned.x1,
        };
        let y = match style.va {
            VAlign::Top => turned.y1,
            VAlign::Center => (turned.y0 + turned.y1) / 2.0,
            VAlign::Bottom => turned.y0,
            VAlign::Baseline => turned.y0 + descent,
            VAlign::CenterBaseline => turned.y1 - first_baseline / 2.0,
        };
        (x, y)
    };
    let (dx, dy) = (at.0 - offset.0, at.1 - offset.1);
    Placed {
        laid: all,
        transform: turn.then(&Transform::translate(dx, dy)),
        bounds: Rect {
            x0: turned.x0 + dx,
            y0: turned.y0 + dy,
            x1: turned.x1 + dx,
            y1: turned.y1 + dy,
        },
    }
}
