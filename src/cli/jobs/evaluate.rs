//! `petal evaluate`: computes the scores of a stored model on a table with labels.

use crate::cli::console::print;
use crate::cli::options::{Input, ModelArgs};
use crate::cli::{ExitStatus, report};
use crate::data::table::LabelMode;
use crate::error::Result;
use crate::predict::evaluate;
use clap::{Args, ValueHint};

const AFTER_HELP: &str = concat!(
    "Examples:\n",
    "  petal evaluate runs/breast_cancer/model.safetensors later.csv\n",
    "  petal evaluate runs/breast_cancer/model.safetensors later.csv --threshold 0.2 --json\n\n",
    "Exit codes: 0 done; 2 error.",
);

/// Compute the scores of a model on a table with labels
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub struct Options {
    #[command(flatten)]
    model: ModelArgs,

    /// The table, plain or compressed with gzip; - means standard input
    #[arg(value_hint = ValueHint::FilePath)]
    table: Input,

    /// Skip rows without a label instead of refusing the table
    #[arg(long)]
    skip_unlabelled: bool,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Options {
    pub fn run(&self) -> Result<ExitStatus> {
        let (model, threshold) = self.model.load()?;
        let label_mode = if self.skip_unlabelled { LabelMode::SkipMissing } else { LabelMode::Require };
        let evaluation = evaluate(&model, self.table.open()?, self.table.name(), label_mode, threshold)?;

        print(match self.json {
            true => report::evaluation_json(&evaluation),
            false => {
                let trained_on = self.table.is_training_table(&model);
                report::evaluation(&evaluation, &model.metadata.schema, trained_on)
            }
        })?;
        Ok(ExitStatus::Success)
    }
}
