//! Writing checkpoints into a run's folder while it trains, and resuming from one.
//!
//! [`crate::files::checkpoint`] has the file format, [`crate::files::settings_diff`] the settings that may change.

use std::fs;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use super::manifest::{MANIFEST, Manifest};
use super::prepare::Run;
use super::train::Trained;
use crate::config::Config;
use crate::data::text::grouped;
use crate::error::{Error, Result};
use crate::files::checkpoint::{self, Checkpoint};
use crate::files::folder::{CONFIG, RunFolder};
use crate::files::frames_file;
use crate::files::settings_diff::{Resumable, is_resumable};
use crate::network::Parameters;
use crate::train::{Ending, Frame, Frames, Observer, Outcome, Record, Snapshot, TrainingState, train};

/// An observer that writes checkpoints, keeps frames, and passes everything else to another observer.
struct CheckpointWriter<'a, 'folder> {
    file: &'a str,
    config: String,
    data: String,
    folder: &'a Mutex<&'folder mut RunFolder>,
    frames: Option<Frames>,
    observer: &'a mut dyn Observer,
}

impl Observer for CheckpointWriter<'_, '_> {
    fn on_checkpoint(&mut self, snapshot: &mut dyn FnMut() -> Result<Snapshot>) -> Result<()> {
        let checkpoint = Checkpoint { snapshot: snapshot()?, config: self.config.clone(), data: self.data.clone() };
        let bytes = checkpoint.to_bytes()?;
        if let Some(frames) = &mut self.frames {
            let state = &checkpoint.snapshot.state;
            frames.set_end(Frame { update: state.update, parameters: state.parameters.clone() });
            let frames = frames_file::to_bytes(frames.until(state.update), state)?;
            RunFolder::write_and_keep(self.folder, &frames_file::file_name(self.file), &frames)?;
        }
        RunFolder::write_and_keep(self.folder, self.file, &bytes)
    }

    fn wants_parameters(&self, update: usize) -> bool {
        self.frames.as_ref().is_some_and(|frames| frames.is_due(update))
    }

    fn on_parameters(&mut self, update: usize, parameters: Parameters) {
        if let Some(frames) = &mut self.frames {
            frames.push(Frame { update, parameters });
        }
    }

    fn on_record(&mut self, record: &Record) {
        self.observer.on_record(record);
    }

    fn on_update(&mut self, update: usize) -> ControlFlow<()> {
        self.observer.on_update(update)
    }
}

/// An observer that keeps frames, and ends the training after an update.
struct FrameKeeper {
    frames: Frames,
    end: usize,
}

impl Observer for FrameKeeper {
    fn on_checkpoint(&mut self, snapshot: &mut dyn FnMut() -> Result<Snapshot>) -> Result<()> {
        let TrainingState { update, parameters, .. } = snapshot()?.state;
        self.frames.set_end(Frame { update, parameters });
        Ok(())
    }

    fn wants_parameters(&self, update: usize) -> bool {
        self.frames.is_due(update)
    }

    fn on_parameters(&mut self, update: usize, parameters: Parameters) {
        self.frames.push(Frame { update, parameters });
    }

    fn on_update(&mut self, update: usize) -> ControlFlow<()> {
        if update < self.end {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
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
        self.load_checkpoint(&self.config, folder.path(), checkpoint::FILE)
    }

    pub(super) fn load_checkpoint(&self, config: &Config, folder: &Path, file: &str) -> Result<Option<Snapshot>> {
        let path = folder.join(file);
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
        let (outcome, frames) = self.train_network_with_checkpoints(&folder, checkpoint::FILE, from, observer)?;
        self.with_threshold(outcome, frames)
    }

    pub(super) fn train_network_with_checkpoints(
        &self,
        folder: &Mutex<&mut RunFolder>,
        file: &str,
        from: Option<Snapshot>,
        observer: &mut dyn Observer,
    ) -> Result<(Outcome, Option<Frames>)> {
        let frames = if self.config.output.report {
            let path = folder.lock().unwrap_or_else(PoisonError::into_inner).path().to_owned();
            Some(self.frames(&path, file, from.as_ref())?)
        } else {
            None
        };
        let (config, data) = (self.config.to_toml(), self.fingerprint().into());
        let mut observer = CheckpointWriter { file, config, data, folder, frames, observer };
        let outcome = train(self.job(), from, &mut observer).map_err(|error| self.explained(error))?;
        Ok((outcome, observer.frames))
    }

    /// The frames of the training so far. Without a file that has them, the training is repeated.
    fn frames(&self, folder: &Path, file: &str, from: Option<&Snapshot>) -> Result<Frames> {
        let Some(snapshot) = from else {
            return Ok(Frames::new(self.initial.count()));
        };
        let TrainingState { update, parameters, .. } = &snapshot.state;
        let mut frames = match frames_file::load(folder, file, snapshot) {
            Some(frames) => frames,
            None => self.repeated_frames(*update)?,
        };
        frames.set_end(Frame { update: *update, parameters: parameters.clone() });
        Ok(frames)
    }

    /// The frames of the training up to this update, from a repetition of the training.
    fn repeated_frames(&self, update: usize) -> Result<Frames> {
        let mut keeper = FrameKeeper { frames: Frames::new(self.initial.count()), end: update };
        train(self.job(), None, &mut keeper).map_err(|error| self.explained(error))?;
        Ok(keeper.frames)
    }

    /// The stored training of a folder, with its frames. What is not stored is repeated; nothing is written, and no training
    /// goes on.
    ///
    /// # Errors
    /// When the checkpoint cannot be read or is of another run, or when a repetition fails.
    pub fn stored(&self, folder: &Path, manifest: &Manifest) -> Result<Trained<'_>> {
        let (outcome, frames) = self.stored_network(folder, checkpoint::FILE, manifest.has_ended())?;
        check_updates(outcome.last().update, manifest.updates, folder)?;
        self.with_threshold(outcome, Some(frames))
    }

    pub(super) fn stored_network(&self, folder: &Path, file: &str, has_ended: bool) -> Result<(Outcome, Frames)> {
        let from = self.load_checkpoint(&self.config, folder, file)?;
        let frames = self.frames(folder, file, from.as_ref())?;
        match from {
            Some(Snapshot { history, kept, kept_parameters, .. }) if !has_ended => {
                let (parameters, ending) = (kept_parameters, Ending::Interrupted);
                Ok((Outcome { parameters, history, kept, ending, divergence: None }, frames))
            }
            from => {
                // A finished training has no updates left. One that diverged repeats the last ones.
                let mut keeper = FrameKeeper { frames, end: usize::MAX };
                let outcome = train(self.job(), from, &mut keeper).map_err(|error| self.explained(error))?;
                Ok((outcome, keeper.frames))
            }
        }
    }
}

/// Refuses a stored training with another number of updates than `run.json` or `sweep.csv` says.
pub(super) fn check_updates(updates: usize, stored: usize, folder: &Path) -> Result<()> {
    if updates == stored {
        return Ok(());
    }
    let (updates, stored) = (grouped(updates), grouped(stored));
    Err(Error::Content {
        path: folder.join(CONFIG),
        message: format!(
            "this configuration gives {updates} updates, but the run made {stored}: the file was changed after training, or the \
             checkpoint was removed"
        ),
    })
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
