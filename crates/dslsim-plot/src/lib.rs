//! Figures: axes, lines, points, bars and pictures, written as SVG, PDF or PNG.
//!
//! A [`Figure`] is plain data in the words of matplotlib: axes in grids, artists with their numbers, ticks, legends,
//! colour bars. [`draw::scene`] places everything on a page as matplotlib's default style does; [`backend::render`] writes the
//! page to bytes.
//!
//! * The same figure always gives the same bytes: nothing depends on the time, on the fonts of the machine, or on the order of
//!   hash tables.
//! * Numbers are plain: whoever calls has divided by units. This crate knows nothing of models, scripts or files.
//! * NaN leaves a point out; infinite values do not enter limits. Nothing panics on data.

pub mod artist;
pub mod axes;
pub mod backend;
pub mod color;
pub mod colormap;
pub mod draw;
pub mod figure;
pub mod font;
pub mod geometry;
pub mod grid;
pub mod marker;
pub mod scene;
pub mod style;
pub mod text;
pub mod ticks;

pub use axes::Axes;
pub use backend::{BackendError, Format};
pub use color::Rgba;
pub use colormap::{ColorMap, Norm};
pub use figure::{Figure, Saving};
pub use style::Style;
