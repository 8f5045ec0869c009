//! `legend`.

use dslsim_plot::axes::{LOCATIONS, Legend};
use dslsim_plot::geometry::Rect;
use dslsim_script::{CallArgs, Param, Spanned, Value};

use super::read::{Call, Told, strings, unknown_word};
use super::{At, Pic, Pictures};

/// `legend()`, `legend(labels)`, `legend(handles, labels)`
pub(super) fn legend(p: &mut Pictures, at: At, args: &CallArgs, name: &str) -> Told<Value> {
    let call = Call::bind(
        args,
        name,
        &[Param::optional("handles"), Param::optional("labels")],
        &[&[
            "loc",
            "bbox_to_anchor",
            "ncol",
            "ncols",
            "fontsize",
            "prop",
            "frameon",
            "framealpha",
            "title",
            "title_fontsize",
            "borderpad",
            "labelspacing",
            "handlelength",
            "handletextpad",
            "borderaxespad",
            "columnspacing",
            "numpoints",
            "scatterpoints",
            "markerscale",
            "fancybox",
            "shadow",
            "facecolor",
            "edgecolor",
        ]],
    )?;
    let (size, framed, base) = p.figure(at.figure).map_or((10.0, true, 10.0), |f| {
        (f.style.legend, f.style.legend_frame, f.style.font)
    });
    let entries = entries(p, at, &call)?;
    let location = match call.bound.given("loc") {
        None => 0,
        Some(v) => place(&call, v)?,
    };
    let anchor = match call.list("bbox_to_anchor")?.as_deref() {
        None => None,
        Some([x, y]) => Some(Rect::of_size(*x, *y, 0.0, 0.0)),
        Some([x, y, w, h]) => Some(Rect::of_size(*x, *y, *w, *h)),
        Some(_) => return Err(call.wrong("bbox_to_anchor", "two or four numbers")),
    };
    let spacing = [
        ("borderpad", 0.4),
        ("labelspacing", 0.5),
        ("handlelength", 2.0),
        ("handletextpad", 0.8),
        ("borderaxespad", 0.5),
        ("columnspacing", 2.0),
    ];
    let mut distances = [0.0; 6];
    for (slot, (name, usual)) in distances.iter_mut().zip(spacing) {
        *slot = call.number(&[name])?.unwrap_or(usual);
    }
    let size = call.size(&["fontsize"], base)?.unwrap_or(size);
    let title = match call.text("title")? {
        Some(text) => Some((
            text.as_str().to_owned(),
            call.size(&["title_fontsize"], base)?.unwrap_or(base),
        )),
        None => None,
    };
    let legend = Legend {
        entries,
        location,
        anchor,
        columns: call.count(&["ncol", "ncols"])?.unwrap_or(1).max(1),
        size,
        frame: call.flag("frameon")?.unwrap_or(framed),
        alpha: call.number(&["framealpha"])?.unwrap_or(0.8),
        title,
        spacing: distances,
        points: call.count(&["numpoints"])?.unwrap_or(1),
        marker_scale: call.number(&["markerscale"])?.unwrap_or(1.0),
    };
    if let Some(axes) = p.axes(at) {
        axes.legend = Some(legend);
    }
    Ok(p.refer(Pic::Legend(at)))
}

fn place(call: &Call, v: &Spanned<Value>) -> Told<u8> {
    if let Some(text) = v.value.as_text() {
        return LOCATIONS
            .iter()
            .position(|l| *l == text.as_str())
            .map(|k| k as u8)
            .ok_or_else(|| {
                unknown_word(&call.function, "place of a legend", text, &LOCATIONS).into()
            });
    }
    match v.value.as_i64().and_then(|k| u8::try_from(k).ok()) {
        Some(k) if usize::from(k) < LOCATIONS.len() => Ok(k),
        _ if v.value.is_unknown() => Ok(0),
        // a pair of numbers is the lower left corner
        _ if v.value.as_sequence().is_some() => Ok(3),
        _ => Err(call.wrong(
            "loc",
            "a place such as 'upper right', or a number from 0 to 10",
        )),
    }
}

/// The artists and their names, if the call says them.
fn entries(p: &Pictures, at: At, call: &Call) -> Told<Option<Vec<(usize, String)>>> {
    let (first, second) = (call.bound.given("handles"), call.bound.given("labels"));
    let names = |v: &Spanned<Value>| {
        strings(&v.value).or_else(|| v.value.as_text().map(|t| vec![t.as_str().to_owned()]))
    };
    // what is shown when only names are given: everything that can stand in a legend
    let all = || -> Vec<usize> {
        let axes = p.figures.get(at.figure).and_then(|f| f.axes.get(at.axes));
        axes.map_or_else(Vec::new, |a| {
            a.artists
                .iter()
                .enumerate()
                .filter(|(_, x)| {
                    !matches!(
                        x.mark,
                        dslsim_plot::artist::Mark::Text(_) | dslsim_plot::artist::Mark::Image(_)
                    ) && x.part_of.is_none()
                })
                .map(|(k, _)| k)
                .collect()
        })
    };
    let handles = |v: &Spanned<Value>| -> Option<Vec<usize>> {
        let parts = v.value.as_sequence()?;
        parts.iter().map(|x| member(p, x)).collect()
    };
    match (first, second) {
        (None, None) => Ok(None),
        (Some(v), _) | (None, Some(v)) if v.value.is_unknown() => Ok(None),
        (Some(v), None) => match (names(v), handles(v)) {
            (Some(names), _) => Ok(Some(all().into_iter().zip(names).collect())),
            (None, Some(handles)) => Ok(Some(
                handles
                    .into_iter()
                    .filter_map(|k| {
                        let axes = p.figures.get(at.figure)?.axes.get(at.axes)?;
                        Some((k, axes.artists.get(k)?.label.clone()?))
                    })
                    .collect(),
            )),
            _ => Err(call.wrong("handles", "lines, or their names")),
        },
        (None, Some(v)) => match names(v) {
            Some(names) => Ok(Some(all().into_iter().zip(names).collect())),
            None => Err(call.wrong("labels", "a list of strings")),
        },
        (Some(h), Some(l)) => match (handles(h), names(l)) {
            (Some(h), Some(l)) => Ok(Some(h.into_iter().zip(l).collect())),
            (None, _) => Err(call.wrong("handles", "a list of lines")),
            (_, None) => Err(call.wrong("labels", "a list of strings")),
        },
    }
}

/// The number of the artist that a value stands for.
fn member(p: &Pictures, v: &Value) -> Option<usize> {
    match p.pic_of(v)? {
        Pic::Artist(_, k) => Some(k),
        Pic::Artists(_, all) => all.first().copied(),
        _ => None,
    }
}
