//! Reading Parquet files: compared with the text files that pyarrow wrote of the same tables, every message, and damaged
//! files.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test stops where something is wrong"
)]

use std::fs::{self, File};
use std::io::{Read, Write as _};
use std::path::PathBuf;

use flate2::write::GzEncoder;
use petal::config::Config;
use petal::data::error::Result;
use petal::data::table::{Block, BlockReader, Format, Impute, LabelMode, Settings, Table, read, read_from};
use petal::files::folder::RunFolder;
use petal::files::model_file::ModelFile;
use petal::predict::evaluate;
use petal::run::Run;
use proptest::prelude::*;

/// The Parquet files that pyarrow wrote of the table in `parquet.csv`. `groups` has only twelve rows, each in its own row
/// group.
const FILES: [&str; 6] = ["plain", "snappy", "gzip", "lz4", "encodings", "groups"];

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/reference/tables")
        .join(name)
}

fn bytes(name: &str) -> Vec<u8> {
    fs::read(path(&format!("{name}.parquet"))).unwrap()
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(ToString::to_string).collect()
}

/// The settings for the table in `parquet.csv` and [`FILES`].
fn settings(format: Format) -> Settings {
    Settings {
        format,
        label: "label".into(),
        ignore: names(&["when"]),
        one_hot: names(&["flag", "city", "level"]),
        impute: Some(Impute::Mean),
        ..Settings::default()
    }
}

fn read_text() -> Table {
    read(&Settings { path: path("parquet.csv"), ..settings(Format::Text) }).unwrap()
}

/// Reads a Parquet file with a single column as input.
fn read_column(bytes: &[u8], column: &str, one_hot: bool) -> Result<Table> {
    let features = names(&[column]);
    let one_hot = if one_hot { features.clone() } else { Vec::new() };
    let format = Format::Parquet;
    let settings = Settings { format, label: "y".into(), features: Some(features), one_hot, ..Settings::default() };
    read_from(bytes, "t", &settings)
}

fn refused(bytes: &[u8], column: &str) -> String {
    read_column(bytes, column, false).unwrap_err().to_string()
}

/// Reads all rows for a trained network, in blocks of seven.
fn read_blocks(source: impl Read, trained: &Table) -> Result<(Vec<f64>, Vec<u8>)> {
    let mut reader = BlockReader::open(source, "t", &trained.schema, LabelMode::Require)?;
    let (mut x, mut y) = (Vec::new(), Vec::new());
    while let Some(Block { x: inputs, y: labels }) = reader.next_block(7)? {
        x.extend(inputs);
        y.extend(labels.unwrap());
    }
    Ok((x, y))
}

fn bits(x: &[f64]) -> Vec<u64> {
    x.iter().map(|value| value.to_bits()).collect()
}

#[test]
fn a_parquet_file_reads_like_the_text_file() {
    let mut text = read_text();
    let read_file = |name: &str| read(&Settings { path: path(name), ..settings(Format::Parquet) }).unwrap();
    let missing = text.missing_counts();
    assert_eq!(missing.iter().sum::<usize>(), 21 + 22 + 14, "gaps, int_gaps and nan");
    for name in FILES {
        let table = read_file(&format!("{name}.parquet"));
        assert_eq!(table.schema, text.schema, "{name}");
        let count = if name == "groups" { 12 } else { text.data.samples() };
        assert_eq!(table.data.samples(), count, "{name}");
        let inputs = text.data.features();
        assert_eq!(bits(table.data.x()), bits(&text.data.x()[..count * inputs]), "{name}");
        assert_eq!(table.data.y(), &text.data.y()[..count], "{name}");
        assert_eq!(table.lines, Vec::from_iter(1..=count as u32), "{name}");
        if name != "groups" {
            assert_eq!(table.missing_counts(), missing, "{name}");
        }
    }

    // The same for predictions, where missing values are replaced by means.
    text.impute_means(|_| true).unwrap();
    for name in FILES {
        let (x, y) = read_blocks(bytes(name).as_slice(), &text).unwrap();
        assert_eq!(bits(&x), bits(&text.data.x()[..x.len()]), "{name}");
        assert_eq!(y, text.data.y()[..y.len()], "{name}");
        assert_eq!(y.len(), if name == "groups" { 12 } else { text.data.samples() });
    }
}

#[test]
fn nan_is_missing_whatever_the_words_for_that_are() {
    let settings = Settings {
        features: Some(names(&["nan"])),
        ignore: Vec::new(),
        one_hot: names(&["nan"]),
        missing: Some(Vec::new()),
        ..settings(Format::Parquet)
    };
    let message = read_from(bytes("plain").as_slice(), "t", &settings).unwrap_err().to_string();
    assert!(message.ends_with("nan = \"\": a missing category; data.impute fills in numbers only"), "{message}");
}

#[test]
fn a_parquet_file_in_gzip_is_read() {
    let mut packed = GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(&bytes("snappy")).unwrap();
    let table = read_from(packed.finish().unwrap().as_slice(), "t", &settings(Format::Parquet)).unwrap();
    assert_eq!(bits(table.data.x()), bits(read_text().data.x()));
}

#[test]
fn unsupported_types_are_refused_in_used_columns_only() {
    let file = bytes("odd");
    assert_eq!(read_column(&file, "a", false).unwrap().data.x(), [1.5, 2.5]);
    let unsupported = [
        ("date", "dates"),
        ("time", "times of day"),
        ("moment", "points in time"),
        ("nanos", "points in time"),
        ("decimal", "decimals"),
        ("list", "lists"),
        ("map", "maps"),
        ("group", "groups of columns"),
        ("fixed", "bytes"),
        ("half", "floats of 16 bits"),
    ];
    for (name, what) in unsupported {
        let expected =
            format!("t: the column \"{name}\" holds {what}; accepted are booleans, integers, floats and text");
        assert_eq!(refused(&file, name), expected);
    }
    assert!(refused(&bytes("int96"), "moment").contains("\"moment\" holds points in time"));
    assert_eq!(
        refused(&file, "nothing"),
        "t:1:12: nothing = \"\": a missing value, the first of 2 (nothing 2); data.impute = \"mean\" would fill in each \
         column's mean"
    );
    let message = read_column(&file, "bytes", true).unwrap_err().to_string();
    assert_eq!(message, "t:2:11: bytes = \"\u{fffd}\": must be UTF-8 text");
}

#[test]
fn every_error_in_a_parquet_file_has_a_message() {
    assert_eq!(
        refused(&bytes("zstd"), "a"),
        "t: the column \"a\" is compressed by ZSTD; supported are UNCOMPRESSED, SNAPPY, GZIP, LZ4 and LZ4_RAW"
    );
    assert_eq!(refused(&bytes("empty"), "a"), "t: has a header and no rows");
    assert_eq!(refused(&bytes("twice"), "a"), "t:schema:2: two columns are called \"a\"; names must differ");
    assert_eq!(refused(b"a,y\n1,0\n", "a"), "t: is not a Parquet file; data.kind = \"csv\" reads text");
    assert_eq!(
        refused(b"PAR1", "a"),
        "t: the Parquet file is damaged or cut short: Parquet file too small. Size is 4 but need 8"
    );
    let message = read_from(bytes("plain").as_slice(), "t", &settings(Format::Text))
        .unwrap_err()
        .to_string();
    assert_eq!(message, "t: is a Parquet file; data.kind = \"parquet\" reads it");
    let settings = Settings { one_hot: names(&["city"]), ..settings(Format::Parquet) };
    let message = read_from(bytes("plain").as_slice(), "t", &settings).unwrap_err().to_string();
    assert!(message.starts_with("t:1:11: flag = \"true\": no value of this column is a number"), "{message}");
    let mut trained = read_text();
    let message = read_blocks(bytes("plain").as_slice(), &trained).unwrap_err().to_string();
    assert_eq!(message, "t:3:9: int_gaps = \"\": a missing value; the network was trained without any");

    // A line feed in an earlier cell does not change the row number.
    trained.impute_means(|_| true).unwrap();
    let level = trained.schema.columns.iter_mut().find(|column| column.name == "level").unwrap();
    level.categories.as_mut().unwrap().pop();
    let message = read_blocks(bytes("plain").as_slice(), &trained).unwrap_err().to_string();
    assert_eq!(message, "t:4:13: level = \"3\": not a known category; known: \"0\", \"1\", \"2\"");
}

#[test]
fn training_and_evaluation_agree_on_a_parquet_file_and_its_text() {
    let train_and_evaluate = |kind: &str, name: &str| {
        let text = format!(
            "[data]\nkind = {kind:?}\npath = {:?}\nlabel = \"label\"\nignore = [\"when\", \"double\", \"float\"]\n\
             one_hot = [\"flag\", \"city\"]\nimpute = \"mean\"\n[train]\nupdates = 20\n",
            path(name)
        );
        let run = Run::prepare(Config::from_toml(&text, "x.toml", &[]).unwrap()).unwrap();
        let (home, trained) = (tempfile::tempdir().unwrap(), run.train(&mut ()).unwrap());
        let mut folder = RunFolder::create(&home.path().join("run")).unwrap();
        run.save(&mut folder).unwrap();
        trained.save(&mut folder).unwrap();
        let split = fs::read_to_string(folder.path().join("split.csv")).unwrap();
        let model = ModelFile::load(&folder.path().join("model.safetensors")).unwrap();
        let evaluation = evaluate(&model, File::open(path(name)).unwrap(), name, LabelMode::Require, 0.5).unwrap();
        (bits(&model.parameters.w1), format!("{evaluation:?}"), split.lines().next().unwrap().to_owned())
    };
    let (parquet, text) = (train_and_evaluate("parquet", "snappy.parquet"), train_and_evaluate("csv", "parquet.csv"));
    assert_eq!((&parquet.0, &parquet.1), (&text.0, &text.1));
    assert_eq!((&*parquet.2, &*text.2), ("row,part", "line,part"));
}

#[test]
fn a_file_that_is_cut_short_is_an_error() {
    for name in ["snappy", "zstd"] {
        let whole = bytes(name);
        for length in 4..whole.len() {
            let message = read_from(&whole[..length], "t", &settings(Format::Parquet))
                .unwrap_err()
                .to_string();
            assert!(message.starts_with("t: the Parquet file is damaged or cut short: "), "{length}: {message}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(4_000) })]

    /// A damaged file causes an error or gives a table.
    #[test]
    fn a_damaged_file_causes_no_panic(
        name in prop::sample::select(FILES.to_vec()),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        end in any::<bool>(),
    ) {
        let mut bytes = bytes(name);
        // The metadata is at the end of the file.
        let first = if end { bytes.len() - 1_500 } else { 4 };
        for (index, byte) in damage {
            let damaged = &mut bytes[first..];
            let index = index.index(damaged.len());
            damaged[index] = byte;
        }
        let _ = read_from(bytes.as_slice(), "t", &settings(Format::Parquet));
    }
}
