//! The programs `petal` and `train`. The program `train` is the job `petal train`.
//!
//! A program parses its arguments, runs one job, prints the result and returns an exit code ([`ExitStatus`]; 2 for an
//! error). Each job is a module in `jobs` with its options and its work.
//!
//! This module is compiled with the feature `cli`. Users of the library do not need it.

mod command;
mod console;
mod ctrl_c;
mod exit;
mod invocation;
mod jobs;
mod options;
pub mod report;
mod sweep_progress;

use std::process::ExitCode;

use crate::device::probe;
use crate::error::Result;

pub use console::print;
use exit::CommandError;
pub use exit::ExitStatus;
use invocation::{Invocation, Program};

/// The main function of the program `petal`: runs the job that the arguments name.
pub fn petal() -> ExitCode {
    let invocation = Invocation::of_this_process(Program::Petal);
    run(&invocation, || command::petal(&invocation))
}

/// The main function of the program `train`: runs `petal train`.
pub fn train() -> ExitCode {
    let invocation = Invocation::of_this_process(Program::Train);
    run(&invocation, || command::train(&invocation))
}

/// The main function of another program, such as a benchmark. Runs its work, prints the error if there is one, and returns
/// the exit code.
pub fn main(work: impl FnOnce() -> Result<ExitStatus>) -> ExitCode {
    run(&Invocation::default(), || Ok(work()?))
}

/// Runs the work of a program and returns its exit code. A process that was started only to try a device does that
/// instead ([`probe`]).
fn run(invocation: &Invocation, work: impl FnOnce() -> Result<ExitStatus, CommandError>) -> ExitCode {
    if let Some(code) = probe::run_if_requested() {
        return code;
    }
    if let Ok(program) = std::env::current_exe() {
        probe::set_program(program);
    }
    exit::exit_code(work(), invocation)
}
