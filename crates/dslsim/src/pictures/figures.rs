//! Methods of figures.

use dslsim_plot::Rgba;
use dslsim_plot::axes::Place;
use dslsim_plot::geometry::Rect;
use dslsim_plot::grid::{Cell, Grid, Margins};
use dslsim_script::{CallArgs, Param, Spanned, Value};
use dslsim_source::Diagnostic;

use super::grids::DISTANCES;
use super::read::{Call, Told};
use super::{At, Pic, Pictures};

/// Keywords of new axes, besides every `set_…` of theirs.
pub(super) const NEW: &[&str] = &[
    "sharex",
    "sharey",
    "projection",
    "polar",
    "facecolor",
    "frameon",
    "aspect",
    "xlabel",
    "ylabel",
    "title",
    "xlim",
    "ylim",
    "xscale",
    "yscale",
    "xticks",
    "yticks",
    "label",
    "zorder",
];

/// What new axes are asked to be like.
pub(super) fn adorn(p: &mut Pictures, at: At, call: &Call) -> Told<()> {
    if let Some((name, v)) = call.any(&["projection", "polar"]) {
        let plain = v
            .value
            .as_text()
            .is_some_and(|t| t.as_str() == "rectilinear")
            || v.value == Value::Bool(false);
        if !plain {
            return Err(Diagnostic::error(
                "not-supported",
                call.bound.span_of(name),
                "only rectangular axes are part of the language",
            )
            .help("draw the projection yourself: `plot(r*cos(phi), r*sin(phi))`")
            .into());
        }
    }
    for (name, horizontal) in [("sharex", true), ("sharey", false)] {
        let Some(v) = call.bound.given(name) else {
            continue;
        };
        match p.pic_of(&v.value) {
            Some(Pic::Axes(other)) => {
                if let Some(axis) = p.axis(at, horizontal) {
                    axis.shared = Some(other.axes).filter(|_| other != at);
                }
            }
            _ if v.value.is_unknown() => {}
            _ => return Err(call.wrong(name, "axes")),
        }
    }
    if let Some(c) = call.color(&["facecolor"])?
        && let Some(axes) = p.axes(at)
    {
        axes.face = Some(c);
    }
    if call.flag("frameon")? == Some(false)
        && let Some(axes) = p.axes(at)
    {
        axes.face = None;
        for spine in &mut axes.spines {
            spine.visible = false;
        }
    }
    for name in [
        "aspect", "xlabel", "ylabel", "title", "xscale", "yscale", "xlim", "ylim", "xticks",
        "yticks",
    ] {
        if let Some(v) = call.bound.given(name) {
            let args = CallArgs {
                positional: vec![v.clone()],
                named: Vec::new(),
                span: v.span,
            };
            let method = format!("set_{name}");
            if let Some(f) = p.axes_method(at, &method) {
                f(p, at, &args, &method)?;
            }
        }
    }
    Ok(())
}

/// The place that `(rows, cols, k)`, `311`, `gs[0, 1]` or nothing means.
pub(super) fn place(p: &mut Pictures, figure: usize, call: &Call) -> Told<Numbered> {
    let given: Vec<&Spanned<Value>> = call.bound.rest.iter().collect();
    if given.iter().any(|v| v.value.is_unknown()) {
        return Ok(None);
    }
    let wrong = |v: &Spanned<Value>, why: &str| {
        Diagnostic::error("wrong-value", v.span, format!("{}: {why}", call.function))
            .help("write `subplot(rows, columns, number)`, `subplot(211)` or a part of a grid, `gs[0, 1]`")
    };
    let grid = |p: &mut Pictures, k: usize| p.grid_in(k, figure);
    match given.as_slice() {
        [] => Ok(Some((
            1,
            1,
            Cell {
                rows: 0..1,
                cols: 0..1,
            },
            None,
        ))),
        [one] => match p.pic_of(&one.value) {
            Some(Pic::Spec(k, cell)) => {
                let at = grid(p, k);
                Ok(Some((0, 0, cell, Some(at))))
            }
            Some(Pic::Grid(_)) => {
                Err(wrong(one, "a part of the grid is meant, not all of it").into())
            }
            _ => match one.value.as_i64() {
                Some(n @ 111..=999) => numbered(
                    call,
                    one,
                    (n / 100) as usize,
                    (n / 10 % 10) as usize,
                    (n % 10, n % 10),
                ),
                _ => Err(wrong(one, "this is no place for axes").into()),
            },
        },
        [rows, cols, k] => {
            let whole = |v: &Spanned<Value>| {
                v.value
                    .as_i64()
                    .and_then(|x| usize::try_from(x).ok())
                    .filter(|x| (1..=1000).contains(x))
                    .ok_or_else(|| wrong(v, "rows and columns are whole numbers from 1"))
            };
            let (r, c) = (whole(rows)?, whole(cols)?);
            let ends = match k.value.as_sequence() {
                Some([a, b]) => a.as_i64().zip(b.as_i64()),
                _ => k.value.as_i64().map(|x| (x, x)),
            };
            match ends {
                Some(ends) => numbered(call, k, r, c, ends),
                None => Err(wrong(k, "the number of axes is a whole number").into()),
            }
        }
        [.., last] => Err(wrong(last, "one or three arguments say where axes are").into()),
    }
}

/// Rows and columns, the part of them, and the grid if it is one of the script; `None` if it is not known.
type Numbered = Option<(usize, usize, Cell, Option<usize>)>;

fn numbered(
    call: &Call,
    v: &Spanned<Value>,
    rows: usize,
    cols: usize,
    (first, last): (i64, i64),
) -> Told<Numbered> {
    let n = (rows * cols) as i64;
    if rows == 0 || cols == 0 || first < 1 || last > n || last < first {
        return Err(Diagnostic::error(
            "index-out-of-range",
            v.span,
            format!(
                "{}: there is no {first} in {rows} × {cols} axes: they are numbered from 1 to {n}",
                call.function
            ),
        )
        .into());
    }
    let (a, b) = ((first - 1) as usize, (last - 1) as usize);
    Ok(Some((
        rows,
        cols,
        Cell {
            rows: a / cols..b / cols + 1,
            cols: (a % cols).min(b % cols)..(a % cols).max(b % cols) + 1,
        },
        None,
    )))
}

/// `fig.add_subplot(spec)`, `fig.add_subplot(rows, cols, k)`
pub(super) fn add_subplot(
    p: &mut Pictures,
    figure: usize,
    args: &CallArgs,
    name: &str,
) -> Told<Value> {
    let call = Call::bind(args, name, &[Param::rest("args")], &[NEW])?;
    let Some((rows, cols, cell, grid)) = place(p, figure, &call)? else {
        return Ok(Value::Unknown(None));
    };
    let Some(f) = p.figure(figure) else {
        return Ok(Value::None);
    };
    let axes = match grid {
        Some(k) => f.add_axes(Place::Cell(k, cell)),
        None => f.subplot(rows, cols, cell, false),
    };
    let at = At { figure, axes };
    adorn(p, at, &call)?;
    Ok(p.refer(Pic::Axes(at)))
}

/// `fig.add_axes([left, bottom, width, height])`
pub(super) fn add_axes(
    p: &mut Pictures,
    figure: usize,
    args: &CallArgs,
    name: &str,
) -> Told<Value> {
    let call = Call::bind(args, name, &[Param::required("rect")], &[NEW])?;
    if args.has_unknown() {
        return Ok(Value::Unknown(None));
    }
    let r = call.list("rect")?;
    let Some([x, y, w, h]) = r.as_deref() else {
        return Err(call.wrong("rect", "four numbers: left, bottom, width, height"));
    };
    let place = Place::At(Rect::of_size(*x, *y, *w, *h));
    let axes = p.figure(figure).map_or(0, |f| f.add_axes(place));
    let at = At { figure, axes };
    adorn(p, at, &call)?;
    Ok(p.refer(Pic::Axes(at)))
}

/// Keywords of `subplots`.
pub(super) const SUBPLOTS: &[&str] = &[
    "sharex",
    "sharey",
    "squeeze",
    "width_ratios",
    "height_ratios",
    "gridspec_kw",
    "subplot_kw",
];

/// `fig.subplots(rows, cols)`
pub(super) fn subplots(
    p: &mut Pictures,
    figure: usize,
    args: &CallArgs,
    name: &str,
) -> Told<Value> {
    let call = Call::bind(
        args,
        name,
        &[Param::optional("nrows"), Param::optional("ncols")],
        &[SUBPLOTS],
    )?;
    make(p, figure, &call)
}

/// `gs.subplots()`
pub(super) fn subplots_in(
    p: &mut Pictures,
    figure: usize,
    k: usize,
    args: &CallArgs,
    name: &str,
) -> Told<Value> {
    let call = Call::bind(
        args,
        name,
        &[],
        &[&["sharex", "sharey", "squeeze", "subplot_kw"]],
    )?;
    let at = p.grid_in(k, figure);
    let (rows, cols) = p
        .grids
        .get(k)
        .map_or((1, 1), |g| (g.grid.rows, g.grid.cols));
    fill(p, figure, at, rows, cols, &call)
}

/// A grid of axes in all its cells.
pub(super) fn make(p: &mut Pictures, figure: usize, call: &Call) -> Told<Value> {
    let n = |name: &'static str| -> Told<Option<usize>> {
        match call.bound.given(name) {
            Some(v) if v.value.is_unknown() => Ok(None),
            _ => match call.count(&[name])? {
                Some(n) if !(1..=1000).contains(&n) => Err(call
                    .fail(
                        "wrong-value",
                        name,
                        format!("`{name}` must be from 1 to 1000, not {n}"),
                    )
                    .into()),
                other => Ok(Some(other.unwrap_or(1))),
            },
        }
    };
    let (Some(rows), Some(cols)) = (n("nrows")?, n("ncols")?) else {
        return Ok(Value::Unknown(None));
    };
    let mut grid = Grid::new(rows, cols);
    let ratios = |name: &'static str, n: usize| -> Told<Vec<f64>> {
        let mut found = call.list(name)?;
        if let Some(Value::Dict(d)) = call.bound.given("gridspec_kw").map(|v| &v.value)
            && let Some(v) = d.get(name)
        {
            found = super::read::nested(v).map(|n| n.0);
        }
        match found {
            Some(r) if r.len() != n => Err(call
                .fail(
                    "shape-mismatch",
                    if call.bound.given(name).is_some() {
                        name
                    } else {
                        "gridspec_kw"
                    },
                    format!("`{name}` has {} ratios for {n}", r.len()),
                )
                .into()),
            other => Ok(other.unwrap_or_default()),
        }
    };
    grid.width_ratios = ratios("width_ratios", cols)?;
    grid.height_ratios = ratios("height_ratios", rows)?;
    if let Some(v) = call.bound.given("gridspec_kw") {
        let Value::Dict(d) = &v.value else {
            return Err(call.wrong("gridspec_kw", "a dict such as {'wspace': 0.3}"));
        };
        for (key, value) in d {
            match DISTANCES.iter().position(|n| n == key) {
                Some(k) => {
                    if let Some(slot) = grid.own.get_mut(k) {
                        *slot = value.as_f64();
                    }
                }
                None if matches!(key.as_str(), "width_ratios" | "height_ratios") => {}
                None => {
                    return Err(call
                        .fail(
                            "unknown-argument",
                            "gridspec_kw",
                            format!("a grid has no `{key}`"),
                        )
                        .into());
                }
            }
        }
    }
    let Some(f) = p.figure(figure) else {
        return Ok(Value::None);
    };
    let k = f.add_grid(grid);
    fill(p, figure, k, rows, cols, call)
}

fn fill(
    p: &mut Pictures,
    figure: usize,
    grid: usize,
    rows: usize,
    cols: usize,
    call: &Call,
) -> Told<Value> {
    let share = |name: &'static str| -> Told<&'static str> {
        let Some(v) = call.bound.given(name) else {
            return Ok("none");
        };
        match (&v.value, v.value.as_text().map(dslsim_source::Text::as_str)) {
            (Value::Bool(true), _) | (_, Some("all")) => Ok("all"),
            (Value::Bool(false), _) | (_, Some("none")) => Ok("none"),
            (_, Some("row")) => Ok("row"),
            (_, Some("col")) => Ok("col"),
            _ if v.value.is_unknown() => Ok("none"),
            _ => Err(call.wrong(name, "True, False, 'row' or 'col'")),
        }
    };
    let (sharex, sharey) = (share("sharex")?, share("sharey")?);
    let mut all = Vec::new();
    for row in 0..rows {
        for col in 0..cols {
            let cell = Cell {
                rows: row..row + 1,
                cols: col..col + 1,
            };
            let axes = p
                .figure(figure)
                .map_or(0, |f| f.add_axes(Place::Cell(grid, cell)));
            let at = At { figure, axes };
            let first = |kind: &str| -> Option<usize> {
                let k = match kind {
                    "all" => 0,
                    "row" => row * cols,
                    "col" => col,
                    _ => return None,
                };
                all.get(k).map(|a: &At| a.axes)
            };
            let (x, y) = (first(sharex), first(sharey));
            if let Some(a) = p.axes(at) {
                a.x.shared = x;
                a.y.shared = y;
                // labels only where they are not repeated beside or below
                if matches!(sharex, "all" | "col") && row + 1 < rows {
                    a.x.style.labels.0 = false;
                }
                if matches!(sharey, "all" | "row") && col > 0 {
                    a.y.style.labels.0 = false;
                }
            }
            all.push(at);
        }
    }
    // pyplot leaves the last axes current
    if let Some(f) = p.figure(figure) {
        f.current = all.last().map(|a| a.axes);
    }
    let squeeze = call.flag("squeeze")?.unwrap_or(true);
    if let ([one], true) = (all.as_slice(), squeeze) {
        let one = *one;
        return Ok(p.refer(Pic::Axes(one)));
    }
    let shape = if !squeeze || (rows > 1 && cols > 1) {
        (rows, cols)
    } else {
        (1, rows * cols)
    };
    Ok(p.refer(Pic::AxesGrid(shape.0, shape.1, all)))
}

/// `tight_layout(pad=1.08)`
pub(super) fn tight_layout(
    p: &mut Pictures,
    figure: usize,
    args: &CallArgs,
    name: &str,
) -> Told<Value> {
    let call = Call::bind(
        args,
        name,
        &[Param::optional("tight")],
        &[&["pad", "h_pad", "w_pad", "rect"]],
    )?;
    let pad = call.number(&["pad"])?.unwrap_or(1.08);
    let (h, w) = (call.number(&["h_pad"])?, call.number(&["w_pad"])?);
    let off = call.flag("tight")? == Some(false);
    if let Some(f) = p.figure(figure) {
        f.tight = (!off).then_some((pad, h, w));
    }
    Ok(Value::None)
}

/// `subplots_adjust(left=, …)`
pub(super) fn subplots_adjust(
    p: &mut Pictures,
    figure: usize,
    args: &CallArgs,
    name: &str,
) -> Told<Value> {
    let params = ["left", "bottom", "right", "top", "wspace", "hspace"].map(Param::optional);
    let call = Call::bind(args, name, &params, &[])?;
    let get = |n: &'static str| call.number(&[n]);
    let (left, right, bottom, top) = (get("left")?, get("right")?, get("bottom")?, get("top")?);
    let (wspace, hspace) = (get("wspace")?, get("hspace")?);
    let Some(f) = p.figure(figure) else {
        return Ok(Value::None);
    };
    // set after a tight layout, the rest of that is kept
    let old = if f.tight.is_some() {
        dslsim_plot::draw::margins(f)
    } else {
        f.margins
    };
    let new = Margins {
        left: left.unwrap_or(old.left),
        right: right.unwrap_or(old.right),
        bottom: bottom.unwrap_or(old.bottom),
        top: top.unwrap_or(old.top),
        wspace: wspace.unwrap_or(old.wspace),
        hspace: hspace.unwrap_or(old.hspace),
    };
    for (low, high, l, h) in [
        (new.left, new.right, "left", "right"),
        (new.bottom, new.top, "bottom", "top"),
    ] {
        if low >= high {
            return Err(Diagnostic::error(
                "wrong-value",
                args.span,
                format!("{name}: `{l}` ({low}) must be less than `{h}` ({high})"),
            )
            .into());
        }
    }
    f.margins = new;
    f.tight = None;
    Ok(Value::None)
}

/// `gca()`
pub(super) fn gca(p: &mut Pictures, figure: usize, args: &CallArgs, name: &str) -> Told<Value> {
    args.bind(name, &[])?;
    let axes = p.figure(figure).map_or(0, dslsim_plot::Figure::gca);
    Ok(p.refer(Pic::Axes(At { figure, axes })))
}

fn axes_of(p: &Pictures, call: &Call) -> Told<Option<At>> {
    let Some(v) = call.bound.given("ax") else {
        return Ok(None);
    };
    match p.pic_of(&v.value) {
        Some(Pic::Axes(at) | Pic::ColorBar(at)) => Ok(Some(at)),
        _ if v.value.is_unknown() => Ok(None),
        _ => Err(call.wrong("ax", "axes")),
    }
}

/// `sca(ax)`
pub(super) fn sca(p: &mut Pictures, _: usize, args: &CallArgs, name: &str) -> Told<Value> {
    let call = Call::bind(args, name, &[Param::required("ax")], &[])?;
    if let Some(at) = axes_of(p, &call)? {
        p.current = Some(at.figure);
        if let Some(f) = p.figure(at.figure) {
            f.current = Some(at.axes);
        }
    }
    Ok(Value::None)
}

/// `delaxes(ax)`
pub(super) fn delaxes(p: &mut Pictures, figure: usize, args: &CallArgs, name: &str) -> Told<Value> {
    let call = Call::bind(args, name, &[Param::optional("ax")], &[])?;
    let at = match axes_of(p, &call)? {
        Some(at) => at,
        None => At {
            figure,
            axes: p.figure(figure).and_then(|f| f.current).unwrap_or(0),
        },
    };
    super::axes::remove(p, at, &CallArgs::none(args.span), "remove")
}

/// `clf()`, `fig.clear()`
pub(super) fn clear(p: &mut Pictures, figure: usize, args: &CallArgs, name: &str) -> Told<Value> {
    args.bind(name, &[Param::optional("keep_observers")])?;
    if let Some(f) = p.figure(figure) {
        // handles of the axes stay valid, but show nothing any more
        for axes in &mut f.axes {
            axes.visible = false;
        }
        f.texts.clear();
        f.suptitle = None;
        f.suplabels = (None, None);
        f.current = None;
        f.tight = None;
    }
    Ok(Value::None)
}

/// `fig.set_size_inches(w, h)`, `fig.set_figwidth(w)`
pub(super) fn set_size(
    p: &mut Pictures,
    figure: usize,
    args: &CallArgs,
    name: &str,
) -> Told<Value> {
    let call = Call::bind(
        args,
        name,
        &[Param::required("w"), Param::optional("h")],
        &[&["forward"]],
    )?;
    let w = call.list("w")?.unwrap_or_default();
    let h = call.number(&["h"])?;
    let Some(f) = p.figure(figure) else {
        return Ok(Value::None);
    };
    match (name, w.as_slice(), h) {
        ("set_figwidth", [w], _) => f.size.0 = *w,
        ("set_figheight", [h], _) => f.size.1 = *h,
        (_, [w], Some(h)) => f.size = (*w, h),
        (_, [w, h], None) => f.size = (*w, *h),
        (_, [], _) => {}
        _ => return Err(call.wrong("w", "width and height in inches")),
    }
    Ok(Value::None)
}

/// `fig.set_dpi(dpi)`
pub(super) fn set_dpi(p: &mut Pictures, figure: usize, args: &CallArgs, name: &str) -> Told<Value> {
    let call = Call::bind(args, name, &[Param::required("val")], &[])?;
    let dpi = call.number(&["val"])?;
    if let (Some(f), Some(dpi)) = (p.figure(figure), dpi) {
        f.dpi = dpi;
    }
    Ok(Value::None)
}

/// `fig.set_facecolor(c)`
pub(super) fn facecolor(
    p: &mut Pictures,
    figure: usize,
    args: &CallArgs,
    name: &str,
) -> Told<Value> {
    let call = Call::bind(args, name, &[Param::required("color")], &[])?;
    let c: Option<Rgba> = call.color(&["color"])?;
    if let (Some(f), Some(c)) = (p.figure(figure), c) {
        f.face = c;
    }
    Ok(Value::None)
}

/// `fig.get_axes()`
pub(super) fn get_axes(
    p: &mut Pictures,
    figure: usize,
    args: &CallArgs,
    name: &str,
) -> Told<Value> {
    args.bind(name, &[])?;
    Ok(p.all_axes(figure))
}

/// What has no effect here.
pub(super) fn nothing(_: &mut Pictures, _: usize, args: &CallArgs, name: &str) -> Told<Value> {
    args.bind(name, &[Param::rest("args"), Param::named_rest("keywords")])?;
    Ok(Value::None)
}

impl Pictures {
    /// All axes of a figure, in a list.
    pub(super) fn all_axes(&mut self, figure: usize) -> Value {
        let all: Vec<usize> = self.figures.get(figure).map_or_else(Vec::new, |f| {
            f.axes
                .iter()
                .enumerate()
                .filter(|(_, a)| a.visible)
                .map(|(k, _)| k)
                .collect()
        });
        Value::List(
            all.into_iter()
                .map(|axes| self.refer(Pic::Axes(At { figure, axes })))
                .collect(),
        )
    }
}
