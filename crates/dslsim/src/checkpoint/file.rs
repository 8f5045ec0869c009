//! The file of one run: a line of JSON that says what it is, the arrays as they lie in memory, named lists of numbers, and the hash
//! of all that.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::path::Path;
use std::sync::Arc;

use dslsim_runtime::{Held, Log, Numbers, Simulation, State, Underway, Unfit};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// The first bytes, with the version of the format. In the byte order of the machine, like all that follows.
const MAGIC: [u64; 2] = [u64::from_be_bytes(*b"dslsimcp"), 1];

/// The longest line that says what a file is.
const LINE: u64 = 1 << 20;

/// What a file is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct About {
    /// What the run must share with it to go on from it.
    pub identity: Json,
    /// Seconds between checkpoints.
    pub every: f64,
    /// Bytes of recordings that belong to it.
    pub recorded: u64,
}

/// Why a file cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unreadable {
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error("{0}")]
    Unfit(#[from] Unfit),
    #[error("it is not whole, or not of this program and kind of machine")]
    Broken,
}

/// Writes the file of a run.
pub(super) fn write(
    file: &mut BufWriter<File>,
    about: &About,
    simulation: &Simulation,
    underway: &Underway,
) -> io::Result<()> {
    let mut to = Hashing {
        inner: &mut *file,
        hasher: blake3::Hasher::new(),
    };
    to.numbers(&MAGIC)?;
    serde_json::to_writer(&mut to, about)?;
    to.write_all(b"\n")?;
    let arrays = simulation.arrays();
    to.numbers(&[arrays.len() as u64])?;
    for held in arrays {
        to.numbers(&[
            u64::from(held.uniform),
            held.length as u64,
            held.values.len() as u64,
        ])?;
        to.numbers(held.values)?;
    }
    let mut state = State::default();
    simulation.save_rest(&mut state);
    underway.save("run", &mut state);
    to.numbers(&[state.0.len() as u64])?;
    for (name, numbers) in &state.0 {
        let (kind, count) = match numbers {
            Numbers::Floats(all) => (0, all.len()),
            Numbers::Whole(all) => (1, all.len()),
        };
        to.numbers(&[name.len() as u64, kind, count as u64])?;
        to.write_all(name.as_bytes())?;
        match numbers {
            Numbers::Floats(all) => to.numbers(all)?,
            Numbers::Whole(all) => to.numbers(all)?,
        }
    }
    let hash = to.hasher.finalize();
    file.write_all(hash.as_bytes())
}

/// Reads what a file is.
pub(super) fn about(path: &Path) -> Result<About, Unreadable> {
    Ok(Restored::open(path)?.about)
}

/// A file that is being read.
pub(crate) struct Restored {
    from: Hashing<BufReader<File>>,
    about: About,
}

impl Restored {
    pub(super) fn open(path: &Path) -> Result<Restored, Unreadable> {
        let mut from = Hashing {
            inner: BufReader::with_capacity(1 << 20, File::open(path)?),
            hasher: blake3::Hasher::new(),
        };
        if from.few::<2>()? != MAGIC {
            return Err(Unreadable::Broken);
        }
        let mut line = Vec::new();
        from.inner
            .by_ref()
            .take(LINE)
            .read_until(b'\n', &mut line)?;
        from.hasher.update(&line);
        let about = serde_json::from_slice(&line).map_err(|_| Unreadable::Broken)?;
        Ok(Restored { from, about })
    }

    /// What the run must share with it.
    pub(crate) fn identity(&self) -> &Json {
        &self.about.identity
    }

    /// Brings everything into a simulation that has come to the beginning of the run; where the run was.
    pub(crate) fn load(
        mut self,
        simulation: &mut Simulation,
        log: &Arc<Log>,
    ) -> Result<Underway, Unreadable> {
        let from = &mut self.from;
        let [arrays] = from.few()?;
        if arrays as usize != simulation.store.len() {
            return Err(Unfit("arrays".into()).into());
        }
        let mut values: Vec<f64> = Vec::new();
        for number in 0..arrays as usize {
            let [uniform, length, count] = from.few()?;
            from.fill(&mut values, count)?;
            let held = Held {
                uniform: uniform == 1,
                length: length as usize,
                values: &values,
            };
            simulation.put_array(number, held)?;
        }
        drop(values);
        let mut state = State::default();
        let [lists] = from.few()?;
        for _ in 0..lists {
            let [length, kind, count] = from.few()?;
            let mut name = Vec::new();
            from.fill(&mut name, length)?;
            let name = String::from_utf8(name).map_err(|_| Unreadable::Broken)?;
            if kind == 0 {
                let mut all = Vec::new();
                from.fill(&mut all, count)?;
                state.put(name, all);
            } else {
                let mut all = Vec::new();
                from.fill(&mut all, count)?;
                state.put_whole(name, all);
            }
        }
        let hash = from.hasher.finalize();
        let mut stored = [0; 32];
        from.inner.read_exact(&mut stored)?;
        if hash != stored {
            return Err(Unreadable::Broken);
        }
        simulation.load_rest(&state, log)?;
        Ok(Underway::load("run", &state)?)
    }
}

/// Hashes what is written or read.
struct Hashing<T> {
    inner: T,
    hasher: blake3::Hasher,
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = self.inner.write(bytes)?;
        self.hasher.update(&bytes[..n]);
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl<W: Write> Hashing<W> {
    fn numbers<T: bytemuck::Pod>(&mut self, numbers: &[T]) -> io::Result<()> {
        self.write_all(bytemuck::cast_slice(numbers))
    }
}

impl<R: Read> Hashing<R> {
    fn few<const N: usize>(&mut self) -> Result<[u64; N], Unreadable> {
        let mut numbers = [0; N];
        self.inner
            .read_exact(bytemuck::cast_slice_mut(&mut numbers))?;
        self.hasher.update(bytemuck::cast_slice(&numbers));
        Ok(numbers)
    }

    /// Reads so many numbers, in pieces: a damaged file may ask for more than there is.
    fn fill<T: bytemuck::Pod>(&mut self, all: &mut Vec<T>, count: u64) -> Result<(), Unreadable> {
        const PIECE: u64 = 1 << 20;
        all.clear();
        let mut left = count;
        while left > 0 {
            let at = all.len();
            all.resize(at + left.min(PIECE) as usize, T::zeroed());
            let new = bytemuck::cast_slice_mut(&mut all[at..]);
            self.inner.read_exact(new)?;
            self.hasher.update(new);
            left -= left.min(PIECE);
        }
        Ok(())
    }
}
