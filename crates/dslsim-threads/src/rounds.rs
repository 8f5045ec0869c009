//! Rounds of work on blocks by several threads that meet after each of them.
//!
//! A round is at most some microseconds long: too short to wake anybody, or to hand over a job. So the threads stay for all rounds,
//! and whoever waits for the others looks again and again. Each has blocks of its own, the same in every round, so that it finds them in its
//! cache; who is ready takes what others have not begun. Nobody waits for a thread that has no block: one that has been put aside by
//! the operating system, or has not come yet, is not missed.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::seats::Seats;

/// Looks at whether the others are ready, before the processor is offered to somebody else in between.
const LOOKS: u32 = 1000;

/// A block, with whatever else a thread needs to work on it. Each on lines of the cache that nothing else is on.
#[repr(align(128))]
struct Cell<'a, T> {
    /// The rounds in which somebody has taken it.
    taken: AtomicUsize,
    inside: Mutex<&'a mut T>,
}

/// What threads tell each other.
#[repr(align(128))]
struct Told<T>(T);

/// What all threads know.
struct Rounds<'a, T, C> {
    cells: Vec<Cell<'a, T>>,
    /// Blocks of this round that are not done.
    left: Told<AtomicUsize>,
    /// The present round.
    round: Told<AtomicUsize>,
    count: usize,
    threads: usize,
    seats: Seats,
    common: Mutex<C>,
    /// A thread has panicked: no round will follow.
    broken: AtomicBool,
}

/// The blocks, while all are done.
pub type Met<'m, 'a, T> = [MutexGuard<'m, &'a mut T>];

/// Does `work` for each cell in each of `count` rounds, by so many threads of the pool that this is called in; and after each round `between`, by
/// one of them, with all cells in their order, and with what is common to all of them.
pub fn rounds<T: Send, C: Send>(
    threads: usize,
    count: usize,
    cells: &mut [T],
    common: C,
    work: impl Fn(usize, &mut T) + Sync,
    between: impl Fn(usize, &mut Met<'_, '_, T>, &mut C) + Sync,
) -> C {
    let blocks = cells.len();
    let cell = |inside| Cell {
        taken: AtomicUsize::new(0),
        inside: Mutex::new(inside),
    };
    let rounds = Rounds {
        cells: cells.iter_mut().map(cell).collect(),
        left: Told(AtomicUsize::new(blocks)),
        round: Told(AtomicUsize::new(0)),
        count,
        threads: threads.min(blocks),
        seats: Seats::new(threads),
        common: Mutex::new(common),
        broken: AtomicBool::new(false),
    };
    if blocks > 0 {
        rounds.threads(0..rounds.threads, &work, &between);
    }
    let common = rounds.common.into_inner();
    common.unwrap_or_else(PoisonError::into_inner)
}

impl<T: Send, C: Send> Rounds<'_, T, C> {
    /// These threads.
    fn threads(
        &self,
        numbers: Range<usize>,
        work: &(impl Fn(usize, &mut T) + Sync),
        between: &(impl Fn(usize, &mut Met<'_, '_, T>, &mut C) + Sync),
    ) {
        let (first, end) = (numbers.start, numbers.end);
        if end - first > 1 {
            let half = (first + end).div_ceil(2);
            rayon::join(
                || self.threads(first..half, work, between),
                || self.threads(half..end, work, between),
            );
        } else {
            let _leaving = Leaving(&self.broken);
            self.thread(first, work, between);
        }
    }

    /// All that one thread does.
    fn thread(
        &self,
        number: usize,
        work: &impl Fn(usize, &mut T),
        between: &impl Fn(usize, &mut Met<'_, '_, T>, &mut C),
    ) {
        self.seats.take(number);
        let of = |thread: usize| {
            let cut = |k: usize| self.cells.len() * k / self.threads;
            cut(thread)..cut(thread + 1)
        };
        let mut round = self.round.0.load(Ordering::Acquire);
        while round < self.count && !self.broken.load(Ordering::Relaxed) {
            let mut done = self.blocks(of(number), round, work);
            for k in 1..self.threads {
                // From its owner's last one on.
                let other = of((number + k) % self.threads);
                done += self.blocks(other.rev(), round, work);
            }
            // The last one sees what all have done.
            if done > 0 && self.left.0.fetch_sub(done, Ordering::AcqRel) == done {
                self.meet(round, between);
            }
            round = self.after(round);
        }
    }

    /// Those of some blocks that nobody has taken in a round that has begun; their number.
    fn blocks(
        &self,
        numbers: impl Iterator<Item = usize>,
        round: usize,
        work: &impl Fn(usize, &mut T),
    ) -> usize {
        let mut done = 0;
        for cell in numbers.filter_map(|k| self.cells.get(k)) {
            let taken = &cell.taken;
            let is_free = taken.load(Ordering::Relaxed) == round
                && taken
                    .compare_exchange(round, round + 1, Ordering::Relaxed, Ordering::Relaxed)
                    .is_ok();
            if is_free {
                work(round, &mut lock(&cell.inside));
                done += 1;
            }
        }
        done
    }

    /// All blocks are done: the next round is prepared.
    fn meet(&self, round: usize, between: &impl Fn(usize, &mut Met<'_, '_, T>, &mut C)) {
        let mut cells: Vec<_> = self.cells.iter().map(|c| lock(&c.inside)).collect();
        between(round, &mut cells, &mut lock(&self.common));
        drop(cells);
        self.left.0.store(self.cells.len(), Ordering::Relaxed);
        self.round.0.store(round + 1, Ordering::Release);
    }

    /// Waits until a round is over; the present one.
    fn after(&self, round: usize) -> usize {
        let mut looks = 0;
        loop {
            let now = self.round.0.load(Ordering::Acquire);
            if now > round || self.broken.load(Ordering::Relaxed) {
                return now;
            }
            if looks < LOOKS {
                looks += 1;
                std::hint::spin_loop();
            } else {
                std::thread::yield_now();
            }
        }
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

    fn pool(threads: usize) -> rayon::ThreadPool {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
        pool.build().expect("a pool")
    }

    #[test]
    fn every_block_once_in_every_round() {
        for (threads, blocks, count) in [(1, 3, 4), (2, 1, 5), (2, 4, 300), (3, 7, 100), (5, 5, 50)]
        {
            // A sum of each block, and what the meeting before has told it.
            let mut cells = vec![(0_usize, 1_usize); blocks];
            let sums = pool(threads).install(|| {
                rounds(
                    threads,
                    count,
                    &mut cells,
                    Vec::new(),
                    |round, (sum, told)| {
                        *sum += round + *told;
                        if round.is_multiple_of(17) {
                            std::thread::sleep(std::time::Duration::from_micros(50));
                        }
                    },
                    |round, cells, sums: &mut Vec<usize>| {
                        assert_eq!(sums.len(), round);
                        let all = cells.iter().map(|c| c.0 % 1000).sum();
                        cells.iter_mut().for_each(|c| c.1 = all);
                        sums.push(all);
                    },
                )
            });
            let cells: Vec<usize> = cells.iter().map(|c| c.0).collect();
            let mut expected = vec![0; blocks];
            let mut all: Vec<usize> = Vec::new();
            for round in 0..count {
                let last = *all.last().unwrap_or(&1);
                expected.iter_mut().for_each(|cell| *cell += round + last);
                all.push(expected.iter().map(|c| *c % 1000).sum());
            }
            assert_eq!((cells, sums), (expected, all), "{threads} threads");
        }
    }

    #[test]
    fn a_panic_is_not_waited_for() {
        let rounds = || {
            rounds(
                2,
                100,
                &mut [0, 1, 2],
                (),
                |round, cell| assert!(round < 50 || *cell != 2, "the third block"),
                |_, _, ()| {},
            );
        };
        let panicked = || std::panic::catch_unwind(rounds).is_err();
        assert!(pool(2).install(panicked));
    }
}
