//! `rcParams`: the defaults of figures.

use dslsim_plot::Rgba;
use dslsim_plot::style::{Style, named_size};
use dslsim_script::{CallArgs, IndexValue, Param, Spanned, Value, nearest};
use dslsim_source::{Diagnostic, Span, Text};

use super::read::{Told, color, nested};
use super::{Pic, Pictures};

/// All names that can be set.
const NAMES: &[&str] = &[
    "figure.figsize",
    "figure.dpi",
    "savefig.dpi",
    "savefig.bbox",
    "font.size",
    "font.family",
    "font.sans-serif",
    "axes.labelsize",
    "axes.titlesize",
    "axes.linewidth",
    "axes.grid",
    "axes.spines.left",
    "axes.spines.right",
    "axes.spines.bottom",
    "axes.spines.top",
    "axes.prop_cycle",
    "xtick.labelsize",
    "ytick.labelsize",
    "legend.fontsize",
    "legend.frameon",
    "figure.titlesize",
    "lines.linewidth",
    "lines.markersize",
    "image.cmap",
    "pdf.fonttype",
    "ps.fonttype",
    "svg.fonttype",
    "text.usetex",
    "mathtext.default",
    "mathtext.fontset",
];

fn unknown(name: &str, span: Span) -> Diagnostic {
    Diagnostic::error(
        "unknown-argument",
        span,
        format!("rcParams has no `{name}` here"),
    )
    .help(match nearest(name, NAMES.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "leave it out, or set it in the call that draws".into(),
    })
}

impl Pictures {
    /// `rcParams['name']`
    pub(super) fn rc_get(&mut self, index: &[Spanned<IndexValue>], span: Span) -> Told<Value> {
        let Some(name) = key(index) else {
            return Err(Diagnostic::error(
                "wrong-type",
                span,
                "rcParams is indexed by a name in quotes",
            )
            .into());
        };
        let s = &self.style;
        Ok(match name.as_str() {
            "axes.prop_cycle" => self.refer(Pic::PropCycle),
            "figure.figsize" => {
                Value::List(vec![Value::Float(s.figsize.0), Value::Float(s.figsize.1)])
            }
            "figure.dpi" => Value::Float(s.dpi),
            "font.size" => Value::Float(s.font),
            "axes.labelsize" => Value::Float(s.label),
            "axes.titlesize" => Value::Float(s.title),
            "axes.linewidth" => Value::Float(s.axes_line),
            "lines.linewidth" => Value::Float(s.line),
            "lines.markersize" => Value::Float(s.marker),
            "legend.fontsize" => Value::Float(s.legend),
            "xtick.labelsize" => Value::Float(s.tick.0),
            "ytick.labelsize" => Value::Float(s.tick.1),
            other if NAMES.contains(&other) => Value::None,
            other => return Err(unknown(other, name.whole()).into()),
        })
    }

    /// `rcParams['name'] = value`
    pub(super) fn rc_set(
        &mut self,
        index: &[Spanned<IndexValue>],
        value: &Spanned<Value>,
        span: Span,
    ) -> Told<()> {
        match key(index) {
            Some(name) => self.rc_one(name.as_str(), name.whole(), value),
            None => Err(Diagnostic::error(
                "wrong-type",
                span,
                "rcParams is indexed by a name in quotes",
            )
            .into()),
        }
    }

    /// `rcParams.update({...})`
    pub(super) fn rc_update(&mut self, args: &CallArgs) -> Told<Value> {
        let bound = args.bind(
            "update",
            &[Param::optional("other"), Param::named_rest("values")],
        )?;
        if let Some(v) = bound.given("other") {
            let Value::Dict(d) = &v.value else {
                return Err(bound.wrong("other", "a dict such as {'font.size': 12}"));
            };
            for (name, value) in d {
                self.rc_one(name, v.span, &Spanned::new(value.clone(), v.span))?;
            }
        }
        Ok(Value::None)
    }

    fn rc_one(&mut self, name: &str, span: Span, v: &Spanned<Value>) -> Told<()> {
        if v.value.is_unknown() {
            return Ok(());
        }
        let wrong = |expected: &str| {
            Diagnostic::error(
                "wrong-type",
                v.span,
                format!("`{name}` must be {expected}, not {}", v.value.describe()),
            )
        };
        let number = || v.value.as_f64().ok_or_else(|| wrong("a number"));
        let flag = || v.value.as_bool().ok_or_else(|| wrong("True or False"));
        let base = self.style.font;
        let size = || {
            match v.value.as_text() {
                Some(t) => named_size(t.as_str(), base),
                None => v.value.as_f64(),
            }
            .ok_or_else(|| wrong("a font size"))
        };
        let s: &mut Style = &mut self.style;
        match name {
            "figure.figsize" => match nested(&v.value).map(|n| n.0).as_deref() {
                Some([w, h]) => s.figsize = (*w, *h),
                _ => return Err(wrong("two lengths in inches").into()),
            },
            "figure.dpi" => s.dpi = number()?,
            "savefig.dpi" => s.save_dpi = v.value.as_f64(),
            "savefig.bbox" => {
                s.save_tight = v.value.as_text().is_some_and(|t| t.as_str() == "tight")
            }
            "font.size" => {
                // sizes that follow the font's change with it
                let by = number()? / s.font;
                for x in [
                    &mut s.font,
                    &mut s.label,
                    &mut s.title,
                    &mut s.tick.0,
                    &mut s.tick.1,
                    &mut s.legend,
                    &mut s.suptitle,
                ] {
                    *x *= by;
                }
            }
            "axes.labelsize" => s.label = size()?,
            "axes.titlesize" => s.title = size()?,
            "figure.titlesize" => s.suptitle = size()?,
            "xtick.labelsize" => s.tick.0 = size()?,
            "ytick.labelsize" => s.tick.1 = size()?,
            "legend.fontsize" => s.legend = size()?,
            "legend.frameon" => s.legend_frame = flag()?,
            "lines.linewidth" => s.line = number()?,
            "lines.markersize" => s.marker = number()?,
            "axes.linewidth" => s.axes_line = number()?,
            "axes.grid" => s.grid = flag()?,
            "image.cmap" => {
                let map = v
                    .value
                    .as_text()
                    .and_then(|t| dslsim_plot::ColorMap::named(t.as_str()));
                s.cmap = map.ok_or_else(|| wrong("the name of a colour map"))?;
            }
            _ => {
                let sides = ["left", "right", "bottom", "top"];
                if let Some(k) = name
                    .strip_prefix("axes.spines.")
                    .and_then(|side| sides.iter().position(|n| *n == side))
                {
                    let on = flag()?;
                    if let Some(slot) = s.spines.get_mut(k) {
                        *slot = on;
                    }
                } else if name == "axes.prop_cycle" {
                    let Value::Dict(d) = &v.value else {
                        return Err(wrong("`cycler(color=[…])`").into());
                    };
                    if let Some(Value::List(all)) = d.get("color") {
                        s.cycle = all
                            .iter()
                            .map(|c| color("rcParams", c, v.span))
                            .collect::<Told<Vec<Rgba>>>()?;
                    }
                } else if !NAMES.contains(&name) {
                    return Err(unknown(name, span).into());
                }
            }
        }
        Ok(())
    }

    /// `rcParams['axes.prop_cycle'].by_key()`
    pub(super) fn cycle(&self, span: Span) -> Value {
        let colors = self
            .style
            .cycle
            .iter()
            .map(|c| Value::Str(Text::computed(c.to_hex(), span)))
            .collect();
        Value::Dict(
            [("color".to_owned(), Value::List(colors))]
                .into_iter()
                .collect(),
        )
    }
}

fn key(index: &[Spanned<IndexValue>]) -> Option<Text> {
    match index {
        [
            Spanned {
                value: IndexValue::Str(text),
                ..
            },
        ] => Some(text.clone()),
        _ => None,
    }
}

/// `rc('font', size=12)`
pub(super) fn rc(p: &mut Pictures, args: &CallArgs, name: &str) -> Told<Value> {
    let bound = args.bind(
        name,
        &[Param::required("group"), Param::named_rest("values")],
    )?;
    let Some(group) = bound.text("group")?.map(str::to_owned) else {
        return Err(bound.wrong("group", "the name of a group, such as 'font'"));
    };
    for (key, value) in &bound.named_rest {
        p.rc_one(&format!("{group}.{}", key.name), key.span, value)?;
    }
    Ok(Value::None)
}
