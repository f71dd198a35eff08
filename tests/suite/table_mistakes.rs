//! Frequent mistakes with tables, and the messages that help to correct them.

use petal::data::doctor::{FindingKind, examine};
use petal::data::error::Result;
use petal::data::split::Part;
use petal::data::table::{BlockReader, Delimiter, LabelMode, Settings, Table, read_from};

fn label(label: &str) -> Settings {
    Settings { label: label.into(), ..Settings::default() }
}

fn table(text: &str, settings: &Settings) -> Result<Table> {
    read_from(text.as_bytes(), "t.csv", settings)
}

fn refused(text: &str, settings: &Settings) -> String {
    table(text, settings).unwrap_err().to_string()
}

#[test]
fn the_delimiter_declared_above_the_header_is_used() {
    for (declaration, delimiter, other) in [("sep=;", ";", ","), ("SEP=,", ",", ";"), ("sep=\t", "\t", ",")] {
        // In the header alone, the other delimiter is more frequent.
        let name = ["a", "b", "c"].join(other);
        let text = format!(
            "\u{feff}{declaration}\r\n{name}{delimiter}y\r\n1{delimiter}0\r\n2{delimiter}1\r\nx{delimiter}1\r\n"
        );
        assert_eq!(refused(&text, &label("y")), format!("t.csv:5:1: {name} = \"x\": must be a number"));
    }
    let tie = "sep=;\na,b;y\n1;0\n2;1\n";
    let read = table(tie, &label("y")).unwrap();
    assert_eq!(read.data.feature_names(), ["a,b"], "the declared one of two equally frequent delimiters");
    let mut rows = BlockReader::open(tie.as_bytes(), "n.csv", &read.schema, LabelMode::Require).unwrap();
    assert_eq!(rows.next_block(9).unwrap().unwrap().y.unwrap(), [0, 1]);
    let other = BlockReader::open(&b"sep=;\na,b,c;z\n"[..], "n.csv", &read.schema, LabelMode::Require)
        .err()
        .unwrap()
        .to_string();
    assert!(other.ends_with("the header has \"a,b,c\", \"z\""), "{other}");
    let comma = Settings { delimiter: Some(Delimiter::Comma), ..label("b;y") };
    assert_eq!(
        table("sep=;\na,b;y\n1,0\n2,1\n", &comma).unwrap().data.feature_names(),
        ["a"],
        "the setting wins over the declaration"
    );
    assert_eq!(
        refused("sep=;\n", &label("y")),
        "t.csv: is empty; a header line with the names of the columns is needed"
    );
}

#[test]
fn a_line_end_in_a_column_name_is_escaped() {
    let expected = "t.csv:3:1: two\\nlines = \"x\": no value of this column is a number; data.ignore = [\"two\\nlines\"] leaves \
                it out, data.one_hot = [\"two\\nlines\"] takes it as categories";
    assert_eq!(refused("\"two\nlines\",y\nx,0\nx,1\n", &label("y")), expected);
}

#[test]
fn a_header_with_an_unknown_delimiter_is_recognised() {
    let read = "comma, semicolon and tab are read (data.delimiter)";
    let check = |header: &str, separator: &str, settings: &Settings| {
        let message = refused(&format!("{header}\n1\n"), settings);
        let expected =
            format!("no such column; the header has {header:?}, which {separator} seems to separate; {read}");
        assert_eq!(message, format!("t.csv: data.label = \"y\": {expected}"));
    };
    check("in_a|in-b|y", "'|'", &label("y"));
    check("x1 x2 y", "' '", &label("y"));
    check("a,b,y", "','", &Settings { delimiter: Some(Delimiter::Tab), ..label("y") });
    let single = refused("mean_radius\n1\n", &label("y"));
    assert_eq!(single, "t.csv: data.label = \"y\": no such column; the header has \"mean_radius\"");
}

#[test]
fn a_misspelled_positive_value_gets_a_suggestion() {
    let with = |positive: &str| Settings { positive: Some(positive.into()), ..label("y") };
    let text = "a,y\n1,True\n2,False\n";
    let holds = "it holds \"True\" (1 row), \"False\" (1 row)";
    for (positive, near) in [("true", "; did you mean \"True\"?"), ("TRUE", "; did you mean \"True\"?"), ("1", "")] {
        let expected = format!("t.csv: the label y: data.positive = {positive:?} does not occur{near}; {holds}");
        assert_eq!(refused(text, &with(positive)), expected);
    }
    let three = refused("a,y\n1,Yes\n2,no\n3,yes\n", &label("y"));
    assert!(
        three.ends_with("would tell one from all others; \"Yes\" and \"yes\" differ in case only"),
        "{three}"
    );
}

#[test]
fn a_label_with_more_than_ten_numbers_is_no_set_of_classes() {
    let text = |values: usize| {
        std::iter::once("a,y\n".into())
            .chain((0..values).map(|row| format!("1,{row}.5\n")))
            .collect::<String>()
    };
    let many = refused(&text(11), &label("y"));
    assert!(many.starts_with("t.csv: the label y: must hold two different values, has 11 numbers: \"0.5\" (1 row), "));
    assert!(
        many.ends_with("; the label must answer a yes/no question: make a column of two values from it"),
        "{many}"
    );
    assert!(refused(&text(10), &label("y")).ends_with("data.positive = \"0.5\" would tell one from all others"));
}

#[test]
fn a_label_value_must_not_be_the_name_of_the_other_values() {
    let with = |positive: &str| Settings { positive: Some(positive.into()), ..label("y") };
    // With two values, class 0 is only the second one: a third value is refused.
    let spam = table("a,y\n1,spam\n2,not spam\n", &with("spam")).unwrap();
    assert_eq!(spam.schema.classes, ["not spam", "spam"]);
    let mut rows = BlockReader::open(&b"a,y\n1,other\n"[..], "n.csv", &spam.schema, LabelMode::Require).unwrap();
    let unknown = rows.next_block(1).unwrap_err().to_string();
    assert_eq!(unknown, "n.csv:2:2: y = \"other\": must be \"not spam\" or \"spam\"");
    let expected =
        "t.csv: the label y: the value \"other than x\" is reserved: it names all values except \"x\"; rename it";
    assert_eq!(refused("a,y\n1,x\n2,other than x\n3,z\n", &with("x")), expected);
    assert_eq!(refused("a,y\n1,x\n2,other than x\n", &label("y")), expected);
}

#[test]
fn a_text_above_a_column_of_numbers_shows_that_there_is_a_header() {
    let one_hot = Settings { one_hot: vec!["smoker".into()], ..label("relapse") };
    let text = "weight,smoker,relapse\n61.5,smoker,relapse\n70,never,none\n";
    assert_eq!(table(text, &one_hot).unwrap().schema.classes, ["none", "relapse"]);
    let text = "a,1,yes\n2,3,yes\n4,5,no\n";
    assert_eq!(table(text, &label("yes")).unwrap().data.feature_names(), ["a", "1"]);
    // What stands in place of a number shows nothing, and neither does a column that has no numbers.
    for first in ["NA,1,yes", "unknown,1,yes", "<5,1,yes", "#BUSY!,1,yes"] {
        let message = refused(&format!("{first}\n2,3,yes\n4,5,no\n"), &label("yes"));
        assert!(message.starts_with("t.csv:1: is the header missing?"), "{first}: {message}");
    }
    let message = refused("red,1,yes\nred,3,yes\nblue,5,no\n", &label("yes"));
    assert!(message.starts_with("t.csv:1: is the header missing?"), "{message}");
}

#[test]
fn names_that_are_decimals_are_a_finding() {
    let columns = |text: &str, name: &str| {
        let table = table(text, &label(name)).unwrap();
        let parts = vec![Part::Train; table.data.samples()];
        let findings = examine(&table, &parts, true).findings;
        findings
            .into_iter()
            .find(|finding| finding.kind == FindingKind::DecimalNames)
            .map(|finding| finding.columns)
    };
    let lost = Some(vec!["5.1".to_owned(), "3.5".to_owned()]);
    assert_eq!(columns("5.1,3.5,7.7\n4.9,3,1.5\n6,2.9,2.5\n", "7.7"), lost);
    assert_eq!(columns("5.1,3.5,2\n4.9,3,0\n6,2.9,1\n", "2"), lost);
    // Here a name cannot be a value.
    for (text, name) in [("5.1,3.5,y\n4,3,0\n6,2,1\n", "y"), ("5.1,w,2\n4,3,0\n6,2,1\n", "2")] {
        assert_eq!(columns(text, name), None, "{text:?}");
    }
    assert_eq!(columns("1990,2000,2010\n4.9,3,0\n6,2.9,1\n", "2010"), None, "whole numbers may be names");
}

#[test]
fn white_space_that_is_no_blank_before_a_quotation_mark_is_refused() {
    let message = |place: &str, space: &str| {
        format!("t.csv:{place}: white space other than blanks, {space}, stands before the quotation mark; remove it")
    };
    let text = "a,c,y\n1.0,\u{a0}\"Rome\",\u{a0}\"no\"\n2,Oslo,yes\n";
    let ignoring = Settings { ignore: vec!["c".into()], ..label("y") };
    assert_eq!(refused(text, &ignoring), message("2:2", "\\u{a0}"));
    assert_eq!(refused("a,y\n1,0\n2, \u{3000}\"1\"", &label("y")), message("3:2", "\\u{3000}"));
    assert_eq!(refused("a,\u{200b}\"y\"\n1,0\n", &label("y")), message("1:2", "\\u{200b}"));
    assert_eq!(refused("a,y\n1,\u{b}\"0\"\n", &label("y")), message("2:2", "\\u{b}"));
    // Without a quotation mark, it is white space around a cell. A mark inside a text is a character.
    let read = table("a,y\n\u{a0}1,\u{a0}no\n2,\u{a0}5\" pipe\n", &label("y")).unwrap();
    assert_eq!(read.schema.classes, ["5\" pipe", "no"]);
}
