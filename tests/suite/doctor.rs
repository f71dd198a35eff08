//! What the doctor finds: against pandas and scikit-learn, and in tables made for one finding each.

use petal::data::doctor::{Finding, FindingKind, examine};
use petal::data::split::Part;
use petal::data::table::{Impute, Settings, Table, read, read_from};
use petal::data::text::short;

use crate::support::{json, path};

fn label(label: &str) -> Settings {
    Settings { label: label.into(), ..Settings::default() }
}

fn table(text: &str, settings: &Settings) -> Table {
    read_from(text.as_bytes(), "t.csv", settings).unwrap()
}

/// The findings of a kind in a table of a category `c`, whose every third row is for training, validation and test.
fn found(kind: FindingKind, rows: impl IntoIterator<Item = String>, standardised: bool) -> Vec<Finding> {
    let text: String = std::iter::once("c,y\n".to_owned()).chain(rows).collect();
    let table = table(&text, &Settings { one_hot: vec!["c".into()], ..label("y") });
    let parts: Vec<Part> = (0..table.data.samples())
        .map(|row| [Part::Train, Part::Validation, Part::Test][row % 3])
        .collect();
    examine(&table, &parts, standardised)
        .findings
        .into_iter()
        .filter(|finding| finding.kind == kind)
        .collect()
}

fn sentences(findings: &[Finding]) -> Vec<&str> {
    findings.iter().map(|finding| finding.sentence.as_str()).collect()
}

#[test]
fn the_doctor_finds_what_pandas_and_scikit_learn_find() {
    let found = json("tables/noteworthy.json");
    let path = path("tests/reference/tables/noteworthy.csv");
    let mut noteworthy = read(&Settings { path, impute: Some(Impute::Mean), ..label("label") }).unwrap();
    noteworthy.fill(|_| true).unwrap();
    // Six digits are shown, which the order of a sum does not reach.
    let number = |key: &str, name: &str| short(found[key][name].as_f64().unwrap());
    let (rows, ones) = (noteworthy.data.samples(), found["ones"].as_u64().unwrap() as usize);
    let share = |count: usize| format!("{:.1} %", 100.0 * count as f64 / rows as f64);
    let repeated = found["repeated"].as_u64().unwrap() as usize;
    let scale = |name: &str| format!("{name} (mean {}, deviation {})", number("mean", name), number("deviation", name));
    let expected = [
        format!("Table            {rows} rows, 5 columns, 5 inputs"),
        format!(
            "Label            label: class 0 is \"0\", {} ({}), class 1 is \"1\", {ones} ({})",
            rows - ones,
            share(rows - ones),
            share(ones)
        ),
        format!(
            "constant         the same in every row, so nothing to learn from: {}",
            found["constant"][0].as_str().unwrap()
        ),
        format!(
            "duplicates       {repeated} rows ({}) like an earlier one, first on line {}; copies among the test samples \
             flatter the result",
            share(repeated),
            found["first_repeated_line"]
        ),
        format!("filled in        1 missing value became its column's mean: small 1 ({})", share(1)),
        format!(
            "tells the label  telling by itself (ROC AUC {:.4}); would it be known where the label is not?",
            found["auc"]["telling"].as_f64().unwrap()
        ),
        format!("scale            far from 1, standardising would help: {}, {}", scale("large"), scale("small")),
        format!(
            "imbalance        \"1\" is rare; to say \"0\" always would be right in {} of the rows",
            share(rows - ones)
        ),
    ];
    let examination = examine(&noteworthy, &vec![Part::Train; rows], false);
    assert_eq!(examination.to_string().lines().collect::<Vec<_>>(), expected);
    // Nine rows of a class may be apart from others by chance, ten hardly.
    let apart = |ones: usize| {
        let text: String = (0..100).map(|row| format!("{row},{}\n", u8::from(row < ones))).collect();
        let table = table(&format!("a,y\n{text}"), &label("y"));
        examine(&table, &[Part::Train; 100], true)
            .findings
            .iter()
            .any(|finding| finding.kind == FindingKind::GivesLabelAway)
    };
    assert_eq!([apart(9), apart(10)], [false, true]);
    let kinds: Vec<FindingKind> = examine(&noteworthy, &vec![Part::Train; rows], true)
        .findings
        .iter()
        .map(|finding| finding.kind)
        .collect();
    let all_but_scale = [
        FindingKind::Constant,
        FindingKind::Duplicates,
        FindingKind::Filled,
        FindingKind::GivesLabelAway,
        FindingKind::Imbalance,
    ];
    assert_eq!(kinds, all_but_scale);
}

#[test]
fn inputs_that_training_does_not_see_vary_are_named() {
    // Rome is in validation rows alone, Oslo and Bonn are where training rows are too.
    let rows =
        (0..60).map(|row| format!("{},{}\n", ["Oslo", "Rome", "Bonn", "Bonn", "Oslo", "Oslo"][row % 6], row / 6 % 2));
    let findings = [true, false].map(|standardised| found(FindingKind::Untrained, rows.clone(), standardised));
    let sentence = |there| {
        let same = "the same in every training row but not in all others";
        format!("{same}, where {there} (data.ignore leaves columns out): c=Rome")
    };
    assert_eq!(sentences(&findings[0]), [sentence("they count for nothing")]);
    assert_eq!(sentences(&findings[1]), [sentence("their effect is chance")]);
    assert_eq!(findings[0][0].columns, ["c=Rome"]);
    // What is the same in all rows is another finding.
    assert!(found(FindingKind::Untrained, (0..9).map(|row| format!("Oslo,{}\n", row % 2)), true).is_empty());
}

#[test]
fn labels_that_differ_in_case_are_named_and_names_stay_on_their_line() {
    let settings = Settings { positive: Some("true".into()), ..label("y\nn") };
    let table = table("\"a\nb\",\"y\nn\"\n1,True\n1,true\n1,\"no\x1b[31m\"\n", &settings);
    let examination = examine(&table, &[Part::Train; 3], true);
    let lines = [
        "Table            3 rows, 1 column, 1 input",
        "Label            y\\nn: class 0 is \"other than true\", 2 (66.7 %), class 1 is \"true\", 1 (33.3 %)",
        "constant         the same in every row, so nothing to learn from: a\\nb",
        "duplicates       1 row (33.3 %) like an earlier one, first on line 6; copies among the test samples flatter the \
         result",
        "alike            \"true\" and \"True\" are two values of the label that differ in case only",
    ];
    assert_eq!(examination.to_string().lines().collect::<Vec<_>>(), lines);
    assert_eq!(examination.findings[0].columns, ["a\nb"], "programs get the name as it is");
}

#[test]
fn parts_with_few_rows_of_a_class_are_named() {
    // Of 30 rows for each part 9 or 10 are of class b.
    let rows = |count: usize| (0..90).map(move |row| format!("u,{}\n", if row < 3 * count { "b" } else { "a" }));
    assert!(found(FindingKind::FewRows, rows(10), true).is_empty());
    let few = |part| format!("only 9 of class \"b\" among the {part} samples, so that scores on them say little");
    assert_eq!(sentences(&found(FindingKind::FewRows, rows(9), true)), [few("validation"), few("test")]);
    let both = found(FindingKind::FewRows, (0..12).map(|row| format!("u,{}\n", row / 3 % 2)), true);
    let both_few =
        "only 2 of class \"0\" and 2 of class \"1\" among the test samples, so that scores on them say little";
    assert_eq!(sentences(&both)[1], both_few);
    let all_for_training = examine(&table("c,y\n1,0\n2,1\n", &label("y")), &[Part::Train; 2], true);
    assert!(all_for_training.findings.is_empty(), "{all_for_training}");
}

#[test]
fn a_category_for_every_other_row_is_an_identifier() {
    let rows =
        |rows: usize, categories: usize| (0..rows).map(move |row| format!("c{},{}\n", row % categories, row % 2));
    let sentence = "a category for every row or two, which says nothing about other rows (data.ignore leaves columns \
                    out): c (21 categories)";
    assert_eq!(sentences(&found(FindingKind::Identifier, rows(41, 21), true)), [sentence]);
    assert!(found(FindingKind::Identifier, rows(42, 21), true).is_empty());
    assert!(found(FindingKind::Identifier, rows(9, 9), true).is_empty(), "few categories are none");
}

#[test]
fn categories_that_tell_the_label_only_together_are_found() {
    let rows = |categories: usize, odd: usize| {
        (0..120).map(move |row| {
            let category = row % categories;
            format!("c{category},{}\n", if row < odd { 1 - category % 2 } else { category % 2 })
        })
    };
    // No category of twelve has more than a sixth of its class.
    let told = found(FindingKind::GivesLabelAway, rows(12, 0), true);
    assert_eq!(told[0].columns, ["c"]);
    assert_eq!(sentences(&told), ["c by itself (ROC AUC 1.0000); would it be known where the label is not?"]);
    // Each category has an odd one out; or nine rows at most, which are of one class by chance.
    assert!(found(FindingKind::GivesLabelAway, rows(12, 12), true).is_empty());
    assert!(found(FindingKind::GivesLabelAway, rows(14, 0), true).is_empty());
}
