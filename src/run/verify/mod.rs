//! Whether a stored run comes out again: it is trained once more in memory, and every number is held against the stored one.
//!
//! What made the run may have changed since. Other data or settings make another run, and nothing is trained; another machine
//! or version may give the same numbers or others, and is only remarked on.
//!
//! Leaves out: pictures, which follow from these numbers, and whether the numbers are good.

mod compare;

use std::fmt;
use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::Value;

use super::sweep::checkpoint_file;
use super::{HISTORY, MANIFEST, METRICS, MODEL, Manifest, Run, SWEEP, SweepRow, ending_of};
use crate::config::Config;
use crate::data::text::shell_quote_path;
use crate::error::{Error, Result};
use crate::files::checkpoint::{self, Change, Checkpoint, changed, is_free, is_idle};
use crate::files::folder::{configuration, lock};
use crate::files::model_file::ModelFile;
use crate::train::{Ending, Observer, Record};
use compare::{compare, compare_json, compare_tables, leaves, numbers};

pub use compare::{Difference, FileComparison};

/// A run as it is in its folder.
#[derive(Clone, Debug)]
pub struct StoredRun {
    /// What was asked for.
    pub config: Config,
    /// What made it, and how it went.
    pub manifest: Manifest,
    folder: PathBuf,
    results: Files,
    checkpoints: Vec<Kept>,
}

/// A checkpoint in the folder.
#[derive(Clone, Debug)]
struct Kept {
    file: String,
    /// The configuration that it is of, as it is now.
    config: Config,
    checkpoint: Checkpoint,
}

/// The numbers of a run.
#[derive(Clone, Debug)]
enum Files {
    OfOne {
        model: Box<ModelFile>,
        history: String,
        metrics: Value,
    },
    OfSweep {
        table: String,
    },
}

/// What came of training a stored run again.
#[derive(Clone, Debug, Serialize)]
pub struct Verification {
    /// Whether all came out again, to the bit.
    pub same: bool,
    /// The settings that are not what the run was made with, and the data if they are not; then nothing is trained.
    pub changed: Vec<Change>,
    /// What else is not as it was where the run was made.
    pub remarks: Vec<Change>,
    /// File by file, what came out.
    pub files: Vec<FileComparison>,
}

/// Stops where the stored run stopped, and tells another observer the rest.
struct StopAt<'a> {
    update: Option<usize>,
    /// Updates of smaller sizes.
    before: usize,
    observer: &'a mut dyn Observer,
}

impl Observer for StopAt<'_> {
    fn on_record(&mut self, record: &Record) {
        self.observer.on_record(record);
    }

    fn on_update(&mut self, update: usize) -> ControlFlow<()> {
        if self.update == Some(update) {
            ControlFlow::Break(())
        } else {
            self.observer.on_update(self.before + update)
        }
    }
}

impl StoredRun {
    /// Reads the folder of a run.
    ///
    /// # Errors
    /// When it is not that of a run that ended, or ended by a device's failure, or when a file cannot be read or is not what its
    /// name says.
    pub fn load(folder: &Path) -> Result<Self> {
        let config = Config::load(&configuration(folder)?, &[])?;
        if !folder.join(MANIFEST).exists() {
            drop(lock(folder)?); // one that is at work is the better reason
        }
        let manifest = Manifest::load(folder)?;
        if manifest.ending == "failed" {
            let (place, words) = (folder.display(), shell_quote_path(folder));
            let message = format!(
                "{place}: its device failed; go on with `petal train --resume {words}`, then it can be verified"
            );
            return Err(Error::Folder(message));
        }
        let results = match &config.sweep {
            Some(_) => Files::OfSweep { table: read(folder, SWEEP)? },
            None => Files::OfOne {
                model: Box::new(ModelFile::load(&folder.join(MODEL))?),
                history: read(folder, HISTORY)?,
                metrics: json_of(folder, METRICS)?,
            },
        };
        let of_sizes = config.sweep.iter().flat_map(|sweep| &sweep.hidden);
        let of_sizes = of_sizes.map(|&hidden| (checkpoint_file(hidden.get()), config.of_size(hidden)));
        let of_one = config.sweep.is_none().then(|| (checkpoint::FILE.to_owned(), config.clone()));
        let there = of_sizes.chain(of_one).filter(|(file, _)| folder.join(file).exists());
        let checkpoints = there
            .map(|(file, config)| Ok(Kept { checkpoint: Checkpoint::load(&folder.join(&file))?, file, config }))
            .collect::<Result<_>>()?;
        Ok(Self { config, manifest, folder: folder.to_owned(), results, checkpoints })
    }

    /// Trains again, as far as the stored run went, and compares.
    ///
    /// # Errors
    /// When the data cannot be read, a device cannot be used, or training fails.
    pub fn verify(&self, observer: &mut dyn Observer) -> Result<Verification> {
        let run = Run::prepare(self.config.clone())?;
        let now = Manifest::new(&run, &Ending::Finished, 0, 0.0);
        let mut verification = Verification {
            same: false,
            changed: self.changed(&now.data)?,
            remarks: self.manifest.remarks(&now),
            files: Vec::new(),
        };
        if !verification.changed.is_empty() {
            return Ok(verification);
        }
        let (ending, updates, results) = match &self.results {
            Files::OfOne { model, history, metrics } => {
                let mut stop = StopAt { update: self.stopped_at(self.manifest.updates), before: 0, observer };
                let trained = run.train(&mut stop)?;
                let ending = trained.outcome.ending.clone();
                if let Some(failure) = ending.error() {
                    return Err(failure);
                }
                let (history_again, model_again) = (trained.history(), trained.model_file());
                let updates = trained.outcome.last().update;
                let metrics_again = trained.evaluate()?.metrics();
                let results = vec![
                    compare_tables(HISTORY, history, &history_again),
                    compare(MODEL, &numbers(model), &numbers(&model_again)),
                    compare(METRICS, &leaves(metrics), &leaves(&metrics_again)),
                ];
                (ending, updates, results)
            }
            Files::OfSweep { table } => {
                let rows = self.sweep_again(&run, table, observer)?;
                let updates = rows.iter().map(|row| row.updates).sum();
                (ending_of(&rows), updates, vec![compare_tables(SWEEP, table, &run.sweep_table(&rows))])
            }
        };
        let how = |ending: String, updates: usize| {
            vec![("ending".to_owned(), ending), ("updates".to_owned(), updates.to_string())]
        };
        let Manifest { ending: stored, updates: made, .. } = &self.manifest;
        let how = compare(MANIFEST, &how(stored.clone(), *made), &how(ending.to_string(), updates));
        let data = run.data_files().into_iter().map(|(file, again)| {
            let stored = read(&self.folder, file)?;
            Ok(if file.ends_with(".json") {
                compare_json(file, &stored, &again)
            } else {
                compare_tables(file, &stored, &again)
            })
        });
        verification.files = data.chain(results.into_iter().chain([how]).map(Ok)).collect::<Result<_>>()?;
        verification.same = verification.files.iter().all(|file| file.differing == 0);
        Ok(verification)
    }

    /// The settings and the data that are not those that the results came from.
    fn changed(&self, data: &str) -> Result<Vec<Change>> {
        let of = |file: &str, then: &str, now: &Config| {
            let path = self.folder.join(file);
            changed(then, &now.to_toml())
                .map_err(|error| Error::Content { path, message: format!("configuration: {error}") })
        };
        let mut all = Vec::<Change>::new();
        if let Files::OfOne { model, .. } = &self.results {
            let found = of(MODEL, &model.metadata.config, &self.config)?;
            all.extend(found.into_iter().filter(|change| !is_idle(&change.what)));
        }
        if data != self.manifest.data {
            let what = self
                .config
                .data
                .path
                .as_ref()
                .map_or("the data".into(), |path| path.display().to_string());
            all.push(Change { what, then: self.manifest.data.clone(), now: data.into() });
        }
        for Kept { file, config, checkpoint } in &self.checkpoints {
            // One that was over when more updates were asked for is still of the configuration from before.
            let found = of(file, &checkpoint.config, config)?
                .into_iter()
                .filter(|change| !is_free(&change.what));
            let data = (checkpoint.data != self.manifest.data).then(|| Change {
                what: format!("the data of {file}"),
                then: checkpoint.data.clone(),
                now: self.manifest.data.clone(),
            });
            for change in found.chain(data) {
                if !all.contains(&change) {
                    all.push(change);
                }
            }
        }
        Ok(all)
    }

    /// The rows that come out now, as far as the sweep went.
    fn sweep_again(&self, run: &Run, table: &str, observer: &mut dyn Observer) -> Result<Vec<SweepRow>> {
        let updates = table.lines().skip(1).map(|line| line.split(',').nth(1)?.parse().ok());
        let updates: Vec<Option<usize>> = updates.collect();
        let (mut size, mut before) = (0, 0);
        let descend = |run: &Run, (): &mut ()| {
            size += 1;
            let last = updates.get(size - 1).copied().flatten().filter(|_| size == updates.len());
            let update = last.and_then(|update| self.stopped_at(update));
            let outcome = run.descend(&mut StopAt { update, before, observer: &mut *observer })?;
            before += outcome.last().update;
            Ok(outcome)
        };
        let (rows, whole) = run.each_size(descend, || (), |_| ());
        whole?;
        rows.iter().find_map(|row| row.ending.error()).map_or(Ok(rows), Err)
    }

    /// The update that an interruption came after, if one did.
    fn stopped_at(&self, updates: usize) -> Option<usize> {
        (self.manifest.ending == Ending::Interrupted.to_string()).then_some(updates)
    }
}

fn read(folder: &Path, name: &str) -> Result<String> {
    let path = folder.join(name);
    fs::read_to_string(&path).map_err(Error::file("read", &path))
}

fn json_of(folder: &Path, name: &str) -> Result<Value> {
    serde_json::from_str(&read(folder, name)?)
        .map_err(|error| Error::Content { path: folder.join(name), message: format!("not JSON: {error}") })
}

impl fmt::Display for Verification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Change { what, then, now } in &self.remarks {
            writeln!(f, "Remark: {what} was {then} where the run was made, and is {now} here")?;
        }
        for Change { what, then, now } in &self.changed {
            writeln!(f, "Changed since: {what} was {then}, and is {now}")?;
        }
        for file in &self.files {
            writeln!(f, "{file}")?;
        }
        f.write_str(match (self.same, self.changed.is_empty()) {
            (true, _) => "The run comes out again to the bit.",
            (false, true) => "The run does not come out again.",
            (false, false) => "It is not the run that was made, and was not trained again.",
        })
    }
}
