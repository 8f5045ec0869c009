//! Literals: numbers, strings with their escapes, formatted strings.
//!
//! The value of a string keeps the place of every character: what stands in the source as it is stays verbatim, each
//! escape is one computed piece, and a line break `\r\n` becomes `\n` by leaving out the `\r`.

use dslsim_source::{Diagnostic, Text};

use crate::ast::{Expr, ExprKind, FPart};
use crate::context::Context;
use crate::expression;

/// The value of the number at `start..end`.
pub(crate) fn number(context: &Context<'_>, start: usize, end: usize) -> ExprKind {
    let written = context.slice(start, end);
    let digits: String = written.chars().filter(|c| *c != '_').collect();
    let lower = digits.to_ascii_lowercase();
    let span = context.span(start, end);
    let radix = match lower.get(..2) {
        Some("0x") => 16,
        Some("0o") => 8,
        Some("0b") => 2,
        _ => 10,
    };
    if radix != 10 || lower.bytes().all(|b| b.is_ascii_digit()) {
        let body = if radix == 10 {
            lower.as_str()
        } else {
            lower.get(2..).unwrap_or("")
        };
        if radix == 10 && body.len() > 1 && body.starts_with('0') && body.bytes().any(|b| b != b'0')
        {
            let better = body.trim_start_matches('0');
            context.say(
                Diagnostic::error(
                    "number-malformed",
                    span,
                    format!("the whole number `{written}` may not begin with a zero"),
                )
                .help(format!(
                    "write `{better}`, or `0o{better}` if octal is meant"
                )),
            );
            return ExprKind::Error;
        }
        return match i64::from_str_radix(body, radix) {
            Ok(value) => ExprKind::Int(value),
            Err(_) => {
                let shown = shortened(written);
                context.say(
                    Diagnostic::error("number-too-large", span, format!("the whole number `{shown}` is too large: the largest is {}", i64::MAX))
                        .help("write it with a decimal point or an exponent, as in `1e20`, if a floating-point number will do"),
                );
                ExprKind::Error
            }
        };
    }
    match lower.parse::<f64>() {
        Ok(value) if value.is_finite() => ExprKind::Float(value),
        _ => {
            let shown = shortened(written);
            context.say(
                Diagnostic::error(
                    "number-too-large",
                    span,
                    format!("the number `{shown}` is too large: the largest is about 1.8e308"),
                )
                .help("write `inf` if infinity is meant"),
            );
            ExprKind::Error
        }
    }
}

/// A number as it may stand in a message.
fn shortened(written: &str) -> String {
    match written.get(..24) {
        Some(head) if written.len() > 32 => format!("{head}…"),
        _ => written.to_owned(),
    }
}

/// The value of adjacent string literals, each given by its place.
pub(crate) fn strings(context: &Context<'_>, literals: &[(usize, usize)]) -> ExprKind {
    let mut parts: Vec<FPart> = Vec::new();
    let mut formatted = false;
    for &(start, end) in literals {
        let written = context.slice(start, end);
        let prefix_length = written.find(['\'', '"']).unwrap_or(0);
        let prefix = written
            .get(..prefix_length)
            .unwrap_or("")
            .to_ascii_lowercase();
        let quotes = if written
            .get(prefix_length..)
            .is_some_and(|w| w.len() >= 6 && (w.starts_with("'''") || w.starts_with("\"\"\"")))
        {
            3
        } else {
            1
        };
        if !matches!(prefix.as_str(), "" | "r" | "u" | "f" | "rf" | "fr") {
            let what = if prefix.contains('b') {
                "byte strings are not available in a model file"
            } else {
                "this prefix of a string is not known"
            };
            context.say(
                Diagnostic::error(
                    "string-prefix",
                    context.span(start, start + prefix_length),
                    what,
                )
                .help("leave out the prefix"),
            );
            return ExprKind::Error;
        }
        let body = Body {
            context,
            at: start + prefix_length + quotes,
            end: end - quotes,
            raw: prefix.contains('r'),
        };
        if prefix.contains('f') {
            formatted = true;
            body.formatted(&mut parts);
        } else {
            parts.push(FPart::Text(body.decoded()));
        }
    }
    if formatted {
        return ExprKind::FString(joined(parts));
    }
    let texts: Vec<&Text> = parts
        .iter()
        .filter_map(|p| {
            if let FPart::Text(text) = p {
                Some(text)
            } else {
                None
            }
        })
        .collect();
    match texts.as_slice() {
        [only] => ExprKind::Str((*only).clone()),
        several => {
            let with_characters: Vec<&Text> = several
                .iter()
                .copied()
                .filter(|t| !t.as_str().is_empty())
                .collect();
            match (with_characters.is_empty(), several.first()) {
                (true, Some(first)) => ExprKind::Str((*first).clone()),
                _ => ExprKind::Str(Text::concat(with_characters)),
            }
        }
    }
}

/// Joins neighbouring texts and drops empty ones.
fn joined(parts: Vec<FPart>) -> Vec<FPart> {
    let mut out: Vec<FPart> = Vec::new();
    for part in parts {
        match (out.last_mut(), part) {
            (_, FPart::Text(text)) if text.as_str().is_empty() => {}
            (Some(FPart::Text(before)), FPart::Text(text)) => {
                *before = Text::concat([&*before, &text])
            }
            (_, part) => out.push(part),
        }
    }
    out
}

/// What stands between the quotes, from `at` to `end`.
struct Body<'c, 't> {
    context: &'c Context<'t>,
    at: usize,
    end: usize,
    raw: bool,
}

impl Body<'_, '_> {
    /// The characters the literal stands for.
    fn decoded(&self) -> Text {
        self.decode(self.at, self.end, false)
    }

    /// Decodes `start..end`; in formatted strings doubled braces stand for one.
    fn decode(&self, start: usize, end: usize, braces: bool) -> Text {
        let source = self.context.slice(start, end);
        let mut pieces: Vec<Text> = Vec::new();
        let mut plain = start;
        let mut chars = source.char_indices().peekable();
        while let Some((i, c)) = chars.next() {
            let from = start + i;
            let (value, length) = match c {
                '\r' if chars.peek().is_some_and(|(_, n)| *n == '\n') => (String::new(), 1),
                '\r' => ("\n".to_owned(), 1),
                '\\' if !self.raw => self.escape(from, end),
                '{' | '}' if braces && chars.peek().is_some_and(|(_, n)| *n == c) => {
                    (c.to_string(), 2)
                }
                _ => continue,
            };
            if length == 0 {
                continue;
            }
            if plain < from {
                pieces.push(self.context.text.slice(plain, from));
            }
            if !value.is_empty() {
                pieces.push(Text::computed(
                    value,
                    self.context.span(from, from + length),
                ));
            }
            plain = from + length;
            while chars.next_if(|(i, _)| start + *i < plain).is_some() {}
        }
        if plain < end || pieces.is_empty() {
            pieces.push(self.context.text.slice(plain, end));
        }
        match pieces.as_slice() {
            [only] => only.clone(),
            several => Text::concat(several),
        }
    }

    /// What the escape at `at` stands for and its length; length 0 if the backslash stands for itself.
    fn escape(&self, at: usize, end: usize) -> (String, usize) {
        let source = self.context.slice(at, end);
        let Some(kind) = source.chars().nth(1) else {
            return (String::new(), 0);
        };
        let simple = |c: char| (c.to_string(), 2);
        let coded = |digits: usize| {
            let code = source
                .get(2..2 + digits)
                .filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()));
            match code
                .and_then(|d| u32::from_str_radix(d, 16).ok())
                .and_then(char::from_u32)
            {
                Some(c) => (c.to_string(), 2 + digits),
                None => {
                    let what = format!(
                        "`\\{kind}` must be followed by {digits} hexadecimal digits of a character"
                    );
                    self.context.say(
                        Diagnostic::error("string-escape", self.context.span(at, at + 2), what)
                            .help(
                                "write `\\\\` for a backslash, or put `r` before the opening quote",
                            ),
                    );
                    (String::new(), 0)
                }
            }
        };
        match kind {
            '\n' => (String::new(), 2),
            '\r' => (
                String::new(),
                if source.starts_with("\\\r\n") { 3 } else { 2 },
            ),
            '\\' | '\'' | '"' => simple(kind),
            'n' => simple('\n'),
            't' => simple('\t'),
            'r' => simple('\r'),
            'a' => simple('\x07'),
            'b' => simple('\x08'),
            'f' => simple('\x0C'),
            'v' => simple('\x0B'),
            'x' => coded(2),
            'u' => coded(4),
            'U' => coded(8),
            '0'..='7' => {
                let digits: String = source
                    .chars()
                    .skip(1)
                    .take(3)
                    .take_while(|c| matches!(c, '0'..='7'))
                    .collect();
                let code = u32::from_str_radix(&digits, 8)
                    .ok()
                    .and_then(char::from_u32);
                (code.map(String::from).unwrap_or_default(), 1 + digits.len())
            }
            _ => (String::new(), 0),
        }
    }

    /// The parts of a formatted string.
    fn formatted(&self, parts: &mut Vec<FPart>) {
        let mut plain = self.at;
        let mut at = self.at;
        while at < self.end {
            let rest = self.context.slice(at, self.end);
            if rest.starts_with("{{") || rest.starts_with("}}") {
                at += 2;
            } else if rest.starts_with('{') {
                parts.push(FPart::Text(self.decode(plain, at, true)));
                match self.replacement(at) {
                    Some((part, next)) => {
                        parts.push(part);
                        at = next;
                    }
                    None => at = self.end,
                }
                plain = at;
            } else if rest.starts_with('}') {
                self.context.say(
                    Diagnostic::error(
                        "format-string",
                        self.context.span(at, at + 1),
                        "this `}` has no `{` before it",
                    )
                    .help("write `}}` for a brace"),
                );
                at += 1;
            } else {
                at += rest.chars().next().map_or(1, char::len_utf8);
            }
        }
        parts.push(FPart::Text(self.decode(plain, self.end, true)));
    }

    /// The `{value:format}` at `open`, and where it ends.
    fn replacement(&self, open: usize) -> Option<(FPart, usize)> {
        let context = self.context;
        let source = context.slice(open, self.end);
        let mut depth = 0_usize;
        // The quotes of a string among the values, one or three.
        let mut quote: Option<&str> = None;
        let mut format = None;
        let mut close = None;
        let mut next = 0;
        for (i, c) in source.char_indices() {
            if i < next {
                continue;
            }
            match (quote, c) {
                (Some(_), '\\') => {
                    let escaped = source.get(i + 1..).and_then(|s| s.chars().next());
                    next = i + 1 + escaped.map_or(0, char::len_utf8);
                }
                (Some(q), _) if source.get(i..).is_some_and(|s| s.starts_with(q)) => {
                    next = i + q.len();
                    quote = None;
                }
                (Some(_), _) => {}
                (None, '\'' | '"') if format.is_none() => {
                    let three = source
                        .get(i..i + 3)
                        .filter(|q| matches!(*q, "\"\"\"" | "'''"));
                    quote = three.or_else(|| source.get(i..=i));
                    next = i + quote.map_or(1, str::len);
                }
                (None, '(' | '[' | '{') => depth += 1,
                (None, ')' | ']') => depth = depth.saturating_sub(1).max(1),
                (None, '}') if depth <= 1 => {
                    close = Some(i);
                    break;
                }
                (None, '}') => depth -= 1,
                (None, ':') if depth == 1 && format.is_none() => format = Some(i),
                _ => {}
            }
            if c == '!'
                && depth == 1
                && format.is_none()
                && quote.is_none()
                && !source.get(i + 1..).unwrap_or("").starts_with('=')
            {
                let what = "conversions such as `!r` are not available in formatted strings";
                context.say(Diagnostic::error(
                    "format-string",
                    context.span(open + i, open + i + 1),
                    what,
                ));
                return None;
            }
        }
        let Some(close) = close else {
            context.say(
                Diagnostic::error(
                    "format-string",
                    context.span(open, open + 1),
                    "this `{` is never closed",
                )
                .help("write `{{` for a brace"),
            );
            return None;
        };
        let value_end = format.unwrap_or(close);
        let value = context.slice(open + 1, open + value_end);
        if value.trim().is_empty() {
            let what = "nothing stands between these braces";
            context.say(
                Diagnostic::error("format-string", context.span(open, open + close + 1), what)
                    .help("write `{{}}` for braces"),
            );
            return Some((
                FPart::Value(
                    Expr {
                        kind: ExprKind::Error,
                        span: context.span(open, open + close + 1),
                    },
                    None,
                ),
                open + close + 1,
            ));
        }
        if value.trim_end().ends_with('=') {
            let sign = open + 1 + value.trim_end().len() - 1;
            context.say(Diagnostic::error(
                "format-string",
                context.span(sign, sign + 1),
                "`=` at the end of a value is not available in formatted strings",
            ));
            return None;
        }
        let expr = expression::parse_range(context, open + 1, open + value_end);
        let format = format.map(|f| source.get(f + 1..close).unwrap_or("").to_owned());
        Some((FPart::Value(expr, format), open + close + 1))
    }
}
