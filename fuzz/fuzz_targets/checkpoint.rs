//! Fuzzes the reader of checkpoints. docs/robustness.md says how to run it.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    petal_fuzz::checkpoint(bytes);
});
