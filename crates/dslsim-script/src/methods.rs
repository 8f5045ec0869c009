//! Attributes and methods of plain values: arrays, numbers, strings, lists, dicts.
//!
//! The methods of arrays are the functions of the same name with the array as first argument.

use dslsim_source::{Diagnostic, Span, Text};
use dslsim_syntax::ast::Ident;
use dslsim_units::Dim;

use crate::array::{Array, Kind};
use crate::call::{CallArgs, Param};
use crate::eval::Run;
use crate::fault::{Outcome, fail, fail_help};
use crate::functions;
use crate::sequences::to_array;
use crate::suggest::nearest;
use crate::text;
use crate::value::{Spanned, Value};

/// Attributes of arrays and numbers.
const PROPERTIES: [&str; 9] = ["shape", "T", "size", "ndim", "real", "flat", "dtype", "dim", "dimensions"];

/// Methods of arrays that are functions, too.
const AS_FUNCTION: [&str; 24] = [
    "sum", "mean", "std", "var", "max", "min", "any", "all", "prod", "cumsum", "cumprod", "argmax", "argmin", "argsort", "nonzero", "round", "clip",
    "repeat", "squeeze", "ravel", "transpose", "dot", "searchsorted", "ptp",
];

/// Further methods of arrays.
const OF_ARRAYS: [&str; 8] = ["flatten", "astype", "copy", "reshape", "tolist", "item", "in_unit", "sort"];

/// Whether a name is an attribute that every array has.
pub(crate) fn is_property(name: &str) -> bool {
    PROPERTIES.contains(&name)
}

/// Whether a name is a method that every array has.
pub(crate) fn is_array_method(name: &str) -> bool {
    AS_FUNCTION.contains(&name) || OF_ARRAYS.contains(&name)
}

/// `base.name`
pub(crate) fn property(base: &Spanned<Value>, name: &Ident) -> Outcome<Value> {
    if base.value.is_scalar() || matches!(base.value, Value::Array(_)) {
        let array = to_array(&base.value, base.span)?;
        match name.name.as_str() {
            "shape" => return Ok(Value::Tuple(array.shape().iter().map(|n| Value::Int(*n as i64)).collect())),
            "T" => return Ok(Value::from(functions::shape::transposed(&array, &(0..array.ndim()).rev().collect::<Vec<_>>()))),
            "size" => return Ok(Value::Int(array.len() as i64)),
            "ndim" => return Ok(Value::Int(array.ndim() as i64)),
            "real" => return Ok(base.value.clone()),
            "flat" => return Ok(Value::Array(array.with_shape(&[array.len()]))),
            "dtype" => return Ok(Value::Function(match array.kind() { Kind::Bool => "bool", Kind::Int => "int", Kind::Float => "float" }.into())),
            "dim" | "dimensions" => return Ok(Value::quantity(1.0, array.dim)),
            _ => {}
        }
    }
    let known: Vec<&str> = if base.value.is_numeric() { PROPERTIES.iter().chain(&AS_FUNCTION).chain(&OF_ARRAYS).copied().collect() } else { Vec::new() };
    if known.contains(&name.name.as_str()) && !is_property(&name.name) {
        return fail_help("unknown-attribute", name.span, format!("`{}` is a method", name.name), format!("write `.{}()`", name.name));
    }
    let near = nearest(&name.name, known).map(|n| format!("did you mean `{n}`?"));
    Err(Diagnostic::error("unknown-attribute", name.span, format!("{} has no attribute `{}`", base.value.describe(), name.name)).help_opt(near).into())
}

/// `base.name(args)` for a plain value.
pub(crate) fn call(run: &mut Run<'_>, base: Spanned<Value>, name: &Ident, args: CallArgs) -> Outcome<Value> {
    match &base.value {
        Value::Str(template) => {
            let template = template.clone();
            of_string(run, &template, name, &args)
        }
        Value::Dict(entries) => {
            let key = |k: &String| Value::Str(Text::computed(k.as_str(), base.span));
            match name.name.as_str() {
                "keys" => Ok(Value::List(entries.keys().map(key).collect())),
                "values" => Ok(Value::List(entries.values().cloned().collect())),
                "items" => Ok(Value::List(entries.iter().map(|(k, v)| Value::Tuple(vec![key(k), v.clone()])).collect())),
                "copy" => Ok(base.value.clone()),
                "get" => {
                    let mut bound = args.bind("get", &[Param::required("key"), Param::optional("default")])?;
                    let found = bound.text("key")?.and_then(|k| entries.get(k)).cloned();
                    Ok(found.unwrap_or_else(|| bound.take("default").map_or(Value::None, |d| d.value)))
                }
                _ => unknown(&base.value, name, &["keys", "values", "items", "copy", "get"]),
            }
        }
        Value::List(v) | Value::Tuple(v) => {
            let item = |args: &CallArgs| args.bind(&name.name, &[Param::required("value")]).map(|mut b| b.need("value"));
            match name.name.as_str() {
                "copy" => Ok(base.value.clone()),
                "index" => {
                    let wanted = item(&args)?;
                    match v.iter().position(|x| crate::operators::equal(x, &wanted.value)) {
                        Some(k) => Ok(Value::Int(k as i64)),
                        None => fail("wrong-value", wanted.span, format!("{} is not in the list", wanted.value.describe())),
                    }
                }
                "count" => {
                    let wanted = item(&args)?;
                    Ok(Value::Int(v.iter().filter(|x| crate::operators::equal(x, &wanted.value)).count() as i64))
                }
                "append" | "extend" | "insert" | "remove" | "sort" | "reverse" | "pop" => fail_help(
                    "not-supported",
                    name.span,
                    format!("lists are not changed by `.{}()` here", name.name),
                    "make a new list: `a = a + [x]`, `a = sorted(a)`",
                ),
                _ => unknown(&base.value, name, &["index", "count", "copy"]),
            }
        }
        v if v.is_scalar() || matches!(v, Value::Array(_)) => of_array(run, base, name, args),
        other => unknown(other, name, &[]),
    }
}

fn unknown(value: &Value, name: &Ident, known: &[&str]) -> Outcome<Value> {
    let near = nearest(&name.name, known.iter().copied()).map(|n| format!("did you mean `{n}`?"));
    Err(Diagnostic::error("unknown-attribute", name.span, format!("{} has no method `{}`", value.describe(), name.name)).help_opt(near).into())
}

fn of_array(run: &mut Run<'_>, base: Spanned<Value>, name: &Ident, mut args: CallArgs) -> Outcome<Value> {
    if AS_FUNCTION.contains(&name.name.as_str())
        && let Some(function) = functions::find(&name.name) {
            args.positional.insert(0, base);
            return functions::call(run, function, args);
        }
    let array = to_array(&base.value, base.span)?;
    match name.name.as_str() {
        "copy" => args.bind("copy", &[]).map(|_| base.value),
        "flatten" => args.bind("flatten", &[]).map(|_| Value::Array(array.with_shape(&[array.len()]))),
        "tolist" => args.bind("tolist", &[]).map(|_| nested_list(&array)),
        "item" => {
            args.bind("item", &[])?;
            if array.len() == 1 { Ok(array.get(0)) } else { fail("wrong-type", base.span, "only an array of one value has an item") }
        }
        "astype" => {
            let bound = args.bind("astype", &[Param::required("dtype")])?;
            match functions::create::dtype(&bound)? {
                Some(kind) => Ok(Value::from(functions::create::converted(&array, kind, bound.span_of("dtype"))?)),
                None => Ok(base.value),
            }
        }
        "reshape" => {
            let shape = match args.positional.as_slice() {
                [one] => one.clone(),
                many => Spanned::new(Value::Tuple(many.iter().map(|a| a.value.clone()).collect()), args.span),
            };
            functions::shape::reshaped(&array, &shape).map(Value::from)
        }
        "sort" => fail_help("not-supported", name.span, "arrays are not sorted in place", "write `x = sort(x)`"),
        "in_unit" => {
            let bound = args.bind("in_unit", &[Param::required("unit"), Param::optional("precision")])?;
            let unit = bound.get("unit").map(|u| u.value.clone()).unwrap_or(Value::None);
            let plain = match (unit.as_f64(), unit.dim()) {
                (Some(scale), Some(dim)) if dim == array.dim => Array::floats(array.float_vec().iter().map(|x| x / scale).collect(), array.shape(), Dim::NONE),
                _ => return Err(bound.wrong("unit", &format!("a unit of {}", crate::units::describe(array.dim)))),
            };
            let shown = text::show(&Value::from(plain), &|_| String::new());
            Ok(Value::Str(Text::computed(shown, args.span)))
        }
        _ => unknown(&base.value, name, &AS_FUNCTION.iter().chain(&OF_ARRAYS).copied().collect::<Vec<_>>()),
    }
}

/// An array as nested lists.
fn nested_list(a: &Array) -> Value {
    if a.ndim() == 0 {
        return a.get(0);
    }
    Value::List(crate::sequences::entries(a).iter().map(|v| if let Value::Array(row) = v { nested_list(row) } else { v.clone() }).collect())
}

/// Methods of strings.
fn of_string(run: &mut Run<'_>, text: &Text, name: &Ident, args: &CallArgs) -> Outcome<Value> {
    const KNOWN: [&str; 14] =
        ["format", "join", "replace", "strip", "lstrip", "rstrip", "upper", "lower", "split", "startswith", "endswith", "count", "find", "splitlines"];
    let span = args.span;
    let s = text.as_str();
    let made = |s: String| Ok(Value::Str(Text::computed(s, span)));
    let one = |what: &str| -> Outcome<String> {
        let bound = args.bind(&name.name, &[Param::required("text")])?;
        Ok(bound.text("text")?.unwrap_or_default().to_string()).and_then(|t: String| if t.is_empty() && what == "separator" { fail("wrong-value", span, "the separator is empty") } else { Ok(t) })
    };
    match name.name.as_str() {
        "format" => format(run, text, args),
        "join" => {
            let mut bound = args.bind("join", &[Param::required("parts")])?;
            let parts = bound.need("parts");
            if parts.value.is_unknown() {
                return Ok(Value::Unknown(None));
            }
            let mut out: Vec<Text> = Vec::new();
            for part in crate::sequences::iterate(&parts.value, parts.span)? {
                let Value::Str(part) = part else { return fail("wrong-type", parts.span, format!("`join` joins strings, not {}", part.describe())) };
                if !out.is_empty() {
                    out.push(text.clone());
                }
                out.push(part);
            }
            Ok(Value::Str(Text::concat(&out)))
        }
        "replace" => {
            let bound = args.bind("replace", &[Param::required("old"), Param::required("new")])?;
            let new = bound.get("new").and_then(|v| v.value.as_text()).cloned();
            let (Some(old), Some(new)) = (bound.text("old")?, new) else { return Err(bound.wrong("new", "a string")) };
            if old.is_empty() {
                return fail("wrong-value", bound.span_of("old"), "the text to be replaced is empty");
            }
            // the kept pieces keep their places
            let (mut out, mut at) = (Vec::new(), 0);
            for (found, _) in s.match_indices(old) {
                out.push(text.slice(at, found));
                out.push(new.clone());
                at = found + old.len();
            }
            out.push(text.slice(at, s.len()));
            Ok(Value::Str(Text::concat(&out)))
        }
        "strip" | "lstrip" | "rstrip" => {
            args.bind(&name.name, &[])?;
            let start = if name.name == "rstrip" { 0 } else { s.len() - s.trim_start().len() };
            let end = if name.name == "lstrip" { s.len() } else { s.trim_end().len() };
            Ok(Value::Str(text.slice(start, end.max(start))))
        }
        "upper" => args.bind("upper", &[]).and_then(|_| made(s.to_uppercase())),
        "lower" => args.bind("lower", &[]).and_then(|_| made(s.to_lowercase())),
        "split" if args.positional.is_empty() => Ok(Value::List(s.split_whitespace().map(|p| Value::Str(Text::computed(p, text.whole()))).collect())),
        "split" => {
            let separator = one("separator")?;
            Ok(Value::List(s.split(separator.as_str()).map(|p| Value::Str(Text::computed(p, text.whole()))).collect()))
        }
        "splitlines" => args.bind("splitlines", &[]).map(|_| Value::List(s.lines().map(|p| Value::Str(Text::computed(p, text.whole()))).collect())),
        "startswith" => Ok(Value::Bool(s.starts_with(one("prefix")?.as_str()))),
        "endswith" => Ok(Value::Bool(s.ends_with(one("suffix")?.as_str()))),
        "count" => Ok(Value::Int(s.matches(one("separator")?.as_str()).count() as i64)),
        "find" => Ok(Value::Int(s.find(one("part")?.as_str()).map_or(-1, |at| s.get(..at).unwrap_or("").chars().count() as i64))),
        _ => unknown(&Value::Str(text.clone()), name, &KNOWN),
    }
}

/// A value within a formatted string; `None` if it is not known.
fn shown(run: &mut Run<'_>, value: Spanned<Value>, spec: &str, span: Span) -> Outcome<Option<String>> {
    let value = run.plain_at(value)?;
    if value.value.is_unknown() {
        return Ok(None);
    }
    let host = &*run.host;
    text::format_value(&value.value, spec, span, &|o| host.show(o)).map(Some)
}

/// `'{} {name:.2f}'.format(…)`
fn format(run: &mut Run<'_>, text: &Text, args: &CallArgs) -> Outcome<Value> {
    let s = text.as_str();
    let mut out: Vec<Text> = Vec::new();
    let (mut at, mut next) = (0, 0);
    while let Some(brace) = s.get(at..).and_then(|rest| rest.find(['{', '}'])).map(|k| k + at) {
        out.push(text.slice(at, brace));
        let rest = s.get(brace..).unwrap_or("");
        if rest.starts_with("{{") || rest.starts_with("}}") {
            out.push(text.slice(brace, brace + 1));
            at = brace + 2;
            continue;
        }
        let place = |end: usize| text.span(brace, end);
        let Some(end) = rest.find('}').filter(|_| rest.starts_with('{')).map(|k| brace + k) else {
            return fail_help("bad-format", place(brace + 1), "a single brace in a format string", "double it: `{{`, `}}`");
        };
        let field = s.get(brace + 1..end).unwrap_or("");
        let (name, spec) = field.split_once(':').unwrap_or((field, ""));
        let (name, repr) = name.split_once('!').map_or((name, false), |(n, c)| (n, c == "r"));
        let value = if name.is_empty() {
            next += 1;
            args.positional.get(next - 1)
        } else if let Ok(k) = name.parse::<usize>() {
            args.positional.get(k)
        } else {
            args.named.iter().find(|(n, _)| n.name == name).map(|(_, v)| v)
        };
        let Some(value) = value.cloned() else {
            let what = if name.is_empty() { format!("no value number {next}") } else { format!("no value `{name}`") };
            return fail("bad-format", place(end + 1), format!("{what} is given to `format`"));
        };
        let (span, quoted) = (value.span, repr && matches!(value.value, Value::Str(_)));
        let Some(done) = shown(run, value, spec, place(end + 1))? else { return Ok(Value::Unknown(None)) };
        out.push(Text::computed(if quoted { format!("'{done}'") } else { done }, span));
        at = end + 1;
    }
    out.push(text.slice(at, s.len()));
    Ok(Value::Str(Text::concat(&out)))
}

/// `'%d of %s' % values`
pub(crate) fn percent(run: &mut Run<'_>, text: &Text, values: Spanned<Value>, span: Span) -> Outcome<Value> {
    let s = text.as_str();
    let mut given = match &values.value {
        Value::Tuple(v) => v.clone().into_iter(),
        other => vec![other.clone()].into_iter(),
    };
    let mut out: Vec<Text> = Vec::new();
    let mut at = 0;
    while let Some(found) = s.get(at..).and_then(|rest| rest.find('%')).map(|k| k + at) {
        out.push(text.slice(at, found));
        let rest = s.get(found + 1..).unwrap_or("");
        if rest.starts_with('%') {
            out.push(text.slice(found, found + 1));
            at = found + 2;
            continue;
        }
        let (key, skip) = match rest.strip_prefix('(').and_then(|r| r.find(')').map(|k| (r.get(..k).unwrap_or(""), k + 2))) {
            Some((key, skip)) => (Some(key), skip),
            None => (None, 0),
        };
        let Some(length) = rest.get(skip..).and_then(|r| r.find(|c: char| c.is_ascii_alphabetic())) else {
            return fail_help("bad-format", text.span(found, s.len()), "an incomplete `%` format", "a percent sign is written `%%`");
        };
        let end = found + 1 + skip + length + 1;
        let spec = s.get(found + 1 + skip..end).unwrap_or("");
        let value = match (key, &values.value) {
            (Some(key), Value::Dict(d)) => d.get(key).cloned(),
            (Some(_), _) => None,
            (None, _) => given.next(),
        };
        let place = text.span(found, end);
        let Some(value) = value else {
            return fail("bad-format", place, format!("no value for `%{}`", s.get(found + 1..end).unwrap_or("")));
        };
        // `%-8s` is `<8s`; `%5d` of a float cuts it
        let spec = match spec.strip_prefix('-') {
            Some(rest) => format!("<{rest}"),
            None => if spec.ends_with('s') { format!(">{spec}") } else { spec.to_string() },
        };
        let value = match (spec.chars().last(), value) {
            (Some('d' | 'i'), Value::Float(x)) if x.is_finite() => Value::Int(x as i64),
            (_, value) => value,
        };
        let (spec, value) = if spec.ends_with(['s', 'r']) && !matches!(value, Value::Str(_)) {
            let Some(whole) = shown(run, Spanned::new(value, values.span), "", place)? else { return Ok(Value::Unknown(None)) };
            (spec.replace('r', "s"), Value::Str(Text::computed(whole, values.span)))
        } else {
            (spec, value)
        };
        let Some(done) = shown(run, Spanned::new(value, values.span), &spec, place)? else { return Ok(Value::Unknown(None)) };
        out.push(Text::computed(done, span));
        at = end;
    }
    out.push(text.slice(at, s.len()));
    if matches!(values.value, Value::Tuple(_)) && given.next().is_some() {
        return fail("bad-format", values.span, "more values than places in the format string");
    }
    Ok(Value::Str(Text::concat(&out)))
}
