//! Any bytes as a model file: no panic, no memory for what is only claimed; what is read predicts and can be stored.
//!
//! ```text
//! cargo install cargo-fuzz
//! mkdir -p fuzz/corpus/model && cp runs/*/model.safetensors fuzz/corpus/model
//! cargo fuzz run --sanitizer none model -- -max_total_time=60 -rss_limit_mb=512
//! ```

#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use petal::model_file::ModelFile;
use petal::device::Precision;
use petal::export;

fuzz_target!(|bytes: &[u8]| {
    let read = |bytes: &[u8]| ModelFile::read(bytes, Path::new("model"));
    let Ok(model) = read(bytes) else { return };
    let probabilities = model.probabilities(&mut vec![0.25; 2 * model.parameters.features]);
    assert!(probabilities.iter().all(|p| p.is_nan() || (0.0..=1.0).contains(p)));
    let stored = model.to_bytes().unwrap();
    assert_eq!(read(&stored).unwrap(), model);
    assert!(export::onnx(&model, Precision::F64).is_ok());
    // Whatever the names are, they stay in the comment.
    let code = export::rust(&model);
    assert_eq!(code.lines().find(|line| !line.starts_with("//")), Some(""));
});
