//! The fuzzers' seeds, and changes of them at random, in the plain build: building for a fuzzer takes minutes and a nightly
//! compiler, and what it found once must not come back unnoticed meanwhile.

use std::cell::Cell;
use std::fs;

use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use crate::support::path;

#[path = "../../fuzz/src/lib.rs"]
mod claims;
#[path = "../../crates/data/fuzz/src/lib.rs"]
mod table_claims;

/// A change of a file.
#[derive(Clone, Debug)]
enum Change {
    /// Bytes in the place of as many others.
    Over(prop::sample::Index, Vec<u8>),
    /// A part of the file, again somewhere else: numbers and keys meet where nobody put them.
    Again(prop::sample::Index, prop::sample::Index, usize),
    /// A part that goes.
    Gone(prop::sample::Index, usize),
}

impl Change {
    fn make(&self, bytes: &mut Vec<u8>) {
        let size = bytes.len();
        let part = |from: &prop::sample::Index, count: usize| {
            let from = from.index(size + 1);
            from..(from + count).min(size)
        };
        match self {
            Self::Over(from, others) => {
                let part = part(from, others.len());
                bytes.splice(part, others.iter().copied());
            }
            Self::Again(from, to, count) => {
                let copied = bytes[part(from, *count)].to_vec();
                let to = to.index(size + 1);
                bytes.splice(to..to, copied);
            }
            Self::Gone(from, count) => drop(bytes.drain(part(from, *count))),
        }
    }
}

fn change() -> impl Strategy<Value = Change> {
    let place = any::<prop::sample::Index>;
    let byte = prop_oneof![any::<u8>(), prop::sample::select(&b"0123456789-+.eE,;=\"'[]{}\n_# "[..])];
    prop_oneof![
        (place(), prop::collection::vec(byte, 1..4)).prop_map(|(from, others)| Change::Over(from, others)),
        (place(), place(), 1..40_usize).prop_map(|(from, to, count)| Change::Again(from, to, count)),
        (place(), 1..20_usize).prop_map(|(from, count)| Change::Gone(from, count)),
    ]
}

/// Whether the length of its header comes before the rest, as in a safetensors file, and is to be kept true: few changes
/// get beyond it otherwise.
#[derive(Clone, Copy, PartialEq)]
enum Layout {
    Text,
    Safetensors,
}

fn thrown(folder: &str, layout: Layout, cases: u32, check: fn(&[u8]) -> bool) {
    let mut files: Vec<_> = fs::read_dir(path(folder)).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let seeds: Vec<Vec<u8>> = files.iter().map(|file| fs::read(file).unwrap()).collect();
    for (file, seed) in files.iter().zip(&seeds) {
        assert!(check(seed), "{}: not accepted", file.display());
    }
    // What is refused at once tests little.
    let accepted = Cell::new(0);
    let changes = (prop::sample::select(seeds), prop::collection::vec(change(), 1..4), any::<bool>());
    let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    let run = TestRunner::new(config).run(&changes, |(mut bytes, changes, in_header)| {
        if layout == Layout::Safetensors && in_header {
            let end = 8 + u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
            let mut header = bytes[8..end].to_vec();
            changes.iter().for_each(|change| change.make(&mut header));
            bytes = [&(header.len() as u64).to_le_bytes(), &header[..], &bytes[end..]].concat();
        } else {
            changes.iter().for_each(|change| change.make(&mut bytes));
        }
        accepted.set(accepted.get() + u32::from(check(&bytes)));
        Ok(())
    });
    run.unwrap_or_else(|error| panic!("{folder}: {error}"));
    assert!(accepted.get() > cases / 50, "{folder}: {} of {cases} accepted", accepted.get());
}

#[test]
fn whatever_is_called_a_checkpoint() {
    thrown("fuzz/seeds/checkpoint", Layout::Safetensors, 5_000, claims::checkpoint);
}

#[test]
fn whatever_is_called_a_configuration() {
    thrown("fuzz/seeds/config", Layout::Text, 5_000, claims::config);
    thrown("configs", Layout::Text, 1_000, claims::config);
}

#[test]
fn whatever_is_called_a_model() {
    thrown("fuzz/seeds/model", Layout::Safetensors, 5_000, claims::model);
}

#[test]
fn whatever_is_called_a_table() {
    thrown("tabular/fuzz/seeds/tables", Layout::Text, 10_000, table_claims::tables);
}
