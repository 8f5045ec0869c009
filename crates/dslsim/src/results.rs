//! What a run has given, and how it is written.
//!
//! One `.npy` file for each array (C order, SI base units, named as the user would write it), and `run.json`, which says
//! what they are. Every file appears under its final name only when it is complete.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use dslsim_model::network::Kind;
use dslsim_runtime::Monitor;
use dslsim_script::{Array, ArrayData, Value};
use dslsim_units::Dim;
use indexmap::IndexMap;
use npyz::WriterBuilder;
use serde_json::json;

use crate::session::{PartSeconds, Session, Timing};

/// An array to be written.
#[derive(Clone, Debug)]
pub struct Result {
    /// Its elements, in SI base units.
    pub array: Array,
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
    /// Objects.
    pub objects: Vec<ObjectSummary>,
    /// Time of the model at the end, in seconds.
    pub t: f64,
    /// Time step of the default clock, in seconds.
    pub dt: f64,
    /// The seed.
    pub seed: Option<u64>,
    /// The random stream.
    pub rng: &'static str,
    /// What executed the kernels.
    pub backend: &'static str,
}

/// Gathers what a session has given.
pub(crate) fn collect(
    session: &Session<'_>,
    model: &str,
    parameters: Vec<(String, Value)>,
) -> Recorded {
    session.recorded(model, parameters)
}

impl Session<'_> {
    fn recorded(&self, model: &str, parameters: Vec<(String, Value)>) -> Recorded {
        let mut out = Recorded {
            model: model.into(),
            parameters,
            ..Recorded::default()
        };
        let mut hasher = blake3::Hasher::new();
        for file in self.files_read() {
            hasher.update(self.text(file).as_bytes());
        }
        out.hash = hasher.finalize().to_hex().to_string();
        (out.t, out.dt, out.seed, out.rng, out.backend) = self.settings_run();
        for (id, object) in self.network().iter() {
            let recording = self.monitor_of(id);
            let mut summary = ObjectSummary {
                name: object.shown().to_owned(),
                class: self.class(id),
                size: self.network().size(id),
                spikes: None,
                seconds: None,
                equations: self.equations_of(id),
            };
            if let (Some(label), Some(monitor)) = (&object.label, recording) {
                self.monitor_arrays(label, &object.kind, monitor, &mut out.arrays);
            }
            if recording.is_some() {
                summary.seconds = Some(self.seconds_of(id));
            }
            match recording {
                Some(Monitor::Spikes(m)) => {
                    summary.spikes = Some(m.total());
                    summary.size = m.counts().len();
                }
                Some(Monitor::State(m)) => summary.size = m.elements().len(),
                _ => {}
            }
            out.objects.push(summary);
        }
        for (name, saved) in self.saved() {
            if let Some((array, shape)) = as_result(&saved.value) {
                out.arrays.insert(
                    name.clone(),
                    Result {
                        array,
                        shape,
                        meaning: "saved by the model".into(),
                    },
                );
            }
        }
        if self.saved().is_empty() {
            self.final_states(&mut out.arrays);
        }
        out
    }

    fn monitor_arrays(
        &self,
        label: &str,
        kind: &Kind,
        monitor: &Monitor,
        out: &mut IndexMap<String, Result>,
    ) {
        let mut put = |name: &str, array: Array, meaning: &str| {
            let shape = array.shape().to_vec();
            out.insert(
                format!("{label}.{name}"),
                Result {
                    array,
                    shape,
                    meaning: meaning.into(),
                },
            );
        };
        let ints = |values: &[u32]| {
            Array::ints(
                values.iter().map(|k| i64::from(*k)).collect(),
                &[values.len()],
            )
        };
        match (kind, monitor) {
            (Kind::StateMonitor(m), Monitor::State(r)) => {
                put(
                    "t",
                    Array::vector(r.t().to_vec(), Dim::TIME),
                    "times of the samples",
                );
                let (width, times) = (r.elements().len(), r.t().len());
                for (at, (name, _)) in m.variables.iter().enumerate() {
                    let (ty, dim, _) = self.variable_kind(m.source.object, name);
                    let values = r.values(at);
                    let mut turned = vec![0.0; values.len()];
                    for (time, row) in values.chunks_exact(width.max(1)).enumerate() {
                        row.iter()
                            .enumerate()
                            .for_each(|(k, x)| turned[k * times + time] = *x);
                    }
                    put(
                        name,
                        Session::as_array(turned, ty, dim).with_shape(&[width, times]),
                        "recorded elements × times",
                    );
                }
            }
            (Kind::SpikeMonitor(m), Monitor::Spikes(r)) => {
                put("count", ints(r.counts()), "spikes of each neuron");
                if m.record {
                    put("i", ints(r.i()), "neuron of each spike");
                    put(
                        "t",
                        Array::vector(r.t().to_vec(), Dim::TIME),
                        "time of each spike",
                    );
                    for (at, (name, _)) in m.variables.iter().enumerate() {
                        let (ty, dim, _) = self.variable_kind(m.source.object, name);
                        put(
                            name,
                            Session::as_array(r.values(at).to_vec(), ty, dim),
                            "value at each spike",
                        );
                    }
                }
            }
            (Kind::RateMonitor(_), Monitor::Rate(r)) => {
                put("t", Array::vector(r.t().to_vec(), Dim::TIME), "times");
                put(
                    "rate",
                    Array::vector(r.rate().to_vec(), Dim::HERTZ),
                    "population rate in each step",
                );
            }
            _ => {}
        }
    }
}

/// A saved value as an array and its shape.
fn as_result(value: &Value) -> Option<(Array, Vec<usize>)> {
    match value {
        Value::Array(a) => Some((a.clone(), a.shape().to_vec())),
        Value::Bool(b) => Some((Array::bools(vec![*b], &[1]), Vec::new())),
        Value::Int(n) => Some((Array::ints(vec![*n], &[1]), Vec::new())),
        Value::Float(x) => Some((Array::vector(vec![*x], Dim::NONE), Vec::new())),
        Value::Quantity(x, dim) => Some((Array::vector(vec![*x], *dim), Vec::new())),
        Value::List(v) | Value::Tuple(v) => {
            let parts: Vec<(Array, Vec<usize>)> = v.iter().map(as_result).collect::<Option<_>>()?;
            let inner = parts.first().map_or_else(Vec::new, |p| p.1.clone());
            if parts.iter().any(|p| p.1 != inner) {
                return None;
            }
            let dim = parts.first().map_or(Dim::NONE, |p| p.0.dim);
            let mut shape = vec![parts.len()];
            shape.extend(&inner);
            let integers =
                parts.iter().all(|p| matches!(p.0.data, ArrayData::I64(_))) && !parts.is_empty();
            let booleans =
                parts.iter().all(|p| matches!(p.0.data, ArrayData::Bool(_))) && !parts.is_empty();
            let array = if integers {
                Array::ints(parts.iter().flat_map(|p| p.0.int_vec()).collect(), &shape)
            } else if booleans {
                Array::bools(parts.iter().flat_map(|p| p.0.bool_vec()).collect(), &shape)
            } else {
                Array::floats(
                    parts.iter().flat_map(|p| p.0.float_vec()).collect(),
                    &shape,
                    dim,
                )
            };
            Some((array, shape))
        }
        _ => None,
    }
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
    let mut written = Vec::new();
    match format {
        Format::Npy => {
            for (name, result) in &recorded.arrays {
                let path = folder.join(format!("{name}.npy"));
                atomically(&path, |file| write_array(file, result))?;
                written.push(path);
            }
        }
        Format::Npz => {
            let path = folder.join("results.npz");
            atomically(&path, |file| {
                let mut npz = npyz::npz::NpzWriter::new(file);
                for (name, result) in &recorded.arrays {
                    write_npz(&mut npz, name, result)?;
                }
                npz.zip_writer().flush()
            })?;
            written.push(path);
        }
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
    let temporary = tempfile::Builder::new()
        .prefix(".dslsim-")
        .suffix(".part")
        .tempfile_in(folder)?;
    let mut buffer = io::BufWriter::new(temporary.as_file().try_clone()?);
    write(&mut buffer)?;
    buffer.flush()?;
    temporary.as_file().sync_all()?;
    temporary.persist(path).map_err(|e| e.error)?;
    Ok(())
}

fn write_array(file: &mut io::BufWriter<fs::File>, result: &Result) -> io::Result<()> {
    let shape: Vec<u64> = result.shape.iter().map(|n| *n as u64).collect();
    macro_rules! put {
        ($values:expr) => {{
            let mut writer = npyz::WriteOptions::new()
                .default_dtype()
                .shape(&shape)
                .writer(file)
                .begin_nd()?;
            writer.extend($values)?;
            writer.finish()
        }};
    }
    match &result.array.data {
        ArrayData::F64(a) => put!(a.iter().copied()),
        ArrayData::I64(a) => put!(a.iter().copied()),
        ArrayData::Bool(a) => put!(a.iter().copied()),
    }
}

fn write_npz<W: Write + io::Seek>(
    npz: &mut npyz::npz::NpzWriter<W>,
    name: &str,
    result: &Result,
) -> io::Result<()> {
    let shape: Vec<u64> = result.shape.iter().map(|n| *n as u64).collect();
    macro_rules! put {
        ($values:expr) => {{
            let mut writer = npz
                .array(name, Default::default())?
                .default_dtype()
                .shape(&shape)
                .begin_nd()?;
            writer.extend($values)?;
            writer.finish()
        }};
    }
    match &result.array.data {
        ArrayData::F64(a) => put!(a.iter().copied()),
        ArrayData::I64(a) => put!(a.iter().copied()),
        ArrayData::Bool(a) => put!(a.iter().copied()),
    }
}

/// Reads a `.npy` file.
pub(crate) fn read_npy(bytes: &[u8]) -> std::result::Result<Array, String> {
    let npy = npyz::NpyFile::new(bytes).map_err(|e| e.to_string())?;
    let shape: Vec<usize> = npy.shape().iter().map(|n| *n as usize).collect();
    let fortran = npy.order() == npyz::Order::Fortran && shape.len() > 1;
    if fortran {
        return Err("it is in Fortran order; save it with `np.ascontiguousarray`".into());
    }
    let dtype = npy.dtype().descr();
    let kind = dtype
        .trim_matches('\'')
        .trim_start_matches(['<', '>', '|', '='])
        .to_owned();
    let text = |e: io::Error| e.to_string();
    macro_rules! read {
        ($t:ty, $make:expr) => {{
            let values: Vec<$t> = npy.into_vec().map_err(text)?;
            $make(values)
        }};
    }
    Ok(match kind.as_str() {
        "f8" => read!(f64, |v| Array::floats(v, &shape, Dim::NONE)),
        "f4" => read!(f32, |v: Vec<f32>| Array::floats(
            v.into_iter().map(f64::from).collect(),
            &shape,
            Dim::NONE
        )),
        "i8" => read!(i64, |v| Array::ints(v, &shape)),
        "i4" => read!(i32, |v: Vec<i32>| Array::ints(
            v.into_iter().map(i64::from).collect(),
            &shape
        )),
        "u4" => read!(u32, |v: Vec<u32>| Array::ints(
            v.into_iter().map(i64::from).collect(),
            &shape
        )),
        "b1" => read!(bool, |v| Array::bools(v, &shape)),
        other => {
            return Err(format!(
                "its type {other} is not supported; use float64, int64 or bool"
            ));
        }
    })
}

fn describe(
    recorded: &Recorded,
    format: Format,
    timing: &Timing,
    parts: &[PartSeconds],
    warnings: &[String],
    interrupted: Option<f64>,
) -> serde_json::Value {
    let parameters: serde_json::Map<String, serde_json::Value> = recorded
        .parameters
        .iter()
        .map(|(name, value)| (name.clone(), parameter(value)))
        .collect();
    let arrays: serde_json::Map<String, serde_json::Value> = recorded
        .arrays
        .iter()
        .map(|(name, r)| {
            let file = if format == Format::Npy { format!("{name}.npy") } else { "results.npz".into() };
            (name.clone(), json!({ "file": file, "shape": r.shape, "unit": dslsim_model::words::unit(r.array.dim), "meaning": r.meaning }))
        })
        .collect();
    let objects: Vec<serde_json::Value> = recorded
        .objects
        .iter()
        .map(|o| json!({ "name": o.name, "class": o.class, "size": o.size, "spikes": o.spikes, "equations": o.equations }))
        .collect();
    json!({
        "model": recorded.model,
        "model_hash": recorded.hash,
        "parameters": parameters,
        "seed": recorded.seed,
        "rng": recorded.rng,
        "dt": recorded.dt,
        "t": recorded.t,
        "interrupted_at": interrupted,
        "backend": recorded.backend,
        "dslsim": env!("CARGO_PKG_VERSION"),
        "machine_code": dslsim_jit::describe(),
        "objects": objects,
        "arrays": arrays,
        "timing": timing,
        "profile": parts,
        "warnings": warnings,
    })
}

fn parameter(value: &Value) -> serde_json::Value {
    match value {
        Value::Bool(b) => json!(b),
        Value::Int(n) => json!(n),
        Value::Float(x) => json!(x),
        Value::Quantity(x, dim) => json!({ "value": x, "unit": dslsim_model::words::unit(*dim) }),
        other => json!(other.describe()),
    }
}
