//! Methods of axes as a whole.

use dslsim_plot::axes::{Aspect, Place};
use dslsim_plot::geometry::Rect;
use dslsim_script::{CallArgs, Param, Spanned, Value};
use dslsim_source::{Diagnostic, Diagnostics, Text};

use super::read::{Call, Told};
use super::{At, Pic, Pictures, RENAMED};

/// `'equal'`, `'auto'` or a number.
pub(super) fn aspect_of(call: &Call, v: &Spanned<Value>) -> Told<Aspect> {
    match v.value.as_text().map(Text::as_str) {
        Some("equal") => Ok(Aspect::Box(1.0)),
        Some("auto") => Ok(Aspect::Auto),
        _ if v.value.is_unknown() => Ok(Aspect::Auto),
        _ => match v.value.as_f64().filter(|x| *x > 0.0) {
            Some(x) => Ok(Aspect::Box(x)),
            None => Err(call.wrong("aspect", "'equal', 'auto' or a positive number")),
        },
    }
}

/// `ax.set_aspect('equal')`, `ax.set_box_aspect(1)`
pub(super) fn aspect(p: &mut Pictures, at: At, args: &CallArgs, name: &str) -> Told<Value> {
    let call = Call::bind(
        args,
        name,
        &[
            Param::required("aspect"),
            Param::optional("adjustable"),
            Param::optional("anchor"),
        ],
        &[&["share"]],
    )?;
    if name == "set_box_aspect" {
        let x = call.number(&["aspect"])?;
        if let Some(axes) = p.axes(at) {
            axes.box_aspect = x.filter(|x| *x > 0.0);
        }
        return Ok(Value::None);
    }
    let limits = call.word(
        &["adjustable"],
        "adjustable",
        &["box", "datalim"],
        |w| match w {
            "box" => Some(false),
            "datalim" => Some(true),
            _ => None,
        },
    )?;
    let Some(v) = call.bound.given("aspect") else {
        return Ok(Value::None);
    };
    let aspect = match (aspect_of(&call, v)?, limits) {
        (Aspect::Box(x), Some(true)) => Aspect::Limits(x),
        (other, _) => other,
    };
    if let Some(axes) = p.axes(at) {
        axes.aspect = aspect;
    }
    Ok(Value::None)
}

/// `ax.set_axis_off()`, `ax.set_axis_on()`
pub(super) fn on_off(p: &mut Pictures, at: At, args: &CallArgs, name: &str) -> Told<Value> {
    args.bind(name, &[])?;
    if let Some(axes) = p.axes(at) {
        axes.on = name == "set_axis_on";
    }
    Ok(Value::None)
}

/// `box(False)`, `ax.set_frame_on(False)`
pub(super) fn frame(p: &mut Pictures, at: At, args: &CallArgs, name: &str) -> Told<Value> {
    let call = Call::bind(args, name, &[Param::optional("on")], &[])?;
    let on = call.flag("on")?;
    if let Some(axes) = p.axes(at) {
        let on = on.unwrap_or(!axes.spines.iter().any(|s| s.visible));
        for spine in &mut axes.spines {
            spine.visible = on;
        }
        if !on {
            axes.face = None;
        }
    }
    Ok(Value::None)
}

/// `ax.set(xlabel=…, xlim=…, …)`: each keyword is a method `set_…`
pub(super) fn set(p: &mut Pictures, at: At, args: &CallArgs, name: &str) -> Told<Value> {
    if let Some(first) = args.positional.first() {
        return Err(Diagnostic::error(
            "too-many-arguments",
            first.span,
            format!("{name} takes keywords only"),
        )
        .into());
    }
    let mut said = Diagnostics::new();
    for (key, value) in &args.named {
        let method = format!("set_{}", key.name);
        let one = CallArgs {
            positional: vec![value.clone()],
            named: Vec::new(),
            span: value.span,
        };
        if p.axes_method(at, &method).is_none() {
            let known: Vec<&str> = Pictures::axes_methods()
                .filter_map(|m| m.strip_prefix("set_"))
                .collect();
            said.push(
                Diagnostic::error(
                    "unknown-argument",
                    key.span,
                    format!("{name} has no argument `{}`", key.name),
                )
                .help_opt(
                    dslsim_script::nearest(&key.name, known)
                        .map(|n| format!("did you mean `{n}`?")),
                ),
            );
            continue;
        }
        if let Some(f) = p.axes_method(at, &method)
            && let Err(e) = f(p, at, &one, &method)
        {
            said.extend(e);
        }
    }
    if said.is_empty() {
        Ok(Value::None)
    } else {
        Err(said)
    }
}

/// `ax.set_facecolor(c)`
pub(super) fn facecolor(p: &mut Pictures, at: At, args: &CallArgs, name: &str) -> Told<Value> {
    let call = Call::bind(args, name, &[Param::required("color")], &[])?;
    let color = call.color(&["color"])?;
    if let (Some(axes), Some(c)) = (p.axes(at), color) {
        axes.face = Some(c);
    }
    Ok(Value::None)
}

/// `ax.set_visible(False)`
pub(super) fn visible(p: &mut Pictures, at: At, args: &CallArgs, name: &str) -> Told<Value> {
    let call = Call::bind(args, name, &[Param::required("b")], &[])?;
    let on = call.flag("b")?;
    if let Some(axes) = p.axes(at) {
        axes.visible = on.unwrap_or(true);
    }
    Ok(Value::None)
}

/// `ax.set_position([left, bottom, width, height])`
pub(super) fn position(p: &mut Pictures, at: At, args: &CallArgs, name: &str) -> Told<Value> {
    let call = Call::bind(args, name, &[Param::required("pos")], &[])?;
    if let Some(r) = call.list("pos")? {
        let [x, y, w, h] = r.as_slice() else {
            return Err(call.wrong("pos", "four numbers: left, bottom, width, height"));
        };
        if let Some(axes) = p.axes(at) {
            axes.place = Place::At(Rect::of_size(*x, *y, *w, *h));
        }
    }
    Ok(Value::None)
}

/// `cla()`, `ax.clear()`
pub(super) fn clear(p: &mut Pictures, at: At, args: &CallArgs, name: &str) -> Told<Value> {
    args.bind(name, &[])?;
    if let Some(figure) = p.figure(at.figure)
        && let Some(place) = figure.axes.get(at.axes).map(|a| a.place.clone())
    {
        let current = figure.current;
        let new = figure.add_axes(place);
        if let Some(fresh) = (new < figure.axes.len()).then(|| figure.axes.remove(new))
            && let Some(slot) = figure.axes.get_mut(at.axes)
        {
            *slot = fresh;
        }
        figure.current = current;
    }
    Ok(Value::None)
}

/// `ax.remove()`
pub(super) fn remove(p: &mut Pictures, at: At, args: &CallArgs, name: &str) -> Told<Value> {
    args.bind(name, &[])?;
    if let Some(figure) = p.figure(at.figure) {
        if let Some(axes) = figure.axes.get_mut(at.axes) {
            axes.visible = false;
        }
        if figure.current == Some(at.axes) {
            figure.current = figure.axes.iter().rposition(|a| a.visible);
        }
    }
    Ok(Value::None)
}

/// `twinx()`, `twiny()`
pub(super) fn twin(p: &mut Pictures, at: At, args: &CallArgs, name: &str) -> Told<Value> {
    Call::bind(args, name, &[Param::optional("ax")], &[])?;
    let Some(figure) = p.figure(at.figure) else {
        return Ok(Value::None);
    };
    let axes = figure.twin(at.axes, name == "twinx");
    Ok(p.refer(Pic::Axes(At { axes, ..at })))
}

/// `ax.sharex(other)`
pub(super) fn share(p: &mut Pictures, at: At, args: &CallArgs, name: &str) -> Told<Value> {
    let call = Call::bind(args, name, &[Param::required("other")], &[])?;
    let Some(Pic::Axes(other)) = call.bound.given("other").and_then(|v| p.pic_of(&v.value)) else {
        return Err(call.wrong("other", "axes"));
    };
    if other != at
        && other.figure == at.figure
        && let Some(axis) = p.axis(at, name == "sharex")
    {
        axis.shared = Some(other.axes);
    }
    Ok(Value::None)
}

/// `ax.get_figure()`
pub(super) fn get_figure(p: &mut Pictures, at: At, args: &CallArgs, name: &str) -> Told<Value> {
    args.bind(name, &[])?;
    Ok(p.refer(Pic::Figure(at.figure)))
}

/// `ax.get_legend()`
pub(super) fn get_legend(p: &mut Pictures, at: At, args: &CallArgs, name: &str) -> Told<Value> {
    args.bind(name, &[])?;
    Ok(match p.axes(at).map(|a| a.legend.is_some()) {
        Some(true) => p.refer(Pic::Legend(at)),
        _ => Value::None,
    })
}

/// `ax.get_subplotspec()`
pub(super) fn subplotspec(p: &mut Pictures, at: At, args: &CallArgs, name: &str) -> Told<Value> {
    args.bind(name, &[])?;
    let place = p.axes(at).map(|a| a.place.clone());
    if let Some(Place::Cell(grid, cell)) = place {
        let shared = p
            .grids
            .iter()
            .position(|g| g.used.contains(&(at.figure, grid)));
        if let Some(k) = shared {
            return Ok(p.refer(Pic::Spec(k, cell)));
        }
    }
    Ok(Value::None)
}

/// `ax.label_outer()`: tick labels and names only at the left and lower edge of the grid
pub(super) fn label_outer(p: &mut Pictures, at: At, args: &CallArgs, name: &str) -> Told<Value> {
    args.bind(name, &[])?;
    let Some(figure) = p.figure(at.figure) else {
        return Ok(Value::None);
    };
    let Some(Place::Cell(grid, cell)) = figure.axes.get(at.axes).map(|a| a.place.clone()) else {
        return Ok(Value::None);
    };
    let rows = figure.grids.get(grid).map_or(0, |g| g.rows);
    if let Some(axes) = figure.axes.get_mut(at.axes) {
        if cell.rows.end != rows {
            axes.x.style.labels.0 = false;
            axes.x.label = None;
        }
        if cell.cols.start != 0 {
            axes.y.style.labels.0 = false;
            axes.y.label = None;
        }
    }
    Ok(Value::None)
}

/// What has no effect here.
pub(super) fn nothing(_: &mut Pictures, _: At, args: &CallArgs, name: &str) -> Told<Value> {
    args.bind(name, &[Param::rest("args"), Param::named_rest("keywords")])?;
    Ok(Value::None)
}

impl Pictures {
    /// The names of all methods of axes.
    pub(super) fn axes_methods() -> impl Iterator<Item = &'static str> {
        super::DRAWING
            .iter()
            .map(|(n, _)| *n)
            .chain(RENAMED.iter().map(|(_, n, _)| *n))
            .chain(super::METHODS.iter().map(|(n, _)| *n))
    }

    /// A method of axes.
    pub(super) fn axes_method(&self, _: At, name: &str) -> Option<super::OnAxes> {
        super::DRAWING
            .iter()
            .find(|(n, _)| *n == name)
            .map(|(_, f)| *f)
            .or_else(|| {
                RENAMED
                    .iter()
                    .find(|(_, n, _)| *n == name)
                    .map(|(_, _, f)| *f)
            })
            .or_else(|| {
                super::METHODS
                    .iter()
                    .find(|(n, _)| *n == name)
                    .map(|(_, f)| *f)
            })
    }
}
