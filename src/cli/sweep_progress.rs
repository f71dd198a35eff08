//! The progress of a sweep: one bar for the updates of all runs, which may train side by side.

use std::ops::ControlFlow;

use indicatif::ProgressBar;

use super::console::Console;
use crate::train::Observer;

/// How many updates a run makes before it moves the bar, so that runs seldom wait for each other.
const STEP: usize = 64;

/// The progress bar of a sweep.
#[derive(Debug)]
pub struct SweepProgress {
    console: Console,
    bar: ProgressBar,
}

/// Moves the bar by the updates of one run.
#[derive(Debug)]
pub struct RunProgress<'a> {
    sweep: &'a SweepProgress,
    /// The updates of this run that the bar shows.
    shown: usize,
    updates: usize,
}

impl SweepProgress {
    /// A bar for runs of which each has made some updates and ends with others.
    pub fn new(console: &Console, runs: impl ExactSizeIterator<Item = (usize, usize)>) -> Self {
        let count = runs.len();
        let (made, updates) = runs.fold((0, 0), |(made, all), (start, end)| (made + start, all + end));
        let text = format!("{{msg}} of {count} runs   {{human_pos}} of {{human_len}} updates");
        let bar = console.progress_bar(updates, made, &text).with_message("0");
        Self { console: console.clone(), bar }
    }

    /// The observer of one run.
    pub fn observer(&self, start_update: usize, updates: usize) -> RunProgress<'_> {
        RunProgress { sweep: self, shown: start_update, updates }
    }

    /// Prints a line above the bar.
    pub fn print(&self, text: impl AsRef<str>) {
        self.bar.suspend(|| self.console.print(text));
    }

    /// Shows how many runs are done.
    pub fn run_done(&self, runs: usize) {
        self.bar.set_message(runs.to_string());
    }
}

impl Drop for SweepProgress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

impl RunProgress<'_> {
    fn show(&mut self, update: usize) {
        self.sweep.bar.inc(update.saturating_sub(self.shown) as u64);
        self.shown = self.shown.max(update);
    }
}

impl Observer for RunProgress<'_> {
    fn on_update(&mut self, update: usize) -> ControlFlow<()> {
        if update >= self.shown + STEP {
            self.show(update);
        }
        if self.sweep.console.is_interrupted() {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }
}

impl Drop for RunProgress<'_> {
    fn drop(&mut self) {
        // A run that ended early makes no more updates.
        self.show(self.updates);
    }
}
