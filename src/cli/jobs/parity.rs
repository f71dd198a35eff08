//! `petal parity`: trains on several devices and reports whether they agree with the host.

use crate::cli::console::print;
use crate::cli::options::{ConfigArgs, whole_number};
use crate::cli::{ExitStatus, report};
use crate::config::Override;
use crate::device::DeviceName;
use crate::error::Result;
use crate::parity;
use clap::Args;

const AFTER_HELP: &str = concat!(
    "Examples:\n",
    "  petal parity configs/default.toml\n",
    "  petal parity configs/default.toml --devices flex,ndarray --updates 1000\n",
    "  petal parity configs/moons.toml --dtype f32 --json\n\n",
    "Exit codes: 0 all devices are within their bounds; 1 one is not; 2 error.",
);

/// Train on several devices from the same numbers and compare each with the host in f64
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub struct Options {
    #[command(flatten)]
    config: ConfigArgs,

    /// The devices, by default flex, ndarray and those of the configuration; a device without f64 computes in f32
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    devices: Vec<DeviceName>,

    /// The number of updates
    #[arg(long, value_name = "COUNT", default_value_t = 200, value_parser = whole_number::<0, 1_000_000_000>, allow_negative_numbers = true)]
    updates: usize,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Options {
    pub fn run(&self) -> Result<ExitStatus> {
        let updates = Override::number("--updates", "train.updates", self.updates);
        let report = parity::compare(&self.config.load(&[updates])?, &self.devices)?;
        print(if self.json { report.to_json() } else { report::parity(&report) })?;
        Ok(if report.passed() { ExitStatus::Success } else { ExitStatus::Negative })
    }
}
