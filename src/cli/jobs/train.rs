//! `petal train`: trains the network that a configuration describes and saves the results in a folder.

use std::path::PathBuf;

use crate::cli::console::Console;
use crate::cli::invocation::Invocation;
use crate::cli::options::{ConfigArgs, output_path};
use crate::cli::sweep_progress::SweepProgress;
use crate::cli::{ExitStatus, report};
use crate::config::{Config, Override};
use crate::error::{Error, Result};
use crate::files::folder::{CONFIG, REPORT, RunFolder};
use crate::run::{MANIFEST, Manifest, Run, Sweep, sweep_ending};
use crate::train::Ending;
use clap::Args;

const AFTER_HELP: &str = concat!(
    "Examples:\n",
    "  petal train configs/default.toml\n",
    "  petal train configs/default.toml --set model.hidden=20 --set output.pictures=svg\n",
    "  petal train configs/default.toml --engine fused\n",
    "  petal train configs/moons.toml --device ndarray --dtype f32 --out runs/moons-f32\n",
    "  petal train configs/default.toml --engine fused --sweep model.hidden=1..8 --sweep seeds=5\n",
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

    /// Train with several values of one setting, such as model.hidden=1..8 or train.learning_rate=0.1,0.5; can be repeated: then
    /// every combination. seeds=5 trains each with five seeds of the initial weights
    #[arg(long, value_name = "KEY=VALUES", value_parser = Override::parse_sweep)]
    sweep: Vec<Override>,

    /// The folder for the results, which must not exist yet; the default is runs/ and the name of the configuration
    #[arg(long, value_name = "FOLDER", value_parser = output_path())]
    out: Option<PathBuf>,

    /// Print only errors, and that training diverged
    #[arg(long, short)]
    quiet: bool,
}

impl Options {
    pub fn run(&self, invocation: &Invocation) -> Result<ExitStatus> {
        let console = Console::with_interrupt_handler(self.quiet)?;
        // The folder comes first: if it does not belong to a run, this is a better message than a missing configuration.
        let resumed_folder = self.resume.then(|| RunFolder::reopen(&self.config.config)).transpose()?;
        self.check_sweep_options()?;
        let config = self.config_args().load(&self.own_overrides())?;

        if config.sweep.is_some() {
            self.train_sweep(&Sweep::prepare(config)?, resumed_folder, invocation, &console)
        } else {
            self.train_network(&Run::prepare(config)?, resumed_folder, invocation, &console)
        }
    }

    /// Refuses two lists of values for one key, of which the second would replace the first.
    fn check_sweep_options(&self) -> Result<()> {
        let key = |option: &Override| option.key.replace("sweep.hidden", "sweep.model.hidden");
        for (index, option) in self.sweep.iter().enumerate() {
            if self.sweep[..index].iter().any(|earlier| key(earlier) == key(option)) {
                let message =
                    format!("{}: this key has values already; name all of them in one --sweep", option.option);
                return Err(Error::Setting(message));
            }
        }
        Ok(())
    }

    /// The folder of the results, unless a run is resumed.
    fn create_folder(&self, config: &Config) -> Result<RunFolder> {
        match &self.out {
            Some(path) => RunFolder::create(path),
            None => config.output.create_folder(),
        }
    }

    /// Trains one network, from the checkpoint if there is one, and saves and prints the results.
    fn train_network(
        &self,
        run: &Run,
        resumed_folder: Option<RunFolder>,
        invocation: &Invocation,
        console: &Console,
    ) -> Result<ExitStatus> {
        let mut folder = resumed_folder.map_or_else(|| self.create_folder(&run.config), Ok)?;
        if self.resume {
            run.check_resumable(&folder)?;
        }
        let manifest = folder.path().join(MANIFEST);
        let diverged = manifest.exists() && Manifest::load(folder.path())?.has_diverged();
        let checkpoint = run.checkpoint(&folder)?;
        run.save(&mut folder)?;
        console.print(report::run_summary(run));
        if self.resume {
            console.print(report::resumed(checkpoint.as_ref(), diverged, &run.config.train));
        }

        let start_update = checkpoint.as_ref().map(|snapshot| snapshot.state.update);
        let (updates, print_every) = (run.config.train.updates.get(), run.config.output.print_every.get());
        let mut progress = console.progress(updates, print_every, start_update.unwrap_or(0));
        let trained = run.train_with_checkpoints(&mut folder, checkpoint, &mut progress)?;
        drop(progress);
        trained.save(&mut folder)?;

        let results = trained.evaluate().map_err(|error| error.after(folder.path()))?;
        console.print(report::results(&results));
        if let Some(divergence) = report::divergence(&results) {
            console.warn_if_quiet(divergence);
        }
        results.save(&mut folder)?;
        if run.config.output.report {
            folder.write(REPORT, report::page(&results, &folder)?.render())?;
        }
        self.close(run, &run.config, &folder, &results.outcome.ending, invocation, console)
    }

    /// Trains the runs of a sweep, from the checkpoints that exist, and saves and prints the results.
    fn train_sweep(
        &self,
        sweep: &Sweep,
        resumed_folder: Option<RunFolder>,
        invocation: &Invocation,
        console: &Console,
    ) -> Result<ExitStatus> {
        let mut folder = resumed_folder.map_or_else(|| self.create_folder(&sweep.config), Ok)?;
        if self.resume {
            sweep.check_resumable(&folder)?;
        }
        let checkpoints = sweep.checkpoints(&folder)?;
        sweep.save(&mut folder)?;
        console.print(report::sweep_summary(sweep));
        if self.resume {
            console.print(report::sweep_resumed(sweep, &checkpoints));
        }
        console.print(report::sweep_header(sweep));

        let start_of = |index: usize| checkpoints[index].as_ref().map_or(0, |snapshot| snapshot.state.update);
        let updates_of = |index: usize| sweep.runs[index].config.train.updates.get();
        let progress =
            SweepProgress::new(console, (0..sweep.runs.len()).map(|index| (start_of(index), updates_of(index))));
        let (rows, completed) = sweep.train_with_checkpoints(
            &mut folder,
            &checkpoints,
            |index| progress.observer(start_of(index), updates_of(index)),
            |rows| {
                if let Some(combination) = sweep.completed(rows) {
                    progress.print(report::sweep_row(sweep, combination));
                }
                if let Some(divergence) = rows.last().and_then(|row| report::sweep_divergence(sweep, row)) {
                    console.warn_if_quiet(divergence);
                }
                progress.run_done(rows.len());
            },
        );
        drop(progress);
        console.print(report::sweep_conclusion(sweep, &rows));

        // An error in one run does not lose the rows of the runs before it.
        if !rows.is_empty() {
            sweep.save_rows(&rows, &mut folder)?;
            if sweep.config.output.report {
                folder.write(REPORT, report::sweep_page(sweep, &rows, &folder)?.render())?;
            }
        }
        completed?;
        self.close(sweep.first(), &sweep.config, &folder, &sweep_ending(&rows), invocation, console)
    }

    /// Prints where the results are and what to try next.
    fn close(
        &self,
        run: &Run,
        config: &Config,
        folder: &RunFolder,
        ending: &Ending,
        invocation: &Invocation,
        console: &Console,
    ) -> Result<ExitStatus> {
        if let Some(error) = ending.error() {
            return Err(error.after(folder.path()));
        }

        let (config_args, own) = (self.config_args(), self.own_overrides());
        let arguments_except = |keys: &[&str]| config_args.shell_arguments(&own, keys);
        console.print(report::files_and_next_steps(folder, run, config, ending, invocation, arguments_except));
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

    /// The settings that the options of this job alone change.
    fn own_overrides(&self) -> Vec<Override> {
        let engine = self
            .engine
            .as_ref()
            .map(|engine| Override::option("--engine", "train.engine", engine));
        engine.into_iter().chain(self.sweep.iter().cloned()).collect()
    }
}
