//! Trains a stored run again and tells whether it comes out to the bit.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, ValueHint};
use petal::cli::{self, Console, Verdict};
use petal::error::Result;
use petal::run::Stored;
use serde_json::json;

const AFTER_HELP: &str = concat!(
    "Examples:\n",
    "  verify-run runs/default\n",
    "  verify-run runs/default --json\n\n",
    "Nothing in the folder is changed.\n",
    "Exit codes: 0 the run comes out again to the bit; 1 it does not, or its data or settings have changed; 2 bad input.",
);

/// Train a stored run again, as far as it went, and compare every number of its history, model and metrics.
#[derive(Parser)]
#[command(version, after_help = AFTER_HELP)]
struct Options {
    /// The folder of the run, such as runs/default
    #[arg(value_hint = ValueHint::DirPath)]
    folder: PathBuf,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    cli::main(|| verify(&Options::parse()))
}

fn verify(options: &Options) -> Result<Verdict> {
    let stored = Stored::load(&options.folder)?;
    let verification = stored.verify(&mut Console::new(options.json).bar(stored.manifest.updates, 0))?;
    cli::print(match options.json {
        true => format!("{:#}", json!(verification)),
        false => verification.to_string(),
    })?;
    Ok(if verification.same { Verdict::Done } else { Verdict::No })
}
