//! Dimensions and quantities in words.

#![allow(clippy::unwrap_used)] // also in the functions beside the tests

use dslsim_units::*;

/// The dimension of `volt/second**0.5` and its like.
fn dim(text: &str) -> Dim {
    let mut out = Dim::NONE;
    let text = text
        .replace("**", "^")
        .replace('/', " /")
        .replace('*', " *");
    for factor in text.split(' ') {
        let (factor, sign) = match factor.strip_prefix('/') {
            Some(rest) => (rest, -1.0),
            None => (factor.trim_start_matches('*'), 1.0),
        };
        let (name, power) = factor.split_once('^').unwrap_or((factor, "1"));
        let base = if name == "1" {
            Dim::NONE
        } else {
            lookup(name).unwrap().dim
        };
        out = out * base.powf(sign * power.parse::<f64>().unwrap()).unwrap();
    }
    out
}

#[test]
fn descriptions() {
    let mut wrong = Vec::new();
    // as a person would say it, and as it comes back
    for text in [
        "volt",
        "second",
        "amp",
        "siemens",
        "farad",
        "ohm",
        "metre",
        "hertz",
        "coulomb",
        "mM",
        "mole",
        "kilogram",
        "joule",
        "watt",
        "newton",
        "kelvin",
        "candle",
        "volt/second",
        "amp/second",
        "siemens/second",
        "siemens/metre**2",
        "farad/metre**2",
        "amp/metre**2",
        "ohm*metre",
        "ohm*metre**2",
        "volt/second**0.5",
        "amp/second**0.5",
        "1/second**0.5",
        "second**0.5",
        "volt**2",
        "amp**2",
        "volt**2/second",
        "1/metre",
        "1/metre**2",
        "1/volt",
        "metre**2",
        "metre**3",
        "metre/second",
        "metre**2/second",
        "metre/second**2",
        "second**2",
        "1/second**2",
        "volt*second",
        "volt**0.5",
        "mM/second",
        "mole/second",
        "hertz/volt",
        "hertz/mM",
        "volt/metre",
        "siemens/metre",
        "farad/metre",
        "siemens/volt",
        "volt/second**2",
        "amp*second**2",
        "joule/kelvin",
        "1/mM",
        "metre**2/second**2",
        "tesla",
        "siemens/metre**2/second",
        "hertz/volt/metre",
        "joule/kelvin",
        "coulomb/metre**2",
        "henry",
        "lux",
    ] {
        if describe(dim(text)) != text {
            wrong.push((text, describe(dim(text))));
        }
    }
    for (dim_text, said) in [
        ("1/second", "hertz"),
        ("meter", "metre"),
        ("kilogram/metre**3", "kilogram/metre**3"),
        ("amp*second", "coulomb"),
        ("volt/amp", "ohm"),
        ("ohm*farad", "second"),
        ("volt/hertz", "volt*second"),
        ("volt/volt", "dimensionless"),
        ("second**-0.5", "1/second**0.5"),
    ] {
        assert_eq!(describe(dim(dim_text)), said, "{dim_text}");
    }
    assert!(wrong.is_empty(), "{wrong:?}");
    // nothing shorter than base units
    let odd = Dim::METRE
        * Dim::KELVIN
        * Dim::MOLE.powf(0.5).unwrap()
        * Dim::CANDLE
        * Dim::AMP.powf(1.0 / 3.0).unwrap();
    assert_eq!(describe(odd), "m * A**(1/3) * K * mol**0.5 * cd");
    assert_eq!(Dim::VOLT.to_string(), "volt");
    assert_eq!(format!("{:>6}", Dim::VOLT), "  volt");
}

#[test]
fn every_unit_has_a_description_of_its_dimension() {
    for name in names() {
        let unit = lookup(&name).unwrap();
        let said = describe(unit.dim);
        if said.contains(' ') {
            assert!(name.ends_with(['2', '3']), "{name}: {said}");
        } else if said != "dimensionless" {
            assert_eq!(dim(&said), unit.dim, "{name}: {said}");
        }
    }
}

#[test]
fn quantities() {
    for (value, unit, said) in [
        (0.01, "second", "10 ms"),
        (-0.07, "volt", "-70 mV"),
        (2e-9, "siemens", "2 nS"),
        (0.07, "volt", "70 mV"),
        (100e6, "ohm", "100 Mohm"),
        (20.0, "hertz", "20 Hz"),
        (1e-4, "metre", "100 um"),
        (1e-3, "kilogram", "1 g"),
        (1.0, "kilogram", "1 kg"),
        (0.0, "kilogram", "0 kg"),
        (1.0, "mM", "1 mM"),
        (5e-4, "mM", "500 nM"),
        (1e3, "mM", "1 M"),
        (0.0, "volt", "0 V"),
        (-0.0, "volt", "-0 V"),
        (f64::INFINITY, "volt", "inf V"),
        (f64::NAN, "second", "nan s"),
        (1.0, "volt", "1 V"),
        (999.0, "second", "999 s"),
        (1000.0, "second", "1 ks"),
        (1e-15, "farad", "1 fF"),
        (1e-18, "farad", "0.001 fF"),
        (1e-30, "farad", "1e-15 fF"),
        (1e12, "hertz", "1000 GHz"),
        (1e30, "hertz", "1e21 GHz"),
        (0.1 * 3.0 * 1e-3, "volt", "300 uV"),
        (0.9999999999999999, "volt", "1 V"),
        (0.0123456, "second", "12.3456 ms"),
        (3.0, "volt/second", "3 volt/second"),
        (1e-4, "volt**2", "0.0001 volt**2"),
        (1e-7, "volt**2", "1e-7 volt**2"),
        (2.5e-3, "siemens/metre**2", "0.0025 siemens/metre**2"),
        (f64::MAX, "volt", "1.79769313486e299 GV"),
        (5e-324, "volt", "4.94065645841e-309 fV"),
    ] {
        assert_eq!(format_quantity(value, dim(unit)), said);
    }
    for (value, said) in [
        (0.0, "0"),
        (1.0, "1"),
        (0.1, "0.1"),
        (-1.5, "-1.5"),
        (1e300, "1e300"),
        (1e-300, "1e-300"),
        (0.30000000000000004, "0.30000000000000004"),
        (123456789.0, "123456789"),
        (1e15, "1000000000000000"),
        (1e16, "1e16"),
        (f64::NEG_INFINITY, "-inf"),
        (f64::NAN, "nan"),
        (0.00001, "0.00001"),
        (0.000001, "1e-6"),
    ] {
        assert_eq!(format_quantity(value, Dim::NONE), said);
    }
}

#[test]
fn dimensionless_numbers_come_back() {
    let mut x = 1.0e-300_f64;
    while x < 1e300 {
        for v in [x, -x / 3.0, x.sqrt()] {
            let text = format_quantity(v, Dim::NONE);
            assert_eq!(
                text.parse::<f64>().unwrap().to_bits(),
                v.to_bits(),
                "{text}"
            );
        }
        x *= 7.7;
    }
}

#[test]
#[ignore = "a measurement"]
fn speed() {
    let start = std::time::Instant::now();
    let names = names();
    for _ in 0..100 {
        assert!(names.iter().all(|n| lookup(n).is_some()));
    }
    println!("lookup: {:?}", start.elapsed() / 100 / names.len() as u32);
    for text in [
        "volt/second",
        "siemens/metre**2/second",
        "metre*kelvin*mole**0.5*candle*amp",
    ] {
        let (d, start) = (dim(text), std::time::Instant::now());
        println!("{}: {:?}", describe(d), start.elapsed());
    }
    for name in ["sekund", "milivlot", "tau_m"] {
        let start = std::time::Instant::now();
        println!("{name} {:?}: {:?}", suggest(name), start.elapsed());
    }
}
