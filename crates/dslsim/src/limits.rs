//! What fits into memory, estimated before anything is allocated.

use dslsim_source::{Diagnostic, Span};

/// Assumed where the system does not tell.
const FALLBACK: u64 = 8 << 30;

/// Bytes of memory that can be used now (Linux: `MemAvailable`), or 8 GiB where the system does not tell.
pub(crate) fn available() -> u64 {
    let Ok(text) = std::fs::read_to_string("/proc/meminfo") else {
        return FALLBACK;
    };
    let line = text.lines().find_map(|l| l.strip_prefix("MemAvailable:"));
    let kib = line.and_then(|l| l.trim().trim_end_matches("kB").trim().parse::<u64>().ok());
    kib.map_or(FALLBACK, |k| k.saturating_mul(1024))
}

/// Refuses what would need more memory than there is.
///
/// # Errors
/// Tells how much it would take, and how much there is.
pub(crate) fn fits(what: &str, bytes: u64, span: Span) -> Result<(), Diagnostic> {
    let available = available();
    if bytes <= available {
        return Ok(());
    }
    let gib = |b: u64| b as f64 / f64::from(1 << 30);
    Err(Diagnostic::error(
        "too-large",
        span,
        format!(
            "{what} would take {:.1} GiB of memory, but only {:.1} GiB are available",
            gib(bytes),
            gib(available)
        ),
    )
    .help("make the model smaller, or record less"))
}
