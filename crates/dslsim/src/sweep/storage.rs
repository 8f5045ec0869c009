//! A folder as key-value storage for Zarr, in which every value appears complete or not at all.
//!
//! A value is written to a file beside the store and moved into its place. A process that dies leaves at most a file in the
//! working folder, which the next one that finishes removes.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use zarrs::storage::byte_range::ByteRangeIterator;
use zarrs::storage::{
    Bytes, MaybeBytesIterator, OffsetBytesIterator, ReadableStorageTraits, StorageError, StoreKey,
    StorePrefix, WritableStorageTraits, store_set_partial_many,
};

/// A folder.
#[derive(Clone, Debug)]
pub(super) struct Folder {
    root: PathBuf,
    work: PathBuf,
}

impl Folder {
    /// The store at `root`; files that are not complete yet are in `work`, on the same file system.
    pub(super) fn new(root: &Path, work: &Path) -> Folder {
        Folder {
            root: root.into(),
            work: work.into(),
        }
    }

    fn path(&self, key: &StoreKey) -> PathBuf {
        self.root.join(key.as_str())
    }

    /// Writes a value that no one has written yet; `false` if someone has.
    pub(super) fn create(&self, key: &str, value: &[u8]) -> io::Result<bool> {
        let path = self.root.join(key);
        match self.complete(&path, value)?.persist_noclobber(&path) {
            Ok(_) => Ok(true),
            Err(e) if e.error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
            Err(e) => Err(e.error),
        }
    }

    /// Writes or replaces a value.
    pub(super) fn replace(&self, key: &str, value: &[u8]) -> io::Result<()> {
        let path = self.root.join(key);
        let file = self.complete(&path, value)?;
        file.persist(&path).map_err(|e| e.error)?;
        Ok(())
    }

    /// The value in a file of its own, which is to be moved to `path`.
    fn complete(&self, path: &Path, value: &[u8]) -> io::Result<tempfile::NamedTempFile> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let begin = || crate::results::temporary(&self.work);
        let mut file = match begin() {
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                fs::create_dir_all(&self.work)?;
                begin()?
            }
            other => other?,
        };
        file.write_all(value)?;
        file.as_file().sync_data()?;
        Ok(file)
    }
}

fn failed(error: io::Error) -> StorageError {
    StorageError::IOError(Arc::new(error))
}

impl ReadableStorageTraits for Folder {
    fn get_partial_many<'a>(
        &'a self,
        key: &StoreKey,
        byte_ranges: ByteRangeIterator<'a>,
    ) -> Result<MaybeBytesIterator<'a>, StorageError> {
        let bytes = match fs::read(self.path(key)) {
            Ok(bytes) => Bytes::from(bytes),
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(failed(e)),
        };
        let size = bytes.len() as u64;
        let parts: Vec<Result<Bytes, StorageError>> = byte_ranges
            .map(|range| {
                let (start, end) = (range.start(size), range.end(size));
                if start <= end && end <= size {
                    Ok(bytes.slice(start as usize..end as usize))
                } else {
                    Err(failed(io::Error::other("the file is too short")))
                }
            })
            .collect();
        Ok(Some(Box::new(parts.into_iter())))
    }

    fn size_key(&self, key: &StoreKey) -> Result<Option<u64>, StorageError> {
        match fs::metadata(self.path(key)) {
            Ok(about) => Ok(Some(about.len())),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(failed(e)),
        }
    }

    fn supports_get_partial(&self) -> bool {
        false
    }
}

impl WritableStorageTraits for Folder {
    fn set(&self, key: &StoreKey, value: Bytes) -> Result<(), StorageError> {
        self.replace(key.as_str(), &value).map_err(failed)
    }

    fn set_partial_many(
        &self,
        key: &StoreKey,
        offset_values: OffsetBytesIterator,
    ) -> Result<(), StorageError> {
        store_set_partial_many(self, key, offset_values)
    }

    fn erase(&self, key: &StoreKey) -> Result<(), StorageError> {
        match fs::remove_file(self.path(key)) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => Err(failed(e)),
            _ => Ok(()),
        }
    }

    fn erase_prefix(&self, prefix: &StorePrefix) -> Result<(), StorageError> {
        match fs::remove_dir_all(self.root.join(prefix.as_str())) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => Err(failed(e)),
            _ => Ok(()),
        }
    }

    fn supports_set_partial(&self) -> bool {
        false
    }
}
