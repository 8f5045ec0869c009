//! Rounds of work on blocks by several threads that meet after each of them.
//!
//! A round is at most some microseconds long: too short to wake anybody, or to hand over a job. So the threads stay for all rounds,
//! and whoever waits for the others looks again and again. Each has blocks of its own, the same in every round, so that it finds them in its
//! cache; who is ready takes what others have not begun. Nobody waits for a thread that has no block: one that has been put aside by
//! the operating system, or has not come yet, is not missed.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock};

/// Looks at whether the others are ready, before the processor is offered to somebody else in between.
const LOOKS: u32 = 1000;

/// A block, and whatever else a thread needs to work on it.
type Cell<T> = Mutex<T>;

/// What all threads know.
struct Rounds<'a, T, C> {
    cells: Vec<Cell<&'a mut T>>,
    /// For each block, the rounds in which somebody has taken it.
    taken: Vec<AtomicUsize>,
    /// Blocks of this round that are not done.
    left: AtomicUsize,
    /// The present round.
    round: AtomicUsize,
    count: usize,
    threads: usize,
    common: RwLock<&'a mut C>,
    /// A thread has panicked: no round will follow.
    broken: AtomicBool,
}

/// Does `work` for each cell in each of `count` rounds, by so many threads of the pool that this is called in; and after each round `between`, by
/// one of them, with all cells in their order.
pub(crate) fn rounds<T: Send, C: Send + Sync>(
    threads: usize,
    count: usize,
    cells: &mut [T],
    common: &mut C,
    work: impl Fn(usize, &mut T, &C) + Sync,
    between: impl Fn(usize, &mut [MutexGuard<'_, &mut T>], &mut C) + Sync,
) {
    if cells.is_empty() || count == 0 {
        return;
    }
    let blocks = cells.len();
    let rounds = Rounds {
        cells: cells.iter_mut().map(Mutex::new).collect(),
        taken: (0..blocks).map(|_| AtomicUsize::new(0)).collect(),
        left: AtomicUsize::new(blocks),
        round: AtomicUsize::new(0),
        count,
        threads: threads.min(blocks),
        common: RwLock::new(common),
        broken: AtomicBool::new(false),
    };
    rounds.threads(0..rounds.threads, &work, &between);
}

impl<T: Send, C: Send + Sync> Rounds<'_, T, C> {
    /// These threads.
    fn threads(
        &self,
        numbers: std::ops::Range<usize>,
        work: &(impl Fn(usize, &mut T, &C) + Sync),
        between: &(impl Fn(usize, &mut [MutexGuard<'_, &mut T>], &mut C) + Sync),
    ) {
        let (first, end) = (numbers.start, numbers.end);
        if end - first > 1 {
            let half = (first + end).div_ceil(2);
            rayon::join(
                || self.threads(first..half, work, between),
                || self.threads(half..end, work, between),
            );
        } else {
            let _left = Leaving(&self.broken);
            self.thread(first, work, between);
        }
    }

    /// All that one thread does.
    fn thread(
        &self,
        number: usize,
        work: &impl Fn(usize, &mut T, &C),
        between: &impl Fn(usize, &mut [MutexGuard<'_, &mut T>], &mut C),
    ) {
        let mut round = self.round.load(Ordering::Acquire);
        while round < self.count && !self.broken.load(Ordering::Relaxed) {
            for block in self.order(number) {
                if !self.takes(block, round) {
                    continue;
                }
                let mut cell = self.cells[block]
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner);
                let common = self.common.read().unwrap_or_else(PoisonError::into_inner);
                work(round, &mut cell, &common);
                drop((cell, common));
                // The last one sees what all have done.
                if self.left.fetch_sub(1, Ordering::AcqRel) == 1 {
                    self.meet(round, between);
                }
            }
            round = self.after(round);
        }
    }

    /// The blocks of a thread, and then the others: from the one on that is its owner's last.
    fn order(&self, number: usize) -> impl Iterator<Item = usize> + use<T, C> {
        let (blocks, threads) = (self.cells.len(), self.threads);
        let at = move |thread: usize| blocks * thread / threads;
        let others = (1..threads).map(move |k| (number + k) % threads);
        let others = others.flat_map(move |thread| (at(thread)..at(thread + 1)).rev());
        (at(number)..at(number + 1)).chain(others)
    }

    /// Whether a block is this thread's in a round that has begun: it is handed out once.
    fn takes(&self, block: usize, round: usize) -> bool {
        self.taken[block]
            .compare_exchange(round, round + 1, Ordering::Relaxed, Ordering::Relaxed)
            .is_ok()
    }

    /// All blocks are done: the next round is prepared.
    fn meet(
        &self,
        round: usize,
        between: &impl Fn(usize, &mut [MutexGuard<'_, &mut T>], &mut C),
    ) {
        let lock = |cell| Mutex::lock(cell).unwrap_or_else(PoisonError::into_inner);
        let mut cells: Vec<_> = self.cells.iter().map(lock).collect();
        let mut common = self.common.write().unwrap_or_else(PoisonError::into_inner);
        between(round, &mut cells, &mut common);
        drop((cells, common));
        self.left.store(self.cells.len(), Ordering::Relaxed);
        self.round.store(round + 1, Ordering::Release);
    }

    /// Waits until a round is over; the present one.
    fn after(&self, round: usize) -> usize {
        let mut looks = 0;
        loop {
            let now = self.round.load(Ordering::Acquire);
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
            let mut cells = vec![0_usize; blocks];
            let mut sums = Vec::new();
            pool(threads).install(|| {
                rounds(
                    threads,
                    count,
                    &mut cells,
                    &mut sums,
                    |round, cell, sums: &Vec<usize>| {
                        // Whatever was done between the rounds is seen.
                        assert_eq!(sums.len(), round);
                        *cell += round + sums.last().unwrap_or(&1);
                        if round.is_multiple_of(17) {
                            std::thread::sleep(std::time::Duration::from_micros(50));
                        }
                    },
                    |round, cells, sums| {
                        assert_eq!(sums.len(), round);
                        sums.push(cells.iter().map(|c| **c % 1000).sum());
                    },
                );
            });
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
                &mut (),
                |round, cell, _| assert!(round < 50 || *cell != 2, "the third block"),
                |_, _, _| {},
            );
        };
        let panicked = || std::panic::catch_unwind(rounds).is_err();
        assert!(pool(2).install(panicked));
    }
}
