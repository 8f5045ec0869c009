//! Colours, and what they are called.
//!
//! A colour is written as matplotlib writes it: a CSS name, `tab:blue`, a letter (`k`), a grey (`'0.5'`), `C0` for the
//! first of the cycle, `#rgb`, `#rrggbb`, `#rrggbbaa`, or three or four numbers between 0 and 1.

mod names;

use names::{CSS, LETTERS, TABLEAU};

/// Red, green, blue and opacity between 0 and 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rgba {
    /// Red.
    pub r: f64,
    /// Green.
    pub g: f64,
    /// Blue.
    pub b: f64,
    /// Opacity.
    pub a: f64,
}

/// The ten colours that lines have, one after the other.
pub const CYCLE: [Rgba; 10] = [
    Rgba::hex(0x1f_77b4),
    Rgba::hex(0xff_7f0e),
    Rgba::hex(0x2c_a02c),
    Rgba::hex(0xd6_2728),
    Rgba::hex(0x94_67bd),
    Rgba::hex(0x8c_564b),
    Rgba::hex(0xe3_77c2),
    Rgba::hex(0x7f_7f7f),
    Rgba::hex(0xbc_bd22),
    Rgba::hex(0x17_becf),
];

impl Rgba {
    /// Black.
    pub const BLACK: Rgba = Rgba::rgb(0.0, 0.0, 0.0);
    /// White.
    pub const WHITE: Rgba = Rgba::rgb(1.0, 1.0, 1.0);
    /// Invisible.
    pub const CLEAR: Rgba = Rgba {
        r: 0.0,
        g: 0.0,
        b: 0.0,
        a: 0.0,
    };

    /// An opaque colour.
    pub const fn rgb(r: f64, g: f64, b: f64) -> Rgba {
        Rgba { r, g, b, a: 1.0 }
    }

    /// From `0xrrggbb`.
    pub const fn hex(x: u32) -> Rgba {
        Rgba::rgb(
            ((x >> 16) & 255) as f64 / 255.0,
            ((x >> 8) & 255) as f64 / 255.0,
            (x & 255) as f64 / 255.0,
        )
    }

    /// A grey.
    pub const fn grey(x: f64) -> Rgba {
        Rgba::rgb(x, x, x)
    }

    /// With another opacity, if one is given.
    pub fn with_alpha(self, alpha: Option<f64>) -> Rgba {
        Rgba {
            a: alpha.unwrap_or(self.a),
            ..self
        }
    }

    /// Eight bits for each of red, green, blue and opacity.
    pub fn bytes(self) -> [u8; 4] {
        [self.r, self.g, self.b, self.a].map(|x| (x.clamp(0.0, 1.0) * 255.0).round() as u8)
    }

    /// `#rrggbb`
    pub fn to_hex(self) -> String {
        let [r, g, b, _] = self.bytes();
        format!("#{r:02x}{g:02x}{b:02x}")
    }

    /// The colour of a name; `cycle` gives `C0`, `C1`, ….
    pub fn named(name: &str, cycle: &[Rgba]) -> Option<Rgba> {
        if name.eq_ignore_ascii_case("none") {
            return Some(Rgba::CLEAR);
        }
        if let Some(rest) = name.strip_prefix('#') {
            return from_hex(rest);
        }
        if let Some(k) = name.strip_prefix('C').and_then(|k| k.parse::<usize>().ok()) {
            return cycle.get(k % cycle.len().max(1)).copied();
        }
        if let Some((_, rgb)) = LETTERS.iter().find(|(n, _)| *n == name) {
            return Some(Rgba::rgb(rgb[0], rgb[1], rgb[2]));
        }
        let lower = name.to_ascii_lowercase();
        if let Some((_, x)) = TABLEAU.iter().find(|(n, _)| *n == lower) {
            return Some(Rgba::hex(*x));
        }
        if let Ok(at) = CSS.binary_search_by(|(n, _)| (*n).cmp(lower.as_str())) {
            return CSS.get(at).map(|(_, x)| Rgba::hex(*x));
        }
        match name.parse::<f64>() {
            Ok(x) if (0.0..=1.0).contains(&x) => Some(Rgba::grey(x)),
            _ => None,
        }
    }

    /// The name that was likely meant.
    pub fn suggest(name: &str) -> Option<&'static str> {
        let all = CSS.iter().chain(&TABLEAU).map(|(n, _)| *n);
        crate::style::nearest(name, all)
    }
}

fn from_hex(text: &str) -> Option<Rgba> {
    if !text.is_ascii() {
        return None;
    }
    let wide: String = match text.len() {
        3 | 4 => text.chars().flat_map(|c| [c, c]).collect(),
        6 | 8 => text.to_owned(),
        _ => return None,
    };
    let byte = |k: usize| {
        wide.get(2 * k..2 * k + 2)
            .and_then(|s| u8::from_str_radix(s, 16).ok())
            .map(|x| f64::from(x) / 255.0)
    };
    Some(Rgba {
        r: byte(0)?,
        g: byte(1)?,
        b: byte(2)?,
        a: if wide.len() == 8 { byte(3)? } else { 1.0 },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_sorted_and_found() {
        assert!(CSS.windows(2).all(|w| w[0].0 < w[1].0));
        let hex = |name| Rgba::named(name, &CYCLE).map(Rgba::to_hex);
        assert_eq!(hex("grey").as_deref(), Some("#808080"));
        assert_eq!(hex("tab:blue").as_deref(), Some("#1f77b4"));
        assert_eq!(hex("C11").as_deref(), Some("#ff7f0e"));
        assert_eq!(hex("k").as_deref(), Some("#000000"));
        assert_eq!(hex("g").as_deref(), Some("#008000"));
        assert_eq!(hex("0.5").as_deref(), Some("#808080"));
        assert_eq!(hex("#abc").as_deref(), Some("#aabbcc"));
        assert_eq!(hex("RebeccaPurple").as_deref(), Some("#663399"));
        assert_eq!(
            Rgba::named("#aabbcc80", &CYCLE).map(|c| c.bytes()[3]),
            Some(128)
        );
        for wrong in ["bluee", "#12", "#éé", "1.5", "", "C"] {
            assert_eq!(Rgba::named(wrong, &CYCLE), None, "{wrong}");
        }
        assert_eq!(Rgba::suggest("bluee"), Some("blue"));
    }
}
