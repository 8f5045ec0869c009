//! The table against Brian2's (`units.json`: all 1710 names with value and dimension, made with Brian2 2.11.0), and
//! what names may be used for.

#![allow(clippy::unwrap_used)] // also in the functions beside the tests

use dslsim_units::*;
use std::collections::{BTreeSet, HashMap};

fn brian2() -> serde_json::Value {
    serde_json::from_str(include_str!("units.json")).unwrap()
}

#[test]
fn every_unit_of_brian2_has_the_same_bits() {
    let table = brian2();
    let units = table["units"].as_object().unwrap();
    assert_eq!(units.len(), 1710);
    for (name, unit) in units {
        let ours = lookup(name).unwrap_or_else(|| panic!("{name} is missing"));
        let value = unit[0].as_str().unwrap().parse::<f64>().unwrap();
        assert_eq!(ours.scale.to_bits(), value.to_bits(), "{name}");
        for (ours, theirs) in ours.dim.exponents().iter().zip(unit[1].as_array().unwrap()) {
            assert_eq!(
                f64::from(ours.0) / f64::from(ours.1),
                theirs.as_f64().unwrap(),
                "{name}"
            );
        }
        assert!(!is_extension(name), "{name}");
    }
}

#[test]
fn names_are_the_units_of_brian2_and_the_extensions() {
    let table = brian2();
    let units = table["units"].as_object().unwrap();
    let names = names();
    assert!(names.is_sorted());
    assert_eq!(
        names.iter().collect::<BTreeSet<_>>().len(),
        names.len(),
        "a name has two readings"
    );
    assert!(names.iter().all(|n| lookup(n).is_some()));
    let ours: Vec<&str> = names
        .iter()
        .map(String::as_str)
        .filter(|n| is_extension(n))
        .collect();
    assert_eq!(names.len(), 1710 + ours.len());
    assert!(units.keys().all(|n| names.binary_search(n).is_ok()));
    assert_eq!(
        ours.join(" "),
        "GHz MV THz aF cmeter cmeter2 cmeter3 cmetre cmetre2 cmetre3 dL fA fC fF fJ fL fM fS fT kA kJ kV kW kg km km2 \
         km3 mC mF mHz mJ mL mS mT mW mg nC nJ nL nT nV nW ng nm nm2 nm3 ns pC pJ pL pM pS pT pV pW pg ps uC uHz uJ uL uT uV \
         uW ug"
    );
}

#[test]
fn not_units() {
    for name in [
        "",
        "s",
        "V",
        "A",
        "S",
        "F",
        "M",
        "m",
        "g",
        "K",
        "L",
        "J",
        "W",
        "C",
        "T",
        "N",
        "2",
        "m2",
        "mV2",
        "ms2",
        "Hz2",
        "fs",
        "ds",
        "as",
        "Es",
        "Em",
        "Gm",
        "Vm",
        "gm",
        "Im",
        "kM",
        "Cm",
        "EL",
        "cs",
        "da",
        "dams",
        "mmV",
        "kkilogram",
        "mkilogram",
        "ukelvin",
        "csecond",
        "liter2",
        "litre3",
        "volt4",
        "volt23",
        "volt 2",
        "celsius",
        "VOLT",
        "µV",
        "m€",
        "é2",
    ] {
        assert_eq!(lookup(name), None, "{name}");
        assert!(!is_common(name) && !is_extension(name));
    }
}

#[test]
fn extensions() {
    for (name, scale, like) in [
        ("mS", 1e-3, "siemens"),
        ("uV", 1e-6, "volt"),
        ("GHz", 1e9, "hertz"),
        ("km", 1e3, "metre"),
        ("kg", 1.0, "kilogram"),
        ("nm", 1e-9, "metre"),
        ("nm3", 1e-27, "metre3"),
        ("ps", 1e-12, "second"),
        ("pM", 1e-9, "molar"),
        ("mL", 1e-6, "litre"),
        ("cmetre2", 1e-4, "metre2"),
    ] {
        let unit = lookup(name).unwrap();
        assert_eq!(
            (unit.scale, unit.dim),
            (scale, lookup(like).unwrap().dim),
            "{name}"
        );
    }
}

#[test]
fn declarations() {
    let table = brian2();
    let mut base: BTreeSet<&str> = table["base_units"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|v| v.as_str())
        .collect();
    base.insert("kg");
    let names = names();
    let ours: BTreeSet<&str> = names
        .iter()
        .map(String::as_str)
        .filter(|n| base_unit(n).is_some())
        .collect();
    assert_eq!(ours, base);
    for name in &names {
        // exactly one of the two
        assert_ne!(
            base_unit(name).is_some(),
            instead_of(name).is_some(),
            "{name}"
        );
        if let Some(instead) = instead_of(name) {
            let (unit, power) = instead.split_once("**").unwrap_or((instead, "1"));
            let dim = base_unit(unit).unwrap().pow(power.parse().unwrap(), 1);
            assert_eq!(dim, lookup(name).map(|u| u.dim), "{name}: {instead}");
        }
    }
    for (name, instead) in [
        ("mV", "volt"),
        ("cm", "metre"),
        ("cm2", "metre**2"),
        ("meter2", "meter**2"),
        ("uM", "mM"),
        ("gram", "kilogram"),
        ("litre", "metre**3"),
        ("MHz", "hertz"),
        ("volt3", "volt**3"),
        ("mS", "siemens"),
    ] {
        assert_eq!(instead_of(name), Some(instead));
    }
    assert_eq!(instead_of("volt"), None);
    assert_eq!(instead_of("msec"), None);
    assert_eq!(declare("volt"), Declaration::Ok(Dim::VOLT));
    assert_eq!(declare("Hz"), Declaration::Ok(Dim::HERTZ));
    let not_base = Declaration::NotBase {
        unit: "mV".into(),
        use_instead: "volt".into(),
    };
    assert_eq!(declare("mV"), not_base);
    assert_eq!(
        declare("msec"),
        Declaration::Unknown {
            name: "msec".into()
        }
    );
    assert_eq!(declare("τ"), Declaration::Unknown { name: "τ".into() });
    assert_eq!(declare("2volt"), Declaration::Syntax);
    assert_eq!(declare(""), Declaration::Syntax);
}

#[test]
fn common_units() {
    for name in [
        "volt", "metre", "meter", "second", "amp", "hertz", "Hz", "ms", "mV", "nS", "cm", "cm2",
        "um3", "mM", "uM", "kHz", "mS", "kg", "siemens", "molar", "gram", "lux",
    ] {
        assert!(is_common(name), "{name}");
    }
    for name in [
        "flux", "mvolt", "Gohm", "nm", "km", "kA", "ps", "metre2", "tau", "Elux",
    ] {
        assert!(!is_common(name), "{name}");
    }
    // all 27 abbreviations of Brian2
    let short = names()
        .into_iter()
        .filter(|n| is_common(n) && !is_extension(n) && n.chars().count() <= 3);
    let short = short.filter(|n| !["amp", "mol", "ohm", "lux"].contains(&n.as_str()));
    assert_eq!(short.count(), 27);
}

#[test]
fn suggestions() {
    let cases = HashMap::from([
        ("msec", "ms"),
        ("sec", "second"),
        ("usec", "us"),
        ("seconds", "second"),
        ("secnod", "second"),
        ("volts", "volt"),
        ("Volt", "volt"),
        ("mvolts", "mV"),
        ("milivolt", "mV"),
        ("millivolt", "mV"),
        ("millivolts", "mV"),
        ("milliVolt", "mV"),
        ("Millivolts", "mV"),
        ("microamp", "uA"),
        ("micro_amps", "uA"),
        ("nanosiemens", "nS"),
        ("hz", "Hz"),
        ("HZ", "Hz"),
        ("Khz", "kHz"),
        ("khz", "kHz"),
        ("kilohertz", "kHz"),
        ("Ohm", "ohm"),
        ("Ohms", "ohm"),
        ("MOhm", "Mohm"),
        ("Mohms", "Mohm"),
        ("megaohm", "Mohm"),
        ("megohm", "Mohm"),
        ("MΩ", "Mohm"),
        ("Ω", "ohm"),
        ("kΩ", "kohm"),
        ("GOhm", "Gohm"),
        ("µs", "us"),
        ("μV", "uV"),
        ("µm", "um"),
        ("µA", "uA"),
        ("mv", "mV"),
        ("NS", "nS"),
        ("amps", "amp"),
        ("Amp", "amp"),
        ("siemen", "siemens"),
        ("metres", "metre"),
        ("micron", "um"),
        ("ml", "mL"),
        ("micrometer", "um"),
        ("millimolar", "mM"),
        ("milliseconds", "ms"),
        ("milisecond", "ms"),
        ("farrad", "farad"),
        ("s", "second"),
        ("celsius", "kelvin"),
        ("nanoamper", "nA"),
        ("microsecnd", "us"),
        ("picofarrads", "pF"),
        ("vlot", "volt"),
        ("mHZ", "mHz"),
        ("mvotl", "mvolt"),
    ]);
    let mut wrong = Vec::new();
    for (name, meant) in cases {
        if suggest(name).as_deref() != Some(meant) {
            wrong.push(format!("{name}: {:?}, not {meant}", suggest(name)));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    for name in [
        "tau", "tau_m", "taum", "x", "gL", "EL", "VT", "I_syn", "foo", "v1", "", "volt", "ms", "é",
        "Vth", "w_max", "rate",
    ] {
        assert_eq!(suggest(name), None, "{name}");
    }
}

#[test]
fn any_text_is_looked_up() {
    for name in names() {
        for cut in 0..name.len() {
            let (a, b) = name.split_at(cut);
            for middle in ["", "é", "2", "\u{0}", "Ω"] {
                let name = format!("{b}{middle}{a}");
                let (unit, common) = (lookup(&name), is_common(&name));
                assert!(unit.is_some() || !common);
                assert_eq!(
                    unit.is_some(),
                    base_unit(&name).is_some() || instead_of(&name).is_some()
                );
            }
        }
    }
}
