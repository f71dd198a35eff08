//! `petal devices`: shows every device that Petal knows, and the one that `auto` chooses.

use std::path::PathBuf;

use crate::cli::console::print;
use crate::cli::invocation::Invocation;
use crate::cli::{ExitStatus, report};
use crate::config::{Config, Override};
use crate::device::survey_backends;
use crate::error::Result;
use crate::run::Run;
use clap::{Args, ValueHint};

const AFTER_HELP: &str = concat!(
    "Examples:\n",
    "  petal devices\n",
    "  petal devices configs/moons.toml\n\n",
    "Exit codes: 0 done; 2 error.",
);

/// Show which devices can compute here, and which one device = "auto" chooses
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub struct Options {
    /// The configuration whose updates `auto` times; the default is an empty configuration
    #[arg(value_hint = ValueHint::FilePath)]
    config: Option<PathBuf>,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Options {
    pub fn run(&self, invocation: &Invocation) -> Result<ExitStatus> {
        let auto = Override::option("--device", "device", "auto");
        let config = match &self.config {
            Some(path) => Config::load(path, &[auto])?,
            None => Config::from_toml("", "the default configuration", &[auto])?,
        };
        let statuses = survey_backends();
        let run = Run::prepare(config)?;
        print(match self.json {
            true => report::devices_json(&statuses, &run),
            false => invocation.rewrite_commands(&report::devices(&statuses, &run)),
        })?;
        Ok(ExitStatus::Success)
    }
}
