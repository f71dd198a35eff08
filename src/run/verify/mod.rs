//! Checks whether a stored run can be repeated: trains it again in memory and compares every number with the stored one.
//!
//! - If the data or the settings have changed, it would be another run. Nothing is trained then, and the changes are listed.
//! - If the machine or the version of Petal is another, the numbers may be the same or not. The report mentions it.
//!
//! Pictures are not compared, because they follow from the numbers.

mod compare;
mod stored;

use std::fmt;
use std::ops::ControlFlow;
use std::path::Path;

use serde::Serialize;

use super::manifest::{MANIFEST, Manifest};
use super::prepare::Run;
use super::save::{HISTORY, METRICS, MODEL};
use super::sweep::{SWEEP, SweepRow, sweep_ending};
use crate::error::Result;
use crate::files::settings_diff::Change;
use crate::train::{Ending, Observer, Record};
use compare::{compare, compare_json, compare_tables, leaves, model_values};
use stored::{StoredResults, read};

pub use compare::{Difference, FileComparison};
pub use stored::StoredRun;

/// The result of training a stored run again.
#[derive(Clone, Debug, Serialize)]
pub struct Verification {
    /// Whether all numbers are the same, bit for bit.
    pub same: bool,
    /// The settings and data that have changed since the run was made. If there are any, nothing was trained.
    pub changed: Vec<Change>,
    /// Other things that have changed: the machine, or the version of Petal.
    pub remarks: Vec<Change>,
    /// The comparison of each file.
    pub files: Vec<FileComparison>,
}

/// An observer that stops training after an update and passes everything else to another observer.
struct StopAfter<'a> {
    update: Option<usize>,
    /// The updates of earlier sizes of a sweep, which are added to what is reported.
    updates_before: usize,
    observer: &'a mut dyn Observer,
}

impl Observer for StopAfter<'_> {
    fn on_record(&mut self, record: &Record) {
        self.observer.on_record(record);
    }

    fn on_update(&mut self, update: usize) -> ControlFlow<()> {
        if self.update == Some(update) {
            ControlFlow::Break(())
        } else {
            self.observer.on_update(self.updates_before + update)
        }
    }
}

/// What training again gave.
struct Repetition {
    ending: Ending,
    updates: usize,
    results: Vec<FileComparison>,
}

impl StoredRun {
    /// Trains again, for as many updates as the stored run made, and compares.
    ///
    /// # Errors
    /// When the data cannot be read, a device cannot be used, or training fails.
    pub fn verify(&self, observer: &mut dyn Observer) -> Result<Verification> {
        let run = Run::prepare(self.config.clone())?;
        let now = Manifest::new(&run, &Ending::Finished, 0, 0.0);
        let changed = self.changes(&now.data)?;
        let remarks = self.manifest.environment_changes(&now);
        if !changed.is_empty() {
            return Ok(Verification { same: false, changed, remarks, files: Vec::new() });
        }

        let Repetition { ending, updates, results } = self.repeat(&run, observer)?;
        let mut files = compare_data(&self.folder, &run)?;
        files.extend(results);
        files.push(self.compare_ending(&ending, updates));
        let same = files.iter().all(|file| file.differing == 0);
        Ok(Verification { same, changed, remarks, files })
    }

    fn repeat(&self, run: &Run, observer: &mut dyn Observer) -> Result<Repetition> {
        match &self.results {
            StoredResults::Single { model, history, metrics } => {
                let update = self.interrupted_after(self.manifest.updates);
                let trained = run.train(&mut StopAfter { update, updates_before: 0, observer })?;
                let ending = trained.outcome.ending.clone();
                if let Some(failure) = ending.error() {
                    return Err(failure);
                }

                let (new_history, new_model) = (trained.history(), trained.model_file());
                let updates = trained.outcome.last().update;
                let with_ranges = model.metadata.ranges.is_some();
                let new_metrics = trained.evaluate()?.metrics();
                let results = vec![
                    compare_tables(HISTORY, history, &new_history),
                    compare(MODEL, &model_values(model, with_ranges), &model_values(&new_model, with_ranges)),
                    compare(METRICS, &leaves(metrics), &leaves(&new_metrics)),
                ];
                Ok(Repetition { ending, updates, results })
            }
            StoredResults::Sweep { table } => {
                let rows = self.repeat_sweep(run, table, observer)?;
                Ok(Repetition {
                    ending: sweep_ending(&rows),
                    updates: rows.iter().map(|row| row.updates).sum(),
                    results: vec![compare_tables(SWEEP, table, &run.sweep_table(&rows))],
                })
            }
        }
    }

    /// Trains the sizes of a sweep again, as far as the stored sweep went.
    fn repeat_sweep(&self, run: &Run, table: &str, observer: &mut dyn Observer) -> Result<Vec<SweepRow>> {
        let stored_updates: Vec<Option<usize>> =
            table.lines().skip(1).map(|line| line.split(',').nth(1)?.parse().ok()).collect();
        let (mut size, mut updates_before) = (0, 0);
        let train = |run: &Run, (): &mut ()| {
            size += 1;
            // An interruption ends a sweep, so only its last size can be interrupted.
            let last = if size == stored_updates.len() { stored_updates[size - 1] } else { None };
            let update = last.and_then(|updates| self.interrupted_after(updates));
            let outcome = run.train_network(&mut StopAfter { update, updates_before, observer: &mut *observer })?;
            updates_before += outcome.last().update;
            Ok(outcome)
        };
        let (rows, completed) = run.for_each_size(train, || (), |_| ());
        completed?;
        match rows.iter().find_map(|row| row.ending.error()) {
            Some(failure) => Err(failure),
            None => Ok(rows),
        }
    }

    /// The update after which the stored training was interrupted, if it was.
    fn interrupted_after(&self, updates: usize) -> Option<usize> {
        (self.manifest.ending == Ending::Interrupted.to_string()).then_some(updates)
    }

    fn compare_ending(&self, ending: &Ending, updates: usize) -> FileComparison {
        let values = |ending: String, updates: usize| {
            vec![("ending".to_owned(), ending), ("updates".to_owned(), updates.to_string())]
        };
        let stored = values(self.manifest.ending.clone(), self.manifest.updates);
        compare(MANIFEST, &stored, &values(ending.to_string(), updates))
    }
}

/// Compares the files that describe the data.
fn compare_data(folder: &Path, run: &Run) -> Result<Vec<FileComparison>> {
    let compared = run.data_files().into_iter().map(|(file, now)| {
        let stored = read(folder, file)?;
        let compare = if file.ends_with(".json") { compare_json } else { compare_tables };
        Ok(compare(file, &stored, &now))
    });
    compared.collect()
}

impl fmt::Display for Verification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Change { what, then, now } in &self.remarks {
            writeln!(f, "Note: {what} was {then} where the run was made, and is {now} here")?;
        }
        for Change { what, then, now } in &self.changed {
            writeln!(f, "Changed since: {what} was {then}, and is {now}")?;
        }
        for file in &self.files {
            writeln!(f, "{file}")?;
        }
        f.write_str(match (self.same, self.changed.is_empty()) {
            (true, _) => "The run was reproduced bit for bit.",
            (false, true) => "The run was not reproduced.",
            (false, false) => "Settings or data have changed since the run was made, so it was not trained again.",
        })
    }
}
