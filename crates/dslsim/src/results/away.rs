//! Recordings that are in a file: passed over and written piece by piece, never held as a whole.
//!
//! A `StateMonitor` records all elements at one time, then all at the next; a result has all times of one element, then those of the
//! next. It is turned in tiles, which are read and written in pieces of thousands of numbers.

use std::io::{self, Read, Seek, SeekFrom, Write};

use dslsim_model::VarType;
use dslsim_runtime::Tape;

/// Numbers of a tile.
const TILE: usize = 1 << 22;
/// Elements of a tile, if there are more.
const ELEMENTS: usize = 1 << 11;

/// A recording that is in a file.
#[derive(Clone, Debug)]
pub struct Away {
    numbers: Numbers,
    /// Elements recorded at each time.
    width: usize,
}

#[derive(Clone, Debug)]
enum Numbers {
    Values(Tape<f64>, VarType),
    Indices(Tape<u32>),
}

impl Away {
    /// `width` numbers at each time, which are to become rows; 1: one number after the other.
    pub(crate) fn table(tape: &Tape<f64>, ty: VarType, width: usize) -> Away {
        Away {
            numbers: Numbers::Values(tape.clone(), ty),
            width: width.max(1),
        }
    }

    /// Numbers of elements.
    pub(crate) fn indices(tape: &Tape<u32>) -> Away {
        Away {
            numbers: Numbers::Indices(tape.clone()),
            width: 1,
        }
    }

    /// How many numbers there are.
    #[must_use]
    pub fn count(&self) -> usize {
        match &self.numbers {
            Numbers::Values(tape, _) => tape.len(),
            Numbers::Indices(tape) => tape.len(),
        }
    }

    /// Hands all numbers over in pieces, in the order of recording.
    ///
    /// # Errors
    /// The file cannot be read, or what `take` says.
    pub fn each(&self, mut take: impl FnMut(&[f64]) -> io::Result<()>) -> io::Result<()> {
        match &self.numbers {
            Numbers::Values(tape, _) => tape.each(take),
            Numbers::Indices(tape) => {
                let mut wide = Vec::new();
                tape.each(|piece| {
                    wide.clear();
                    wide.extend(piece.iter().map(|k| f64::from(*k)));
                    take(&wide)
                })
            }
        }
    }

    /// Bytes of a number of the result.
    fn size(&self) -> usize {
        match &self.numbers {
            Numbers::Values(_, VarType::Boolean) => 1,
            _ => 8,
        }
    }

    /// Appends numbers as numpy stores them.
    fn encode(&self, numbers: impl Iterator<Item = f64>, out: &mut Vec<u8>) {
        match &self.numbers {
            Numbers::Values(_, VarType::Float) => out.extend(numbers.flat_map(f64::to_le_bytes)),
            Numbers::Values(_, VarType::Boolean) => out.extend(numbers.map(|x| u8::from(x != 0.0))),
            _ => out.extend(numbers.flat_map(|x| (x as i64).to_le_bytes())),
        }
    }

    /// Writes the numbers of the result from the present place of the file on.
    pub(super) fn write(&self, file: &mut (impl Write + Seek)) -> io::Result<()> {
        let mut bytes = Vec::new();
        match &self.numbers {
            Numbers::Values(tape, _) if self.width > 1 => self.turn(tape, file),
            _ => self.each(|piece| {
                bytes.clear();
                self.encode(piece.iter().copied(), &mut bytes);
                file.write_all(&bytes)
            }),
        }
    }

    /// Hands the bytes of the result over in their order. `scratch`: an empty file that can be written.
    pub(super) fn in_order(
        &self,
        scratch: &mut (impl Read + Write + Seek),
        mut take: impl FnMut(&[u8]) -> io::Result<()>,
    ) -> io::Result<()> {
        self.write(scratch)?;
        scratch.seek(SeekFrom::Start(0))?;
        let mut left = self.count() * self.size();
        let mut piece = vec![0; left.min(1 << 20)];
        while left > 0 {
            let n = piece.len().min(left);
            scratch.read_exact(&mut piece[..n])?;
            take(&piece[..n])?;
            left -= n;
        }
        Ok(())
    }

    fn turn(&self, tape: &Tape<f64>, file: &mut (impl Write + Seek)) -> io::Result<()> {
        let base = file.stream_position()?;
        let (width, times) = (self.width, tape.len() / self.width);
        let across = width.min(ELEMENTS);
        let along = (TILE / across).min(times).max(1);
        let mut tile = vec![0.0; across * along];
        let mut bytes = Vec::with_capacity(along * self.size());
        for first in (0..width).step_by(across) {
            let across = across.min(width - first);
            for from in (0..times).step_by(along) {
                let along = along.min(times - from);
                let tile = &mut tile[..across * along];
                if across == width {
                    tape.read(from * width, tile)?;
                } else {
                    for (k, row) in tile.chunks_exact_mut(across).enumerate() {
                        tape.read((from + k) * width + first, row)?;
                    }
                }
                for element in 0..across {
                    bytes.clear();
                    let column = tile.iter().skip(element).step_by(across);
                    self.encode(column.copied(), &mut bytes);
                    let place = (first + element) * times + from;
                    file.seek(SeekFrom::Start(base + (place * self.size()) as u64))?;
                    file.write_all(&bytes)?;
                }
            }
        }
        file.seek(SeekFrom::End(0))?;
        Ok(())
    }
}
