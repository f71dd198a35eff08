//! Predicts the rows of a table by a stored model.

use std::io::{self, BufWriter, Write as _};

use crate::cli::console::written;
use crate::cli::options::{Input, ModelArgs};
use crate::cli::{Verdict, report};
use crate::data::table::LabelMode;
use crate::error::Result;
use crate::predict::{Predicted, Predictions};
use clap::{Args, ValueHint};

const AFTER_HELP: &str = concat!(
    "Examples:\n",
    "  petal predict runs/breast_cancer/model.safetensors new.csv > predictions.csv\n",
    "  zcat new.csv.gz | petal predict runs/breast_cancer/model.safetensors - --threshold 0.2 --json\n\n",
    "Columns are found by name, in any order and among others. Rows go through in blocks of 8,192, so that a table may be\n",
    "larger than memory; a row that cannot be predicted ends that, after the rows before it. Exit codes: 0 done; 2 bad input.",
);

/// Print the probability of class 1 and the class for each row of a table
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub struct Options {
    #[command(flatten)]
    model: ModelArgs,

    /// The table, as it is or compressed by gzip; - or nothing is standard input
    #[arg(value_hint = ValueHint::FilePath, default_value = "-")]
    table: Input,

    /// Print an object of JSON in each line
    #[arg(long)]
    json: bool,
}

impl Options {
    pub fn run(&self) -> Result<Verdict> {
        let (model, threshold) = self.model.load()?;
        let line = report::Predictions::new(&model.metadata.schema.classes, threshold, self.json);
        let mut predictions = Predictions::open(&model, self.table.open()?, self.table.name(), LabelMode::Ignore)?;
        let mut out = BufWriter::new(io::stdout().lock());
        let mut going = written(out.write_all(line.head().as_bytes()))?;
        while going.is_continue() {
            let block = match predictions.next_block() {
                Ok(block) => block,
                // The rows before the one that cannot be predicted are on their way.
                Err(error) => return written(out.flush()).and(Err(error)),
            };
            let Some(Predicted { probabilities, .. }) = block else {
                break;
            };
            let lines: String = probabilities.into_iter().map(|probability| line.line(probability)).collect();
            going = written(out.write_all(lines.as_bytes()))?;
        }
        written(out.flush()).map(|_| Verdict::Done)
    }
}
