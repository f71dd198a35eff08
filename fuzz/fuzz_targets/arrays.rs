//! Fuzzes the readers of array files. docs/robustness.md says how to run it.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    petal_fuzz::arrays(bytes);
});
