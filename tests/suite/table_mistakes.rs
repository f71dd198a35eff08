//! What people stumble over with tables: the message that gets them up again.

use petal::data::error::Result;
use petal::data::table::{Delimiter, LabelUse, Rows, Settings, Table, read_from};

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
fn a_column_without_a_name_is_left_out_by_its_empty_name() {
    let message = "the column has no name; name it, or leave it out with data.ignore = [\"\"]";
    let pandas = format!("t.csv:1:1: {message} (pandas writes its index like this, but not with index=False)");
    let text = ",a,y\n0,1,0\n1,2,1\n";
    assert_eq!(refused(text, &label("y")), pandas);
    assert_eq!(refused("\na,,y\n", &label("y")), format!("t.csv:2:2: {message}"));
    let second = "t.csv:1:3: a second column has no name; the header must name every column but one";
    assert_eq!(refused(",a,,y\n", &label("y")), second);
    let read = table(text, &Settings { ignore: vec![String::new()], ..label("y") }).unwrap();
    assert_eq!((read.data.feature_names(), read.data.x()), (&["a".to_owned()][..], &[1.0, 2.0][..]));
    // Other tables may have an index, too.
    let mut rows = Rows::open(text.as_bytes(), "n.csv", &read.schema, LabelUse::None).unwrap();
    assert_eq!(rows.next_block(9).unwrap().unwrap().x, [1.0, 2.0]);
}

#[test]
fn the_delimiter_above_the_header_is_believed() {
    for (announced, d, other) in [("sep=;", ";", ","), ("SEP=,", ",", ";"), ("sep=\t", "\t", ",")] {
        // By itself the header speaks for the other one.
        let name = ["a", "b", "c"].join(other);
        let text = format!("\u{feff}{announced}\r\n{name}{d}y\r\n1{d}0\r\n2{d}1\r\nx{d}1\r\n");
        assert_eq!(refused(&text, &label("y")), format!("t.csv:5:1: {name} = \"x\": must be a number"));
    }
    let guessed = "sep=;\na,b;y\n1;0\n2;1\n";
    let read = table(guessed, &label("y")).unwrap();
    assert_eq!(read.data.feature_names(), ["a,b"], "of two that are as frequent the announced one");
    let mut rows = Rows::open(guessed.as_bytes(), "n.csv", &read.schema, LabelUse::Required).unwrap();
    assert_eq!(rows.next_block(9).unwrap().unwrap().y.unwrap(), [0, 1]);
    let other = Rows::open(&b"sep=;\na,b,c;z\n"[..], "n.csv", &read.schema, LabelUse::Required)
        .err()
        .unwrap()
        .to_string();
    assert!(other.ends_with("the header has \"a,b,c\", \"z\""), "{other}");
    let comma = Settings { delimiter: Some(Delimiter::Comma), ..label("b;y") };
    assert_eq!(
        table("sep=;\na,b;y\n1,0\n2,1\n", &comma).unwrap().data.feature_names(),
        ["a"],
        "but for the setting"
    );
    assert_eq!(
        refused("sep=;\n", &label("y")),
        "t.csv: is empty; a header line with the names of the columns is needed"
    );
}

#[test]
fn a_name_on_two_lines_is_told_on_one() {
    let told = "t.csv:3:1: two\\nlines = \"x\": no value of this column is a number; data.ignore = [\"two\\nlines\"] leaves \
                it out, data.one_hot = [\"two\\nlines\"] takes it as categories";
    assert_eq!(refused("\"two\nlines\",y\nx,0\nx,1\n", &label("y")), told);
}

#[test]
fn a_header_of_one_column_says_what_may_separate_it() {
    let read = "comma, semicolon and tab are read (data.delimiter)";
    let of = |header: &str, separator: &str, settings: &Settings| {
        let message = refused(&format!("{header}\n1\n"), settings);
        let expected =
            format!("no such column; the header has {header:?}, which {separator} seems to separate; {read}");
        assert_eq!(message, format!("t.csv: data.label = \"y\": {expected}"));
    };
    of("in_a|in-b|y", "'|'", &label("y"));
    of("x1 x2 y", "' '", &label("y"));
    of("a,b,y", "','", &Settings { delimiter: Some(Delimiter::Tab), ..label("y") });
    let single = refused("mean_radius\n1\n", &label("y"));
    assert_eq!(single, "t.csv: data.label = \"y\": no such column; the header has \"mean_radius\"");
}

#[test]
fn a_positive_value_that_is_nearly_there_is_suggested() {
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
fn a_quotation_mark_left_open_is_suspected_where_rows_go_wrong() {
    let open = "; is a quotation mark left open, which takes in further lines?";
    let more = refused("a,y\n1,0\n\"2,1\n3,\"0,5,6\n", &label("y"));
    assert_eq!(more, format!("t.csv:3: the row has more fields than the header, which has 2{open}"));
    let fewer = refused("a,b,y\n\"1,2,0\n3,4,1\",1\n", &label("y"));
    assert_eq!(fewer, format!("t.csv:2: the row has 2 fields, the header has 3{open}"));
    assert_eq!(
        refused("a,y\n1,0,2\n", &label("y")),
        "t.csv:2: the row has more fields than the header, which has 2"
    );
    // All the rest of the table would be a row, with as many fields as it should have.
    let ignore = Settings { ignore: vec!["text".into()], ..label("y") };
    let never = "the quotation mark that opens on this line is never closed";
    for end in ["\n", "\r\n", "\r"] {
        let text = "a,y,text\n1,0,\"x\n\"\n2,1,\"never\n3,0,z\n4,1,z\n".replace('\n', end);
        let message = refused(&text, &ignore);
        assert!(message.ends_with(never), "{message}");
        assert!(end == "\r" || message.starts_with("t.csv:4: "), "{message}");
    }
    let closed = table("a,y,text\n1,0,\"x\n\"\n2,1,\"z\n\"", &ignore).unwrap();
    assert_eq!(closed.data.x(), [1.0, 2.0], "the last line needs no end");
}

#[test]
fn a_label_of_many_numbers_is_no_question_of_yes_or_no() {
    let text = |values: usize| {
        std::iter::once("a,y\n".into())
            .chain((0..values).map(|row| format!("1,{row}.5\n")))
            .collect::<String>()
    };
    let many = refused(&text(11), &label("y"));
    assert!(many.starts_with("t.csv: the label y: must hold two different values, has 11 numbers: \"0.5\" (1 row), "));
    assert!(
        many.ends_with("; the question is one of yes or no, for which make a column of two values of it"),
        "{many}"
    );
    assert!(refused(&text(10), &label("y")).ends_with("data.positive = \"0.5\" would tell one from all others"));
}

#[test]
fn a_class_is_not_called_what_the_others_are() {
    let with = |positive: &str| Settings { positive: Some(positive.into()), ..label("y") };
    // Two values are two, whatever they are called: others are not class 0.
    let spam = table("a,y\n1,spam\n2,not spam\n", &with("spam")).unwrap();
    assert_eq!(spam.schema.classes, ["not spam", "spam"]);
    let mut rows = Rows::open(&b"a,y\n1,other\n"[..], "n.csv", &spam.schema, LabelUse::Required).unwrap();
    let unknown = rows.next_block(1).unwrap_err().to_string();
    assert_eq!(unknown, "n.csv:2:2: y = \"other\": must be \"not spam\" or \"spam\"");
    let expected = "t.csv: the label y: must not hold \"other than x\", as all values but \"x\" are called; give it another \
                    name";
    assert_eq!(refused("a,y\n1,x\n2,other than x\n3,z\n", &with("x")), expected);
    assert_eq!(refused("a,y\n1,x\n2,other than x\n", &label("y")), expected);
}
