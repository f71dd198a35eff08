//! Checks what must hold for every sequence of bytes that is read as a table.
//!
//! The fuzzer runs this check, and so does the test `tests/suite/fuzz_corpus.rs`, which includes this file and needs no
//! fuzzer.

use petal_data::doctor::examine;
use petal_data::split::Part;
use petal_data::table::{BlockReader, Impute, LabelMode, Settings, Table, read_from};

/// Reads a table for training and then again for predictions, and checks that both give equal bits. Returns whether the
/// table was accepted.
///
/// The first byte chooses the settings by its bits. If a setting needs a positive label, it is this byte as a character.
/// The other bytes are the table.
pub fn check_table(bytes: &[u8]) -> bool {
    let [options, bytes @ ..] = bytes else { return false };
    let is_set = |bit: u8| options & bit != 0;
    let settings = Settings {
        label: "y".into(),
        impute: is_set(1).then_some(Impute::Mean),
        one_hot: if is_set(2) { vec!["a".into()] } else { Vec::new() },
        positive: is_set(4).then(|| char::from(*options).to_string()),
        missing: is_set(8).then(|| vec!["-9".into(), "NA".into()]),
        ..Settings::default()
    };

    let Ok(mut table) = read_from(bytes, "t", &settings) else {
        return false;
    };
    if is_set(1) {
        table.impute_means(|_| true).expect("every column has a number");
    }
    let Table { schema, data, lines, .. } = &table;
    assert!(data.x().iter().all(|value| value.is_finite()));
    assert_eq!(lines.len(), data.samples());
    assert!(lines.is_sorted());
    let _ = examine(&table, &vec![Part::Train; lines.len()], false).to_string();

    let mut reader = BlockReader::open(bytes, "t", schema, LabelMode::Require).expect("the same header");
    let (mut x, mut y) = (Vec::new(), Vec::new());
    while let Some(block) = reader.next_block(3).expect("the same rows") {
        x.extend(block.x);
        y.extend(block.y.expect("labels are read"));
    }
    assert_eq!(x, data.x());
    assert_eq!(y, data.y());
    true
}
