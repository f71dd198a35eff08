//! Predictions of a stored model for any table with the columns that it needs.
//!
//! The table is read and predicted in blocks of rows. For predictions, memory does not grow with the table, unless it is a
//! Parquet file, which is in memory as a whole. An evaluation keeps the logit and the label of each row, 9 bytes.

use std::io::Read;

use serde::Serialize;

use crate::data::metrics::{CalibrationBin, Intervals, Scores, calibration, calibration_error, intervals};
use crate::data::numpy::RandomState;
use crate::data::table::{Block, BlockReader, LabelMode};
use crate::data::text::{grouped, plural};
use crate::data::{self, FloatType};
use crate::error::{Error, Result};
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
    /// The words in place of these labels with their counts. `None` if the cells were empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unlabelled_words: Option<String>,
    /// The number of empty rows at the end of a text file, which were left out.
    pub empty_rows: usize,
    /// A logit above the logit of this probability predicts class 1.
    pub threshold: f64,
    /// The scores of the model.
    pub scores: Scores,
    /// The confidence intervals of the scores.
    pub intervals: Intervals,
    /// The expected calibration error, see [`calibration_error()`].
    pub calibration_error: f64,
    /// The calibration table: bins of rows with similar probabilities.
    pub calibration: Vec<CalibrationBin>,
}

/// Reads a table in blocks and predicts each block.
///
/// A prediction that is not a finite number is an error, never an answer.
pub struct Predictions<'a, R> {
    model: &'a ModelFile,
    rows: BlockReader<R>,
    /// The error of the row after the last block. The next call returns it.
    pending_error: Option<Error>,
}

/// The predictions for one block of rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Predicted {
    /// The raw inputs of the rows, `[m, d]` row by row.
    pub x: Vec<f64>,
    /// The logit of class 1 for each row. Its sigmoid is the probability. All are finite.
    pub logits: Vec<f64>,
    /// The labels, 0 or 1, if they were requested.
    pub labels: Option<Vec<u8>>,
}

impl<'a, R: Read> Predictions<'a, R> {
    /// Reads the header and finds the columns. `name` is the name of the table in messages.
    ///
    /// # Errors
    /// When the table cannot be read, or lacks a column of the model or a requested label.
    pub fn open(model: &'a ModelFile, source: R, name: &str, label: LabelMode) -> Result<Self> {
        let rows = BlockReader::open(source, name, &model.metadata.schema, label)?;
        Ok(Self { model, rows: rows.with_input_check(size_check(model)), pending_error: None })
    }

    /// Predicts the next rows. `None` means that all rows have been predicted.
    ///
    /// # Errors
    /// When a row cannot be read, has a category that the model does not know, or has inputs that are too large for the model.
    /// The rows before it are returned first.
    pub fn next_block(&mut self) -> Result<Option<Predicted>> {
        if let Some(error) = self.pending_error.take() {
            return Err(error);
        }
        let Some(Block { mut x, y: mut labels }) = self.rows.next_block(BLOCK)? else {
            return Ok(None);
        };
        let mut logits = self.model.logits(&x);
        if let Some(row) = logits.iter().position(|logit| !logit.is_finite()) {
            let error = self.not_finite(row, &x, logits[row]);
            if row == 0 {
                return Err(error);
            }
            self.pending_error = Some(error);
            logits.truncate(row);
            x.truncate(row * self.model.parameters.features);
            labels.iter_mut().for_each(|labels| labels.truncate(row));
        }
        Ok(Some(Predicted { x, logits, labels }))
    }

    /// The number of empty rows at the end of a text file. They are left out.
    pub fn empty_rows(&self) -> usize {
        self.rows.empty_rows()
    }

    /// The error for a row of the block with inputs `x` whose logit is not finite.
    fn not_finite(&self, row: usize, x: &[f64], logit: f64) -> Error {
        let ModelFile { parameters, precision, metadata, .. } = self.model;
        let inputs = x.chunks_exact(parameters.features).nth(row).unwrap_or_default();
        let mut scaled = inputs.to_vec();
        metadata.scaling.iter().for_each(|scaling| scaling.transform(&mut scaled));
        let largest = (0..inputs.len()).max_by(|&a, &b| scaled[a].abs().total_cmp(&scaled[b].abs()));
        let largest = largest.map_or_else(String::new, |input| {
            format!("; the largest is {} = {:?}", metadata.schema.inputs()[input], inputs[input])
        });
        let message =
            format!("the logit is {logit}: the inputs are too large together for this {precision} model{largest}");
        self.rows.row_error(row, message).into()
    }
}

/// A check that an input, once it is scaled, is finite in the float type of the model.
fn size_check(model: &ModelFile) -> impl Fn(usize, f64) -> Result<(), String> + Send + Sync + 'static {
    let (precision, scaling) = (model.precision, model.metadata.scaling.clone());
    move |index, input| {
        let scaled = scaling.as_ref().map_or(input, |scaling| scaling.scaled(index, input));
        let fits = precision.round(scaled).is_finite();
        let [limit, _] = FloatType::from(precision).limits();
        let after_scaling = if scaling.is_some() { " after scaling" } else { "" };
        let message =
            || format!("too large for this {precision} model: must be from -{limit} to {limit}{after_scaling}");
        if fits { Ok(()) } else { Err(message()) }
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
    let (mut logits, mut labels) = (Vec::new(), Vec::new());
    while let Some(block) = predictions.next_block()? {
        logits.extend(block.logits);
        labels.extend(block.labels.unwrap_or_default());
    }
    if labels.is_empty() {
        let message = match (predictions.rows.unlabelled_rows(), predictions.rows.unlabelled_words()) {
            (0, _) => "has a header and no rows".into(),
            (_, None) => "no row has a label".into(),
            (rows, Some(words)) => format!(
                "no row has a label; {} {} left out as unlabelled ({words}): if one of these words is a value here, train the \
                 network without it in data.missing",
                grouped(rows),
                plural(rows, "row")
            ),
        };
        let error = data::error::Error::Table { place: name.into(), message };
        return Err(error.into());
    }
    let bins = calibration(&logits, &labels, BINS);
    let positives = labels.iter().filter(|&&label| label == 1).count();
    Ok(Evaluation {
        samples: labels.len(),
        unlabelled: predictions.rows.unlabelled_rows(),
        unlabelled_words: predictions.rows.unlabelled_words(),
        empty_rows: predictions.empty_rows(),
        class_counts: [labels.len() - positives, positives],
        threshold,
        scores: Scores::new(&logits, &labels, threshold),
        intervals: intervals(&logits, &labels, threshold, None, &mut RandomState::new(SEED)),
        calibration_error: calibration_error(&bins),
        calibration: bins,
    })
}
