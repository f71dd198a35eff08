//! The table that a sweep prints, with a row for each hidden size.

use super::training::more_updates;
use crate::data::text::fixed;
use crate::run::{Run, SweepRow};
use crate::train::{self, Ending, Snapshot, ValidationScore};

/// Reports how many sizes of a sweep are complete, and how many continue from a checkpoint.
pub fn sweep_resumed(checkpoints: &[Option<Snapshot>], settings: &train::Settings) -> String {
    let (sizes, with_checkpoint) = (checkpoints.len(), checkpoints.iter().flatten().count());
    let endings = checkpoints.iter().flatten().filter_map(|snapshot| snapshot.ending(settings));
    match endings.count() {
        complete if complete == sizes => {
            format!("Nothing is left to train: all {sizes} sizes are complete{}\n", more_updates(settings))
        }
        0 => format!("Continuing from the checkpoints of {with_checkpoint} of {sizes} sizes\n"),
        complete => format!(
            "{complete} of {sizes} sizes {} complete. Continuing from the checkpoints of {} others\n",
            if complete == 1 { "is" } else { "are" },
            with_checkpoint - complete
        ),
    }
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
        format!("         {}   {:>6.2} %", fixed(cost, 6), 100.0 * accuracy)
    });
    let note = if *ending == Ending::Finished { String::new() } else { format!("   {ending}") };
    format!(
        "{hidden:>12}   {}   {:>6.2} %{validation}   {seconds:>7.2} s{note}",
        fixed(kept.cost, 6),
        100.0 * kept.accuracy
    )
}
