//! Files on disk, and which of them a model may read.

use std::fs;
use std::path::{Path, PathBuf};

use crate::session::Files;

/// Reads from the file system.
#[derive(Clone, Copy, Debug, Default)]
pub struct Disk;

/// The largest model file, in bytes.
const MAX_TEXT: u64 = 16 << 20;

/// The largest data file, in bytes.
const MAX_DATA: u64 = 4 << 30;

impl Files for Disk {
    fn read(&self, folder: &Path, name: &str) -> Result<(PathBuf, String), String> {
        let path = folder.join(name);
        let bytes = limited(&path, MAX_TEXT)?;
        let real = path.canonicalize().unwrap_or_else(|_| path.clone());
        match String::from_utf8(bytes) {
            Ok(text) => Ok((shorter(&path, real), text)),
            Err(e) => {
                let at = e.utf8_error().valid_up_to();
                let line = e.as_bytes()[..at].iter().filter(|b| **b == b'\n').count() + 1;
                Err(format!(
                    "it is not text: byte {at} (line {line}) is not UTF-8\u{0}{line}"
                ))
            }
        }
    }

    fn bytes(&self, folder: &Path, name: &str) -> Result<Vec<u8>, String> {
        limited(&folder.join(name), MAX_DATA)
    }
}

/// Files below some folders; the model cannot read any other. Symbolic links count as what they lead to.
#[derive(Clone, Debug)]
pub struct Confined {
    /// The model file itself, wherever it is.
    model: PathBuf,
    roots: Vec<PathBuf>,
}

impl Confined {
    /// What lies below the model's folder, below `results` in the current folder, or below one of the other `folders`.
    pub fn to(model: &Path, folders: &[PathBuf]) -> Confined {
        let own = match model.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent.to_path_buf(),
            _ => PathBuf::from("."),
        };
        let all = [own, PathBuf::from("results")];
        Confined {
            model: model.into(),
            roots: all
                .iter()
                .chain(folders)
                .filter_map(|f| f.canonicalize().ok())
                .collect(),
        }
    }

    /// Whether a path may be read. What does not exist may: it will be told that it does not.
    fn allows(&self, path: &Path) -> Result<(), String> {
        if path == self.model {
            return Ok(());
        }
        match path.canonicalize() {
            Ok(real) if !self.roots.iter().any(|root| real.starts_with(root)) => Err(
                "it is outside the model's folder; `--allow-read DIR` allows another one".into(),
            ),
            _ => Ok(()),
        }
    }
}

impl Files for Confined {
    fn read(&self, folder: &Path, name: &str) -> Result<(PathBuf, String), String> {
        self.allows(&folder.join(name))?;
        Disk.read(folder, name)
    }

    fn bytes(&self, folder: &Path, name: &str) -> Result<Vec<u8>, String> {
        self.allows(&folder.join(name))?;
        Disk.bytes(folder, name)
    }
}

/// The path as the user writes it, if it names the same file.
fn shorter(path: &Path, real: PathBuf) -> PathBuf {
    let mut clean = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::ParentDir if clean.file_name().is_some() => {
                clean.pop();
            }
            std::path::Component::CurDir => {}
            other => clean.push(other),
        }
    }
    if clean.canonicalize().is_ok_and(|c| c == real) {
        clean
    } else {
        real
    }
}

fn limited(path: &Path, limit: u64) -> Result<Vec<u8>, String> {
    let about = fs::metadata(path).map_err(|e| match e.kind() {
        std::io::ErrorKind::NotFound => "no such file (not found)".to_owned(),
        _ => e.to_string(),
    })?;
    if about.is_dir() {
        return Err("it is a folder".into());
    }
    if about.len() > limit {
        return Err(format!(
            "it is too large: {} bytes, and the limit is {limit}",
            about.len()
        ));
    }
    fs::read(path).map_err(|e| e.to_string())
}
