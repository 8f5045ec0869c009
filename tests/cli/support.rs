//! A folder with a model, and the program run in it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// Five neurons that fire regularly.
pub const REGULAR: &str = "\
tau = 10*ms
N = 5
duration = 100*ms
print('a line of the model')
G = NeuronGroup(N, 'dv/dt = (2 - v)/tau : 1', threshold='v > 1', reset='v = 0', method='exact')
M = StateMonitor(G, 'v', record=[0, 1])
spikes = SpikeMonitor(G)
run(duration)
save(rate=spikes.num_spikes/N/duration, v=G.v)
";

/// A model that simulates for hours.
pub const LONG: &str = "\
G = NeuronGroup(10, 'dv/dt = (2 - v)/(10*ms) : 1', threshold='v > 1', reset='v = 0', method='euler')
M = StateMonitor(G, 'v', record=[0, 1], dt=1*second)
spikes = SpikeMonitor(G, record=False)
run(10000000*second)
save(last=G.v)
";

/// A folder of its own, with `model.eq` in it.
pub struct Place(TempDir);

impl Place {
    /// With this model.
    pub fn with(model: &str) -> Place {
        let place = Place(tempfile::tempdir().unwrap());
        place.file("model.eq", model);
        place
    }

    /// Another file.
    pub fn file(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    /// The path of a file.
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// The program with these words, ready to start.
    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dslsim"));
        command
            .args(words)
            .current_dir(self.0.path())
            .stdin(Stdio::null())
            .env_remove("DSLSIM_VECTOR");
        command
    }

    /// Runs the program with these words.
    pub fn run(&self, words: &[&str]) -> Ended {
        Ended::of(self.command(words).output().unwrap())
    }

    /// `run.json` of the results in `folder`.
    pub fn description(&self, folder: &str) -> serde_json::Value {
        let text = fs::read_to_string(self.path(folder).join("run.json")).unwrap();
        serde_json::from_str(&text).unwrap()
    }

    /// What stands beside the model.
    pub fn names(&self) -> Vec<String> {
        names(self.0.path())
    }
}

/// The names in a folder, sorted.
pub fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// How the program has ended.
#[derive(Debug)]
pub struct Ended {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Ended {
    /// From what the system says.
    pub fn of(output: Output) -> Ended {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Ended {
            code: output.status.code(),
            out: text(output.stdout),
            err: text(output.stderr),
        }
    }

    /// Demands an exit code.
    #[track_caller]
    pub fn exits(self, code: i32) -> Ended {
        assert_eq!(self.code, Some(code), "{}\n{}", self.out, self.err);
        self
    }
}

/// The numbers of a `.npy` file of floats, and its shape.
pub fn floats(path: &Path) -> (Vec<usize>, Vec<f64>) {
    let bytes = fs::read(path).unwrap();
    assert_eq!(&bytes[..6], b"\x93NUMPY");
    let (start, length) = match bytes[6] {
        1 => (10, usize::from(u16::from_le_bytes([bytes[8], bytes[9]]))),
        _ => (
            12,
            u32::from_le_bytes([bytes[8], bytes[9], bytes[10], bytes[11]]) as usize,
        ),
    };
    let header = std::str::from_utf8(&bytes[start..start + length]).unwrap();
    assert!(
        header.contains("<f8") && header.contains("False"),
        "{header}"
    );
    let shape = header
        .split_once("'shape': (")
        .unwrap()
        .1
        .split_once(')')
        .unwrap()
        .0;
    let shape: Vec<usize> = shape
        .split(',')
        .filter_map(|n| n.trim().parse().ok())
        .collect();
    let values: Vec<f64> = bytes[start + length..]
        .chunks_exact(8)
        .map(|b| f64::from_le_bytes(b.try_into().unwrap()))
        .collect();
    assert_eq!(
        values.len(),
        shape.iter().product::<usize>(),
        "the file is not complete"
    );
    (shape, values)
}
