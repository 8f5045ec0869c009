//! Which processor a thread is on, where the operating system tells; and waiting without leaving it.

/// No processor.
pub(crate) const NONE: usize = usize::MAX;

/// Looks before the processor is offered to somebody else in between.
const LOOKS: u32 = 1000;

/// Waits a moment before it is looked again whether something has come: so many times it was looked before.
pub(crate) fn wait(looks: &mut u32) {
    *looks = looks.saturating_add(1);
    if *looks < LOOKS {
        std::hint::spin_loop();
    } else {
        std::thread::yield_now();
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use rustix::thread::{sched_getaffinity, sched_getcpu, sched_setaffinity};

    /// The processor that this thread is on.
    pub(crate) fn here() -> usize {
        sched_getcpu()
    }

    /// Goes to another processor, if there is one that this thread may be on.
    #[cold]
    pub(crate) fn leave() {
        let Ok(allowed) = sched_getaffinity(None) else {
            return;
        };
        let mut others = allowed;
        others.unset(here());
        if others.count() > 0 && sched_setaffinity(None, &others).is_ok() {
            // It is there already, and may go on to wherever it likes.
            let _ = sched_setaffinity(None, &allowed);
        }
    }
}

#[cfg(target_os = "linux")]
pub(crate) use linux::{here, leave};

/// The processor that this thread is on: not known.
#[cfg(not(target_os = "linux"))]
pub(crate) fn here() -> usize {
    NONE
}

/// Goes to another processor: cannot be told to.
#[cfg(not(target_os = "linux"))]
pub(crate) fn leave() {}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use rustix::thread::sched_getaffinity;

    use super::*;

    #[test]
    fn another_processor() {
        let allowed = sched_getaffinity(None).expect("the processors");
        let before = here();
        leave();
        assert!(allowed.count() == 1 || here() != before);
        assert_eq!(sched_getaffinity(None).expect("the processors"), allowed);
    }
}
