//! The files of a model, read once: every point of a sweep sees the same text, whatever happens to the files meanwhile.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::session::Files;

type Text = Result<(PathBuf, String), String>;
type Bytes = Result<Arc<Vec<u8>>, String>;

/// Why a file cannot be read.
const NEW: &str = "it was not there when the sweep began";

/// What a model has read.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    texts: BTreeMap<PathBuf, Text>,
    data: BTreeMap<PathBuf, Bytes>,
}

/// Reads files, and remembers them.
pub(super) struct Recorder<'a> {
    files: &'a dyn Files,
    read: RefCell<Snapshot>,
}

impl<'a> Recorder<'a> {
    pub(super) fn new(files: &'a dyn Files) -> Self {
        Recorder {
            files,
            read: RefCell::default(),
        }
    }

    pub(super) fn finish(self) -> Snapshot {
        self.read.into_inner()
    }
}

impl Files for Recorder<'_> {
    fn read(&self, folder: &Path, name: &str) -> Text {
        let mut read = self.read.borrow_mut();
        read.texts
            .entry(folder.join(name))
            .or_insert_with(|| self.files.read(folder, name))
            .clone()
    }

    fn bytes(&self, folder: &Path, name: &str) -> Result<Vec<u8>, String> {
        let mut read = self.read.borrow_mut();
        read.data
            .entry(folder.join(name))
            .or_insert_with(|| self.files.bytes(folder, name).map(Arc::new))
            .clone()
            .map(|bytes| bytes.to_vec())
    }
}

impl Files for Snapshot {
    fn read(&self, folder: &Path, name: &str) -> Text {
        match self.texts.get(&folder.join(name)) {
            Some(text) => text.clone(),
            None => Err(NEW.into()),
        }
    }

    fn bytes(&self, folder: &Path, name: &str) -> Result<Vec<u8>, String> {
        match self.data.get(&folder.join(name)) {
            Some(bytes) => bytes.clone().map(|b| b.to_vec()),
            None => Err(NEW.into()),
        }
    }
}

impl Snapshot {
    /// Texts by path, seen from `folder`.
    pub(super) fn texts(&self, folder: &Path) -> BTreeMap<String, String> {
        self.texts
            .values()
            .filter_map(|t| t.as_ref().ok())
            .map(|(path, text)| (seen_from(path, folder), text.clone()))
            .collect()
    }

    /// Hashes of data files by path, seen from `folder`.
    pub(super) fn data(&self, folder: &Path) -> BTreeMap<String, String> {
        self.data
            .iter()
            .filter_map(|(path, bytes)| Some((path, bytes.as_ref().ok()?)))
            .map(|(path, bytes)| {
                let hash = blake3::hash(bytes).to_hex().to_string();
                (seen_from(path, folder), hash)
            })
            .collect()
    }
}

fn seen_from(path: &Path, folder: &Path) -> String {
    let real = folder.canonicalize().unwrap_or_default();
    path.strip_prefix(folder)
        .or_else(|_| path.strip_prefix(&real))
        .unwrap_or(path)
        .to_string_lossy()
        .into_owned()
}
