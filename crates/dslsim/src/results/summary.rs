//! `run.json`

use dslsim_script::Value;
use serde_json::json;

use super::{Format, Recorded};
use crate::session::{PartSeconds, Timing};

pub(super) fn describe(
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
        "resumed_at": recorded.resumed,
        "backend": recorded.backend,
        "dslsim": env!("CARGO_PKG_VERSION"),
        "machine_code": dslsim_jit::describe(),
        "objects": objects,
        "arrays": arrays,
        "pictures": recorded.pictures.iter().map(|p| p.path.to_string_lossy()).collect::<Vec<_>>(),
        "timing": timing,
        "profile": parts,
        "warnings": warnings,
    })
}

/// A parameter's value as JSON.
pub(crate) fn parameter(value: &Value) -> serde_json::Value {
    match value {
        Value::Bool(b) => json!(b),
        Value::Int(n) => json!(n),
        Value::Float(x) => json!(x),
        Value::Quantity(x, dim) => json!({ "value": x, "unit": dslsim_model::words::unit(*dim) }),
        other => json!(other.describe()),
    }
}
