//! Any bytes as a table; docs/faults.md.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| drop(petal_data_fuzz::tables(bytes)));
