//! Wrong models: what is said, in which form, and that nothing is written.

use crate::support::{Place, REGULAR, floats, names};

const WRONG: &str = "\
# the derivative has the wrong unit
G = NeuronGroup(3, 'dv/dt = 3*amp : volt')
run(1*ms)
save(v=G.v)
";

#[test]
fn short_form() {
    let place = Place::with(WRONG);
    for words in [
        ["run", "--message-format", "short", "model.eq"],
        ["run", "model.eq", "--message-format", "short"],
    ] {
        let ended = place.run(&words).exits(1);
        let line = ended.err.lines().find(|l| l.contains("error")).unwrap();
        assert!(
            line.starts_with("model.eq:2:") && line.contains(": error["),
            "{line}"
        );
        assert!(ended.out.is_empty(), "{}", ended.out);
    }
    assert_eq!(place.names(), ["model.eq"], "nothing is written");
}

#[test]
fn json_form() {
    let place = Place::with(WRONG);
    let ended = place
        .run(&["run", "model.eq", "--message-format", "json"])
        .exits(1);
    let all: Vec<serde_json::Value> = ended
        .err
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect();
    assert_eq!(all[0]["severity"], "error");
    assert_eq!(
        (all[0]["file"].as_str(), all[0]["line"].as_u64()),
        (Some("model.eq"), Some(2))
    );
}

#[test]
fn full_form_shows_the_line_without_colours() {
    let ended = Place::with(WRONG).run(&["run", "model.eq"]).exits(1);
    assert!(
        ended.err.contains("dv/dt = 3*amp") && ended.err.contains("model.eq:2"),
        "{}",
        ended.err
    );
    assert!(!ended.err.contains('\x1b'));
}

#[test]
fn no_such_file() {
    let place = Place::with(REGULAR);
    let ended = place
        .run(&["run", "--message-format", "short", "modle.eq"])
        .exits(1);
    assert!(ended.err.contains("modle.eq:1:1: error["), "{}", ended.err);
    place.run(&["check", "modle.eq"]).exits(1);
    assert_eq!(place.names(), ["model.eq"]);
}

#[test]
fn unknown_setting() {
    let place = Place::with(REGULAR);
    let ended = place
        .run(&[
            "run",
            "model.eq",
            "--message-format",
            "short",
            "--set",
            "taw=1*ms",
        ])
        .exits(1);
    assert!(
        ended.err.contains("taw") && ended.err.contains("tau"),
        "{}",
        ended.err
    );
    let ended = place
        .run(&[
            "run",
            "model.eq",
            "--message-format",
            "short",
            "--set",
            "tau=1*",
        ])
        .exits(1);
    assert!(ended.err.contains("error["), "{}", ended.err);
    assert_eq!(place.names(), ["model.eq"]);
}

#[test]
fn nan_writes_what_was_recorded() {
    let place = Place::with(
        "G = NeuronGroup(4, 'dx/dt = log(5.05 - t/ms)/(10*ms) : 1', method='euler')\nM = StateMonitor(G, 'x', record=True)\nrun(10*ms)\n",
    );
    let ended = place
        .run(&["run", "model.eq", "--message-format", "short"])
        .exits(1);
    assert!(
        ended.err.contains("error[not-finite]") && ended.err.contains("results/model"),
        "{}",
        ended.err
    );
    let written = names(&place.path("results/model"));
    assert!(
        written.contains(&"M.x.npy".to_owned()) && written.contains(&"run.json".to_owned()),
        "{written:?}"
    );
    let warnings = place.description("results/model")["warnings"].to_string();
    assert!(warnings.contains("not-finite"), "{warnings}");

    let ended = place
        .run(&[
            "run",
            "model.eq",
            "--allow-nan",
            "--message-format",
            "short",
            "--out",
            "on",
        ])
        .exits(0);
    assert!(ended.err.contains("warning[not-finite]"), "{}", ended.err);
}

/// The step that is named is the one before the first sample that is not finite, whatever was drawn on the way.
#[test]
fn nan_is_located_to_the_step() {
    let place = Place::with(
        "P = PoissonGroup(20, '(100 + 50*sin(t/ms))*Hz', dt=0.2*ms)
G = NeuronGroup(10, 'dv/dt = (xi*sqrt(1/ms) - v/ms) : 1', method='euler', threshold='v > 3', reset='v = randn()')
S = Synapses(P, G, 'dx/dt = -x/(20*ms) : 1 (event-driven)', on_pre=\"\"\"x += 0.01
v += 0.1*sqrt(0.05 - x)\"\"\", delay=1*ms)
S.connect(p=0.3)
M = StateMonitor(G, 'v', record=True)
run(20*second)
",
    );
    for (rng, seed) in [
        ("fast", "1"),
        ("fast", "2"),
        ("brian2", "1"),
        ("brian2", "2"),
    ] {
        let ended = place
            .run(&["run", "model.eq", "--rng", rng, "--seed", seed])
            .exits(1);
        let (shape, values) = floats(&place.path("results/model/M.v.npy"));
        let (_, times) = floats(&place.path("results/model/M.t.npy"));
        let samples = shape[1];
        let bad = |k: &usize| (0..shape[0]).any(|n| !values[n * samples + k].is_finite());
        let first = (0..samples).find(bad).unwrap();
        let (_, when) = ended.err.split_once("in the time step from ").unwrap();
        let (from, rest) = when.split_once(' ').unwrap();
        let unit = if rest.starts_with("ms") { 1e-3 } else { 1.0 };
        let from = from.parse::<f64>().unwrap() * unit;
        let before = times[first - 1];
        assert!((before - from).abs() < 1e-9, "{before}\n{}", ended.err);
        assert!(ended.err.contains("this is NaN: sqrt(-"), "{}", ended.err);
    }
}

#[test]
fn files_outside_the_model_folder() {
    let place = Place::with("");
    std::fs::create_dir_all(place.path("project/parts")).unwrap();
    place.file("secret.eq", "tau = 1*ms\n");
    place.file("project/parts/known.eq", "tau = 1*ms\n");
    place.file(
        "project/inside.eq",
        "include('parts/known.eq')\nsave(tau=tau)\n",
    );
    place.file(
        "project/outside.eq",
        "include('../secret.eq')\nsave(tau=tau)\n",
    );
    place.run(&["run", "project/inside.eq"]).exits(0);
    for command in ["run", "check"] {
        let refused = place.run(&[command, "project/outside.eq"]).exits(1);
        assert!(
            refused.err.contains("outside.eq:1:9") && refused.err.contains("--allow-read"),
            "{}",
            refused.err
        );
        place
            .run(&[command, "project/outside.eq", "--allow-read", "."])
            .exits(0);
    }
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(place.path("secret.eq"), place.path("project/link.eq")).unwrap();
        place.file("project/outside.eq", "include('link.eq')\nsave(tau=tau)\n");
        place.run(&["run", "project/outside.eq"]).exits(1);
    }
}
