//! Files: `savefig` and `show`.
//!
//! A picture is drawn when the call is executed; it is written with the results of the run, into their folder.

use std::path::PathBuf;

use dslsim_plot::{Format, Saving};
use dslsim_script::{CallArgs, Param, Value, nearest};
use dslsim_source::{Diagnostic, Span, Text};

use super::read::{Call, Told};
use super::{Drawn, Pictures};
use crate::results::{Outside, relative};

/// `savefig(name, dpi=, bbox_inches='tight', transparent=)`
pub(super) fn savefig(p: &mut Pictures, figure: usize, args: &CallArgs, name: &str) -> Told<Value> {
    let call = Call::bind(
        args,
        name,
        &[Param::required("fname")],
        &[&[
            "dpi",
            "bbox_inches",
            "pad_inches",
            "transparent",
            "format",
            "facecolor",
            "edgecolor",
            "metadata",
            "orientation",
        ]],
    )?;
    let Some(v) = call.bound.given("fname") else {
        return Err(call.wrong("fname", "the name of a file"));
    };
    p.asked = true;
    let tight = match call.bound.given("bbox_inches") {
        None => p.style.save_tight,
        Some(v) if v.value.as_text().is_some_and(|t| t.as_str() == "tight") => true,
        Some(v) if v.value.is_unknown() => false,
        Some(_) => return Err(call.wrong("bbox_inches", "'tight'")),
    };
    let dpi = match call.bound.given("dpi") {
        Some(v) if v.value.as_text().is_some_and(|t| t.as_str() == "figure") => None,
        _ => call.number(&["dpi"])?,
    };
    if let Some(dpi) = dpi.filter(|d| !(1.0..=10_000.0).contains(d)) {
        return Err(call
            .fail(
                "wrong-value",
                "dpi",
                format!("{dpi} pixels per inch cannot be drawn"),
            )
            .into());
    }
    let saving = Saving {
        dpi,
        tight: tight.then_some(call.number(&["pad_inches"])?.unwrap_or(0.1)),
        transparent: call.flag("transparent")?.unwrap_or(false),
        face: match call.bound.given("facecolor") {
            Some(v) if v.value.as_text().is_some_and(|t| t.as_str() == "auto") => None,
            _ => call.color(&["facecolor"])?,
        },
    };
    if v.value.is_unknown() {
        return Ok(Value::None);
    }
    let Some(text) = v.value.as_text() else {
        return Err(call.wrong("fname", "the name of a file"));
    };
    let given = call.text("format")?;
    let (path, format) = file(text, given.as_ref())?;
    p.write(figure, path, format, saving, args.span)?;
    Ok(Value::None)
}

/// The place within the folder of results, and the format.
fn file(text: &Text, given: Option<&Text>) -> Told<(PathBuf, Format)> {
    let name = text.as_str();
    let refuse = |why: &str, help: &str| {
        Diagnostic::error(
            "output-path",
            text.whole(),
            format!("savefig: `{name}` {why}"),
        )
        .help(help.to_owned())
    };
    let inside = relative(name).map_err(|why| {
        let help = match why {
            Outside::Above => {
                "pictures are written with the results of the run: give a name without `..`"
            }
            Outside::Absolute => {
                "pictures are written with the results of the run: give a name such as 'figure.pdf'"
            }
            Outside::NoFile => "write a name such as 'figure.pdf'",
        };
        refuse(&why.to_string(), help)
    })?;
    let ending = match given {
        Some(f) => Some(f.as_str().to_owned()),
        None => inside.extension().map(|e| e.to_string_lossy().into_owned()),
    };
    let place = given.unwrap_or(text);
    match ending {
        // matplotlib's default
        None => {
            let mut named = inside.into_os_string();
            named.push(".png");
            Ok((named.into(), Format::Png))
        }
        Some(e) => match Format::of_ending(&e) {
            Some(format) => Ok((inside, format)),
            None => {
                let near = nearest(&e, Format::ENDINGS).map(|n| format!("did you mean `.{n}`?"));
                Err(Diagnostic::error(
                    "unknown-format",
                    place.whole(),
                    format!("savefig: pictures cannot be written as `.{e}`"),
                )
                .help(near.unwrap_or_else(|| "the formats are .pdf, .svg and .png".into()))
                .into())
            }
        },
    }
}

/// `show()`: every open figure becomes a PNG file among the results, and is closed.
pub(super) fn show(p: &mut Pictures, args: &CallArgs, name: &str) -> Told<Value> {
    Call::bind(args, name, &[Param::optional("block")], &[])?;
    for k in 0..p.figures.len() {
        let open = p.numbers.get(k).is_some_and(Option::is_some);
        let empty = p.figures.get(k).is_none_or(|f| f.axes.is_empty());
        if open && !empty {
            p.shown += 1;
            p.asked = true;
            let path = PathBuf::from(format!("figure_{}.png", p.shown));
            p.write(k, path, Format::Png, Saving::default(), args.span)?;
        }
        if open {
            p.close(k);
        }
    }
    Ok(Value::None)
}

impl Pictures {
    /// Draws a figure, unless the model is only checked. A later picture of the same name replaces the earlier one.
    fn write(
        &mut self,
        figure: usize,
        path: PathBuf,
        format: Format,
        saving: Saving,
        span: Span,
    ) -> Told<()> {
        if self.check {
            return Ok(());
        }
        let Some(f) = self.figure(figure) else {
            return Ok(());
        };
        let bytes = f.render(format, saving).map_err(|e| {
            Diagnostic::error("cannot-draw", span, e.to_string())
                .help("make `figsize` or `dpi` smaller")
        })?;
        self.files.retain(|d| d.path != path);
        self.files.push(Drawn {
            path,
            bytes: bytes.into(),
        });
        Ok(())
    }
}
