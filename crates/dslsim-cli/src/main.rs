//! The `dslsim` command.
fn main() {}
