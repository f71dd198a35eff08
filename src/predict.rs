//! Predictions of a stored model for any table that has its columns.
//!
//! The table goes through a block at a time: memory does not grow with it.
//!
//! Leaves out: training, and what is printed.

use std::io::Read;
use std::ops::ControlFlow;

use serde::Serialize;

use crate::checkpoint::Checkpoint;
use crate::data::numpy::RandomState;
use crate::data::table::{Block, Rows};
use crate::error::{Error, Result};
use crate::metrics::{Bin, Intervals, Scores, calibration, calibration_error, intervals};

/// Rows that are read and predicted together.
const BLOCK: usize = 8_192;
/// The bins of the calibration table.
const BINS: usize = 10;
/// The seed of the resamples behind intervals: the same predictions have the same intervals.
const SEED: u32 = 0;

/// How good a stored model is on a table.
#[derive(Clone, Debug, Serialize)]
pub struct Evaluation {
    /// How many rows the table has.
    pub samples: usize,
    /// How many of them are of class 0 and class 1.
    pub class_counts: [usize; 2],
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

/// Predicts a table; `visit` gets the probabilities of class 1 block by block, until it breaks off. `name` stands for the
/// table in messages.
///
/// # Errors
/// When the table cannot be read or lacks a column, when a row has what the model does not know, or when `visit` fails.
pub fn predict(
    model: &Checkpoint,
    source: impl Read,
    name: &str,
    mut visit: impl FnMut(&[f64]) -> Result<ControlFlow<()>>,
) -> Result<()> {
    for_each_block(model, source, name, false, |probabilities, _| visit(probabilities))
}

/// Holds a model against a table that has the label too.
///
/// # Errors
/// As for [`predict`], and when the table has no rows or an unknown label.
pub fn evaluate(model: &Checkpoint, source: impl Read, name: &str, threshold: f64) -> Result<Evaluation> {
    let (mut probabilities, mut labels) = (Vec::new(), Vec::new());
    for_each_block(model, source, name, true, |block, of| {
        probabilities.extend_from_slice(block);
        labels.extend(of);
        Ok(ControlFlow::Continue(()))
    })?;
    if labels.is_empty() {
        return Err(Error::Table { place: name.into(), message: "has a header and no rows".into() });
    }
    let bins = calibration(&probabilities, &labels, BINS);
    let ones = labels.iter().filter(|&&label| label == 1).count();
    Ok(Evaluation {
        samples: labels.len(),
        class_counts: [labels.len() - ones, ones],
        threshold,
        scores: Scores::new(&probabilities, &labels, threshold),
        intervals: intervals(&probabilities, &labels, threshold, None, &mut RandomState::new(SEED)),
        calibration_error: calibration_error(&bins),
        calibration: bins,
    })
}

fn for_each_block(
    model: &Checkpoint,
    source: impl Read,
    name: &str,
    with_label: bool,
    mut visit: impl FnMut(&[f64], Vec<u8>) -> Result<ControlFlow<()>>,
) -> Result<()> {
    let mut rows = Rows::open(source, name, &model.metadata.schema, with_label)?;
    while let Some(Block { mut x, y }) = rows.next_block(BLOCK)? {
        if visit(&model.probabilities(&mut x), y.unwrap_or_default())?.is_break() {
            break;
        }
    }
    Ok(())
}
