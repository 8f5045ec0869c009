//! The fuzz targets without a fuzzer: on every model of the project, on the inputs kept in `tests/fuzz/corpus`, and on some
//! mutations of models.
//!
//! `DSLSIM_MUTATIONS` is the number of mutations of each model (2 by default), `DSLSIM_MUTATIONS_FROM` the first one's number.

#![allow(clippy::panic, reason = "a test fails by a panic, in its helpers too")]

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::thread;

use dslsim_tests::fuzz::{check, parse, simulate};
use dslsim_tests::mutate::mutated;
use dslsim_tests::{cases, folder};

/// As large as that of `dslsim`.
const STACK: usize = 64 << 20;

/// Larger models are for other tests.
const LARGEST: usize = 4000;

type Target = fn(&[u8]);

/// Models of the project that are not made to take long.
fn models() -> Vec<(String, String)> {
    let mut all = Vec::new();
    for place in [
        "../models",
        "conformance/models",
        "bad-models",
        "extensions",
    ] {
        for (name, path) in cases(&folder(place)) {
            let text = fs::read_to_string(path).unwrap_or_default();
            if !text.is_empty() && text.len() < LARGEST {
                all.push((format!("{place}/{name}"), text));
            }
        }
    }
    all
}

/// Inputs of a target that once were findings, or reach what others do not.
fn kept(target: &str) -> Vec<(String, Vec<u8>)> {
    let place = folder("fuzz/corpus").join(target);
    let read = |path: &Path| {
        let name = path.file_name()?.to_string_lossy().into_owned();
        Some((name, fs::read(path).ok()?))
    };
    let mut all: Vec<_> = place
        .read_dir()
        .unwrap_or_else(|e| panic!("{}: {e}", place.display()))
        .filter_map(|entry| read(&entry.ok()?.path()))
        .collect();
    all.sort();
    assert!(!all.is_empty(), "no inputs in {}", place.display());
    all
}

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name)
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(otherwise)
}

/// Every input is tried; all that fail are told.
fn all_hold(target: Target, inputs: Vec<(String, Vec<u8>)>) {
    let work = move || {
        let failed: Vec<String> = inputs
            .into_iter()
            .filter(|(_, data)| catch_unwind(AssertUnwindSafe(|| target(data))).is_err())
            .map(|(name, data)| format!("{name}:\n{}", String::from_utf8_lossy(&data)))
            .collect();
        assert!(
            failed.is_empty(),
            "{} inputs fail:\n{}",
            failed.len(),
            failed.join("\n\n")
        );
    };
    let thread = thread::Builder::new().stack_size(STACK).spawn(work);
    let ended = thread.unwrap_or_else(|e| panic!("{e}")).join();
    if let Err(panic) = ended {
        std::panic::resume_unwind(panic);
    }
}

/// What is kept, the models, and mutations of them.
fn replayed(name: &str, target: Target) {
    let mut inputs = kept(name);
    let (from, count) = (
        number("DSLSIM_MUTATIONS_FROM", 0),
        number("DSLSIM_MUTATIONS", 2),
    );
    for (model, text) in models() {
        for seed in from..from + count {
            inputs.push((
                format!("{model}, mutation {seed}"),
                mutated(&text, seed).into_bytes(),
            ));
        }
        inputs.push((model, text.into_bytes()));
    }
    all_hold(target, inputs);
}

#[test]
fn parsing() {
    replayed("parse", parse);
}

#[test]
fn checking() {
    replayed("check", check);
}

#[test]
fn simulating() {
    replayed("simulate", simulate);
}
