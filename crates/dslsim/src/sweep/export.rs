//! A sweep's store as plain `.npy` files.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use dslsim_script::Array;

use super::read::Contents;
use super::record::Status;
use super::store::{SECONDS, STATUS};
use crate::results::{Result as Named, atomically, write_array};

/// Writes each swept parameter, each saved value, status and wall time as a `.npy` file into `folder`, and what the store says
/// about the sweep as `sweep.json`.
///
/// # Errors
/// If a file cannot be written; nothing incomplete stands under a final name.
pub fn export(contents: &Contents, folder: &Path) -> io::Result<Vec<PathBuf>> {
    fs::create_dir_all(folder)?;
    let mut written = Vec::new();
    let grid: Vec<usize> = contents.shape.iter().map(|n| *n as usize).collect();
    let status = contents
        .status
        .iter()
        .map(|s| i64::from(s.number()))
        .collect();
    let seconds = Array::floats(contents.seconds.clone(), &grid, dslsim_units::Dim::TIME);
    let coordinates = contents
        .coordinates
        .iter()
        .map(|c| (c.name.as_str(), c.values.clone()));
    let values = contents
        .values
        .iter()
        .map(|(n, v)| (n.as_str(), v.array.clone()));
    let points = [(STATUS, Array::ints(status, &grid)), (SECONDS, seconds)];
    for (name, array) in coordinates.chain(values).chain(points) {
        let path = folder.join(format!("{name}.npy"));
        let result = Named {
            away: None,
            shape: array.shape().to_vec(),
            array,
            meaning: String::new(),
        };
        atomically(&path, |file| write_array(file, &result))?;
        written.push(path);
    }
    let path = folder.join("sweep.json");
    let failed: Vec<serde_json::Value> = (0..contents.status.len())
        .filter(|k| contents.status[*k] == Status::Failed)
        .map(|k| serde_json::json!({ "point": k, "error": contents.errors.get(k) }))
        .collect();
    let about = serde_json::json!({ "sweep": contents.about, "failed": failed });
    atomically(&path, |file| {
        serde_json::to_writer_pretty(&mut *file, &about)?;
        file.write_all(b"\n")
    })?;
    written.push(path);
    Ok(written)
}
