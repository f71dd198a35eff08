//! Holds a stored model against a table with labels.

use crate::cli::console::print;
use crate::cli::options::{Input, ModelArgs};
use crate::cli::{Verdict, report};
use crate::data::table::LabelMode;
use crate::error::Result;
use crate::predict::evaluate;
use clap::{Args, ValueHint};

const AFTER_HELP: &str = concat!(
    "Examples:\n",
    "  petal evaluate runs/breast_cancer/model.safetensors later.csv\n",
    "  petal evaluate runs/breast_cancer/model.safetensors later.csv --threshold 0.2 --json\n\n",
    "Exit codes: 0 done; 2 bad input.",
);

/// Tell how good a model is on a table that has the label too
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub struct Options {
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

impl Options {
    pub fn run(&self) -> Result<Verdict> {
        let (model, threshold) = self.model.load()?;
        let label = if self.skip_unlabelled { LabelMode::SkipMissing } else { LabelMode::Require };
        let evaluation = evaluate(&model, self.table.open()?, self.table.name(), label, threshold)?;
        print(match self.json {
            true => report::evaluation_json(&evaluation),
            false => {
                let known = self.table.is_training_table(&model);
                report::evaluation(&evaluation, &model.metadata.schema, known)
            }
        })?;
        Ok(Verdict::Done)
    }
}
