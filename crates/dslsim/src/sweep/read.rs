//! Reading a sweep's store.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use dslsim_script::{Array, Kind};
use dslsim_units::Dim;
use indexmap::IndexMap;
use serde_json::Value as Json;
use zarrs::array::{Array as Zarr, data_type};

use super::identity;
use super::record::Status;
use super::storage::Folder;
use super::store::{DIMENSION, ERROR, SECONDS, STATUS};

/// What can be wrong with a store.
#[derive(Clone, Debug, thiserror::Error)]
#[expect(missing_docs, reason = "their text says what they are")]
pub enum StoreError {
    #[error("there is no sweep at `{}`", .0.display())]
    NotFound(PathBuf),
    #[error("`{}` is not the store of a sweep", .0.display())]
    NotAStore(PathBuf),
    #[error("another process is using `{}`", .0.display())]
    InUse(PathBuf),
    #[error("`{}` holds another sweep:\n{}", .0.display(), .1.join("\n"))]
    Different(PathBuf, Vec<String>),
    #[error("`{}`: {}", .0.display(), .1)]
    Io(PathBuf, String),
    #[error("`{}` is damaged: {}", .0.display(), .1)]
    Damaged(PathBuf, String),
}

impl StoreError {
    pub(super) fn io(root: &Path, error: &io::Error) -> StoreError {
        StoreError::Io(root.into(), error.to_string())
    }

    pub(super) fn damaged(root: &Path, error: &dyn std::fmt::Display) -> StoreError {
        StoreError::Damaged(root.into(), error.to_string())
    }

    pub(super) fn zarr(root: &Path, error: &zarrs::array::ArrayError) -> StoreError {
        match error {
            zarrs::array::ArrayError::StorageError(e) => StoreError::Io(root.into(), e.to_string()),
            other => StoreError::damaged(root, other),
        }
    }
}

/// A swept parameter.
#[derive(Clone, Debug)]
pub struct Coordinate {
    /// Its name.
    pub name: String,
    /// Its values.
    pub values: Array,
}

/// A saved value at all points.
#[derive(Clone, Debug)]
pub struct Stacked {
    /// Grid first, then the value's own axes. Missing points are NaN; so integers and booleans are floats if any is missing.
    pub array: Array,
}

/// All that a store holds.
#[derive(Clone, Debug)]
pub struct Contents {
    /// What it says about the sweep: model, parameters, seed, version, command.
    pub about: Json,
    /// The swept parameters in order.
    pub coordinates: Vec<Coordinate>,
    /// Whether they are paired.
    pub zip: bool,
    /// Length of each axis of the grid.
    pub shape: Vec<u64>,
    /// How each point stands.
    pub status: Vec<Status>,
    /// Wall time of each point in seconds; NaN where it was not simulated.
    pub seconds: Vec<f64>,
    /// Why points have failed; empty where they have not.
    pub errors: Vec<String>,
    /// Saved values by name, in the order of saving.
    pub values: IndexMap<String, Stacked>,
}

/// What a store says about its sweep.
pub(super) fn attributes(root: &Path) -> Result<Json, StoreError> {
    let text = match fs::read(root.join("zarr.json")) {
        Ok(text) => text,
        Err(e) if e.kind() == io::ErrorKind::NotFound && !root.exists() => {
            return Err(StoreError::NotFound(root.into()));
        }
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            return Err(StoreError::NotAStore(root.into()));
        }
        Err(e) => return Err(StoreError::io(root, &e)),
    };
    let json: Json = serde_json::from_slice(&text).map_err(|e| StoreError::damaged(root, &e))?;
    let about = &json["attributes"][identity::KEY];
    if about.is_object() {
        Ok(about.clone())
    } else {
        Err(StoreError::NotAStore(root.into()))
    }
}

/// An array of the store.
struct Stored {
    root: PathBuf,
    array: Zarr<Folder>,
}

impl Stored {
    fn open(root: &Path, name: &str) -> Result<Stored, StoreError> {
        let folder = Arc::new(Folder::new(root, root));
        let array = Zarr::open(folder, &format!("/{name}"))
            .map_err(|e| StoreError::damaged(root, &format!("{name}: {e}")))?;
        Ok(Stored {
            root: root.into(),
            array,
        })
    }

    fn all<T: zarrs::array::ElementOwned>(&self) -> Result<Vec<T>, StoreError> {
        if self.array.shape().contains(&0) {
            return Ok(Vec::new());
        }
        self.array
            .retrieve_array_subset(&self.array.subset_all())
            .map_err(|e| StoreError::zarr(&self.root, &e))
    }

    fn dimension(&self) -> Dim {
        let text = self.array.attributes().get(DIMENSION);
        let text = text.and_then(Json::as_str).unwrap_or_default();
        let mut dim = Dim::NONE;
        for (k, exponent) in text.split(' ').take(7).enumerate() {
            let (num, den) = exponent.split_once('/').unwrap_or((exponent, "1"));
            let (num, den) = (num.parse().unwrap_or(0), den.parse().unwrap_or(1));
            let mut base = [0_i8; 7];
            base[k] = 1;
            dim = dim.mul(Dim::of(base).pow(num, den).unwrap_or(Dim::NONE));
        }
        dim
    }

    fn values(&self) -> Result<Array, StoreError> {
        let shape: Vec<usize> = self.array.shape().iter().map(|n| *n as usize).collect();
        let ty = self.array.data_type();
        if *ty == data_type::int64() {
            Ok(Array::ints(self.all()?, &shape))
        } else if *ty == data_type::bool() {
            Ok(Array::bools(self.all()?, &shape))
        } else if *ty == data_type::float64() {
            Ok(Array::floats(self.all()?, &shape, self.dimension()))
        } else {
            Err(StoreError::damaged(
                &self.root,
                &"an array has an unknown type",
            ))
        }
    }
}

impl Contents {
    /// Reads a store.
    ///
    /// # Errors
    /// If there is none, or it cannot be read.
    pub fn read(root: &Path) -> Result<Contents, StoreError> {
        let about = attributes(root)?;
        let names = |key: &str| -> Vec<String> {
            let list = about[key].as_array().cloned().unwrap_or_default();
            list.iter()
                .filter_map(|n| n.as_str().map(str::to_owned))
                .collect()
        };
        let coordinates = names("order")
            .into_iter()
            .map(|name| {
                let values = Stored::open(root, &name)?.values()?;
                Ok(Coordinate { name, values })
            })
            .collect::<Result<Vec<_>, StoreError>>()?;
        let status = Stored::open(root, STATUS)?;
        let shape = status.array.shape().to_vec();
        let status: Vec<Status> = status.all::<i8>()?.into_iter().map(Status::of).collect();
        let all_done = status.iter().all(|s| *s == Status::Done);
        let mut values = IndexMap::new();
        for name in names("saves") {
            if !root.join(&name).join("zarr.json").exists() {
                continue;
            }
            let mut array = Stored::open(root, &name)?.values()?;
            if !all_done && array.kind() != Kind::Float {
                array = with_gaps(&array, &status);
            }
            values.insert(name, Stacked { array });
        }
        Ok(Contents {
            zip: about["zip"].as_bool().unwrap_or(false),
            coordinates,
            shape,
            status,
            seconds: Stored::open(root, SECONDS)?.all()?,
            errors: Stored::open(root, ERROR)?.all()?,
            values,
            about,
        })
    }

    /// Values of a swept parameter, shaped so that they broadcast against the grid.
    pub fn broadcast(&self, coordinate: usize) -> Option<Array> {
        let c = self.coordinates.get(coordinate)?;
        if self.zip {
            return Some(c.values.clone());
        }
        let shape: Vec<usize> = (0..self.coordinates.len())
            .map(|k| if k == coordinate { c.values.len() } else { 1 })
            .collect();
        Some(c.values.with_shape(&shape))
    }

    /// Number of points that stand so.
    pub fn count(&self, status: Status) -> usize {
        self.status.iter().filter(|s| **s == status).count()
    }
}

/// Floats, NaN where points are missing.
fn with_gaps(array: &Array, status: &[Status]) -> Array {
    let mut values = array.float_vec();
    let each = values.len() / status.len().max(1);
    for (point, status) in status.iter().enumerate() {
        if *status != Status::Done {
            values[point * each..(point + 1) * each].fill(f64::NAN);
        }
    }
    Array::floats(values, array.shape(), array.dim)
}
