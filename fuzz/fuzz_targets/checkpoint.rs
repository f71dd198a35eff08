//! Any bytes as a training under way; docs/faults.md.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| drop(petal_fuzz::checkpoint(bytes)));
