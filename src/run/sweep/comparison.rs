//! Which values are best, by which measure, and whether a difference is more than chance.
//!
//! ```text
//! best           the lowest median over the seeds; the measure is the validation cost, or the cost without validation samples
//! no difference  the ranges over seeds overlap, or the medians differ by no more than the range of the best
//! ```

use super::plan::Sweep;
use super::row::SweepRow;
use crate::train::{Ending, Record};

/// Names of keys and their values.
type Values<'a> = Vec<(&'a str, &'a str)>;

/// What runs are compared by. Lower is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// The cost of the validation samples.
    ValidationCost,
    /// The cost of the training samples.
    TrainingCost,
}

/// The runs with the same values and different seeds.
#[derive(Clone, Copy, Debug)]
pub struct Combination<'a> {
    /// The runs, one for each seed.
    pub rows: &'a [SweepRow],
    /// The number of the first of them in the sweep.
    first: usize,
}

/// The lowest, the median and the highest of some numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// The lowest number.
    pub low: f64,
    /// The median: of an even count the mean of the two in the middle.
    pub median: f64,
    /// The highest number.
    pub high: f64,
}

/// The best combination of those with the same data.
#[derive(Clone, Debug)]
pub struct Best<'a> {
    /// The values that determine the data, with their names. Empty if all runs have the same data.
    pub data: Values<'a>,
    /// The best combination.
    pub best: Combination<'a>,
    /// The measure of it over its seeds.
    pub spread: Spread,
    /// Other combinations without a difference to it.
    pub equal: Vec<Combination<'a>>,
}

impl Measure {
    /// The measure of a record.
    pub fn of(self, record: &Record) -> f64 {
        match (self, record.validation) {
            (Self::ValidationCost, Some(score)) => score.cost,
            _ => record.cost,
        }
    }

    /// The accuracy on the same samples.
    pub fn accuracy(self, record: &Record) -> f64 {
        match (self, record.validation) {
            (Self::ValidationCost, Some(score)) => score.accuracy,
            _ => record.accuracy,
        }
    }
}

impl Spread {
    /// The spread of some numbers. NaN if there is none.
    pub fn of(numbers: impl IntoIterator<Item = f64>) -> Self {
        let mut sorted: Vec<f64> = numbers.into_iter().collect();
        sorted.sort_by(f64::total_cmp);
        let (Some(&low), Some(&high)) = (sorted.first(), sorted.last()) else {
            return Self { low: f64::NAN, median: f64::NAN, high: f64::NAN };
        };
        let middle = [(sorted.len() - 1) / 2, sorted.len() / 2].map(|index| sorted[index]);
        Self { low, median: middle[0] + (middle[1] - middle[0]) / 2.0, high }
    }

    /// Whether the difference to a spread with a higher median is more than chance.
    fn is_clearly_below(self, other: Self) -> bool {
        self.high < other.low && self.high - self.low < other.median - self.median
    }
}

impl<'a> Combination<'a> {
    /// The runs that did not diverge.
    fn good_rows(self) -> impl Iterator<Item = &'a SweepRow> {
        self.rows.iter().filter(|row| !matches!(row.ending, Ending::Diverged { .. }))
    }

    /// How many of the runs diverged.
    pub fn diverged(self) -> usize {
        self.rows.len() - self.good_rows().count()
    }

    /// A measure over the runs that did not diverge. `None` if half of the runs or more diverged: then the median did too.
    pub fn spread(self, measure: impl Fn(&Record) -> f64) -> Option<Spread> {
        let good = Spread::of(self.good_rows().map(|row| measure(&row.kept)));
        (2 * self.diverged() < self.rows.len()).then_some(good)
    }

    /// The run with the median of the measure; of an even count the lower one in the middle. Diverged runs count as highest.
    pub(super) fn median_row(self, measure: Measure) -> &'a SweepRow {
        let mut rows: Vec<&SweepRow> = self.rows.iter().collect();
        let key = |row: &SweepRow| (matches!(row.ending, Ending::Diverged { .. }), measure.of(&row.kept));
        rows.sort_by(|a, b| {
            let ((a_diverged, a), (b_diverged, b)) = (key(a), key(b));
            a_diverged.cmp(&b_diverged).then(a.total_cmp(&b))
        });
        rows[(rows.len() - 1) / 2]
    }

    /// The number of the first run in the sweep.
    pub(super) fn first(self) -> usize {
        self.first
    }
}

impl Sweep {
    /// What the runs are compared by: the validation cost if every run has it.
    pub fn measure(&self) -> Measure {
        match self.data.iter().all(|run| run.validation.is_some()) {
            true => Measure::ValidationCost,
            false => Measure::TrainingCost,
        }
    }

    /// Whether each combination of values has several seeds.
    pub fn has_seeds(&self) -> bool {
        self.seeds > 1
    }

    /// The rows by their combinations of values. The last one may lack some of its seeds.
    pub fn combinations<'a>(&self, rows: &'a [SweepRow]) -> Vec<Combination<'a>> {
        let chunks = rows.chunks(self.seeds).enumerate();
        chunks
            .map(|(index, rows)| Combination { rows, first: index * self.seeds })
            .collect()
    }

    /// The combination that the last row completes, if it is the last of its seeds.
    pub fn completed<'a>(&self, rows: &'a [SweepRow]) -> Option<Combination<'a>> {
        let is_complete = rows.len().is_multiple_of(self.seeds);
        self.combinations(rows).pop().filter(|_| is_complete)
    }

    /// The values of a combination with their names, without the seed.
    pub fn values<'a>(&'a self, combination: Combination<'a>) -> Values<'a> {
        let keys = self.names.len() - usize::from(self.seeds_are_a_key());
        let values = &combination.rows[0].values[..keys];
        self.names
            .iter()
            .map(String::as_str)
            .zip(values.iter().map(String::as_str))
            .collect()
    }

    /// The best combination of those with the same data, for each data set with several combinations.
    pub fn best<'a>(&'a self, rows: &'a [SweepRow]) -> Vec<Best<'a>> {
        let measure = self.measure();
        let mut by_data: Vec<(Values<'a>, Vec<Combination<'a>>)> = Vec::new();
        for combination in self.combinations(rows) {
            let data = self.data_values(combination.first);
            match by_data.iter_mut().find(|(known, _)| *known == data) {
                Some((_, combinations)) => combinations.push(combination),
                None => by_data.push((data, vec![combination])),
            }
        }

        let comparable = by_data.into_iter().filter(|(_, combinations)| combinations.len() > 1);
        comparable
            .filter_map(|(data, combinations)| {
                let spreads: Vec<_> = combinations
                    .into_iter()
                    .filter_map(|each| Some((each, each.spread(|record| measure.of(record))?)))
                    .collect();
                let &(best, spread) = spreads.iter().min_by(|(_, a), (_, b)| a.median.total_cmp(&b.median))?;
                let is_equal = |(other, of_other): &&(Combination<'_>, Spread)| {
                    other.first != best.first && !spread.is_clearly_below(*of_other)
                };
                let equal = spreads.iter().filter(is_equal).map(|(other, _)| *other).collect();
                Some(Best { data, best, spread, equal })
            })
            .collect()
    }

    fn seeds_are_a_key(&self) -> bool {
        self.config.sweep.as_ref().is_some_and(|sweep| sweep.seeds.is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_that_of_numpy() {
        // numpy.median([3, 1, 2]) and numpy.median([4, 1, 3, 2])
        assert_eq!(Spread::of([3.0, 1.0, 2.0]), Spread { low: 1.0, median: 2.0, high: 3.0 });
        assert_eq!(Spread::of([4.0, 1.0, 3.0, 2.0]), Spread { low: 1.0, median: 2.5, high: 4.0 });
        assert!(Spread::of([]).median.is_nan());
    }

    #[test]
    fn a_difference_counts_if_it_is_larger_than_the_range() {
        let best = Spread { low: 1.0, median: 1.1, high: 2.0 };
        let is_different = |low, median, high| best.is_clearly_below(Spread { low, median, high });
        assert!(is_different(2.2, 2.2, 2.3) && is_different(2.5, 3.0, 99.0));
        // The ranges overlap, or the difference is smaller than the range of the best.
        assert!(!is_different(1.9, 3.0, 4.0) && !is_different(2.05, 2.08, 3.0));
        // With one seed every difference counts, and equal costs are equal.
        let one = |cost| Spread { low: cost, median: cost, high: cost };
        assert!(one(1.0).is_clearly_below(one(1.01)) && !one(1.0).is_clearly_below(one(1.0)));
    }
}
