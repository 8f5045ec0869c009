//! Cuts text into tokens: the view of a text that splitting into lines, the limits and the messages share.
//!
//! The grammar reads characters, not these tokens. Scanning never fails: what is no token at all becomes
//! [`TokenKind::Other`], a string without end says so. Comments, blanks and joined lines (`\` before a line break)
//! leave no token. Offsets are bytes of the scanned text.

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenKind {
    /// A name or a keyword.
    Name,
    /// A number.
    Number,
    /// A string literal with its prefix and quotes.
    Str {
        /// Whether it ends.
        closed: bool,
        /// Whether it has three quotes.
        triple: bool,
    },
    /// An operator, comma, colon, semicolon.
    Op,
    /// `(`, `[`, `{`
    Open,
    /// `)`, `]`, `}`
    Close,
    /// A line break.
    Newline,
    /// A whole line `%magic` or `!command` of a notebook.
    Magic,
    /// A character that means nothing.
    Other,
}

/// A token and its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) kind: TokenKind,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

impl Token {
    /// The characters of the token in the text it was cut from.
    pub(crate) fn of<'s>(&self, text: &'s str) -> &'s str {
        text.get(self.start..self.end).unwrap_or("")
    }

    /// Whether a value may end with it.
    pub(crate) fn ends_operand(&self, text: &str) -> bool {
        match self.kind {
            TokenKind::Number | TokenKind::Str { .. } | TokenKind::Close => true,
            TokenKind::Name => !is_operator_word(self.of(text)),
            _ => false,
        }
    }
}

/// Whether the word is an operator, or otherwise goes on with an expression.
pub(crate) fn is_operator_word(word: &str) -> bool {
    matches!(
        word,
        "and" | "or" | "not" | "in" | "is" | "if" | "else" | "for"
    )
}

const OPERATORS: &[&str] = &[
    "**=", "//=", "<<=", ">>=", "...", "**", "//", "<<", ">>", "<=", ">=", "==", "!=", "->", ":=",
    "+=", "-=", "*=", "/=", "%=", "@=", "&=", "|=", "^=", "&&", "||", "<>", "+", "-", "*", "/",
    "%", "@", "&", "|", "^", "~", "<", ">", "=", "!", ",", ":", ";", ".",
];

/// Whether a character may begin a name.
fn begins_name(c: char) -> bool {
    c == '_' || c.is_ascii_alphabetic() || (!c.is_ascii() && pest::unicode::XID_START(c))
}

/// Whether a character may stand inside a name.
fn within_name(c: char) -> bool {
    c == '_' || c.is_ascii_alphanumeric() || (!c.is_ascii() && pest::unicode::XID_CONTINUE(c))
}

/// The tokens of a text; with `magics`, lines that begin with `%` or `!` outside brackets are one token.
pub(crate) fn scan(text: &str, magics: bool) -> Vec<Token> {
    let mut scanner = Scanner {
        text,
        at: 0,
        depth: 0,
        magics,
        tokens: Vec::new(),
    };
    scanner.run();
    scanner.tokens
}

struct Scanner<'s> {
    text: &'s str,
    at: usize,
    depth: usize,
    magics: bool,
    tokens: Vec<Token>,
}

impl Scanner<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn push(&mut self, kind: TokenKind, len: usize) {
        self.tokens.push(Token {
            kind,
            start: self.at,
            end: self.at + len,
        });
        self.at += len;
    }

    fn run(&mut self) {
        while let Some(c) = self.rest().chars().next() {
            let line_start = self
                .tokens
                .last()
                .is_none_or(|t| t.kind == TokenKind::Newline);
            match c {
                ' ' | '\t' | '\x0C' | '\u{FEFF}' => self.at += c.len_utf8(),
                '\n' => self.push(TokenKind::Newline, 1),
                '\r' => self.push(
                    TokenKind::Newline,
                    if self.rest().starts_with("\r\n") {
                        2
                    } else {
                        1
                    },
                ),
                '#' => self.at += self.line_length(),
                '%' | '!' if self.magics && line_start && self.depth == 0 => {
                    self.push(TokenKind::Magic, self.line_length())
                }
                '\\' => match join(self.rest()) {
                    Some(len) => self.at += len,
                    None => self.push(TokenKind::Other, 1),
                },
                '(' | '[' | '{' => {
                    self.depth += 1;
                    self.push(TokenKind::Open, 1);
                }
                ')' | ']' | '}' => {
                    self.depth = self.depth.saturating_sub(1);
                    self.push(TokenKind::Close, 1);
                }
                '\'' | '"' => self.string(0),
                _ if c.is_ascii_digit() => self.push(TokenKind::Number, number_length(self.rest())),
                '.' if self
                    .rest()
                    .chars()
                    .nth(1)
                    .is_some_and(|d| d.is_ascii_digit()) =>
                {
                    self.push(TokenKind::Number, number_length(self.rest()));
                }
                _ if begins_name(c) => self.word(),
                _ => match OPERATORS.iter().find(|op| self.rest().starts_with(**op)) {
                    Some(op) => self.push(TokenKind::Op, op.len()),
                    None => self.push(TokenKind::Other, c.len_utf8()),
                },
            }
        }
    }

    /// Bytes up to the end of the line.
    fn line_length(&self) -> usize {
        self.rest().find(['\n', '\r']).unwrap_or(self.rest().len())
    }

    fn word(&mut self) {
        let rest = self.rest();
        let len = rest
            .char_indices()
            .find(|(_, c)| !within_name(*c))
            .map_or(rest.len(), |(i, _)| i);
        let prefix = len <= 2 && rest.bytes().take(len).all(|b| b"rbufRBUF".contains(&b));
        if prefix && matches!(rest.as_bytes().get(len), Some(b'\'' | b'"')) {
            self.string(len);
        } else {
            self.push(TokenKind::Name, len);
        }
    }

    /// A string literal, whose prefix has the given length.
    fn string(&mut self, prefix: usize) {
        let rest = self.rest();
        let body = rest.get(prefix..).unwrap_or("");
        let quote = if body.starts_with('"') { '"' } else { '\'' };
        let triple = body.starts_with("'''") || body.starts_with("\"\"\"");
        let opening = prefix + if triple { 3 } else { 1 };
        let mut quotes = 0;
        let mut chars = rest
            .char_indices()
            .skip_while(|(i, _)| *i < opening)
            .peekable();
        let mut end = None;
        while let Some((i, c)) = chars.next() {
            if c == '\\' {
                quotes = 0;
                if let Some((_, '\r')) = chars.next() {
                    chars.next_if(|(_, next)| *next == '\n');
                }
            } else if c == quote {
                quotes += 1;
                if !triple || quotes == 3 {
                    end = Some(i + 1);
                    break;
                }
            } else if !triple && (c == '\n' || c == '\r') {
                let len = i;
                self.push(
                    TokenKind::Str {
                        closed: false,
                        triple,
                    },
                    len,
                );
                return;
            } else {
                quotes = 0;
            }
        }
        let len = end.unwrap_or(rest.len());
        self.push(
            TokenKind::Str {
                closed: end.is_some(),
                triple,
            },
            len,
        );
    }
}

/// Length of a `\` with the line break after it, if `rest` begins with such.
fn join(rest: &str) -> Option<usize> {
    ["\\\r\n", "\\\n", "\\\r"]
        .iter()
        .find(|j| rest.starts_with(**j))
        .map(|j| j.len())
}

/// Length of the number that `rest` begins with.
fn number_length(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    let run = |from: usize, ok: fn(u8) -> bool| {
        let mut at = from;
        while let Some(&b) = bytes.get(at) {
            let joined = b == b'_' && at > 0 && bytes.get(at + 1).is_some_and(|&n| ok(n));
            if !ok(b) && !joined {
                break;
            }
            at += 1;
        }
        at
    };
    if bytes.first() == Some(&b'0') {
        let base: Option<fn(u8) -> bool> = match bytes.get(1) {
            Some(b'x' | b'X') => Some(|b| b.is_ascii_hexdigit()),
            Some(b'o' | b'O') => Some(|b| matches!(b, b'0'..=b'7')),
            Some(b'b' | b'B') => Some(|b| matches!(b, b'0' | b'1')),
            _ => None,
        };
        if let Some(ok) = base {
            let end = run(2, ok);
            return if end > 2 { end } else { 1 };
        }
    }
    let digit = |b: u8| b.is_ascii_digit();
    let mut end = run(0, digit);
    if bytes.get(end) == Some(&b'.') {
        end += 1;
        if bytes.get(end).is_some_and(|b| b.is_ascii_digit()) {
            end = run(end, digit);
        }
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        if bytes
            .get(end + 1 + sign)
            .is_some_and(|b| b.is_ascii_digit())
        {
            end = run(end + 1 + sign, digit);
        }
    }
    end
}
