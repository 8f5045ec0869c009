//! The physical constants of `brian2.units.constants`, with Brian2's values (CODATA 2014).

use dslsim_units::Dim;

use crate::value::Value;

/// The module's name.
pub(crate) const MODULE: &str = "brian2.units.constants";

/// Name, value in SI base units, exponents of m, kg, s, A, K, mol, cd.
const TABLE: [(&str, f64, [i8; 7]); 10] = [
    (
        "avogadro_constant",
        6.022_140_857e23,
        [0, 0, 0, 0, 0, -1, 0],
    ),
    (
        "boltzmann_constant",
        1.380_648_52e-23,
        [2, 1, -2, 0, -1, 0, 0],
    ),
    (
        "electric_constant",
        8.854_187_817e-12,
        [-3, -1, 4, 2, 0, 0, 0],
    ),
    ("electron_mass", 9.109_383_56e-31, [0, 1, 0, 0, 0, 0, 0]),
    (
        "elementary_charge",
        1.602_176_620_8e-19,
        [0, 0, 1, 1, 0, 0, 0],
    ),
    ("faraday_constant", 96_485.332_89, [0, 0, 1, 1, 0, -1, 0]),
    ("gas_constant", 8.314_459_8, [2, 1, -2, 0, -1, -1, 0]),
    (
        "magnetic_constant",
        4.0 * std::f64::consts::PI * 1e-7,
        [1, 1, -2, -2, 0, 0, 0],
    ),
    ("molar_mass_constant", 1e-3, [0, 1, 0, 0, 0, -1, 0]),
    ("zero_celsius", 273.15, [0, 0, 0, 0, 1, 0, 0]),
];

/// The constant of a name.
pub(crate) fn constant(name: &str) -> Option<Value> {
    let (_, value, exponents) = TABLE.iter().find(|(n, ..)| *n == name)?;
    Some(Value::quantity(*value, Dim::of(*exponents)))
}

pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    TABLE.iter().map(|(name, ..)| *name)
}
