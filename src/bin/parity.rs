//! Trains on several devices and says whether they agree with the host.

use std::process::ExitCode;

use clap::Parser;
use petal::cli::{self, ConfigArgs, Verdict};
use petal::config::Override;
use petal::device::Name;
use petal::error::Result;
use petal::parity;
use petal::report;

const AFTER_HELP: &str = concat!(
    "Examples:\n",
    "  parity configs/default.toml\n",
    "  parity configs/default.toml --devices flex,ndarray,wgpu --updates 1000\n",
    "  parity configs/moons.toml --devices flex,remote:ws://127.0.0.1:3000 --dtype f32\n\n",
    "Exit codes: 0 all devices are within their bounds; 1 one is not; 2 bad input.",
);

/// Train on several devices from the same numbers and hold each against the host, in f64.
#[derive(Parser)]
#[command(version, after_help = AFTER_HELP)]
struct Options {
    #[command(flatten)]
    config: ConfigArgs,

    /// The devices, by default flex, ndarray and the configuration's own; one without f64 is compared in f32
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    devices: Vec<Name>,

    /// How many updates to make
    #[arg(long, value_name = "COUNT", default_value_t = 200)]
    updates: usize,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    cli::main(|| compare(&Options::parse()))
}

fn compare(options: &Options) -> Result<Verdict> {
    let updates = Override::number("--updates", "train.updates", options.updates);
    let report = parity::compare(&options.config.load(Some(&updates))?, &options.devices)?;
    cli::print(if options.json { report.to_json() } else { report::parity(&report) })?;
    Ok(if report.holds() { Verdict::Done } else { Verdict::No })
}
