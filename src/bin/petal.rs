//! The program `petal` with all jobs; `petal help` lists them.

use std::process::ExitCode;

fn main() -> ExitCode {
    petal::cli::petal()
}
