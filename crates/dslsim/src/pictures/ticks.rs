//! Ticks, their labels, and lines across.

use dslsim_plot::axes::{Axis, GridLines, TickPlaces};
use dslsim_script::{Array, CallArgs, Param, Value};
use dslsim_units::Dim;

use super::read::{Call, Told, formulas, strings};
use super::words::TEXT;
use super::{At, Pic, Pictures};

/// `xticks(places, labels)`, `ax.set_xticks(places)`; without arguments, the ticks
pub(super) fn ticks(p: &mut Pictures, at: At, args: &CallArgs, name: &str) -> Told<Value> {
    let horizontal = name.contains('x');
    let call = Call::bind(
        args,
        name,
        &[Param::optional("ticks"), Param::optional("labels")],
        &[TEXT, &["minor"]],
    )?;
    let places = match call.data("ticks")? {
        Some(d) if d.names.is_some() => return Err(call.wrong("ticks", "numbers")),
        other => other,
    };
    let labels = labels(&call)?;
    let (rotation, size) = (call.rotation()?, call.size(&["fontsize", "size"], 10.0)?);
    let (ha, color) = (call.halign()?, call.color(&["color", "c"])?);
    let minor = call.flag("minor")?.unwrap_or(false);
    if let Some(axis) = p.axis(at, horizontal) {
        if let Some(d) = places.filter(|d| !d.unknown) {
            if let Some(l) = &labels
                && l.len() != d.len()
            {
                return Err(call
                    .fail(
                        "shape-mismatch",
                        "labels",
                        format!("{} labels for {} ticks", l.len(), d.len()),
                    )
                    .into());
            }
            if minor {
                axis.minor = Some(TickPlaces::At(d.values));
            } else {
                axis.ticks = TickPlaces::At(d.values);
                axis.labels = None;
                if axis.scale == dslsim_plot::axes::Scale::Log {
                    axis.minor.get_or_insert(TickPlaces::At(Vec::new()));
                }
            }
        }
        if labels.is_some() && !minor {
            axis.labels = labels;
        }
        looks(axis, rotation, size);
        if ha.is_some() {
            axis.style.ha = ha;
        }
        if let Some(c) = color {
            axis.style.label_color = c;
        }
    }
    // ticks within the data widen the limits in matplotlib
    widen(p, at, horizontal);
    if name.starts_with("set") {
        return Ok(Value::None);
    }
    let places = get(p, at, &CallArgs::none(args.span), name)?;
    Ok(Value::Tuple(vec![places, Value::List(Vec::new())]))
}

/// Limits go at least as far as the ticks that are set.
fn widen(p: &mut Pictures, at: At, horizontal: bool) {
    let Some(axis) = p.axis(at, horizontal) else {
        return;
    };
    let TickPlaces::At(places) = &axis.ticks else {
        return;
    };
    let low = places.iter().copied().fold(f64::INFINITY, f64::min);
    let high = places.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if low > high {
        return;
    }
    let Some(view) = p.view(at) else { return };
    let range = if horizontal { view.x } else { view.y };
    let has_data = p
        .axes(at)
        .is_some_and(|a| !a.artists.is_empty() || a.bar.is_some());
    if let Some(axis) = p.ruling(at, horizontal) {
        let fixed = axis.limits != (None, None);
        if !has_data && !fixed {
            return;
        }
        if range.low <= range.high {
            if low < range.low {
                axis.limits.0 = Some(low);
            }
            if high > range.high {
                axis.limits.1 = Some(high);
            }
        } else {
            if high > range.low {
                axis.limits.0 = Some(high);
            }
            if low < range.high {
                axis.limits.1 = Some(low);
            }
        }
    }
}

fn labels(call: &Call) -> Told<Option<Vec<String>>> {
    let Some(v) = call.bound.given("labels") else {
        return Ok(None);
    };
    if v.value.is_unknown() {
        return Ok(None);
    }
    if let Some(parts) = v.value.as_sequence() {
        let texts: Option<Vec<_>> = parts
            .iter()
            .map(|x| super::read::as_text(&dslsim_script::Spanned::new(x.clone(), v.span)))
            .collect();
        let Some(texts) = texts else {
            return Err(call.wrong("labels", "a list of strings"));
        };
        for text in &texts {
            formulas(text)?;
        }
        return Ok(Some(texts.iter().map(|t| t.as_str().to_owned()).collect()));
    }
    if let Value::Array(a) = &v.value {
        return Ok(Some(
            (0..a.len())
                .map(|k| match a.get(k) {
                    Value::Int(x) => x.to_string(),
                    other => other.as_f64().map_or_else(String::new, |x| x.to_string()),
                })
                .collect(),
        ));
    }
    strings(&v.value)
        .map(Some)
        .ok_or_else(|| call.wrong("labels", "a list of strings"))
}

fn looks(axis: &mut Axis, rotation: Option<f64>, size: Option<f64>) {
    if let Some(r) = rotation {
        axis.style.rotation = r;
    }
    if let Some(s) = size {
        axis.style.size = s;
    }
}

/// `ax.set_xticklabels(labels)`
pub(super) fn tick_labels(p: &mut Pictures, at: At, args: &CallArgs, name: &str) -> Told<Value> {
    let horizontal = name.contains('x');
    let call = Call::bind(
        args,
        name,
        &[Param::required("labels")],
        &[TEXT, &["minor"]],
    )?;
    let labels = labels(&call)?;
    let (rotation, size) = (call.rotation()?, call.size(&["fontsize", "size"], 10.0)?);
    let (ha, color) = (call.halign()?, call.color(&["color", "c"])?);
    if let Some(axis) = p.axis(at, horizontal) {
        if let (Some(l), TickPlaces::At(places)) = (&labels, &axis.ticks)
            && !l.is_empty()
            && l.len() != places.len()
        {
            return Err(call
                .fail(
                    "shape-mismatch",
                    "labels",
                    format!("{} labels for {} ticks", l.len(), places.len()),
                )
                .into());
        }
        axis.labels = labels;
        looks(axis, rotation, size);
        if ha.is_some() {
            axis.style.ha = ha;
        }
        if let Some(c) = color {
            axis.style.label_color = c;
        }
    }
    Ok(Value::None)
}

/// `ax.get_xticks()`
pub(super) fn get(p: &mut Pictures, at: At, args: &CallArgs, name: &str) -> Told<Value> {
    let horizontal = name.contains('x');
    args.bind(name, &[])?;
    let Some(view) = p.view(at) else {
        return Ok(Value::None);
    };
    let (range, length) = if horizontal {
        (view.x, view.rect.width())
    } else {
        (view.y, view.rect.height())
    };
    let Some(axis) = p.axis(at, horizontal) else {
        return Ok(Value::None);
    };
    let places = match &axis.ticks {
        TickPlaces::At(at) => at.clone(),
        TickPlaces::Auto => {
            let (low, high) = range.sorted();
            let room = dslsim_plot::ticks::room(length, axis.style.size, horizontal);
            if range.log {
                dslsim_plot::ticks::log_major(low, high, room)
            } else {
                dslsim_plot::ticks::places(low, high, room.max(1))
            }
        }
    };
    if p.check {
        return Ok(Value::Unknown(Some(Dim::NONE)));
    }
    Ok(Value::Array(Array::vector(places, Dim::NONE)))
}

/// `grid(True)`
pub(super) fn grid(p: &mut Pictures, at: At, args: &CallArgs, name: &str) -> Told<Value> {
    let call = Call::bind(
        args,
        name,
        &[
            Param::optional("visible"),
            Param::optional("which"),
            Param::optional("axis"),
        ],
        &[&[
            "color",
            "c",
            "linestyle",
            "ls",
            "linewidth",
            "lw",
            "alpha",
            "zorder",
        ]],
    )?;
    let visible = call.flag("visible")?;
    let minor = call
        .word(
            &["which"],
            "kind of ticks",
            &["major", "minor", "both"],
            |w| matches!(w, "major" | "minor" | "both").then_some(w != "major"),
        )?
        .unwrap_or(false);
    let (x, y) = sides(&call)?;
    let mut lines = GridLines {
        minor,
        ..GridLines::default()
    };
    if let Some(c) = call.color(&["color", "c"])? {
        lines.color = c;
    }
    lines.color = lines.color.with_alpha(call.alpha()?);
    if let Some(w) = call.number(&["linewidth", "lw"])? {
        lines.width = w;
    }
    if let Some(d) = call.dash()? {
        lines.dash = d;
    }
    let looks = call
        .any(&["color", "c", "linestyle", "ls", "linewidth", "lw", "alpha"])
        .is_some();
    for (wanted, horizontal) in [(x, true), (y, false)] {
        if wanted && let Some(axis) = p.axis(at, horizontal) {
            let on = visible.unwrap_or(looks || axis.grid.is_none());
            axis.grid = on.then(|| lines.clone());
        }
    }
    Ok(Value::None)
}

fn sides(call: &Call) -> Told<(bool, bool)> {
    Ok(call
        .word(&["axis"], "axis", &["both", "x", "y"], |w| match w {
            "both" => Some((true, true)),
            "x" => Some((true, false)),
            "y" => Some((false, true)),
            _ => None,
        })?
        .unwrap_or((true, true)))
}

/// `tick_params(axis='both', labelsize=, …)`
pub(super) fn tick_params(p: &mut Pictures, at: At, args: &CallArgs, name: &str) -> Told<Value> {
    let call = Call::bind(
        args,
        name,
        &[Param::optional("axis")],
        &[&[
            "which",
            "direction",
            "length",
            "width",
            "color",
            "colors",
            "pad",
            "labelsize",
            "labelcolor",
            "labelrotation",
            "rotation",
            "bottom",
            "top",
            "left",
            "right",
            "labelbottom",
            "labeltop",
            "labelleft",
            "labelright",
            "reset",
            "zorder",
        ]],
    )?;
    let (x, y) = sides(&call)?;
    let which = call
        .word(
            &["which"],
            "kind of ticks",
            &["major", "minor", "both"],
            |w| match w {
                "major" => Some((true, false)),
                "minor" => Some((false, true)),
                "both" => Some((true, true)),
                _ => None,
            },
        )?
        .unwrap_or((true, false));
    let direction = call.word(
        &["direction"],
        "direction",
        &["in", "out", "inout"],
        |w| match w {
            "out" => Some((1.0, 0.0)),
            "in" => Some((0.0, 1.0)),
            "inout" => Some((0.5, 0.5)),
            _ => None,
        },
    )?;
    let (length, width) = (call.number(&["length"])?, call.number(&["width"])?);
    let pad = call.number(&["pad"])?;
    let size = call.size(&["labelsize"], 10.0)?;
    let color = call.color(&["color", "colors"])?;
    let label_color = call.color(&["labelcolor", "colors"])?;
    let rotation = match call.number(&["labelrotation"])? {
        Some(r) => Some(r),
        None => call.rotation()?,
    };
    for (wanted, horizontal) in [(x, true), (y, false)] {
        let names = if horizontal {
            ["bottom", "top", "labelbottom", "labeltop"]
        } else {
            ["left", "right", "labelleft", "labelright"]
        };
        let mut shown = [None; 4];
        for (slot, name) in shown.iter_mut().zip(names) {
            *slot = call.flag(name)?;
        }
        let Some(axis) = p.axis(at, horizontal).filter(|_| wanted) else {
            continue;
        };
        let style = &mut axis.style;
        let set = |slot: &mut (f64, f64), x: Option<f64>| {
            if let Some(x) = x {
                if which.0 {
                    slot.0 = x;
                }
                if which.1 {
                    slot.1 = x;
                }
            }
        };
        set(&mut style.length, length);
        set(&mut style.width, width);
        if let Some(d) = direction {
            style.direction = d;
        }
        if let Some(x) = pad {
            style.pad = x;
        }
        if let Some(c) = color {
            style.color = c;
        }
        if let Some(c) = label_color {
            style.label_color = c;
        }
        looks(axis, rotation, size);
        let style = &mut axis.style;
        let [a, b, c, d] = shown;
        style.sides = (a.unwrap_or(style.sides.0), b.unwrap_or(style.sides.1));
        style.labels = (c.unwrap_or(style.labels.0), d.unwrap_or(style.labels.1));
    }
    Ok(Value::None)
}

/// `minorticks_on()`: four between each two ticks
pub(super) fn minor(p: &mut Pictures, at: At, args: &CallArgs, name: &str) -> Told<Value> {
    args.bind(name, &[])?;
    for horizontal in [true, false] {
        let Some(view) = p.view(at) else { continue };
        let (range, length) = if horizontal {
            (view.x, view.rect.width())
        } else {
            (view.y, view.rect.height())
        };
        let Some(axis) = p.axis(at, horizontal) else {
            continue;
        };
        if name == "minorticks_off" {
            axis.minor = Some(TickPlaces::At(Vec::new()));
            continue;
        }
        if range.log {
            axis.minor = None;
            continue;
        }
        let (low, high) = range.sorted();
        let room = dslsim_plot::ticks::room(length, axis.style.size, horizontal);
        let major = dslsim_plot::ticks::places(low, high, room.max(1));
        let step = match major.as_slice() {
            [a, b, ..] => b - a,
            _ => continue,
        };
        let leading = step / 10_f64.powf(step.log10().floor());
        // steps of 1, 2.5, 5 and 10 are divided by five, others by four
        let parts = if [1.0, 2.5, 5.0, 10.0]
            .iter()
            .any(|x| (leading - x).abs() < 1e-9)
        {
            5
        } else {
            4
        };
        let each = step / f64::from(parts);
        let places = major
            .iter()
            .flat_map(|t| (1..parts).map(move |k| t + each * f64::from(k)))
            .collect();
        axis.minor = Some(TickPlaces::At(places));
    }
    Ok(Value::None)
}

/// `ticklabel_format(…)`, `locator_params(nbins=)`: the number of ticks
pub(super) fn ticklabel_format(
    p: &mut Pictures,
    at: At,
    args: &CallArgs,
    name: &str,
) -> Told<Value> {
    let call = Call::bind(
        args,
        name,
        &[Param::optional("axis")],
        &[&[
            "style",
            "scilimits",
            "useOffset",
            "useMathText",
            "nbins",
            "tight",
        ]],
    )?;
    let (x, y) = sides(&call)?;
    let n = call.count(&["nbins"])?;
    for (wanted, horizontal) in [(x, true), (y, false)] {
        let Some(view) = p.view(at) else { continue };
        let range = if horizontal { view.x } else { view.y };
        if let (true, Some(n), Some(axis)) = (wanted, n, p.axis(at, horizontal)) {
            let (low, high) = range.sorted();
            axis.ticks = TickPlaces::At(
                dslsim_plot::ticks::places(low, high, n.max(1))
                    .into_iter()
                    .filter(|t| (low..=high).contains(t))
                    .collect(),
            );
        }
    }
    Ok(p.refer(Pic::Word))
}
