//! Holds a stored model against a table with labels.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, ValueHint};
use petal::checked::Share;
use petal::checkpoint::Checkpoint;
use petal::cli::{self, Input, Verdict};
use petal::error::Result;
use petal::predict::evaluate;
use petal::report;

const AFTER_HELP: &str = concat!(
    "Examples:\n",
    "  evaluate runs/breast_cancer/model.safetensors later.csv\n",
    "  evaluate runs/breast_cancer/model.safetensors later.csv --threshold 0.2 --json\n\n",
    "Exit codes: 0 done; 2 bad input.",
);

/// Tell how good a stored model is on a table that has the label too.
#[derive(Parser)]
#[command(version, after_help = AFTER_HELP)]
struct Options {
    /// The model file of a run
    #[arg(value_hint = ValueHint::FilePath)]
    model: PathBuf,

    /// The table, as it is or compressed by gzip; - is standard input
    #[arg(value_hint = ValueHint::FilePath)]
    table: Input,

    /// Predict class 1 where its probability is above this, in place of the model's own threshold
    #[arg(long, value_name = "SHARE")]
    threshold: Option<Share>,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    cli::main(|| tell(&Options::parse()))
}

fn tell(options: &Options) -> Result<Verdict> {
    let model = Checkpoint::load(&options.model)?;
    let threshold = options.threshold.map_or(model.metadata.threshold, Share::get);
    let evaluation = evaluate(&model, options.table.open()?, options.table.name(), threshold)?;
    cli::print(match options.json {
        true => report::evaluation_json(&evaluation),
        false => report::evaluation(&evaluation, &model.metadata.schema),
    })?;
    Ok(Verdict::Done)
}
