//! `petal predict`: predicts the class of each row of a table with a stored model.

use std::io::{self, BufWriter, Write as _};

use crate::cli::console::{remark, stop_at_closed_pipe};
use crate::cli::options::{Input, ModelArgs};
use crate::cli::{ExitStatus, report};
use crate::data::table::LabelMode;
use crate::data::text::plural;
use crate::error::Result;
use crate::predict::{Predicted, Predictions};
use clap::{Args, ValueHint};

const AFTER_HELP: &str = concat!(
    "Examples:\n",
    "  petal predict runs/breast_cancer/model.safetensors new.csv > predictions.csv\n",
    "  zcat new.csv.gz | petal predict runs/breast_cancer/model.safetensors - --threshold 0.2 --json\n\n",
    "Columns are found by name: their order does not matter, and other columns are ignored. Rows are read in blocks of\n",
    "8,192, so the table can be larger than memory, unless it is a Parquet file. If a row cannot be predicted, the rows\n",
    "before it are still printed.\n",
    "Exit codes: 0 done; 2 error.",
);

/// Print the probability of class 1 and the predicted class for each row of a table
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub struct Options {
    #[command(flatten)]
    model: ModelArgs,

    /// The table, plain or compressed with gzip; - means standard input
    #[arg(value_hint = ValueHint::FilePath, default_value = "-")]
    table: Input,

    /// Print one JSON object per line
    #[arg(long)]
    json: bool,
}

impl Options {
    pub fn run(&self) -> Result<ExitStatus> {
        let (model, threshold) = self.model.load()?;
        let format = report::Predictions::new(&model.metadata.schema.classes, threshold, self.json);
        let mut predictions = Predictions::open(&model, self.table.open()?, self.table.name(), LabelMode::Ignore)?;

        let mut out = BufWriter::new(io::stdout().lock());
        let mut flow = stop_at_closed_pipe(out.write_all(format.head().as_bytes()))?;
        while flow.is_continue() {
            let block = match predictions.next_block() {
                Ok(block) => block,
                // The rows before the one that cannot be predicted are still in the buffer.
                Err(error) => return stop_at_closed_pipe(out.flush()).and(Err(error)),
            };
            let Some(Predicted { logits, .. }) = block else {
                break;
            };
            let lines: String = logits.into_iter().map(|logit| format.line(logit)).collect();
            flow = stop_at_closed_pipe(out.write_all(lines.as_bytes()))?;
        }
        let flow = stop_at_closed_pipe(out.flush())?;
        let empty = predictions.empty_rows();
        if empty > 0 && flow.is_continue() {
            let rows = plural(empty, "row");
            remark(format!("note: {}: {empty} empty {rows} at the end left out", self.table.name()));
        }
        Ok(ExitStatus::Success)
    }
}
