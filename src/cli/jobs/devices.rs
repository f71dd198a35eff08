//! Shows every device that Petal knows, and which one `auto` takes.

use std::path::PathBuf;

use crate::cli::console::print;
use crate::cli::invocation::Invocation;
use crate::cli::{ExitStatus, report};
use crate::config::{Config, Override};
use crate::device::survey;
use crate::error::Result;
use crate::run::Run;
use clap::{Args, ValueHint};

const AFTER_HELP: &str = concat!(
    "Examples:\n",
    "  petal devices\n",
    "  petal devices configs/moons.toml\n\n",
    "Exit codes: 0 done; 2 bad input.",
);

/// Show which devices can compute here, and which one device = "auto" takes
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub struct Options {
    /// The configuration whose updates `auto` times, by default one with nothing in it
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
        let surveyed = survey();
        let run = Run::prepare(config)?;
        print(match self.json {
            true => report::devices_json(&surveyed, &run),
            false => invocation.rewrite_commands(&report::devices(&surveyed, &run)),
        })?;
        Ok(ExitStatus::Success)
    }
}
