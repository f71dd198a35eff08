//! Fuzzes the reader of configurations, with options of the command line. docs/robustness.md says how to run it.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    petal_fuzz::config(bytes);
});
