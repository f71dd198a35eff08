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

use super::sweep::{Hidden, checkpoint_file};
use super::{HISTORY, METRICS, MODEL, Manifest, Run, SWEEP};
use crate::checkpoint::{Change, Checkpoint, changed, is_free};
use crate::config::Config;
use crate::error::{Error, Result};
use crate::folder::CONFIG;
use crate::model_file::ModelFile;
use crate::train::{Ending, Observer, Record};
use compare::{cells, compare, leaves, numbers};

pub use compare::{Compared, Difference};

/// A run as it is in its folder.
#[derive(Clone, Debug)]
pub struct Stored {
    /// What was asked for.
    pub config: Config,
    /// What made it, and how it went.
    pub manifest: Manifest,
    folder: PathBuf,
    results: Files,
}

/// The numbers of a run.
#[derive(Clone, Debug)]
enum Files {
    OfOne {
        model: Box<ModelFile>,
        history: String,
        metrics: Value,
    },
    /// The table, and from which configuration each size's checkpoint is.
    OfSweep {
        table: String,
        sizes: Vec<(Hidden, String)>,
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
    pub files: Vec<Compared>,
}

/// Stops where the stored run stopped, and tells another observer the rest.
struct StopAt<'a> {
    update: Option<usize>,
    /// Updates of smaller sizes.
    before: usize,
    observer: &'a mut dyn Observer,
}

impl Observer for StopAt<'_> {
    fn recorded(&mut self, record: &Record) {
        self.observer.recorded(record);
    }

    fn updated(&mut self, update: usize) -> ControlFlow<()> {
        if self.update == Some(update) { ControlFlow::Break(()) } else { self.observer.updated(self.before + update) }
    }
}

impl Stored {
    /// Reads the folder of a run.
    ///
    /// # Errors
    /// When it is not that of a run that ended, or ended by a device's failure, or when a file cannot be read or is not what its
    /// name says.
    pub fn load(folder: &Path) -> Result<Self> {
        let config = folder.join(CONFIG);
        if !config.is_file() {
            let message = format!("{} is not the folder of a run: it holds no {CONFIG}", folder.display());
            return Err(Error::Settings(message));
        }
        let config = Config::load(&config, &[])?;
        let manifest = Manifest::load(folder)?;
        if manifest.ending == "failed" {
            let why = "its device failed; go on with train --resume, then it can be verified";
            return Err(Error::Settings(format!("{}: {why}", folder.display())));
        }
        let read = |name: &str| {
            let path = folder.join(name);
            fs::read_to_string(&path).map_err(Error::file("read", &path))
        };
        let results = match &config.sweep {
            Some(sweep) => {
                let places = sweep.hidden.iter().map(|&hidden| (hidden, folder.join(checkpoint_file(hidden.get()))));
                let places = places.filter(|(_, path)| path.exists());
                let sizes = places.map(|(hidden, path)| Ok((hidden, Checkpoint::load(&path)?.config)));
                Files::OfSweep { table: read(SWEEP)?, sizes: sizes.collect::<Result<_>>()? }
            }
            None => Files::OfOne {
                model: Box::new(ModelFile::load(&folder.join(MODEL))?),
                history: read(HISTORY)?,
                metrics: serde_json::from_str(&read(METRICS)?).map_err(|error| Error::Content {
                    path: folder.join(METRICS),
                    message: format!("not JSON: {error}"),
                })?,
            },
        };
        Ok(Self { config, manifest, folder: folder.to_owned(), results })
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
            changed: self.changed()?,
            remarks: self.manifest.remarks(&now),
            files: Vec::new(),
        };
        if now.data != self.manifest.data {
            let what = self.config.data.path.as_ref().map_or("the data".into(), |path| path.display().to_string());
            verification.changed.push(Change { what, then: self.manifest.data.clone(), now: now.data });
        }
        if !verification.changed.is_empty() {
            return Ok(verification);
        }
        verification.files = match &self.results {
            Files::OfOne { model, history, metrics } => {
                let trained =
                    run.train(&mut StopAt { update: self.stopped_at(self.manifest.updates), before: 0, observer })?;
                if let Some(failure) = trained.outcome.ending.error() {
                    return Err(failure);
                }
                let (history_again, model_again) = (trained.history(), trained.model_file());
                let metrics_again = trained.judge()?.metrics();
                vec![
                    compare(HISTORY, &cells(history, history), &cells(&history_again, history)),
                    compare(MODEL, &numbers(model), &numbers(&model_again)),
                    compare(METRICS, &leaves(metrics), &leaves(&metrics_again)),
                ]
            }
            Files::OfSweep { table, .. } => {
                let again = self.sweep_again(&run, table, observer)?;
                vec![compare(SWEEP, &cells(table, table), &cells(&again, table))]
            }
        };
        verification.same = verification.files.iter().all(|file| file.differing == 0);
        Ok(verification)
    }

    /// The settings that are not those that the results came from.
    fn changed(&self) -> Result<Vec<Change>> {
        let wrong = |file: &str, error| Error::Content {
            path: self.folder.join(file),
            message: format!("configuration: {error}"),
        };
        match &self.results {
            Files::OfOne { model, .. } => {
                changed(&model.metadata.config, &self.config.to_toml()).map_err(|error| wrong(MODEL, error))
            }
            Files::OfSweep { sizes, .. } => {
                let mut all = Vec::<Change>::new();
                for (hidden, then) in sizes {
                    let now = self.config.of_size(*hidden).to_toml();
                    let found = changed(then, &now).map_err(|error| wrong(&checkpoint_file(hidden.get()), error))?;
                    // A size that was over when others were given more updates still has the configuration from before.
                    let counts = |change: &Change| !is_free(&change.what) && all.iter().all(|known| known != change);
                    let news: Vec<Change> = found.into_iter().filter(counts).collect();
                    all.extend(news);
                }
                Ok(all)
            }
        }
    }

    /// The table that comes out now, as far as the sweep went.
    fn sweep_again(&self, run: &Run, table: &str, observer: &mut dyn Observer) -> Result<String> {
        let updates = table.lines().skip(1).map(|line| line.split(',').nth(1)?.parse().ok());
        let updates: Vec<Option<usize>> = updates.collect();
        let (mut size, mut before) = (0, 0);
        let descend = |run: &Run, (): &mut ()| {
            size += 1;
            let last = size == updates.len();
            let update = updates.get(size - 1).copied().flatten().filter(|_| last);
            let update = update.and_then(|update| self.stopped_at(update));
            let outcome = run.descend(&mut StopAt { update, before, observer: &mut *observer })?;
            before += outcome.last().update;
            Ok(outcome)
        };
        let (rows, whole) = run.each_size(descend, || (), |_| ());
        whole?;
        match rows.iter().find_map(|row| row.ending.error()) {
            Some(failure) => Err(failure),
            None => Ok(run.sweep_table(&rows)),
        }
    }

    /// The update that an interruption came after, if one did.
    fn stopped_at(&self, updates: usize) -> Option<usize> {
        (self.manifest.ending == Ending::Interrupted.to_string()).then_some(updates)
    }
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
