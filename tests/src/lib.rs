//! The system's tests.
