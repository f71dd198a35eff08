//! `petal verify`: trains a stored run again and checks that the results are the same, bit for bit.

use std::path::PathBuf;

use crate::cli::ExitStatus;
use crate::cli::console::{Console, print};
use crate::error::Result;
use crate::run::StoredRun;
use clap::{Args, ValueHint};
use serde_json::json;

const AFTER_HELP: &str = concat!(
    "Examples:\n",
    "  petal verify runs/default\n",
    "  petal verify runs/default --json\n\n",
    "The folder is not changed.\n",
    "Exit codes: 0 all numbers are the same, bit for bit; 1 some differ, or the data or settings have changed; 2 error.",
);

/// Train a stored run again and compare every number with the stored one
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub struct Options {
    /// The folder of the run, such as runs/default
    #[arg(value_hint = ValueHint::DirPath)]
    folder: PathBuf,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Options {
    pub fn run(&self) -> Result<ExitStatus> {
        let stored = StoredRun::load(&self.folder)?;
        let mut progress = Console::new(self.json).bar(stored.manifest.updates, 0);
        let verification = stored.verify(&mut progress)?;
        drop(progress);

        print(match self.json {
            true => format!("{:#}", json!(verification)),
            false => verification.to_string(),
        })?;
        Ok(if verification.same { ExitStatus::Success } else { ExitStatus::Negative })
    }
}
