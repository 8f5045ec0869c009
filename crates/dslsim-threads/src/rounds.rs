//! Rounds of work on blocks by several threads, and meetings after them.
//!
//! A round is at most some hundred microseconds long: too short to wake anybody, or to hand over a job. So the threads stay for all rounds,
//! and whoever waits for the others looks again and again. Each has blocks of its own, the same in every round, so that it finds them in its
//! cache; who has nothing to do takes what others have not begun for a while. Nobody waits for a thread that has no block: one that has been put
//! aside by the operating system, or has not come yet, is not missed.
//!
//! What blocks tell each other goes through *letters*, which one of the threads reads when a round is over: a *meeting*, though nobody need
//! be there. It writes *answers*, one to each block. Where an answer is not needed at once, a block may go some rounds *ahead* of the meeting, so that
//! one thread does not wait for the others as long as it is not too far ahead, and the meetings are held by a thread that has nothing else to do.
//!
//! Where blocks have to know at once what others have written, they read their letters themselves, one after the other, as soon as they are there: what
//! can be done with some of them is done while others are written, and a block in the middle of a round that can only wait is put down.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use crate::processor::wait;
use crate::team;

/// Looks for something to do, before the blocks of others are taken.
const PATIENCE: u32 = 30;

/// How far a block has come in a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Came {
    /// To the end of it.
    Through,
    /// To where it needs a letter that is not there yet.
    Halfway,
}

/// What one block tells and is told: letters and answers of as many rounds as may be in use at the same time, one more than blocks may be ahead.
#[derive(Debug)]
pub struct Mail<L, A> {
    /// What it tells all others. Who may write and read when is for [`rounds`] to say.
    letters: Vec<L>,
    /// What it is told.
    answers: Vec<RwLock<A>>,
}

impl<L, A> Mail<L, A> {
    /// With these letters and answers for blocks that may be so many rounds ahead.
    pub fn new(ahead: usize, letter: impl Fn() -> L, answer: impl Fn() -> A) -> Mail<L, A> {
        Mail {
            letters: (0..=ahead).map(|_| letter()).collect(),
            answers: (0..=ahead).map(|_| RwLock::new(answer())).collect(),
        }
    }

    /// The letters; and the answers for the first rounds, in their order.
    pub fn all_mut(&mut self) -> (&mut [L], impl Iterator<Item = &mut A>) {
        let answers = self.answers.iter_mut();
        let answers = answers.map(|a| a.get_mut().unwrap_or_else(PoisonError::into_inner));
        (&mut self.letters, answers)
    }
}

/// How far a block is: twice the number of rounds that are done, and one more while somebody works on the next one.
#[repr(align(128))]
struct State(AtomicUsize);

impl State {
    /// Rounds that are done.
    fn over(&self) -> usize {
        self.0.load(Ordering::Acquire) / 2
    }
}

/// A block. Each on lines of the cache that nothing else is on.
#[repr(align(128))]
struct Cell<'a, T>(Mutex<&'a mut T>);

/// What all threads know.
struct Rounds<'a, T, L, A, C> {
    states: Vec<State>,
    cells: Vec<Cell<'a, T>>,
    mail: &'a [Mail<L, A>],
    met: Meetings,
    count: usize,
    /// Rounds that may be begun and are not met after.
    open: usize,
    threads: usize,
    common: Mutex<C>,
    /// A thread has panicked: no round will follow.
    broken: AtomicBool,
}

/// How many were held.
#[repr(align(128))]
struct Meetings(AtomicUsize);

/// What a block reads and writes in a round.
pub struct Desk<'r, L, A> {
    round: usize,
    open: usize,
    own: &'r Mail<L, A>,
    all: &'r [Mail<L, A>],
}

impl<'r, L, A> Desk<'r, L, A> {
    /// The number of the round.
    #[must_use]
    pub fn round(&self) -> usize {
        self.round
    }

    /// Where a block writes its letter of the round before. Whether it has, the letter has to say. Nothing in the first round, nor of blocks that are
    /// not there, nor if no block may be ahead of the meetings: there is no place then but for the letter of this round.
    #[must_use]
    pub fn before(&self, block: usize) -> Option<&'r L> {
        let before = self.round.checked_sub(1)? % self.open;
        let letters = &self.all.get(block)?.letters;
        letters.get(before).filter(|_| self.open > 1)
    }

    /// The answer for this round.
    pub fn answer(&self) -> RwLockReadGuard<'r, A> {
        let answer = self.own.answers[self.round % self.open].read();
        answer.unwrap_or_else(PoisonError::into_inner)
    }

    /// The letter of this round. It takes the place of one that others may read until they have written theirs of the round before: a block
    /// that reads letters writes its own one after it has read all of these.
    #[must_use]
    pub fn letter(&self) -> &'r L {
        &self.own.letters[self.round % self.open]
    }
}

/// All letters of a round that is over, and the answers for a later one.
pub struct Table<'r, L, A> {
    round: usize,
    slot: usize,
    mail: &'r [Mail<L, A>],
}

impl<'r, L, A> Table<'r, L, A> {
    /// The number of the round that is over.
    #[must_use]
    pub fn round(&self) -> usize {
        self.round
    }

    /// The letters, in the order of the blocks.
    pub fn letters(&self) -> impl Iterator<Item = &'r L> {
        let slot = self.slot;
        self.mail.iter().filter_map(move |m| m.letters.get(slot))
    }

    /// The answers, in the order of the blocks, for the round that can be begun once this meeting is over.
    pub fn answers(&self) -> impl Iterator<Item = RwLockWriteGuard<'r, A>> {
        let slot = self.slot;
        let answers = self.mail.iter().filter_map(move |m| m.answers.get(slot));
        answers.map(|a| a.write().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Does `work` for each block in each of `count` rounds, by so many threads of the team that this is called in; and after each round `meet`, by one of
/// them. A block begins a round when the meeting after the one `ahead + 1` rounds before is over. `work` gets a block and its desk; if it does not
/// come through, it is called again for the same round. `meet` gets the letters of all blocks, and what is common to all of them. The answers
/// for the first rounds are those which are there.
///
/// # Panics
/// If there is not one mail for each block, for as many rounds.
pub fn rounds<T: Send, L: Send + Sync, A: Send + Sync, C: Send>(
    (threads, ahead): (usize, usize),
    count: usize,
    blocks: &mut [T],
    mail: &[Mail<L, A>],
    common: C,
    work: impl Fn(&mut T, &Desk<'_, L, A>) -> Came + Sync,
    meet: impl Fn(&Table<'_, L, A>, &mut C) + Sync,
) -> C {
    let open = ahead + 1;
    let fits = |m: &Mail<L, A>| m.letters.len() >= open && m.answers.len() >= open;
    assert!(
        mail.len() == blocks.len() && mail.iter().all(fits),
        "the mail is not that of these blocks"
    );
    if blocks.is_empty() {
        return common;
    }
    let rounds = Rounds {
        met: Meetings(AtomicUsize::new(0)),
        count,
        open,
        mail,
        threads: threads.clamp(1, blocks.len()),
        common: Mutex::new(common),
        broken: AtomicBool::new(false),
        states: blocks.iter().map(|_| State(AtomicUsize::new(0))).collect(),
        cells: blocks.iter_mut().map(|b| Cell(Mutex::new(b))).collect(),
    };
    team::together(rounds.threads, &|number| {
        let _leaving = Leaving(&rounds.broken);
        rounds.thread(number, &work, &meet);
    });
    let common = rounds.common.into_inner();
    common.unwrap_or_else(PoisonError::into_inner)
}

impl<T: Send, L: Send + Sync, A: Send + Sync, C: Send> Rounds<'_, T, L, A, C> {
    /// All that one thread does.
    fn thread(
        &self,
        number: usize,
        work: &impl Fn(&mut T, &Desk<'_, L, A>) -> Came,
        meet: &impl Fn(&Table<'_, L, A>, &mut C),
    ) {
        // More threads than are wanted may come: they have no blocks of their own.
        let of = |thread: usize| {
            let cut = |k: usize| self.cells.len() * k.min(self.threads) / self.threads;
            cut(thread)..cut(thread + 1)
        };
        let mut looks = 0;
        loop {
            let met = self.met.0.load(Ordering::Acquire);
            if met >= self.count || self.broken.load(Ordering::Relaxed) {
                return;
            }
            // Rounds that may be begun.
            let open = (met + self.open).min(self.count);
            let mut found = self.blocks(of(number), open, work);
            if !found && looks > PATIENCE {
                // From its owner's last one on.
                let others = (1..self.threads).map(|k| of((number + k) % self.threads));
                found = self.blocks(others.flat_map(Iterator::rev), open, work);
            }
            if found || self.meetings(met, meet) {
                looks = 0;
                continue;
            }
            wait(&mut looks);
        }
    }

    /// Works on those of some blocks whose next round is open and that nobody works on; whether one came through.
    fn blocks(
        &self,
        numbers: impl Iterator<Item = usize>,
        open: usize,
        work: &impl Fn(&mut T, &Desk<'_, L, A>) -> Came,
    ) -> bool {
        let mut found = false;
        for number in numbers {
            let (cell, state, own) = (
                &self.cells[number],
                &self.states[number].0,
                &self.mail[number],
            );
            let before = state.load(Ordering::Acquire);
            let round = before / 2;
            let takes = round < open
                && before.is_multiple_of(2)
                && state
                    .compare_exchange(before, before + 1, Ordering::Acquire, Ordering::Relaxed)
                    .is_ok();
            if takes {
                let desk = Desk {
                    round,
                    open: self.open,
                    own,
                    all: self.mail,
                };
                let came = work(&mut lock(&cell.0), &desk);
                let after = match came {
                    Came::Through => before + 2,
                    Came::Halfway => before,
                };
                state.store(after, Ordering::Release);
                found |= came == Came::Through;
            }
        }
        found
    }

    /// Holds the meetings after the rounds that are over; whether there was one.
    fn meetings(&self, met: usize, meet: &impl Fn(&Table<'_, L, A>, &mut C)) -> bool {
        let over = self.states.iter().map(State::over).min().unwrap_or(0);
        if over <= met {
            return false;
        }
        // Somebody else may hold them, or have held them.
        let Ok(mut common) = self.common.try_lock() else {
            return false;
        };
        if self.met.0.load(Ordering::Acquire) != met {
            return false;
        }
        for round in met..over {
            let table = Table {
                round,
                slot: round % self.open,
                mail: self.mail,
            };
            meet(&table, &mut common);
        }
        self.met.0.store(over, Ordering::Release);
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

    /// A number, and the round that it is of.
    #[derive(Default)]
    struct Letter {
        round: AtomicUsize,
        number: AtomicUsize,
    }

    impl Letter {
        fn write(&self, round: usize, number: usize) {
            self.number.store(number, Ordering::Relaxed);
            self.round.store(round + 1, Ordering::Release);
        }

        fn read(&self, round: usize) -> Option<usize> {
            let there = self.round.load(Ordering::Acquire) == round + 1;
            there.then(|| self.number.load(Ordering::Relaxed))
        }
    }

    /// Each block adds up what the meetings, and other blocks if they are `read`, have told it; in each round one more.
    fn sums(
        threads: usize,
        blocks: usize,
        count: usize,
        (ahead, reads): (usize, bool),
    ) -> (Vec<usize>, Vec<usize>) {
        let mail = (0..blocks).map(|_| Mail::new(ahead, Letter::default, || 1));
        let mail: Vec<Mail<Letter, usize>> = mail.collect();
        // What each has added up, and how many letters it has read in this round.
        let mut cells = vec![(0, 0); blocks];
        let work = |(sum, heard): &mut (usize, usize), desk: &Desk<'_, Letter, usize>| {
            while reads && let Some(letter) = desk.before(*heard) {
                let Some(number) = letter.read(desk.round() - 1) else {
                    return Came::Halfway;
                };
                *sum += number;
                *heard += 1;
            }
            *heard = 0;
            *sum = (*sum + desk.round() + *desk.answer()) % 1000;
            desk.letter().write(desk.round(), *sum);
            if desk.round().is_multiple_of(17) {
                std::thread::sleep(std::time::Duration::from_micros(50));
            }
            Came::Through
        };
        let meet = |table: &Table<'_, Letter, usize>, all: &mut Vec<usize>| {
            assert_eq!(all.len(), table.round());
            let number = |l: &Letter| l.read(table.round()).expect("the round is over");
            let sum = table.letters().map(number).sum();
            table.answers().for_each(|mut a| *a = sum);
            all.push(sum);
        };
        let all = team::inside(threads, || {
            let ahead = (threads, ahead);
            rounds(ahead, count, &mut cells, &mail, Vec::new(), work, meet)
        });
        (cells.into_iter().map(|(sum, _)| sum).collect(), all)
    }

    #[test]
    fn every_block_once_in_every_round() {
        for ahead @ (rounds, reads) in [(0, false), (1, false), (3, false), (1, true), (7, true)] {
            let cases = [(1, 3, 4), (2, 1, 5), (2, 4, 300), (3, 7, 100), (5, 5, 50)];
            for (threads, blocks, count) in cases {
                let mut expected = vec![0; blocks];
                let mut all: Vec<usize> = Vec::new();
                for round in 0_usize..count {
                    let told = round.checked_sub(rounds + 1).map_or(1, |k| all[k]);
                    let read = if reads && round > 0 {
                        expected.iter().sum()
                    } else {
                        0
                    };
                    expected
                        .iter_mut()
                        .for_each(|sum| *sum = (*sum + round + told + read) % 1000);
                    all.push(expected.iter().sum());
                }
                let found = sums(threads, blocks, count, ahead);
                assert_eq!(found, (expected, all), "{threads} threads, {ahead:?}");
            }
        }
    }

    /// Two blocks, of which the second does not come through its first round before the first one had to wait for that.
    #[test]
    fn a_block_that_waits_goes_on_where_it_was() {
        for threads in [1, 2] {
            let mail = [0, 1].map(|_| Mail::new(1, Letter::default, || ()));
            let put_down = AtomicBool::new(false);
            // Its number, how often it has begun a round, and whether it is in the middle of one.
            let work = |(number, begun, inside): &mut (usize, usize, bool),
                        desk: &Desk<'_, Letter, ()>| {
                if !std::mem::replace(inside, true) {
                    *begun += 1;
                }
                if *number == 1 && !put_down.load(Ordering::SeqCst) {
                    return Came::Halfway;
                }
                if let Some(letter) = desk.before(1 - *number)
                    && letter.read(desk.round() - 1).is_none()
                {
                    put_down.store(true, Ordering::SeqCst);
                    return Came::Halfway;
                }
                desk.letter().write(desk.round(), *begun);
                *inside = false;
                Came::Through
            };
            let met = team::inside(threads, || {
                let meet = |table: &Table<'_, Letter, ()>, met: &mut usize| {
                    let round = table.round();
                    assert!(table.letters().all(|l| l.read(round) == Some(round + 1)));
                    *met += 1;
                };
                let mut blocks = [(0, 0, false), (1, 0, false)];
                rounds((threads, 1), 50, &mut blocks, &mail, 0, work, meet)
            });
            assert!(put_down.into_inner());
            assert_eq!(met, 50);
        }
    }

    #[test]
    fn more_threads_than_blocks() {
        team::inside(4, || {
            for _ in 0..500 {
                let mail = [0, 1].map(|_| Mail::new(1, || (), || ()));
                let work = |done: &mut usize, _: &Desk<'_, (), ()>| {
                    *done += 1;
                    Came::Through
                };
                let mut done = [0, 0];
                rounds((4, 1), 20, &mut done, &mail, (), work, |_, ()| {});
                assert_eq!(done, [20, 20]);
                // All helpers are awake, though two are not wanted.
                team::together(4, &|_| {});
            }
        });
    }

    #[test]
    fn nothing_to_do_is_nothing() {
        let none: [Mail<(), ()>; 0] = [];
        let through = |(): &mut (), _: &Desk<'_, (), ()>| Came::Through;
        rounds((2, 0), 3, &mut [], &none, (), through, |_, ()| {});
        assert_eq!(sums(2, 2, 0, (0, false)), (vec![0, 0], Vec::new()));
    }

    #[test]
    fn a_panic_is_not_waited_for() {
        let work = |number: &mut usize, desk: &Desk<'_, (), ()>| {
            assert!(desk.round() < 50 || *number != 2, "the third block");
            Came::Through
        };
        let rounds = || {
            let mail = [0, 1, 2].map(|_| Mail::new(0, || (), || ()));
            rounds((2, 0), 100, &mut [0, 1, 2], &mail, (), work, |_, ()| {});
        };
        let panicked = || std::panic::catch_unwind(rounds).is_err();
        assert!(team::inside(2, panicked));
    }

    #[test]
    fn a_letter_that_is_never_written_is_not_waited_for() {
        let work = |number: &mut usize, desk: &Desk<'_, Letter, ()>| {
            assert!(desk.round() < 5 || *number != 1, "the second block");
            if let Some(letter) = desk.before(1 - *number)
                && letter.read(desk.round() - 1).is_none()
            {
                return Came::Halfway;
            }
            desk.letter().write(desk.round(), 0);
            Came::Through
        };
        for threads in [1, 2] {
            let rounds = || {
                let mail = [0, 1].map(|_| Mail::new(1, Letter::default, || ()));
                rounds((threads, 1), 100, &mut [0, 1], &mail, (), work, |_, ()| {});
            };
            let panicked = || std::panic::catch_unwind(rounds).is_err();
            assert!(team::inside(threads, panicked));
        }
    }
}
