//! Pixels, with smooth edges. Lines that are horizontal or vertical are moved to whole pixels, so that they are sharp.

use tiny_skia::{
    Color, FillRule, FilterQuality, IntSize, LineCap, LineJoin, Mask, Paint, PathBuilder, Pixmap,
    PixmapPaint, Stroke as Pen, StrokeDash, Transform as Matrix,
};

use super::BackendError;
use crate::color::Rgba;
use crate::geometry::{Path, Rect, Seg, Transform};
use crate::scene::{Cap, Item, Join, Picture, Scene, Spot, Stroke};
use crate::text::Placed;

/// Pixels along a side, at most.
const LIMIT: f64 = 32_768.0;

/// The bytes of the file.
pub(super) fn render(scene: &Scene, dpi: f64) -> Result<Vec<u8>, BackendError> {
    let scale = dpi / 72.0;
    let (w, h) = (
        (scene.page.width() * scale + 1e-6).floor(),
        (scene.page.height() * scale + 1e-6).floor(),
    );
    let wrong = BackendError::Size(w as i64, h as i64);
    if !(1.0..=LIMIT).contains(&w) || !(1.0..=LIMIT).contains(&h) || w * h > 4e8 {
        return Err(wrong);
    }
    let Some(pixels) = Pixmap::new(w as u32, h as u32) else {
        return Err(wrong);
    };
    let mut canvas = Canvas {
        pixels,
        scale,
        to: Transform {
            m: [
                scale,
                0.0,
                0.0,
                -scale,
                -scene.page.x0 * scale,
                h + scene.page.y0 * scale,
            ],
        },
        mask: None,
    };
    if let Some(c) = scene.background
        && let Some(c) = color(c)
    {
        canvas.pixels.fill(c);
    }
    for item in &scene.items {
        canvas.item(item);
    }
    canvas.finish(dpi)
}

/// A file of pixels that are given.
pub(super) fn encode(width: usize, height: usize, rgba: &[u8]) -> Result<Vec<u8>, BackendError> {
    pixmap(width, height, rgba)
        .ok_or(BackendError::Size(width as i64, height as i64))?
        .encode_png()
        .map_err(|e| BackendError::Encoding(e.to_string()))
}

fn pixmap(width: usize, height: usize, rgba: &[u8]) -> Option<Pixmap> {
    let multiplied: Vec<u8> = rgba
        .chunks_exact(4)
        .flat_map(|p| match *p {
            [r, g, b, a] => {
                let m = |x: u8| ((u32::from(x) * u32::from(a) + 127) / 255) as u8;
                [m(r), m(g), m(b), a]
            }
            _ => [0; 4],
        })
        .collect();
    let size = IntSize::from_wh(u32::try_from(width).ok()?, u32::try_from(height).ok()?)?;
    Pixmap::from_vec(multiplied, size)
}

fn color(c: Rgba) -> Option<Color> {
    let [r, g, b, a] = [c.r, c.g, c.b, c.a].map(|x| x.clamp(0.0, 1.0) as f32);
    Color::from_rgba(r, g, b, a)
}

fn outline(path: &Path) -> Option<tiny_skia::Path> {
    let mut pen = PathBuilder::new();
    let f = |x: f64| x.clamp(-1e7, 1e7) as f32;
    for seg in &path.segs {
        match *seg {
            Seg::Move((x, y)) => pen.move_to(f(x), f(y)),
            Seg::Line((x, y)) => pen.line_to(f(x), f(y)),
            Seg::Curve(a, b, p) => pen.cubic_to(f(a.0), f(a.1), f(b.0), f(b.1), f(p.0), f(p.1)),
            Seg::Close => pen.close(),
        }
    }
    pen.finish()
}

/// Moves the corners of an outline to whole pixels, or to their centres for lines of odd width.
fn snapped(path: &Path, width: Option<f64>) -> Path {
    let odd = width.is_some_and(|w| (w.max(1.0).round() as i64) % 2 == 1);
    let shift = if odd { 0.5 } else { 0.0 };
    let to = |(x, y): (f64, f64)| ((x + 0.5).floor() + shift, (y + 0.5).floor() + shift);
    let segs = path
        .segs
        .iter()
        .map(|seg| match *seg {
            Seg::Move(p) => Seg::Move(to(p)),
            Seg::Line(p) => Seg::Line(to(p)),
            other => other,
        })
        .collect();
    Path { segs }
}

struct Canvas {
    pixels: Pixmap,
    scale: f64,
    to: Transform,
    mask: Option<(Rect, Mask)>,
}

impl Canvas {
    /// Prepares the mask of a part of the page; it is kept for the next item.
    fn prepare(&mut self, clip: &Option<Rect>) {
        let Some(clip) = clip else {
            self.mask = None;
            return;
        };
        if self.mask.as_ref().is_some_and(|(c, _)| c == clip) {
            return;
        }
        self.mask = None;
        let Some(mut mask) = Mask::new(self.pixels.width(), self.pixels.height()) else {
            return;
        };
        let path = Path::rect(clip).transformed(&self.to);
        if let Some(path) = outline(&snapped(&path, None)) {
            mask.fill_path(&path, FillRule::Winding, false, Matrix::identity());
        }
        self.mask = Some((*clip, mask));
    }

    fn fill(&mut self, path: &tiny_skia::Path, c: Rgba, smooth: bool) {
        let Some(c) = color(c) else { return };
        let mut paint = Paint::default();
        paint.set_color(c);
        paint.anti_alias = smooth;
        let mask = self.mask.as_ref().map(|(_, m)| m);
        self.pixels
            .fill_path(path, &paint, FillRule::Winding, Matrix::identity(), mask);
    }

    fn stroke(&mut self, path: &tiny_skia::Path, stroke: &Stroke) {
        let Some(c) = color(stroke.color) else { return };
        let mut paint = Paint::default();
        paint.set_color(c);
        let mut pen = Pen {
            width: (stroke.width * self.scale) as f32,
            miter_limit: 10.0,
            line_cap: match stroke.cap {
                Cap::Butt => LineCap::Butt,
                Cap::Square => LineCap::Square,
                Cap::Round => LineCap::Round,
            },
            line_join: match stroke.join {
                Join::Miter => LineJoin::Miter,
                Join::Round => LineJoin::Round,
            },
            dash: None,
        };
        if !stroke.dash.is_empty() {
            let mut dashes: Vec<f32> = stroke
                .dash
                .iter()
                .map(|x| (x * self.scale) as f32)
                .collect();
            if dashes.len() % 2 == 1 {
                dashes.extend_from_within(..);
            }
            pen.dash = StrokeDash::new(dashes, (stroke.dash_offset * self.scale) as f32);
        }
        let mask = self.mask.as_ref().map(|(_, m)| m);
        self.pixels
            .stroke_path(path, &paint, &pen, Matrix::identity(), mask);
    }

    fn item(&mut self, item: &Item) {
        match item {
            Item::Shape {
                path,
                fill,
                stroke,
                clip,
                crisp,
            } => {
                self.prepare(clip);
                let mut path = path.transformed(&self.to);
                if path.is_rectilinear() {
                    let width = stroke.as_ref().map(|s| s.width * self.scale);
                    path = snapped(&path, width);
                }
                let Some(path) = outline(&path) else { return };
                if let Some(c) = fill {
                    self.fill(&path, *c, !crisp);
                }
                if let Some(s) = stroke {
                    self.stroke(&path, s);
                }
            }
            Item::Spots {
                path,
                line,
                spots,
                clip,
            } => {
                self.prepare(clip);
                for spot in spots {
                    self.spot(path, *line, spot);
                }
            }
            Item::Picture { picture, clip } => {
                self.prepare(clip);
                self.picture(picture);
            }
            Item::Text {
                placed,
                color,
                clip,
            } => {
                self.prepare(clip);
                self.text(placed, *color);
            }
        }
    }

    fn spot(&mut self, path: &Path, (width, join): (f64, Join), spot: &Spot) {
        let at = self.to.apply(spot.at);
        let k = spot.scale * self.scale;
        let size = path.bounds().width().max(path.bounds().height()) * k;
        let margin = size + width * self.scale + 2.0;
        let inside = at.0 > -margin
            && at.1 > -margin
            && at.0 < f64::from(self.pixels.width()) + margin
            && at.1 < f64::from(self.pixels.height()) + margin;
        if !inside {
            return;
        }
        let here = Transform::scale(k, -k).then(&Transform::translate(at.0, at.1));
        let mut shape = path.transformed(&here);
        if shape.is_rectilinear() {
            shape = snapped(&shape, spot.edge.map(|_| width * self.scale));
        }
        let Some(shape) = outline(&shape) else { return };
        if let Some(c) = spot.fill {
            self.fill(&shape, c, true);
        }
        if let Some(c) = spot.edge {
            let pen = Stroke {
                join,
                ..Stroke::solid(width, c)
            };
            self.stroke(&shape, &pen);
        }
    }

    fn picture(&mut self, picture: &Picture) {
        let Some(source) = pixmap(picture.width, picture.height, &picture.rgba) else {
            return;
        };
        let (a, b) = (
            self.to.apply(picture.corners.0),
            self.to.apply(picture.corners.1),
        );
        // whole pixels, as for lines
        let (a, b) = (
            ((a.0 + 0.5).floor(), (a.1 + 0.5).floor()),
            ((b.0 + 0.5).floor(), (b.1 + 0.5).floor()),
        );
        let (sx, sy) = (
            (b.0 - a.0) / picture.width as f64,
            (a.1 - b.1) / picture.height as f64,
        );
        if sx == 0.0 || sy == 0.0 {
            return;
        }
        let matrix = Matrix::from_row(sx as f32, 0.0, 0.0, sy as f32, a.0 as f32, b.1 as f32);
        let paint = PixmapPaint {
            // many values to a pixel are averaged
            quality: if sx.abs() < 1.0 || sy.abs() < 1.0 {
                FilterQuality::Bilinear
            } else {
                FilterQuality::Nearest
            },
            ..PixmapPaint::default()
        };
        let mask = self.mask.as_ref().map(|(_, m)| m);
        self.pixels
            .draw_pixmap(0, 0, source.as_ref(), &paint, matrix, mask);
    }

    fn text(&mut self, placed: &Placed, c: Rgba) {
        let mut t = placed.transform.then(&self.to);
        // base lines on whole pixels make sharper letters
        let [a, b, _, _, e, f] = t.m;
        if b.abs() < 1e-9 * a.abs() {
            t.m[5] = f.round();
        } else if a.abs() < 1e-9 * b.abs() {
            t.m[4] = e.round();
        }
        for glyph in &placed.laid.glyphs {
            let here = Transform::scale(glyph.size, glyph.size)
                .then(&Transform::translate(glyph.x, glyph.y))
                .then(&t);
            let shape = glyph.face.outline(glyph.id).transformed(&here);
            if let Some(shape) = outline(&shape) {
                self.fill(&shape, c, true);
            }
        }
        for rule in &placed.laid.rules {
            let r = Rect::of_size(rule.x, rule.y, rule.width, rule.height);
            if let Some(shape) = outline(&Path::rect(&r).transformed(&t)) {
                self.fill(&shape, c, true);
            }
        }
    }

    /// The file, with the resolution written into it.
    fn finish(self, dpi: f64) -> Result<Vec<u8>, BackendError> {
        let mut bytes = self
            .pixels
            .encode_png()
            .map_err(|e| BackendError::Encoding(e.to_string()))?;
        // after the signature (8 bytes) and the header chunk (25 bytes)
        let per_metre = (dpi / 0.0254).round() as u32;
        let mut chunk = b"pHYs".to_vec();
        chunk.extend(per_metre.to_be_bytes());
        chunk.extend(per_metre.to_be_bytes());
        chunk.push(1);
        let mut whole = 9_u32.to_be_bytes().to_vec();
        whole.extend(&chunk);
        whole.extend(crc(&chunk).to_be_bytes());
        if bytes.len() > 33 {
            bytes.splice(33..33, whole);
        }
        Ok(bytes)
    }
}

/// The check sum of a chunk: CRC-32 of ISO 3309.
fn crc(bytes: &[u8]) -> u32 {
    let mut c = u32::MAX;
    for byte in bytes {
        c ^= u32::from(*byte);
        for _ in 0..8 {
            c = if c & 1 == 1 {
                0xedb8_8320 ^ (c >> 1)
            } else {
                c >> 1
            };
        }
    }
    !c
}
