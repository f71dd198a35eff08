//! Checkpoints in a run's folder: writing them while it trains, and going on from one.
//!
//! Leaves out: what a checkpoint holds, and which settings may change. That is in [`crate::files::checkpoint`].

use std::fs;
use std::ops::ControlFlow;

use super::{MANIFEST, Manifest, Run, Trained};
use crate::config::Config;
use crate::error::{Error, Result};
use crate::files::checkpoint::{self, Checkpoint};
use crate::files::folder::{CONFIG, RunFolder};
use crate::train::{self, Observer, Outcome, Record, Snapshot};

/// Writes checkpoints, and tells another observer the rest.
struct Keeper<'a> {
    file: &'a str,
    config: String,
    data: String,
    folder: &'a mut RunFolder,
    observer: &'a mut dyn Observer,
}

impl Observer for Keeper<'_> {
    fn on_checkpoint(&mut self, snapshot: &mut dyn FnMut() -> Result<Snapshot>) -> Result<()> {
        let checkpoint = Checkpoint { snapshot: snapshot()?, config: self.config.clone(), data: self.data.clone() };
        self.folder.write(self.file, checkpoint.to_bytes()?)?;
        self.folder.keep();
        Ok(())
    }

    fn on_record(&mut self, record: &Record) {
        self.observer.on_record(record);
    }

    fn on_update(&mut self, update: usize) -> ControlFlow<()> {
        self.observer.on_update(update)
    }
}

impl Run {
    /// Whether the run whose folder this is may go on as this one.
    ///
    /// # Errors
    /// When a setting that may not change has, the data have, or the configuration in the folder cannot be read.
    pub fn goes_on_in(&self, folder: &RunFolder) -> Result<()> {
        let path = folder.path().join(CONFIG);
        let then = fs::read_to_string(&path).map_err(Error::file("read", &path))?;
        let refused = |message: String| Error::Content { path: path.clone(), message };
        let changed =
            checkpoint::may_go_on(&then, &self.config.to_toml()).map_err(|error| refused(error.to_string()))?;
        changed.map_err(refused)?;
        // A run that was killed has none.
        let manifest = folder.path().join(MANIFEST);
        if manifest.exists() && Manifest::load(folder.path())?.data != self.fingerprint() {
            return Err(checkpoint::other_data(&manifest, self.config.data.path.as_deref()));
        }
        Ok(())
    }

    /// The checkpoint in a run's folder, if there is one.
    ///
    /// # Errors
    /// When it cannot be read or is of another run: its configuration or its data are not these.
    pub fn checkpoint(&self, folder: &RunFolder) -> Result<Option<Snapshot>> {
        self.checkpoint_of(&self.config, folder, checkpoint::FILE)
    }

    pub(super) fn checkpoint_of(&self, config: &Config, folder: &RunFolder, file: &str) -> Result<Option<Snapshot>> {
        let path = folder.path().join(file);
        if !path.exists() {
            return Ok(None);
        }
        let checkpoint = Checkpoint::load(&path)?;
        checkpoint.fits(&config.to_toml(), self.fingerprint(), &path, config.data.path.as_deref())?;
        Ok(Some(checkpoint.snapshot))
    }

    /// Trains as [`Run::train`] does, from the start or from where a checkpoint stands, and keeps checkpoints in a folder.
    ///
    /// # Errors
    /// The same, and when a checkpoint cannot be written.
    pub fn train_in(
        &self,
        folder: &mut RunFolder,
        from: Option<Snapshot>,
        observer: &mut dyn Observer,
    ) -> Result<Trained<'_>> {
        self.finish(self.descend_in(folder, checkpoint::FILE, from, observer)?)
    }

    pub(super) fn descend_in(
        &self,
        folder: &mut RunFolder,
        file: &str,
        from: Option<Snapshot>,
        observer: &mut dyn Observer,
    ) -> Result<Outcome> {
        let (config, data) = (self.config.to_toml(), self.fingerprint().into());
        train::train(self.job(), from, &mut Keeper { file, config, data, folder, observer })
    }
}
