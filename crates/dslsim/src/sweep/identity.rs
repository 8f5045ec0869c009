//! What makes two sweeps the same: the model's files, its fixed parameters, the grid, and how points are executed.
//!
//! It stands in the store as the attribute [`KEY`]. A sweep goes on in a store only if all of [`COMPARED`] is the same.

use std::collections::BTreeSet;
use std::path::Path;

use dslsim_script::{ArrayData, Value};
use serde_json::{Map, Value as Json, json};
use similar::{ChangeTag, TextDiff};

use super::{Checked, Sweep};
use crate::options::Rng;

/// The attribute of the store.
pub(super) const KEY: &str = "dslsim";

/// The parts that must be the same for a sweep to go on, and what they are called.
const COMPARED: [(&str, &str); 9] = [
    ("files", "file"),
    ("data", "data file"),
    ("settings", "--set"),
    ("fixed", "fixed parameter"),
    ("axes", "swept parameter"),
    ("zip", "zip"),
    ("seed", "seed"),
    ("vary_seed", "vary_seed"),
    ("execution", "option"),
];

/// Changed lines of a file that are shown.
const LINES: usize = 12;

/// All that the store says about the sweep.
pub(super) fn describe(sweep: &Sweep, checked: &Checked) -> Json {
    let folder = sweep.model.parent().unwrap_or(Path::new(""));
    let files = checked.snapshot.texts(folder);
    let mut hasher = blake3::Hasher::new();
    for (name, text) in &files {
        hasher.update(name.as_bytes());
        hasher.update(&[0]);
        hasher.update(text.as_bytes());
        hasher.update(&[0]);
    }
    let options = &sweep.options;
    let settings: Map<String, Json> = options
        .settings
        .iter()
        .map(|(n, v)| (n.clone(), json!(v)))
        .collect();
    let axes: Map<String, Json> = sweep
        .grid
        .axes()
        .iter()
        .map(|axis| {
            let values = match &axis.values.data {
                ArrayData::F64(a) => json!(a.iter().map(|x| number(*x)).collect::<Vec<_>>()),
                ArrayData::I64(a) => json!(a.iter().collect::<Vec<_>>()),
                ArrayData::Bool(a) => json!(a.iter().collect::<Vec<_>>()),
            };
            let unit = dslsim_model::words::unit(axis.values.dim);
            (axis.name.clone(), json!({ "unit": unit, "values": values }))
        })
        .collect();
    json!({
        "model": sweep.model.file_name().map(|n| n.to_string_lossy().into_owned()),
        "model_hash": hasher.finalize().to_hex().to_string(),
        "files": files,
        "data": checked.snapshot.data(folder),
        "settings": settings,
        "fixed": values(&sweep.fixed),
        "parameters": values(&checked.parameters),
        "order": sweep.grid.axes().iter().map(|a| &a.name).collect::<Vec<_>>(),
        "axes": axes,
        "zip": sweep.grid.zip(),
        "saves": checked.saved,
        "seed": options.seed,
        "vary_seed": sweep.vary_seed,
        "execution": {
            "rng": if options.rng == Rng::Fast { "fast" } else { "brian2" },
            "strict_math": options.strict,
            "allow_nan": options.allow_nan,
        },
        "version": env!("CARGO_PKG_VERSION"),
        "command": sweep.command,
    })
}

fn values(all: &[(String, Value)]) -> Map<String, Json> {
    all.iter()
        .map(|(name, value)| (name.clone(), crate::results::parameter(value)))
        .collect()
}

/// JSON has no NaN.
fn number(x: f64) -> Json {
    if x.is_finite() {
        json!(x)
    } else {
        json!(x.to_string())
    }
}

/// In what two sweeps differ, for people; nothing if they are the same.
pub(super) fn differences(stored: &Json, now: &Json) -> Vec<String> {
    let mut all = Vec::new();
    for (key, name) in COMPARED {
        let (before, after) = (&stored[key], &now[key]);
        if before == after {
            continue;
        }
        match (before, after) {
            (Json::Object(a), Json::Object(b)) => {
                let names: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
                for entry in names {
                    entry_differs(name, entry, a.get(entry), b.get(entry), &mut all);
                }
            }
            _ => all.push(format!(
                "{name}: {} before, {} now",
                shown(before),
                shown(after)
            )),
        }
    }
    if all.is_empty() && stored["order"] != now["order"] {
        all.push(format!(
            "order of the swept parameters: {} before, {} now",
            shown(&stored["order"]),
            shown(&now["order"])
        ));
    }
    all
}

fn entry_differs(
    kind: &str,
    name: &str,
    before: Option<&Json>,
    after: Option<&Json>,
    all: &mut Vec<String>,
) {
    match (before, after) {
        (Some(a), Some(b)) if a == b => {}
        (Some(Json::String(a)), Some(Json::String(b))) if kind == "file" => {
            all.push(format!("{kind} `{name}`:{}", changed_lines(a, b)));
        }
        (Some(_), Some(_)) if kind == "data file" => {
            all.push(format!("{kind} `{name}` has other contents"));
        }
        (Some(a), Some(b)) => {
            all.push(format!(
                "{kind} `{name}`: {} before, {} now",
                shown(a),
                shown(b)
            ));
        }
        (Some(a), None) if kind == "file" || kind == "data file" => {
            let _ = a;
            all.push(format!("{kind} `{name}` is not used any more"));
        }
        (None, Some(_)) if kind == "file" || kind == "data file" => {
            all.push(format!("{kind} `{name}` is new"));
        }
        (Some(a), None) => all.push(format!(
            "{kind} `{name}`: {} before, not given now",
            shown(a)
        )),
        (None, Some(b)) => all.push(format!(
            "{kind} `{name}`: not given before, {} now",
            shown(b)
        )),
        (None, None) => {}
    }
}

/// A value of the description in few words.
fn shown(value: &Json) -> String {
    match value {
        Json::Object(o) if o.contains_key("values") => {
            let list = o["values"].as_array().cloned().unwrap_or_default();
            let unit = o["unit"].as_str().filter(|u| *u != "dimensionless");
            let ends: Vec<String> = match list.as_slice() {
                [a, .., b] if list.len() > 4 => vec![shown(a), "…".into(), shown(b)],
                few => few.iter().map(shown).collect(),
            };
            format!(
                "{} value{} ({}{})",
                list.len(),
                if list.len() == 1 { "" } else { "s" },
                ends.join(", "),
                unit.map_or_else(String::new, |u| format!(" in {u}")),
            )
        }
        Json::Object(o) if o.contains_key("value") => {
            format!(
                "{} {}",
                shown(&o["value"]),
                o["unit"].as_str().unwrap_or("")
            )
        }
        Json::Array(a) => a.iter().map(shown).collect::<Vec<_>>().join(", "),
        Json::String(s) => s.clone(),
        Json::Null => "none".into(),
        other => other.to_string(),
    }
}

/// The changed lines of a text, with their signs.
fn changed_lines(before: &str, after: &str) -> String {
    let diff = TextDiff::from_lines(before, after);
    let changes: Vec<String> = diff
        .iter_all_changes()
        .filter_map(|c| {
            let (sign, line) = match c.tag() {
                ChangeTag::Equal => return None,
                ChangeTag::Delete => ('-', c.old_index()),
                ChangeTag::Insert => ('+', c.new_index()),
            };
            let text = c.value().trim_end();
            Some(format!("\n  {sign} {:>4}  {text}", line.unwrap_or(0) + 1))
        })
        .collect();
    let more = changes.len().saturating_sub(LINES);
    let mut text: String = changes.into_iter().take(LINES).collect();
    if more > 0 {
        text += &format!("\n  … and {more} more lines");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_are_told() {
        let a = json!({
            "files": { "m.eq": "x = 1\ny = 2\n" }, "settings": { "n": "5" }, "seed": null,
            "axes": { "tau": { "unit": "second", "values": [0.1, 0.2] } },
        });
        let mut b = a.clone();
        assert_eq!(differences(&a, &b), Vec::<String>::new());
        b["files"]["m.eq"] = json!("x = 1\ny = 3\n");
        b["settings"] = json!({});
        b["seed"] = json!(7);
        b["axes"]["tau"]["values"] = json!([0.1]);
        assert_eq!(
            differences(&a, &b),
            [
                "file `m.eq`:\n  -    2  y = 2\n  +    2  y = 3",
                "--set `n`: 5 before, not given now",
                "swept parameter `tau`: 2 values (0.1, 0.2 in second) before, 1 value (0.1 in second) now",
                "seed: none before, 7 now",
            ]
        );
    }
}
