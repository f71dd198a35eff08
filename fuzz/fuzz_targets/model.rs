//! Any bytes as a model; docs/faults.md.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| drop(petal_fuzz::model(bytes)));
