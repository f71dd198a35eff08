//! Whether a stored run comes out again: it is trained once more in memory, and every number is held against the stored one.
//!
//! What made the run may have changed since. Other data or settings make another run, and nothing is trained; another machine
//! or version may give the same numbers or others, and is only remarked on.
//!
//! Leaves out: pictures, which follow from these numbers, and whether the numbers are good.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::fmt;
use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::{Value, json};

use super::{HISTORY, METRICS, MODEL, Manifest, Run};
use crate::checkpoint::{Change, changed};
use crate::config::Config;
use crate::error::{Error, Result};
use crate::folder::CONFIG;
use crate::model::Parameters;
use crate::model_file::ModelFile;
use crate::text::{grouped, plural};
use crate::train::{Ending, Observer, Record};

/// A run as it is in its folder.
#[derive(Clone, Debug)]
pub struct Stored {
    /// What was asked for.
    pub config: Config,
    /// What made it, and how it went.
    pub manifest: Manifest,
    folder: PathBuf,
    model: ModelFile,
    history: String,
    metrics: Value,
}

/// What came of training a stored run again.
#[derive(Clone, Debug, Serialize)]
pub struct Verification {
    /// Whether all came out again, to the bit.
    pub same: bool,
    /// The settings that are not what the run was made with, and the data if they are not; then nothing is trained.
    pub changed: Vec<Change>,
    /// What else is not as it was where the run was made.
    pub remarks: Vec<Change>,
    /// File by file, what came out.
    pub files: Vec<Compared>,
}

/// A file beside what came out now.
#[derive(Clone, Debug, Serialize)]
pub struct Compared {
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

/// Stops where the stored run stopped, and tells another observer the rest.
struct StopAt<'a> {
    update: Option<usize>,
    observer: &'a mut dyn Observer,
}

impl Observer for StopAt<'_> {
    fn recorded(&mut self, record: &Record) {
        self.observer.recorded(record);
    }

    fn updated(&mut self, update: usize) -> ControlFlow<()> {
        if self.update == Some(update) { ControlFlow::Break(()) } else { self.observer.updated(update) }
    }
}

impl Stored {
    /// Reads the folder of a run.
    ///
    /// # Errors
    /// When it is not that of a run that ended, or was of a sweep or ended by a device's failure, or when a file cannot be
    /// read or is not what its name says.
    pub fn load(folder: &Path) -> Result<Self> {
        let config = folder.join(CONFIG);
        if !config.is_file() {
            let message = format!("{} is not the folder of a run: it holds no {CONFIG}", folder.display());
            return Err(Error::Settings(message));
        }
        let config = Config::load(&config, &[])?;
        let refused = |why: &str| Err(Error::Settings(format!("{}: {why}", folder.display())));
        if config.sweep.is_some() {
            return refused("a sweep stores no model of its sizes; a run of one size can be verified");
        }
        let manifest = Manifest::load(folder)?;
        if manifest.ending == "failed" {
            return refused("its device failed; go on with train --resume, then it can be verified");
        }
        let read = |name: &str| {
            let path = folder.join(name);
            fs::read_to_string(&path).map_err(Error::file("read", &path))
        };
        let metrics = serde_json::from_str(&read(METRICS)?)
            .map_err(|error| Error::Content { path: folder.join(METRICS), message: format!("not JSON: {error}") })?;
        let (model, history) = (ModelFile::load(&folder.join(MODEL))?, read(HISTORY)?);
        Ok(Self { config, manifest, folder: folder.to_owned(), model, history, metrics })
    }

    /// Trains again, as far as the stored run went, and compares.
    ///
    /// # Errors
    /// When the data cannot be read, a device cannot be used, or training fails.
    pub fn verify(&self, observer: &mut dyn Observer) -> Result<Verification> {
        let wrong =
            |error| Error::Content { path: self.folder.join(MODEL), message: format!("configuration: {error}") };
        let settings = changed(&self.model.metadata.config, &self.config.to_toml()).map_err(wrong)?;
        let run = Run::prepare(self.config.clone())?;
        let now = Manifest::new(&run, &Ending::Finished, 0, 0.0);
        let mut verification =
            Verification { same: false, changed: settings, remarks: self.manifest.remarks(&now), files: Vec::new() };
        if now.data != self.manifest.data {
            let what = self.config.data.path.as_ref().map_or("the data".into(), |path| path.display().to_string());
            verification.changed.push(Change { what, then: self.manifest.data.clone(), now: now.data });
        }
        if !verification.changed.is_empty() {
            return Ok(verification);
        }
        let interrupted = self.manifest.ending == Ending::Interrupted.to_string();
        let trained = run.train(&mut StopAt { update: interrupted.then_some(self.manifest.updates), observer })?;
        if let Some(failure) = trained.outcome.ending.error() {
            return Err(failure);
        }
        let (history, model) = (trained.history(), trained.model_file());
        let results = trained.judge()?;
        verification.files = vec![
            compare(HISTORY, &cells(&self.history, &self.history), &cells(&history, &self.history)),
            compare(MODEL, &numbers(&self.model), &numbers(&model)),
            compare(METRICS, &leaves(&self.metrics), &leaves(&results.metrics())),
        ];
        verification.same = verification.files.iter().all(|file| file.differing == 0);
        Ok(verification)
    }
}

impl fmt::Display for Verification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Change { what, then, now } in &self.remarks {
            writeln!(f, "Remark: {what} was {then} where the run was made, and is {now} here")?;
        }
        for Change { what, then, now } in &self.changed {
            writeln!(f, "Changed since: {what} was {then}, and is {now}")?;
        }
        for file in &self.files {
            writeln!(f, "{file}")?;
        }
        f.write_str(match (self.same, self.changed.is_empty()) {
            (true, _) => "The run comes out again to the bit.",
            (false, true) => "The run does not come out again.",
            (false, false) => "It is not the run that was made, and was not trained again.",
        })
    }
}

impl fmt::Display for Compared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, values, differing, first, largest } = self;
        let Some(first) = first else {
            return write!(f, "{file:<17}  {} {}, all the same", grouped(*values), plural(*values, "value"));
        };
        write!(f, "{file:<17}  {} of {} values differ\n  first    {first}", grouped(*differing), grouped(*values))?;
        largest.iter().filter(|largest| *largest != first).try_for_each(|largest| write!(f, "\n  largest  {largest}"))
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { place, stored, again, relative } = self;
        write!(f, "{place}: stored {stored}, again {again}")?;
        relative.iter().try_for_each(|relative| write!(f, ", relative difference {relative:.1e}"))
    }
}

/// The values of a file in text that differs where they do, each with its place.
type Values = Vec<(String, String)>;

fn compare(file: &'static str, stored: &Values, again: &Values) -> Compared {
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
    let largest = numeric.max_by(|a, b| a.relative.partial_cmp(&b.relative).unwrap_or(Ordering::Equal)).cloned();
    Compared { file, values: stored.len(), differing: differences.len(), first: differences.first().cloned(), largest }
}

fn relative(stored: &str, again: &str) -> Option<f64> {
    let (stored, again) = (stored.parse::<f64>().ok()?, again.parse::<f64>().ok()?);
    let relative = (stored - again).abs() / stored.abs().max(again.abs()).max(f64::MIN_POSITIVE);
    relative.is_finite().then_some(relative)
}

/// The cells of a table with a header; rows and columns have the names that they have in `named`.
fn cells(table: &str, named: &str) -> Values {
    let columns: Vec<&str> = named.lines().next().unwrap_or_default().split(',').collect();
    let updates: Vec<&str> = named.lines().map(|line| line.split(',').next().unwrap_or_default()).collect();
    let row = |(row, line): (usize, &str)| {
        let place = match updates.get(row) {
            Some(update) if row > 0 => format!("line {} (update {update})", row + 1),
            _ => format!("line {}", row + 1),
        };
        let cell = |(column, cell): (usize, &str)| {
            let column = columns.get(column).map_or_else(|| format!("column {}", column + 1), ToString::to_string);
            (format!("{place}, {column}"), cell.to_owned())
        };
        line.split(',').enumerate().map(cell).collect::<Vec<_>>()
    };
    table.lines().enumerate().flat_map(row).collect()
}

/// The parameters of a model one by one, and what it says about them but by which program and from which configuration.
fn numbers(model: &ModelFile) -> Values {
    let ModelFile { parameters, metadata, .. } = model;
    let Parameters { hidden, .. } = *parameters;
    let place = |tensor: &str, i: usize| match tensor {
        "w1" => format!("w1[{}][{}]", i / hidden, i % hidden),
        _ => format!("{tensor}[{i}]"),
    };
    let tensors = [("w1", &parameters.w1), ("b1", &parameters.b1), ("w2", &parameters.w2), ("b2", &parameters.b2)];
    let elements = tensors.into_iter().flat_map(|(tensor, values)| {
        values.iter().enumerate().map(move |(i, value)| (place(tensor, i), format!("{value:?}")))
    });
    let about = leaves(&json!(metadata)).into_iter().filter(|(place, _)| place != "config");
    elements.chain(about.map(|(place, value)| (format!("metadata {place}"), value))).collect()
}

/// The values in a JSON object but the version of Petal, each at its path.
fn leaves(value: &Value) -> Values {
    fn descend(place: &str, value: &Value, into: &mut Values) {
        let below = |name: &str| if place.is_empty() { name.to_owned() } else { format!("{place}.{name}") };
        match value {
            Value::Object(map) => map.iter().for_each(|(name, value)| descend(&below(name), value, into)),
            Value::Array(list) => (0..).zip(list).for_each(|(i, value)| descend(&format!("{place}[{i}]"), value, into)),
            leaf => into.push((place.to_owned(), leaf.to_string())),
        }
    }
    let mut values = Vec::new();
    descend("", value, &mut values);
    values.retain(|(place, _)| place != "petal");
    values
}
