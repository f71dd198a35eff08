//! `petal gradcheck`: compares the network's gradients and reports whether they agree.

use crate::cli::console::{Console, print};
use crate::cli::options::{ConfigArgs, whole_number};
use crate::cli::{ExitStatus, report};
use crate::config::Override;
use crate::error::{Error, Result};
use crate::files::folder::PictureFile;
use crate::gradcheck::point::GradientMethod;
use crate::run::Run;
use clap::Args;

const AFTER_HELP: &str = concat!(
    "Examples:\n",
    "  petal gradcheck configs/default.toml\n",
    "  petal gradcheck configs/default.toml --at 1000 --engine manual,numeric\n",
    "  petal gradcheck configs/default.toml --at 100 --sweep step.png\n\n",
    "Exit codes: 0 the gradients agree; 1 they do not, or nothing is shown; 2 error.",
);

/// Check the gradients against each other and against central differences
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub struct Options {
    #[command(flatten)]
    config: ConfigArgs,

    /// The methods to compare: autodiff, manual, fused, numeric
    #[arg(
        long,
        value_name = "NAMES",
        value_delimiter = ',',
        default_value = "manual,autodiff,fused,numeric"
    )]
    engine: Vec<GradientMethod>,

    /// Check after this many updates of training
    #[arg(long, value_name = "UPDATE", default_value_t = 0, value_parser = whole_number::<0, 1_000_000_000>, allow_negative_numbers = true)]
    at: usize,

    /// Draw the error of central differences over their step to a .png or .svg file
    #[arg(long, value_name = "FILE")]
    sweep: Option<PictureFile>,

    /// Print the report as JSON
    #[arg(long)]
    json: bool,
}

impl Options {
    pub fn run(&self) -> Result<ExitStatus> {
        let console = Console::new(self.json);
        if self.engine.iter().all(|method| *method == self.engine[0]) {
            let message = format!("--engine {}: must name at least two methods", self.engine[0]);
            return Err(Error::Argument(message));
        }

        let updates = Override::number("--at", "train.updates", self.at);
        let mut config = self.config.load(Some(&updates))?;
        config.train = config.train.with_exact_updates();
        let run = Run::prepare(config)?;
        let parameters = run.trained_parameters(&mut console.bar(self.at, 0))?;
        let point = run.gradient_point(&parameters)?;

        let report = point.check(&self.engine).run()?;
        console.print(report::gradcheck_summary(&run, self.at));
        if self.json {
            print(report.to_json())?;
        } else {
            console.print(report.to_string());
        }
        if let Some(file) = &self.sweep {
            file.draw(&report::step_sweep(point.step_sweep()?))?;
            console.print(format!("The error of central differences over their step is in {}.", file.path().display()));
        }
        console.check_output()?;
        Ok(if report.passed() { ExitStatus::Success } else { ExitStatus::Negative })
    }
}
