//! `dslsim_tests::fuzz::parse` on whatever libFuzzer thinks of.

#![no_main]

#[path = "../mutator.rs"]
mod mutator;

libfuzzer_sys::fuzz_target!(|data: &[u8]| dslsim_tests::fuzz::parse(data));
