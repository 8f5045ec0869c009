//! Portable Document Format: one page, real text, with the glyphs in use embedded.

use std::collections::{BTreeMap, BTreeSet};

use miniz_oxide::deflate::compress_to_vec_zlib;
use pdf_writer::types::{
    CidFontType, FontFlags, LineCapStyle, LineJoinStyle, SystemInfo, UnicodeCmap,
};
use pdf_writer::{Content, Filter, Finish, Name, Pdf, Rect as Box, Ref, Str};
use subsetter::GlyphRemapper;

use super::BackendError;
use crate::color::Rgba;
use crate::font::Face;
use crate::geometry::{Path, Rect, Seg, Transform};
use crate::scene::{Cap, Item, Join, Picture, Scene, Spot, Stroke};
use crate::text::{Glyph, Placed};

/// The bytes of the file.
pub(super) fn render(scene: &Scene) -> Result<Vec<u8>, BackendError> {
    let mut page = Page {
        content: Content::new(),
        opacities: BTreeSet::new(),
        fonts: BTreeMap::new(),
        pictures: Vec::new(),
        forms: Vec::new(),
    };
    page.content.transform(matrix(&Transform::translate(
        -scene.page.x0,
        -scene.page.y0,
    )));
    if let Some(c) = scene.background.filter(|c| c.a > 0.0) {
        page.shape(&Path::rect(&scene.page), Some(c), None);
    }
    for item in &scene.items {
        page.item(item);
    }
    page.finish(scene.page)
}

fn matrix(t: &Transform) -> [f32; 6] {
    t.m.map(|x| x as f32)
}

/// Four decimals are enough, and keep files small.
fn f(x: f64) -> f32 {
    ((x * 1e4).round() / 1e4) as f32
}

fn outline(content: &mut Content, path: &Path) {
    for seg in &path.segs {
        match *seg {
            Seg::Move((x, y)) => content.move_to(f(x), f(y)),
            Seg::Line((x, y)) => content.line_to(f(x), f(y)),
            Seg::Curve(a, b, p) => content.cubic_to(f(a.0), f(a.1), f(b.0), f(b.1), f(p.0), f(p.1)),
            Seg::Close => content.close_path(),
        };
    }
}

fn paint(content: &mut Content, fill: bool, stroke: bool) {
    match (fill, stroke) {
        (true, true) => content.fill_nonzero_and_stroke(),
        (true, false) => content.fill_nonzero(),
        (false, true) => content.stroke(),
        (false, false) => content.end_path(),
    };
}

/// A font in use.
#[derive(Default)]
struct Used {
    glyphs: GlyphRemapper,
    chars: BTreeMap<u16, char>,
}

struct Page {
    content: Content,
    /// Opacities of filling and stroking, in 255ths.
    opacities: BTreeSet<(u8, u8)>,
    fonts: BTreeMap<Face, Used>,
    pictures: Vec<Picture>,
    /// Shapes that are drawn often: their box and content.
    forms: Vec<(Rect, Vec<u8>)>,
}

impl Page {
    fn colors(&mut self, fill: Option<Rgba>, stroke: Option<Rgba>) {
        let alpha = |c: Option<Rgba>| c.map_or(255, |c| c.bytes()[3]);
        let key = (alpha(fill), alpha(stroke));
        if key != (255, 255) || !self.opacities.is_empty() {
            self.opacities.insert(key);
            let name = format!("a{}-{}", key.0, key.1);
            self.content.set_parameters(Name(name.as_bytes()));
        }
        if let Some(c) = fill {
            self.content.set_fill_rgb(f(c.r), f(c.g), f(c.b));
        }
        if let Some(c) = stroke {
            self.content.set_stroke_rgb(f(c.r), f(c.g), f(c.b));
        }
    }

    fn pen(&mut self, stroke: &Stroke) {
        let c = &mut self.content;
        c.set_line_width(f(stroke.width));
        c.set_line_cap(match stroke.cap {
            Cap::Butt => LineCapStyle::ButtCap,
            Cap::Square => LineCapStyle::ProjectingSquareCap,
            Cap::Round => LineCapStyle::RoundCap,
        });
        c.set_line_join(match stroke.join {
            Join::Miter => LineJoinStyle::MiterJoin,
            Join::Round => LineJoinStyle::RoundJoin,
        });
        c.set_dash_pattern(stroke.dash.iter().map(|x| f(*x)), f(stroke.dash_offset));
    }

    fn shape(&mut self, path: &Path, fill: Option<Rgba>, stroke: Option<&Stroke>) {
        self.colors(fill, stroke.map(|s| s.color));
        if let Some(s) = stroke {
            self.pen(s);
        }
        outline(&mut self.content, path);
        paint(&mut self.content, fill.is_some(), stroke.is_some());
    }

    fn item(&mut self, item: &Item) {
        let clip = match item {
            Item::Shape { clip, .. }
            | Item::Spots { clip, .. }
            | Item::Picture { clip, .. }
            | Item::Text { clip, .. } => clip,
        };
        self.content.save_state();
        if let Some(r) = clip {
            self.content
                .rect(f(r.x0), f(r.y0), f(r.width()), f(r.height()));
            self.content.clip_nonzero();
            self.content.end_path();
        }
        match item {
            Item::Shape {
                path, fill, stroke, ..
            } => self.shape(path, *fill, stroke.as_ref()),
            Item::Spots {
                path, line, spots, ..
            } => self.spots(path, *line, spots),
            Item::Picture { picture, .. } => self.picture(picture),
            Item::Text { placed, color, .. } => self.text(placed, *color),
        }
        self.content.restore_state();
    }

    fn spots(&mut self, path: &Path, (width, join): (f64, Join), spots: &[Spot]) {
        self.pen(&Stroke {
            join,
            ..Stroke::solid(width, Rgba::BLACK)
        });
        let mut forms: BTreeMap<(u64, bool, bool), usize> = BTreeMap::new();
        let mut colors = None;
        // the origin has been moved so far
        let mut here = (0.0_f32, 0.0_f32);
        for spot in spots {
            if colors != Some((spot.fill, spot.edge)) {
                self.colors(spot.fill, spot.edge);
                colors = Some((spot.fill, spot.edge));
            }
            let key = (
                spot.scale.to_bits(),
                spot.fill.is_some(),
                spot.edge.is_some(),
            );
            let form = match forms.get(&key) {
                Some(k) => *k,
                None => {
                    let shape = path.transformed(&Transform::scale(spot.scale, spot.scale));
                    let mut content = Content::new();
                    outline(&mut content, &shape);
                    paint(&mut content, key.1, key.2);
                    let around = shape.bounds().grown(2.0 * width + 0.1);
                    self.forms.push((around, content.finish().to_vec()));
                    forms.insert(key, self.forms.len() - 1);
                    self.forms.len() - 1
                }
            };
            let (x, y) = (f(spot.at.0), f(spot.at.1));
            let (dx, dy) = (f(f64::from(x - here.0)), f(f64::from(y - here.1)));
            self.content.transform([1.0, 0.0, 0.0, 1.0, dx, dy]);
            here = (here.0 + dx, here.1 + dy);
            self.content.x_object(Name(format!("f{form}").as_bytes()));
        }
    }

    fn picture(&mut self, picture: &Picture) {
        let (a, b) = picture.corners;
        self.content
            .transform([f(b.0 - a.0), 0.0, 0.0, f(b.1 - a.1), f(a.0), f(a.1)]);
        self.content
            .x_object(Name(format!("i{}", self.pictures.len()).as_bytes()));
        self.pictures.push(picture.clone());
    }

    fn text(&mut self, placed: &Placed, color: Rgba) {
        self.content.transform(matrix(&placed.transform));
        self.colors(Some(color), None);
        let glyphs = &placed.laid.glyphs;
        let mut start = 0;
        while start < glyphs.len() {
            let Some(first) = glyphs.get(start) else {
                break;
            };
            let same = glyphs
                .iter()
                .skip(start)
                .take_while(|g| g.face == first.face && g.size == first.size && g.y == first.y)
                .count();
            let run = glyphs.get(start..start + same).unwrap_or(&[]);
            self.run(first, run);
            start += same.max(1);
        }
        for rule in &placed.laid.rules {
            self.content
                .rect(f(rule.x), f(rule.y), f(rule.width), f(rule.height));
            self.content.fill_nonzero();
        }
    }

    /// Glyphs of one font and size on one line.
    fn run(&mut self, first: &Glyph, run: &[Glyph]) {
        let used = self.fonts.entry(first.face).or_default();
        let name = first.face.postscript_name();
        self.content.begin_text();
        self.content.set_font(Name(name.as_bytes()), f(first.size));
        self.content
            .set_text_matrix([1.0, 0.0, 0.0, 1.0, f(first.x), f(first.y)]);
        let mut positioned = self.content.show_positioned();
        let mut items = positioned.items();
        let mut pen = first.x;
        let mut bytes: Vec<u8> = Vec::new();
        for glyph in run {
            let gap = (glyph.x - pen) / first.size * 1000.0;
            if gap.abs() > 0.5 {
                if !bytes.is_empty() {
                    items.show(Str(&bytes));
                    bytes.clear();
                }
                items.adjust(f(-gap));
                pen = glyph.x;
            }
            let id = used.glyphs.remap(glyph.id);
            used.chars.insert(id, glyph.c);
            bytes.extend(id.to_be_bytes());
            pen += first.face.advance(glyph.id) * first.size;
        }
        if !bytes.is_empty() {
            items.show(Str(&bytes));
        }
        items.finish();
        positioned.finish();
        self.content.end_text();
    }

    fn finish(self, page: Rect) -> Result<Vec<u8>, BackendError> {
        let mut next = 0;
        let mut id = || {
            next += 1;
            Ref::new(next)
        };
        let (catalog, tree, leaf, stream) = (id(), id(), id(), id());
        let mut pdf = Pdf::new();
        pdf.catalog(catalog).pages(tree);
        pdf.pages(tree).kids([leaf]).count(1);
        let fonts: Vec<(Face, Used, [Ref; 5])> = self
            .fonts
            .into_iter()
            .map(|(face, used)| (face, used, [id(), id(), id(), id(), id()]))
            .collect();
        let pictures: Vec<(Picture, Ref, Ref)> =
            self.pictures.into_iter().map(|p| (p, id(), id())).collect();
        let forms: Vec<(Rect, Vec<u8>, Ref)> = self
            .forms
            .into_iter()
            .map(|(r, bytes)| (r, bytes, id()))
            .collect();

        let mut sheet = pdf.page(leaf);
        sheet
            .parent(tree)
            .media_box(Box::new(0.0, 0.0, f(page.width()), f(page.height())))
            .contents(stream);
        let mut resources = sheet.resources();
        let mut all = resources.fonts();
        for (face, _, ids) in &fonts {
            all.pair(Name(face.postscript_name().as_bytes()), ids[0]);
        }
        all.finish();
        let mut objects = resources.x_objects();
        for (k, (_, id, _)) in pictures.iter().enumerate() {
            objects.pair(Name(format!("i{k}").as_bytes()), *id);
        }
        for (k, (_, _, id)) in forms.iter().enumerate() {
            objects.pair(Name(format!("f{k}").as_bytes()), *id);
        }
        objects.finish();
        let mut states = resources.ext_g_states();
        for (fill, stroke) in &self.opacities {
            states
                .insert(Name(format!("a{fill}-{stroke}").as_bytes()))
                .start::<pdf_writer::writers::ExtGraphicsState<'_>>()
                .non_stroking_alpha(f(f64::from(*fill) / 255.0))
                .stroking_alpha(f(f64::from(*stroke) / 255.0));
        }
        states.finish();
        resources.finish();
        sheet.finish();

        let content = self.content.finish();
        pdf.stream(stream, &compress_to_vec_zlib(&content, 6))
            .filter(Filter::FlateDecode);
        for (face, used, ids) in &fonts {
            font(&mut pdf, *face, used, *ids)?;
        }
        for (picture, id, mask) in &pictures {
            image(&mut pdf, picture, *id, *mask);
        }
        for (r, bytes, id) in &forms {
            let compressed = compress_to_vec_zlib(bytes, 6);
            pdf.form_xobject(*id, &compressed)
                .bbox(Box::new(f(r.x0), f(r.y0), f(r.x1), f(r.y1)))
                .filter(Filter::FlateDecode);
        }
        Ok(pdf.finish())
    }
}

fn image(pdf: &mut Pdf, picture: &Picture, id: Ref, mask: Ref) {
    let color: Vec<u8> = picture
        .rgba
        .chunks_exact(4)
        .flat_map(|p| p.iter().copied().take(3))
        .collect();
    let alpha: Vec<u8> = picture
        .rgba
        .chunks_exact(4)
        .filter_map(|p| p.last().copied())
        .collect();
    let opaque = alpha.iter().all(|a| *a == 255);
    let (w, h) = (picture.width as i32, picture.height as i32);
    let compressed = compress_to_vec_zlib(&color, 6);
    let mut object = pdf.image_xobject(id, &compressed);
    object.width(w).height(h);
    object.filter(Filter::FlateDecode);
    object.color_space().device_rgb();
    object.bits_per_component(8);
    if !opaque {
        object.s_mask(mask);
    }
    object.finish();
    if !opaque {
        let compressed = compress_to_vec_zlib(&alpha, 6);
        let mut object = pdf.image_xobject(mask, &compressed);
        object.width(w).height(h);
        object.filter(Filter::FlateDecode);
        object.color_space().device_gray();
        object.bits_per_component(8);
    }
}

/// A composite font with the glyphs in use.
fn font(pdf: &mut Pdf, face: Face, used: &Used, ids: [Ref; 5]) -> Result<(), BackendError> {
    let [whole, part, descriptor, to_unicode, file] = ids;
    let data = subsetter::subset(face.data(), 0, &used.glyphs)
        .map_err(|e| BackendError::Encoding(format!("{e:?}")))?;
    // six capitals say that it is a part of a font
    let tag: String = (0..6)
        .map(|k| {
            let sum = used.chars.values().enumerate().fold(k, |s: u32, (i, c)| {
                s.wrapping_mul(31).wrapping_add(*c as u32 + i as u32)
            });
            char::from(b'A' + (sum % 26) as u8)
        })
        .collect();
    let name = format!("{tag}+{}", face.postscript_name());
    let system = SystemInfo {
        registry: Str(b"Adobe"),
        ordering: Str(b"Identity"),
        supplement: 0,
    };
    pdf.type0_font(whole)
        .base_font(Name(name.as_bytes()))
        .encoding_predefined(Name(b"Identity-H"))
        .descendant_font(part)
        .to_unicode(to_unicode);
    let mut cid = pdf.cid_font(part);
    cid.subtype(CidFontType::Type2)
        .base_font(Name(name.as_bytes()))
        .system_info(system)
        .font_descriptor(descriptor)
        .default_width(0.0)
        .cid_to_gid_map_predefined(Name(b"Identity"));
    let widths: Vec<f32> = used
        .glyphs
        .remapped_gids()
        .map(|g| f(face.advance(g) * 1000.0))
        .collect();
    cid.widths().consecutive(0, widths);
    cid.finish();
    let (ascent, descent, capital, slant, around) = face.metrics();
    let mut flags = FontFlags::SYMBOLIC;
    if slant != 0.0 {
        flags |= FontFlags::ITALIC;
    }
    let k = |x: f64| f(x * 1000.0);
    pdf.font_descriptor(descriptor)
        .name(Name(name.as_bytes()))
        .flags(flags)
        .bbox(Box::new(
            k(around.x0),
            k(around.y0),
            k(around.x1),
            k(around.y1),
        ))
        .italic_angle(f(slant))
        .ascent(k(ascent))
        .descent(k(descent))
        .cap_height(k(capital))
        .stem_v(95.0)
        .font_file2(file);
    let mut map = UnicodeCmap::new(Name(b"Custom"), system);
    for (id, c) in &used.chars {
        map.pair(*id, *c);
    }
    let map = map.finish();
    pdf.cmap(to_unicode, &map);
    let compressed = compress_to_vec_zlib(&data, 6);
    let length = data.len() as i32;
    let mut stream = pdf.stream(file, &compressed);
    stream.filter(Filter::FlateDecode);
    stream.pair(Name(b"Length1"), length);
    Ok(())
}
