//! The program `train`: the job `petal train` as a separate program.

use std::process::ExitCode;

fn main() -> ExitCode {
    petal::cli::train()
}
