//! Counts of actual against predicted labels, and what follows from the counts alone.
//!
//! ```text
//! accuracy           (tp + tn) / m
//! precision          tp / (tp + fp)
//! recall             tp / (tp + fn)
//! balanced accuracy  (tp / (tp + fn) + tn / (tn + fp)) / 2
//! F1                 2 tp / (2 tp + fp + fn)
//! ```
//!
//! A quotient whose divisor is 0 is undefined. So is balanced accuracy with a single class, for which scikit-learn
//! warns and takes the recall of the class that is there.
//!
//! Leaves out: what depends on the probabilities themselves. That is [`super::Scores`].

use serde::Serialize;

/// Counts of actual against predicted labels.
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
    /// Counts the samples; those are predicted 1 whose probability exceeds the threshold.
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

    /// The share of samples whose label was predicted, from 0 to 1; NaN without samples.
    pub fn accuracy(&self) -> f64 {
        (self.true_negative + self.true_positive) as f64 / self.samples() as f64
    }

    /// The mean of the shares found of each class; undefined where a class is missing.
    pub fn balanced_accuracy(&self) -> Option<f64> {
        Some((self.recall()? + share(self.true_negative, self.zeros())?) / 2.0)
    }

    /// The share of ones among what was predicted 1; undefined where nothing was.
    pub fn precision(&self) -> Option<f64> {
        share(self.true_positive, self.true_positive + self.false_positive)
    }

    /// The share of the ones that was predicted 1; undefined without ones.
    pub fn recall(&self) -> Option<f64> {
        share(self.true_positive, self.ones())
    }

    /// The harmonic mean of precision and recall; undefined where there are no ones and none were predicted.
    pub fn f1(&self) -> Option<f64> {
        share(2 * self.true_positive, 2 * self.true_positive + self.false_positive + self.false_negative)
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

fn share(part: usize, whole: usize) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_go_to_the_right_cells() {
        // One sample in the first cell, two in the second, three and four in the others; 1/2 itself means 0.
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
