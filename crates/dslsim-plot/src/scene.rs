//! What is to be drawn: outlines, shapes at points, pictures and text on a page, in order.
//!
//! Lengths are points, y grows upwards. A scene knows nothing of axes or files; back ends know nothing else.

use crate::color::Rgba;
use crate::geometry::{Path, Point, Rect};
use crate::text::Placed;

/// How lines end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cap {
    /// At their end.
    #[default]
    Butt,
    /// Half their width beyond it.
    Square,
    /// In half a circle.
    Round,
}

/// How lines meet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Join {
    /// In a point.
    Miter,
    /// In an arc.
    #[default]
    Round,
}

/// How an outline is drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Stroke {
    /// Width.
    pub width: f64,
    /// Colour.
    pub color: Rgba,
    /// Lengths of strokes and gaps; empty for a solid line.
    pub dash: Vec<f64>,
    /// Where in them the line begins.
    pub dash_offset: f64,
    /// Ends.
    pub cap: Cap,
    /// Corners.
    pub join: Join,
}

impl Stroke {
    /// A solid line.
    pub fn solid(width: f64, color: Rgba) -> Stroke {
        Stroke {
            width,
            color,
            dash: Vec::new(),
            dash_offset: 0.0,
            cap: Cap::Butt,
            join: Join::Round,
        }
    }
}

/// What colours the members of a set of shapes have.
#[derive(Clone, Debug, PartialEq)]
pub struct Spot {
    /// Where.
    pub at: Point,
    /// How large, relative to the outline.
    pub scale: f64,
    /// Inside.
    pub fill: Option<Rgba>,
    /// Outline.
    pub edge: Option<Rgba>,
}

/// A picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// Pixels per row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Red, green, blue and opacity (not multiplied in) of each pixel, from the upper left corner.
    pub rgba: Vec<u8>,
    /// Where its corners are on the page; turned round if left is right of right, or bottom above top.
    pub corners: (Point, Point),
}

/// One thing that is drawn.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// An outline.
    Shape {
        /// The outline.
        path: Path,
        /// Inside.
        fill: Option<Rgba>,
        /// Outline.
        stroke: Option<Stroke>,
        /// Outside of this nothing is seen.
        clip: Option<Rect>,
        /// Whether neighbours must meet without a seam: edges are not smoothed.
        crisp: bool,
    },
    /// The same outline at many points.
    Spots {
        /// The outline about the origin.
        path: Path,
        /// Width of lines, and corners.
        line: (f64, Join),
        /// Points.
        spots: Vec<Spot>,
        /// Outside of this nothing is seen.
        clip: Option<Rect>,
    },
    /// A picture.
    Picture {
        /// The picture.
        picture: Picture,
        /// Outside of this nothing is seen.
        clip: Option<Rect>,
    },
    /// Text.
    Text {
        /// The text at its place.
        placed: Placed,
        /// Colour.
        color: Rgba,
        /// Outside of this nothing is seen.
        clip: Option<Rect>,
    },
}

impl Item {
    /// The box around what is seen of it.
    pub fn bounds(&self) -> Rect {
        let (around, clip) = match self {
            Item::Shape {
                path, stroke, clip, ..
            } => {
                let bounds = path.bounds();
                let half = stroke.as_ref().map_or(0.0, |s| s.width / 2.0);
                (bounds.grown(half), clip)
            }
            Item::Spots {
                path,
                line,
                spots,
                clip,
            } => {
                let shape = path.bounds();
                let around = spots.iter().fold(Rect::EMPTY, |r, s| {
                    let (x, y) = s.at;
                    r.union(&Rect {
                        x0: x + shape.x0 * s.scale,
                        y0: y + shape.y0 * s.scale,
                        x1: x + shape.x1 * s.scale,
                        y1: y + shape.y1 * s.scale,
                    })
                });
                (around.grown(line.0 / 2.0), clip)
            }
            Item::Picture { picture, clip } => {
                let (a, b) = picture.corners;
                (Rect::EMPTY.with(a).with(b), clip)
            }
            Item::Text { placed, clip, .. } => (placed.bounds, clip),
        };
        match clip {
            Some(clip) => around.intersection(clip),
            None => around,
        }
    }
}

/// A page.
#[derive(Clone, Debug, PartialEq)]
pub struct Scene {
    /// The part of the plane that is seen.
    pub page: Rect,
    /// What is behind everything.
    pub background: Option<Rgba>,
    /// What is drawn, the hindmost first.
    pub items: Vec<Item>,
}

impl Scene {
    /// The box around everything that is drawn.
    pub fn bounds(&self) -> Rect {
        self.items
            .iter()
            .map(Item::bounds)
            .filter(|b| !b.is_empty() && b.x0.is_finite() && b.y1.is_finite())
            .fold(Rect::EMPTY, |r, b| r.union(&b))
    }
}
