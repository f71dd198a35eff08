//! The state of a training run, from which it can continue, as a safetensors file. `run/resume.rs` writes it.
//!
//! ```text
//! at, sound         the state to continue from, and the state at the last scheduled record
//! kept              the parameters that are kept if training ends here
//!   .parameters     [n], w1 [d, h], b1, w2, b2 one after the other, row by row
//!   .velocity       [n], the same for the optimiser's velocity, if it has one
//! history           [records, 5], or 7 with validation samples, and one more for each tracked number
//! ```
//!
//! All numbers are f64, which holds an f32 without loss. Everything that is not a tensor is in the metadata under the key
//! `petal`, as a JSON object. It includes the run's configuration and the fingerprint of its data, because a checkpoint can
//! continue only the training that it was made by.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensorError, SafeTensors};
use serde::{Deserialize, Serialize};

use super::settings_diff::{Resumable, flattened, is_resumable};
use crate::data::text::grouped;
use crate::device::Precision;
use crate::error::{Error, Result};
use crate::network::{Activation, Parameters};
use crate::train::{Record, Snapshot, TrainingState, ValidationScore};

/// The file's name in a run's folder.
pub const FILE: &str = "checkpoint.safetensors";

/// The version of the file format.
///
/// Older versions are refused. Formats 1 and 2 do not say which activation function the network has, and the programs that
/// wrote them rounded other steps: a run would continue with other updates.
const FORMAT: u32 = 3;
/// The numbers of a record without validation and tracked numbers: update, cost, penalty, accuracy and seconds.
const BASE_COLUMNS: usize = 5;
/// The numbers of a validation score: cost and accuracy.
const VALIDATION_COLUMNS: usize = 2;

/// The state of a training run, its configuration and the fingerprint of its data.
#[derive(Clone, Debug, PartialEq)]
pub struct Checkpoint {
    /// The training so far.
    pub snapshot: Snapshot,
    /// The run's configuration, as TOML.
    pub config: String,
    /// The fingerprint of the data.
    pub data: String,
}

/// The metadata of the file. The field names are part of the file format.
#[derive(Serialize, Deserialize)]
struct Metadata {
    format: u32,
    petal: String,
    config: String,
    data: String,
    features: usize,
    hidden: usize,
    activation: Activation,
    /// The update of the state to continue from.
    at: usize,
    /// The update of the last scheduled record.
    sound: usize,
    /// The update of the kept record.
    kept: usize,
    /// The number of records since the kept one.
    since: usize,
    /// How many tracked numbers each record has.
    tracked: usize,
    seconds: f64,
}

impl Checkpoint {
    /// Checks that a run with this configuration and these data may continue from this checkpoint.
    ///
    /// `path` is the checkpoint's path and `table` that of the data's file, both for messages.
    ///
    /// # Errors
    /// When a setting has changed that may not change, when the data have changed, or when fewer updates are asked for than
    /// were made already.
    pub fn check_resumable(&self, config: &str, data: &str, path: &Path, table: Option<&Path>) -> Result<()> {
        let refuse = |message: String| Err(Error::Content { path: path.to_owned(), message });
        match is_resumable(&self.config, config) {
            Ok(Resumable::Yes) => {}
            Ok(Resumable::No(reason)) => return refuse(reason),
            Err(_) => return refuse("holds no configuration".into()),
        }

        let settings = flattened(config).unwrap_or_default();
        let updates = settings.get("train.updates").map_or("", String::as_str);
        let made = self.snapshot.state.update;
        if updates.parse().is_ok_and(|updates: usize| updates < made) {
            return refuse(format!(
                "train.updates = {updates}: must be at least {}, because the run has already made so many updates",
                grouped(made)
            ));
        }

        if data != self.data {
            return Err(data_changed(path, table));
        }
        Ok(())
    }

    /// The contents of the file.
    ///
    /// # Errors
    /// When the parts of the snapshot do not fit each other.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        let Self { snapshot, config, data } = self;
        let Snapshot { state, state_at_last_record, history, kept, kept_parameters, records_since_kept, seconds } =
            snapshot;

        let mut tensors = state_tensors("at", state);
        tensors.extend(state_tensors("sound", state_at_last_record));
        tensors.push(("kept.parameters".into(), kept_parameters.flattened()));
        let mut tensors: Vec<(String, Vec<usize>, Vec<u8>)> = tensors
            .into_iter()
            .map(|(name, values)| (name, vec![values.len()], Precision::F64.encode(&values)))
            .collect();

        let rows: Vec<Vec<f64>> = history.iter().map(record_to_row).collect();
        let shape = vec![rows.len(), rows.first().map_or(BASE_COLUMNS, Vec::len)];
        tensors.push(("history".into(), shape, Precision::F64.encode(&rows.concat())));

        let metadata = Metadata {
            format: FORMAT,
            petal: env!("CARGO_PKG_VERSION").into(),
            config: config.clone(),
            data: data.clone(),
            features: state.parameters.features,
            hidden: state.parameters.hidden,
            activation: state.parameters.activation,
            at: state.update,
            sound: state_at_last_record.update,
            kept: kept.update,
            since: *records_since_kept,
            tracked: kept.tracked.len(),
            seconds: *seconds,
        };
        serialized(&tensors, &metadata)
            .map_err(|error| Error::Encoding(format!("the checkpoint cannot be stored: {error}")))
    }

    /// Reads a file.
    ///
    /// # Errors
    /// When it cannot be read, or is not a complete checkpoint of finite numbers.
    pub fn load(path: &Path) -> Result<Self> {
        let bytes = fs::read(path).map_err(Error::file("read", path))?;
        Self::parse(&bytes).map_err(|reason| {
            let message = format!("{reason}; if you delete this file, --resume starts the training from the beginning");
            Error::Content { path: path.to_owned(), message }
        })
    }

    /// Reads the contents of a file.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn parse(bytes: &[u8]) -> Result<Self, String> {
        let metadata = parse_metadata(bytes)?;
        let tensors = StoredTensors::new(bytes, &metadata)?;
        let history = tensors.history(metadata.tracked)?;
        let kept = metadata.check_history(&history)?;

        let snapshot = Snapshot {
            state: tensors.state("at", metadata.at)?,
            state_at_last_record: tensors.state("sound", metadata.sound)?,
            kept,
            kept_parameters: tensors.parameters("kept.parameters")?,
            records_since_kept: metadata.since,
            seconds: metadata.seconds,
            history,
        };
        Ok(Self { snapshot, config: metadata.config, data: metadata.data })
    }
}

/// The error of resuming a run whose data have changed. `path` is the file that has the old fingerprint.
pub(crate) fn data_changed(path: &Path, table: Option<&Path>) -> Error {
    let table = table.map_or_else(|| "the data".into(), |path| path.display().to_string());
    Error::Content { path: path.to_owned(), message: format!("{table} has changed since the run began") }
}

/// The parameters and the velocity of a state, by the names of their tensors.
fn state_tensors(name: &str, state: &TrainingState) -> Vec<(String, Vec<f64>)> {
    let mut tensors = vec![(format!("{name}.parameters"), state.parameters.flattened())];
    if let Some(velocity) = &state.velocity {
        tensors.push((format!("{name}.velocity"), velocity.flattened()));
    }
    tensors
}

fn serialized(tensors: &[(String, Vec<usize>, Vec<u8>)], metadata: &Metadata) -> Result<Vec<u8>, SafeTensorError> {
    let views = tensors
        .iter()
        .map(|(name, shape, bytes)| Ok((name, TensorView::new(Dtype::F64, shape.clone(), bytes)?)))
        .collect::<Result<Vec<_>, SafeTensorError>>()?;
    let json = serde_json::to_string(metadata).unwrap_or_else(|_| unreachable!("strings and numbers only"));
    safetensors::serialize(views, Some(HashMap::from([("petal".to_owned(), json)])))
}

/// Reads the metadata and checks the format's version.
fn parse_metadata(bytes: &[u8]) -> Result<Metadata, String> {
    let (_, header) = SafeTensors::read_metadata(bytes).map_err(not_safetensors)?;
    let json = header.metadata().as_ref().and_then(|map| map.get("petal"));
    let json = json.ok_or("no metadata under the key `petal`: not a checkpoint of Petal")?;
    // The format is read first, because the metadata of another format may not fit this type.
    #[derive(Deserialize)]
    struct Format {
        format: u32,
    }
    let wrong = |error: serde_json::Error| format!("metadata: {error}");
    let Format { format } = serde_json::from_str(json).map_err(wrong)?;
    if format < FORMAT {
        return Err(format!(
            "format {format}, from an older version of Petal: it does not name the activation function of the network; this \
             version reads format {FORMAT}"
        ));
    }
    if format > FORMAT {
        return Err(format!("format {format}: this version reads format {FORMAT}"));
    }
    serde_json::from_str(json).map_err(wrong)
}

#[expect(clippy::needless_pass_by_value, reason = "map_err passes a value")]
fn not_safetensors(error: SafeTensorError) -> String {
    format!("not a safetensors file: {error}")
}

impl Metadata {
    /// Checks that the updates of the metadata fit those of the records. Returns the kept record.
    fn check_history(&self, history: &[Record]) -> Result<Record, String> {
        let is_ordered = history.windows(2).all(|pair| pair[0].update < pair[1].update);
        let kept = history.iter().find(|record| record.update == self.kept);
        let (Some(kept), Some(last), true) = (kept, history.last(), is_ordered) else {
            return Err("history: the update numbers must increase and must include the kept record".into());
        };

        let counts_fit = self.since < history.len() && self.sound <= self.at && last.update == self.sound;
        if !counts_fit || !self.seconds.is_finite() {
            return Err("metadata: the updates do not fit the history".into());
        }
        Ok(kept.clone())
    }
}

/// The tensors of a file whose metadata has been read.
struct StoredTensors<'a> {
    file: SafeTensors<'a>,
    features: usize,
    hidden: usize,
    activation: Activation,
    /// The number of parameters that such a network has.
    parameter_count: usize,
}

impl<'a> StoredTensors<'a> {
    fn new(bytes: &'a [u8], metadata: &Metadata) -> Result<Self, String> {
        let file = SafeTensors::deserialize(bytes).map_err(not_safetensors)?;
        let &Metadata { features, hidden, activation, .. } = metadata;
        // (features + 2) hidden + 1, unless that overflows.
        let count = features
            .checked_add(2)
            .and_then(|per_unit| per_unit.checked_mul(hidden)?.checked_add(1));
        let count = count.filter(|_| features > 0 && hidden > 0);
        let parameter_count = count.ok_or("metadata: the network size is zero or too large")?;
        Ok(Self { file, features, hidden, activation, parameter_count })
    }

    /// The numbers of a tensor whose shape passes a test. `expected` is that shape for the message.
    fn numbers(&self, name: &str, expected: &str, has_shape: impl Fn(&[usize]) -> bool) -> Result<Vec<f64>, String> {
        let tensor = self.file.tensor(name).map_err(|error| format!("{name}: {error}"))?;
        if tensor.dtype() != Dtype::F64 || !has_shape(tensor.shape()) {
            let (dtype, shape) = (tensor.dtype(), tensor.shape());
            return Err(format!("{name} is {dtype:?} of shape {shape:?}: must be F64 of shape {expected}"));
        }
        Ok(Precision::F64.decode(tensor.data()))
    }

    fn parameters(&self, name: &str) -> Result<Parameters, String> {
        let expected = [self.parameter_count];
        let values = self.numbers(name, &format!("{expected:?}"), |shape| shape == expected)?;
        check_finite(name, &values)?;
        Ok(Parameters::from_flattened(self.features, self.hidden, self.activation, &values))
    }

    fn state(&self, name: &str, update: usize) -> Result<TrainingState, String> {
        let velocity = format!("{name}.velocity");
        let has_velocity = self.file.names().contains(&velocity.as_str());
        let velocity = has_velocity.then(|| self.parameters(&velocity)).transpose()?;
        Ok(TrainingState { update, parameters: self.parameters(&format!("{name}.parameters"))?, velocity })
    }

    fn history(&self, tracked: usize) -> Result<Vec<Record>, String> {
        let columns = self
            .file
            .tensor("history")
            .ok()
            .and_then(|tensor| tensor.shape().last().copied());
        let untracked = columns.and_then(|columns| columns.checked_sub(tracked));
        let fits = untracked.is_some_and(|count| [BASE_COLUMNS, BASE_COLUMNS + VALIDATION_COLUMNS].contains(&count));
        let (Some(columns), true) = (columns, fits) else {
            return Err("no history that fits the metadata".into());
        };

        let expected = format!("[records, {columns}]");
        let numbers = self.numbers("history", &expected, |shape| shape.len() == 2 && shape[1] == columns)?;
        let rows = || numbers.chunks_exact(columns);
        for row in rows() {
            // Tracked numbers may be NaN or infinite.
            check_finite("history", &row[..columns - tracked])?;
        }
        let history: Vec<Record> = rows().map(|row| row_to_record(row, tracked)).collect();

        let updates_are_whole = history.iter().zip(rows()).all(|(record, row)| record.update as f64 == row[0]);
        if !updates_are_whole {
            return Err("history: update numbers must be whole numbers from 0 to 2^64".into());
        }
        Ok(history)
    }
}

fn check_finite(name: &str, values: &[f64]) -> Result<(), String> {
    match values.iter().position(|value| !value.is_finite()) {
        Some(index) => Err(format!("{name}[{index}] = {}: must be finite", values[index])),
        None => Ok(()),
    }
}

/// A record as a row of `history`.
fn record_to_row(record: &Record) -> Vec<f64> {
    let Record { update, cost, penalty, accuracy, validation, tracked, seconds } = record;
    let mut row = vec![*update as f64, *cost, *penalty, *accuracy, *seconds];
    row.extend(validation.iter().flat_map(|score| [score.cost, score.accuracy]));
    row.extend(tracked);
    row
}

/// The inverse of [`record_to_row`]. The row ends with `tracked` tracked numbers.
fn row_to_record(row: &[f64], tracked: usize) -> Record {
    let (row, tracked) = row.split_at(row.len() - tracked);
    let validation = row.get(BASE_COLUMNS..BASE_COLUMNS + VALIDATION_COLUMNS);
    Record {
        update: row[0] as usize,
        cost: row[1],
        penalty: row[2],
        accuracy: row[3],
        validation: validation.map(|score| ValidationScore { cost: score[0], accuracy: score[1] }),
        tracked: tracked.to_vec(),
        seconds: row[4],
    }
}
