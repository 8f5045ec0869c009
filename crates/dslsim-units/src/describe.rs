//! Dimensions and quantities in words a person would use.
//!
//! `describe` looks for the cheapest product of at most three powers of named units; each unit has a price, exponents
//! other than ±1 cost extra. Whatever it returns short of the fall-back is a valid declaration.

use crate::Dim;
use crate::dim::exponent;

/// A unit that may name a dimension.
struct Named {
    name: &'static str,
    dim: Dim,
    price: u32,
    role: Role,
}

/// Where a unit may stand: siemens/second is said, not 1/henry.
#[derive(Clone, Copy, PartialEq)]
enum Role {
    /// Anywhere, with any exponent.
    Any,
    /// Anywhere, with exponents 1 and -1.
    Plain,
    /// Above the line, with any exponent: 1/siemens is ohm.
    Over,
    /// Above the line, without exponent.
    Above,
    /// By itself.
    Alone,
}

/// A factor: index into `NAMED` and exponent.
type Factor = (usize, (i32, i32));

const fn named(name: &'static str, dim: Dim, price: u32, role: Role) -> Named {
    Named {
        name,
        dim,
        price,
        role,
    }
}

impl Named {
    fn may(&self, q: (i32, i32), alone: bool) -> bool {
        match self.role {
            Role::Any => true,
            Role::Plain => q == (1, 1) || q == (-1, 1),
            Role::Over => q.0 > 0,
            Role::Above => q == (1, 1),
            Role::Alone => alone && q == (1, 1),
        }
    }
}

/// Units for descriptions, in the order in which they are written; the earlier wins among equals. Units that nobody would recognise in a product (gray for
/// metre**2/second**2, weber for volt*second) are left out.
static NAMED: [Named; 21] = [
    named("volt", Dim::VOLT, 10, Role::Any),
    named("amp", Dim::AMP, 10, Role::Any),
    named("siemens", Dim::SIEMENS, 11, Role::Over),
    named("farad", Dim::FARAD, 12, Role::Any),
    named("ohm", Dim::OHM, 12, Role::Over),
    named("mM", Dim::MOLAR, 11, Role::Any),
    named("mole", Dim::MOLE, 11, Role::Any),
    named("hertz", Dim::HERTZ, 13, Role::Above),
    named("coulomb", Dim::COULOMB, 14, Role::Plain),
    named("kilogram", Dim::KILOGRAM, 12, Role::Any),
    named("kelvin", Dim::KELVIN, 11, Role::Any),
    named("candle", Dim::CANDLE, 12, Role::Any),
    named("joule", Dim::JOULE, 15, Role::Plain),
    named("watt", Dim::WATT, 16, Role::Plain),
    named("newton", Dim::NEWTON, 17, Role::Plain),
    named("pascal", Dim::PASCAL, 17, Role::Plain),
    named("tesla", Dim::TESLA, 19, Role::Alone),
    named("henry", Dim::HENRY, 19, Role::Alone),
    named("lux", Dim::LUX, 19, Role::Alone),
    named("metre", Dim::METRE, 10, Role::Any),
    named("second", Dim::TIME, 10, Role::Any),
];

/// A unit with an abbreviation that takes prefixes in `format_quantity`.
struct Abbreviated {
    symbol: &'static str,
    dim: Dim,
    /// Power of ten of the unprefixed symbol in SI.
    exp: i32,
}

const fn abbreviated(symbol: &'static str, dim: Dim, exp: i32) -> Abbreviated {
    Abbreviated { symbol, dim, exp }
}

static ABBREVIATED: [Abbreviated; 17] = [
    abbreviated("s", Dim::TIME, 0),
    abbreviated("V", Dim::VOLT, 0),
    abbreviated("A", Dim::AMP, 0),
    abbreviated("S", Dim::SIEMENS, 0),
    abbreviated("F", Dim::FARAD, 0),
    abbreviated("ohm", Dim::OHM, 0),
    abbreviated("Hz", Dim::HERTZ, 0),
    abbreviated("m", Dim::METRE, 0),
    abbreviated("M", Dim::MOLAR, 3),
    abbreviated("g", Dim::KILOGRAM, -3),
    abbreviated("mol", Dim::MOLE, 0),
    abbreviated("C", Dim::COULOMB, 0),
    abbreviated("J", Dim::JOULE, 0),
    abbreviated("W", Dim::WATT, 0),
    abbreviated("N", Dim::NEWTON, 0),
    abbreviated("Pa", Dim::PASCAL, 0),
    abbreviated("T", Dim::TESLA, 0),
];

/// Prefixes for `format_quantity`, 10^-15 to 10^9.
static BY_THOUSANDS: [&str; 9] = ["f", "p", "n", "u", "m", "", "k", "M", "G"];

/// The quantity as a person would name it: `volt`, `volt/second`, `hertz`, `siemens/metre**2`, `1/metre`,
/// `volt/second**0.5`, `dimensionless`. Falls back to base units: `m**2 * kg / s**3`.
pub fn describe(dim: Dim) -> String {
    if dim.is_none() {
        return "dimensionless".into();
    }
    for factors in 1..=3 {
        let mut best = Best::default();
        search(dim, 0, &mut Vec::new(), factors, &mut best);
        if let Some((_, factors)) = best.0 {
            return spell(&factors);
        }
    }
    dim.base_form()
}

/// The cheapest product found.
#[derive(Default)]
struct Best(Option<(u32, Vec<Factor>)>);

/// Tries all products of `left` more factors whose dimension is `rest`; the last factor may have any exponent.
fn search(rest: Dim, from: usize, chosen: &mut Vec<Factor>, left: u32, best: &mut Best) {
    for (i, unit) in NAMED.iter().enumerate().skip(from) {
        if left == 1 {
            let Some(q) = rest.as_power_of(unit.dim).filter(|q| q.0 != 0) else {
                continue;
            };
            if !unit.may(q, chosen.is_empty()) {
                continue;
            }
            chosen.push((i, q));
            let price = chosen.iter().map(|f| price(*f)).sum::<u32>() + one_over(chosen);
            if best.0.as_ref().is_none_or(|b| price < b.0) {
                best.0 = Some((price, chosen.clone()));
            }
            chosen.pop();
            continue;
        }
        const EXPONENTS: [(i32, i32); 8] = [
            (1, 1),
            (-1, 1),
            (2, 1),
            (-2, 1),
            (3, 1),
            (-3, 1),
            (1, 2),
            (-1, 2),
        ];
        for q in EXPONENTS.into_iter().filter(|q| unit.may(*q, false)) {
            if let Some(power) = unit.dim.pow(q.0, q.1) {
                chosen.push((i, q));
                search(rest / power, i + 1, chosen, left - 1, best);
                chosen.pop();
            }
        }
    }
}

fn price((unit, (num, den)): Factor) -> u32 {
    let unit = NAMED.get(unit).map_or(0, |u| u.price);
    let odd = match (num.unsigned_abs(), den) {
        (1, 1) => 0,
        (2 | 3, 1) => 2,
        (_, 1) => 8,
        (_, 2) => 5,
        _ => 12,
    };
    unit + odd
}

/// Something stands above the line, or else `1/` costs a little.
fn one_over(factors: &[Factor]) -> u32 {
    if factors.iter().all(|f| f.1.0 < 0) {
        4
    } else {
        0
    }
}

fn spell(factors: &[Factor]) -> String {
    let part = |sign: i32, glue: &str| -> String {
        let factors = factors.iter().filter(|f| f.1.0.signum() == sign);
        let parts = factors.filter_map(|&(unit, (num, den))| {
            Some(NAMED.get(unit)?.name.to_owned() + &exponent(num.abs(), den))
        });
        parts.fold(String::new(), |out, p| out + glue + &p)
    };
    let over = part(1, "*");
    let over = over.strip_prefix('*').unwrap_or("1");
    format!("{over}{}", part(-1, "/"))
}

/// A value in SI base units as a person would write it: `10 ms`, `-70 mV`, `3 volt/second`.
///
/// With a unit, 12 significant digits at most; without, the shortest digits that give back the same number.
pub fn format_quantity(value: f64, dim: Dim) -> String {
    if dim.is_none() {
        return number(&format!("{value:e}"), 0);
    }
    let digits = if value.is_finite() {
        format!("{value:.11e}")
    } else {
        value.to_string()
    };
    let Some(unit) = ABBREVIATED.iter().find(|u| u.dim == dim) else {
        return format!("{} {}", number(&digits, 0), describe(dim));
    };
    // zero and the infinities are shown in the SI unit, which for mass and concentration has a prefix
    let magnitude = match digits.split_once('e') {
        Some((_, exp)) if value != 0.0 => exp.parse().unwrap_or(0),
        _ => 0,
    };
    let thousands = i32::div_euclid(magnitude - unit.exp, 3).clamp(-5, 3);
    let prefix = usize::try_from(thousands + 5).ok();
    let prefix = prefix.and_then(|i| BY_THOUSANDS.get(i)).unwrap_or(&"");
    let number = number(&digits, -unit.exp - 3 * thousands);
    format!("{number} {prefix}{}", unit.symbol)
}

/// The value with so many significant digits: for messages, where `0.3 - 0.1` is to be 0.2.
pub fn round_digits(value: f64, digits: usize) -> f64 {
    let text = format!("{value:.*e}", digits.saturating_sub(1));
    text.parse().unwrap_or(value)
}

/// Spells `digits` (as by `{:e}`) times `10**shift`, moving the point in the text: no rounding.
/// Scientific beyond 16 digits before or 4 zeros after the point.
fn number(digits: &str, shift: i32) -> String {
    let Some((mantissa, exp)) = digits.split_once('e') else {
        return digits.to_lowercase(); // inf, NaN
    };
    let (sign, mantissa) = match mantissa.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", mantissa),
    };
    let mut figures: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    figures.truncate(figures.trim_end_matches('0').len());
    if figures.is_empty() {
        return format!("{sign}0");
    }
    let exp = exp.parse().unwrap_or(0) + shift;
    let len = figures.len() as i32;
    if !(-5..16).contains(&exp) {
        let (first, rest) = figures.split_at(1);
        let point = if rest.is_empty() { "" } else { "." };
        return format!("{sign}{first}{point}{rest}e{exp}");
    }
    if exp < 0 {
        return format!("{sign}0.{}{figures}", "0".repeat((-exp - 1) as usize));
    }
    if len <= exp + 1 {
        return format!("{sign}{figures}{}", "0".repeat((exp + 1 - len) as usize));
    }
    let (whole, fraction) = figures.split_at((exp + 1) as usize);
    format!("{sign}{whole}.{fraction}")
}
