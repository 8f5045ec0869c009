//! Methods of strings, and the two ways to fill them: `'…'.format(…)` and `'…' % values`.
//!
//! What is taken over from a string keeps its place in the file, so that a mistake in it is shown there.

use dslsim_source::{Span, Text};
use dslsim_syntax::ast::Ident;

use crate::call::{CallArgs, Param};
use crate::eval::Run;
use crate::fault::{Outcome, fail, fail_help};
use crate::methods::unknown;
use crate::text;
use crate::value::{Spanned, Value};

/// Methods of strings.
pub(crate) fn of_string(
    run: &mut Run<'_>,
    text: &Text,
    name: &Ident,
    args: &CallArgs,
) -> Outcome<Value> {
    const KNOWN: [&str; 14] = [
        "format",
        "join",
        "replace",
        "strip",
        "lstrip",
        "rstrip",
        "upper",
        "lower",
        "split",
        "startswith",
        "endswith",
        "count",
        "find",
        "splitlines",
    ];
    let span = args.span;
    let s = text.as_str();
    let made = |s: String| Ok(Value::Str(Text::computed(s, span)));
    let one = |what: &str| -> Outcome<String> {
        let bound = args.bind(&name.name, &[Param::required("text")])?;
        Ok(bound.text("text")?.unwrap_or_default().to_string()).and_then(|t: String| {
            if t.is_empty() && what == "separator" {
                fail("wrong-value", span, "the separator is empty")
            } else {
                Ok(t)
            }
        })
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
                let Value::Str(part) = part else {
                    return fail(
                        "wrong-type",
                        parts.span,
                        format!("`join` joins strings, not {}", part.describe()),
                    );
                };
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
            let (Some(old), Some(new)) = (bound.text("old")?, new) else {
                return Err(bound.wrong("new", "a string"));
            };
            if old.is_empty() {
                return fail(
                    "wrong-value",
                    bound.span_of("old"),
                    "the text to be replaced is empty",
                );
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
            let start = if name.name == "rstrip" {
                0
            } else {
                s.len() - s.trim_start().len()
            };
            let end = if name.name == "lstrip" {
                s.len()
            } else {
                s.trim_end().len()
            };
            Ok(Value::Str(text.slice(start, end.max(start))))
        }
        "upper" => args.bind("upper", &[]).and_then(|_| made(s.to_uppercase())),
        "lower" => args.bind("lower", &[]).and_then(|_| made(s.to_lowercase())),
        "split" if args.positional.is_empty() => Ok(Value::List(
            s.split_whitespace()
                .map(|p| Value::Str(Text::computed(p, text.whole())))
                .collect(),
        )),
        "split" => {
            let separator = one("separator")?;
            Ok(Value::List(
                s.split(separator.as_str())
                    .map(|p| Value::Str(Text::computed(p, text.whole())))
                    .collect(),
            ))
        }
        "splitlines" => args.bind("splitlines", &[]).map(|_| {
            Value::List(
                s.lines()
                    .map(|p| Value::Str(Text::computed(p, text.whole())))
                    .collect(),
            )
        }),
        "startswith" => Ok(Value::Bool(s.starts_with(one("prefix")?.as_str()))),
        "endswith" => Ok(Value::Bool(s.ends_with(one("suffix")?.as_str()))),
        "count" => Ok(Value::Int(
            s.matches(one("separator")?.as_str()).count() as i64
        )),
        "find" => {
            Ok(Value::Int(s.find(one("part")?.as_str()).map_or(-1, |at| {
                s.get(..at).unwrap_or("").chars().count() as i64
            })))
        }
        _ => unknown(&Value::Str(text.clone()), name, &KNOWN),
    }
}

/// A value within a formatted string; `None` if it is not known.
fn shown(
    run: &mut Run<'_>,
    value: Spanned<Value>,
    spec: &str,
    span: Span,
) -> Outcome<Option<String>> {
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
    while let Some(brace) = s
        .get(at..)
        .and_then(|rest| rest.find(['{', '}']))
        .map(|k| k + at)
    {
        out.push(text.slice(at, brace));
        let rest = s.get(brace..).unwrap_or("");
        if rest.starts_with("{{") || rest.starts_with("}}") {
            out.push(text.slice(brace, brace + 1));
            at = brace + 2;
            continue;
        }
        let place = |end: usize| text.span(brace, end);
        let Some(end) = rest
            .find('}')
            .filter(|_| rest.starts_with('{'))
            .map(|k| brace + k)
        else {
            return fail_help(
                "format-string",
                place(brace + 1),
                "a single brace in a format string",
                "double it: `{{`, `}}`",
            );
        };
        let field = s.get(brace + 1..end).unwrap_or("");
        let (name, spec) = field.split_once(':').unwrap_or((field, ""));
        let (name, repr) = name
            .split_once('!')
            .map_or((name, false), |(n, c)| (n, c == "r"));
        let value = if name.is_empty() {
            next += 1;
            args.positional.get(next - 1)
        } else if let Ok(k) = name.parse::<usize>() {
            args.positional.get(k)
        } else {
            args.named
                .iter()
                .find(|(n, _)| n.name == name)
                .map(|(_, v)| v)
        };
        let Some(value) = value.cloned() else {
            let what = if name.is_empty() {
                format!("no value number {next}")
            } else {
                format!("no value `{name}`")
            };
            return fail(
                "format-string",
                place(end + 1),
                format!("{what} is given to `format`"),
            );
        };
        let (span, quoted) = (value.span, repr && matches!(value.value, Value::Str(_)));
        let Some(done) = shown(run, value, spec, place(end + 1))? else {
            return Ok(Value::Unknown(None));
        };
        out.push(Text::computed(
            if quoted { format!("'{done}'") } else { done },
            span,
        ));
        at = end + 1;
    }
    out.push(text.slice(at, s.len()));
    Ok(Value::Str(Text::concat(&out)))
}

/// `'%d of %s' % values`
pub(crate) fn percent(
    run: &mut Run<'_>,
    text: &Text,
    values: Spanned<Value>,
    span: Span,
) -> Outcome<Value> {
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
        let (key, skip) = match rest
            .strip_prefix('(')
            .and_then(|r| r.find(')').map(|k| (r.get(..k).unwrap_or(""), k + 2)))
        {
            Some((key, skip)) => (Some(key), skip),
            None => (None, 0),
        };
        let Some(length) = rest
            .get(skip..)
            .and_then(|r| r.find(|c: char| c.is_ascii_alphabetic()))
        else {
            return fail_help(
                "format-string",
                text.span(found, s.len()),
                "an incomplete `%` format",
                "a percent sign is written `%%`",
            );
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
            return fail(
                "format-string",
                place,
                format!("no value for `%{}`", s.get(found + 1..end).unwrap_or("")),
            );
        };
        // `%-8s` is `<8s`; `%5d` of a float cuts it
        let spec = match spec.strip_prefix('-') {
            Some(rest) => format!("<{rest}"),
            None => {
                if spec.ends_with('s') {
                    format!(">{spec}")
                } else {
                    spec.to_string()
                }
            }
        };
        let value = match (spec.chars().last(), value) {
            (Some('d' | 'i'), Value::Float(x)) if x.is_finite() => Value::Int(x as i64),
            (_, value) => value,
        };
        let (spec, value) = if spec.ends_with(['s', 'r']) && !matches!(value, Value::Str(_)) {
            let Some(whole) = shown(run, Spanned::new(value, values.span), "", place)? else {
                return Ok(Value::Unknown(None));
            };
            (
                spec.replace('r', "s"),
                Value::Str(Text::computed(whole, values.span)),
            )
        } else {
            (spec, value)
        };
        let Some(done) = shown(run, Spanned::new(value, values.span), &spec, place)? else {
            return Ok(Value::Unknown(None));
        };
        out.push(Text::computed(done, span));
        at = end;
    }
    out.push(text.slice(at, s.len()));
    if matches!(values.value, Value::Tuple(_)) && given.next().is_some() {
        return fail(
            "format-string",
            values.span,
            "more values than places in the format string",
        );
    }
    Ok(Value::Str(Text::concat(&out)))
}
