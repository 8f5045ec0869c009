//! Recorded numbers in the order of recording: the latest in memory, the others, if there are many, in a file.
//!
//! A [`Log`] is a file that only grows: parts of many tapes, one after the other. A part that has been written never changes, so a
//! copy of a tape shares the file, and what is kept of a tape is where its parts lie, with a sum that tells whether they are whole. A
//! [`Shelf`] says from which amount on recordings leave memory, and opens the log when it is needed first.

use std::any::Any;
use std::borrow::Cow;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytemuck::Pod;

use crate::snapshot::{State, Unfit};

/// Numbers read at once where all are passed over.
const PIECE: usize = 1 << 17;

/// A file that parts of tapes are appended to.
pub struct Log {
    file: Mutex<(File, u64)>,
    path: PathBuf,
    /// Held as long as the log is used: what removes the file, for instance.
    _guard: Box<dyn Any + Send + Sync>,
}

impl std::fmt::Debug for Log {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Log({})", self.path.display())
    }
}

impl Log {
    /// A log in a file that is open for reading and writing, of which the first `end` bytes stay. `guard` lives as long as the log.
    pub fn new(file: File, path: PathBuf, end: u64, guard: impl Any + Send + Sync) -> Log {
        Log {
            file: Mutex::new((file, end)),
            path,
            _guard: Box::new(guard),
        }
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Bytes written so far.
    #[must_use]
    pub fn end(&self) -> u64 {
        self.file().1
    }

    /// Makes sure that everything written is on the disk.
    ///
    /// # Errors
    /// The system's.
    pub fn sync(&self) -> io::Result<()> {
        self.file().0.sync_data()
    }

    fn file(&self) -> MutexGuard<'_, (File, u64)> {
        self.file.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn append(&self, bytes: &[u8]) -> io::Result<u64> {
        let mut guard = self.file();
        let (file, end) = &mut *guard;
        file.seek(SeekFrom::Start(*end))?;
        file.write_all(bytes)?;
        let at = *end;
        *end += bytes.len() as u64;
        Ok(at)
    }

    fn read(&self, at: u64, bytes: &mut [u8]) -> io::Result<()> {
        let mut guard = self.file();
        guard.0.seek(SeekFrom::Start(at))?;
        guard.0.read_exact(bytes)
    }
}

/// Where recordings go that memory shall not hold.
pub struct Shelf {
    limit: usize,
    open: Box<dyn Fn() -> io::Result<Log> + Send + Sync>,
    log: Mutex<Option<Arc<Log>>>,
}

impl std::fmt::Debug for Shelf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Shelf({} bytes)", self.limit)
    }
}

impl Shelf {
    /// Recordings of more than `limit` bytes leave memory, into the log that `open` makes.
    pub fn new(limit: usize, open: impl Fn() -> io::Result<Log> + Send + Sync + 'static) -> Shelf {
        Shelf {
            limit,
            open: Box::new(open),
            log: Mutex::new(None),
        }
    }

    /// Bytes of recordings that stay in memory.
    #[must_use]
    pub fn limit(&self) -> usize {
        self.limit
    }

    /// The log, which is opened if it was not.
    ///
    /// # Errors
    /// The system's.
    pub fn log(&self) -> io::Result<Arc<Log>> {
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        match &*log {
            Some(log) => Ok(Arc::clone(log)),
            None => {
                let new = Arc::new((self.open)()?);
                *log = Some(Arc::clone(&new));
                Ok(new)
            }
        }
    }
}

/// A part of a tape in a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Part {
    at: u64,
    count: u64,
    sum: u64,
}

/// Recorded numbers in the order of recording.
#[derive(Clone, Debug)]
pub struct Tape<T> {
    log: Option<Arc<Log>>,
    parts: Vec<Part>,
    /// Numbers in the parts.
    away: usize,
    tail: Vec<T>,
}

impl<T> Default for Tape<T> {
    fn default() -> Self {
        Tape {
            log: None,
            parts: Vec::new(),
            away: 0,
            tail: Vec::new(),
        }
    }
}

impl<T: Pod> Tape<T> {
    /// How many numbers there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.away + self.tail.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether some are in a file.
    #[must_use]
    pub fn is_away(&self) -> bool {
        self.away > 0
    }

    /// Those in memory: all of them unless [`Tape::is_away`], else the latest.
    #[must_use]
    pub fn held(&self) -> &[T] {
        &self.tail
    }

    /// Bytes in memory.
    #[must_use]
    pub fn bytes(&self) -> usize {
        size_of_val(self.held())
    }

    /// All numbers; copied into memory if they are not there.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn all(&self) -> io::Result<Cow<'_, [T]>> {
        if !self.is_away() {
            return Ok(Cow::Borrowed(&self.tail));
        }
        let mut all = vec![T::zeroed(); self.len()];
        self.read(0, &mut all)?;
        Ok(Cow::Owned(all))
    }

    /// Copies the numbers from `from` on.
    ///
    /// # Errors
    /// The file cannot be read, or there are not so many.
    pub fn read(&self, from: usize, out: &mut [T]) -> io::Result<()> {
        let short = || io::Error::from(io::ErrorKind::UnexpectedEof);
        let (mut from, mut out) = (from as u64, out);
        if let (Some(log), true) = (&self.log, (from as usize) < self.away) {
            for part in &self.parts {
                if from >= part.count {
                    from -= part.count;
                    continue;
                }
                let n = (part.count - from).min(out.len() as u64);
                let (now, rest) = out.split_at_mut(n as usize);
                log.read(
                    part.at + from * size_of::<T>() as u64,
                    bytemuck::cast_slice_mut(now),
                )?;
                (from, out) = (0, rest);
                if out.is_empty() {
                    return Ok(());
                }
            }
        } else {
            from -= self.away as u64;
        }
        let from = from as usize;
        let tail = self.tail.get(from..from + out.len()).ok_or_else(short)?;
        out.copy_from_slice(tail);
        Ok(())
    }

    /// Hands all numbers over, piece by piece.
    ///
    /// # Errors
    /// The file cannot be read, or what `take` says.
    pub fn each<E: From<io::Error>>(
        &self,
        mut take: impl FnMut(&[T]) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut piece = vec![T::zeroed(); PIECE.min(self.away)];
        let mut at = 0;
        while at < self.away {
            let n = piece.len().min(self.away - at);
            self.read(at, &mut piece[..n])?;
            take(&piece[..n])?;
            at += n;
        }
        take(&self.tail)
    }

    pub(crate) fn tail(&mut self) -> &mut Vec<T> {
        &mut self.tail
    }

    pub(crate) fn clear(&mut self) {
        *self = Tape {
            tail: std::mem::take(&mut self.tail),
            ..Tape::default()
        };
        self.tail.clear();
    }

    pub(crate) fn assign(&mut self, values: Vec<T>) {
        *self = Tape {
            tail: values,
            ..Tape::default()
        };
    }

    /// Moves what is in memory into the log; the memory is used again.
    pub(crate) fn put_away(&mut self, log: &Arc<Log>) -> io::Result<()> {
        if self.tail.is_empty() {
            return Ok(());
        }
        let bytes: &[u8] = bytemuck::cast_slice(&self.tail);
        let (at, sum) = (log.append(bytes)?, sum(bytes));
        let count = self.tail.len();
        self.parts.push(Part {
            at,
            count: count as u64,
            sum,
        });
        self.log = Some(Arc::clone(log));
        self.away += count;
        self.tail.clear();
        Ok(())
    }

    /// Writes where the parts lie. What is still in memory is not written.
    pub(crate) fn save(&self, name: String, state: &mut State) {
        let parts = self.parts.iter().flat_map(|p| [p.at, p.count, p.sum]);
        state.put_whole(name, parts.collect());
    }

    /// The tape whose parts lie in a log where [`Tape::save`] says, if they are whole.
    pub(crate) fn load(name: &str, state: &State, log: &Arc<Log>) -> Result<Tape<T>, Unfit> {
        let unfit = || Unfit(name.to_owned());
        let (numbers, rest) = state.whole(name)?.as_chunks::<3>();
        if !rest.is_empty() {
            return Err(unfit());
        }
        let mut tape = Tape {
            log: Some(Arc::clone(log)),
            ..Tape::default()
        };
        let mut bytes = Vec::new();
        for &[at, count, expected] in numbers {
            let length = count.checked_mul(size_of::<T>() as u64);
            let length = length.filter(|n| at.checked_add(*n).is_some_and(|end| end <= log.end()));
            bytes.resize(length.ok_or_else(unfit)? as usize, 0);
            log.read(at, &mut bytes).map_err(|_| unfit())?;
            if sum(&bytes) != expected {
                return Err(unfit());
            }
            tape.parts.push(Part {
                at,
                count,
                sum: expected,
            });
            tape.away += count as usize;
        }
        Ok(tape)
    }
}

impl<T: Copy> Extend<T> for Tape<T> {
    #[inline]
    fn extend<I: IntoIterator<Item = T>>(&mut self, values: I) {
        self.tail.extend(values);
    }
}

/// A number that bytes which are not the same hardly share.
fn sum(bytes: &[u8]) -> u64 {
    const ODD: u64 = 0x9e37_79b9_7f4a_7c15;
    let (words, rest) = bytes.as_chunks::<8>();
    let mut lanes = [1_u64, 2, 3, 4];
    for (k, word) in words.iter().enumerate() {
        let lane = &mut lanes[k % 4];
        *lane = (*lane ^ u64::from_le_bytes(*word))
            .wrapping_mul(ODD)
            .rotate_left(29);
    }
    let last = rest
        .iter()
        .fold(bytes.len() as u64, |h, b| (h << 8) ^ u64::from(*b));
    lanes.into_iter().chain([last]).fold(0, |h, lane| {
        (h ^ lane ^ (lane >> 31)).wrapping_mul(ODD).rotate_left(27)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log() -> Arc<Log> {
        static NUMBER: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("tape-{}-{number}", std::process::id()));
        let mut options = File::options();
        let file = options.read(true).write(true).create(true).truncate(true);
        let file = file.open(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        Arc::new(Log::new(file, path, 0, ()))
    }

    #[test]
    fn what_is_put_away_is_read_back() {
        let log = log();
        let (mut a, mut b) = (Tape::<f64>::default(), Tape::<u32>::default());
        let expected: Vec<f64> = (0..300_000).map(|k| f64::from(k) * 0.1).collect();
        for part in expected.chunks(70_001) {
            a.extend(part.iter().copied());
            b.extend(part.iter().map(|x| *x as u32));
            if a.len() < 250_000 {
                a.put_away(&log).unwrap();
                b.put_away(&log).unwrap();
            }
        }
        assert!(a.is_away() && !a.held().is_empty() && a.len() == expected.len());
        assert_eq!(*a.all().unwrap(), expected);
        let mut some = vec![0.0; 150_000];
        for from in [0, 69_999, 140_002, 150_000] {
            a.read(from, &mut some).unwrap();
            assert_eq!(some, expected[from..from + 150_000]);
        }
        assert!(a.read(150_001, &mut some).is_err());
        let mut all = Vec::new();
        a.each(|piece| -> io::Result<()> {
            all.extend_from_slice(piece);
            Ok(())
        })
        .unwrap();
        assert_eq!(all, expected);
        assert_eq!(b.all().unwrap()[299_999], 29_999);

        a.put_away(&log).unwrap();
        let mut state = State::default();
        a.save("a".into(), &mut state);
        let again: Tape<f64> = Tape::load("a", &state, &log).unwrap();
        assert_eq!(*again.all().unwrap(), expected);
        let mut file = log.file();
        file.0.seek(SeekFrom::Start(1_000_000)).unwrap();
        file.0.write_all(&[77]).unwrap();
        drop(file);
        assert!(Tape::<f64>::load("a", &state, &log).is_err());
        a.clear();
        assert!(a.is_empty() && again.len() == expected.len());
    }

    #[test]
    fn sums_tell_bytes_apart() {
        let bytes: Vec<u8> = (0..=255).collect();
        let whole = sum(&bytes);
        assert_ne!(whole, sum(&bytes[..255]));
        for at in 0..256 {
            let mut other = bytes.clone();
            other[at] ^= 1;
            assert_ne!(whole, sum(&other), "{at}");
        }
    }
}
