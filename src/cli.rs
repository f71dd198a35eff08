//! What the programs share: their options, their exit codes, and how training shows itself on a terminal.
//!
//! Leaves out: what each program does. That is in `src/bin`.

use std::convert::Infallible;
use std::fmt;
use std::io::{self, IsTerminal, Read, Write as _};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use clap::{Args, ValueHint};
use indicatif::{HumanDuration, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use crate::checked::Share;
use crate::config::{Config, Override};
use crate::data::table::WholeFile;
use crate::device::probe;
use crate::error::{Error, Result};
use crate::model_file::ModelFile;
use crate::report;
use crate::text::{grouped, path_word, shell_word};
use crate::train::{Ending, Observer, Record};

/// A configuration file and the options that change single settings of it.
#[derive(Args, Clone, Debug)]
pub struct ConfigArgs {
    /// The configuration, such as configs/default.toml
    #[arg(value_hint = ValueHint::FilePath)]
    pub config: PathBuf,

    /// Change one setting, such as train.learning_rate=0.5; may be given several times
    #[arg(long, value_name = "KEY=VALUE", value_parser = Override::parse)]
    set: Vec<Override>,

    /// The device that computes: flex, ndarray, auto, or one of a backend compiled in (the program devices shows them)
    #[arg(long, value_name = "NAME")]
    device: Option<String>,

    /// The float type: f32 or f64
    #[arg(long, value_name = "TYPE")]
    dtype: Option<String>,
}

impl ConfigArgs {
    /// The same words again, for a shell, but for what is said of some keys; `own` is an option of the program's own.
    pub fn words(&self, own: Option<&Override>, without: &[&str]) -> String {
        let changes = self.changes(own).filter(|change| !without.contains(&change.key.as_str()));
        let changes = changes.filter_map(|change| {
            let (option, value) = change.option.split_once(' ')?;
            Some(format!(" {option} {}", shell_word(value)))
        });
        std::iter::once(path_word(&self.config)).chain(changes).collect()
    }

    /// All changes, those of the program's own options last.
    fn changes<'a>(&'a self, own: Option<&'a Override>) -> impl Iterator<Item = Override> + 'a {
        let named = [("--device", "device", &self.device), ("--dtype", "dtype", &self.dtype)];
        let named = named
            .into_iter()
            .filter_map(|(option, key, value)| value.as_ref().map(|value| Override::option(option, key, value)));
        self.set.iter().cloned().chain(named).chain(own.cloned())
    }

    /// Reads the configuration with all changes made, those of the program's own options last.
    ///
    /// # Errors
    /// When the file or an option is not accepted.
    pub fn load(&self, own: Option<&Override>) -> Result<Config> {
        Config::load(&self.config, &self.changes(own).collect::<Vec<_>>())
    }
}

/// A stored model, and how it decides.
#[derive(Args, Clone, Debug)]
pub struct ModelArgs {
    /// The model file of a run
    #[arg(value_hint = ValueHint::FilePath)]
    model: PathBuf,

    /// Predict class 1 where its probability is above this, in place of the model's own threshold
    #[arg(long, value_name = "SHARE")]
    threshold: Option<Share>,
}

impl ModelArgs {
    /// Loads the model, and says above which probability it predicts class 1.
    ///
    /// # Errors
    /// When the file cannot be read or is no model.
    pub fn load(&self) -> Result<(ModelFile, f64)> {
        let model = ModelFile::load(&self.model)?;
        let threshold = self.threshold.map_or(model.metadata.threshold, Share::get);
        Ok((model, threshold))
    }
}

/// What a program came to, where nothing was wrong with its input.
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

/// Does a program's work and turns what it came to into its exit code; prints the error if there is one. A program that
/// was started only to try a device does that instead ([`crate::device::probe`]).
pub fn main<V: Into<Verdict>>(work: impl FnOnce() -> Result<V>) -> ExitCode {
    if let Some(code) = probe::answer() {
        return code;
    }
    if let Ok(program) = std::env::current_exe() {
        probe::start_with(program);
    }
    match work().map(Into::into) {
        Ok(Verdict::Done) => ExitCode::SUCCESS,
        Ok(Verdict::No) => ExitCode::from(1),
        Ok(Verdict::Interrupted) => ExitCode::from(130),
        Err(error) => {
            // Standard error may be closed; there is nowhere else to say so.
            let _ = writeln!(io::stderr(), "error: {error}");
            ExitCode::from(2)
        }
    }
}

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

/// A file to read, or standard input.
#[derive(Clone, Debug)]
pub struct Input {
    /// None for standard input.
    path: Option<PathBuf>,
    name: String,
}

impl FromStr for Input {
    type Err = Infallible;

    fn from_str(path: &str) -> Result<Self, Infallible> {
        Ok(match path {
            "-" => Self { path: None, name: "standard input".into() },
            path => Self { path: Some(path.into()), name: path.into() },
        })
    }
}

impl Input {
    /// What stands for it in messages.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it is the table that a model was trained on, as far as its path tells.
    pub fn is_training_table(&self, model: &ModelFile) -> bool {
        let config = Config::from_toml(&model.metadata.config, "the model", &[]);
        let trained_on = config.ok().and_then(|config| config.data.path?.canonicalize().ok());
        trained_on.is_some() && trained_on == self.path.as_ref().and_then(|path| path.canonicalize().ok())
    }

    /// Opens it.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub fn open(&self) -> Result<Box<dyn Read>> {
        Ok(match &self.path {
            None => Box::new(io::stdin().lock()),
            Some(path) => Box::new(WholeFile::open(path)?),
        })
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
        ctrlc::set_handler(handler).map_err(|error| Error::Settings(format!("cannot listen for Ctrl-C: {error}")))?;
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
            true => Err(Error::Settings("cannot write to standard output".into())),
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
    fn recorded(&mut self, record: &Record) {
        let Some(print_every) = self.print_every else { return };
        if record.update >= self.print_next || record.update == self.updates {
            self.bar.suspend(|| self.console.say(report::record(record)));
            self.print_next = (record.update / print_every + 1).saturating_mul(print_every);
        }
    }

    fn updated(&mut self, update: usize) -> ControlFlow<()> {
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
