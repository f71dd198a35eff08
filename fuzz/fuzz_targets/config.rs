//! Any text as a configuration, with options; docs/faults.md.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| drop(petal_fuzz::config(bytes)));
