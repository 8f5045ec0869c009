//! Formulas: the part of TeX's language that matplotlib's mathtext knows, set by TeX's rules.
//!
//! A formula stands between two `$`. Variables are oblique, everything else is upright. The distances (shifts of indices,
//! thickness of rules, spaces around operators) are those that matplotlib uses with DejaVu Sans; they come from the font's table for
//! TeX and from appendix G of the TeXbook. Lengths are multiples of the font size; what stands higher or lower is 0.7 times as large.

use super::boxes::{Laid, Rule, character, kerning, plain};
use super::symbols::{ACCENTS, Class, FUNCTIONS, LIMITS, SPACES, class, suggest, symbol};
use crate::font::Face;

type Wrong = (usize, String);
type Told<T> = Result<T, Wrong>;

const SHRINK: f64 = 0.7;
const X_HEIGHT: f64 = 1120.0 / 2048.0;
const THICKNESS: f64 = 0.75 / 12.0;
const AXIS: f64 = 512.0 / 2048.0;
/// Distances in units of the x-height.
const SCRIPT_SPACE: f64 = 0.05;
const SUP_DROP: f64 = 790.527 / 1120.0;
const SUB_DROP: f64 = 102.4 / 1120.0;
const SUP: f64 = 845.824 / 1120.0;
const SUB: f64 = 307.199 / 1120.0;
const SUB_WITH_SUP: f64 = 632.832 / 1120.0;
const NUMERATOR: f64 = 868.352 / 1120.0;
const DENOMINATOR: f64 = 768.0 / 1120.0;
const NUMERATOR_DISPLAY: f64 = 1529.86 / 1120.0;
const DENOMINATOR_DISPLAY: f64 = 1548.29 / 1120.0;
const DELTA: f64 = 0.025;
const DELTA_SLANTED: f64 = 0.2;
const DELTA_INTEGRAL: f64 = 0.1;
/// Deepest nesting of groups.
const DEPTH: usize = 60;

/// Sets a string with formulas.
pub(super) fn layout(text: &str, size: f64, face: Face) -> Told<Laid> {
    let mut all = Laid {
        height: f64::NEG_INFINITY,
        depth: f64::NEG_INFINITY,
        ..Laid::default()
    };
    let mut rest = text;
    let mut start = 0;
    let mut formula = false;
    loop {
        let end = unescaped_dollar(rest).unwrap_or(rest.len());
        let (part, after) = rest.split_at(end);
        if formula {
            let mut parser = Parser {
                chars: part.char_indices().map(|(k, c)| (k + start, c)).collect(),
                at: 0,
                end: start + part.len(),
                size,
                depth: 0,
            };
            let laid = parser.whole()?;
            all.append(&laid, 0.0);
        } else if !part.is_empty() {
            all.append(&plain(&part.replace("\\$", "$"), size, face), 0.0);
        }
        let Some(after) = after.strip_prefix('$') else {
            break;
        };
        start += end + 1;
        rest = after;
        formula = !formula;
    }
    if all.height < -1e300 {
        return Ok(Laid::default());
    }
    Ok(all)
}

fn unescaped_dollar(text: &str) -> Option<usize> {
    let mut before = ' ';
    for (k, c) in text.char_indices() {
        if c == '$' && before != '\\' {
            return Some(k);
        }
        before = c;
    }
    None
}

/// Which letters a formula's characters get.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Font {
    /// Variables oblique.
    Normal,
    Upright,
    Oblique,
    Bold,
    DoubleStruck,
}

/// A part of a formula, and what the placing of its indices depends on.
#[derive(Clone, Debug, Default)]
struct Atom {
    laid: Laid,
    /// Height and depth of the last character.
    last: (f64, f64),
    slanted: bool,
    integral: bool,
    /// Whether indices stand above and below.
    limits: bool,
    /// Whether it is made of characters alone.
    simple: bool,
    /// Whether a thin space follows unless a bracket does.
    function: bool,
    /// Whether it is one character, so that the next one is kerned to it.
    single: bool,
}

impl Atom {
    fn of(laid: Laid) -> Atom {
        Atom {
            last: (laid.height, laid.depth),
            laid,
            ..Atom::default()
        }
    }
}

struct Parser {
    chars: Vec<(usize, char)>,
    at: usize,
    end: usize,
    size: f64,
    depth: usize,
}

impl Parser {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).map(|(_, c)| *c)
    }

    fn place(&self) -> usize {
        self.chars.get(self.at).map_or(self.end, |(k, _)| *k)
    }

    fn skip_spaces(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) {
            self.at += 1;
        }
    }

    /// The character before position `at`, without spaces.
    fn before(&self, at: usize) -> Option<char> {
        let earlier = self.chars.get(..at)?;
        earlier.iter().rev().map(|(_, c)| *c).find(|c| *c != ' ')
    }

    /// The character from position `at` on, without spaces.
    fn after(&self, at: usize) -> Option<char> {
        let later = self.chars.get(at..)?;
        later.iter().map(|(_, c)| *c).find(|c| *c != ' ')
    }

    fn em(&self) -> f64 {
        Face::Oblique
            .glyph('m')
            .map_or(1.0, |g| Face::Oblique.advance(g))
            * self.size
    }

    fn whole(&mut self) -> Told<Laid> {
        let laid = self.list(Font::Normal, false)?.laid;
        match self.peek() {
            None => Ok(laid),
            Some('}') => Err((self.place(), "there is no `{` for this `}`".into())),
            Some(_) => Err((
                self.place(),
                "there is no `\\left` for this `\\right`".into(),
            )),
        }
    }

    /// Atoms up to the end, a closing brace or `\right`.
    fn list(&mut self, font: Font, text: bool) -> Told<Atom> {
        let mut font = font;
        let mut all = Atom {
            simple: true,
            ..Atom::default()
        };
        let mut joined = false;
        let mut some = false;
        loop {
            if text {
                if self.peek() == Some(' ') {
                    self.at += 1;
                    all.laid
                        .append(&character(' ', self.size, Face::Regular), 0.0);
                    joined = false;
                    continue;
                }
            } else {
                self.skip_spaces();
            }
            match self.peek() {
                None | Some('}') => break,
                Some('\\') if self.command_is("right") => break,
                Some('\\') => {
                    if let Some(f) = self.switch() {
                        font = f;
                        continue;
                    }
                }
                _ => {}
            }
            let atom = self.scripted(font)?;
            if joined
                && atom.single
                && let (Some(left), Some(right)) =
                    (all.laid.glyphs.last(), atom.laid.glyphs.first())
            {
                all.laid.width += kerning(left, right);
            }
            if some {
                all.laid.append(&atom.laid, 0.0);
            } else {
                all.laid = atom.laid.clone();
            }
            some = true;
            joined = atom.single;
            all.last = atom.last;
            all.slanted = atom.slanted;
            all.integral = atom.integral;
            all.simple &= atom.simple;
        }
        Ok(all)
    }

    fn command_is(&self, name: &str) -> bool {
        let rest = self.chars.get(self.at + 1..).unwrap_or(&[]);
        let mut found = rest.iter().map(|(_, c)| *c);
        name.chars().all(|c| found.next() == Some(c))
            && !found.next().is_some_and(|c| c.is_ascii_alphabetic())
    }

    /// `\rm` and its like: the font from here on.
    fn switch(&mut self) -> Option<Font> {
        for (name, font) in [
            ("rm", Font::Upright),
            ("it", Font::Oblique),
            ("bf", Font::Bold),
        ] {
            if self.command_is(name) {
                self.at += 1 + name.len();
                return Some(font);
            }
        }
        None
    }

    /// An atom with its indices.
    fn scripted(&mut self, font: Font) -> Told<Atom> {
        let start = self.place();
        let mut atom = match self.peek() {
            Some('_' | '^') => Atom {
                simple: true,
                ..Atom::default()
            },
            _ => self.atom(font)?,
        };
        while self.peek() == Some('\'') {
            self.at += 1;
            atom.laid
                .append(&character('\u{2032}', self.size, Face::Regular), 0.0);
        }
        let (mut sub, mut sup) = (None, None);
        loop {
            let here = self.at;
            self.skip_spaces();
            let (slot, what) = match self.peek() {
                Some('_') => (&mut sub, "subscript"),
                Some('^') => (&mut sup, "superscript"),
                _ => {
                    self.at = here;
                    break;
                }
            };
            if slot.is_some() {
                return Err((self.place(), format!("a second {what}")));
            }
            self.at += 1;
            self.skip_spaces();
            if self.peek().is_none_or(|c| c == '}') {
                return Err((start, format!("an empty {what}")));
            }
            *slot = Some(self.atom(font)?.laid);
        }
        let function = atom.function;
        if sub.is_some() || sup.is_some() {
            atom = self.indices(atom, sub, sup);
        }
        if function {
            let next = self.after(self.at);
            let closed = next.is_none_or(|c| "()[]{}|/.<>^_".contains(c));
            if !closed {
                atom.laid.width += 0.16667 * self.em();
            }
        }
        Ok(atom)
    }

    fn indices(&self, atom: Atom, sub: Option<Laid>, sup: Option<Laid>) -> Atom {
        let size = self.size;
        let x_height = X_HEIGHT * size;
        let thickness = THICKNESS * size;
        if atom.limits {
            return limits(&atom.laid, sub, sup, thickness);
        }
        let (mut sup_kern, mut sub_kern) = (DELTA * x_height, DELTA * x_height);
        let (height, depth) = atom.last;
        if atom.slanted {
            sup_kern += DELTA * x_height + DELTA_SLANTED * (height - x_height * 2.0 / 3.0);
            if atom.integral {
                sub_kern = (3.0 * DELTA - DELTA_INTEGRAL) * height;
                sup_kern = (3.0 * DELTA + DELTA_INTEGRAL) * height;
            } else {
                sub_kern = 0.0;
            }
        }
        let (mut up, mut down) = if atom.simple {
            (0.0, 0.0)
        } else {
            let shrunk = SHRINK * x_height;
            (
                atom.laid.height - SUP_DROP * shrunk,
                atom.laid.depth + SUB_DROP * shrunk,
            )
        };
        let index = |kern: f64, laid: Laid| {
            let mut row = Laid::space(kern);
            row.append(&laid, 0.0);
            row.scaled(SHRINK)
        };
        let mut laid = atom.laid.clone();
        let start = laid.width;
        let mut widest: f64 = 0.0;
        let sup = sup.map(|s| index(sup_kern, s));
        let sub = sub.map(|s| index(sub_kern, s));
        if let Some(s) = &sup {
            up = if atom.integral {
                height - SUB_DROP * x_height
            } else {
                up.max(SUP * x_height).max(s.depth + x_height / 4.0)
            };
        }
        if let Some(s) = &sub {
            down = if atom.integral {
                depth + SUB_DROP * x_height
            } else if sup.is_some() {
                down.max(SUB_WITH_SUP * x_height)
            } else {
                down.max(SUB * x_height).max(s.height - x_height * 0.8)
            };
        }
        if let (Some(above), Some(below)) = (&sup, &sub) {
            let clear = 4.0 * thickness - ((up - above.depth) - (below.height - down));
            if clear > 0.0 {
                down += clear;
                let lift = x_height * 0.8 - up + above.depth;
                if lift > 0.0 {
                    up += lift;
                    down -= lift;
                }
            }
        }
        if let Some(s) = &sup {
            laid.add(s, start, up);
            widest = widest.max(s.width);
        }
        if let Some(s) = &sub {
            laid.add(s, start, -down);
            widest = widest.max(s.width);
        }
        laid.width = start + widest;
        if !atom.integral {
            laid.width += SCRIPT_SPACE * x_height;
        }
        Atom {
            simple: atom.simple,
            ..Atom::of(laid)
        }
    }

    /// One character, command or group.
    fn atom(&mut self, font: Font) -> Told<Atom> {
        let Some(c) = self.peek() else {
            return Err((self.end, "the formula ends too early".into()));
        };
        match c {
            '{' => self.group(font, false),
            '\\' => self.command(font),
            '~' => {
                self.at += 1;
                Ok(Atom::of(Laid::space(0.33333 * self.em())))
            }
            _ => {
                self.at += 1;
                Ok(self.spaced(c, class(c), font, self.at - 1))
            }
        }
    }

    /// A character, with the space around it that its class asks for.
    fn spaced(&self, c: char, class: Class, font: Font, from: usize) -> Atom {
        let shown = if c == '-' { '\u{2212}' } else { c };
        let (face, shown) = face(shown, font);
        let display =
            Face::Display.glyph(shown).is_some() && matches!(class, Class::Large | Class::Integral);
        let face = if display { Face::Display } else { face };
        let laid = character(shown, self.size, face);
        let mut atom = Atom {
            slanted: face == Face::Oblique || class == Class::Integral,
            integral: class == Class::Integral,
            limits: class == Class::Large,
            simple: true,
            single: true,
            ..Atom::of(laid)
        };
        let space = 0.2 * self.em();
        let spaces = match class {
            Class::Binary | Class::Relation => {
                let before = self.before(from);
                let bare = class == Class::Binary && before.is_none_or(|p| "{([<=>:^_".contains(p));
                if bare { (0.0, 0.0) } else { (space, space) }
            }
            Class::Punctuation => {
                let (before, after) = (self.before(from), self.after(self.at));
                let decimal = c == '.'
                    && before.is_some_and(|c| c.is_ascii_digit())
                    && after.is_some_and(|c| c.is_ascii_digit());
                let alone = c == ',' && before == Some('{') && after == Some('}');
                if decimal || alone {
                    (0.0, 0.0)
                } else {
                    (0.0, space)
                }
            }
            _ => (0.0, 0.0),
        };
        if spaces != (0.0, 0.0) {
            let mut row = Laid::space(spaces.0);
            row.height = f64::NEG_INFINITY;
            row.depth = f64::NEG_INFINITY;
            row.append(&atom.laid, 0.0);
            row.width += spaces.1;
            atom.laid = row;
            atom.single = false;
            atom.slanted = false;
        }
        atom
    }

    /// `{…}`; in `text`, spaces count.
    fn group(&mut self, font: Font, text: bool) -> Told<Atom> {
        let start = self.place();
        if self.depth >= DEPTH {
            return Err((start, "too many groups within each other".into()));
        }
        self.at += 1;
        self.depth += 1;
        let inner = self.list(font, text)?;
        self.depth -= 1;
        if self.peek() != Some('}') {
            return Err((start, "this `{` is not closed".into()));
        }
        self.at += 1;
        Ok(inner)
    }

    fn argument(&mut self, of: &str, font: Font, text: bool) -> Told<Atom> {
        self.skip_spaces();
        match self.peek() {
            Some('{') => self.group(font, text),
            None | Some('}') => Err((self.place(), format!("`\\{of}` needs something in braces"))),
            Some(_) => self.atom(font),
        }
    }

    fn name(&mut self) -> String {
        let mut name = String::new();
        while let Some(c) = self.peek().filter(char::is_ascii_alphabetic) {
            name.push(c);
            self.at += 1;
        }
        if name.is_empty()
            && let Some(c) = self.peek()
        {
            name.push(c);
            self.at += 1;
        }
        name
    }

    fn command(&mut self, font: Font) -> Told<Atom> {
        let (start, from) = (self.place(), self.at);
        self.at += 1;
        let name = self.name();
        let size = self.size;
        if let Some((_, width)) = SPACES.iter().find(|(n, _)| *n == name) {
            return Ok(Atom::of(Laid::space(width * self.em())));
        }
        if let Some((_, c)) = ACCENTS.iter().find(|(n, _)| *n == name) {
            let under = self.argument(&name, font, false)?;
            return Ok(accented(under, *c, size));
        }
        match name.as_str() {
            "" => return Err((start, "a backslash without a name".into())),
            "%" | "$" | "_" | "{" | "}" | "#" | "&" => {
                let c = name.chars().next().unwrap_or(' ');
                return Ok(self.spaced(c, class(c), Font::Upright, from));
            }
            "|" => return Ok(self.spaced('\u{2225}', Class::Ordinary, font, from)),
            "mathrm" | "rm" | "mathsf" | "mathtt" => {
                return self.argument(&name, Font::Upright, false);
            }
            "mathdefault" | "mathregular" => return self.argument(&name, Font::Upright, false),
            "mathnormal" => return self.argument(&name, Font::Normal, false),
            "text" | "textrm" | "mathtext" => return self.argument(&name, Font::Upright, true),
            "mathbf" | "boldsymbol" | "bm" | "mathbfit" => {
                return self.argument(&name, Font::Bold, false);
            }
            "textbf" => return self.argument(&name, Font::Bold, true),
            "mathit" | "mathcal" | "mathscr" | "mathfrak" => {
                return self.argument(&name, Font::Oblique, false);
            }
            "textit" => return self.argument(&name, Font::Oblique, true),
            "mathbb" => return self.argument(&name, Font::DoubleStruck, false),
            "operatorname" => {
                let mut atom = self.argument(&name, Font::Upright, true)?;
                atom.function = true;
                return Ok(atom);
            }
            "frac" | "dfrac" | "tfrac" => {
                let numerator = self.argument(&name, font, false)?.laid;
                let denominator = self.argument(&name, font, false)?.laid;
                return Ok(fraction(&numerator, &denominator, size, name == "dfrac"));
            }
            "binom" => {
                let above = self.argument(&name, font, false)?.laid;
                let below = self.argument(&name, font, false)?.laid;
                return Ok(binomial(&above, &below, size));
            }
            "sqrt" => return self.root(font),
            "overline" | "underline" => {
                let inner = self.argument(&name, font, false)?.laid;
                return Ok(lined(&inner, name == "overline", size));
            }
            "left" => return self.brackets(font, start),
            "displaystyle" | "textstyle" | "limits" | "nolimits" | "middle" => {
                return Ok(Atom::default());
            }
            _ => {}
        }
        if FUNCTIONS.contains(&name.as_str()) {
            let mut laid = Laid::default();
            for c in name.chars() {
                laid.append(&character(c, size, Face::Regular), 0.0);
            }
            return Ok(Atom {
                limits: LIMITS.contains(&name.as_str()),
                simple: true,
                function: true,
                ..Atom::of(laid)
            });
        }
        if let Some((c, class)) = symbol(&name) {
            return Ok(self.spaced(c, class, font, from));
        }
        let hint =
            suggest(&name).map_or(String::new(), |near| format!("; did you mean `\\{near}`?"));
        Err((start, format!("`\\{name}` is not known in formulas{hint}")))
    }

    fn root(&mut self, font: Font) -> Told<Atom> {
        let size = self.size;
        let mut degree = None;
        self.skip_spaces();
        if self.peek() == Some('[') {
            let start = self.place();
            self.at += 1;
            let mut row = Laid::default();
            loop {
                match self.peek() {
                    None => return Err((start, "this `[` is not closed".into())),
                    Some(']') => break,
                    Some(_) => row.append(&self.scripted(font)?.laid, 0.0),
                }
            }
            self.at += 1;
            degree = Some(row.scaled(SHRINK * SHRINK));
        }
        let body = self.argument("sqrt", font, false)?.laid;
        let thickness = THICKNESS * size;
        let (height, depth) = (body.height + 5.0 * thickness, body.depth.max(0.0));
        let sign = stretched('\u{221a}', height, depth, size);
        let mut all = Laid::default();
        if let Some(degree) = degree {
            let room = (degree.width - 0.5 * sign.width).max(0.0);
            all.add(&degree, 0.0, sign.height * 0.6);
            all.width = room;
        }
        let left = all.width;
        all.append(&sign, 0.0);
        let start = all.width - 0.04 * size;
        all.width += 2.0 * thickness;
        all.append(&body, 0.0);
        all.width += 2.0 * thickness;
        all.rules.push(Rule {
            x: start,
            y: sign.height - thickness,
            width: all.width - start,
            height: thickness,
        });
        let _ = left;
        Ok(Atom::of(all))
    }

    /// `\left( … \right)`
    fn brackets(&mut self, font: Font, start: usize) -> Told<Atom> {
        let open = self.delimiter("left")?;
        if self.depth >= DEPTH {
            return Err((start, "too many groups within each other".into()));
        }
        self.depth += 1;
        let inner = self.list(font, false)?.laid;
        self.depth -= 1;
        if !self.command_is("right") {
            return Err((start, "there is no `\\right` for this `\\left`".into()));
        }
        self.at += 1 + "right".len();
        let close = self.delimiter("right")?;
        let (height, depth) = (inner.height, inner.depth.max(0.0));
        let mut all = Laid::default();
        if let Some(c) = open {
            all.append(&stretched(c, height, depth, self.size), 0.0);
        }
        all.append(&inner, 0.0);
        if let Some(c) = close {
            all.append(&stretched(c, height, depth, self.size), 0.0);
        }
        Ok(Atom::of(all))
    }

    fn delimiter(&mut self, of: &str) -> Told<Option<char>> {
        self.skip_spaces();
        let start = self.place();
        match self.peek() {
            None => Err((start, format!("`\\{of}` needs a bracket"))),
            Some('\\') => {
                self.at += 1;
                let name = self.name();
                match name.as_str() {
                    "{" | "}" => Ok(name.chars().next()),
                    "|" => Ok(Some('\u{2225}')),
                    _ => symbol(&name)
                        .map(|(c, _)| Some(c))
                        .ok_or((start, format!("`\\{name}` is no bracket"))),
                }
            }
            Some(c) => {
                self.at += 1;
                Ok((c != '.').then_some(match c {
                    '<' => '\u{27e8}',
                    '>' => '\u{27e9}',
                    c => c,
                }))
            }
        }
    }
}

/// The font of a character, and the character itself, which is another one in double-struck type.
fn face(c: char, font: Font) -> (Face, char) {
    match font {
        Font::Upright => (Face::Regular, c),
        Font::Bold => (Face::Bold, c),
        Font::Oblique => (Face::Oblique, c),
        Font::DoubleStruck => {
            let struck = match c {
                'C' => '\u{2102}',
                'H' => '\u{210d}',
                'N' => '\u{2115}',
                'P' => '\u{2119}',
                'Q' => '\u{211a}',
                'R' => '\u{211d}',
                'Z' => '\u{2124}',
                'A'..='Z' => char::from_u32(0x1d538 + c as u32 - 'A' as u32).unwrap_or(c),
                'a'..='z' => char::from_u32(0x1d552 + c as u32 - 'a' as u32).unwrap_or(c),
                _ => c,
            };
            (Face::Regular, struck)
        }
        Font::Normal => {
            let capital_greek = ('\u{391}'..='\u{3a9}').contains(&c);
            if c.is_alphabetic() && !capital_greek {
                (Face::Oblique, c)
            } else {
                (Face::Regular, c)
            }
        }
    }
}

/// A character as high as what it encloses.
fn stretched(c: char, height: f64, depth: f64, size: f64) -> Laid {
    let one = character(c, size, Face::Regular);
    let natural = one.height + one.depth;
    let factor = ((height + depth) / natural.max(1e-9)).max(1.0);
    let mut scaled = one.scaled(factor);
    // a tall bracket is not as wide as it is tall
    let lower = scaled.depth - depth.max(one.depth);
    for glyph in &mut scaled.glyphs {
        glyph.y += lower;
    }
    scaled.height += lower;
    scaled.depth -= lower;
    scaled
}

fn limits(base: &Laid, sub: Option<Laid>, sup: Option<Laid>, thickness: f64) -> Atom {
    let (sub, sup) = (sub.map(|s| s.scaled(SHRINK)), sup.map(|s| s.scaled(SHRINK)));
    let width = [Some(base), sub.as_ref(), sup.as_ref()]
        .into_iter()
        .flatten()
        .map(|l| l.width)
        .fold(0.0, f64::max);
    let gap = 3.0 * thickness;
    let mut all = Laid::default();
    all.add(base, (width - base.width) / 2.0, 0.0);
    if let Some(s) = sup {
        let y = base.height + gap + s.depth;
        all.add(&s, (width - s.width) / 2.0, y);
    }
    if let Some(s) = sub {
        let y = -(base.depth + gap + s.height);
        all.add(&s, (width - s.width) / 2.0, y);
    }
    all.width = width;
    Atom::of(all)
}

fn fraction(numerator: &Laid, denominator: &Laid, size: f64, display: bool) -> Atom {
    let thickness = THICKNESS * size;
    let shrink = if display { 1.0 } else { SHRINK };
    let (above, below) = (numerator.scaled(shrink), denominator.scaled(shrink));
    let x_height = X_HEIGHT * size * shrink;
    let (up, down, least) = if display {
        (NUMERATOR_DISPLAY, DENOMINATOR_DISPLAY, 3.0 * thickness)
    } else {
        (NUMERATOR, DENOMINATOR, thickness)
    };
    let (axis, half) = (AXIS * size, thickness / 2.0);
    let clear_above = ((up * x_height - above.depth) - (axis + half)).max(least);
    let clear_below = ((axis - half) - (below.height - down * x_height)).max(least);
    let width = above.width.max(below.width);
    let mut all = Laid::default();
    all.add(
        &above,
        thickness + (width - above.width) / 2.0,
        axis + half + clear_above + above.depth,
    );
    all.add(
        &below,
        thickness + (width - below.width) / 2.0,
        axis - half - clear_below - below.height,
    );
    all.rules.push(Rule {
        x: thickness,
        y: axis - half,
        width,
        height: thickness,
    });
    all.width = width + 2.0 * thickness;
    Atom::of(all)
}

fn binomial(above: &Laid, below: &Laid, size: f64) -> Atom {
    let inner = fraction(above, below, size, false).laid;
    let inner = Laid {
        rules: Vec::new(),
        ..inner
    };
    let mut all = Laid::default();
    for part in [
        &stretched('(', inner.height, inner.depth, size),
        &inner,
        &stretched(')', inner.height, inner.depth, size),
    ] {
        all.append(part, 0.0);
    }
    Atom::of(all)
}

fn lined(inner: &Laid, over: bool, size: f64) -> Atom {
    let thickness = THICKNESS * size;
    let mut all = inner.clone();
    let y = if over {
        inner.height + 3.0 * thickness
    } else {
        -inner.depth - 4.0 * thickness
    };
    all.rules.push(Rule {
        x: 0.0,
        y,
        width: inner.width,
        height: thickness,
    });
    if over {
        all.height = y + thickness;
    } else {
        all.depth = -y;
    }
    Atom::of(all)
}

fn accented(under: Atom, accent: char, size: f64) -> Atom {
    let mark = character(accent, size, Face::Regular);
    let Some(glyph) = mark.glyphs.first() else {
        return under;
    };
    let ink = glyph.face.ink(glyph.id);
    let width = ink.width() * size;
    let centre = if under.laid.glyphs.len() > 1 {
        under.laid.width / 2.0
    } else {
        under.laid.width * 0.625
    };
    let mut all = under.laid.clone();
    let gap = 2.0 * THICKNESS * size;
    let bottom = under.laid.height + gap;
    let mut shifted = mark.clone();
    shifted.height = 0.0;
    shifted.depth = 0.0;
    all.add(
        &shifted,
        centre - width / 2.0 - ink.x0 * size,
        bottom - ink.y0 * size,
    );
    all.height = bottom + ink.height() * size;
    Atom {
        simple: false,
        single: false,
        ..Atom {
            laid: all.clone(),
            last: (all.height, all.depth),
            ..under
        }
    }
}
