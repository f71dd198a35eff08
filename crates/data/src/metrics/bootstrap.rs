//! How far the scores depend on which samples happened to be scored.
//!
//! Accuracy, precision and recall are shares of rows and have Wilson's intervals ([`super::wilson`]). The rest has bootstrap
//! intervals:
//!
//! ```text
//! resample  m rows drawn from the m rows with replacement
//! interval  from the 2.5th to the 97.5th percentile of the score over the resamples
//! ```
//!
//! That is the percentile bootstrap of Efron (1979), `scipy.stats.bootstrap(method="percentile")`. A difference to a
//! baseline is taken within each resample, so that rows that are hard for both do not widen it.
//!
//! A resample is a multiplicity for each row, and the ranking stays what it is: sorted once, each resample costs time
//! in proportion to the rows. There are 1,000 resamples up to 20,000 rows and fewer above, 200 from 100,000 rows on.
//! The bounds of 200 resamples are themselves uncertain by about a tenth of the interval's width, those of 1,000 by a
//! twentieth (two standard errors of a 2.5th percentile of normal scores are 0.37 and 0.17 standard deviations).
//!
//! A resample cannot know what rows that are not there would have said. With a handful of rows of a class that is most of what
//! there is to know, and the percentiles lie far too close together: below [`FEWEST`] rows of either class there are none. For
//! the difference of two accuracies, few rows that only one of both has right are as bad; beside its interval stands McNemar's
//! exact test ([`super::mcnemar`]), which is right however few they are.
//!
//! Intervals tell about the samples only: the network is taken as it is, and another training might give another.
//! Over 2,000 sets of 50 rows they held a true ROC AUC of 0.76 in 94.5 %, with 400 rows in 94.4 % (standard error 0.5):
//! tests/suite/scores.rs has the simulation. Wilson's hold a true accuracy of 0.8 in 95.1 and 94.8 %, by adding up binomials.
//!
//! Leaves out: intervals that correct for bias (BCa), whose acceleration would take a pass for each row.

use rand::Rng;
use serde::Serialize;

use super::ranking::{Tally, order};
use super::scores::{log_loss, squared_error};
use super::{Confusion, mcnemar, wilson};
use crate::numpy::RandomState;

/// Rows drawn in all, within the limits of [`RESAMPLES`]. With a baseline and the plain build, 20,000 rows take 0.3 s,
/// 200,000 take 0.8 s and a million 6 s.
const DRAWS: usize = 20_000_000;
/// The fewest and the most resamples.
const RESAMPLES: [usize; 2] = [200, 1_000];
/// The fewest rows of each class that resamples are drawn from: one in 20,000 then lacks a class.
pub const FEWEST: usize = 10;
/// What each measurement of a resample holds: six scores, then three differences.
const MEASURED: usize = 9;

/// A score with the bounds of its 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Interval {
    /// The score of the rows as they are.
    pub value: f64,
    /// The lower bound.
    pub low: f64,
    /// The upper bound.
    pub high: f64,
}

/// Intervals of scores; `None` where the score is undefined or, but for shares of rows, a class has too few rows.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Intervals {
    /// How many resamples there were; none where a class has fewer than [`FEWEST`] rows.
    pub resamples: usize,
    /// Of the share of labels predicted.
    pub accuracy: Option<Interval>,
    /// Of the mean of the shares predicted of each class.
    pub balanced_accuracy: Option<Interval>,
    /// Of the share of ones among what was predicted 1.
    pub precision: Option<Interval>,
    /// Of the share of the ones that was predicted 1.
    pub recall: Option<Interval>,
    /// Of the harmonic mean of precision and recall.
    pub f1: Option<Interval>,
    /// Of the area under the ROC curve.
    pub roc_auc: Option<Interval>,
    /// Of average precision.
    pub average_precision: Option<Interval>,
    /// Of the Brier score.
    pub brier: Option<Interval>,
    /// Of the log loss.
    pub cost: Option<Interval>,
    /// Of the differences to the baseline, where there is one.
    pub differences: Option<Differences>,
}

/// Intervals of a score less the baseline's on the same rows.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Differences {
    /// Above zero where the predictions are better than the baseline's.
    pub accuracy: Option<Interval>,
    /// How likely two equally good ones would be as far apart in accuracy: the p-value of McNemar's exact test.
    pub accuracy_by_chance: f64,
    /// Above zero where they are better.
    pub roc_auc: Option<Interval>,
    /// Below zero where they are better.
    pub cost: Option<Interval>,
}

/// One set of predictions.
struct Ranked {
    /// By falling probability.
    rows: Vec<Row>,
    /// How many are predicted 1: they come first.
    positives: usize,
}

/// What a prediction brings to every resample.
struct Row {
    /// Its place among the rows as given.
    index: usize,
    label: u8,
    /// Whether the next row has another probability.
    ends_group: bool,
    /// The largest number where it is infinite.
    log_loss: f64,
    squared_error: f64,
}

/// The 95 % intervals of the scores of probabilities, and of their differences to a baseline's probabilities.
///
/// Each has a threshold above which it predicts 1. A resample in which a score is undefined, such as one without
/// ones, says nothing about that score and is left out of its percentiles.
///
/// # Shapes
/// `probabilities`, `labels` and the baseline are `[m]`.
pub fn intervals(
    probabilities: &[f64],
    labels: &[u8],
    threshold: f64,
    baseline: Option<(&[f64], f64)>,
    random: &mut RandomState,
) -> Intervals {
    let ours = Ranked::new(probabilities, labels, threshold);
    let theirs = baseline.map(|(baseline, threshold)| Ranked::new(baseline, labels, threshold));
    let rows = labels.len();
    let ones = labels.iter().filter(|&&label| label == 1).count();
    let enough = ones.min(rows - ones) >= FEWEST;
    let resamples = if enough { (DRAWS / rows).clamp(RESAMPLES[0], RESAMPLES[1]) } else { 0 };
    let as_given = measure(&ours, theirs.as_ref(), &vec![1; rows]);
    let mut measured: [Vec<f64>; MEASURED] = Default::default();
    let mut times = vec![0; rows];
    for _ in 0..resamples {
        draw(&mut times, random);
        for (values, value) in measured.iter_mut().zip(measure(&ours, theirs.as_ref(), &times)) {
            values.extend(value);
        }
    }
    let mut found = as_given.iter().zip(measured).map(|(&value, values)| interval(value?, values));
    let mut next = || found.next().flatten();
    let counts = Confusion::new(probabilities, labels, threshold);
    let right = counts.true_negative + counts.true_positive;
    let [balanced_accuracy, f1, roc_auc, average_precision, brier, cost] = std::array::from_fn(|_| next());
    Intervals {
        resamples,
        accuracy: wilson(right, rows),
        balanced_accuracy,
        precision: wilson(counts.true_positive, counts.true_positive + counts.false_positive),
        recall: wilson(counts.true_positive, ones),
        f1,
        roc_auc,
        average_precision,
        brier,
        cost,
        differences: baseline.map(|baseline| Differences {
            accuracy: next(),
            accuracy_by_chance: by_chance([(probabilities, threshold), baseline], labels),
            roc_auc: next(),
            cost: next(),
        }),
    }
}

/// McNemar's test on the rows that only one of two sets of predictions has right.
fn by_chance(both: [(&[f64], f64); 2], labels: &[u8]) -> f64 {
    let mut alone = [0, 0];
    for (row, &label) in labels.iter().enumerate() {
        let right = both.map(|(probabilities, threshold)| (probabilities[row] > threshold) == (label == 1));
        alone = [alone[0] + usize::from(right == [true, false]), alone[1] + usize::from(right == [false, true])];
    }
    mcnemar(alone[0], alone[1])
}

impl Ranked {
    fn new(probabilities: &[f64], labels: &[u8], threshold: f64) -> Self {
        let order = order(probabilities);
        let rows = order.iter().enumerate().map(|(place, &index)| {
            let (probability, label) = (probabilities[index], labels[index]);
            Row {
                index,
                label,
                ends_group: order.get(place + 1).is_none_or(|&next| probabilities[next] != probability),
                // An infinite loss that is not drawn would make a sum NaN.
                log_loss: log_loss(probability, label).min(f64::MAX),
                squared_error: squared_error(probability, label),
            }
        });
        Self { rows: rows.collect(), positives: probabilities.iter().filter(|&&p| p > threshold).count() }
    }

    /// Accuracy, balanced accuracy, F1, ROC AUC, average precision, Brier score and log loss where each row occurs as often as
    /// `times` says.
    fn scores(&self, times: &[u32]) -> [Option<f64>; 7] {
        let (predicted_one, predicted_zero) = self.rows.split_at(self.positives);
        let (mut ranking, mut costs, mut squares) = (Tally::default(), 0.0, 0.0);
        // Rows of one probability are all predicted the same, so that no group lies in both halves.
        let [[false_positive, true_positive], [zeros, ones]] = [predicted_one, predicted_zero].map(|rows| {
            let mut group = [0, 0];
            // No branch depends on what was drawn: half of them would be guessed wrong.
            for row in rows {
                let times = times[row.index];
                let ones = u64::from(times * u32::from(row.label));
                group = [group[0] + u64::from(times) - ones, group[1] + ones];
                costs += f64::from(times) * row.log_loss;
                squares += f64::from(times) * row.squared_error;
                if row.ends_group {
                    ranking.add(group);
                    group = [0, 0];
                }
            }
            ranking.counts.map(|count| count as usize)
        });
        let confusion = Confusion {
            true_negative: zeros - false_positive,
            false_positive,
            false_negative: ones - true_positive,
            true_positive,
        };
        [
            Some(confusion.accuracy()),
            confusion.balanced_accuracy(),
            confusion.f1(),
            ranking.roc_auc(),
            ranking.average_precision(),
            Some(squares / times.len() as f64),
            Some(if costs < f64::MAX { costs / times.len() as f64 } else { f64::INFINITY }),
        ]
    }
}

/// The scores of ours but for accuracy, then how much accuracy, ROC AUC and log loss differ from theirs.
fn measure(ours: &Ranked, theirs: Option<&Ranked>, times: &[u32]) -> [Option<f64>; MEASURED] {
    let scores @ [_, balanced_accuracy, f1, roc_auc, average_precision, brier, cost] = ours.scores(times);
    let baseline = theirs.map_or([None; 7], |theirs| theirs.scores(times));
    let difference = |i: usize| Some(scores[i]? - baseline[i]?).filter(|difference| !difference.is_nan());
    let [by_accuracy, by_auc, by_cost] = [0, 3, 6].map(difference);
    [balanced_accuracy, f1, roc_auc, average_precision, brier, cost, by_accuracy, by_auc, by_cost]
}

/// Draws as many rows as there are, with replacement, and counts how often each was drawn.
fn draw(times: &mut [u32], random: &mut RandomState) {
    times.fill(0);
    for _ in 0..times.len() {
        // 32 bits as a fraction of the rows. No two rows differ in probability by more than rows / 2^32 of it.
        let row = (u64::from(random.next_u32()) * times.len() as u64) >> 32;
        times[row as usize] += 1;
    }
}

/// The 2.5th and the 97.5th percentile, between two values linearly, as NumPy has it.
fn interval(value: f64, mut values: Vec<f64>) -> Option<Interval> {
    values.sort_unstable_by(f64::total_cmp);
    let last = values.len().checked_sub(1)?;
    let at = |share: f64| {
        let place = share * last as f64;
        let (low, high) = (values[place as usize], values[(place as usize + 1).min(last)]);
        // Of two infinite values the difference would be NaN.
        if low == high { low } else { low + (high - low) * place.fract() }
    };
    Some(Interval { value, low: at(0.025), high: at(0.975) })
}
