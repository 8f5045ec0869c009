//! What a run prints and writes.

use crate::support::{Place, REGULAR, floats, names};

#[test]
fn results_on_disk() {
    let place = Place::with(REGULAR);
    let ended = place.run(&["run", "model.eq"]).exits(0);
    let folder = place.path("results/model");
    assert_eq!(
        names(&folder),
        [
            "M.t.npy",
            "M.v.npy",
            "rate.npy",
            "run.json",
            "spikes.count.npy",
            "spikes.i.npy",
            "spikes.t.npy",
            "v.npy"
        ]
    );
    let (shape, t) = floats(&folder.join("M.t.npy"));
    assert_eq!(shape, [1000]);
    assert_eq!((t[0], t[999]), (0.0, 999.0 * 1e-4));
    assert_eq!(floats(&folder.join("M.v.npy")).0, [2, 1000]);
    // tau ln 2 = 6.93 ms from reset to threshold: 14 spikes in 100 ms
    assert_eq!(floats(&folder.join("rate.npy")), (vec![], vec![140.0]));

    let run = place.description("results/model");
    assert_eq!(run["model"], "model.eq");
    assert_eq!(run["model_hash"].as_str().unwrap().len(), 64);
    assert_eq!(
        (run["dt"].as_f64(), run["t"].as_f64()),
        (Some(1e-4), Some(0.1))
    );
    assert_eq!(run["parameters"]["N"], 5);
    assert_eq!(run["parameters"]["tau"]["value"], 0.01);
    assert_eq!(run["arrays"]["M.v"]["shape"], serde_json::json!([2, 1000]));
    assert_eq!(run["arrays"]["M.t"]["unit"], "second");
    assert!(run["interrupted_at"].is_null());
    assert!(
        run["objects"]
            .as_array()
            .unwrap()
            .iter()
            .any(|o| o["name"] == "spikes" && o["spikes"] == 70)
    );
    for part in [
        "parse", "check", "compile", "connect", "run", "write", "total",
    ] {
        assert!(
            run["timing"][format!("{part}_seconds")].as_f64().unwrap() >= 0.0,
            "{part}"
        );
    }
    assert!(
        run["timing"]["run_seconds"].as_f64().unwrap() > 0.0
            && run["timing"]["write_seconds"].as_f64().unwrap() > 0.0
    );

    assert!(
        ended.out.starts_with("a line of the model\n"),
        "{}",
        ended.out
    );
    for fact in [
        "model.eq: 100 ms simulated in 1000 steps of 100 us",
        "70 spikes of 5 neurons, mean rate 140 Hz",
        "140 Hz",
        "results/model",
    ] {
        assert!(ended.out.contains(fact), "{fact}: {}", ended.out);
    }
    assert!(ended.out.lines().count() <= 25);
    assert!(
        ended.err.contains("simulating 100 ms") && !ended.err.contains('\x1b'),
        "{}",
        ended.err
    );
}

#[test]
fn settings_and_seed() {
    let place = Place::with(REGULAR);
    place
        .run(&[
            "run",
            "model.eq",
            "--set",
            "tau=20*ms",
            "--set",
            "N = 3",
            "--seed",
            "7",
            "--out",
            "here/deep",
            "--quiet",
        ])
        .exits(0);
    let run = place.description("here/deep");
    assert_eq!(
        (
            run["parameters"]["tau"]["value"].as_f64(),
            run["parameters"]["N"].as_i64(),
            run["seed"].as_i64()
        ),
        (Some(0.02), Some(3), Some(7))
    );
    assert_eq!(floats(&place.path("here/deep/v.npy")).0, [3]);
}

#[test]
fn quiet_leaves_only_what_the_model_prints() {
    let ended = Place::with(REGULAR)
        .run(&["run", "--quiet", "model.eq"])
        .exits(0);
    assert_eq!(
        (ended.out.as_str(), ended.err.as_str()),
        ("a line of the model\n", "")
    );
}

#[test]
fn one_archive() {
    let place = Place::with(REGULAR);
    place.run(&["run", "model.eq", "--format", "npz"]).exits(0);
    assert_eq!(
        names(&place.path("results/model")),
        ["results.npz", "run.json"]
    );
    assert!(
        std::fs::read(place.path("results/model/results.npz"))
            .unwrap()
            .starts_with(b"PK")
    );
    assert_eq!(
        place.description("results/model")["arrays"]["M.v"]["file"],
        "results.npz"
    );
}

#[test]
fn profile() {
    let ended = Place::with(REGULAR)
        .run(&["run", "model.eq", "--profile"])
        .exits(0);
    for fact in [
        "parse",
        "check",
        "compile",
        "connect",
        "run",
        "write",
        "total",
        "from start to first step",
        "lower",
        "time by object",
        "time by kernel",
        "per step",
    ] {
        assert!(ended.out.contains(fact), "{fact}: {}", ended.out);
    }
}

#[test]
fn same_seed_same_bytes() {
    let place = Place::with(
        "G = NeuronGroup(20, 'dv/dt = -v/(10*ms) + xi*(10*ms)**-0.5 : 1', method='euler')\nrun(20*ms)\nsave(v=G.v)\n",
    );
    let v = |words: &[&str]| {
        place
            .run(&[&["run", "model.eq", "--quiet", "--out", "out"], words].concat())
            .exits(0);
        std::fs::read(place.path("out/v.npy")).unwrap()
    };
    for rng in ["fast", "brian2"] {
        let first = v(&["--rng", rng, "--seed", "1"]);
        assert_eq!(first, v(&["--rng", rng, "--seed", "1"]));
        assert_ne!(first, v(&["--rng", rng, "--seed", "2"]));
    }
}
