//! Fuzzes the table readers. docs/robustness.md says how to run it.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    petal_data_fuzz::check_table(bytes);
});
