//! What holds for any bytes, by the kind of file they are said to be. A fuzzer throws bytes at each, and so does the test
//! `tests/suite/seeds.rs`, which needs no fuzzer and includes this file. Each says whether the bytes were accepted.

use std::path::Path;

use petal::config::{Config, Override};
use petal::device::Precision;
use petal::export;
use petal::files::checkpoint::Checkpoint;
use petal::files::model_file::ModelFile;

/// A training under way: what is accepted is told again to the bit, and hands over nothing that training cannot hold.
pub fn checkpoint(bytes: &[u8]) -> bool {
    let Ok(checkpoint) = Checkpoint::parse(bytes) else {
        return false;
    };
    let stored = checkpoint.to_bytes().unwrap();
    let again = Checkpoint::parse(&stored).unwrap();
    // As text, since what is tracked may be NaN.
    assert_eq!(format!("{again:?}"), format!("{checkpoint:?}"));
    let snapshot = &checkpoint.snapshot;
    assert!(
        snapshot.records_since_kept < snapshot.history.len() && snapshot.last_record.update <= snapshot.state.update
    );
    assert_eq!(again.to_bytes().unwrap(), stored);
    let _ = checkpoint.check_resumable(&checkpoint.config, &checkpoint.data, Path::new("checkpoint"), None);
    true
}

/// A configuration, with lines that begin with `--set ` taken for options: what is accepted means the same when it has been
/// written out and read again.
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
    // What is usual is written out, and is otherwise the same.
    let usual =
        |config: &Config| format!("{:?} {:?} {:?} {:?}", config.device, config.model, config.train, config.output);
    assert_eq!(usual(&again), usual(&config));
    true
}

/// A model: what is read predicts, can be stored, and is read again as it was.
pub fn model(bytes: &[u8]) -> bool {
    let read = |bytes: &[u8]| ModelFile::read(bytes, Path::new("model"));
    let Ok(model) = read(bytes) else { return false };
    let probabilities = model.probabilities(&mut vec![0.25; 2 * model.parameters.features]);
    assert!(probabilities.iter().all(|p| p.is_nan() || (0.0..=1.0).contains(p)));
    let stored = model.to_bytes().unwrap();
    assert_eq!(read(&stored).unwrap(), model);
    assert!(export::onnx(&model, Precision::F64).is_ok());
    // Whatever the names are, they stay in the comment.
    let code = export::rust(&model);
    assert_eq!(code.lines().find(|line| !line.starts_with("//")), Some(""));
    true
}
