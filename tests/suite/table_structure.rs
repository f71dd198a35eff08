//! Rows, cells and quotation marks of tables that other programs wrote: nothing is silently something else.

use petal::data::InputRanges;
use petal::data::doctor::{FindingKind, examine};
use petal::data::error::Result;
use petal::data::file_kind::file_kind;
use petal::data::split::Part;
use petal::data::table::{BlockReader, Delimiter, Impute, LabelMode, Settings, Table, read_from};
use petal::device::Precision;
use petal::files::model_file::{Metadata, ModelFile};
use petal::network::{Activation, Parameters};
use proptest::prelude::*;

use crate::support::program;

fn label(label: &str) -> Settings {
    Settings { label: label.into(), ..Settings::default() }
}

fn ignoring(name: &str) -> Settings {
    Settings { ignore: vec![name.into()], ..label("y") }
}

fn table(text: &str, settings: &Settings) -> Result<Table> {
    read_from(text.as_bytes(), "t.csv", settings)
}

fn refused(text: &str, settings: &Settings) -> String {
    table(text, settings).unwrap_err().to_string()
}

/// Reads all rows for a trained network, whose labels are not needed.
fn inputs(text: &str, trained: &Table) -> Result<Vec<f64>> {
    let mut rows = BlockReader::open(text.as_bytes(), "t.csv", &trained.schema, LabelMode::Ignore)?;
    let mut x = Vec::new();
    while let Some(block) = rows.next_block(2)? {
        x.extend(block.x);
    }
    Ok(x)
}

/// A table of one input `a`, to make a trained network from.
fn trained() -> Table {
    table("a,y\n1,0\n2,1\n", &label("y")).unwrap()
}

#[test]
fn text_after_a_closing_quotation_mark_is_refused() {
    let rule =
        "; a quotation mark inside quoted text must be written twice, \"\", and a backslash before it does not help";
    // The column is ignored. Without the rule, the rows on lines 3 and 4 become one, with the label of the second.
    let backslash = "a,text,y\n1,\"x\",1\n2,\"end \\\"\",0\n3,\"z\",1\n4,\"z\",0\n";
    let expected = format!("t.csv:3:2: text follows the closing quotation mark on line 4{rule}");
    for end in ["\n", "\r\n", "\r"] {
        let text = backslash.replace('\n', end);
        assert_eq!(refused(&text, &ignoring("text")), expected);
        assert_eq!(inputs(&text, &trained()).unwrap_err().to_string(), expected, "for predictions");
    }
    let same_line = format!("t.csv:2:2: text follows the closing quotation mark{rule}");
    for cell in ["\"a \\\"word\\\" b\"", "\"a\"b", "\"a\" b", "\"a\" \"b\"", "\"a\"\t\"b\"", "\"\"a\"\""] {
        assert_eq!(refused(&format!("a,text,y\n1,{cell},0\n2,b,1\n"), &ignoring("text")), same_line, "{cell}");
    }
    assert_eq!(refused("a,\"te\"xt,y\n1,2,0\n", &label("y")), same_line.replace(":2:2:", ":1:2:"));
    // These are no mistakes.
    let text = "a,text,y\n1,5\" pipe,0\n2,\"5\"\" pipe\" ,1\n3,\"\"\"\",1\n";
    let read = table(text, &Settings { one_hot: vec!["text".into()], ..label("y") }).unwrap();
    assert_eq!(read.schema.columns[1].categories.as_ref().unwrap(), &["\"", "5\" pipe"]);
    assert_eq!(inputs(text, &read).unwrap(), read.data.x());
}

#[test]
fn blanks_around_a_quoted_cell_are_not_part_of_it() {
    let text = "\"a\", \"text; old\" , \"y\"\n1,  \"Rome, Italy\" , \"no\"\n 2 , \"line\nend\", \"yes\"\n";
    let settings = Settings { one_hot: vec!["text; old".into()], ..label("y") };
    let read = table(text, &settings).unwrap();
    assert_eq!(read.schema.classes, ["no", "yes"]);
    assert_eq!(read.schema.columns[1].categories.as_ref().unwrap(), &["Rome, Italy", "line\nend"]);
    assert_eq!(read.data.x(), [1.0, 1.0, 0.0, 2.0, 0.0, 1.0]);
    assert_eq!(inputs(text, &read).unwrap(), read.data.x());
    // A table without the blanks is the same table.
    let plain = "a,text; old,y\n1,\"Rome, Italy\",no\n2,\"line\nend\",yes\n";
    assert_eq!(table(plain, &settings).unwrap().schema, read.schema);
    assert_eq!(inputs(plain, &read).unwrap(), read.data.x());
    // A tab is a blank unless it is the delimiter.
    let tabs = "a\ttext\ty\n1\t\"x\"\tno\n2\t\t\"yes\"\n";
    assert_eq!(table(tabs, &ignoring("text")).unwrap().schema.classes, ["no", "yes"]);
}

#[test]
fn a_quotation_mark_that_is_not_closed_is_named_by_its_place() {
    let never = "the quotation mark that opens here is never closed";
    // The open mark makes one row of the rest of the table, and this row has the right number of cells.
    for end in ["\n", "\r\n", "\r", ""] {
        let text =
            "a,y,text\n1,0,\"x\n\"\n2,1,\"never\n3,0,z\n4,1,z".replace('\n', if end.is_empty() { "\n" } else { end });
        let text = text + end;
        assert_eq!(refused(&text, &ignoring("text")), format!("t.csv:4:3: {never}"));
        assert_eq!(inputs(&text, &trained()).unwrap_err().to_string(), format!("t.csv:4:3: {never}"));
    }
    assert_eq!(refused("a,\"y\n1,2\n", &label("y")), format!("t.csv:1:2: {never}"));
    let closed = table("a,y,text\n1,0,\"x\n\"\n2,1,\"z\n\"", &ignoring("text")).unwrap();
    assert_eq!(closed.data.x(), [1.0, 2.0], "the last line needs no end");
    // A mark that the mark of another row closes.
    let fewer = refused("a,b,y\n5,5,0\n\"1,2,0\n3,4,1\",1\n", &label("y"));
    let hint = "; the quotation mark that opens on line 3 in column 1 closes on line 4: is one missing?";
    assert_eq!(fewer, format!("t.csv:3: the row has 2 fields, the header has 3{hint}"));
    let more = refused("a,y\n1,0\n\"2,1\n3,\",5,6\n", &label("y"));
    assert_eq!(more, format!("t.csv:3: the row has more fields than the header, which has 2{hint}"));
    assert_eq!(
        refused("a,y\n1,0,2\n", &label("y")),
        "t.csv:2: the row has more fields than the header, which has 2"
    );
}

#[test]
fn a_first_row_that_is_taken_for_the_header_is_refused() {
    let rows = "4.9,3.0,0\n6.2,2.9,1\n5.9,3.0,1\n";
    let place = "t.csv:1: is the header missing?";
    let way_out = "write a line with the names of the columns above this one, or, if these are names, rename";
    for first in ["5.1,3.5,0", "5.1,3.5,0.0", "\"5.1\",\"3.5\",\"0\""] {
        let name = first.rsplit(',').next().unwrap().trim_matches('"');
        assert_eq!(
            refused(&format!("{first}\n{rows}"), &label(name)),
            format!(
                "{place} The label \"{name}\" is also a value in its column, and so is the input \"5.1\"; {way_out} \"{name}\""
            )
        );
    }
    // The same with text: a column is called like one of its categories, and the label like a class.
    let one_hot = |name: &str| Settings { one_hot: vec![name.into()], ..label("sweet") };
    let message = refused("red,sweet\ngreen,sour\nred,sweet\n", &one_hot("red"));
    assert!(message.starts_with(place) && message.contains("the input \"red\""), "{message}");
    // Names that are numbers are fine: pandas writes them for an array, and years are names, too.
    let pandas = "0,1,2\n5.1,3.5,0\n6.2,2.9,1\n";
    let read = table(pandas, &label("2")).unwrap();
    assert_eq!(inputs(pandas, &read).unwrap(), [5.1, 3.5, 6.2, 2.9]);
    // Here the name of the label is a value of the label, too.
    for pandas in ["0,1,2\n0,3.5,1.4\n1,2.9,4.3\n", ",0,1,2\n0,0,3.5,1.4\n1,1,2.9,4.3\n"] {
        let settings =
            Settings { ignore: pandas.starts_with(',').then(String::new).into_iter().collect(), ..label("0") };
        assert_eq!(inputs(pandas, &table(pandas, &settings).unwrap()).unwrap(), [3.5, 1.4, 2.9, 4.3]);
    }
    assert_eq!(
        table("2019,2020,spam\n1,2,spam\n", &label("y")).unwrap_err().to_string(),
        "t.csv: data.label = \"y\": no such column; the header has \"2019\", \"2020\", \"spam\"; \"2019\" is a number: is the header missing?"
    );
    assert!(
        table("colour,spam\nred,spam\nblue,ham\n", &Settings { one_hot: vec!["colour".into()], ..label("spam") })
            .is_ok()
    );
    // Where names are missing or occur twice, the message asks, too.
    let hint = |number: &str| format!("; \"{number}\" is a number: is the header missing?");
    let twice = format!("t.csv:1:2: two columns are called \"1\"; names must differ{}", hint("1"));
    assert_eq!(refused("1,1,0\n2,3,1\n", &label("0")), twice);
    let message = inputs("5.1,3.5\n", &table("a,b,y\n1,2,0\n3,4,1\n", &label("y")).unwrap())
        .unwrap_err()
        .to_string();
    assert!(message.ends_with(&format!("the header has \"5.1\", \"3.5\"{}", hint("5.1"))), "{message}");
}

#[test]
fn empty_rows_end_a_table_and_are_refused_inside_it() {
    let settings = Settings { impute: Some(Impute::Mean), ..label("y") };
    for empty in [",,\n", " , ,\n,,\n", "\"\",\"\",\"\"\n\n  \n", ",,", "\t"] {
        let text = format!("a,b,y\n1,2,0\n,4,1\n{empty}");
        let mut read = table(&text, &settings).unwrap();
        read.impute_means(|_| true).unwrap();
        assert_eq!(read.data.x(), [1.0, 2.0, 1.0, 4.0], "{empty:?}");
        assert_eq!(inputs(&text, &read).unwrap(), read.data.x(), "{empty:?}");
        let finding = examine(&read, &[Part::Train; 2], true)
            .findings
            .into_iter()
            .find(|finding| finding.kind == FindingKind::EmptyRows)
            .unwrap();
        let count = empty.lines().filter(|line| !line.is_empty()).count();
        let rows = if count == 1 { "1 empty row" } else { "2 empty rows" };
        assert_eq!(finding.sentence, format!("{rows} at the end left out"));

        let inside = format!("{}\n\n5,6,1\n", text.trim_end_matches('\n'));
        let line = 6 + count;
        let expected = format!(
            "t.csv:4: the row is empty, but line {line} has values; delete the empty row, or write NA for each missing value"
        );
        let line_feeds = inside.matches('\n').count();
        let expected = expected.replace(&format!("line {line}"), &format!("line {line_feeds}"));
        assert_eq!(refused(&inside, &settings), expected, "{empty:?}");
        assert_eq!(inputs(&inside, &read).unwrap_err().to_string(), expected, "{empty:?}");
    }
    // A row of missing values is a row. In a table of one column, pandas writes "" for one.
    let mut one = table("a,y\n1,0\n3,1\n", &settings).unwrap();
    one.impute_means(|_| true).unwrap();
    assert_eq!(inputs("a,b\nNA,NA\n", &one).unwrap(), [2.0]);
    assert_eq!(inputs("a\n\"\"\n5\n\n\"\"\n", &one).unwrap(), [2.0, 5.0, 2.0]);
    assert_eq!(inputs("a\n5\n  \n", &one).unwrap(), [5.0]);
}

#[test]
fn predict_and_evaluate_say_that_they_left_out_empty_rows() {
    let folder = tempfile::tempdir().unwrap();
    let mut read = table("a,y\n1,0\n,1\n", &Settings { impute: Some(Impute::Mean), ..label("y") }).unwrap();
    read.impute_means(|_| true).unwrap();
    let parameters = Parameters {
        features: 1,
        hidden: 1,
        activation: Activation::Tanh,
        w1: vec![1.0],
        b1: vec![0.0],
        w2: vec![1.0],
        b2: vec![0.0],
    };
    let ranges = InputRanges::empty(1).with_rows(read.data.x());
    let metadata = Metadata::new(read.schema, None, ranges, 0.5, (1, Activation::Tanh), String::new());
    let model = ModelFile { parameters, precision: Precision::F64, metadata };
    std::fs::write(folder.path().join("m.safetensors"), model.to_bytes().unwrap()).unwrap();
    for (text, rows, note) in [
        ("a,b\n1,2\n,2\n", 2, ""),
        ("a,b\n1,2\n,\n,\n", 1, "note: t.csv: 2 empty rows at the end left out\n"),
    ] {
        std::fs::write(folder.path().join("t.csv"), text).unwrap();
        let arguments = ["predict", "m.safetensors", "t.csv", "--json"];
        let output = program("petal").args(arguments).current_dir(folder.path()).output().unwrap();
        assert!(output.status.success());
        assert_eq!(String::from_utf8(output.stdout).unwrap().lines().count(), rows);
        assert_eq!(String::from_utf8(output.stderr).unwrap(), note);
    }
    std::fs::write(folder.path().join("t.csv"), "a,y\n1,0\n2,1\n,\n").unwrap();
    let evaluated = |option: &[&str]| {
        let arguments = ["evaluate", "m.safetensors", "t.csv"].iter().chain(option);
        let output = program("petal").args(arguments).current_dir(folder.path()).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let text = evaluated(&[]);
    assert!(text.starts_with("2 rows; 1 empty row at the end left out; y: 1 of class 0"), "{text}");
    let json = evaluated(&["--json"]);
    assert!(json.contains("\"empty_rows\": 1"), "{json}");
}

#[test]
fn columns_without_a_name_and_without_values_are_left_out() {
    let same = table("a,b,y\n1,2,0\n3,4,1\n", &label("y")).unwrap();
    let texts = [
        "a,b,y,\n1,2,0\n3,4,1\n",
        "a,b,y,\n1,2,0,\n3,4,1\n",
        "a;b;y;;;\n1;2;0;;;\n3;4;1;;;\n",
        "a;b;y;;;\n1;2;0\n3;4;1; \n",
        ",a,,b,y\n,1,,2,0\n\"\",3, ,4,1\n",
    ];
    for text in texts {
        let read = table(text, &label("y")).unwrap();
        assert_eq!((read.schema, read.data.x()), (same.schema.clone(), same.data.x()), "{text:?}");
        assert_eq!(inputs(text, &same).unwrap(), same.data.x(), "{text:?}");
        assert!(table(text, &ignoring("")).is_ok(), "{text:?}");
    }
    let fewer = refused("a,b,y,\n1,2\n", &label("y"));
    assert_eq!(fewer, "t.csv:2: the row has 2 fields, the header has 4");
}

#[test]
fn a_column_with_values_and_without_a_name_is_refused_unless_it_is_ignored() {
    let message = "the column has no name; name it, or leave it out with data.ignore = [\"\"]";
    let pandas = format!("t.csv:1:1: {message} (pandas writes its index like this, but not with index=False)");
    let text = ",a,y\n0,1,0\n1,2,1\n";
    assert_eq!(refused(text, &label("y")), pandas);
    assert_eq!(refused("\na,,y,\n1,,0,\n2,,1,x\n", &label("y")), format!("t.csv:2:4: {message}"));
    // An empty name is given, so leaving the column out would not help.
    let way_out = "this column has no name; write one into the header";
    let features = Settings { features: Some(vec!["a".into(), String::new()]), ..label("y") };
    assert_eq!(refused(text, &features), format!("t.csv:1:1: data.features names \"\": {way_out}"));
    assert_eq!(refused(text, &label("")), format!("t.csv:1:1: data.label = \"\": {way_out}"));
    // The advice helps, for any number of such columns.
    for text in [text, "a,,y,\n1,x,0,x\n2,,1,\n"] {
        let read = table(text, &ignoring("")).unwrap();
        assert_eq!((read.data.feature_names(), read.data.x()), (&["a".to_owned()][..], &[1.0, 2.0][..]));
        assert_eq!(inputs(text, &read).unwrap(), [1.0, 2.0]);
    }
    let none = refused("a,y\n1,0\n", &ignoring(""));
    assert_eq!(none, "t.csv: data.ignore names \"\": no such column; the header has \"a\", \"y\"");
}

/// The first bytes of files as other programs wrote them, and what they are.
const FILES: &[(&[u8], &str)] = &[
    // Made with: printf 'a,y\n1,0\n' | zstd, xz, bzip2; Python's str.encode('utf-16-le'), pickle.dumps, numpy.save.
    (b"\x28\xb5\x2f\xfd\x04\x58\x41\x00\x00a,y\n1,0\n", "is a file of type zst (application/zstd); decompress it first"),
    (b"\xfd7zXZ\0\0\x04\xe6\xd6\xb4F\x02\0!\x01\x16\0\0\0", "is a file of type xz (application/x-xz); decompress it first"),
    (b"BZh91AY&SY\x99\xce\xba\x0d\0\0\x02\xd9", "is a file of type bz2 (application/x-bzip2); decompress it first"),
    (b"a\0,\0y\0\n\x001\0,\x000\0\n\0", "is UTF-16 text without a byte order mark; save it as UTF-8"),
    (b"\0a\0,\0y\0\n\x001\0,\x000\0\n", "is UTF-16 text without a byte order mark; save it as UTF-8"),
    (b"\xff\xfea\0,\0y\0\n\0", "is UTF-16 text; save it as UTF-8"),
    (b"\x80\x04\x95\x0f\0\0\0\0\0\0\0]\x94(K\x01K\0e.", "is a Python pickle; save the table as CSV"),
    (b"\x93NUMPY\x01\0v\0{'descr': '<f8', ", "is a NumPy array (npy); save the table as CSV"),
    (b"SQLite format 3\0\x10\0\x01\x01\0@  ", "is a file of type sqlite (application/vnd.sqlite3); save the table as CSV"),
    (b"%PDF-1.4\n%\xe2\xe3\xcf\xd3", "is a PDF document; save the table as CSV"),
    (
        b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12\n",
        "is a Git LFS pointer, not the file; fetch the file with git lfs pull",
    ),
    (b"\n<!DOCTYPE html>\n<html lang=\"en\">", "is an HTML page; download the file itself, not the page about it"),
    (b"\xef\xbb\xbf<html><head>", "is an HTML page; download the file itself, not the page about it"),
    (b"<!-- saved from url --><html>", "is an HTML page; download the file itself, not the page about it"),
    (b"<body><p>Not, found</p>", "is an HTML page; download the file itself, not the page about it"),
    (b"<TITLE>404</TITLE>", "is an HTML page; download the file itself, not the page about it"),
    (b"<table class=\"t\">\n<tr>", "is an HTML page; download the file itself, not the page about it"),
    // In Python: '\u0432,y\n1,0\n'.encode('utf-16-le') and '\u6d4b,y\n'.encode('utf-16-be').
    (b"\x32\x04,\0y\0\n\x001\0,\x000\0\n\0", "is UTF-16 text without a byte order mark; save it as UTF-8"),
    (b"\x6d\x4b\0,\0y\0\n", "is UTF-16 text without a byte order mark; save it as UTF-8"),
    (b"a\0\0\0,\0\0\0y\0\0\0\n\0\0\0", "is UTF-32 text without a byte order mark; save it as UTF-8"),
    (b"\0\0\0a\0\0\0,\0\0\0y\0\0\0\n", "is UTF-32 text without a byte order mark; save it as UTF-8"),
    (b"[{\"a\": 1, \"y\": 0}]", "is a JSON file; save the table as CSV"),
    (b"{\"a\": 1, \"y\": 0}\n", "is a JSON file; save the table as CSV"),
    (
        b"PK\x03\x04\x14\0\x06\0\x08\0\0\0!\0b\xee\x9dh^\x01\0\0\x90\x04\0\0\x13\0\x08\x02[Content_Types].xml \xa2",
        "is an Excel workbook (xlsx) or other Office document; save the table as CSV",
    ),
    (
        b"PK\x03\x04\x14\0\0\x08\0\0\0\0\0\0\x85l9\x8a.\0\0\0.\0\0\0\x08\0\0\0mimetypeapplication/vnd.oasis.opendocument.spreadsheet",
        "is a file of type ods (application/vnd.oasis.opendocument.spreadsheet); save the table as CSV",
    ),
    (b"PK\x03\x04\x14\0\0\0\x08\0t.csv", "is a file of type zip (application/zip); unpack it first"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0", "is an old Excel or other Office document; save the table as CSV"),
    (b"\x40\0\0\0\0\0\0\0{\"__metadata__\":", "is a safetensors file, which holds a model; save the table as CSV"),
];

#[test]
fn a_file_that_is_no_table_is_named() {
    for (bytes, expected) in FILES {
        let expected = format!("t.csv: {expected}");
        assert_eq!(read_from(*bytes, "t.csv", &label("y")).unwrap_err().to_string(), expected);
        let opened = BlockReader::open(*bytes, "t.csv", &trained().schema, LabelMode::Ignore);
        assert_eq!(opened.err().unwrap().to_string(), expected);
    }
    // BM are the first bytes of a BMP picture, and ID3 those of an MP3 file.
    let tables = [
        "BMI,y\n31,0\n",
        "ID3,y\n",
        "MZ,y\n",
        "BZh9,y\n",
        "PK,y\n",
        "#!,y\n",
        "<b>,y\n",
        "<title>,y\n",
        "<table1>\n",
        "[a],[y]\n",
        "version,y\n",
    ];
    for text in tables.into_iter().chain(["a,y\n1,0\n", "é,y\n", "", "a"]) {
        assert_eq!(file_kind(text.as_bytes()), None, "{text:?}");
    }
    // Without a known signature, no delimiter is guessed.
    let unknown = refused("\u{1}\u{2}/ab/cd/ef\n", &label("y"));
    let expected = "t.csv:1: the first line has the byte 0x01, which text does not have; is this a table in text form?";
    assert_eq!(unknown, expected);
    let unit = refused("km/h\n1\n", &label("y"));
    assert_eq!(unit, "t.csv: data.label = \"y\": no such column; the header has \"km/h\"");
}

#[test]
fn line_numbers_are_those_of_an_editor() {
    // LF, CRLF and CR are line ends, also inside quotation marks.
    for (end, inside) in [("\n", "\n"), ("\r\n", "\r\n"), ("\r", "\r"), ("\n", "\r"), ("\r", "\n"), ("\r\n", "\r")] {
        let text = format!("a,text,y{end}1,\"x{inside}{inside}x\",0{end}{end}2,\"{inside}\",no{end}x,\"x\",0{end}");
        let message = refused(&text, &ignoring("text"));
        assert_eq!(message, "t.csv:8:1: a = \"x\": must be a number", "{text:?}");
    }
    let text = "a,text,b,y\r1,\"x\r\r\n\",x,0\r2,,3,1\r";
    assert_eq!(refused(text, &ignoring("text")), "t.csv:4:3: b = \"x\": must be a number");
}

/// Bytes as a program writes them, with the cells that `csv-core` reads from them. It never refuses anything, so the bytes
/// are written by it, too.
fn written(rows: &[Vec<String>], delimiter: u8, terminator: csv_core::Terminator) -> Vec<u8> {
    let mut writer = csv_core::WriterBuilder::new()
        .delimiter(delimiter)
        .terminator(terminator)
        .build();
    let (mut bytes, mut buffer) = (Vec::new(), [0; 1024]);
    for row in rows {
        for (index, cell) in row.iter().enumerate() {
            if index > 0 {
                let (_, count) = writer.delimiter(&mut buffer);
                bytes.extend(&buffer[..count]);
            }
            let (_, _, count) = writer.field(cell.as_bytes(), &mut buffer);
            bytes.extend(&buffer[..count]);
        }
        let (_, count) = writer.terminator(&mut buffer);
        bytes.extend(&buffer[..count]);
    }
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn categories_that_csv_core_writes_are_read_exactly(
        cells in prop::collection::vec(prop::collection::vec(prop::sample::select(&['a', 'é', ' ', '"', ',', ';', '\t', '\r', '\n', '\\'][..]), 0..9), 2..20),
        delimiter in prop::sample::select(&[b',', b';', b'\t'][..]),
        crlf in any::<bool>(),
    ) {
        // The white space around a category is not part of it, and an empty one would be missing.
        let cells: Vec<String> = cells.iter().map(|cell| format!("x{}x", cell.iter().collect::<String>())).collect();
        let mut rows = vec![vec!["a".to_owned(), "y".to_owned()]];
        rows.extend(cells.iter().enumerate().map(|(row, cell)| vec![cell.clone(), (row % 2).to_string()]));
        let terminator = if crlf { csv_core::Terminator::CRLF } else { csv_core::Terminator::Any(b'\n') };
        let bytes = written(&rows, delimiter, terminator);
        let delimiter = match delimiter { b',' => Delimiter::Comma, b';' => Delimiter::Semicolon, _ => Delimiter::Tab };
        let settings = Settings { delimiter: Some(delimiter), one_hot: vec!["a".into()], ..label("y") };
        let read = read_from(bytes.as_slice(), "t.csv", &settings).unwrap();
        let categories = read.schema.columns[0].categories.clone().unwrap();
        for (row, cell) in read.data.rows().zip(&cells) {
            let index = row.iter().position(|&input| input == 1.0).unwrap();
            prop_assert_eq!(&categories[index], cell);
        }
    }
}
