//! The table of scores.

use crate::data::metrics::{Confusion, Differences, Interval, Intervals, MIN_ROWS_PER_CLASS, Scores};
use crate::data::text::{fixed, grouped, plural};

/// One column of the table: a part of the data, or a baseline.
#[derive(Clone, Copy, Debug)]
pub struct ScoresColumn<'a> {
    /// The heading of the column.
    pub name: &'a str,
    /// The scores.
    pub scores: &'a Scores,
    /// The intervals to print after the scores.
    pub intervals: Option<&'a Intervals>,
}

/// The format of a score.
#[derive(Clone, Copy)]
enum Style {
    /// In percent.
    Percent,
    /// With four decimals.
    Plain,
}

/// A row: its name, its style, and functions that return the score and its interval.
type Row = (&'static str, Style, fn(&Scores) -> Option<f64>, fn(&Intervals) -> Option<Interval>);

const ROWS: [Row; 9] = [
    ("log loss", Style::Plain, |scores| scores.cost, |intervals| intervals.cost),
    ("accuracy", Style::Percent, |scores| Some(scores.accuracy), |intervals| intervals.accuracy),
    (
        "balanced accuracy",
        Style::Percent,
        |scores| scores.balanced_accuracy,
        |intervals| intervals.balanced_accuracy,
    ),
    ("precision", Style::Percent, |scores| scores.precision, |intervals| intervals.precision),
    ("recall", Style::Percent, |scores| scores.recall, |intervals| intervals.recall),
    ("F1", Style::Plain, |scores| scores.f1, |intervals| intervals.f1),
    ("ROC AUC", Style::Plain, |scores| scores.roc_auc, |intervals| intervals.roc_auc),
    (
        "average precision",
        Style::Plain,
        |scores| scores.average_precision,
        |intervals| intervals.average_precision,
    ),
    ("Brier score", Style::Plain, |scores| Some(scores.brier), |intervals| intervals.brier),
];

/// The table of scores, with notes about intervals and differences to the baseline below it.
///
/// A score that is undefined is printed as a dash.
pub fn scores(columns: &[ScoresColumn<'_>]) -> String {
    let table = cells(columns);
    let width = |i: usize| table.iter().map(|(_, cells)| cells[i].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns.len()).map(width).collect();
    let lines = table.iter().map(|(name, cells)| {
        let cells = cells.iter().zip(&widths).map(|(cell, &width)| format!("   {cell:>width$}"));
        format!("{name:<19}{}\n", cells.collect::<String>())
    });
    lines.chain(columns.iter().filter_map(notes)).collect()
}

/// The rows of the table, each with its name. The first one holds the names of the columns.
pub(super) fn cells(columns: &[ScoresColumn<'_>]) -> Vec<(&'static str, Vec<String>)> {
    let cells = |cell: &dyn Fn(&ScoresColumn<'_>) -> String| columns.iter().map(cell).collect::<Vec<String>>();
    let header = ("", cells(&|column| column.name.to_owned()));
    let rows = ROWS.map(|(name, style, score, interval)| {
        let cell = |column: &ScoresColumn<'_>| {
            let interval = column.intervals.and_then(interval);
            let bounds = interval.map_or_else(String::new, |interval| bounds(interval, style));
            value(score(column.scores), style) + &bounds
        };
        (name, cells(&cell))
    });
    let count = |count: fn(&Confusion) -> usize| cells(&|column| grouped(count(&column.scores.confusion)));
    let counts = [
        ("class 0 predicted 0", count(|confusion| confusion.true_negative)),
        ("class 0 predicted 1", count(|confusion| confusion.false_positive)),
        ("class 1 predicted 0", count(|confusion| confusion.false_negative)),
        ("class 1 predicted 1", count(|confusion| confusion.true_positive)),
    ];
    std::iter::once(header).chain(rows).chain(counts).collect()
}

/// The notes below the table for one column: what its intervals are, and the differences to the baseline.
pub(super) fn notes(column: &ScoresColumn<'_>) -> Option<String> {
    let intervals = column.intervals?;
    let intervals_note = if intervals.resamples == 0 {
        few_rows_note(column, intervals)
    } else {
        format!(
            "\nIn brackets: 95 % confidence intervals. Accuracy, precision and recall have Wilson intervals.\n\
             The other scores have bootstrap intervals from {} resamples of the rows of {}.\n",
            grouped(intervals.resamples),
            column.name,
        )
    };
    let differences = intervals.differences.as_ref().filter(|_| intervals.resamples > 0);
    let differences = differences.map_or_else(String::new, differences_to_baseline);
    Some(single_class_note(column) + &intervals_note + &differences)
}

/// A note if the threshold predicts the same class for all rows.
fn single_class_note(column: &ScoresColumn<'_>) -> String {
    let confusion = column.scores.confusion;
    let predicted_positives = confusion.true_positive + confusion.false_positive;
    let class = match predicted_positives {
        0 => 0,
        _ if predicted_positives == confusion.samples() => 1,
        _ => return String::new(),
    };
    format!("\nAll rows of {} are predicted class {class}.\n", column.name)
}

/// The note for a column with too few rows for bootstrap intervals.
fn few_rows_note(column: &ScoresColumn<'_>, intervals: &Intervals) -> String {
    let (negatives, positives) = (column.scores.confusion.negatives(), column.scores.confusion.positives());
    let (class, rows) = if positives <= negatives { (1, positives) } else { (0, negatives) };
    let comparison = match intervals.differences {
        Some(_) => "\nand for a comparison with the baseline",
        None => "",
    };
    format!(
        "\nIn brackets: Wilson's 95 % intervals. There {} only {} {} of class {class} in {}: too few for intervals of the \
         other scores{comparison}.\nThese need at least {MIN_ROWS_PER_CLASS} rows of each class.\n",
        if rows == 1 { "is" } else { "are" },
        grouped(rows),
        plural(rows, "row"),
        column.name,
    )
}

/// The table of differences to the baseline.
fn differences_to_baseline(differences: &Differences) -> String {
    let rows = [
        ("accuracy", Style::Percent, differences.accuracy, differences.mcnemar_p_value),
        ("ROC AUC", Style::Plain, differences.roc_auc, 0.0),
        ("log loss", Style::Plain, differences.cost, 0.0),
    ];
    let rows = rows.map(|(name, style, difference, p_value)| match difference {
        None => format!("  {name:<10} {:>9}\n", "-"),
        Some(difference) => {
            let may_be_chance = p_value > 0.05 || (difference.low <= 0.0 && 0.0 <= difference.high);
            let verdict = if may_be_chance { "   may be chance" } else { "" };
            format!("  {name:<10} {:>9}{}{verdict}\n", signed(difference.value, style), bounds(difference, style))
        }
    });
    format!("Difference from the baseline (logistic regression) on the same rows:\n{}", rows.concat())
}

fn value(number: Option<f64>, style: Style) -> String {
    match (number, style) {
        (None, _) => "-".into(),
        (Some(number), Style::Percent) => format!("{:.2} %", 100.0 * number),
        (Some(number), Style::Plain) => fixed(number, 4),
    }
}

fn bounds(Interval { low, high, .. }: Interval, style: Style) -> String {
    match style {
        Style::Percent => format!(" ({:.1} to {:.1})", 100.0 * low, 100.0 * high),
        Style::Plain => format!(" ({} to {})", fixed(low, 3), fixed(high, 3)),
    }
}

fn signed(number: f64, style: Style) -> String {
    match style {
        Style::Percent => format!("{:+.2} %", 100.0 * number),
        Style::Plain => format!("{}{}", if number.is_sign_negative() { "" } else { "+" }, fixed(number, 4)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_and_undefined_scores_are_dashes() {
        // The logits of the probabilities 1/4, 3/4 and 1/2.
        let z = 3_f64.ln();
        let test = Scores::new(&[-z, z, 0.0, z], &[0, 1, 0, 0], 0.5);
        let majority = Scores::new(&[-z; 4], &[0, 1, 0, 0], 0.5);
        let interval = |value, low, high| Some(Interval { value, low, high });
        let intervals = Intervals {
            resamples: 1_000,
            accuracy: interval(0.75, 0.25, 1.0),
            balanced_accuracy: None,
            precision: interval(0.5, 0.125, 0.875),
            recall: None,
            f1: None,
            roc_auc: None,
            average_precision: None,
            brier: None,
            cost: interval(0.66, 0.2, 1.2),
            differences: Some(Differences {
                // The interval excludes 0, but the p-value of the test is above 0.05.
                accuracy: interval(0.25, 0.125, 0.5),
                mcnemar_p_value: 0.0625,
                roc_auc: None,
                cost: interval(-0.125, -0.25, -0.0625),
            }),
        };
        let columns = [("test", &test, Some(&intervals)), ("majority class", &majority, None)]
            .map(|(name, scores, intervals)| ScoresColumn { name, scores, intervals });
        // Log loss: -(2 ln 3/4 + ln 1/2 + ln 1/4) / 4 and -(3 ln 3/4 + ln 1/4) / 4.
        let expected = "                                         test   majority class
log loss              0.6637 (0.200 to 1.200)           0.5623
accuracy              75.00 % (25.0 to 100.0)          75.00 %
balanced accuracy                     83.33 %          50.00 %
precision              50.00 % (12.5 to 87.5)                -
recall                               100.00 %           0.00 %
F1                                     0.6667           0.0000
ROC AUC                                0.8333           0.5000
average precision                      0.5000           0.2500
Brier score                            0.2344           0.1875
class 0 predicted 0                         2                3
class 0 predicted 1                         1                0
class 1 predicted 0                         0                1
class 1 predicted 1                         1                0

In brackets: 95 % confidence intervals. Accuracy, precision and recall have Wilson intervals.
The other scores have bootstrap intervals from 1,000 resamples of the rows of test.
Difference from the baseline (logistic regression) on the same rows:
  accuracy    +25.00 % (12.5 to 50.0)   may be chance
  ROC AUC            -
  log loss     -0.1250 (-0.250 to -0.062)
";
        assert_eq!(scores(&columns), expected);
        let large = Scores::new(&[-1e38, 1e38], &[1, 0], 0.5);
        let large = scores(&[ScoresColumn { name: "test", scores: &large, intervals: None }]);
        assert!(large.contains("\nlog loss                1e38\n"), "{large}");
        let few = Intervals { resamples: 0, ..intervals };
        let note = scores(&[ScoresColumn { name: "test", scores: &test, intervals: Some(&few) }]);
        let none_positive = Scores::new(&[-z, 0.0], &[0, 1], 0.5);
        let all_negative = scores(&[ScoresColumn { name: "test", scores: &none_positive, intervals: Some(&few) }]);
        let all = "\nAll rows of test are predicted class 0.\n";
        assert!(all_negative.contains(all) && !note.contains("All rows"), "{all_negative}");
        assert!(
            note.contains("There is only 1 row of class 1 in test: too few")
                && !note.contains("Difference from the baseline"),
            "{note}"
        );
    }
}
