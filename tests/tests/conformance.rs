//! The corpus of models with what Brian2 gave for them: `conformance/README.md`.
//!
//! Each model is one test. Seeded models are run with Brian2's stream of random numbers.

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use dslsim::Rng;
use dslsim_tests::{Pending, Setup, Tolerances, cases, compare, folder, golden, recorded, run};
use libtest_mimic::{Arguments, Failed, Trial};

/// Models whose features are missing.
const NOT_YET: Pending = Pending(&[]);

fn head<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let comments = text
        .lines()
        .take(15)
        .filter_map(|line| line.strip_prefix('#'));
    comments
        .map(str::trim)
        .find_map(|line| line.strip_prefix(word))
}

fn check(name: &str, path: &Path, text: &str, setup: Setup) -> Result<(), Failed> {
    let seeded = head(text, "rng:").is_some_and(|stream| stream.trim() == "brian2");
    let setup = setup.rng(if seeded { Rng::Brian2 } else { Rng::Fast });
    NOT_YET.judge(name, run(path, &setup), |finished| {
        let golden = golden(&folder("conformance/golden").join(format!("{name}.npz")));
        let wrong = compare(
            &golden,
            &recorded(&finished.results),
            &Tolerances::of(text, 1e-9),
        );
        if wrong.is_empty() {
            Ok(())
        } else {
            Err(wrong.join("\n"))
        }
    })?;
    Ok(())
}

fn main() -> ExitCode {
    let models = cases(&folder("conformance/models"));
    let names: Vec<String> = models.iter().map(|(name, _)| name.clone()).collect();
    let mut trials = vec![Trial::test(
        "the list of what is missing names models",
        move || match NOT_YET.unknown(&names).as_slice() {
            [] => Ok(()),
            unknown => Err(format!("no such models: {unknown:?}").into()),
        },
    )];
    for (name, path) in models {
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(e) => {
                trials.push(Trial::test(name, move || Err(e.into())));
                continue;
            }
        };
        if head(&text, "fragment").is_some() {
            continue;
        }
        let state = NOT_YET.missing(&name).map_or("", |_| " (not yet)");
        let kinds = [("jit", Setup::jit()), ("interpreter", Setup::interpreter())];
        for (kind, setup) in kinds {
            let (model, path, text) = (name.clone(), path.clone(), text.clone());
            trials.push(Trial::test(format!("{name}::{kind}{state}"), move || {
                check(&model, &path, &text, setup)
            }));
        }
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}
