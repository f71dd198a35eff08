//! How good predictions are, from plain slices.
//!
//! Predictions are probabilities of label 1. A sample is predicted 1 where its probability exceeds a threshold.
//! [`Scores`] are the numbers, [`intervals()`] tells how far the sample decides them, [`roc`], [`precision_recall`]
//! and [`calibration`] are what pictures show, and [`best_threshold`] chooses where to cut.
//!
//! The definitions are scikit-learn's, with one difference: what is undefined is `None` here and never 0.
//!
//! Leaves out: more than two classes, sample weights, and drawing.

mod bootstrap;
mod confusion;
mod curves;
mod proportion;
mod ranking;
mod scores;
mod threshold;

pub use bootstrap::{Differences, FEWEST, Interval, Intervals, intervals};
pub use confusion::Confusion;
pub use curves::{Bin, calibration, calibration_error, precision_recall, roc};
pub use proportion::{mcnemar, wilson};
pub use scores::Scores;
pub use threshold::{Criterion, Threshold, best_threshold};
