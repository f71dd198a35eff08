//! Metrics of binary classification, computed from plain slices.
//!
//! A prediction is a probability of label 1. It predicts class 1 if the probability is above a threshold, otherwise class 0.
//!
//! - [`Scores`]: accuracy, ROC AUC, log loss and so on.
//! - [`intervals()`]: confidence intervals of the scores.
//! - [`roc`], [`precision_recall`] and [`calibration`]: the points of curves.
//! - [`best_threshold`]: the threshold with the highest score.
//!
//! The definitions are those of scikit-learn, with one difference: a metric that is undefined is `None` here and never 0.
//!
//! Not covered: more than two classes, and sample weights.

mod bootstrap;
mod confusion;
mod curves;
mod interval;
mod proportion;
mod ranking;
mod scores;
mod threshold;

pub use bootstrap::{Differences, Intervals, MIN_ROWS_PER_CLASS, intervals};
pub use confusion::Confusion;
pub use curves::{Bin, calibration, calibration_error, precision_recall, roc};
pub use interval::Interval;
pub use proportion::{mcnemar, wilson};
pub use scores::Scores;
pub use threshold::{Criterion, Threshold, best_threshold};
