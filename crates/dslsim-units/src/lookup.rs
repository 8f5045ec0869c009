//! From names to units: prefix × unit × power, read off the table.
//!
//! A name is looked up by taking a final 2 or 3 for a power and the first one or two letters for a prefix; no
//! allocation. The scale is 10^(power·(prefix + unit)), rounded once: that is what Brian2's table holds.
//! What a name may be used for (in a declaration, as a variable) follows from the same reading.

use crate::Dim;
use crate::table::{COMMON_EXTENSIONS, PREFIXES, Row, UNITS, row};

/// The value of a unit in SI base units, and its dimension.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Unit {
    /// SI value: 1e-3 for `mV`.
    pub scale: f64,
    /// Dimension.
    pub dim: Dim,
}

/// What a name means in a unit declaration (after `:`).
#[derive(Clone, Debug, PartialEq)]
pub enum Declaration {
    /// A base unit: value 1.
    Ok(Dim),
    /// A unit, but not of value 1, or the name of a power.
    NotBase {
        /// The name as written: `mV`, `metre2`.
        unit: String,
        /// What to write: `volt`, `metre**2`.
        use_instead: String,
    },
    /// Not a unit.
    Unknown {
        /// The name as written.
        name: String,
    },
    /// Not a name.
    Syntax,
}

/// A name, taken apart.
pub(crate) struct Reading {
    pub row: &'static Row,
    /// Index into `PREFIXES`.
    pub prefix: Option<usize>,
    /// 1, 2 or 3.
    pub power: u8,
}

impl Reading {
    /// Power of ten, before the power.
    fn exp(&self) -> i32 {
        let prefix = self.prefix.and_then(|p| PREFIXES.get(p));
        i32::from(self.row.exp) + prefix.map_or(0, |p| i32::from(p.exp))
    }

    fn is_base(&self) -> bool {
        self.power == 1 && self.exp() == 0
    }

    fn is_extension(&self) -> bool {
        self.prefix.is_some_and(|p| self.row.ours.has(p))
    }
}

/// Takes a name apart; `None` if it is not a unit.
pub(crate) fn read(name: &str) -> Option<Reading> {
    if let Some((row, prefix)) = read_stem(name) {
        return Some(Reading {
            row,
            prefix,
            power: 1,
        });
    }
    let power = match name.as_bytes().last()? {
        b'2' => 2,
        b'3' => 3,
        _ => return None,
    };
    let (row, prefix) = read_stem(name.get(..name.len() - 1)?)?;
    row.powers.then_some(Reading { row, prefix, power })
}

fn read_stem(stem: &str) -> Option<(&'static Row, Option<usize>)> {
    if let Some(row) = row(stem).filter(|r| r.plain) {
        return Some((row, None));
    }
    PREFIXES.iter().enumerate().find_map(|(i, p)| {
        let row = row(stem.strip_prefix(p.symbol)?)?;
        (row.prefixes.has(i) || row.ours.has(i)).then_some((row, Some(i)))
    })
}

/// The unit called `name`.
///
/// Knows Brian2's 1710 names, with the same bits, and dslsim's abbreviations ([`is_extension`]).
pub fn lookup(name: &str) -> Option<Unit> {
    let r = read(name)?;
    Some(Unit {
        scale: power_of_ten(i32::from(r.power) * r.exp())?,
        dim: if r.power == 1 {
            r.row.dim
        } else {
            r.row.dim.pow(r.power.into(), 1)?
        },
    })
}

/// Is it a common unit, after which no variable may be called? These are the words without prefix (`volt`, `metre`),
/// and the abbreviations (`ms`, `mV`, `nS`, `Hz`, `cm2`). An exotic name such as `flux` (femtolux) is not: a variable
/// may have it, with a warning.
pub fn is_common(name: &str) -> bool {
    read(name).is_some_and(|r| {
        if r.row.short {
            !r.is_extension() || COMMON_EXTENSIONS.contains(&name)
        } else {
            r.prefix.is_none() && r.power == 1
        }
    })
}

/// Is it a unit that Brian2 does not know in equations (`mS`, `uV`, `GHz`, `km`, `cmetre`)? A model written for Brian2
/// may use such a name for something of its own, which should then win.
pub fn is_extension(name: &str) -> bool {
    read(name).is_some_and(|r| r.is_extension())
}

/// All names, sorted (capitals first).
pub fn names() -> Vec<String> {
    let mut out = Vec::new();
    for row in &UNITS {
        let plain = row.plain.then_some("");
        let prefixed = PREFIXES.iter().enumerate();
        let prefixed = prefixed.filter(|(i, _)| row.prefixes.has(*i) || row.ours.has(*i));
        for prefix in plain.into_iter().chain(prefixed.map(|(_, p)| p.symbol)) {
            let powers: &[&str] = if row.powers { &["", "2", "3"] } else { &[""] };
            out.extend(powers.iter().map(|p| format!("{prefix}{}{p}", row.name)));
        }
    }
    out.sort();
    out
}

/// The dimension of a name that is allowed in a declaration: a unit of value 1 that is not the name of a power.
pub fn base_unit(name: &str) -> Option<Dim> {
    read(name).filter(Reading::is_base).map(|r| r.row.dim)
}

/// What to write in a declaration for a unit that is not allowed there: `volt` for `mV`, `metre**2` for `cm2`.
/// `None` for base units and for names that are not units.
pub fn instead_of(name: &str) -> Option<&'static str> {
    let r = read(name).filter(|r| !r.is_base())?;
    r.row.base.get(usize::from(r.power) - 1).copied()
}

/// What a name means in a unit declaration.
pub fn declare(name: &str) -> Declaration {
    if let Some(dim) = base_unit(name) {
        return Declaration::Ok(dim);
    }
    if let Some(instead) = instead_of(name) {
        return Declaration::NotBase {
            unit: name.into(),
            use_instead: instead.into(),
        };
    }
    let mut letters = name.chars();
    let starts = letters
        .next()
        .is_some_and(|c| c.is_alphabetic() || c == '_');
    if starts && letters.all(|c| c.is_alphanumeric() || c == '_') {
        Declaration::Unknown { name: name.into() }
    } else {
        Declaration::Syntax
    }
}

fn power_of_ten(exp: i32) -> Option<f64> {
    POWERS.get(usize::try_from(exp + 81).ok()?).copied()
}

/// 10^e for e = -81 ..= 81, each rounded once (`10f64.powi` is not).
static POWERS: [f64; 163] = [
    1e-81, 1e-80, 1e-79, 1e-78, 1e-77, 1e-76, 1e-75, 1e-74, 1e-73, 1e-72, 1e-71, 1e-70, 1e-69,
    1e-68, 1e-67, 1e-66, 1e-65, 1e-64, 1e-63, 1e-62, 1e-61, 1e-60, 1e-59, 1e-58, 1e-57, 1e-56,
    1e-55, 1e-54, 1e-53, 1e-52, 1e-51, 1e-50, 1e-49, 1e-48, 1e-47, 1e-46, 1e-45, 1e-44, 1e-43,
    1e-42, 1e-41, 1e-40, 1e-39, 1e-38, 1e-37, 1e-36, 1e-35, 1e-34, 1e-33, 1e-32, 1e-31, 1e-30,
    1e-29, 1e-28, 1e-27, 1e-26, 1e-25, 1e-24, 1e-23, 1e-22, 1e-21, 1e-20, 1e-19, 1e-18, 1e-17,
    1e-16, 1e-15, 1e-14, 1e-13, 1e-12, 1e-11, 1e-10, 1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3,
    1e-2, 1e-1, 1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14,
    1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22, 1e23, 1e24, 1e25, 1e26, 1e27, 1e28, 1e29, 1e30,
    1e31, 1e32, 1e33, 1e34, 1e35, 1e36, 1e37, 1e38, 1e39, 1e40, 1e41, 1e42, 1e43, 1e44, 1e45, 1e46,
    1e47, 1e48, 1e49, 1e50, 1e51, 1e52, 1e53, 1e54, 1e55, 1e56, 1e57, 1e58, 1e59, 1e60, 1e61, 1e62,
    1e63, 1e64, 1e65, 1e66, 1e67, 1e68, 1e69, 1e70, 1e71, 1e72, 1e73, 1e74, 1e75, 1e76, 1e77, 1e78,
    1e79, 1e80, 1e81,
];
