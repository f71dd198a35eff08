//! What the article's listing computes in NumPy, right and broken by one line each, and the sentences about it.

use std::process::Command;

use petal::article::Point;
use petal::article::report::Report;
use petal::device::Precision;
use petal::files::array_file::{ElementType, StoredArray};
use petal::gradcheck::Array;
use serde_json::Value;

use crate::listing_sentences::SENTENCES;
use crate::support::{json, path};

/// The names of the gradients.
pub const GRADIENTS: [&str; 4] = ["dW2", "db2", "dW1", "db1"];
/// The names of the updated parameters.
pub const UPDATED: [&str; 4] = ["W1", "b1", "W2", "b2"];

/// What the listings compute: with the Python in $PETAL_PYTHON now, otherwise as it was stored.
pub fn listings() -> Value {
    let Some(python) = std::env::var_os("PETAL_PYTHON") else {
        return json("wrong_listings.json");
    };
    let output = Command::new(python)
        .arg(path("tests/reference/wrong_listings.py"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// An array as it was stored.
pub fn stored(name: &str, value: &Value) -> StoredArray {
    let number = |number: &Value| match number {
        Value::String(text) => text.parse().unwrap(),
        number => number.as_f64().unwrap(),
    };
    let lengths = value["shape"].as_array().unwrap().iter();
    let shape: Vec<usize> = lengths.map(|length| length.as_u64().unwrap() as usize).collect();
    let values = value["values"].as_array().unwrap().iter().map(number).collect();
    let dtype = if value["dtype"] == "float32" { ElementType::F32 } else { ElementType::F64 };
    StoredArray { array: Array::new(name, shape, values), dtype }
}

/// The arrays of a case.
pub fn stored_arrays(object: &Value) -> Vec<StoredArray> {
    let arrays = object.as_object().unwrap();
    arrays.iter().map(|(name, value)| stored(name, value)).collect()
}

/// The arrays with these names.
pub fn only(arrays: &[StoredArray], names: &[&str]) -> Vec<StoredArray> {
    let wanted = arrays.iter().filter(|stored| names.contains(&&stored.array.name[..]));
    wanted.cloned().collect()
}

/// A point by its name.
pub fn point(file: &Value, name: &str) -> Point {
    let arrays: Vec<Array> = stored_arrays(&file["points"][name])
        .into_iter()
        .map(|stored| stored.array)
        .collect();
    Point::from_arrays(&arrays).unwrap().1
}

/// The judgement of arrays.
pub fn report(point: &Point, arrays: &[StoredArray]) -> Report {
    Report::new(point, Precision::F64, arrays).unwrap()
}

/// Every case with its point and arrays.
pub fn cases() -> Vec<(String, Point, Vec<StoredArray>)> {
    let file = listings();
    let cases = file["cases"].as_array().unwrap().iter();
    let parts = cases.map(|case| {
        let name = case["name"].as_str().unwrap().to_owned();
        (name, point(&file, case["point"].as_str().unwrap()), stored_arrays(&case["arrays"]))
    });
    parts.collect()
}

/// The line that is wrong in a case, and the sentence about it.
pub fn expected(name: &str) -> (&'static str, &'static str) {
    let found = SENTENCES.iter().find(|(other, ..)| *other == name);
    let (_, line, sentence) = found.unwrap_or_else(|| panic!("{name} has no sentence"));
    (line, sentence)
}

/// The whole sentence about a mistake.
pub fn whole(line: &str, sentence: &str) -> String {
    if sentence.contains("unchanged") || sentence.contains("before saving") {
        sentence.to_owned()
    } else {
        format!("{line} is wrong: {sentence}")
    }
}

/// The first sentence about the mistake, without its line and without what shows it.
pub fn names(report: &Report, line: &str, sentence: &str) -> bool {
    let first = sentence.split(". The same").next().unwrap().trim_end_matches('.');
    let Some(mistake) = report.mistakes.first() else {
        return false;
    };
    let said = |text: &str| text.contains(first) && text.starts_with(line);
    said(&mistake.sentence) || mistake.alternatives.iter().any(|text| said(text))
}
