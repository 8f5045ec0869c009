//! Titles, labels, texts and annotations.

use dslsim_plot::Rgba;
use dslsim_plot::artist::{Artist, Coords, Mark, TextMark};
use dslsim_plot::axes::Label;
use dslsim_plot::text::{HAlign, TextStyle, VAlign};
use dslsim_script::{CallArgs, Param, Value};
use dslsim_source::Text;

use super::read::{Call, Told, color, coords_named};
use super::{At, Pic, Pictures};

/// Keywords of texts.
pub(super) const TEXT: &[&str] = &[
    "fontsize",
    "size",
    "color",
    "c",
    "ha",
    "horizontalalignment",
    "va",
    "verticalalignment",
    "rotation",
    "rotation_mode",
    "fontweight",
    "weight",
    "fontstyle",
    "style",
    "fontdict",
    "family",
    "fontfamily",
    "alpha",
    "zorder",
    "linespacing",
    "wrap",
    "multialignment",
];

fn flat(text: Option<Text>) -> String {
    text.map(|t| t.as_str().to_owned()).unwrap_or_default()
}

/// How a text is set, as far as the call says.
fn style(call: &Call, mut style: TextStyle, base: f64) -> Told<(TextStyle, Rgba)> {
    if let Some(size) = call.size(&["fontsize", "size"], base)? {
        style.size = size;
    }
    if let Some(ha) = call.halign()? {
        style.ha = ha;
    }
    if let Some(va) = call.valign()? {
        style.va = va;
    }
    if let Some(r) = call.rotation()? {
        style.rotation = r;
    }
    if let Some(v) = call.bound.given("rotation_mode") {
        style.anchor = v.value.as_text().is_some_and(|t| t.as_str() == "anchor");
    }
    if let Some((_, v)) = call.any(&["fontweight", "weight"]) {
        style.bold = match v.value.as_text().map(Text::as_str) {
            Some("bold" | "heavy" | "black" | "extra bold" | "semibold" | "demibold" | "demi") => {
                true
            }
            Some(_) => false,
            None => v.value.as_f64().is_some_and(|x| x >= 600.0),
        };
    }
    if let Some((_, v)) = call.any(&["fontstyle", "style"]) {
        style.italic = matches!(
            v.value.as_text().map(Text::as_str),
            Some("italic" | "oblique")
        );
    }
    let color = call.color(&["color", "c"])?.unwrap_or(Rgba::BLACK);
    Ok((style, color.with_alpha(call.alpha()?)))
}

/// `xlabel(s)`, `ax.set_ylabel(s)`
pub(super) fn axis_label(p: &mut Pictures, at: At, args: &CallArgs, name: &str) -> Told<Value> {
    let horizontal = name.contains("xlabel");
    let first = if horizontal { "xlabel" } else { "ylabel" };
    let call = Call::bind(
        args,
        name,
        &[
            Param::required(first),
            Param::optional("fontdict"),
            Param::optional("labelpad"),
        ],
        &[&TEXT_WITHOUT_DICT, &["loc"]],
    )?;
    let text = call.text(first)?;
    let (size, base) = p
        .figure(at.figure)
        .map_or((10.0, 10.0), |f| (f.style.label, f.style.font));
    let mut label = Label::new(flat(text), size);
    (label.style, label.color) = style(&call, label.style, base)?;
    // a label that is asked to lie is marked, since labels of vertical axes stand by default
    if !horizontal && call.bound.given("rotation").is_some() && label.style.rotation == 0.0 {
        label.style.rotation = 360.0;
    }
    label.pad = call.number(&["labelpad"])?;
    label.along = call.word(
        &["loc"],
        "place",
        &["left", "center", "right", "bottom", "top"],
        |w| match w {
            "left" | "bottom" => Some(0.0),
            "center" => Some(0.5),
            "right" | "top" => Some(1.0),
            _ => None,
        },
    )?;
    match label.along {
        Some(0.0) => label.style.ha = HAlign::Left,
        Some(1.0) => label.style.ha = HAlign::Right,
        _ => {}
    }
    if let Some(axis) = p.axis(at, horizontal) {
        axis.label = (!label.text.is_empty()).then_some(label);
    }
    Ok(p.refer(Pic::Word))
}

/// [`TEXT`] without `fontdict`, which may be given by position.
const TEXT_WITHOUT_DICT: [&str; 20] = [
    "fontsize",
    "size",
    "color",
    "c",
    "ha",
    "horizontalalignment",
    "va",
    "verticalalignment",
    "rotation",
    "rotation_mode",
    "fontweight",
    "weight",
    "fontstyle",
    "style",
    "family",
    "fontfamily",
    "alpha",
    "zorder",
    "linespacing",
    "wrap",
];

/// `title(s)`
pub(super) fn title(p: &mut Pictures, at: At, args: &CallArgs, name: &str) -> Told<Value> {
    let call = Call::bind(
        args,
        name,
        &[
            Param::required("label"),
            Param::optional("fontdict"),
            Param::optional("loc"),
            Param::optional("pad"),
        ],
        &[&TEXT_WITHOUT_DICT, &["y", "x"]],
    )?;
    let text = call.text("label")?;
    let (size, base) = p
        .figure(at.figure)
        .map_or((12.0, 10.0), |f| (f.style.title, f.style.font));
    let mut label = Label::new(flat(text), size);
    (label.style, label.color) = style(&call, label.style, base)?;
    label.pad = call.number(&["pad"])?;
    label.along = call.number(&["y"])?;
    let which = call
        .word(
            &["loc"],
            "place",
            &["center", "left", "right"],
            |w| match w {
                "center" => Some(0),
                "left" => Some(1),
                "right" => Some(2),
                _ => None,
            },
        )?
        .unwrap_or(0);
    if let Some(slot) = p.axes(at).and_then(|a| a.titles.get_mut(which)) {
        *slot = Some(label);
    }
    Ok(p.refer(Pic::Word))
}

/// A frame: `bbox=dict(facecolor=…)`.
fn frame(p: &Pictures, call: &Call) -> Told<Option<(Rgba, Rgba, f64, bool)>> {
    let _ = p;
    let Some(v) = call.bound.given("bbox") else {
        return Ok(None);
    };
    let Value::Dict(d) = &v.value else {
        return Err(call.wrong("bbox", "a dict such as {'facecolor': 'white'}"));
    };
    let get = |names: &[&str]| names.iter().find_map(|n| d.get(*n));
    let alpha = get(&["alpha"]).and_then(Value::as_f64);
    let one = |names: &[&str], usual: Rgba| -> Told<Rgba> {
        Ok(match get(names) {
            Some(c) => color(&call.function, c, v.span)?,
            None => usual,
        }
        .with_alpha(alpha))
    };
    let round = get(&["boxstyle"])
        .and_then(|b| b.as_text().map(|t| t.as_str().starts_with("round")))
        .unwrap_or(false);
    let pad = get(&["pad"]).and_then(Value::as_f64).unwrap_or(4.0);
    Ok(Some((
        one(&["facecolor", "fc"], Rgba::hex(0x1f_77b4))?,
        one(&["edgecolor", "ec"], Rgba::BLACK)?,
        pad,
        round,
    )))
}

/// `text(x, y, s)`
pub(super) fn text(p: &mut Pictures, at: At, args: &CallArgs, name: &str) -> Told<Value> {
    let call = Call::bind(
        args,
        name,
        &[
            Param::required("x"),
            Param::required("y"),
            Param::required("s"),
            Param::optional("fontdict"),
        ],
        &[&TEXT_WITHOUT_DICT, &["transform", "bbox"]],
    )?;
    let place = (call.number(&["x"])?, call.number(&["y"])?);
    let content = flat(call.text("s")?);
    let size = p.figure(at.figure).map_or(10.0, |f| f.style.font);
    let (style, color) = style(&call, TextStyle::of_size(size), size)?;
    let coords = match call.bound.given("transform") {
        None => Coords::Data,
        Some(v) => match p.pic_of(&v.value) {
            Some(Pic::Transform(c)) => c,
            _ if v.value.is_unknown() => Coords::Data,
            _ => {
                return Err(call.wrong(
                    "transform",
                    "`ax.transAxes`, `ax.transData` or `fig.transFigure`",
                ));
            }
        },
    };
    let (Some(x), Some(y)) = place else {
        return Ok(p.refer(Pic::Word));
    };
    let mut artist = Artist::new(Mark::Text(TextMark {
        at: (x, y),
        text: content,
        style,
        color,
        coords,
        shift: (0.0, 0.0),
        frame: frame(p, &call)?,
        arrow: None,
        clip: false,
    }));
    if let Some(order) = call.number(&["zorder"])? {
        artist.order = order;
    }
    let k = p.add(at, artist);
    Ok(p.refer(Pic::Artist(at, k)))
}

/// `annotate(s, xy, xytext=, arrowprops=)`
pub(super) fn annotate(p: &mut Pictures, at: At, args: &CallArgs, name: &str) -> Told<Value> {
    let call = Call::bind(
        args,
        name,
        &[
            Param::required("text"),
            Param::required("xy"),
            Param::optional("xytext"),
            Param::optional("xycoords"),
            Param::optional("textcoords"),
            Param::optional("arrowprops"),
        ],
        &[TEXT, &["bbox", "annotation_clip"]],
    )?;
    let size = p.figure(at.figure).map_or(10.0, |f| f.style.font);
    let (style, tint) = style(&call, TextStyle::of_size(size), size)?;
    let content = flat(call.text("text")?);
    let (xy, xytext) = (call.pair("xy")?, call.pair("xytext")?);
    let known = ["data", "axes fraction", "figure fraction", "offset points"];
    let xycoords = call
        .word(&["xycoords"], "coordinates", &known[..3], coords_named)?
        .unwrap_or_default();
    let offset = call
        .word(&["textcoords"], "coordinates", &known, |w| {
            if w == "offset points" {
                Some(None)
            } else {
                coords_named(w).map(Some)
            }
        })?
        .unwrap_or(Some(xycoords));
    let arrow = match call.bound.given("arrowprops").map(|v| (&v.value, v.span)) {
        None => None,
        Some((Value::Dict(d), span)) => {
            let tint = match d
                .get("color")
                .or_else(|| d.get("facecolor"))
                .or_else(|| d.get("edgecolor"))
                .or_else(|| d.get("ec"))
            {
                Some(c) => color(name, c, span)?,
                None => Rgba::BLACK,
            };
            let width = ["linewidth", "lw", "width"]
                .iter()
                .find_map(|n| d.get(*n))
                .and_then(Value::as_f64)
                .unwrap_or(1.0);
            let head = d
                .get("arrowstyle")
                .and_then(Value::as_text)
                .is_none_or(|t| t.as_str().contains('>'));
            Some((tint, width, head))
        }
        Some(_) => return Err(call.wrong("arrowprops", "a dict such as {'arrowstyle': '->'}")),
    };
    let Some(tip) = xy else {
        return Ok(p.refer(Pic::Word));
    };
    let (place, coords, shift) = match (xytext, offset) {
        (None, _) => (tip, xycoords, (0.0, 0.0)),
        (Some(t), Some(c)) => (t, c, (0.0, 0.0)),
        (Some(t), None) => (tip, xycoords, t),
    };
    let artist = Artist::new(Mark::Text(TextMark {
        at: place,
        text: content,
        style,
        color: tint,
        coords,
        shift,
        frame: frame(p, &call)?,
        arrow: arrow.map(|(c, w, h)| (tip, c, w, h)),
        clip: false,
    }));
    let k = p.add(at, artist);
    Ok(p.refer(Pic::Artist(at, k)))
}

/// `suptitle(s)`
pub(super) fn suptitle(
    p: &mut Pictures,
    figure: usize,
    args: &CallArgs,
    name: &str,
) -> Told<Value> {
    let call = Call::bind(args, name, &[Param::required("t")], &[TEXT, &["x", "y"]])?;
    let (size, base) = p
        .figure(figure)
        .map_or((12.0, 10.0), |f| (f.style.suptitle, f.style.font));
    let mut label = Label::new(flat(call.text("t")?), size);
    label.style = label.style.aligned(HAlign::Center, VAlign::Top);
    (label.style, label.color) = style(&call, label.style, base)?;
    let at = (
        call.number(&["x"])?.unwrap_or(0.5),
        call.number(&["y"])?.unwrap_or(0.98),
    );
    if let Some(f) = p.figure(figure) {
        f.suptitle = Some((label, at));
    }
    Ok(p.refer(Pic::Word))
}

/// `fig.supxlabel(s)`, `fig.supylabel(s)`
pub(super) fn suplabel(
    p: &mut Pictures,
    figure: usize,
    args: &CallArgs,
    name: &str,
) -> Told<Value> {
    let call = Call::bind(args, name, &[Param::required("t")], &[TEXT, &["x", "y"]])?;
    let size = p.figure(figure).map_or(12.0, |f| f.style.suptitle);
    let mut label = Label::new(flat(call.text("t")?), size);
    (label.style, label.color) = style(&call, label.style, size)?;
    if let Some(f) = p.figure(figure) {
        if name == "supxlabel" {
            f.suplabels.0 = Some(label);
        } else {
            f.suplabels.1 = Some(label);
        }
    }
    Ok(p.refer(Pic::Word))
}

/// `fig.text(x, y, s)`, `figtext(x, y, s)`
pub(super) fn figure_text(
    p: &mut Pictures,
    figure: usize,
    args: &CallArgs,
    name: &str,
) -> Told<Value> {
    let call = Call::bind(
        args,
        name,
        &[
            Param::required("x"),
            Param::required("y"),
            Param::required("s"),
        ],
        &[TEXT, &["bbox", "transform"]],
    )?;
    let size = p.figure(figure).map_or(10.0, |f| f.style.font);
    let (style, color) = style(&call, TextStyle::of_size(size), size)?;
    let content = flat(call.text("s")?);
    let frame = frame(p, &call)?;
    if let (Some(x), Some(y)) = (call.number(&["x"])?, call.number(&["y"])?)
        && let Some(f) = p.figure(figure)
    {
        f.texts.push(Artist::new(Mark::Text(TextMark {
            at: (x, y),
            text: content,
            style,
            color,
            coords: Coords::Figure,
            shift: (0.0, 0.0),
            frame,
            arrow: None,
            clip: false,
        })));
    }
    Ok(p.refer(Pic::Word))
}
