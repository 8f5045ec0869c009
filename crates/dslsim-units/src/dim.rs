//! Dimensions: products of rational powers of the seven SI base units.
//!
//! Invariant: each exponent is a reduced fraction with a positive denominator, and zero is 0/1; so `==` and `Hash`
//! on the fields are equality of dimensions. Numerators and denominators fit `i16`: the operations that can leave
//! that range by intent (`pow`, `powf`) say so; `mul`, `div` and `sqrt` go to the nearest fraction that fits, which
//! only a chain of absurd powers can reach.

use std::fmt;
use std::ops;

/// Symbols of the base units, in the order of [`Dim::exponents`].
const SYMBOLS: [&str; 7] = ["m", "kg", "s", "A", "K", "mol", "cd"];

/// One exponent: a reduced fraction.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Ratio {
    num: i16,
    den: i16,
}

impl Ratio {
    const ZERO: Ratio = Ratio { num: 0, den: 1 };

    /// The reduced fraction `num/den`, if it fits. `den` must be positive.
    fn new(num: i64, den: i64) -> Option<Ratio> {
        if den == 1 || num == 0 {
            let num = i16::try_from(num).ok()?;
            return Some(Ratio { num, den: 1 });
        }
        let g = gcd(num.unsigned_abs(), den.unsigned_abs()).max(1) as i64;
        Some(Ratio {
            num: i16::try_from(num / g).ok()?,
            den: i16::try_from(den / g).ok()?,
        })
    }

    /// The nearest fraction that fits.
    fn nearest(mut num: i64, mut den: i64) -> Ratio {
        loop {
            if let Some(r) = Ratio::new(num, den) {
                return r;
            }
            if den == 1 {
                let num = if num < 0 { -i16::MAX } else { i16::MAX };
                return Ratio { num, den: 1 };
            }
            num /= 2;
            den /= 2;
        }
    }

    fn add(self, o: Ratio, sign: i64) -> Ratio {
        let (n1, d1, n2, d2) = (self.num as i64, self.den as i64, o.num as i64, o.den as i64);
        Ratio::nearest(n1 * d2 + sign * n2 * d1, d1 * d2)
    }
}

const fn gcd(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// A physical dimension: exponents of metre, kilogram, second, ampere, kelvin, mole, candela.
///
/// The default is dimensionless. `Debug` shows the base units, `Display` is [`describe`](crate::describe).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Dim([Ratio; 7]);

impl Dim {
    /// Dimensionless.
    pub const NONE: Dim = Dim::of([0, 0, 0, 0, 0, 0, 0]);
    /// Length.
    pub const METRE: Dim = Dim::of([1, 0, 0, 0, 0, 0, 0]);
    /// Mass.
    pub const KILOGRAM: Dim = Dim::of([0, 1, 0, 0, 0, 0, 0]);
    /// Time (second).
    pub const TIME: Dim = Dim::of([0, 0, 1, 0, 0, 0, 0]);
    /// Electric current.
    pub const AMP: Dim = Dim::of([0, 0, 0, 1, 0, 0, 0]);
    /// Temperature.
    pub const KELVIN: Dim = Dim::of([0, 0, 0, 0, 1, 0, 0]);
    /// Amount of substance.
    pub const MOLE: Dim = Dim::of([0, 0, 0, 0, 0, 1, 0]);
    /// Luminous intensity; also luminous flux (lumen), as in Brian2.
    pub const CANDLE: Dim = Dim::of([0, 0, 0, 0, 0, 0, 1]);
    /// Frequency, rate.
    pub const HERTZ: Dim = Dim::of([0, 0, -1, 0, 0, 0, 0]);
    /// Voltage.
    pub const VOLT: Dim = Dim::of([2, 1, -3, -1, 0, 0, 0]);
    /// Conductance.
    pub const SIEMENS: Dim = Dim::of([-2, -1, 3, 2, 0, 0, 0]);
    /// Resistance.
    pub const OHM: Dim = Dim::of([2, 1, -3, -2, 0, 0, 0]);
    /// Capacitance.
    pub const FARAD: Dim = Dim::of([-2, -1, 4, 2, 0, 0, 0]);
    /// Charge.
    pub const COULOMB: Dim = Dim::of([0, 0, 1, 1, 0, 0, 0]);
    /// Concentration (mol/m³, the SI value of `mM`).
    pub const MOLAR: Dim = Dim::of([-3, 0, 0, 0, 0, 1, 0]);
    /// Force.
    pub const NEWTON: Dim = Dim::of([1, 1, -2, 0, 0, 0, 0]);
    /// Pressure.
    pub const PASCAL: Dim = Dim::of([-1, 1, -2, 0, 0, 0, 0]);
    /// Energy.
    pub const JOULE: Dim = Dim::of([2, 1, -2, 0, 0, 0, 0]);
    /// Power.
    pub const WATT: Dim = Dim::of([2, 1, -3, 0, 0, 0, 0]);
    /// Magnetic flux.
    pub const WEBER: Dim = Dim::of([2, 1, -2, -1, 0, 0, 0]);
    /// Magnetic flux density.
    pub const TESLA: Dim = Dim::of([0, 1, -2, -1, 0, 0, 0]);
    /// Inductance.
    pub const HENRY: Dim = Dim::of([2, 1, -2, -2, 0, 0, 0]);
    /// Illuminance.
    pub const LUX: Dim = Dim::of([-2, 0, 0, 0, 0, 0, 1]);
    /// Absorbed dose (gray, sievert).
    pub const GRAY: Dim = Dim::of([2, 0, -2, 0, 0, 0, 0]);
    /// Catalytic activity.
    pub const KATAL: Dim = Dim::of([0, 0, -1, 0, 0, 1, 0]);
    /// Volume (the dimension of a litre).
    pub const VOLUME: Dim = Dim::of([3, 0, 0, 0, 0, 0, 0]);

    /// The dimension with these whole exponents of m, kg, s, A, K, mol, cd.
    pub const fn of(exponents: [i8; 7]) -> Dim {
        let mut out = [Ratio::ZERO; 7];
        let mut i = 0;
        while i < 7 {
            out[i].num = exponents[i] as i16;
            i += 1;
        }
        Dim(out)
    }

    /// Is it dimensionless?
    pub fn is_none(self) -> bool {
        self == Dim::NONE
    }

    /// The dimension of a product.
    #[allow(clippy::should_implement_trait)] // it does, too; the name serves `Option::map` and folds
    pub fn mul(self, o: Dim) -> Dim {
        self.zip(o, 1)
    }

    /// The dimension of a quotient.
    #[allow(clippy::should_implement_trait)]
    pub fn div(self, o: Dim) -> Dim {
        self.zip(o, -1)
    }

    fn zip(self, o: Dim, sign: i64) -> Dim {
        let mut out = self.0;
        for (a, b) in out.iter_mut().zip(o.0) {
            *a = a.add(b, sign);
        }
        Dim(out)
    }

    /// The dimension of 1/x.
    pub fn recip(self) -> Dim {
        Dim::NONE.div(self)
    }

    /// The dimension of `x**(num/den)`; `None` if `den` is 0 or an exponent leaves the range of small fractions.
    pub fn pow(self, num: i32, den: i32) -> Option<Dim> {
        if den == 0 {
            return None;
        }
        let (num, den) = if den < 0 {
            (-(num as i64), -(den as i64))
        } else {
            (num as i64, den as i64)
        };
        let mut out = self.0;
        for r in &mut out {
            // |num| < 2^31 and |r.num| < 2^15, so the products fit i64
            *r = Ratio::new(r.num as i64 * num, r.den as i64 * den)?;
        }
        Some(Dim(out))
    }

    /// The dimension of `x**e`. Recognises `e` as a fraction with a denominator up to 12, within 1e-12; `None` for
    /// any other `e`, unless the dimension is [`NONE`](Dim::NONE), whose powers are all dimensionless.
    pub fn powf(self, e: f64) -> Option<Dim> {
        if self.is_none() {
            return Some(self);
        }
        if !e.is_finite() || e.abs() > f64::from(i16::MAX) {
            return None;
        }
        (1..=12).find_map(|den| {
            let num = (e * f64::from(den)).round();
            if (num / f64::from(den) - e).abs() <= 1e-12 {
                self.pow(num as i32, den)
            } else {
                None
            }
        })
    }

    /// The dimension of a square root.
    pub fn sqrt(self) -> Dim {
        let mut out = self.0;
        for r in &mut out {
            *r = Ratio::nearest(r.num as i64, 2 * r.den as i64);
        }
        Dim(out)
    }

    /// The exponents as reduced fractions (numerator, positive denominator), order m kg s A K mol cd.
    pub fn exponents(self) -> [(i32, i32); 7] {
        self.0.map(|r| (r.num.into(), r.den.into()))
    }

    /// The fraction q with `self == o**q`, if there is one. `None` for a dimensionless `o`.
    pub(crate) fn as_power_of(self, o: Dim) -> Option<(i32, i32)> {
        let (a, b) = self.0.iter().zip(&o.0).find(|(_, b)| b.num != 0)?;
        // q = a/b
        let (num, den) = (a.num as i32 * b.den as i32, a.den as i32 * b.num as i32);
        let g = gcd(num.unsigned_abs().into(), den.unsigned_abs().into()) as i32;
        let g = g.max(1) * den.signum();
        let q = (num / g, den / g);
        (o.pow(q.0, q.1) == Some(self)).then_some(q)
    }

    /// Base units with exponents: `m**2 * kg / s**3 / A`; `1` for dimensionless.
    pub(crate) fn base_form(self) -> String {
        let (mut over, mut under) = (Vec::new(), String::new());
        for ((num, den), symbol) in self.exponents().into_iter().zip(SYMBOLS) {
            match num.signum() {
                1 => over.push(format!("{symbol}{}", exponent(num, den))),
                -1 => under.push_str(&format!(" / {symbol}{}", exponent(-num, den))),
                _ => {}
            }
        }
        if over.is_empty() {
            over.push("1".into());
        }
        over.join(" * ") + &under
    }
}

/// `**2`, `**0.5`, `**(1/3)`; nothing for 1. For a positive fraction.
pub(crate) fn exponent(num: i32, den: i32) -> String {
    match den {
        1 if num == 1 => String::new(),
        1 => format!("**{num}"),
        2 | 4 | 5 | 8 | 10 => format!("**{}", f64::from(num) / f64::from(den)),
        _ => format!("**({num}/{den})"),
    }
}

impl Default for Dim {
    fn default() -> Self {
        Dim::NONE
    }
}

impl fmt::Debug for Dim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Dim({})", self.base_form())
    }
}

impl fmt::Display for Dim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&crate::describe(*self))
    }
}

impl ops::Mul for Dim {
    type Output = Dim;
    fn mul(self, o: Dim) -> Dim {
        Dim::mul(self, o)
    }
}

impl ops::Div for Dim {
    type Output = Dim;
    fn div(self, o: Dim) -> Dim {
        Dim::div(self, o)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn algebra() {
        assert_eq!(Dim::VOLT / Dim::AMP, Dim::OHM);
        assert_eq!(Dim::SIEMENS * Dim::VOLT, Dim::AMP);
        assert_eq!(Dim::TIME.recip(), Dim::HERTZ);
        assert_eq!(Dim::FARAD * Dim::OHM, Dim::TIME);
        assert_eq!(Dim::default(), Dim::NONE);
        assert_eq!(Dim::VOLT.pow(2, 1).map(Dim::sqrt), Some(Dim::VOLT));
        assert_eq!(Dim::VOLT.pow(0, 1), Some(Dim::NONE));
        assert_eq!(Dim::VOLT.pow(1, 0), None);
        assert_eq!(Dim::VOLT.pow(i32::MIN, i32::MIN), Some(Dim::VOLT));
        assert_eq!(Dim::VOLT.pow(20_000, 1), None);
        assert_eq!(Dim::METRE.pow(-3, -2), Dim::METRE.pow(3, 2));
    }

    #[test]
    fn real_exponents() {
        assert_eq!(Dim::TIME.powf(-0.5), Dim::TIME.pow(-1, 2));
        assert_eq!(Dim::TIME.powf(1.0 / 3.0), Dim::TIME.pow(1, 3));
        assert_eq!(Dim::TIME.powf(7.0 / 12.0), Dim::TIME.pow(7, 12));
        assert_eq!(Dim::TIME.powf(0.123), None);
        assert_eq!(Dim::TIME.powf(f64::NAN), None);
        assert_eq!(Dim::TIME.powf(1e300), None);
        assert_eq!(Dim::NONE.powf(0.123), Some(Dim::NONE));
        assert_eq!(Dim::NONE.powf(f64::INFINITY), Some(Dim::NONE));
    }

    #[test]
    fn absurd_chains_stay_in_range() {
        let mut d = Dim::VOLT;
        for _ in 0..100 {
            d = d * d;
        }
        assert_eq!(d.exponents()[0], (32767, 1));
        for _ in 0..100 {
            d = d.sqrt();
        }
        assert!(d.exponents().iter().all(|e| e.1 > 0));
    }

    #[test]
    fn powers_of_one_another() {
        assert_eq!(Dim::HERTZ.as_power_of(Dim::TIME), Some((-1, 1)));
        assert_eq!(Dim::TIME.sqrt().as_power_of(Dim::TIME), Some((1, 2)));
        assert_eq!(Dim::VOLT.as_power_of(Dim::METRE), None);
        assert_eq!(Dim::NONE.as_power_of(Dim::METRE), Some((0, 1)));
        assert_eq!(Dim::METRE.as_power_of(Dim::NONE), None);
    }

    #[test]
    fn debug_shows_base_units() {
        assert_eq!(format!("{:?}", Dim::VOLT), "Dim(m**2 * kg / s**3 / A)");
        assert_eq!(format!("{:?}", Dim::TIME.sqrt().recip()), "Dim(1 / s**0.5)");
    }
}
