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

/// What a ranking is worth as a whole.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Areas {
    /// The area under the ROC curve; undefined with a single class.
    pub roc: Option<f64>,
    /// Average precision; undefined without ones.
    pub average_precision: Option<f64>,
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
    groups.iter().fold([0, 0], |sum, group| [sum[0] + group.counts[0], sum[1] + group.counts[1]])
}

/// The areas, from the counts of zeros and ones of each group by falling probability.
pub(super) fn areas(groups: impl Iterator<Item = [u64; 2]>) -> Areas {
    // The pairs are counted in integers, a tie as 1 of 2: no rounding before the last division.
    let (mut zeros, mut ones, mut twice_pairs, mut precisions) = (0_u64, 0_u64, 0_u64, 0.0);
    for [more_zeros, more_ones] in groups {
        twice_pairs += more_zeros * (2 * ones + more_ones);
        zeros += more_zeros;
        ones += more_ones;
        if more_ones > 0 {
            precisions += more_ones as f64 * (ones as f64 / (ones + zeros) as f64);
        }
    }
    Areas {
        roc: (zeros > 0 && ones > 0).then(|| twice_pairs as f64 / (2.0 * ones as f64 * zeros as f64)),
        average_precision: (ones > 0).then(|| precisions / ones as f64),
    }
}
