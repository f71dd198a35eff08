//! All scores of predictions on one set of samples.
//!
//! ```text
//! log loss  mean of -ln p where the label is 1, of -ln(1 - p) where it is 0 = mean of softplus(u),  u = (1 - 2 y) z
//! Brier     mean of (p - y)^2                                               = mean of sigmoid(u)^2
//! ```
//!
//! z is the logit and p = sigmoid(z). The forms with u neither overflow nor cancel, and the first is the cost of training. The
//! other scores follow from the confusion matrix ([`super::Confusion`]) or from the ranking (ROC AUC, average precision). All
//! are defined as in scikit-learn 1.9: `log_loss`, `brier_score_loss`, `roc_auc_score`, `average_precision_score` and so on.
//! One difference: scikit-learn's `log_loss` takes probabilities and clips them.

use serde::Serialize;

use super::confusion::Confusion;
use super::ranking::{RankingScores, groups};
use crate::logistic::{cross_entropy, sigmoid};

/// The scores of predictions on one set of samples. A score that is undefined is `None`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Scores {
    /// Log loss, the mean cross-entropy. It is defined for all finite logits. A logit of plus or minus infinity, which is a
    /// prediction with certainty, has no finite loss if it is wrong.
    pub cost: Option<f64>,
    /// The fraction of samples that are predicted right.
    pub accuracy: f64,
    /// The mean of the recalls of both classes.
    pub balanced_accuracy: Option<f64>,
    /// The fraction of positive samples among those predicted 1.
    pub precision: Option<f64>,
    /// The fraction of the positive samples that are predicted 1.
    pub recall: Option<f64>,
    /// The harmonic mean of precision and recall.
    pub f1: Option<f64>,
    /// The area under the ROC curve: the fraction of pairs of a positive and a negative sample with the positive one ranked
    /// higher. A tie counts half.
    pub roc_auc: Option<f64>,
    /// The mean over the positive samples of the precision at their position in the ranking.
    pub average_precision: Option<f64>,
    /// The mean squared difference between probability and label.
    pub brier: f64,
    /// The confusion matrix.
    pub confusion: Confusion,
}

impl Scores {
    /// Scores predicted logits of label 1. A logit above that of the threshold, which is a probability, predicts 1.
    ///
    /// Without samples, accuracy and Brier score are NaN.
    ///
    /// # Shapes
    /// `logits` and `labels` are `[m]`.
    pub fn new(logits: &[f64], labels: &[u8], threshold: f64) -> Self {
        let confusion = Confusion::new(logits, labels, threshold);
        let mut ranking = RankingScores::default();
        groups(logits, labels).iter().for_each(|group| ranking.add(group.counts));
        Self {
            cost: Some(mean(logits, labels, cross_entropy)).filter(|cost| cost.is_finite()),
            accuracy: confusion.accuracy(),
            balanced_accuracy: confusion.balanced_accuracy(),
            precision: confusion.precision(),
            recall: confusion.recall(),
            f1: confusion.f1(),
            roc_auc: ranking.roc_auc(),
            average_precision: ranking.average_precision(),
            brier: mean(logits, labels, squared_error),
            confusion,
        }
    }
}

/// The term of one sample in the Brier score.
pub(super) fn squared_error(logit: f64, label: u8) -> f64 {
    sigmoid(if label == 1 { -logit } else { logit }).powi(2)
}

/// The mean of a term over all samples.
fn mean(logits: &[f64], labels: &[u8], term: fn(f64, u8) -> f64) -> f64 {
    let count = labels.len() as f64;
    let sum = |divisor: f64| {
        let terms = logits.iter().zip(labels).map(|(&z, &label)| term(z, label) / divisor);
        terms.sum::<f64>()
    };
    let mean = sum(1.0) / count;
    // The sum of finite terms may overflow. Their mean does not.
    if mean.is_infinite() { sum(count) } else { mean }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logits_whose_probabilities_round_to_0_or_1_have_finite_scores() {
        // The probabilities of the first three are exactly 1. They do not tie, and each loss is that of its logit.
        let scores = Scores::new(&[50.0, 40.0, 800.0, -800.0], &[1, 0, 1, 1], 0.5);
        assert_eq!((scores.cost, scores.roc_auc), (Some((40.0 + 800.0) / 4.0), Some(2.0 / 3.0)));
        assert_eq!((scores.brier, scores.accuracy), (0.5, 0.5));
        let largest = Scores::new(&[f64::MAX, f64::MAX], &[0, 0], 0.5);
        assert_eq!((largest.cost, largest.brier), (Some(f64::MAX), 1.0));
    }

    #[test]
    fn a_certain_prediction_has_loss_zero_if_right_and_none_if_wrong() {
        let infinite = f64::INFINITY;
        let right = Scores::new(&[-infinite, infinite], &[0, 1], 0.5);
        assert_eq!((right.cost, right.brier, right.roc_auc), (Some(0.0), 0.0, Some(1.0)));
        let wrong = Scores::new(&[-infinite, infinite, -infinite], &[0, 1, 1], 0.5);
        assert_eq!((wrong.cost, wrong.brier), (None, 1.0 / 3.0));
    }

    #[test]
    fn undefined_scores_are_none() {
        let negatives = Scores::new(&[-0.1, -0.2], &[0, 0], 0.5);
        let undefined = [
            negatives.balanced_accuracy,
            negatives.precision,
            negatives.recall,
            negatives.f1,
            negatives.roc_auc,
            negatives.average_precision,
        ];
        assert_eq!((undefined, negatives.accuracy), ([None; 6], 1.0));
        assert_eq!(Scores::new(&[], &[], 0.5).cost, None);
    }
}
