//! Reading tables: compared with pandas and scikit-learn, the message of every rule, and random bytes.

use std::fs::File;
use std::io::Read;

use petal::data::doctor::{FindingKind, examine};
use petal::data::error::Result;
use petal::data::split::Part;
#[cfg(not(feature = "parquet"))]
use petal::data::table::Format;
use petal::data::table::{
    BlockReader, Delimiter, Impute, LabelMode, LengthCheckedFile, Settings, Table, UnlabelledRows, read, read_from,
};
use proptest::prelude::*;

use crate::support::{json, numbers, path};

fn label(label: &str) -> Settings {
    Settings { path: "t.csv".into(), label: label.into(), ..Settings::default() }
}

fn table(text: &str, settings: &Settings) -> Result<Table> {
    read_from(text.as_bytes(), "t.csv", settings)
}

/// Reads all rows for a trained network, in blocks of two.
fn read_blocks(source: impl Read, trained: &Table, label: LabelMode) -> Result<(Vec<f64>, Vec<u8>)> {
    let mut reader = BlockReader::open(source, "n.csv", &trained.schema, label)?;
    let (mut x, mut y) = (Vec::new(), Vec::new());
    while let Some(block) = reader.next_block(2)? {
        x.extend(block.x);
        y.extend(block.y.unwrap_or_default());
    }
    Ok((x, y))
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(ToString::to_string).collect()
}

#[test]
fn a_table_with_unusual_formatting_is_read_as_by_pandas_and_scikit_learn() {
    let expected = json("tables/nasty.json");
    let settings = Settings {
        ignore: names(&["id"]),
        impute: Some(Impute::Mean),
        one_hot: names(&["city"]),
        ..label("says \"yes\"")
    };
    for name in ["nasty.csv", "nasty.csv.gz"] {
        let path = path("tests/reference/tables").join(name);
        let mut read = read(&Settings { path: path.clone(), ..settings.clone() }).unwrap();
        read.impute_means(|_| true).unwrap();
        let categories: Vec<&str> = expected["categories"]
            .as_array()
            .unwrap()
            .iter()
            .map(|value| value.as_str().unwrap())
            .collect();
        let [height, any, city] = read.schema.columns.as_slice() else {
            panic!("{:?}", read.schema)
        };
        assert_eq!([&*height.name, &*any.name, &*city.name], ["height; in m", "any", "city"]);
        assert_eq!(city.categories.as_ref().unwrap(), &categories);
        assert_eq!(read.schema.classes, ["no", "yes"]);
        assert_eq!(read.missing_counts(), [expected["missing"].as_u64().unwrap() as usize, 0, 0]);
        // pandas sums the 48 heights in another order. Each addition rounds by up to half an ulp of 2.
        let mean = expected["mean"].as_f64().unwrap();
        assert!((height.fill_value.unwrap() - mean).abs() < 48.0 * f64::EPSILON);
        let label: Vec<f64> = read.data.y().iter().map(|&y| f64::from(y)).collect();
        assert_eq!(label, numbers(&expected["label"]));
        let (heights, any) = (numbers(&expected["height"]), numbers(&expected["any"]));
        for (index, row) in read.data.rows().enumerate() {
            let height = if heights[index] == mean { height.fill_value.unwrap() } else { heights[index] };
            assert_eq!(row[0].to_bits(), height.to_bits(), "row {index}");
            assert_eq!(row[1].to_bits(), any[index].to_bits(), "row {index}");
            assert_eq!(row[2..], numbers(&expected["one_hot"][index]), "row {index}");
        }
        let (x, y) = read_blocks(File::open(&path).unwrap(), &read, LabelMode::Require).unwrap();
        assert_eq!((x.as_slice(), y.as_slice()), (read.data.x(), read.data.y()));
        // Header, empty line, r0, empty line, r1, r2 on two lines, r3.
        assert_eq!(read.lines[..4], [3, 5, 6, 8]);
    }
}

#[test]
fn every_error_in_a_table_names_its_place() {
    let cases = [
        ("", "t.csv: is empty; a header line with the names of the columns is needed"),
        ("\n\r\n\n", "t.csv: is empty; a header line with the names of the columns is needed"),
        ("a,y\n", "t.csv: has a header and no rows"),
        ("y\n1\n0\n", "t.csv: no column is left as an input"),
        ("\n\na,b, a,y\n", "t.csv:3:3: two columns are called \"a\"; names must differ"),
        ("a,b\n1,2\n", "t.csv: data.label = \"y\": no such column; the header has \"a\", \"b\""),
        ("a,y\n1,2\n\n3\n", "t.csv:4: the row has 1 field, the header has 2"),
        ("a,y\n1,2\n1,2,3\n", "t.csv:3: the row has more fields than the header, which has 2"),
        ("a,y\n1,2\n1,2,", "t.csv:3: the row has more fields than the header, which has 2"),
        ("a,y\r\n1,0\r\nabc,1\r\n", "t.csv:3:1: a = \"abc\": must be a number"),
        ("b,a,y\n1,\" x\n\",0\n2,2,1\n", "t.csv:2:2: a = \"x\": must be a number"),
        ("b,y,a\n\"\n1\",1,abc\n1,0,1\n", "t.csv:3:3: a = \"abc\": must be a number"),
        ("a,y\ninf,0\n", "t.csv:2:1: a = \"inf\": must be finite"),
        ("a,y\n-1e999,0\n", "t.csv:2:1: a = \"-1e999\": too large, must be at most 1.7976931348623157e308"),
        ("a;y\n3,14;0\n", "t.csv:2:1: a = \"3,14\": must be a number with a decimal point, such as 3.14"),
        (
            "a,y\n,0\n1,1\n",
            "t.csv:2:1: a = \"\": a missing value; data.impute = \"mean\" would fill in the column's mean",
        ),
        (
            "b,a,y\n1,?,0\nNA,3,1\n1,n/a,0\n",
            "t.csv:2:2: a = \"?\": a missing value, the first of 3 (b 1, a 2); data.impute = \"mean\" would fill in each \
             column's mean",
        ),
        (
            "a,y\n1,0\n1,NULL\n",
            "t.csv:3:2: y = \"NULL\": a missing label; data.unlabelled = \"skip\" would leave out the rows that have none; \
             if \"NULL\" is a value here, leave it out of data.missing (data.missing = [] has no words)",
        ),
        (
            "a,b,y\n1,Rome,0\n2,Oslo,1\n",
            "t.csv:2:2: b = \"Rome\": no value of this column is a number; data.ignore = [\"b\"] leaves it out, \
             data.one_hot = [\"b\"] takes it as categories",
        ),
        (
            "a,b,y\nx,Rome,0\n,Oslo,1\n",
            "t.csv:2:1: a = \"x\": no value of this column and of \"b\" is a number; data.ignore = [\"a\", \"b\"] leaves \
             them out, data.one_hot = [\"a\", \"b\"] takes them as categories",
        ),
        (
            "a,y\n1,b\n1,b\n",
            "t.csv: the label y: must hold two different values; every row has \"b\" (2 rows)",
        ),
        (
            "a,y\n1,1\n1,1.0\n",
            "t.csv: the label y: must hold two different values; every row has \"1\" (2 rows)",
        ),
        (
            "a,y\n1,c\n2,b\n3,a\n4,c\n",
            "t.csv: the label y: must hold two different values, has 3: \"c\" (2 rows), \"b\" (1 row), \"a\" (1 row); \
             data.positive = \"c\" would tell one from all others",
        ),
    ];
    for (text, expected) in cases {
        let message = table(text, &label("y")).unwrap_err().to_string();
        assert_eq!(message, expected, "for {text:?}");
    }
    let many: String = (0..1200).map(|value| format!("1,{value}\n")).collect();
    let message = table(&format!("a,y\n{many}"), &label("y")).unwrap_err().to_string();
    assert!(message.starts_with(
        "t.csv: the label y: must hold two different values, has more than 1,000 numbers: \"0\" (1 row), "
    ));
    assert!(message.contains("\"4\" (1 row), ...; the label must answer a yes/no question"), "{message}");
}

#[cfg(not(feature = "parquet"))]
#[test]
fn a_build_without_parquet_names_the_feature_that_reads_it() {
    let expected =
        "t.csv: is a Parquet file, which this build of Petal cannot read; build it with cargo build --features parquet";
    for format in [Format::Text, Format::Parquet] {
        let message = table("PAR1", &Settings { format, ..label("y") }).unwrap_err().to_string();
        assert_eq!(message, expected);
    }
    let trained = table("a,y\n1,0\n2,1\n", &label("y")).unwrap();
    assert_eq!(
        read_blocks(&b"PAR1"[..], &trained, LabelMode::Require).unwrap_err().to_string(),
        expected.replace("t.csv", "n.csv")
    );
}

#[test]
fn settings_that_do_not_fit_the_table_are_refused() {
    let text = "age,income,city,y\n1,2,Rome,0\n3,4,Oslo,1\n";
    let features = |features: &[&str]| Settings { features: Some(names(features)), ..label("y") };
    let one_hot = |one_hot: &[&str]| Settings { one_hot: names(one_hot), ..label("y") };
    let ignore = |ignore: &[&str]| Settings { ignore: names(ignore), ..label("y") };
    let existing = "the header has \"age\", \"income\", \"city\", \"y\"";
    let cases = [
        (label("Y"), format!("data.label = \"Y\": no such column; did you mean \"y\"?; {existing}")),
        (label("target"), format!("data.label = \"target\": no such column; {existing}")),
        (
            features(&["agge"]),
            format!("data.features names \"agge\": no such column; did you mean \"age\"?; {existing}"),
        ),
        (
            ignore(&["incmoe"]),
            format!("data.ignore names \"incmoe\": no such column; did you mean \"income\"?; {existing}"),
        ),
        (
            one_hot(&["City"]),
            format!("data.one_hot names \"City\": no such column; did you mean \"city\"?; {existing}"),
        ),
        (features(&["age", "y"]), "data.features names \"y\", which is the label".into()),
        (features(&["age", "age"]), "data.features names \"age\" twice".into()),
        (features(&[]), "no column is left as an input".into()),
        (
            Settings { ignore: names(&["age"]), ..features(&["age"]) },
            "\"age\" is in both data.features and data.ignore".into(),
        ),
        (
            Settings { one_hot: names(&["city"]), ..features(&["age"]) },
            "data.one_hot names \"city\", which is not an input".into(),
        ),
        (
            Settings { positive: Some("2".into()), ..features(&["age"]) },
            "the label y: data.positive = \"2\" does not occur; it holds \"0\" (1 row), \"1\" (1 row)".into(),
        ),
    ];
    for (settings, expected) in cases {
        let message = table(text, &settings).unwrap_err().to_string();
        assert_eq!(message, format!("t.csv: {expected}"), "for {settings:?}");
    }
    let wide: Vec<String> = (1..=1500).map(|number| format!("x{number}")).collect();
    let message = table(&wide.join(","), &label("y")).unwrap_err().to_string();
    assert!(message.ends_with(
        "the header has \"x1\", \"x2\", \"x3\", \"x4\", \"x5\", \"x6\", \"x7\", \"x8\", \"x9\", \"x10\" and 1,490 more"
    ));
}

#[test]
fn columns_that_cannot_be_imputed_or_one_hot_encoded_are_refused() {
    let impute = Settings { impute: Some(Impute::Mean), one_hot: names(&["c"]), ..label("y") };
    let refused = |text: &str| table(text, &impute).unwrap_err().to_string();
    assert_eq!(
        refused("a,c,y\nNA,u,0\n,u,1\n"),
        "t.csv:2:1: a = \"NA\": every value of this column is missing; leave it out with data.ignore"
    );
    assert_eq!(
        refused("a,c,y\n1,u,0\n1,null,1\n"),
        "t.csv:3:2: c = \"null\": a missing category; data.impute fills in numbers only; if \"null\" is a value here, leave it out \
         of data.missing (data.missing = [] has no words)"
    );
    let many: String = (1..=1001).map(|value| format!("1,c{value},{}\n", value % 2)).collect();
    assert_eq!(refused(&format!("a,c,y\n{many}")), "t.csv:1002:2: c = \"c1001\": has more than 1,000 categories");
    let text = format!("a,c,y\n{}", many.replace("1,c1001,1\n", ""));
    let table = table(&text, &impute).unwrap();
    assert_eq!((table.data.samples(), table.data.features()), (1000, 1001));
    // Every row has exactly one category.
    assert!(table.data.rows().all(|row| row[1..].iter().sum::<f64>() == 1.0));
}

#[test]
fn rows_without_a_label_are_skipped_on_request_even_with_other_errors() {
    let skip = Settings { unlabelled: Some(UnlabelledRows::Skip), ..label("y") };
    let read = table("a,y\n1,0\nabc,\n2,1\n,NA\n", &skip).unwrap();
    assert_eq!((read.data.x(), read.data.y(), &*read.lines), (&[1.0, 2.0][..], &[0, 1][..], &[2, 4][..]));
    let finding = examine(&read, &[Part::Train; 2], true)
        .findings
        .into_iter()
        .find(|finding| finding.kind == FindingKind::UnlabelledRows);
    assert_eq!(finding.unwrap().sentence, "2 rows without a label left out (\"NA\" 1, empty 1)");
    let none = table("a,y\n1,\n2,?\n", &skip).unwrap_err().to_string();
    assert!(
        none.starts_with("t.csv: no row has a label; 2 rows left out as unlabelled (\"?\" 1, empty 1): if"),
        "{none}"
    );
}

#[test]
fn bytes_that_are_not_text_are_refused_in_used_columns_only() {
    let read = |bytes: &[u8]| read_from(bytes, "t.csv", &Settings { ignore: names(&["c"]), ..label("y") });
    let refused = |bytes: &[u8]| read(bytes).unwrap_err().to_string();
    let utf8 = "must be UTF-8 text";
    assert_eq!(refused(b"a,c,y\n1\xff,2,0\n"), format!("t.csv:2:1: a = \"1\u{fffd}\": {utf8}"));
    assert_eq!(refused(b"a,c,y\n1,2,\xff\n"), format!("t.csv:2:3: y = \"\u{fffd}\": {utf8}"));
    assert_eq!(refused(b"a\xff,c,y\n"), format!("t.csv:1:1: the column's name \"a\u{fffd}\" {utf8}"));
    assert_eq!(read(b"a,c,y\n1,\xff,0\n2,\xfe,1\n").unwrap().data.x(), [1.0, 2.0]);
    assert_eq!(refused(b"\xff\xfea\0,\0"), "t.csv: is UTF-16 text; save it as UTF-8");
    assert_eq!(refused(b"PK\x03\x04..."), "t.csv: is a file of type zip (application/zip); unpack it first");
    let gzip = std::fs::read(path("tests/reference/tables/nasty.csv.gz")).unwrap();
    let damaged = "t.csv: the gzip data is damaged or cut short";
    for end in [2, 5, 20, gzip.len() / 2, gzip.len() - 1] {
        let settings = Settings { features: Some(names(&["any"])), ..label("says \"yes\"") };
        let message = read_from(&gzip[..end], "t.csv", &settings).unwrap_err().to_string();
        assert_eq!(message, damaged, "cut at {end}");
    }
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |path: std::path::PathBuf| read(&Settings { path, ..label("y") }).unwrap_err().to_string();
    let (inside, outside) = (folder.path().join("no.csv"), folder.path().to_owned());
    assert_eq!(refused(inside.clone()), format!("cannot read {}: no such file or directory", inside.display()));
    assert_eq!(refused(outside.clone()), format!("cannot read {}: is a directory", outside.display()));
}

#[test]
fn an_endless_row_is_refused_after_1_mib() {
    let open = |start: &'static str| start.as_bytes().chain(std::io::repeat(b'7'));
    let refused = |start| read_from(open(start), "t.csv", &label("y")).unwrap_err().to_string();
    assert_eq!(refused("a,y\n1,0\n\""), "t.csv:3:1: the quotation mark that opens here is not closed within 1 MiB");
    assert_eq!(refused("a,y\n1,"), "t.csv:2: the row is longer than 1 MiB");
    let header = "t.csv:1: the header, in which a quotation mark is not closed, is longer than 1 MiB";
    assert_eq!(refused("\"a"), header);
    assert_eq!(refused("a"), "t.csv:1: the header is longer than 1 MiB");
    let commas = "a,y\n1,0\n".as_bytes().chain(std::io::repeat(b','));
    let message = read_from(commas, "t.csv", &label("y")).unwrap_err().to_string();
    assert_eq!(message, "t.csv:3: the row has more fields than the header, which has 2");
}

#[test]
fn line_numbers_do_not_depend_on_where_the_buffer_ends() {
    let settings = Settings { ignore: names(&["text"]), ..label("y") };
    // The buffer has 65,536 bytes. It ends before, inside and after the line end in the text and the one behind the text.
    for length in 65_500..65_540 {
        let text = format!("text,a,y\r\n\"{}\r\n\",1,0\r\n\r\nno,x,1\r\n", "t".repeat(length));
        let message = table(&text, &settings).unwrap_err().to_string();
        assert_eq!(message, "t.csv:5:2: a = \"x\": must be a number", "text of {length} bytes");
        // The same with line ends of the old Mac OS, CR only, and with those of Unix.
        for end in ["\r", "\n"] {
            let again = table(&text.replace("\r\n", end), &settings).unwrap_err().to_string();
            assert_eq!(again, message, "text of {length} bytes");
        }
    }
}

#[test]
fn classes_are_sorted_unless_a_positive_value_is_set() {
    let classes = |labels: &[&str], positive: Option<&str>| {
        let text: String = labels.iter().map(|label| format!("1,{label}\n")).collect();
        let settings = Settings { positive: positive.map(Into::into), ..label("y") };
        let table = table(&format!("a,y\n{text}"), &settings).unwrap();
        let (_, again) = read_blocks(
            format!("y,a\n{}", text.replace("1,", "").replace('\n', ",1\n")).as_bytes(),
            &table,
            LabelMode::Require,
        )
        .unwrap();
        assert_eq!(again, table.data.y(), "{labels:?}");
        let [zero, one] = table.schema.classes.clone();
        (zero, one, table.data.y().to_vec())
    };
    let expected = |zero: &str, one: &str, y: &[u8]| (zero.to_owned(), one.to_owned(), y.to_vec());
    assert_eq!(classes(&["1", "0", "1.0"], None), expected("0", "1", &[1, 0, 1]));
    assert_eq!(classes(&["9", "10"], None), expected("9", "10", &[0, 1]));
    assert_eq!(classes(&["-1", "-2"], None), expected("-2", "-1", &[1, 0]));
    assert_eq!(classes(&["9", "10a"], None), expected("10a", "9", &[1, 0]));
    assert_eq!(classes(&["yes", "no", "no"], None), expected("no", "yes", &[1, 0, 0]));
    assert_eq!(classes(&["yes", "no", "no"], Some("no")), expected("yes", "no", &[0, 1, 1]));
    assert_eq!(classes(&["a", "b", "c", "b"], Some("b")), expected("other than b", "b", &[0, 1, 0, 1]));
    assert_eq!(classes(&["2", "1.0", "3"], Some("1")), expected("other than 1", "1", &[0, 1, 0]));
}

#[test]
fn the_delimiter_is_guessed_from_the_header_unless_it_is_set() {
    let x = |text: &str, delimiter| {
        let table = table(text, &Settings { delimiter, ..label("y") }).unwrap();
        let for_prediction = read_blocks(text.as_bytes(), &table, LabelMode::Require).unwrap();
        assert_eq!(for_prediction.0, table.data.x(), "{text:?}");
        (table.data.feature_names().to_vec(), table.data.x().to_vec())
    };
    let two = (names(&["a", "b"]), vec![1.0, 2.0, 3.0, 4.0]);
    for delimiter in [",", ";", "\t"] {
        assert_eq!(x(&"a,b,y\n1,2,0\n3,4,1".replace(',', delimiter), None), two);
    }
    assert_eq!(x("\"a;;;\",y\n1,0\n2,1\n", None), (names(&["a;;;"]), vec![1.0, 2.0]));
    assert_eq!(x("a;b,y\n1,0\n2,1\n", None), (names(&["a;b"]), vec![1.0, 2.0]), "the comma wins a tie");
    assert_eq!(
        x("\u{feff}\"a;;\n;\",y\n1,0\n2,1\n", None),
        (names(&["a;;\n;"]), vec![1.0, 2.0]),
        "with a byte order mark"
    );
    let comma = Settings { delimiter: Some(Delimiter::Comma), ..label("y") };
    let message = table("a;\"b,y\n1,0\n", &comma).unwrap_err().to_string();
    assert_eq!(message, "t.csv:1: a quotation mark in the header opens where no field starts");
    // A tie: for training the setting decides, for predictions the schema.
    assert_eq!(x("a, mean;y\n1;0\n2;1\n", Some(Delimiter::Semicolon)), (names(&["a, mean"]), vec![1.0, 2.0]));
}

#[test]
fn a_table_for_predictions_is_matched_by_column_names() {
    let text = "a,city,b,y\n1,Rome,5,no\n,Oslo,7,yes\n3,Oslo,9,no\n";
    let plain = table(text, &Settings { one_hot: names(&["city"]), ignore: names(&["a"]), ..label("y") }).unwrap();
    let imputing = Settings { one_hot: names(&["city"]), impute: Some(Impute::Mean), ..label("y") };
    let mut imputed = table(text, &imputing).unwrap();
    // The mean is computed from the training rows only.
    let mut without_last = imputed.clone();
    without_last.impute_means(|row| row < 2).unwrap();
    assert_eq!(without_last.data.x(), [1.0, 0.0, 1.0, 5.0, 1.0, 1.0, 0.0, 7.0, 3.0, 1.0, 0.0, 9.0]);
    let refused = imputed.clone().impute_means(|row| row == 1).unwrap_err().to_string();
    assert_eq!(refused, "column a: no training row has a number; leave it out with data.ignore");
    imputed.impute_means(|_| true).unwrap();
    let (x, y) =
        read_blocks("z;b;city;a\n?;1;Rome;NA\n?;NaN; Oslo ;2\n".as_bytes(), &imputed, LabelMode::Ignore).unwrap();
    // The mean of a is 2 and that of b is 7. Oslo comes before Rome.
    assert_eq!(x, [2.0, 0.0, 1.0, 1.0, 2.0, 1.0, 0.0, 7.0]);
    assert!(y.is_empty());
    let cases = [
        (
            "b,city\n1,Roma\n",
            false,
            "n.csv:2:2: city = \"Roma\": not a known category; known: \"Oslo\", \"Rome\"",
        ),
        (
            "b,city\n1,\n",
            false,
            "n.csv:2:2: city = \"\": a missing category; data.impute fills in numbers only",
        ),
        (
            "b,city\nNA,Rome\n",
            false,
            "n.csv:2:1: b = \"NA\": a missing value; the network was trained without any",
        ),
        ("b,city\n1,Rome\nx,Rome\n", false, "n.csv:3:1: b = \"x\": must be a number"),
        (
            "B,city\n",
            false,
            "n.csv: the network takes the column \"b\": no such column; did you mean \"B\"?; the header has \"B\", \"city\"",
        ),
        (
            "x\n",
            false,
            "n.csv: the network needs the columns \"city\", \"b\": no such columns; the header has \"x\"",
        ),
        (
            "b\n",
            true,
            "n.csv: the network needs the columns \"city\", \"y\": no such columns; the header has \"b\"",
        ),
        (
            "b,city\n",
            true,
            "n.csv: the label is the column \"y\": no such column; the header has \"b\", \"city\"",
        ),
        ("b,city,y\n1,Rome,maybe\n", true, "n.csv:2:3: y = \"maybe\": must be \"no\" or \"yes\""),
        (
            "b,city,y\n1,Rome,\n",
            true,
            "n.csv:2:3: y = \"\": a missing label; --skip-unlabelled would leave out the rows that have none",
        ),
    ];
    for (text, reads_label, expected) in cases {
        let label = if reads_label { LabelMode::Require } else { LabelMode::Ignore };
        let message = read_blocks(text.as_bytes(), &plain, label).unwrap_err().to_string();
        assert_eq!(message, expected, "for {text:?}");
    }
    assert_eq!(read_blocks("b,city\n".as_bytes(), &plain, LabelMode::Ignore).unwrap().0, [0.0; 0]);
    let text = "b,city,y\n1,Rome,\n2,Rome,no\nx,Oslo,NA\n3,Rome,yes\n";
    let (x, y) = read_blocks(text.as_bytes(), &plain, LabelMode::SkipMissing).unwrap();
    assert_eq!((x, y), (vec![0.0, 1.0, 2.0, 0.0, 1.0, 3.0], vec![0, 1]));
}

#[test]
fn a_file_that_shrinks_while_it_is_read_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.csv");
    std::fs::write(&path, "a,y\n1,0\n2,1\n").unwrap();
    let file = LengthCheckedFile::open(&path).unwrap();
    // The shortened file ends with a complete row.
    File::options().write(true).open(&path).unwrap().set_len(8).unwrap();
    let message = read_from(file, "t.csv", &label("y")).unwrap_err().to_string();
    assert_eq!(message, "cannot read t.csv: it became 4 bytes shorter while it was read");
    // A row that is added is read.
    std::fs::write(&path, "a,y\n1,0\n").unwrap();
    let file = LengthCheckedFile::open(&path).unwrap();
    std::fs::write(&path, "a,y\n1,0\n2,1\n").unwrap();
    assert_eq!(read_from(file, "t.csv", &label("y")).unwrap().data.samples(), 2);
}

#[test]
fn rows_before_a_refused_row_are_returned_first() {
    let trained = table("a,b,y\n1,2,0\n3,4,1\n", &label("y")).unwrap();
    let text = "a,b,y\n1,2,0\n3,4,1\n5,x,1\n6,7,0\n";
    let mut reader = BlockReader::open(text.as_bytes(), "n.csv", &trained.schema, LabelMode::Require).unwrap();
    let block = reader.next_block(10).unwrap().unwrap();
    assert_eq!((block.x, block.y), (vec![1.0, 2.0, 3.0, 4.0], Some(vec![0, 1])));
    assert_eq!(reader.next_block(10).unwrap_err().to_string(), "n.csv:4:2: b = \"x\": must be a number");
}

/// Appends a row to `bytes`.
fn write_row(writer: &mut csv_core::Writer, bytes: &mut Vec<u8>, fields: impl Iterator<Item = String>) {
    // Larger than any cell with the delimiter before it.
    let mut buffer = [0; 1024];
    for (i, field) in fields.enumerate() {
        if i > 0 {
            let (_, written) = writer.delimiter(&mut buffer);
            bytes.extend(&buffer[..written]);
        }
        let (result, _, written) = writer.field(field.as_bytes(), &mut buffer);
        assert_eq!(result, csv_core::WriteResult::InputEmpty);
        bytes.extend(&buffer[..written]);
    }
    let (_, written) = writer.terminator(&mut buffer);
    bytes.extend(&buffer[..written]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn numbers_and_names_that_csv_core_writes_are_read_exactly(
        rows in prop::collection::vec((prop::collection::vec(any::<f64>().prop_filter("finite", |x| x.is_finite()), 3), any::<bool>()), 2..40),
        delimiter in prop::sample::select(&[b',', b';', b'\t'][..]),
        (crlf, quoted) in any::<(bool, bool)>(),
        random_names in prop::collection::vec(prop::collection::vec(prop::sample::select(&['a', 'é', ' ', '"', ',', ';', '\t', '\r', '\n'][..]), 0..9), 3),
    ) {
        // The names must differ, and white space around a name would be removed.
        let name = |(index, chars): (usize, &Vec<char>)| format!("{}{index}", chars.iter().collect::<String>().trim_start());
        let header: Vec<String> = random_names.iter().enumerate().map(name).collect();
        let mut writer = csv_core::WriterBuilder::new()
            .delimiter(delimiter)
            .terminator(if crlf { csv_core::Terminator::CRLF } else { csv_core::Terminator::Any(b'\n') })
            .quote_style(if quoted { csv_core::QuoteStyle::Always } else { csv_core::QuoteStyle::Necessary })
            .build();
        let mut bytes = Vec::new();
        write_row(&mut writer, &mut bytes, header.iter().cloned().chain(["the label".to_owned()]));
        // Both classes must occur, so the first two labels are fixed.
        let labels: Vec<u8> = rows.iter().enumerate().map(|(i, row)| if i < 2 { i as u8 } else { u8::from(row.1) }).collect();
        for ((row, _), label) in rows.iter().zip(&labels) {
            write_row(&mut writer, &mut bytes, row.iter().map(ToString::to_string).chain([label.to_string()]));
        }
        let delimiter = match delimiter { b',' => Delimiter::Comma, b';' => Delimiter::Semicolon, _ => Delimiter::Tab };
        let settings = Settings { delimiter: Some(delimiter), ..label("the label") };
        let read = read_from(bytes.as_slice(), "t.csv", &settings).unwrap();
        let written: Vec<u64> = rows.iter().flat_map(|(row, _)| row.iter().map(|x| x.to_bits())).collect();
        let back: Vec<u64> = read.data.x().iter().map(|x| x.to_bits()).collect();
        prop_assert_eq!(written, back);
        prop_assert_eq!(read.data.feature_names(), header.as_slice());
        prop_assert_eq!(read.data.y(), labels.as_slice());
    }

    #[test]
    fn random_bytes_cause_no_panic(
        bytes in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..200),
            prop::collection::vec(prop::sample::select(&b"a1,;\t\"\r\n y0.e-\xff"[..]), 0..200),
        ],
        impute in any::<bool>(),
    ) {
        let bytes = [b"a,y\n", bytes.as_slice()].concat();
        for one_hot in [vec![], names(&["a"])] {
            let settings = Settings { one_hot, impute: impute.then_some(Impute::Mean), ..label("y") };
            if let Ok(mut table) = read_from(bytes.as_slice(), "t.csv", &settings) {
                if impute {
                    table.impute_means(|_| true).unwrap();
                }
                let again = read_blocks(bytes.as_slice(), &table, LabelMode::Require).unwrap();
                prop_assert_eq!(again.0, table.data.x());
                prop_assert_eq!(again.1, table.data.y());
            }
        }
    }
}
