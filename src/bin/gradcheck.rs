//! Holds the network's gradients against each other and says whether they agree.

use std::process::ExitCode;

use clap::Parser;
use petal::cli::{self, ConfigArgs, Console, Verdict};
use petal::config::Override;
use petal::error::{Error, Result};
use petal::folder::PictureFile;
use petal::gradcheck::network::Way;
use petal::report;
use petal::run::Run;

const AFTER_HELP: &str = concat!(
    "Examples:\n",
    "  gradcheck configs/default.toml\n",
    "  gradcheck configs/default.toml --at 1000 --engine manual,numeric\n",
    "  gradcheck configs/default.toml --at 100 --sweep step.png\n\n",
    "Exit codes: 0 the gradients agree; 1 they do not; 2 bad input.",
);

/// Check the network's gradients against each other and against central differences.
#[derive(Parser)]
#[command(version, after_help = AFTER_HELP)]
struct Options {
    #[command(flatten)]
    config: ConfigArgs,

    /// What is compared: autodiff, manual, fused, numeric
    #[arg(long, value_name = "NAMES", value_delimiter = ',', default_value = "manual,autodiff,fused,numeric")]
    engine: Vec<Way>,

    /// Check after this many updates of training
    #[arg(long, value_name = "UPDATE", default_value_t = 0)]
    at: usize,

    /// Draw the error of central differences over their step into a file, .png or .svg
    #[arg(long, value_name = "FILE")]
    sweep: Option<PictureFile>,

    /// Print the report as JSON
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    cli::main(|| gradcheck(&Options::parse()))
}

fn gradcheck(options: &Options) -> Result<Verdict> {
    let console = Console::new(options.json);
    if options.engine.iter().all(|way| *way == options.engine[0]) {
        let message = format!("--engine {}: must name at least two ways", options.engine[0]);
        return Err(Error::Settings(message));
    }
    let updates = Override::number("--at", "train.updates", options.at);
    let mut config = options.config.load(Some(&updates))?;
    config.train = config.train.by_updates();
    let run = Run::prepare(config)?;
    let parameters = run.trained(&mut console.bar(options.at, 0))?;
    let network = run.network(&parameters)?;

    let report = network.check(&options.engine).run()?;
    console.say(report::check_opening(&run, options.at));
    if options.json {
        cli::print(report.to_json())?;
    } else {
        console.say(report.to_string());
    }
    if let Some(file) = &options.sweep {
        file.draw(&report::step_sweep(network.step_sweep()?))?;
        console.say(format!("The error of central differences over their step is in {}.", file.path().display()));
    }
    console.finish()?;
    Ok(if report.holds() { Verdict::Done } else { Verdict::No })
}
