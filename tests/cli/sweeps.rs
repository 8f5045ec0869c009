//! Sweeps: what a store holds, and that nothing is lost or changed whatever happens to the process.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use crate::support::{Ended, Place, floats, names};

/// Noisy neurons; all that is saved depends on the seed and on both parameters.
const NOISY: &str = "\
seed(3)
tau = 10*ms
drive = 1.5
N = 3
duration = 20*ms
G = NeuronGroup(N, 'dv/dt = (drive - v)/tau + 0.3*xi*tau**-0.5 : 1', threshold='v > 1', reset='v = 0', method='euler')
spikes = SpikeMonitor(G)
run(duration)
save(v=G.v, n=spikes.num_spikes, mean_v=mean(G.v)*mV)
";

const GRID: [&str; 4] = ["--over", "tau=[5,10,20]*ms", "--over", "drive=[1.2,1.5]"];

fn words<'a>(first: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    first.iter().chain(more).copied().collect()
}

fn sweep<'a>(more: &[&'a str]) -> Vec<&'a str> {
    words(&words(&["sweep", "model.eq"], &GRID), more)
}

/// All files of a store but wall times and what the group says about the command.
fn contents(store: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut all = BTreeMap::new();
    let mut open = vec![store.to_path_buf()];
    while let Some(folder) = open.pop() {
        for name in names(&folder) {
            let path = folder.join(&name);
            let key = path
                .strip_prefix(store)
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned();
            if path.is_dir() {
                open.push(path);
            } else if !key.starts_with("point_seconds/c") && key != "zarr.json" {
                all.insert(key, fs::read(&path).unwrap());
            }
        }
    }
    all
}

fn json(path: &Path) -> serde_json::Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

fn chunk(path: &Path) -> Vec<f64> {
    let bytes = fs::read(path).unwrap();
    let numbers = bytes.chunks_exact(8);
    numbers
        .map(|b| f64::from_le_bytes(b.try_into().unwrap()))
        .collect()
}

#[test]
fn each_point_is_what_run_gives() {
    let place = Place::with(NOISY);
    let ended = place.run(&sweep(&[])).exits(0);
    assert!(
        ended.out.contains("6 points, 6 simulated now"),
        "{}",
        ended.out
    );
    let store = place.path("results/model.zarr");
    assert_eq!(names(&place.path("results")), ["model.zarr"]);
    for (i, tau) in ["5*ms", "10*ms", "20*ms"].iter().enumerate() {
        for (j, drive) in ["1.2", "1.5"].iter().enumerate() {
            let (tau, drive) = (format!("tau={tau}"), format!("drive={drive}"));
            place
                .run(&["run", "model.eq", "--set", &tau, "--set", &drive])
                .exits(0);
            let alone = floats(&place.path("results/model/v.npy")).1;
            assert_eq!(chunk(&store.join(format!("v/c/{i}/{j}/0"))), alone);
            let mean = floats(&place.path("results/model/mean_v.npy")).1;
            assert_eq!(chunk(&store.join(format!("mean_v/c/{i}/{j}"))), mean);
        }
    }
}

#[test]
fn the_store_is_zarr() {
    let place = Place::with(NOISY);
    place.run(&sweep(&["--set", "N=4"])).exits(0);
    let store = place.path("results/model.zarr");
    let group = json(&store.join("zarr.json"));
    assert_eq!(
        (&group["zarr_format"], &group["node_type"]),
        (&3.into(), &"group".into())
    );
    let about = &group["attributes"]["dslsim"];
    assert_eq!(about["files"]["model.eq"], NOISY);
    assert_eq!(about["settings"]["N"], "4");
    assert_eq!(about["parameters"]["N"], 4);
    assert_eq!(
        about["axes"]["tau"]["values"],
        serde_json::json!([0.005, 0.01, 0.02])
    );
    assert!(about["command"].as_str().unwrap().contains("--over"));
    let v = json(&store.join("v/zarr.json"));
    assert_eq!(v["shape"], serde_json::json!([3, 2, 4]));
    assert_eq!(
        v["dimension_names"],
        serde_json::json!(["tau", "drive", "v_0"])
    );
    assert_eq!(
        v["chunk_grid"]["configuration"]["chunk_shape"],
        serde_json::json!([1, 1, 4])
    );
    assert_eq!(
        (&v["data_type"], &v["fill_value"]),
        (&"float64".into(), &"NaN".into())
    );
    assert_eq!(group["consolidated_metadata"]["metadata"]["v"], v);
    let tau = json(&store.join("tau/zarr.json"));
    assert_eq!(tau["attributes"]["units"], "second");
    assert_eq!(
        json(&store.join("mean_v/zarr.json"))["attributes"]["units"],
        "volt"
    );
    assert_eq!(chunk(&store.join("tau/c/0")), [0.005, 0.01, 0.02]);
    assert_eq!(json(&store.join("n/zarr.json"))["data_type"], "int64");
    assert_eq!(fs::read(store.join("point_status/c/2/1")).unwrap(), [1]);
}

#[test]
fn xarray_opens_it() {
    let python = std::env::var("DSLSIM_PYTHON").unwrap_or_else(|_| "python3".into());
    let has = |module: &str| {
        let found = Command::new(&python)
            .args(["-c", &format!("import {module}")])
            .stderr(Stdio::null())
            .status();
        found.is_ok_and(|s| s.success())
    };
    if !has("xarray") || !has("zarr") {
        eprintln!("not tested: {python} has no xarray (name one that has by DSLSIM_PYTHON)");
        return;
    }
    let place = Place::with(NOISY);
    place.run(&sweep(&[])).exits(0);
    let script = "
import warnings; warnings.simplefilter('error', RuntimeWarning)
import xarray, numpy
ds = xarray.open_zarr('results/model.zarr')
assert ds.v.dims == ('tau', 'drive', 'v_0'), ds.v.dims
assert ds.tau.attrs['units'] == 'second' and ds.mean_v.attrs['units'] == 'volt'
one = ds.mean_v.sel(tau=0.01, drive=1.5)
assert numpy.isclose(float(ds.v.sel(tau=0.01, drive=1.5).mean())*1e-3, float(one)), one
assert (ds.point_status == 1).all() and (ds.point_error == '').all()
assert ds.n.dtype == 'int64'
";
    let ended = Command::new(&python)
        .args(["-c", script])
        .current_dir(place.path(""))
        .output()
        .unwrap();
    assert!(
        ended.status.success(),
        "{}",
        String::from_utf8_lossy(&ended.stderr)
    );
}

#[test]
fn nothing_depends_on_threads_or_shards() {
    let place = Place::with(NOISY);
    place
        .run(&sweep(&["--jobs", "1", "--out", "one.zarr"]))
        .exits(0);
    place
        .run(&sweep(&["--jobs", "3", "--out", "three.zarr"]))
        .exits(0);
    let one = contents(&place.path("one.zarr"));
    assert_eq!(one, contents(&place.path("three.zarr")));

    let mut shards: Vec<_> = ["1/2", "2/2"]
        .iter()
        .map(|part| {
            place
                .command(&sweep(&["--shard", part, "--out", "two.zarr"]))
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap()
        })
        .collect();
    for shard in &mut shards {
        assert!(shard.wait().unwrap().success());
    }
    assert_eq!(one, contents(&place.path("two.zarr")));
    let half = place
        .run(&sweep(&["--shard", "0/2", "--out", "half.zarr"]))
        .exits(0);
    assert!(
        half.out.contains("3 points (part 0/2 of 6)"),
        "{}",
        half.out
    );
    let status = place.run(&["sweep", "status", "half.zarr"]).exits(0);
    assert!(
        status.out.contains("missing       3") && status.out.contains("time left"),
        "{}",
        status.out
    );
    assert_eq!(
        names(&place.path(""))
            .iter()
            .filter(|n| n.contains("work"))
            .count(),
        0
    );
}

#[test]
fn two_processes_share_the_work() {
    let place = Place::with(NOISY);
    let long = sweep(&["--set", "duration=2*second", "--jobs", "1"]);
    let mut both: Vec<_> = (0..2)
        .map(|_| {
            place
                .command(&long)
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .spawn()
                .unwrap()
        })
        .collect();
    for process in &mut both {
        assert!(process.wait().unwrap().success());
    }
    place
        .run(&sweep(&[
            "--set",
            "duration=2*second",
            "--out",
            "alone.zarr",
        ]))
        .exits(0);
    assert_eq!(
        contents(&place.path("results/model.zarr")),
        contents(&place.path("alone.zarr"))
    );
}

#[test]
fn killed_and_resumed() {
    let place = Place::with(NOISY);
    let duration = "duration=1*second";
    let many = [
        "sweep",
        "model.eq",
        "--over",
        "tau=arange(1,21)*ms",
        "--over",
        "drive=[1.2,1.5]",
        "--set",
        duration,
    ];
    place.run(&words(&many, &["--out", "whole.zarr"])).exits(0);
    let mut kills = 0;
    for round in 0..8_u64 {
        let mut process = place
            .command(&words(&many, &["--jobs", "1"]))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        sleep(Duration::from_millis(8 + 37 * round % 60));
        if process.try_wait().unwrap().is_none() {
            kills += 1;
        }
        process.kill().unwrap();
        process.wait().unwrap();
        let status = place.run(&["sweep", "status", "results/model.zarr"]);
        assert!(matches!(status.code, Some(0 | 1)), "{}", status.err);
    }
    assert!(kills > 0, "the sweep is too short to be killed");
    place.run(&many).exits(0);
    assert_eq!(
        contents(&place.path("whole.zarr")),
        contents(&place.path("results/model.zarr"))
    );
    assert_eq!(names(&place.path("results")), ["model.zarr"], "no litter");
}

#[test]
fn points_that_fail() {
    let place = Place::with(NOISY);
    let grid = ["sweep", "model.eq", "--over", "tau=[0,10,20]*ms"];
    let ended = place.run(&grid).exits(3);
    assert!(
        ended.err.contains("tau = 0 s failed") && ended.err.contains("model.eq:"),
        "{}",
        ended.err
    );
    assert!(
        ended.out.contains("3 points, 3 simulated now, 1 failed"),
        "{}",
        ended.out
    );
    let status = place
        .run(&["sweep", "status", "results/model.zarr"])
        .exits(0);
    assert!(
        status.out.contains("failed        1") && status.out.contains("failed, 1 point: model.eq:"),
        "{}",
        status.out
    );
    let again = place.run(&grid).exits(3);
    assert!(
        again.out.contains("1 simulated now, 2 complete before"),
        "{}",
        again.out
    );
    place
        .run(&["sweep", "export", "results/model.zarr", "--npy", "arrays"])
        .exits(0);
    let (shape, n) = floats(&place.path("arrays/n.npy"));
    assert_eq!(shape, [3]);
    assert!(n[0].is_nan() && n[1] > 0.0 && n[2] > 0.0);
    let fast = place
        .run(&words(&grid, &["--fresh", "--fail-fast", "--jobs", "1"]))
        .exits(3);
    assert!(fast.out.contains("2 missing"), "{}", fast.out);
}

#[test]
fn another_model_is_refused() {
    let place = Place::with(NOISY);
    place.run(&sweep(&[])).exits(0);
    let before = contents(&place.path("results/model.zarr"));
    place.file("model.eq", &NOISY.replace("0.3*xi", "0.4*xi"));
    let ended = place.run(&sweep(&["--seed", "5"])).exits(1);
    for words in [
        "another sweep",
        "0.3*xi",
        "0.4*xi",
        "seed: none before, 5 now",
        "--fresh",
    ] {
        assert!(ended.err.contains(words), "{words}: {}", ended.err);
    }
    assert_eq!(before, contents(&place.path("results/model.zarr")));
    place.run(&sweep(&["--seed", "5", "--fresh"])).exits(0);
    assert_ne!(before, contents(&place.path("results/model.zarr")));
    assert_eq!(names(&place.path("results")), ["model.zarr"]);
}

#[test]
fn seeds() {
    let place = Place::with(NOISY);
    let ten = ["sweep", "model.eq", "--over", "run_number=arange(10)"];
    place.file("model.eq", &format!("run_number = 0\n{NOISY}"));
    place.run(&words(&ten, &["--out", "same.zarr"])).exits(0);
    place
        .run(&words(&ten, &["--vary-seed", "--out", "own.zarr"]))
        .exits(0);
    let all = |store: &str| -> Vec<Vec<u8>> {
        (0..10)
            .map(|k| fs::read(place.path(store).join(format!("v/c/{k}/0"))).unwrap())
            .collect()
    };
    let distinct = |mut all: Vec<Vec<u8>>| {
        all.sort();
        all.dedup();
        all.len()
    };
    assert_eq!(
        (distinct(all("same.zarr")), distinct(all("own.zarr"))),
        (1, 10)
    );
}

#[test]
fn paired_parameters() {
    let place = Place::with(NOISY);
    place
        .run(&[
            "sweep",
            "model.eq",
            "--zip",
            "--over",
            "tau=[5,10]*ms",
            "--over",
            "drive=[1.2,1.5]",
            "--format",
            "npy",
        ])
        .exits(0);
    let v = json(&place.path("results/model.zarr/v/zarr.json"));
    assert_eq!(v["dimension_names"], serde_json::json!(["point", "v_0"]));
    assert_eq!(v["attributes"]["coordinates"], "tau drive");
    assert_eq!(floats(&place.path("results/model/v.npy")).0, [2, 3]);
    assert_eq!(
        floats(&place.path("results/model/drive.npy")),
        (vec![2], vec![1.2, 1.5])
    );
}

#[test]
fn later_points_may_save_more() {
    let model = NOISY.replace(
        "save(v=G.v, n=spikes.num_spikes, mean_v=mean(G.v)*mV)",
        "save(t=spikes.t)",
    );
    let place = Place::with(&model);
    let grid = ["sweep", "model.eq", "--over", "drive=[0.2,1.5,4]"];
    place
        .run(&words(&grid, &["--jobs", "1", "--format", "npy"]))
        .exits(0);
    let (shape, t) = floats(&place.path("results/model/t.npy"));
    assert_eq!(shape[0], 3);
    let filled = |k: usize| {
        t[k * shape[1]..(k + 1) * shape[1]]
            .iter()
            .filter(|x| x.is_finite())
            .count()
    };
    assert!(
        filled(0) < filled(1) && filled(1) < filled(2) && filled(2) == shape[1],
        "{t:?}"
    );
}

#[track_caller]
fn says(ended: Ended, code: i32, words: &[&str]) {
    let ended = ended.exits(code);
    for word in words {
        assert!(
            ended.err.contains(word),
            "`{word}` is not in: {}",
            ended.err
        );
    }
}

#[test]
fn mistakes() {
    let place = Place::with(NOISY);
    let over =
        |text: &str, more: &[&str]| place.run(&words(&["sweep", "model.eq", "--over", text], more));
    says(
        over("tua=[1,2]*ms", &[]),
        1,
        &["unknown-parameter", "--over tua", "did you mean `tau`?"],
    );
    says(over("tau=[]*ms", &[]), 1, &["`tau` has no values"]);
    says(over("tau=arange(5,5)*ms", &[]), 1, &["`tau` has no values"]);
    says(over("tau=5*ms", &[]), 1, &["must be numbers in a list"]);
    says(over("tau=[5,10]*mV", &[]), 1, &["volt"]);
    says(over("tau=[5,10]*mss", &[]), 1, &["mss", "--over"]);
    says(
        over("tau=[1,2]*ms", &["--over", "tau=[3]*ms"]),
        1,
        &["swept twice"],
    );
    says(
        over("tau=[1,2]*ms", &["--set", "tau=3*ms"]),
        2,
        &["--over and --set"],
    );
    says(
        over("tau=[1,2]*ms", &["--zip", "--over", "drive=[1,2,3]"]),
        1,
        &["2 values", "3 values", "--over drive"],
    );
    says(
        over("tau=[1,2]*ms", &["--shard", "5/2"]),
        2,
        &["no part 5 of 2"],
    );
    says(place.run(&["sweep", "model.eq"]), 2, &["--over"]);
    says(
        place.run(&["sweep", "status", "nowhere.zarr"]),
        1,
        &["no sweep at `nowhere.zarr`"],
    );
    place.file("a-file", "");
    says(
        over("tau=[1,2]*ms", &["--out", "a-file/x.zarr"]),
        1,
        &["a-file"],
    );
    fs::create_dir_all(place.path("mine.zarr")).unwrap();
    place.file("mine.zarr/thesis.txt", "all of it");
    says(
        over("tau=[1,2]*ms", &["--out", "mine.zarr", "--fresh"]),
        1,
        &["not the store of a sweep"],
    );
    assert_eq!(
        fs::read_to_string(place.path("mine.zarr/thesis.txt")).unwrap(),
        "all of it"
    );
    place.file(
        "empty.eq",
        "tau = 1*ms\nG = NeuronGroup(1, 'v : 1')\nrun(tau)\n",
    );
    says(
        place.run(&["sweep", "empty.eq", "--over", "tau=[1,2]*ms"]),
        1,
        &["saves nothing", "save(name=value)"],
    );
    place.file(
        "taken.eq",
        "tau = 1*ms\nG = NeuronGroup(1, 'v : 1')\nrun(tau)\nsave(tau=tau)\n",
    );
    says(
        place.run(&["sweep", "taken.eq", "--over", "tau=[1,2]*ms"]),
        1,
        &["swept parameter", "another name"],
    );
    assert!(!place.path("results").exists() || names(&place.path("results")).is_empty());
}

#[test]
fn sweeps_in_model_files() {
    let place = Place::with(NOISY);
    place.file(
        "figure.eq",
        "taus = [5, 10, 20]*ms\n\
         r = sweep('model.eq', tau=taus, drive=[1.2, 1.5], N=4)\n\
         save(rate=r.n/r.tau, v=r.v, grid=r.drive + 0*r.tau/ms, shape=array(r.shape))\n",
    );
    let ended = place.run(&["run", "figure.eq"]).exits(0);
    assert!(
        ended.err.contains("sweeping model.eq: 6 points"),
        "{}",
        ended.err
    );
    assert_eq!(floats(&place.path("results/figure/v.npy")).0, [3, 2, 4]);
    let (shape, grid) = floats(&place.path("results/figure/grid.npy"));
    assert_eq!((shape, grid), (vec![3, 2], [1.2, 1.5].repeat(3)));
    let again = place.run(&["run", "figure.eq"]).exits(0);
    assert!(!again.err.contains("sweeping"), "{}", again.err);
    place.file(
        "read.eq",
        "r = load_sweep('results/figure/model.zarr')\nsave(v=r.v)\n",
    );
    place.run(&["run", "read.eq"]).exits(0);
    assert_eq!(
        fs::read(place.path("results/read/v.npy")).unwrap(),
        fs::read(place.path("results/figure/v.npy")).unwrap()
    );
    place.file(
        "wrong.eq",
        "r = sweep('model.eq', tua=[1, 2]*ms)\nsave(v=r.v)\n",
    );
    says(
        place.run(&["run", "wrong.eq"]),
        1,
        &["wrong.eq:1:23", "did you mean `tau`?"],
    );
    place.file(
        "other.eq",
        "r = sweep('model.eq', tau=[1, 2]*ms)\nsave(v=r.vv)\n",
    );
    says(
        place.run(&["check", "other.eq"]),
        1,
        &["the sweep has no `vv`"],
    );
}

#[test]
fn quick_looks() {
    let place = Place::with(NOISY);
    place.run(&sweep(&[])).exits(0);
    let ended = place.run(&["plot", "results/model.zarr"]).exits(0);
    assert_eq!(ended.out, "results/model.png\n");
    let picture = fs::read(place.path("results/model.png")).unwrap();
    assert!(picture.starts_with(b"\x89PNG") && picture.len() > 5000);
    place
        .run(&["plot", "results/model.zarr", "n", "--out", "n.svg"])
        .exits(0);
    assert!(
        fs::read_to_string(place.path("n.svg"))
            .unwrap()
            .contains("<svg")
    );
    says(
        place.run(&["plot", "results/model.zarr", "w"]),
        1,
        &["there is no array `w`", "`mean_v`"],
    );
}

#[cfg(unix)]
#[test]
fn interrupted() {
    let place = Place::with(NOISY);
    let long = sweep(&["--set", "duration=10000*second"]);
    let process = place
        .command(&long)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    sleep(Duration::from_millis(400));
    let id = process.id().to_string();
    Command::new("kill").args(["-INT", &id]).status().unwrap();
    let ended = Ended::of(process.wait_with_output().unwrap()).exits(130);
    assert!(
        ended.out.contains("6 missing; the same command goes on"),
        "{}",
        ended.out
    );
}
