//! Shows every device that Petal knows, and which one `auto` takes.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, ValueHint};
use petal::cli::{self, Verdict};
use petal::config::{Config, Override};
use petal::device::survey;
use petal::error::Result;
use petal::report;
use petal::run::Run;

const AFTER_HELP: &str =
    concat!("Examples:\n", "  devices\n", "  devices configs/moons.toml\n\n", "Exit codes: 0 done; 2 bad input.",);

/// Show every device: compiled in or not, present or not, its float types, and which one device = "auto" takes.
#[derive(Parser)]
#[command(version, after_help = AFTER_HELP)]
struct Options {
    /// The configuration whose updates `auto` times, by default one with nothing in it
    #[arg(value_hint = ValueHint::FilePath)]
    config: Option<PathBuf>,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    cli::main(|| devices(&Options::parse()))
}

fn devices(options: &Options) -> Result<Verdict> {
    let auto = Override::option("--device", "device", "auto");
    let config = match &options.config {
        Some(path) => Config::load(path, &[auto])?,
        None => Config::from_toml("", "the default configuration", &[auto])?,
    };
    let surveyed = survey();
    let run = Run::prepare(config)?;
    cli::print(if options.json { report::devices_json(&surveyed, &run) } else { report::devices(&surveyed, &run) })?;
    Ok(Verdict::Done)
}
