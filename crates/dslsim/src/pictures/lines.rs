//! `plot` and its relatives: everything made of lines.

use dslsim_plot::Rgba;
use dslsim_plot::artist::{Artist, Coords, ErrorBars, Line, Mark, Segments};
use dslsim_plot::axes::Scale;
use dslsim_plot::style::{Dash, DrawStyle, Format};
use dslsim_script::{CallArgs, Param, Spanned, Value};
use dslsim_source::{Diagnostic, Text};

use super::read::{Call, Data, Told, data, shapes};
use super::{At, Pic, Pictures};

/// Keywords of lines.
pub(super) const LINE: &[&str] = &[
    "color",
    "c",
    "linewidth",
    "lw",
    "linestyle",
    "ls",
    "marker",
    "markersize",
    "ms",
    "markerfacecolor",
    "mfc",
    "markeredgecolor",
    "mec",
    "markeredgewidth",
    "mew",
    "fillstyle",
    "alpha",
    "label",
    "drawstyle",
    "ds",
    "zorder",
    "visible",
    "markevery",
    "data",
    "transform",
];

/// How a line is to look, as far as the call says.
#[derive(Clone, Debug, Default)]
pub(super) struct Look {
    pub color: Option<Rgba>,
    pub width: Option<f64>,
    pub dash: Option<Dash>,
    pub marker: Option<Option<String>>,
    pub size: Option<f64>,
    pub face: Option<Rgba>,
    pub edge: Option<Rgba>,
    pub edge_width: Option<f64>,
    pub alpha: Option<f64>,
    pub label: Option<String>,
    pub steps: Option<DrawStyle>,
    pub order: Option<f64>,
}

impl Look {
    /// Reads the keywords of lines.
    pub fn read(call: &Call) -> Told<Look> {
        let face = if call
            .bound
            .given("fillstyle")
            .and_then(|v| v.value.as_text().map(Text::as_str))
            == Some("none")
        {
            Some(Rgba::CLEAR)
        } else {
            call.color(&["markerfacecolor", "mfc"])?
        };
        Ok(Look {
            color: call.color(&["color", "c"])?,
            width: call.number(&["linewidth", "lw"])?,
            dash: call.dash()?,
            marker: call.marker()?,
            size: call.number(&["markersize", "ms"])?,
            face,
            edge: call.color(&["markeredgecolor", "mec"])?,
            edge_width: call.number(&["markeredgewidth", "mew"])?,
            alpha: call.alpha()?,
            label: call.text("label")?.map(|t| t.as_str().to_owned()),
            steps: call.word(
                &["drawstyle", "ds"],
                "drawing style",
                &["default", "steps", "steps-pre", "steps-mid", "steps-post"],
                DrawStyle::named,
            )?,
            order: call.number(&["zorder"])?,
        })
    }

    /// The line, with a colour of the cycle if none is given.
    pub fn line(
        &self,
        pictures: &mut Pictures,
        at: At,
        format: &Format,
        x: Vec<f64>,
        y: Vec<f64>,
    ) -> Artist {
        let style = pictures
            .figure(at.figure)
            .map(|f| (f.style.line, f.style.marker))
            .unwrap_or((1.5, 6.0));
        let color = match self.color.or(format.color) {
            Some(c) => c,
            None => pictures.next_color(at),
        }
        .with_alpha(self.alpha);
        let marker = self.marker.clone().unwrap_or(format.marker.clone());
        // a marker without a line in the format string means no line
        let dash = match (&self.dash, &format.dash, &format.marker) {
            (Some(d), _, _) | (None, Some(d), _) => d.clone(),
            (None, None, Some(_)) => Dash::None,
            (None, None, None) => Dash::Solid,
        };
        let mut artist = Artist::new(Mark::Line(Line {
            x,
            y,
            color,
            width: self.width.unwrap_or(style.0),
            dash,
            marker,
            marker_size: self.size.unwrap_or(style.1),
            marker_fill: Some(
                self.face
                    .unwrap_or(color)
                    .with_alpha(self.alpha.filter(|_| self.face != Some(Rgba::CLEAR))),
            ),
            marker_edge: Some(self.edge.unwrap_or(color)),
            marker_line: self.edge_width.unwrap_or(1.0),
            steps: self.steps.unwrap_or_default(),
            coords: Coords::Data,
        }));
        artist.label = self.label.clone();
        if let Some(order) = self.order {
            artist.order = order;
        }
        artist
    }
}

impl Pictures {
    /// The next colour for a line.
    pub(super) fn next_color(&mut self, at: At) -> Rgba {
        let cycle = self
            .figure(at.figure)
            .map(|f| f.style.cycle.clone())
            .unwrap_or_default();
        let Some(axes) = self.axes(at) else {
            return Rgba::BLACK;
        };
        let k = axes.used.0;
        axes.used.0 += 1;
        cycle
            .get(k % cycle.len().max(1))
            .copied()
            .unwrap_or(Rgba::BLACK)
    }

    /// The next colour for bars and areas.
    pub(super) fn next_fill(&mut self, at: At) -> Rgba {
        let cycle = self
            .figure(at.figure)
            .map(|f| f.style.cycle.clone())
            .unwrap_or_default();
        let Some(axes) = self.axes(at) else {
            return Rgba::BLACK;
        };
        let k = axes.used.1;
        axes.used.1 += 1;
        cycle
            .get(k % cycle.len().max(1))
            .copied()
            .unwrap_or(Rgba::BLACK)
    }

    /// Numbers of data; categories get the numbers of their names on the axis.
    pub(super) fn places(&mut self, at: At, horizontal: bool, data: &Data) -> Vec<f64> {
        let Some(names) = &data.names else {
            return data.values.clone();
        };
        let Some(axis) = self.ruling(at, horizontal) else {
            return Vec::new();
        };
        names
            .iter()
            .map(|name| {
                let k = match axis.categories.iter().position(|c| c == name) {
                    Some(k) => k,
                    None => {
                        axis.categories.push(name.clone());
                        axis.categories.len() - 1
                    }
                };
                k as f64
            })
            .collect()
    }

    /// References to new lines, in a list as matplotlib gives them.
    pub(super) fn refer_lines(&mut self, at: At, made: Vec<usize>) -> Value {
        let all = made
            .into_iter()
            .map(|k| self.refer(Pic::Artist(at, k)))
            .collect();
        Value::List(all)
    }
}

/// `plot(x, y, 'fmt', x2, y2, …)`, `semilogx`, `semilogy`, `loglog`
pub(super) fn plot(p: &mut Pictures, at: At, args: &CallArgs, name: &str) -> Told<Value> {
    let call = Call::bind(args, name, &[Param::rest("args")], &[LINE])?;
    let look = Look::read(&call)?;
    let mut rest = call.bound.rest.iter().peekable();
    let mut sets: Vec<(Option<Data>, Data, Format)> = Vec::new();
    while let Some(first) = rest.next() {
        let first = data_of(name, first)?;
        let is_format = |v: &Spanned<Value>| matches!(v.value, Value::Str(_));
        let second = match rest.peek() {
            Some(v) if !is_format(v) => rest.next().map(|v| data_of(name, v)).transpose()?,
            _ => None,
        };
        let format = match rest.peek() {
            Some(v) if is_format(v) => rest.next().map(|v| format(name, v)).transpose()?,
            _ => None,
        };
        match second {
            Some(y) => sets.push((Some(first), y, format.unwrap_or_default())),
            None => sets.push((None, first, format.unwrap_or_default())),
        }
    }
    for (axis, horizontal) in [("x", true), ("y", false)] {
        let log = match name {
            "semilogx" => axis == "x",
            "semilogy" => axis == "y",
            "loglog" => true,
            _ => false,
        };
        if log && let Some(axis) = p.ruling(at, horizontal) {
            axis.scale = Scale::Log;
        }
    }
    let mut made = Vec::new();
    let labels = labels(&call);
    for (x, y, format) in sets {
        for (xs, ys) in lines(p, at, name, x, y)? {
            let mut artist = look.line(p, at, &format, xs, ys);
            if let Some(labels) = &labels {
                artist.label = labels.get(made.len()).cloned();
            }
            made.push(p.add(at, artist));
        }
    }
    Ok(p.refer_lines(at, made))
}

/// `label=['a', 'b']`: one for each line.
fn labels(call: &Call) -> Option<Vec<String>> {
    super::read::strings(&call.bound.given("label")?.value)
}

fn data_of(function: &str, v: &Spanned<Value>) -> Told<Data> {
    if let Value::Str(text) = &v.value {
        return Err(Diagnostic::error(
            "wrong-type",
            text.whole(),
            format!("{function}: a format string stands behind the numbers it is for"),
        )
        .help(format!("write `{function}(x, y, '{}')`", text.as_str()))
        .into());
    }
    data(function, "y", v)
}

/// A format string, with the place of what is wrong with it.
pub(super) fn format(function: &str, v: &Spanned<Value>) -> Told<Format> {
    let Some(text) = v.value.as_text() else {
        return Ok(Format::default());
    };
    Format::parse(text.as_str(), &dslsim_plot::color::CYCLE).map_err(|(from, why)| {
        Diagnostic::error(
            "wrong-format",
            text.span(from, (from + 1).min(text.as_str().len())),
            format!(
                "{function}: the format string '{}' is wrong: {why}",
                text.as_str()
            ),
        )
        .help(
            "a format string has a colour, a marker and a line style: 'k', 'o', '--', '.r', 'C1s-'",
        )
        .into()
    })
}

/// The lines that two arrays make: one for each column.
type Pairs = Vec<(Vec<f64>, Vec<f64>)>;

fn lines(p: &mut Pictures, at: At, function: &str, x: Option<Data>, y: Data) -> Told<Pairs> {
    if y.unknown || x.as_ref().is_some_and(|x| x.unknown) {
        return Ok(vec![(Vec::new(), Vec::new())]);
    }
    if y.shape.len() > 2 {
        return Err(Diagnostic::error(
            "shape-mismatch",
            y.span,
            format!(
                "{function}: an array with {} axes cannot be drawn as lines",
                y.shape.len()
            ),
        )
        .into());
    }
    let n = y.shape.first().copied().unwrap_or(1);
    let x = match x {
        None => {
            let ys = if y.names.is_some() {
                vec![p.places(at, false, &y)]
            } else {
                y.columns()
            };
            let xs: Vec<f64> = (0..n).map(|k| k as f64).collect();
            return Ok(ys.into_iter().map(|y| (xs.clone(), y)).collect());
        }
        Some(x) => x,
    };
    let m = x.shape.first().copied().unwrap_or(1);
    if m != n {
        return Err(shapes(function, &x, &y));
    }
    let xs = if x.names.is_some() {
        vec![p.places(at, true, &x)]
    } else {
        x.columns()
    };
    let ys = if y.names.is_some() {
        vec![p.places(at, false, &y)]
    } else {
        y.columns()
    };
    if xs.len() > 1 && ys.len() > 1 && xs.len() != ys.len() {
        return Err(shapes(function, &x, &y));
    }
    let count = xs.len().max(ys.len());
    let pick = |all: &[Vec<f64>], k: usize| {
        all.get(if all.len() == 1 { 0 } else { k })
            .cloned()
            .unwrap_or_default()
    };
    Ok((0..count).map(|k| (pick(&xs, k), pick(&ys, k))).collect())
}

/// `step(x, y, where='pre')`
pub(super) fn step(p: &mut Pictures, at: At, args: &CallArgs, name: &str) -> Told<Value> {
    let call = Call::bind(
        args,
        name,
        &[
            Param::required("x"),
            Param::required("y"),
            Param::optional("fmt"),
        ],
        &[LINE, &["where"]],
    )?;
    let mut look = Look::read(&call)?;
    let steps = call.word(&["where"], "place of steps", &["pre", "mid", "post"], |w| {
        DrawStyle::named(&format!("steps-{w}")).filter(|_| matches!(w, "pre" | "mid" | "post"))
    })?;
    look.steps = Some(steps.unwrap_or(DrawStyle::StepsPre));
    let (x, y) = (
        call.data("x")?.unwrap_or_default(),
        call.data("y")?.unwrap_or_default(),
    );
    let fmt = match call.bound.given("fmt") {
        Some(v) => format(name, v)?,
        None => Format::default(),
    };
    let mut made = Vec::new();
    for (xs, ys) in lines(p, at, name, Some(x), y)? {
        let artist = look.line(p, at, &fmt, xs, ys);
        made.push(p.add(at, artist));
    }
    Ok(p.refer_lines(at, made))
}

/// `axhline(y)`, `axvline(x)`
pub(super) fn across(p: &mut Pictures, at: At, args: &CallArgs, name: &str) -> Told<Value> {
    let horizontal = name == "axhline";
    let (value, low, high) = if horizontal {
        ("y", "xmin", "xmax")
    } else {
        ("x", "ymin", "ymax")
    };
    let call = Call::bind(
        args,
        name,
        &[
            Param::optional(value),
            Param::optional(low),
            Param::optional(high),
        ],
        &[LINE],
    )?;
    let look = Look::read(&call)?;
    let place = call.number(&[value])?;
    let known = call
        .bound
        .given(value)
        .is_none_or(|v| !v.value.is_unknown());
    let place = place.unwrap_or(if known { 0.0 } else { f64::NAN });
    let (from, to) = (
        call.number(&[low])?.unwrap_or(0.0),
        call.number(&[high])?.unwrap_or(1.0),
    );
    let (x, y) = if horizontal {
        (vec![from, to], vec![place, place])
    } else {
        (vec![place, place], vec![from, to])
    };
    // matplotlib takes the first colour of the cycle here
    let look = Look {
        color: look.color.or_else(|| {
            p.figure(at.figure)
                .and_then(|f| f.style.cycle.first().copied())
        }),
        ..look
    };
    let mut artist = look.line(p, at, &Format::default(), x, y);
    if let Mark::Line(line) = &mut artist.mark {
        line.coords = if horizontal {
            Coords::AxesX
        } else {
            Coords::AxesY
        };
    }
    let k = p.add(at, artist);
    Ok(p.refer(Pic::Artist(at, k)))
}

/// Keywords of sets of lines.
const SEGMENTS: &[&str] = &[
    "colors",
    "color",
    "linestyles",
    "linestyle",
    "ls",
    "linewidths",
    "linewidth",
    "lw",
    "label",
    "alpha",
    "zorder",
];

/// As many as the longest of several; single ones are repeated.
fn repeated(all: &[&Data]) -> Option<usize> {
    let n = all.iter().map(|d| d.len()).max().unwrap_or(0);
    all.iter()
        .all(|d| d.len() == n || d.len() == 1)
        .then_some(n)
}

/// `hlines(y, xmin, xmax)`, `vlines(x, ymin, ymax)`
pub(super) fn segments(p: &mut Pictures, at: At, args: &CallArgs, name: &str) -> Told<Value> {
    let horizontal = name == "hlines";
    let params = if horizontal {
        ["y", "xmin", "xmax"]
    } else {
        ["x", "ymin", "ymax"]
    };
    let [a, b, c] = params;
    let mut all = vec![Param::required(a), Param::required(b), Param::required(c)];
    all.push(Param::optional("colors"));
    let keywords: Vec<&'static str> = SEGMENTS
        .iter()
        .copied()
        .filter(|k| *k != "colors")
        .collect();
    let call = Call::bind(args, name, &all, &[&keywords])?;
    let (at_data, from, to) = (call.numbers(a)?, call.numbers(b)?, call.numbers(c)?);
    let mut artist = Artist::new(Mark::Segments(Segments {
        ends: Vec::new(),
        colors: match call.colors(&["colors", "color"])? {
            Some(c) => c,
            None => vec![
                p.figure(at.figure)
                    .and_then(|f| f.style.cycle.first().copied())
                    .unwrap_or(Rgba::BLACK),
            ],
        },
        width: call
            .number(&["linewidths", "linewidth", "lw"])?
            .unwrap_or(p.figure(at.figure).map_or(1.5, |f| f.style.line)),
        dash: call.dash()?.unwrap_or_default(),
    }));
    artist.label = call.text("label")?.map(|t| t.as_str().to_owned());
    if let Some(order) = call.number(&["zorder"])? {
        artist.order = order;
    }
    let alpha = call.alpha()?;
    if let Mark::Segments(s) = &mut artist.mark {
        s.colors = s.colors.iter().map(|c| c.with_alpha(alpha)).collect();
        if !(at_data.unknown || from.unknown || to.unknown) {
            let Some(n) = repeated(&[&at_data, &from, &to]) else {
                return Err(shapes(name, &from, &at_data));
            };
            let pick = |d: &Data, k: usize| {
                d.values
                    .get(if d.len() == 1 { 0 } else { k })
                    .copied()
                    .unwrap_or(f64::NAN)
            };
            for k in 0..n {
                let (q, u, v) = (pick(&at_data, k), pick(&from, k), pick(&to, k));
                s.ends.push(if horizontal {
                    ((u, q), (v, q))
                } else {
                    ((q, u), (q, v))
                });
            }
        }
    }
    let k = p.add(at, artist);
    Ok(p.refer(Pic::Artist(at, k)))
}

/// `eventplot(positions)`: a short line at each event; a row for each list.
pub(super) fn eventplot(p: &mut Pictures, at: At, args: &CallArgs, name: &str) -> Told<Value> {
    let call = Call::bind(
        args,
        name,
        &[
            Param::required("positions"),
            Param::optional("orientation"),
            Param::optional("lineoffsets"),
            Param::optional("linelengths"),
        ],
        &[SEGMENTS],
    )?;
    let horizontal = call
        .word(
            &["orientation"],
            "orientation",
            &["horizontal", "vertical"],
            |w| match w {
                "horizontal" => Some(true),
                "vertical" => Some(false),
                _ => None,
            },
        )?
        .unwrap_or(true);
    let offsets = call.list("lineoffsets")?;
    let lengths = call.list("linelengths")?;
    let colors = match call.colors(&["colors", "color"])? {
        Some(c) => c,
        None => vec![
            p.figure(at.figure)
                .and_then(|f| f.style.cycle.first().copied())
                .unwrap_or(Rgba::BLACK),
        ],
    };
    let width = call
        .number(&["linewidths", "linewidth", "lw"])?
        .unwrap_or(1.5);
    let dash = call.dash()?.unwrap_or_default();
    let given = call.bound.given("positions");
    let rows: Vec<Data> = match given.map(|g| (&g.value, g.span)) {
        Some((Value::List(v) | Value::Tuple(v), span)) if v.iter().any(|x| !x.is_scalar()) => v
            .iter()
            .map(|x| data(name, "positions", &Spanned::new(x.clone(), span)))
            .collect::<Told<_>>()?,
        // spike trains: a row for each neuron
        Some((Value::Dict(d), span)) => d
            .values()
            .map(|x| data(name, "positions", &Spanned::new(x.clone(), span)))
            .collect::<Told<_>>()?,
        Some(_) => {
            let all = call.numbers("positions")?;
            all.rows()
                .into_iter()
                .map(|values| Data {
                    shape: vec![values.len()],
                    values,
                    ..all.clone()
                })
                .collect()
        }
        None => Vec::new(),
    };
    let mut made = Vec::new();
    let mut around: Option<((f64, f64), (f64, f64))> = None;
    for (k, row) in rows.iter().enumerate() {
        let one = |all: &Option<Vec<f64>>, usual: f64| {
            all.as_ref().map_or(usual, |v| {
                v.get(if v.len() == 1 { 0 } else { k })
                    .copied()
                    .unwrap_or(usual)
            })
        };
        let usual = if rows.len() == 1 { 1.0 } else { k as f64 };
        let (offset, length) = (one(&offsets, usual), one(&lengths, 1.0));
        let (low, high) = (offset - length / 2.0, offset + length / 2.0);
        for t in row.values.iter().filter(|t| t.is_finite()) {
            let ((a, b), (c, d)) = around.unwrap_or(((*t, *t), (offset, offset)));
            around = Some((
                (a.min(*t), b.max(*t)),
                (c.min(offset - length), d.max(offset + length)),
            ));
        }
        let ends = row
            .values
            .iter()
            .map(|t| {
                if horizontal {
                    ((*t, low), (*t, high))
                } else {
                    ((low, *t), (high, *t))
                }
            })
            .collect();
        let color = colors.get(k % colors.len().max(1)).copied();
        let artist = Artist::new(Mark::Segments(Segments {
            ends,
            colors: vec![color.unwrap_or(Rgba::BLACK)],
            width,
            dash: dash.clone(),
        }));
        made.push(p.add(at, artist));
    }
    // limits leave half a line of room, as in matplotlib: a line that is not seen goes that far
    if let Some(((a, b), (c, d))) = around {
        let (x, y) = (vec![a, b], vec![c, d]);
        let (x, y) = if horizontal { (x, y) } else { (y, x) };
        let unseen = Look {
            color: Some(Rgba::CLEAR),
            dash: Some(Dash::None),
            ..Look::default()
        };
        let artist = unseen.line(p, at, &Format::default(), x, y);
        p.add(at, artist);
    }
    Ok(p.refer_lines(at, made))
}

/// `stem(x, y)`
pub(super) fn stem(p: &mut Pictures, at: At, args: &CallArgs, name: &str) -> Told<Value> {
    let call = Call::bind(
        args,
        name,
        &[Param::required("x"), Param::optional("y")],
        &[&["label", "bottom"]],
    )?;
    let x = call.numbers("x")?;
    let (x, y) = match call.data("y")? {
        Some(y) => (x, y),
        None => (
            Data {
                values: (0..x.len()).map(|k| k as f64).collect(),
                ..x.clone()
            },
            x,
        ),
    };
    super::read::two(name, &x, &y)?;
    let bottom = call.number(&["bottom"])?.unwrap_or(0.0);
    let look = Look {
        label: call.text("label")?.map(|t| t.as_str().to_owned()),
        ..Look::default()
    };
    let color = p.next_color(at);
    let ends = x
        .values
        .iter()
        .zip(&y.values)
        .map(|(x, y)| ((*x, bottom), (*x, *y)))
        .collect();
    p.add(
        at,
        Artist::new(Mark::Segments(Segments {
            ends,
            colors: vec![color],
            width: 1.5,
            dash: Dash::Solid,
        })),
    );
    let heads = Look {
        color: Some(color),
        ..look
    };
    let format = Format {
        marker: Some("o".into()),
        ..Format::default()
    };
    let artist = heads.line(p, at, &format, x.values.clone(), y.values.clone());
    let k = p.add(at, artist);
    let low = x.values.iter().copied().fold(f64::INFINITY, f64::min);
    let high = x.values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let base = Look {
        color: Some(Rgba::named("C3", &dslsim_plot::color::CYCLE).unwrap_or(Rgba::BLACK)),
        ..Look::default()
    };
    let artist = base.line(
        p,
        at,
        &Format::default(),
        vec![low, high],
        vec![bottom, bottom],
    );
    p.add(at, artist);
    Ok(p.refer(Pic::Artist(at, k)))
}

/// `errorbar(x, y, yerr, xerr, fmt)`
pub(super) fn errorbar(p: &mut Pictures, at: At, args: &CallArgs, name: &str) -> Told<Value> {
    let call = Call::bind(
        args,
        name,
        &[
            Param::required("x"),
            Param::required("y"),
            Param::optional("yerr"),
            Param::optional("xerr"),
            Param::optional("fmt"),
        ],
        &[
            LINE,
            &[
                "ecolor",
                "elinewidth",
                "capsize",
                "capthick",
                "barsabove",
                "errorevery",
            ],
        ],
    )?;
    let look = Look::read(&call)?;
    let (x, y) = (call.data("x")?.unwrap_or_default(), call.numbers("y")?);
    super::read::two(name, &x, &y)?;
    let xs = p.places(at, true, &x);
    let empty = matches!(call.bound.given("fmt").and_then(|v| v.value.as_text()), Some(t) if t.as_str().eq_ignore_ascii_case("none"));
    let fmt = match call.bound.given("fmt") {
        Some(v) if !empty => format(name, v)?,
        _ => Format::default(),
    };
    let mut line = look.line(p, at, &fmt, xs.clone(), y.values.clone());
    line.set = true;
    let color = match &line.mark {
        Mark::Line(l) => l.color,
        _ => Rgba::BLACK,
    };
    let label = line.label.clone();
    let of = (!empty).then(|| p.add(at, line));
    let ends = |name: &'static str, vertical: bool| -> Told<Vec<_>> {
        let Some(e) = call
            .data(name)?
            .filter(|e| !e.unknown && !y.unknown && !x.unknown)
        else {
            return Ok(Vec::new());
        };
        let rows = e.rows();
        let n = y.len();
        let fits = match e.shape.as_slice() {
            [] => true,
            [m] => *m == n || *m == 1,
            [2, m] => *m == n || *m == 1,
            _ => false,
        };
        if !fits {
            return Err(call
                .fail(
                    "shape-mismatch",
                    name,
                    format!("`{name}` must be one number, {n} numbers, or two rows of {n}"),
                )
                .into());
        }
        let of = |row: usize, k: usize| {
            let row = rows.get(row.min(rows.len().saturating_sub(1)));
            row.and_then(|r| r.get(if r.len() == 1 { 0 } else { k }).copied())
                .unwrap_or(f64::NAN)
        };
        Ok(xs
            .iter()
            .zip(&y.values)
            .enumerate()
            .map(|(k, (x, y))| {
                let (down, up) = (of(0, k), of(1, k));
                if vertical {
                    ((*x, y - down), (*x, y + up))
                } else {
                    ((x - down, *y), (x + up, *y))
                }
            })
            .collect())
    };
    let (vertical, horizontal) = (ends("yerr", true)?, ends("xerr", false)?);
    let width = call.number(&["elinewidth"])?.or(look.width).unwrap_or(1.5);
    let mut bars = Artist::new(Mark::ErrorBars(ErrorBars {
        vertical,
        horizontal,
        color: call
            .color(&["ecolor"])?
            .unwrap_or(color)
            .with_alpha(look.alpha),
        width,
        cap: call.number(&["capsize"])?.unwrap_or(0.0),
        cap_width: call.number(&["capthick"])?.unwrap_or(1.0),
    }));
    bars.part_of = of;
    bars.set = true;
    if of.is_none() {
        bars.label = label;
    }
    let b = p.add(at, bars);
    let mut all: Vec<usize> = of.into_iter().collect();
    all.push(b);
    Ok(p.refer(Pic::Artists(at, all)))
}
