//! Functions of pylab that make or choose figures and axes.

use dslsim_plot::axes::Place;
use dslsim_plot::geometry::Rect;
use dslsim_plot::grid::Cell;
use dslsim_script::{CallArgs, Param, Value};

use super::figures::{NEW, SUBPLOTS, adorn, make, place};
use super::read::{Call, Told};
use super::{At, Pic, Pictures};

/// Keywords of new figures.
const FIGURE: &[&str] = &[
    "figsize",
    "dpi",
    "facecolor",
    "edgecolor",
    "frameon",
    "clear",
    "tight_layout",
    "constrained_layout",
    "layout",
    "num",
];

/// Inches, or centimetres and other lengths with a unit.
fn size(call: &Call) -> Told<Option<(f64, f64)>> {
    let Some((w, h)) = call.pair("figsize")? else {
        return Ok(None);
    };
    if !(w > 0.0 && h > 0.0 && w < 1000.0 && h < 1000.0) {
        return Err(call
            .fail(
                "wrong-value",
                "figsize",
                format!("a figure of {w} by {h} inches cannot be drawn"),
            )
            .into());
    }
    Ok(Some((w, h)))
}

fn new(p: &mut Pictures, call: &Call, number: Option<i64>) -> Told<usize> {
    let size = size(call)?;
    let dpi = call.number(&["dpi"])?;
    let tight = call.flag("tight_layout")?.unwrap_or(false)
        || call.flag("constrained_layout")?.unwrap_or(false)
        || call
            .word(
                &["layout"],
                "layout",
                &["tight", "constrained", "compressed", "none"],
                |w| {
                    matches!(w, "tight" | "constrained" | "compressed" | "none")
                        .then_some(w != "none")
                },
            )?
            .unwrap_or(false);
    let face = call.color(&["facecolor"])?;
    let k = p.new_figure(number, size, dpi);
    if let Some(f) = p.figure(k) {
        if tight {
            f.tight = Some((1.08, None, None));
        }
        if let Some(c) = face {
            f.face = c;
        }
    }
    Ok(k)
}

/// `figure(num, figsize=, dpi=)`
pub(super) fn figure(p: &mut Pictures, args: &CallArgs, name: &str) -> Told<Value> {
    let keywords: Vec<&'static str> = FIGURE
        .iter()
        .copied()
        .filter(|n| *n != "num" && *n != "figsize" && *n != "dpi")
        .collect();
    let call = Call::bind(
        args,
        name,
        &[
            Param::optional("num"),
            Param::optional("figsize"),
            Param::optional("dpi"),
        ],
        &[&keywords],
    )?;
    let number = call.bound.given("num").and_then(|v| v.value.as_i64());
    let existing = number.and_then(|n| p.numbers.iter().position(|m| *m == Some(n)));
    let k = match existing {
        Some(k) => {
            p.current = Some(k);
            k
        }
        None => new(p, &call, number)?,
    };
    Ok(p.refer(Pic::Figure(k)))
}

/// `subplots(rows, cols, figsize=, …)`
pub(super) fn subplots(p: &mut Pictures, args: &CallArgs, name: &str) -> Told<Value> {
    let call = Call::bind(
        args,
        name,
        &[Param::optional("nrows"), Param::optional("ncols")],
        &[SUBPLOTS, FIGURE],
    )?;
    let k = new(p, &call, None)?;
    let axes = make(p, k, &call)?;
    let figure = p.refer(Pic::Figure(k));
    Ok(Value::Tuple(vec![figure, axes]))
}

/// `subplot(rows, cols, k)`, `subplot(211)`, `subplot(gs[0, 1])`
pub(super) fn subplot(p: &mut Pictures, args: &CallArgs, name: &str) -> Told<Value> {
    let call = Call::bind(args, name, &[Param::rest("args")], &[NEW])?;
    let figure = p.gcf();
    let Some((rows, cols, cell, grid)) = place(p, figure, &call)? else {
        return Ok(Value::Unknown(None));
    };
    let Some(f) = p.figure(figure) else {
        return Ok(Value::None);
    };
    let axes = match grid {
        Some(k) => {
            let place = Place::Cell(k, cell);
            match f.axes.iter().position(|a| a.visible && a.place == place) {
                Some(k) => {
                    f.current = Some(k);
                    k
                }
                None => f.add_axes(place),
            }
        }
        None => f.subplot(rows, cols, cell, true),
    };
    let at = At { figure, axes };
    adorn(p, at, &call)?;
    Ok(p.refer(Pic::Axes(at)))
}

/// `subplot2grid((rows, cols), (row, col), rowspan=1, colspan=1)`
pub(super) fn subplot2grid(p: &mut Pictures, args: &CallArgs, name: &str) -> Told<Value> {
    let call = Call::bind(
        args,
        name,
        &[
            Param::required("shape"),
            Param::required("loc"),
            Param::optional("rowspan"),
            Param::optional("colspan"),
        ],
        &[NEW],
    )?;
    let (Some((rows, cols)), Some((row, col))) = (call.pair("shape")?, call.pair("loc")?) else {
        return Ok(Value::Unknown(None));
    };
    let (rows, cols) = (rows.max(1.0) as usize, cols.max(1.0) as usize);
    let (row, col) = (row.max(0.0) as usize, col.max(0.0) as usize);
    let (down, across) = (
        call.count(&["rowspan"])?.unwrap_or(1).max(1),
        call.count(&["colspan"])?.unwrap_or(1).max(1),
    );
    if row + down > rows || col + across > cols {
        return Err(call
            .fail(
                "index-out-of-range",
                "loc",
                format!("this is outside of {rows} × {cols} axes"),
            )
            .into());
    }
    let figure = p.gcf();
    let cell = Cell {
        rows: row..row + down,
        cols: col..col + across,
    };
    let axes = p
        .figure(figure)
        .map_or(0, |f| f.subplot(rows, cols, cell, true));
    let at = At { figure, axes };
    adorn(p, at, &call)?;
    Ok(p.refer(Pic::Axes(at)))
}

/// `axes([left, bottom, width, height])`
pub(super) fn axes(p: &mut Pictures, args: &CallArgs, name: &str) -> Told<Value> {
    let call = Call::bind(args, name, &[Param::optional("arg")], &[NEW])?;
    let figure = p.gcf();
    let axes = match call.bound.given("arg") {
        None => p.figure(figure).map_or(0, |f| {
            f.subplot(
                1,
                1,
                Cell {
                    rows: 0..1,
                    cols: 0..1,
                },
                false,
            )
        }),
        Some(v) => {
            if let Some(Pic::Axes(at)) = p.pic_of(&v.value) {
                p.current = Some(at.figure);
                if let Some(f) = p.figure(at.figure) {
                    f.current = Some(at.axes);
                }
                return Ok(v.value.clone());
            }
            if v.value.is_unknown() {
                return Ok(Value::Unknown(None));
            }
            let r = call.list("arg")?;
            let Some([x, y, w, h]) = r.as_deref() else {
                return Err(call.wrong("arg", "four numbers: left, bottom, width, height"));
            };
            let place = Place::At(Rect::of_size(*x, *y, *w, *h));
            p.figure(figure).map_or(0, |f| f.add_axes(place))
        }
    };
    let at = At { figure, axes };
    adorn(p, at, &call)?;
    Ok(p.refer(Pic::Axes(at)))
}

/// `gcf()`
pub(super) fn gcf(p: &mut Pictures, args: &CallArgs, name: &str) -> Told<Value> {
    args.bind(name, &[])?;
    let k = p.gcf();
    Ok(p.refer(Pic::Figure(k)))
}

/// `close()`, `close('all')`, `close(fig)`, `close(2)`
pub(super) fn close(p: &mut Pictures, args: &CallArgs, name: &str) -> Told<Value> {
    let call = Call::bind(args, name, &[Param::optional("fig")], &[])?;
    let which: Vec<usize> = match call.bound.given("fig") {
        None => p.current.into_iter().collect(),
        Some(v) => match (p.pic_of(&v.value), v.value.as_text(), v.value.as_i64()) {
            (Some(Pic::Figure(k)), ..) => vec![k],
            (_, Some(t), _) if t.as_str() == "all" => (0..p.figures.len()).collect(),
            (_, _, Some(n)) => p
                .numbers
                .iter()
                .position(|m| *m == Some(n))
                .into_iter()
                .collect(),
            _ if v.value.is_unknown() => Vec::new(),
            _ => return Err(call.wrong("fig", "a figure, its number, or 'all'")),
        },
    };
    for k in which {
        p.close(k);
    }
    Ok(Value::None)
}

/// What has no effect here.
pub(super) fn nothing(_: &mut Pictures, args: &CallArgs, name: &str) -> Told<Value> {
    args.bind(name, &[Param::rest("args")])?;
    Ok(Value::None)
}

impl Pictures {
    /// Forgets a figure as one that is open.
    pub(super) fn close(&mut self, k: usize) {
        if let Some(slot) = self.numbers.get_mut(k) {
            *slot = None;
        }
        if self.current == Some(k) {
            self.current = self.numbers.iter().rposition(Option::is_some);
        }
    }
}
