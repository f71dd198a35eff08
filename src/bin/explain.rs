//! Shows one update of training with its numbers in the formulas.

use std::process::ExitCode;

use clap::Parser;
use petal::cli::{self, ConfigArgs, Console, Verdict};
use petal::config::Override;
use petal::error::{Error, Result};
use petal::explain::explain;
use petal::run::Run;

const AFTER_HELP: &str = concat!(
    "Examples:\n",
    "  explain configs/default.toml --update 100 --sample 7\n",
    "  explain configs/default.toml --set data.samples=2 --set model.hidden=2 --set model.init_scale=1\n\n",
    "The second is small enough to follow on paper: 2 features, 2 hidden units, 1 output, 2 samples.\n",
    "Exit codes: 0 done; 2 bad input.",
);

/// Show one update: the formulas of forward pass, backpropagation and step with the numbers in them.
#[derive(Parser)]
#[command(version, after_help = AFTER_HELP)]
struct Options {
    #[command(flatten)]
    config: ConfigArgs,

    /// The update to show, counted from 0: the one that starts from the parameters after so many updates
    #[arg(long, value_name = "UPDATE", default_value_t = 0)]
    update: usize,

    /// The sample to follow, counted from 0
    #[arg(long, value_name = "SAMPLE", default_value_t = 0)]
    sample: usize,

    /// Print Markdown
    #[arg(long)]
    markdown: bool,
}

fn main() -> ExitCode {
    cli::main(|| show(&Options::parse()))
}

fn show(options: &Options) -> Result<Verdict> {
    let console = Console::new(false);
    let mut config = options.config.load(Some(&Override::number("--update", "train.updates", options.update)))?;
    if !config.train.is_plain() {
        let message =
            "train: the update that is explained is the plain one; leave out batch_size, momentum and schedule";
        return Err(Error::Settings(message.into()));
    }
    config.train = config.train.by_updates();
    let run = Run::prepare(config)?;
    if options.sample >= run.data.samples() {
        let (sample, last) = (options.sample, run.data.samples() - 1);
        return Err(Error::Settings(format!("--sample {sample}: must be a whole number from 0 to {last}")));
    }
    let parameters = run.trained(&mut console.bar(options.update, 0))?;
    let rate = run.config.train.learning_rate.get();
    let explanation = explain(&run.network(&parameters)?, options.sample, rate)?;
    cli::print(if options.markdown { explanation.to_markdown() } else { explanation.to_text() })?;
    Ok(Verdict::Done)
}
