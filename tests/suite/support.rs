//! What several tests need: the reference files, runs.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::Command;

use petal::config::{Config, Override};
use petal::device::{self, Backend, Placement, Precision};
use petal::run::Run;
use petal::train::Observer;

/// A file or folder of the repository.
pub fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(name)
}

pub fn reference(name: &str) -> String {
    let path = path("tests/reference").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The lines of a CSV file of numbers below its header.
pub fn table(name: &str) -> Vec<Vec<f64>> {
    let numbers = |line: &str| line.split(',').map(|cell| cell.parse().unwrap()).collect();
    reference(name).lines().skip(1).map(numbers).collect()
}

pub fn json(name: &str) -> serde_json::Value {
    serde_json::from_str(&reference(name)).unwrap()
}

/// A list of numbers in a JSON file.
pub fn numbers(value: &serde_json::Value) -> Vec<f64> {
    value
        .as_array()
        .unwrap()
        .iter()
        .map(|number| number.as_f64().unwrap())
        .collect()
}

/// A backend that needs no hardware.
pub fn placement(backend: Backend, precision: Precision) -> Placement {
    device::open(&backend.into(), precision).unwrap().placement
}

/// A run that is ready to train, with a few settings changed.
pub fn prepared(config: &Path, changes: &[&str]) -> Run {
    let overrides: Vec<Override> = changes.iter().map(|change| Override::parse(change).unwrap()).collect();
    Run::prepare(Config::load(config, &overrides).unwrap()).unwrap()
}

/// Stops after an update.
pub struct StopAt(pub usize);

impl Observer for StopAt {
    fn on_update(&mut self, update: usize) -> ControlFlow<()> {
        if update == self.0 {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }
}

/// `petal` or `train`, started from a shell by its name, and not by Cargo, which runs the tests.
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
