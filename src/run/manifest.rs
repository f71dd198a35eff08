//! What made a run, and how it went: the file that tells whether it can come out again, and where.
//!
//! Leaves out: results. They are in files that hold nothing of the day, so that the same run gives the same bytes; this one
//! and the checkpoint say how long training took.

use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Run;
use crate::data::text::shell_quote_path;
use crate::device::{DeviceChoice, Precision};
use crate::error::{Error, Result};
use crate::files::checkpoint::Change;
use crate::files::folder::RunFolder;
use crate::network::gradients::Engine;
use crate::network::kernel;
use crate::train::Ending;

/// The file's name in the folder of a run.
pub const MANIFEST: &str = "run.json";

/// What made a run, and how it went.
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
    /// Where training computed.
    pub device: DeviceChoice,
    /// The float type.
    pub dtype: Precision,
    /// What computed the gradient.
    pub engine: Engine,
    /// The fingerprint of the data, all parts of it.
    pub data: String,
    /// How training ended, in a word.
    pub ending: String,
    /// How many updates the last record is after; of a sweep, those of all sizes.
    pub updates: usize,
    /// How long they took.
    pub seconds: f64,
}

impl Manifest {
    /// The manifest of a run that ends here and now.
    pub(super) fn new(run: &Run, ending: &Ending, updates: usize, seconds: f64) -> Self {
        Self {
            petal: env!("CARGO_PKG_VERSION").into(),
            os: std::env::consts::OS.into(),
            architecture: std::env::consts::ARCH.into(),
            instructions: kernel::instructions(),
            device: run.config.device.clone(),
            dtype: run.config.dtype,
            engine: run.config.train.engine,
            data: run.fingerprint().into(),
            ending: ending.to_string(),
            updates,
            seconds,
        }
    }

    pub(super) fn save(&self, folder: &mut RunFolder) -> Result<()> {
        let text = serde_json::to_string_pretty(self).unwrap_or_else(|_| unreachable!("strings and numbers only"));
        folder.write(MANIFEST, text + "\n")
    }

    /// What is not as it was where a run was made, and may make other numbers of it.
    pub(super) fn remarks(&self, now: &Self) -> Vec<Change> {
        let [then, now] = [self, now].map(|manifest| json!(manifest));
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let places = ["petal", "os", "architecture", "instructions", "device"];
        let changed = places.into_iter().filter(|&place| then[place] != now[place]);
        changed
            .map(|place| Change { what: place.into(), then: text(&then[place]), now: text(&now[place]) })
            .collect()
    }

    /// Reads the manifest in a folder.
    ///
    /// # Errors
    /// When there is none, as of a run that was killed, or it is not one.
    pub fn load(folder: &Path) -> Result<Self> {
        let path = folder.join(MANIFEST);
        if !path.exists() {
            let message = format!(
                "{} holds no {MANIFEST}: its run is not over; go on with `petal train --resume {}`",
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
