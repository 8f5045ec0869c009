//! One simulated second of each model at full size: the time of the steps (CPU time of the thread), without reading the
//! model, compiling, or what the model does with its recordings.
//!
//! `cargo bench -p dslsim-benches --bench models`

use std::sync::Arc;
use std::time::Duration;

use criterion::{Criterion, Throughput};
use dslsim::Jit;
use dslsim_benches::capture::{execute, options};

fn main() -> Result<(), String> {
    let jit = Arc::new(Jit::new().map_err(|e| e.to_string())?);
    let mut criterion = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
        .configure_from_args();
    let mut group = criterion.benchmark_group("one second of a model");
    for name in [
        "vdp",
        "clopath",
        "meissner_bernard",
        "lif_statistics",
        "hh_statistics",
    ] {
        let mut settings = vec![("duration", "1*second")];
        if name.ends_with("statistics") {
            settings.push(("warmup", "0*second"));
        }
        let (finished, _) = execute(name, options(jit.clone(), &settings))?;
        group.throughput(Throughput::Elements(finished.steps));
        group.bench_function(name, |b| {
            b.iter_custom(|times| {
                let once = |_| {
                    execute(name, options(jit.clone(), &settings))
                        .map_or(f64::NAN, |(_, seconds)| seconds)
                };
                let seconds: f64 = (0..times).map(once).sum();
                Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
            });
        });
    }
    group.finish();
    criterion.final_summary();
    Ok(())
}
