//! The threshold that serves best.
//!
//! Between two neighbouring probabilities every threshold predicts the same, so one candidate stands for each gap: its
//! middle. The gaps from 0 to the lowest probability (all are predicted 1) and from the highest to 1 (none is) count.
//!
//! Leaves out: costs of the two kinds of mistakes. The choice must be made on rows that the score is not reported for.

use serde::{Deserialize, Serialize};

use super::ranking::{groups, totals};

/// What a threshold is chosen by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Criterion {
    /// [`super::Confusion::balanced_accuracy`].
    BalancedAccuracy,
    /// [`super::Confusion::f1`].
    F1,
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
    use crate::data::numpy::RandomState;
    use crate::metrics::Confusion;

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
                assert_eq!(found, best.fold(0.0, f64::max));
            }
        }
    }

    #[test]
    fn it_lies_in_the_middle_of_a_gap_and_near_one_half() {
        assert_eq!(best_threshold(&[0.125, 0.25, 0.75], &[0, 1, 1], Criterion::F1), 0.1875);
        // 1/8 | 3/8 and 3/8 | 7/8 are equally good; the second middle is nearer to 1/2.
        let (probabilities, labels) = ([0.125, 0.375, 0.375, 0.875], [0, 0, 1, 1]);
        assert_eq!(best_threshold(&probabilities, &labels, Criterion::BalancedAccuracy), 0.625);
        // No number lies between these two.
        let next = 0.75_f64.next_up();
        let found = best_threshold(&[0.75, next], &[0, 1], Criterion::BalancedAccuracy);
        assert_eq!(found, 0.75);
        assert_eq!(best_threshold(&[0.2, 0.3], &[0, 0], Criterion::F1), 0.5);
    }
}
