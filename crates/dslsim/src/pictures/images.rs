//! Values on grids, shown as colours.

use dslsim_plot::Rgba;
use dslsim_plot::artist::{Artist, Image, Mark, Mesh, Pixels, calc};
use dslsim_plot::axes::Aspect;
use dslsim_plot::colormap::ColorMap;
use dslsim_script::{Array, CallArgs, Param, Value};
use dslsim_source::Diagnostic;
use dslsim_units::Dim;

use super::points::{MAPPED, mapped};
use super::read::{Call, Data, Told, data, nested};
use super::{At, Pic, Pictures};

/// `imshow(X)`, `matshow(X)`
pub(super) fn imshow(p: &mut Pictures, at: At, args: &CallArgs, name: &str) -> Told<Value> {
    let call = Call::bind(
        args,
        name,
        &[
            Param::required("X"),
            Param::optional("cmap"),
            Param::optional("norm"),
        ],
        &[
            &["vmin", "vmax", "alpha"],
            &[
                "aspect",
                "interpolation",
                "origin",
                "extent",
                "zorder",
                "resample",
            ],
        ],
    )?;
    let x = call.numbers("X")?;
    let upper = call
        .word(&["origin"], "origin", &["upper", "lower"], |w| match w {
            "upper" => Some(true),
            "lower" => Some(false),
            _ => None,
        })?
        .unwrap_or(true);
    let known = ["nearest", "none", "auto", "antialiased"];
    call.word(&["interpolation"], "interpolation of pixels", &known, |w| {
        (known.contains(&w) || matches!(w, "bilinear" | "bicubic" | "gaussian")).then_some(())
    })?;
    let aspect = match call.bound.given("aspect") {
        None => Aspect::Box(1.0),
        Some(v) => super::axes::aspect_of(&call, v)?,
    };
    let extent = call.list("extent")?;
    if let Some(e) = extent.as_ref().filter(|e| e.len() != 4) {
        return Err(call
            .fail(
                "wrong-value",
                "extent",
                format!(
                    "the extent is four numbers (left, right, bottom, top), not {}",
                    e.len()
                ),
            )
            .into());
    }
    let (rows, cols, colored) = match x.shape.as_slice() {
        _ if x.unknown => (0, 0, None),
        [r, c] => (*r, *c, None),
        [r, c, k @ (3 | 4)] => (*r, *c, Some(*k)),
        shape => {
            return Err(call
                .fail(
                    "shape-mismatch",
                    "X",
                    format!(
                        "an image has rows and columns, but this array has {} axes",
                        shape.len()
                    ),
                )
                .into());
        }
    };
    let (w, h) = (cols as f64, rows as f64);
    let extent = match extent.as_deref() {
        Some([a, b, c, d]) => [*a, *b, *c, *d],
        _ if upper => [-0.5, w - 0.5, h - 0.5, -0.5],
        _ => [-0.5, w - 0.5, -0.5, h - 0.5],
    };
    let alpha = call.alpha()?;
    let pixels = match colored {
        Some(k) => Pixels::Colors(
            x.values
                .chunks_exact(k)
                .map(|c| Rgba {
                    r: c.first().copied().unwrap_or(0.0),
                    g: c.get(1).copied().unwrap_or(0.0),
                    b: c.get(2).copied().unwrap_or(0.0),
                    a: c.get(3).copied().unwrap_or(1.0),
                })
                .collect(),
        ),
        None => Pixels::Mapped(mapped(p, at, &call, x.values.clone())?),
    };
    let mut artist = Artist::new(Mark::Image(Image {
        rows,
        cols,
        pixels,
        extent,
        upper,
        alpha,
    }));
    if let Some(order) = call.number(&["zorder"])? {
        artist.order = order;
    }
    if x.unknown {
        artist.visible = false;
    }
    if let Some(axes) = p.axes(at) {
        axes.aspect = aspect;
        axes.x.inverted = extent[0] > extent[1];
        axes.y.inverted = extent[2] > extent[3];
        if name == "matshow" {
            axes.x.style.labels = (false, true);
            axes.x.style.sides = (true, true);
        }
    }
    let k = p.add(at, artist);
    p.mappable = Some((at, k));
    Ok(p.refer(Pic::Artist(at, k)))
}

/// `pcolormesh(C)`, `pcolormesh(X, Y, C)`
pub(super) fn pcolormesh(p: &mut Pictures, at: At, args: &CallArgs, name: &str) -> Told<Value> {
    let call = Call::bind(
        args,
        name,
        &[Param::rest("args")],
        &[
            MAPPED,
            &[
                "shading",
                "edgecolors",
                "linewidth",
                "linewidths",
                "zorder",
                "label",
            ],
        ],
    )?;
    let shading = call
        .word(&["shading"], "shading", &["flat", "nearest", "auto"], |w| {
            matches!(w, "flat" | "nearest" | "auto" | "gouraud").then(|| w.to_owned())
        })?
        .unwrap_or_else(|| "auto".into());
    let all: Vec<Data> = call
        .bound
        .rest
        .iter()
        .map(|v| data(name, "C", v))
        .collect::<Told<_>>()?;
    let (x, y, c) = match all.as_slice() {
        [c] => (None, None, c),
        [x, y, c] => (Some(x), Some(y), c),
        _ => {
            return Err(Diagnostic::error(
                "wrong-arguments",
                args.span,
                format!("{name} takes the values, or x, y and the values"),
            )
            .help(format!("write `{name}(x, y, values)`"))
            .into());
        }
    };
    let unknown = all.iter().any(|d| d.unknown);
    let (rows, cols) = match c.shape.as_slice() {
        _ if unknown => (0, 0),
        [r, c] => (*r, *c),
        shape => {
            return Err(Diagnostic::error(
                "shape-mismatch",
                c.span,
                format!(
                    "{name}: values have rows and columns, but this array has {} axes",
                    shape.len()
                ),
            )
            .into());
        }
    };
    let edges = |given: Option<&Data>, n: usize, along_x: bool| -> Told<Vec<f64>> {
        let Some(d) = given else {
            return Ok((0..=n).map(|k| k as f64).collect());
        };
        // of a grid of coordinates one row or column counts
        let line = match (d.shape.as_slice(), along_x) {
            ([_, _], true) => d.rows().into_iter().next().unwrap_or_default(),
            ([_, _], false) => d.columns().into_iter().next().unwrap_or_default(),
            _ => d.values.clone(),
        };
        calc::cell_edges(&line, n).ok_or_else(|| {
            let what = if along_x { "columns" } else { "rows" };
            Diagnostic::error(
                "shape-mismatch",
                d.span,
                format!("{name}: {} coordinates for {n} {what}", line.len()),
            )
            .also(c.span, "the values are given here")
            .help(format!("give {n} middles or {} edges of the {what}", n + 1))
            .into()
        })
    };
    let _ = shading;
    let (xs, ys) = if unknown {
        (Vec::new(), Vec::new())
    } else {
        (edges(x, cols, true)?, edges(y, rows, false)?)
    };
    let mut artist = Artist::new(Mark::Mesh(Mesh {
        x: xs,
        y: ys,
        mapped: mapped(p, at, &call, c.values.clone())?,
        alpha: call.alpha()?,
    }));
    artist.order = call.number(&["zorder"])?.unwrap_or(0.0);
    let k = p.add(at, artist);
    p.mappable = Some((at, k));
    Ok(p.refer(Pic::Artist(at, k)))
}

/// `hist2d(x, y, bins=10)`
pub(super) fn hist2d(p: &mut Pictures, at: At, args: &CallArgs, name: &str) -> Told<Value> {
    let call = Call::bind(
        args,
        name,
        &[
            Param::required("x"),
            Param::required("y"),
            Param::optional("bins"),
            Param::optional("range"),
            Param::optional("density"),
        ],
        &[MAPPED, &["cmin"]],
    )?;
    let (x, y) = (call.numbers("x")?, call.numbers("y")?);
    super::read::two(name, &x, &y)?;
    let bins = call.list("bins")?;
    let n = |k: usize| {
        let given = bins.as_ref().and_then(|b| b.get(k).or(b.first()));
        given.copied().unwrap_or(10.0).clamp(1.0, 10_000.0) as usize
    };
    let range = call.list("range")?;
    let part = |k: usize| match range.as_deref() {
        Some([a, b, c, d]) => Some(if k == 0 { (*a, *b) } else { (*c, *d) }),
        _ => None,
    };
    let xe = calc::edges(&x.values, n(0), part(0));
    let ye = calc::edges(&y.values, n(1), part(1));
    let (cols, rows) = (xe.len() - 1, ye.len() - 1);
    let mut counts = vec![0.0; rows * cols];
    let bin = |edges: &[f64], v: f64| {
        let (first, last) = (edges.first()?, edges.last()?);
        (*first..=*last).contains(&v).then(|| {
            edges
                .partition_point(|e| *e <= v)
                .saturating_sub(1)
                .min(edges.len() - 2)
        })
    };
    for (u, v) in x.values.iter().zip(&y.values) {
        if let (Some(c), Some(r)) = (bin(&xe, *u), bin(&ye, *v))
            && let Some(slot) = counts.get_mut(r * cols + c)
        {
            *slot += 1.0;
        }
    }
    if call.flag("density")? == Some(true) {
        let total: f64 = counts.iter().sum();
        for (k, c) in counts.iter_mut().enumerate() {
            let width = |e: &[f64], k: usize| match e.get(k..k + 2) {
                Some([a, b]) => b - a,
                _ => 1.0,
            };
            *c /= total * width(&xe, k % cols) * width(&ye, k / cols);
        }
    }
    let mut turned = vec![0.0; counts.len()];
    for (k, c) in counts.iter().enumerate() {
        if let Some(slot) = turned.get_mut((k % cols) * rows + k / cols) {
            *slot = *c;
        }
    }
    let mesh = Mesh {
        x: xe.clone(),
        y: ye.clone(),
        mapped: mapped(p, at, &call, counts)?,
        alpha: call.alpha()?,
    };
    let k = p.add(at, Artist::new(Mark::Mesh(mesh)));
    p.mappable = Some((at, k));
    let image = p.refer(Pic::Artist(at, k));
    if x.unknown || y.unknown {
        let unknown = || Value::Unknown(Some(Dim::NONE));
        return Ok(Value::Tuple(vec![unknown(), unknown(), unknown(), image]));
    }
    Ok(Value::Tuple(vec![
        Value::Array(Array::floats(turned, &[cols, rows], Dim::NONE)),
        Value::Array(Array::vector(xe, Dim::NONE)),
        Value::Array(Array::vector(ye, Dim::NONE)),
        image,
    ]))
}

/// `cmap(0.5)`: a colour, or one for each value.
pub(super) fn colors_of(map: &ColorMap, args: &CallArgs) -> Told<Value> {
    let call = Call::bind(
        args,
        "colour map",
        &[Param::required("X"), Param::optional("alpha")],
        &[],
    )?;
    let Some(given) = call.bound.given("X") else {
        return Ok(Value::None);
    };
    if given.value.is_unknown() {
        return Ok(Value::Unknown(Some(Dim::NONE)));
    }
    let whole = matches!(given.value, Value::Int(_));
    let Some((values, shape)) = nested(&given.value) else {
        return Err(call.wrong("X", "numbers between 0 and 1"));
    };
    let channels = |x: f64| {
        let c = if whole {
            map.color((x.max(0.0) as usize).min(map.len() - 1))
        } else {
            map.at(x)
        };
        [c.r, c.g, c.b, c.a]
    };
    if shape.is_empty() {
        let c = channels(values.first().copied().unwrap_or(0.0));
        return Ok(Value::Tuple(c.map(Value::Float).to_vec()));
    }
    let mut shape = shape;
    shape.push(4);
    Ok(Value::Array(Array::floats(
        values.into_iter().flat_map(channels).collect(),
        &shape,
        Dim::NONE,
    )))
}
