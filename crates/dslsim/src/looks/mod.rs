//! Quick looks: figures of what a run has written, without a model file.
//!
//! [`Folder`] reads `run.json` and the arrays beside it; [`overview`] draws what it finds: spikes as a raster, recorded variables as
//! traces, population rates, weights and other saved values as histograms. [`sweep`] draws what a sweep has saved over the swept
//! parameters. Nothing is computed beyond what a picture needs.

mod sweeps;

use std::fs;
use std::path::{Path, PathBuf};

use dslsim_plot::artist::{Artist, Bars, Coords, Image, Line, Mapped, Mark, Pixels, calc};
use dslsim_plot::axes::{BarPlace, Label, Side};
use dslsim_plot::color::CYCLE;
use dslsim_plot::colormap::{ColorMap, Norm};
use dslsim_plot::grid::Cell;
use dslsim_plot::style::{Dash, DrawStyle};
use dslsim_plot::{Figure, Rgba, Style};

use crate::results::read_npy;

pub use sweeps::sweep;

/// Traces in one picture, at most.
const TRACES: usize = 10;

/// Why results cannot be drawn.
#[derive(Debug, thiserror::Error)]
pub enum LookError {
    /// A file cannot be read.
    #[error("cannot read `{}`: {}", .0.display(), .1)]
    File(PathBuf, String),
    /// There is no such array.
    #[error("there is no array `{name}`; there are {known}")]
    Unknown {
        /// The name asked for.
        name: String,
        /// The names that there are.
        known: String,
    },
    /// Nothing can be drawn.
    #[error("there is nothing to draw: the results have no arrays with more than one value")]
    Nothing,
}

/// An array of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// Its name: `M.v`.
    pub name: String,
    /// Its values in SI base units.
    pub values: Vec<f64>,
    /// The lengths of its axes.
    pub shape: Vec<usize>,
    /// Its unit, for people; empty if it has none.
    pub unit: String,
}

/// The results of a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Folder {
    /// All arrays.
    pub arrays: Vec<Series>,
}

impl Folder {
    /// Reads a folder that `dslsim run` has written.
    ///
    /// # Errors
    /// If `run.json` or an array is missing or damaged.
    pub fn read(folder: &Path) -> Result<Folder, LookError> {
        let path = folder.join("run.json");
        let wrong = |path: &Path, why: String| LookError::File(path.to_owned(), why);
        let text = fs::read_to_string(&path).map_err(|e| wrong(&path, e.to_string()))?;
        let run: serde_json::Value =
            serde_json::from_str(&text).map_err(|e| wrong(&path, e.to_string()))?;
        let mut arrays = Vec::new();
        let listed = run.get("arrays").and_then(serde_json::Value::as_object);
        for (name, about) in listed.into_iter().flatten() {
            let word = |key: &str| about.get(key).and_then(serde_json::Value::as_str);
            let Some(file) = word("file").filter(|f| f.ends_with(".npy")) else {
                continue;
            };
            let path = folder.join(file);
            let bytes = fs::read(&path).map_err(|e| wrong(&path, e.to_string()))?;
            let array = read_npy(&bytes).map_err(|e| wrong(&path, e))?;
            let unit = word("unit").unwrap_or("");
            arrays.push(Series {
                name: name.clone(),
                values: array.float_vec(),
                shape: array.shape().to_vec(),
                unit: if unit == "1" {
                    String::new()
                } else {
                    unit.into()
                },
            });
        }
        Ok(Folder { arrays })
    }

    fn get(&self, name: &str) -> Option<&Series> {
        self.arrays.iter().find(|a| a.name == name)
    }

    /// The times that belong to an array of a monitor.
    fn times(&self, name: &str) -> Option<&Series> {
        let (monitor, _) = name.rsplit_once('.')?;
        self.get(&format!("{monitor}.t"))
    }
}

/// What is drawn of one array.
enum Kind<'a> {
    Raster(&'a Series, &'a Series),
    Traces(&'a Series, &'a Series),
    Histogram(&'a Series),
    Grid(&'a Series),
}

fn kind<'a>(folder: &'a Folder, a: &'a Series) -> Option<Kind<'a>> {
    if a.values.len() < 2 || a.name.ends_with(".t") {
        return None;
    }
    let times = folder.times(&a.name);
    match (a.shape.as_slice(), times) {
        ([n], Some(t)) if a.name.ends_with(".i") && t.values.len() == *n => {
            Some(Kind::Raster(t, a))
        }
        ([n] | [_, n], Some(t)) if t.values.len() == *n && !a.name.ends_with(".count") => {
            Some(Kind::Traces(t, a))
        }
        ([r, c], _) if *r > 1 && *c > 1 => Some(Kind::Grid(a)),
        _ => Some(Kind::Histogram(a)),
    }
}

/// A figure of some arrays, or of all if none are named.
///
/// # Errors
/// If there is no array of a name, or nothing to draw.
pub fn overview(folder: &Folder, names: &[String]) -> Result<Figure, LookError> {
    let known = || {
        let all: Vec<String> = folder
            .arrays
            .iter()
            .map(|a| format!("`{}`", a.name))
            .collect();
        all.join(", ")
    };
    let mut chosen = Vec::new();
    for name in names {
        // a monitor's name stands for all that it has recorded
        let prefix = format!("{name}.");
        let before = chosen.len();
        chosen.extend(
            folder
                .arrays
                .iter()
                .filter(|a| a.name == *name || a.name.starts_with(&prefix)),
        );
        if chosen.len() == before {
            return Err(LookError::Unknown {
                name: name.clone(),
                known: known(),
            });
        }
    }
    if names.is_empty() {
        chosen = folder
            .arrays
            .iter()
            .filter(|a| !a.name.ends_with(".count"))
            .collect();
    }
    let parts: Vec<(&Series, Kind<'_>)> = chosen
        .into_iter()
        .filter_map(|a| Some((a, kind(folder, a)?)))
        .take(12)
        .collect();
    if parts.is_empty() {
        return Err(LookError::Nothing);
    }
    let n = parts.len();
    let cols = if n > 4 { 2 } else { 1 };
    let rows = n.div_ceil(cols);
    let style = Style::default();
    let size = (6.4 * cols as f64, (2.4 * rows as f64).max(3.6));
    let mut figure = Figure::new(&style, Some(size), None);
    figure.tight = Some((1.08, None, None));
    for (k, (series, kind)) in parts.into_iter().enumerate() {
        let (row, col) = (k / cols, k % cols);
        let cell = Cell {
            rows: row..row + 1,
            cols: col..col + 1,
        };
        let axes = figure.subplot(rows, cols, cell, false);
        match kind {
            Kind::Raster(t, i) => raster(&mut figure, axes, t, i),
            Kind::Traces(t, v) => traces(&mut figure, axes, t, v),
            Kind::Histogram(v) => histogram(&mut figure, axes, v),
            Kind::Grid(v) => image(&mut figure, axes, v),
        }
        let _ = series;
    }
    Ok(figure)
}

fn label(text: impl Into<String>) -> Option<Label> {
    Some(Label::new(text, 10.0))
}

/// `M.v (V)`
fn named(s: &Series) -> String {
    if s.unit.is_empty() {
        s.name.clone()
    } else {
        format!("{} ({})", s.name, s.unit)
    }
}

fn line(x: Vec<f64>, y: Vec<f64>, color: Rgba, dots: bool) -> Artist {
    Artist::new(Mark::Line(Line {
        x,
        y,
        color,
        width: if dots { 0.0 } else { 1.0 },
        dash: if dots { Dash::None } else { Dash::Solid },
        marker: dots.then(|| ".".to_owned()),
        marker_size: 4.0,
        marker_fill: Some(color),
        marker_edge: None,
        marker_line: 0.0,
        steps: DrawStyle::Straight,
        coords: Coords::Data,
    }))
}

fn show(figure: &mut Figure, axes: usize, artists: Vec<Artist>, x: String, y: String) {
    if let Some(a) = figure.axes.get_mut(axes) {
        a.artists.extend(artists);
        a.x.label = label(x);
        a.y.label = label(y);
    }
}

fn seconds(t: &Series) -> Vec<f64> {
    t.values.iter().map(|t| t * 1e3).collect()
}

fn raster(figure: &mut Figure, axes: usize, t: &Series, i: &Series) {
    let dots = line(seconds(t), i.values.clone(), Rgba::BLACK, true);
    show(figure, axes, vec![dots], "time (ms)".into(), i.name.clone());
}

fn traces(figure: &mut Figure, axes: usize, t: &Series, v: &Series) {
    let n = t.values.len().max(1);
    let lines = v
        .values
        .chunks(n)
        .take(TRACES)
        .zip(CYCLE.iter().cycle())
        .map(|(row, c)| line(seconds(t), row.to_vec(), *c, false))
        .collect();
    show(figure, axes, lines, "time (ms)".into(), named(v));
}

fn histogram(figure: &mut Figure, axes: usize, v: &Series) {
    let edges = calc::edges(&v.values, 30, None);
    let counts = calc::counts(&v.values, None, &edges);
    let bars = edges
        .windows(2)
        .zip(&counts)
        .filter_map(|(w, c)| match w {
            [a, b] => Some(((*a, 0.0), (*b, *c))),
            _ => None,
        })
        .collect();
    let bars = Artist::new(Mark::Bars(Bars {
        bars,
        fill: vec![CYCLE[0]],
        edge: None,
        width: 0.0,
        coords: Coords::Data,
        sticky: (Vec::new(), vec![0.0]),
    }));
    show(figure, axes, vec![bars], named(v), "number".into());
}

fn image(figure: &mut Figure, axes: usize, v: &Series) {
    let [rows, cols] = v.shape.as_slice() else {
        return;
    };
    let (w, h) = (*cols as f64, *rows as f64);
    grid(
        figure,
        axes,
        v.values.clone(),
        (*rows, *cols),
        [-0.5, w - 0.5, -0.5, h - 0.5],
        &named(v),
    );
}

fn grid(
    figure: &mut Figure,
    axes: usize,
    values: Vec<f64>,
    (rows, cols): (usize, usize),
    extent: [f64; 4],
    name: &str,
) {
    let norm = Norm::of(values.iter().copied(), None, None, false);
    let mapped = Mapped {
        values,
        map: ColorMap::standard(),
        norm,
    };
    let artist = Artist::new(Mark::Image(Image {
        rows,
        cols,
        pixels: Pixels::Mapped(mapped),
        extent,
        upper: false,
        alpha: None,
    }));
    let Some(a) = figure.axes.get_mut(axes) else {
        return;
    };
    a.artists.push(artist);
    let at = a.artists.len() - 1;
    let bar = BarPlace {
        side: Side::Right,
        fraction: 0.15,
        pad: 0.05,
        shrink: 1.0,
        aspect: 20.0,
    };
    let bar = figure.colorbar((axes, at), None, &[axes], bar);
    if let Some(a) = figure.axes.get_mut(bar) {
        a.y.label = label(name);
    }
}
