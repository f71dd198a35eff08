//! What holds for any bytes that are said to be a table. A fuzzer throws bytes at it, and so does the test
//! `tests/suite/seeds.rs`, which needs no fuzzer and includes this file.

use petal_data::doctor::examine;
use petal_data::split::Part;
use petal_data::table::{Impute, LabelUse, Rows, Settings, Table, read_from};

/// A table after one character, whose bits are settings and which is itself the positive label where they ask for one: what
/// is read for training is read again for predictions, to the bit. Says whether the table was accepted.
pub fn tables(bytes: &[u8]) -> bool {
    let [options, bytes @ ..] = bytes else { return false };
    let set = |bit: u8| options & bit != 0;
    let settings = Settings {
        label: "y".into(),
        impute: set(1).then_some(Impute::Mean),
        one_hot: if set(2) { vec!["a".into()] } else { Vec::new() },
        positive: set(4).then(|| char::from(*options).to_string()),
        ..Settings::default()
    };
    let Ok(mut table) = read_from(bytes, "t", &settings) else {
        return false;
    };
    if set(1) {
        table.fill(|_| true).expect("every column has a number");
    }
    let Table { schema, data, lines, .. } = &table;
    assert!(data.x().iter().all(|value| value.is_finite()));
    assert_eq!(lines.len(), data.samples());
    assert!(lines.is_sorted());
    let _ = examine(&table, &vec![Part::Train; lines.len()], false).to_string();
    let mut rows = Rows::open(bytes, "t", schema, LabelUse::Required).expect("the same header");
    let (mut x, mut y) = (Vec::new(), Vec::new());
    while let Some(block) = rows.next_block(3).expect("the same rows") {
        x.extend(block.x);
        y.extend(block.y.expect("labels were asked for"));
    }
    assert_eq!(x, data.x());
    assert_eq!(y, data.y());
    true
}
