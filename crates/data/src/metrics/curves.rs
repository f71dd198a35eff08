//! The points of curves for pictures: the ROC and the precision-recall curve over all thresholds, and the calibration curve.
//!
//! ```text
//! ROC                (fp / negatives, tp / positives)      for each threshold, from all predicted 0 to all predicted 1
//! precision-recall   (tp / positives, tp / (tp + fp))      for each threshold, starting below the highest logit
//! calibration        (mean p, fraction of positives)       in bins of p = sigmoid(logit) of equal width
//! calibration error  sum over bins of count / m * |mean p - fraction of positives|
//! ```
//!
//! These are scikit-learn's `roc_curve`, `precision_recall_curve` and `calibration_curve`. Its precision-recall curve has one
//! more point, (0, 1), which belongs to no threshold. The calibration error is the expected calibration error of Guo et al.
//! (2017), "On calibration of modern neural networks".
//!
//! A million samples give a million thresholds, far more than a picture can show. So points are dropped in two steps:
//!
//! 1. Points inside a horizontal or vertical line are dropped. The rest are corners.
//! 2. If more than [`MAX_POINTS`] corners remain, corners that are close to the last kept one are dropped. "Close" means up to
//!    1/2,000 of the length of the curve, with distances measured along the axes.

use serde::Serialize;

use super::ranking::{Group, groups, totals};
use crate::logistic::sigmoid;

/// A curve has at most this number of points plus one.
const MAX_POINTS: usize = 2_000;

/// The samples with probabilities in one interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct CalibrationBin {
    /// The lower end of the interval, exclusive. The first bin also includes 0.
    pub lower: f64,
    /// The upper end of the interval, inclusive.
    pub upper: f64,
    /// The number of samples.
    pub count: usize,
    /// The mean of their probabilities.
    pub mean_probability: f64,
    /// The fraction of them with label 1.
    #[serde(rename = "share_of_ones")]
    pub fraction_of_positives: f64,
}

/// False and true positive rates from (0, 0) to (1, 1). Empty with a single class, because one of the rates is undefined there.
///
/// # Shapes
/// `logits` and `labels` are `[m]`.
pub fn roc(logits: &[f64], labels: &[u8]) -> Vec<(f64, f64)> {
    let groups = groups(logits, labels);
    let [negatives, positives] = totals(&groups).map(|count| count as f64);
    if negatives == 0.0 || positives == 0.0 {
        return Vec::new();
    }
    let points = counts_above(&groups)
        .map(|[false_positive, true_positive]| (false_positive / negatives, true_positive / positives));
    simplified(std::iter::once((0.0, 0.0)).chain(points))
}

/// Recall and precision in ascending order of recall. Empty without positive samples, because recall is undefined there.
///
/// The curve is a step function: between two points, precision is that of the second. Average precision is the area below it.
///
/// # Shapes
/// `logits` and `labels` are `[m]`.
pub fn precision_recall(logits: &[f64], labels: &[u8]) -> Vec<(f64, f64)> {
    let groups = groups(logits, labels);
    let [_, positives] = totals(&groups).map(|count| count as f64);
    if positives == 0.0 {
        return Vec::new();
    }
    let points = counts_above(&groups).map(|[false_positive, true_positive]| {
        (true_positive / positives, true_positive / (true_positive + false_positive))
    });
    simplified(points)
}

/// The bins with samples, from low to high probabilities. All bins have the same width.
///
/// # Shapes
/// `logits` and `labels` are `[m]`.
pub fn calibration(logits: &[f64], labels: &[u8], bins: usize) -> Vec<CalibrationBin> {
    let mut sums = vec![(0, 0.0, 0.0); bins];
    for (&z, &label) in logits.iter().zip(labels) {
        let probability = sigmoid(z);
        let (count, probability_sum, positives) = &mut sums[bin_index(probability, bins)];
        *count += 1;
        *probability_sum += probability;
        *positives += f64::from(label);
    }
    let non_empty = sums.into_iter().enumerate().filter(|(_, (count, ..))| *count > 0);
    let bin = |(i, (count, probability_sum, positives)): (usize, (usize, f64, f64))| CalibrationBin {
        lower: bin_edge(i, bins),
        upper: bin_edge(i + 1, bins),
        count,
        mean_probability: probability_sum / count as f64,
        fraction_of_positives: positives / count as f64,
    };
    non_empty.map(bin).collect()
}

/// The bin of a probability. An edge belongs to the bin below it.
fn bin_index(probability: f64, bins: usize) -> usize {
    // Rounding of the product may give a neighbouring bin.
    let near = ((probability * bins as f64).ceil() as usize).clamp(1, bins) - 1;
    let below = usize::from(near > 0 && probability <= bin_edge(near, bins));
    let above = usize::from(near + 1 < bins && probability > bin_edge(near + 1, bins));
    near + above - below
}

/// The lower edge of bin i, which is the upper edge of the bin before it.
fn bin_edge(i: usize, bins: usize) -> f64 {
    i as f64 / bins as f64
}

/// The expected calibration error: the mean over samples of the distance between the mean probability of their bin and its
/// fraction of positive samples.
pub fn calibration_error(bins: &[CalibrationBin]) -> f64 {
    let samples: usize = bins.iter().map(|bin| bin.count).sum();
    let gap = |bin: &CalibrationBin| bin.count as f64 * (bin.mean_probability - bin.fraction_of_positives).abs();
    bins.iter().map(gap).sum::<f64>() / samples as f64
}

/// The number of false and true positives for thresholds directly below each group.
fn counts_above(groups: &[Group]) -> impl Iterator<Item = [f64; 2]> {
    groups.iter().scan([0, 0], |above, group| {
        *above = [above[0] + group.counts[0], above[1] + group.counts[1]];
        Some(above.map(|count| count as f64))
    })
}

/// Drops points that a picture cannot show. The first and the last point stay.
fn simplified(points: impl Iterator<Item = (f64, f64)>) -> Vec<(f64, f64)> {
    let distance = |a: (f64, f64), b: (f64, f64)| (a.0 - b.0).abs() + (a.1 - b.1).abs();
    let mut corners: Vec<(f64, f64)> = Vec::new();
    for point in points {
        if let [.., before, last] = corners[..]
            && ((before.0 == last.0 && last.0 == point.0) || (before.1 == last.1 && last.1 == point.1))
        {
            corners.pop();
        }
        corners.push(point);
    }
    if corners.len() <= MAX_POINTS {
        return corners;
    }

    let length: f64 = corners.windows(2).map(|pair| distance(pair[0], pair[1])).sum();
    let (mut kept, end) = (vec![corners[0]], corners[corners.len() - 1]);
    for &corner in &corners[1..corners.len() - 1] {
        if distance(kept[kept.len() - 1], corner) > length / MAX_POINTS as f64 {
            kept.push(corner);
        }
    }
    kept.push(end);
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logistic::logit;
    use crate::metrics::Scores;
    use crate::numpy::RandomState;

    fn sample(rows: usize) -> (Vec<f64>, Vec<u8>) {
        let mut random = RandomState::new(3);
        let logits: Vec<f64> = (0..rows).map(|_| logit(random.uniform())).collect();
        let labels = logits
            .iter()
            .map(|&z| u8::from(random.uniform() < sigmoid(z).powi(2)))
            .collect();
        (logits, labels)
    }

    fn trapezoids(points: &[(f64, f64)]) -> f64 {
        points
            .windows(2)
            .map(|pair| (pair[1].0 - pair[0].0) * (pair[1].1 + pair[0].1) / 2.0)
            .sum()
    }

    fn steps(points: &[(f64, f64)]) -> f64 {
        let pairs = std::iter::once((0.0, 0.0)).chain(points.iter().copied()).zip(points);
        pairs.map(|(before, point)| (point.0 - before.0) * point.1).sum()
    }

    #[test]
    fn areas_under_the_curves_are_the_scores() {
        // The first curve keeps all corners. The second one loses some, which changes an area by at most 1/2,000 of the length.
        // The lengths are 2 and 5, so the bounds are 1e-3 and 2.5e-3.
        for (rows, bounds) in [(1_000, [1e-14, 1e-14]), (100_000, [1e-3, 2.5e-3])] {
            let (logits, labels) = sample(rows);
            let scores = Scores::new(&logits, &labels, 0.5);
            let (roc, precision) = (roc(&logits, &labels), precision_recall(&logits, &labels));
            assert!(roc.len() <= MAX_POINTS + 1 && precision.len() <= MAX_POINTS + 1);
            assert!(rows == 1_000 || roc.len() > MAX_POINTS / 4, "{}", roc.len());
            let distances = [
                (trapezoids(&roc) - scores.roc_auc.unwrap()).abs(),
                (steps(&precision) - scores.average_precision.unwrap()).abs(),
            ];
            assert!(distances[0] < bounds[0] && distances[1] < bounds[1], "{distances:?}");
            assert_eq!((roc[0], roc[roc.len() - 1], precision[precision.len() - 1].0), ((0.0, 0.0), (1.0, 1.0), 1.0));
        }
    }

    #[test]
    fn an_edge_belongs_to_the_bin_below() {
        // 0.3 times 10 rounds to 3 and 0.7 times 10 to 7; the numbers next to 0.3 and 0.7 are in different bins.
        for (edge, below) in [(0.3_f64, 2), (0.5, 4), (0.7, 6)] {
            let found = [edge.next_down(), edge, edge.next_up()].map(|probability| bin_index(probability, 10));
            assert_eq!(found, [below, below, below + 1]);
        }
        assert_eq!([0.0, 1.0].map(|probability| bin_index(probability, 10)), [0, 9]);
        let bins = calibration(&[-1e300, 0.0, 1e300], &[0, 1, 1], 10);
        let bounds = bins.iter().map(|bin| (bin.lower, bin.upper, bin.count));
        assert_eq!(bounds.collect::<Vec<_>>(), [(0.0, 0.1, 1), (0.4, 0.5, 1), (0.9, 1.0, 1)]);
    }

    #[test]
    fn a_single_class_has_no_curve() {
        assert!(roc(&[-1.0, 2.0], &[1, 1]).is_empty() && precision_recall(&[-1.0, 2.0], &[0, 0]).is_empty());
    }
}
