//! Findings about missing values: which were filled in, which rows were left out, and whether they tell the label.
//!
//! Whether a cell is missing is a feature of its own. Its area under the ROC curve follows from the fractions of missing
//! values p0 and p1 in the rows of the two classes:
//!
//! ```text
//! AUC = 1/2 + (p1 - p0) / 2
//! ```

use super::checks::{MIN_COUNT, abbreviated};
use super::report::{Finding, FindingKind, percent};
use crate::schema::Column;
use crate::table::Table;
use crate::text::{grouped, plural};

/// From here on, missing values tell the label: half of one class more is missing than of the other.
const MIN_AUC: f64 = 0.75;

pub(super) fn unlabelled_rows(Table { unlabelled_rows: count, unlabelled_words, .. }: &Table) -> Option<Finding> {
    let words = in_brackets(unlabelled_words.as_ref());
    let sentence = format!("{} {} without a label left out{words}", grouped(*count), plural(*count, "row"));
    (*count > 0).then_some(Finding { kind: FindingKind::UnlabelledRows, columns: Vec::new(), sentence })
}

pub(super) fn imputed(Table { schema, data, notes, .. }: &Table) -> Option<Finding> {
    let (mut total, mut columns, mut descriptions) = (0, Vec::new(), Vec::new());
    for (Column { name, .. }, notes) in schema.columns.iter().zip(notes) {
        let count: usize = notes.missing.iter().sum();
        if count > 0 {
            total += count;
            columns.push(name.clone());
            let fraction = percent(count as f64 / data.samples() as f64);
            let words = notes
                .missing_words
                .as_ref()
                .map_or_else(String::new, |words| format!(": {words}"));
            descriptions.push(format!("{name} {} ({fraction}{words})", grouped(count)));
        }
    }

    let whose = if total == 1 { "its" } else { "their" };
    let sentence = format!(
        "{} missing {} became {whose} column's mean: {}",
        grouped(total),
        plural(total, "value"),
        abbreviated(&descriptions)
    );
    (total > 0).then_some(Finding { kind: FindingKind::Imputed, columns, sentence })
}

/// Finds the columns whose missing values tell the label. Fewer than ten missing values, or ten rows of a class, are no
/// evidence.
pub(super) fn telling(Table { schema, data, notes, .. }: &Table) -> Vec<Finding> {
    let rows = data.class_counts();
    let mut findings = Vec::new();
    for (Column { name, .. }, notes) in schema.columns.iter().zip(notes) {
        let fractions = [0, 1].map(|class| notes.missing[class] as f64 / rows[class] as f64);
        let auc = 0.5 + (fractions[1] - fractions[0]) / 2.0;
        let has_evidence =
            notes.missing.iter().sum::<usize>() >= MIN_COUNT && rows.iter().all(|&rows| rows >= MIN_COUNT);
        if has_evidence && auc.max(1.0 - auc) >= MIN_AUC {
            let [zero, one] = &schema.classes;
            let sentence = format!(
                "whether {name} is missing tells the label (ROC AUC {auc:.4}): it is in {} of the rows of {zero:?} and in {} of \
                 {one:?}; will it be missing in the same way when predicting?",
                percent(fractions[0]),
                percent(fractions[1])
            );
            findings.push(Finding { kind: FindingKind::Missingness, columns: vec![name.clone()], sentence });
        }
    }
    findings
}

fn in_brackets(words: Option<&String>) -> String {
    words.map_or_else(String::new, |words| format!(" ({words})"))
}
