//! Predicts the rows of a table by a stored model.

use std::io::{self, BufWriter, Write as _};
use std::process::ExitCode;

use clap::{Parser, ValueHint};
use petal::cli::{self, Input, ModelArgs, Verdict};
use petal::data::table::LabelUse;
use petal::error::Result;
use petal::predict::{Predicted, Predictions};
use petal::report;

const AFTER_HELP: &str = concat!(
    "Examples:\n",
    "  predict runs/breast_cancer/model.safetensors new.csv > predictions.csv\n",
    "  zcat new.csv.gz | predict runs/breast_cancer/model.safetensors - --threshold 0.2 --json\n\n",
    "Columns are found by name, in any order and among others. Rows go through in blocks of 8,192, so that a table may be\n",
    "larger than memory; a row that cannot be predicted ends that, after the rows before it. Exit codes: 0 done; 2 bad input.",
);

/// Print the probability of class 1 and the class for each row of a table.
#[derive(Parser)]
#[command(version, after_help = AFTER_HELP)]
struct Options {
    #[command(flatten)]
    model: ModelArgs,

    /// The table, as it is or compressed by gzip; - or nothing is standard input
    #[arg(value_hint = ValueHint::FilePath, default_value = "-")]
    table: Input,

    /// Print an object of JSON in each line
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    cli::main(|| print(&Options::parse()))
}

fn print(options: &Options) -> Result<Verdict> {
    let (model, threshold) = options.model.load()?;
    let line = report::Predictions::new(&model.metadata.schema.classes, threshold, options.json);
    let mut predictions = Predictions::open(&model, options.table.open()?, options.table.name(), LabelUse::None)?;
    let mut out = BufWriter::new(io::stdout().lock());
    let mut going = cli::written(out.write_all(line.head().as_bytes()))?;
    while going.is_continue() {
        let block = match predictions.next_block() {
            Ok(block) => block,
            // The rows before the one that cannot be predicted are on their way.
            Err(error) => return cli::written(out.flush()).and(Err(error)),
        };
        let Some(Predicted { probabilities, .. }) = block else { break };
        let lines: String = probabilities.into_iter().map(|probability| line.line(probability)).collect();
        going = cli::written(out.write_all(lines.as_bytes()))?;
    }
    cli::written(out.flush()).map(|_| Verdict::Done)
}
