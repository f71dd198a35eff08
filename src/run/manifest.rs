//! `run.json`: what made a run, and how it ended. With it, others can tell whether and where the run can be repeated.
//!
//! The files with results hold no times, so that the same run gives the same bytes. Only the manifest and the checkpoint say
//! how long training took.

use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::prepare::Run;
use crate::data::text::shell_quote_path;
use crate::device::{DeviceChoice, Precision};
use crate::error::{Error, Result};
use crate::files::folder::RunFolder;
use crate::files::settings_diff::Change;
use crate::network::fused_bridge;
use crate::network::gradients::Engine;
use crate::train::Ending;

/// The file's name in a run's folder.
pub const MANIFEST: &str = "run.json";

/// What made a run, and how it ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// The version of Petal.
    pub petal: String,
    /// The operating system that Petal was built for.
    pub os: String,
    /// The processor architecture that Petal was built for.
    pub architecture: String,
    /// The vector instructions of the fused engine.
    pub instructions: String,
    /// The device that trained.
    pub device: DeviceChoice,
    /// The float type.
    pub dtype: Precision,
    /// What computed the gradient.
    pub engine: Engine,
    /// Hidden units that the initial weights keep from learning, in words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// The fingerprint of all parts of the data.
    pub data: String,
    /// How training ended, in one word.
    pub ending: String,
    /// The update of the last record. For a sweep, the sum over all sizes.
    pub updates: usize,
    /// Seconds of training.
    pub seconds: f64,
}

impl Manifest {
    /// The manifest of a run that ends now, on this machine.
    pub(super) fn new(run: &Run, ending: &Ending, updates: usize, seconds: f64) -> Self {
        Self {
            petal: env!("CARGO_PKG_VERSION").into(),
            os: std::env::consts::OS.into(),
            architecture: std::env::consts::ARCH.into(),
            instructions: fused_bridge::instructions(),
            device: run.config.device.clone(),
            dtype: run.config.dtype,
            engine: run.config.train.engine,
            notes: run.start_notes(),
            data: run.fingerprint().into(),
            ending: ending.to_string(),
            updates,
            seconds,
        }
    }

    /// Whether training diverged.
    pub fn has_diverged(&self) -> bool {
        self.ending == Ending::Diverged { update: 0, cost: 0.0 }.to_string()
    }

    pub(super) fn save(&self, folder: &mut RunFolder) -> Result<()> {
        let text = serde_json::to_string_pretty(self).unwrap_or_else(|_| unreachable!("strings and numbers only"));
        folder.write(MANIFEST, text + "\n")
    }

    /// What differs between two machines or versions of Petal, and may lead to other numbers.
    pub(super) fn environment_changes(&self, now: &Self) -> Vec<Change> {
        let (then, now) = (json!(self), json!(now));
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let keys = ["petal", "os", "architecture", "instructions", "device"];
        keys.into_iter()
            .filter(|&key| then[key] != now[key])
            .map(|key| Change { what: key.into(), then: text(&then[key]), now: text(&now[key]) })
            .collect()
    }

    /// Reads the manifest in a folder.
    ///
    /// # Errors
    /// When there is none, for example because the run was killed, or when it cannot be read.
    pub fn load(folder: &Path) -> Result<Self> {
        let path = folder.join(MANIFEST);
        if !path.exists() {
            let message = format!(
                "{} contains no {MANIFEST}: the run has not finished; continue it with `petal train --resume {}`",
                folder.display(),
                shell_quote_path(folder)
            );
            return Err(Error::Folder(message));
        }
        let bytes = fs::read(&path).map_err(Error::file("read", &path))?;
        serde_json::from_slice(&bytes)
            .map_err(|error| Error::Content { path, message: format!("not a manifest: {error}") })
    }
}
