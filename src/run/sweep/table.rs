//! `sweep.csv`: the results of a sweep, one run in a line.

use super::plan::Sweep;
use super::row::{RESULT_COLUMNS, SweepRow};
use crate::data::csv_writer::exact;

/// The name of the file.
pub(in crate::run) const SWEEP: &str = "sweep.csv";

impl Sweep {
    /// The contents of `sweep.csv`. It holds no times, so that the same sweep gives the same bytes.
    pub(in crate::run) fn table(&self, rows: &[SweepRow]) -> String {
        // Some runs may have validation samples and others none.
        let has_validation = self.data.iter().any(|run| run.validation.is_some());
        let results = RESULT_COLUMNS
            .into_iter()
            .filter(|name| has_validation || !name.starts_with("validation"));
        let header: Vec<String> = self
            .names
            .iter()
            .map(|name| cell(name))
            .chain(results.map(str::to_owned))
            .collect();

        let lines = rows.iter().map(|SweepRow { values, updates, kept, ending, .. }| {
            let mut cells: Vec<String> = values.iter().map(|value| cell(value)).collect();
            cells.extend([updates.to_string(), exact(kept.cost), exact(kept.accuracy)]);
            if has_validation {
                let scores = kept.validation.map(|score| [score.cost, score.accuracy].map(exact));
                cells.extend(scores.unwrap_or_default());
            }
            cells.push(ending.to_string());
            cells.join(",") + "\n"
        });
        std::iter::once(header.join(",") + "\n").chain(lines).collect()
    }
}

/// The text of a cell: in quotation marks if it holds a character with a meaning.
fn cell(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

/// The updates and the ending of each row of a stored table. `None` if the row does not have them.
pub(in crate::run) fn stored_rows(table: &str) -> Vec<Option<(usize, String)>> {
    // These columns are counted from the end: values before them may contain commas.
    let header: Vec<&str> = table.lines().next().unwrap_or_default().split(',').collect();
    let from_end = header
        .iter()
        .rposition(|name| *name == "updates")
        .map(|index| header.len() - index);
    let row = |line: &str| {
        let mut cells = line.rsplit(',');
        let ending = cells.clone().next()?.to_owned();
        Some((cells.nth(from_end?.checked_sub(1)?)?.parse().ok()?, ending))
    };
    table.lines().skip(1).map(row).collect()
}
