//! Filled areas.

use dslsim_plot::Rgba;
use dslsim_plot::artist::{Area, Artist, Bars, Coords, Mark};
use dslsim_plot::style::Dash;
use dslsim_script::{CallArgs, Param, Value};

use super::read::{Call, Data, Told, shapes};
use super::{At, Pic, Pictures};

/// Keywords of areas.
pub(super) const PATCH: &[&str] = &[
    "color",
    "facecolor",
    "facecolors",
    "fc",
    "edgecolor",
    "edgecolors",
    "ec",
    "linewidth",
    "linewidths",
    "lw",
    "linestyle",
    "ls",
    "alpha",
    "label",
    "zorder",
    "hatch",
];

/// Inside, outline, and the outline's width.
pub(super) fn paints(p: &mut Pictures, at: At, call: &Call) -> Told<(Rgba, Option<Rgba>, f64)> {
    let alpha = call.alpha()?;
    let both = call.color(&["color"])?;
    let face = call.color(&["facecolor", "facecolors", "fc"])?;
    let edge = call.color(&["edgecolor", "edgecolors", "ec"])?;
    let width = call.number(&["linewidth", "linewidths", "lw"])?;
    let inside = match face.or(both) {
        Some(c) => c,
        None => p.next_fill(at),
    };
    let with = |c: Rgba| if c.a == 0.0 { c } else { c.with_alpha(alpha) };
    Ok((with(inside), edge.map(with), width.unwrap_or(1.0)))
}

fn finish(p: &mut Pictures, at: At, call: &Call, mut artist: Artist) -> Told<Value> {
    artist.label = call.text("label")?.map(|t| t.as_str().to_owned());
    if let Some(order) = call.number(&["zorder"])? {
        artist.order = order;
    }
    let k = p.add(at, artist);
    Ok(p.refer(Pic::Artist(at, k)))
}

fn area(outlines: Vec<Vec<(f64, f64)>>, paint: (Rgba, Option<Rgba>, f64), dash: Dash) -> Artist {
    Artist::new(Mark::Area(Area {
        outlines,
        fill: Some(paint.0),
        edge: paint.1,
        width: paint.2,
        dash,
        closed: true,
        sticky: (Vec::new(), Vec::new()),
    }))
}

/// `fill_between(x, y1, y2=0, where=)`, `fill_betweenx(y, x1, x2=0)`
pub(super) fn fill_between(p: &mut Pictures, at: At, args: &CallArgs, name: &str) -> Told<Value> {
    let lying = name == "fill_between";
    let [a, b, c] = if lying {
        ["x", "y1", "y2"]
    } else {
        ["y", "x1", "x2"]
    };
    let call = Call::bind(
        args,
        name,
        &[
            Param::required(a),
            Param::required(b),
            Param::optional(c),
            Param::optional("where"),
        ],
        &[PATCH, &["step", "interpolate"]],
    )?;
    let (x, one) = (call.numbers(a)?, call.numbers(b)?);
    let two = match call.data(c)? {
        Some(d) => d,
        None => Data {
            values: vec![0.0],
            span: one.span,
            ..Data::default()
        },
    };
    let chosen = call.list("where")?;
    let paint = paints(p, at, &call)?;
    let dash = call.dash()?.unwrap_or_default();
    let mut outlines = Vec::new();
    if !(x.unknown || one.unknown || two.unknown) {
        for other in [&one, &two] {
            if other.len() != x.len() && other.len() != 1 {
                return Err(shapes(name, &x, other));
            }
        }
        let pick = |d: &Data, k: usize| {
            d.values
                .get(if d.len() == 1 { 0 } else { k })
                .copied()
                .unwrap_or(f64::NAN)
        };
        let mut part: Vec<(f64, f64, f64)> = Vec::new();
        let mut parts = Vec::new();
        for (k, u) in x.values.iter().enumerate() {
            let (v, w) = (pick(&one, k), pick(&two, k));
            let counts = chosen
                .as_ref()
                .is_none_or(|m| m.get(k).is_some_and(|x| *x != 0.0));
            if counts && u.is_finite() && v.is_finite() && w.is_finite() {
                part.push((*u, v, w));
            } else if !part.is_empty() {
                parts.push(std::mem::take(&mut part));
            }
        }
        parts.push(part);
        for part in parts.into_iter().filter(|p| p.len() > 1) {
            let turned = |u: f64, v: f64| if lying { (u, v) } else { (v, u) };
            let mut outline: Vec<(f64, f64)> =
                part.iter().map(|(u, v, _)| turned(*u, *v)).collect();
            outline.extend(part.iter().rev().map(|(u, _, w)| turned(*u, *w)));
            outlines.push(outline);
        }
    }
    finish(p, at, &call, area(outlines, paint, dash))
}

/// `fill(x, y)`
pub(super) fn fill(p: &mut Pictures, at: At, args: &CallArgs, name: &str) -> Told<Value> {
    let call = Call::bind(
        args,
        name,
        &[
            Param::required("x"),
            Param::required("y"),
            Param::optional("fmt"),
        ],
        &[PATCH],
    )?;
    let (x, y) = (call.numbers("x")?, call.numbers("y")?);
    super::read::two(name, &x, &y)?;
    let mut paint = paints(p, at, &call)?;
    if let Some(v) = call.bound.given("fmt")
        && let Some(c) = super::lines::format(name, v)?.color
    {
        paint.0 = c.with_alpha(call.alpha()?);
    }
    let dash = call.dash()?.unwrap_or_default();
    let outline = x.values.into_iter().zip(y.values).collect();
    finish(p, at, &call, area(vec![outline], paint, dash))
}

/// `stackplot(x, y)`: the rows of `y` on top of each other
pub(super) fn stackplot(p: &mut Pictures, at: At, args: &CallArgs, name: &str) -> Told<Value> {
    let call = Call::bind(
        args,
        name,
        &[Param::required("x"), Param::rest("args")],
        &[&["labels", "colors", "alpha"]],
    )?;
    let x = call.numbers("x")?;
    let mut rows = Vec::new();
    for given in &call.bound.rest {
        let d = super::read::data(name, "y", given)?;
        if d.unknown || x.unknown {
            return Ok(Value::List(Vec::new()));
        }
        for row in d.rows() {
            if row.len() != x.len() {
                return Err(shapes(name, &x, &d));
            }
            rows.push(row);
        }
    }
    let labels = call
        .bound
        .given("labels")
        .and_then(|v| super::read::strings(&v.value))
        .unwrap_or_default();
    let colors = call.colors(&["colors"])?;
    let alpha = call.alpha()?;
    let mut base = vec![0.0; x.len()];
    let mut made = Vec::new();
    for (k, row) in rows.iter().enumerate() {
        let top: Vec<f64> = base.iter().zip(row).map(|(a, b)| a + b).collect();
        let mut outline: Vec<(f64, f64)> =
            x.values.iter().copied().zip(base.iter().copied()).collect();
        outline.extend(x.values.iter().copied().zip(top.iter().copied()).rev());
        let color = match &colors {
            Some(all) => all
                .get(k % all.len().max(1))
                .copied()
                .unwrap_or(Rgba::BLACK),
            None => p.next_color(at),
        };
        let mut artist = area(
            vec![outline],
            (color.with_alpha(alpha), None, 0.0),
            Dash::Solid,
        );
        artist.label = labels.get(k).cloned();
        if let Mark::Area(a) = &mut artist.mark {
            a.sticky.1.push(0.0);
        }
        made.push(p.add(at, artist));
        base = top;
    }
    Ok(p.refer_lines(at, made))
}

/// `axhspan(ymin, ymax)`, `axvspan(xmin, xmax)`
pub(super) fn span(p: &mut Pictures, at: At, args: &CallArgs, name: &str) -> Told<Value> {
    let across = name == "axhspan";
    let params = if across {
        ["ymin", "ymax", "xmin", "xmax"]
    } else {
        ["xmin", "xmax", "ymin", "ymax"]
    };
    let [a, b, c, d] = params;
    let call = Call::bind(
        args,
        name,
        &[
            Param::required(a),
            Param::required(b),
            Param::optional(c),
            Param::optional(d),
        ],
        &[PATCH],
    )?;
    let (low, high) = (call.number(&[a])?, call.number(&[b])?);
    let (from, to) = (
        call.number(&[c])?.unwrap_or(0.0),
        call.number(&[d])?.unwrap_or(1.0),
    );
    let (fill, edge, width) = paints(p, at, &call)?;
    let bars = match (low, high) {
        (Some(low), Some(high)) if across => vec![((from, low), (to, high))],
        (Some(low), Some(high)) => vec![((low, from), (high, to))],
        _ => Vec::new(),
    };
    let artist = Artist::new(Mark::Bars(Bars {
        bars,
        fill: vec![fill],
        edge: edge.or(Some(fill)),
        width,
        coords: if across { Coords::AxesX } else { Coords::AxesY },
        sticky: (Vec::new(), Vec::new()),
    }));
    finish(p, at, &call, artist)
}
