//! How good predictions are, from plain slices.
//!
//! Predictions are probabilities of label 1. A sample is predicted 1 where its probability exceeds 1/2,
//! which is where its logit exceeds 0.

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
    /// Counts the samples.
    ///
    /// # Shapes
    /// `probabilities` and `labels` are `[m]`.
    pub fn new(probabilities: &[f64], labels: &[u8]) -> Self {
        let mut counts = Self::default();
        for (&probability, &label) in probabilities.iter().zip(labels) {
            let cell = match (label, probability > 0.5) {
                (0, false) => &mut counts.true_negative,
                (0, true) => &mut counts.false_positive,
                (_, false) => &mut counts.false_negative,
                (_, true) => &mut counts.true_positive,
            };
            *cell += 1;
        }
        counts
    }

    /// The share of samples whose label was predicted, from 0 to 1.
    pub fn accuracy(&self) -> f64 {
        let right = self.true_negative + self.true_positive;
        right as f64 / (right + self.false_positive + self.false_negative) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_go_to_the_right_cells() {
        // One sample in the first cell, two in the second, three and four in the others; 1/2 itself means 0.
        let probabilities = [0.5, 0.6, 0.9, 0.1, 0.0, 0.49, 0.51, 0.7, 0.8, 1.0];
        let labels = [0, 0, 0, 1, 1, 1, 1, 1, 1, 1];
        let counts = Confusion::new(&probabilities, &labels);
        let expected = Confusion { true_negative: 1, false_positive: 2, false_negative: 3, true_positive: 4 };
        assert_eq!(counts, expected);
        assert_eq!(counts.accuracy(), 0.5);
    }
}
