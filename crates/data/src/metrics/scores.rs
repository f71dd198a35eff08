//! Everything that is told about predictions in numbers.
//!
//! ```text
//! log loss  mean of -ln p where the label is 1, of -ln(1 - p) where it is 0
//! Brier     mean of (p - y)^2
//! ```
//!
//! The others follow from the counts ([`super::Confusion`]) or from the ranking (ROC AUC, average precision). All are
//! those of scikit-learn 1.9: `log_loss` (which clips probabilities, as is not done here), `brier_score_loss`,
//! `roc_auc_score`, `average_precision_score` and so on.
//!
//! Leaves out: how far another sample would give other numbers. That is [`super::intervals()`].

use serde::Serialize;

use super::Confusion;
use super::ranking::{Tally, groups};

/// The numbers for predictions of one set of samples. What is undefined there is `None`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Scores {
    /// Log loss, the mean cross-entropy; infinite where a probability of 0 or 1 was wrong, which JSON has as null.
    pub cost: f64,
    /// The share of labels predicted.
    pub accuracy: f64,
    /// The mean of the shares predicted of each class.
    pub balanced_accuracy: Option<f64>,
    /// The share of ones among what was predicted 1.
    pub precision: Option<f64>,
    /// The share of the ones that was predicted 1.
    pub recall: Option<f64>,
    /// The harmonic mean of precision and recall.
    pub f1: Option<f64>,
    /// The area under the ROC curve: how often a one ranks above a zero, a tie counting half.
    pub roc_auc: Option<f64>,
    /// The mean precision over the ones, each at its own place in the ranking.
    pub average_precision: Option<f64>,
    /// The mean squared distance of probability and label.
    pub brier: f64,
    /// The counts behind the shares.
    pub confusion: Confusion,
}

impl Scores {
    /// Scores probabilities of label 1; those above the threshold are predictions of it.
    ///
    /// Without samples the means are NaN.
    ///
    /// # Shapes
    /// `probabilities` and `labels` are `[m]`.
    pub fn new(probabilities: &[f64], labels: &[u8], threshold: f64) -> Self {
        let confusion = Confusion::new(probabilities, labels, threshold);
        let mut ranking = Tally::default();
        groups(probabilities, labels).iter().for_each(|group| ranking.add(group.counts));
        let mean = |term: fn(f64, u8) -> f64| {
            probabilities.iter().zip(labels).map(|(&p, &label)| term(p, label)).sum::<f64>() / labels.len() as f64
        };
        Self {
            cost: mean(log_loss),
            accuracy: confusion.accuracy(),
            balanced_accuracy: confusion.balanced_accuracy(),
            precision: confusion.precision(),
            recall: confusion.recall(),
            f1: confusion.f1(),
            roc_auc: ranking.roc_auc(),
            average_precision: ranking.average_precision(),
            brier: mean(squared_error),
            confusion,
        }
    }
}

/// One sample's log loss. The logarithms are never positive, and `abs` leaves no sign on a zero.
pub(super) fn log_loss(probability: f64, label: u8) -> f64 {
    if label == 1 { probability.ln().abs() } else { (-probability).ln_1p().abs() }
}

/// One sample's term of the Brier score.
pub(super) fn squared_error(probability: f64, label: u8) -> f64 {
    (probability - f64::from(label)).powi(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn certainty_costs_nothing_where_it_is_right_and_everything_where_it_is_wrong() {
        let right = Scores::new(&[0.0, 1.0], &[0, 1], 0.5);
        assert_eq!((right.cost, right.brier, right.roc_auc), (0.0, 0.0, Some(1.0)));
        let wrong = Scores::new(&[0.0, 1.0, 0.0], &[0, 1, 1], 0.5);
        assert_eq!(wrong.cost, f64::INFINITY);
        let json = serde_json::to_value(wrong).unwrap();
        assert!(json["cost"].is_null() && json["brier"].is_number(), "{json}");
    }

    #[test]
    fn what_is_undefined_is_none() {
        let zeros = Scores::new(&[0.1, 0.2], &[0, 0], 0.5);
        let undefined = [zeros.balanced_accuracy, zeros.precision, zeros.recall, zeros.f1, zeros.roc_auc];
        assert_eq!((undefined, zeros.average_precision, zeros.accuracy), ([None; 5], None, 1.0));
    }
}
