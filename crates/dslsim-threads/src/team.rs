//! Threads that stay awake for a while between two jobs.
//!
//! Whoever sleeps needs 30 to 50 µs to be awake, which is more than most operations of a step take. So a helper that has nothing to do looks for
//! a new job for a tenth of a millisecond before it goes to sleep, and a job can be had and left in a microsecond. The thread
//! that offers a job does it, too; helpers that come when it is done are too late, and are not waited for.
//!
//! Linux likes to wake a thread on the processor of whoever wakes it, which is about to go to sleep more often than not. Here it is not:
//! both would share a processor, for milliseconds, while another one is idle. So a helper that finds itself on the processor of the thread
//! that it helps goes away. Beyond that, threads are not tied to processors: other programs are there, too.

use std::any::Any;
use std::cell::{RefCell, UnsafeCell};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering, fence};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle, Thread};
use std::time::{Duration, Instant};

use crate::processor;

/// How long a helper without a job stays awake.
const AWAKE: Duration = Duration::from_micros(100);

/// How long a new helper is waited for.
const LATE: Duration = Duration::from_millis(10);

/// Looks for a job between two at the clock.
const LOOKS: u32 = 200;

/// What each thread does, given its number.
type Work<'a> = dyn Fn(usize) + Sync + 'a;

/// The state of the present job: one of these flags, above the number of helpers that are at it, and above both the job's number.
const OPEN: usize = 1 << 15;
const LEAVE: usize = 1 << 16;
const NEXT: usize = 1 << 17;
const HELPERS: usize = OPEN - 1;

/// Threads that a team has at most: fewer than can be counted.
const MOST: usize = 1024;

/// What all threads know. On lines of the cache that nothing else is on.
#[repr(align(128))]
struct Board {
    state: AtomicUsize,
    /// Whether the job may be looked at, and by whom, says the state.
    job: UnsafeCell<Option<*const Work<'static>>>,
    /// The processor of the thread that offers jobs.
    offered_on: AtomicUsize,
    panic: Mutex<Option<Box<dyn Any + Send>>>,
    sleepers: Vec<Sleeper>,
    /// Helpers that have begun to look for jobs.
    present: AtomicUsize,
}

/// Whether a helper sleeps.
#[repr(align(128))]
struct Sleeper(AtomicBool);

// SAFETY: `job` is written by the one thread that offers jobs, while the state says that no job is open and no helper is at one; helpers read it
// after they have entered an open job, and before they leave it. What it points to may be called by several threads.
unsafe impl Sync for Board {}
// SAFETY: the pointer is to what may be called by any thread.
unsafe impl Send for Board {}

/// Some threads: the one that offers jobs, and its helpers.
struct Team {
    threads: usize,
    board: Arc<Board>,
    /// None, as long as there was no job.
    helpers: RefCell<Vec<JoinHandle<()>>>,
}

thread_local! {
    /// The team that this thread offers jobs to.
    static TEAM: RefCell<Option<Team>> = const { RefCell::new(None) };
}

/// Does some work in which jobs may be offered to a team of so many threads (1024 at most), this one included. They are there with the first
/// job. Not for use within a job.
pub fn inside<R>(threads: usize, work: impl FnOnce() -> R) -> R {
    /// Puts back what was there before.
    struct Before(Option<Team>);
    impl Drop for Before {
        fn drop(&mut self) {
            TEAM.set(self.0.take());
        }
    }
    let _before = Before(TEAM.replace(Some(Team::new(threads.min(MOST)))));
    work()
}

/// Threads of the team that this thread offers jobs to.
pub(crate) fn threads() -> usize {
    TEAM.with_borrow(|team| team.as_ref().map_or(1, |team| team.threads))
}

/// Calls `work` with the number of each thread that does it: 0 for this one, and others for helpers that come before that has ended. As many as are
/// wanted are woken; more may come, if they are awake. Whatever is to be done has to be done by 0 if nobody else does it.
///
/// # Panics
/// If `work` panics in one of the threads.
pub(crate) fn together(threads: usize, work: &Work<'_>) {
    TEAM.with_borrow(|team| match team {
        Some(team) if threads > 1 => team.offer(threads, work),
        _ => work(0),
    });
}

impl Team {
    fn new(threads: usize) -> Team {
        let sleeper = |_| Sleeper(AtomicBool::new(false));
        Team {
            threads,
            board: Arc::new(Board {
                state: AtomicUsize::new(0),
                job: UnsafeCell::new(None),
                offered_on: AtomicUsize::new(processor::NONE),
                panic: Mutex::new(None),
                sleepers: (1..threads).map(sleeper).collect(),
                present: AtomicUsize::new(0),
            }),
            helpers: RefCell::new(Vec::new()),
        }
    }

    /// Begins the helpers, and waits for them: a new thread begins on the processor of this one, as soon as that is free.
    #[cold]
    fn begin(&self) -> Vec<JoinHandle<()>> {
        self.board
            .offered_on
            .store(processor::here(), Ordering::Relaxed);
        let begin = |number| {
            let board = Arc::clone(&self.board);
            let helper = thread::Builder::new().name(format!("helper {number}"));
            helper.spawn(move || board.help(number))
        };
        // With fewer threads it takes longer. The first of those that are missing ends the row: helpers are known by their places in it.
        let helpers: Vec<_> = (1..self.threads).map_while(|k| begin(k).ok()).collect();
        let begun = Instant::now();
        while self.board.present.load(Ordering::Relaxed) < helpers.len() && begun.elapsed() < LATE {
            thread::yield_now();
        }
        helpers
    }

    /// Offers a job to some threads, and does it.
    fn offer(&self, threads: usize, work: &Work<'_>) {
        let board = &*self.board;
        let Ok(mut helpers) = self.helpers.try_borrow_mut() else {
            // A job within a job is done by whoever has come to it.
            work(0);
            return;
        };
        if helpers.is_empty() {
            *helpers = self.begin();
        }
        let state = board.state.load(Ordering::Relaxed);
        let _ = self.board.panic().take();
        let job: *const Work<'_> = work;
        // SAFETY: only the lifetime is another one. Nobody calls it after `Closing` was dropped, at the end of this function.
        let job: *const Work<'static> = unsafe { std::mem::transmute(job) };
        // SAFETY: no job is open, nobody is at one, and this is the one thread that offers jobs: `TEAM` is its own.
        unsafe { *board.job.get() = Some(job) };
        board.offered_on.store(processor::here(), Ordering::Relaxed);
        board.state.store(
            ((state & !(OPEN | HELPERS)) + NEXT) | OPEN,
            Ordering::Release,
        );
        // Either this sees that somebody sleeps, or whoever goes to sleep sees that there is a job.
        fence(Ordering::SeqCst);
        let sleepers = board.sleepers.iter().zip(helpers.iter());
        for (sleeper, helper) in sleepers.take(threads - 1) {
            if sleeper.0.load(Ordering::Relaxed) {
                helper.thread().unpark();
            }
        }
        let closing = Closing(board);
        work(0);
        drop(closing);
        let panic = board.panic().take();
        if let Some(panic) = panic {
            drop(helpers);
            resume_unwind(panic);
        }
    }
}

/// Closes the job, and waits for those that are at it.
struct Closing<'a>(&'a Board);

impl Drop for Closing<'_> {
    fn drop(&mut self) {
        let state = &self.0.state;
        state.fetch_and(!OPEN, Ordering::AcqRel);
        let mut looks = 0;
        while state.load(Ordering::Acquire) & HELPERS > 0 {
            processor::wait(&mut looks);
        }
    }
}

impl Drop for Team {
    fn drop(&mut self) {
        let helpers = std::mem::take(&mut *self.helpers.borrow_mut());
        self.board.state.fetch_or(LEAVE, Ordering::SeqCst);
        helpers
            .iter()
            .map(JoinHandle::thread)
            .for_each(Thread::unpark);
        for helper in helpers {
            let _ = helper.join();
        }
    }
}

impl Board {
    /// What a helper does: each job once, until it is to leave.
    fn help(&self, number: usize) {
        self.keep_off();
        self.present.fetch_add(1, Ordering::Relaxed);
        let mut done = 0;
        while let Some(job) = self.wait(number, done) {
            done = job;
            self.take_part(number, job);
        }
    }

    /// What a helper has panicked with.
    fn panic(&self) -> MutexGuard<'_, Option<Box<dyn Any + Send>>> {
        self.panic.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Leaves the processor of the thread that offers jobs.
    fn keep_off(&self) {
        if processor::here() == self.offered_on.load(Ordering::Relaxed) {
            processor::leave();
        }
    }

    /// Waits for a job after the one of this number: its number.
    fn wait(&self, number: usize, done: usize) -> Option<usize> {
        let find = || {
            let state = self.state.load(Ordering::Relaxed);
            let job = state / NEXT;
            let open = state & OPEN > 0 && job != done;
            (open || state & LEAVE > 0).then_some((job, state & LEAVE > 0))
        };
        let found = 'found: loop {
            let begun = Instant::now();
            while begun.elapsed() < AWAKE {
                for _ in 0..LOOKS {
                    if let Some(found) = find() {
                        break 'found found;
                    }
                    std::hint::spin_loop();
                }
            }
            let asleep = &self.sleepers[number - 1].0;
            asleep.store(true, Ordering::Relaxed);
            fence(Ordering::SeqCst);
            if find().is_none() {
                thread::park();
            }
            asleep.store(false, Ordering::Relaxed);
        };
        match found {
            (_, true) => None,
            (job, false) => Some(job),
        }
    }

    /// Takes part in a job, if it is still open.
    fn take_part(&self, number: usize, job: usize) {
        let enter = |state: usize| (state & OPEN > 0 && state / NEXT == job).then_some(state + 1);
        let entered = self
            .state
            .fetch_update(Ordering::Acquire, Ordering::Relaxed, enter);
        if entered.is_err() {
            return;
        }
        /// Goes out, whatever happens.
        struct Inside<'a>(&'a AtomicUsize);
        impl Drop for Inside<'_> {
            fn drop(&mut self) {
                self.0.fetch_sub(1, Ordering::Release);
            }
        }
        let inside = Inside(&self.state);
        self.keep_off();
        // SAFETY: the job was written before it was opened, and nobody writes to it while somebody is at it.
        let work = unsafe { *self.job.get() };
        let work = || {
            if let Some(work) = work {
                // SAFETY: it lives until the job is closed and nobody is at it any more.
                unsafe { (*work)(number) };
            }
        };
        if let Err(panic) = catch_unwind(AssertUnwindSafe(work)) {
            *self.panic() = Some(panic);
        }
        drop(inside);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How often each of so many things is done by a team.
    fn shared(count: usize) -> Vec<usize> {
        let done: Vec<AtomicUsize> = (0..count).map(|_| AtomicUsize::new(0)).collect();
        let next = AtomicUsize::new(0);
        together(threads(), &|_| {
            while let Some(done) = done.get(next.fetch_add(1, Ordering::Relaxed)) {
                done.fetch_add(1, Ordering::Relaxed);
            }
        });
        done.into_iter().map(AtomicUsize::into_inner).collect()
    }

    #[test]
    fn everything_is_done_once() {
        for threads in [1, 2, 4] {
            inside(threads, || {
                for count in (0..2000).map(|k| k % 40) {
                    assert_eq!(shared(count), vec![1; count]);
                    if count == 39 {
                        // Some fall asleep, some don't.
                        thread::sleep(Duration::from_micros(110));
                    }
                }
            });
        }
        assert_eq!((threads(), shared(3)), (1, vec![1; 3]));
    }

    #[test]
    fn all_take_part() {
        inside(3, || {
            // Whoever comes waits for the others.
            let here = AtomicUsize::new(0);
            together(3, &|_| {
                here.fetch_add(1, Ordering::SeqCst);
                while here.load(Ordering::SeqCst) < 3 {
                    thread::yield_now();
                }
            });
            assert_eq!(here.into_inner(), 3);
        });
    }

    #[test]
    fn a_panic_of_a_helper_is_one_of_the_job() {
        inside(2, || {
            for panics in [1, 0] {
                let came = AtomicBool::new(false);
                let job = |number| {
                    if number == 1 {
                        came.store(true, Ordering::SeqCst);
                    }
                    while !came.load(Ordering::SeqCst) {
                        thread::yield_now();
                    }
                    assert!(number != panics, "this one");
                };
                let panicked = catch_unwind(AssertUnwindSafe(|| together(2, &job)));
                assert!(panicked.is_err(), "{panics}");
            }
            assert_eq!(shared(5), [1; 5]);
        });
    }
}
