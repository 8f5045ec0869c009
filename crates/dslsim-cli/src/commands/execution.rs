//! How models are executed: the options that `run` and `sweep` share.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use clap::ValueEnum;
use dslsim::{Level, Options, Rng};
use dslsim_source::Severity;

use super::wrong_usage;
use crate::exit::Exit;
use crate::machine;
use crate::messages::{self, Form};

/// Options of whatever executes models.
#[derive(clap::Args)]
pub struct Execution {
    /// Another value for a parameter of the model, e.g. 'tau=20*ms'; may be given several times
    #[arg(long = "set", value_name = "NAME=EXPR", value_parser = setting)]
    pub settings: Vec<(String, String)>,
    /// Use this seed instead of the file's
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// The stream of random numbers
    #[arg(long, value_enum, default_value_t, value_name = "STREAM")]
    pub rng: Stream,
    /// Compute every operation exactly as written, without any re-association
    #[arg(long)]
    pub strict_math: bool,
    /// What executes the model
    #[arg(long, value_enum, default_value_t, value_name = "BACKEND")]
    pub backend: machine::Choice,
    /// Sweeps start anew: what their stores hold is removed
    #[arg(long)]
    pub fresh: bool,
    /// A further folder that the model may read files from (includes, arrays); may be given several times
    #[arg(long, value_name = "DIR")]
    pub allow_read: Vec<PathBuf>,
    /// Refuse a model that would take more memory than this, e.g. 500M, 4G [default: what is available]
    #[arg(long, value_name = "BYTES", value_parser = bytes)]
    pub max_memory: Option<u64>,
    /// Go on with a warning when a variable becomes NaN or infinite
    #[arg(long)]
    pub allow_nan: bool,
    /// Neither progress nor summary: only errors, warnings and what the model prints
    #[arg(long)]
    pub quiet: bool,
    /// How messages are shown
    #[arg(long, value_enum, default_value_t, value_name = "FORM")]
    pub message_format: Form,
    /// The level of the vector routines: portable, 128, avx2, avx512 (no result depends on it)
    #[arg(long, hide = true, value_name = "LEVEL")]
    vector: Option<Level>,
    /// Elements per strip (no result depends on it)
    #[arg(long, hide = true, value_name = "N", value_parser = clap::value_parser!(u32).range(8..=4096))]
    chunk: Option<u32>,
}

/// The stream of random numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Stream {
    /// Counter-based, made for speed
    #[default]
    Fast,
    /// Draws exactly what Brian2's numpy target draws
    Brian2,
}

/// `NAME=EXPR`, taken apart.
pub fn setting(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() && !value.trim().is_empty() => {
            Ok((name.trim().into(), value.into()))
        }
        _ => Err("write NAME=EXPR, for example tau=20*ms".into()),
    }
}

/// A positive number of seconds.
pub fn positive(text: &str) -> Result<f64, String> {
    let seconds: f64 = text.parse().map_err(|_| "it is not a number".to_owned())?;
    if seconds > 0.0 {
        Ok(seconds)
    } else {
        Err("it must be positive".into())
    }
}

/// A number of bytes: `1000000`, `500M`, `4G` (powers of 1024).
fn bytes(text: &str) -> Result<u64, String> {
    let lower = text.trim().to_ascii_lowercase();
    let lower = lower.trim_end_matches('b').trim_end_matches('i');
    let (number, power) = match lower.char_indices().last() {
        Some((at, 'k')) => (&lower[..at], 10),
        Some((at, 'm')) => (&lower[..at], 20),
        Some((at, 'g')) => (&lower[..at], 30),
        Some((at, 't')) => (&lower[..at], 40),
        _ => (lower, 0),
    };
    match number.trim().parse::<f64>() {
        Ok(x) if x > 0.0 && x.is_finite() => Ok((x * (1_u64 << power) as f64) as u64),
        _ => Err("write a number of bytes, for example 500M or 4G".into()),
    }
}

impl Execution {
    /// Looks at what is wrong before anything is read, and takes the vector routines.
    ///
    /// # Errors
    /// How the command ends.
    pub fn prepare(&self) -> Result<(), Exit> {
        if self.rng == Stream::Brian2 && self.seed.is_some_and(|s| u32::try_from(s).is_err()) {
            return Err(wrong_usage(
                "with `--rng brian2` a seed is at most 4294967295, as in numpy",
            ));
        }
        machine::force_vectors(self.vector).map_err(|message| wrong_usage(&message))
    }

    /// The options for the library.
    ///
    /// # Errors
    /// How the command ends if no machine code can be made here.
    pub fn options(&self, stop: Arc<AtomicBool>) -> Result<Options, Exit> {
        let backend = machine::backend(self.backend, self.chunk.map(|n| n as usize));
        let backend = backend.map_err(|message| {
            messages::note(
                Severity::Error,
                "no-backend",
                "command line",
                &message,
                self.message_format,
            );
            Exit::Failed
        })?;
        Ok(Options {
            settings: self.settings.clone(),
            seed: self.seed,
            rng: if self.rng == Stream::Brian2 {
                Rng::Brian2
            } else {
                Rng::Fast
            },
            strict: self.strict_math,
            allow_nan: self.allow_nan,
            max_memory: self.max_memory,
            fresh: self.fresh,
            stop,
            ..Options::new(backend)
        })
    }
}
