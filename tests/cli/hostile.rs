//! What no model file should be: each is refused at once, with a message that helps, and nothing is written.

use std::io::Write;
use std::time::{Duration, Instant};

use crate::support::Place;

/// The longest that a refusal may take; on a quiet machine it is a few milliseconds.
const AT_ONCE: Duration = Duration::from_secs(2);

#[track_caller]
fn refused(place: &Place, file: &str, words: &[&str]) {
    let begun = Instant::now();
    let ended = place
        .run(&["run", file, "--message-format", "short"])
        .exits(1);
    assert!(
        begun.elapsed() < AT_ONCE,
        "{file} took {:?}",
        begun.elapsed()
    );
    for word in words {
        assert!(
            ended.err.contains(word),
            "`{word}` is not in: {}",
            ended.err
        );
    }
    assert!(
        ended.err.len() < 2000,
        "{} bytes of messages",
        ended.err.len()
    );
    assert!(
        !place
            .path("results")
            .join(file.trim_end_matches(".eq"))
            .exists()
    );
}

#[test]
fn brackets() {
    let place = Place::with("");
    let (open, close) = ("(".repeat(100_000), ")".repeat(100_000));
    place.file("plain.eq", &format!("x = {open}1{close}\nsave(x=x)\n"));
    refused(
        &place,
        "plain.eq",
        &["plain.eq:1:", "nesting-too-deep", "200 levels"],
    );
    place.file(
        "string.eq",
        &format!("G = NeuronGroup(1, 'dv/dt = {open}-v{close}/ms : 1')\nrun(1*ms)\n"),
    );
    refused(&place, "string.eq", &["string.eq:1:", "nesting-too-deep"]);
}

#[test]
fn sizes() {
    let place = Place::with("");
    let mut file = std::fs::File::create(place.path("large.eq")).unwrap();
    file.write_all(b"x = 1\n").unwrap();
    file.set_len(300 << 20).unwrap();
    refused(&place, "large.eq", &["too large", "16777216"]);
    place.file(
        "many.eq",
        "G = NeuronGroup(10**12, 'dv/dt = -v/ms : 1')\nrun(1*ms)\n",
    );
    refused(&place, "many.eq", &["many.eq:1:17", "1000000000000", "GiB"]);
    place.file("number.eq", "x = 1e999\nsave(x=x)\n");
    refused(&place, "number.eq", &["number.eq:1:5", "1e999", "inf"]);
    place.file("doublings.eq", &{
        let mut text = String::from("G = NeuronGroup(1, '''dv/dt = x30/ms : 1\nx0 = v : 1\n");
        for k in 1..=30 {
            text += &format!("x{k} = x{0} + x{0} : 1\n", k - 1);
        }
        text + "''', method='euler')\nrun(1*ms)\n"
    });
    refused(&place, "doublings.eq", &["doublings.eq:"]);
    place.file("range.eq", "x = arange(10**12)\nsave(x=x)\n");
    refused(&place, "range.eq", &["range.eq:1:"]);
    place.file(
        "delay.eq",
        "G = NeuronGroup(2, 'v : 1', threshold='v > 1')\n\
         S = Synapses(G, G, on_pre='v += 1')\nS.connect()\nS.delay = 10**9*second\nrun(1*ms)\n",
    );
    refused(&place, "delay.eq", &["delay.eq:"]);
}

#[test]
fn not_a_model() {
    let place = Place::with("");
    place.file("nul.eq", "x = 1\n\0\0y = 2\n");
    refused(&place, "nul.eq", &["nul.eq:2:1", "not text"]);
    place.file(
        "notebook.eq",
        "{\"cells\": [{\"cell_type\": \"code\", \"source\": []}], \"metadata\": {}, \"nbformat\": 4}",
    );
    refused(
        &place,
        "notebook.eq",
        &["Jupyter notebook", "copy the text"],
    );
    std::fs::write(place.path("bytes.eq"), [0x78, 0x0a, 0xff, 0xfe, 0x00]).unwrap();
    refused(&place, "bytes.eq", &["bytes.eq:2", "UTF-8"]);
    std::fs::create_dir(place.path("folder.eq")).unwrap();
    refused(&place, "folder.eq", &["a folder"]);
}

#[test]
fn circles() {
    let place = Place::with("");
    place.file("one.eq", "include('two.eq')\n");
    place.file("two.eq", "include('one.eq')\n");
    refused(&place, "one.eq", &["two.eq:1:9", "includes itself"]);
    place.file(
        "self.eq",
        "G = NeuronGroup(1, '''a = b : 1\nb = a : 1\ndv/dt = a/ms : 1''', method='euler')\nrun(1*ms)\n",
    );
    refused(&place, "self.eq", &["self.eq:"]);
    place.file(
        "sweep.eq",
        "x = 1\nr = sweep('sweep.eq', x=[1, 2])\nsave(r=r.r)\n",
    );
    refused(&place, "sweep.eq", &["sweep.eq:2:"]);
}

#[test]
fn memory() {
    let place = Place::with(
        "G = NeuronGroup(1000, 'dv/dt = -v/ms : 1')\nM = StateMonitor(G, 'v', record=True)\nrun(1*second)\n",
    );
    // 10,000 steps of 1000 doubles go to a file.
    place
        .run(&["run", "model.eq", "--max-memory", "50M"])
        .exits(0);
    // 8 TB do not.
    place.file(
        "long.eq",
        "G = NeuronGroup(1000, 'dv/dt = -v/ms : 1')\nM = StateMonitor(G, 'v', record=True)\nrun(100000*second)\n",
    );
    let refused = place.run(&["run", "long.eq"]).exits(1);
    for words in ["long.eq:3:", "record 7.3 TiB", "14.6 TiB", "on the disk of"] {
        assert!(
            refused.err.contains(words),
            "`{words}` is not in: {}",
            refused.err
        );
    }
    place
        .run(&["run", "model.eq", "--max-memory", "0.2G"])
        .exits(0);
    place
        .run(&["run", "model.eq", "--max-memory", "many"])
        .exits(2);
    place.file(
        "many.eq",
        "G = NeuronGroup(2**31, 'v : 1')\nG.v = 1\nrun(1*ms)\n",
    );
    place.file("arrays.eq", "x = zeros(10**7)\nsave(x=x)\n");
    for (file, words) in [("many.eq", "16.0 GiB"), ("arrays.eq", "10000000 elements")] {
        let refused = place.run(&["run", file, "--max-memory", "50M"]).exits(1);
        assert!(refused.err.contains(words), "{}", refused.err);
    }
}
