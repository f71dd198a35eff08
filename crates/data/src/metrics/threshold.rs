//! The choice of the threshold for predictions.
//!
//! All thresholds between two neighbouring logits give the same predictions, so one candidate per gap is enough: the middle
//! between their probabilities. The gaps below the lowest logit (all predicted 1) and above the highest (all predicted 0) count
//! too. A gap is left out if no probability lies in it: those of the logits 40 and 50 are both 1.
//!
//! The chosen threshold predicts exactly the classes that its score was computed from, here and wherever it is used later.
//!
//! Choose a threshold on other rows than those that the score is reported for.
//!
//! Not covered: different costs of false positives and false negatives.

use std::fmt;

use serde::de::{self, IntoDeserializer as _, Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use super::ranking::{groups, totals};
use crate::checked_numbers::Fraction;
use crate::logistic::{logit, sigmoid};

/// A threshold, or a metric to choose it by.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Threshold {
    /// This threshold.
    Fixed(Fraction),
    /// The threshold with the best score on the validation samples.
    Best(ThresholdMetric),
}

/// The metric that a threshold is chosen by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ThresholdMetric {
    /// [`super::Confusion::balanced_accuracy`].
    BalancedAccuracy,
    /// [`super::Confusion::f1`].
    F1,
}

impl Threshold {
    /// The fixed threshold, or the best one on these samples.
    ///
    /// # Shapes
    /// `logits` and `labels` are `[m]`.
    pub fn choose(self, logits: &[f64], labels: &[u8]) -> f64 {
        match self {
            Self::Fixed(threshold) => threshold.get(),
            Self::Best(metric) => best_threshold(logits, labels, metric),
        }
    }

    /// The fixed threshold. 1/2 if the threshold should be chosen, for use where there are no samples to choose it on.
    pub fn fixed_or_half(self) -> f64 {
        match self {
            Self::Fixed(threshold) => threshold.get(),
            Self::Best(_) => 0.5,
        }
    }
}

impl<'de> Deserialize<'de> for Threshold {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ThresholdVisitor;

        impl Visitor<'_> for ThresholdVisitor {
            type Value = Threshold;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number from 0 to below 1, \"balanced_accuracy\" or \"f1\"")
            }

            fn visit_f64<E: de::Error>(self, value: f64) -> Result<Threshold, E> {
                Fraction::try_from(value)
                    .map(Threshold::Fixed)
                    .map_err(|_| E::invalid_value(Unexpected::Float(value), &self))
            }

            fn visit_i64<E: de::Error>(self, value: i64) -> Result<Threshold, E> {
                self.visit_f64(value as f64)
            }

            fn visit_str<E: de::Error>(self, name: &str) -> Result<Threshold, E> {
                let metric = ThresholdMetric::deserialize(name.into_deserializer());
                metric
                    .map(Threshold::Best)
                    .map_err(|_: E| E::invalid_value(Unexpected::Str(name), &self))
            }
        }

        deserializer.deserialize_any(ThresholdVisitor)
    }
}

/// The threshold with the highest score on these samples. If several are equally good, the one nearest to 1/2.
///
/// It is 1/2 if the score is undefined: without positive samples, and for balanced accuracy with a single class.
///
/// # Shapes
/// `logits` and `labels` are `[m]`.
pub fn best_threshold(logits: &[f64], labels: &[u8], metric: ThresholdMetric) -> f64 {
    let groups = groups(logits, labels);
    let [negatives, positives] = totals(&groups);
    if positives == 0 || (metric == ThresholdMetric::BalancedAccuracy && negatives == 0) {
        return 0.5;
    }
    let score = |[false_positive, true_positive]: [u64; 2]| match metric {
        // Balanced accuracy times 2 negatives positives. That is a whole number, so equal scores compare as equal.
        ThresholdMetric::BalancedAccuracy => {
            (true_positive * negatives + (negatives - false_positive) * positives) as f64
        }
        ThresholdMetric::F1 => 2.0 * true_positive as f64 / (true_positive + false_positive + positives) as f64,
    };

    let highest = groups.first().map_or(f64::INFINITY, |group| group.logit);
    let above_all = threshold_between(highest, f64::INFINITY).unwrap_or(1.0);
    let (mut best_score, mut best_threshold) = (score([0, 0]), above_all);
    let mut counts_above = [0, 0];
    for (i, group) in groups.iter().enumerate() {
        counts_above = [counts_above[0] + group.counts[0], counts_above[1] + group.counts[1]];
        let next = groups.get(i + 1).map_or(f64::NEG_INFINITY, |next| next.logit);
        let Some(threshold) = threshold_between(next, group.logit) else {
            continue;
        };
        let score = score(counts_above);
        let nearer_to_half = (threshold - 0.5).abs() < (best_threshold - 0.5_f64).abs();
        if score > best_score || (score == best_score && nearer_to_half) {
            (best_score, best_threshold) = (score, threshold);
        }
    }
    best_threshold
}

/// A threshold that predicts 0 for a logit of `lower` and 1 for one of `upper`: the middle between their probabilities, or one
/// of these where rounding leaves nothing between them.
fn threshold_between(lower: f64, upper: f64) -> Option<f64> {
    let probabilities = [lower, upper].map(sigmoid);
    let middle = f64::midpoint(probabilities[0], probabilities[1]);
    let mut candidates = [middle, probabilities[0], probabilities[1]].into_iter();
    candidates.find(|&threshold| (lower..upper).contains(&logit(threshold)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::Confusion;
    use crate::numpy::RandomState;

    const METRICS: [ThresholdMetric; 2] = [ThresholdMetric::BalancedAccuracy, ThresholdMetric::F1];

    fn score(logits: &[f64], labels: &[u8], threshold: f64, metric: ThresholdMetric) -> f64 {
        let confusion = Confusion::new(logits, labels, threshold);
        let score = match metric {
            ThresholdMetric::BalancedAccuracy => confusion.balanced_accuracy(),
            ThresholdMetric::F1 => confusion.f1(),
        };
        score.unwrap_or(0.0)
    }

    #[test]
    fn no_threshold_is_better_than_the_best_threshold() {
        let mut random = RandomState::new(5);
        for _ in 0..100 {
            let labels: Vec<u8> = (0..30).map(|i| u8::from(i < 2 || random.uniform() < 0.3)).collect();
            let noisy = |&label: &u8| ((random.uniform() + 0.4 * f64::from(label)) / 1.4 * 20.0).round() / 20.0;
            let logits: Vec<f64> = labels.iter().map(noisy).map(logit).collect();
            for metric in METRICS {
                let threshold = best_threshold(&logits, &labels, metric);
                let found = score(&logits, &labels, threshold, metric);
                let scores = (0..=200).map(|i| score(&logits, &labels, f64::from(i) / 200.0, metric));
                let best = scores.fold(0.0, f64::max);
                // Two scores that are equal as exact fractions may differ by rounding.
                assert!(found >= best - f64::EPSILON, "{found} {best}");
            }
        }
    }

    /// The logits are so large that many of their probabilities are equal, 0 or 1.
    #[test]
    fn no_probability_is_a_better_threshold_for_large_logits() {
        let mut random = RandomState::new(6);
        for round in 0..200 {
            let labels: Vec<u8> = (0..20).map(|_| u8::from(random.uniform() < 0.5)).collect();
            let size = [1e-17, 1.0, 36.0, 800.0][round % 4];
            let logits: Vec<f64> = labels.iter().map(|&y| size * (random.normal() + f64::from(y))).collect();
            for metric in METRICS {
                let threshold = best_threshold(&logits, &labels, metric);
                let found = score(&logits, &labels, threshold, metric);
                let probabilities = logits.iter().map(|&z| sigmoid(z));
                let near = probabilities.flat_map(|p| [p, p.next_down().max(0.0), p.next_up().min(1.0)]);
                let best = near
                    .chain([0.0, 0.5, 1.0])
                    .map(|threshold| score(&logits, &labels, threshold, metric));
                assert!(found >= best.fold(0.0, f64::max) - f64::EPSILON, "{metric:?} {logits:?} {labels:?}");
            }
        }
    }

    #[test]
    fn the_threshold_is_the_middle_of_a_gap_and_near_one_half() {
        let best = |probabilities: &[f64], labels: &[u8], metric| {
            let logits: Vec<f64> = probabilities.iter().map(|&p| logit(p)).collect();
            best_threshold(&logits, labels, metric)
        };
        // A logit is rounded, so its probability may differ from the given one in the last place.
        let near = |found: f64, expected: f64| assert!((found - expected).abs() < 1e-15, "{found}, {expected}");
        near(best(&[0.125, 0.25, 0.75], &[0, 1, 1], ThresholdMetric::F1), 0.1875);
        // The gaps from 1/8 to 3/8 and from 3/8 to 7/8 are equally good. The middle of the second is nearer to 1/2.
        near(best(&[0.125, 0.375, 0.375, 0.875], &[0, 0, 1, 1], ThresholdMetric::BalancedAccuracy), 0.625);
        assert_eq!(best(&[0.2, 0.3], &[0, 0], ThresholdMetric::F1), 0.5);
    }

    #[test]
    fn only_thresholds_that_exist_as_a_probability_are_chosen() {
        let best = |logits: [f64; 2]| best_threshold(&logits, &[0, 1], ThresholdMetric::BalancedAccuracy);
        // Both probabilities are 1/2, and 1/2 itself is between the logits.
        assert_eq!(best([0.0, 1e-20]), 0.5);
        // No probability is between these logits, so all samples are predicted alike.
        assert_eq!(best([1e-21, 1e-20]), 0.75);
        assert_eq!(best([40.0, 50.0]), 0.5);
        // A threshold of 0 predicts every sample 1, also with a probability of 0.
        assert_eq!(best_threshold(&[-800.0], &[1], ThresholdMetric::F1), 0.0);
        assert_eq!(best_threshold(&[-800.0, -700.0], &[0, 1], ThresholdMetric::F1), sigmoid(-700.0) / 2.0);
    }
}
