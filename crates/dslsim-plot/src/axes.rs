//! Axes: what is shown, how it is scaled, and what stands around it.

use crate::artist::Artist;
use crate::color::Rgba;
use crate::geometry::Rect;
use crate::grid::Cell;
use crate::style::Dash;
use crate::text::{HAlign, TextStyle, VAlign};

/// How values become places.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Scale {
    /// In proportion.
    #[default]
    Linear,
    /// By their logarithm.
    Log,
}

/// A text that has its place by what it is: title, label.
#[derive(Clone, Debug, PartialEq)]
pub struct Label {
    /// The text.
    pub text: String,
    /// How it is set; alignment and rotation come from its place where not changed.
    pub style: TextStyle,
    /// Colour.
    pub color: Rgba,
    /// Distance in points, if not the usual one.
    pub pad: Option<f64>,
    /// Along its axis, as a fraction, if not in the middle.
    pub along: Option<f64>,
}

impl Label {
    /// Black text of a size.
    pub fn new(text: impl Into<String>, size: f64) -> Label {
        Label {
            text: text.into(),
            style: TextStyle::of_size(size).aligned(HAlign::Center, VAlign::Baseline),
            color: Rgba::BLACK,
            pad: None,
            along: None,
        }
    }
}

/// Where ticks stand.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum TickPlaces {
    /// By the range.
    #[default]
    Auto,
    /// Here.
    At(Vec<f64>),
}

/// How ticks look.
#[derive(Clone, Debug, PartialEq)]
pub struct TickStyle {
    /// Length of major and minor ticks.
    pub length: (f64, f64),
    /// Width of major and minor ticks.
    pub width: (f64, f64),
    /// Distance of the labels.
    pub pad: f64,
    /// How far ticks go out and in, as fractions of their length.
    pub direction: (f64, f64),
    /// Font size of the labels.
    pub size: f64,
    /// Colour of ticks.
    pub color: Rgba,
    /// Colour of labels.
    pub label_color: Rgba,
    /// Rotation of labels in degrees.
    pub rotation: f64,
    /// Alignment of labels, if not the usual one.
    pub ha: Option<HAlign>,
    /// Ticks at the lower or left, and at the upper or right side.
    pub sides: (bool, bool),
    /// Labels at the lower or left, and at the upper or right side.
    pub labels: (bool, bool),
}

impl TickStyle {
    /// The usual look.
    pub fn new(size: f64) -> TickStyle {
        TickStyle {
            length: (3.5, 2.0),
            width: (0.8, 0.6),
            pad: 3.5,
            direction: (1.0, 0.0),
            size,
            color: Rgba::BLACK,
            label_color: Rgba::BLACK,
            rotation: 0.0,
            ha: None,
            sides: (true, false),
            labels: (true, false),
        }
    }
}

/// Lines across the axes at the ticks.
#[derive(Clone, Debug, PartialEq)]
pub struct GridLines {
    /// Colour.
    pub color: Rgba,
    /// Width.
    pub width: f64,
    /// Interruptions.
    pub dash: Dash,
    /// Whether at minor ticks, too.
    pub minor: bool,
}

impl Default for GridLines {
    fn default() -> Self {
        GridLines {
            color: Rgba::grey(176.0 / 255.0),
            width: 0.8,
            dash: Dash::Solid,
            minor: false,
        }
    }
}

/// The horizontal or the vertical axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    /// How values become places.
    pub scale: Scale,
    /// The limits that were set; `None` follows the data.
    pub limits: (Option<f64>, Option<f64>),
    /// Whether it is turned round although its limits follow the data.
    pub inverted: bool,
    /// Room beyond the data, as a fraction of their range; `None` for the usual one.
    pub margin: Option<f64>,
    /// Whether the limits stand exactly at the data.
    pub tight: bool,
    /// Where ticks stand.
    pub ticks: TickPlaces,
    /// Where minor ticks stand, if they were set.
    pub minor: Option<TickPlaces>,
    /// What is written at the ticks.
    pub labels: Option<Vec<String>>,
    /// How ticks look.
    pub style: TickStyle,
    /// What the axis is called.
    pub label: Option<Label>,
    /// Whether that stands at the upper or right side.
    pub label_opposite: bool,
    /// Lines across.
    pub grid: Option<GridLines>,
    /// The axes whose limits it shares.
    pub shared: Option<usize>,
    /// Names of categories, in order of their numbers.
    pub categories: Vec<String>,
    /// Whether there are no ticks between decades.
    pub plain: bool,
    /// Whether it is seen.
    pub visible: bool,
}

impl Axis {
    /// The usual axis.
    pub fn new(size: f64) -> Axis {
        Axis {
            scale: Scale::Linear,
            limits: (None, None),
            inverted: false,
            margin: None,
            tight: false,
            ticks: TickPlaces::Auto,
            minor: None,
            labels: None,
            style: TickStyle::new(size),
            label: None,
            label_opposite: false,
            grid: None,
            shared: None,
            categories: Vec::new(),
            plain: false,
            visible: true,
        }
    }
}

/// A side of axes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Left.
    Left,
    /// Right.
    Right,
    /// Below.
    Bottom,
    /// Above.
    Top,
}

impl Side {
    /// All, in the order in which [`Axes::spines`] has them.
    pub const ALL: [Side; 4] = [Side::Left, Side::Right, Side::Bottom, Side::Top];

    /// The side of a name.
    pub fn named(name: &str) -> Option<Side> {
        Some(match name {
            "left" => Side::Left,
            "right" => Side::Right,
            "bottom" => Side::Bottom,
            "top" => Side::Top,
            _ => return None,
        })
    }
}

/// A line of the frame.
#[derive(Clone, Debug, PartialEq)]
pub struct Spine {
    /// Whether it is seen.
    pub visible: bool,
    /// Colour.
    pub color: Rgba,
    /// Width.
    pub width: f64,
    /// Moved outwards by so many points.
    pub outward: f64,
    /// At this value of the crossing axis.
    pub at: Option<f64>,
}

/// The shape of axes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Aspect {
    /// As the place demands.
    #[default]
    Auto,
    /// A unit of y is so many times as long as one of x; the box is made smaller.
    Box(f64),
    /// The same, but the limits are made wider.
    Limits(f64),
}

/// Where axes are.
#[derive(Clone, Debug, PartialEq)]
pub enum Place {
    /// In a part of a grid.
    Cell(usize, Cell),
    /// Fractions of the figure.
    At(Rect),
    /// Over other axes, with an axis in common.
    Over(usize),
    /// Beside a colour bar that takes away a part of the place of several axes.
    Beside {
        /// The place without the colour bar.
        whole: Box<Place>,
        /// All places that the bar stands beside.
        of: Vec<Place>,
        /// What the bar takes away.
        bar: BarPlace,
    },
    /// The place of the bar itself.
    Bar {
        /// All places that the bar stands beside.
        of: Vec<Place>,
        /// What it takes away.
        bar: BarPlace,
    },
}

/// The room of a colour bar.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BarPlace {
    /// On which side.
    pub side: Side,
    /// How much of the whole.
    pub fraction: f64,
    /// Distance, as a part of the whole.
    pub pad: f64,
    /// How long it is, as a part of the whole.
    pub shrink: f64,
    /// Length by width.
    pub aspect: f64,
}

/// A legend.
#[derive(Clone, Debug, PartialEq)]
pub struct Legend {
    /// Entries: an artist and what it is called; `None` shows all artists that have a label.
    pub entries: Option<Vec<(usize, String)>>,
    /// Where: matplotlib's number, 0 for the best place.
    pub location: u8,
    /// The point or the box (fractions of the axes) that the location refers to.
    pub anchor: Option<Rect>,
    /// Columns.
    pub columns: usize,
    /// Font size.
    pub size: f64,
    /// Whether it has a frame.
    pub frame: bool,
    /// Opacity of the frame.
    pub alpha: f64,
    /// Title, and its font size.
    pub title: Option<(String, f64)>,
    /// Distances in units of the font size: border, between labels, length of handles, between handle and text, to the axes,
    /// between columns.
    pub spacing: [f64; 6],
    /// How many points are shown for a line.
    pub points: usize,
    /// How much larger markers are.
    pub marker_scale: f64,
}

/// Names of places of legends; the index is matplotlib's number.
pub const LOCATIONS: [&str; 11] = [
    "best",
    "upper right",
    "upper left",
    "lower left",
    "lower right",
    "right",
    "center left",
    "center right",
    "lower center",
    "upper center",
    "center",
];

/// What makes axes a colour bar.
#[derive(Clone, Debug, PartialEq)]
pub struct ColorBar {
    /// The axes and the artist whose colours are explained.
    pub source: (usize, usize),
    /// Whether it lies.
    pub horizontal: bool,
    /// Whether values below and above are shown as triangles.
    pub extend: (bool, bool),
}

/// Axes.
#[derive(Clone, Debug, PartialEq)]
pub struct Axes {
    /// Where they are.
    pub place: Place,
    /// What is shown.
    pub artists: Vec<Artist>,
    /// The horizontal axis.
    pub x: Axis,
    /// The vertical axis.
    pub y: Axis,
    /// Titles: in the middle, left, right.
    pub titles: [Option<Label>; 3],
    /// The frame: left, right, bottom, top.
    pub spines: [Spine; 4],
    /// Whether axes, frame and background are seen.
    pub on: bool,
    /// Whether anything of them is seen.
    pub visible: bool,
    /// The background.
    pub face: Option<Rgba>,
    /// The shape.
    pub aspect: Aspect,
    /// Height by width of the box, if it is fixed.
    pub box_aspect: Option<f64>,
    /// Where a box that is smaller than its place stands in it.
    pub anchor: (f64, f64),
    /// The legend.
    pub legend: Option<Legend>,
    /// What makes them a colour bar.
    pub bar: Option<ColorBar>,
    /// How many colours of the cycle are used: lines, and bars.
    pub used: (usize, usize),
}
