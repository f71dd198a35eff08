//! The values of a file held against those that came out now, each with its place.
//!
//! Leaves out: tolerances. What comes out again does so to the bit.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::fmt;

use serde::Serialize;
use serde_json::{Value, json};

use crate::data::text::{grouped, plural};
use crate::files::model_file::ModelFile;
use crate::network::Parameters;

/// A file beside what came out now.
#[derive(Clone, Debug, Serialize)]
pub struct FileComparison {
    /// Its name.
    pub file: &'static str,
    /// How many values it holds.
    pub values: usize,
    /// How many of them differ.
    pub differing: usize,
    /// The first that differs.
    pub first: Option<Difference>,
    /// The number that differs most.
    pub largest: Option<Difference>,
}

/// A value that came out otherwise.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// Where it is in the file.
    pub place: String,
    /// What is stored.
    pub stored: String,
    /// What came out.
    pub again: String,
    /// Of two finite numbers, their distance over the larger magnitude.
    pub relative: Option<f64>,
}

impl fmt::Display for FileComparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, values, differing, first, largest } = self;
        let Some(first) = first else {
            return write!(f, "{file:<17}  {} {}, all the same", grouped(*values), plural(*values, "value"));
        };
        write!(f, "{file:<17}  {} of {} values differ\n  first    {first}", grouped(*differing), grouped(*values))?;
        largest
            .iter()
            .filter(|largest| *largest != first)
            .try_for_each(|largest| write!(f, "\n  largest  {largest}"))
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { place, stored, again, relative } = self;
        write!(f, "{place}: stored {stored}, again {again}")?;
        relative
            .iter()
            .try_for_each(|relative| write!(f, ", relative difference {relative:.1e}"))
    }
}

/// The values of a file in text that differs where they do, each with its place.
pub(super) type Values = Vec<(String, String)>;

pub(super) fn compare(file: &'static str, stored: &Values, again: &Values) -> FileComparison {
    let mut found: HashMap<&String, &String> = again.iter().map(|(place, value)| (place, value)).collect();
    let mut differences = Vec::new();
    let mut hold = |place: &String, stored: Option<&String>, again: Option<&String>| {
        if stored != again {
            let [stored, again] = [stored, again].map(|value| value.map_or("nothing", String::as_str).to_owned());
            let relative = relative(&stored, &again);
            differences.push(Difference { place: place.clone(), stored, again, relative });
        }
    };
    for (place, value) in stored {
        hold(place, Some(value), found.remove(place));
    }
    for (place, value) in again.iter().filter(|(place, _)| found.contains_key(place)) {
        hold(place, None, Some(value));
    }
    let numeric = differences.iter().filter(|difference| difference.relative.is_some());
    let largest = numeric
        .max_by(|a, b| a.relative.partial_cmp(&b.relative).unwrap_or(Ordering::Equal))
        .cloned();
    // Of those that are there now and were not, too.
    let values = stored.len() + differences.iter().filter(|difference| difference.stored == "nothing").count();
    FileComparison { file, values, differing: differences.len(), first: differences.first().cloned(), largest }
}

/// The same for two tables with a header.
pub(super) fn compare_tables(file: &'static str, stored: &str, again: &str) -> FileComparison {
    if stored == again {
        // Without a name for each of what may be millions of cells.
        let values = stored.lines().map(|line| line.split(',').count()).sum();
        return FileComparison { file, values, differing: 0, first: None, largest: None };
    }
    let named = if stored.is_empty() { again } else { stored };
    compare(file, &cells(stored, named), &cells(again, named))
}

/// The same for two texts of JSON, of which the stored one may be none.
pub(super) fn compare_json(file: &'static str, stored: &str, again: &str) -> FileComparison {
    let [stored, again] = [stored, again].map(|text| serde_json::from_str::<Value>(text).unwrap_or_default());
    compare(file, &leaves(&stored), &leaves(&again))
}

fn relative(stored: &str, again: &str) -> Option<f64> {
    let (stored, again) = (stored.parse::<f64>().ok()?, again.parse::<f64>().ok()?);
    let relative = (stored - again).abs() / stored.abs().max(again.abs()).max(f64::MIN_POSITIVE);
    relative.is_finite().then_some(relative)
}

/// The cells of a table with a header; rows and columns have the names that they have in `named`, rows by the first column.
fn cells(table: &str, named: &str) -> Values {
    let columns: Vec<&str> = named.lines().next().unwrap_or_default().split(',').collect();
    let names: Vec<&str> = named.lines().map(|line| line.split(',').next().unwrap_or_default()).collect();
    let row = |(row, line): (usize, &str)| {
        let place = match names.get(row) {
            Some(name) if row > 0 => format!("line {} ({} {name})", row + 1, names[0]),
            _ => format!("line {}", row + 1),
        };
        let cell = |(column, cell): (usize, &str)| {
            let column = columns
                .get(column)
                .map_or_else(|| format!("column {}", column + 1), ToString::to_string);
            (format!("{place}, {column}"), cell.to_owned())
        };
        line.split(',').enumerate().map(cell).collect::<Vec<_>>()
    };
    table.lines().enumerate().flat_map(row).collect()
}

/// The parameters of a model one by one, and what it says about them but by which program and from which configuration.
pub(super) fn numbers(model: &ModelFile) -> Values {
    let ModelFile { parameters, metadata, .. } = model;
    let Parameters { hidden, .. } = *parameters;
    let place = |tensor: &str, i: usize| match tensor {
        "w1" => format!("w1[{}][{}]", i / hidden, i % hidden),
        _ => format!("{tensor}[{i}]"),
    };
    let tensors = [("w1", &parameters.w1), ("b1", &parameters.b1), ("w2", &parameters.w2), ("b2", &parameters.b2)];
    let elements = tensors.into_iter().flat_map(|(tensor, values)| {
        values
            .iter()
            .enumerate()
            .map(move |(i, value)| (place(tensor, i), format!("{value:?}")))
    });
    let about = leaves(&json!(metadata)).into_iter().filter(|(place, _)| place != "config");
    elements
        .chain(about.map(|(place, value)| (format!("metadata {place}"), value)))
        .collect()
}

/// The values in a JSON object but the version of Petal, each at its path.
pub(super) fn leaves(value: &Value) -> Values {
    fn descend(place: &str, value: &Value, into: &mut Values) {
        let below = |name: &str| if place.is_empty() { name.to_owned() } else { format!("{place}.{name}") };
        match value {
            Value::Object(map) => map.iter().for_each(|(name, value)| descend(&below(name), value, into)),
            Value::Array(list) => (0..)
                .zip(list)
                .for_each(|(i, value)| descend(&format!("{place}[{i}]"), value, into)),
            leaf => into.push((place.to_owned(), leaf.to_string())),
        }
    }
    let mut values = Vec::new();
    descend("", value, &mut values);
    values.retain(|(place, _)| place != "petal");
    values
}
