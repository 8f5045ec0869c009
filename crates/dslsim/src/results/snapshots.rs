//! Files of snapshots: `.npz` archives whose arrays are named `SNAPSHOT/OBJECT.VARIABLE`, with the description of the objects as
//! JSON in the array `SNAPSHOT/.objects`.

use std::collections::BTreeMap;
use std::io::{self, Cursor, Write};

use dslsim_runtime::{Numbers, State};
use npyz::WriterBuilder;
use npyz::npz::{NpzArchive, NpzWriter};

use crate::session::Snapshot;

/// The array that says what a snapshot consists of.
const OBJECTS: &str = ".objects";

/// The bytes of a file of snapshots.
///
/// # Errors
/// If they cannot be written into memory.
pub(crate) fn write_snapshots(all: &BTreeMap<String, Snapshot>) -> io::Result<Vec<u8>> {
    let mut bytes = Cursor::new(Vec::new());
    let mut npz = NpzWriter::new(&mut bytes);
    macro_rules! put {
        ($name:expr, $values:expr) => {{
            let values = $values;
            let mut writer = npz
                .array(&$name, Default::default())?
                .default_dtype()
                .shape(&[values.len() as u64])
                .begin_nd()?;
            writer.extend(values.iter().copied())?;
            writer.finish()?;
        }};
    }
    for (name, snapshot) in all {
        let objects = serde_json::to_vec(&snapshot.objects)?;
        put!(format!("{name}/{OBJECTS}"), &objects);
        for (key, numbers) in &snapshot.state.0 {
            match numbers {
                Numbers::Floats(values) => put!(format!("{name}/{key}"), values),
                Numbers::Whole(values) => put!(format!("{name}/{key}"), values),
            }
        }
    }
    npz.zip_writer().flush()?;
    drop(npz);
    Ok(bytes.into_inner())
}

/// The snapshots in a file.
///
/// # Errors
/// What is wrong with the file, for people.
pub(crate) fn read_snapshots(bytes: &[u8]) -> Result<BTreeMap<String, Snapshot>, String> {
    let text = |e: io::Error| e.to_string();
    let mut npz = NpzArchive::new(Cursor::new(bytes)).map_err(text)?;
    let names: Vec<String> = npz.array_names().map(str::to_owned).collect();
    let mut all: BTreeMap<String, Snapshot> = BTreeMap::new();
    for name in names {
        let Some((snapshot, key)) = name.split_once('/') else {
            return Err(format!("the array `{name}` is not part of a snapshot"));
        };
        let Some(array) = npz.by_name(&name).map_err(text)? else {
            continue;
        };
        let kind = array.dtype().descr();
        let entry = all.entry(snapshot.to_owned()).or_default();
        if key == OBJECTS {
            let json: Vec<u8> = array.into_vec().map_err(text)?;
            entry.objects = serde_json::from_slice(&json).map_err(|e| e.to_string())?;
        } else if kind.contains("f8") {
            let values = Numbers::Floats(array.into_vec().map_err(text)?);
            entry.state.0.insert(key.to_owned(), values);
        } else {
            let values = Numbers::Whole(array.into_vec().map_err(text)?);
            entry.state.0.insert(key.to_owned(), values);
        }
    }
    if all.is_empty() || all.values().any(|s| s.state == State::default()) {
        return Err("it holds no snapshots".into());
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_gives_back_what_was_written() {
        let mut snapshot = Snapshot::default();
        snapshot
            .objects
            .insert("neurongroup".into(), "NeuronGroup of 2 elements".into());
        snapshot
            .state
            .put("neurongroup.v".into(), vec![0.1, f64::NEG_INFINITY]);
        snapshot
            .state
            .put_whole("neurongroup.v#length".into(), vec![2, u64::MAX]);
        snapshot.state.put("empty".into(), vec![]);
        let all = BTreeMap::from([
            ("warm".to_owned(), snapshot.clone()),
            ("a b".to_owned(), snapshot),
        ]);
        let bytes = write_snapshots(&all).unwrap_or_default();
        let read = read_snapshots(&bytes).unwrap_or_default();
        assert_eq!(read.len(), 2);
        assert_eq!(read["warm"].state, all["warm"].state);
        assert_eq!(read["a b"].objects, all["a b"].objects);
        assert!(read_snapshots(b"nonsense").is_err());
    }
}
