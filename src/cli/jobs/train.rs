//! Trains the two-layer network that a configuration describes and leaves everything about it in a folder.

use std::path::PathBuf;

use crate::cli::console::Console;
use crate::cli::invocation::Invocation;
use crate::cli::options::ConfigArgs;
use crate::cli::{Verdict, report};
use crate::config::Override;
use crate::error::Result;
use crate::files::folder::{CONFIG, RunFolder};
use crate::run::{Run, sweep_ending};
use crate::train::Snapshot;
use clap::Args;

const AFTER_HELP: &str = concat!(
    "Examples:\n",
    "  petal train configs/default.toml\n",
    "  petal train configs/default.toml --set model.hidden=20 --set output.pictures=svg\n",
    "  petal train configs/default.toml --engine fused\n",
    "  petal train configs/moons.toml --device ndarray --dtype f32 --out runs/moons-f32\n",
    "  petal train --resume runs/default --set train.updates=20000\n\n",
    "configs/default.toml shows the settings with their defaults.\n",
    "Exit codes: 0 done; 1 training diverged; 2 bad input; 130 interrupted, with what was reached kept.",
);

/// Train a network and leave everything about it in a folder
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub struct Options {
    #[command(flatten)]
    config: ConfigArgs,

    /// Go on with a run that was stopped, as if nothing had happened: its folder is given in place of the configuration
    #[arg(long, conflicts_with = "out")]
    resume: bool,

    /// What computes the gradient: autodiff, manual or fused
    #[arg(long, value_name = "NAME")]
    engine: Option<String>,

    /// The folder for the results, which must not exist yet; by default runs/ and the configuration's name
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,

    /// Print nothing but errors
    #[arg(long, short)]
    quiet: bool,
}

impl Options {
    pub fn run(&self, invocation: &Invocation) -> Result<Verdict> {
        let console = Console::listening(self.quiet)?;
        let engine = self
            .engine
            .as_ref()
            .map(|engine| Override::option("--engine", "train.engine", engine));
        let mut given = self.config.clone();
        let reopened = self.resume.then(|| RunFolder::reopen(&given.config)).transpose()?;
        if self.resume {
            given.config.push(CONFIG);
        }
        let run = Run::prepare(given.load(engine.as_ref())?)?;
        let settings = &run.config.output;
        let mut folder = match (reopened, &self.out) {
            (Some(folder), _) => folder,
            (None, Some(path)) => RunFolder::create(path)?,
            (None, None) => settings.create_folder()?,
        };
        if self.resume {
            run.check_resumable(&folder)?;
        }
        let (from, of_sizes) = (run.checkpoint(&folder)?, run.sweep_checkpoints(&folder)?);
        run.save(&mut folder)?;
        console.say(report::opening(&run));
        let made = |snapshot: &Snapshot| snapshot.state.update;
        if self.resume {
            console.say(match run.config.sweep {
                Some(_) => report::sweep_going_on(&of_sizes),
                None => report::going_on(from.as_ref().map(made)),
            });
        }

        let updates = run.config.train.updates.get();
        let ending = if run.config.sweep.is_some() {
            console.say(report::sweep_head(&run));
            let begun: Vec<usize> = of_sizes.iter().map(|from| from.as_ref().map_or(0, made)).collect();
            let mut begun = begun.into_iter();
            let (rows, whole) = run.sweep_with_checkpoints(
                &mut folder,
                of_sizes,
                || console.bar(updates, begun.next().unwrap_or(0)),
                |row| console.say(report::sweep_row(row)),
            );
            console.say("");
            if !rows.is_empty() {
                run.save_sweep(&rows, &mut folder)?;
            }
            whole?;
            sweep_ending(&rows)
        } else {
            let mut progress = console.progress(updates, settings.print_every.get(), from.as_ref().map_or(0, made));
            let trained = run.train_with_checkpoints(&mut folder, from, &mut progress)?;
            drop(progress);
            trained.save(&mut folder)?;
            let results = trained.evaluate()?;
            console.say(report::results(&results));
            results.save(&mut folder)?;
            results.outcome.ending.clone()
        };
        if let Some(error) = ending.error() {
            return Err(error.after(folder.path()));
        }
        let words = |without: &[&str]| given.words(engine.as_ref(), without);
        console.say(report::closing(&folder, &run.config, &ending, invocation, words));
        console.finish()?;
        Ok(ending.into())
    }
}
