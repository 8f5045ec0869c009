//! Colour bars and colour maps.

use dslsim_plot::Rgba;
use dslsim_plot::axes::{BarPlace, Label, Side, TickPlaces};
use dslsim_plot::colormap::ColorMap;
use dslsim_script::{CallArgs, Param, Value};
use dslsim_source::Diagnostic;
use dslsim_syntax::ast::Ident;

use super::read::{Call, Told};
use super::words::TEXT;
use super::{At, Pic, Pictures, no_method};

/// `colorbar(mappable, cax, ax)`
pub(super) fn colorbar(
    p: &mut Pictures,
    figure: usize,
    args: &CallArgs,
    name: &str,
) -> Told<Value> {
    let call = Call::bind(
        args,
        name,
        &[
            Param::optional("mappable"),
            Param::optional("cax"),
            Param::optional("ax"),
        ],
        &[&[
            "ticks",
            "label",
            "orientation",
            "location",
            "fraction",
            "pad",
            "shrink",
            "aspect",
            "extend",
            "format",
            "use_gridspec",
            "drawedges",
            "alpha",
        ]],
    )?;
    let source = match call.bound.given("mappable") {
        None => p.mappable,
        Some(v) => match p.pic_of(&v.value) {
            Some(Pic::Artist(at, k)) => Some((at, k)),
            _ if v.value.is_unknown() => return Ok(Value::Unknown(None)),
            _ => return Err(call.wrong("mappable", "what `scatter` or `imshow` gave")),
        },
    };
    let mapped = |p: &Pictures, (at, k): (At, usize)| {
        p.figures
            .get(at.figure)
            .and_then(|f| f.axes.get(at.axes))
            .and_then(|a| a.artists.get(k))
            .is_some_and(|a| a.mapped().is_some())
    };
    let Some(source) = source.filter(|s| mapped(p, *s)) else {
        let span = call.bound.given("mappable").map_or(args.span, |v| v.span);
        return Err(Diagnostic::error(
            "no-mappable",
            span,
            "colorbar: there is nothing whose colours stand for values",
        )
        .help("draw with `scatter(x, y, c=values)`, `imshow` or `pcolormesh` first")
        .into());
    };
    let location = call.word(
        &["location"],
        "place",
        &["right", "left", "top", "bottom"],
        Side::named,
    )?;
    let lying = call.word(
        &["orientation"],
        "orientation",
        &["vertical", "horizontal"],
        |w| match w {
            "vertical" => Some(false),
            "horizontal" => Some(true),
            _ => None,
        },
    )?;
    let side = location.unwrap_or(if lying == Some(true) {
        Side::Bottom
    } else {
        Side::Right
    });
    let pad = match side {
        Side::Right | Side::Top => 0.05,
        Side::Left => 0.10,
        Side::Bottom => 0.15,
    };
    let bar = BarPlace {
        side,
        fraction: call.number(&["fraction"])?.unwrap_or(0.15),
        pad: call.number(&["pad"])?.unwrap_or(pad),
        shrink: call.number(&["shrink"])?.unwrap_or(1.0),
        aspect: call.number(&["aspect"])?.unwrap_or(20.0),
    };
    let cax = match call.bound.given("cax") {
        None => None,
        Some(v) => match p.pic_of(&v.value) {
            Some(Pic::Axes(at)) => Some(at),
            _ => return Err(call.wrong("cax", "axes")),
        },
    };
    let beside: Vec<At> = match call.bound.given("ax") {
        None => vec![source.0],
        Some(v) => p
            .axes_in(&v.value)
            .ok_or_else(|| call.wrong("ax", "axes, or a list of axes"))?,
    };
    let figure = cax.or(beside.first().copied()).map_or(figure, |a| a.figure);
    if source.0.figure != figure {
        return Err(call
            .fail(
                "wrong-value",
                "mappable",
                "the colour bar and what it explains are in different figures",
            )
            .into());
    }
    let Some(f) = p.figure(figure) else {
        return Ok(Value::None);
    };
    let numbers: Vec<usize> = beside.iter().map(|a| a.axes).collect();
    let axes = f.colorbar(
        (source.0.axes, source.1),
        cax.map(|c| c.axes),
        &numbers,
        bar,
    );
    let at = At { figure, axes };
    let horizontal = matches!(side, Side::Bottom | Side::Top);
    if let Some(places) = call.list("ticks")?
        && let Some(axis) = p.axis(at, horizontal)
    {
        axis.ticks = TickPlaces::At(places);
    }
    if let Some(text) = call.text("label")? {
        let size = p.figure(figure).map_or(10.0, |f| f.style.label);
        if let Some(axis) = p.axis(at, horizontal) {
            axis.label = Some(Label::new(text.as_str(), size));
        }
    }
    Ok(p.refer(Pic::ColorBar(at)))
}

/// Methods of colour bars.
pub(super) fn method(p: &mut Pictures, at: At, name: &Ident, args: &CallArgs) -> Told<Value> {
    let horizontal = p
        .axes(at)
        .and_then(|a| a.bar.as_ref().map(|b| b.horizontal))
        .unwrap_or(false);
    let on = |x: &'static str, y: &'static str| if horizontal { x } else { y };
    match name.name.as_str() {
        "set_label" => {
            let call = Call::bind(
                args,
                "set_label",
                &[Param::required("label")],
                &[TEXT, &["labelpad", "loc", "x", "y"]],
            )?;
            let text = call.text("label")?;
            let (size, base) = p
                .figure(at.figure)
                .map_or((10.0, 10.0), |f| (f.style.label, f.style.font));
            let mut label = Label::new(text.as_ref().map_or("", |t| t.as_str()), size);
            if let Some(s) = call.size(&["fontsize", "size"], base)? {
                label.style.size = s;
            }
            if let Some(r) = call.rotation()? {
                label.style.rotation = if r == 0.0 && !horizontal { 360.0 } else { r };
            }
            label.pad = call.number(&["labelpad"])?;
            label.color = call.color(&["color", "c"])?.unwrap_or(Rgba::BLACK);
            if let Some(axis) = p.axis(at, horizontal) {
                axis.label = Some(label);
            }
            Ok(Value::None)
        }
        "set_ticks" => super::ticks::ticks(p, at, args, on("set_xticks", "set_yticks")),
        "set_ticklabels" => {
            super::ticks::tick_labels(p, at, args, on("set_xticklabels", "set_yticklabels"))
        }
        "minorticks_on" | "minorticks_off" | "update_ticks" | "update_normal" | "draw_all"
        | "set_alpha" => Ok(Value::None),
        "remove" => super::axes::remove(p, at, args, "remove"),
        _ => Err(no_method(
            "Colorbar",
            name,
            &["set_label", "set_ticks", "set_ticklabels", "remove"],
        )),
    }
}

/// `clim(vmin, vmax)`
pub(super) fn clim(p: &mut Pictures, args: &CallArgs, name: &str) -> Told<Value> {
    let call = Call::bind(
        args,
        name,
        &[Param::optional("vmin"), Param::optional("vmax")],
        &[],
    )?;
    let (mut low, mut high) = (None, None);
    match call.list("vmin")?.as_deref() {
        Some([a, b]) => (low, high) = (Some(*a), Some(*b)),
        Some([a]) => low = Some(*a),
        _ => {}
    }
    high = call.number(&["vmax"])?.or(high);
    if let Some((at, k)) = p.mappable {
        p.set_norm(at, k, low, high);
    }
    Ok(Value::None)
}

/// `set_cmap('gray')`
pub(super) fn set_cmap(p: &mut Pictures, args: &CallArgs, name: &str) -> Told<Value> {
    let call = Call::bind(args, name, &[Param::required("cmap")], &[])?;
    if let Some(map) = call.cmap()? {
        p.style.cmap = map;
        if let Some(f) = p.current.and_then(|k| p.figure(k)) {
            f.style.cmap = map;
        }
        if let Some((at, k)) = p.mappable
            && let Some(m) = p
                .axes(at)
                .and_then(|a| a.artists.get_mut(k))
                .and_then(|a| a.mapped_mut())
        {
            m.map = map;
        }
    }
    Ok(Value::None)
}

/// `get_cmap('viridis')`
pub(super) fn get_cmap(p: &mut Pictures, args: &CallArgs, name: &str) -> Told<Value> {
    let call = Call::bind(
        args,
        name,
        &[Param::optional("cmap"), Param::optional("lut")],
        &[],
    )?;
    let map: ColorMap = call.cmap()?.unwrap_or(p.style.cmap);
    Ok(p.refer(Pic::ColorMap(map)))
}

impl Pictures {
    /// Sets which values are the first and the last colour.
    pub(super) fn set_norm(&mut self, at: At, k: usize, low: Option<f64>, high: Option<f64>) {
        if let Some(m) = self
            .axes(at)
            .and_then(|a| a.artists.get_mut(k))
            .and_then(|a| a.mapped_mut())
        {
            m.norm.low = low.unwrap_or(m.norm.low);
            m.norm.high = high.unwrap_or(m.norm.high);
        }
    }

    /// All axes in a value: axes, a grid of them, or a list.
    pub(super) fn axes_in(&self, value: &Value) -> Option<Vec<At>> {
        if let Some(parts) = value.as_sequence() {
            let all: Option<Vec<Vec<At>>> = parts.iter().map(|v| self.axes_in(v)).collect();
            return all.map(|a| a.concat());
        }
        match self.pic_of(value)? {
            Pic::Axes(at) => Some(vec![at]),
            Pic::AxesGrid(_, _, all) => Some(all),
            _ => None,
        }
    }
}
