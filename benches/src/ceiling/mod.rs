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
    is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512dq") && is_x86_feature_detected!("avx512vl") && is_x86_feature_detected!("fma")
}
