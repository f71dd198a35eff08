//! Messages and findings about values that may mean something else: placeholders, words for missing values, and values that
//! look alike.

#![allow(clippy::unwrap_used, reason = "a test stops where something is wrong")]

use petal_data::doctor::{FindingKind, examine};
use petal_data::split::Part;
use petal_data::table::{BlockReader, LabelMode, Settings, Table, UnlabelledRows, read_from};

fn label_y() -> Settings {
    Settings { label: "y".into(), ..Settings::default() }
}

fn skip_unlabelled() -> Settings {
    Settings { unlabelled: Some(UnlabelledRows::Skip), ..label_y() }
}

fn table(text: &str, settings: &Settings) -> Table {
    read_from(text.as_bytes(), "t.csv", settings).unwrap()
}

fn refused(text: &str, settings: &Settings) -> String {
    read_from(text.as_bytes(), "t.csv", settings).unwrap_err().to_string()
}

/// The sentences of the findings with the heading "placeholder".
fn placeholders(table: &Table) -> Vec<String> {
    let findings = examine(table, &vec![Part::Train; table.data.samples()], true).findings;
    let placeholders = findings.into_iter().filter(|finding| finding.kind == FindingKind::Sentinel);
    placeholders.map(|finding| finding.sentence).collect()
}

#[test]
fn a_placeholder_is_shown_so_that_data_missing_accepts_it() {
    for number in ["9999999", "-99999.99", "-2147483648", "100000000000000000000", "1e30", "-9999"] {
        let rows: String = (0..30)
            .map(|row| {
                if row % 3 == 0 {
                    format!("{number},{}\n", row % 2)
                } else {
                    format!("{row}.5,{}\n", row % 2)
                }
            })
            .collect();
        let text = format!("v,y\n{rows}");
        let found = placeholders(&table(&text, &label_y()));
        let (_, shown) = found[0].split_once(": v (").unwrap();
        let (shown, _) = shown.split_once(" in 10 rows").unwrap();
        let missing = Settings { missing: Some(vec![shown.into()]), ..label_y() };
        let refused = refused(&text, &missing);
        assert!(
            refused.contains("a missing value, the first of 10 (v 10)"),
            "{number} is shown as {shown}: {refused}"
        );
    }
}

#[test]
fn prices_are_no_placeholders() {
    let found = |values: &[&str]| {
        let rows: String = (0..60)
            .map(|row| format!("{},{}\n", values[row % values.len()], row % 2))
            .collect();
        placeholders(&table(&format!("p,y\n{rows}"), &label_y())).len()
    };
    assert_eq!(found(&["49.99", "99.99", "199", "999"]), 0);
    assert_eq!(found(&["49.95", "99.9", "12.5", "999.9"]), 1, "in many rows");
    assert_eq!(found(&["49.99", "29", "19.99", "-999"]), 1, "a price is not negative");
    let one = |last: &str| {
        let rows: String = (0..60).map(|row| format!("{}.45,{}\n", row + 10, row % 2)).collect();
        placeholders(&table(&format!("p,y\n{rows}{last},1\n"), &label_y())).len()
    };
    assert_eq!([one("999.99"), one("-999.99"), one("999")], [0, 1, 1]);
}

#[test]
fn a_word_for_missing_that_is_the_second_class_is_named() {
    let rows = |a: &str, b: &str| format!("x,y\n{}", format!("1,{a}\n2,{b}\n3,{a}\n").repeat(10));
    assert_eq!(
        refused(&rows("some", "None"), &skip_unlabelled()),
        "t.csv: the label y: must hold two different values; every row has \"some\" (20 rows); 10 rows left out as unlabelled \
         (\"None\" 10): if one of these words is a value here, leave it out of data.missing (data.missing = [] has no words)"
    );
    let minus_one = Settings { missing: Some(vec!["-1".into()]), ..skip_unlabelled() };
    assert!(refused(&rows("0", "-1"), &minus_one).contains("20 rows); 10 rows left out as unlabelled (\"-1\" 10): if"));
    assert!(refused(&rows("?", "NA"), &skip_unlabelled()).starts_with(
        "t.csv: no row has a label; 30 rows left out as unlabelled (\"NA\" 10, \"?\" 20): if one of these words"
    ));
    assert!(refused(&rows("some", ""), &skip_unlabelled()).ends_with("every row has \"some\" (20 rows)"));

    // The same for a trained network.
    let schema = table("x,y\n1,some\n2,other\n", &label_y()).schema;
    let mut rows = BlockReader::open("x,y\n1,None\n".as_bytes(), "n.csv", &schema, LabelMode::Require).unwrap();
    assert_eq!(
        rows.next_block(9).unwrap_err().to_string(),
        "n.csv:2:2: y = \"None\": a missing label; --skip-unlabelled would leave out the rows that have none; if \"None\" is a \
         value here, train the network without it in data.missing"
    );
}

#[test]
fn labels_and_categories_that_look_like_missing_values_are_found() {
    let one_hot = Settings { one_hot: vec!["c".into()], ..label_y() };
    assert_eq!(
        placeholders(&table("c,y\n(null),#DIV/0!\n\u{2013},ok\nRome,ok\nnone,ok\n", &one_hot)),
        [
            "perhaps missing, but taken as values of the label (a word in data.missing counts as missing): \"#DIV/0!\"",
            "perhaps missing, but taken as categories of c (a word in data.missing counts as missing): \"(null)\", \"\u{2013}\"",
        ]
    );
    assert!(placeholders(&table("c,y\n+,none\n-,relapse\n", &one_hot)).is_empty());
    let values = Settings { missing: Some(Vec::new()), ..one_hot };
    assert!(placeholders(&table("c,y\nNA,None\nDE,some\n", &values)).is_empty(), "they were made values");
}

#[test]
fn a_value_alike_to_the_positive_one_may_be_renamed() {
    let positive = |value: &str| Settings { positive: Some(value.into()), ..label_y() };
    for (value, text) in [("a", "x,y\n1,a\n2,A\n3,b\n"), ("don't", "x,y\n1,don't\n2,don\u{2019}t\n3,b\n")] {
        let message = refused(text, &positive(value));
        assert!(message.ends_with("; write them in the same way, or rename one if they are two values"), "{message}");
    }
}
