//! Trains the two-layer network that a configuration describes: `petal train`, as a program of its own.

use std::process::ExitCode;

fn main() -> ExitCode {
    petal::cli::train()
}
