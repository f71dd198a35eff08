//! The program `petal`, and `train`, which is its job of that name alone.
//!
//! A program parses its arguments, does one job, prints, and returns an exit code: 0 done, 1 the answer is no, 2 bad
//! input, 130 interrupted. Each job is a module in `jobs` with its options and its work.
//!
//! Leaves out: everything that a library user needs. This room comes with the feature `cli`.

mod command;
mod console;
mod invocation;
mod jobs;
mod options;
pub mod report;

use std::io::{self, Write as _};
use std::process::ExitCode;

use crate::device::probe;
use crate::error::{Error, Result};
use crate::train::Ending;

pub use console::print;
use invocation::{Invocation, Program};

/// What a job came to, where nothing was wrong with its input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It did what was asked.
    Done,
    /// The answer is no: training diverged, gradients disagree.
    No,
    /// Ctrl-C ended it.
    Interrupted,
}

impl From<Ending> for Verdict {
    fn from(ending: Ending) -> Self {
        match ending {
            Ending::Finished | Ending::Stopped => Self::Done,
            Ending::Diverged { .. } => Self::No,
            Ending::Interrupted => Self::Interrupted,
            // Whoever lets a failure pass as an ending has shown it.
            Ending::Failed { .. } => Self::No,
        }
    }
}

/// The program `petal`: the job that its arguments name.
pub fn petal() -> ExitCode {
    let invocation = Invocation::of_this_process(Program::Petal);
    run(&invocation, || command::petal(&invocation))
}

/// The program `train`: `petal train`.
pub fn train() -> ExitCode {
    let invocation = Invocation::of_this_process(Program::Train);
    run(&invocation, || command::train(&invocation))
}

/// Runs the work of another program, such as a benchmark, and returns its exit code. Prints the error if there is one.
pub fn main(work: impl FnOnce() -> Result<Verdict>) -> ExitCode {
    run(&Invocation::default(), || Ok(work()?))
}

/// Why a program does not come to a verdict.
enum Failure {
    /// The job failed.
    Error(Error),
    /// The arguments were not accepted, or asked for help.
    Usage(Box<clap::Error>),
}

impl Failure {
    fn usage(error: clap::Error) -> Self {
        Self::Usage(Box::new(error))
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

/// Does a program's work and turns what it came to into its exit code; prints the error if there is one. A program that
/// was started only to try a device does that instead ([`probe`]).
fn run(invocation: &Invocation, work: impl FnOnce() -> Result<Verdict, Failure>) -> ExitCode {
    if let Some(code) = probe::run_if_requested() {
        return code;
    }
    if let Ok(program) = std::env::current_exe() {
        probe::set_program(program);
    }
    match work() {
        Ok(Verdict::Done) => ExitCode::SUCCESS,
        Ok(Verdict::No) => ExitCode::from(1),
        Ok(Verdict::Interrupted) => ExitCode::from(130),
        Err(Failure::Error(error)) => {
            // Standard error may be closed; there is nowhere else to say so.
            let _ = writeln!(io::stderr(), "error: {}", invocation.adapt(&error.to_string()));
            ExitCode::from(2)
        }
        Err(Failure::Usage(error)) => {
            let printed = console::written(error.print());
            match printed {
                Ok(_) if !error.use_stderr() => ExitCode::SUCCESS,
                Err(failed) if !error.use_stderr() => {
                    let _ = writeln!(io::stderr(), "error: {failed}");
                    ExitCode::from(2)
                }
                _ => ExitCode::from(2),
            }
        }
    }
}
