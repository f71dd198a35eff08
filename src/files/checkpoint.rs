//! A training that is under way, as a safetensors file.
//!
//! ```text
//! at, sound         the state to go on from, and that of the last record that was due
//! kept              the parameters that would be kept if training ended here
//!   .parameters     [n], w1 [d, h], b1, w2, b2 one after the other, row by row
//!   .velocity       [n], the same for the optimiser's memory, where it has any
//! history           [records, 5], or 7 with validation samples, and one for each thing that is tracked
//! ```
//!
//! All numbers are f64, which holds an f32 without loss. What is not a tensor is a JSON object in the metadata, under the key
//! `petal`, with the run's configuration and the fingerprint of its data: a checkpoint is of one training and goes on with no
//! other.
//!
//! Leaves out: writing so that a crash does no harm. That is [`crate::files::folder`].

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::Path;

use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};
use serde::{Deserialize, Serialize};
use toml::Table;

use crate::data::text::grouped;
use crate::device::Precision;
use crate::error::{Error, Result};
use crate::network::Parameters;
use crate::train::{Record, Snapshot, TrainingState, ValidationScore};

/// The file's name in the folder of a run.
pub const FILE: &str = "checkpoint.safetensors";

/// The layout of names and metadata; a file with another number is refused.
const FORMAT: u32 = 1;
/// What each record holds, validation aside: update, cost, penalty, accuracy and seconds.
const COLUMNS: usize = 5;
/// What may change when training goes on, beside what changes no number: how far it goes.
const LENGTH: [&str; 2] = ["train.updates", "train.epochs"];
/// What changes no number. Whether the data are the same is told by their fingerprint, not by their place.
const IDLE: [&str; 2] = ["train.checkpoint_every", "data.path"];

/// A training that is under way.
#[derive(Clone, Debug, PartialEq)]
pub struct Checkpoint {
    /// Where it stands.
    pub snapshot: Snapshot,
    /// The configuration of the run, as TOML.
    pub config: String,
    /// The fingerprint of the data.
    pub data: String,
}

/// Something that is not what it was.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    /// Its name; of a setting the dotted key.
    pub what: String,
    /// What it was.
    pub then: String,
    /// What it is.
    pub now: String,
}

/// What a file says about its tensors.
#[derive(Serialize, Deserialize)]
struct Metadata {
    format: u32,
    petal: String,
    config: String,
    data: String,
    features: usize,
    hidden: usize,
    at: usize,
    sound: usize,
    kept: usize,
    since: usize,
    /// How many numbers of each record are tracked.
    tracked: usize,
    seconds: f64,
}

impl Checkpoint {
    /// Whether this is a checkpoint of the run that a configuration and data are of; if not, what differs.
    ///
    /// # Errors
    /// When a setting that may not change has, or the data has, or there would be fewer updates than were made. `place`
    /// stands for the checkpoint in messages, `table` for the data's file.
    pub fn fits(&self, config: &str, data: &str, place: &Path, table: Option<&Path>) -> Result<()> {
        let refused = |message: String| Err(Error::Content { path: place.to_owned(), message });
        let Ok(changed) = may_go_on(&self.config, config) else {
            return refused("holds no configuration".into());
        };
        if let Err(message) = changed {
            return refused(message);
        }
        let now = parse(config).unwrap_or_default();
        let is = now.get("train.updates").map_or("", String::as_str);
        let made = self.snapshot.at.update;
        if is.parse().is_ok_and(|updates: usize| updates < made) {
            return refused(format!("train.updates = {is}: {} were made already", grouped(made)));
        }
        if data != self.data {
            return Err(other_data(place, table));
        }
        Ok(())
    }

    /// The file's contents.
    ///
    /// # Errors
    /// When the parts do not fit each other.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        let Self { snapshot, config, data } = self;
        let Snapshot { at, sound, history, kept, kept_parameters, since, seconds } = snapshot;
        let standing = |name: &'static str, of: &TrainingState| {
            let velocity = of
                .velocity
                .as_ref()
                .map(|velocity| (format!("{name}.velocity"), velocity.packed()));
            std::iter::once((format!("{name}.parameters"), of.parameters.packed())).chain(velocity)
        };
        let numbers = standing("at", at).chain(standing("sound", sound));
        let numbers = numbers.chain([("kept.parameters".to_owned(), kept_parameters.packed())]);
        let mut tensors: Vec<_> = numbers
            .map(|(name, values)| (name, vec![values.len()], Precision::F64.encode(&values)))
            .collect();
        let rows: Vec<Vec<f64>> = history.iter().map(row).collect();
        let shape = vec![rows.len(), rows.first().map_or(COLUMNS, Vec::len)];
        tensors.push(("history".into(), shape, Precision::F64.encode(&rows.concat())));
        let views = tensors
            .iter()
            .map(|(name, shape, bytes)| Ok((name, TensorView::new(Dtype::F64, shape.clone(), bytes)?)))
            .collect::<Result<Vec<_>, safetensors::SafeTensorError>>();
        let metadata = Metadata {
            format: FORMAT,
            petal: env!("CARGO_PKG_VERSION").into(),
            config: config.clone(),
            data: data.clone(),
            features: at.parameters.features,
            hidden: at.parameters.hidden,
            at: at.update,
            sound: sound.update,
            kept: kept.update,
            since: *since,
            tracked: kept.tracked.len(),
            seconds: *seconds,
        };
        let metadata = serde_json::to_string(&metadata).unwrap_or_else(|_| unreachable!("strings and numbers only"));
        views
            .and_then(|views| safetensors::serialize(views, Some(HashMap::from([("petal".to_owned(), metadata)]))))
            .map_err(|error| Error::Encoding(format!("the checkpoint cannot be stored: {error}")))
    }

    /// Reads a file.
    ///
    /// # Errors
    /// When it cannot be read or is not a complete checkpoint of finite numbers.
    pub fn load(path: &Path) -> Result<Self> {
        let bytes = fs::read(path).map_err(Error::file("read", path))?;
        let begin_again = "without this file the run begins again";
        Self::parse(&bytes)
            .map_err(|message| Error::Content { path: path.to_owned(), message: format!("{message}; {begin_again}") })
    }

    /// Reads the contents of a file.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn parse(bytes: &[u8]) -> Result<Self, String> {
        let wrong = |error: safetensors::SafeTensorError| format!("not a safetensors file: {error}");
        let (_, header) = SafeTensors::read_metadata(bytes).map_err(wrong)?;
        let text = header.metadata().as_ref().and_then(|map| map.get("petal"));
        let text = text.ok_or("no metadata under the key `petal`: not a checkpoint of Petal")?;
        let about: Metadata = serde_json::from_str(text).map_err(|error| format!("metadata: {error}"))?;
        if about.format != FORMAT {
            return Err(format!("format {}: this version reads format {FORMAT}", about.format));
        }
        let file = SafeTensors::deserialize(bytes).map_err(wrong)?;
        let (features, hidden) = (about.features, about.hidden);
        let width = features
            .checked_add(2)
            .and_then(|each| each.checked_mul(hidden)?.checked_add(1));
        let width = width
            .filter(|_| features > 0 && hidden > 0)
            .ok_or("metadata: no such network")?;
        let numbers = |name: &str, columns: Option<usize>| -> Result<Vec<f64>, String> {
            let tensor = file.tensor(name).map_err(|error| format!("{name}: {error}"))?;
            let fits = match (tensor.shape(), columns) {
                ([count], None) => *count == width,
                ([_, found], Some(columns)) => *found == columns,
                _ => false,
            };
            if !fits || tensor.dtype() != Dtype::F64 {
                return Err(format!("{name} is {:?} of shape {:?}", tensor.dtype(), tensor.shape()));
            }
            Ok(Precision::F64.decode(tensor.data()))
        };
        let finite = |name: &str, values: &[f64]| match values.iter().position(|value| !value.is_finite()) {
            Some(place) => Err(format!("{name}[{place}] = {}: must be finite", values[place])),
            None => Ok(()),
        };
        let parameters = |name: &str| {
            let values = numbers(name, None)?;
            finite(name, &values)?;
            Ok::<_, String>(Parameters::from_packed(features, hidden, &values))
        };
        let standing = |name: &str, update: usize| {
            let velocity = format!("{name}.velocity");
            let velocity = file
                .names()
                .contains(&velocity.as_str())
                .then(|| parameters(&velocity))
                .transpose()?;
            Ok::<_, String>(TrainingState { update, parameters: parameters(&format!("{name}.parameters"))?, velocity })
        };
        let columns = file.tensor("history").ok().and_then(|tensor| tensor.shape().last().copied());
        let others = columns.and_then(|columns| columns.checked_sub(about.tracked));
        let fits = others.is_some_and(|others| [COLUMNS, COLUMNS + 2].contains(&others));
        let (Some(columns), true) = (columns, fits) else {
            return Err("no history that fits the metadata".into());
        };
        let numbers = numbers("history", Some(columns))?;
        for row in numbers.chunks_exact(columns) {
            // What is tracked may be beyond all numbers.
            finite("history", &row[..columns - about.tracked])?;
        }
        let history: Vec<Record> = numbers.chunks_exact(columns).map(|row| record(row, about.tracked)).collect();
        let updates = numbers.iter().step_by(columns);
        let whole = history
            .iter()
            .zip(updates)
            .all(|(record, &update)| record.update as f64 == update);
        let ordered = whole && history.windows(2).all(|pair| pair[0].update < pair[1].update);
        let kept = history.iter().find(|record| record.update == about.kept).cloned();
        let (Some(kept), Some(last), true) = (kept, history.last(), ordered) else {
            return Err("history: the updates of its records do not fit".into());
        };
        let counted = about.since < history.len() && about.sound <= about.at;
        if last.update != about.sound || !counted || !about.seconds.is_finite() {
            return Err("metadata: the updates do not fit the history".into());
        }
        let snapshot = Snapshot {
            at: standing("at", about.at)?,
            sound: standing("sound", about.sound)?,
            kept,
            kept_parameters: parameters("kept.parameters")?,
            since: about.since,
            seconds: about.seconds,
            history,
        };
        Ok(Self { snapshot, config: about.config, data: about.data })
    }
}

/// A record as numbers.
fn row(record: &Record) -> Vec<f64> {
    let Record { update, cost, penalty, accuracy, validation, tracked, seconds } = record;
    let watched = validation.map(|on| [on.cost, on.accuracy]);
    let first = [*update as f64, *cost, *penalty, *accuracy, *seconds];
    first
        .into_iter()
        .chain(watched.into_iter().flatten())
        .chain(tracked.iter().copied())
        .collect()
}

/// The inverse of [`row`], which ends in so many numbers that are tracked.
fn record(row: &[f64], tracked: usize) -> Record {
    let (row, tracked) = row.split_at(row.len() - tracked);
    let validation = row
        .get(COLUMNS..COLUMNS + 2)
        .map(|on| ValidationScore { cost: on[0], accuracy: on[1] });
    let (update, tracked) = (row[0] as usize, tracked.to_vec());
    Record {
        update,
        cost: row[1],
        penalty: row[2],
        accuracy: row[3],
        validation,
        tracked,
        seconds: row[4],
    }
}

/// The error of going on with other data than those that a file is of.
pub(crate) fn other_data(place: &Path, table: Option<&Path>) -> Error {
    let table = table.map_or_else(|| "the data".into(), |path| path.display().to_string());
    Error::Content { path: place.to_owned(), message: format!("{table} is not what it was when the run began") }
}

/// Whether what began with one configuration, given as TOML, may go on with another; if not, why.
///
/// # Errors
/// When one of them is not TOML.
pub fn may_go_on(then: &str, now: &str) -> Result<Result<(), String>, toml::de::Error> {
    let [settings_then, settings_now] = [parse(then)?, parse(now)?];
    let sweeps = [&settings_then, &settings_now]
        .iter()
        .all(|settings| settings.contains_key("sweep.hidden"));
    let constant = settings_now
        .get("train.schedule")
        .is_none_or(|schedule| schedule == "\"constant\"");
    for Change { what: key, then: was, now: is } in changed(then, now)? {
        // Each size of a sweep is a training of its own.
        let free = is_free(&key) || sweeps && ["sweep.hidden", "model.hidden"].contains(&key.as_str());
        let why = match () {
            () if !free => format!("only {} and output may change", [LENGTH, IDLE].concat().join(", ")),
            () if key == "train.updates" && !constant => "with a schedule every learning rate depends on it".into(),
            () => continue,
        };
        return Ok(Err(format!("the run began with {key} = {was}, and now it is {is}: {why}")));
    }
    Ok(Ok(()))
}

/// Whether a setting may change when training goes on.
pub fn is_free(key: &str) -> bool {
    LENGTH.contains(&key) || is_idle(key)
}

/// Whether a setting changes no number.
pub fn is_idle(key: &str) -> bool {
    IDLE.contains(&key) || key.starts_with("output.")
}

/// The settings that two configurations, given as TOML, do not agree on.
///
/// # Errors
/// When one of them is not TOML.
pub fn changed(then: &str, now: &str) -> Result<Vec<Change>, toml::de::Error> {
    let (then, now) = (parse(then)?, parse(now)?);
    let keys: BTreeSet<&String> = then.keys().chain(now.keys()).collect();
    let change = |key: &String| {
        let [then, now] = [&then, &now].map(|table| table.get(key).map_or("not set", String::as_str).to_owned());
        (then != now).then(|| Change { what: key.clone(), then, now })
    };
    Ok(keys.into_iter().filter_map(change).collect())
}

/// The values of a configuration by their dotted keys, as TOML.
fn parse(text: &str) -> Result<HashMap<String, String>, toml::de::Error> {
    toml::from_str(text).map(|table| flat("", &table))
}

/// The values of a table by their dotted keys, as TOML.
fn flat(prefix: &str, table: &Table) -> HashMap<String, String> {
    let each = table.iter().flat_map(|(key, value)| match value.as_table() {
        Some(inner) => flat(&format!("{prefix}{key}."), inner),
        None => HashMap::from([(format!("{prefix}{key}"), value.to_string())]),
    });
    each.collect()
}
