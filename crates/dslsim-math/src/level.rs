//! Which vector instructions the routines use.
//!
//! The choice changes speed only, never a result. A process has one level, chosen at first use as
//! the best the processor has; [`force`] changes it (tests, and the command line's choice).

use std::fmt;
use std::str::FromStr;
use std::sync::atomic::{AtomicU8, Ordering};

/// A set of vector instructions, from the least to the most capable.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum Level {
    /// One lane, `f64::mul_add`; right on any processor.
    Portable = 0,
    /// Two lanes: x86-64 with AVX and FMA.
    V128 = 1,
    /// Four lanes: x86-64 with AVX2 and FMA.
    V256 = 2,
    /// Eight lanes: x86-64 with AVX-512 F, DQ and VL.
    V512 = 3,
}

impl Level {
    /// All levels, the least capable first.
    pub const ALL: [Level; 4] = [Level::Portable, Level::V128, Level::V256, Level::V512];

    /// The best level that this processor supports.
    #[must_use]
    pub fn detect() -> Level {
        Level::from_code(BEST.load(Ordering::Relaxed)).unwrap_or_else(|| {
            let best = Level::detect_now();
            BEST.store(best as u8, Ordering::Relaxed);
            best
        })
    }

    fn detect_now() -> Level {
        #[cfg(target_arch = "x86_64")]
        {
            let fma = is_x86_feature_detected!("avx") && is_x86_feature_detected!("fma");
            let avx2 = fma && is_x86_feature_detected!("avx2");
            let avx512 = avx2
                && is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512dq")
                && is_x86_feature_detected!("avx512vl");
            if avx512 {
                return Level::V512;
            }
            if avx2 {
                return Level::V256;
            }
            if fma {
                return Level::V128;
            }
        }
        Level::Portable
    }

    /// Number of `f64` lanes that one operation works on.
    #[must_use]
    pub const fn lanes(self) -> usize {
        match self {
            Level::Portable => 1,
            Level::V128 => 2,
            Level::V256 => 4,
            Level::V512 => 8,
        }
    }

    /// Whether this processor can run the level.
    #[must_use]
    pub fn is_supported(self) -> bool {
        self <= Level::detect()
    }

    /// This level, or the best supported one if the processor cannot run it.
    pub(crate) fn supported(self) -> Level {
        self.min(Level::detect())
    }

    const fn from_code(code: u8) -> Option<Level> {
        match code {
            0 => Some(Level::Portable),
            1 => Some(Level::V128),
            2 => Some(Level::V256),
            3 => Some(Level::V512),
            _ => None,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Level::Portable => "portable",
            Level::V128 => "128",
            Level::V256 => "avx2",
            Level::V512 => "avx512",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The text is not the name of a level.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ParseLevelError(String);

impl fmt::Display for ParseLevelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "no vector level is called '{}'; the levels are portable, 128, avx2 and avx512",
            self.0
        )
    }
}

impl std::error::Error for ParseLevelError {}

impl FromStr for Level {
    type Err = ParseLevelError;

    fn from_str(text: &str) -> Result<Level, ParseLevelError> {
        Level::ALL
            .into_iter()
            .find(|level| level.name() == text)
            .ok_or_else(|| ParseLevelError(text.to_owned()))
    }
}

/// The processor cannot run the level asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Unsupported {
    /// The level that was asked for.
    pub wanted: Level,
    /// The best level that the processor has.
    pub best: Level,
}

impl fmt::Display for Unsupported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "this processor cannot run vector level {}; its best is {}",
            self.wanted, self.best
        )
    }
}

impl std::error::Error for Unsupported {}

const UNSET: u8 = u8::MAX;
/// The level in force.
static LEVEL: AtomicU8 = AtomicU8::new(UNSET);
/// What `Level::detect` found.
static BEST: AtomicU8 = AtomicU8::new(UNSET);

/// Sets the level of the whole process, before or after the first use.
///
/// # Errors
/// [`Unsupported`] if the processor lacks the instructions; the level then stays as it was.
pub fn force(level: Level) -> Result<(), Unsupported> {
    let best = Level::detect();
    if level > best {
        return Err(Unsupported {
            wanted: level,
            best,
        });
    }
    LEVEL.store(level as u8, Ordering::Relaxed);
    Ok(())
}

/// The level of the process: what [`force`] set last, else the best the processor has.
#[must_use]
pub fn level() -> Level {
    Level::from_code(LEVEL.load(Ordering::Relaxed)).unwrap_or_else(Level::detect)
}
