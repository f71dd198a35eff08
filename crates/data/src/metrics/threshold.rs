//! The choice of the threshold for predictions.
//!
//! All thresholds between two neighbouring probabilities give the same predictions, so one candidate per gap is enough: its
//! middle. The gaps from 0 to the lowest probability (all predicted 1) and from the highest to 1 (all predicted 0) count too.
//!
//! Choose a threshold on other rows than those that the score is reported for.
//!
//! Not covered: different costs of false positives and false negatives.

use std::fmt;

use serde::de::{self, IntoDeserializer as _, Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use super::ranking::{groups, totals};
use crate::checked_numbers::Fraction;

/// A threshold, or a criterion to choose it by.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Threshold {
    /// This threshold.
    Fixed(Fraction),
    /// The threshold with the best score on the validation samples.
    Best(Criterion),
}

/// The score that a threshold is chosen by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Criterion {
    /// [`super::Confusion::balanced_accuracy`].
    BalancedAccuracy,
    /// [`super::Confusion::f1`].
    F1,
}

impl Threshold {
    /// The fixed threshold, or the best one on these samples.
    ///
    /// # Shapes
    /// `probabilities` and `labels` are `[m]`.
    pub fn choose(self, probabilities: &[f64], labels: &[u8]) -> f64 {
        match self {
            Self::Fixed(threshold) => threshold.get(),
            Self::Best(criterion) => best_threshold(probabilities, labels, criterion),
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
                let criterion = Criterion::deserialize(name.into_deserializer());
                criterion
                    .map(Threshold::Best)
                    .map_err(|_: E| E::invalid_value(Unexpected::Str(name), &self))
            }
        }

        deserializer.deserialize_any(ThresholdVisitor)
    }
}

/// The threshold with the highest score on these samples. If several are equally good, the one nearest to 1/2.
///
/// It is 1/2 if the score is undefined: without ones, and for balanced accuracy with a single class.
///
/// # Shapes
/// `probabilities` and `labels` are `[m]`.
pub fn best_threshold(probabilities: &[f64], labels: &[u8], criterion: Criterion) -> f64 {
    let groups = groups(probabilities, labels);
    let [zeros, ones] = totals(&groups);
    if ones == 0 || (criterion == Criterion::BalancedAccuracy && zeros == 0) {
        return 0.5;
    }
    let score = |[false_positive, true_positive]: [u64; 2]| match criterion {
        // Balanced accuracy times 2 zeros ones. That is a whole number, so equal scores compare as equal.
        Criterion::BalancedAccuracy => (true_positive * zeros + (zeros - false_positive) * ones) as f64,
        Criterion::F1 => 2.0 * true_positive as f64 / (true_positive + false_positive + ones) as f64,
    };

    let above_all = groups.first().map_or(1.0, |group| middle(group.probability, 1.0));
    let (mut best_score, mut best_threshold) = (score([0, 0]), above_all);
    let mut counts_above = [0, 0];
    for (i, group) in groups.iter().enumerate() {
        counts_above = [counts_above[0] + group.counts[0], counts_above[1] + group.counts[1]];
        let next = groups.get(i + 1).map_or(0.0, |next| next.probability);
        // A probability of 0 is above no threshold, so it is never predicted 1.
        if !(next < group.probability) {
            break;
        }
        let (score, threshold) = (score(counts_above), middle(next, group.probability));
        let nearer_to_half = (threshold - 0.5).abs() < (best_threshold - 0.5_f64).abs();
        if score > best_score || (score == best_score && nearer_to_half) {
            (best_score, best_threshold) = (score, threshold);
        }
    }
    best_threshold
}

/// The middle of two probabilities, always below the upper one: if rounding gives the upper one, the lower one is returned.
fn middle(lower: f64, upper: f64) -> f64 {
    let middle = f64::midpoint(lower, upper);
    if middle < upper { middle } else { lower }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::Confusion;
    use crate::numpy::RandomState;

    fn score(probabilities: &[f64], labels: &[u8], threshold: f64, criterion: Criterion) -> f64 {
        let confusion = Confusion::new(probabilities, labels, threshold);
        let score = match criterion {
            Criterion::BalancedAccuracy => confusion.balanced_accuracy(),
            Criterion::F1 => confusion.f1(),
        };
        score.unwrap_or(0.0)
    }

    #[test]
    fn no_threshold_is_better_than_the_best_threshold() {
        let mut random = RandomState::new(5);
        for _ in 0..100 {
            let labels: Vec<u8> = (0..30).map(|i| u8::from(i < 2 || random.uniform() < 0.3)).collect();
            let noisy = |&label: &u8| ((random.uniform() + 0.4 * f64::from(label)) / 1.4 * 20.0).round() / 20.0;
            let probabilities: Vec<f64> = labels.iter().map(noisy).collect();
            for criterion in [Criterion::BalancedAccuracy, Criterion::F1] {
                let threshold = best_threshold(&probabilities, &labels, criterion);
                let found = score(&probabilities, &labels, threshold, criterion);
                let scores = (0..=200).map(|i| score(&probabilities, &labels, f64::from(i) / 200.0, criterion));
                let best = scores.fold(0.0, f64::max);
                // Two scores that are equal as exact fractions may differ by rounding.
                assert!(found >= best - f64::EPSILON, "{found} {best}");
            }
        }
    }

    #[test]
    fn the_threshold_is_the_middle_of_a_gap_and_near_one_half() {
        assert_eq!(best_threshold(&[0.125, 0.25, 0.75], &[0, 1, 1], Criterion::F1), 0.1875);
        // The gaps from 1/8 to 3/8 and from 3/8 to 7/8 are equally good. The middle of the second is nearer to 1/2.
        let (probabilities, labels) = ([0.125, 0.375, 0.375, 0.875], [0, 0, 1, 1]);
        assert_eq!(best_threshold(&probabilities, &labels, Criterion::BalancedAccuracy), 0.625);
        // There is no f64 between these two. Their middle rounds to the one with an even last bit, here the upper one.
        let lower = 0.75_f64.next_up();
        let found = best_threshold(&[lower, lower.next_up()], &[0, 1], Criterion::BalancedAccuracy);
        assert_eq!(found, lower);
        assert_eq!(best_threshold(&[0.2, 0.3], &[0, 0], Criterion::F1), 0.5);
    }
}
