//! Predictions of a stored model for any table with the columns that it needs.
//!
//! The table is read and predicted in blocks of rows, so memory use does not grow with a table of text. A Parquet file
//! is in memory as a whole, and [`evaluate`] keeps all probabilities and labels.

use std::io::Read;

use serde::Serialize;

use crate::data;
use crate::data::metrics::{Bin, Intervals, Scores, calibration, calibration_error, intervals};
use crate::data::numpy::RandomState;
use crate::data::table::{Block, BlockReader, LabelMode};
use crate::error::Result;
use crate::files::model_file::ModelFile;

/// The number of rows that are read and predicted together.
const BLOCK: usize = 8_192;
/// The number of bins of the calibration table.
const BINS: usize = 10;
/// The seed of the bootstrap. It is fixed so that the same predictions always get the same intervals.
const SEED: u32 = 0;

/// How good a stored model is on a table.
#[derive(Clone, Debug, Serialize)]
pub struct Evaluation {
    /// The number of rows that were predicted.
    pub samples: usize,
    /// The number of rows of class 0 and of class 1.
    pub class_counts: [usize; 2],
    /// The number of further rows, which were skipped because they have no label.
    pub unlabelled: usize,
    /// A probability above it predicts class 1.
    pub threshold: f64,
    /// The scores of the model.
    pub scores: Scores,
    /// The confidence intervals of the scores.
    pub intervals: Intervals,
    /// The expected calibration error, see [`calibration_error()`].
    pub calibration_error: f64,
    /// The calibration table: bins of rows with similar probabilities.
    pub calibration: Vec<Bin>,
}

/// Reads a table in blocks and predicts each block.
pub struct Predictions<'a, R> {
    model: &'a ModelFile,
    rows: BlockReader<R>,
}

/// The predictions for one block of rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Predicted {
    /// The probability of class 1 for each row.
    pub probabilities: Vec<f64>,
    /// The labels, 0 or 1, if they were requested.
    pub labels: Option<Vec<u8>>,
}

impl<'a, R: Read> Predictions<'a, R> {
    /// Reads the header and finds the columns. `name` is the name of the table in messages.
    ///
    /// # Errors
    /// When the table cannot be read, or lacks a column of the model or a requested label.
    pub fn open(model: &'a ModelFile, source: R, name: &str, label: LabelMode) -> Result<Self> {
        Ok(Self { model, rows: BlockReader::open(source, name, &model.metadata.schema, label)? })
    }

    /// Predicts the next rows. `None` means that all rows have been predicted.
    ///
    /// # Errors
    /// When a row cannot be read, or has a category that the model does not know. The rows before it are returned first.
    pub fn next_block(&mut self) -> Result<Option<Predicted>> {
        let block = self.rows.next_block(BLOCK)?;
        Ok(block.map(|Block { mut x, y }| Predicted { probabilities: self.model.probabilities(&mut x), labels: y }))
    }
}

/// Scores a model on a table with labels. `label` says whether rows without a label are skipped or refused.
///
/// # Errors
/// Those of [`Predictions`], and when the table has no rows or an unknown label.
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
