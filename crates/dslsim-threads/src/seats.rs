//! Each thread on a processor of its own.
//!
//! Linux likes to wake a thread on the processor of whoever wakes it, which is about to go to sleep more often than not. Here it is not:
//! both threads would share a processor, for milliseconds, while another one is idle. So whoever finds itself on the processor of
//! another thread goes away. Threads are not tied to processors beyond that: other programs are there, too.

use std::sync::atomic::{AtomicUsize, Ordering};

/// No processor.
const NONE: usize = usize::MAX;

/// On which processors some threads are, as far as is known.
pub(crate) struct Seats(Vec<AtomicUsize>);

impl Seats {
    pub(crate) fn new(threads: usize) -> Seats {
        Seats((0..threads).map(|_| AtomicUsize::new(NONE)).collect())
    }

    /// This thread has this number: it leaves the processor that it is on, if one with a lower number is there.
    pub(crate) fn take(&self, number: usize) {
        let Some(mut here) = processor::here() else {
            return;
        };
        let others = || self.0.iter().enumerate().filter(|(k, _)| *k != number);
        let at = |seat: &AtomicUsize| seat.load(Ordering::Relaxed);
        if others().any(|(k, seat)| k < number && at(seat) == here) {
            let taken: Vec<usize> = others().map(|(_, seat)| at(seat)).collect();
            here = processor::leave(&taken).unwrap_or(here);
        }
        if let Some(seat) = self.0.get(number) {
            seat.store(here, Ordering::Relaxed);
        }
    }
}

#[cfg(target_os = "linux")]
mod processor {
    use rustix::thread::{CpuSet, sched_getaffinity, sched_getcpu, sched_setaffinity};

    /// The processor that this thread is on.
    pub(crate) fn here() -> Option<usize> {
        Some(sched_getcpu())
    }

    /// Goes to a processor that is not one of these, if there is one that this thread may be on; the processor that it is on then.
    #[cold]
    pub(crate) fn leave(taken: &[usize]) -> Option<usize> {
        let allowed = sched_getaffinity(None).ok()?;
        let mut others: CpuSet = allowed;
        for processor in taken.iter().filter(|p| **p < CpuSet::MAX_CPU) {
            others.unset(*processor);
        }
        if others.count() > 0 && sched_setaffinity(None, &others).is_ok() {
            // It is there already, and may go on to wherever it likes.
            sched_setaffinity(None, &allowed).ok()?;
        }
        here()
    }
}

#[cfg(not(target_os = "linux"))]
mod processor {
    pub(crate) fn here() -> Option<usize> {
        None
    }

    pub(crate) fn leave(_: &[usize]) -> Option<usize> {
        None
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn nobody_stays_on_the_processor_of_another() {
        let seats = Seats::new(3);
        let before = rustix::thread::sched_getaffinity(None).expect("the processors");
        seats.take(0);
        seats.take(1);
        let at = |k: usize| seats.0[k].load(Ordering::Relaxed);
        assert_ne!(at(0), NONE);
        if before.count() > 1 {
            assert_ne!(at(0), at(1), "the same thread, but for the other one it went away");
        }
        // With no processor left, it stays where it is.
        seats.take(2);
        assert_ne!(at(2), NONE);
        assert_eq!(rustix::thread::sched_getaffinity(None).expect("the processors"), before);
    }
}
