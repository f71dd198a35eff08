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
use std::sync::{Mutex, PoisonError};

use serde::Serialize;
use serde_json::Value;

use super::manifest::{MANIFEST, Manifest};
use super::prepare::Run;
use super::save::{HISTORY, METRICS, MODEL};
use super::sweep::{SWEEP, Sweep, stored_rows, sweep_ending};
use crate::error::Result;
use crate::files::model_file::ModelFile;
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
            self.observer.on_update(update)
        }
    }
}

/// Passes the updates of several runs to one observer, as if they were one run.
struct AllRuns<'a> {
    updates: usize,
    observer: &'a mut (dyn Observer + Send),
}

/// The observer of one of these runs.
struct OneOf<'a, 'b>(&'a Mutex<AllRuns<'b>>);

impl Observer for OneOf<'_, '_> {
    fn on_update(&mut self, _update: usize) -> ControlFlow<()> {
        let AllRuns { updates, observer } = &mut *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *updates += 1;
        observer.on_update(*updates)
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
    pub fn verify(&self, observer: &mut (dyn Observer + Send)) -> Result<Verification> {
        match &self.results {
            StoredResults::Single { model, history, metrics } => {
                let run = Run::prepare(self.config.clone())?;
                let changed = self.changes(run.fingerprint(), None)?;
                self.compare_again(&run, changed, run.data_files(""), || {
                    self.repeat(&run, model, history, metrics, observer)
                })
            }
            StoredResults::Sweep { table } => {
                let sweep = Sweep::prepare(self.config.clone())?;
                let data_of = |index: usize| sweep.fingerprint_of(index).to_owned();
                let several = sweep.data_sets().count() > 1;
                let changed = self.changes(&sweep.fingerprint(), several.then_some(&data_of as _))?;
                let files = sweep.data_sets().flat_map(|(run, suffix)| run.data_files(&suffix)).collect();
                self.compare_again(sweep.first(), changed, files, || self.repeat_sweep(&sweep, table, observer))
            }
        }
    }

    /// Compares the files with new ones if nothing has changed. `run` is one that was prepared again.
    fn compare_again(
        &self,
        run: &Run,
        changed: Vec<Change>,
        data_files: Vec<(String, String)>,
        repeat: impl FnOnce() -> Result<Repetition>,
    ) -> Result<Verification> {
        let remarks = self
            .manifest
            .environment_changes(&Manifest::new(run, &Ending::Finished, 0, 0.0));
        if !changed.is_empty() {
            return Ok(Verification { same: false, changed, remarks, files: Vec::new() });
        }

        let Repetition { ending, updates, results } = repeat()?;
        let mut files = compare_data(&self.folder, data_files)?;
        files.extend(results);
        files.push(self.compare_ending(&ending, updates));
        let same = files.iter().all(|file| file.differing == 0);
        Ok(Verification { same, changed, remarks, files })
    }

    fn repeat(
        &self,
        run: &Run,
        model: &ModelFile,
        history: &str,
        metrics: &Value,
        observer: &mut dyn Observer,
    ) -> Result<Repetition> {
        let update = self.interrupted_after(self.manifest.updates);
        let trained = run.train(&mut StopAfter { update, observer })?;
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

    /// Trains the runs of a sweep again, as far as the stored sweep went.
    fn repeat_sweep(&self, sweep: &Sweep, table: &str, observer: &mut (dyn Observer + Send)) -> Result<Repetition> {
        let stored = stored_rows(table);
        // After an interruption the stored table may have fewer rows.
        let was_interrupted = self.manifest.ending == Ending::Interrupted.to_string();
        let count = if was_interrupted {
            stored.len().min(sweep.runs.len())
        } else {
            sweep.runs.len()
        };

        let all = Mutex::new(AllRuns { updates: 0, observer });
        let train = |index: usize, run: &Run, observer: &mut OneOf<'_, '_>| {
            let update = match stored.get(index) {
                Some(Some((updates, ending))) if *ending == Ending::Interrupted.to_string() => Some(*updates),
                _ => None,
            };
            run.train_network(&mut StopAfter { update, observer })
        };
        let (rows, completed) = sweep.repeat_each(count, train, |_| OneOf(&all));
        completed?;
        if let Some(failure) = rows.iter().find_map(|row| row.ending.error()) {
            return Err(failure);
        }
        Ok(Repetition {
            ending: sweep_ending(&rows),
            updates: rows.iter().map(|row| row.updates).sum(),
            results: vec![compare_tables(SWEEP, table, &sweep.table(&rows))],
        })
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
fn compare_data(folder: &Path, files: Vec<(String, String)>) -> Result<Vec<FileComparison>> {
    let compared = files.into_iter().map(|(file, now)| {
        let stored = read(folder, &file)?;
        let compare = if file.ends_with(".json") { compare_json } else { compare_tables };
        Ok(compare(&file, &stored, &now))
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
