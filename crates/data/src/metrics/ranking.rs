//! The samples by falling probability, where equal probabilities cannot be told apart.
//!
//! ```text
//! ROC AUC            P(a one ranks above a zero) + P(they tie) / 2
//!                    = sum over groups of zeros (ones above + ones / 2) / (all ones * all zeros)
//! average precision  sum over groups of (ones / all ones) * precision down to the group
//! ```
//!
//! A group is what shares a probability. The sums are over whole groups, so that the order within one cannot matter.
//!
//! Leaves out: where to cut the ranking.

/// The samples that share a probability.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Group {
    /// What they share.
    pub probability: f64,
    /// How many of them have label 0 and label 1.
    pub counts: [u64; 2],
}

/// What a ranking is worth, summed group by group from the top.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tally {
    /// How many zeros and ones there were so far.
    pub counts: [u64; 2],
    /// Pairs of a one above a zero, twice, so that a tie counts 1 and nothing is rounded.
    twice_pairs: u64,
    precisions: f64,
}

/// The row numbers by falling probability.
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

/// The counts of zeros and ones over all groups.
pub(super) fn totals(groups: &[Group]) -> [u64; 2] {
    groups
        .iter()
        .fold([0, 0], |sum, group| [sum[0] + group.counts[0], sum[1] + group.counts[1]])
}

impl Tally {
    /// Goes on to the next group.
    pub(super) fn add(&mut self, [zeros, ones]: [u64; 2]) {
        self.twice_pairs += zeros * (2 * self.counts[1] + ones);
        self.counts = [self.counts[0] + zeros, self.counts[1] + ones];
        // A group may be empty, and so may all above it: then 0 times 0 / 1 is added.
        self.precisions += ones as f64 * (self.counts[1] as f64 / (self.counts[0] + self.counts[1]).max(1) as f64);
    }

    /// The area under the ROC curve; undefined with a single class.
    pub(super) fn roc_auc(&self) -> Option<f64> {
        let [zeros, ones] = self.counts.map(|count| count as f64);
        (zeros > 0.0 && ones > 0.0).then(|| self.twice_pairs as f64 / (2.0 * ones * zeros))
    }

    /// Average precision; undefined without ones.
    pub(super) fn average_precision(&self) -> Option<f64> {
        (self.counts[1] > 0).then(|| self.precisions / self.counts[1] as f64)
    }
}
