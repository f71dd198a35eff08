//! Prints to standard output while a job runs: lines of text, and a progress bar for training.
//!
//! The text of the lines comes from [`super::report`].

use std::fmt;
use std::io::{self, IsTerminal as _, Write as _};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use indicatif::{HumanDuration, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use super::ctrl_c::CtrlC;
use super::report;
use crate::data::text::{grouped, printable};
use crate::error::{Error, Result};
use crate::train::{Observer, Record};

/// Prints the result of a job and a line break. Control characters, which may come from a file, are escaped. A closed pipe
/// is not an error, because nobody reads the output any more.
///
/// # Errors
/// When standard output cannot be written, for example to a full disk.
pub fn print(text: impl AsRef<str>) -> Result<()> {
    stop_at_closed_pipe(writeln!(io::stdout(), "{}", printable(text.as_ref()))).map(|_| ())
}

/// Prints a remark and a line break to standard error, because a job's result may go to standard output.
pub fn remark(text: impl AsRef<str>) {
    // If standard error is closed, there is nowhere else to print it.
    let _ = writeln!(io::stderr(), "{}", printable(text.as_ref()));
}

/// Converts the result of a write to standard output. After a closed pipe it is `Break`: the job should stop writing, and
/// there is no error.
///
/// # Errors
/// When standard output cannot be written, for example to a full disk.
pub fn stop_at_closed_pipe(result: io::Result<()>) -> Result<ControlFlow<()>> {
    match result {
        Ok(()) => Ok(ControlFlow::Continue(())),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(ControlFlow::Break(())),
        Err(error) => Err(Error::file("write to", Path::new("standard output"))(error)),
    }
}

/// Standard output. With `quiet` it prints nothing, and only what must be said goes to standard error.
#[derive(Clone, Debug)]
pub struct Console {
    quiet: bool,
    ctrl_c: CtrlC,
    /// The first failure of [`Console::print`].
    write_error: Arc<Mutex<Option<Error>>>,
}

impl Console {
    /// Opens the console. Ctrl-C ends the process at once.
    pub fn new(quiet: bool) -> Self {
        Self { quiet, ctrl_c: CtrlC::default(), write_error: Arc::default() }
    }

    /// Opens the console and handles Ctrl-C and the signals to terminate. The first signal ends training cleanly, the
    /// second ends the process at once.
    ///
    /// # Errors
    /// When the system does not accept a signal handler.
    pub fn with_interrupt_handler(quiet: bool) -> Result<Self> {
        Ok(Self { ctrl_c: CtrlC::handle()?, ..Self::new(quiet) })
    }

    /// Whether [`Console::print`] prints nothing.
    pub fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// Prints text and a line break, unless the console is quiet. [`Console::check_output`] reports a failure later, so
    /// that training does not stop because of it.
    pub fn print(&self, text: impl AsRef<str>) {
        if self.quiet {
            return;
        }
        if let Err(error) = print(text) {
            self.write_error
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .get_or_insert(error);
        }
    }

    /// Prints to standard error what a quiet console left out and must be said nevertheless.
    pub fn warn_if_quiet(&self, text: impl AsRef<str>) {
        if self.quiet {
            remark(text);
        }
    }

    /// Checks that [`Console::print`] could print everything. Call it at the end of a job.
    ///
    /// # Errors
    /// When standard output could not be written: the first error.
    pub fn check_output(&self) -> Result<()> {
        let error = self.write_error.lock().unwrap_or_else(PoisonError::into_inner).take();
        error.map_or(Ok(()), Err)
    }

    /// An observer that prints a record every `print_every` updates. On a terminal it also shows a progress bar. Training
    /// starts after `start_update` updates: 0, or the number in the checkpoint.
    pub fn progress(&self, updates: usize, print_every: usize, start_update: usize) -> Progress {
        let mut progress = self.bar(updates, start_update);
        progress.print_every = Some(print_every);
        progress.next_print = match start_update {
            0 => 0,
            _ => next_multiple(start_update, print_every),
        };
        progress
    }

    /// An observer that shows only the progress bar.
    pub fn bar(&self, updates: usize, start_update: usize) -> Progress {
        let bar = self.progress_bar(updates, start_update, "{human_pos} of {human_len} updates");
        Progress { console: self.clone(), bar, updates, print_every: None, next_print: 0 }
    }

    /// A progress bar with a text after it, which may use indicatif's keys. It is hidden unless this is a terminal.
    pub(super) fn progress_bar(&self, updates: usize, start_update: usize, text: &str) -> ProgressBar {
        let bar = ProgressBar::new(updates as u64).with_position(start_update as u64);
        if self.quiet || !io::stdout().is_terminal() {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        }

        // The speed counts only the updates of this process. The bar is a convenience: errors in writing it are ignored.
        let speed = move |state: &ProgressState| {
            state.pos().saturating_sub(start_update as u64) as f64 / state.elapsed().as_secs_f64()
        };
        let rate = move |state: &ProgressState, text: &mut dyn fmt::Write| {
            let _ = text.write_str(&grouped(speed(state) as usize));
        };
        let left = move |state: &ProgressState, text: &mut dyn fmt::Write| {
            let remaining = state.len().unwrap_or_default().saturating_sub(state.pos());
            let time = Duration::try_from_secs_f64(remaining as f64 / speed(state)).unwrap_or_default();
            let _ = write!(text, "{:#}", HumanDuration(time));
        };

        let template = format!("{{bar:32}} {text}   {{rate}} per second   {{left}} left");
        if let Ok(style) = ProgressStyle::with_template(&template) {
            bar.set_style(style.with_key("rate", rate).with_key("left", left));
        }
        bar.enable_steady_tick(Duration::from_millis(200));
        bar
    }

    pub(super) fn is_interrupted(&self) -> bool {
        self.ctrl_c.is_pressed()
    }
}

/// The first multiple of `interval` after an update.
fn next_multiple(update: usize, interval: usize) -> usize {
    (update / interval + 1).saturating_mul(interval)
}

/// Shows the progress of training on the console.
#[derive(Debug)]
pub struct Progress {
    console: Console,
    bar: ProgressBar,
    updates: usize,
    /// `None` means that no records are printed.
    print_every: Option<usize>,
    /// The next record at or after this update is printed.
    next_print: usize,
}

impl Observer for Progress {
    fn on_record(&mut self, record: &Record) {
        let Some(print_every) = self.print_every else { return };
        if record.update >= self.next_print || record.update == self.updates {
            self.bar.suspend(|| self.console.print(report::record(record)));
            self.next_print = next_multiple(record.update, print_every);
        }
    }

    fn on_update(&mut self, update: usize) -> ControlFlow<()> {
        self.bar.set_position(update as u64);
        if self.console.ctrl_c.is_pressed() {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
