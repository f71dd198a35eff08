//! All of Petal as one program; `petal help` shows the jobs.

use std::process::ExitCode;

fn main() -> ExitCode {
    petal::cli::petal()
}
