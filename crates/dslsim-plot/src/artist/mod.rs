//! What axes show: lines, points, bars, areas, pictures and text, with their data.
//!
//! Data are plain numbers in the units of the axes. NaN leaves a point out, and interrupts a line.

pub mod calc;

use crate::color::Rgba;
use crate::colormap::{ColorMap, Norm};
use crate::geometry::Point;
use crate::style::{Dash, DrawStyle};
use crate::text::TextStyle;

/// What the numbers of an artist count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Coords {
    /// The units of the axes.
    #[default]
    Data,
    /// Fractions of the axes, from the lower left corner.
    Axes,
    /// Fractions of the figure.
    Figure,
    /// x is a fraction of the axes, y counts in their units.
    AxesX,
    /// y is a fraction of the axes, x counts in their units.
    AxesY,
}

/// A line through points, with markers or without.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// x of each point.
    pub x: Vec<f64>,
    /// y of each point.
    pub y: Vec<f64>,
    /// Colour of the line.
    pub color: Rgba,
    /// Width of the line in points.
    pub width: f64,
    /// Interruptions of the line.
    pub dash: Dash,
    /// Name of the marker, if there is one.
    pub marker: Option<String>,
    /// Size of the marker in points.
    pub marker_size: f64,
    /// Inside of the marker.
    pub marker_fill: Option<Rgba>,
    /// Outline of the marker.
    pub marker_edge: Option<Rgba>,
    /// Width of the marker's outline.
    pub marker_line: f64,
    /// How points are joined.
    pub steps: DrawStyle,
    /// What the numbers count.
    pub coords: Coords,
}

/// The colours of points.
#[derive(Clone, Debug, PartialEq)]
pub enum Colors {
    /// One for all.
    One(Rgba),
    /// One for each.
    Each(Vec<Rgba>),
    /// By value.
    Mapped(Mapped),
}

/// Values shown as colours.
#[derive(Clone, Debug, PartialEq)]
pub struct Mapped {
    /// The values.
    pub values: Vec<f64>,
    /// The colours.
    pub map: ColorMap,
    /// Which values are the first and the last colour.
    pub norm: Norm,
}

/// Points of a scatter plot.
#[derive(Clone, Debug, PartialEq)]
pub struct Scatter {
    /// x of each point.
    pub x: Vec<f64>,
    /// y of each point.
    pub y: Vec<f64>,
    /// Areas in square points: one for all, or one for each.
    pub sizes: Vec<f64>,
    /// Colours inside.
    pub colors: Colors,
    /// Colour of the outline; that of the inside if not given.
    pub edge: Option<Rgba>,
    /// Width of the outline.
    pub width: f64,
    /// Name of the marker.
    pub marker: String,
    /// Opacity.
    pub alpha: Option<f64>,
}

/// Rectangles: bars and areas.
#[derive(Clone, Debug, PartialEq)]
pub struct Bars {
    /// Two opposite corners of each.
    pub bars: Vec<(Point, Point)>,
    /// Colours inside: one for all, or one for each.
    pub fill: Vec<Rgba>,
    /// Outline.
    pub edge: Option<Rgba>,
    /// Width of the outline.
    pub width: f64,
    /// What the numbers count.
    pub coords: Coords,
    /// Pairs (x, y): limits that get no margin beyond them.
    pub sticky: (Vec<f64>, Vec<f64>),
}

/// An area.
#[derive(Clone, Debug, PartialEq)]
pub struct Area {
    /// Polygons.
    pub outlines: Vec<Vec<Point>>,
    /// Inside.
    pub fill: Option<Rgba>,
    /// Outline.
    pub edge: Option<Rgba>,
    /// Width of the outline.
    pub width: f64,
    /// Interruptions of the outline.
    pub dash: Dash,
    /// Whether the outlines are closed.
    pub closed: bool,
    /// Limits (x, y) that get no margin beyond them.
    pub sticky: (Vec<f64>, Vec<f64>),
}

/// Straight lines, each from a point to another one.
#[derive(Clone, Debug, PartialEq)]
pub struct Segments {
    /// The ends.
    pub ends: Vec<(Point, Point)>,
    /// Colours: one for all, or one for each.
    pub colors: Vec<Rgba>,
    /// Width.
    pub width: f64,
    /// Interruptions.
    pub dash: Dash,
}

/// Values on a grid, shown as colours.
#[derive(Clone, Debug, PartialEq)]
pub struct Image {
    /// Rows.
    pub rows: usize,
    /// Columns.
    pub cols: usize,
    /// Values by rows, or colours.
    pub pixels: Pixels,
    /// Left, right, lower and upper end.
    pub extent: [f64; 4],
    /// Whether the first row is the upper one.
    pub upper: bool,
    /// Opacity.
    pub alpha: Option<f64>,
}

/// What an image consists of.
#[derive(Clone, Debug, PartialEq)]
pub enum Pixels {
    /// Values.
    Mapped(Mapped),
    /// Colours.
    Colors(Vec<Rgba>),
}

/// Values on a grid with lines at given places.
#[derive(Clone, Debug, PartialEq)]
pub struct Mesh {
    /// Vertical lines.
    pub x: Vec<f64>,
    /// Horizontal lines.
    pub y: Vec<f64>,
    /// Values by rows.
    pub mapped: Mapped,
    /// Opacity.
    pub alpha: Option<f64>,
}

/// A text.
#[derive(Clone, Debug, PartialEq)]
pub struct TextMark {
    /// Where.
    pub at: Point,
    /// What.
    pub text: String,
    /// How.
    pub style: TextStyle,
    /// Colour.
    pub color: Rgba,
    /// What the place counts.
    pub coords: Coords,
    /// A shift in points.
    pub shift: Point,
    /// A frame around it: inside, outline, distance in points, whether its corners are round.
    pub frame: Option<(Rgba, Rgba, f64, bool)>,
    /// An arrow to a point in data units: colour, width, whether it has a head.
    pub arrow: Option<(Point, Rgba, f64, bool)>,
    /// Whether it is cut off at the axes.
    pub clip: bool,
}

/// Lines with bars of their uncertainty.
#[derive(Clone, Debug, PartialEq)]
pub struct ErrorBars {
    /// Ends of vertical bars.
    pub vertical: Vec<(Point, Point)>,
    /// Ends of horizontal bars.
    pub horizontal: Vec<(Point, Point)>,
    /// Colour.
    pub color: Rgba,
    /// Width.
    pub width: f64,
    /// Half the length of the caps in points.
    pub cap: f64,
    /// Width of the caps' lines.
    pub cap_width: f64,
}

/// What is shown.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "each is named like its contents")]
pub enum Mark {
    Line(Line),
    Scatter(Scatter),
    Bars(Bars),
    Area(Area),
    Segments(Segments),
    Image(Image),
    Mesh(Mesh),
    Text(TextMark),
    ErrorBars(ErrorBars),
}

/// What is shown, with what all of it have in common.
#[derive(Clone, Debug, PartialEq)]
pub struct Artist {
    /// The thing itself.
    pub mark: Mark,
    /// How it is called in the legend.
    pub label: Option<String>,
    /// Higher ones are drawn later.
    pub order: f64,
    /// Whether it is seen.
    pub visible: bool,
    /// The artist whose place in the legend it shares: error bars of a line.
    pub part_of: Option<usize>,
    /// Whether it stands for a set of things made by one call, which come last in legends.
    pub set: bool,
}

impl Artist {
    /// Something without a label.
    pub fn new(mark: Mark) -> Artist {
        let order = match mark {
            Mark::Image(_) => 0.0,
            Mark::Line(_) | Mark::ErrorBars(_) => 2.0,
            Mark::Segments(_) => 2.0,
            Mark::Text(_) => 3.0,
            Mark::Scatter(_) | Mark::Bars(_) | Mark::Area(_) | Mark::Mesh(_) => 1.0,
        };
        Artist {
            mark,
            label: None,
            order,
            visible: true,
            part_of: None,
            set: false,
        }
    }

    /// The values it shows as colours, if it does.
    pub fn mapped(&self) -> Option<&Mapped> {
        match &self.mark {
            Mark::Scatter(Scatter {
                colors: Colors::Mapped(m),
                ..
            })
            | Mark::Image(Image {
                pixels: Pixels::Mapped(m),
                ..
            })
            | Mark::Mesh(Mesh { mapped: m, .. }) => Some(m),
            _ => None,
        }
    }

    /// The same, to be changed.
    pub fn mapped_mut(&mut self) -> Option<&mut Mapped> {
        match &mut self.mark {
            Mark::Scatter(Scatter {
                colors: Colors::Mapped(m),
                ..
            })
            | Mark::Image(Image {
                pixels: Pixels::Mapped(m),
                ..
            })
            | Mark::Mesh(Mesh { mapped: m, .. }) => Some(m),
            _ => None,
        }
    }
}
