//! The fonts: DejaVu Sans, oblique, bold, and its display variant for large operators. They are part of the program.
//!
//! Lengths are in units of the font size. Fonts of the system are never looked for, so a figure looks the same everywhere.

use std::sync::OnceLock;

use ttf_parser::{GlyphId, OutlineBuilder};

use crate::geometry::{Path, Rect, Seg};

/// One of the fonts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Face {
    /// DejaVu Sans.
    Regular,
    /// DejaVu Sans Oblique: variables.
    Oblique,
    /// DejaVu Sans Bold.
    Bold,
    /// DejaVu Sans Display: sums, products and integrals.
    Display,
}

/// All fonts.
pub const FACES: [Face; 4] = [Face::Regular, Face::Oblique, Face::Bold, Face::Display];

impl Face {
    /// The file.
    pub fn data(self) -> &'static [u8] {
        match self {
            Face::Regular => include_bytes!("../fonts/DejaVuSans.ttf"),
            Face::Oblique => include_bytes!("../fonts/DejaVuSans-Oblique.ttf"),
            Face::Bold => include_bytes!("../fonts/DejaVuSans-Bold.ttf"),
            Face::Display => include_bytes!("../fonts/DejaVuSansDisplay.ttf"),
        }
    }

    /// The name within PDF files.
    pub fn postscript_name(self) -> &'static str {
        match self {
            Face::Regular => "DejaVuSans",
            Face::Oblique => "DejaVuSans-Oblique",
            Face::Bold => "DejaVuSans-Bold",
            Face::Display => "DejaVuSansDisplay",
        }
    }

    fn parsed(self) -> Option<&'static ttf_parser::Face<'static>> {
        static PARSED: [OnceLock<Option<ttf_parser::Face<'static>>>; 4] = [
            OnceLock::new(),
            OnceLock::new(),
            OnceLock::new(),
            OnceLock::new(),
        ];
        PARSED
            .get(self as usize)?
            .get_or_init(|| ttf_parser::Face::parse(self.data(), 0).ok())
            .as_ref()
    }

    fn unit(self) -> f64 {
        self.parsed()
            .map_or(2048.0, |f| f64::from(f.units_per_em()))
    }

    /// The glyph of a character, if the font has it.
    pub fn glyph(self, c: char) -> Option<u16> {
        self.parsed()?.glyph_index(c).map(|g| g.0)
    }

    /// How far the pen moves.
    pub fn advance(self, glyph: u16) -> f64 {
        self.parsed()
            .and_then(|f| f.glyph_hor_advance(GlyphId(glyph)))
            .map_or(0.0, f64::from)
            / self.unit()
    }

    /// The box of the glyph's ink; of no size for spaces.
    pub fn ink(self, glyph: u16) -> Rect {
        let unit = self.unit();
        match self
            .parsed()
            .and_then(|f| f.glyph_bounding_box(GlyphId(glyph)))
        {
            Some(b) => Rect {
                x0: f64::from(b.x_min) / unit,
                y0: f64::from(b.y_min) / unit,
                x1: f64::from(b.x_max) / unit,
                y1: f64::from(b.y_max) / unit,
            },
            None => Rect::of_size(0.0, 0.0, 0.0, 0.0),
        }
    }

    /// What is added to the advance between two glyphs.
    pub fn kerning(self, left: u16, right: u16) -> f64 {
        let Some(kern) = self.parsed().and_then(|f| f.tables().kern) else {
            return 0.0;
        };
        kern.subtables
            .into_iter()
            .filter(|t| t.horizontal && !t.variable)
            .find_map(|t| t.glyphs_kerning(GlyphId(left), GlyphId(right)))
            .map_or(0.0, f64::from)
            / self.unit()
    }

    /// The outline of a glyph.
    pub fn outline(self, glyph: u16) -> Path {
        let mut pen = Pen {
            path: Path::default(),
            unit: self.unit(),
            here: (0.0, 0.0),
        };
        if let Some(face) = self.parsed() {
            face.outline_glyph(GlyphId(glyph), &mut pen);
        }
        pen.path
    }

    /// Ascender, descender (negative), height of capitals, slant in degrees and bounding box, for PDF.
    pub fn metrics(self) -> (f64, f64, f64, f64, Rect) {
        let unit = self.unit();
        self.parsed().map_or(
            (0.93, -0.24, 0.73, 0.0, Rect::of_size(0.0, 0.0, 1.0, 1.0)),
            |f| {
                let b = f.global_bounding_box();
                (
                    f64::from(f.ascender()) / unit,
                    f64::from(f.descender()) / unit,
                    f.capital_height().map_or(0.73, |h| f64::from(h) / unit),
                    f64::from(f.italic_angle()),
                    Rect {
                        x0: f64::from(b.x_min) / unit,
                        y0: f64::from(b.y_min) / unit,
                        x1: f64::from(b.x_max) / unit,
                        y1: f64::from(b.y_max) / unit,
                    },
                )
            },
        )
    }
}

struct Pen {
    path: Path,
    unit: f64,
    here: (f64, f64),
}

impl Pen {
    fn point(&self, x: f32, y: f32) -> (f64, f64) {
        (f64::from(x) / self.unit, f64::from(y) / self.unit)
    }
}

impl OutlineBuilder for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        self.here = self.point(x, y);
        self.path.segs.push(Seg::Move(self.here));
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.here = self.point(x, y);
        self.path.segs.push(Seg::Line(self.here));
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let (from, via, to) = (self.here, self.point(x1, y1), self.point(x, y));
        let third = |p: (f64, f64)| {
            (
                p.0 + 2.0 / 3.0 * (via.0 - p.0),
                p.1 + 2.0 / 3.0 * (via.1 - p.1),
            )
        };
        self.path.segs.push(Seg::Curve(third(from), third(to), to));
        self.here = to;
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let to = self.point(x, y);
        self.path
            .segs
            .push(Seg::Curve(self.point(x1, y1), self.point(x2, y2), to));
        self.here = to;
    }

    fn close(&mut self) {
        self.path.segs.push(Seg::Close);
    }
}
