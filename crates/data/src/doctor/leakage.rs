//! Columns that separate the classes nearly by themselves.
//!
//! The area under the ROC curve of one column by itself is computed from ranks, in which equal values share their mean:
//!
//! ```text
//! AUC = (R1 - n1 (n1 + 1) / 2) / (n0 n1)        R1: the sum of the ranks of class 1, n0 and n1: rows of each class
//! ```
//!
//! This is Mann and Whitney's U over its largest value: the share of pairs, one row of each class, in which the row of
//! class 1 has the larger value. The value of a category is the share of class 1 among its rows, and where they are few that
//! among all rows: their labels alone would tell them apart.
//!
//! Leaves out: columns that do so together.

use super::{FEWEST, Finding, FindingKind};
use crate::table::Table;

/// How many rows are ranked.
const MAX_RANKED: usize = 100_000;

/// The columns whose area is next to 1 or to 0.
pub(super) fn gives_label_away(Table { schema, data, .. }: &Table) -> Vec<Finding> {
    let (samples, features) = (data.samples(), data.features());
    let ranked = samples.min(MAX_RANKED);
    // Evenly spaced, for rows in any order; wide enough for the product.
    let rows: Vec<usize> = (0..ranked)
        .map(|i| (i as u128 * samples as u128 / ranked as u128) as usize)
        .collect();
    let ones = rows.iter().filter(|&&row| data.y()[row] == 1).count();
    if ones.min(ranked - ones) < FEWEST {
        return Vec::new();
    }
    let mut values = Vec::with_capacity(ranked);
    let (mut findings, mut input) = (Vec::new(), 0);
    for column in &schema.columns {
        values.clear();
        let inputs = rows
            .iter()
            .map(|&row| (&data.x()[row * features + input..][..column.width()], data.y()[row]));
        match column.categories {
            None => values.extend(inputs.map(|(inputs, label)| (inputs[0], label))),
            Some(_) => {
                let place = |inputs: &[f64]| inputs.iter().position(|&input| input == 1.0).unwrap_or(0);
                let places = inputs.map(|(inputs, label)| (place(inputs), label));
                by_share(&places.collect::<Vec<_>>(), column.width(), ones as f64 / ranked as f64, &mut values);
            }
        }
        input += column.width();
        let auc = auc(&mut values);
        if !(0.001..=0.999).contains(&auc) {
            let name = &column.name;
            let sentence = format!("{name} by itself (ROC AUC {auc:.4}); would it be known where the label is not?");
            findings.push(Finding { kind: FindingKind::GivesLabelAway, columns: vec![name.clone()], sentence });
        }
    }
    findings
}

/// Gives each category's rows its share of class 1, or the usual one where they are few.
fn by_share(places: &[(usize, u8)], categories: usize, usual: f64, values: &mut Vec<(f64, u8)>) {
    let mut counts = vec![[0, 0]; categories];
    places.iter().for_each(|&(place, label)| counts[place][usize::from(label)] += 1);
    let shares = counts.into_iter().map(|[zeros, ones]| match zeros + ones {
        ..FEWEST => usual,
        rows => ones as f64 / rows as f64,
    });
    let shares: Vec<f64> = shares.collect();
    values.extend(places.iter().map(|&(place, label)| (shares[place], label)));
}

/// The formula above; the values are sorted for it.
fn auc(values: &mut [(f64, u8)]) -> f64 {
    values.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let (mut before, mut ones, mut rank_sum) = (0, 0, 0.0);
    // The ranks from 1: `before + 1` to `before + k` for k equal values.
    for equal in values.chunk_by(|a, b| a.0 == b.0) {
        let ones_here = equal.iter().filter(|&&(_, label)| label == 1).count();
        rank_sum += ones_here as f64 * (before as f64 + (equal.len() + 1) as f64 / 2.0);
        before += equal.len();
        ones += ones_here;
    }
    let (n0, n1) = ((values.len() - ones) as f64, ones as f64);
    (rank_sum - n1 * (n1 + 1.0) / 2.0) / (n0 * n1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_area_is_the_share_of_pairs_in_order() {
        // By hand: both rows of class 1 hold 2. Against the 1 two pairs are in order, against the 5 two are not, and four
        // are ties, which count half.
        let mut values = [(2.0, 1), (1.0, 0), (2.0, 0), (5.0, 0), (2.0, 0), (2.0, 1)];
        assert_eq!(auc(&mut values), (2.0 + 4.0 / 2.0) / 8.0);
        assert_eq!(auc(&mut [(1.0, 0), (3.0, 1), (2.0, 0), (4.0, 1)]), 1.0);
        assert_eq!(auc(&mut [(1.0, 1), (3.0, 0), (2.0, 1)]), 0.0);
        assert_eq!(auc(&mut [(0.0, 1), (-0.0, 0)]), 0.5);
    }
}
