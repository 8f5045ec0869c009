//! No result depends on how it is computed: the interpreter and machine code made in any way give the same bits.
//!
//! The models of the paper, smaller. Their sizes are no multiple of any vector's length, so that the rest of each strip is
//! computed, too.

#![allow(clippy::panic, reason = "a test fails by a panic, in its helpers too")]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use dslsim::{JitOptions, Level, Rng, force_vectors};
use dslsim_tests::{Setup, Values, cases, folder, recorded, run, same_bits};

/// The level of the process is one for all tests.
static LEVEL: Mutex<()> = Mutex::new(());

const SMALL: [(&str, &str); 5] = [
    ("runs", "13"),
    ("n_inputs", "20"),
    ("duration", "100*ms"),
    ("F_e", "96*Hz"),
    ("F_i", "51*Hz"),
];

fn reduced(mut setup: Setup, settings: &[(&str, &str)]) -> Setup {
    for (name, value) in SMALL.iter().chain(settings) {
        setup = setup.set(name, value);
    }
    setup
}

fn results(model: &Path, setup: &Setup) -> BTreeMap<String, Values> {
    recorded(&run(model, setup).expect_done().results)
}

/// All ways to make machine code, and their names.
fn ways(level: Level) -> Vec<(String, JitOptions)> {
    let each = |(chunk, vector)| {
        (
            format!("{level:?}, strips of {chunk}, vector {vector}"),
            JitOptions {
                level: Some(level),
                chunk,
                vector,
            },
        )
    };
    [8, 64, 256, 1024]
        .into_iter()
        .flat_map(|chunk| [(chunk, true), (chunk, false)])
        .map(each)
        .collect()
}

/// `active` is an array that is zero if nothing has happened.
fn agrees(name: &str, settings: &[(&str, &str)], active: &str) {
    let _one = LEVEL.lock().unwrap_or_else(PoisonError::into_inner);
    let model = folder("../models").join(name);
    for strict in [false, true] {
        let expected = results(
            &model,
            &reduced(Setup::interpreter(), settings).strict(strict),
        );
        assert!(
            expected[active].floats()[0] > 0.0,
            "{name}: {active} is {:?}",
            expected[active]
        );
        for level in Level::ALL.into_iter().filter(|level| level.is_supported()) {
            force_vectors(level).unwrap_or_else(|e| panic!("{level:?}: {e}"));
            for (way, options) in ways(level) {
                let got = results(
                    &model,
                    &reduced(Setup::jit_with(options), settings).strict(strict),
                );
                same_bits(&expected, &got)
                    .unwrap_or_else(|e| panic!("{name}, strict {strict}, {way}: {e}"));
            }
        }
        force_vectors(Level::detect()).unwrap_or_else(|e| panic!("{e}"));
    }
}

#[test]
fn vdp() {
    agrees("vdp.eq", &[("we", "5")], "rate_mean");
}

#[test]
fn clopath() {
    agrees("clopath.eq", &[("we", "5")], "rate_mean");
}

#[test]
fn meissner_bernard() {
    agrees("meissner_bernard.eq", &[("we", "5")], "rate_mean");
}

#[test]
fn lif() {
    agrees(
        "lif_statistics.eq",
        &[("warmup", "20*ms"), ("we", "5")],
        "F",
    );
}

#[test]
fn hh() {
    agrees(
        "hh_statistics.eq",
        &[("warmup", "20*ms"), ("we", "0.0025")],
        "F",
    );
}

/// Every model of the corpus that runs, by the interpreter and by machine code, with either stream of random numbers.
#[test]
fn every_model() {
    let _one = LEVEL.lock().unwrap_or_else(PoisonError::into_inner);
    let mut compared = 0;
    for (name, path) in [
        cases(&folder("conformance/models")),
        cases(&folder("reference")),
    ]
    .concat()
    {
        for (rng, strict) in [(Rng::Fast, false), (Rng::Brian2, true)] {
            let with = |setup: Setup| run(&path, &setup.rng(rng).strict(strict)).done();
            match (with(Setup::interpreter()), with(Setup::jit())) {
                (Ok(a), Ok(b)) => {
                    same_bits(&recorded(&a.results), &recorded(&b.results))
                        .unwrap_or_else(|e| panic!("{name}, {rng:?}, strict {strict}: {e}"));
                    compared += 1;
                }
                (Err(a), Err(b)) => assert_eq!(a, b, "{name}"),
                (Ok(_), Err(e)) => panic!("{name}: only machine code fails: {e}"),
                (Err(e), Ok(_)) => panic!("{name}: only the interpreter fails: {e}"),
            }
        }
    }
    assert!(compared >= 80, "only {compared} runs compared");
}

/// The same file twice gives the same bits; another seed does not.
#[test]
fn seeds() {
    let model = folder("../models/vdp.eq");
    let with = |seed: u64, rng: Rng| {
        results(
            &model,
            &reduced(Setup::jit(), &[("we", "5")]).seed(seed).rng(rng),
        )
    };
    for rng in [Rng::Fast, Rng::Brian2] {
        assert_eq!(same_bits(&with(1, rng), &with(1, rng)), Ok(()));
        assert!(
            same_bits(&with(1, rng), &with(2, rng)).is_err(),
            "{rng:?}: the seed has no effect"
        );
    }
    assert!(
        same_bits(&with(1, Rng::Fast), &with(1, Rng::Brian2)).is_err(),
        "--rng has no effect"
    );
}
