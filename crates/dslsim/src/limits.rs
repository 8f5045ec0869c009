//! What fits into memory, estimated before anything is allocated.

use std::path::Path;

use dslsim_source::{Diagnostic, Span};

/// Assumed where the system does not tell.
const FALLBACK: u64 = 8 << 30;

/// How much memory may be used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Limits {
    /// As the user says: `--max-memory`.
    pub memory: Option<u64>,
}

/// Bytes of memory that can be used now (Linux: `MemAvailable`, or less if the process is limited by `ulimit -v`), or 8 GiB
/// where the system does not tell.
fn available() -> u64 {
    let meminfo = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let kib = field(&meminfo, "MemAvailable:");
    let free = kib.map_or(FALLBACK, |k| k.saturating_mul(1024));
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    match field(&limits, "Max address space") {
        Some(limit) => {
            let used = field(&status, "VmSize:").map_or(0, |k| k.saturating_mul(1024));
            free.min(limit.saturating_sub(used))
        }
        None => free,
    }
}

/// The first number of the line that begins so; `None` if there is none, or it is `unlimited`.
fn field(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|l| l.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}

/// Bytes of recordings that stay in memory, unless less memory may be used.
const RECORDINGS: u64 = 128 << 20;

impl Limits {
    /// Bytes of recordings that stay in memory; the others are moved into a file.
    pub(crate) fn recordings(self) -> u64 {
        self.memory.map_or(RECORDINGS, |m| RECORDINGS.min(m / 4))
    }

    /// Refuses what would need more memory than there is.
    ///
    /// # Errors
    /// Tells how much it would take, and how much there is.
    pub(crate) fn fits(self, what: &str, bytes: u64, span: Span) -> Result<(), Diagnostic> {
        let allowed = self.memory.unwrap_or(u64::MAX);
        let available = available().min(allowed);
        if bytes <= available {
            return Ok(());
        }
        let limit = if available == allowed {
            format!("the limit (--max-memory) is {}", amount(available))
        } else {
            format!("only {} are available", amount(available))
        };
        Err(Diagnostic::error(
            "too-large",
            span,
            format!("{what} would take {} of memory, but {limit}", amount(bytes)),
        )
        .help("make the model smaller, or record less"))
    }
}

/// Refuses recordings for which the disk of a folder has no room; `bytes`: of the recordings, `all`: with their results.
///
/// # Errors
/// Tells how much it would take, and how much there is.
pub(crate) fn disk_has_room(
    folder: &Path,
    bytes: u64,
    all: u64,
    span: Span,
) -> Result<(), Diagnostic> {
    let Some(free) = free_on_disk(folder).filter(|free| *free < all) else {
        return Ok(());
    };
    let message = format!(
        "this run would record {}, and take {} of disk with the results, but only {} are free on the disk of `{}`",
        amount(bytes),
        amount(all),
        amount(free),
        folder.display()
    );
    Err(Diagnostic::error("too-large", span, message).help(
        "record fewer elements or a larger `dt`, or choose a folder on another disk (`--out`)",
    ))
}

/// Bytes that are free where a folder is, or is to be; `None` where the system does not tell.
#[cfg(unix)]
fn free_on_disk(folder: &Path) -> Option<u64> {
    let absolute = std::path::absolute(folder).ok()?;
    let existing = absolute.ancestors().find(|p| p.exists())?;
    let disk = rustix::fs::statvfs(existing).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}

#[cfg(not(unix))]
fn free_on_disk(_: &Path) -> Option<u64> {
    None
}

/// `1.5 GiB`, `20 KiB`
fn amount(bytes: u64) -> String {
    let bytes = bytes as f64;
    for (power, name) in [(40, "TiB"), (30, "GiB"), (20, "MiB"), (10, "KiB")] {
        let unit = (1_u64 << power) as f64;
        if bytes >= 0.95 * unit {
            return format!("{:.1} {name}", bytes / unit);
        }
    }
    format!("{bytes} bytes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_of_the_system_and_of_the_user() {
        assert!(available() > 0);
        let none = Limits { memory: None };
        assert!(none.fits("it", 1, Span::default()).is_ok());
        assert!(none.fits("it", u64::MAX, Span::default()).is_err());
        let some = Limits {
            memory: Some(3 << 20),
        };
        assert!(some.fits("it", 3 << 20, Span::default()).is_ok());
        let told = some
            .fits("it", 5 << 20, Span::default())
            .map_err(|d| d.message);
        let message = "it would take 5.0 MiB of memory, but the limit (--max-memory) is 3.0 MiB";
        assert_eq!(told, Err(message.to_owned()));
    }

    #[test]
    fn fields() {
        let text = "Max cpu time              unlimited            unlimited            seconds\n\
                    Max address space         4194304              unlimited            bytes\n";
        assert_eq!(field(text, "Max address space"), Some(4_194_304));
        assert_eq!(field(text, "Max cpu time"), None);
    }
}
