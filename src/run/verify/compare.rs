//! Compares the values of a stored file with those of a new one. Each value has a name that says where it is in the file.
//!
//! There are no tolerances: a run is repeated bit for bit or not at all.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::fmt;

use serde::Serialize;
use serde_json::{Value, json};

use crate::data::text::{grouped, plural};
use crate::files::model_file::ModelFile;
use crate::network::Parameters;

/// The text for a value that one of the two files does not have.
const NOTHING: &str = "nothing";

/// The comparison of a file.
#[derive(Clone, Debug, Serialize)]
pub struct FileComparison {
    /// The file's name.
    pub file: String,
    /// The number of values.
    pub values: usize,
    /// The number of values that differ.
    pub differing: usize,
    /// The first difference.
    pub first: Option<Difference>,
    /// The largest relative difference of two numbers.
    pub largest: Option<Difference>,
}

/// A value that differs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// Where the value is in the file.
    pub place: String,
    /// The stored value.
    pub stored: String,
    /// The new value.
    pub again: String,
    /// For two finite numbers, their distance divided by the larger magnitude.
    pub relative: Option<f64>,
}

impl fmt::Display for FileComparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, values, differing, first, largest } = self;
        let Some(first) = first else {
            return write!(f, "{file:<17}  {} {}, all the same", grouped(*values), plural(*values, "value"));
        };
        write!(f, "{file:<17}  {} of {} values differ\n  first    {first}", grouped(*differing), grouped(*values))?;
        match largest {
            Some(largest) if largest != first => write!(f, "\n  largest  {largest}"),
            _ => Ok(()),
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { place, stored, again, relative } = self;
        write!(f, "{place}: stored {stored}, again {again}")?;
        match relative {
            Some(relative) => write!(f, ", relative difference {relative:.1e}"),
            None => Ok(()),
        }
    }
}

/// The values of a file by their names. Two values are equal if their texts are.
pub(super) type NamedValues = Vec<(String, String)>;

/// Compares two lists of values.
pub(super) fn compare(file: &str, stored: &NamedValues, again: &NamedValues) -> FileComparison {
    let mut not_stored: HashMap<&String, &String> = again.iter().map(|(name, value)| (name, value)).collect();
    let mut differences = Vec::new();
    for (name, value) in stored {
        differences.extend(difference(name, Some(value), not_stored.remove(name)));
    }
    let new_values = again.iter().filter(|(name, _)| not_stored.contains_key(name));
    differences.extend(
        new_values
            .clone()
            .filter_map(|(name, value)| difference(name, None, Some(value))),
    );

    let numeric = differences.iter().filter(|difference| difference.relative.is_some());
    let largest = numeric.max_by(|a, b| a.relative.partial_cmp(&b.relative).unwrap_or(Ordering::Equal));
    FileComparison {
        file: file.into(),
        values: stored.len() + new_values.count(),
        differing: differences.len(),
        first: differences.first().cloned(),
        largest: largest.cloned(),
    }
}

fn difference(name: &str, stored: Option<&String>, again: Option<&String>) -> Option<Difference> {
    if stored == again {
        return None;
    }
    let [stored, again] = [stored, again].map(|value| value.map_or(NOTHING, String::as_str).to_owned());
    let relative = relative_difference(&stored, &again);
    Some(Difference { place: name.to_owned(), stored, again, relative })
}

fn relative_difference(stored: &str, again: &str) -> Option<f64> {
    let (stored, again) = (stored.parse::<f64>().ok()?, again.parse::<f64>().ok()?);
    let relative = (stored - again).abs() / stored.abs().max(again.abs()).max(f64::MIN_POSITIVE);
    relative.is_finite().then_some(relative)
}

/// Compares two CSV tables with a header.
pub(super) fn compare_tables(file: &str, stored: &str, again: &str) -> FileComparison {
    if stored == again {
        // A table may have millions of cells. Equal ones need no names.
        let values = stored.lines().map(|line| line.split(',').count()).sum();
        return FileComparison { file: file.into(), values, differing: 0, first: None, largest: None };
    }
    let names_from = if stored.is_empty() { again } else { stored };
    compare(file, &table_values(stored, names_from), &table_values(again, names_from))
}

/// Compares two JSON texts. If the stored text is not JSON, it has no values.
pub(super) fn compare_json(file: &str, stored: &str, again: &str) -> FileComparison {
    let [stored, again] = [stored, again].map(|text| serde_json::from_str::<Value>(text).unwrap_or_default());
    compare(file, &leaves(&stored), &leaves(&again))
}

/// The cells of a table. Columns are named by the header of `names_from`, rows by its first column.
fn table_values(table: &str, names_from: &str) -> NamedValues {
    let columns: Vec<&str> = names_from.lines().next().unwrap_or_default().split(',').collect();
    let rows: Vec<&str> = names_from
        .lines()
        .map(|line| line.split(',').next().unwrap_or_default())
        .collect();

    let mut values = Vec::new();
    for (row, line) in table.lines().enumerate() {
        let row_name = match rows.get(row) {
            Some(name) if row > 0 => format!("line {} ({} {name})", row + 1, rows[0]),
            _ => format!("line {}", row + 1),
        };
        for (column, cell) in line.split(',').enumerate() {
            let column_name = match columns.get(column) {
                Some(name) => (*name).to_owned(),
                None => format!("column {}", column + 1),
            };
            values.push((format!("{row_name}, {column_name}"), cell.to_owned()));
        }
    }
    values
}

/// The parameters of a model and its metadata. The versions of Petal and of the format and the configuration are left out:
/// they may differ between two runs with the same numbers. So are the ranges, if the stored model has none.
pub(super) fn model_values(model: &ModelFile, with_ranges: bool) -> NamedValues {
    let ModelFile { parameters, metadata, .. } = model;
    let Parameters { hidden, .. } = *parameters;
    let element_name = |tensor: &str, i: usize| match tensor {
        "w1" => format!("w1[{}][{}]", i / hidden, i % hidden),
        _ => format!("{tensor}[{i}]"),
    };
    let tensors = [("w1", &parameters.w1), ("b1", &parameters.b1), ("w2", &parameters.w2), ("b2", &parameters.b2)];
    let elements = tensors.into_iter().flat_map(|(tensor, values)| {
        values
            .iter()
            .enumerate()
            .map(move |(i, value)| (element_name(tensor, i), format!("{value:?}")))
    });

    let metadata = leaves(&json!(metadata)).into_iter().filter(|(name, _)| {
        !["config", "format"].contains(&name.as_str()) && (with_ranges || !name.starts_with("ranges."))
    });
    elements
        .chain(metadata.map(|(name, value)| (format!("metadata {name}"), value)))
        .collect()
}

/// The values in a JSON object, named by their paths. The version of Petal and the sentences of findings are left out: a
/// newer version may word them in another way.
pub(super) fn leaves(value: &Value) -> NamedValues {
    fn collect(path: &str, value: &Value, values: &mut NamedValues) {
        match value {
            Value::Object(map) => {
                for (name, value) in map {
                    let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                    collect(&path, value, values);
                }
            }
            Value::Array(list) => {
                for (i, value) in list.iter().enumerate() {
                    collect(&format!("{path}[{i}]"), value, values);
                }
            }
            leaf => values.push((path.to_owned(), leaf.to_string())),
        }
    }
    let mut values = Vec::new();
    collect("", value, &mut values);
    values.retain(|(path, _)| path != "petal" && !path.ends_with("].sentence"));
    values
}
