//! What a run has given, and how it is written.
//!
//! One `.npy` file for each array (C order, SI base units, named as the user would write it), and `run.json`, which says
//! what they are. Every file appears under its final name only when it is complete.

mod away;
mod collect;
mod npy;
mod place;
mod snapshots;
mod summary;

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use dslsim_script::{Array, Value};
use indexmap::IndexMap;

use crate::session::{PartSeconds, Timing};

pub use away::Away;
pub(crate) use collect::collect;
pub(crate) use npy::{read_npy, write_array};
pub(crate) use place::{Outside, prepared, relative, within};
pub(crate) use snapshots::{read_snapshots, write_snapshots};
pub(crate) use summary::parameter;

use npy::write_npz;
use summary::describe;

/// An array to be written.
#[derive(Clone, Debug)]
pub struct Result {
    /// Its elements, in SI base units; empty if they are in a file.
    pub array: Array,
    /// The elements, if they are in a file.
    pub away: Option<Away>,
    /// Lengths of its axes; empty for a single number.
    pub shape: Vec<usize>,
    /// What it is.
    pub meaning: String,
}

/// An object of the network, for the summary.
#[derive(Clone, Debug)]
pub struct ObjectSummary {
    /// The user's name for it.
    pub name: String,
    /// `NeuronGroup`, …
    pub class: &'static str,
    /// Number of elements.
    pub size: usize,
    /// Spikes, for monitors that count them.
    pub spikes: Option<u64>,
    /// Seconds recorded, for monitors.
    pub seconds: Option<f64>,
    /// Its equations, as written.
    pub equations: Vec<String>,
}

/// All that a run has given.
#[derive(Clone, Debug, Default)]
pub struct Recorded {
    /// The model file, as given.
    pub model: String,
    /// The hash of all files read.
    pub hash: String,
    /// Parameters as run.
    pub parameters: Vec<(String, Value)>,
    /// Arrays by name.
    pub arrays: IndexMap<String, Result>,
    /// Names of what the model saves, in the order of saving.
    pub saved: Vec<String>,
    /// Objects.
    pub objects: Vec<ObjectSummary>,
    /// Pictures.
    pub pictures: Vec<crate::pictures::Drawn>,
    /// Time of the model at the end, in seconds.
    pub t: f64,
    /// Time step of the default clock, in seconds.
    pub dt: f64,
    /// The seed.
    pub seed: Option<u64>,
    /// The random stream.
    pub rng: &'static str,
    /// The time of the model at which the last run went on from a checkpoint, in seconds.
    pub resumed: Option<f64>,
    /// What executed the kernels.
    pub backend: &'static str,
}

/// How arrays are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// A `.npy` file each.
    #[default]
    Npy,
    /// One `.npz` file.
    Npz,
}

/// Writes all results into a folder.
///
/// `timing` is completed with the time of writing.
///
/// # Errors
/// If the folder or a file cannot be written; nothing incomplete stands under a final name.
pub fn write(
    folder: &Path,
    recorded: &Recorded,
    format: Format,
    timing: &Timing,
    parts: &[PartSeconds],
    warnings: &[String],
    interrupted: Option<f64>,
) -> io::Result<Vec<PathBuf>> {
    let started = Instant::now();
    fs::create_dir_all(folder)?;
    remove_abandoned(folder);
    // It comes last: where it stands, everything that it describes is there.
    match fs::remove_file(folder.join("run.json")) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
        _ => {}
    }
    let mut written = Vec::new();
    match format {
        Format::Npy => {
            for (name, result) in &recorded.arrays {
                let path = within(folder, format!("{name}.npy").as_ref())?;
                atomically(&path, |file| write_array(file, result))?;
                written.push(path);
            }
        }
        Format::Npz => {
            let path = folder.join("results.npz");
            atomically(&path, |file| {
                let mut npz = npyz::npz::NpzWriter::new(file);
                for (name, result) in &recorded.arrays {
                    write_npz(&mut npz, name, result, folder)?;
                }
                npz.zip_writer().flush()
            })?;
            written.push(path);
        }
    }
    for picture in &recorded.pictures {
        let path = prepared(folder, &picture.path)?;
        if let Some(inner) = path.parent() {
            remove_abandoned(inner);
        }
        atomically(&path, |file| file.write_all(&picture.bytes))?;
        written.push(path);
    }
    let path = folder.join("run.json");
    let seconds = started.elapsed().as_secs_f64();
    let timing = Timing {
        write_seconds: seconds,
        total_seconds: timing.total_seconds + seconds,
        ..*timing
    };
    let description = describe(recorded, format, &timing, parts, warnings, interrupted);
    atomically(&path, |file| {
        serde_json::to_writer_pretty(&mut *file, &description)?;
        file.write_all(b"\n")
    })?;
    written.push(path);
    Ok(written)
}

/// Writes a file beside its place and moves it there when it is complete.
///
/// # Errors
/// If it cannot be written.
pub fn atomically(
    path: &Path,
    write: impl FnOnce(&mut io::BufWriter<fs::File>) -> io::Result<()>,
) -> io::Result<()> {
    let folder = path
        .parent()
        .filter(|p| !p.as_os_str().is_empty())
        .unwrap_or_else(|| Path::new("."));
    let whole = || -> io::Result<()> {
        let temporary = held(folder)?;
        let mut buffer = io::BufWriter::new(temporary.as_file().try_clone()?);
        write(&mut buffer)?;
        buffer.flush()?;
        temporary.as_file().sync_all()?;
        temporary.persist(path).map_err(|e| e.error)?;
        Ok(())
    };
    // Which of many files it was is half of the message.
    whole().map_err(|e| io::Error::new(e.kind(), format!("`{}`: {e}", path.display())))
}

/// A temporary file that nobody takes for abandoned: it is locked as long as this process has it open.
pub(crate) fn held(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    loop {
        let file = temporary(folder)?;
        // Where files cannot be locked, none is ever found abandoned.
        let _ = file.as_file().lock();
        // Somebody may have found it abandoned before it was locked.
        if file.path().exists() {
            return Ok(file);
        }
    }
}

/// Removes the temporary files of processes that ended in the middle of writing.
pub(crate) fn remove_abandoned(folder: &Path) {
    for entry in folder.read_dir().into_iter().flatten().flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if !name.starts_with(PREFIX) || !name.ends_with(SUFFIX) {
            continue;
        }
        // The lock ends with the process. What cannot be removed does no harm.
        if let Ok(file) = fs::File::open(entry.path())
            && file.try_lock().is_ok()
        {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// The names of temporary files.
const PREFIX: &str = ".dslsim-";
const SUFFIX: &str = ".part";

/// A file that is to be moved to its place when it is complete; readable for whom new files are readable.
pub(crate) fn temporary(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(PREFIX).suffix(SUFFIX);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}
