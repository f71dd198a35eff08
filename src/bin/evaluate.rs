//! Holds a stored model against a table with labels.

use std::process::ExitCode;

use clap::{Parser, ValueHint};
use petal::cli::{self, Input, ModelArgs, Verdict};
use petal::data::table::LabelUse;
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
    #[command(flatten)]
    model: ModelArgs,

    /// The table, as it is or compressed by gzip; - is standard input
    #[arg(value_hint = ValueHint::FilePath)]
    table: Input,

    /// Leave out the rows that have no label, in place of refusing the table
    #[arg(long)]
    skip_unlabelled: bool,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    cli::main(|| tell(&Options::parse()))
}

fn tell(options: &Options) -> Result<Verdict> {
    let (model, threshold) = options.model.load()?;
    let label = if options.skip_unlabelled { LabelUse::SkipMissing } else { LabelUse::Required };
    let evaluation = evaluate(&model, options.table.open()?, options.table.name(), label, threshold)?;
    cli::print(match options.json {
        true => report::evaluation_json(&evaluation),
        false => {
            let known = options.table.is_training_table(&model);
            report::evaluation(&evaluation, &model.metadata.schema, known)
        }
    })?;
    Ok(Verdict::Done)
}
