//! The ranking of samples by falling probability, with ties.
//!
//! ```text
//! ROC AUC            P(a one ranks above a zero) + P(they tie) / 2
//!                    = sum over groups of zeros (ones above + ones / 2) / (all ones * all zeros)
//! average precision  sum over groups of (ones / all ones) * precision down to the group
//! ```
//!
//! A group is all samples with the same probability. The sums are over whole groups, so that the order of tied samples has no
//! effect.

/// The samples with the same probability.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Group {
    /// Their probability.
    pub probability: f64,
    /// The number of them with label 0 and with label 1.
    pub counts: [u64; 2],
}

/// The sums behind ROC AUC and average precision. Groups are added one by one, by falling probability.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct RankingScores {
    /// The number of zeros and of ones so far.
    pub counts: [u64; 2],
    /// Twice the number of pairs with a one above a zero. A tied pair counts 1, so nothing is rounded.
    twice_pairs: u64,
    /// The sum of the precision at each one.
    precision_sum: f64,
}

/// The row indices by falling probability.
pub(super) fn order(probabilities: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..probabilities.len()).collect();
    order.sort_unstable_by(|&a, &b| probabilities[b].total_cmp(&probabilities[a]));
    order
}

/// The groups by falling probability.
pub(super) fn groups(probabilities: &[f64], labels: &[u8]) -> Vec<Group> {
    let mut pairs: Vec<(f64, u8)> = probabilities.iter().copied().zip(labels.iter().copied()).collect();
    pairs.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
    let ties = pairs.chunk_by(|a, b| a.0 == b.0);
    let group = |tie: &[(f64, u8)]| {
        let ones = tie.iter().filter(|pair| pair.1 == 1).count() as u64;
        Group { probability: tie[0].0, counts: [tie.len() as u64 - ones, ones] }
    };
    ties.map(group).collect()
}

/// The number of zeros and of ones in all groups.
pub(super) fn totals(groups: &[Group]) -> [u64; 2] {
    groups
        .iter()
        .fold([0, 0], |sum, group| [sum[0] + group.counts[0], sum[1] + group.counts[1]])
}

impl RankingScores {
    /// Adds the next group, given by its number of zeros and of ones.
    pub(super) fn add(&mut self, [zeros, ones]: [u64; 2]) {
        self.twice_pairs += zeros * (2 * self.counts[1] + ones);
        self.counts = [self.counts[0] + zeros, self.counts[1] + ones];
        // In a resample, this group and all groups above may be empty. Then 0 times 0 / 1 is added.
        self.precision_sum += ones as f64 * (self.counts[1] as f64 / (self.counts[0] + self.counts[1]).max(1) as f64);
    }

    /// The area under the ROC curve; undefined with a single class.
    pub(super) fn roc_auc(&self) -> Option<f64> {
        let [zeros, ones] = self.counts.map(|count| count as f64);
        (zeros > 0.0 && ones > 0.0).then(|| self.twice_pairs as f64 / (2.0 * ones * zeros))
    }

    /// Average precision; undefined without ones.
    pub(super) fn average_precision(&self) -> Option<f64> {
        (self.counts[1] > 0).then(|| self.precision_sum / self.counts[1] as f64)
    }
}
