//! Where a model may write, and what happens if it cannot.

use crate::support::{Ended, Place, floats, names};

const STORING: &str = "\
G = NeuronGroup(1, 'dv/dt = 1/ms : 1', method='euler')
run(1*ms)
store('warm', filename='states/warm.npz')
run(1*ms)
restore('warm', filename='states/warm.npz')
save(v=G.v)
";

#[test]
fn snapshots_stand_among_the_results() {
    let place = Place::with(STORING);
    place
        .run(&["run", "model.eq", "--out", "elsewhere"])
        .exits(0);
    assert_eq!(place.names(), ["elsewhere", "model.eq"]);
    assert_eq!(names(&place.path("elsewhere/states")), ["warm.npz"]);
    let (_, v) = floats(&place.path("elsewhere/v.npy"));
    assert!((v[0] - 1.0).abs() < 1e-9, "{v:?}");

    // Beside the model it is found, too.
    let copied = Place::with(
        "G = NeuronGroup(1, 'dv/dt = 1/ms : 1', method='euler')\nrestore('warm', filename='warm.npz')\nsave(v=G.v)\n",
    );
    let from = place.path("elsewhere/states/warm.npz");
    std::fs::copy(from, copied.path("warm.npz")).unwrap();
    copied.run(&["run", "model.eq"]).exits(0);
    let (_, v) = floats(&copied.path("results/model/v.npy"));
    assert!((v[0] - 1.0).abs() < 1e-9, "{v:?}");
}

#[test]
fn nothing_is_written_outside_of_the_results() {
    for name in ["../warm.npz", "/tmp/warm.npz", "a/../../warm.npz", "a/", ""] {
        for call in [
            format!("store(filename='{name}')"),
            format!("savefig('{name}')"),
        ] {
            let place = Place::with(&format!("plot([1, 2])\n{call}\n"));
            let ended = place
                .run(&["check", "model.eq", "--message-format", "short"])
                .exits(1);
            assert!(
                ended.err.contains("error[output-path]"),
                "{call} {}",
                ended.err
            );
        }
    }
}

#[cfg(unix)]
#[test]
fn links_do_not_lead_out_of_the_results() {
    let snapshot = STORING.replace("states/", "link/");
    let picture = "plot([1, 2])\nsavefig('link/a.svg')\n";
    for model in [snapshot.as_str(), picture] {
        let place = Place::with(model);
        std::fs::create_dir_all(place.path("results/model")).unwrap();
        std::fs::create_dir(place.path("mine")).unwrap();
        std::os::unix::fs::symlink(place.path("mine"), place.path("results/model/link")).unwrap();
        let ended = place.run(&["run", "model.eq"]).exits(1);
        assert!(
            ended.err.contains("leads out of the folder of results"),
            "{}",
            ended.err
        );
        assert!(names(&place.path("mine")).is_empty());
    }
    let place = Place::with(
        "G = NeuronGroup(1, 'v : 1')\nr = sweep('point.eq', x=[1, 2], store='link/s.zarr')\n",
    );
    place.file("point.eq", "x = 1\nsave(y=2*x)\n");
    std::fs::create_dir_all(place.path("results/model")).unwrap();
    std::fs::create_dir(place.path("mine")).unwrap();
    std::os::unix::fs::symlink(place.path("mine"), place.path("results/model/link")).unwrap();
    let ended = place.run(&["run", "model.eq"]).exits(1);
    assert!(ended.err.contains("error[output-path]"), "{}", ended.err);
    assert!(names(&place.path("mine")).is_empty());
}

/// A limit of the size of files stands for a full disk: a write fails after some have succeeded.
#[cfg(unix)]
#[test]
fn what_does_not_fit_is_not_half_there() {
    let place = Place::with(
        "G = NeuronGroup(100, 'dv/dt = -v/ms : 1')\nM = StateMonitor(G, 'v', record=True)\nrun(100*ms)\n",
    );
    place.run(&["run", "model.eq"]).exits(0);
    let program = place.command(&[]).get_program().to_owned();
    let output = std::process::Command::new("sh")
        .args(["-c", "trap '' XFSZ; ulimit -f 64; exec \"$0\" run model.eq"])
        .arg(program)
        .current_dir(place.path(""))
        .output()
        .unwrap();
    let ended = Ended::of(output).exits(1);
    assert!(
        ended.err.contains("could not be written") && ended.err.contains("M.v.npy"),
        "{}",
        ended.err
    );
    let left = names(&place.path("results/model"));
    assert!(
        !left.iter().any(|n| n.ends_with(".part") || n == "run.json"),
        "{left:?}"
    );
    // What the run before has left is whole.
    let (shape, _) = floats(&place.path("results/model/M.v.npy"));
    assert_eq!(shape, [100, 1000]);
}

#[test]
fn a_file_in_place_of_a_folder() {
    let place = Place::with("G = NeuronGroup(1, 'v : 1')\nrun(1*ms)\n");
    place.file("taken", "mine");
    for out in ["taken", "taken/inner"] {
        let ended = place.run(&["run", "model.eq", "--out", out]).exits(2);
        assert!(ended.err.contains("`taken` is a file"), "{}", ended.err);
    }
    assert_eq!(place.names(), ["model.eq", "taken"]);
}
