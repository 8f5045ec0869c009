//! What a block tells of its spikes.

use std::ops::Range;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{PoisonError, RwLock};

/// Numbers that come with the letter itself.
const SHORT: usize = 31;

/// Instead of the first of them: the letter is a long one.
const LONG: u32 = u32::MAX;

/// The spikes of some steps.
#[derive(Default)]
pub(super) struct Said {
    /// One past the last spike, by step and source.
    ends: Vec<u32>,
    /// Step by step, and source by source.
    spikes: Vec<u32>,
}

impl Said {
    /// Nothing.
    pub(super) fn clear(&mut self) {
        self.ends.clear();
        self.spikes.clear();
    }

    /// The next step: the spikes of each source.
    pub(super) fn say(&mut self, step: &[Vec<u32>]) {
        for spikes in step {
            self.spikes.extend_from_slice(spikes);
            self.ends.push(self.spikes.len() as u32);
        }
    }

    /// The spikes of a source in a step, if there are so many sources.
    fn of(&self, source: usize, step: usize, sources: usize) -> &[u32] {
        let at = step * sources + source;
        let end = |at: usize| self.ends.get(at).map_or(0, |end| *end as usize);
        let range = at.checked_sub(1).map_or(0, end)..end(at);
        self.spikes.get(range).unwrap_or(&[])
    }
}

/// What one block writes and others read. Two neighbouring lines of the cache, or the first of them, tell that it is written, and what, if that is not much
/// and of one step: what takes longest is their way from one processor to another.
///
/// Blocks take care that nobody reads it while it is written; if they did not, they would find other spikes, but do no harm.
#[repr(C, align(128))]
pub(super) struct Letter {
    /// One more than the number of the round that it is of.
    round: AtomicU32,
    /// One past the last spike of each source, counted in this array, and the spikes.
    short: [AtomicU32; SHORT],
    long: RwLock<Said>,
}

impl Letter {
    /// Not written.
    pub(super) fn new() -> Letter {
        Letter {
            round: AtomicU32::new(0),
            short: [const { AtomicU32::new(0) }; SHORT],
            long: RwLock::default(),
        }
    }

    /// Nobody is to take it for that of a round to come.
    pub(super) fn forget(&mut self) {
        *self.round.get_mut() = 0;
    }

    /// Whether it is that of this round.
    pub(super) fn is_of(&self, round: usize) -> bool {
        self.round.load(Ordering::Acquire) == (round as u32).wrapping_add(1)
    }

    /// Writes what is said in a round, by so many sources. `said` has to be cleared afterwards: what a long letter has said before is there then.
    pub(super) fn write(&self, round: usize, sources: usize, said: &mut Said) {
        if said.ends.len() == sources && sources + said.spikes.len() <= SHORT {
            let ends = said.ends.iter().map(|end| sources as u32 + end);
            let numbers = ends.chain(said.spikes.iter().copied());
            for (place, number) in self.short.iter().zip(numbers) {
                place.store(number, Ordering::Relaxed);
            }
        } else {
            self.short[0].store(LONG, Ordering::Relaxed);
            let mut long = self.long.write().unwrap_or_else(PoisonError::into_inner);
            std::mem::swap(&mut *long, said);
        }
        let round = (round as u32).wrapping_add(1);
        self.round.store(round, Ordering::Release);
    }

    /// Appends the spikes of a source, one of so many, in a step of the round.
    pub(super) fn append(&self, (source, sources): (usize, usize), step: usize, to: &mut Vec<u32>) {
        let number = |at: usize| self.short.get(at).map_or(0, |n| n.load(Ordering::Relaxed));
        if number(0) == LONG {
            let long = self.long.read().unwrap_or_else(PoisonError::into_inner);
            to.extend_from_slice(long.of(source, step, sources));
            return;
        }
        let first = source
            .checked_sub(1)
            .map_or(sources, |before| number(before) as usize);
        let range: Range<usize> = first..number(source) as usize;
        let spikes = self.short.get(range).unwrap_or(&[]);
        to.extend(spikes.iter().map(|spike| spike.load(Ordering::Relaxed)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_and_long_letters() {
        let letter = Letter::new();
        let mut said = Said::default();
        let read = |source, step| {
            let mut spikes = vec![7];
            letter.append((source, 2), step, &mut spikes);
            spikes.split_off(1)
        };
        let many: Vec<u32> = (0..100).collect();
        let steps = [
            vec![many[..29].to_vec(), vec![]],
            vec![vec![], many[..29].to_vec()],
            vec![vec![3, 5], vec![4]],
            vec![vec![], vec![]],
            vec![vec![1], many.clone()],
        ];
        for (round, spikes) in steps.iter().enumerate() {
            assert!(!letter.is_of(round));
            said.clear();
            said.say(spikes);
            letter.write(round, 2, &mut said);
            assert!(letter.is_of(round));
            assert_eq!([read(0, 0), read(1, 0)], spikes[..]);
        }
        said.clear();
        steps.iter().for_each(|step| said.say(step));
        letter.write(5, 2, &mut said);
        for (step, spikes) in steps.iter().enumerate() {
            assert_eq!([read(0, step), read(1, step)], spikes[..]);
        }
    }
}
