//! Rounds of work on blocks by several threads that meet after each of them.
//!
//! A round is at most some hundred microseconds long: too short to wake anybody, or to hand over a job. So the threads stay for all rounds,
//! and whoever waits for the others looks again and again. Each has blocks of its own, the same in every round, so that it finds them in its
//! cache; who has nothing to do takes what others have not begun for a while. Nobody waits for a thread that has no block: one that has been put
//! aside by the operating system, or has not come yet, is not missed.
//!
//! What blocks tell each other goes through letters, which one of the threads reads and writes when a round is over: a *meeting*, though nobody need
//! be there. Where letters take two rounds ([`Lag::One`]) a block goes on to the next round before the meeting, and it is held by whoever needs it
//! first, so that one thread does not wait for the others as long as it is less than a round ahead. Where blocks have to know at once what others have
//! written, they can read it themselves ([`Lag::Aside`]): everybody waits for the slowest then, but the meeting is held while they do.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{
    Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard, TryLockError,
};

use crate::processor::wait;
use crate::team;

/// Looks for something to do, before the blocks of others are taken.
const PATIENCE: u32 = 30;

/// How many rounds a block may make without knowing what others have written at the end of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lag {
    /// None: the letter of a round is that of all rounds before it.
    None,
    /// The round before.
    One,
    /// None, but what the others have written in the round before, they read for themselves; meetings are held one round later.
    Aside,
}

/// A block. Each on lines of the cache that nothing else is on.
#[repr(align(128))]
struct Cell<'a, T, L> {
    /// Twice the number of rounds that are done, and one more while somebody works on the next one.
    state: AtomicUsize,
    inside: Mutex<&'a mut T>,
    /// One for each round whose letter may be open at the same time.
    letters: &'a [RwLock<L>],
}

/// What threads tell each other.
#[repr(align(128))]
struct Told(AtomicUsize);

/// What all threads know.
struct Rounds<'a, T, L, C> {
    cells: Vec<Cell<'a, T, L>>,
    /// Blocks that are not done, for each round that may be worked on.
    left: Vec<Told>,
    /// Meetings that were held.
    met: Told,
    count: usize,
    lag: Lag,
    letters: &'a [Vec<RwLock<L>>],
    threads: usize,
    common: Mutex<C>,
    /// A thread has panicked: no round will follow.
    broken: AtomicBool,
}

impl Lag {
    /// Letters of a block: that of round `k` is number `k` modulo this.
    #[must_use]
    pub fn letters(self) -> usize {
        match self {
            Lag::None => 1,
            Lag::One | Lag::Aside => 2,
        }
    }
}

/// What all blocks have written in the round before.
pub struct Written<'r, L> {
    letters: &'r [Vec<RwLock<L>>],
    slot: usize,
}

impl<L> Written<'_, L> {
    /// The letters, in the order of the blocks.
    pub fn letters(&self) -> impl Iterator<Item = RwLockReadGuard<'_, L>> {
        let letters = self.letters.iter().filter_map(|l| l.get(self.slot));
        letters.map(read)
    }
}

/// Reads a letter. A meeting may have it, which lasts a microsecond: not long enough to fall asleep.
fn read<L>(letter: &RwLock<L>) -> RwLockReadGuard<'_, L> {
    let mut looks = 0;
    loop {
        match letter.try_read() {
            Ok(letter) => return letter,
            Err(TryLockError::Poisoned(letter)) => return letter.into_inner(),
            Err(TryLockError::WouldBlock) => wait(&mut looks),
        }
    }
}

/// Does `work` for each block in each of `count` rounds, by so many threads of the team that this is called in; and after each round `meet`, by one of
/// them. `work` gets the block's letter, and with [`Lag::Aside`] what all have written in the round before; `meet` the letters of all blocks in
/// their order, and what is common to all of them. `letters`: those of each block, as many as the lag wants; there stands what is to be read in the first rounds,
/// and later what was written in the last ones.
pub fn rounds<T: Send, L: Send + Sync, C: Send>(
    (threads, lag): (usize, Lag),
    count: usize,
    blocks: &mut [T],
    letters: &[Vec<RwLock<L>>],
    common: C,
    work: impl Fn(usize, &mut T, &mut L, Option<Written<'_, L>>) + Sync,
    meet: impl Fn(usize, &mut [RwLockWriteGuard<'_, L>], &mut C) + Sync,
) -> C {
    let slots = lag.letters();
    let fits = letters.len() == blocks.len() && letters.iter().all(|l| l.len() == slots);
    if blocks.is_empty() || !fits {
        return common;
    }
    let told = |value| Told(AtomicUsize::new(value));
    let rounds = Rounds {
        left: (0..slots).map(|_| told(blocks.len())).collect(),
        met: told(0),
        count,
        lag,
        letters,
        threads: threads.clamp(1, blocks.len()),
        common: Mutex::new(common),
        broken: AtomicBool::new(false),
        cells: blocks
            .iter_mut()
            .zip(letters)
            .map(|(inside, letters)| Cell {
                state: AtomicUsize::new(0),
                inside: Mutex::new(inside),
                letters,
            })
            .collect(),
    };
    team::together(rounds.threads, &|number| {
        let _leaving = Leaving(&rounds.broken);
        rounds.thread(number, &work, &meet);
    });
    let common = rounds.common.into_inner();
    common.unwrap_or_else(PoisonError::into_inner)
}

impl<T: Send, L: Send + Sync, C: Send> Rounds<'_, T, L, C> {
    /// All that one thread does.
    fn thread(
        &self,
        number: usize,
        work: &impl Fn(usize, &mut T, &mut L, Option<Written<'_, L>>),
        meet: &impl Fn(usize, &mut [RwLockWriteGuard<'_, L>], &mut C),
    ) {
        let of = |thread: usize| {
            let cut = |k: usize| self.cells.len() * k / self.threads;
            cut(thread)..cut(thread + 1)
        };
        let mut looks = 0;
        loop {
            let met = self.met.0.load(Ordering::Acquire);
            if met >= self.count || self.broken.load(Ordering::Relaxed) {
                return;
            }
            // Rounds that may be begun.
            let open = match self.lag {
                Lag::None => met + 1,
                Lag::One => met + 2,
                Lag::Aside => met + 1 + usize::from(self.is_over(met)),
            };
            let open = open.min(self.count);
            let mut found = self.blocks(of(number), open, work);
            if !found && looks > PATIENCE {
                // From its owner's last one on.
                let others = (1..self.threads).map(|k| of((number + k) % self.threads));
                found = self.blocks(others.flat_map(Iterator::rev), open, work);
            }
            if found || self.meeting(met, meet) {
                looks = 0;
                continue;
            }
            wait(&mut looks);
        }
    }

    /// Works on those of some blocks whose next round is open and that nobody works on; whether there was one.
    fn blocks(
        &self,
        numbers: impl Iterator<Item = usize>,
        open: usize,
        work: &impl Fn(usize, &mut T, &mut L, Option<Written<'_, L>>),
    ) -> bool {
        let mut found = false;
        for cell in numbers.filter_map(|k| self.cells.get(k)) {
            let state = cell.state.load(Ordering::Acquire);
            let round = state / 2;
            let takes = round < open
                && state.is_multiple_of(2)
                && cell
                    .state
                    .compare_exchange(state, state + 1, Ordering::Acquire, Ordering::Relaxed)
                    .is_ok();
            if takes {
                let slot = round % self.left.len();
                let written = (self.lag == Lag::Aside).then_some(Written {
                    letters: self.letters,
                    slot: 1 - slot,
                });
                if let Some(letter) = cell.letters.get(slot) {
                    let letter = &mut letter.write().unwrap_or_else(PoisonError::into_inner);
                    work(round, &mut lock(&cell.inside), letter, written);
                }
                cell.state.store(state + 2, Ordering::Release);
                // Whoever holds the meeting sees what all have done.
                self.left[slot].0.fetch_sub(1, Ordering::AcqRel);
                found = true;
            }
        }
        found
    }

    /// Whether all blocks have done the round that is met after next.
    fn is_over(&self, met: usize) -> bool {
        let slot = met % self.left.len();
        self.left[slot].0.load(Ordering::Acquire) == 0
    }

    /// Holds the meeting after the rounds that were met after, if all blocks are done; whether it was.
    fn meeting(
        &self,
        met: usize,
        meet: &impl Fn(usize, &mut [RwLockWriteGuard<'_, L>], &mut C),
    ) -> bool {
        if !self.is_over(met) {
            return false;
        }
        let slot = met % self.left.len();
        // Somebody else may hold it, or have held it.
        let Ok(mut common) = self.common.try_lock() else {
            return false;
        };
        if self.met.0.load(Ordering::Acquire) != met {
            return false;
        }
        let letters = self.cells.iter().filter_map(|c| c.letters.get(slot));
        let mut letters: Vec<_> = letters
            .map(|l| l.write().unwrap_or_else(PoisonError::into_inner))
            .collect();
        meet(met, &mut letters, &mut common);
        drop(letters);
        self.left[slot].0.store(self.cells.len(), Ordering::Relaxed);
        self.met.0.store(met + 1, Ordering::Release);
        true
    }
}

/// What is locked by nobody else but one that has panicked.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Tells the others if a thread goes because of a panic.
struct Leaving<'a>(&'a AtomicBool);

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.store(true, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a block has written, and what a meeting has told it.
    type Letter = (usize, usize);

    /// Each block adds up what the meetings, and other blocks, have told it; in each round one more.
    fn sums(threads: usize, blocks: usize, count: usize, lag: Lag) -> (Vec<usize>, Vec<usize>) {
        let letters = || (0..lag.letters()).map(|_| RwLock::new((0, 1))).collect();
        let letters: Vec<Vec<RwLock<Letter>>> = (0..blocks).map(|_| letters()).collect();
        let mut cells = vec![0; blocks];
        let work = |round: usize,
                    sum: &mut usize,
                    letter: &mut Letter,
                    written: Option<Written<'_, Letter>>| {
            let others = written.map_or(0, |w| w.letters().map(|l| l.0).sum());
            *sum = (*sum + round + letter.1 + others) % 1000;
            letter.0 = *sum;
            if round.is_multiple_of(17) {
                std::thread::sleep(std::time::Duration::from_micros(50));
            }
        };
        let meet =
            |round: usize, letters: &mut [RwLockWriteGuard<'_, Letter>], all: &mut Vec<usize>| {
                assert_eq!(all.len(), round);
                let sum = letters.iter().map(|l| l.0).sum();
                letters.iter_mut().for_each(|l| l.1 = sum);
                all.push(sum);
            };
        let all = team::inside(threads, || {
            rounds(
                (threads, lag),
                count,
                &mut cells,
                &letters,
                Vec::new(),
                work,
                meet,
            )
        });
        (cells, all)
    }

    #[test]
    fn every_block_once_in_every_round() {
        for lag in [Lag::None, Lag::One, Lag::Aside] {
            let cases = [(1, 3, 4), (2, 1, 5), (2, 4, 300), (3, 7, 100), (5, 5, 50)];
            for (threads, blocks, count) in cases {
                let mut expected = vec![0; blocks];
                let mut all: Vec<usize> = Vec::new();
                for round in 0_usize..count {
                    let told = round.checked_sub(lag.letters()).map_or(1, |k| all[k]);
                    let read = match (lag, round) {
                        (Lag::Aside, 1..) => expected.iter().sum(),
                        _ => 0,
                    };
                    expected
                        .iter_mut()
                        .for_each(|sum| *sum = (*sum + round + told + read) % 1000);
                    all.push(expected.iter().sum());
                }
                let found = sums(threads, blocks, count, lag);
                assert_eq!(found, (expected, all), "{threads} threads, {lag:?}");
            }
        }
    }

    #[test]
    fn nothing_to_do_is_nothing() {
        let none: [Vec<RwLock<()>>; 0] = [];
        let nothing = |_, _: &mut (), _: &mut (), _: Option<Written<'_, ()>>| {};
        rounds(
            (2, Lag::None),
            3,
            &mut [],
            &none,
            (),
            nothing,
            |_, _, ()| {},
        );
        assert_eq!(sums(2, 2, 0, Lag::None), (vec![0, 0], Vec::new()));
    }

    #[test]
    fn a_panic_is_not_waited_for() {
        let rounds = || {
            let letters = [0, 1, 2].map(|_| vec![RwLock::new(())]);
            rounds(
                (2, Lag::None),
                100,
                &mut [0, 1, 2],
                &letters,
                (),
                |round, number, (), _| assert!(round < 50 || *number != 2, "the third block"),
                |_, _, ()| {},
            );
        };
        let panicked = || std::panic::catch_unwind(rounds).is_err();
        assert!(team::inside(2, panicked));
    }
}
