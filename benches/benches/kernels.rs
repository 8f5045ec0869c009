//! Updates of the models, each by hand and by every back end: time per element and step (CPU time of the thread).
//!
//! `cargo bench -p dslsim-benches --bench kernels`; the name of a group or a variant selects.

use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput};
use dslsim_benches::subject::subjects;

fn main() -> Result<(), String> {
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(2))
        .configure_from_args();
    for subject in subjects()? {
        let mut group = criterion.benchmark_group(&subject.name);
        for mut variant in subject.variants()? {
            group.throughput(Throughput::Elements(variant.units as u64));
            let name = variant.name.trim().to_owned();
            group.bench_function(BenchmarkId::from_parameter(name), |b| {
                b.iter_custom(|steps| Duration::from_secs_f64((variant.run)(steps as usize)));
            });
        }
        group.finish();
    }
    criterion.final_summary();
    Ok(())
}
