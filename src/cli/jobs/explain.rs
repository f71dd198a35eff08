//! `petal explain`: shows one update of training with its numbers in the formulas.

use crate::cli::ExitStatus;
use crate::cli::console::{Console, print};
use crate::cli::options::{ConfigArgs, whole_number};
use crate::config::Override;
use crate::error::{Error, Result};
use crate::explain::explain;
use crate::run::Run;
use clap::Args;

const AFTER_HELP: &str = concat!(
    "Examples:\n",
    "  petal explain configs/default.toml --update 100 --sample 7\n",
    "  petal explain configs/default.toml --set data.samples=2 --set model.hidden=2 --set model.init_scale=1\n\n",
    "The second is small enough to follow on paper: 2 features, 2 hidden units, 1 output, 2 samples.\n",
    "It explains an update of training. It does not explain predictions.\n",
    "Exit codes: 0 done; 2 error.",
);

/// Show one update with its numbers in the formulas
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub struct Options {
    #[command(flatten)]
    config: ConfigArgs,

    /// The update to show, counted from 0: it starts from the parameters after this many updates
    #[arg(long, value_name = "UPDATE", default_value_t = 0, value_parser = whole_number::<0, 1_000_000_000>, allow_negative_numbers = true)]
    update: usize,

    /// The sample to follow, counted from 0
    #[arg(long, value_name = "SAMPLE", default_value_t = 0, value_parser = whole_number::<0, 1_000_000_000>, allow_negative_numbers = true)]
    sample: usize,

    /// Print Markdown
    #[arg(long)]
    markdown: bool,
}

impl Options {
    pub fn run(&self) -> Result<ExitStatus> {
        let console = Console::new(false);
        let mut config = self
            .config
            .load(&[Override::number("--update", "train.updates", self.update)])?;
        if !config.train.is_plain_gradient_descent() {
            let message =
                "train: explain works only for plain gradient descent; remove batch_size, momentum and schedule";
            return Err(Error::Setting(message.into()));
        }
        config.train = config.train.with_exact_updates();

        let run = Run::prepare(config)?;
        if self.sample >= run.data.samples() {
            let (sample, last) = (self.sample, run.data.samples() - 1);
            return Err(Error::Argument(format!("--sample {sample}: must be a whole number from 0 to {last}")));
        }

        let parameters = run.trained_parameters(&mut console.bar(self.update, 0))?;
        let rate = run.config.train.learning_rate.get();
        let explanation = explain(&run.gradient_point(&parameters)?, self.sample, rate, run.scaling.is_some())?;
        print(if self.markdown { explanation.to_markdown() } else { explanation.to_text() })?;
        Ok(ExitStatus::Success)
    }
}
