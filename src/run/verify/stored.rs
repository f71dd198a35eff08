//! A run as it is stored in its folder.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::config::Config;
use crate::data::text::shell_quote_path;
use crate::error::{Error, Result};
use crate::files::checkpoint::{self, Checkpoint};
use crate::files::folder::{config_path, lock};
use crate::files::model_file::ModelFile;
use crate::files::settings_diff::{Change, changed_settings, is_without_influence, may_change};
use crate::run::manifest::{MANIFEST, Manifest};
use crate::run::save::{HISTORY, METRICS, MODEL};
use crate::run::sweep::{SWEEP, checkpoint_file};

/// A run as it is stored in its folder.
#[derive(Clone, Debug)]
pub struct StoredRun {
    /// The configuration.
    pub config: Config,
    /// What made the run, and how it ended.
    pub manifest: Manifest,
    pub(super) folder: PathBuf,
    pub(super) results: StoredResults,
    checkpoints: Vec<StoredCheckpoint>,
}

/// The numbers of a run.
#[derive(Clone, Debug)]
pub(super) enum StoredResults {
    Single {
        model: Box<ModelFile>,
        history: String,
        metrics: Value,
    },
    Sweep {
        table: String,
    },
}

/// A checkpoint in the folder.
#[derive(Clone, Debug)]
struct StoredCheckpoint {
    /// The number of its run in a sweep, otherwise 0.
    run: usize,
    file: String,
    /// The configuration that the folder now has for this training.
    config: Config,
    checkpoint: Checkpoint,
}

impl StoredRun {
    /// Reads the folder of a run.
    ///
    /// # Errors
    /// When it is not the folder of a run that ended, when the run's device failed, or when a file cannot be read.
    pub fn load(folder: &Path) -> Result<Self> {
        let config = Config::load(&config_path(folder)?, &[])?;
        if !folder.join(MANIFEST).exists() {
            // If a program is still at work there, its lock gives the better message.
            drop(lock(folder)?);
        }
        let manifest = Manifest::load(folder)?;
        if manifest.ending == "failed" {
            let (path, word) = (folder.display(), shell_quote_path(folder));
            let message = format!(
                "{path}: its device failed; continue the run with `petal train --resume {word}`, then verify it"
            );
            return Err(Error::Folder(message));
        }

        let results = match &config.sweep {
            Some(_) => StoredResults::Sweep { table: read(folder, SWEEP)? },
            None => StoredResults::Single {
                model: Box::new(ModelFile::load(&folder.join(MODEL))?),
                history: read(folder, HISTORY)?,
                metrics: read_json(folder, METRICS)?,
            },
        };
        let checkpoints = load_checkpoints(folder, &config)?;
        Ok(Self { config, manifest, folder: folder.to_owned(), results, checkpoints })
    }

    /// What has changed since the results were made: settings, and the data, whose fingerprint is now `data`. `data_of` has
    /// the fingerprints of the runs of a sweep if their data differ.
    pub(super) fn changes(&self, data: &str, data_of: Option<&dyn Fn(usize) -> String>) -> Result<Vec<Change>> {
        let mut changes = Vec::<Change>::new();
        if let StoredResults::Single { model, .. } = &self.results {
            let found = self.changed_settings(MODEL, &model.metadata.config, &self.config)?;
            changes.extend(found.into_iter().filter(|change| !is_without_influence(&change.what)));
        }
        for StoredCheckpoint { run, file, config, checkpoint } in &self.checkpoints {
            // A finished training has the old configuration in its checkpoint if more updates were asked for later.
            let found = self.changed_settings(file, &checkpoint.config, config)?;
            let settings = found.into_iter().filter(|change| !may_change(&change.what));
            let of_run = data_of.map_or_else(|| self.manifest.data.clone(), |data_of| data_of(*run));
            let data = (checkpoint.data != of_run).then(|| Change {
                what: format!("the data of {file}"),
                then: checkpoint.data.clone(),
                now: of_run,
            });
            for change in settings.chain(data) {
                if !changes.contains(&change) {
                    changes.push(change);
                }
            }
        }

        // The fingerprint is that of the prepared samples: other settings of the data change it with the same file.
        let prepared_otherwise = changes
            .iter()
            .any(|change| change.what.starts_with("data.") || change.what.starts_with("split."));
        if data != self.manifest.data && !prepared_otherwise {
            let path = self.config.data.path.as_ref();
            let what = path.map_or("the data".into(), |path| path.display().to_string());
            changes.push(Change { what, then: self.manifest.data.clone(), now: data.into() });
        }
        Ok(changes)
    }

    fn changed_settings(&self, file: &str, then: &str, now: &Config) -> Result<Vec<Change>> {
        changed_settings(then, &now.to_toml()).map_err(|error| {
            let path = self.folder.join(file);
            Error::Content { path, message: format!("configuration: {error}") }
        })
    }
}

fn load_checkpoints(folder: &Path, config: &Config) -> Result<Vec<StoredCheckpoint>> {
    let runs = config.sweep_runs();
    let trainings: Vec<_> = match config.sweep {
        None => vec![(checkpoint::FILE.to_owned(), config.clone())],
        Some(_) => runs.into_iter().map(|run| (checkpoint_file(&run), run.config)).collect(),
    };
    let existing = trainings
        .into_iter()
        .enumerate()
        .filter(|(_, (file, _))| folder.join(file).exists());
    existing
        .map(|(run, (file, config))| {
            let checkpoint = Checkpoint::load(&folder.join(&file))?;
            Ok(StoredCheckpoint { run, file, config, checkpoint })
        })
        .collect()
}

pub(super) fn read(folder: &Path, name: &str) -> Result<String> {
    let path = folder.join(name);
    fs::read_to_string(&path).map_err(Error::file("read", &path))
}

fn read_json(folder: &Path, name: &str) -> Result<Value> {
    serde_json::from_str(&read(folder, name)?)
        .map_err(|error| Error::Content { path: folder.join(name), message: format!("not JSON: {error}") })
}
