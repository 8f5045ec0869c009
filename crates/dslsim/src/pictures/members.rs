//! Attributes, methods and parts of handles.

use dslsim_plot::artist::Coords;
use dslsim_plot::axes::Side;
use dslsim_script::{CallArgs, IndexValue, ObjectRef, Slice, Spanned, Value, nearest};
use dslsim_source::{Diagnostic, Diagnostics, Span};
use dslsim_syntax::ast::{AssignOp, Ident};

use super::read::Told;
use super::{At, OF_FIGURES, Pic, Pictures, no_method};

fn no_attribute(class: &str, name: &Ident, known: &[&str]) -> Diagnostics {
    Diagnostic::error(
        "unknown-attribute",
        name.span,
        format!("{class} has no attribute `{}`", name.name),
    )
    .help_opt(nearest(&name.name, known.iter().copied()).map(|n| format!("did you mean `{n}`?")))
    .into()
}

impl Pictures {
    /// `ax.transAxes`, `cbar.ax`
    pub(crate) fn attribute(&mut self, object: &ObjectRef, name: &Ident) -> Told<Value> {
        let pic = self.pic(object);
        let class = pic.class().to_owned();
        match (&pic, name.name.as_str()) {
            (Pic::Axes(_), "transAxes") => Ok(self.refer(Pic::Transform(Coords::Axes))),
            (Pic::Axes(_), "transData") => Ok(self.refer(Pic::Transform(Coords::Data))),
            (Pic::Figure(_), "transFigure") => Ok(self.refer(Pic::Transform(Coords::Figure))),
            (Pic::Axes(at), "spines") => Ok(self.refer(Pic::Spines(*at))),
            (Pic::Axes(at), "xaxis") => Ok(self.refer(Pic::Axis(*at, true))),
            (Pic::Axes(at), "yaxis") => Ok(self.refer(Pic::Axis(*at, false))),
            (Pic::Axes(at), "figure") => Ok(self.refer(Pic::Figure(at.figure))),
            (Pic::Axes(_), "title") => Ok(self.refer(Pic::Word)),
            (Pic::Figure(k), "axes") => Ok(self.all_axes(*k)),
            (Pic::ColorBar(at), "ax") => Ok(self.refer(Pic::Axes(*at))),
            (Pic::ColorBar(_), "outline") => Ok(self.refer(Pic::Word)),
            (Pic::AxesGrid(_, _, all), "flat") => {
                let all = all.clone();
                Ok(self.refer(Pic::AxesGrid(1, all.len(), all)))
            }
            (Pic::AxesGrid(rows, cols, all), "T") => {
                let (r, c) = (*rows, *cols);
                let turned = (0..c)
                    .flat_map(|col| (0..r).map(move |row| row * c + col))
                    .filter_map(|k| all.get(k).copied())
                    .collect();
                Ok(self.refer(Pic::AxesGrid(c, r, turned)))
            }
            (Pic::AxesGrid(rows, cols, _), "shape") => {
                let n = |k: usize| Value::Int(k as i64);
                Ok(Value::Tuple(if *rows == 1 {
                    vec![n(*cols)]
                } else {
                    vec![n(*rows), n(*cols)]
                }))
            }
            (Pic::AxesGrid(_, _, all), "size") => Ok(Value::Int(all.len() as i64)),
            (Pic::Spines(at), side) => {
                match Side::ALL.iter().position(|s| Side::named(side) == Some(*s)) {
                    Some(k) => Ok(self.refer(Pic::Spine(*at, vec![k]))),
                    None => Err(no_attribute(
                        &class,
                        name,
                        &["left", "right", "bottom", "top"],
                    )),
                }
            }
            (Pic::ColorMap(map), "N") => Ok(Value::Int(map.len() as i64)),
            (Pic::Axes(_), method)
                if self
                    .axes_method(At { figure: 0, axes: 0 }, method)
                    .is_some() =>
            {
                Err(is_method(name))
            }
            (Pic::Figure(_), method) if OF_FIGURES.iter().any(|(n, ..)| *n == method) => {
                Err(is_method(name))
            }
            (Pic::Axes(_), _) => {
                let mut known: Vec<&str> = Pictures::axes_methods().collect();
                known.extend([
                    "transAxes",
                    "transData",
                    "spines",
                    "xaxis",
                    "yaxis",
                    "figure",
                ]);
                Err(no_attribute(&class, name, &known))
            }
            (Pic::Grid(_), "nrows" | "ncols") => {
                let grid = match pic {
                    Pic::Grid(k) => self.grids.get(k).map(|g| (g.grid.rows, g.grid.cols)),
                    _ => None,
                };
                let (rows, cols) = grid.unwrap_or((1, 1));
                Ok(Value::Int(
                    if name.name == "nrows" { rows } else { cols } as i64
                ))
            }
            _ => Err(no_attribute(&class, name, &[])),
        }
    }

    /// `gs.hspace = 0.8`
    pub(crate) fn set_attribute(
        &mut self,
        object: &ObjectRef,
        name: &Ident,
        op: AssignOp,
        value: &Spanned<Value>,
    ) -> Told<()> {
        let pic = self.pic(object);
        if let (Pic::Grid(k), AssignOp::Set) = (&pic, op)
            && let Some(n) = super::grids::DISTANCES.iter().position(|d| *d == name.name)
        {
            if value.value.is_unknown() {
                return Ok(());
            }
            let Some(x) = value.value.as_f64() else {
                return Err(Diagnostic::error(
                    "wrong-type",
                    value.span,
                    format!(
                        "`{}` must be a number, not {}",
                        name.name,
                        value.value.describe()
                    ),
                )
                .into());
            };
            self.change_grid(*k, |g| {
                if let Some(slot) = g.own.get_mut(n) {
                    *slot = Some(x);
                }
            });
            return Ok(());
        }
        Err(Diagnostic::error(
            "read-only",
            name.span,
            format!("`{}` of a {} cannot be set", name.name, pic.class()),
        )
        .into())
    }

    /// `ax.plot(…)`
    pub(crate) fn method(
        &mut self,
        object: &ObjectRef,
        name: &Ident,
        args: &CallArgs,
    ) -> Told<Value> {
        let pic = self.pic(object);
        let method = name.name.as_str();
        match &pic {
            Pic::Axes(at) => match self.axes_method(*at, method) {
                Some(f) => f(self, *at, args, method),
                None => {
                    let known: Vec<&str> = Pictures::axes_methods().collect();
                    Err(no_method("Axes", name, &known))
                }
            },
            Pic::Figure(k) => match OF_FIGURES.iter().find(|(n, ..)| *n == method) {
                Some((_, _, f)) => f(self, *k, args, method),
                None if method == "legend" => {
                    let axes = self.figure(*k).map_or(0, dslsim_plot::Figure::gca);
                    super::legend::legend(self, At { figure: *k, axes }, args, method)
                }
                None => {
                    let known: Vec<&str> = OF_FIGURES.iter().map(|(n, ..)| *n).collect();
                    Err(no_method("Figure", name, &known))
                }
            },
            Pic::ColorBar(at) => super::colorbar::method(self, *at, name, args),
            Pic::Grid(k) => self.grid_method(*k, name, args),
            Pic::Spec(k, cell) if method == "subgridspec" => self.subgrid(*k, cell, args, method),
            Pic::Artist(at, k) => super::properties::method(self, *at, &[*k], name, args),
            Pic::Artists(at, all) => super::properties::method(self, *at, all, name, args),
            Pic::Spine(at, which) => super::properties::spine(self, *at, which, name, args),
            Pic::Axis(at, horizontal) => {
                super::properties::axis(self, *at, *horizontal, name, args)
            }
            Pic::RcParams if method == "update" => self.rc_update(args),
            Pic::PropCycle if method == "by_key" => {
                args.bind(method, &[])?;
                Ok(self.cycle(args.span))
            }
            Pic::AxesGrid(_, _, all) if matches!(method, "flatten" | "ravel") => {
                args.bind(method, &[])?;
                let all = all.clone();
                Ok(self.refer(Pic::AxesGrid(1, all.len(), all)))
            }
            Pic::Legend(at) => match method {
                "remove" => {
                    if let Some(axes) = self.axes(*at) {
                        axes.legend = None;
                    }
                    Ok(Value::None)
                }
                "set_title" => {
                    let call = super::read::Call::bind(
                        args,
                        method,
                        &[dslsim_script::Param::required("title")],
                        &[],
                    )?;
                    let text = call.text("title")?;
                    if let Some(legend) = self.axes(*at).and_then(|a| a.legend.as_mut()) {
                        legend.title = text.map(|t| (t.as_str().to_owned(), 10.0));
                    }
                    Ok(Value::None)
                }
                _ => Err(no_method("Legend", name, &["remove", "set_title"])),
            },
            Pic::Word => Ok(Value::None),
            other => Err(no_method(other.class(), name, &[])),
        }
    }

    /// `cmap(0.5)`
    pub(crate) fn call_object(&mut self, object: &ObjectRef, args: &CallArgs) -> Told<Value> {
        match self.pic(object) {
            Pic::ColorMap(map) => super::images::colors_of(&map, args),
            other => Err(Diagnostic::error(
                "not-callable",
                args.span,
                format!("a {} cannot be called", other.class()),
            )
            .into()),
        }
    }

    /// `gs[0, 2]`, `axs[1]`, `ax.spines['top']`
    pub(crate) fn item(
        &mut self,
        object: &ObjectRef,
        index: &[Spanned<IndexValue>],
        span: Span,
    ) -> Told<Value> {
        let pic = self.pic(object);
        match &pic {
            Pic::Grid(k) => self.grid_item(*k, index, span),
            Pic::RcParams => self.rc_get(index, span),
            Pic::Artists(at, all) => match index {
                [
                    Spanned {
                        value: IndexValue::Int(k),
                        ..
                    },
                ] => {
                    let k = usize::try_from(*k)
                        .ok()
                        .and_then(|k| all.get(k))
                        .or(all.first());
                    let at = *at;
                    match k.copied() {
                        Some(k) => Ok(self.refer(Pic::Artist(at, k))),
                        None => Ok(Value::None),
                    }
                }
                _ => Err(self.not_indexable(&pic, span)),
            },
            Pic::Spines(at) => {
                let at = *at;
                let one = |text: &dslsim_source::Text| {
                    Side::ALL
                        .iter()
                        .position(|s| Side::named(text.as_str()) == Some(*s))
                        .ok_or_else(|| {
                            Diagnostics::from(super::read::unknown_word(
                                "spines",
                                "side",
                                text,
                                &["left", "right", "bottom", "top"],
                            ))
                        })
                };
                let mut which = Vec::new();
                for part in index {
                    match &part.value {
                        IndexValue::Str(text) => which.push(one(text)?),
                        IndexValue::Slice(_) => which.extend(0..4),
                        _ => return Err(self.not_indexable(&pic, part.span)),
                    }
                }
                Ok(self.refer(Pic::Spine(at, which)))
            }
            Pic::AxesGrid(rows, cols, all) => {
                let (rows, cols, all) = (*rows, *cols, all.clone());
                self.axes_item(rows, cols, &all, index, span)
            }
            _ => Err(self.not_indexable(&pic, span)),
        }
    }

    fn not_indexable(&self, pic: &Pic, span: Span) -> Diagnostics {
        Diagnostic::error(
            "not-indexable",
            span,
            format!("a {} has no such parts", pic.class()),
        )
        .into()
    }

    fn axes_item(
        &mut self,
        rows: usize,
        cols: usize,
        all: &[At],
        index: &[Spanned<IndexValue>],
        span: Span,
    ) -> Told<Value> {
        let pick = |given: &Spanned<IndexValue>, n: usize| -> Told<(Vec<usize>, bool)> {
            let size = n as i64;
            match &given.value {
                IndexValue::Int(k) => {
                    let at = if *k < 0 { k + size } else { *k };
                    if (0..size).contains(&at) {
                        Ok((vec![at as usize], true))
                    } else {
                        Err(Diagnostic::error(
                            "index-out-of-range",
                            given.span,
                            format!(
                                "there is no {k} among {n} axes (0 to {})",
                                n.saturating_sub(1)
                            ),
                        )
                        .into())
                    }
                }
                IndexValue::Slice(Slice { low, high, step }) => {
                    let place = |k: i64| {
                        if k < 0 {
                            (k + size).max(0)
                        } else {
                            k.min(size)
                        }
                    };
                    let (a, b) = (low.map_or(0, place), high.map_or(size, place));
                    let step = step.unwrap_or(1).max(1) as usize;
                    Ok(((a..b).step_by(step).map(|k| k as usize).collect(), false))
                }
                IndexValue::Ellipsis => Ok(((0..n).collect(), false)),
                _ => Err(Diagnostic::error(
                    "wrong-type",
                    given.span,
                    "axes are numbered: a whole number or a slice is needed",
                )
                .into()),
            }
        };
        if index.iter().any(|i| i.value == IndexValue::Unknown) {
            return Ok(Value::Unknown(None));
        }
        let (chosen, shape, single) = match index {
            [one] if rows == 1 => {
                let (c, single) = pick(one, cols)?;
                let n = c.len();
                (c, (1, n), single)
            }
            [one] => {
                let (r, single) = pick(one, rows)?;
                let cells = r
                    .iter()
                    .flat_map(|r| (0..cols).map(move |c| r * cols + c))
                    .collect();
                let n = r.len();
                let _ = single;
                (cells, (n, cols), false)
            }
            [row, col] if rows > 1 || all.len() != cols || rows * cols == all.len() => {
                let ((r, a), (c, b)) = (pick(row, rows)?, pick(col, cols)?);
                let cells: Vec<usize> = r
                    .iter()
                    .flat_map(|r| c.iter().map(move |c| r * cols + c))
                    .collect();
                let shape = (r.len(), c.len());
                // a column is a row of axes
                let shape = if shape.1 == 1 { (1, shape.0) } else { shape };
                (cells, shape, a && b)
            }
            _ => {
                return Err(Diagnostic::error(
                    "too-many-indices",
                    span,
                    "axes have rows and columns",
                )
                .into());
            }
        };
        let picked: Vec<At> = chosen.iter().filter_map(|k| all.get(*k).copied()).collect();
        match (single, picked.as_slice()) {
            (true, [one]) => {
                let one = *one;
                Ok(self.refer(Pic::Axes(one)))
            }
            _ => Ok(self.refer(Pic::AxesGrid(shape.0, shape.1, picked))),
        }
    }

    /// `rcParams['font.size'] = 12`
    pub(crate) fn set_item(
        &mut self,
        object: &ObjectRef,
        index: &[Spanned<IndexValue>],
        value: &Spanned<Value>,
        span: Span,
    ) -> Told<()> {
        match self.pic(object) {
            Pic::RcParams => self.rc_set(index, value, span),
            other => Err(Diagnostic::error(
                "not-indexable",
                span,
                format!("parts of a {} cannot be set", other.class()),
            )
            .into()),
        }
    }

    /// What a grid of axes consists of, for `fig, (ax1, ax2) = subplots(2, 1)`.
    pub(crate) fn members(&mut self, object: &ObjectRef) -> Option<Vec<Value>> {
        match self.pic(object) {
            Pic::AxesGrid(1, _, all) => Some(
                all.into_iter()
                    .map(|at| self.refer(Pic::Axes(at)))
                    .collect(),
            ),
            Pic::AxesGrid(_, cols, all) => Some(
                all.chunks(cols.max(1))
                    .map(|row| self.refer(Pic::AxesGrid(1, row.len(), row.to_vec())))
                    .collect(),
            ),
            _ => None,
        }
    }

    /// `len(axs)`
    pub(crate) fn length(&self, object: &ObjectRef) -> Option<usize> {
        match self.pic(object) {
            Pic::AxesGrid(1, cols, _) => Some(cols),
            Pic::AxesGrid(rows, ..) => Some(rows),
            Pic::Artists(_, all) => Some(all.len()),
            _ => None,
        }
    }
}

fn is_method(name: &Ident) -> Diagnostics {
    Diagnostic::error(
        "unknown-attribute",
        name.span,
        format!("`{}` is a method", name.name),
    )
    .help(format!("write `.{}()`", name.name))
    .into()
}
