//! dslsim's kernels and its whole run beside the same by hand, as compact tables.
//!
//! ```text
//! cargo run --release -p dslsim-benches --bin ceiling              the kernels, then the whole run
//! cargo run --release -p dslsim-benches --bin ceiling -- kernels   only the kernels
//! cargo run --release -p dslsim-benches --bin ceiling -- run       only the run
//! cargo run --release -p dslsim-benches --bin ceiling -- profile   where the time of the five models goes
//! cargo run --release -p dslsim-benches --bin ceiling -- dump NAME the kernels of a model
//! ```
//!
//! The variants of a table take turns in one process; CPU time of the thread; `ratio` is that of the p10 columns.

#![allow(clippy::print_stdout, reason = "it prints a table")]

use std::sync::Arc;

use dslsim::{Jit, Options};
use dslsim_benches::capture::{execute, kernels, options};
use dslsim_benches::measure::{Row, Variant, in_turn};
use dslsim_benches::subject::subjects;

const ROUNDS: usize = 101;

fn main() -> Result<(), String> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    println!("{}", dslsim::describe_backend());
    match arguments
        .iter()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .as_slice()
    {
        [] => {
            kernel_tables()?;
            whole_run()
        }
        ["kernels"] => kernel_tables(),
        ["run"] => whole_run(),
        ["profile"] => profile(),
        ["dump", name] => dump(name),
        _ => Err("one of: kernels, run, profile, dump NAME".into()),
    }
}

fn jit() -> Result<Arc<Jit>, String> {
    Jit::new().map(Arc::new).map_err(|e| e.to_string())
}

fn table(title: &str, unit: &str, rows: &[Row]) {
    println!(
        "\n{title} ({unit})\n{:<34} | {:>8} | {:>8} | {:>6}",
        "", "median", "p10", "ratio"
    );
    rows.iter().for_each(|r| println!("{r}"));
}

fn kernel_tables() -> Result<(), String> {
    for subject in subjects()? {
        table(
            &subject.name,
            "ns per element and step",
            &in_turn(ROUNDS, &mut subject.variants()?),
        );
    }
    #[cfg(target_arch = "x86_64")]
    if dslsim_benches::ceiling::available() {
        for (title, mut variants) in dslsim_benches::ceiling::routines() {
            table(title, "ns per element", &in_turn(ROUNDS, &mut variants));
        }
    }
    Ok(())
}

/// models/vdp.eq at 51 and 51 Hz.
fn whole_run() -> Result<(), String> {
    const STEPS: u64 = 20_000;
    let mut variants = Vec::new();
    let mut told = Vec::new();
    #[cfg(target_arch = "x86_64")]
    if dslsim_benches::ceiling::available() {
        let run = |_: usize| {
            let begun = dslsim_benches::measure::now();
            // SAFETY: available, as just asked.
            std::hint::black_box(unsafe { dslsim_benches::ceiling::run::vdp(STEPS, 51.0) });
            dslsim_benches::measure::now() - begun
        };
        variants.push(Variant {
            name: "by hand, AVX-512".into(),
            units: STEPS as usize,
            repetitions: 1,
            run: Box::new(run),
        });
        // SAFETY: available, as just asked.
        let outcome = unsafe { dslsim_benches::ceiling::run::vdp(100_000, 51.0) };
        let mean = outcome.rate.iter().sum::<f64>() / outcome.rate.len() as f64;
        told.push(format!(
            "by hand: {mean:.2} Hz, w_E {:.2} %, w_I {:.2} %",
            outcome.weights[0], outcome.weights[1]
        ));
    }
    let settings = [("duration", "2*second")];
    for (name, strict) in [("dslsim", false), ("dslsim, strict", true)] {
        let backend = jit()?;
        execute(
            "vdp",
            Options {
                strict,
                ..options(backend.clone(), &settings)
            },
        )?;
        let run = move |_: usize| {
            execute(
                "vdp",
                Options {
                    strict,
                    ..options(backend.clone(), &settings)
                },
            )
            .map_or(f64::NAN, |(_, s)| s)
        };
        variants.push(Variant {
            name: name.into(),
            units: STEPS as usize,
            repetitions: 1,
            run: Box::new(run),
        });
    }
    let (finished, _) = execute("vdp", options(jit()?, &[]))?;
    let value = |name: &str| {
        finished.results.arrays.get(name).map_or(f64::NAN, |r| {
            let n = r.shape.iter().product::<usize>();
            (0..n)
                .map(|k| r.array.get_f64(k).unwrap_or(f64::NAN))
                .sum::<f64>()
                / n as f64
        })
    };
    told.push(format!(
        "dslsim:  {:.2} Hz, w_E {:.2} %, w_I {:.2} %",
        value("rate_mean"),
        value("w_E"),
        value("w_I")
    ));
    table(
        "models/vdp.eq, 51 and 51 Hz, the whole loop",
        "ns per step of 0.1 ms",
        &in_turn(31, &mut variants),
    );
    told.iter().for_each(|t| println!("  10 s {t}"));
    Ok(())
}

fn profile() -> Result<(), String> {
    let settings = [("duration", "2*second")];
    for name in [
        "vdp",
        "clopath",
        "meissner_bernard",
        "lif_statistics",
        "hh_statistics",
    ] {
        // The profile is wall time: of several, the least of each operation is the one without interruptions.
        let mut least: Vec<(String, f64)> = Vec::new();
        let mut plain = f64::INFINITY;
        for _ in 0..9 {
            let profiled = Options {
                profile: true,
                ..options(jit()?, &settings)
            };
            let (f, _) = execute(name, profiled)?;
            for (at, part) in f.parts.iter().enumerate() {
                let us = part.seconds * 1e6 / f.steps as f64;
                match least.get_mut(at) {
                    Some(known) => known.1 = known.1.min(us),
                    None => least.push((part.name.clone(), us)),
                }
            }
            let (f, seconds) = execute(name, options(jit()?, &settings))?;
            plain = plain.min(seconds * 1e6 / f.steps as f64);
        }
        let sum: f64 = least.iter().map(|p| p.1).sum();
        println!(
            "\n{name}: {plain:.2} µs per step; by operation (with the clock), {sum:.2} in all"
        );
        for (part, us) in least {
            println!("  {part:<44} {us:>6.3}");
        }
    }
    Ok(())
}

fn dump(name: &str) -> Result<(), String> {
    for captured in kernels(name, &[("duration", "0.1*second")], 10, false)? {
        println!("{}", captured.kernel.kernel());
    }
    Ok(())
}
