//! Scalable Vector Graphics. Text is drawn as outlines of glyphs, so that it looks the same without the fonts.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::short;
use crate::color::Rgba;
use crate::font::Face;
use crate::geometry::{Path, Rect, Seg, Transform};
use crate::scene::{Cap, Item, Join, Picture, Scene, Stroke};
use crate::text::Placed;

/// The text of the file.
pub(super) fn render(scene: &Scene) -> String {
    let page = scene.page;
    let (w, h) = (short(page.width()), short(page.height()));
    let mut svg = Svg {
        flip: Transform {
            m: [1.0, 0.0, 0.0, -1.0, -page.x0, page.y1],
        },
        defs: String::new(),
        body: String::new(),
        glyphs: BTreeMap::new(),
        clips: Vec::new(),
        shapes: 0,
    };
    if let Some(color) = scene.background.filter(|c| c.a > 0.0) {
        let _ = writeln!(
            svg.body,
            "<rect width=\"{w}\" height=\"{h}\" {}/>",
            paint("fill", color)
        );
    }
    for item in &scene.items {
        svg.item(item);
    }
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" width=\"{w}pt\" height=\"{h}pt\" viewBox=\"0 0 {w} {h}\" version=\"1.1\">\n<defs>\n{}</defs>\n{}</svg>\n",
        svg.defs, svg.body
    )
}

struct Svg {
    flip: Transform,
    defs: String,
    body: String,
    glyphs: BTreeMap<(Face, u16), String>,
    clips: Vec<Rect>,
    shapes: usize,
}

fn paint(what: &str, color: Rgba) -> String {
    let mut text = format!("{what}=\"{}\"", color.to_hex());
    if color.a < 1.0 {
        let _ = write!(text, " {what}-opacity=\"{}\"", short(color.a));
    }
    text
}

fn data(path: &Path) -> String {
    let mut d = String::new();
    let mut point = |letter: &str, points: &[(f64, f64)]| {
        d.push_str(letter);
        for (k, (x, y)) in points.iter().enumerate() {
            if k > 0 {
                d.push(' ');
            }
            d.push_str(&short(*x));
            d.push(' ');
            d.push_str(&short(*y));
        }
    };
    for seg in &path.segs {
        match *seg {
            Seg::Move(p) => point("M", &[p]),
            Seg::Line(p) => point("L", &[p]),
            Seg::Curve(a, b, p) => point("C", &[a, b, p]),
            Seg::Close => point("Z", &[]),
        }
    }
    d
}

fn line(stroke: &Stroke) -> String {
    let mut text = format!(
        "{} stroke-width=\"{}\"",
        paint("stroke", stroke.color),
        short(stroke.width)
    );
    match stroke.cap {
        Cap::Butt => {}
        Cap::Square => text.push_str(" stroke-linecap=\"square\""),
        Cap::Round => text.push_str(" stroke-linecap=\"round\""),
    }
    if stroke.join == Join::Round {
        text.push_str(" stroke-linejoin=\"round\"");
    }
    if !stroke.dash.is_empty() {
        let dashes: Vec<String> = stroke.dash.iter().map(|x| short(*x)).collect();
        let _ = write!(
            text,
            " stroke-dasharray=\"{}\" stroke-dashoffset=\"{}\"",
            dashes.join(","),
            short(stroke.dash_offset)
        );
    }
    text
}

impl Svg {
    /// The attribute that cuts away what is outside.
    fn clip(&mut self, clip: &Option<Rect>) -> String {
        let Some(clip) = clip else {
            return String::new();
        };
        let k = match self.clips.iter().position(|c| c == clip) {
            Some(k) => k,
            None => {
                self.clips.push(*clip);
                let (x, y) = self.flip.apply((clip.x0, clip.y1));
                let _ = writeln!(
                    self.defs,
                    "<clipPath id=\"c{}\"><rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"/></clipPath>",
                    self.clips.len() - 1,
                    short(x),
                    short(y),
                    short(clip.width()),
                    short(clip.height())
                );
                self.clips.len() - 1
            }
        };
        format!(" clip-path=\"url(#c{k})\"")
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
                let clip = self.clip(clip);
                let d = data(&path.transformed(&self.flip));
                let fill = fill.map_or("fill=\"none\"".to_owned(), |c| paint("fill", c));
                let stroke = stroke
                    .as_ref()
                    .map_or(String::new(), |s| format!(" {}", line(s)));
                let crisp = if *crisp {
                    " shape-rendering=\"crispEdges\""
                } else {
                    ""
                };
                let _ = writeln!(self.body, "<path d=\"{d}\" {fill}{stroke}{crisp}{clip}/>");
            }
            Item::Spots {
                path,
                line,
                spots,
                clip,
            } => {
                let clip = self.clip(clip);
                let join = if line.1 == Join::Round {
                    " stroke-linejoin=\"round\""
                } else {
                    ""
                };
                let _ = writeln!(
                    self.body,
                    "<g{clip} stroke-width=\"{}\"{join}>",
                    short(line.0)
                );
                let mut known: Option<(f64, usize)> = None;
                for spot in spots {
                    let id = match known {
                        Some((scale, id)) if scale == spot.scale => id,
                        _ => {
                            let upside = Transform::scale(spot.scale, -spot.scale);
                            let _ = writeln!(
                                self.defs,
                                "<path id=\"m{}\" d=\"{}\"/>",
                                self.shapes,
                                data(&path.transformed(&upside))
                            );
                            self.shapes += 1;
                            known = Some((spot.scale, self.shapes - 1));
                            self.shapes - 1
                        }
                    };
                    let (x, y) = self.flip.apply(spot.at);
                    let fill = spot
                        .fill
                        .map_or("fill=\"none\"".to_owned(), |c| paint("fill", c));
                    let edge = spot
                        .edge
                        .map_or(String::new(), |c| format!(" {}", paint("stroke", c)));
                    let _ = writeln!(
                        self.body,
                        "<use xlink:href=\"#m{id}\" x=\"{}\" y=\"{}\" {fill}{edge}/>",
                        short(x),
                        short(y)
                    );
                }
                self.body.push_str("</g>\n");
            }
            Item::Picture { picture, clip } => {
                let clip = self.clip(clip);
                self.picture(picture, &clip);
            }
            Item::Text {
                placed,
                color,
                clip,
            } => {
                let clip = self.clip(clip);
                self.text(placed, *color, &clip);
            }
        }
    }

    fn picture(&mut self, picture: &Picture, clip: &str) {
        let Ok(bytes) = super::png::encode(picture.width, picture.height, &picture.rgba) else {
            return;
        };
        let (a, b) = (
            self.flip.apply(picture.corners.0),
            self.flip.apply(picture.corners.1),
        );
        // the upper left corner of the picture is at (a.x, b.y)
        let (sx, sy) = (
            (b.0 - a.0) / picture.width as f64,
            (a.1 - b.1) / picture.height as f64,
        );
        let inner = format!(
            "<image width=\"{}\" height=\"{}\" transform=\"matrix({} 0 0 {} {} {})\" preserveAspectRatio=\"none\" style=\"image-rendering:pixelated\" xlink:href=\"data:image/png;base64,{}\"/>",
            picture.width,
            picture.height,
            precise(sx),
            precise(sy),
            short(a.0),
            short(b.1),
            base64(&bytes)
        );
        let _ = writeln!(self.body, "<g{clip}>{inner}</g>");
    }

    fn text(&mut self, placed: &Placed, color: Rgba, clip: &str) {
        let t = placed.transform.then(&self.flip);
        let _ = writeln!(self.body, "<g{clip} {}>", paint("fill", color));
        for glyph in &placed.laid.glyphs {
            let key = (glyph.face, glyph.id);
            if !self.glyphs.contains_key(&key) {
                let outline = glyph.face.outline(glyph.id);
                let name = format!("{}-{:x}", glyph.face.postscript_name(), glyph.id);
                let large = outline.transformed(&Transform::scale(100.0, 100.0));
                let _ = writeln!(self.defs, "<path id=\"{name}\" d=\"{}\"/>", data(&large));
                self.glyphs.insert(key, name);
            }
            let by = glyph.size / 100.0;
            let m = Transform::scale(by, by)
                .then(&Transform::translate(glyph.x, glyph.y))
                .then(&t)
                .m;
            let name = self.glyphs.get(&key).map_or("", String::as_str);
            let _ = writeln!(
                self.body,
                "<use xlink:href=\"#{name}\" transform=\"matrix({} {} {} {} {} {})\"/>",
                precise(m[0]),
                precise(m[1]),
                precise(m[2]),
                precise(m[3]),
                short(m[4]),
                short(m[5])
            );
        }
        for rule in &placed.laid.rules {
            let r = Rect::of_size(rule.x, rule.y, rule.width, rule.height);
            let _ = writeln!(
                self.body,
                "<path d=\"{}\"/>",
                data(&Path::rect(&r).transformed(&t))
            );
        }
        self.body.push_str("</g>\n");
    }
}

/// Factors need more digits than places.
fn precise(x: f64) -> String {
    let text = format!("{x:.8}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" {
        "0".into()
    } else {
        text.into()
    }
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let byte = |k: usize| u32::from(three.get(k).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for k in 0..4 {
            if k <= three.len() {
                let at = (bits >> (18 - 6 * k)) & 63;
                text.push(LETTERS.get(at as usize).map_or('=', |b| char::from(*b)));
            } else {
                text.push('=');
            }
        }
    }
    text
}
