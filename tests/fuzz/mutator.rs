//! Half of the mutations are libFuzzer's own, half exchange words.

use dslsim_tests::mutate::mutated;

libfuzzer_sys::fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    if seed % 2 == 0 {
        return libfuzzer_sys::fuzzer_mutate(data, size, max_size);
    }
    let Ok(text) = std::str::from_utf8(&data[..size]) else {
        return libfuzzer_sys::fuzzer_mutate(data, size, max_size);
    };
    let new = mutated(text, u64::from(seed));
    let length = new.len().min(max_size);
    data[..length].copy_from_slice(&new.as_bytes()[..length]);
    length
});
