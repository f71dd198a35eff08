//! The findings of the doctor, compared with pandas and scikit-learn, and in tables that have one problem each.

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

/// The findings of a kind in a table with a column `c` of categories. Its rows are for training, validation and test in
/// turn.
fn findings_of(kind: FindingKind, rows: impl IntoIterator<Item = String>, standardised: bool) -> Vec<Finding> {
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
    let expected = json("tables/noteworthy.json");
    let path = path("tests/reference/tables/noteworthy.csv");
    let mut noteworthy = read(&Settings { path, impute: Some(Impute::Mean), ..label("label") }).unwrap();
    noteworthy.impute_means(|_| true).unwrap();
    // The summation order changes only digits after the six that are shown.
    let number = |key: &str, name: &str| short(expected[key][name].as_f64().unwrap());
    let (rows, ones) = (noteworthy.data.samples(), expected["ones"].as_u64().unwrap() as usize);
    let percent = |count: usize| format!("{:.1} %", 100.0 * count as f64 / rows as f64);
    let repeated = expected["repeated"].as_u64().unwrap() as usize;
    let scale = |name: &str| format!("{name} (mean {}, deviation {})", number("mean", name), number("deviation", name));
    let expected_lines = [
        format!("Table            {rows} rows, 5 columns, 5 inputs"),
        format!(
            "Label            label: class 0 is \"0\", {} ({}), class 1 is \"1\", {ones} ({})",
            rows - ones,
            percent(rows - ones),
            percent(ones)
        ),
        format!(
            "constant         the same in every row, so nothing to learn from: {}",
            expected["constant"][0].as_str().unwrap()
        ),
        format!(
            "duplicates       {repeated} rows ({}) are copies of an earlier row, the first copy on line {}; copies among \
             the test samples make the scores too good",
            percent(repeated),
            expected["first_repeated_line"]
        ),
        format!("filled in        1 missing value became its column's mean: small 1 ({}: \"NA\" 1)", percent(1)),
        format!(
            "leakage          telling predicts the label by itself (ROC AUC {:.4}); will it be known when predicting?",
            expected["auc"]["telling"].as_f64().unwrap()
        ),
        format!("scale            far from 1, standardising would help: {}, {}", scale("large"), scale("small")),
        format!(
            "imbalance        \"1\" is rare; always predicting \"0\" would be right in {} of the rows",
            percent(rows - ones)
        ),
    ];
    let examination = examine(&noteworthy, &vec![Part::Train; rows], false);
    assert_eq!(examination.to_string().lines().collect::<Vec<_>>(), expected_lines);

    // Nine rows of a class may be separated by chance. From ten rows on it is a finding.
    let has_leakage = |ones: usize| {
        let text: String = (0..100).map(|row| format!("{row},{}\n", u8::from(row < ones))).collect();
        let table = table(&format!("a,y\n{text}"), &label("y"));
        examine(&table, &[Part::Train; 100], true)
            .findings
            .iter()
            .any(|finding| finding.kind == FindingKind::Leakage)
    };
    assert_eq!([has_leakage(9), has_leakage(10)], [false, true]);

    let kinds: Vec<FindingKind> = examine(&noteworthy, &vec![Part::Train; rows], true)
        .findings
        .iter()
        .map(|finding| finding.kind)
        .collect();
    let all_but_scale = [
        FindingKind::Constant,
        FindingKind::Duplicates,
        FindingKind::Imputed,
        FindingKind::Leakage,
        FindingKind::Imbalance,
    ];
    assert_eq!(kinds, all_but_scale);
}

#[test]
fn inputs_that_are_constant_in_training_rows_only_are_named() {
    // Rome is in validation rows only. Oslo and Bonn are in training rows, too.
    let rows =
        (0..60).map(|row| format!("{},{}\n", ["Oslo", "Rome", "Bonn", "Bonn", "Oslo", "Oslo"][row % 6], row / 6 % 2));
    let findings =
        [true, false].map(|standardised| findings_of(FindingKind::ConstantInTraining, rows.clone(), standardised));
    let sentence = |effect| {
        let values = "one value in all training rows, but not in all other rows";
        format!("{values}; {effect} (data.ignore leaves columns out): c=Rome")
    };
    assert_eq!(sentences(&findings[0]), [sentence("these inputs have no effect")]);
    assert_eq!(sentences(&findings[1]), [sentence("their effect on other rows is a matter of chance")]);
    assert_eq!(findings[0][0].columns, ["c=Rome"]);
    // An input that is constant in all rows is another kind of finding.
    assert!(
        findings_of(FindingKind::ConstantInTraining, (0..9).map(|row| format!("Oslo,{}\n", row % 2)), true).is_empty()
    );
}

#[test]
fn labels_that_look_alike_are_named_and_line_ends_in_names_are_escaped() {
    let settings = Settings { positive: Some("no\x1b[31m".into()), ..label("y\nn") };
    let table = table("\"a\nb\",\"y\nn\"\n1,True\n1,true\n1,\"no\x1b[31m\"\n", &settings);
    let examination = examine(&table, &[Part::Train; 3], true);
    let lines = [
        "Table            3 rows, 1 column, 1 input",
        "Label            y\\nn: class 0 is \"other than no\\u{1b}[31m\", 2 (66.7 %), class 1 is \"no\\u{1b}[31m\", \
         1 (33.3 %)",
        "constant         the same in every row, so nothing to learn from: a\\nb",
        "duplicates       1 row (33.3 %) is a copy of an earlier row, the first copy on line 5; copies among the test \
         samples make the scores too good",
        "alike            \"True\" and \"true\" are two values of the label that differ in case only",
    ];
    assert_eq!(examination.to_string().lines().collect::<Vec<_>>(), lines);
    assert_eq!(examination.findings[0].columns, ["a\nb"], "the field for programs has the unchanged name");
}

#[test]
fn a_part_with_few_rows_of_a_class_is_named() {
    // Each part has 30 rows, and `count` of them are of class b.
    let rows = |count: usize| (0..90).map(move |row| format!("u,{}\n", if row < 3 * count { "b" } else { "a" }));
    assert!(findings_of(FindingKind::FewRows, rows(10), true).is_empty());
    let few = |part| format!("only 9 of class \"b\" among the {part} samples, so that scores on them say little");
    assert_eq!(sentences(&findings_of(FindingKind::FewRows, rows(9), true)), [few("validation"), few("test")]);
    let both = findings_of(FindingKind::FewRows, (0..12).map(|row| format!("u,{}\n", row / 3 % 2)), true);
    let both_few =
        "only 2 of class \"0\" and 2 of class \"1\" among the test samples, so that scores on them say little";
    assert_eq!(sentences(&both)[1], both_few);
    let all_for_training = examine(&table("c,y\n1,0\n2,1\n", &label("y")), &[Part::Train; 2], true);
    assert!(all_for_training.findings.is_empty(), "{all_for_training}");
}

#[test]
fn a_column_with_a_category_for_at_most_two_rows_is_an_identifier() {
    let rows =
        |rows: usize, categories: usize| (0..rows).map(move |row| format!("c{},{}\n", row % categories, row % 2));
    let sentence = "more than one category for every two rows, so nothing can be learned for other rows (data.ignore \
                    leaves columns out): c (21 categories)";
    assert_eq!(sentences(&findings_of(FindingKind::Identifier, rows(41, 21), true)), [sentence]);
    assert!(findings_of(FindingKind::Identifier, rows(42, 21), true).is_empty());
    assert!(findings_of(FindingKind::Identifier, rows(9, 9), true).is_empty(), "nine categories are too few");
}

#[test]
fn a_column_whose_categories_together_separate_the_classes_is_leakage() {
    let rows = |categories: usize, flipped: usize| {
        (0..120).map(move |row| {
            let category = row % categories;
            format!("c{category},{}\n", if row < flipped { 1 - category % 2 } else { category % 2 })
        })
    };
    // Each of the twelve categories has only a sixth of the rows of its class.
    let findings = findings_of(FindingKind::Leakage, rows(12, 0), true);
    assert_eq!(findings[0].columns, ["c"]);
    assert_eq!(
        sentences(&findings),
        ["c predicts the label by itself (ROC AUC 1.0000); will it be known when predicting?"]
    );
    // No finding: each category has one row of the other class, or each has fewer than ten rows.
    assert!(findings_of(FindingKind::Leakage, rows(12, 12), true).is_empty());
    assert!(findings_of(FindingKind::Leakage, rows(14, 0), true).is_empty());
}
