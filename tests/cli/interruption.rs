//! Ctrl-C and `--max-time`: what was recorded is on disk.

use crate::support::{Ended, LONG, Place, floats, names};

/// Demands complete results of a part of the run.
#[track_caller]
fn partial(place: &Place, ended: Ended) {
    let ended = ended.exits(130);
    assert!(
        ended.err.contains("interrupted")
            && ended.err.contains("simulated")
            && ended.err.contains("results/model"),
        "{}",
        ended.err
    );
    let folder = place.path("results/model");
    assert_eq!(
        names(&folder),
        [
            "M.t.npy",
            "M.v.npy",
            "last.npy",
            "run.json",
            "spikes.count.npy"
        ]
    );
    let run = place.description("results/model");
    let t = run["interrupted_at"].as_f64().unwrap();
    assert!(t > 0.0 && t < 1e7, "{t}");
    assert_eq!(run["t"].as_f64(), Some(t));
    let (shape, times) = floats(&folder.join("M.t.npy"));
    let last = times.last().copied().unwrap();
    assert!(
        last < t && t - last <= 1.0 + 1e-6,
        "recorded until {last}, simulated until {t}"
    );
    assert_eq!(floats(&folder.join("M.v.npy")).0, [2, shape[0]]);
    assert!(ended.out.contains("simulated in"), "{}", ended.out);
}

#[test]
fn time_limit() {
    let place = Place::with(LONG);
    let ended = place.run(&["run", "model.eq", "--max-time", "0.3"]);
    assert!(ended.err.contains("--max-time"), "{}", ended.err);
    partial(&place, ended);
}

#[test]
fn time_limit_not_reached() {
    Place::with(crate::support::REGULAR)
        .run(&["run", "model.eq", "--max-time", "100"])
        .exits(0);
}

#[cfg(unix)]
#[test]
fn by_signal() {
    use std::io::{BufRead, BufReader, Read};
    use std::process::{Command, Stdio};
    use std::time::Duration;

    let place = Place::with(LONG);
    let mut child = place
        .command(&["run", "model.eq"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut err = BufReader::new(child.stderr.take().unwrap());
    let mut said = String::new();
    while !said.contains("simulating") {
        assert_ne!(err.read_line(&mut said).unwrap(), 0, "{said}");
    }
    std::thread::sleep(Duration::from_millis(200));
    let sent = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(sent.success());
    err.read_to_string(&mut said).unwrap();
    let mut ended = Ended::of(child.wait_with_output().unwrap());
    ended.err = said;
    partial(&place, ended);
}
