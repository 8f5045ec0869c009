//! Limits and scales of axes.

use dslsim_plot::axes::{Aspect, Scale};
use dslsim_plot::draw::{View, views};
use dslsim_script::{CallArgs, Param, Value};
use dslsim_source::{Diagnostic, Text};
use dslsim_units::Dim;

use super::read::{Call, Told, nested, unknown_word};
use super::{At, Pictures};

impl Pictures {
    /// Where axes are and what limits they have at the moment.
    pub(super) fn view(&self, at: At) -> Option<View> {
        views(self.figures.get(at.figure)?).get(at.axes).copied()
    }
}

/// `xlim(low, high)`, `xlim([low, high])`; without arguments, the limits
pub(super) fn limit(p: &mut Pictures, at: At, args: &CallArgs, name: &str) -> Told<Value> {
    let horizontal = name.contains('x');
    let [low, high, low2, high2] = if horizontal {
        ["left", "right", "xmin", "xmax"]
    } else {
        ["bottom", "top", "ymin", "ymax"]
    };
    let call = Call::bind(
        args,
        name,
        &[Param::optional(low), Param::optional(high)],
        &[&[low2, high2, "auto", "emit"]],
    )?;
    let unknown = args.has_unknown();
    let mut ends = (None, None);
    match call.bound.given(low) {
        Some(v)
            if v.value.as_sequence().is_some()
                || matches!(&v.value, Value::Array(a) if a.len() != 1) =>
        {
            let parts: Vec<Option<f64>> = match v.value.as_sequence() {
                Some(parts) => parts
                    .iter()
                    .map(|x| nested(x).and_then(|n| n.0.first().copied()))
                    .collect(),
                None => nested(&v.value)
                    .map(|n| n.0.into_iter().map(Some).collect())
                    .unwrap_or_default(),
            };
            match parts.as_slice() {
                [a, b] => ends = (*a, *b),
                _ if unknown => {}
                _ => return Err(call.wrong(low, "one or two numbers")),
            }
        }
        _ => {
            ends.0 = call.number(&[low, low2])?;
            ends.1 = call.number(&[high, high2])?;
        }
    }
    for (end, name) in [(ends.0, low), (ends.1, high)] {
        if end.is_some_and(|x| !x.is_finite()) {
            return Err(call
                .fail("wrong-value", name, "a limit must be finite")
                .into());
        }
    }
    if let Some(axis) = p.ruling(at, horizontal) {
        if axis.scale == Scale::Log
            && (ends.0.is_some_and(|x| x <= 0.0) || ends.1.is_some_and(|x| x <= 0.0))
        {
            return Err(call
                .fail(
                    "wrong-value",
                    low,
                    "the limits of a logarithmic axis must be positive",
                )
                .into());
        }
        if ends.0.is_some() {
            axis.limits.0 = ends.0;
        }
        if ends.1.is_some() {
            axis.limits.1 = ends.1;
        }
    }
    get(p, at, &CallArgs::none(args.span), name)
}

/// `ax.get_xlim()`
pub(super) fn get(p: &mut Pictures, at: At, args: &CallArgs, name: &str) -> Told<Value> {
    let horizontal = name.contains('x');
    args.bind(name, &[])?;
    if p.check {
        let end = || Value::Unknown(Some(Dim::NONE));
        return Ok(Value::Tuple(vec![end(), end()]));
    }
    Ok(match p.view(at) {
        Some(view) => {
            let r = if horizontal { view.x } else { view.y };
            Value::Tuple(vec![Value::Float(r.low), Value::Float(r.high)])
        }
        None => Value::None,
    })
}

/// `xscale('log')`
pub(super) fn scale(p: &mut Pictures, at: At, args: &CallArgs, name: &str) -> Told<Value> {
    let horizontal = name.contains('x');
    let call = Call::bind(
        args,
        name,
        &[Param::required("value")],
        &[&["base", "nonpositive"]],
    )?;
    let known = ["linear", "log"];
    let scale = call.word(&["value"], "scale", &known, |w| match w {
        "linear" => Some(Scale::Linear),
        "log" => Some(Scale::Log),
        _ => None,
    })?;
    if let (Some(axis), Some(scale)) = (p.ruling(at, horizontal), scale) {
        axis.scale = scale;
    }
    // axes that share the axis have the same scale
    if let (Some(axis), Some(scale)) = (p.axis(at, horizontal), scale) {
        axis.scale = scale;
    }
    Ok(Value::None)
}

/// `axis('off')`, `axis([xmin, xmax, ymin, ymax])`
pub(super) fn axis(p: &mut Pictures, at: At, args: &CallArgs, name: &str) -> Told<Value> {
    let call = Call::bind(
        args,
        name,
        &[Param::optional("arg")],
        &[&["xmin", "xmax", "ymin", "ymax"]],
    )?;
    let known = [
        "off", "on", "equal", "tight", "scaled", "image", "auto", "square",
    ];
    if let Some(v) = call.bound.given("arg").filter(|v| !v.value.is_unknown()) {
        match (v.value.as_text(), nested(&v.value), &v.value) {
            (Some(word), ..) => {
                let Some(axes) = p.axes(at) else {
                    return Ok(Value::None);
                };
                match word.as_str() {
                    "off" => axes.on = false,
                    "on" => axes.on = true,
                    "equal" => axes.aspect = Aspect::Limits(1.0),
                    "scaled" | "square" => axes.aspect = Aspect::Box(1.0),
                    "auto" => {
                        axes.aspect = Aspect::Auto;
                        axes.x.limits = (None, None);
                        axes.y.limits = (None, None);
                    }
                    "tight" | "image" => {
                        axes.x.tight = true;
                        axes.y.tight = true;
                        if word.as_str() == "image" {
                            axes.aspect = Aspect::Box(1.0);
                        }
                    }
                    _ => return Err(unknown_word(name, "setting of axes", word, &known).into()),
                }
            }
            (None, _, Value::Bool(on)) => {
                if let Some(axes) = p.axes(at) {
                    axes.on = *on;
                }
            }
            (None, Some((ends, _)), _) => {
                let [a, b, c, d] = ends.as_slice() else {
                    return Err(call.wrong("arg", "four limits: xmin, xmax, ymin, ymax"));
                };
                if let Some(axis) = p.ruling(at, true) {
                    axis.limits = (Some(*a), Some(*b));
                }
                if let Some(axis) = p.ruling(at, false) {
                    axis.limits = (Some(*c), Some(*d));
                }
            }
            _ => return Err(call.wrong("arg", "a setting such as 'off', or four limits")),
        }
    }
    for (low, high, horizontal) in [("xmin", "xmax", true), ("ymin", "ymax", false)] {
        let (low, high) = (call.number(&[low])?, call.number(&[high])?);
        if let Some(axis) = p.ruling(at, horizontal) {
            axis.limits = (low.or(axis.limits.0), high.or(axis.limits.1));
        }
    }
    let none = CallArgs::none(args.span);
    let (x, y) = (get(p, at, &none, "xlim")?, get(p, at, &none, "ylim")?);
    match (x, y) {
        (Value::Tuple(mut x), Value::Tuple(y)) => {
            x.extend(y);
            Ok(Value::Tuple(x))
        }
        _ => Ok(Value::None),
    }
}

/// `margins(x=, y=)`
pub(super) fn margins(p: &mut Pictures, at: At, args: &CallArgs, name: &str) -> Told<Value> {
    let call = Call::bind(
        args,
        name,
        &[Param::rest("margins")],
        &[&["x", "y", "tight"]],
    )?;
    let given: Vec<f64> = call
        .bound
        .rest
        .iter()
        .filter_map(|v| v.value.as_f64())
        .collect();
    let (x, y) = match given.as_slice() {
        [] => (call.number(&["x"])?, call.number(&["y"])?),
        [m] if name == "set_xmargin" => (Some(*m), None),
        [m] if name == "set_ymargin" => (None, Some(*m)),
        [m] => (Some(*m), Some(*m)),
        [x, y] => (Some(*x), Some(*y)),
        _ => {
            return Err(Diagnostic::error(
                "too-many-arguments",
                args.span,
                format!("{name} takes one or two margins"),
            )
            .into());
        }
    };
    for (m, horizontal) in [(x, true), (y, false)] {
        if let (Some(m), Some(axis)) = (m, p.ruling(at, horizontal)) {
            axis.margin = Some(m);
        }
    }
    Ok(Value::None)
}

/// `autoscale(tight=)`
pub(super) fn autoscale(p: &mut Pictures, at: At, args: &CallArgs, name: &str) -> Told<Value> {
    let call = Call::bind(
        args,
        name,
        &[
            Param::optional("enable"),
            Param::optional("axis"),
            Param::optional("tight"),
        ],
        &[],
    )?;
    let tight = call.flag("tight")?;
    let which = call
        .bound
        .given("axis")
        .and_then(|v| v.value.as_text().map(Text::as_str).map(str::to_owned));
    for (word, horizontal) in [("x", true), ("y", false)] {
        if which.as_deref().is_some_and(|w| w != "both" && w != word) {
            continue;
        }
        if let Some(axis) = p.ruling(at, horizontal) {
            axis.limits = (None, None);
            axis.tight = tight.unwrap_or(axis.tight);
        }
    }
    Ok(Value::None)
}

/// `ax.invert_yaxis()`
pub(super) fn invert(p: &mut Pictures, at: At, args: &CallArgs, name: &str) -> Told<Value> {
    let horizontal = name == "invert_xaxis";
    args.bind(name, &[])?;
    if let Some(axis) = p.ruling(at, horizontal) {
        axis.inverted = !axis.inverted;
        axis.limits = (axis.limits.1, axis.limits.0);
    }
    Ok(Value::None)
}
