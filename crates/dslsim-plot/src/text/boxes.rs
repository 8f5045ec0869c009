//! Glyphs and rules on a line, with the size of what they make up together.

use crate::font::Face;

/// A glyph and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Glyph {
    /// The font.
    pub face: Face,
    /// The number within the font.
    pub id: u16,
    /// The character it shows.
    pub c: char,
    /// Left end of its base line.
    pub x: f64,
    /// Height of its base line.
    pub y: f64,
    /// Font size.
    pub size: f64,
}

/// A filled rectangle: fraction bars, roots.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rule {
    /// Left.
    pub x: f64,
    /// Bottom.
    pub y: f64,
    /// Width.
    pub width: f64,
    /// Height.
    pub height: f64,
}

/// What has been set, relative to the left end of its base line.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Laid {
    /// Glyphs.
    pub glyphs: Vec<Glyph>,
    /// Rules.
    pub rules: Vec<Rule>,
    /// How far it goes to the right.
    pub width: f64,
    /// How far it goes above the base line.
    pub height: f64,
    /// How far it goes below the base line.
    pub depth: f64,
}

impl Laid {
    /// An empty box.
    pub fn space(width: f64) -> Laid {
        Laid {
            width,
            ..Laid::default()
        }
    }

    /// Puts `other` into it, with its base line at (x, y); height and depth grow, the width does not.
    pub fn add(&mut self, other: &Laid, x: f64, y: f64) {
        self.glyphs.extend(other.glyphs.iter().map(|g| Glyph {
            x: g.x + x,
            y: g.y + y,
            ..g.clone()
        }));
        self.rules.extend(other.rules.iter().map(|r| Rule {
            x: r.x + x,
            y: r.y + y,
            ..*r
        }));
        self.height = self.height.max(other.height + y);
        self.depth = self.depth.max(other.depth - y);
    }

    /// Puts `other` to the right of it.
    pub fn append(&mut self, other: &Laid, raised: f64) {
        self.add(other, self.width, raised);
        self.width += other.width;
    }

    /// Everything `by` times as large.
    pub fn scaled(&self, by: f64) -> Laid {
        Laid {
            glyphs: self
                .glyphs
                .iter()
                .map(|g| Glyph {
                    x: g.x * by,
                    y: g.y * by,
                    size: g.size * by,
                    ..g.clone()
                })
                .collect(),
            rules: self
                .rules
                .iter()
                .map(|r| Rule {
                    x: r.x * by,
                    y: r.y * by,
                    width: r.width * by,
                    height: r.height * by,
                })
                .collect(),
            width: self.width * by,
            height: self.height * by,
            depth: self.depth * by,
        }
    }
}

/// One character. What a font lacks is looked for in DejaVu Sans, and shown as an empty box if that lacks it, too.
pub(super) fn character(c: char, size: f64, face: Face) -> Laid {
    let (face, id) = match face.glyph(c) {
        Some(id) => (face, id),
        None => (Face::Regular, Face::Regular.glyph(c).unwrap_or(0)),
    };
    let ink = face.ink(id);
    Laid {
        glyphs: vec![Glyph {
            face,
            id,
            c,
            x: 0.0,
            y: 0.0,
            size,
        }],
        rules: Vec::new(),
        width: face.advance(id) * size,
        height: ink.y1 * size,
        depth: -ink.y0 * size,
    }
}

/// The distance between two characters beyond the first one's advance.
pub(super) fn kerning(left: &Glyph, right: &Glyph) -> f64 {
    if left.face == right.face && left.size == right.size {
        left.face.kerning(left.id, right.id) * left.size
    } else {
        0.0
    }
}

/// A string without formulas.
pub(super) fn plain(text: &str, size: f64, face: Face) -> Laid {
    let mut all = Laid {
        height: f64::NEG_INFINITY,
        depth: f64::NEG_INFINITY,
        ..Laid::default()
    };
    for c in text.chars() {
        let one = character(c, size, face);
        if let (Some(left), Some(right)) = (all.glyphs.last(), one.glyphs.first()) {
            all.width += kerning(left, right);
        }
        all.append(&one, 0.0);
    }
    if all.glyphs.is_empty() {
        return Laid::default();
    }
    all
}
