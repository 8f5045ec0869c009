//! Bars, histograms and box plots.

use dslsim_plot::Rgba;
use dslsim_plot::artist::{Area, Artist, Bars, Coords, ErrorBars, Line, Mark, Segments, calc};
use dslsim_plot::axes::{Scale, TickPlaces};
use dslsim_plot::style::{Dash, DrawStyle};
use dslsim_script::{Array, CallArgs, Param, Spanned, Value};
use dslsim_units::Dim;

use super::areas::PATCH;
use super::read::{Call, Data, Told, data, shapes};
use super::{At, Pic, Pictures};

/// The number `k` of data, of which there may be only one.
fn pick(d: &Data, k: usize) -> f64 {
    d.values
        .get(if d.len() == 1 { 0 } else { k })
        .copied()
        .unwrap_or(f64::NAN)
}

/// `bar(x, height, width=0.8, bottom=0)`, `barh(y, width, height=0.8, left=0)`
pub(super) fn bar(p: &mut Pictures, at: At, args: &CallArgs, name: &str) -> Told<Value> {
    let up = name == "bar";
    let [place, length, thick, base] = if up {
        ["x", "height", "width", "bottom"]
    } else {
        ["y", "width", "height", "left"]
    };
    let call = Call::bind(
        args,
        name,
        &[
            Param::required(place),
            Param::required(length),
            Param::optional(thick),
            Param::optional(base),
        ],
        &[
            PATCH,
            &[
                "align",
                "yerr",
                "xerr",
                "capsize",
                "ecolor",
                "error_kw",
                "tick_label",
                "log",
            ],
        ],
    )?;
    let places = call.data(place)?.unwrap_or_default();
    let lengths = call.numbers(length)?;
    let given = |name: &'static str, usual: f64| -> Told<Data> {
        Ok(call.data(name)?.unwrap_or(Data {
            values: vec![usual],
            ..Data::default()
        }))
    };
    let (thick, base) = (given(thick, 0.8)?, given(base, 0.0)?);
    let centred = call
        .word(&["align"], "alignment", &["center", "edge"], |w| match w {
            "center" => Some(true),
            "edge" => Some(false),
            _ => None,
        })?
        .unwrap_or(true);
    let colors = match (call.colors(&["color"])?, call.colors(&["facecolor", "fc"])?) {
        (Some(c), _) | (None, Some(c)) => c,
        (None, None) => vec![p.next_fill(at)],
    };
    let alpha = call.alpha()?;
    let edge = call.color(&["edgecolor", "ec", "edgecolors"])?;
    let width = call
        .number(&["linewidth", "lw", "linewidths"])?
        .unwrap_or(1.0);
    let unknown = places.unknown || lengths.unknown || thick.unknown || base.unknown;
    let xs = p.places(at, up, &places);
    let n = xs.len().max(lengths.len());
    let mut bars = Vec::new();
    let mut ends: Vec<(f64, f64)> = Vec::new();
    if !unknown {
        let fits = |m: usize| m == n || m == 1;
        if !fits(xs.len()) || !fits(lengths.len()) {
            return Err(shapes(name, &places, &lengths));
        }
        for d in [&thick, &base] {
            if !fits(d.len()) {
                return Err(shapes(name, &places, d));
            }
        }
        for k in 0..n {
            let x = xs
                .get(if xs.len() == 1 { 0 } else { k })
                .copied()
                .unwrap_or(f64::NAN);
            let (h, w, b) = (pick(&lengths, k), pick(&thick, k), pick(&base, k));
            let left = if centred { x - w / 2.0 } else { x };
            ends.push((left + w / 2.0, b + h));
            bars.push(if up {
                ((left, b), (left + w, b + h))
            } else {
                ((b, left), (b + h, left + w))
            });
        }
    }
    let mut floor = base.values.clone();
    floor.dedup();
    let sticky = if up {
        (Vec::new(), floor)
    } else {
        (floor, Vec::new())
    };
    let mut artist = Artist::new(Mark::Bars(Bars {
        bars,
        fill: colors
            .iter()
            .map(|c| if c.a == 0.0 { *c } else { c.with_alpha(alpha) })
            .collect(),
        edge,
        width,
        coords: Coords::Data,
        sticky,
    }));
    artist.set = true;
    artist.label = call.text("label")?.map(|t| t.as_str().to_owned());
    if let Some(order) = call.number(&["zorder"])? {
        artist.order = order;
    }
    if call.flag("log")? == Some(true)
        && let Some(axis) = p.ruling(at, !up)
    {
        axis.scale = Scale::Log;
    }
    if let Some(names) = call
        .bound
        .given("tick_label")
        .and_then(|v| super::read::strings(&v.value))
        && let Some(axis) = p.axis(at, up)
    {
        axis.ticks = TickPlaces::At(ends.iter().map(|e| e.0).collect());
        axis.labels = Some(names);
    }
    let mut made = vec![p.add(at, artist)];
    let (error, vertical) = match (call.data("yerr")?, call.data("xerr")?) {
        (Some(e), _) => (Some(e), true),
        (None, e) => (e, false),
    };
    if let Some(e) = error.filter(|e| !e.unknown && !unknown) {
        let rows = e.rows();
        if rows.iter().any(|r| r.len() != n && r.len() != 1) {
            return Err(shapes(name, &lengths, &e));
        }
        let of = |row: usize, k: usize| {
            rows.get(row.min(rows.len().saturating_sub(1)))
                .and_then(|r| r.get(if r.len() == 1 { 0 } else { k }).copied())
                .unwrap_or(f64::NAN)
        };
        let lines = ends
            .iter()
            .enumerate()
            .map(|(k, (middle, end))| {
                let (q, r) = (end - of(0, k), end + of(1, k));
                if vertical {
                    ((*middle, q), (*middle, r))
                } else {
                    ((q, *middle), (r, *middle))
                }
            })
            .collect();
        let (v, h) = if vertical {
            (lines, Vec::new())
        } else {
            (Vec::new(), lines)
        };
        let bars = Artist::new(Mark::ErrorBars(ErrorBars {
            vertical: v,
            horizontal: h,
            color: call.color(&["ecolor"])?.unwrap_or(Rgba::BLACK),
            width: 1.5,
            cap: call.number(&["capsize"])?.unwrap_or(0.0),
            cap_width: 1.0,
        }));
        made.push(p.add(at, bars));
    }
    Ok(p.refer(Pic::Artists(at, made)))
}

/// `hist(x, bins=10, range=, density=, …)`; gives counts, edges and bars
pub(super) fn hist(p: &mut Pictures, at: At, args: &CallArgs, name: &str) -> Told<Value> {
    let call = Call::bind(
        args,
        name,
        &[
            Param::required("x"),
            Param::optional("bins"),
            Param::optional("range"),
            Param::optional("density"),
            Param::optional("weights"),
            Param::optional("cumulative"),
        ],
        &[
            PATCH,
            &[
                "histtype",
                "bottom",
                "align",
                "orientation",
                "rwidth",
                "log",
                "stacked",
            ],
        ],
    )?;
    let kind = call
        .word(
            &["histtype"],
            "kind of histogram",
            &["bar", "barstacked", "step", "stepfilled"],
            |w| match w {
                "bar" | "barstacked" => Some("bar"),
                "step" => Some("step"),
                "stepfilled" => Some("stepfilled"),
                _ => None,
            },
        )?
        .unwrap_or("bar");
    let up = call
        .word(
            &["orientation"],
            "orientation",
            &["vertical", "horizontal"],
            |w| match w {
                "vertical" => Some(true),
                "horizontal" => Some(false),
                _ => None,
            },
        )?
        .unwrap_or(true);
    let sets: Vec<Data> = match call.bound.given("x") {
        Some(Spanned {
            value: Value::List(v) | Value::Tuple(v),
            span,
        }) if v.iter().any(|x| !x.is_scalar()) && !v.is_empty() => v
            .iter()
            .map(|x| data(name, "x", &Spanned::new(x.clone(), *span)))
            .collect::<Told<_>>()?,
        _ => {
            let all = call.numbers("x")?;
            if all.shape.len() == 2 {
                all.columns()
                    .into_iter()
                    .map(|values| Data {
                        shape: vec![values.len()],
                        values,
                        ..all.clone()
                    })
                    .collect()
            } else {
                vec![all]
            }
        }
    };
    let range = call.pair("range")?;
    let bins = match call.bound.given("bins") {
        None => Bins::Number(10),
        Some(v) if v.value.is_unknown() => Bins::Number(10),
        Some(v) if v.value.as_text().is_some() => {
            return Err(call.wrong("bins", "a number of bins, or their edges"));
        }
        Some(v) => match v.value.as_i64() {
            Some(n) if v.value.is_scalar() => match usize::try_from(n) {
                Ok(n) if (1..=1_000_000).contains(&n) => Bins::Number(n),
                _ => {
                    return Err(call
                        .fail("wrong-value", "bins", format!("there cannot be {n} bins"))
                        .into());
                }
            },
            _ => Bins::Edges(call.numbers("bins")?.values),
        },
    };
    if let Bins::Edges(e) = &bins
        && (e.len() < 2 || e.windows(2).any(|w| matches!(w, [a, b] if a > b)))
    {
        return Err(call
            .fail(
                "wrong-value",
                "bins",
                "the edges of bins must ascend, and there must be two of them at least",
            )
            .into());
    }
    let density = call.flag("density")?.unwrap_or(false);
    let cumulative = match call.bound.given("cumulative") {
        Some(v) if v.value.as_i64() == Some(-1) => {
            return Err(call.wrong("cumulative", "True or False"));
        }
        _ => call.flag("cumulative")?.unwrap_or(false),
    };
    let weights = call.list("weights")?;
    let stacked = call.flag("stacked")?.unwrap_or(false);
    let rwidth = call.number(&["rwidth"])?;
    let bottom = call.number(&["bottom"])?.unwrap_or(0.0);
    let alpha = call.alpha()?;
    let given = call.colors(&["color", "facecolor", "fc"])?;
    let edge = call.color(&["edgecolor", "ec", "edgecolors"])?;
    let width = call.number(&["linewidth", "lw", "linewidths"])?;
    let dash = call.dash()?.unwrap_or_default();
    let labels = call
        .bound
        .given("label")
        .and_then(|v| super::read::strings(&v.value));
    let label = if labels.is_some() {
        None
    } else {
        call.text("label")?.map(|t| t.as_str().to_owned())
    };
    let unknown = sets.iter().any(|s| s.unknown);
    let everything: Vec<f64> = sets.iter().flat_map(|s| s.values.iter().copied()).collect();
    let edges = match &bins {
        Bins::Number(n) => calc::edges(&everything, *n, range),
        Bins::Edges(e) => e.clone(),
    };
    if call.flag("log")? == Some(true)
        && let Some(axis) = p.ruling(at, !up)
    {
        axis.scale = Scale::Log;
    }
    let mut base = vec![bottom; edges.len().saturating_sub(1)];
    let mut results = Vec::new();
    let mut made = Vec::new();
    let many = sets.len();
    for (k, set) in sets.iter().enumerate() {
        let color = match &given {
            Some(all) => all
                .get(k % all.len().max(1))
                .copied()
                .unwrap_or(Rgba::BLACK),
            // a histogram takes the colour that a line would
            None => p.next_color(at),
        };
        if unknown {
            continue;
        }
        if let Some(w) = weights.as_ref().filter(|w| w.len() != set.len()) {
            return Err(call
                .fail(
                    "shape-mismatch",
                    "weights",
                    format!("{} weights for {} data", w.len(), set.len()),
                )
                .into());
        }
        let counts = calc::counts(&set.values, weights.as_deref(), &edges);
        let heights = calc::finished(&counts, &edges, density, cumulative);
        let alpha_of = |c: Rgba| if c.a == 0.0 { c } else { c.with_alpha(alpha) };
        let turned = |x: f64, y: f64| if up { (x, y) } else { (y, x) };
        let sticky = if up {
            (Vec::new(), vec![bottom])
        } else {
            (vec![bottom], Vec::new())
        };
        let mark = if kind == "bar" {
            let bars = edges
                .windows(2)
                .zip(heights.iter().zip(&base))
                .filter_map(|(w, (h, b))| match w {
                    [l, r] => {
                        let full = r - l;
                        let part = rwidth.unwrap_or(if many > 1 && !stacked { 0.8 } else { 1.0 });
                        let (start, wide) = if many > 1 && !stacked {
                            let each = full * part / many as f64;
                            (l + full * (1.0 - part) / 2.0 + each * k as f64, each)
                        } else {
                            (l + full * (1.0 - part) / 2.0, full * part)
                        };
                        Some((turned(start, *b), turned(start + wide, b + h)))
                    }
                    _ => None,
                })
                .collect();
            Mark::Bars(Bars {
                bars,
                fill: vec![alpha_of(color)],
                edge: edge.map(alpha_of),
                width: width.unwrap_or(1.0),
                coords: Coords::Data,
                sticky,
            })
        } else {
            let outline: Vec<(f64, f64)> = calc::skyline(&edges, &heights, false)
                .into_iter()
                .map(|(x, y)| turned(x, y + bottom))
                .collect();
            let filled = kind == "stepfilled";
            Mark::Area(Area {
                outlines: vec![outline],
                fill: filled.then(|| alpha_of(color)),
                edge: if filled {
                    edge.map(alpha_of)
                } else {
                    Some(alpha_of(edge.unwrap_or(color)))
                },
                width: width.unwrap_or(1.0),
                dash: dash.clone(),
                closed: filled,
                sticky,
            })
        };
        if stacked {
            for (b, h) in base.iter_mut().zip(&heights) {
                *b += h;
            }
        }
        let mut artist = Artist::new(mark);
        artist.label = labels
            .as_ref()
            .and_then(|l| l.get(k).cloned())
            .or_else(|| label.clone().filter(|_| k == 0));
        if let Some(order) = call.number(&["zorder"])? {
            artist.order = order;
        }
        made.push(p.add(at, artist));
        results.push(heights);
    }
    let vector = |v: Vec<f64>| Value::Array(Array::vector(v, Dim::NONE));
    let bars = p.refer(Pic::Artists(at, made));
    let (n, edges) = if unknown {
        (
            Value::Unknown(Some(Dim::NONE)),
            Value::Unknown(Some(Dim::NONE)),
        )
    } else if many == 1 {
        (vector(results.pop().unwrap_or_default()), vector(edges))
    } else {
        (
            Value::List(results.into_iter().map(vector).collect()),
            vector(edges),
        )
    };
    Ok(Value::Tuple(vec![n, edges, bars]))
}

enum Bins {
    Number(usize),
    Edges(Vec<f64>),
}

/// `boxplot(x, positions=, widths=, labels=)`
pub(super) fn boxplot(p: &mut Pictures, at: At, args: &CallArgs, name: &str) -> Told<Value> {
    let call = Call::bind(
        args,
        name,
        &[Param::required("x")],
        &[&[
            "positions",
            "widths",
            "labels",
            "tick_labels",
            "whis",
            "showfliers",
            "vert",
            "notch",
            "sym",
            "patch_artist",
        ]],
    )?;
    let sets: Vec<Data> = match call.bound.given("x") {
        Some(Spanned {
            value: Value::List(v) | Value::Tuple(v),
            span,
        }) if v.iter().any(|x| !x.is_scalar()) => v
            .iter()
            .map(|x| data(name, "x", &Spanned::new(x.clone(), *span)))
            .collect::<Told<_>>()?,
        _ => {
            let all = call.numbers("x")?;
            all.columns()
                .into_iter()
                .map(|values| Data {
                    values,
                    ..all.clone()
                })
                .collect()
        }
    };
    let positions = call
        .list("positions")?
        .unwrap_or_else(|| (1..=sets.len()).map(|k| k as f64).collect());
    if positions.len() != sets.len() {
        return Err(call
            .fail(
                "shape-mismatch",
                "positions",
                format!("{} positions for {} boxes", positions.len(), sets.len()),
            )
            .into());
    }
    let low = positions.iter().copied().fold(f64::INFINITY, f64::min);
    let high = positions.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let usual = (0.15 * (high - low)).clamp(0.15, 0.5);
    let usual = if positions.len() == 1 { 0.15 } else { usual };
    let widths = call.list("widths")?.unwrap_or_else(|| vec![usual]);
    let reach = call.number(&["whis"])?.unwrap_or(1.5);
    let fliers = call.flag("showfliers")?.unwrap_or(true);
    let upright = call.flag("vert")?.unwrap_or(true);
    let turned = |x: f64, y: f64| if upright { (x, y) } else { (y, x) };
    let mut made = Vec::new();
    for (k, (set, x)) in sets.iter().zip(&positions).enumerate() {
        if set.unknown || set.values.is_empty() {
            continue;
        }
        let w = widths
            .get(if widths.len() == 1 { 0 } else { k })
            .copied()
            .unwrap_or(usual)
            / 2.0;
        let s = calc::box_stats(&set.values, reach);
        let [lower, median, upper] = s.quartiles;
        let lines = |all: &[(f64, f64, f64, f64)], color: Rgba| {
            Artist::new(Mark::Segments(Segments {
                ends: all
                    .iter()
                    .map(|(a, b, c, d)| (turned(*a, *b), turned(*c, *d)))
                    .collect(),
                colors: vec![color],
                width: 1.0,
                dash: Dash::Solid,
            }))
        };
        let frame = lines(
            &[
                (x - w, lower, x + w, lower),
                (x + w, lower, x + w, upper),
                (x + w, upper, x - w, upper),
                (x - w, upper, x - w, lower),
                (*x, lower, *x, s.whiskers.0),
                (*x, upper, *x, s.whiskers.1),
                (x - w / 2.0, s.whiskers.0, x + w / 2.0, s.whiskers.0),
                (x - w / 2.0, s.whiskers.1, x + w / 2.0, s.whiskers.1),
            ],
            Rgba::BLACK,
        );
        made.push(p.add(at, frame));
        let orange = Rgba::hex(0xff_7f0e);
        made.push(p.add(at, lines(&[(x - w, median, x + w, median)], orange)));
        if fliers && !s.fliers.is_empty() {
            let (xs, ys): (Vec<f64>, Vec<f64>) = s.fliers.iter().map(|y| turned(*x, *y)).unzip();
            let points = Artist::new(Mark::Line(Line {
                x: xs,
                y: ys,
                color: Rgba::BLACK,
                width: 1.0,
                dash: Dash::None,
                marker: Some("o".into()),
                marker_size: 6.0,
                marker_fill: None,
                marker_edge: Some(Rgba::BLACK),
                marker_line: 1.0,
                steps: DrawStyle::Straight,
                coords: Coords::Data,
            }));
            made.push(p.add(at, points));
        }
    }
    let names = call
        .bound
        .given("labels")
        .or(call.bound.given("tick_labels"))
        .and_then(|v| super::read::strings(&v.value));
    if let Some(axis) = p.axis(at, upright) {
        axis.labels =
            Some(names.unwrap_or_else(|| positions.iter().map(|x| x.to_string()).collect()));
        axis.ticks = TickPlaces::At(positions.clone());
    }
    if let Some(axis) = p.ruling(at, upright)
        && axis.limits == (None, None)
        && !positions.is_empty()
    {
        axis.limits = (Some(low - 0.5), Some(high + 0.5));
    }
    Ok(p.refer(Pic::Artists(at, made)))
}
