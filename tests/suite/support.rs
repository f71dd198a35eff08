//! Helpers that several test modules share: reference files, configurations, runs, observers and programs.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::Command;

use petal::config::{Config, Override};
use petal::device::{self, Backend, Placement, Precision};
use petal::run::Run;
use petal::train::{Observer, Record};

/// The path of a file or folder of the repository.
pub fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// The text of a reference file.
pub fn reference(name: &str) -> String {
    let path = path("tests/reference").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The rows of a reference file in CSV, without the header.
pub fn table(name: &str) -> Vec<Vec<f64>> {
    let numbers = |line: &str| line.split(',').map(|cell| cell.parse().unwrap()).collect();
    reference(name).lines().skip(1).map(numbers).collect()
}

/// A reference file in JSON.
pub fn json(name: &str) -> serde_json::Value {
    serde_json::from_str(&reference(name)).unwrap()
}

/// A JSON list of numbers.
pub fn numbers(value: &serde_json::Value) -> Vec<f64> {
    value
        .as_array()
        .unwrap()
        .iter()
        .map(|number| number.as_f64().unwrap())
        .collect()
}

/// The placement of a backend. It must be a backend that needs no special hardware.
pub fn placement(backend: Backend, precision: Precision) -> Placement {
    device::open(&backend.into(), precision).unwrap().placement
}

/// Parses overrides such as `train.updates=5`.
pub fn overrides(changes: &[&str]) -> Vec<Override> {
    changes.iter().map(|change| Override::parse(change).unwrap()).collect()
}

/// Prepares the run of a configuration file with some settings changed.
pub fn prepared(config: &Path, changes: &[&str]) -> Run {
    Run::prepare(Config::load(config, &overrides(changes)).unwrap()).unwrap()
}

/// An observer that stops training after an update.
pub struct StopAt {
    update: usize,
    /// How many times the update is still made before training stops.
    remaining: usize,
    /// The updates at which training made a record.
    pub records: Vec<usize>,
}

impl StopAt {
    /// Stops after an update. `usize::MAX` means that training is not stopped.
    pub fn update(update: usize) -> Self {
        Self { update, remaining: 1, records: Vec::new() }
    }

    /// Stops when an update is made for the second time. Training repeats updates to find the first one that diverged.
    pub fn repeat_of(update: usize) -> Self {
        Self { remaining: 2, ..Self::update(update) }
    }
}

impl Observer for StopAt {
    fn on_record(&mut self, record: &Record) {
        self.records.push(record.update);
    }

    fn on_update(&mut self, update: usize) -> ControlFlow<()> {
        self.remaining -= usize::from(update == self.update);
        match self.remaining {
            0 => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        }
    }
}

/// A command that starts `petal` or `train` as a user does in a shell: by its name, and not by Cargo, which runs the tests.
pub fn program(name: &str) -> Command {
    let programs = Path::new(env!("CARGO_BIN_EXE_petal")).parent().unwrap();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let paths = std::iter::once(programs.to_owned()).chain(std::env::split_paths(&path));
    let mut command = Command::new(name);
    command
        .env("PATH", std::env::join_paths(paths).unwrap())
        .env_remove("CARGO_PKG_NAME");
    command
}

/// The words that a POSIX shell would pass for a command.
pub fn words(command: &str) -> Vec<String> {
    shell_words::split(command).unwrap_or_else(|error| panic!("{command}: {error}"))
}
