//! Looks for possible problems of a table before a network is trained on it.
//!
//! The table is not changed. Not covered: whether it has enough rows for a network.

mod checks;
mod leakage;
mod missing;
mod report;
mod spelling;
mod suspicious_numbers;
mod underflow;

pub use self::report::{Class, Examination, Finding, FindingKind};
pub(crate) use self::underflow::{merged, underflow};

use crate::split::Part;
use crate::table::Table;
use crate::text::one_line;

/// Examines a table. `parts` says what each row is used for, and `standardised` whether inputs will be standardised.
///
/// It makes a few passes over the numbers and needs 16 bytes of memory for each row.
///
/// # Panics
/// When the number of parts is not the number of rows: a mistake in the calling code.
pub fn examine(table: &Table, parts: &[Part], standardised: bool) -> Examination {
    assert_eq!(parts.len(), table.data.samples(), "each row is for a part");
    let Table { schema, data, .. } = table;
    let classes = [0, 1].map(|class| {
        let count = data.class_counts()[class];
        Class { name: schema.classes[class].clone(), count, fraction: count as f64 / data.samples() as f64 }
    });

    let is_constant = checks::constant_inputs(data.rows());
    let mut findings = Vec::new();
    findings.extend(checks::decimal_names(table));
    findings.extend(checks::constant(table, &is_constant));
    findings.extend(checks::constant_in_training(data, parts, &is_constant, standardised));
    findings.extend(checks::identifiers(table));
    findings.extend(suspicious_numbers::identifiers(table));
    findings.extend(spelling::lost_digits(table, &is_constant));
    findings.extend(checks::duplicates(table));
    findings.extend(missing::unlabelled_rows(table));
    findings.extend(checks::empty_rows(table));
    findings.extend(spelling::alike(table));
    findings.extend(spelling::respelled(table));
    findings.extend(suspicious_numbers::sentinels(table));
    findings.extend(spelling::like_missing(table));
    findings.extend(missing::imputed(table));
    findings.extend(missing::telling(table));
    findings.extend(leakage::leakage(table));
    if !standardised {
        findings.extend(checks::scale(table, &is_constant));
    }
    findings.extend(checks::imbalance(&classes));
    for part in [Part::Validation, Part::Test] {
        findings.extend(checks::few_rows(table, parts, part));
    }

    // The names of columns and classes may contain line ends.
    for finding in &mut findings {
        finding.sentence = one_line(&finding.sentence);
    }
    Examination {
        rows: data.samples(),
        columns: schema.columns.len(),
        inputs: data.features(),
        label: schema.label.clone(),
        classes,
        findings,
    }
}
