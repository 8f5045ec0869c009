//! The system's benches.
