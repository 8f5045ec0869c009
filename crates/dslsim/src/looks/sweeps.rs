//! What a sweep has saved, over the swept parameters: a heat map over the first two, or a line over a single one.
//!
//! The value of a point is the mean over the value's own axes, and over all further parameters; missing points stay white.

use dslsim_plot::Figure;
use dslsim_plot::Style;
use dslsim_plot::artist::{Artist, Mapped, Mark, Mesh, calc};
use dslsim_plot::axes::{BarPlace, Side};
use dslsim_plot::color::CYCLE;
use dslsim_plot::colormap::{ColorMap, Norm};
use dslsim_plot::grid::Cell;

use super::{LookError, label, line, show};
use crate::sweep::{Contents, Coordinate, Stacked};

/// Panels in one figure, at most.
const PANELS: usize = 12;

/// A figure of the values of a sweep, or of some of them.
///
/// # Errors
/// If there is no value of a name, or nothing to draw.
pub fn sweep(contents: &Contents, names: &[String]) -> Result<Figure, LookError> {
    for name in names {
        if !contents.values.contains_key(name) {
            let known: Vec<String> = contents.values.keys().map(|n| format!("`{n}`")).collect();
            return Err(LookError::Unknown {
                name: name.clone(),
                known: known.join(", "),
            });
        }
    }
    let chosen: Vec<(&String, &Stacked)> = contents
        .values
        .iter()
        .filter(|(name, _)| names.is_empty() || names.contains(name))
        .take(PANELS)
        .collect();
    let Some(x) = contents.coordinates.first() else {
        return Err(LookError::Nothing);
    };
    if chosen.is_empty() {
        return Err(LookError::Nothing);
    }
    let cols = chosen.len().min(if chosen.len() == 4 { 2 } else { 3 });
    let rows = chosen.len().div_ceil(cols);
    let size = (4.8 * cols as f64, 3.6 * rows as f64);
    let mut figure = Figure::new(&Style::default(), Some(size), None);
    figure.tight = Some((1.08, None, None));
    for (k, (name, value)) in chosen.into_iter().enumerate() {
        let cell = Cell {
            rows: k / cols..k / cols + 1,
            cols: k % cols..k % cols + 1,
        };
        let axes = figure.subplot(rows, cols, cell, false);
        let title = named(name, value.array.dim);
        match contents.coordinates.get(1).filter(|_| !contents.zip) {
            // The first parameter is the row of an array: it goes up.
            Some(across) => {
                let of_points = means(contents, value, 2);
                map(&mut figure, axes, across, x, of_points, &title);
            }
            None => {
                let of_points = means(contents, value, 1);
                let curve = line(x.values.float_vec(), of_points, CYCLE[0], false);
                show(
                    &mut figure,
                    axes,
                    vec![curve],
                    named(&x.name, x.values.dim),
                    title,
                );
            }
        }
    }
    Ok(figure)
}

/// The mean of each point, over all but the first `kept` axes of the grid; NaN where nothing is known.
fn means(contents: &Contents, value: &Stacked, kept: usize) -> Vec<f64> {
    let points: u64 = contents.shape.iter().take(kept).product();
    let values = value.array.float_vec();
    let each = values.len() / (points as usize).max(1);
    values
        .chunks(each.max(1))
        .map(|all| {
            let known: Vec<f64> = all.iter().copied().filter(|x| x.is_finite()).collect();
            known.iter().sum::<f64>() / known.len() as f64
        })
        .collect()
}

/// Values over two parameters as colours.
fn map(
    figure: &mut Figure,
    axes: usize,
    x: &Coordinate,
    y: &Coordinate,
    values: Vec<f64>,
    title: &str,
) {
    let edges = |c: &Coordinate| {
        let values = c.values.float_vec();
        calc::cell_edges(&values, values.len()).unwrap_or_default()
    };
    let norm = Norm::of(values.iter().copied(), None, None, false);
    let mut mesh = Artist::new(Mark::Mesh(Mesh {
        x: edges(x),
        y: edges(y),
        mapped: Mapped {
            values,
            map: ColorMap::standard(),
            norm,
        },
        alpha: None,
    }));
    mesh.order = 0.0;
    let (across, up) = (named(&x.name, x.values.dim), named(&y.name, y.values.dim));
    show(figure, axes, vec![mesh], across, up);
    let place = BarPlace {
        side: Side::Right,
        fraction: 0.15,
        pad: 0.05,
        shrink: 1.0,
        aspect: 20.0,
    };
    let bar = figure.colorbar((axes, 0), None, &[axes], place);
    if let Some(a) = figure.axes.get_mut(bar) {
        a.y.label = label(title);
    }
}

/// `F_e (hertz)`
fn named(name: &str, dim: dslsim_units::Dim) -> String {
    if dim.is_none() {
        name.to_owned()
    } else {
        format!("{name} ({})", dslsim_units::describe(dim))
    }
}
