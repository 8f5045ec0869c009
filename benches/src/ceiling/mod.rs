//! The updates of the models by hand: AVX-512, one pass, invariants computed beforehand.
//!
//! They are what the machine code of dslsim is compared with, so they do the same work: neurons' voltages are gathered through
//! an index table, all state variables are loaded and stored once in each step. They are not careful where no model needs
//! it: subnormal bases of a power count as zero.

pub mod hh;
pub mod lif;
pub mod run;
pub mod vdp;
pub mod x8;

/// A line of the cache.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
pub struct Line(pub [f64; 8]);

/// An array of whole lines.
#[derive(Clone, Debug)]
pub struct Lines(pub Vec<Line>);

impl Lines {
    /// These values, and zeros to the end of the last line.
    pub fn of(values: &[f64]) -> Lines {
        let mut lines = vec![Line([0.0; 8]); values.len().div_ceil(8)];
        for (k, v) in values.iter().enumerate() {
            lines[k / 8].0[k % 8] = *v;
        }
        Lines(lines)
    }

    /// All elements, those behind the end included.
    pub fn all(&self) -> &[f64] {
        // SAFETY: a line is eight doubles without padding.
        unsafe { std::slice::from_raw_parts(self.0.as_ptr().cast(), 8 * self.0.len()) }
    }

    /// All elements, those behind the end included.
    pub fn all_mut(&mut self) -> &mut [f64] {
        // SAFETY: a line is eight doubles without padding.
        unsafe { std::slice::from_raw_parts_mut(self.0.as_mut_ptr().cast(), 8 * self.0.len()) }
    }
}

/// Whether this machine can execute them.
pub fn available() -> bool {
    is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512dq")
        && is_x86_feature_detected!("avx512vl")
        && is_x86_feature_detected!("fma")
}

/// `pow` and the logistic function beside those of `dslsim-math`, over as many elements as a kernel has.
pub fn routines() -> Vec<(&'static str, Vec<crate::measure::Variant<'static>>)> {
    use crate::measure::{Variant, now};
    use dslsim_math::{Fn1, Fn2, Level};

    const TIMES: usize = 50;
    const EXPONENT: f64 = 0.995_741;
    fn variant(
        name: &str,
        n: usize,
        mut f: impl FnMut(&mut Lines, &Lines) + 'static,
    ) -> Variant<'static> {
        let source = Lines::of(
            &(0..n)
                .map(|k| 0.1 + 0.8 * k as f64 / n as f64)
                .collect::<Vec<_>>(),
        );
        let mut sink = source.clone();
        let run = move |repetitions: usize| {
            let begun = now();
            for _ in 0..repetitions {
                f(
                    std::hint::black_box(&mut sink),
                    std::hint::black_box(&source),
                );
            }
            now() - begun
        };
        Variant {
            name: name.into(),
            units: n,
            repetitions: TIMES * 200 / n,
            run: Box::new(run),
        }
    }
    #[target_feature(enable = "avx512f,avx512dq,avx512vl,fma")]
    fn pow(sink: &mut Lines, source: &Lines) {
        for (d, s) in sink.0.iter_mut().zip(&source.0) {
            x8::store(d, x8::pow(x8::load(s), x8::set(EXPONENT)));
        }
    }
    #[target_feature(enable = "avx512f,avx512dq,avx512vl,fma")]
    fn logistic(sink: &mut Lines, source: &Lines) {
        for (d, s) in sink.0.iter_mut().zip(&source.0) {
            x8::store(d, x8::logistic(x8::load(s)));
        }
    }
    let mut all = Vec::new();
    for n in [96, 100, 200] {
        let uniform = Fn2::Pow.slice_uniform(Level::V512);
        let slice = Fn1::Logistic.slice(Level::V512);
        let title = match n {
            96 => "routines, n = 96",
            100 => "routines, n = 100",
            _ => "routines, n = 200",
        };
        all.push((
            title,
            vec![
                // SAFETY: called only where `available`.
                variant("pow by hand", n, |d, s| unsafe { pow(d, s) }),
                // SAFETY: n elements each; the level is there.
                variant("pow of dslsim-math", n, move |d, s| unsafe {
                    uniform(d.all_mut().as_mut_ptr(), s.all().as_ptr(), EXPONENT, n)
                }),
                // SAFETY: called only where `available`.
                variant("logistic by hand", n, |d, s| unsafe { logistic(d, s) }),
                // SAFETY: n elements each; the level is there.
                variant("logistic of dslsim-math", n, move |d, s| unsafe {
                    slice(d.all_mut().as_mut_ptr(), s.all().as_ptr(), n)
                }),
            ],
        ));
    }
    all
}
