//! Checks what must hold for every sequence of bytes that is read as a checkpoint, a configuration or a model.
//!
//! The fuzzers run these checks, and so does the test `tests/suite/fuzz_corpus.rs`, which includes this file and needs no
//! fuzzer. Each check returns whether the bytes were accepted.

use std::path::Path;

use petal::config::{Config, Override};
use petal::device::Precision;
use petal::export;
use petal::files::checkpoint::Checkpoint;
use petal::files::model_file::ModelFile;

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

    // Writing replaces the absent settings of the data and of the split by their defaults. All other settings stay equal.
    let unchanged =
        |config: &Config| format!("{:?} {:?} {:?} {:?}", config.device, config.model, config.train, config.output);
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
    // The names of inputs and classes are in the comment at the top. No name may end this comment early.
    let code = export::rust(&model);
    assert_eq!(code.lines().find(|line| !line.starts_with("//")), Some(""));
    true
}
