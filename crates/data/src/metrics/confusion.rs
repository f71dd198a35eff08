//! The confusion matrix, and the scores that depend only on its counts.
//!
//! ```text
//! accuracy           (tp + tn) / m
//! precision          tp / (tp + fp)
//! recall             tp / (tp + fn)
//! balanced accuracy  (tp / (tp + fn) + tn / (tn + fp)) / 2
//! F1                 2 tp / (2 tp + fp + fn)
//! ```
//!
//! A quotient whose divisor is 0 is undefined. Balanced accuracy is undefined with a single class: scikit-learn warns there and
//! returns the recall of the only class.

use serde::Serialize;

use crate::logistic::logit;

/// The confusion matrix: the number of samples for each pair of actual and predicted label.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Confusion {
    /// Label 0 predicted 0.
    pub true_negative: usize,
    /// Label 0 predicted 1.
    pub false_positive: usize,
    /// Label 1 predicted 0.
    pub false_negative: usize,
    /// Label 1 predicted 1.
    pub true_positive: usize,
}

impl Confusion {
    /// Counts the samples. A logit above the logit of the threshold predicts 1.
    ///
    /// # Shapes
    /// `logits` and `labels` are `[m]`.
    pub fn new(logits: &[f64], labels: &[u8], threshold: f64) -> Self {
        let (mut counts, threshold) = (Self::default(), logit(threshold));
        for (&z, &label) in logits.iter().zip(labels) {
            let cell = match (label, z > threshold) {
                (0, false) => &mut counts.true_negative,
                (0, true) => &mut counts.false_positive,
                (_, false) => &mut counts.false_negative,
                (_, true) => &mut counts.true_positive,
            };
            *cell += 1;
        }
        counts
    }

    /// The number of samples.
    pub fn samples(&self) -> usize {
        self.negatives() + self.positives()
    }

    /// The fraction of samples that are predicted right, from 0 to 1; NaN without samples.
    pub fn accuracy(&self) -> f64 {
        (self.true_negative + self.true_positive) as f64 / self.samples() as f64
    }

    /// The mean of the recalls of both classes; undefined if a class has no samples.
    pub fn balanced_accuracy(&self) -> Option<f64> {
        Some((self.recall()? + fraction(self.true_negative, self.negatives())?) / 2.0)
    }

    /// The fraction of positive samples among those predicted 1; undefined if no sample is predicted 1.
    pub fn precision(&self) -> Option<f64> {
        fraction(self.true_positive, self.true_positive + self.false_positive)
    }

    /// The fraction of the positive samples that are predicted 1; undefined without positive samples.
    pub fn recall(&self) -> Option<f64> {
        fraction(self.true_positive, self.positives())
    }

    /// The harmonic mean of precision and recall; undefined if no sample is positive and none is predicted 1.
    pub fn f1(&self) -> Option<f64> {
        fraction(2 * self.true_positive, 2 * self.true_positive + self.false_positive + self.false_negative)
    }

    /// The number of negative samples: those with label 0.
    pub fn negatives(&self) -> usize {
        self.true_negative + self.false_positive
    }

    /// The number of positive samples: those with label 1.
    pub fn positives(&self) -> usize {
        self.false_negative + self.true_positive
    }
}

/// `None` if `whole` is 0.
fn fraction(part: usize, whole: usize) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sample_is_counted_in_its_cell() {
        // One, two, three and four samples in the four cells. A logit equal to that of the threshold predicts 0. The sigmoid
        // of 1e-20 is 1/2, and its logit is above 0 all the same.
        let logits = [0.0, 0.6, 0.9, -0.1, -1e300, -1e-20, 1e-20, 0.7, 0.8, 1e300];
        let labels = [0, 0, 0, 1, 1, 1, 1, 1, 1, 1];
        let counts = Confusion::new(&logits, &labels, 0.5);
        let expected = Confusion { true_negative: 1, false_positive: 2, false_negative: 3, true_positive: 4 };
        assert_eq!(counts, expected);
        assert_eq!(counts.accuracy(), 0.5);
    }

    #[test]
    fn a_lower_threshold_predicts_more_samples_as_1() {
        // The probabilities are 0.2, 0.4 and 0.6.
        let logits = [0.2, 0.4, 0.6].map(logit);
        let predicted = |threshold: f64| {
            let Confusion { false_positive, true_positive, .. } = Confusion::new(&logits, &[0, 1, 1], threshold);
            false_positive + true_positive
        };
        assert_eq!([0.0, 0.3, 0.5, 1.0].map(predicted), [3, 2, 1, 0]);
    }
}
