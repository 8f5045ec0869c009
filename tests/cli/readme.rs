//! What `README.md` shows is what the program prints.

use crate::support::Place;

const README: &str = include_str!("../../README.md");

/// The first block of this language after `from`, and what follows it.
fn block<'a>(from: &'a str, language: &str) -> (&'a str, &'a str) {
    let fence = format!("```{language}\n");
    let (_, rest) = from.split_once(&fence).unwrap();
    rest.split_once("```").unwrap()
}

#[test]
fn the_first_model() {
    let (model, rest) = block(README, "python");
    let (shown, rest) = block(rest, "text");
    let (mistake, _) = block(rest, "text");

    let place = Place::with("");
    place.file("first.eq", model);
    let ended = place.run(&["run", "first.eq"]).exits(0);
    // Wall times differ from machine to machine.
    let lines = |text: &str| {
        text.lines()
            .filter(|l| !l.starts_with("time:"))
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        lines(&ended.out),
        lines(shown),
        "README.md shows something else"
    );

    place
        .run(&[
            "run",
            "first.eq",
            "--quiet",
            "--set",
            "rate=30*Hz",
            "--set",
            "tau=20*ms",
            "--out",
            "results/faster",
        ])
        .exits(0);
    place.run(&["check", "first.eq"]).exits(0);

    let wrong = model.replace("'v > -50*mV'", "'v > -50'");
    assert_ne!(wrong, model);
    place.file("first.eq", &wrong);
    let ended = place.run(&["check", "first.eq"]).exits(1);
    assert_eq!(
        ended
            .err
            .trim_end()
            .trim_end_matches("first.eq: 1 error")
            .trim_end(),
        mistake.trim_end(),
        "README.md shows something else"
    );
}

#[test]
fn the_models_that_it_names() {
    let models = concat!(env!("CARGO_MANIFEST_DIR"), "/../../models/vdp.eq");
    assert!(README.contains("run models/vdp.eq"));
    Place::with("")
        .run(&["run", models, "--set", "duration=10*ms"])
        .exits(0);
}
