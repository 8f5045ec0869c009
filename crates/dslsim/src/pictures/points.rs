//! `scatter`.

use dslsim_plot::artist::{Artist, Colors, Mapped, Mark, Scatter};
use dslsim_plot::colormap::{ColorMap, Norm};
use dslsim_plot::{Rgba, marker};
use dslsim_script::{CallArgs, Param, Value};
use dslsim_source::Diagnostic;

use super::read::{Call, Told, colors, nested};
use super::{At, Pic, Pictures};

/// Keywords of what is coloured by value.
pub(super) const MAPPED: &[&str] = &["cmap", "vmin", "vmax", "norm", "alpha"];

/// Values and the limits of their colours.
pub(super) fn mapped(p: &Pictures, at: At, call: &Call, values: Vec<f64>) -> Told<Mapped> {
    let map = match call.cmap()? {
        Some(map) => map,
        None => p
            .figures
            .get(at.figure)
            .map_or_else(ColorMap::standard, |f| f.style.cmap),
    };
    let (low, high) = (call.number(&["vmin"])?, call.number(&["vmax"])?);
    let log = call
        .word(&["norm"], "norm", &["linear", "log"], |w| match w {
            "linear" => Some(false),
            "log" => Some(true),
            _ => None,
        })?
        .unwrap_or(false);
    let norm = Norm::of(values.iter().copied(), low, high, log);
    Ok(Mapped { values, map, norm })
}

/// `scatter(x, y, s=, c=, cmap=, …)`
pub(super) fn scatter(p: &mut Pictures, at: At, args: &CallArgs, name: &str) -> Told<Value> {
    let call = Call::bind(
        args,
        name,
        &[
            Param::required("x"),
            Param::required("y"),
            Param::optional("s"),
            Param::optional("c"),
            Param::optional("marker"),
        ],
        &[
            MAPPED,
            &[
                "color",
                "facecolors",
                "facecolor",
                "edgecolors",
                "edgecolor",
                "linewidths",
                "linewidth",
                "lw",
                "label",
                "zorder",
                "plotnonfinite",
                "data",
            ],
        ],
    )?;
    let (x, y) = (
        call.data("x")?.unwrap_or_default(),
        call.data("y")?.unwrap_or_default(),
    );
    super::read::two(name, &x, &y)?;
    let n = y.len().max(y.names.as_ref().map_or(0, Vec::len));
    let known = !x.unknown && !y.unknown;
    let sizes = call.data("s")?;
    if let Some(s) = sizes.as_ref().filter(|s| known && !s.unknown)
        && s.len() != 1
        && s.len() != n
    {
        return Err(call
            .fail(
                "shape-mismatch",
                "s",
                format!("`s` has {} sizes for {n} points", s.len()),
            )
            .into());
    }
    let style_marker = p.figure(at.figure).map_or(6.0, |f| f.style.marker);
    let marker = match call.marker()? {
        Some(Some(m)) => m,
        Some(None) => ".".into(),
        None => "o".into(),
    };
    let plain = call.colors(&["color", "facecolors", "facecolor"])?;
    let no_face = plain.as_deref() == Some(&[Rgba::CLEAR]);
    let inside = match (call.bound.given("c"), plain) {
        (Some(c), _) if c.value.is_unknown() => Colors::Mapped(mapped(p, at, &call, Vec::new())?),
        (Some(c), _) => {
            let numbers = nested(&c.value);
            match numbers {
                // three or four numbers for as many points are values, as in matplotlib
                Some((values, shape))
                    if !shape.is_empty() && is_values(&shape, values.len(), n, known) =>
                {
                    if known && values.len() != n {
                        return Err(Diagnostic::error(
                            "shape-mismatch",
                            c.span,
                            format!("scatter: `c` has {} values for {n} points", values.len()),
                        )
                        .help("`c` is a colour, or one value for each point")
                        .into());
                    }
                    Colors::Mapped(mapped(p, at, &call, values)?)
                }
                _ => {
                    let all = colors(name, &c.value, c.span)?;
                    one_or_each(all)
                }
            }
        }
        (None, Some(all)) => one_or_each(all),
        (None, None) => Colors::One(p.next_color(at)),
    };
    // unknown names are told even where they have no effect
    let _ = call.cmap()?;
    let face = match &inside {
        Colors::One(c) => Some(*c),
        _ => None,
    };
    let edge = match call
        .bound
        .given("edgecolors")
        .or(call.bound.given("edgecolor"))
    {
        Some(v) if v.value.as_text().is_some_and(|t| t.as_str() == "face") => None,
        Some(_) => call.color(&["edgecolors", "edgecolor"])?,
        None if no_face => Some(p.next_color(at)),
        None => None,
    };
    let filled = marker::named(&marker).is_none_or(|m| m.filled);
    let width =
        call.number(&["linewidths", "linewidth", "lw"])?
            .unwrap_or(if filled && edge.is_none() {
                1.5
            } else {
                p.figure(at.figure).map_or(1.5, |f| f.style.line)
            });
    let _ = face;
    let mut artist = Artist::new(Mark::Scatter(Scatter {
        x: p.places(at, true, &x),
        y: p.places(at, false, &y),
        sizes: match sizes {
            Some(s) if !s.values.is_empty() => s.values,
            _ => vec![style_marker * style_marker],
        },
        colors: inside,
        edge,
        width,
        marker,
        alpha: call.alpha()?,
    }));
    if !known && let Mark::Scatter(s) = &mut artist.mark {
        s.x.clear();
        s.y.clear();
    }
    artist.label = call.text("label")?.map(|t| t.as_str().to_owned());
    if let Some(order) = call.number(&["zorder"])? {
        artist.order = order;
    }
    let k = p.add(at, artist);
    p.mappable = Some((at, k));
    Ok(p.refer(Pic::Artist(at, k)))
}

/// Whether numbers given as `c` are values, not a colour.
fn is_values(shape: &[usize], len: usize, n: usize, known: bool) -> bool {
    match shape {
        [3 | 4] => len == n && known,
        [_, 3 | 4] => len == n && known,
        _ => true,
    }
}

fn one_or_each(all: Vec<Rgba>) -> Colors {
    match all.as_slice() {
        [one] => Colors::One(*one),
        _ => Colors::Each(all),
    }
}
