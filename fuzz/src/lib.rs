//! Checks what must hold for every sequence of bytes that is read as an array file, a checkpoint, a configuration, a model, or a model
//! with a table.
//!
//! The fuzzers run these checks, and so does the test `tests/suite/fuzz_corpus.rs`, which includes this file and needs no
//! fuzzer. Each check returns whether the bytes were accepted.

use std::collections::HashSet;
use std::path::Path;

use petal::cli::report;
use petal::config::{Config, Override};
use petal::data::table::LabelMode;
use petal::device::Precision;
use petal::export::{self, Evaluator, Form};
use petal::files::array_file::{self, Format, StoredArray};
use petal::files::checkpoint::Checkpoint;
use petal::files::model_file::{Metadata, ModelFile};
use petal::predict::{Predictions, evaluate};
use serde_json::Value;

/// Checks the reader of array files. In a file that it accepts, each array has as many numbers as its shape says. Writing the
/// arrays and reading them again gives equal arrays.
pub fn arrays(bytes: &[u8]) -> bool {
    let Ok(arrays) = array_file::parse(bytes, "array") else {
        return false;
    };

    let mut names = HashSet::new();
    for StoredArray { array, .. } in &arrays {
        assert_eq!(array.shape.iter().product::<usize>(), array.values.len());
        assert!(names.insert(&array.name));
    }
    for format in [Format::Npz, Format::Safetensors, Format::Json] {
        // JSON has no NaN, and an archive no names of more than 65,535 bytes.
        let Ok(written) = array_file::to_bytes(&arrays, format) else {
            continue;
        };
        let again = array_file::parse(&written, "").map(|arrays| sorted(&arrays));
        // In an archive, `a` and `a.npy` are the same name, and one that ends with a slash is a folder. JSON has no types.
        if format == Format::Safetensors {
            assert_eq!(again.unwrap(), sorted(&arrays));
        }
    }
    true
}

/// The arrays in the order of their names, as text, because NaN is not equal to itself.
fn sorted(arrays: &[StoredArray]) -> Vec<String> {
    let mut arrays: Vec<String> = arrays.iter().map(|stored| format!("{stored:?}")).collect();
    arrays.sort();
    arrays
}

/// Checks a checkpoint. If it is accepted, it can be stored and read again without a change, and its counts fit its records.
pub fn checkpoint(bytes: &[u8]) -> bool {
    let Ok(checkpoint) = Checkpoint::parse(bytes) else {
        return false;
    };

    let stored = checkpoint.to_bytes().unwrap();
    let again = Checkpoint::parse(&stored).unwrap();
    // The values are compared as text, because a tracked number may be NaN, which is not equal to itself.
    assert_eq!(format!("{again:?}"), format!("{checkpoint:?}"));
    assert_eq!(again.to_bytes().unwrap(), stored);

    let snapshot = &checkpoint.snapshot;
    assert!(
        snapshot.records_since_kept < snapshot.history.len()
            && snapshot.state_at_last_record.update <= snapshot.state.update
    );
    // This must not panic. Its result may be an error.
    let _ = checkpoint.check_resumable(&checkpoint.config, &checkpoint.data, Path::new("checkpoint"), None);
    true
}

/// Checks a configuration. If it is accepted, it has the same meaning after it is written and read again.
///
/// Lines that begin with `--set ` are options of the command line.
pub fn config(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return false;
    };
    let (options, lines): (Vec<&str>, Vec<&str>) = text.lines().partition(|line| line.starts_with("--set "));
    let overrides: Vec<Override> = options.iter().filter_map(|line| Override::parse(&line[6..]).ok()).collect();
    let Ok(config) = Config::from_toml(&lines.join("\n"), "text", &overrides) else {
        return false;
    };

    let written = config.to_toml();
    let again = Config::from_toml(&written, "again", &[]).unwrap();
    assert_eq!(again.to_toml(), written);

    // Writing replaces the absent settings of the data, of the split and of the model by their defaults. All others stay equal.
    let unchanged = |config: &Config| {
        format!("{:?} {:?} {:?} {:?}", config.device, config.model.with_defaults(), config.train, config.output)
    };
    assert_eq!(unchanged(&again), unchanged(&config));
    true
}

/// Checks a model. If it is accepted, it predicts probabilities, can be exported, and is equal after it is stored and read
/// again.
pub fn model(bytes: &[u8]) -> bool {
    let read = |bytes: &[u8]| ModelFile::read(bytes, Path::new("model"));
    let Ok(model) = read(bytes) else { return false };

    let probabilities = model.probabilities(&vec![0.25; 2 * model.parameters.features]);
    assert!(probabilities.iter().all(|p| p.is_nan() || (0.0..=1.0).contains(p)));
    let stored = model.to_bytes().unwrap();
    assert_eq!(read(&stored).unwrap(), model);

    assert!(export::onnx(&model, Precision::F64).is_ok());
    for form in [Form::Onnx(Precision::F32), Form::Onnx(Precision::F64), Form::Code] {
        let row = vec![0.25; model.parameters.features];
        let probability = Evaluator::new(&model, form).probability(&row);
        assert!(probability.is_none_or(|p| (0.0..=1.0).contains(&p)));
    }
    // The names of inputs and classes are in the comment at the top. No name may end this comment early.
    let code = export::rust(&model);
    assert_eq!(code.lines().find(|line| !line.starts_with("//")), Some(""));
    true
}

/// Separates the model from the table in a seed of [`predict`].
const TABLE_MARK: &[u8] = b"\n---table---\n";

/// Checks the predictions of a model for a table, and its scores on it: every number that leaves the program is finite, and
/// what is printed is valid JSON. Returns whether a row was predicted.
///
/// The bytes are a model, [`TABLE_MARK`] and a table.
pub fn predict(bytes: &[u8]) -> bool {
    let mark = bytes.windows(TABLE_MARK.len()).position(|window| window == TABLE_MARK);
    let Some((model, table)) = mark.map(|start| (&bytes[..start], &bytes[start + TABLE_MARK.len()..])) else {
        return false;
    };
    let Ok(model) = ModelFile::read(model, Path::new("model")) else {
        return false;
    };
    let Metadata { schema, threshold, .. } = &model.metadata;
    let Ok(mut predictions) = Predictions::open(&model, table, "t", LabelMode::Ignore) else {
        return false;
    };

    let format = report::Predictions::new(&schema.classes, *threshold, true);
    let mut rows = 0;
    while let Ok(Some(block)) = predictions.next_block() {
        for logit in block.logits {
            let line: Value = serde_json::from_str(&format.line(logit)).unwrap();
            assert!(logit.is_finite() && (0.0..=1.0).contains(&line["probability"].as_f64().unwrap()), "{line}");
            assert!(schema.classes.iter().any(|class| line["class"] == **class), "{line}");
            rows += 1;
        }
    }

    if let Ok(evaluation) = evaluate(&model, table, "t", LabelMode::SkipMissing, *threshold) {
        let json: Value = serde_json::from_str(&report::evaluation_json(&evaluation)).unwrap();
        let (scores, intervals) = (&json["scores"], &json["intervals"]);
        // JSON has null in place of a number that is not finite.
        let always_defined = [&scores["cost"], &scores["accuracy"], &scores["brier"], &json["calibration_error"]];
        let intervals = intervals.as_object().unwrap().values().filter_map(Value::as_object);
        let bins = json["calibration"].as_array().unwrap().iter().filter_map(Value::as_object);
        let mut numbers = always_defined
            .into_iter()
            .chain(intervals.chain(bins).flat_map(serde_json::Map::values));
        assert!(numbers.all(Value::is_number), "{json}");
        let _ = report::evaluation(&evaluation, schema, false);
    }
    rows > 0
}
