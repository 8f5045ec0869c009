//! Writing a sweep's store: a Zarr version 3 group.
//!
//! | array | shape | |
//! | --- | --- | --- |
//! | each swept parameter | its values | coordinate, with its unit |
//! | each saved value | grid, then the value's own axes | one chunk for each point |
//! | [`STATUS`] | grid | 0 missing, 1 done, 2 failed |
//! | [`SECONDS`], [`ERROR`] | grid | wall time; why a point failed |
//!
//! The values of a point are written first and its status last, every file by moving it into place: a point that is called
//! done is complete. Metadata that exists is never replaced, but for arrays that grow because a later point saves more
//! elements (then under a lock). So any number of processes can write to one store. A lock file for each point in flight,
//! beside the store, keeps them from doing the same work twice; the system releases it when a process dies.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use dslsim_script::ArrayData;
use dslsim_units::Dim;
use serde_json::{Map, Value as Json, json};
use zarrs::array::{Array, ArrayBuilder, DataType, FillValue, data_type};

use super::grid::{Axis, Grid};
use super::identity;
use super::read::StoreError;
use super::record::{Record, SavedArray, Status};
use super::storage::Folder;

pub(super) const STATUS: &str = "point_status";
pub(super) const SECONDS: &str = "point_seconds";
pub(super) const ERROR: &str = "point_error";

/// The attribute with the exponents of the seven base units (m, kg, s, A, K, mol, cd): `0 0 -1 0 0 0 0`.
pub(super) const DIMENSION: &str = "dslsim_dimension";

type ZarrArray = Array<Folder>;

/// A store that is being written.
pub(super) struct Store {
    root: PathBuf,
    work: PathBuf,
    folder: Arc<Folder>,
    grid: Grid,
    arrays: Mutex<HashMap<String, Arc<ZarrArray>>>,
    status: ZarrArray,
    seconds: ZarrArray,
    error: ZarrArray,
    /// Held, shared, for as long as this process uses the store.
    users: Option<File>,
}

/// A point that is being simulated by this process.
pub(super) struct Claim {
    path: PathBuf,
    _file: Option<File>,
}

impl Drop for Claim {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

/// Why a record was not written.
pub(super) enum NotWritten {
    /// The point's values do not fit those of other points.
    Unfit(String),
    /// The store cannot be written.
    Store(StoreError),
}

impl From<StoreError> for NotWritten {
    fn from(e: StoreError) -> Self {
        NotWritten::Store(e)
    }
}

/// The folder beside a store for what is not complete.
fn work_folder(root: &Path) -> PathBuf {
    let name = root
        .file_name()
        .map(|n| n.to_string_lossy().into_owned())
        .unwrap_or_default();
    root.with_file_name(format!(".{name}.work"))
}

impl Store {
    /// Opens the store at `root`, or makes it. With `fresh`, what a sweep has left there is removed first.
    pub(super) fn open(
        root: &Path,
        grid: &Grid,
        about: &Json,
        fresh: bool,
    ) -> Result<Store, StoreError> {
        let io = |e: io::Error| StoreError::io(root, &e);
        let metadata = root.join("zarr.json");
        let taken = fs::read_dir(root).is_ok_and(|mut entries| entries.next().is_some());
        if root.exists() && (!root.is_dir() || taken && !metadata.exists()) {
            return Err(StoreError::NotAStore(root.into()));
        }
        if let Some(parent) = root.parent().filter(|p| !p.as_os_str().is_empty()) {
            fs::create_dir_all(parent).map_err(io)?;
        }
        let work = work_folder(root);
        fs::create_dir_all(&work).map_err(io)?;
        let users = File::create(work.join("users")).map_err(io)?;
        if fresh && metadata.exists() {
            super::read::attributes(root)?;
            if matches!(users.try_lock(), Err(fs::TryLockError::WouldBlock)) {
                return Err(StoreError::InUse(root.into()));
            }
            let old = work.join("old");
            let _ = fs::remove_dir_all(&old);
            fs::rename(root, &old)
                .and_then(|()| fs::remove_dir_all(&old))
                .map_err(io)?;
            let _ = users.unlock();
        }
        let _ = users.try_lock_shared();
        let folder = Arc::new(Folder::new(root, &work));
        if !metadata.exists() {
            let text = json!({
                "zarr_format": 3, "node_type": "group", "attributes": { (identity::KEY): about },
            });
            let text = serde_json::to_vec_pretty(&text).unwrap_or_default();
            folder.create("zarr.json", &text).map_err(io)?;
        }
        let stored = super::read::attributes(root)?;
        let differences = identity::differences(&stored, about);
        if !differences.is_empty() {
            return Err(StoreError::Different(root.into(), differences));
        }
        let shape = grid.shape();
        let plain = |name: &str, ty: DataType, fill: FillValue, about: &str, unit: Option<&str>| {
            let mut attributes = json!({ "long_name": about });
            if let Some(unit) = unit {
                attributes["units"] = json!(unit);
            }
            let array = Described {
                shape: shape.clone(),
                chunk: vec![1; shape.len()],
                ty,
                fill,
                dimensions: grid.dimensions(),
                attributes: with_coordinates(grid, attributes),
            };
            array.create(&folder, root, name)
        };
        let status = plain(
            STATUS,
            data_type::int8(),
            FillValue::from(0_i8),
            "0 missing, 1 done, 2 failed",
            None,
        )?;
        let seconds = plain(
            SECONDS,
            data_type::float64(),
            FillValue::from(f64::NAN),
            "wall time",
            Some("second"),
        )?;
        let error = plain(
            ERROR,
            data_type::string(),
            FillValue::from(""),
            "why a point failed",
            None,
        )?;
        for axis in grid.axes() {
            write_coordinate(&folder, root, grid, axis)?;
        }
        Ok(Store {
            root: root.into(),
            work,
            folder,
            grid: grid.clone(),
            arrays: Mutex::default(),
            status,
            seconds,
            error,
            users: Some(users),
        })
    }

    /// How a point stands now.
    pub(super) fn status(&self, point: u64) -> Status {
        let at = self.grid.position(point);
        let number: Result<Vec<i8>, _> = self.status.retrieve_chunk(&at);
        Status::of(number.ok().and_then(|v| v.first().copied()).unwrap_or(0))
    }

    /// Takes a point for this process; `None` if another process has it.
    pub(super) fn claim(&self, point: u64) -> Option<Claim> {
        let path = self.work.join(format!("{point}.lock"));
        let file = File::create(&path).ok();
        match file.as_ref().map(File::try_lock) {
            Some(Err(fs::TryLockError::WouldBlock)) => None,
            // Where files cannot be locked, the worst is that two processes do the same work.
            _ => Some(Claim { path, _file: file }),
        }
    }

    /// Writes what a point has given; its status last.
    pub(super) fn write(&self, point: u64, record: &Record) -> Result<(), NotWritten> {
        let at = self.grid.position(point);
        let (status, why) = match &record.values {
            Ok(values) => {
                for (name, value) in values {
                    self.write_value(&at, name, value)?;
                }
                (Status::Done, "")
            }
            Err(why) => (Status::Failed, why.as_str()),
        };
        let fail = |e: zarrs::array::ArrayError| StoreError::zarr(&self.root, &e);
        self.seconds
            .store_chunk(&at, vec![record.seconds])
            .map_err(fail)?;
        self.error
            .store_chunk(&at, vec![why.to_owned()])
            .map_err(fail)?;
        self.status
            .store_chunk(&at, vec![status.number()])
            .map_err(fail)?;
        Ok(())
    }

    fn write_value(&self, at: &[u64], name: &str, value: &SavedArray) -> Result<(), NotWritten> {
        let array = self.array_for(name, value)?;
        if value.shape.contains(&0) {
            return Ok(());
        }
        let subset: Vec<std::ops::Range<u64>> = at
            .iter()
            .map(|k| *k..*k + 1)
            .chain(value.shape.iter().map(|n| 0..*n))
            .collect();
        let written = match &value.array.data {
            ArrayData::F64(a) => array.store_array_subset(&subset, elements(a)),
            ArrayData::I64(a) => array.store_array_subset(&subset, elements(a)),
            ArrayData::Bool(a) => array.store_array_subset(&subset, elements(a)),
        };
        written.map_err(|e| StoreError::zarr(&self.root, &e).into())
    }

    /// Gathers the metadata of all arrays in that of the group, where readers look first. The store is the same without it.
    pub(super) fn consolidate(&self) -> Result<(), StoreError> {
        let io = |e: io::Error| StoreError::io(&self.root, &e);
        let lock = File::create(self.work.join("shape.lock")).map_err(io)?;
        let _ = lock.lock();
        let read =
            |path: &Path| -> io::Result<Json> { Ok(serde_json::from_slice(&fs::read(path)?)?) };
        let mut metadata = Map::new();
        let mut entries: Vec<_> = fs::read_dir(&self.root)
            .map_err(io)?
            .filter_map(|e| Some(e.ok()?.path()))
            .collect();
        entries.sort();
        for path in entries {
            if let (Some(name), Ok(array)) = (path.file_name(), read(&path.join("zarr.json"))) {
                metadata.insert(name.to_string_lossy().into_owned(), array);
            }
        }
        let mut group = read(&self.root.join("zarr.json")).map_err(io)?;
        let all = json!({ "kind": "inline", "must_understand": false, "metadata": metadata });
        if group["consolidated_metadata"] == all {
            return Ok(());
        }
        group["consolidated_metadata"] = all;
        let text = serde_json::to_vec_pretty(&group).unwrap_or_default();
        self.folder.replace("zarr.json", &text).map_err(io)
    }

    /// The array for a saved value, large enough for it.
    fn array_for(&self, name: &str, value: &SavedArray) -> Result<Arc<ZarrArray>, NotWritten> {
        let mut arrays = self.arrays.lock().unwrap_or_else(PoisonError::into_inner);
        let axes = self.grid.shape().len();
        let ty = type_of(value);
        if let Some(array) = arrays.get(name)
            && *array.data_type() == ty
            && array.shape().len() == axes + value.shape.len()
            && (array.shape()[axes..] == value.shape
                || ty == data_type::float64()
                    && array.shape()[axes..]
                        .iter()
                        .zip(&value.shape)
                        .all(|(a, b)| a >= b))
        {
            return Ok(array.clone());
        }
        let lock = File::create(self.work.join("shape.lock"))
            .map_err(|e| StoreError::io(&self.root, &e))?;
        let _ = lock.lock();
        let found = if self.root.join(name).join("zarr.json").exists() {
            let array = Array::open(self.folder.clone(), &format!("/{name}"))
                .map_err(|e| StoreError::damaged(&self.root, &e))?;
            self.grown(name, array, value)?
        } else {
            self.described(name, value)
                .create(&self.folder, &self.root, name)?
        };
        let found = Arc::new(found);
        arrays.insert(name.to_owned(), found.clone());
        Ok(found)
    }

    /// The array of a value as the first point that saves it makes it.
    fn described(&self, name: &str, value: &SavedArray) -> Described {
        let grid = self.grid.shape();
        let ty = type_of(value);
        let fill = match &value.array.data {
            ArrayData::F64(_) => FillValue::from(f64::NAN),
            ArrayData::I64(_) => FillValue::from(0_i64),
            ArrayData::Bool(_) => FillValue::from(false),
        };
        Described {
            shape: grid.iter().chain(&value.shape).copied().collect(),
            chunk: grid
                .iter()
                .map(|_| 1)
                .chain(value.shape.iter().map(|n| (*n).max(1)))
                .collect(),
            ty,
            fill,
            dimensions: self
                .grid
                .dimensions()
                .into_iter()
                .chain((0..value.shape.len()).map(|k| format!("{name}_{k}")))
                .collect(),
            attributes: with_coordinates(&self.grid, with_unit(json!({}), value.array.dim)),
        }
    }

    /// An array that exists, made larger if need be. What points do not fill is NaN.
    fn grown(
        &self,
        name: &str,
        array: ZarrArray,
        value: &SavedArray,
    ) -> Result<ZarrArray, NotWritten> {
        let axes = self.grid.shape().len();
        let before = &array.shape()[axes..];
        if *array.data_type() != type_of(value) || before.len() != value.shape.len() {
            return Err(NotWritten::Unfit(format!(
                "`{name}` has the shape {} and type {} here, but {} and {} at other points: save something that has the same \
                 number of axes and type at all points",
                shape_text(&value.shape),
                type_of(value).name_v3().unwrap_or_default(),
                shape_text(before),
                array.data_type().name_v3().unwrap_or_default(),
            )));
        }
        if *before == *value.shape {
            return Ok(array);
        }
        if *array.data_type() != data_type::float64() {
            return Err(NotWritten::Unfit(format!(
                "`{name}` has the shape {} here, but {} at other points; only floats can be filled up (with NaN): save `1.0*…`, or \
                 something of the same shape at all points",
                shape_text(&value.shape),
                shape_text(before),
            )));
        }
        let mut shape = array.shape().to_vec();
        for (now, need) in shape[axes..].iter_mut().zip(&value.shape) {
            *now = (*now).max(*need);
        }
        if shape == array.shape() {
            return Ok(array);
        }
        let mut array = array;
        array
            .set_shape(shape)
            .map_err(|e| StoreError::damaged(&self.root, &e))?;
        let text = serde_json::to_vec_pretty(array.metadata()).unwrap_or_default();
        self.folder
            .replace(&format!("{name}/zarr.json"), &text)
            .map_err(|e| StoreError::io(&self.root, &e))?;
        Ok(array)
    }
}

impl Drop for Store {
    /// The last process that uses the store tidies up.
    fn drop(&mut self) {
        if let Some(users) = self.users.take() {
            let _ = users.unlock();
            if users.try_lock().is_ok() {
                let _ = fs::remove_dir_all(&self.work);
            }
        }
    }
}

/// What an array is to be.
struct Described {
    shape: Vec<u64>,
    chunk: Vec<u64>,
    ty: DataType,
    fill: FillValue,
    dimensions: Vec<String>,
    attributes: Json,
}

impl Described {
    /// Makes the array, or opens it if another process has made it.
    fn create(
        self,
        folder: &Arc<Folder>,
        root: &Path,
        name: &str,
    ) -> Result<ZarrArray, StoreError> {
        let path = format!("/{name}");
        let attributes: Map<String, Json> = match self.attributes {
            Json::Object(map) => map,
            _ => Map::new(),
        };
        let built = ArrayBuilder::new(self.shape, self.chunk, self.ty, self.fill)
            .dimension_names(self.dimensions.into())
            .attributes(attributes)
            .build(folder.clone(), &path)
            .map_err(|e| StoreError::damaged(root, &e))?;
        let text = serde_json::to_vec_pretty(built.metadata()).unwrap_or_default();
        let made = folder
            .create(&format!("{name}/zarr.json"), &text)
            .map_err(|e| StoreError::io(root, &e))?;
        if made {
            Ok(built)
        } else {
            Array::open(folder.clone(), &path).map_err(|e| StoreError::damaged(root, &e))
        }
    }
}

/// The values of a swept parameter.
fn write_coordinate(
    folder: &Arc<Folder>,
    root: &Path,
    grid: &Grid,
    axis: &Axis,
) -> Result<(), StoreError> {
    let (ty, fill) = match &axis.values.data {
        ArrayData::F64(_) => (data_type::float64(), FillValue::from(f64::NAN)),
        ArrayData::I64(_) => (data_type::int64(), FillValue::from(0_i64)),
        ArrayData::Bool(_) => (data_type::bool(), FillValue::from(false)),
    };
    let n = axis.values.len() as u64;
    let dimension = if grid.zip() {
        "point".to_owned()
    } else {
        axis.name.clone()
    };
    let array = Described {
        shape: vec![n],
        chunk: vec![n],
        ty,
        fill,
        dimensions: vec![dimension],
        attributes: with_unit(json!({ "long_name": "swept parameter" }), axis.values.dim),
    }
    .create(folder, root, &axis.name)?;
    let written = match &axis.values.data {
        ArrayData::F64(a) => array.store_chunk(&[0], elements(a)),
        ArrayData::I64(a) => array.store_chunk(&[0], elements(a)),
        ArrayData::Bool(a) => array.store_chunk(&[0], elements(a)),
    };
    written.map_err(|e| StoreError::zarr(root, &e))
}

fn elements<T: Copy>(array: &ndarray::ArrayD<T>) -> Vec<T> {
    array.iter().copied().collect()
}

fn type_of(value: &SavedArray) -> DataType {
    match &value.array.data {
        ArrayData::F64(_) => data_type::float64(),
        ArrayData::I64(_) => data_type::int64(),
        ArrayData::Bool(_) => data_type::bool(),
    }
}

fn with_unit(mut attributes: Json, dim: Dim) -> Json {
    attributes["units"] = json!(dslsim_model::words::unit(dim));
    let exponents = dim.exponents().map(|(num, den)| match den {
        1 => num.to_string(),
        _ => format!("{num}/{den}"),
    });
    attributes[DIMENSION] = json!(exponents.join(" "));
    attributes
}

/// Paired parameters are coordinates that do not name an axis; readers find them by this attribute.
fn with_coordinates(grid: &Grid, mut attributes: Json) -> Json {
    if grid.zip() {
        let names: Vec<&str> = grid.axes().iter().map(|a| a.name.as_str()).collect();
        attributes["coordinates"] = json!(names.join(" "));
    }
    attributes
}

fn shape_text(shape: &[u64]) -> String {
    match shape {
        [] => "of a single number".into(),
        [n] => format!("({n},)"),
        more => format!(
            "({})",
            more.iter()
                .map(u64::to_string)
                .collect::<Vec<_>>()
                .join(", ")
        ),
    }
}
