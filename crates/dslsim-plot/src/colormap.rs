//! Colour maps: from a number between 0 and 1 to a colour.
//!
//! The tables are values at 256 places (fewer for lists of distinct colours), as matplotlib 3.11 gives them; they come from
//! the works of the maps' authors: viridis and its relatives (S. van der Walt, N. Smith, E. Firing, CC0), cividis (J. Nuñez,
//! C. Anderton, R. Renslow), ColorBrewer (C. Brewer, Apache 2.0), turbo (A. Mikhailov, Apache 2.0), coolwarm (K. Moreland),
//! twilight (B. Bechtold, CC0), berlin, managua and vanimo (F. Crameri), cubehelix (D. Green). `name_r` is `name` turned round.

use crate::color::Rgba;

/// The names and the number of colours, in the order of the table.
const MAPS: [(&str, usize); 85] = [
    ("viridis", 256),
    ("plasma", 256),
    ("inferno", 256),
    ("magma", 256),
    ("cividis", 256),
    ("turbo", 256),
    ("twilight", 510),
    ("twilight_shifted", 510),
    ("hsv", 256),
    ("jet", 256),
    ("rainbow", 256),
    ("nipy_spectral", 256),
    ("gist_ncar", 256),
    ("gist_rainbow", 256),
    ("gist_earth", 256),
    ("terrain", 256),
    ("ocean", 256),
    ("cubehelix", 256),
    ("hot", 256),
    ("afmhot", 256),
    ("gist_heat", 256),
    ("copper", 256),
    ("bone", 256),
    ("pink", 256),
    ("gray", 256),
    ("gist_gray", 256),
    ("binary", 256),
    ("gist_yarg", 256),
    ("cool", 256),
    ("spring", 256),
    ("summer", 256),
    ("autumn", 256),
    ("winter", 256),
    ("Wistia", 256),
    ("bwr", 256),
    ("seismic", 256),
    ("coolwarm", 256),
    ("RdBu", 256),
    ("RdGy", 256),
    ("RdYlBu", 256),
    ("RdYlGn", 256),
    ("Spectral", 256),
    ("BrBG", 256),
    ("PiYG", 256),
    ("PRGn", 256),
    ("PuOr", 256),
    ("Greys", 256),
    ("Purples", 256),
    ("Blues", 256),
    ("Greens", 256),
    ("Oranges", 256),
    ("Reds", 256),
    ("YlOrBr", 256),
    ("YlOrRd", 256),
    ("OrRd", 256),
    ("PuRd", 256),
    ("RdPu", 256),
    ("BuPu", 256),
    ("GnBu", 256),
    ("PuBu", 256),
    ("YlGnBu", 256),
    ("PuBuGn", 256),
    ("BuGn", 256),
    ("YlGn", 256),
    ("berlin", 256),
    ("managua", 256),
    ("vanimo", 256),
    ("brg", 256),
    ("CMRmap", 256),
    ("gnuplot", 256),
    ("gnuplot2", 256),
    ("prism", 256),
    ("flag", 256),
    ("tab10", 10),
    ("tab20", 20),
    ("tab20b", 20),
    ("tab20c", 20),
    ("Pastel1", 9),
    ("Pastel2", 8),
    ("Paired", 12),
    ("Accent", 8),
    ("Dark2", 8),
    ("Set1", 9),
    ("Set2", 8),
    ("Set3", 12),
];

/// Other names of maps.
const ALIASES: [(&str, &str); 4] = [
    ("grey", "gray"),
    ("gist_grey", "gist_gray"),
    ("gist_yerg", "gist_yarg"),
    ("Grays", "Greys"),
];

static TABLE: &[u8] = include_bytes!("../data/colormaps.bin");

/// A colour map.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ColorMap {
    /// Its name, without `_r`.
    pub name: &'static str,
    colors: &'static [u8],
    reversed: bool,
}

impl ColorMap {
    /// The map of a name.
    pub fn named(name: &str) -> Option<ColorMap> {
        let (base, reversed) = match name.strip_suffix("_r") {
            Some(base) => (base, true),
            None => (name, false),
        };
        let base = ALIASES
            .iter()
            .find(|(n, _)| *n == base)
            .map_or(base, |(_, n)| n);
        let mut start = 0;
        for (name, n) in MAPS {
            let end = start + 3 * n;
            if name == base {
                return Some(ColorMap {
                    name,
                    colors: TABLE.get(start..end)?,
                    reversed,
                });
            }
            start = end;
        }
        None
    }

    /// viridis
    pub fn standard() -> ColorMap {
        ColorMap::named("viridis").unwrap_or(ColorMap {
            name: "gray",
            colors: &[0, 0, 0, 255, 255, 255],
            reversed: false,
        })
    }

    /// All names, without the reversed ones.
    pub fn names() -> impl Iterator<Item = &'static str> {
        MAPS.iter().map(|(n, _)| *n)
    }

    /// How many colours it has.
    pub fn len(&self) -> usize {
        self.colors.len() / 3
    }

    /// Whether it has no colour; never.
    pub fn is_empty(&self) -> bool {
        self.colors.is_empty()
    }

    /// The colour at `x` between 0 and 1; what is outside has the colour of the end, NaN is invisible.
    pub fn at(&self, x: f64) -> Rgba {
        if x.is_nan() {
            return Rgba::CLEAR;
        }
        let n = self.len();
        let k = ((x * n as f64).floor().max(0.0) as usize).min(n.saturating_sub(1));
        self.color(k)
    }

    /// The colour number `k`.
    pub fn color(&self, k: usize) -> Rgba {
        let k = if self.reversed {
            self.len().saturating_sub(k + 1)
        } else {
            k
        };
        match self.colors.get(3 * k..3 * k + 3) {
            Some(&[r, g, b]) => Rgba::hex(u32::from_be_bytes([0, r, g, b])),
            _ => Rgba::CLEAR,
        }
    }
}

/// How values become places on a colour map.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Norm {
    /// The value of the first colour.
    pub low: f64,
    /// The value of the last colour.
    pub high: f64,
    /// Whether the logarithm is taken.
    pub log: bool,
}

impl Norm {
    /// From the finite values, where a limit is not given.
    pub fn of(
        values: impl IntoIterator<Item = f64>,
        low: Option<f64>,
        high: Option<f64>,
        log: bool,
    ) -> Norm {
        let (mut least, mut most) = (f64::INFINITY, f64::NEG_INFINITY);
        for x in values {
            if x.is_finite() && (!log || x > 0.0) {
                least = least.min(x);
                most = most.max(x);
            }
        }
        if least > most {
            (least, most) = if log { (0.1, 1.0) } else { (0.0, 1.0) };
        }
        Norm {
            low: low.unwrap_or(least),
            high: high.unwrap_or(most),
            log,
        }
    }

    /// The place of a value.
    pub fn place(&self, x: f64) -> f64 {
        if self.high == self.low {
            return if x.is_nan() { x } else { 0.0 };
        }
        if self.log {
            (x.ln() - self.low.ln()) / (self.high.ln() - self.low.ln())
        } else {
            (x - self.low) / (self.high - self.low)
        }
    }
}
