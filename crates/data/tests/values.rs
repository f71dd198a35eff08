//! Values of a table are never silently something else: exact numbers, one rule for sameness, values that look alike, words
//! for missing values, and what a cell looks like that is not a number.

#![allow(clippy::unwrap_used, reason = "a test stops where something is wrong")]

use petal_data::doctor::{Finding, FindingKind, examine};
use petal_data::error::Result;
use petal_data::schema::Schema;
use petal_data::split::Part;
use petal_data::table::{BlockReader, Impute, LabelMode, Settings, Table, UnlabelledRows, read_from};

fn label(label: &str) -> Settings {
    Settings { label: label.into(), ..Settings::default() }
}

fn one_hot(column: &str) -> Settings {
    Settings { one_hot: vec![column.into()], ..label("y") }
}

fn positive(value: &str) -> Settings {
    Settings { positive: Some(value.into()), ..label("y") }
}

fn words(words: &[&str]) -> Option<Vec<String>> {
    Some(words.iter().map(ToString::to_string).collect())
}

fn table(text: &str, settings: &Settings) -> Table {
    read_from(text.as_bytes(), "t.csv", settings).unwrap()
}

fn refused(text: &str, settings: &Settings) -> String {
    read_from(text.as_bytes(), "t.csv", settings).unwrap_err().to_string()
}

/// Reads a table for a trained network.
fn predict(text: &str, schema: &Schema) -> Result<(Vec<f64>, Vec<u8>)> {
    let mut reader = BlockReader::open(text.as_bytes(), "n.csv", schema, LabelMode::Require)?;
    let (mut x, mut y) = (Vec::new(), Vec::new());
    while let Some(block) = reader.next_block(2)? {
        x.extend(block.x);
        y.extend(block.y.unwrap());
    }
    Ok((x, y))
}

fn prediction_refused(text: &str, schema: &Schema) -> String {
    predict(text, schema).unwrap_err().to_string()
}

fn findings(table: &Table) -> Vec<Finding> {
    examine(table, &vec![Part::Train; table.data.samples()], true).findings
}

fn sentences(table: &Table, kind: FindingKind) -> Vec<String> {
    findings(table)
        .into_iter()
        .filter(|finding| finding.kind == kind)
        .map(|finding| finding.sentence)
        .collect()
}

#[test]
fn labels_are_told_apart_by_their_digits() {
    let three = refused("a,y\n1,9007199254740992\n2,9007199254740993\n3,5\n", &label("y"));
    assert!(three.starts_with("t.csv: the label y: must hold two different values, has 3: "), "{three}");
    // Class 1 is the larger number.
    let text = "a,y\n1,9007199254740993\n2,9007199254740992\n3,9007199254740993.0\n";
    let two = table(text, &label("y"));
    assert_eq!(two.schema.classes, ["9007199254740992", "9007199254740993"]);
    assert_eq!(two.data.y(), [1, 0, 1]);
    assert_eq!(predict(text, &two.schema).unwrap().1, [1, 0, 1]);
    let unknown = prediction_refused("a,y\n1,9007199254740994\n", &two.schema);
    assert!(unknown.ends_with("must be \"9007199254740992\" or \"9007199254740993\""), "{unknown}");
}

#[test]
fn numbers_that_lose_digits_are_no_constant_and_no_copies() {
    let ids = table("a,b,y\n9007199254740992,1,0\n9007199254740993,1,1\n9007199254740992,1,0\n", &label("y"));
    assert_eq!(sentences(&ids, FindingKind::Constant), ["the same in every row, so nothing to learn from: b"]);
    assert_eq!(
        sentences(&ids, FindingKind::LostDigits),
        [
            "more digits than an f64 keeps, so different numbers may have become equal: a (\"9007199254740993\" on line 3 \
          became 9007199254740992, as every row did)"
        ]
    );
    let copies = sentences(&ids, FindingKind::Duplicates);
    assert!(copies[0].contains("of an earlier row (as rounded), the first copy on line 4"), "{copies:?}");

    let kept = table(
        "a,b,y\n9007199254740992,0.30000000000000004,0\n9007199254740994,1.000000000000000056e-01,1\n",
        &label("y"),
    );
    assert!(sentences(&kept, FindingKind::LostDigits).is_empty());
    let tiny = table("a,y\n1e-400,0\n1,1\n", &label("y"));
    assert!(sentences(&tiny, FindingKind::LostDigits)[0].ends_with("(\"1e-400\" on line 2 became 0)"));
}

#[test]
fn labels_and_categories_have_one_rule_for_sameness() {
    let text = "a,b,y\n1,1,1\n1.0,2,1.0\n01,3,01\nx,4,2\n+1,5,2\n";
    let read = table(text, &one_hot("a"));
    assert_eq!(read.schema.columns[0].categories.as_deref(), words(&["1", "x"]).as_deref());
    assert_eq!(read.schema.classes, ["1", "2"]);
    assert_eq!(read.data.y(), [0, 0, 0, 1, 1]);
    assert_eq!(predict(text, &read.schema).unwrap().0, read.data.x());
    // A spelling that the training table does not have.
    assert_eq!(predict("a,b,y\n1e0,1,2.00\n", &read.schema).unwrap(), (vec![1.0, 0.0, 1.0], vec![1]));
    assert_eq!(
        sentences(&read, FindingKind::Respelled),
        [
            "\"1\" and \"1.0\" are the same number, and so one value of the label; if they are two codes, write them with a letter",
            "\"1\" and \"1.0\" are the same number, and so one category of a; if they are two codes, write them with a letter",
        ]
    );
    let positive = table("a,y\n1,2\n2,1.0\n3,5\n", &positive("1"));
    assert_eq!((positive.schema.classes[0].as_str(), positive.data.y()), ("other than 1", &[0, 1, 0][..]));
}

#[test]
fn a_model_with_two_spellings_as_categories_still_reads_both() {
    let mut schema = table("a,b,y\n1,1,0\n2,1,1\n", &one_hot("a")).schema;
    schema.columns[0].categories = words(&["01", "1", "1.0"]);
    let (x, _) = predict("a,b,y\n1.0,7,0\n01,7,0\n1,7,0\n1.00,7,0\n", &schema).unwrap();
    assert_eq!(x, [0.0, 0.0, 1.0, 7.0, 1.0, 0.0, 0.0, 7.0, 0.0, 1.0, 0.0, 7.0, 1.0, 0.0, 0.0, 7.0]);
}

#[test]
fn labels_that_look_alike_are_refused_or_found() {
    // UCI's Adult: the labels of the test table end in a full stop.
    let adult = "a,y\n1,>50K\n2,<=50K\n3,>50K.\n";
    assert_eq!(
        refused(adult, &positive(">50K")),
        "t.csv: the label y: data.positive = \">50K\" differs from another value, \">50K.\", in punctuation at an end only; \
         write them in the same way, or rename one if they are two values"
    );
    let trained = table("a,y\n1,>50K\n2,<=50K\n", &label("y"));
    assert_eq!(
        prediction_refused("a,y\n1,>50K.\n", &trained.schema),
        "n.csv:2:2: y = \">50K.\": \">50K.\" differs from the class \">50K\" in punctuation at an end only; write them in the \
         same way, or rename \">50K.\" if it is another value"
    );
    // As the table that the model was trained on had more values, every other value is class 0, but not this one.
    let others = table("a,y\n1,>50K\n2,<=50K\n3,?!\n", &positive(">50K"));
    assert_eq!(predict("a,y\n1,new\n2,new\n3,>50K\n", &others.schema).unwrap().1, [0, 0, 1]);
    assert!(
        prediction_refused("a,y\n1,>50k\n", &others.schema)
            .contains("in case only; write them in the same way, or rename")
    );

    let pairs = [
        (
            "yes",
            "yes\u{200b}",
            "\"yes\" and \"yes\\u{200b}\" are two values of the label that differ in invisible characters only",
        ),
        (
            "Caf\u{e9}",
            "Cafe\u{301}",
            "\"Caf\\u{e9}\" and \"Cafe\\u{301}\" are two values of the label that differ in the Unicode form of a character only",
        ),
        ("no", "NO", "\"no\" and \"NO\" are two values of the label that differ in case only"),
    ];
    for (a, b, sentence) in pairs {
        let read = table(&format!("a,y\n1,{a}\n2,{b}\n"), &label("y"));
        assert_eq!(sentences(&read, FindingKind::Alike), [sentence]);
    }
    let missing = refused("a,y\n1,yes\u{200b}\n2,no\n", &positive("yes"));
    assert!(
        missing.contains("does not occur; did you mean \"yes\\u{200b}\", which differs in invisible characters?"),
        "{missing}"
    );
}

#[test]
fn a_value_alike_to_the_positive_one_is_refused_behind_a_thousand_others() {
    let rows: String = (0..1200).map(|row| format!("1,v{row}\n")).collect();
    let message = refused(&format!("a,y\n1,yes\n{rows}1,Yes\n"), &positive("yes"));
    assert!(
        message.contains("data.positive = \"yes\" differs from another value, \"Yes\", in case only"),
        "{message}"
    );
}

#[test]
fn categories_that_look_alike_are_found_and_named_for_predictions() {
    let read = table("a,b,y\nRome,1,0\nrome ,2,1\nOslo,3,1\n", &one_hot("a"));
    assert_eq!(
        sentences(&read, FindingKind::Alike),
        ["\"Rome\" and \"rome\" are two categories of a that differ in case only"]
    );
    assert!(sentences(&table("a,b,y\nA+,1,0\nA-,2,1\nA,3,1\n", &one_hot("a")), FindingKind::Alike).is_empty());

    let read = table("a,b,y\nCaf\u{e9},1,0\nBar,2,1\n", &one_hot("a"));
    assert_eq!(
        prediction_refused("a,b,y\nCafe\u{301},1,0\n", &read.schema),
        "n.csv:2:1: a = \"Cafe\\u{301}\": not a known category: \"Cafe\\u{301}\" differs from the known \"Caf\\u{e9}\" in the \
         Unicode form of a character only"
    );
    assert!(
        prediction_refused("a,b,y\nPub,1,0\n", &read.schema)
            .ends_with("not a known category; known: \"Bar\", \"Caf\u{e9}\"")
    );
}

#[test]
fn two_inputs_of_one_name_are_refused() {
    assert_eq!(
        refused("city,city=Rome,y\nRome,1,0\nOslo,2,1\n", &one_hot("city")),
        "t.csv: the category \"Rome\" of the column \"city\" and the column \"city=Rome\" would both be the input \
         \"city=Rome\"; rename a column, or leave it out with data.ignore"
    );
    let both = Settings { one_hot: vec!["a".into(), "a=b".into()], ..label("y") };
    let message = refused("a,a=b,y\nb=c,c,0\nd,e,1\n", &both);
    assert!(
        message.contains("the category \"b=c\" of the column \"a\" and the category \"c\" of the column \"a=b\""),
        "{message}"
    );
}

#[test]
fn a_word_for_missing_can_be_a_value() {
    let text = "a,b,y\nNA,1,None\nDE,2,None\nNA,3,Some\n";
    let word = refused(text, &Settings { missing: words(&["None"]), ..one_hot("a") });
    assert_eq!(
        word,
        "t.csv:2:3: y = \"None\": a missing label; data.unlabelled = \"skip\" would leave out the rows that have none; if \
         \"None\" is a value here, leave it out of data.missing (data.missing = [] has no words)"
    );
    let skip = Settings { unlabelled: Some(UnlabelledRows::Skip), one_hot: vec!["a".into()], ..positive("None") };
    assert_eq!(
        refused(text, &skip),
        "t.csv: the label y: data.positive = \"None\" means a missing value; if \"None\" is a value here, leave it out of \
         data.missing (data.missing = [] has no words)"
    );
    let category = refused(text, &one_hot("a"));
    assert!(category.contains("y = \"None\""), "{category}");

    let read = table(text, &Settings { missing: Some(Vec::new()), ..one_hot("a") });
    assert_eq!(read.schema.columns[0].categories.as_deref(), words(&["DE", "NA"]).as_deref());
    assert_eq!(
        (read.schema.classes.each_ref().map(String::as_str), read.data.y()),
        (["None", "Some"], &[0, 0, 1][..])
    );
    // The model carries its words, through its file.
    let schema: Schema = serde_json::from_str(&serde_json::to_string(&read.schema).unwrap()).unwrap();
    assert_eq!(predict(text, &schema).unwrap(), (read.data.x().to_vec(), read.data.y().to_vec()));
    let unchanged = table("a,y\n1,0\n2,1\n", &label("y"));
    assert!(!serde_json::to_string(&unchanged.schema).unwrap().contains("missing"));
}

#[test]
fn numbers_can_be_words_for_missing() {
    let settings = Settings { missing: words(&["-9999", "NA"]), impute: Some(Impute::Mean), ..label("y") };
    let text = "a,y\n1,0\n-9999.0,1\n3,1\nNA,0\n";
    let mut read = table(text, &settings);
    read.impute_means(|_| true).unwrap();
    assert_eq!(read.data.x(), [1.0, 2.0, 3.0, 2.0]);
    assert_eq!(predict(text, &read.schema).unwrap().0, [1.0, 2.0, 3.0, 2.0]);
    assert_eq!(
        sentences(&read, FindingKind::Imputed),
        ["2 missing values became their column's mean: a 2 (50.0 %: \"-9999\" 1, \"NA\" 1)"]
    );
}

#[test]
fn the_words_of_rows_left_out_are_named() {
    let skip = Settings { unlabelled: Some(UnlabelledRows::Skip), ..label("y") };
    let text = "a,y\n1,Some\n2,None\n3,Other\n4,\n5,None\n";
    let read = table(text, &skip);
    assert_eq!(
        sentences(&read, FindingKind::UnlabelledRows),
        ["3 rows without a label left out (\"None\" 2, empty 1)"]
    );
    let mut rows = BlockReader::open(text.as_bytes(), "n.csv", &read.schema, LabelMode::SkipMissing).unwrap();
    while rows.next_block(9).unwrap().is_some() {}
    assert_eq!((rows.unlabelled_rows(), rows.unlabelled_words()), (3, Some("\"None\" 2, empty 1".into())));
}

#[test]
fn a_cell_that_is_no_number_says_what_it_looks_like() {
    let number = "1,0\n";
    let cases = [
        (
            "\"1,234\"",
            "must be a plain number: 1234 if the comma groups digits, 1.234 if it is a decimal comma",
        ),
        (
            "\"1.234,5\"",
            "must be a plain number, such as 1234.5, without points between digits and a decimal comma",
        ),
        ("\u{2212}5", "must be a plain number, such as -5, without a minus sign other than \"-\""),
        ("\u{ff11}\u{ff12}", "must be a plain number, such as 12, without full-width characters"),
        ("(200)", "must be a plain number, such as -200, without parentheses, which stand for a minus sign"),
        ("12 %", "must be a plain number, such as 12, without a percent sign"),
        ("$5", "must be a plain number, such as 5, without a sign of a currency"),
        ("1e5x", "must be a number; \"x\" follows the number 1e5"),
        (
            "#DIV/0!",
            "must be a number; it is an error of a spreadsheet; correct the formula, or add it to the words of data.missing: NA, \
             N/A, n/a, NaN, nan, NULL, null, None, ?, #N/A, #N/A N/A, #NA, <NA>, -NaN, -nan, 1.#IND, -1.#IND, 1.#QNAN, \
             -1.#QNAN, \\N",
        ),
        (
            "2024-01-05",
            "must be a number; it looks like a date or a time; make a number of it, such as the days since a fixed day",
        ),
        (
            "n.a.",
            "must be a number; if it stands for a missing value, add it to the words of data.missing: NA, N/A, n/a, NaN, nan, \
             NULL, null, None, ?, #N/A, #N/A N/A, #NA, <NA>, -NaN, -nan, 1.#IND, -1.#IND, 1.#QNAN, -1.#QNAN, \\N",
        ),
        ("abc", "must be a number"),
    ];
    for (cell, message) in cases {
        let expected =
            |file: &str, line: usize| format!("{file}:{line}:1: a = {:?}: {message}", cell.trim_matches('"'));
        assert_eq!(refused(&format!("a,y\n{number}{cell},1\n"), &label("y")), expected("t.csv", 3));
        let trained = table("a,y\n1,0\n2,1\n", &label("y"));
        assert_eq!(prediction_refused(&format!("a,y\n{cell},1\n"), &trained.schema), expected("n.csv", 2));
    }
    assert_eq!(
        refused("when,y\n2024-01-05,0\n2024-01-06,1\n", &label("y")),
        "t.csv:2:1: when = \"2024-01-05\": no value of this column is a number (it looks like a date or a time; make a number \
         of it, such as the days since a fixed day); data.ignore = [\"when\"] leaves it out, data.one_hot = [\"when\"] takes it \
         as categories"
    );
}

#[test]
fn numbers_in_place_of_missing_values_are_found() {
    let rows = |placeholder: &str| -> String {
        let values = (0..20).map(|row| match row % 5 {
            0 => format!("{placeholder},{}\n", row % 2),
            _ => format!("{}.5,{}\n", 980 + row * 2, row % 2),
        });
        std::iter::once("p,y\n".to_owned()).chain(values).collect()
    };
    let found = |placeholder: &str| sentences(&table(&rows(placeholder), &label("y")), FindingKind::Sentinel);
    assert_eq!(
        found("-9999"),
        [
            "perhaps missing values, far from the other numbers (a number in data.missing counts as missing): p (-9999 in 4 rows, \
             the others 982.5 to 1018.5)"
        ]
    );
    assert_eq!(found("9999").len(), 1);
    let codes = rows("-99").replacen("-99,", "-999,", 1);
    let codes = sentences(&table(&codes, &label("y")), FindingKind::Sentinel);
    assert!(codes[0].ends_with("p (-999 in 1 row, -99 in 3 rows, the others 982.5 to 1018.5)"), "{codes:?}");
    assert!(found("999").is_empty(), "between the others");
    assert!(found("1020").is_empty(), "no number of nines");
    assert!(found("1200").is_empty(), "an outlier");
}

#[test]
fn columns_that_number_the_rows_are_found() {
    let text: String = (0..30)
        .map(|row| format!("{},{}.5,{}\n", 1000 + row, row * row % 7, row % 2))
        .collect();
    let read = table(&format!("id,a,y\n{text}"), &label("y"));
    assert_eq!(
        sentences(&read, FindingKind::Identifier),
        [
            "perhaps row numbers or identifiers; if so, leave them out with data.ignore, because they say nothing about other rows: id (each row \
          one more than the row before)"
        ]
    );
}

#[test]
fn missing_values_that_tell_the_label_are_found() {
    // 20 rows of each class. In class 1, `missing` values are missing, in class 0 one.
    let read = |missing: usize| {
        let rows = (0..40).map(|row| {
            let (class, number) = (row % 2, row / 2);
            let is_missing = if class == 1 { number < missing } else { number == 0 };
            let value = if is_missing { String::new() } else { format!("{}.5", row % 7) };
            format!("{value},{class}\n")
        });
        let text: String = std::iter::once("a,y\n".to_owned()).chain(rows).collect();
        let mut table = table(&text, &Settings { impute: Some(Impute::Mean), ..label("y") });
        table.impute_means(|_| true).unwrap();
        sentences(&table, FindingKind::Missingness)
    };
    // scikit-learn: roc_auc_score([0] * 20 + [1] * 20, [1] + [0] * 19 + [1] * 15 + [0] * 5) = 0.85
    assert_eq!(
        read(15),
        [
            "whether a is missing tells the label (ROC AUC 0.8500): it is in 5.0 % of the rows of \"0\" and in 75.0 % of \"1\"; will \
          it be missing in the same way when predicting?"
        ]
    );
    assert_eq!(read(11).len(), 1, "half of class 1 more");
    assert!(read(10).is_empty());
}
