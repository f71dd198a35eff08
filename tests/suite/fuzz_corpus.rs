//! Runs the checks of the fuzzers on their seed files and on random mutations of them.
//!
//! A fuzzer needs a nightly compiler and minutes to build. These tests run in the normal build, so that a fault that a
//! fuzzer found once cannot return unnoticed.

use std::cell::Cell;
use std::fs;

use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use crate::support::path;

#[path = "../../fuzz/src/lib.rs"]
mod claims;
#[path = "../../crates/data/fuzz/src/lib.rs"]
mod table_claims;

/// A random change of a file.
#[derive(Clone, Debug)]
enum Mutation {
    /// Replaces as many bytes as are given, from an index on.
    Replace(prop::sample::Index, Vec<u8>),
    /// Copies some bytes from one index to another. This brings numbers and keys to unusual positions.
    Copy(prop::sample::Index, prop::sample::Index, usize),
    /// Removes some bytes from an index on.
    Remove(prop::sample::Index, usize),
}

impl Mutation {
    fn apply(&self, bytes: &mut Vec<u8>) {
        let size = bytes.len();
        let range = |start: &prop::sample::Index, count: usize| {
            let start = start.index(size + 1);
            start..(start + count).min(size)
        };
        match self {
            Self::Replace(start, new) => {
                let range = range(start, new.len());
                bytes.splice(range, new.iter().copied());
            }
            Self::Copy(start, target, count) => {
                let copied = bytes[range(start, *count)].to_vec();
                let target = target.index(size + 1);
                bytes.splice(target..target, copied);
            }
            Self::Remove(start, count) => drop(bytes.drain(range(start, *count))),
        }
    }
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let index = any::<prop::sample::Index>;
    let byte = prop_oneof![any::<u8>(), prop::sample::select(&b"0123456789-+.eE,;=\"'[]{}\n_# "[..])];
    prop_oneof![
        (index(), prop::collection::vec(byte, 1..4)).prop_map(|(start, new)| Mutation::Replace(start, new)),
        (index(), index(), 1..40_usize).prop_map(|(start, target, count)| Mutation::Copy(start, target, count)),
        (index(), 1..20_usize).prop_map(|(start, count)| Mutation::Remove(start, count)),
    ]
}

/// The layout of a file.
///
/// A safetensors file starts with the length of its header. Half of the mutations change the header only and correct this
/// length, because a wrong length is refused at once.
#[derive(Clone, Copy, PartialEq)]
enum Layout {
    Text,
    Safetensors,
}

/// Runs `check` on every seed in the folder, which must be accepted, and then on `cases` mutated seeds.
fn check_seeds(folder: &str, layout: Layout, cases: u32, check: fn(&[u8]) -> bool) {
    let mut files: Vec<_> = fs::read_dir(path(folder)).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let seeds: Vec<Vec<u8>> = files.iter().map(|file| fs::read(file).unwrap()).collect();
    for (file, seed) in files.iter().zip(&seeds) {
        assert!(check(seed), "{}: not accepted", file.display());
    }

    let factor = std::env::var("PETAL_FUZZ_FACTOR").map_or(1, |factor| factor.parse().unwrap());
    let (cases, accepted) = (factor * cases, Cell::new(0));
    let mutated = (prop::sample::select(seeds), prop::collection::vec(mutation(), 1..4), any::<bool>());
    let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    let run = TestRunner::new(config).run(&mutated, |(mut bytes, mutations, in_header)| {
        if layout == Layout::Safetensors && in_header {
            let end = 8 + u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
            let mut header = bytes[8..end].to_vec();
            mutations.iter().for_each(|mutation| mutation.apply(&mut header));
            bytes = [&(header.len() as u64).to_le_bytes(), &header[..], &bytes[end..]].concat();
        } else {
            mutations.iter().for_each(|mutation| mutation.apply(&mut bytes));
        }
        accepted.set(accepted.get() + u32::from(check(&bytes)));
        Ok(())
    });
    run.unwrap_or_else(|error| panic!("{folder}: {error}"));
    // A file that is refused tests little, so a part of the mutated files must be accepted.
    assert!(accepted.get() > cases / 50, "{folder}: {} of {cases} accepted", accepted.get());
}

#[test]
fn mutated_array_files_pass_the_fuzz_check() {
    check_seeds("fuzz/seeds/arrays", Layout::Text, 5_000, claims::arrays);
}

#[test]
fn mutated_checkpoints_pass_the_fuzz_check() {
    check_seeds("fuzz/seeds/checkpoint", Layout::Safetensors, 5_000, claims::checkpoint);
}

#[test]
fn mutated_configurations_pass_the_fuzz_check() {
    check_seeds("fuzz/seeds/config", Layout::Text, 5_000, claims::config);
    check_seeds("configs", Layout::Text, 1_000, claims::config);
}

#[test]
fn mutated_models_pass_the_fuzz_check() {
    check_seeds("fuzz/seeds/model", Layout::Safetensors, 5_000, claims::model);
}

#[test]
fn predictions_of_mutated_models_and_tables_pass_the_fuzz_check() {
    check_seeds("fuzz/seeds/predict", Layout::Safetensors, 5_000, claims::predict);
}

#[test]
fn mutated_tables_pass_the_fuzz_check() {
    check_seeds("crates/data/fuzz/seeds/tables", Layout::Text, 10_000, table_claims::check_table);
}
