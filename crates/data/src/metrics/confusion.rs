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
    /// Counts the samples. A probability above the threshold predicts 1.
    ///
    /// # Shapes
    /// `probabilities` and `labels` are `[m]`.
    pub fn new(probabilities: &[f64], labels: &[u8], threshold: f64) -> Self {
        let mut counts = Self::default();
        for (&probability, &label) in probabilities.iter().zip(labels) {
            let cell = match (label, probability > threshold) {
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
        self.zeros() + self.ones()
    }

    /// The fraction of samples that are predicted right, from 0 to 1; NaN without samples.
    pub fn accuracy(&self) -> f64 {
        (self.true_negative + self.true_positive) as f64 / self.samples() as f64
    }

    /// The mean of the recalls of both classes; undefined if a class has no samples.
    pub fn balanced_accuracy(&self) -> Option<f64> {
        Some((self.recall()? + fraction(self.true_negative, self.zeros())?) / 2.0)
    }

    /// The fraction of ones among the samples predicted 1; undefined if no sample is predicted 1.
    pub fn precision(&self) -> Option<f64> {
        fraction(self.true_positive, self.true_positive + self.false_positive)
    }

    /// The fraction of the ones that are predicted 1; undefined without ones.
    pub fn recall(&self) -> Option<f64> {
        fraction(self.true_positive, self.ones())
    }

    /// The harmonic mean of precision and recall; undefined if there are no ones and none are predicted.
    pub fn f1(&self) -> Option<f64> {
        fraction(2 * self.true_positive, 2 * self.true_positive + self.false_positive + self.false_negative)
    }

    /// The number of samples with label 0.
    pub fn zeros(&self) -> usize {
        self.true_negative + self.false_positive
    }

    /// The number of samples with label 1.
    pub fn ones(&self) -> usize {
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
        // One, two, three and four samples in the four cells. A probability equal to the threshold predicts 0.
        let probabilities = [0.5, 0.6, 0.9, 0.1, 0.0, 0.49, 0.51, 0.7, 0.8, 1.0];
        let labels = [0, 0, 0, 1, 1, 1, 1, 1, 1, 1];
        let counts = Confusion::new(&probabilities, &labels, 0.5);
        let expected = Confusion { true_negative: 1, false_positive: 2, false_negative: 3, true_positive: 4 };
        assert_eq!(counts, expected);
        assert_eq!(counts.accuracy(), 0.5);
    }

    #[test]
    fn a_lower_threshold_predicts_more_ones() {
        let counts = Confusion::new(&[0.2, 0.4, 0.6], &[0, 1, 1], 0.3);
        assert_eq!(counts, Confusion { true_negative: 1, false_positive: 0, false_negative: 0, true_positive: 2 });
    }
}
