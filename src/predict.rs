//! Predictions of a stored model for any table that has its columns.
//!
//! The table goes through a block at a time: memory does not grow with it.
//!
//! Leaves out: training, and what is printed.

use std::io::Read;

use serde::Serialize;

use crate::data;
use crate::data::metrics::{Bin, Intervals, Scores, calibration, calibration_error, intervals};
use crate::data::numpy::RandomState;
use crate::data::table::{Block, BlockReader, LabelMode};
use crate::error::Result;
use crate::files::model_file::ModelFile;

/// Rows that are read and predicted together.
const BLOCK: usize = 8_192;
/// The bins of the calibration table.
const BINS: usize = 10;
/// The seed of the resamples behind intervals: the same predictions have the same intervals.
const SEED: u32 = 0;

/// How good a stored model is on a table.
#[derive(Clone, Debug, Serialize)]
pub struct Evaluation {
    /// How many rows were predicted.
    pub samples: usize,
    /// How many of them are of class 0 and class 1.
    pub class_counts: [usize; 2],
    /// How many more were passed over because they have no label.
    pub unlabelled: usize,
    /// Probabilities above it are predictions of class 1.
    pub threshold: f64,
    /// The model's scores.
    pub scores: Scores,
    /// How far they may be off.
    pub intervals: Intervals,
    /// The mean distance of probabilities and shares over the bins.
    pub calibration_error: f64,
    /// The share of ones among rows of similar probability.
    pub calibration: Vec<Bin>,
}

/// A table on its way through a model.
pub struct Predictions<'a, R> {
    model: &'a ModelFile,
    rows: BlockReader<R>,
}

/// Some rows' predictions.
#[derive(Clone, Debug, PartialEq)]
pub struct Predicted {
    /// The probability of class 1 for each row.
    pub probabilities: Vec<f64>,
    /// The labels, 0 or 1, where they were asked for.
    pub labels: Option<Vec<u8>>,
}

impl<'a, R: Read> Predictions<'a, R> {
    /// Reads the header, and finds the columns. `name` stands for the table in messages.
    ///
    /// # Errors
    /// When the table cannot be read or lacks a column that the model takes, or the label if it is asked for.
    pub fn open(model: &'a ModelFile, source: R, name: &str, label: LabelMode) -> Result<Self> {
        Ok(Self { model, rows: BlockReader::open(source, name, &model.metadata.schema, label)? })
    }

    /// Predicts the next rows; none are left after the last.
    ///
    /// # Errors
    /// When a row cannot be read, or has what the model does not know. The rows before it come first.
    pub fn next_block(&mut self) -> Result<Option<Predicted>> {
        let block = self.rows.next_block(BLOCK)?;
        Ok(block.map(|Block { mut x, y }| Predicted { probabilities: self.model.probabilities(&mut x), labels: y }))
    }
}

/// Holds a model against a table that has the label too, in every row or in those that count.
///
/// # Errors
/// As for [`Predictions`], and when the table has no rows or an unknown label.
pub fn evaluate(
    model: &ModelFile,
    source: impl Read,
    name: &str,
    label: LabelMode,
    threshold: f64,
) -> Result<Evaluation> {
    let mut predictions = Predictions::open(model, source, name, label)?;
    let (mut probabilities, mut labels) = (Vec::new(), Vec::new());
    while let Some(block) = predictions.next_block()? {
        probabilities.extend(block.probabilities);
        labels.extend(block.labels.unwrap_or_default());
    }
    if labels.is_empty() {
        let message = if predictions.rows.unlabelled_rows() > 0 {
            "no row has a label"
        } else {
            "has a header and no rows"
        };
        let error = data::error::Error::Table { place: name.into(), message: message.into() };
        return Err(error.into());
    }
    let bins = calibration(&probabilities, &labels, BINS);
    let ones = labels.iter().filter(|&&label| label == 1).count();
    Ok(Evaluation {
        samples: labels.len(),
        unlabelled: predictions.rows.unlabelled_rows(),
        class_counts: [labels.len() - ones, ones],
        threshold,
        scores: Scores::new(&probabilities, &labels, threshold),
        intervals: intervals(&probabilities, &labels, threshold, None, &mut RandomState::new(SEED)),
        calibration_error: calibration_error(&bins),
        calibration: bins,
    })
}
