//! Any bytes for a table: no panic, and what is read for training is read again for predictions, to the bit.
//!
//! ```text
//! cargo install cargo-fuzz
//! cd tabular && cargo fuzz run --sanitizer none tables -- -max_total_time=60
//! ```

#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use petal_tabular::data::doctor::examine;
use petal_tabular::data::split::Part;
use petal_tabular::data::table::{Impute, LabelUse, Rows, Settings, Table, read_from};

#[derive(Arbitrary, Debug)]
struct Input {
    /// Whether a header precedes the bytes, without which few get far.
    header: bool,
    impute: bool,
    one_hot: bool,
    positive: Option<u8>,
    bytes: Vec<u8>,
}

fuzz_target!(|input: Input| {
    let header: &[u8] = if input.header { b"a,b,y\n" } else { b"" };
    let bytes = [header, &input.bytes].concat();
    let settings = Settings {
        label: "y".into(),
        positive: input.positive.map(|byte| char::from(byte).to_string()),
        impute: input.impute.then_some(Impute::Mean),
        one_hot: if input.one_hot { vec!["a".into()] } else { Vec::new() },
        ..Settings::default()
    };
    let Ok(mut table) = read_from(bytes.as_slice(), "t", &settings) else { return };
    if input.impute {
        table.fill(|_| true).expect("every column has a number");
    }
    let Table { schema, data, lines, .. } = &table;
    assert!(data.x().iter().all(|value| value.is_finite()));
    assert_eq!(lines.len(), data.samples());
    assert!(lines.is_sorted());
    let _ = examine(&table, &vec![Part::Train; lines.len()], false).to_string();
    let mut rows = Rows::open(bytes.as_slice(), "t", schema, LabelUse::Required).expect("the same header");
    let (mut x, mut y) = (Vec::new(), Vec::new());
    while let Some(block) = rows.next_block(3).expect("the same rows") {
        x.extend(block.x);
        y.extend(block.y.expect("labels were asked for"));
    }
    assert_eq!(x, data.x());
    assert_eq!(y, data.y());
});
