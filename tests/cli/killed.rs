//! `kill -9` at any moment: every file of the results is complete or absent, and the next run removes what was begun.
//!
//! `DSLSIM_KILLS` is the number of kills.

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::support::Place;

/// Little to simulate, much to write.
const MODEL: &str = "\
G = NeuronGroup(40000, 'dv/dt = (2 - v)/(10*ms) : 1', threshold='v > 1', reset='v = 0', method='exact')
G.v = 'rand()'
M = StateMonitor(G, 'v', record=arange(2000))
spikes = SpikeMonitor(G)
run(30*ms)
save(a=G.v, b=2*G.v, c=3*G.v, d=4*G.v, e=M.v[0], f=5)
plot(M.t/ms, M.v[0])
savefig('panels/trace.png')
figure()
plot(M.t/ms, M.v[1])
savefig('trace.svg')
figure()
plot(M.t/ms, M.v[2])
savefig('trace.pdf')
";

/// The files of a folder and the folders in it.
fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = folder.read_dir() else {
        return Vec::new();
    };
    let mut all = Vec::new();
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(files(&path));
        } else {
            all.push(path);
        }
    }
    all
}

fn is_temporary(path: &Path) -> bool {
    let name = path.file_name().unwrap().to_string_lossy();
    name.starts_with(".dslsim-") && name.ends_with(".part")
}

/// What `.npy` bytes say of their own length.
fn npy_length(bytes: &[u8]) -> Option<usize> {
    let (start, header) = match bytes.get(6)? {
        1 => (
            10,
            usize::from(u16::from_le_bytes(bytes.get(8..10)?.try_into().ok()?)),
        ),
        _ => (
            12,
            u32::from_le_bytes(bytes.get(8..12)?.try_into().ok()?) as usize,
        ),
    };
    let text = std::str::from_utf8(bytes.get(start..start + header)?).ok()?;
    let size: usize = text
        .split_once("'descr': '")?
        .1
        .split_once('\'')?
        .0
        .get(2..)?
        .parse()
        .ok()?;
    let shape = text.split_once("'shape': (")?.1.split_once(')')?.0;
    let count: usize = shape
        .split(',')
        .filter_map(|n| n.trim().parse::<usize>().ok())
        .product();
    Some(start + header + size * count)
}

/// Whether a file is all there.
fn is_complete(path: &Path) -> bool {
    is_all(path, &fs::read(path).unwrap())
}

/// Whether these are all bytes of such a file.
fn is_all(path: &Path, bytes: &[u8]) -> bool {
    let end = |n: usize| &bytes[bytes.len().saturating_sub(n)..];
    match path.extension().and_then(|e| e.to_str()) {
        Some("npy") => npy_length(bytes) == Some(bytes.len()),
        // The end of the directory of a zip file, without a comment.
        Some("npz") => end(22).starts_with(b"PK\x05\x06"),
        Some("json") => serde_json::from_slice::<serde_json::Value>(bytes).is_ok(),
        Some("png") => end(8).starts_with(b"IEND"),
        Some("svg") => bytes.trim_ascii_end().ends_with(b"</svg>"),
        Some("pdf") => bytes.trim_ascii_end().ends_with(b"%%EOF"),
        _ => false,
    }
}

#[test]
fn no_file_is_torn() {
    let kills: u64 = std::env::var("DSLSIM_KILLS").map_or(8, |n| n.parse().unwrap());
    let (mut killed, mut partial, mut begun) = (0, 0, 0);
    for format in ["npy", "npz"] {
        let place = Place::with(MODEL);
        let words = ["run", "model.eq", "--format", format];
        let folder = place.path("results/model");
        let start = Instant::now();
        place.run(&words).exits(0);
        let whole = start.elapsed();
        let count = files(&folder).len();
        assert!(
            count >= 5
                && files(&folder)
                    .iter()
                    .all(|f| is_complete(f) && !is_temporary(f))
        );
        for file in files(&folder) {
            let bytes = fs::read(&file).unwrap();
            assert!(!is_all(&file, &bytes[..bytes.len() / 2]) && !is_all(&file, b""));
        }
        for n in 0..kills.div_ceil(2) {
            // Every other time over complete results; what stands there is then the old file or the new one.
            if n % 2 == 0 && folder.exists() {
                fs::remove_dir_all(&folder).unwrap();
            }
            let mut child = place
                .command(&words)
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            // Spread evenly over the time of a run, mostly where files are written.
            let part = (n as f64 * 0.618_033_988_749_894_9 + 0.75).fract();
            std::thread::sleep(Duration::from_secs_f64(whole.as_secs_f64() * part.sqrt()));
            let _ = child.kill();
            killed += usize::from(child.wait().unwrap().signal() == Some(9));
            let left = files(&folder);
            for file in &left {
                assert!(
                    is_temporary(file) || is_complete(file),
                    "{} is torn after kill {n}, at {part} of a run",
                    file.display()
                );
            }
            begun += left.iter().filter(|f| is_temporary(f)).count();
            let done = left.iter().filter(|f| !is_temporary(f)).count();
            partial += usize::from(done > 0 && done < count);
        }
        place.run(&words).exits(0);
        let after = files(&folder);
        assert_eq!(after.len(), count, "{after:?}");
        assert!(after.iter().all(|f| is_complete(f)), "{after:?}");
    }
    println!("{killed} killed, {partial} with some of the files, {begun} temporary files left");
    assert!(killed > 0, "every run ended before it was killed");
}

/// What another run is writing is left alone; what nobody writes is removed.
#[test]
fn abandoned_files_are_removed() {
    let place = Place::with(crate::support::REGULAR);
    fs::create_dir_all(place.path("results/model")).unwrap();
    place.file("results/model/.dslsim-abcdef.part", "begun");
    place.file("results/model/.dslsim-held.part", "begun");
    place.file("results/model/notes.part", "mine");
    let held = fs::File::open(place.path("results/model/.dslsim-held.part")).unwrap();
    held.lock().unwrap();
    place.run(&["run", "model.eq"]).exits(0);
    let exists = |name: &str| place.path("results/model").join(name).exists();
    assert!(!exists(".dslsim-abcdef.part"));
    assert!(exists(".dslsim-held.part") && exists("notes.part") && exists("run.json"));
}
