//! Grids of the script: `GridSpec`, `fig.add_gridspec`, and their parts.

use dslsim_plot::grid::{Cell, Grid};
use dslsim_script::{CallArgs, IndexValue, Param, Slice, Spanned, Value};
use dslsim_source::{Diagnostic, Span};

use super::read::{Call, Told};
use super::{Pic, Pictures, Shared};

const KEYWORDS: &[&str] = &[
    "figure",
    "left",
    "right",
    "bottom",
    "top",
    "wspace",
    "hspace",
    "width_ratios",
    "height_ratios",
];

/// The six distances of a grid, in the order of [`Grid::own`].
pub(super) const DISTANCES: [&str; 6] = ["left", "right", "bottom", "top", "wspace", "hspace"];

fn ratios(call: &Call, name: &'static str, n: usize, what: &str) -> Told<Vec<f64>> {
    let Some(r) = call.list(name)? else {
        return Ok(Vec::new());
    };
    if r.len() != n {
        return Err(call
            .fail(
                "shape-mismatch",
                name,
                format!("{} ratios for {n} {what}", r.len()),
            )
            .into());
    }
    Ok(r)
}

fn read(call: &Call) -> Told<Grid> {
    let n = |name: &'static str| -> Told<usize> {
        match call.count(&[name])? {
            Some(0) => Err(call
                .fail("wrong-value", name, format!("`{name}` must be at least 1"))
                .into()),
            Some(n) if n > 1000 => Err(call
                .fail("wrong-value", name, format!("{n} is too many"))
                .into()),
            other => Ok(other.unwrap_or(1)),
        }
    };
    let (rows, cols) = (n("nrows")?, n("ncols")?);
    let mut grid = Grid::new(rows, cols);
    grid.width_ratios = ratios(call, "width_ratios", cols, "columns")?;
    grid.height_ratios = ratios(call, "height_ratios", rows, "rows")?;
    for (slot, name) in grid.own.iter_mut().zip(DISTANCES) {
        *slot = call.number(&[name])?;
    }
    Ok(grid)
}

/// `GridSpec(rows, cols, width_ratios=, …)`
pub(super) fn gridspec(p: &mut Pictures, args: &CallArgs, name: &str) -> Told<Value> {
    let call = Call::bind(
        args,
        name,
        &[Param::required("nrows"), Param::required("ncols")],
        &[KEYWORDS],
    )?;
    let grid = read(&call)?;
    Ok(p.new_grid(grid))
}

/// `fig.add_gridspec(rows, cols, …)`
pub(super) fn add_gridspec(p: &mut Pictures, _: usize, args: &CallArgs, name: &str) -> Told<Value> {
    let call = Call::bind(
        args,
        name,
        &[Param::optional("nrows"), Param::optional("ncols")],
        &[KEYWORDS],
    )?;
    let grid = read(&call)?;
    Ok(p.new_grid(grid))
}

impl Pictures {
    fn new_grid(&mut self, grid: Grid) -> Value {
        self.grids.push(Shared {
            grid,
            used: Vec::new(),
        });
        self.refer(Pic::Grid(self.grids.len() - 1))
    }

    /// The number of a grid within a figure, where it is put if it is not there yet.
    pub(super) fn grid_in(&mut self, k: usize, figure: usize) -> usize {
        let Some(shared) = self.grids.get(k).cloned() else {
            return 0;
        };
        if let Some((_, at)) = shared.used.iter().find(|(f, _)| *f == figure) {
            return *at;
        }
        let mut grid = shared.grid;
        if let Some((outer, _)) = &mut grid.within {
            *outer = self.grid_in(*outer, figure);
        }
        let at = self.figure(figure).map_or(0, |f| f.add_grid(grid));
        if let Some(shared) = self.grids.get_mut(k) {
            shared.used.push((figure, at));
        }
        at
    }

    /// Changes a grid wherever it is used.
    pub(super) fn change_grid(&mut self, k: usize, change: impl Fn(&mut Grid)) {
        let Some(shared) = self.grids.get_mut(k) else {
            return;
        };
        change(&mut shared.grid);
        for (figure, at) in shared.used.clone() {
            if let Some(grid) = self.figure(figure).and_then(|f| f.grids.get_mut(at)) {
                change(grid);
            }
        }
    }

    /// `gs[0, 2]`, `gs[1:, :]`, `gs[3]`
    pub(super) fn grid_item(
        &mut self,
        k: usize,
        index: &[Spanned<IndexValue>],
        span: Span,
    ) -> Told<Value> {
        let (rows, cols) = self
            .grids
            .get(k)
            .map_or((1, 1), |g| (g.grid.rows, g.grid.cols));
        let cell = match index {
            [row, col] => Cell {
                rows: part(row, rows, "rows")?,
                cols: part(col, cols, "columns")?,
            },
            [one] => {
                let all = part(one, rows * cols, "cells")?;
                let (first, last) = (all.start, all.end.saturating_sub(1));
                Cell {
                    rows: first / cols..last / cols + 1,
                    cols: (first % cols).min(last % cols)..(first % cols).max(last % cols) + 1,
                }
            }
            _ => {
                return Err(Diagnostic::error(
                    "too-many-indices",
                    span,
                    "a grid has rows and columns",
                )
                .into());
            }
        };
        Ok(self.refer(Pic::Spec(k, cell)))
    }

    /// `spec.subgridspec(rows, cols)`
    pub(super) fn subgrid(
        &mut self,
        k: usize,
        cell: &Cell,
        args: &CallArgs,
        name: &str,
    ) -> Told<Value> {
        let call = Call::bind(
            args,
            name,
            &[Param::required("nrows"), Param::required("ncols")],
            &[KEYWORDS],
        )?;
        let mut grid = read(&call)?;
        grid.within = Some((k, cell.clone()));
        Ok(self.new_grid(grid))
    }

    /// Methods of grids.
    pub(super) fn grid_method(
        &mut self,
        k: usize,
        name: &dslsim_syntax::ast::Ident,
        args: &CallArgs,
    ) -> Told<Value> {
        let method = name.name.as_str();
        let (rows, cols) = self
            .grids
            .get(k)
            .map_or((1, 1), |g| (g.grid.rows, g.grid.cols));
        match method {
            "set_width_ratios" => {
                let call = Call::bind(args, method, &[Param::required("width_ratios")], &[])?;
                let r = ratios(&call, "width_ratios", cols, "columns")?;
                self.change_grid(k, |g| g.width_ratios.clone_from(&r));
                Ok(Value::None)
            }
            "set_height_ratios" => {
                let call = Call::bind(args, method, &[Param::required("height_ratios")], &[])?;
                let r = ratios(&call, "height_ratios", rows, "rows")?;
                self.change_grid(k, |g| g.height_ratios.clone_from(&r));
                Ok(Value::None)
            }
            "update" => {
                let call = Call::bind(args, method, &[], &[&DISTANCES])?;
                for (n, name) in DISTANCES.into_iter().enumerate() {
                    if let Some(x) = call.number(&[name])? {
                        self.change_grid(k, |g| {
                            if let Some(slot) = g.own.get_mut(n) {
                                *slot = Some(x);
                            }
                        });
                    }
                }
                Ok(Value::None)
            }
            "tight_layout" => Ok(Value::None),
            "subplots" => {
                let figure = self.gcf();
                super::figures::subplots_in(self, figure, k, args, method)
            }
            _ => Err(super::no_method(
                "GridSpec",
                name,
                &[
                    "set_width_ratios",
                    "set_height_ratios",
                    "update",
                    "subplots",
                ],
            )),
        }
    }
}

/// One position or a slice, of `n`.
fn part(given: &Spanned<IndexValue>, n: usize, what: &str) -> Told<std::ops::Range<usize>> {
    let size = n as i64;
    let outside = |k: i64| {
        Diagnostic::error(
            "index-out-of-range",
            given.span,
            format!(
                "there is no {k} among {n} {what} (0 to {})",
                n.saturating_sub(1)
            ),
        )
    };
    match &given.value {
        IndexValue::Int(k) => {
            let at = if *k < 0 { k + size } else { *k };
            if !(0..size).contains(&at) {
                return Err(outside(*k).into());
            }
            Ok(at as usize..at as usize + 1)
        }
        IndexValue::Slice(Slice { low, high, step }) => {
            if step.is_some_and(|s| s != 1) {
                return Err(Diagnostic::error(
                    "wrong-value",
                    given.span,
                    "a part of a grid has no step",
                )
                .into());
            }
            let place = |k: i64| {
                if k < 0 {
                    (k + size).max(0)
                } else {
                    k.min(size)
                }
            };
            let (a, b) = (low.map_or(0, place), high.map_or(size, place));
            if a >= b {
                return Err(Diagnostic::error(
                    "index-out-of-range",
                    given.span,
                    format!("this part has no {what}"),
                )
                .into());
            }
            Ok(a as usize..b as usize)
        }
        IndexValue::Ellipsis | IndexValue::Unknown => Ok(0..n),
        _ => Err(Diagnostic::error(
            "wrong-type",
            given.span,
            "a part of a grid is given by whole numbers and slices",
        )
        .into()),
    }
}
