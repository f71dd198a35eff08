//! `petal gradcheck`: compares the network's gradients and reports whether they agree.

use super::array_point;
use crate::article::Layout;
use crate::cli::console::{Console, print};
use crate::cli::invocation::Invocation;
use crate::cli::options::{ConfigArgs, whole_number};
use crate::cli::{ExitStatus, report};
use crate::config::Override;
use crate::error::{Error, Result};
use crate::files::array_file::{ArrayFile, is_array_file};
use crate::files::folder::PictureFile;
use crate::gradcheck::point::{GradientMethod, GradientPoint};
use crate::run::Run;
use clap::{Args, ValueHint};
use std::path::PathBuf;

const AFTER_HELP: &str = concat!(
    "Examples:\n",
    "  petal gradcheck configs/default.toml\n",
    "  petal gradcheck configs/default.toml --at 1000 --engine manual,numeric\n",
    "  petal gradcheck configs/default.toml --at 100 --sweep step.png\n",
    "  petal gradcheck configs/default.toml --at 100 --write point.npz\n",
    "  petal gradcheck point.npz\n",
    "  petal gradcheck point.npz --against mine.npz\n\n",
    "--write checks nothing. It writes the samples (as the network sees them), the parameters, learning_rate and weight_decay, and\n",
    "the gradient of the update before, if training is plain gradient descent. A file that exists is replaced.\n",
    "Exit codes: 0 the gradients agree, or the file is written; 1 they do not agree, or nothing is shown; 2 error.",
);

/// Check the gradients against each other and against central differences
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
#[command(mut_arg("config", |config| config.help("The configuration file, such as configs/default.toml, or a file that --write wrote")))]
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

    /// Check after this many updates of training; the default is 0
    #[arg(long, value_name = "UPDATE", value_parser = whole_number::<0, 1_000_000_000>, allow_negative_numbers = true)]
    at: Option<usize>,

    /// Draw the error of central differences over their step to a .png or .svg file
    #[arg(long, value_name = "FILE")]
    sweep: Option<PictureFile>,

    /// Write the numbers at this point to a .npz, .safetensors or .json file, for a program of your own
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with_all = ["engine", "sweep"])]
    write: Option<ArrayFile>,

    /// Names and shapes in the file: article (samples are columns), burn (samples are rows) or torch (PyTorch's names); the
    /// default is article
    #[arg(long, value_name = "NAME", requires = "write")]
    layout: Option<Layout>,

    /// Check the numbers that another program computed at the point of a file that --write wrote: a .npz, .npy, .safetensors
    /// or .json file. Whatever is there is checked, in the order of the article
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with_all = ["engine", "sweep", "write", "layout", "device", "dtype"])]
    against: Option<PathBuf>,

    /// Print the report as JSON
    #[arg(long)]
    json: bool,
}

impl Options {
    pub fn run(&self, invocation: &Invocation) -> Result<ExitStatus> {
        let console = Console::new(self.json);
        if self.engine.iter().all(|method| *method == self.engine[0]) {
            let message = format!("--engine {}: must name at least two methods", self.engine[0]);
            return Err(Error::Argument(message));
        }
        if is_array_file(&self.config.config) {
            return self.check_file(&console);
        }

        if let Some(against) = &self.against {
            let (against, config) = (against.display(), self.config.config.display());
            return Err(Error::Argument(format!(
                "--against {against}: {config} is a configuration; give the file that --write wrote"
            )));
        }

        let at = self.at.unwrap_or_default();
        let updates = Override::number("--at", "train.updates", at);
        let mut config = self.config.load(&[updates])?;
        config.train = config.train.with_exact_updates();
        let run = Run::prepare(config)?;
        if let Some(file) = &self.write {
            let layout = self.layout.unwrap_or(Layout::Article);
            return array_point::write(&run, at, file, layout, &console, invocation);
        }

        let parameters = run.trained_parameters(&mut console.bar(at, 0))?;
        let point = run.gradient_point(&parameters)?;
        self.check(&point, &report::gradcheck_summary(&run, at), &console)
    }

    /// Checks the gradients at the point of a file.
    fn check_file(&self, console: &Console) -> Result<ExitStatus> {
        let path = &self.config.config;
        let reason = format!("{} is a file of arrays, not a configuration", path.display());
        self.config.refuse_settings(&reason)?;
        if let Some(at) = self.at {
            return Err(Error::Argument(format!("--at {at}: {reason}")));
        }
        if let Some(file) = &self.write {
            return Err(Error::Argument(format!("--write {}: {reason}", file.path().display())));
        }

        if let Some(against) = &self.against {
            return array_point::judge(path, against, console);
        }
        let file = array_point::read(path)?;
        let device = self.config.open_device(file.precision)?;
        let summary = report::gradcheck_file_summary(path, &file.parameters, &file.data, &device);
        self.check(&file.gradient_point(&device.placement), &summary, console)
    }

    /// Checks the gradients at a point, and prints and draws what was asked for.
    fn check(&self, point: &GradientPoint<'_>, summary: &str, console: &Console) -> Result<ExitStatus> {
        let report = point.check(&self.engine).run()?;
        console.print(summary);
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
