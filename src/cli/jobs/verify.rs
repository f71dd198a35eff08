//! Trains a stored run again and tells whether it comes out to the bit.

use std::path::PathBuf;

use crate::cli::Verdict;
use crate::cli::console::{Console, print};
use crate::error::Result;
use crate::run::StoredRun;
use clap::{Args, ValueHint};
use serde_json::json;

const AFTER_HELP: &str = concat!(
    "Examples:\n",
    "  petal verify runs/default\n",
    "  petal verify runs/default --json\n\n",
    "Nothing in the folder is changed.\n",
    "Exit codes: 0 the run comes out again to the bit; 1 it does not, or its data or settings have changed; 2 bad input.",
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
    pub fn run(&self) -> Result<Verdict> {
        let stored = StoredRun::load(&self.folder)?;
        let verification = stored.verify(&mut Console::new(self.json).bar(stored.manifest.updates, 0))?;
        print(match self.json {
            true => format!("{:#}", json!(verification)),
            false => verification.to_string(),
        })?;
        Ok(if verification.same { Verdict::Done } else { Verdict::No })
    }
}
