//! The same bits for any number of threads, any vector width, any length of strips.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::support::Place;

type Files = BTreeMap<String, Vec<u8>>;

/// The arrays that a model of the repository gives, as bytes; `None` if this processor lacks the instructions.
fn arrays(model: &str, small: &[&str], how: &[&str]) -> Option<Files> {
    let place = Place::with("");
    let model = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../models")
        .join(model);
    let model = model.to_str().unwrap();
    let settings: Vec<&str> = small.iter().flat_map(|s| ["--set", s]).collect();
    let ended = place.run(
        &[
            &["run", model, "--quiet", "--out", "out"],
            &settings[..],
            how,
        ]
        .concat(),
    );
    if ended.code == Some(2) && ended.err.contains("this processor cannot run") {
        return None;
    }
    ended.exits(0);
    let files = std::fs::read_dir(place.path("out"))
        .unwrap()
        .map(|e| e.unwrap().path());
    let arrays: Files = files
        .filter(|p| p.extension().is_some_and(|e| e == "npy"))
        .map(|p| {
            (
                p.file_name().unwrap().to_string_lossy().into_owned(),
                std::fs::read(p).unwrap(),
            )
        })
        .collect();
    assert!(!arrays.is_empty());
    Some(arrays)
}

fn always_the_same(model: &str, small: &[&str]) {
    let expected = arrays(model, small, &[]).unwrap();
    let ways: [&[&str]; 12] = [
        &["--threads", "1"],
        &["--threads", "2"],
        &["--vector", "portable"],
        &["--vector", "128"],
        &["--vector", "avx2"],
        &["--vector", "avx512"],
        &["--chunk", "8"],
        &["--chunk", "64"],
        &["--chunk", "256"],
        &["--chunk", "1024"],
        &["--vector", "portable", "--chunk", "24", "--threads", "3"],
        &["--backend", "interpreter"],
    ];
    for how in ways {
        let Some(found) = arrays(model, small, how) else {
            continue;
        };
        assert!(found.keys().eq(expected.keys()));
        for (name, bytes) in &expected {
            assert!(
                found[name] == *bytes,
                "{model} with {how:?}: {name} differs"
            );
        }
    }
}

// More than 256 repetitions: the longest strips do not hold them all.

#[test]
fn vdp() {
    always_the_same(
        "vdp.eq",
        &[
            "runs=300",
            "n_inputs=2",
            "duration=20*ms",
            "we=30",
            "F_e=200*Hz",
        ],
    );
}

#[test]
fn hodgkin_huxley() {
    always_the_same(
        "hh_statistics.eq",
        &[
            "runs=300",
            "n_inputs=2",
            "warmup=5*ms",
            "duration=15*ms",
            "we=.1",
            "F_e=200*Hz",
        ],
    );
}
