//! Which processor a thread is on, where the operating system tells.

/// No processor.
pub(crate) const NONE: usize = usize::MAX;

#[cfg(target_os = "linux")]
mod linux {
    use rustix::thread::{sched_getaffinity, sched_getcpu, sched_setaffinity};

    /// The processor that this thread is on; another number each time where that is not known.
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

    #[test]
    fn another_processor() {
        let allowed = sched_getaffinity(None).expect("the processors");
        let before = here();
        leave();
        assert!(allowed.count() == 1 || here() != before);
        assert_eq!(sched_getaffinity(None).expect("the processors"), allowed);
    }
}

#[cfg(target_os = "linux")]
pub(crate) use linux::{here, leave};

/// The processor that this thread is on: not known.
#[cfg(not(target_os = "linux"))]
pub(crate) fn here() -> usize {
    NONE - 1
}

/// Goes to another processor: cannot be told to.
#[cfg(not(target_os = "linux"))]
pub(crate) fn leave() {}
