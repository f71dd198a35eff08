//! Metrics of binary classification, computed from plain slices.
//!
//! A prediction is a logit z, and the probability of label 1 is sigmoid(z). It predicts class 1 if the logit is above that of
//! a threshold, ln(t / (1 - t)), otherwise class 0. At t = 1/2 that is z > 0.
//!
//! Scores are computed from logits, because probabilities near 0 and 1 are rounded: a wrong one of 1 would have an infinite
//! loss, and two of 1 would tie.
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
pub use curves::{CalibrationBin, calibration, calibration_error, precision_recall, roc};
pub use interval::Interval;
pub use proportion::{mcnemar, wilson};
pub use scores::Scores;
pub use threshold::{Threshold, ThresholdMetric, best_threshold};
