//! The table: prefixes and units as lines.
//!
//! A unit's line says which prefixes Brian2 gives it, which ones dslsim adds, whether it stands without a prefix,
//! and whether its square and cube have names (`metre2`, `cm3`). To add a unit, add a line (and, for a new
//! abbreviation, mind the names that models use for variables: `fs`, `Gm`, `Em`, `kM` are left out for that reason).
//!
//! Invariants (tested): no name has two readings; exponents of ten stay within ±81.

use crate::Dim;

/// A decimal prefix.
pub(crate) struct Prefix {
    /// As written before a unit.
    pub symbol: &'static str,
    /// Power of ten.
    pub exp: i8,
    /// The word, with usual misspellings; for suggestions only.
    pub words: &'static [&'static str],
}

/// A set of prefixes: bit i stands for `PREFIXES[i]`.
#[derive(Clone, Copy)]
pub(crate) struct Prefixes(u32);

impl Prefixes {
    /// Is `PREFIXES[i]` in the set?
    pub const fn has(self, i: usize) -> bool {
        self.0 >> i & 1 == 1
    }
}

/// A line of the table.
pub(crate) struct Row {
    /// The name without prefix.
    pub name: &'static str,
    /// Its dimension.
    pub dim: Dim,
    /// Power of ten of the unprefixed unit in SI base units.
    pub exp: i8,
    /// Does the name stand alone?
    pub plain: bool,
    /// Is it an abbreviation (`V`, `Hz`) rather than a word?
    pub short: bool,
    /// Prefixes in Brian2.
    pub prefixes: Prefixes,
    /// Prefixes that dslsim adds.
    pub ours: Prefixes,
    /// Do the powers 2 and 3 have names?
    pub powers: bool,
    /// What to write in a declaration for the unit, its square and its cube.
    pub base: [&'static str; 3],
}

const fn prefix(symbol: &'static str, exp: i8, words: &'static [&'static str]) -> Prefix {
    Prefix { symbol, exp, words }
}

/// All prefixes.
pub(crate) static PREFIXES: [Prefix; 20] = [
    prefix("y", -24, &["yocto"]),
    prefix("z", -21, &["zepto"]),
    prefix("a", -18, &["atto"]),
    prefix("f", -15, &["femto", "fempto"]),
    prefix("p", -12, &["pico", "piko"]),
    prefix("n", -9, &["nano", "nanno"]),
    prefix("u", -6, &["micro", "mikro", "\u{b5}", "\u{3bc}"]),
    prefix("m", -3, &["milli", "mili", "mille"]),
    prefix("c", -2, &["centi", "zenti"]),
    prefix("d", -1, &["deci", "dezi"]),
    prefix("da", 1, &["deca", "deka"]),
    prefix("h", 2, &["hecto", "hekto"]),
    prefix("k", 3, &["kilo", "K"]),
    prefix("M", 6, &["mega", "meg"]),
    prefix("G", 9, &["giga", "gig"]),
    prefix("T", 12, &["tera"]),
    prefix("P", 15, &["peta"]),
    prefix("E", 18, &["exa"]),
    prefix("Z", 21, &["zetta"]),
    prefix("Y", 24, &["yotta"]),
];

/// The set of the one-letter prefixes in `letters`.
const fn set(letters: &str) -> Prefixes {
    let letters = letters.as_bytes();
    let (mut bits, mut i) = (0, 0);
    while i < letters.len() {
        let mut p = 0;
        while p < PREFIXES.len() {
            let symbol = PREFIXES[p].symbol.as_bytes();
            if symbol.len() == 1 && symbol[0] == letters[i] {
                bits |= 1 << p;
            }
            p += 1;
        }
        i += 1;
    }
    Prefixes(bits)
}

const NO: Prefixes = set("");
const ALL: Prefixes = set("yzafpnumkMGTPEZY");
/// All twenty: only litres have c, d, da and h in Brian2.
const LITRE: Prefixes = Prefixes((1 << 20) - 1);

/// A unit with a word for a name: `word!(name, dimension, power of ten, Brian2's prefixes, ours, named powers, what to
/// declare instead)`.
macro_rules! word {
    ($name:literal, $dim:ident, $exp:literal, $prefixes:expr, $ours:expr, $powers:literal, $base:literal) => {
        Row {
            name: $name,
            dim: Dim::$dim,
            exp: $exp,
            plain: true,
            short: false,
            prefixes: $prefixes,
            ours: $ours,
            powers: $powers,
            base: [$base, concat!($base, "**2"), concat!($base, "**3")],
        }
    };
    ($name:literal, $dim:ident) => {
        word!($name, $dim, 0, ALL, NO, true, $name)
    };
}

/// An abbreviation: `abbr!(symbol, dimension, power of ten, Brian2's prefixes, ours, named powers, what to declare
/// instead)`. It does not stand alone.
macro_rules! abbr {
    ($name:literal, $dim:ident, $exp:literal, $prefixes:literal, $ours:literal, $powers:literal, $base:literal) => {
        Row {
            plain: false,
            short: true,
            ..word!(
                $name,
                $dim,
                $exp,
                set($prefixes),
                set($ours),
                $powers,
                $base
            )
        }
    };
}

/// All units.
pub(crate) static UNITS: [Row; 51] = [
    word!("metre", METRE, 0, ALL, set("c"), true, "metre"),
    word!("meter", METRE, 0, ALL, set("c"), true, "meter"),
    word!("kilogram", KILOGRAM, 0, NO, NO, true, "kilogram"),
    word!("kilogramme", KILOGRAM, 0, NO, NO, true, "kilogramme"),
    word!("gram", KILOGRAM, -3, ALL, NO, true, "kilogram"),
    word!("gramme", KILOGRAM, -3, ALL, NO, true, "kilogramme"),
    word!("second", TIME),
    word!("amp", AMP),
    word!("ampere", AMP),
    word!("kelvin", KELVIN, 0, NO, NO, true, "kelvin"),
    word!("mole", MOLE),
    word!("mol", MOLE),
    word!("candle", CANDLE),
    word!("radian", NONE),
    word!("steradian", NONE),
    word!("hertz", HERTZ),
    word!("newton", NEWTON),
    word!("pascal", PASCAL),
    word!("joule", JOULE),
    word!("watt", WATT),
    word!("coulomb", COULOMB),
    word!("volt", VOLT),
    word!("farad", FARAD),
    word!("ohm", OHM),
    word!("siemens", SIEMENS),
    word!("weber", WEBER),
    word!("tesla", TESLA),
    word!("henry", HENRY),
    word!("lumen", CANDLE),
    word!("lux", LUX),
    word!("becquerel", HERTZ),
    word!("gray", GRAY),
    word!("sievert", GRAY),
    word!("katal", KATAL),
    word!("molar", MOLAR, 3, ALL, NO, true, "mM"),
    word!("liter", VOLUME, -3, LITRE, NO, false, "meter**3"),
    word!("litre", VOLUME, -3, LITRE, NO, false, "metre**3"),
    Row {
        plain: true,
        ..abbr!("Hz", HERTZ, 0, "kM", "umGT", false, "hertz")
    },
    abbr!("s", TIME, 0, "mu", "np", false, "second"),
    abbr!("V", VOLT, 0, "m", "pnukM", false, "volt"),
    abbr!("A", AMP, 0, "munp", "fk", false, "amp"),
    abbr!("S", SIEMENS, 0, "un", "fpm", false, "siemens"),
    abbr!("F", FARAD, 0, "unp", "afm", false, "farad"),
    abbr!("m", METRE, 0, "cmu", "nk", true, "metre"),
    abbr!("M", MOLAR, 3, "mun", "fp", false, "mM"),
    abbr!("g", KILOGRAM, -3, "", "pnumk", false, "kilogram"),
    abbr!("C", COULOMB, 0, "", "fpnum", false, "coulomb"),
    abbr!("J", JOULE, 0, "", "fpnumk", false, "joule"),
    abbr!("W", WATT, 0, "", "pnumk", false, "watt"),
    abbr!("T", TESLA, 0, "", "fpnum", false, "tesla"),
    abbr!("L", VOLUME, -3, "", "fpnumd", false, "metre**3"),
];

/// Names that dslsim adds and that are as common as Brian2's abbreviations (Brian2 exports `mS` to scripts).
pub(crate) const COMMON_EXTENSIONS: [&str; 2] = ["mS", "kg"];

const SLOTS: usize = 256;
const EMPTY: u8 = u8::MAX;

/// Open-addressing hash table from unprefixed names to lines, made by the compiler.
static INDEX: [u8; SLOTS] = {
    let mut index = [EMPTY; SLOTS];
    let mut row = 0;
    while row < UNITS.len() {
        let mut slot = slot(UNITS[row].name.as_bytes());
        while index[slot] != EMPTY {
            slot = (slot + 1) % SLOTS;
        }
        index[slot] = row as u8;
        row += 1;
    }
    index
};

/// FNV-1a, folded to a slot.
const fn slot(name: &[u8]) -> usize {
    let (mut h, mut i) = (0x811c_9dc5_u32, 0);
    while i < name.len() {
        h = (h ^ name[i] as u32).wrapping_mul(0x0100_0193);
        i += 1;
    }
    (h ^ h >> 16) as usize % SLOTS
}

/// The line of an unprefixed name.
pub(crate) fn row(name: &str) -> Option<&'static Row> {
    let mut slot = slot(name.as_bytes());
    loop {
        // EMPTY is no line, so a free slot ends the search; the table is mostly free
        let row = UNITS.get(usize::from(*INDEX.get(slot)?))?;
        if row.name == name {
            return Some(row);
        }
        slot = (slot + 1) % SLOTS;
    }
}
