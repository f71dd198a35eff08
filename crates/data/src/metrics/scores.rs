//! All scores of predictions on one set of samples.
//!
//! ```text
//! log loss  mean of -ln p where the label is 1, of -ln(1 - p) where it is 0
//! Brier     mean of (p - y)^2
//! ```
//!
//! The others follow from the confusion matrix ([`super::Confusion`]) or from the ranking (ROC AUC, average precision). All are
//! defined as in scikit-learn 1.9: `log_loss`, `brier_score_loss`, `roc_auc_score`, `average_precision_score` and so on. One
//! difference: scikit-learn clips probabilities in `log_loss`, and this module does not.

use serde::Serialize;

use super::confusion::Confusion;
use super::ranking::{RankingScores, groups};

/// The scores of predictions on one set of samples. A score that is undefined is `None`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Scores {
    /// Log loss, the mean cross-entropy. It is infinite (null in JSON) if a probability of 0 or 1 is wrong.
    pub cost: f64,
    /// The fraction of samples that are predicted right.
    pub accuracy: f64,
    /// The mean of the recalls of both classes.
    pub balanced_accuracy: Option<f64>,
    /// The fraction of ones among the samples predicted 1.
    pub precision: Option<f64>,
    /// The fraction of the ones that are predicted 1.
    pub recall: Option<f64>,
    /// The harmonic mean of precision and recall.
    pub f1: Option<f64>,
    /// The area under the ROC curve: the fraction of pairs of a one and a zero with the one ranked higher. A tie counts half.
    pub roc_auc: Option<f64>,
    /// The mean over the ones of the precision at their position in the ranking.
    pub average_precision: Option<f64>,
    /// The mean squared difference between probability and label.
    pub brier: f64,
    /// The confusion matrix.
    pub confusion: Confusion,
}

impl Scores {
    /// Scores predicted probabilities of label 1. A probability above the threshold predicts 1.
    ///
    /// Without samples, the means are NaN.
    ///
    /// # Shapes
    /// `probabilities` and `labels` are `[m]`.
    pub fn new(probabilities: &[f64], labels: &[u8], threshold: f64) -> Self {
        let confusion = Confusion::new(probabilities, labels, threshold);
        let mut ranking = RankingScores::default();
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

/// The log loss of one sample. The logarithms are never positive, and `abs` turns -0 into 0.
pub(super) fn log_loss(probability: f64, label: u8) -> f64 {
    if label == 1 { probability.ln().abs() } else { (-probability).ln_1p().abs() }
}

/// The term of one sample in the Brier score.
pub(super) fn squared_error(probability: f64, label: u8) -> f64 {
    (probability - f64::from(label)).powi(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certain_prediction_has_loss_zero_if_right_and_infinite_if_wrong() {
        let right = Scores::new(&[0.0, 1.0], &[0, 1], 0.5);
        assert_eq!((right.cost, right.brier, right.roc_auc), (0.0, 0.0, Some(1.0)));
        let wrong = Scores::new(&[0.0, 1.0, 0.0], &[0, 1, 1], 0.5);
        assert_eq!(wrong.cost, f64::INFINITY);
        let json = serde_json::to_value(wrong).unwrap();
        assert!(json["cost"].is_null() && json["brier"].is_number(), "{json}");
    }

    #[test]
    fn undefined_scores_are_none() {
        let zeros = Scores::new(&[0.1, 0.2], &[0, 0], 0.5);
        let undefined = [zeros.balanced_accuracy, zeros.precision, zeros.recall, zeros.f1, zeros.roc_auc];
        assert_eq!((undefined, zeros.average_precision, zeros.accuracy), ([None; 5], None, 1.0));
    }
}
