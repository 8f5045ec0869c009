//! Time, and variants in turn.

use std::fmt;

/// CPU time of this thread in seconds; wall time where that is not to be had.
#[cfg(target_os = "linux")]
pub fn now() -> f64 {
    #[repr(C)]
    struct Timespec {
        seconds: i64,
        nanoseconds: i64,
    }
    const CLOCK_THREAD_CPUTIME_ID: i32 = 3;
    unsafe extern "C" {
        fn clock_gettime(clock: i32, time: *mut Timespec) -> i32;
    }
    let mut time = Timespec {
        seconds: 0,
        nanoseconds: 0,
    };
    // SAFETY: `time` has the layout of the C type on 64-bit Linux.
    unsafe { clock_gettime(CLOCK_THREAD_CPUTIME_ID, &raw mut time) };
    time.seconds as f64 + 1e-9 * time.nanoseconds as f64
}

/// CPU time of this thread in seconds; wall time where that is not to be had.
#[cfg(not(target_os = "linux"))]
pub fn now() -> f64 {
    use std::sync::OnceLock;
    use std::time::Instant;
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed().as_secs_f64()
}

/// Something to be measured.
pub struct Variant<'a> {
    /// Its name in the table.
    pub name: String,
    /// Units of work of one repetition.
    pub units: usize,
    /// Repetitions of one sample.
    pub repetitions: usize,
    /// So many repetitions, in seconds.
    pub run: Box<dyn FnMut(usize) -> f64 + 'a>,
}

/// A row of a table, in nanoseconds.
#[derive(Clone, Debug)]
pub struct Row {
    /// The variant.
    pub name: String,
    /// The middle sample.
    pub median: f64,
    /// One in ten samples is below: the machine at rest.
    pub p10: f64,
    /// `p10` divided by that of the first variant.
    pub ratio: f64,
}

/// Samples all variants in turn, so that all see the same states of the machine.
pub fn in_turn(rounds: usize, variants: &mut [Variant<'_>]) -> Vec<Row> {
    let mut samples = vec![Vec::with_capacity(rounds); variants.len()];
    for _ in 0..rounds {
        for (variant, samples) in variants.iter_mut().zip(&mut samples) {
            samples.push(
                (variant.run)(variant.repetitions) * 1e9
                    / (variant.repetitions * variant.units) as f64,
            );
        }
    }
    let mut first = None;
    let row = |(variant, mut samples): (&mut Variant<'_>, Vec<f64>)| {
        samples.sort_by(f64::total_cmp);
        let p10 = samples[rounds / 10];
        Row {
            name: variant.name.clone(),
            median: samples[rounds / 2],
            p10,
            ratio: p10 / *first.get_or_insert(p10),
        }
    };
    variants.iter_mut().zip(samples).map(row).collect()
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:<34} | {:>8.2} | {:>8.2} | {:>6.2}",
            self.name, self.median, self.p10, self.ratio
        )
    }
}
