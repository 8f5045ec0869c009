//! Arguments of pylab calls as plain data.
//!
//! What is not known before the simulation is empty here ([`Data::unknown`], or `None`): everything else about a call is
//! checked all the same.

use dslsim_plot::Rgba;
use dslsim_plot::artist::Coords;
use dslsim_plot::color::CYCLE;
use dslsim_plot::colormap::ColorMap;
use dslsim_plot::style::{Dash, named_size};
use dslsim_plot::text::{HAlign, VAlign};
use dslsim_script::{Array, Bound, CallArgs, Param, ParamKind, Spanned, Value, nearest};
use dslsim_source::{Diagnostic, Diagnostics, Span, Text};

/// A result, or what is wrong with the call.
pub(super) type Told<T> = Result<T, Diagnostics>;

/// Numbers with a shape; a name for each if they are categories.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Data {
    pub values: Vec<f64>,
    pub shape: Vec<usize>,
    pub names: Option<Vec<String>>,
    pub unknown: bool,
    pub span: Span,
}

impl Data {
    /// Data that are not known.
    pub fn unknown(span: Span) -> Data {
        Data {
            unknown: true,
            span,
            shape: vec![0],
            ..Data::default()
        }
    }

    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Rows, if there are two axes.
    pub fn rows(&self) -> Vec<Vec<f64>> {
        match self.shape.as_slice() {
            [_, cols] if *cols > 0 => self.values.chunks(*cols).map(<[f64]>::to_vec).collect(),
            [n, 0] => vec![Vec::new(); *n],
            _ => vec![self.values.clone()],
        }
    }

    /// Columns, if there are two axes.
    pub fn columns(&self) -> Vec<Vec<f64>> {
        match self.shape.as_slice() {
            [_, cols] => (0..*cols)
                .map(|c| self.values.iter().skip(c).step_by(*cols).copied().collect())
                .collect(),
            _ => vec![self.values.clone()],
        }
    }
}

/// Reads numbers, or names of categories.
pub(super) fn data(function: &str, name: &str, given: &Spanned<Value>) -> Told<Data> {
    let wrong = || {
        Diagnostics::from(Diagnostic::error(
            "wrong-type",
            given.span,
            format!(
                "{function}: `{name}` must be numbers, not {}",
                given.value.describe()
            ),
        ))
    };
    if given.value.is_unknown() {
        return Ok(Data::unknown(given.span));
    }
    if let Some(names) = strings(&given.value) {
        return Ok(Data {
            values: Vec::new(),
            shape: vec![names.len()],
            names: Some(names),
            unknown: false,
            span: given.span,
        });
    }
    let (values, shape) =
        nested(&given.value).ok_or_else(|| ragged(function, name, given).unwrap_or_else(wrong))?;
    Ok(Data {
        values,
        shape,
        names: None,
        unknown: false,
        span: given.span,
    })
}

fn ragged(function: &str, name: &str, given: &Spanned<Value>) -> Option<Diagnostics> {
    let parts = given.value.as_sequence()?;
    let shapes: Option<Vec<Vec<usize>>> = parts.iter().map(|p| nested(p).map(|n| n.1)).collect();
    shapes.map(|_| {
        Diagnostic::error(
            "shape-mismatch",
            given.span,
            format!("{function}: the parts of `{name}` have different shapes"),
        )
        .into()
    })
}

/// A list of strings.
pub(super) fn strings(value: &Value) -> Option<Vec<String>> {
    let parts = value.as_sequence()?;
    if parts.is_empty() {
        return None;
    }
    parts
        .iter()
        .map(|p| p.as_text().map(|t| t.as_str().to_owned()))
        .collect()
}

/// Numbers of a value and of all within it, and their shape.
pub(super) fn nested(value: &Value) -> Option<(Vec<f64>, Vec<usize>)> {
    match value {
        Value::Array(a) => Some((a.float_vec(), a.shape().to_vec())),
        Value::List(v) | Value::Tuple(v) => {
            let mut values = Vec::new();
            let mut inner: Option<Vec<usize>> = None;
            for part in v {
                let (numbers, shape) = nested(part)?;
                if inner.as_ref().is_some_and(|s| *s != shape) {
                    return None;
                }
                inner = Some(shape);
                values.extend(numbers);
            }
            let mut shape = vec![v.len()];
            shape.extend(inner.unwrap_or_default());
            Some((values, shape))
        }
        other => other
            .is_scalar()
            .then(|| other.as_f64())
            .flatten()
            .map(|x| (vec![x], Vec::new())),
    }
}

/// Keywords that every drawing function takes and that change nothing here.
const WITHOUT_EFFECT: &[&str] = &[
    "rasterized",
    "clip_on",
    "antialiased",
    "aa",
    "solid_capstyle",
    "solid_joinstyle",
    "dash_capstyle",
    "picker",
    "gid",
    "animated",
    "in_layout",
];

/// Arguments bound to the parameters of a function.
pub(super) struct Call {
    pub bound: Bound,
    pub function: String,
}

impl Call {
    /// Binds arguments; `keywords` may be given by name only.
    pub fn bind(
        args: &CallArgs,
        function: &str,
        params: &[Param],
        keywords: &[&[&'static str]],
    ) -> Told<Call> {
        let mut all = params.to_vec();
        for name in keywords.iter().copied().flatten() {
            all.push(Param::keyword(name));
        }
        if !keywords.is_empty() {
            for name in WITHOUT_EFFECT {
                if all.iter().all(|p| p.name != *name) {
                    all.push(Param {
                        name,
                        kind: ParamKind::Keyword,
                    });
                }
            }
        }
        Ok(Call {
            bound: args.bind(function, &all)?,
            function: function.into(),
        })
    }

    /// The first of several names of an argument that is given (and not `None`).
    pub fn any(&self, names: &[&'static str]) -> Option<(&'static str, &Spanned<Value>)> {
        names
            .iter()
            .find_map(|n| self.bound.given(n).map(|v| (*n, v)))
    }

    fn known(&self, names: &[&'static str]) -> Option<(&'static str, &Spanned<Value>)> {
        self.any(names).filter(|(_, v)| !v.value.is_unknown())
    }

    /// `wrong-type` or another mistake of an argument.
    pub fn wrong(&self, name: &str, expected: &str) -> Diagnostics {
        self.bound.wrong(name, expected)
    }

    /// A mistake at an argument.
    pub fn fail(&self, code: &'static str, name: &str, message: impl AsRef<str>) -> Diagnostic {
        Diagnostic::error(
            code,
            self.bound.span_of(name),
            format!("{}: {}", self.function, message.as_ref()),
        )
    }

    /// Numbers, if given.
    pub fn data(&self, name: &'static str) -> Told<Option<Data>> {
        self.bound
            .given(name)
            .map(|v| data(&self.function, name, v))
            .transpose()
    }

    /// Numbers that must be given; names are refused.
    pub fn numbers(&self, name: &'static str) -> Told<Data> {
        match self.data(name)? {
            Some(d) if d.names.is_none() => Ok(d),
            _ => Err(self.wrong(name, "numbers")),
        }
    }

    /// One number.
    pub fn number(&self, names: &[&'static str]) -> Told<Option<f64>> {
        match self.known(names) {
            None => Ok(None),
            Some((name, v)) => v
                .value
                .as_f64()
                .map(Some)
                .ok_or_else(|| self.wrong(name, "a number")),
        }
    }

    /// One number between 0 and 1.
    pub fn alpha(&self) -> Told<Option<f64>> {
        match self.number(&["alpha"])? {
            Some(x) if !(0.0..=1.0).contains(&x) => Err(self
                .fail(
                    "wrong-value",
                    "alpha",
                    format!("`alpha` must be between 0 and 1, not {x}"),
                )
                .into()),
            other => Ok(other),
        }
    }

    /// A whole number that is not negative.
    pub fn count(&self, names: &[&'static str]) -> Told<Option<usize>> {
        match self.known(names) {
            None => Ok(None),
            Some((name, v)) => v
                .value
                .as_i64()
                .and_then(|k| usize::try_from(k).ok())
                .map(Some)
                .ok_or_else(|| self.wrong(name, "a whole number")),
        }
    }

    /// True or false.
    pub fn flag(&self, name: &'static str) -> Told<Option<bool>> {
        match self.known(&[name]) {
            None => Ok(None),
            Some(_) => self.bound.flag(name),
        }
    }

    /// A string; numbers are shown as they are.
    pub fn text(&self, name: &'static str) -> Told<Option<Text>> {
        match self.known(&[name]) {
            None => Ok(None),
            Some((_, v)) => match as_text(v) {
                Some(text) => {
                    formulas(&text)?;
                    Ok(Some(text))
                }
                None => Err(self.wrong(name, "a string")),
            },
        }
    }

    /// A pair of numbers.
    pub fn pair(&self, name: &'static str) -> Told<Option<(f64, f64)>> {
        match self.known(&[name]) {
            None => Ok(None),
            Some((_, v)) => match nested(&v.value).map(|(v, _)| v).as_deref() {
                Some([a, b]) => Ok(Some((*a, *b))),
                _ => Err(self.wrong(name, "two numbers")),
            },
        }
    }

    /// Numbers in a list, of any length.
    pub fn list(&self, name: &'static str) -> Told<Option<Vec<f64>>> {
        match self.known(&[name]) {
            None => Ok(None),
            Some((_, v)) => nested(&v.value)
                .map(|(values, _)| Some(values))
                .ok_or_else(|| self.wrong(name, "numbers")),
        }
    }

    /// One of some words; unknown ones are told with the nearest.
    pub fn word<T>(
        &self,
        names: &[&'static str],
        what: &str,
        known: &[&str],
        read: impl Fn(&str) -> Option<T>,
    ) -> Told<Option<T>> {
        let Some((name, v)) = self.known(names) else {
            return Ok(None);
        };
        let Some(text) = v.value.as_text() else {
            return Err(self.wrong(name, what));
        };
        match read(text.as_str()) {
            Some(x) => Ok(Some(x)),
            None => Err(unknown_word(&self.function, what, text, known).into()),
        }
    }

    /// A colour.
    pub fn color(&self, names: &[&'static str]) -> Told<Option<Rgba>> {
        match self.known(names) {
            None => Ok(None),
            Some((_, v)) => color(&self.function, &v.value, v.span).map(Some),
        }
    }

    /// One colour, or one for each.
    pub fn colors(&self, names: &[&'static str]) -> Told<Option<Vec<Rgba>>> {
        match self.known(names) {
            None => Ok(None),
            Some((_, v)) => colors(&self.function, &v.value, v.span).map(Some),
        }
    }

    /// A line style.
    pub fn dash(&self) -> Told<Option<Dash>> {
        let Some((name, v)) = self.known(&["linestyle", "ls", "linestyles"]) else {
            return Ok(None);
        };
        if let Some(parts) = v.value.as_sequence() {
            let custom = match parts {
                [offset, lengths] => offset
                    .as_f64()
                    .zip(nested(lengths).map(|n| n.0))
                    .map(|(o, l)| Dash::Custom(o, l)),
                _ => None,
            };
            return custom
                .map(Some)
                .ok_or_else(|| self.wrong(name, "a line style such as '--' or (0, (3, 1))"));
        }
        let known = [
            "-", "--", "-.", ":", "solid", "dashed", "dashdot", "dotted", "none",
        ];
        self.word(
            &["linestyle", "ls", "linestyles"],
            "line style",
            &known,
            Dash::named,
        )
    }

    /// A marker's name; `None` if there is to be none.
    pub fn marker(&self) -> Told<Option<Option<String>>> {
        self.word(&["marker"], "marker", &dslsim_plot::marker::NAMES, |name| {
            if matches!(name, "" | " " | "None" | "none") {
                Some(None)
            } else {
                dslsim_plot::marker::is_known(name).then(|| Some(name.to_owned()))
            }
        })
    }

    /// A colour map.
    pub fn cmap(&self) -> Told<Option<ColorMap>> {
        if let Some((_, v)) = self.known(&["cmap"])
            && let Value::Object(o) = &v.value
            && let Some(map) = ColorMap::named(&o.class)
        {
            return Ok(Some(map));
        }
        let known: Vec<&str> = ColorMap::names().collect();
        self.word(&["cmap"], "colour map", &known, ColorMap::named)
    }

    /// A font size: a number, or `'small'` and its like.
    pub fn size(&self, names: &[&'static str], base: f64) -> Told<Option<f64>> {
        match self.known(names) {
            None => Ok(None),
            Some((name, v)) => {
                let found = match v.value.as_text() {
                    Some(t) => named_size(t.as_str(), base),
                    None => v.value.as_f64(),
                };
                found
                    .filter(|x| x.is_finite() && *x > 0.0)
                    .map(Some)
                    .ok_or_else(|| {
                        self.wrong(name, "a font size: a number, or 'small', 'large', …")
                    })
            }
        }
    }

    /// Horizontal alignment.
    pub fn halign(&self) -> Told<Option<HAlign>> {
        self.word(
            &["ha", "horizontalalignment"],
            "horizontal alignment",
            &["left", "center", "right"],
            |w| match w {
                "left" => Some(HAlign::Left),
                "center" => Some(HAlign::Center),
                "right" => Some(HAlign::Right),
                _ => None,
            },
        )
    }

    /// Vertical alignment.
    pub fn valign(&self) -> Told<Option<VAlign>> {
        self.word(
            &["va", "verticalalignment"],
            "vertical alignment",
            &["top", "center", "bottom", "baseline", "center_baseline"],
            |w| match w {
                "top" => Some(VAlign::Top),
                "center" => Some(VAlign::Center),
                "bottom" => Some(VAlign::Bottom),
                "baseline" => Some(VAlign::Baseline),
                "center_baseline" => Some(VAlign::CenterBaseline),
                _ => None,
            },
        )
    }

    /// A rotation in degrees.
    pub fn rotation(&self) -> Told<Option<f64>> {
        match self.known(&["rotation"]) {
            None => Ok(None),
            Some((_, v)) => match v.value.as_text().map(Text::as_str) {
                Some("vertical") => Ok(Some(90.0)),
                Some("horizontal") => Ok(Some(0.0)),
                Some(_) => Err(self.wrong(
                    "rotation",
                    "a number of degrees, 'vertical' or 'horizontal'",
                )),
                None => self.number(&["rotation"]),
            },
        }
    }
}

/// A word that is not one of those known.
pub(super) fn unknown_word(function: &str, what: &str, text: &Text, known: &[&str]) -> Diagnostic {
    let code = match what {
        "marker" => "unknown-marker",
        "colour map" => "unknown-colormap",
        "line style" => "unknown-linestyle",
        _ => "wrong-value",
    };
    let said = Diagnostic::error(
        code,
        text.whole(),
        format!("{function}: `{}` is no {what}", text.as_str()),
    );
    match nearest(text.as_str(), known.iter().copied()) {
        Some(near) => said.help(format!("did you mean `{near}`?")),
        None if known.len() <= 30 => {
            let all: Vec<String> = known.iter().map(|k| format!("'{k}'")).collect();
            said.help(format!("one of {}", all.join(", ")))
        }
        None => said.help(format!(
            "for example {}",
            known
                .iter()
                .take(6)
                .map(|k| format!("'{k}'"))
                .collect::<Vec<_>>()
                .join(", ")
        )),
    }
}

/// A string, or a number as a string.
pub(super) fn as_text(v: &Spanned<Value>) -> Option<Text> {
    match &v.value {
        Value::Str(text) => Some(text.clone()),
        Value::Int(x) => Some(Text::computed(x.to_string(), v.span)),
        Value::Float(x) => Some(Text::computed(x.to_string(), v.span)),
        _ => None,
    }
}

/// Tells what is wrong with the formulas of a string.
pub(super) fn formulas(text: &Text) -> Told<()> {
    match dslsim_plot::text::check(text.as_str()) {
        Ok(()) => Ok(()),
        Err((at, why)) => Err(Diagnostic::error(
            "wrong-formula",
            text.span(at, (at + 1).min(text.as_str().len().max(1))),
            why,
        )
        .help("formulas between `$` are written as in TeX: `$\\mu_{0}$`")
        .into()),
    }
}

/// A colour.
pub(super) fn color(function: &str, value: &Value, span: Span) -> Told<Rgba> {
    if let Some(text) = value.as_text() {
        return Rgba::named(text.as_str(), &CYCLE).ok_or_else(|| {
            let said = Diagnostic::error(
                "unknown-color",
                text.whole(),
                format!("{function}: `{}` is no colour", text.as_str()),
            );
            match Rgba::suggest(text.as_str()) {
                Some(near) => said.help(format!("did you mean `{near}`?")),
                None => said.help("write a name such as 'red' or 'tab:blue', '#rrggbb', '0.5' for a grey, or three numbers between 0 and 1"),
            }
            .into()
        });
    }
    if value.as_sequence().is_some() || matches!(value, Value::Array(_)) {
        let rgb = nested(value).map(|n| n.0);
        if let Some([r, g, b] | [r, g, b, _]) = rgb.as_deref() {
            let a = rgb
                .as_deref()
                .and_then(|v| v.get(3))
                .copied()
                .unwrap_or(1.0);
            if [*r, *g, *b, a].iter().all(|x| (0.0..=1.0).contains(x)) {
                return Ok(Rgba {
                    r: *r,
                    g: *g,
                    b: *b,
                    a,
                });
            }
        }
        if let Some([Value::Str(_), Value::Float(_) | Value::Int(_)]) = value.as_sequence()
            && let Some([name, alpha]) = value.as_sequence()
        {
            return Ok(color(function, name, span)?.with_alpha(alpha.as_f64()));
        }
    }
    Err(Diagnostic::error(
        "unknown-color",
        span,
        format!("{function}: {} is no colour", value.describe()),
    )
    .help("write a name such as 'red' or 'tab:blue', '#rrggbb', or three numbers between 0 and 1")
    .into())
}

/// One colour, or one for each.
pub(super) fn colors(function: &str, value: &Value, span: Span) -> Told<Vec<Rgba>> {
    match value {
        Value::Str(_) => Ok(vec![color(function, value, span)?]),
        Value::List(v) | Value::Tuple(v)
            if v.iter()
                .all(|x| matches!(x, Value::Str(_) | Value::List(_) | Value::Tuple(_)))
                && !v.is_empty() =>
        {
            v.iter().map(|x| color(function, x, span)).collect()
        }
        Value::Array(a) if a.ndim() == 2 => {
            rows(a).iter().map(|r| color(function, r, span)).collect()
        }
        _ => Ok(vec![color(function, value, span)?]),
    }
}

fn rows(a: &Array) -> Vec<Value> {
    let width = a.shape().last().copied().unwrap_or(1).max(1);
    a.float_vec()
        .chunks(width)
        .map(|row| Value::List(row.iter().map(|x| Value::Float(*x)).collect()))
        .collect()
}

/// The span of the first of several arguments.
pub(super) fn two(function: &str, x: &Data, y: &Data) -> Told<()> {
    if x.unknown || y.unknown || x.shape == y.shape {
        return Ok(());
    }
    let (n, m) = (x.len().max(x.names.as_ref().map_or(0, Vec::len)), y.len());
    if n == m {
        return Ok(());
    }
    Err(shapes(function, x, y))
}

/// The message about shapes that do not match.
pub(super) fn shapes(function: &str, x: &Data, y: &Data) -> Diagnostics {
    let said = |d: &Data| match d.shape.as_slice() {
        [] => "one value".to_owned(),
        [1] => "1 value".to_owned(),
        [n] => format!("{n} values"),
        shape => format!(
            "the shape ({})",
            shape
                .iter()
                .map(usize::to_string)
                .collect::<Vec<_>>()
                .join(", ")
        ),
    };
    let mut message = Diagnostic::error(
        "shape-mismatch",
        y.span,
        format!("{function}: x has {}, but y has {}", said(x), said(y)),
    )
    .also(x.span, "x is given here");
    if let ([n], [rows, cols]) = (x.shape.as_slice(), y.shape.as_slice())
        && cols == n
        && rows != n
    {
        message = message.help(
            "each column is one line: turn the array round by `.T`, or take one row by `[0]`",
        );
    }
    message.into()
}

/// What a position counts.
pub(super) fn coords_named(name: &str) -> Option<Coords> {
    Some(match name {
        "data" => Coords::Data,
        "axes fraction" => Coords::Axes,
        "figure fraction" => Coords::Figure,
        _ => return None,
    })
}
