//! Writing checkpoints into a run's folder while it trains, and resuming from one.
//!
//! [`crate::files::checkpoint`] has the file format, [`crate::files::settings_diff`] the settings that may change.

use std::fs;
use std::ops::ControlFlow;
use std::sync::Mutex;

use super::manifest::{MANIFEST, Manifest};
use super::prepare::Run;
use super::train::Trained;
use crate::config::Config;
use crate::error::{Error, Result};
use crate::files::checkpoint::{self, Checkpoint};
use crate::files::folder::{CONFIG, RunFolder};
use crate::files::settings_diff::{Resumable, is_resumable};
use crate::train::{Observer, Outcome, Record, Snapshot, train};

/// An observer that writes checkpoints and passes everything else to another observer.
struct CheckpointWriter<'a, 'folder> {
    file: &'a str,
    config: String,
    data: String,
    folder: &'a Mutex<&'folder mut RunFolder>,
    observer: &'a mut dyn Observer,
}

impl Observer for CheckpointWriter<'_, '_> {
    fn on_checkpoint(&mut self, snapshot: &mut dyn FnMut() -> Result<Snapshot>) -> Result<()> {
        let checkpoint = Checkpoint { snapshot: snapshot()?, config: self.config.clone(), data: self.data.clone() };
        RunFolder::write_and_keep(self.folder, self.file, &checkpoint.to_bytes()?)
    }

    fn on_record(&mut self, record: &Record) {
        self.observer.on_record(record);
    }

    fn on_update(&mut self, update: usize) -> ControlFlow<()> {
        self.observer.on_update(update)
    }
}

impl Run {
    /// Checks that the run of this folder may be resumed as this run.
    ///
    /// # Errors
    /// When a setting has changed that may not change, when the data have changed, or when the configuration in the folder
    /// cannot be read.
    pub fn check_resumable(&self, folder: &RunFolder) -> Result<()> {
        check_config(&self.config, folder)?;

        // A run that was killed has no manifest.
        let manifest = folder.path().join(MANIFEST);
        if manifest.exists() && Manifest::load(folder.path())?.data != self.fingerprint() {
            return Err(checkpoint::data_changed(&manifest, self.config.data.path.as_deref()));
        }
        Ok(())
    }

    /// The checkpoint in a run's folder, if there is one.
    ///
    /// # Errors
    /// When it cannot be read, or is of another run: its configuration or its data differ.
    pub fn checkpoint(&self, folder: &RunFolder) -> Result<Option<Snapshot>> {
        self.load_checkpoint(&self.config, folder, checkpoint::FILE)
    }

    pub(super) fn load_checkpoint(&self, config: &Config, folder: &RunFolder, file: &str) -> Result<Option<Snapshot>> {
        let path = folder.path().join(file);
        if !path.exists() {
            return Ok(None);
        }
        let checkpoint = Checkpoint::load(&path)?;
        checkpoint.check_resumable(&config.to_toml(), self.fingerprint(), &path, config.data.path.as_deref())?;
        Ok(Some(checkpoint.snapshot))
    }

    /// Trains like [`Run::train`], from the start or from a checkpoint, and writes checkpoints into the folder.
    ///
    /// # Errors
    /// Those of [`Run::train`], and when a checkpoint cannot be written.
    pub fn train_with_checkpoints(
        &self,
        folder: &mut RunFolder,
        from: Option<Snapshot>,
        observer: &mut dyn Observer,
    ) -> Result<Trained<'_>> {
        let folder = Mutex::new(folder);
        self.with_threshold(self.train_network_with_checkpoints(&folder, checkpoint::FILE, from, observer)?)
    }

    pub(super) fn train_network_with_checkpoints(
        &self,
        folder: &Mutex<&mut RunFolder>,
        file: &str,
        from: Option<Snapshot>,
        observer: &mut dyn Observer,
    ) -> Result<Outcome> {
        let (config, data) = (self.config.to_toml(), self.fingerprint().into());
        let observer = &mut CheckpointWriter { file, config, data, folder, observer };
        train(self.job(), from, observer).map_err(|error| self.explained(error))
    }
}

/// Checks that the run in this folder may be resumed with this configuration.
pub(super) fn check_config(config: &Config, folder: &RunFolder) -> Result<()> {
    let path = folder.path().join(CONFIG);
    let stored = fs::read_to_string(&path).map_err(Error::file("read", &path))?;
    let refuse = |message: String| Err(Error::Content { path: path.clone(), message });
    match is_resumable(&stored, &config.to_toml()) {
        Ok(Resumable::Yes) => Ok(()),
        Ok(Resumable::No(reason)) => refuse(reason),
        Err(error) => refuse(error.to_string()),
    }
}
