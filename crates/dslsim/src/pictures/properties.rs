//! Methods of artists: `line.set_color('r')` and its like.

use dslsim_plot::artist::{Colors, Mark};
use dslsim_plot::style::DrawStyle;
use dslsim_script::{Array, CallArgs, Param, Value};
use dslsim_source::Text;
use dslsim_syntax::ast::Ident;
use dslsim_units::Dim;

use super::read::{Call, Told};
use super::{At, Pictures, no_method};

const METHODS: &[&str] = &[
    "set_color",
    "set_facecolor",
    "set_edgecolor",
    "set_linewidth",
    "set_linestyle",
    "set_alpha",
    "set_label",
    "set_marker",
    "set_markersize",
    "set_data",
    "set_xdata",
    "set_ydata",
    "set_visible",
    "set_zorder",
    "set_clim",
    "set_cmap",
    "set_drawstyle",
    "set_text",
    "set_fontsize",
    "set_clip_on",
    "set_rasterized",
    "get_color",
    "get_xdata",
    "get_ydata",
    "get_label",
    "remove",
];

/// A method of some artists of one call.
pub(super) fn method(
    p: &mut Pictures,
    at: At,
    which: &[usize],
    name: &Ident,
    args: &CallArgs,
) -> Told<Value> {
    let method = name.name.as_str();
    if !METHODS.contains(&method) {
        return Err(no_method("Artist", name, METHODS));
    }
    let params = match method {
        "set_data" => vec![Param::required("x"), Param::required("y")],
        "set_clim" => vec![Param::optional("vmin"), Param::optional("vmax")],
        m if m.starts_with("get") || m == "remove" => vec![],
        _ => vec![Param::required("value")],
    };
    // the readers of properties look for the names that `plot` has
    let key = match method {
        "set_color" | "set_facecolor" | "set_edgecolor" => "color",
        "set_linewidth" | "set_markersize" | "set_zorder" | "set_fontsize" => "linewidth",
        "set_linestyle" => "linestyle",
        "set_alpha" => "alpha",
        "set_label" | "set_text" => "label",
        "set_marker" => "marker",
        "set_cmap" => "cmap",
        "set_drawstyle" => "drawstyle",
        "set_visible" => "visible",
        "set_xdata" | "set_ydata" => "data",
        _ => "value",
    };
    let params: Vec<Param> = params
        .into_iter()
        .map(|q| {
            if q.name == "value" {
                Param::required(key)
            } else {
                q
            }
        })
        .collect();
    let call = Call::bind(args, method, &params, &[])?;
    match method {
        "get_color" | "get_xdata" | "get_ydata" | "get_label" => {
            return Ok(get(p, at, which, method, args));
        }
        "set_clim" => {
            let (low, high) = (call.number(&["vmin"])?, call.number(&["vmax"])?);
            for k in which {
                p.set_norm(at, *k, low, high);
            }
            return Ok(Value::None);
        }
        _ => {}
    }
    let color = if key == "color" {
        call.color(&["color"])?
    } else {
        None
    };
    let number = if key == "linewidth" {
        call.number(&["linewidth"])?
    } else {
        None
    };
    let dash = if key == "linestyle" {
        call.dash()?
    } else {
        None
    };
    let alpha = if key == "alpha" { call.alpha()? } else { None };
    let text = if key == "label" {
        call.text("label")?
    } else {
        None
    };
    let marker = if key == "marker" {
        call.marker()?
    } else {
        None
    };
    let cmap = if key == "cmap" { call.cmap()? } else { None };
    let flag = if key == "visible" {
        call.flag("visible")?
    } else {
        None
    };
    let steps = if key == "drawstyle" {
        call.word(
            &["drawstyle"],
            "drawing style",
            &["default", "steps-pre", "steps-mid", "steps-post"],
            DrawStyle::named,
        )?
    } else {
        None
    };
    let data = if key == "data" {
        call.data("data")?
    } else {
        None
    };
    let both = if method == "set_data" {
        Some((call.numbers("x")?, call.numbers("y")?))
    } else {
        None
    };
    for k in which {
        let Some(artist) = p.axes(at).and_then(|a| a.artists.get_mut(*k)) else {
            continue;
        };
        match method {
            "set_visible" => artist.visible = flag.unwrap_or(true),
            "remove" => artist.visible = false,
            "set_zorder" => artist.order = number.unwrap_or(artist.order),
            "set_label" => artist.label = text.as_ref().map(|t| t.as_str().to_owned()),
            "set_cmap" => {
                if let (Some(m), Some(map)) = (artist.mapped_mut(), cmap) {
                    m.map = map;
                }
            }
            _ => {}
        }
        match &mut artist.mark {
            Mark::Line(l) => {
                if let (Some(c), "set_color") = (color, method) {
                    if l.marker_fill == Some(l.color) {
                        l.marker_fill = Some(c);
                    }
                    if l.marker_edge == Some(l.color) {
                        l.marker_edge = Some(c);
                    }
                    l.color = c;
                }
                if let Some(a) = alpha {
                    l.color.a = a;
                    l.marker_fill = l.marker_fill.map(|c| c.with_alpha(Some(a)));
                    l.marker_edge = l.marker_edge.map(|c| c.with_alpha(Some(a)));
                }
                match (method, number) {
                    ("set_linewidth", Some(x)) => l.width = x,
                    ("set_markersize", Some(x)) => l.marker_size = x,
                    _ => {}
                }
                if let Some(d) = &dash {
                    l.dash = d.clone();
                }
                if let Some(m) = &marker {
                    l.marker.clone_from(m);
                }
                if let Some(s) = steps {
                    l.steps = s;
                }
                if let Some((x, y)) = &both {
                    l.x.clone_from(&x.values);
                    l.y.clone_from(&y.values);
                }
                match (method, &data) {
                    ("set_xdata", Some(d)) => l.x.clone_from(&d.values),
                    ("set_ydata", Some(d)) => l.y.clone_from(&d.values),
                    _ => {}
                }
            }
            Mark::Scatter(s) => {
                match (method, color) {
                    ("set_edgecolor", Some(c)) => s.edge = Some(c),
                    (_, Some(c)) => s.colors = Colors::One(c),
                    _ => {}
                }
                s.alpha = alpha.or(s.alpha);
                if let ("set_linewidth", Some(x)) = (method, number) {
                    s.width = x;
                }
                if let Some(Some(m)) = &marker {
                    s.marker.clone_from(m);
                }
            }
            Mark::Bars(b) => {
                match (method, color) {
                    ("set_edgecolor", Some(c)) => b.edge = Some(c),
                    (_, Some(c)) => b.fill = vec![c],
                    _ => {}
                }
                if alpha.is_some() {
                    b.fill = b.fill.iter().map(|c| c.with_alpha(alpha)).collect();
                }
                if let ("set_linewidth", Some(x)) = (method, number) {
                    b.width = x;
                }
            }
            Mark::Area(a) => {
                match (method, color) {
                    ("set_edgecolor", Some(c)) => a.edge = Some(c),
                    (_, Some(c)) => a.fill = Some(c),
                    _ => {}
                }
                if alpha.is_some() {
                    a.fill = a.fill.map(|c| c.with_alpha(alpha));
                }
            }
            Mark::Segments(s) => {
                if let Some(c) = color {
                    s.colors = vec![c];
                }
                if let ("set_linewidth", Some(x)) = (method, number) {
                    s.width = x;
                }
            }
            Mark::Text(t) => {
                if let Some(c) = color {
                    t.color = c;
                }
                match (method, number, &text) {
                    ("set_fontsize", Some(x), _) => t.style.size = x,
                    ("set_text", _, Some(s)) => s.as_str().clone_into(&mut t.text),
                    _ => {}
                }
            }
            Mark::ErrorBars(e) => {
                if let Some(c) = color {
                    e.color = c;
                }
            }
            Mark::Image(i) => i.alpha = alpha.or(i.alpha),
            Mark::Mesh(m) => m.alpha = alpha.or(m.alpha),
        }
    }
    Ok(Value::None)
}

fn get(p: &mut Pictures, at: At, which: &[usize], method: &str, args: &CallArgs) -> Value {
    let check = p.check;
    let artist = which
        .first()
        .and_then(|k| p.axes(at).and_then(|a| a.artists.get(*k)));
    let Some(artist) = artist else {
        return Value::None;
    };
    let text = |s: String| Value::Str(Text::computed(s, args.span));
    match (method, &artist.mark) {
        ("get_label", _) => text(artist.label.clone().unwrap_or_default()),
        ("get_color", Mark::Line(l)) => text(l.color.to_hex()),
        ("get_xdata" | "get_ydata", Mark::Line(_)) if check => Value::Unknown(Some(Dim::NONE)),
        ("get_xdata", Mark::Line(l)) => Value::Array(Array::vector(l.x.clone(), Dim::NONE)),
        ("get_ydata", Mark::Line(l)) => Value::Array(Array::vector(l.y.clone(), Dim::NONE)),
        _ => Value::None,
    }
}

/// Methods of a line of the frame.
pub(super) fn spine(
    p: &mut Pictures,
    at: At,
    which: &[usize],
    name: &Ident,
    args: &CallArgs,
) -> Told<Value> {
    let known = [
        "set_visible",
        "set_color",
        "set_linewidth",
        "set_edgecolor",
        "set_position",
        "set_bounds",
    ];
    let method = name.name.as_str();
    let key = match method {
        "set_visible" => "visible",
        "set_color" | "set_edgecolor" => "color",
        "set_linewidth" => "linewidth",
        "set_position" => "position",
        _ => return Err(no_method("Spine", name, &known)),
    };
    let call = Call::bind(args, method, &[Param::required(key)], &[])?;
    let on = if key == "visible" {
        call.flag(key)?
    } else {
        None
    };
    let color = if key == "color" {
        call.color(&["color"])?
    } else {
        None
    };
    let width = if key == "linewidth" {
        call.number(&["linewidth"])?
    } else {
        None
    };
    let mut outward = None;
    let mut value = None;
    if key == "position" {
        let v = call.bound.given(key);
        match v.and_then(|v| v.value.as_sequence()) {
            Some([Value::Str(kind), x]) if kind.as_str() == "outward" => outward = x.as_f64(),
            Some([Value::Str(kind), x]) if kind.as_str() == "data" => value = x.as_f64(),
            _ => match v.and_then(|v| v.value.as_text().map(Text::as_str)) {
                Some("zero") => value = Some(0.0),
                Some("center") => {}
                _ => return Err(call.wrong(key, "('outward', points), ('data', value) or 'zero'")),
            },
        }
    }
    if let Some(axes) = p.axes(at) {
        for k in which {
            let Some(s) = axes.spines.get_mut(*k) else {
                continue;
            };
            s.visible = on.unwrap_or(s.visible);
            s.color = color.unwrap_or(s.color);
            s.width = width.unwrap_or(s.width);
            s.outward = outward.unwrap_or(s.outward);
            s.at = value.or(s.at);
        }
    }
    Ok(Value::None)
}

/// Methods of `ax.xaxis`.
pub(super) fn axis(
    p: &mut Pictures,
    at: At,
    horizontal: bool,
    name: &Ident,
    args: &CallArgs,
) -> Told<Value> {
    let on = |x: &'static str, y: &'static str| if horizontal { x } else { y };
    match name.name.as_str() {
        "set_visible" => {
            let call = Call::bind(args, "set_visible", &[Param::required("visible")], &[])?;
            let on = call.flag("visible")?;
            if let Some(axis) = p.axis(at, horizontal) {
                axis.visible = on.unwrap_or(true);
            }
            Ok(Value::None)
        }
        "set_ticks" => super::ticks::ticks(p, at, args, on("set_xticks", "set_yticks")),
        "set_ticklabels" => {
            super::ticks::tick_labels(p, at, args, on("set_xticklabels", "set_yticklabels"))
        }
        "set_label_text" => super::words::axis_label(p, at, args, on("set_xlabel", "set_ylabel")),
        "grid" => {
            let mut args = args.clone();
            let word = Value::Str(Text::computed(on("x", "y"), args.span));
            args.named.push((
                Ident {
                    name: "axis".into(),
                    span: args.span,
                },
                dslsim_script::Spanned::new(word, args.span),
            ));
            super::ticks::grid(p, at, &args, "grid")
        }
        "set_inverted" => super::limits::invert(
            p,
            at,
            &CallArgs::none(args.span),
            on("invert_xaxis", "invert_yaxis"),
        ),
        "tick_top" | "tick_bottom" | "tick_left" | "tick_right" => {
            let far = matches!(name.name.as_str(), "tick_top" | "tick_right");
            if let Some(axis) = p.axis(at, horizontal) {
                axis.style.sides = (!far, far);
                axis.style.labels = (!far, far);
            }
            Ok(Value::None)
        }
        "set_ticks_position" | "set_label_position" => {
            let call = Call::bind(args, &name.name, &[Param::required("position")], &[])?;
            let known = ["left", "right", "bottom", "top", "both", "none", "default"];
            let word = call.word(&["position"], "side", &known, |w| {
                known.contains(&w).then(|| w.to_owned())
            })?;
            if let (Some(axis), Some(word)) = (p.axis(at, horizontal), word) {
                let far = matches!(word.as_str(), "right" | "top");
                if name.name == "set_label_position" {
                    axis.label_opposite = far;
                } else {
                    match word.as_str() {
                        "both" => axis.style.sides = (true, true),
                        "none" => axis.style.sides = (false, false),
                        _ => {
                            axis.style.sides = (!far, far);
                            axis.style.labels = (!far, far);
                        }
                    }
                }
            }
            Ok(Value::None)
        }
        "set_tick_params" => {
            let mut args = args.clone();
            let word = Value::Str(Text::computed(on("x", "y"), args.span));
            args.positional
                .insert(0, dslsim_script::Spanned::new(word, args.span));
            super::ticks::tick_params(p, at, &args, "tick_params")
        }
        _ => Err(no_method(
            "Axis",
            name,
            &[
                "set_visible",
                "set_ticks",
                "set_ticklabels",
                "set_ticks_position",
                "set_label_position",
                "grid",
                "tick_top",
                "tick_right",
            ],
        )),
    }
}
