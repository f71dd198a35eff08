//! The ranking of samples in descending order of their logits, with ties.
//!
//! ```text
//! ROC AUC            P(a positive sample ranks above a negative one) + P(they tie) / 2
//!                    = sum over groups of n (p above + p / 2) / (all p * all n)      p positive, n negative samples
//! average precision  sum over groups of (p / all p) * precision down to the group
//! ```
//!
//! A group is all samples with the same logit. The sums are over whole groups, so that the order of tied samples has no
//! effect. Probabilities would give the same order, but those of large logits all round to 1 and would tie.

/// The samples with the same logit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Group {
    /// Their logit.
    pub logit: f64,
    /// The number of them with label 0 and with label 1.
    pub counts: [u64; 2],
}

/// The sums behind ROC AUC and average precision. Groups are added one by one, in descending order of their
/// logits.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct RankingScores {
    /// The number of negative and of positive samples so far.
    pub counts: [u64; 2],
    /// Twice the number of pairs with a positive sample above a negative one. A tied pair counts 1, so nothing is rounded.
    twice_pairs: u64,
    /// The sum of the precision at each positive sample.
    precision_sum: f64,
}

/// The row indices in descending order of the logits.
pub(super) fn order(logits: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..logits.len()).collect();
    order.sort_unstable_by(|&a, &b| logits[b].total_cmp(&logits[a]));
    order
}

/// The groups in descending order of their logits.
pub(super) fn groups(logits: &[f64], labels: &[u8]) -> Vec<Group> {
    let mut pairs: Vec<(f64, u8)> = logits.iter().copied().zip(labels.iter().copied()).collect();
    pairs.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
    let ties = pairs.chunk_by(|a, b| a.0 == b.0);
    let group = |tie: &[(f64, u8)]| {
        let positives = tie.iter().filter(|pair| pair.1 == 1).count() as u64;
        Group { logit: tie[0].0, counts: [tie.len() as u64 - positives, positives] }
    };
    ties.map(group).collect()
}

/// The number of negative and of positive samples in all groups.
pub(super) fn totals(groups: &[Group]) -> [u64; 2] {
    groups
        .iter()
        .fold([0, 0], |sum, group| [sum[0] + group.counts[0], sum[1] + group.counts[1]])
}

impl RankingScores {
    /// Adds the next group, given by its number of negative and of positive samples.
    pub(super) fn add(&mut self, [negatives, positives]: [u64; 2]) {
        self.twice_pairs += negatives * (2 * self.counts[1] + positives);
        self.counts = [self.counts[0] + negatives, self.counts[1] + positives];
        // In a resample, this group and all groups above may be empty. Then 0 times 0 / 1 is added.
        self.precision_sum +=
            positives as f64 * (self.counts[1] as f64 / (self.counts[0] + self.counts[1]).max(1) as f64);
    }

    /// The area under the ROC curve; undefined with a single class.
    pub(super) fn roc_auc(&self) -> Option<f64> {
        let [negatives, positives] = self.counts.map(|count| count as f64);
        (negatives > 0.0 && positives > 0.0).then(|| self.twice_pairs as f64 / (2.0 * positives * negatives))
    }

    /// Average precision; undefined without positive samples.
    pub(super) fn average_precision(&self) -> Option<f64> {
        (self.counts[1] > 0).then(|| self.precision_sum / self.counts[1] as f64)
    }
}
