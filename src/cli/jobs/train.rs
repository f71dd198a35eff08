//! `petal train`: trains the network that a configuration describes and saves the results in a folder.

use std::path::PathBuf;

use crate::cli::console::Console;
use crate::cli::invocation::Invocation;
use crate::cli::options::{ConfigArgs, output_path};
use crate::cli::{ExitStatus, report};
use crate::config::Override;
use crate::error::{Error, Result};
use crate::files::folder::{CONFIG, RunFolder};
use crate::run::{MANIFEST, Manifest, Run, sweep_ending};
use crate::train::{Ending, Snapshot};
use clap::Args;

const AFTER_HELP: &str = concat!(
    "Examples:\n",
    "  petal train configs/default.toml\n",
    "  petal train configs/default.toml --set model.hidden=20 --set output.pictures=svg\n",
    "  petal train configs/default.toml --engine fused\n",
    "  petal train configs/moons.toml --device ndarray --dtype f32 --out runs/moons-f32\n",
    "  petal train --resume runs/default --set train.updates=20000\n\n",
    "configs/default.toml shows the settings with their defaults.\n",
    "Exit codes: 0 done; 1 training diverged; 2 error; 130 interrupted, and the results so far are saved.",
);

/// Train a network and save all results in a folder
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub struct Options {
    #[command(flatten)]
    config: ConfigArgs,

    /// Continue a stopped run. Give the folder of the run in place of the configuration
    #[arg(long, conflicts_with = "out")]
    resume: bool,

    /// How the gradient is computed: autodiff, manual or fused
    #[arg(long, value_name = "NAME")]
    engine: Option<String>,

    /// The folder for the results, which must not exist yet; the default is runs/ and the name of the configuration
    #[arg(long, value_name = "FOLDER", value_parser = output_path())]
    out: Option<PathBuf>,

    /// Print only errors, and that training diverged
    #[arg(long, short)]
    quiet: bool,
}

/// A run that is ready to train, its folder, and the checkpoints in the folder.
struct OpenRun {
    run: Run,
    folder: RunFolder,
    /// The checkpoint of a run with one network.
    checkpoint: Option<Snapshot>,
    /// The checkpoints of a sweep, one for each hidden size.
    sweep_checkpoints: Vec<Option<Snapshot>>,
    /// Whether the run that is resumed had diverged.
    diverged: bool,
}

impl Options {
    pub fn run(&self, invocation: &Invocation) -> Result<ExitStatus> {
        let console = Console::with_interrupt_handler(self.quiet)?;
        let OpenRun { run, mut folder, checkpoint, sweep_checkpoints, diverged } = self.open()?;
        run.save(&mut folder)?;
        console.print(report::run_summary(&run));

        let ending = match run.config.sweep {
            None => {
                if self.resume {
                    console.print(report::resumed(checkpoint.as_ref(), diverged, &run.config.train));
                }
                Self::train_network(&run, &mut folder, checkpoint, &console)?
            }
            Some(_) => self.train_sweep(&run, &mut folder, sweep_checkpoints, &console)?,
        };

        self.close(&run, &folder, &ending, invocation, &console)
    }

    /// Prepares the run and opens its folder: a new one, or with `--resume` that of the stopped run.
    fn open(&self) -> Result<OpenRun> {
        // The folder comes first: if it does not belong to a run, this is a better message than a missing configuration.
        let resumed_folder = self.resume.then(|| RunFolder::reopen(&self.config.config)).transpose()?;
        let run = Run::prepare(self.config_args().load(self.engine_override().as_ref())?)?;

        let folder = match (resumed_folder, &self.out) {
            (Some(folder), _) => folder,
            (None, Some(path)) => RunFolder::create(path)?,
            (None, None) => run.config.output.create_folder()?,
        };
        if self.resume {
            run.check_resumable(&folder)?;
        }
        let manifest = folder.path().join(MANIFEST);
        let diverged = manifest.exists() && Manifest::load(folder.path())?.has_diverged();

        let checkpoint = run.checkpoint(&folder)?;
        let sweep_checkpoints = run.sweep_checkpoints(&folder)?;
        Ok(OpenRun { run, folder, checkpoint, sweep_checkpoints, diverged })
    }

    /// Trains one network, from the checkpoint if there is one, and saves and prints the results.
    fn train_network(
        run: &Run,
        folder: &mut RunFolder,
        checkpoint: Option<Snapshot>,
        console: &Console,
    ) -> Result<Ending> {
        let start_update = checkpoint.as_ref().map(|snapshot| snapshot.state.update);
        let (updates, print_every) = (run.config.train.updates.get(), run.config.output.print_every.get());
        let mut progress = console.progress(updates, print_every, start_update.unwrap_or(0));
        let trained = run.train_with_checkpoints(folder, checkpoint, &mut progress)?;
        drop(progress);
        trained.save(folder)?;

        let results = trained.evaluate().map_err(|error| error.after(folder.path()))?;
        console.print(report::results(&results));
        if let Some(divergence) = report::divergence(&results) {
            console.warn_if_quiet(divergence);
        }
        results.save(folder)?;
        Ok(results.outcome.ending)
    }

    /// Trains one network for each hidden size of a sweep, from the checkpoints that exist, and saves and prints the results.
    fn train_sweep(
        &self,
        run: &Run,
        folder: &mut RunFolder,
        checkpoints: Vec<Option<Snapshot>>,
        console: &Console,
    ) -> Result<Ending> {
        if self.resume {
            console.print(report::sweep_resumed(&checkpoints, &run.config.train));
        }
        console.print(report::sweep_header(run));

        let updates = run.config.train.updates.get();
        let start_updates: Vec<usize> = checkpoints
            .iter()
            .map(|checkpoint| checkpoint.as_ref().map_or(0, |snapshot| snapshot.state.update))
            .collect();
        let mut start_updates = start_updates.into_iter();
        let (rows, completed) = run.sweep_with_checkpoints(
            folder,
            checkpoints,
            || console.bar(updates, start_updates.next().unwrap_or(0)),
            |row| {
                console.print(report::sweep_row(row));
                if let Ending::Diverged { update, .. } = row.ending {
                    console.warn_if_quiet(format!("{} hidden units: diverged at update {update}", row.hidden));
                }
            },
        );
        console.print("");

        // An error in one size does not lose the rows of the sizes before it.
        if !rows.is_empty() {
            run.save_sweep(&rows, folder)?;
        }
        completed?;
        Ok(sweep_ending(&rows))
    }

    /// Prints where the results are and what to try next.
    fn close(
        &self,
        run: &Run,
        folder: &RunFolder,
        ending: &Ending,
        invocation: &Invocation,
        console: &Console,
    ) -> Result<ExitStatus> {
        if let Some(error) = ending.error() {
            return Err(error.after(folder.path()));
        }

        let (config_args, engine) = (self.config_args(), self.engine_override());
        let arguments_except = |keys: &[&str]| config_args.shell_arguments(engine.as_ref(), keys);
        console.print(report::files_and_next_steps(folder, run, ending, invocation, arguments_except));
        console
            .check_output()
            .map_err(|error| Error::Terminal(format!("{error}; the results are in {}", folder.path().display())))?;
        Ok(ending.clone().into())
    }

    /// The configuration with its overrides. With `--resume`, the configuration is the one in the folder of the run.
    fn config_args(&self) -> ConfigArgs {
        let mut arguments = self.config.clone();
        if self.resume {
            arguments.config.push(CONFIG);
        }
        arguments
    }

    /// The setting that `--engine` changes.
    fn engine_override(&self) -> Option<Override> {
        let engine = self.engine.as_ref()?;
        Some(Override::option("--engine", "train.engine", engine))
    }
}
