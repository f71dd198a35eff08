//! The threshold that serves best.
//!
//! Between two neighbouring probabilities every threshold predicts the same, so one candidate stands for each gap: its
//! middle. The gaps from 0 to the lowest probability (all are predicted 1) and from the highest to 1 (none is) count.
//!
//! Leaves out: costs of the two kinds of mistakes. The choice must be made on rows that the score is not reported for.

use std::fmt;

use serde::de::{self, IntoDeserializer as _, Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use super::ranking::{groups, totals};
use crate::checked::Fraction;

/// A threshold, or how to choose it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Threshold {
    /// This one.
    At(Fraction),
    /// The one that serves best on the validation samples.
    By(Criterion),
}

/// What a threshold is chosen by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Criterion {
    /// [`super::Confusion::balanced_accuracy`].
    BalancedAccuracy,
    /// [`super::Confusion::f1`].
    F1,
}

impl Threshold {
    /// The threshold, chosen by these samples if it is to be chosen.
    ///
    /// # Shapes
    /// `probabilities` and `labels` are `[m]`.
    pub fn on(self, probabilities: &[f64], labels: &[u8]) -> f64 {
        match self {
            Self::At(threshold) => threshold.get(),
            Self::By(criterion) => best_threshold(probabilities, labels, criterion),
        }
    }

    /// The threshold that is given, or 1/2.
    pub fn fixed(self) -> f64 {
        match self {
            Self::At(threshold) => threshold.get(),
            Self::By(_) => 0.5,
        }
    }
}

impl<'de> Deserialize<'de> for Threshold {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Given;

        impl Visitor<'_> for Given {
            type Value = Threshold;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number from 0 to below 1, \"balanced_accuracy\" or \"f1\"")
            }

            fn visit_f64<E: de::Error>(self, value: f64) -> Result<Threshold, E> {
                Fraction::try_from(value)
                    .map(Threshold::At)
                    .map_err(|_| E::invalid_value(Unexpected::Float(value), &self))
            }

            fn visit_i64<E: de::Error>(self, value: i64) -> Result<Threshold, E> {
                self.visit_f64(value as f64)
            }

            fn visit_str<E: de::Error>(self, name: &str) -> Result<Threshold, E> {
                let criterion = Criterion::deserialize(name.into_deserializer());
                criterion
                    .map(Threshold::By)
                    .map_err(|_: E| E::invalid_value(Unexpected::Str(name), &self))
            }
        }

        deserializer.deserialize_any(Given)
    }
}

/// The threshold with the highest value of the criterion on these samples; of several the one nearest to 1/2.
///
/// It is 1/2 where the criterion is undefined: without ones, and for balanced accuracy with a single class.
///
/// # Shapes
/// `probabilities` and `labels` are `[m]`.
pub fn best_threshold(probabilities: &[f64], labels: &[u8], by: Criterion) -> f64 {
    let groups = groups(probabilities, labels);
    let [zeros, ones] = totals(&groups);
    if ones == 0 || (by == Criterion::BalancedAccuracy && zeros == 0) {
        return 0.5;
    }
    let value = |[false_positive, true_positive]: [u64; 2]| match by {
        // Balanced accuracy times twice the ones and zeros: whole numbers, so that ties are ties.
        Criterion::BalancedAccuracy => (true_positive * zeros + (zeros - false_positive) * ones) as f64,
        Criterion::F1 => 2.0 * true_positive as f64 / (true_positive + false_positive + ones) as f64,
    };
    let ceiling = groups.first().map_or(1.0, |group| middle(group.probability, 1.0));
    let mut best = (value([0, 0]), ceiling);
    let mut above = [0, 0];
    for (i, group) in groups.iter().enumerate() {
        above = [above[0] + group.counts[0], above[1] + group.counts[1]];
        let next = groups.get(i + 1).map_or(0.0, |next| next.probability);
        // No threshold from 0 to 1 predicts 1 for a probability of 0.
        if !(next < group.probability) {
            break;
        }
        let (found, threshold) = (value(above), middle(next, group.probability));
        let nearer = (threshold - 0.5).abs() < (best.1 - 0.5_f64).abs();
        if found > best.0 || (found == best.0 && nearer) {
            best = (found, threshold);
        }
    }
    best.1
}

/// Halfway between two probabilities, and below the upper one whatever the rounding.
fn middle(lower: f64, upper: f64) -> f64 {
    let middle = f64::midpoint(lower, upper);
    if middle < upper { middle } else { lower }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::Confusion;
    use crate::numpy::RandomState;

    fn value(probabilities: &[f64], labels: &[u8], threshold: f64, by: Criterion) -> f64 {
        let counts = Confusion::new(probabilities, labels, threshold);
        let value = match by {
            Criterion::BalancedAccuracy => counts.balanced_accuracy(),
            Criterion::F1 => counts.f1(),
        };
        value.unwrap_or(0.0)
    }

    #[test]
    fn no_threshold_is_better() {
        let mut random = RandomState::new(5);
        for _ in 0..100 {
            let labels: Vec<u8> = (0..30).map(|i| u8::from(i < 2 || random.uniform() < 0.3)).collect();
            let noisy = |&label: &u8| ((random.uniform() + 0.4 * f64::from(label)) / 1.4 * 20.0).round() / 20.0;
            let probabilities: Vec<f64> = labels.iter().map(noisy).collect();
            for by in [Criterion::BalancedAccuracy, Criterion::F1] {
                let found = value(&probabilities, &labels, best_threshold(&probabilities, &labels, by), by);
                let best = (0..=200).map(|i| value(&probabilities, &labels, f64::from(i) / 200.0, by));
                let best = best.fold(0.0, f64::max);
                // Of two that are equal as fractions, the sum of shares may round one down.
                assert!(found >= best - f64::EPSILON, "{found} {best}");
            }
        }
    }

    #[test]
    fn it_lies_in_the_middle_of_a_gap_and_near_one_half() {
        assert_eq!(best_threshold(&[0.125, 0.25, 0.75], &[0, 1, 1], Criterion::F1), 0.1875);
        // 1/8 | 3/8 and 3/8 | 7/8 are equally good; the second middle is nearer to 1/2.
        let (probabilities, labels) = ([0.125, 0.375, 0.375, 0.875], [0, 0, 1, 1]);
        assert_eq!(best_threshold(&probabilities, &labels, Criterion::BalancedAccuracy), 0.625);
        // No number lies between these two; their middle rounds to the even one, here the upper.
        let odd = 0.75_f64.next_up();
        let found = best_threshold(&[odd, odd.next_up()], &[0, 1], Criterion::BalancedAccuracy);
        assert_eq!(found, odd);
        assert_eq!(best_threshold(&[0.2, 0.3], &[0, 0], Criterion::F1), 0.5);
    }
}
