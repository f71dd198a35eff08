//! The table that a sweep prints, with a row for each hidden size.

use crate::run::{Run, SweepRow};
use crate::train::{Ending, Snapshot, ValidationScore};

/// Reports how many sizes of a sweep continue from a checkpoint.
pub fn sweep_resumed(checkpoints: &[Option<Snapshot>]) -> String {
    format!(
        "Continuing from the checkpoints of {} of {} sizes\n",
        checkpoints.iter().flatten().count(),
        checkpoints.len()
    )
}

/// The header of the table.
pub fn sweep_header(run: &Run) -> String {
    let validation = if run.validation.is_some() { "   validation: cost   accuracy" } else { "" };
    format!("hidden units       cost   accuracy{validation}        time")
}

/// The row of one hidden size.
pub fn sweep_row(row: &SweepRow) -> String {
    let SweepRow { hidden, kept, seconds, ending, .. } = row;
    let validation = kept.validation.map_or_else(String::new, |ValidationScore { cost, accuracy }| {
        format!("         {cost:.6}   {:>6.2} %", 100.0 * accuracy)
    });
    let note = if *ending == Ending::Finished { String::new() } else { format!("   {ending}") };
    format!(
        "{hidden:>12}   {:.6}   {:>6.2} %{validation}   {seconds:>7.2} s{note}",
        kept.cost,
        100.0 * kept.accuracy
    )
}
