//! Looks for label leakage: single columns that separate the classes nearly perfectly.
//!
//! The measure is the area under the ROC curve (AUC) of one column, computed from ranks. Equal values get the mean of
//! their ranks:
//!
//! ```text
//! AUC = (R1 - n1 (n1 + 1) / 2) / (n0 n1)        R1: the sum of the ranks of class 1, n0 and n1: rows of each class
//! ```
//!
//! This is the U statistic of Mann and Whitney, divided by its maximum. It is the fraction of pairs, one row of each
//! class, in which the row of class 1 has the larger value.
//!
//! A category counts as a number: the fraction of class 1 among its rows. A category with few rows gets the fraction among
//! all rows, because few rows are often of one class by chance.
//!
//! Not covered: columns that separate the classes only together.

use super::checks::MIN_COUNT;
use super::report::{Finding, FindingKind};
use crate::table::Table;

/// The maximal number of rows that are ranked.
const MAX_RANKED_ROWS: usize = 100_000;

/// Finds the columns whose AUC is nearly 0 or 1.
pub(super) fn leakage(Table { schema, data, .. }: &Table) -> Vec<Finding> {
    let (samples, features) = (data.samples(), data.features());
    let ranked = samples.min(MAX_RANKED_ROWS);
    // The rows are evenly spaced, because they may be sorted. The product needs u128 where usize has 32 bits.
    let rows: Vec<usize> = (0..ranked)
        .map(|i| (i as u128 * samples as u128 / ranked as u128) as usize)
        .collect();
    let ones = rows.iter().filter(|&&row| data.y()[row] == 1).count();
    if ones.min(ranked - ones) < MIN_COUNT {
        return Vec::new();
    }
    let fraction_of_ones = ones as f64 / ranked as f64;

    let mut values = Vec::with_capacity(ranked);
    let mut findings = Vec::new();
    let mut first_input = 0;
    for column in &schema.columns {
        let width = column.width();
        let inputs_and_labels = rows
            .iter()
            .map(|&row| (&data.x()[row * features + first_input..][..width], data.y()[row]));
        values.clear();
        if column.categories.is_none() {
            values.extend(inputs_and_labels.map(|(inputs, label)| (inputs[0], label)));
        } else {
            let category = |one_hot: &[f64]| one_hot.iter().position(|&input| input == 1.0).unwrap_or(0);
            let categories: Vec<(usize, u8)> =
                inputs_and_labels.map(|(one_hot, label)| (category(one_hot), label)).collect();
            append_class_fractions(&categories, width, fraction_of_ones, &mut values);
        }
        first_input += width;

        let auc = auc(&mut values);
        if !(0.001..=0.999).contains(&auc) {
            let name = &column.name;
            let sentence =
                format!("{name} predicts the label by itself (ROC AUC {auc:.4}); will it be known when predicting?");
            findings.push(Finding { kind: FindingKind::Leakage, columns: vec![name.clone()], sentence });
        }
    }
    findings
}

/// Appends for each row the fraction of class 1 among the rows of its category, and the row's label. A category with few
/// rows gets `default` instead.
fn append_class_fractions(rows: &[(usize, u8)], categories: usize, default: f64, values: &mut Vec<(f64, u8)>) {
    let mut counts = vec![[0, 0]; categories];
    for &(category, label) in rows {
        counts[category][usize::from(label)] += 1;
    }
    let fractions: Vec<f64> = counts
        .into_iter()
        .map(|[zeros, ones]| match zeros + ones {
            ..MIN_COUNT => default,
            rows => ones as f64 / rows as f64,
        })
        .collect();
    values.extend(rows.iter().map(|&(category, label)| (fractions[category], label)));
}

/// The AUC of pairs of value and label, by the formula above. Sorts the pairs.
fn auc(values: &mut [(f64, u8)]) -> f64 {
    values.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));

    let (mut ranked, mut ones, mut rank_sum) = (0, 0, 0.0);
    for equal in values.chunk_by(|a, b| a.0 == b.0) {
        // The k equal values have the ranks `ranked + 1` to `ranked + k`, so their mean is `ranked + (k + 1) / 2`.
        let mean_rank = ranked as f64 + (equal.len() + 1) as f64 / 2.0;
        let equal_ones = equal.iter().filter(|&&(_, label)| label == 1).count();
        rank_sum += equal_ones as f64 * mean_rank;
        ranked += equal.len();
        ones += equal_ones;
    }

    let (n0, n1) = ((values.len() - ones) as f64, ones as f64);
    (rank_sum - n1 * (n1 + 1.0) / 2.0) / (n0 * n1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_auc_is_the_fraction_of_pairs_in_order() {
        // Computed by hand: both rows of class 1 have the value 2. Their pairs with the value 1 are in order (2 pairs),
        // those with the value 5 are not (2), and those with the value 2 are ties (4), which count half.
        let mut values = [(2.0, 1), (1.0, 0), (2.0, 0), (5.0, 0), (2.0, 0), (2.0, 1)];
        assert_eq!(auc(&mut values), (2.0 + 4.0 / 2.0) / 8.0);
        assert_eq!(auc(&mut [(1.0, 0), (3.0, 1), (2.0, 0), (4.0, 1)]), 1.0);
        assert_eq!(auc(&mut [(1.0, 1), (3.0, 0), (2.0, 1)]), 0.0);
        assert_eq!(auc(&mut [(0.0, 1), (-0.0, 0)]), 0.5);
    }
}
