//! Sub-commands beside `run`, and wrong usage.

use crate::support::{Place, REGULAR};

#[test]
fn help_and_version() {
    let place = Place::with(REGULAR);
    let help = place.run(&["--help"]).exits(0);
    assert!(
        help.out.contains("Examples:") && help.out.contains("dslsim run models/vdp.eq"),
        "{}",
        help.out
    );
    let help = place.run(&["run", "--help"]).exits(0);
    for option in [
        "--set",
        "--out",
        "--format",
        "--seed",
        "--rng",
        "--threads",
        "--strict-math",
        "--backend",
        "--max-time",
        "--profile",
        "--quiet",
        "--allow-nan",
        "--message-format",
    ] {
        assert!(help.out.contains(option), "{option}");
    }
    assert!(!help.out.contains("--chunk") && !help.out.contains("--vector"));
    let version = place.run(&["--version"]).exits(0);
    assert!(
        version.out.starts_with("dslsim 0.") && version.out.contains("Cranelift"),
        "{}",
        version.out
    );
}

#[test]
fn wrong_usage() {
    let place = Place::with(REGULAR);
    for words in [
        &[][..],
        &["simulate", "model.eq"],
        &["run"],
        &["check"],
        &["run", "model.eq", "--seed", "-1"],
        &["run", "model.eq", "--threads", "0"],
        &["run", "model.eq", "--threads", "4000000000"],
        &["run", "model.eq", "--max-time", "0"],
        &["run", "model.eq", "--format", "csv"],
        &["run", "model.eq", "--set", "tau"],
        &["run", "model.eq", "--set", "=1"],
        &["run", "model.eq", "--vector", "1024"],
        &["run", "model.eq", "--chunk", "4"],
        &["run", "model.eq", "--rng", "brian2", "--seed", "4294967296"],
        &["run", "model.eq", "--out", "model.eq"],
        &["run", "model.eq", "--out", "model.eq/below"],
    ] {
        let ended = place.run(words).exits(2);
        assert!(
            ended.out.is_empty() && !ended.err.is_empty(),
            "{words:?}: {ended:?}"
        );
    }
    assert_eq!(place.names(), ["model.eq"]);
}

#[test]
fn vectors_by_environment() {
    let place = Place::with(REGULAR);
    let with = |level: &str| {
        crate::support::Ended::of(
            place
                .command(&["--version"])
                .env("DSLSIM_VECTOR", level)
                .output()
                .unwrap(),
        )
    };
    assert!(with("portable").exits(0).out.contains("portable"));
    with("wide").exits(2);
}

#[test]
fn check_says_ok_or_how_many() {
    let place = Place::with(REGULAR);
    place.file(
        "bad.eq",
        "G = NeuronGroup(3, 'dv/dt = -v : volt')\nrun(1*ms)\n",
    );
    let ended = place.run(&["check", "model.eq"]).exits(0);
    assert_eq!(
        (ended.out.as_str(), ended.err.as_str()),
        ("", "model.eq: ok\n")
    );
    let ended = place
        .run(&["check", "--message-format", "short", "bad.eq", "model.eq"])
        .exits(1);
    assert!(
        ended.err.starts_with("bad.eq:1:") && ended.err.contains(": error["),
        "{}",
        ended.err
    );
    assert!(
        ended.err.contains("\nbad.eq: 1 error\n") && ended.err.ends_with("model.eq: ok\n"),
        "{}",
        ended.err
    );
    assert!(ended.out.is_empty());
    assert_eq!(place.names(), ["bad.eq", "model.eq"]);
}

#[test]
fn tables() {
    let place = Place::with(REGULAR);
    let units = place.run(&["units"]).exits(0).out;
    assert!(
        units.lines().count() > 1000
            && units
                .lines()
                .any(|l| l.starts_with("mV ") && l.contains("0.001 volt")),
        "{}",
        units.lines().count()
    );
    assert_eq!(
        place
            .run(&["units", "mV", "Hz"])
            .exits(0)
            .out
            .lines()
            .count(),
        2
    );
    assert!(
        place
            .run(&["units", "millivlt"])
            .exits(1)
            .err
            .contains("no unit")
    );
    let functions = place.run(&["functions"]).exits(0).out;
    assert!(
        functions.contains("exprel(x)") && functions.contains("clip(x, y, z)"),
        "{functions}"
    );
}

#[test]
fn pages_of_diagnostics() {
    let place = Place::with("tau = 10*ms + 3\n");
    let list = place.run(&["explain"]).exits(0).out;
    assert!(list.lines().count() > 100, "{list}");
    assert!(list.lines().any(|l| l.starts_with("dimension-mismatch  ")));
    let page = place.run(&["explain", "error[caret-power]:"]).exits(0).out;
    assert!(
        page.starts_with("caret-power\n") && page.contains("    G = "),
        "{page}"
    );
    let ended = place.run(&["explain", "dimension-mismatsch"]).exits(2);
    assert!(
        ended.err.contains("did you mean `dimension-mismatch`?"),
        "{}",
        ended.err
    );

    let footer = "dslsim explain dimension-mismatch";
    let full = place.run(&["check", "model.eq", "model.eq"]).exits(1).err;
    assert_eq!(full.matches(footer).count(), 1, "{full}");
    for form in ["short", "json"] {
        let ended = place
            .run(&["check", "model.eq", "--message-format", form])
            .exits(1);
        assert!(!ended.err.contains(footer), "{}", ended.err);
    }
}

#[test]
fn completions() {
    let place = Place::with(REGULAR);
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = place.run(&["completions", shell]).exits(0).out;
        assert!(
            script.contains("--message-format") || script.contains("message-format"),
            "{shell}"
        );
    }
    place.run(&["completions", "sh"]).exits(2);
}

#[test]
fn what_a_model_becomes() {
    let place = Place::with(REGULAR);
    let shown = place.run(&["show", "model.eq"]).exits(0).out;
    for words in [
        "G: NeuronGroup of 5 (neurongroup)",
        "dv/dt = (2 - v)/tau : 1",
        "integrated by exact: chosen in the model",
        "default clock: 100 us",
    ] {
        assert!(shown.contains(words), "{words}\n{shown}");
    }
    let one = place.run(&["show", "model.eq", "G"]).exits(0).out;
    for words in ["  in each step:\n", "event where 1 < v", "  v = 0\n"] {
        assert!(one.contains(words), "{words}\n{one}");
    }
    let units = |part: &str| {
        shown
            .lines()
            .filter_map(|line| line.trim().rsplit_once("  "))
            .find(|(text, _)| text.trim() == part)
            .map(|(_, unit)| unit.to_owned())
    };
    assert_eq!(units("(2 - v)/tau").as_deref(), Some("hertz"), "{shown}");
    assert_eq!(units("tau").as_deref(), Some("second"), "{shown}");
    let row = |name: &str| shown.lines().position(|line| line.contains(name));
    let order = [
        "neurongroup_stateupdater",
        "neurongroup_spike_thresholder",
        "neurongroup_spike_resetter",
    ]
    .map(row);
    assert!(
        order.is_sorted() && order.iter().all(Option::is_some),
        "{shown}"
    );
    assert_eq!(place.names(), ["model.eq"], "nothing is written");

    let one = place
        .run(&["show", "model.eq", "spikes", "--ir"])
        .exits(0)
        .out;
    assert!(
        one.contains("spikes: SpikeMonitor") && !one.contains("G: NeuronGroup"),
        "{one}"
    );
    let code = place
        .run(&["show", "model.eq", "G", "--ir", "--asm"])
        .exits(0)
        .out;
    assert!(code.contains("kernel neurongroup_stateupdater"), "{code}");
    assert!(
        code.contains("machine code of neurongroup_stateupdater"),
        "{code}"
    );
    let ended = place.run(&["show", "model.eq", "H"]).exits(2);
    assert!(ended.err.contains("no object `H`"), "{}", ended.err);
    place.file(
        "bad.eq",
        "G = NeuronGroup(1, 'dv/dt = v : 1', method='euler')\nrun(1*ms)\n",
    );
    place.run(&["show", "bad.eq"]).exits(1);
}
