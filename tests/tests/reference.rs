//! Every recorded value of the deterministic reference simulations, as Brian2 computed it: `reference/README.md`.
//!
//! Each model is one test for each back end.

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use dslsim_tests::{Pending, Setup, Tolerances, cases, compare, folder, golden, recorded, run};
use libtest_mimic::{Arguments, Failed, Trial};

/// Models whose features are missing.
const NOT_YET: Pending = Pending(&[]);

fn check(name: &str, path: &Path, setup: &Setup) -> Result<(), Failed> {
    NOT_YET.judge(name, run(path, setup), |finished| {
        let golden = golden(&folder("reference/golden").join(format!("{name}.npz")));
        let tolerances =
            Tolerances::of(&fs::read_to_string(path).map_err(|e| e.to_string())?, 1e-10);
        let wrong = compare(&golden, &recorded(&finished.results), &tolerances);
        if wrong.is_empty() {
            Ok(())
        } else {
            Err(wrong.join("\n"))
        }
    })?;
    Ok(())
}

fn main() -> ExitCode {
    let models = cases(&folder("reference"));
    let names: Vec<String> = models.iter().map(|(name, _)| name.clone()).collect();
    let mut trials = vec![Trial::test(
        "the list of what is missing names models",
        move || match NOT_YET.unknown(&names).as_slice() {
            [] => Ok(()),
            unknown => Err(format!("no such models: {unknown:?}").into()),
        },
    )];
    for (name, path) in models {
        let state = NOT_YET.missing(&name).map_or("", |_| " (not yet)");
        for (kind, setup) in [("jit", Setup::jit()), ("interpreter", Setup::interpreter())] {
            let (model, path) = (name.clone(), path.clone());
            trials.push(Trial::test(format!("{name}::{kind}{state}"), move || {
                check(&model, &path, &setup)
            }));
        }
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}
