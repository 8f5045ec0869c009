//! Files that are read once: a model may come from a pipe, and is checked before it is run.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

use dslsim::{Disk, Files};

/// What reading a file has given.
type Read = Result<(PathBuf, String), String>;

/// The file system; texts are remembered.
#[derive(Debug, Default)]
pub struct Once {
    texts: RefCell<HashMap<PathBuf, Read>>,
}

impl Files for Once {
    fn read(&self, folder: &Path, name: &str) -> Read {
        self.texts
            .borrow_mut()
            .entry(folder.join(name))
            .or_insert_with(|| Disk.read(folder, name))
            .clone()
    }

    fn bytes(&self, folder: &Path, name: &str) -> Result<Vec<u8>, String> {
        Disk.bytes(folder, name)
    }

    fn keep(&self, folder: &Path, name: &str, bytes: &[u8]) -> Result<(), String> {
        Disk.keep(folder, name, bytes)
    }
}
