//! What is printed while a job runs: lines of text, and the progress of training.
//!
//! Leaves out: the text of the lines, which [`super::report`] makes.

use std::fmt;
use std::io::{self, IsTerminal as _, Write as _};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use indicatif::{HumanDuration, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use super::report;
use crate::data::text::grouped;
use crate::error::{Error, Result};
use crate::train::{Observer, Record};

/// Prints what a program was asked for, and a line break. A closed pipe is no error: nobody is reading any more.
///
/// # Errors
/// When standard output takes nothing, a full disk behind it for example.
pub fn print(text: impl AsRef<str>) -> Result<()> {
    written(writeln!(io::stdout(), "{}", text.as_ref())).map(|_| ())
}

/// Whether something was written to standard output; a closed pipe breaks off.
///
/// # Errors
/// When standard output takes nothing, a full disk behind it for example.
pub fn written(result: io::Result<()>) -> Result<ControlFlow<()>> {
    match result {
        Ok(()) => Ok(ControlFlow::Continue(())),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(ControlFlow::Break(())),
        Err(error) => Err(Error::file("write to", Path::new("standard output"))(error)),
    }
}

/// Standard output, unless it should be quiet.
#[derive(Clone, Debug)]
pub struct Console {
    quiet: bool,
    interrupted: Arc<AtomicBool>,
    failed: Arc<AtomicBool>,
}

impl Console {
    /// Opens the console. Ctrl-C ends the program, as it does by itself.
    pub fn new(quiet: bool) -> Self {
        Self { quiet, interrupted: Arc::default(), failed: Arc::default() }
    }

    /// Opens the console and listens for Ctrl-C and the like: the first ends training cleanly, the second the program.
    ///
    /// # Errors
    /// When the system lets no handler be set.
    pub fn listening(quiet: bool) -> Result<Self> {
        let console = Self::new(quiet);
        let flag = Arc::clone(&console.interrupted);
        let handler = move || {
            if flag.swap(true, Ordering::Relaxed) {
                std::process::exit(130);
            }
        };
        ctrlc::set_handler(handler).map_err(|error| Error::Terminal(format!("cannot listen for Ctrl-C: {error}")))?;
        Ok(console)
    }

    /// Prints text and a line break, unless it should be quiet. What fails is told by [`Console::finish`].
    pub fn say(&self, text: impl AsRef<str>) {
        if !self.quiet && print(text).is_err() {
            self.failed.store(true, Ordering::Relaxed);
        }
    }

    /// Tells whether all was printed.
    ///
    /// # Errors
    /// When standard output did not take it.
    pub fn finish(&self) -> Result<()> {
        match self.failed.load(Ordering::Relaxed) {
            true => Err(Error::Terminal("cannot write to standard output".into())),
            false => Ok(()),
        }
    }

    /// An observer that prints a record every `print_every` updates, with a bar below on a terminal; training begins or goes on
    /// after `from` updates.
    pub fn progress(&self, updates: usize, print_every: usize, from: usize) -> Progress {
        let mut progress = self.bar(updates, from);
        progress.print_every = Some(print_every);
        progress.print_next = if from > 0 { (from / print_every + 1).saturating_mul(print_every) } else { 0 };
        progress
    }

    /// An observer that shows the bar alone.
    pub fn bar(&self, updates: usize, from: usize) -> Progress {
        let bar = ProgressBar::new(updates as u64).with_position(from as u64);
        if self.quiet || !io::stdout().is_terminal() {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        }
        // Updates of another time tell nothing of the speed of this one. What cannot be written is not worth a word.
        let speed =
            move |state: &ProgressState| state.pos().saturating_sub(from as u64) as f64 / state.elapsed().as_secs_f64();
        let rate = move |state: &ProgressState, text: &mut dyn fmt::Write| {
            let _ = text.write_str(&grouped(speed(state) as usize));
        };
        let left = move |state: &ProgressState, text: &mut dyn fmt::Write| {
            let updates = state.len().unwrap_or_default().saturating_sub(state.pos());
            let time = Duration::try_from_secs_f64(updates as f64 / speed(state)).unwrap_or_default();
            let _ = write!(text, "{:#}", HumanDuration(time));
        };
        let template = "{bar:32} {human_pos} of {human_len} updates   {rate} per second   {left} left";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.with_key("rate", rate).with_key("left", left));
        }
        bar.enable_steady_tick(Duration::from_millis(200));
        Progress { console: self.clone(), bar, updates, print_every: None, print_next: 0 }
    }
}

/// Shows training on the console.
#[derive(Debug)]
pub struct Progress {
    console: Console,
    bar: ProgressBar,
    updates: usize,
    print_every: Option<usize>,
    print_next: usize,
}

impl Observer for Progress {
    fn on_record(&mut self, record: &Record) {
        let Some(print_every) = self.print_every else { return };
        if record.update >= self.print_next || record.update == self.updates {
            self.bar.suspend(|| self.console.say(report::record(record)));
            self.print_next = (record.update / print_every + 1).saturating_mul(print_every);
        }
    }

    fn on_update(&mut self, update: usize) -> ControlFlow<()> {
        self.bar.set_position(update as u64);
        if self.console.interrupted.load(Ordering::Relaxed) {
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
