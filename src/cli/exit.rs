//! The exit codes of the programs, and how their errors are printed.

use std::io::{self, Write as _};
use std::process::ExitCode;

use super::console;
use super::invocation::Invocation;
use crate::data::text::one_line;
use crate::error::{Error, Result};
use crate::train::Ending;

/// The exit code of every error: bad input, a failed device, a full disk.
const ERROR: u8 = 2;

/// How a job ended without an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExitStatus {
    /// The job did what was requested. Exit code 0.
    Success,
    /// The job ran, and the check failed: training diverged, gradients disagree, `verify` found a difference, or
    /// `parity` found a device outside its bounds. Exit code 1.
    Negative,
    /// Ctrl-C or another signal stopped the job. Exit code 130.
    Interrupted,
}

impl From<Ending> for ExitStatus {
    fn from(ending: Ending) -> Self {
        match ending {
            Ending::Finished | Ending::StoppedEarly => Self::Success,
            // A caller that does not return the failure as an error has already printed it.
            Ending::Diverged { .. } | Ending::Failed { .. } => Self::Negative,
            Ending::Interrupted => Self::Interrupted,
        }
    }
}

impl From<ExitStatus> for ExitCode {
    fn from(status: ExitStatus) -> Self {
        match status {
            ExitStatus::Success => Self::SUCCESS,
            ExitStatus::Negative => Self::from(1),
            ExitStatus::Interrupted => Self::from(130),
        }
    }
}

/// Why a program could not run its job, or could not finish it.
pub(super) enum CommandError {
    /// The job failed.
    Job(Error),
    /// clap has something to print instead of a job: an error in the arguments, the help or the version.
    Usage(Box<clap::Error>),
}

impl CommandError {
    pub(super) fn usage(error: clap::Error) -> Self {
        Self::Usage(Box::new(error))
    }
}

impl From<Error> for CommandError {
    fn from(error: Error) -> Self {
        Self::Job(error)
    }
}

/// Turns the result of a program into its exit code, and prints the error if there is one.
pub(super) fn exit_code(result: Result<ExitStatus, CommandError>, invocation: &Invocation) -> ExitCode {
    match result {
        Ok(status) => status.into(),
        Err(CommandError::Job(error)) => print_error(&invocation.rewrite_commands(&error.to_string())),
        Err(CommandError::Usage(message)) => print_usage(&message),
    }
}

fn print_error(message: &str) -> ExitCode {
    // A name in a file may contain control characters. As escapes they cannot control the terminal.
    let message = one_line(message);
    // If standard error is closed, there is nowhere else to report it.
    let _ = writeln!(io::stderr(), "error: {message}");
    ExitCode::from(ERROR)
}

/// Prints the help or the version to standard output, or an error in the arguments to standard error.
fn print_usage(message: &clap::Error) -> ExitCode {
    let printed = console::stop_at_closed_pipe(message.print());
    match printed {
        _ if message.use_stderr() => ExitCode::from(ERROR),
        Ok(_) => ExitCode::SUCCESS,
        Err(error) => print_error(&error.to_string()),
    }
}
