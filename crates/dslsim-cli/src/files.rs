//! Files that are read once: a model may come from a pipe, and is checked before it is run.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

use dslsim::{Confined, Files};

/// What reading a file has given.
type Read = Result<(PathBuf, String), String>;

/// The files that a model may read; texts are remembered.
#[derive(Debug)]
pub struct Once {
    files: Confined,
    texts: RefCell<HashMap<PathBuf, Read>>,
}

impl Once {
    /// For this model, which may also read below `folders`.
    pub fn of(model: &Path, folders: &[PathBuf]) -> Once {
        Once {
            files: Confined::to(model, folders),
            texts: RefCell::default(),
        }
    }
}

impl Files for Once {
    fn read(&self, folder: &Path, name: &str) -> Read {
        self.texts
            .borrow_mut()
            .entry(folder.join(name))
            .or_insert_with(|| self.files.read(folder, name))
            .clone()
    }

    fn bytes(&self, folder: &Path, name: &str) -> Result<Vec<u8>, String> {
        self.files.bytes(folder, name)
    }
}
