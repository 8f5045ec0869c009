//! Values as text: `print`, `str`, `'%d' % n`, `'{:.2f}'.format(x)`, f-strings. The rules are Python's.

use dslsim_source::Span;

use crate::array::{Array, ArrayData};
use crate::fault::{Outcome, fail, fail_help};
use crate::units::quantity;
use crate::value::Value;

/// A float as Python writes it: the shortest digits that give it back, with a point or an exponent.
pub(crate) fn float(x: f64) -> String {
    if x.is_nan() {
        return "nan".into();
    }
    if x.is_infinite() {
        return if x > 0.0 { "inf".into() } else { "-inf".into() };
    }
    let size = x.abs();
    if size != 0.0 && !(1e-4..1e16).contains(&size) {
        let text = format!("{x:e}");
        return match text.split_once('e') {
            Some((digits, exponent)) => format!("{digits}e{}", exponent_text(exponent)),
            None => text,
        };
    }
    let text = format!("{x}");
    if text.contains('.') {
        text
    } else {
        format!("{text}.0")
    }
}

/// `5` → `+05`, `-7` → `-07`
fn exponent_text(exponent: &str) -> String {
    let (sign, digits) = match exponent.strip_prefix('-') {
        Some(digits) => ('-', digits),
        None => ('+', exponent.strip_prefix('+').unwrap_or(exponent)),
    };
    format!("{sign}{digits:0>2}")
}

/// `(2, 3)`, `(2,)`
pub(crate) fn shape(shape: &[usize]) -> String {
    match shape {
        [n] => format!("({n},)"),
        _ => format!(
            "({})",
            shape
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join(", ")
        ),
    }
}

/// `True`, `False`
fn boolean(x: bool) -> String {
    if x { "True".into() } else { "False".into() }
}

/// As `print` shows it; `object` tells how model objects are shown.
pub(crate) fn show(value: &Value, object: &dyn Fn(&crate::ObjectRef) -> String) -> String {
    let all = |values: &[Value]| {
        values
            .iter()
            .map(|v| repr(v, object))
            .collect::<Vec<_>>()
            .join(", ")
    };
    match value {
        Value::None => "None".into(),
        Value::Bool(x) => boolean(*x),
        Value::Int(x) => x.to_string(),
        Value::Float(x) => float(*x),
        Value::Quantity(x, dim) => quantity(*x, *dim),
        Value::Str(text) => text.as_str().into(),
        Value::List(v) => format!("[{}]", all(v)),
        Value::Tuple(v) if v.len() == 1 => format!("({},)", all(v)),
        Value::Tuple(v) => format!("({})", all(v)),
        Value::Dict(d) => format!(
            "{{{}}}",
            d.iter()
                .map(|(k, v)| format!("'{k}': {}", repr(v, object)))
                .collect::<Vec<_>>()
                .join(", ")
        ),
        Value::Array(a) => array(a),
        Value::Object(o) => object(o),
        Value::Function(name) => format!("<function {name}>"),
        Value::Module(name) => format!("<module {name}>"),
        Value::Slice(s) => {
            let part = |x: Option<i64>| x.map_or_else(|| "None".into(), |x| x.to_string());
            format!("slice({}, {}, {})", part(s.low), part(s.high), part(s.step))
        }
        Value::Ellipsis => "Ellipsis".into(),
        Value::Unknown(_) => "?".into(),
    }
}

/// As it stands within a list: strings in quotes.
fn repr(value: &Value, object: &dyn Fn(&crate::ObjectRef) -> String) -> String {
    match value {
        Value::Str(text) => format!(
            "'{}'",
            text.as_str()
                .replace('\\', "\\\\")
                .replace('\n', "\\n")
                .replace('\'', "\\'")
        ),
        other => show(other, object),
    }
}

/// An array as numpy shows it, roughly: long axes are cut in the middle.
fn array(a: &Array) -> String {
    let elements: Vec<String> = match &a.data {
        ArrayData::F64(v) => {
            let scale = if a.dim.is_none() {
                None
            } else {
                v.iter()
                    .copied()
                    .filter(|x| x.is_finite() && *x != 0.0)
                    .reduce(|x, y| if y.abs() > x.abs() { y } else { x })
            };
            return match scale {
                Some(largest) => scaled(a, largest),
                None => format!(
                    "{}{}",
                    nested(&v.iter().map(|&x| short(x)).collect::<Vec<_>>(), a.shape()),
                    unit_suffix(a)
                ),
            };
        }
        ArrayData::I64(v) => v.iter().map(ToString::to_string).collect(),
        ArrayData::Bool(v) => v.iter().map(|&x| boolean(x)).collect(),
    };
    nested(&elements, a.shape())
}

fn unit_suffix(a: &Array) -> String {
    if a.dim.is_none() {
        String::new()
    } else {
        format!(" {}", crate::units::describe(a.dim))
    }
}

/// In the unit that suits the largest element: `[1 2.5] mV`.
fn scaled(a: &Array, largest: f64) -> String {
    let text = quantity(largest, a.dim);
    let unit = text.split_once(' ').map_or("", |(_, unit)| unit);
    let shown: f64 = text
        .split_once(' ')
        .and_then(|(x, _)| x.parse().ok())
        .unwrap_or(largest);
    let factor = if largest == 0.0 || shown == 0.0 {
        1.0
    } else {
        10_f64.powi((shown / largest).abs().log10().round() as i32)
    };
    let elements: Vec<String> = a.float_vec().iter().map(|&x| short(x * factor)).collect();
    format!("{} {unit}", nested(&elements, a.shape()))
        .trim_end()
        .to_string()
}

/// At most eight significant digits, as numpy prints arrays.
fn short(x: f64) -> String {
    general(x, 8, false)
}

fn nested(elements: &[String], shape: &[usize]) -> String {
    const SHOWN: usize = 1000;
    match shape {
        [] => elements.first().cloned().unwrap_or_default(),
        [n] => {
            if *n > SHOWN {
                let head = elements.get(..3).unwrap_or_default().join(" ");
                let tail = elements
                    .get(elements.len().saturating_sub(3)..)
                    .unwrap_or_default()
                    .join(" ");
                format!("[{head} ... {tail}]")
            } else {
                format!("[{}]", elements.join(" "))
            }
        }
        [_, rest @ ..] => {
            let size = rest.iter().product::<usize>().max(1);
            let rows: Vec<String> = elements.chunks(size).map(|row| nested(row, rest)).collect();
            format!("[{}]", rows.join("\n "))
        }
    }
}

/// `%g` with a number of significant digits; `keep` keeps trailing zeros.
fn general(x: f64, digits: usize, keep: bool) -> String {
    if !x.is_finite() {
        return float(x);
    }
    let digits = digits.max(1);
    if x == 0.0 {
        return if x.is_sign_negative() {
            "-0".into()
        } else {
            "0".into()
        };
    }
    let text = format!("{x:.*e}", digits - 1);
    let Some((mantissa, exponent)) = text.split_once('e') else {
        return text;
    };
    let power: i32 = exponent.parse().unwrap_or(0);
    let trim = |s: &str| {
        if keep || !s.contains('.') {
            s.to_string()
        } else {
            s.trim_end_matches('0').trim_end_matches('.').to_string()
        }
    };
    if power < -4 || power >= digits as i32 {
        format!("{}e{}", trim(mantissa), exponent_text(exponent))
    } else {
        trim(&format!(
            "{x:.*}",
            (digits as i32 - 1 - power).max(0) as usize
        ))
    }
}

/// The parts of a format specification `[[fill]align][sign][#][0][width][,][.precision][type]`.
#[derive(Debug, Default)]
struct Spec {
    fill: Option<char>,
    align: Option<char>,
    sign: Option<char>,
    zero: bool,
    width: usize,
    comma: bool,
    precision: Option<usize>,
    kind: Option<char>,
}

fn parse_spec(text: &str) -> Option<Spec> {
    let chars: Vec<char> = text.chars().collect();
    let mut spec = Spec::default();
    let mut at = 0;
    let is_align = |c: Option<&char>| c.is_some_and(|c| "<>^=".contains(*c));
    if is_align(chars.get(1)) {
        spec.fill = chars.first().copied();
        spec.align = chars.get(1).copied();
        at = 2;
    } else if is_align(chars.first()) {
        spec.align = chars.first().copied();
        at = 1;
    }
    let take = |set: &str, at: &mut usize| {
        let c = chars.get(*at).copied().filter(|c| set.contains(*c));
        *at += usize::from(c.is_some());
        c
    };
    spec.sign = take("+- ", &mut at);
    take("#", &mut at);
    spec.zero = take("0", &mut at).is_some();
    let number = |at: &mut usize| {
        let digits: String = chars
            .get(*at..)
            .unwrap_or_default()
            .iter()
            .take_while(|c| c.is_ascii_digit())
            .collect();
        *at += digits.len();
        digits.parse::<usize>().ok().filter(|n| *n <= 10_000)
    };
    spec.width = number(&mut at).unwrap_or(0);
    spec.comma = take(",_", &mut at).is_some();
    if take(".", &mut at).is_some() {
        spec.precision = Some(number(&mut at)?);
    }
    spec.kind = chars.get(at).copied();
    (at + usize::from(spec.kind.is_some()) == chars.len()).then_some(spec)
}

/// A value by a format specification: what stands after the colon in `{x:…}`.
pub(crate) fn format_value(
    value: &Value,
    text: &str,
    span: Span,
    object: &dyn Fn(&crate::ObjectRef) -> String,
) -> Outcome<String> {
    if text.is_empty() {
        return Ok(show(value, object));
    }
    let Some(spec) = parse_spec(text) else {
        return fail_help(
            "format-string",
            span,
            format!("`{text}` is not a number format"),
            "a format is like `.2f`, `8.3g`, `d`, `>10`",
        );
    };
    let body = match (value, spec.kind) {
        (Value::Str(_), None | Some('s'))
        | (
            Value::None
            | Value::List(_)
            | Value::Tuple(_)
            | Value::Dict(_)
            | Value::Object(_)
            | Value::Unknown(_),
            None | Some('s'),
        ) => {
            let full = show(value, object);
            match spec.precision {
                Some(n) => full.chars().take(n).collect(),
                None => full,
            }
        }
        (Value::Quantity(x, dim), None | Some('s')) => quantity(*x, *dim),
        (Value::Array(a), None | Some('s')) if a.len() != 1 => array(a),
        (Value::Bool(x), None | Some('s')) => boolean(*x),
        (Value::Int(x), None) => grouped(&x.to_string(), spec.comma),
        _ => number(value, &spec, text, span)?,
    };
    Ok(pad(&body, &spec, value.is_scalar()))
}

fn number(value: &Value, spec: &Spec, text: &str, span: Span) -> Outcome<String> {
    // a quantity is formatted as its number in SI base units, as in Brian2
    let Some(x) = value.as_f64() else {
        return fail(
            "format-string",
            span,
            format!("`{text}` formats a number, not {}", value.describe()),
        );
    };
    let whole = |digits: fn(i64) -> String| match value.as_i64() {
        Some(n) if !matches!(value, Value::Float(_)) => Ok(digits(n)),
        _ => fail_help(
            "format-string",
            span,
            format!("`{text}` formats a whole number, not {}", value.describe()),
            "use `int(…)`, or a format like `.0f`",
        ),
    };
    let precision = spec.precision.unwrap_or(6);
    let body = match spec.kind {
        Some('f' | 'F') if x.is_finite() => format!("{x:.precision$}"),
        Some('e' | 'E') if x.is_finite() => {
            let e = format!("{x:.precision$e}");
            let e = e
                .split_once('e')
                .map_or(e.clone(), |(m, p)| format!("{m}e{}", exponent_text(p)));
            if spec.kind == Some('E') {
                e.to_uppercase()
            } else {
                e
            }
        }
        Some('g' | 'G' | 'n') => general(x, precision, false),
        None if spec.precision.is_some() => general(x, precision, false),
        Some('%') if x.is_finite() => format!("{:.precision$}%", x * 100.0),
        Some('f' | 'F' | 'e' | 'E' | '%') | None => float(x),
        Some('d' | 'i') => whole(|n| n.to_string())?,
        Some('x') => whole(|n| {
            if n < 0 {
                format!("-{:x}", n.unsigned_abs())
            } else {
                format!("{n:x}")
            }
        })?,
        Some('b') => whole(|n| {
            if n < 0 {
                format!("-{:b}", n.unsigned_abs())
            } else {
                format!("{n:b}")
            }
        })?,
        Some('o') => whole(|n| {
            if n < 0 {
                format!("-{:o}", n.unsigned_abs())
            } else {
                format!("{n:o}")
            }
        })?,
        Some(_) => {
            return fail(
                "format-string",
                span,
                format!("`{text}` is not a number format"),
            );
        }
    };
    let body = grouped(&body, spec.comma);
    Ok(match spec.sign {
        Some(sign @ ('+' | ' ')) if !body.starts_with('-') => format!("{sign}{body}"),
        _ => body,
    })
}

fn grouped(text: &str, comma: bool) -> String {
    if !comma {
        return text.into();
    }
    let (sign, rest) = text
        .strip_prefix('-')
        .map_or(("", text), |rest| ("-", rest));
    let (whole, fraction) = rest
        .find(['.', 'e'])
        .map_or((rest, ""), |at| rest.split_at(at));
    let n = whole.chars().count();
    let mut out = String::from(sign);
    for (k, c) in whole.chars().enumerate() {
        if k > 0 && (n - k) % 3 == 0 {
            out.push(',');
        }
        out.push(c);
    }
    out.push_str(fraction);
    out
}

fn pad(body: &str, spec: &Spec, is_number: bool) -> String {
    let missing = spec.width.saturating_sub(body.chars().count());
    if missing == 0 {
        return body.into();
    }
    let fill = spec.fill.unwrap_or(if spec.zero { '0' } else { ' ' });
    let many = |n: usize| fill.to_string().repeat(n);
    match spec.align.unwrap_or(if spec.zero {
        '='
    } else if is_number {
        '>'
    } else {
        '<'
    }) {
        '<' => format!("{body}{}", many(missing)),
        '^' => format!("{}{body}{}", many(missing / 2), many(missing - missing / 2)),
        '=' => {
            let (sign, digits) = match body.strip_prefix(['-', '+', ' ']) {
                Some(digits) => body.split_at(body.len() - digits.len()),
                None => ("", body),
            };
            format!("{sign}{}{digits}", many(missing))
        }
        _ => format!("{}{body}", many(missing)),
    }
}
