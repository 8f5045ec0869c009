//! Several threads on work that takes some microseconds, again and again.
//!
//! A simulation step is too short for the usual ways of handing over work: whoever sleeps needs 30 to 50 µs until it is awake, and
//! is not always woken on a processor of its own. So there are
//!
//! * [`inside`]: a team of threads that stay awake for a while between two jobs;
//! * [`share`]: numbered parts, which each thread takes from a row of its own, and then from the others'; [`each`]: items, one after the other;
//! * [`rounds`]: the same blocks again and again, by threads that stay for all rounds;
//! * [`Gauge`]: whether all this is faster than one thread, tried out now and then.
//!
//! Nobody waits for a thread that has not begun something. What comes out does not depend on who does what, as long as parts and blocks do not
//! depend on each other.
//!
//! It knows nothing of kernels, networks or steps.

mod gauge;
mod processor;
mod rounds;
mod share;
mod team;

pub use gauge::{Gauge, Way, take_turns};
pub use rounds::{Came, Desk, Mail, Table, rounds};
pub use share::{each, share};
pub use team::inside;
